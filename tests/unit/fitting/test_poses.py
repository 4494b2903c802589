"""Sampled poses: same seed same people, within the limits, and the signs of SMPL."""

from __future__ import annotations

import math

import pytest
import torch

from fitting.body.assets import load_body_asset
from fitting.body.kinematics import Kinematics
from fitting.synthetic.arm_families import ARM_FAMILIES
from fitting.synthetic.leg_families import LEG_FAMILIES
from fitting.synthetic.mean_body import pose_bones
from fitting.synthetic.pose_angles import PoseAngles, angle_names, arm_direction
from fitting.synthetic.pose_families import LIMITS
from fitting.synthetic.pose_rotations import build_body_rotations, mirror, turn_about
from fitting.synthetic.pose_tables import Families, draw_families, get_tables, rarity
from fitting.synthetic.poses import pose_families, sample_poses
from resources import default_body
from resources.skeleton import get_skeleton

PEOPLE = 2000
MANY = 20_000
SMPL = get_skeleton("smpl24")


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.fixture(scope="module")
def kinematics() -> Kinematics:
    return Kinematics(load_body_asset(default_body()))


def named_families(leg: str, arm: str, count: int) -> Families:
    legs, arms = ([family.name for family in table] for table in (LEG_FAMILIES, ARM_FAMILIES))
    return Families(torch.full((count,), legs.index(leg)), torch.full((count, 2), arms.index(arm)))


def test_a_seed_decides_the_people() -> None:
    first, again, other = (sample_poses(8, seeded(seed)).rotations for seed in (5, 5, 6))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_every_rotation_is_one() -> None:
    rotations = sample_poses(PEOPLE, seeded(0)).rotations
    identity = torch.eye(3).expand_as(rotations)
    torch.testing.assert_close(rotations @ rotations.transpose(-1, -2), identity, atol=1e-5, rtol=0)
    torch.testing.assert_close(torch.linalg.det(rotations), torch.ones(PEOPLE, 24))


@pytest.fixture(scope="module")
def angles() -> PoseAngles:
    return sample_poses(PEOPLE, seeded(1)).angles


@pytest.mark.parametrize("name", angle_names())
def test_angles_keep_their_limits_and_use_them(angles: PoseAngles, name: str) -> None:
    degrees = torch.rad2deg(getattr(angles, name))
    low, high = LIMITS[name]
    assert degrees.min() >= low - 1e-3
    assert degrees.max() <= high + 1e-3
    assert degrees.std() > 2


def test_limits_hold_after_rejection_for_many_people() -> None:
    angles = sample_poses(MANY, seeded(21)).angles
    for name in angle_names():
        degrees = torch.rad2deg(getattr(angles, name))
        assert degrees.min() >= LIMITS[name].low - 1e-3, name
        assert degrees.max() <= LIMITS[name].high + 1e-3, name


def test_rejection_does_not_starve_a_family() -> None:
    angles = sample_poses(MANY, seeded(2)).angles
    drawn = draw_families(MANY, seeded(3))
    legs = torch.bincount(angles.leg_family, minlength=len(LEG_FAMILIES))
    shares = (get_tables().leg_shares / get_tables().leg_shares.sum()).tolist()
    for number, family in enumerate(LEG_FAMILIES):
        assert int(legs[number]) == pytest.approx(MANY * shares[number], rel=0.3, abs=12), family.name
    arms, wanted = (
        torch.bincount(f.flatten(), minlength=len(ARM_FAMILIES)).tolist() for f in (angles.arm_family, drawn.arm)
    )
    for number, arm in enumerate(ARM_FAMILIES):
        assert arms[number] == pytest.approx(wanted[number], rel=0.35, abs=25), arm.name


def test_people_of_one_family_come_in_order() -> None:
    families = draw_families(300, seeded(4))
    posed = pose_families(families, seeded(5)).angles
    assert torch.equal(posed.leg_family, families.leg)
    assert (posed.arm_family == families.arm).all(1).float().mean() > 0.97


def test_rarity_is_a_probability() -> None:
    families = draw_families(MANY, seeded(6))
    probability = rarity(families)
    assert probability.min() > 0
    leg, arm = (
        next(number for number, family in enumerate(table) if family.name == name)
        for table, name in ((LEG_FAMILIES, "standing"), (ARM_FAMILIES, "hanging"))
    )
    counted = ((families.leg == leg) & (families.arm == arm).all(1)).float().mean()
    usual = rarity(Families(torch.tensor([leg]), torch.tensor([[arm, arm]])))
    assert usual[0] == pytest.approx(float(counted), rel=0.2)
    swapped = rarity(Families(families.leg, families.arm.flip(1)))
    torch.testing.assert_close(swapped, probability)


def test_all_combinations_sum_to_one() -> None:
    leg, left, right = torch.meshgrid(
        torch.arange(len(LEG_FAMILIES)), *[torch.arange(len(ARM_FAMILIES))] * 2, indexing="ij"
    )
    probability = rarity(Families(leg.flatten(), torch.stack((left.flatten(), right.flatten()), 1)))
    once = (left <= right).flatten()
    assert probability[once].sum() == pytest.approx(1.0, abs=1e-4)


def test_arms_named_by_families_exist() -> None:
    known = {arm.name for arm in ARM_FAMILIES}
    assert len(known) == len(ARM_FAMILIES)
    for family in LEG_FAMILIES:
        assert set(family.arms) <= known, family.name


def test_the_mean_body_is_that_of_the_kinematics(kinematics: Kinematics) -> None:
    rotations = sample_poses(50, seeded(7)).rotations
    expected = kinematics.bones(rotations, torch.zeros(50, 10))
    found = pose_bones(rotations)
    torch.testing.assert_close(found.joints_cam, expected.joints_cam, atol=1e-5, rtol=0)
    torch.testing.assert_close(found.rotations, expected.rotations, atol=1e-5, rtol=0)


def test_hands_come_to_their_place() -> None:
    families = named_families("standing", "hands_together", 200)
    poses = pose_families(families, seeded(8))
    bones = pose_bones(poses.rotations)
    wrists = bones.joints_cam[:, [SMPL.index("left_wrist"), SMPL.index("right_wrist")]]
    apart = (wrists[:, 0] - wrists[:, 1]).norm(dim=-1)
    assert apart.median() < 0.22
    assert apart.max() < 0.30


def test_soles_of_standing_people_are_level() -> None:
    poses = sample_poses(PEOPLE, seeded(9))
    upright = poses.rotations.clone()
    upright[:, 0] = poses.upright
    joints = pose_bones(upright).joints_cam
    feet = joints[:, [SMPL.index("left_ankle"), SMPL.index("right_ankle")]]
    grounded = torch.tensor([family.ground == "both" for family in LEG_FAMILIES])[poses.angles.leg_family]
    assert (feet[grounded, 0, 1] - feet[grounded, 1, 1]).abs().max() < 0.08
    calm = torch.tensor([family.posture == "standing" for family in LEG_FAMILIES])[poses.angles.leg_family]
    assert (joints[calm, :, 1].amin(1) > feet[calm][..., 1].amin(1) - 0.12).all()


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
    assert lean.median() < 6
    assert lean.quantile(0.9) < 14


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
