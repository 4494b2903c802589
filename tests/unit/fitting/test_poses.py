"""Sampled poses: same seed same people, within the limits, and the signs of SMPL."""

from __future__ import annotations

import math

import pytest
import torch

from fitting.body.assets import load_body_asset
from fitting.body.kinematics import Kinematics
from fitting.synthetic.arm_families import ARM_FAMILIES
from fitting.synthetic.leg_families import LEG_FAMILIES
from fitting.synthetic.pose_angles import angle_names, arm_direction
from fitting.synthetic.pose_families import LIMITS
from fitting.synthetic.pose_rotations import build_body_rotations, mirror, turn_about
from fitting.synthetic.poses import sample_poses
from resources import default_body
from resources.skeleton import get_skeleton

PEOPLE = 2000
SMPL = get_skeleton("smpl24")


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.fixture(scope="module")
def kinematics() -> Kinematics:
    return Kinematics(load_body_asset(default_body()))


def test_a_seed_decides_the_people() -> None:
    first, again, other = (sample_poses(8, seeded(seed)).rotations for seed in (5, 5, 6))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_every_rotation_is_one() -> None:
    rotations = sample_poses(PEOPLE, seeded(0)).rotations
    identity = torch.eye(3).expand_as(rotations)
    torch.testing.assert_close(rotations @ rotations.transpose(-1, -2), identity, atol=1e-5, rtol=0)
    torch.testing.assert_close(torch.linalg.det(rotations), torch.ones(PEOPLE, 24))


@pytest.mark.parametrize("name", angle_names())
def test_angles_keep_their_limits_and_use_them(name: str) -> None:
    degrees = torch.rad2deg(getattr(sample_poses(PEOPLE, seeded(1)).angles, name))
    low, high = LIMITS[name]
    assert degrees.min() >= low - 1e-3
    assert degrees.max() <= high + 1e-3
    assert degrees.std() > 2


def test_every_family_turns_up() -> None:
    angles = sample_poses(PEOPLE, seeded(2)).angles
    assert set(angles.leg_family.tolist()) == set(range(len(LEG_FAMILIES)))
    assert set(angles.arm_family.flatten().tolist()) == set(range(len(ARM_FAMILIES)))


def test_knees_and_elbows_bend_their_own_way_only(kinematics: Kinematics) -> None:
    rotations = sample_poses(PEOPLE, seeded(3)).rotations
    bones = kinematics.bones(rotations, torch.zeros(PEOPLE, 10))

    def local(joint: str, child: str) -> torch.Tensor:
        """Where the child lies in the frame of the joint's parent bone, ``(B, 3)``."""
        parent_frame = bones.rotations[:, SMPL.index(joint)] @ rotations[:, SMPL.index(joint)].transpose(-1, -2)
        offset = bones.joints_cam[:, SMPL.index(child)] - bones.joints_cam[:, SMPL.index(joint)]
        return (parent_frame.transpose(-1, -2) @ offset[..., None]).squeeze(-1)

    for side in ("left", "right"):
        # A knee bends backwards (-z), an elbow forwards (+z) in the frame of the bone above; 6 cm is the rest's slack.
        assert local(f"{side}_knee", f"{side}_ankle")[:, 2].max() < 0.06
        assert local(f"{side}_elbow", f"{side}_wrist")[:, 2].min() > -0.06


def test_standing_people_stand_upright(kinematics: Kinematics) -> None:
    poses = sample_poses(PEOPLE, seeded(4))
    bones = kinematics.bones(poses.rotations, torch.zeros(PEOPLE, 10))
    plain = [index for index, family in enumerate(LEG_FAMILIES) if family.name in {"standing", "standing_wide"}]
    stands = torch.isin(poses.angles.leg_family, torch.tensor(plain))
    feet = bones.joints_cam[stands][:, [SMPL.index("left_ankle"), SMPL.index("right_ankle")]].mean(1)
    body = bones.joints_cam[stands][:, SMPL.index("neck_smpl")] - feet
    lean = torch.rad2deg(torch.acos(-body[:, 1] / body.norm(dim=-1)))
    assert stands.sum() > 200
    assert lean.median() < 9
    assert lean.quantile(0.9) < 22


def test_arms_go_where_their_direction_says(kinematics: Kinematics) -> None:
    angles = sample_poses(64, seeded(6)).angles
    rotations = build_body_rotations(angles)
    for joint in ("spine1", "spine2", "spine3"):
        rotations[:, SMPL.index(joint)] = torch.eye(3)
    bones = kinematics.bones(rotations, torch.zeros(64, 10))
    wanted = arm_direction(angles.elevation[:, 0], angles.azimuth[:, 0])
    upper_arm = bones.joints_cam[:, SMPL.index("left_elbow")] - bones.joints_cam[:, SMPL.index("left_shoulder")]
    cosine = torch.nn.functional.cosine_similarity(upper_arm, wanted)
    assert torch.rad2deg(torch.acos(cosine.clamp(-1, 1))).max() < 5  # the rest arm is not exactly along x


def test_mirrored_arm_is_the_left_one_in_the_mirror() -> None:
    def turn(x: float, y: float, z: float) -> torch.Tensor:
        return turn_about("z", torch.tensor(z)) @ turn_about("y", torch.tensor(y)) @ turn_about("x", torch.tensor(x))

    torch.testing.assert_close(mirror(turn(0.2, -0.5, 0.3)), turn(0.2, 0.5, -0.3))


def test_turn_about_each_axis_is_right_handed() -> None:
    quarter = torch.tensor(math.pi / 2)
    x, y, z = torch.eye(3).unbind()
    torch.testing.assert_close(turn_about("x", quarter) @ y, z, atol=1e-6, rtol=0)
    torch.testing.assert_close(turn_about("y", quarter) @ z, x, atol=1e-6, rtol=0)
    torch.testing.assert_close(turn_about("z", quarter) @ x, y, atol=1e-6, rtol=0)
