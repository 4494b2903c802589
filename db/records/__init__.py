"""What leaves the store and what is handed to it: frozen dataclasses and numpy arrays, never ORM classes.

``New...`` classes are drafts for the writers' ``add``; the classes without the prefix are stored rows and carry
their id. Pixels have their origin at the top-left corner of the top-left pixel (docs/conventions.md). Arrays that
leave the store are read-only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from db.records.gold import GoldRecord as GoldRecord
from db.records.gold import NewGold as NewGold
from db.records.guidance import Guidance as Guidance
from db.records.guidance import NewGuidance as NewGuidance
from db.records.ids import AnnotatorId as AnnotatorId
from db.records.ids import ChangeId as ChangeId
from db.records.ids import DecisionId as DecisionId
from db.records.ids import FitId as FitId
from db.records.ids import GoldId as GoldId
from db.records.ids import GuidanceId as GuidanceId
from db.records.ids import ImageId as ImageId
from db.records.ids import PersonId as PersonId
from db.records.ids import RevisionId as RevisionId

FloatArray: TypeAlias = NDArray[np.float64]

FITTABLE_KEYPOINTS = 6
"""A person with fewer labelled keypoints is not fitted (eft_method.md 1.8, COCO-All)."""

KeypointSource: TypeAlias = Literal["imported", "human", "detector", "projected", "synthetic"]
Verdict: TypeAlias = Literal["accept", "reject", "second_look", "reopen"]
"""``reopen`` takes what was decided about a fit out of force; the rows stay."""
DecisionRole: TypeAlias = Literal["review", "adjudication"]
"""An ``adjudication`` rules where reviewers have disagreed (docs/adr/0009)."""
ChangeKind: TypeAlias = Literal["do", "undo", "redo"]
QueueOrder: TypeAlias = Literal["import", "suspicion", "l2d", "rms", "beta", "newest", "random"]

PersonState: TypeAlias = Literal[
    "unfittable",
    "unfitted",
    "fitted",
    "stale",
    "in_review",
    "disputed",
    "accepted",
    "rejected",
    "second_look",
]
"""Derived state of a person (docs/adr/0003, 0009):

* ``unfittable``: fewer than :data:`FITTABLE_KEYPOINTS` labelled keypoints, and no fit;
* ``unfitted``: enough keypoints, no fit;
* ``fitted``: the current fit belongs to the current keypoints and nobody has decided on it;
* ``stale``: the current fit belongs to other keypoints than the current ones, whatever was decided;
* ``in_review``: decided on by one of the two people the project asks for; who has not decided must not learn what;
* ``disputed``: two people have decided differently, and nobody has ruled;
* ``accepted``, ``rejected``, ``second_look``: what the decisions about the current fit come to, or, for the latter
  two, those about the person without any fit (:func:`db.verdicts.weigh`).
"""

PERSON_STATES: tuple[PersonState, ...] = (
    "unfittable",
    "unfitted",
    "fitted",
    "stale",
    "in_review",
    "disputed",
    "accepted",
    "rejected",
    "second_look",
)
UNDECIDED_STATES: tuple[PersonState, ...] = ("unfitted", "fitted", "stale", "in_review")
"""What "next undecided" stops at, but for people ``in_review`` whom the annotator has decided on. ``second_look``
waits for somebody else, ``disputed`` for somebody who looks at both decisions."""
FRESH_STATES: tuple[PersonState, ...] = (
    "fitted",
    "in_review",
    "disputed",
    "accepted",
    "rejected",
    "second_look",
)
"""States of people whose current fit, if there is one, belongs to the current keypoints."""
REVIEWS_PER_PERSON = "reviews_per_person"
"""Project setting: how many people must decide the same before it counts, 1 (the default) or 2."""


def count_labelled(keypoints_px: FloatArray) -> int:
    """Number of keypoints ``(J, 3)`` with visibility 1 (occluded) or 2 (visible)."""
    return int(np.count_nonzero(keypoints_px[:, 2] > 0))


@dataclass(frozen=True, slots=True)
class NewImage:
    """An image to be stored.

    Attributes:
        path: Posix path relative to ``root``.
        root: Absolute folder of the images.
        width: Pixels.
        height: Pixels.
        dataset: Name of the dataset the image came with.
        external_id: The dataset's own id of the image.
        exif_honoured: Whether keypoints and sizes are those of the EXIF-rotated picture.
    """

    path: str
    root: str
    width: int
    height: int
    dataset: str
    external_id: str | None = None
    exif_honoured: bool = False


@dataclass(frozen=True, slots=True)
class ImageRecord:
    """A stored image; the fields are those of :class:`NewImage`."""

    id: ImageId
    path: str
    root: str
    width: int
    height: int
    dataset: str
    external_id: str | None
    exif_honoured: bool


@dataclass(frozen=True, slots=True)
class NewPerson:
    """A person to be stored.

    Attributes:
        image_id: Image the person is in.
        ordinal: Order within the image, from 0.
        bbox_xywh: Annotated box, pixels: left, top, width, height.
        box_center_px: Centre of the square crop for fitting.
        box_scale: Side of that crop / 200.
        skeleton: Keypoint layout of the source, e.g. ``coco17``.
        source: File name of the dataset.
        external_id: The dataset's annotation id.
        is_crowd: The annotation stands for a group.
        area: Segmented area, square pixels.
    """

    image_id: ImageId
    ordinal: int
    bbox_xywh: tuple[float, float, float, float]
    box_center_px: tuple[float, float]
    box_scale: float
    skeleton: str
    source: str
    external_id: str | None = None
    is_crowd: bool = False
    area: float | None = None


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """A stored person; the fields are those of :class:`NewPerson`."""

    id: PersonId
    image_id: ImageId
    ordinal: int
    external_id: str | None
    bbox_xywh: tuple[float, float, float, float]
    box_center_px: tuple[float, float]
    box_scale: float
    is_crowd: bool
    area: float | None
    skeleton: str
    source: str


@dataclass(frozen=True, slots=True, eq=False)
class NewRevision:
    """A set of keypoints to be stored as the person's newest.

    Attributes:
        person_id: Whose keypoints.
        skeleton: Layout of the joints.
        keypoints: ``(J, 3)`` x, y in image pixels and visibility 0 (not labelled), 1 (occluded), 2 (visible).
        sources: Where each joint comes from, ``J`` entries.
        confidence: ``(J,)`` in 0-1; None means 1 for each labelled joint and 0 for the others.
        label: What was done ("Move left wrist"); None takes the label of the change.
        parent_id: The revision this one was made from. When given, it must still be the current one, or the write
            is refused as stale.
        annotator_id: Who; None takes the annotator of the change.
    """

    person_id: PersonId
    skeleton: str
    keypoints: FloatArray
    sources: tuple[KeypointSource, ...]
    confidence: FloatArray | None = None
    label: str | None = None
    parent_id: RevisionId | None = None
    annotator_id: AnnotatorId | None = None


@dataclass(frozen=True, slots=True, eq=False)
class KeypointRevision:
    """Stored, immutable keypoints of a person; the fields are those of :class:`NewRevision`.

    ``confidence`` is ``(J,)``; ``created_at`` is aware, UTC.
    """

    id: RevisionId
    person_id: PersonId
    skeleton: str
    keypoints: FloatArray
    confidence: FloatArray
    sources: tuple[KeypointSource, ...]
    annotator_id: AnnotatorId | None
    created_at: datetime
    label: str
    parent_id: RevisionId | None

    @property
    def labelled_count(self) -> int:
        """Number of labelled keypoints."""
        return count_labelled(self.keypoints)


@dataclass(frozen=True, slots=True, eq=False)
class NewFit:
    """A fit to be stored as the person's newest.

    Attributes:
        person_id: Whose fit.
        revision_id: The keypoints it was fitted to.
        method: ``eft``, ``smplify``, ``regressor`` or the label of imported fits.
        rotations: ``(24, 3, 3)`` rotation matrices of the body's joints.
        betas: ``(10,)`` shape.
        camera: ``(3,)`` weak-perspective ``[s, tx, ty]`` of the box.
        initial_rotations: The same before fine-tuning, ``(24, 3, 3)``.
        initial_betas: ``(10,)``.
        initial_camera: ``(3,)``.
        box_center_px: ``(2,)`` centre of the box the cameras belong to.
        box_scale: Side of that box / 200.
        joints_px: ``(49, 2)`` projected joints of the result, order spin49.
        l2d: Unweighted 2D keypoint loss of the result.
        loss: Weighted total of the result.
        l2d_initial: The same before fine-tuning.
        loss_initial: The same before fine-tuning.
        rms_px: RMS distance over the active joints; None without any.
        trace: ``(T, 5)`` total, l2d, betas, camera, leg of every iteration.
        kept_iteration: Row of ``trace`` the result is from.
        stop_reason: Why the method stopped.
        options: Options of the method, JSON.
        body_hash: SHA-256 of the body file.
        regressor_hash: SHA-256 of the weights file.
        seconds: Time taken.
        device: Where it ran.
        code_version: Version of the program.
        flags: What is odd about it, by name, with how far it goes.
        signs: What else the worker noticed, by name (docs/suspicion.md).
    """

    person_id: PersonId
    revision_id: RevisionId
    method: str
    rotations: FloatArray
    betas: FloatArray
    camera: FloatArray
    initial_rotations: FloatArray
    initial_betas: FloatArray
    initial_camera: FloatArray
    box_center_px: FloatArray
    box_scale: float
    joints_px: FloatArray
    l2d: float
    loss: float
    l2d_initial: float
    loss_initial: float
    rms_px: float | None
    trace: FloatArray
    kept_iteration: int
    stop_reason: str
    options: Mapping[str, object]
    body_hash: str
    regressor_hash: str
    seconds: float
    device: str
    code_version: str
    flags: Mapping[str, float] = field(default_factory=dict)
    signs: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class FitRecord:
    """A stored, immutable fit; the fields are those of :class:`NewFit`. ``created_at`` is aware, UTC."""

    id: FitId
    person_id: PersonId
    revision_id: RevisionId
    method: str
    rotations: FloatArray
    betas: FloatArray
    camera: FloatArray
    initial_rotations: FloatArray
    initial_betas: FloatArray
    initial_camera: FloatArray
    box_center_px: FloatArray
    box_scale: float
    joints_px: FloatArray
    l2d: float
    loss: float
    l2d_initial: float
    loss_initial: float
    rms_px: float | None
    trace: FloatArray
    kept_iteration: int
    stop_reason: str
    options: dict[str, object]
    body_hash: str
    regressor_hash: str
    seconds: float
    device: str
    code_version: str
    created_at: datetime
    flags: dict[str, float] = field(default_factory=dict)
    signs: dict[str, float] = field(default_factory=dict)

    @property
    def max_abs_beta(self) -> float:
        """Largest absolute shape coefficient; a doubtful body has more than 3 (eft_method.md 6.3)."""
        return float(np.abs(self.betas).max())


@dataclass(frozen=True, slots=True)
class NewDecision:
    """A decision to be stored as the person's newest.

    Attributes:
        person_id: Whom it is about.
        fit_id: The fit that was looked at; it must still be the current one, or the write is refused as stale. None
            for a person without any fit, who can be rejected or set aside but not accepted.
        verdict: ``accept``, ``reject``, ``second_look``, or ``reopen``.
        reasons: Reason codes of a rejection, without blanks.
        comment: Free text.
        seconds_spent: Time the person was on screen.
        annotator_id: Who; None takes the annotator of the change.
        role: Whether it is one reviewer's, or rules over reviewers who have disagreed.
    """

    person_id: PersonId
    fit_id: FitId | None
    verdict: Verdict
    reasons: tuple[str, ...] = ()
    comment: str = ""
    seconds_spent: float = 0.0
    annotator_id: AnnotatorId | None = None
    role: DecisionRole = "review"


@dataclass(frozen=True, slots=True)
class DecisionRecord:
    """A stored decision; the fields are those of :class:`NewDecision`. ``created_at`` is aware, UTC."""

    id: DecisionId
    person_id: PersonId
    fit_id: FitId | None
    verdict: Verdict
    reasons: tuple[str, ...]
    comment: str
    annotator_id: AnnotatorId | None
    created_at: datetime
    seconds_spent: float
    role: DecisionRole = "review"


@dataclass(frozen=True, slots=True)
class AnnotatorRecord:
    """Somebody who edits and decides."""

    id: AnnotatorId
    name: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class PersonHead:
    """What is current for a person: derived, kept beside the person for speed.

    Attributes:
        decision_id: The newest decision, whether it counts or not; None while it must not be known (``in_review``).
        suspicion: How much the current fit is to be doubted, 0-1.
        suspects: The doubts worth naming, the greatest first (:mod:`db.suspicion`).
        reasons: Reason codes of the decisions the state rests on; none while they must not be known (``in_review``).
        decided_by: Who made the newest of them; for ``in_review`` the only reviewer so far.
        open_comments: Threads of comments that nobody has resolved.
    """

    person_id: PersonId
    revision_id: RevisionId | None
    fit_id: FitId | None
    decision_id: DecisionId | None
    state: PersonState
    labelled_count: int
    l2d: float | None
    max_abs_beta: float | None
    rms_px: float | None
    flags: tuple[str, ...] = ()
    suspicion: float | None = None
    suspects: tuple[tuple[str, float], ...] = ()
    open_comments: int = 0
    reasons: tuple[str, ...] = ()
    decided_by: AnnotatorId | None = None


@dataclass(frozen=True, slots=True)
class PersonSummary:
    """One row of a list of people."""

    person_id: PersonId
    image_id: ImageId
    image_path: str
    ordinal: int
    people_in_image: int
    state: PersonState
    labelled_count: int
    l2d: float | None
    max_abs_beta: float | None
    rms_px: float | None
    external_id: str | None
    image_root: str
    exif_honoured: bool
    bbox_xywh: tuple[float, float, float, float]
    flags: tuple[str, ...] = ()
    suspicion: float | None = None
    suspects: tuple[tuple[str, float], ...] = ()
    open_comments: int = 0


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """What a finished change, undo or redo touched; views refresh these rows and no others.

    Attributes:
        id: Row of the change log; None when the change wrote nothing.
        label: The change in words ("Accept fit").
        kind: ``do``, ``undo`` or ``redo``.
        touched_people: People whose keypoints, fits or decisions changed.
        touched_tables: Names of the tables written to.
        person_id: The person to show after an undo or redo; None for imports.
        outside: Another program made it.
    """

    id: ChangeId | None
    label: str
    kind: ChangeKind
    touched_people: frozenset[PersonId]
    touched_tables: frozenset[str]
    person_id: PersonId | None
    outside: bool = False


@dataclass(frozen=True, slots=True)
class ChangeRecord:
    """One row of the append-only change log.

    Attributes:
        reverses_id: For ``undo`` and ``redo``: the ``do`` that was taken back or done again.
        rows: Touched rows by table, as runs of ids ``(first, last)``.
    """

    id: ChangeId
    label: str
    kind: ChangeKind
    reverses_id: ChangeId | None
    annotator_id: AnnotatorId | None
    person_id: PersonId | None
    created_at: datetime
    rows: Mapping[str, tuple[tuple[int, int], ...]] = field(default_factory=dict)
