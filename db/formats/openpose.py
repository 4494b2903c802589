"""OpenPose, in: a folder with a json for each picture, or one json (CMU OpenPose, doc/02_output.md).

A picture's file is its name without suffix and ``_keypoints.json``. Body joints are ``pose_keypoints_2d``, in files of
version 1.0 and before ``pose_keypoints``; faces and hands are not read. A joint that was found counts as visible and
keeps its confidence; one with confidence 0 is not there. OpenPose turns pictures as their EXIF data says before it
looks at them, so that places count in the turned picture.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from db.formats.base import ImportedImage, ImportedPerson, ImportProblem, ImportRecord, OnShare, no_share
from db.formats.errors import FormatError
from db.formats.evidence import Evidence
from db.formats.parts.boxes import find_keypoint_bbox, keypoint_box
from db.formats.parts.checks import ItemError, NoFileError, decode_item
from db.formats.parts.json_text import read_document
from db.formats.parts.openpose_layout import BY_COUNT, FOUND, choose_body25, settled_by_version
from db.formats.parts.picture_finder import PictureFinder
from db.formats.parts.reading import build_person, check_numbers, leave_out_picture
from resources.skeleton import get_skeleton

_ENDING = "_keypoints"
_OTHER_ENDING = "_openpose"
"""How SPIN's examples, and scripts after them, rename OpenPose's files."""
_TITLE = "a json of OpenPose"
_SUFFIXES = (".jpg", ".png", ".jpeg", ".JPG", ".PNG", ".JPEG", ".bmp", ".tif", ".tiff", ".webp")
_ASKED_FOR_LAYOUT = 500
_MOST_CONFIDENT = 1.2  # networks answer a little above 1


class _Person(msgspec.Struct):
    pose_keypoints_2d: list[float | None] | None = None
    pose_keypoints: list[float | None] | None = None


class _Document(msgspec.Struct):
    people: list[msgspec.Raw]
    version: float | None = None


def recognises(evidence: Evidence) -> bool:
    """Whether a file or folder is OpenPose's (a :class:`~db.formats.evidence.Recogniser`)."""
    if evidence.is_folder:
        first = next((Evidence(file) for file in evidence.files if file.name.endswith(f"{_ENDING}.json")), None)
        first = first or evidence.first(".json")
        return first is not None and recognises(first)
    if not evidence.is_json or not evidence.mentions("people"):
        return False
    return any(evidence.mentions(key) for key in ("pose_keypoints_2d", "pose_keypoints", "version"))


def read(source: Path, images: Path, on_share: OnShare = no_share) -> Iterator[ImportRecord]:
    """Read images and people of OpenPose (a :class:`~db.formats.base.Reader`).

    Args:
        source: Folder of ``*_keypoints.json``, or one such file.
        images: Folder the pictures lie in.
        on_share: Called with the share of the files that has been read.

    Raises:
        FormatError: There is no such file, the layout of 25 joints cannot be told, or the folder of images does not
            exist.
    """
    if source.is_dir():
        files = _list_files(source)
    else:
        files = [source]
        read_document(source, _Document, _TITLE)  # of one file a fault is the file's
    if not images.is_dir():
        raise FormatError(f"the folder of images {images} does not exist; give the folder that holds the pictures")
    layouts = BY_COUNT | {25: _choose_layout(source, files)}
    return _iter_records(images, files, layouts, on_share)


def _list_files(folder: Path) -> list[Path]:
    try:
        files = sorted(file for file in folder.iterdir() if file.suffix.lower() == ".json" and file.is_file())
    except OSError as error:
        raise FormatError(f"{folder} cannot be read ({error.strerror or error}); check its permissions") from error
    named = [file for file in files if file.stem.endswith(_ENDING)]
    if not named and not files:
        raise FormatError(f"{folder} has no json in it; name the folder that OpenPose wrote (--write_json)")
    return named or files


def _choose_layout(source: Path, files: list[Path]) -> str:
    """Layout of 25 joints, by the first people of a run.

    Raises:
        FormatError: There are such people and they do not tell.
    """
    people: list[NDArray[np.float64]] = []
    for document in _iter_documents(files):
        for raw in document.people:
            try:
                joints = _read_joints(decode_item(raw, _Person))
            except ItemError:
                continue  # said where the person's turn comes
            if len(joints) == 25:
                if settled_by_version(document.version):
                    return BY_COUNT[25]
                people.append(joints)
        if len(people) >= _ASKED_FOR_LAYOUT:
            break
    if not people:
        return BY_COUNT[25]
    layout = choose_body25(people)
    if layout is None:
        raise FormatError(
            f"{source}: its people have 25 joints, which BODY_25 and BODY_25B both have, in different orders, and too "
            "few are found to tell which; import it in one folder with more files of the same run, or if it is BODY_25 "
            'write "version": 1.2 into the file'
        )
    return layout


def _iter_documents(files: list[Path]) -> Iterator[_Document]:
    for file in itertools.islice(files, 10 * _ASKED_FOR_LAYOUT):
        try:
            yield read_document(file, _Document, _TITLE)
        except FormatError:
            continue  # said where the file's turn comes


def _iter_records(
    images: Path, files: list[Path], layouts: dict[int, str], on_share: OnShare
) -> Iterator[ImportRecord]:
    finder, seen = PictureFinder(images), set[str]()
    for done, file in enumerate(files):
        on_share(done / len(files))
        people: list[msgspec.Raw] = []
        try:
            people = read_document(file, _Document, _TITLE).people
            path = _find_picture(finder, file, images)
            if path in seen:
                raise ItemError(f"{path} belongs to another file already; the first was taken")
            seen.add(path)
        except FormatError as error:
            yield ImportProblem(file.name, str(error), "images")
            continue
        except ItemError as error:
            yield leave_out_picture(file.name, error, len(people))
            continue
        yield ImportedImage(path, None, None, honour_exif=True)
        ordinal = 0
        for place, raw in enumerate(people):
            try:
                joints = _read_joints(decode_item(raw, _Person))
                yield _build_person(path, ordinal, str(place), joints, layouts)
                ordinal += 1
            except ItemError as error:
                yield ImportProblem(f"people[{place}] in {file.name}", str(error), "people")


def _find_picture(finder: PictureFinder, file: Path, images: Path) -> str:
    stem = file.stem.removesuffix(_ENDING)
    stems = dict.fromkeys((stem, stem.removesuffix(_OTHER_ENDING)))
    try:
        return finder.find(*(f"{name}{suffix}" for name in stems for suffix in _SUFFIXES))
    except NoFileError as error:
        if " fits " in str(error):
            raise
        raise NoFileError(
            f"no picture {stem}.jpg, .png or the like is in {images}; put it there or give another folder of images"
        ) from error


def _read_joints(person: _Person) -> NDArray[np.float64]:
    """Joints ``(J, 3)`` x, y and confidence.

    Raises:
        ItemError: They are not what OpenPose writes.
    """
    numbers = person.pose_keypoints_2d or person.pose_keypoints
    if not numbers:
        raise ItemError("it has no body joints (pose_keypoints_2d)")
    if len(numbers) % 3 or len(numbers) // 3 not in BY_COUNT:
        raise ItemError(f"pose_keypoints has {len(numbers)} numbers, expected 54 for 18 joints or 75 for 25")
    joints = np.array(numbers, dtype=np.float64).reshape(-1, 3)
    check_numbers(joints, get_skeleton(BY_COUNT[len(joints)]).joints)
    return joints


def _build_person(
    path: str, ordinal: int, external_id: str, joints: NDArray[np.float64], layouts: dict[int, str]
) -> ImportedPerson:
    layout = layouts[len(joints)]
    confidence = joints[:, 2]
    if (odd := np.flatnonzero((confidence < 0) | (confidence > _MOST_CONFIDENT))).size:
        name = get_skeleton(layout).joints[odd[0]]
        raise ItemError(f"the confidence of {name} is {confidence[odd[0]]:g}, expected 0 to 1")
    found = confidence > 0
    _check_unit(joints[found, :2])
    keypoints = np.column_stack((joints[:, :2], np.where(found, 2.0, 0.0)))
    keypoints[~found] = 0
    certain = confidence > FOUND if np.count_nonzero(confidence > FOUND) > 1 else found
    bbox = find_keypoint_bbox(keypoints * certain[:, None])
    crop = keypoint_box(keypoints[certain, :2]) if bbox is not None else None
    return build_person(
        path,
        ordinal,
        external_id,
        layout,
        keypoints,
        bbox=bbox,
        crop=crop,
        confidence=confidence.clip(0, 1),
        origin="detector",
    )


def _check_unit(points: NDArray[np.float64]) -> None:
    """Raise ItemError where places are shares of the picture: every joint of a person in its first pixel."""
    if len(points) > 1 and (np.abs(points) <= 1).all():
        raise ItemError(
            "its joints lie between -1 and 1, shares of the picture and not pixels; run OpenPose again with "
            "--keypoint_scale 0"
        )
