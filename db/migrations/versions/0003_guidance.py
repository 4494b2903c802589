"""Guidance: depth hints and weights of joints that annotators give, append-only like keypoints."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.create_table(
        "guidance",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("retracted", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("annotator_id", sa.Integer(), nullable=True),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("depth_hints", sa.JSON(), nullable=False),
        sa.Column("joint_weights", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["annotator_id"], ["annotators.id"], name="fk_guidance_annotator_id"),
        sa.ForeignKeyConstraint(["parent_id"], ["guidance.id"], name="fk_guidance_parent_id"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_guidance_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_guidance"),
    )
    op.create_index("ix_guidance_person_id_retracted", "guidance", ["person_id", "retracted"])
