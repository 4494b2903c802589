"""How often flags are raised about true bodies, about bodies made wrong on purpose, and about the regressor's.

``python -m tests.bench.sanity [PEOPLE]`` prints the table of docs/sanity.md.
"""

from __future__ import annotations

import math
import sys
from collections import Counter

import numpy as np
import torch

from fitting.body.kinematics import Kinematics
from fitting.body.model import load_body
from fitting.regressor.base import RegressorInput
from fitting.regressor.loading import load_regressor
from fitting.sanity import Sighting, find_flags
from fitting.spec import FLAG_NAMES, Box, Flags
from fitting.synthetic.people import People, fit_weak_camera, sample_people
from fitting.synthetic.poses import turn_about
from resources import default_body, default_regressor
from resources.skeleton import get_skeleton

SEED = 2024
HALF_SIDE_PX = 100.0
FAR_PX = 1000.0
_SPIN49 = get_skeleton("spin49")
_HIPS = (1, 2)


def main() -> int:
    """Print the table."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 4000
    torch.set_num_threads(1)
    kinematics = load_body(default_body()).kinematics
    people = sample_people(kinematics, count, torch.Generator().manual_seed(SEED))
    truth = (people.joints_cam.numpy(), people.camera.numpy())
    upright = np.abs(_lean(truth[0])) < 15
    in_picture = _is_upright_in_picture(people)
    print(f"{count} people, {in_picture.sum()} with an upright trunk in the picture, seed {SEED}; per cent flagged")
    print(f"{'bodies':48s}" + "".join(f"{name:>14s}" for name in (*FLAG_NAMES, "any")))

    def tell(title: str, joints: np.ndarray, camera: np.ndarray, chosen: np.ndarray, boxed: bool = True) -> None:
        _print_row(title, [_judge(people, row, joints[row], camera[row], boxed) for row in np.flatnonzero(chosen)])

    everybody = np.ones(count, dtype=bool)
    tell("true", *truth, everybody)
    tell("true, trunk upright in the picture", *truth, in_picture)
    tell("true, hips or shoulders not labelled", *truth, ~_has_trunk(people))
    for factor in (1.25, 1.5, 2.0, 0.8, 1 / 1.5):
        camera = truth[1] * np.array([factor, 1, 1])
        tell(f"true, {factor:.2f} times as large, box unknown", truth[0], camera, everybody, boxed=False)
    for degrees in (-30, 30, -40, 40):
        joints, camera = _pitch_trunk(people, kinematics, math.radians(degrees))
        leaning = in_picture & upright & (np.abs(_lean(joints)) > 20)
        tell(f"trunk pitched {abs(degrees)}° {'towards' if degrees > 0 else 'away'}, refitted", joints, camera, leaning)
    regressor = load_regressor(default_regressor(), "eft").eval()
    with torch.no_grad():
        output = regressor(RegressorInput(people.keypoints, None))
        joints = kinematics(output.rotations, output.betas).numpy()
    tell("regressor", joints, output.camera.numpy(), everybody)
    return 0


def _lean(joints: np.ndarray) -> np.ndarray:
    """Degrees ``(B,)`` the trunk leans away from the camera."""
    ends = [
        joints[:, [_SPIN49.index(f"{side}_{part}") for side in ("left", "right")]].mean(1)
        for part in ("shoulder", "hip")
    ]
    trunk = ends[0] - ends[1]
    return np.degrees(np.arctan2(trunk[:, 2], -trunk[:, 1]))


def _has_trunk(people: People) -> np.ndarray:
    points = people.keypoints.numpy()[..., 2] > 0
    parts = [[_SPIN49.index(f"{side}_{part}") for side in ("left", "right")] for part in ("shoulder", "hip")]
    return points[:, parts[0]].any(1) & points[:, parts[1]].any(1)


def _is_upright_in_picture(people: People) -> np.ndarray:
    indices = [_SPIN49.index(f"{side}_{part}") for part in ("shoulder", "hip") for side in ("left", "right")]
    points = people.keypoints.numpy()[:, indices]
    trunk = points[:, :2, :2].mean(1) - points[:, 2:, :2].mean(1)
    angle = np.degrees(np.arctan2(np.abs(trunk[:, 0]), -trunk[:, 1]))
    return (points[..., 2] > 0).all(1) & (angle <= 20)


def _judge(people: People, row: int, joints_cam: np.ndarray, camera: np.ndarray, boxed: bool) -> Flags:
    """Flags of one body; the picture ends where the person was cut, and far away elsewhere."""
    assert people.rectangle is not None
    assert people.cut is not None
    rectangle, cut = people.rectangle[row].double().numpy(), people.cut[row].numpy()
    corners = HALF_SIDE_PX * rectangle
    origin = np.where(cut[0], corners[0], corners[0] - FAR_PX)
    size = np.where(cut[1], corners[1], corners[1] + FAR_PX) - origin
    keypoints = people.keypoints[row].double().numpy().copy()
    keypoints[:, :2] = HALF_SIDE_PX * keypoints[:, :2] - origin
    low = corners[0] - origin
    width, height = corners[1] - corners[0]
    box = Box(-origin, HALF_SIDE_PX / 100)
    if not boxed:
        return find_flags(Sighting(joints_cam, camera, box, keypoints))
    rectangle_px = (float(low[0]), float(low[1]), float(width), float(height))
    return find_flags(Sighting(joints_cam, camera, box, keypoints, rectangle_px, (float(size[0]), float(size[1]))))


def _pitch_trunk(people: People, kinematics: Kinematics, angle: float) -> tuple[np.ndarray, np.ndarray]:
    """The trunk turned about the camera's horizontal, the legs as they were, and the camera that fits best again."""
    turn = turn_about("x", torch.tensor(angle))
    rotations = people.rotations.clone()
    root = rotations[:, 0]
    pitched = turn @ root
    for hip in _HIPS:
        rotations[:, hip] = pitched.transpose(-1, -2) @ root @ rotations[:, hip]
    rotations[:, 0] = pitched
    joints = kinematics(rotations, people.betas)
    return joints.numpy(), fit_weak_camera(joints, people.keypoints_true).numpy()


def _print_row(title: str, flags: list[Flags]) -> None:
    counts = Counter(name for found in flags for name in found)
    shares = [counts[name] for name in FLAG_NAMES] + [sum(bool(found) for found in flags)]
    print(
        f"{title:48s}"
        + "".join(f"{100 * share / max(len(flags), 1):14.1f}" for share in shares)
        + f"   of {len(flags)}"
    )


if __name__ == "__main__":
    sys.exit(main())
