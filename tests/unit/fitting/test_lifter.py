"""The lifter: upright before training, blind to what is not labelled, tunable at its end."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from fitting.body.assets import load_body_asset
from fitting.body.kinematics import Kinematics
from fitting.geometry.camera import project_to_crop
from fitting.regressor.base import Regressor, RegressorInput
from fitting.regressor.loading import build_regressor, load_regressor
from fitting.training.config import PRESETS
from fitting.training.evaluate import evaluate
from fitting.training.frozen import FrozenPeople, read_frozen_people
from fitting.training.train import build_first_card
from resources import default_body, default_regressor

FROZEN = Path(__file__).parents[2] / "data" / "frozen_people.npz"


@pytest.fixture(scope="module")
def kinematics() -> Kinematics:
    return Kinematics(load_body_asset(default_body()))


@pytest.fixture(scope="module")
def lifter() -> Regressor:
    torch.manual_seed(0)
    return build_regressor(build_first_card(PRESETS["lifter_tiny"], load_body_asset(default_body())))


@pytest.fixture(scope="module")
def frozen() -> FrozenPeople:
    return read_frozen_people(FROZEN)


def test_output_is_a_body(lifter: Regressor) -> None:
    output = lifter(RegressorInput(torch.randn(3, 49, 3), None))
    assert output.rotations.shape == (3, 24, 3, 3)
    assert output.betas.shape == (3, 10)
    assert output.camera.shape == (3, 3)
    identity = torch.eye(3).expand(3, 24, 3, 3)
    torch.testing.assert_close(output.rotations @ output.rotations.transpose(-1, -2), identity, atol=1e-5, rtol=0)
    assert (output.camera[:, 0] > 0).all()


def test_untrained_lifter_stands_upright_in_its_box(lifter: Regressor, kinematics: Kinematics) -> None:
    with torch.no_grad():
        output = lifter(RegressorInput(torch.zeros(1, 49, 3), None))
        places = project_to_crop(kinematics(output.rotations, output.betas), output.camera)[0, 25:]
    head_top, ankles = places[13], places[[0, 5]]
    assert head_top[1] < -0.5 < 0.5 < ankles[:, 1].min()
    assert places.abs().max() < 1.2


@given(joint=st.integers(0, 48), x=st.floats(allow_infinity=True, allow_nan=True, width=32))
def test_places_of_unlabelled_joints_change_nothing(joint: int, x: float) -> None:
    torch.manual_seed(0)
    lifter = build_regressor(build_first_card(PRESETS["lifter_tiny"], load_body_asset(default_body())))
    keypoints = torch.rand(1, 49, 3) + 0.1
    keypoints[0, joint, 2] = 0
    before = lifter(RegressorInput(keypoints.clone(), None))
    keypoints[0, joint, :2] = x
    after = lifter(RegressorInput(keypoints, None))
    assert torch.equal(before.rotations, after.rotations)
    assert torch.equal(before.camera, after.camera)


def test_labelled_joints_do_matter(lifter: Regressor) -> None:
    keypoints = torch.full((1, 49, 3), 0.5)
    moved = keypoints.clone()
    moved[0, 40, 0] += 0.3
    before, after = (lifter(RegressorInput(k, None)).rotations for k in (keypoints, moved))
    assert not torch.equal(before, after)


def test_the_head_alone_can_be_tuned_on_kept_features(lifter: Regressor) -> None:
    inputs = RegressorInput(torch.full((1, 49, 3), 0.5), None)
    predict = lifter.prepare(inputs, "head")
    torch.testing.assert_close(predict().rotations, lifter(inputs).rotations)
    predict().rotations.sum().backward()
    touched = {name for name, parameter in lifter.named_parameters() if parameter.grad is not None}
    lifter.zero_grad(set_to_none=True)
    assert {"head.weight", "head.bias"} <= touched <= {"head.weight", "head.bias", "norm.weight", "norm.bias"}
    assert [id(p) for p in lifter.parameters_of("head")] == [id(p) for p in lifter.get_submodule("head").parameters()]


def test_shipped_weights_know_people(frozen: FrozenPeople, kinematics: Kinematics) -> None:
    scores = evaluate(load_regressor(default_regressor()), kinematics, frozen)
    assert scores.pa_mm < 85
    assert scores.pa_mm_many < 65
    assert scores.l2d_median < 5e-4
    assert math.isfinite(scores.mpjpe_mm)


def test_shipped_card_belongs_to_the_shipped_body() -> None:
    card = load_regressor(default_regressor()).card
    assert card.body_name == load_body_asset(default_body()).name
    assert card.licence == "Apache-2.0"
