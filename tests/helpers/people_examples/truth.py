"""Datasets with 3D truth."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np

from tests.helpers.builders import write_picture
from tests.helpers.people_examples.example import Example

SIZE = (160, 120)
PEOPLE = 2
SLOTS_17 = [14, 3, 4, 5, 2, 1, 0, 16, 12, 17, 18, 9, 10, 11, 8, 7, 6]


def spin_columns(name: str, *, part: bool = True, openpose: bool = False, body: bool = True) -> dict[str, Any]:
    """Columns of two people in one picture, every number another."""
    generator = np.random.default_rng(5)
    columns: dict[str, Any] = {
        "imgname": np.array([name] * PEOPLE),
        "center": np.array([[60.0, 50.0], [90.0, 60.0]]),
        "scale": np.array([0.4, 0.5]),
        "S": np.zeros((PEOPLE, 24, 4)),
    }
    columns["S"][:, SLOTS_17, :3] = generator.normal(0, 0.4, (PEOPLE, 17, 3))
    columns["S"][:, SLOTS_17, 3] = 1
    columns["S"][:, 14, :3] = 0
    if part:
        columns["part"] = np.zeros((PEOPLE, 24, 3))
        columns["part"][:, SLOTS_17, :2] = generator.uniform(20, 100, (PEOPLE, 17, 2))
        columns["part"][:, SLOTS_17, 2] = 1
    if openpose:
        columns["openpose"] = np.zeros((PEOPLE, 25, 3))
        columns["openpose"][:, :15, :2] = generator.uniform(20, 100, (PEOPLE, 15, 2))
        columns["openpose"][:, :15, 2] = 0.75
    if body:
        columns["pose"] = generator.normal(0, 0.3, (PEOPLE, 72))
        columns["shape"] = generator.normal(0, 1, (PEOPLE, 10))
        columns["has_smpl"] = np.array([1, 0])
        columns["gender"] = np.array(["m", "f"])
    return columns


def sequence(frames: int = 2) -> dict[str, Any]:
    """One person of a 3DPW sequence, the camera turned about its axis and moved."""
    generator = np.random.default_rng(6)
    to_camera = np.tile(np.eye(4), (frames, 1, 1))
    to_camera[:, :2, :2] = [[0, -1], [1, 0]]
    to_camera[:, :3, 3] = [0.1, 0.2, 5.0]
    poses2d = np.zeros((frames, 3, 18))
    poses2d[:, :2] = generator.uniform(20, 100, (frames, 2, 18))
    poses2d[:, 2] = 0.9
    poses2d[:, 2, 17] = 0.2
    return {
        "sequence": "walk_00",
        "betas": [generator.normal(0, 1, 10)],
        "poses": [generator.normal(0, 0.3, (frames, 72))],
        "trans": [np.zeros((frames, 3))],
        "genders": ["f"],
        "poses2d": [poses2d],
        "jointPositions": [generator.normal(0, 0.3, (frames, 72))],
        "img_frame_ids": np.arange(frames),
        "cam_poses": to_camera,
        "campose_valid": [np.ones(frames, dtype=np.int64)],
        "cam_intrinsics": np.array([[200.0, 0, 80], [0, 200, 60], [0, 0, 1]]),
        "v_template_clothed": [np.zeros((10, 3))],
    }


def _write_npz(name: str, **parts: bool) -> Any:
    def write(folder: Path) -> Path:
        write_picture(folder / name, 1, SIZE)
        np.savez(folder / "people.npz", **spin_columns(name, **parts))
        return folder / "people.npz"

    return write


def _write_pickle(folder: Path) -> Path:
    write_picture(folder / "one.jpg", 1, SIZE)
    columns = {key: list(column) for key, column in spin_columns("one.jpg").items()}
    (folder / "people.pkl").write_bytes(pickle.dumps({**columns, "imgname": ["one.jpg"] * PEOPLE}, protocol=2))
    return folder / "people.pkl"


def write_sequence(folder: Path) -> Path:
    """A sequence file of 3DPW with its pictures."""
    for frame in range(2):
        write_picture(folder / f"imageFiles/walk_00/image_{frame:05d}.jpg", frame, SIZE)
    path = folder / "sequenceFiles" / "test" / "walk_00.pkl"
    path.parent.mkdir(parents=True)
    path.write_bytes(pickle.dumps(sequence(), protocol=2))
    return path


def _write_sequences(folder: Path) -> Path:
    return write_sequence(folder).parents[1]


def humandata_arrays(*slots: int, compressed: bool = True) -> dict[str, Any]:
    """HumanData of two people in one picture with joints at these places of HUMAN_DATA."""
    generator = np.random.default_rng(7)
    mask = np.zeros(190, dtype=np.uint8)
    mask[list(slots)] = 1
    keypoints, joints = np.zeros((PEOPLE, 190, 3)), np.zeros((PEOPLE, 190, 4))
    keypoints[:, list(slots), :2] = generator.uniform(20, 100, (PEOPLE, len(slots), 2))
    joints[:, list(slots), :3] = generator.normal(0, 0.4, (PEOPLE, len(slots), 3))
    keypoints[:, list(slots), 2] = joints[:, list(slots), 3] = 1
    bodies, meta = np.empty((), dtype=object), np.empty((), dtype=object)
    bodies[()] = {
        "global_orient": generator.normal(0, 1, (PEOPLE, 3)),
        "body_pose": generator.normal(0, 0.3, (PEOPLE, 23, 3)),
        "betas": generator.normal(0, 1, (PEOPLE, 10)),
    }
    meta[()] = {"gender": np.array(["m", "f"])}
    return {
        "__key_strict__": np.array(False),
        "__data_len__": np.array(PEOPLE),
        "__keypoints_compressed__": np.array(compressed),
        "image_path": np.array(["images/one.jpg"] * PEOPLE),
        "bbox_xywh": np.array([[10.0, 15, 90, 90, 1], [20, 10, 80, 100, 1]]),
        "config": np.array("made_up"),
        "keypoints2d_mask": mask,
        "keypoints3d_mask": mask,
        "keypoints2d": keypoints[:, mask == 1] if compressed else keypoints,
        "keypoints3d": joints[:, mask == 1] if compressed else joints,
        "smpl": bodies,
        "meta": meta,
    }


def _write_humandata(*slots: int, compressed: bool = True) -> Any:
    def write(folder: Path) -> Path:
        write_picture(folder / "images" / "one.jpg", 1, SIZE)
        np.savez_compressed(folder / "people.npz", **humandata_arrays(*slots, compressed=compressed))
        return folder / "people.npz"

    return write


COCO_SLOTS = (55, 57, 56, 59, 58, 16, 17, 18, 19, 20, 21, 1, 2, 4, 5, 7, 8)

EXAMPLES = {
    "humandata": Example(_write_humandata(*COCO_SLOTS), people=PEOPLE, joints=2 * 17),
    "humandata/full": Example(_write_humandata(*COCO_SLOTS, compressed=False), people=PEOPLE, joints=2 * 17),
    "spin-npz": Example(_write_npz("train2014/one.jpg", openpose=True), people=PEOPLE, joints=2 * (17 + 15)),
    "spin-npz/pickle": Example(_write_pickle, people=PEOPLE, joints=2 * 17),
    "h36m": Example(
        _write_npz("images/S9_Directions_1.60457274_000001.jpg", part=False, body=False), people=PEOPLE, joints=0
    ),
    "mpi-inf-3dhp": Example(
        _write_npz("mpi_inf_3dhp_test_set/TS1/imageSequence/img_000006.jpg", body=False), people=PEOPLE, joints=2 * 17
    ),
    "3dpw": Example(_write_npz("imageFiles/walk_00/image_00000.jpg", part=False), people=PEOPLE, joints=0),
    "3dpw/sequence": Example(write_sequence, people=2, joints=2 * 17, images=2),
    "3dpw/folder": Example(
        _write_sequences, people=2, joints=2 * 17, images=2, files=("sequenceFiles/test/walk_00.pkl",)
    ),
}
