"""OpenPose's files, with a person who stands as people do: which 25 joints they are, geometry must tell."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from resources.skeleton import get_skeleton
from tests.helpers.builders import write_picture
from tests.helpers.people_examples.example import Example

SIZE = (200, 160)
_MIDDLE = {"nose": 30, "neck": 45, "mid_hip": 85, "head_top": 20}
_SIDES = {
    "eye": (4, 28),
    "ear": (8, 30),
    "shoulder": (16, 46),
    "elbow": (22, 64),
    "wrist": (24, 82),
    "hip": (9, 85),
    "knee": (10, 112),
    "ankle": (10, 138),
    "big_toe": (13, 146),
    "small_toe": (17, 145),
    "heel": (9, 142),
}


def standing(layout: str, shift: float = 0.0, missing: tuple[str, ...] = ()) -> np.ndarray:
    """Joints ``(J, 3)`` x, y and confidence of a standing person who faces the camera."""
    rows = []
    for joint in get_skeleton(layout).joints:
        name = joint.removeprefix("openpose_")
        side, _, part = name.partition("_")
        if name in missing:
            rows.append((0.0, 0.0, 0.0))
        elif name in _MIDDLE:
            rows.append((100 + shift, _MIDDLE[name], 0.9))
        else:
            x, y = _SIDES[part]
            rows.append((100 + shift + (x if side == "left" else -x), y, 0.75))
    return np.array(rows)


def write_openpose(path: Path, people: list[np.ndarray], version: float = 1.3) -> Path:
    """A file as OpenPose of that version writes it."""
    key = "pose_keypoints_2d" if version > 1.0 else "pose_keypoints"
    entries: list[dict[str, Any]] = []
    for joints in people:
        entry: dict[str, Any] = {key: joints.ravel().tolist()}
        for part in ("face", "hand_left", "hand_right"):
            entry[f"{part}_keypoints{key.removeprefix('pose_keypoints')}"] = []
        entries.append({"person_id": [-1], **entry} if version >= 1.3 else entry)
    path.write_text(json.dumps({"version": version, "people": entries}))
    return path


def write_folder(folder: Path) -> Path:
    """Three pictures: two people, one, nobody; a hand is missing."""
    (folder / "json").mkdir()
    people = [[standing("openpose25"), standing("openpose25", 40, ("left_wrist",))], [standing("openpose25")], []]
    for number, found in enumerate(people):
        write_picture(folder / f"{number}.jpg", number, SIZE)
        write_openpose(folder / "json" / f"{number}_keypoints.json", found)
    return folder / "json"


def write_25b(folder: Path) -> Path:
    """One picture, BODY_25B."""
    write_picture(folder / "one.png", 1, SIZE)
    return write_openpose(folder / "one_keypoints.json", [standing("openpose25b")])


def write_18(folder: Path) -> Path:
    """One picture, 18 joints, the first version of the file."""
    write_picture(folder / "one.jpg", 1, SIZE)
    return write_openpose(folder / "one_keypoints.json", [standing("openpose18", 0, ("left_ear",))], version=1.0)


_FILES = tuple(f"json/{number}_keypoints.json" for number in range(3))

EXAMPLES = {
    "openpose": Example(write_folder, people=3, joints=74, images=3, files=_FILES),
    "openpose/25b/json": Example(write_25b, people=1, joints=25),
    "openpose/18/json": Example(write_18, people=1, joints=17),
}
