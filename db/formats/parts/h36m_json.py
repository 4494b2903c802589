"""Human3.6M in COCO's shape, as mmpose converts it: 17 joints, visibility 1.0, and 3D joints beside them.

The dataset lists the right leg first and the left arm first. There are files that call the first leg the left one; the
bodies in them say otherwise. Names are therefore not believed for legs: the hips of people have to lie as their
shoulders do, by the 3D joints where there are any. 3D joints are in the world's frame and without a camera, so they are
kept as details and not as truth.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from db.formats.base import ImportProblem, ImportRecord, OnShare
from db.formats.evidence import Evidence
from db.formats.parts.checks import ItemError, translate_visibility
from db.formats.parts.coco_outline import read_outline
from db.formats.parts.coco_reading import Annotation, Dialect, Points, read_coco_like
from db.formats.parts.json_items import EntryDecoder
from db.formats.parts.json_stream import iter_entries
from db.formats.parts.row_truth import compare_hips_with_shoulders
from resources.skeleton import get_skeleton

SKELETON = "h36m17"

_TITLE = "a file of Human3.6M"
_LEGS = ((1, 2, 3), (4, 5, 6))
_LEFT_SHOULDER, _RIGHT_SHOULDER, _RIGHT_HIP, _LEFT_HIP = 11, 14, 1, 4
_ASKED = 300
"""People whose hips and shoulders are looked at; frames of one clip are alike."""


class _Body(msgspec.Struct):
    keypoints: list[float]
    keypoints_3d: list[float] | None = None


_BODIES: EntryDecoder[_Body] = EntryDecoder(_Body)


def recognises_json(evidence: Evidence) -> bool:
    """Whether a file is one of these."""
    return evidence.is_json and evidence.mentions("images", "annotations", "categories") and (
        evidence.says("root (pelvis)") or evidence.says("neck_base") or evidence.says("left_foot", "thorax")
    )  # fmt: skip


def read_json(source: Path, images: Path, on_share: OnShare) -> Iterator[ImportRecord]:
    """Read images and people.

    Raises:
        FormatError: It is no such file, or the folder of images does not exist.
    """
    exchanged = _are_legs_exchanged(source)
    take = _ExchangingLegs(exchanged)
    dialect = Dialect(_TITLE, take, layouts=frozenset({SKELETON}), default=SKELETON)
    return _iter_records(source, read_coco_like(source, images, dialect, on_share), exchanged)


def _iter_records(source: Path, records: Iterator[ImportRecord], exchanged: bool) -> Iterator[ImportRecord]:
    if exchanged:
        reason = "the hips of its people lie against their shoulders; the first leg was taken for the left one"
        yield ImportProblem(source.name, reason)
    yield from records


@dataclass(frozen=True, slots=True)
class _ExchangingLegs:
    exchanged: bool

    def __call__(self, annotation: Annotation, skeleton: str) -> Points:
        if annotation.keypoints is None:
            raise ItemError("keypoints: it has none")
        numbers = list(annotation.keypoints)
        if self.exchanged and len(numbers) == 3 * len(get_skeleton(SKELETON)):
            rows = [numbers[3 * joint : 3 * joint + 3] for joint in range(len(numbers) // 3)]
            for right, left in zip(*_LEGS, strict=True):
                rows[right], rows[left] = rows[left], rows[right]
            numbers = [number for row in rows for number in row]
        # 1 says that a joint is there; nothing is known of what is hidden.
        return Points(skeleton, translate_visibility(numbers, {1: 2}))


def _are_legs_exchanged(source: Path) -> bool:
    """Whether most people of a file have the hips the other way round than the shoulders.

    Raises:
        FormatError: It is no such file.
    """
    outline = read_outline(source, _TITLE, frozenset({SKELETON}), SKELETON)
    votes: list[float] = []
    for raw, _ in iter_entries(source, outline.starts["annotations"]):
        if len(votes) == _ASKED:
            break
        try:
            body, _ = _BODIES.decode(raw)
        except ItemError:
            continue  # said where the entry's turn comes
        joints = _find_joints(body)
        if joints is not None:
            votes.append(-compare_hips_with_shoulders(joints[:, :-1]))
    return bool(votes) and float(np.mean(np.sign(votes))) < 0


def _find_joints(body: _Body) -> NDArray[np.float64] | None:
    """Joints ``(17, 4)`` in space, else ``(17, 3)`` in the picture, the last column for being there."""
    for numbers, width in ((body.keypoints_3d, 4), (body.keypoints, 3)):
        if numbers is not None and len(numbers) == width * len(get_skeleton(SKELETON)):
            joints = np.array(numbers, dtype=np.float64).reshape(-1, width)
            needed = [_LEFT_SHOULDER, _RIGHT_SHOULDER, _RIGHT_HIP, _LEFT_HIP]
            if np.isfinite(joints[needed]).all() and (joints[needed, -1] > 0).all():
                return joints
    return None
