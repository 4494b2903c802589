"""People of files with one row a person: pictures before their people, ids unique in a picture, a box for everybody.

Rows come in pieces, so that nothing but the pictures and the ids of their people is kept: less than a kilobyte for a
picture with two people.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np

from db.formats.base import NO_FILE, ImportedImage, ImportedPerson, ImportedTruth, ImportProblem, ImportRecord
from db.formats.errors import FormatError
from db.formats.fits import FloatArray
from db.formats.parts.boxes import Bbox, coco_box, find_keypoint_bbox
from db.formats.parts.checks import ItemError, NoFileError
from db.formats.parts.sequence_pictures import SequencePictures, agree
from resources.skeleton import get_skeleton

PIECE: int = 1000
"""Rows looked at together."""
_OPENPOSE = len(get_skeleton("openpose25"))
_JOINTS = len(get_skeleton("spin49"))
_LARGEST_PX = 1e6
_LEAST_BYTES = 32
"""Nobody's crop, joints and name take less, compressed or not."""
_FEW = 1000


@dataclass(frozen=True, slots=True, eq=False)
class RowPerson:
    """What a row says.

    Attributes:
        item: What a message calls it.
        image_name: The picture as the file names it.
        external_id: The dataset's id, or the place of the row in the file.
        keypoints: ``(49, 3)`` of spin49: x, y in pixels and confidence, 0 where nothing is labelled.
        box_center_px: Centre of the square crop; None has it made from the rectangle or the keypoints.
        box_scale: Its side / 200.
        margin: How many times the longer side of the person that is.
        bbox_xywh: The annotated rectangle; None has it made from the keypoints or the crop.
        truth: What is known in 3D.
        truth_fault: Why nothing is, where the row tries to say something.
    """

    item: str
    image_name: str
    external_id: str
    keypoints: FloatArray
    box_center_px: FloatArray | None = None
    box_scale: float | None = None
    margin: float = 1.2
    bbox_xywh: Bbox | None = None
    truth: ImportedTruth | None = None
    truth_fault: str = ""


Row: TypeAlias = RowPerson | ImportProblem


@dataclass(slots=True)
class _Missing:
    item: str
    reason: str
    people: int = 0


def check_count(count: int, path: Path) -> None:
    """Let a file pass that has room for so many people.

    Raises:
        FormatError: It says the same few bytes of a million people, whom to list would take hours.
    """
    size = path.stat().st_size
    if count > _FEW + size // _LEAST_BYTES:
        raise FormatError(
            f"{path} claims {count:,} people in {size:,} bytes, which is not enough for them; get it again"
        )


def iter_records(pieces: Iterable[Sequence[Row]], images: Path, source: Path) -> Iterator[ImportRecord]:
    """Records of rows.

    Args:
        pieces: Rows, some at a time.
        images: Folder of the pictures.
        source: The file, for messages.
    """
    reader = _RowReader(SequencePictures(images), source.name)
    for piece in pieces:
        yield from reader.take(piece)
    for missing in reader.missing.values():
        yield ImportProblem(missing.item, missing.reason, "images", kind=NO_FILE, people=missing.people)


class _RowReader:
    def __init__(self, pictures: SequencePictures, source: str) -> None:
        self._find = pictures.find
        self._source = source
        self._paths: dict[str, str] = {}
        self._names: dict[str, str] = {}
        # Of each picture the ids of its people, by the hash of what their rows say.
        self._pictures: dict[str, dict[bytes, str]] = {}
        self.missing: dict[str, _Missing] = {}

    def take(self, piece: Sequence[Row]) -> Iterator[ImportRecord]:
        """Pictures of a piece that are new, then what is wrong, then its people."""
        people: list[ImportRecord] = []
        for row in piece:
            if isinstance(row, ImportProblem):
                people.append(row)
                continue
            try:
                path = self._find_path(row.image_name)
                if path is None:
                    self.missing[row.image_name].people += 1
                    continue
                identity = _hash(row)
                person = self._build(row, path, identity)
            except ItemError as error:
                people.append(ImportProblem(row.item, str(error), "people"))
                continue
            if path not in self._pictures:
                self._pictures[path] = {}
                yield ImportedImage(path, None, None)
            self._pictures[path][identity] = row.external_id
            if row.truth_fault:
                people.append(ImportProblem(row.item, f"{row.truth_fault}; imported without 3D truth"))
            people.append(person)
        yield from people

    def _find_path(self, name: str) -> str | None:
        if name in self.missing:
            return None
        if name not in self._paths:
            try:
                path = self._find(name)
                if not agree(first := self._names.setdefault(path, name), name):
                    raise NoFileError(f"the only picture it fits, {path}, is that of {first}; give the folder above")
                self._paths[name] = path
            except NoFileError as error:
                self.missing[name] = _Missing(f"{name} of {self._source}", str(error))
                return None
        return self._paths[name]

    def _build(self, row: RowPerson, path: str, identity: bytes) -> ImportedPerson:
        known = self._pictures.get(path, {})
        if row.external_id in known.values():
            raise ItemError(f"the id {row.external_id} occurs twice in {path}; the first was taken")
        if (other := known.get(identity)) is not None:
            raise ItemError(f"it says the same as person {other} of {path}; that one was taken")
        skeleton, keypoints, confidence = split_keypoints(row.keypoints)
        bbox, center, scale = _find_boxes(row, keypoints)
        return ImportedPerson(
            image_path=path,
            ordinal=len(known),
            external_id=row.external_id,
            bbox_xywh=bbox,
            box_center_px=center,
            box_scale=scale,
            area=None,
            is_crowd=False,
            skeleton=skeleton,
            keypoints=keypoints,
            confidence=confidence,
            truth=row.truth,
        )


def split_keypoints(keypoints: FloatArray) -> tuple[str, FloatArray, FloatArray | None]:
    """Layout, keypoints and confidences of keypoints in the order of spin49, of which often one half is empty.

    Args:
        keypoints: ``(49, 3)`` x, y in pixels and confidence.

    Returns:
        Layout, ``(J, 3)`` with visibility 0 or 2, and ``(J,)`` or None where all labelled joints count in full. People
        without keypoints have the layout of the 24 joints.

    Raises:
        ItemError: A labelled joint is not finite.
    """
    if keypoints.shape != (_JOINTS, 3):
        raise ItemError(f"its keypoints have the shape {keypoints.shape}, expected {(_JOINTS, 3)}")
    # A tester of NaN and not of above 0: a confidence that is no number must not pass for "not labelled".
    labelled = ~(keypoints[:, 2] <= 0)
    counted = keypoints[labelled]
    if not np.isfinite(counted).all() or np.abs(counted).max(initial=0) > _LARGEST_PX:
        joint = get_skeleton("spin49").titles[
            int(np.flatnonzero(labelled)[np.argmax(~(np.abs(counted) <= _LARGEST_PX).all(axis=1))])
        ]
        raise ItemError(f"the place or confidence of its {joint} is no number that a picture has")
    has_openpose, has_part = labelled[:_OPENPOSE].any(), labelled[_OPENPOSE:].any()
    rows = slice(None) if has_openpose and has_part else slice(None, _OPENPOSE) if has_openpose else slice(25, None)
    skeleton = "spin49" if has_openpose and has_part else "openpose25" if has_openpose else "spin24"
    kept = np.where(labelled[:, None], keypoints, 0.0)[rows]
    confidence = np.clip(kept[:, 2], 0, 1)
    kept[:, 2] = np.where(labelled[rows], 2.0, 0.0)
    return skeleton, kept, None if (confidence[labelled[rows]] == 1).all() else confidence


def _find_boxes(row: RowPerson, keypoints: FloatArray) -> tuple[Bbox, tuple[float, float], float]:
    tight = row.bbox_xywh or find_keypoint_bbox(keypoints)
    if row.box_center_px is None or row.box_scale is None:
        if tight is None:
            raise ItemError("it has neither a box nor keypoints to make one of")
        return tight, *coco_box(tight)
    x, y = (float(value) for value in row.box_center_px)
    scale = float(row.box_scale)
    if not (np.isfinite((x, y, scale)).all() and 0 < 200 * scale <= _LARGEST_PX and max(abs(x), abs(y)) <= _LARGEST_PX):
        raise ItemError(f"its box has the centre ({x:g}, {y:g}) and the scale {scale:g}, which is no box of a picture")
    side = 200 * scale / row.margin
    return tight or (x - side / 2, y - side / 2, side, side), (x, y), scale


def _hash(row: RowPerson) -> bytes:
    parts = [row.keypoints, np.array(row.bbox_xywh or ()), np.array(row.box_scale or 0.0)]
    parts += [np.zeros(0) if row.box_center_px is None else row.box_center_px]
    if row.truth is not None:
        truth = row.truth
        parts += [truth.joints_m, *(array for array in (truth.rotations, truth.betas) if array is not None)]
    return hashlib.blake2b(b"".join(np.ascontiguousarray(part).tobytes() for part in parts), digest_size=8).digest()
