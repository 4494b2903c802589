"""The poses from which correctives are learned: each joint alone, usual combinations, and random mixtures.

Signs (body frame, T-pose): hip flexion -x, knee flexion +x, left elbow -y, left arm down -z, trunk forward +x. Poses
are written for the left side; the right side gets the mirror image, so one pose teaches both.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from fitting.body.mannequin.anatomy import JOINT_NAMES, mirrored_name

FloatArray = NDArray[np.float64]
EulerPose = dict[str, tuple[float, float, float]]
"""Rotation of some joints as degrees about x, then y, then z (extrinsic)."""

_SINGLE: dict[str, tuple[tuple[float, float, float], ...]] = {
    "left_hip": (
        (-30, 0, 0), (-60, 0, 0), (-90, 0, 0), (-120, 0, 0), (20, 0, 0), (0, 0, 25), (0, 0, 45), (0, 0, -15),
        (0, 30, 0), (0, -30, 0), (-90, 0, 30), (-90, 0, -15),
    ),
    "left_knee": ((45, 0, 0), (90, 0, 0), (120, 0, 0), (140, 0, 0)),
    "left_ankle": ((-25, 0, 0), (35, 0, 0), (0, 0, 20), (0, 25, 0)),
    "left_foot": ((-30, 0, 0),),
    "spine1": ((25, 0, 0), (-15, 0, 0), (0, 20, 0), (0, 0, 15)),
    "spine2": ((25, 0, 0), (-15, 0, 0), (0, 20, 0), (0, 0, 15)),
    "spine3": ((20, 0, 0), (-10, 0, 0), (0, 15, 0), (0, 0, 10)),
    "neck": ((30, 0, 0), (-25, 0, 0), (0, 35, 0), (0, 0, 25)),
    "head": ((25, 0, 0), (-25, 0, 0), (0, 35, 0), (0, 0, 20)),
    "left_collar": ((0, 0, 15), (0, 0, 30), (0, 0, -10), (0, -15, 0), (0, 15, 0)),
    "left_shoulder": (
        (0, 0, -30), (0, 0, -60), (0, 0, -80), (0, 0, 35), (0, 0, 60), (0, -45, 0), (0, -85, 0), (0, 30, 0),
        (50, 0, 0), (-50, 0, 0), (0, -50, -50), (40, 0, -70), (-40, 0, -70),
    ),
    "left_elbow": (
        (0, -45, 0), (0, -90, 0), (0, -120, 0), (0, -145, 0), (45, 0, 0), (80, 0, 0), (-45, 0, 0), (45, -90, 0),
    ),
    "left_wrist": ((0, 0, 55), (0, 0, -55), (0, 20, 0), (50, 0, 0), (-50, 0, 0)),
    "left_hand": ((0, 0, -60), (0, 0, 20)),
}  # fmt: skip

_TOGETHER: tuple[EulerPose, ...] = (
    {"left_hip": (-90, 0, 5), "left_knee": (90, 0, 0)},
    {"left_hip": (-120, 0, 0), "left_knee": (90, 0, 0)},
    {"left_hip": (-110, 0, 15), "left_knee": (140, 0, 0), "spine1": (15, 0, 0)},
    {"left_hip": (-120, 0, 0), "left_knee": (140, 0, 0)},
    {"left_hip": (-120, 0, 25), "left_knee": (120, 0, 0), "spine1": (20, 0, 0), "spine2": (10, 0, 0)},
    {"left_hip": (-75, 10, 25), "left_knee": (110, 0, 0)},
    {"left_hip": (-60, 0, 0), "spine1": (25, 0, 0), "spine2": (20, 0, 0), "spine3": (10, 0, 0)},
    {"spine1": (0, 20, 0), "spine2": (0, 20, 0), "spine3": (0, 10, 0)},
    {"left_collar": (0, 0, 25), "left_shoulder": (0, 0, 60)},
    {"left_collar": (0, 0, 30), "left_shoulder": (0, 0, 75)},
    {"left_collar": (0, 0, 12), "left_shoulder": (0, 0, 30)},
    {"left_collar": (0, 0, -6), "left_shoulder": (0, 0, -75)},
    {"left_collar": (0, -10, 5), "left_shoulder": (0, -80, -20), "left_elbow": (0, -60, 0)},
    {"left_collar": (0, 0, 25), "left_shoulder": (0, -45, 50), "left_elbow": (0, -110, 0)},
    {"left_shoulder": (30, 0, -65), "left_elbow": (0, -100, 0)},
    {"left_shoulder": (-40, 0, -70), "left_elbow": (0, -130, 0)},
)

# Spread in degrees about x, y, z of each joint in random mixtures, and its mean.
_RANDOM = {
    "left_hip": ((-45, 0, 8), (38, 15, 15)),
    "left_ankle": ((0, 0, 0), (15, 10, 8)),
    "spine1": ((5, 0, 0), (10, 8, 6)),
    "spine2": ((5, 0, 0), (10, 8, 6)),
    "spine3": ((3, 0, 0), (7, 6, 5)),
    "neck": ((0, 0, 0), (12, 15, 8)),
    "head": ((0, 0, 0), (10, 15, 8)),
    "left_wrist": ((0, 0, 0), (25, 10, 25)),
}
_RANDOM_COUNT = 80
_SEED = 20


def build_training_poses() -> FloatArray:
    """Rotations ``(P, 24, 3, 3)`` of all training poses; the first is the rest pose."""
    poses: list[EulerPose] = [{}]
    for name, angles in _SINGLE.items():
        poses.extend({name: turn} for turn in angles)
    poses.extend(_TOGETHER)
    generator = np.random.default_rng(_SEED)
    poses.extend(_random_pose(generator) for _ in range(_RANDOM_COUNT))
    return np.stack([pose_rotations(pose) for pose in poses])


def pose_rotations(pose: EulerPose) -> FloatArray:
    """Rotations ``(24, 3, 3)``: named joints as given, all others at rest.

    A paired joint whose other side is not named turns that side in mirror image.
    """
    rotations = np.tile(np.eye(3), (len(JOINT_NAMES), 1, 1))
    for name, (x, y, z) in pose.items():
        rotations[JOINT_NAMES.index(name)] = Rotation.from_euler("xyz", [x, y, z], degrees=True).as_matrix()
        if mirrored_name(name) not in pose:
            turn = Rotation.from_euler("xyz", [x, -y, -z], degrees=True)
            rotations[JOINT_NAMES.index(mirrored_name(name))] = turn.as_matrix()
    return rotations


def _random_pose(generator: np.random.Generator) -> EulerPose:
    pose: EulerPose = {}
    for name, (mean, spread) in _RANDOM.items():
        x, y, z = generator.normal(mean, spread)
        pose[name] = (max(float(x), -125.0), float(y), float(z))
    pose["left_knee"] = (float(np.clip(generator.normal(55, 45), 0, 145)), 0.0, 0.0)
    elevation = float(np.clip(generator.normal(-25, 55), -85, 95))
    collar = 0.25 * max(elevation, -40.0)
    swing = float(generator.uniform(-85, 20))
    pose["left_collar"] = (0.0, 0.12 * swing, collar)
    pose["left_shoulder"] = (float(generator.normal(0, 35)), 0.8 * swing, elevation - collar)
    pose["left_elbow"] = (float(generator.normal(0, 35)), -float(np.clip(generator.normal(55, 45), 0, 145)), 0.0)
    return pose
