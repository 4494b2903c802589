"""People whose body is known, as datasets with 3D truth have them, and their errors by numpy and scipy alone."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from scipy.spatial.transform import Rotation

from fitting.body.model import load_body
from fitting.spec import BodyFit
from resources import default_body, held_out_people

PEOPLE = 4
# Rows of J_regressor_h36m and slots of the 24-set, joint by joint: right leg, left leg, right arm, left arm, neck,
# head, pelvis, spine, jaw.
ROWS = [6, 5, 4, 1, 2, 3, 16, 15, 14, 11, 12, 13, 8, 10, 0, 7, 9]
SLOTS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 18, 14, 16, 17]


def regress(rotations: np.ndarray, betas: np.ndarray) -> np.ndarray:
    """J17 of the mannequin, ``(17, 3)`` metres."""
    body = load_body(default_body())
    vertices = body.vertices_of(BodyFit(rotations, betas, np.zeros(3))).astype(np.float64)
    with np.load(default_body()) as arrays:
        return np.asarray(arrays["J_regressor_h36m"].astype(np.float64)[ROWS] @ vertices)


def distance_mm(one: np.ndarray, other: np.ndarray) -> float:
    return float(1000 * np.sqrt(((one - other) ** 2).sum(axis=1)).mean())


def pa_mm(points: np.ndarray, target: np.ndarray) -> float:
    """After the best similarity: Kabsch's rotation by scipy, the scale by least squares."""
    first, second = points - points.mean(0), target - target.mean(0)
    turned = Rotation.align_vectors(second, first)[0].apply(first)
    return distance_mm(turned * (turned * second).sum() / (turned**2).sum(), second)


@cache
def read_truth() -> dict[str, np.ndarray]:
    """The first held-out people."""
    with np.load(held_out_people() / "truth.npz") as arrays:
        return {key: arrays[key][:PEOPLE] for key in arrays.files if len(arrays[key]) >= PEOPLE}


def list_poses() -> np.ndarray:
    """Their poses, ``(N, 72)`` axis-angle."""
    return np.asarray(Rotation.from_matrix(read_truth()["rotations"].reshape(-1, 3, 3)).as_rotvec().reshape(PEOPLE, 72))


def write_dataset(path: Path, **changes: Any) -> Path:
    """The first held-out people as SPIN has Human3.6M: root-centred joints, keypoints, a crop."""
    truth = read_truth()
    points = np.zeros((PEOPLE, 24, 3))
    points[..., :2] = truth["keypoints_px"][:, 25:]
    points[..., 2] = truth["visibility"][:, 25:] > 0
    joints = np.zeros((PEOPLE, 24, 4))
    for row in range(PEOPLE):
        found = regress(truth["rotations"][row], truth["betas"][row])
        joints[row, SLOTS, :3] = found - found[14]
        joints[row, SLOTS, 3] = 1
    columns = {
        "imgname": np.array([f"images/{number:08d}.jpg" for number in truth["image_id"]]),
        "center": truth["center_px"],
        "scale": truth["scale"],
        "part": points,
        "S": joints,
        **changes,
    }
    np.savez(path, **{key: column for key, column in columns.items() if column is not None})
    return path
