"""People that methods are measured on: known from a held-out synthetic set, or annotated in photographs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fitting.spec import JOINT_COUNT, BodyFit, Box, FloatArray
from resources.skeleton import build_mapping, get_skeleton

_COCO_TO_SPIN49 = tuple(build_mapping(get_skeleton("coco17"), get_skeleton("spin49")))
LEAST_KEYPOINTS = 3
"""People with fewer labelled keypoints are not fitted, only predicted; they are counted apart from failures."""
TOO_FEW = "too few labelled keypoints, so the method was not run"

COCO_IN_SPIN49 = tuple(target for _, target in sorted(_COCO_TO_SPIN49))
"""Index in spin49 of each of COCO's 17 joints."""


@dataclass(frozen=True, slots=True, eq=False)
class EvaluatedPerson:
    """One person to measure on.

    Attributes:
        person_id: Id of the annotation.
        label: For messages ("person 12 of 000012.jpg").
        keypoints_px: ``(17, 3)`` COCO's x, y, visibility.
        box: Crop of the person.
        extent_px: Longer side of the annotated rectangle: what PCK's threshold is a share of.
        picture: File.
        picture_size_px: Width and height.
        truth: True body, None for photographs.
        tags: What is hard about the person: ``occluded``, ``truncated``, ``rare``.
        family: Family of poses.
    """

    person_id: int
    label: str
    keypoints_px: FloatArray
    box: Box
    extent_px: float
    picture: Path
    picture_size_px: tuple[int, int]
    truth: BodyFit | None = None
    tags: frozenset[str] = frozenset()
    family: str = ""

    @property
    def labelled(self) -> int:
        """Number of labelled keypoints, hidden ones included."""
        return int((self.keypoints_px[:, 2] > 0).sum())


@dataclass(frozen=True, slots=True, eq=False)
class PeopleSet:
    """People of one source.

    Attributes:
        name: ``synthetic`` or ``photographs``.
        sha256: Hash that changes with anything that is read of the set.
        people: In the order of the annotations.
    """

    name: str
    sha256: str
    people: tuple[EvaluatedPerson, ...]


def coco_to_spin49(keypoints_px: FloatArray) -> FloatArray:
    """COCO keypoints ``(17, 3)`` as spin49 ``(49, 3)``; occluded but labelled counts in full (eft_method.md 3.4)."""
    full = np.zeros((JOINT_COUNT, 3))
    for source, target in _COCO_TO_SPIN49:
        full[target] = (*keypoints_px[source, :2], keypoints_px[source, 2] > 0)
    return full


def stack_truths(people: tuple[EvaluatedPerson, ...]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Rotations ``(N, 24, 3, 3)`` and betas ``(N, 10)`` of people whose body is known."""
    truths = [person.truth for person in people if person.truth is not None]
    rotations = np.stack([truth.rotations for truth in truths]).astype(np.float32)
    return rotations, np.stack([truth.betas for truth in truths]).astype(np.float32)
