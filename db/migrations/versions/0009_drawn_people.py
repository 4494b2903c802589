"""People drawn by hand, who can be taken away again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.create_table(
        "person_presence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("retracted", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("is_present", sa.Boolean(), nullable=False),
        sa.Column("annotator_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["annotator_id"], ["annotators.id"], name="fk_person_presence_annotator_id"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_person_presence_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_person_presence"),
    )
    op.create_index("ix_person_presence_person_id_retracted", "person_presence", ["person_id", "retracted"])
