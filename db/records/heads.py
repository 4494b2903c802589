"""What is current for a person, and the rows of lists of people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from db.records.ids import AnnotatorId, DecisionId, FitId, ImageId, PersonId, RevisionId

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
"""Derived state of a person (docs/adr/0003, 0010):

* ``unfittable``: fewer than :data:`FITTABLE_KEYPOINTS` labelled keypoints, and no fit;
* ``unfitted``: enough keypoints, no fit;
* ``fitted``: the current fit belongs to the current keypoints and nobody has decided on it;
* ``stale``: the current fit belongs to other keypoints than the current ones, whatever was decided;
* ``in_review``: decided on by one of the two people the project asks for; who has not decided must not learn what;
* ``disputed``: two people have decided differently, and nobody has ruled;
* ``accepted``, ``rejected``, ``second_look``: what the decisions about the current fit come to, or, for the latter
  two, those about the person without any fit (:func:`db.verdicts.weigh`).
"""

PERSON_STATES: tuple[PersonState, ...] = get_args(PersonState)
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
        limb_count: Labelled ones of the twelve limb joints.
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
    limb_count: int = 0


@dataclass(frozen=True, slots=True)
class ImageSummary:
    """One row of a list of images; ``people`` is how many are in it, ``undecided`` how many of them wait."""

    image_id: ImageId
    image_path: str
    image_root: str
    width: int
    height: int
    exif_honoured: bool
    people: int
    undecided: int


@dataclass(frozen=True, slots=True)
class PersonSummary:
    """One row of a list of people; ``ordinal`` is the place among the people of the image, from 0."""

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
