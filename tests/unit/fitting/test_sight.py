"""The lifter that looks: the same as the lifter until it has learnt, blind to what nobody annotated, cheap to tune."""

from __future__ import annotations

import dataclasses

import msgspec
import pytest
import torch

from fitting.body.assets import load_body_asset
from fitting.body.kinematics import Kinematics
from fitting.eft import ExemplarFineTuner
from fitting.losses import FitTargets, active_confidence
from fitting.preprocess import Exemplar
from fitting.regressor.base import RegressorInput, RegressorOutput
from fitting.regressor.lifter import Lifter
from fitting.regressor.loading import build_regressor
from fitting.regressor.sight import LIMBS, draw_keypoints
from fitting.regressor.sighted_lifter import SightedLifter, pose_joints
from fitting.spec import EftOptions
from fitting.synthetic.people import People, sample_people
from fitting.training.sighted.config import PRESETS, SightWeights
from fitting.training.sighted.loss import sight_losses
from fitting.training.sighted.train import build_first_card
from resources import default_body
from resources.skeleton import get_skeleton


@pytest.fixture(scope="module")
def kinematics() -> Kinematics:
    return Kinematics(load_body_asset(default_body()))


@pytest.fixture
def network() -> SightedLifter:
    torch.manual_seed(3)
    card = build_first_card(PRESETS["open_tiny"], load_body_asset(default_body()))
    built = build_regressor(card)
    assert isinstance(built, SightedLifter)
    return built.eval()


@pytest.fixture
def taught(network: SightedLifter) -> SightedLifter:
    """One whose picture has a voice."""
    torch.nn.init.normal_(network.entry.weight, std=0.5)
    torch.nn.init.normal_(network.head.weight, std=0.05)
    return network


@pytest.fixture(scope="module")
def people(kinematics: Kinematics) -> People:
    return sample_people(kinematics, 3, torch.Generator().manual_seed(5))


def looking(people: People, side: int = 128) -> RegressorInput:
    return RegressorInput(people.keypoints, torch.randn(len(people.betas), 3, side, side))


def assert_same(first: RegressorOutput, second: RegressorOutput, tolerance: float = 1e-5) -> None:
    for name in ("rotations", "betas", "camera"):
        assert torch.allclose(getattr(first, name), getattr(second, name), atol=tolerance), name


def test_untrained_it_is_the_lifter_that_was_there_before(network: SightedLifter, people: People) -> None:
    card = msgspec.structs.replace(network.card, architecture="lifter", settings={"width": 64, "blocks": 1})
    lifter = build_regressor(card)
    assert isinstance(lifter, Lifter)
    lifter.load_state_dict(
        {name: tensor for name, tensor in network.state_dict().items() if name in lifter.state_dict()}
    )
    assert_same(network(looking(people)), lifter.eval()(RegressorInput(people.keypoints, None)), 1e-6)


def test_the_picture_changes_what_a_taught_one_predicts(taught: SightedLifter, people: People) -> None:
    first, second = taught(looking(people)), taught(looking(people))
    assert (first.rotations - second.rotations).abs().max() > 1e-3


def test_without_a_picture_it_predicts_all_the_same(taught: SightedLifter, people: People) -> None:
    assert torch.isfinite(taught(RegressorInput(people.keypoints, None)).rotations).all()


def test_coordinates_of_joints_nobody_annotated_do_not_matter(taught: SightedLifter, people: People) -> None:
    inputs = looking(people)
    keypoints = people.keypoints.clone()
    keypoints[keypoints[..., 2] <= 0, :2] = float("nan")
    assert_same(taught(inputs), taught(RegressorInput(keypoints, inputs.picture)))


@pytest.mark.parametrize("layers", ["all", "lifter", "head"])
def test_with_two_views_a_mirrored_person_is_the_mirrored_answer(
    taught: SightedLifter, people: People, layers: str
) -> None:
    taught.views = 2
    inputs = looking(people)
    flip = list(get_skeleton("spin49").flip)
    assert inputs.picture is not None
    mirrored = RegressorInput(people.keypoints[:, flip] * torch.tensor([-1.0, 1.0, 1.0]), inputs.picture.flip(3))
    first, second = taught.prepare(inputs, layers)(), taught.prepare(mirrored, layers)()
    mirror = torch.tensor([-1.0, 1.0, 1.0])
    back = mirror[:, None] * second.rotations[:, list(get_skeleton("smpl24").flip)] * mirror
    expected = RegressorOutput(back, second.betas, second.camera * torch.tensor([1.0, -1.0, 1.0]))
    assert_same(first, expected)
    taught.views = 1
    assert (taught(inputs).rotations - first.rotations).abs().max() > 1e-3


def test_larger_crops_are_shrunk(taught: SightedLifter, people: People) -> None:
    assert torch.isfinite(taught(looking(people, 224)).rotations).all()


@pytest.mark.parametrize("layers", ["all", "lifter", "head"])
def test_prepared_layers_predict_the_same_and_reach_their_weights(
    taught: SightedLifter, people: People, layers: str
) -> None:
    inputs = looking(people)
    predict = taught.prepare(inputs, layers)
    assert_same(predict(), taught(inputs))
    predict().rotations.square().sum().backward()
    reached = {name.partition(".")[0] for name, weight in taught.named_parameters() if weight.grad is not None}
    assert ("trunk" in reached) == (layers == "all")
    assert ("stem" in reached) == (layers != "head")
    assert "head" in reached


def test_eft_tunes_it_and_gives_every_weight_back(
    taught: SightedLifter, people: People, kinematics: Kinematics
) -> None:
    tuner = ExemplarFineTuner(taught, kinematics)
    before = {name: tensor.clone() for name, tensor in taught.state_dict().items()}
    one = RegressorInput(people.keypoints[:1], torch.randn(1, 3, 128, 128))
    confidence = one.keypoints[..., 2]
    targets = FitTargets(one.keypoints[..., :2], confidence, active_confidence(confidence, EftOptions()))
    tuning = tuner.tune(Exemplar(one, targets), tuner.resolve(EftOptions(1e-4, 12, 0.0)))
    assert tuning.steps[tuning.kept].losses.l2d < tuning.steps[0].losses.l2d
    assert all(torch.equal(tensor, before[name]) for name, tensor in taught.state_dict().items())


def test_maps_show_annotated_joints_and_the_bones_between_them() -> None:
    spin24 = get_skeleton("spin24")
    keypoints = torch.zeros(1, 24, 3)
    shoulder, elbow = spin24.index("left_shoulder"), spin24.index("left_elbow")
    keypoints[0, shoulder] = torch.tensor([-0.5, 0.0, 1.0])
    keypoints[0, elbow] = torch.tensor([0.5, 0.0, 1.0])
    believed = torch.full((1, 24, 2), 5.0)  # far outside
    believed[0, spin24.index("right_knee")] = torch.tensor([0.0, 0.5])
    maps = draw_keypoints(keypoints, believed)[0]
    assert maps.shape == (36, 32, 32)
    shown = torch.nonzero(maps[:25].amax((1, 2)) > 0.01).flatten().tolist()
    assert shown == [*sorted((shoulder, elbow, spin24.index("right_knee"))), 24]
    row, column = divmod(int(maps[shoulder].argmax()), 32)
    assert (row, column) in {(15, 7), (15, 8), (16, 7), (16, 8)}
    assert maps[24, 15:17, 8:24].min() > 0.7  # the bone is there from end to end
    assert maps[24, :, :4].max() < 0.05
    assert maps[spin24.index("right_knee")].max() < 0.51  # only believed


def test_posed_joints_are_those_of_the_body(people: People, kinematics: Kinematics) -> None:
    bones = kinematics.bones(people.rotations, torch.zeros(len(people.betas), 10))
    posed = pose_joints(people.rotations, kinematics.joints_template)
    assert torch.allclose(posed, bones.joints_cam, atol=1e-5)


def test_the_trunks_own_losses_are_zero_where_it_is_right_and_count_only_what_the_crop_shows(
    network: SightedLifter, people: People
) -> None:
    sight = network.look(looking(people))
    places = people.keypoints_true[:, 25:]
    depth = people.joints_cam[..., 2]
    depths = depth[:, 25:] - depth[:, 8:9]
    limbs = depths[:, [far for _, far in LIMBS]] - depths[:, [near for near, _ in LIMBS]]
    right = dataclasses.replace(sight, places=places, depths=depths, limbs=limbs, away=1e3 * limbs)
    losses = sight_losses(right, people, SightWeights())
    assert losses.places.item() == pytest.approx(0, abs=1e-6)
    assert losses.depths.item() == pytest.approx(0, abs=1e-6)
    assert losses.limbs.item() == pytest.approx(0, abs=1e-6)
    assert losses.away.item() == pytest.approx(0, abs=1e-6)
    outside = (places.abs() > 1).any(-1)
    moved = torch.where(outside[..., None], places + 9, places)
    assert sight_losses(dataclasses.replace(right, places=moved), people, SightWeights()).places < 1e-6
