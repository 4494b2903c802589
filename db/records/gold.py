"""People whose right keypoints are known, to measure annotators by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from db.records.decisions import Verdict
from db.records.ids import AnnotatorId, GoldId, PersonId
from db.records.revisions import FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class NewGold:
    """Keypoints of a person that are known to be right, to measure annotators by.

    Attributes:
        person_id: Whose.
        skeleton: Layout of the joints.
        keypoints: ``(J, 3)`` x, y in image pixels and visibility 0, 1 or 2.
        source: Where they come from: a file, or the keypoints that were current.
        verdict: What an annotator should decide; None asks about the keypoints only.
        area: Segmented area, square pixels; None takes the person's.
    """

    person_id: PersonId
    skeleton: str
    keypoints: FloatArray
    source: str
    verdict: Verdict | None = None
    area: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class GoldRecord:
    """Stored gold keypoints; the fields are those of :class:`NewGold`. ``created_at`` is aware, UTC."""

    id: GoldId
    person_id: PersonId
    skeleton: str
    keypoints: FloatArray
    source: str
    verdict: Verdict | None
    area: float | None
    annotator_id: AnnotatorId | None
    created_at: datetime
