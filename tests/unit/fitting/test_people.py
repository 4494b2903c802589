"""Training samples: what an annotator would give, and a truth that agrees with it."""

from __future__ import annotations

import dataclasses

import pytest
import torch

from fitting.body.assets import load_body_asset
from fitting.body.kinematics import Kinematics
from fitting.geometry.camera import project_to_crop
from fitting.synthetic.people import (
    SPIN24_START,
    People,
    PeopleSettings,
    fit_weak_camera,
    reprojection_residual,
    sample_people,
)
from fitting.synthetic.silhouette import Outline, Window
from fitting.synthetic.visibility import NOTHING_HIDDEN, VisibilitySettings, cut_outline, hide_back_of_head
from resources import default_body
from resources.skeleton import get_skeleton

SPIN24 = get_skeleton("spin24")
COUNT = 1500
CLEAN = PeopleSettings(
    noise=(0.0, 0.0), layouts={"spin24": 1.0}, coarse_share=0.0, fine_jitter=(0.0, 0.0), visibility=NOTHING_HIDDEN
)


@pytest.fixture(scope="module")
def kinematics() -> Kinematics:
    return Kinematics(load_body_asset(default_body()))


def sample(kinematics: Kinematics, settings: PeopleSettings | None = None, seed: int = 0) -> People:
    return sample_people(kinematics, COUNT, torch.Generator().manual_seed(seed), settings)


def test_a_seed_decides_the_people(kinematics: Kinematics) -> None:
    first, again, other = (sample(kinematics, seed=seed) for seed in (1, 1, 2))
    for field in dataclasses.fields(People):
        assert torch.equal(getattr(first, field.name), getattr(again, field.name)), field.name
    assert not torch.equal(first.keypoints, other.keypoints)


def test_everything_is_a_number(kinematics: Kinematics) -> None:
    people = sample(kinematics)
    for field in dataclasses.fields(People):
        assert torch.isfinite(getattr(people, field.name)).all(), field.name


def test_truth_projects_onto_the_keypoints(kinematics: Kinematics) -> None:
    people = sample(kinematics)
    residual = reprojection_residual(people)
    assert residual[people.weak].max() < 1e-5
    assert 1e-3 < residual[~people.weak].median() < 0.1  # perspective, which no weak camera follows exactly


def test_joints_belong_to_the_parameters(kinematics: Kinematics) -> None:
    people = sample(kinematics)
    torch.testing.assert_close(kinematics(people.rotations, people.betas), people.joints_cam)


def test_clean_keypoints_are_the_projection(kinematics: Kinematics) -> None:
    people = sample(kinematics, dataclasses.replace(CLEAN, perspective_share=0.0))
    projected = project_to_crop(people.joints_cam, people.camera)[:, SPIN24_START:]
    labelled = people.keypoints[:, SPIN24_START:, 2] > 0
    torch.testing.assert_close(people.keypoints[:, SPIN24_START:, :2][labelled], projected[labelled], atol=1e-5, rtol=0)


def test_whole_people_fill_their_box_by_the_coco_rule(kinematics: Kinematics) -> None:
    people = sample(kinematics, dataclasses.replace(CLEAN, keypoint_box_share=0.0))
    extent = people.keypoints_true[:, SPIN24_START:].abs().amax((1, 2))
    assert extent.max() <= 1 / 1.2 + 0.02  # nothing outside the tight body, half of it from the centre
    assert extent.median() > 0.65


def test_missing_keypoints_carry_nothing(kinematics: Kinematics) -> None:
    people = sample(kinematics)
    missing = people.keypoints[..., 2] == 0
    assert (people.keypoints[missing] == 0).all()
    assert (people.keypoints[:, :SPIN24_START] == 0).all()
    assert ((~missing).sum(1) >= VisibilitySettings().least).all()


def test_layouts_label_only_their_joints(kinematics: Kinematics) -> None:
    people = sample(kinematics, dataclasses.replace(CLEAN, layouts={"coco17": 1.0}))
    labelled = (people.keypoints[:, SPIN24_START:, 2] > 0).any(0)
    expected = [joint in get_skeleton("coco17").joints for joint in SPIN24.joints]
    assert labelled.tolist() == expected


@pytest.mark.parametrize(
    ("settings", "joint"),
    [
        (dataclasses.replace(NOTHING_HIDDEN, bottom=1.0, bottom_range=(0.3, 0.5)), "left_ankle"),
        (dataclasses.replace(NOTHING_HIDDEN, top=1.0, top_range=(0.3, 0.5)), "head_top"),
    ],
)
def test_cuts_hide_what_lies_beyond(kinematics: Kinematics, settings: VisibilitySettings, joint: str) -> None:
    people = sample(kinematics, dataclasses.replace(CLEAN, visibility=settings))
    seen = (people.keypoints[:, SPIN24_START + SPIN24.index(joint), 2] > 0).float().mean()
    assert seen < 0.45  # people lie and bend, so some ankles and heads are elsewhere
    inside = people.keypoints[people.keypoints[..., 2] > 0][:, :2]
    assert inside.abs().max() < 1.0


def test_a_cut_box_ends_at_the_cut() -> None:
    outline = Outline(torch.tensor([[[0.0, 0.0], [0.0, 1.0], [0.0, 2.0]]]), torch.tensor([0.1, 0.1, 0.1]))
    window = Window(torch.tensor([[-torch.inf, -torch.inf]]), torch.tensor([[torch.inf, 1.05]]))
    expected = torch.tensor([[[-0.1, -0.1], [0.1, 1.05]]])
    torch.testing.assert_close(outline.extent(window), expected)
    torch.testing.assert_close(outline.extent(window.opened_where(torch.tensor([True])))[0, 1, 1], torch.tensor(2.1))


def test_cuts_come_from_every_side() -> None:
    outline = Outline(torch.rand(4000, 20, 2, generator=torch.Generator().manual_seed(0)), torch.zeros(20))
    window = cut_outline(outline, torch.Generator().manual_seed(1), VisibilitySettings())
    left_top_right_bottom = torch.cat((window.low, window.high), 1)
    shares = torch.isfinite(left_top_right_bottom).float().mean(0)
    torch.testing.assert_close(shares, torch.tensor([0.07, 0.13, 0.07, 0.30]), atol=0.03, rtol=0)


def test_the_back_of_a_head_has_no_face() -> None:
    towards, away = torch.diag(torch.tensor([1.0, -1.0, -1.0])), torch.diag(torch.tensor([-1.0, -1.0, 1.0]))
    heads = torch.stack((towards, away)).repeat_interleave(500, 0)
    seen = hide_back_of_head(heads, torch.Generator().manual_seed(0)).view(2, 500, -1).float().mean(1)
    nose, ankle = SPIN24.index("nose"), SPIN24.index("left_ankle")
    assert seen[0, nose] == 1
    assert seen[1, nose] == 0
    assert (seen[:, ankle] == 1).all()


def test_weak_camera_of_weak_projection_is_recovered() -> None:
    joints_cam = torch.randn(5, 49, 3, generator=torch.Generator().manual_seed(0))
    camera = torch.tensor([[0.9, 0.1, -0.2]]).expand(5, 3)
    torch.testing.assert_close(fit_weak_camera(joints_cam, project_to_crop(joints_cam, camera)), camera)
