"""What datasets say beyond pictures and keypoints, kept to be written out again, and what is known of people in 3D."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.create_table(
        "dataset_details",
        sa.Column("source", sa.String(200), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("source", name="pk_dataset_details"),
    )
    op.create_table(
        "image_details",
        sa.Column("image_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["image_id"], ["images.id"], name="fk_image_details_image_id"),
        sa.PrimaryKeyConstraint("image_id", name="pk_image_details"),
    )
    op.create_table(
        "person_details",
        sa.Column("person_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_person_details_person_id"),
        sa.PrimaryKeyConstraint("person_id", name="pk_person_details"),
    )
    op.create_table(
        "person_truth",
        sa.Column("person_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("skeleton", sa.Text(), nullable=False),
        sa.Column("gender", sa.Text(), nullable=True),
        sa.Column("joints", sa.LargeBinary(), nullable=False),
        sa.Column("rotations", sa.LargeBinary(), nullable=True),
        sa.Column("betas", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_person_truth_person_id"),
        sa.PrimaryKeyConstraint("person_id", name="pk_person_truth"),
    )
