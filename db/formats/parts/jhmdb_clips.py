"""The files of joints of JHMDB's clips: a picture a frame, one person in it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from db.formats.base import ImportedImage, ImportProblem, ImportRecord, OnShare
from db.formats.errors import FormatError
from db.formats.parts.checks import ItemError
from db.formats.parts.matlab import read_mat, to_numbers
from db.formats.parts.picture_finder import PictureFinder, check_clip
from db.formats.parts.reading import build_person, check_numbers, leave_out_picture
from resources.skeleton import get_skeleton

CLIP_FILE = "joint_positions.mat"
SKELETON = "jhmdb15"
FIRST_PIXEL = 1
"""As MATLAB counts."""

_JOINTS = get_skeleton(SKELETON).joints


def read_clips(source: Path, images: Path, on_share: OnShare) -> Iterator[ImportRecord]:
    """Read images and people.

    Raises:
        FormatError: There is no file of joints, the only one is faulty, or the folder of images does not exist.
    """
    if source.is_dir():
        files = _list_clips(source)
        if not files:
            raise FormatError(f"{source} has no {CLIP_FILE} in it; name the folder joint_positions of JHMDB")
    else:
        files = [source]
        _read_joints(source)  # of one file a fault is the file's
    if not images.is_dir():
        raise FormatError(f"the folder of images {images} does not exist; give the folder that holds the pictures")
    return _iter_records(source, images, files, on_share)


def _list_clips(folder: Path) -> list[Path]:
    found: list[Path] = []
    for place, folders, names in os.walk(folder):
        folders.sort()
        if CLIP_FILE in names:
            found.append(Path(place) / CLIP_FILE)
    return found


def _iter_records(source: Path, images: Path, files: list[Path], on_share: OnShare) -> Iterator[ImportRecord]:
    finder, seen = PictureFinder(images), set[str]()
    for done, file in enumerate(files):
        on_share(done / len(files))
        action, clip = file.parent.parent.name, file.parent.name
        try:
            frames = _read_joints(file)
        except FormatError as error:
            item = file.relative_to(source).as_posix() if source.is_dir() else file.name
            yield ImportProblem(item, f"{error}; the clip was left out")
            continue
        details = msgspec.json.encode({"jhmdb": {"action": action, "clip": clip}})
        for frame, joints in enumerate(frames, 1):
            item = f"frame {frame} of {action}/{clip}"
            try:
                name = f"{clip}/{frame:05d}.png"
                path = finder.find(f"{action}/{name}", f"Rename_Images/{action}/{name}", name)
                check_clip(name, path)
                if path in seen:
                    raise ItemError(f"{path} belongs to another clip already; the first was taken")
                seen.add(path)
            except ItemError as error:
                yield leave_out_picture(item, error, 1)
                continue
            yield ImportedImage(path, None, None)
            try:
                check_numbers(joints, _JOINTS)
                keypoints = np.column_stack((joints - FIRST_PIXEL, np.full(len(joints), 2.0)))
                yield build_person(path, 0, f"{clip}-{frame}", SKELETON, keypoints, details=details)
            except ItemError as error:
                yield ImportProblem(item, str(error), "people")


def _read_joints(file: Path) -> NDArray[np.float64]:
    """Places ``(T, 15, 2)``, counted from 1.

    Raises:
        FormatError: The file has none.
    """
    positions = read_mat(file, "pos_img")["pos_img"]
    try:
        numbers = to_numbers(positions, "pos_img")
    except ItemError as error:
        raise FormatError(f"{file}: {error}") from error
    if numbers.ndim == 2:  # MATLAB drops a last axis of one
        numbers = numbers[:, :, None]
    if numbers.ndim != 3 or numbers.shape[:2] != (2, len(_JOINTS)):
        shape = " x ".join(str(side) for side in numbers.shape)
        raise FormatError(f"{file}: pos_img is {shape}, expected 2 x {len(_JOINTS)} x frames")
    return numbers.transpose(2, 1, 0)
