"""What an annotator knows of a person beyond the places of keypoints: which limbs come forward, whom to trust."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from db.records.ids import AnnotatorId, GuidanceId, PersonId
from resources.limbs import DepthHint


@dataclass(frozen=True, slots=True)
class NewGuidance:
    """Guidance to be stored as the person's newest; it replaces all of the former one.

    Attributes:
        person_id: Whose.
        depth_hints: By the name of the limb (:mod:`resources.limbs`); limbs nobody said anything about are left out.
        joint_weights: By the name of the joint in the person's layout: 0 ignores the keypoint, more than 1 pins the
            body to it; joints that count as they are (1) are left out.
        label: What was done ("Pin left wrist"); None takes the label of the change.
        parent_id: The guidance this one was made from. When given, it must still be the current one, or the write is
            refused as stale.
        annotator_id: Who; None takes the annotator of the change.
    """

    person_id: PersonId
    depth_hints: Mapping[str, DepthHint] = field(default_factory=dict)
    joint_weights: Mapping[str, float] = field(default_factory=dict)
    label: str | None = None
    parent_id: GuidanceId | None = None
    annotator_id: AnnotatorId | None = None


@dataclass(frozen=True, slots=True)
class Guidance:
    """Stored, immutable guidance; the fields are those of :class:`NewGuidance`. ``created_at`` is aware, UTC."""

    id: GuidanceId
    person_id: PersonId
    depth_hints: Mapping[str, DepthHint]
    joint_weights: Mapping[str, float]
    annotator_id: AnnotatorId | None
    created_at: datetime
    label: str
    parent_id: GuidanceId | None
