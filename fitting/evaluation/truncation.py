"""The truncation benchmark: the same people under boxes from the head alone to the whole body (eft_method.md 9.2).

Level 0 is the box of the projected head vertices, level 7 that of the whole mesh; the corners of the levels between are
interpolated linearly, and a box's side is 1.2 * 200 / 224 of its longer side. Keypoints outside a box count as not
labelled, and a network sees nothing outside its box. Vertices are projected by the truth's weak camera, which differs
by a few pixels from the perspective that made the picture.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import torch

from fitting.body.model import BodyModel
from fitting.evaluation.people_sets import EvaluatedPerson, PeopleSet, stack_truths
from fitting.geometry.boxes import MARGIN
from fitting.geometry.camera import project_to_image
from fitting.spec import Box, FloatArray
from resources.skeleton import get_skeleton

LEVELS = (0, 1, 2, 4, 7)
"""The levels that are reported."""
_LAST = 7
_TIGHT = 224.0
"""The benchmark divides by this where other boxes divide by 200 (eft_method.md 6.2)."""
_HEAD = get_skeleton("smpl24").index("head_smpl")
_MAJORITY = 0.5
_CHUNK = 25


def truncate(people_set: PeopleSet, level: int, body: BodyModel) -> PeopleSet:
    """The set with the boxes of a level and the keypoints within them; people need a known body."""
    corners = _project_corners(people_set.people, body)
    people = tuple(
        _truncate_person(person, level, rectangles)
        for person, rectangles in zip(people_set.people, corners, strict=True)
    )
    return PeopleSet(f"{people_set.name} level {level}", people_set.sha256, people)


def level_rectangle(head: FloatArray, whole: FloatArray, level: int) -> FloatArray:
    """Rectangle of a level, ``(2, 2)``: upper left and lower right corner.

    Args:
        head: ``(2, 2)`` rectangle of the head.
        whole: ``(2, 2)`` rectangle of the whole person.
        level: 0 to 7.
    """
    rectangle: FloatArray = head + (whole - head) * (level / _LAST)
    return rectangle


def keep_inside(keypoints_px: FloatArray, box: Box) -> FloatArray:
    """Keypoints ``(17, 3)`` of which those outside a box are not labelled."""
    inside = np.abs(keypoints_px[:, :2] - box.center_px).max(1) <= box.side_px / 2
    kept: FloatArray = keypoints_px * inside[:, None]
    return kept


def _truncate_person(person: EvaluatedPerson, level: int, rectangles: FloatArray) -> EvaluatedPerson:
    low, high = level_rectangle(rectangles[0], rectangles[1], level)
    extent = float((high - low).max())
    box = Box((low + high) / 2, MARGIN * extent / _TIGHT)
    return dataclasses.replace(
        person,
        label=f"{person.label}, level {level}",
        box=box,
        extent_px=extent,
        keypoints_px=keep_inside(person.keypoints_px, box),
    )


@torch.no_grad()
def _project_corners(people: tuple[EvaluatedPerson, ...], body: BodyModel) -> list[FloatArray]:
    """For each person the rectangles of head and whole, ``(2, 2, 2)`` pixels."""
    head = np.flatnonzero(body.asset.weights[:, _HEAD] > _MAJORITY)
    corners = []
    for first in range(0, len(people), _CHUNK):
        chunk = people[first : first + _CHUNK]
        vertices = body.vertices(*(torch.as_tensor(array) for array in stack_truths(chunk))).numpy()
        for person, mesh_cam in zip(chunk, vertices, strict=True):
            assert person.truth is not None
            mesh_px = project_to_image(mesh_cam, person.truth.camera, person.box)
            parts = (mesh_px[head], mesh_px)
            corners.append(np.stack([np.stack((part.min(0), part.max(0))) for part in parts]))
    return corners
