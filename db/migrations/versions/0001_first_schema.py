"""First schema: images, people, keypoint revisions, fits, decisions, heads, settings, change log.

A migration is frozen once released: it spells out its types and borrows nothing from db.models.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision: str | None = None
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    _create_sources()
    _create_change_log()
    _create_keypoint_revisions()
    _create_fits()
    _create_decisions()
    _create_heads()


def _create_sources() -> None:
    op.create_table(
        "annotators",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_annotators"),
        sa.UniqueConstraint("name", name="uq_annotators_name"),
    )
    op.create_table(
        "images",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("root", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("dataset", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("exif_honoured", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_images"),
        sa.UniqueConstraint("root", "path", name="uq_images_root_path"),
    )
    op.create_table(
        "project_settings",
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_project_settings"),
    )
    op.create_table(
        "people",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("image_id", sa.Integer(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("bbox_x", sa.Double(), nullable=False),
        sa.Column("bbox_y", sa.Double(), nullable=False),
        sa.Column("bbox_width", sa.Double(), nullable=False),
        sa.Column("bbox_height", sa.Double(), nullable=False),
        sa.Column("box_center_x", sa.Double(), nullable=False),
        sa.Column("box_center_y", sa.Double(), nullable=False),
        sa.Column("box_scale", sa.Double(), nullable=False),
        sa.Column("is_crowd", sa.Boolean(), nullable=False),
        sa.Column("area", sa.Double(), nullable=True),
        sa.Column("skeleton", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["image_id"], ["images.id"], name="fk_people_image_id"),
        sa.PrimaryKeyConstraint("id", name="pk_people"),
    )
    op.create_index("ix_people_image_id_ordinal", "people", ["image_id", "ordinal"])
    op.create_index("ix_people_source_external_id", "people", ["source", "external_id"])


def _create_change_log() -> None:
    op.create_table(
        "change_log",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("undoable", sa.Boolean(), nullable=False),
        sa.Column("reverses_id", sa.Integer(), nullable=True),
        sa.Column("annotator_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("rows", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["annotator_id"], ["annotators.id"], name="fk_change_log_annotator_id"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_change_log_person_id"),
        sa.ForeignKeyConstraint(["reverses_id"], ["change_log.id"], name="fk_change_log_reverses_id"),
        sa.PrimaryKeyConstraint("id", name="pk_change_log"),
    )


def _retractable_columns() -> list[sa.Column[object]]:
    return [
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("retracted", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
    ]


def _create_keypoint_revisions() -> None:
    op.create_table(
        "keypoint_revisions",
        *_retractable_columns(),
        sa.Column("skeleton", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("labelled_count", sa.Integer(), nullable=False),
        sa.Column("annotator_id", sa.Integer(), nullable=True),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("sources", sa.Text(), nullable=False),
        sa.Column("keypoints", sa.LargeBinary(), nullable=False),
        sa.Column("confidence", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["annotator_id"], ["annotators.id"], name="fk_keypoint_revisions_annotator_id"),
        sa.ForeignKeyConstraint(["parent_id"], ["keypoint_revisions.id"], name="fk_keypoint_revisions_parent_id"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_keypoint_revisions_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_keypoint_revisions"),
    )
    op.create_index("ix_keypoint_revisions_person_id_retracted", "keypoint_revisions", ["person_id", "retracted"])


def _create_fits() -> None:
    op.create_table(
        "fits",
        *_retractable_columns(),
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("l2d", sa.Double(), nullable=False),
        sa.Column("loss", sa.Double(), nullable=False),
        sa.Column("l2d_initial", sa.Double(), nullable=False),
        sa.Column("loss_initial", sa.Double(), nullable=False),
        sa.Column("rms_px", sa.Double(), nullable=True),
        sa.Column("max_abs_beta", sa.Double(), nullable=False),
        sa.Column("box_scale", sa.Double(), nullable=False),
        sa.Column("kept_iteration", sa.Integer(), nullable=False),
        sa.Column("stop_reason", sa.Text(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("code_version", sa.Text(), nullable=False),
        sa.Column("body_hash", sa.Text(), nullable=False),
        sa.Column("regressor_hash", sa.Text(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("betas", sa.LargeBinary(), nullable=False),
        sa.Column("camera", sa.LargeBinary(), nullable=False),
        sa.Column("box_center_px", sa.LargeBinary(), nullable=False),
        sa.Column("initial_betas", sa.LargeBinary(), nullable=False),
        sa.Column("initial_camera", sa.LargeBinary(), nullable=False),
        sa.Column("rotations", sa.LargeBinary(), nullable=False),
        sa.Column("initial_rotations", sa.LargeBinary(), nullable=False),
        sa.Column("joints_px", sa.LargeBinary(), nullable=False),
        sa.Column("trace", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_fits_person_id"),
        sa.ForeignKeyConstraint(["revision_id"], ["keypoint_revisions.id"], name="fk_fits_revision_id"),
        sa.PrimaryKeyConstraint("id", name="pk_fits"),
    )
    op.create_index("ix_fits_person_id_retracted", "fits", ["person_id", "retracted"])


def _create_decisions() -> None:
    op.create_table(
        "decisions",
        *_retractable_columns(),
        sa.Column("fit_id", sa.Integer(), nullable=True),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("annotator_id", sa.Integer(), nullable=True),
        sa.Column("seconds_spent", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["annotator_id"], ["annotators.id"], name="fk_decisions_annotator_id"),
        sa.ForeignKeyConstraint(["fit_id"], ["fits.id"], name="fk_decisions_fit_id"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_decisions_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_decisions"),
    )
    op.create_index("ix_decisions_person_id_retracted", "decisions", ["person_id", "retracted"])


def _create_heads() -> None:
    op.create_table(
        "person_heads",
        sa.Column("person_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("revision_id", sa.Integer(), nullable=True),
        sa.Column("fit_id", sa.Integer(), nullable=True),
        sa.Column("decision_id", sa.Integer(), nullable=True),
        sa.Column("change_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("labelled_count", sa.Integer(), nullable=False),
        sa.Column("l2d", sa.Double(), nullable=True),
        sa.Column("max_abs_beta", sa.Double(), nullable=True),
        sa.Column("rms_px", sa.Double(), nullable=True),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["change_id"], ["change_log.id"], name="fk_person_heads_change_id"),
        sa.ForeignKeyConstraint(["decision_id"], ["decisions.id"], name="fk_person_heads_decision_id"),
        sa.ForeignKeyConstraint(["fit_id"], ["fits.id"], name="fk_person_heads_fit_id"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_person_heads_person_id"),
        sa.ForeignKeyConstraint(["revision_id"], ["keypoint_revisions.id"], name="fk_person_heads_revision_id"),
        sa.PrimaryKeyConstraint("person_id", name="pk_person_heads"),
    )
    op.create_index("ix_person_heads_state_person_id", "person_heads", ["state", "person_id"])
    op.create_index("ix_person_heads_l2d", "person_heads", ["l2d"])
    op.create_index("ix_person_heads_rms_px", "person_heads", ["rms_px"])
    op.create_index("ix_person_heads_max_abs_beta", "person_heads", ["max_abs_beta"])
