"""The tables. Private to ``db``: rows become records before they leave.

Keypoint revisions, guidance, fits, decisions, comments, gold and presence are append-only: the only columns ever
updated are ``retracted`` (set by undo, cleared by redo) and ``version`` (counts those updates, so that two writers
notice each other). Small columns come before the arrays: SQLite then answers lists without touching a row's overflow
pages. (``flags`` and ``signs`` came later and stand last; lists read them from the heads.)
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    String,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from db.columns import UtcTime


class Base(DeclarativeBase):
    """Common metadata; named constraints, so that migrations can reach them."""

    metadata: ClassVar[MetaData] = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcTime,
        bytes: LargeBinary,
        str: Text,
        dict[str, Any]: JSON,
        list[str]: JSON,
    }


class RetractableRow(Base):
    """Columns of the append-only tables that undo can take back."""

    __abstract__ = True

    id: Mapped[int] = mapped_column(primary_key=True, sort_order=-5)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), sort_order=-4)
    retracted: Mapped[bool] = mapped_column(default=False, server_default=false(), sort_order=-3)
    version: Mapped[int] = mapped_column(default=1, server_default="1", sort_order=-2)
    created_at: Mapped[datetime] = mapped_column(sort_order=-1)


class AnnotatorRow(Base):
    """Somebody who edits and decides."""

    __tablename__ = "annotators"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    created_at: Mapped[datetime]


class ImageRow(Base):
    """An image file, referenced by folder and relative path."""

    __tablename__ = "images"
    __table_args__ = (UniqueConstraint("root", "path"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    root: Mapped[str]
    path: Mapped[str]
    width: Mapped[int]
    height: Mapped[int]
    dataset: Mapped[str]
    external_id: Mapped[str | None]
    exif_honoured: Mapped[bool]


class PersonRow(Base):
    """One human in one image."""

    __tablename__ = "people"
    __table_args__ = (Index(None, "image_id", "ordinal"), Index(None, "source", "external_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    image_id: Mapped[int] = mapped_column(ForeignKey("images.id"))
    ordinal: Mapped[int]
    external_id: Mapped[str | None]
    bbox_x: Mapped[float]
    bbox_y: Mapped[float]
    bbox_width: Mapped[float]
    bbox_height: Mapped[float]
    box_center_x: Mapped[float]
    box_center_y: Mapped[float]
    box_scale: Mapped[float]
    is_crowd: Mapped[bool]
    area: Mapped[float | None]
    skeleton: Mapped[str]
    source: Mapped[str]


class RevisionRow(RetractableRow):
    """A set of keypoints."""

    __tablename__ = "keypoint_revisions"
    __table_args__ = (Index(None, "person_id", "retracted"), Index(None, "annotator_id", "retracted", "parent_id"))

    skeleton: Mapped[str]
    label: Mapped[str]
    labelled_count: Mapped[int]
    annotator_id: Mapped[int | None] = mapped_column(ForeignKey("annotators.id"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("keypoint_revisions.id"))
    sources: Mapped[str]
    keypoints: Mapped[bytes]
    confidence: Mapped[bytes]
    limb_count: Mapped[int] = mapped_column(server_default="0")


class GuidanceRow(RetractableRow):
    """Depth hints and weights of joints."""

    __tablename__ = "guidance"
    __table_args__ = (Index(None, "person_id", "retracted"),)

    label: Mapped[str]
    annotator_id: Mapped[int | None] = mapped_column(ForeignKey("annotators.id"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("guidance.id"))
    depth_hints: Mapped[dict[str, Any]]
    joint_weights: Mapped[dict[str, Any]]


class FitRow(RetractableRow):
    """A body fitted to a set of keypoints."""

    __tablename__ = "fits"
    __table_args__ = (Index(None, "person_id", "retracted"), Index(None, "method"))

    revision_id: Mapped[int] = mapped_column(ForeignKey("keypoint_revisions.id"))
    method: Mapped[str]
    l2d: Mapped[float]
    loss: Mapped[float]
    l2d_initial: Mapped[float]
    loss_initial: Mapped[float]
    rms_px: Mapped[float | None]
    max_abs_beta: Mapped[float]
    box_scale: Mapped[float]
    kept_iteration: Mapped[int]
    stop_reason: Mapped[str]
    seconds: Mapped[float]
    device: Mapped[str]
    code_version: Mapped[str]
    body_hash: Mapped[str]
    regressor_hash: Mapped[str]
    options: Mapped[dict[str, Any]]
    betas: Mapped[bytes]
    camera: Mapped[bytes]
    box_center_px: Mapped[bytes]
    initial_betas: Mapped[bytes]
    initial_camera: Mapped[bytes]
    rotations: Mapped[bytes]
    initial_rotations: Mapped[bytes]
    joints_px: Mapped[bytes]
    trace: Mapped[bytes]
    flags: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    signs: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))


class DecisionRow(RetractableRow):
    """What somebody decided about a fit, or about a person without one."""

    __tablename__ = "decisions"
    __table_args__ = (
        Index(None, "person_id", "retracted"),
        Index(None, "annotator_id", "person_id", "retracted"),
        Index(None, "annotator_id", "retracted", "created_at", "person_id"),
    )

    fit_id: Mapped[int | None] = mapped_column(ForeignKey("fits.id"))
    verdict: Mapped[str]
    reasons: Mapped[list[str]]
    comment: Mapped[str]
    annotator_id: Mapped[int | None] = mapped_column(ForeignKey("annotators.id"))
    seconds_spent: Mapped[float]
    role: Mapped[str] = mapped_column(server_default="review")


class CommentRow(RetractableRow):
    """What somebody said about a person, or that they closed or reopened what was said.

    ``thread_id`` is None for the first row of a thread.
    """

    __tablename__ = "comments"
    __table_args__ = (Index(None, "person_id", "retracted"),)

    thread_id: Mapped[int | None] = mapped_column(ForeignKey("comments.id"))
    action: Mapped[str]
    text: Mapped[str]
    joint: Mapped[str | None]
    annotator_id: Mapped[int | None] = mapped_column(ForeignKey("annotators.id"))


class GoldRow(RetractableRow):
    """Keypoints of a person that are known to be right; with ``is_gold`` false, that the person is gold no longer."""

    __tablename__ = "gold"
    __table_args__ = (Index(None, "person_id", "retracted"),)

    is_gold: Mapped[bool]
    skeleton: Mapped[str]
    verdict: Mapped[str | None]
    area: Mapped[float | None]
    source: Mapped[str]
    annotator_id: Mapped[int | None] = mapped_column(ForeignKey("annotators.id"))
    keypoints: Mapped[bytes]


class PresenceRow(RetractableRow):
    """A person was drawn by hand, or taken away again; people of datasets have no such row (:mod:`db.presence`)."""

    __tablename__ = "person_presence"
    __table_args__ = (Index(None, "person_id", "retracted"),)

    is_present: Mapped[bool]
    annotator_id: Mapped[int | None] = mapped_column(ForeignKey("annotators.id"))


class HeadRow(Base):
    """What is current for a person: derived from the tables above in the same transaction (:mod:`db.heads`).

    ``change_id`` names the change whose outcome the row shows. An undo sets it back to the change before, so an entry
    of the undo log can tell whether somebody else has touched the person since.
    """

    __tablename__ = "person_heads"
    __table_args__ = (
        Index(None, "state", "person_id"),
        Index(None, "l2d"),
        Index(None, "rms_px"),
        Index(None, "max_abs_beta"),
        Index(None, "suspicion"),
        Index(None, "state", "decided_by", "person_id"),
    )

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True, autoincrement=False)
    revision_id: Mapped[int | None] = mapped_column(ForeignKey("keypoint_revisions.id"))
    fit_id: Mapped[int | None] = mapped_column(ForeignKey("fits.id"))
    decision_id: Mapped[int | None] = mapped_column(ForeignKey("decisions.id"))
    change_id: Mapped[int] = mapped_column(ForeignKey("change_log.id"))
    state: Mapped[str] = mapped_column(String(20))
    labelled_count: Mapped[int]
    l2d: Mapped[float | None]
    max_abs_beta: Mapped[float | None]
    rms_px: Mapped[float | None]
    updated: Mapped[datetime]
    flags: Mapped[str] = mapped_column(server_default="")
    suspicion: Mapped[float | None]
    suspects: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    open_comments: Mapped[int] = mapped_column(server_default="0")
    reasons: Mapped[str] = mapped_column(server_default="")
    decided_by: Mapped[int | None]
    limb_count: Mapped[int] = mapped_column(server_default="0")


class DatasetDetailsRow(Base):
    """What a file of a dataset says of itself, deflated JSON."""

    __tablename__ = "dataset_details"

    source: Mapped[str] = mapped_column(String(200), primary_key=True)
    format: Mapped[str]
    content: Mapped[bytes]


class ImageDetailsRow(Base):
    """What a dataset says of an image beyond its size, deflated JSON."""

    __tablename__ = "image_details"

    image_id: Mapped[int] = mapped_column(ForeignKey("images.id"), primary_key=True, autoincrement=False)
    content: Mapped[bytes]


class PersonDetailsRow(Base):
    """What a dataset says of a person beyond box and keypoints, deflated JSON."""

    __tablename__ = "person_details"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True, autoincrement=False)
    content: Mapped[bytes]


class TruthRow(Base):
    """What is known of a person in 3D."""

    __tablename__ = "person_truth"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True, autoincrement=False)
    source: Mapped[str]
    skeleton: Mapped[str]
    gender: Mapped[str | None]
    joints: Mapped[bytes]
    rotations: Mapped[bytes | None]
    betas: Mapped[bytes | None]


class StudyRow(Base):
    """A preference study; its plan is deflated JSON."""

    __tablename__ = "studies"

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    version: Mapped[int]
    annotator_id: Mapped[int | None] = mapped_column(ForeignKey("annotators.id"))
    created_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]
    frozen_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    plan_hash: Mapped[str]
    design: Mapped[dict[str, Any]]
    plan: Mapped[bytes | None]


class StudyVoteRow(Base):
    """A vote that came in; append-only, one for each seat and position."""

    __tablename__ = "study_votes"
    __table_args__ = (UniqueConstraint("study_id", "seat", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    study_id: Mapped[int] = mapped_column(ForeignKey("studies.id"))
    seat: Mapped[int]
    position: Mapped[int]
    rater: Mapped[str]
    choice: Mapped[str] = mapped_column(String(10))
    response_s: Mapped[float]
    focus_losses: Mapped[int]
    enlarged_s: Mapped[float]
    shown_at: Mapped[datetime]
    voted_at: Mapped[datetime]
    source: Mapped[str]
    created_at: Mapped[datetime]


class SettingRow(Base):
    """One setting of the project."""

    __tablename__ = "project_settings"

    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    value: Mapped[Any] = mapped_column(JSON)


class ChangeRow(Base):
    """One change, undo or redo; append-only, so that the history can be rebuilt from it."""

    __tablename__ = "change_log"

    id: Mapped[int] = mapped_column(primary_key=True)
    label: Mapped[str]
    kind: Mapped[str] = mapped_column(String(10))
    undoable: Mapped[bool]
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("change_log.id"))
    annotator_id: Mapped[int | None] = mapped_column(ForeignKey("annotators.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[datetime]
    rows: Mapped[dict[str, Any]]
