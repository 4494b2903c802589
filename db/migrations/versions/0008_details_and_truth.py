"""What datasets say beyond keypoints, kept to be written out again; what is known of people in 3D; how many limb joints
are labelled, by which published sets are selected.
"""

from __future__ import annotations

import numpy as np
import sqlalchemy as sa
from alembic import op

from resources.limbs import LIMB_PARTS
from resources.skeleton import get_skeleton

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
    for table in ("keypoint_revisions", "person_heads"):
        op.add_column(table, sa.Column("limb_count", sa.Integer(), server_default="0", nullable=False))
    _count_limb_joints(op.get_bind())


def _count_limb_joints(connection: sa.Connection) -> None:
    rows = connection.execute(sa.text("SELECT id, skeleton, keypoints FROM keypoint_revisions ORDER BY id"))
    while piece := rows.fetchmany(1000):
        counts = [{"id": row_id, "count": _count(skeleton, points)} for row_id, skeleton, points in piece]
        connection.execute(sa.text("UPDATE keypoint_revisions SET limb_count = :count WHERE id = :id"), counts)
    connection.execute(
        sa.text(
            "UPDATE person_heads SET limb_count = COALESCE((SELECT limb_count FROM keypoint_revisions"
            " WHERE keypoint_revisions.id = person_heads.revision_id), 0)"
        )
    )


def _count(name: str, keypoints: bytes) -> int:
    layout = get_skeleton(name)
    visibility = np.frombuffer(keypoints, dtype="<f8").reshape(-1, 3)[:, 2]
    labelled = np.flatnonzero(visibility > 0).tolist()
    return len({(layout.side(place), layout.part(place)) for place in labelled if layout.part(place) in LIMB_PARTS})
