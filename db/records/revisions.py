"""Keypoints of a person, a revision for each edit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from db.records.ids import AnnotatorId, PersonId, RevisionId
from resources.limbs import LIMB_PARTS
from resources.skeleton import get_skeleton

FloatArray: TypeAlias = NDArray[np.float64]
KeypointSource: TypeAlias = Literal["imported", "human", "detector", "projected", "synthetic"]

FITTABLE_KEYPOINTS = 6
"""A person with fewer labelled keypoints is not fitted (eft_method.md 1.8, COCO-All)."""


def count_labelled(keypoints_px: FloatArray) -> int:
    """Number of keypoints ``(J, 3)`` with visibility 1 (occluded) or 2 (visible)."""
    return int(np.count_nonzero(keypoints_px[:, 2] > 0))


def count_limb_joints(skeleton: str, keypoints_px: FloatArray) -> int:
    """Number of the twelve limb joints that are labelled, by which datasets are selected (eft_method.md 6.1).

    Args:
        skeleton: Layout of the joints.
        keypoints_px: ``(J, 3)``; a limb joint that the layout has twice counts once.
    """
    limb_joints = _limb_joints(skeleton)
    labelled = np.flatnonzero(keypoints_px[:, 2] > 0).tolist()
    return len({limb_joints[place] for place in labelled if place in limb_joints})


@cache
def _limb_joints(skeleton: str) -> dict[int, tuple[str, str]]:
    layout = get_skeleton(skeleton)
    return {
        place: (layout.side(place), layout.part(place))
        for place in range(len(layout))
        if layout.part(place) in LIMB_PARTS
    }


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
