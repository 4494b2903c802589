"""Gold people: keypoints known to be right, to measure annotators by; and indices for questions about their work."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.create_table(
        "gold",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("retracted", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("is_gold", sa.Boolean(), nullable=False),
        sa.Column("skeleton", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=True),
        sa.Column("area", sa.Double(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("annotator_id", sa.Integer(), nullable=True),
        sa.Column("keypoints", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["annotator_id"], ["annotators.id"], name="fk_gold_annotator_id"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_gold_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_gold"),
    )
    op.create_index("ix_gold_person_id_retracted", "gold", ["person_id", "retracted"])
    op.create_index(
        "ix_decisions_annotator_id_person_id_retracted", "decisions", ["annotator_id", "person_id", "retracted"]
    )
    op.create_index(
        "ix_decisions_annotator_id_retracted_created_at_person_id",
        "decisions",
        ["annotator_id", "retracted", "created_at", "person_id"],
    )
    op.create_index(
        "ix_keypoint_revisions_annotator_id_retracted_parent_id",
        "keypoint_revisions",
        ["annotator_id", "retracted", "parent_id"],
    )
