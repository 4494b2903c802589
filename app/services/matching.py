"""Whose fit is it: samples of a file against the people of a project. Pure; ambiguous ones are named, never guessed.

A dataset's annotation id names a person if something else agrees with it: the name of the picture, or the place in it
(the same dataset may have other file names, another dataset the same ids). COCO's pictures are known by the names of
both editions (:mod:`db.formats.parts.coco_names`). Without an id the name of the picture and
the place in it decide. The place is where the keypoints lie, or the boxes if fewer than three joints are common.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TypeAlias

import numpy as np

from db.formats.fits import FitSample
from db.formats.parts.coco_names import to_plain_name
from db.records import FloatArray, PersonId

COMMON_JOINTS = 3
"""Joints labelled in both that a comparison of keypoints needs."""
NEAR = 0.05
"""Mean distance of common keypoints, in sides of the box, up to which two sets are of one person."""
OVERLAP = 0.5
"""``1 - IoU`` of two square boxes up to which they are of one person."""
CLEARLY_NEARER = 4.0
"""How many times farther off the runner-up must be."""


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A person of the project.

    Attributes:
        person_id: The person.
        annotation_id: The dataset's id.
        image_path: Posix path of the picture below its folder.
        box_center_px: Centre of the square box.
        box_scale: Its side / 200.
    """

    person_id: PersonId
    annotation_id: str | None
    image_path: str
    box_center_px: tuple[float, float]
    box_scale: float


FindKeypoints: TypeAlias = Callable[[PersonId], FloatArray | None]
"""Current keypoints ``(49, 3)`` of a person, order spin49."""


@dataclass(frozen=True, slots=True)
class Match:
    """The person a sample is of; without one, ``reason`` says why, and ``ambiguous`` that there is more than one."""

    person_id: PersonId | None = None
    ambiguous: bool = False
    reason: str = ""


class Matcher:
    """Finds people by annotation id and by picture; building it costs one pass over the people."""

    def __init__(self, people: Iterable[Candidate], find_keypoints: FindKeypoints) -> None:
        self._find_keypoints = find_keypoints
        self._by_id: dict[str, list[Candidate]] = defaultdict(list)
        self._by_name: dict[str, list[Candidate]] = defaultdict(list)
        for person in people:
            if person.annotation_id is not None:
                self._by_id[person.annotation_id].append(person)
            self._by_name[to_plain_name(PurePosixPath(person.image_path).name)].append(person)

    def match(self, sample: FitSample) -> Match:
        """The person a sample is of."""
        named = [] if sample.annotation_id is None else self._by_id.get(str(sample.annotation_id), [])
        agreeing = [person for person in named if _same_picture(sample.image_name, person.image_path)]
        agreeing = agreeing or [person for person in named if self._lies_there(sample, person)]
        if len(agreeing) == 1:
            return Match(agreeing[0].person_id)
        if agreeing:
            return self._nearest(sample, agreeing, f"annotation {sample.annotation_id} is there")
        base_name = to_plain_name(PurePosixPath(sample.image_name).name)
        around = [
            person for person in self._by_name.get(base_name, []) if _same_picture(sample.image_name, person.image_path)
        ]
        if not around:
            return Match(reason=_strange(sample, named))
        return self._nearest(sample, around, f"{sample.image_name} holds the person")

    def _lies_there(self, sample: FitSample, person: Candidate) -> bool:
        mismatch = self._mismatch(sample, person)
        return mismatch is not None and mismatch <= 1

    def _nearest(self, sample: FitSample, people: Sequence[Candidate], what: str) -> Match:
        mismatches = [self._mismatch(sample, person) for person in people]
        if any(mismatch is None for mismatch in mismatches):
            if len(people) == 1:
                return Match(people[0].person_id)  # nothing to compare, and nobody else in the picture
            return Match(ambiguous=True, reason=f"{what} {len(people)} times, and no box or keypoints tell them apart")
        ranked = sorted(zip(mismatches, people, strict=True), key=lambda pair: (pair[0], pair[1].person_id))
        near = [(mismatch, person) for mismatch, person in ranked if mismatch is not None and mismatch <= 1]
        if not near:
            return Match(reason=f"nobody of {sample.image_name} lies where its box and keypoints are")
        if len(near) > 1 and near[0][0] * CLEARLY_NEARER > near[1][0]:
            return Match(ambiguous=True, reason=f"{what} {len(near)} times at about the same place")
        return Match(near[0][1].person_id)

    def _mismatch(self, sample: FitSample, person: Candidate) -> float | None:
        """How far off the sample lies, 1 being the limit for the same person; None without anything to compare."""
        side_px = 200 * person.box_scale
        keypoints = self._find_keypoints(person.person_id) if sample.keypoints_px[:, 2].any() else None
        if keypoints is not None:
            common = (sample.keypoints_px[:, 2] > 0) & (keypoints[:, 2] > 0)
            if np.count_nonzero(common) >= COMMON_JOINTS:
                distances = np.linalg.norm(sample.keypoints_px[common, :2] - keypoints[common, :2], axis=1)
                return float(distances.mean()) / side_px / NEAR
        if sample.box_center_px is None or sample.box_scale is None:
            return None
        overlap = square_iou(sample.box_center_px, sample.box_scale, np.array(person.box_center_px), person.box_scale)
        return (1 - overlap) / OVERLAP


def square_iou(center_px: FloatArray, scale: float, other_center_px: FloatArray, other_scale: float) -> float:
    """Intersection over union of two square boxes given by centre ``(2,)`` px and side / 200."""
    half, other_half = 100 * scale, 100 * other_scale
    low = np.maximum(center_px - half, other_center_px - other_half)
    high = np.minimum(center_px + half, other_center_px + other_half)
    common = float(np.prod(np.clip(high - low, 0, None)))
    return common / ((2 * half) ** 2 + (2 * other_half) ** 2 - common)


def _same_picture(name: str, path: str) -> bool:
    """Whether a name, with as much folder as it has, is the end of a path.

    Names of two editions of COCO mean the same picture whatever its folders, which have the names of the editions.
    """
    parts, ends = PurePosixPath(name).parts, PurePosixPath(path).parts
    common = min(len(parts), len(ends))
    if not common:
        return False
    if parts[-1] != ends[-1]:
        return to_plain_name(parts[-1]) == to_plain_name(ends[-1])
    return parts[-common:] == ends[-common:]


def _strange(sample: FitSample, named: Sequence[Candidate]) -> str:
    if named:
        return (
            f"annotation {sample.annotation_id} of this project is of {named[0].image_path} and lies elsewhere, "
            f"and {sample.image_name} is no picture of it"
        )
    return f"{sample.image_name} is no picture of this project"
