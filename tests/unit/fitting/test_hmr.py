"""The network of the published checkpoints (eft_method.md 2.1-2.5)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from fitting.errors import JobError
from fitting.geometry.rotations import matrix_to_axis_angle, six_d_to_matrix
from fitting.optimise import set_tuning_mode
from fitting.preprocess import build_exemplar, normalise_picture
from fitting.regressor.base import RegressorInput
from fitting.regressor.card import RegressorCard, TrainingRecord
from fitting.regressor.hmr import Hmr
from fitting.regressor.loading import load_regressor
from fitting.regressor.norm import FrozenableBatchNorm
from fitting.spec import EftOptions
from tests.helpers import released
from tests.helpers.fits import fit_job

CARD = RegressorCard(
    name="untrained",
    architecture="hmr-resnet50",
    settings={},
    learning_rate=5e-6,
    max_iterations=20,
    stop_l2d=1e-4,
    body_name="",
    body_sha256="",
    licence="",
    weights_sha256="",
    training=TrainingRecord(data="", preset="", steps=0, people_seen=0, seconds=0, machine=""),
)


@pytest.fixture(scope="session")
def checkpoint(published_checkpoint: Path) -> Path:
    return published_checkpoint


@pytest.fixture(scope="module")
def network(checkpoint: Path) -> Hmr:
    network = load_regressor(checkpoint)
    assert isinstance(network, Hmr)
    set_tuning_mode(network)
    return network


def picture(seed: int = 0) -> RegressorInput:
    generator = torch.Generator().manual_seed(seed)
    return RegressorInput(torch.zeros(1, 49, 3), torch.randn(1, 3, 224, 224, generator=generator))


def test_the_tabled_state() -> None:
    with torch.device("meta"):
        network = Hmr(CARD)
    state = {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}
    assert len(state) == 331
    assert sum(parameter.numel() for parameter in network.parameters()) == 26_977_501
    assert state["conv1.weight"] == (64, 3, 7, 7)
    assert state["layer2.0.conv1.weight"] == (128, 256, 1, 1)
    assert state["layer2.0.downsample.0.weight"] == (512, 256, 1, 1)
    assert state["layer4.2.conv2.weight"] == (512, 512, 3, 3)
    assert state["layer4.2.bn3.running_var"] == (2048,)
    assert state["bn1.num_batches_tracked"] == ()
    assert (state["fc1.weight"], state["decpose.weight"]) == ((1024, 2205), (144, 1024))
    assert (state["init_pose"], state["init_shape"], state["init_cam"]) == ((1, 144), (1, 10), (1, 3))
    assert not any("layer1.1.downsample" in name for name in state)


def test_the_head_starts_at_the_mean_body() -> None:
    network = Hmr(CARD).eval()
    with torch.no_grad():
        for decoder in (network.decpose, network.decshape, network.deccam):
            decoder.weight.zero_()
            decoder.bias.zero_()
        output = network(picture())
    rotations = output.rotations[0]
    torch.testing.assert_close(rotations[0], torch.diag(torch.tensor([1.0, -1.0, -1.0])))
    angles = matrix_to_axis_angle(rotations)
    np.testing.assert_allclose(angles[18], [0.12222859, -0.91159104, 0.23825037], atol=1e-5)  # appendix A, left elbow
    np.testing.assert_allclose(output.betas[0, 1], 0.33556296, rtol=1e-6)
    np.testing.assert_allclose(output.camera[0], [0.9, 0, 0], rtol=1e-6)


def test_it_predicts_what_the_formulas_say(network: Hmr, checkpoint: Path) -> None:
    state = torch.load(checkpoint, weights_only=True)["model"]
    inputs = picture()
    assert inputs.picture is not None
    with torch.no_grad():
        rotations, betas, camera = released.forward(state, inputs.picture)
        ours = network(inputs)
    torch.testing.assert_close(ours.rotations, rotations, atol=2e-6, rtol=0)
    torch.testing.assert_close(ours.betas, betas, atol=2e-6, rtol=0)
    torch.testing.assert_close(ours.camera, camera, atol=2e-6, rtol=0)


def test_six_numbers_are_rows_of_three_by_two() -> None:
    torch.testing.assert_close(
        six_d_to_matrix(torch.tensor([1.0, 0, 0, -1, 0, 0])), torch.diag(torch.tensor([1.0, -1.0, -1.0]))
    )


@pytest.mark.parametrize("layers", list(Hmr.layer_subsets))
def test_a_subset_tunes_its_layers_and_no_others(network: Hmr, layers: str) -> None:
    inputs = picture()
    predict = network.prepare(inputs, layers)
    output = predict()
    with torch.no_grad():
        torch.testing.assert_close(output.rotations, network(inputs).rotations, atol=1e-6, rtol=0)
    wanted = {id(parameter) for parameter in network.parameters_of(layers) if parameter.requires_grad}
    assert wanted
    (output.rotations.square().sum() + output.betas.sum() + output.camera.sum()).backward()
    reached = {id(parameter) for parameter in network.parameters() if parameter.grad is not None}
    assert wanted <= reached
    network.zero_grad(set_to_none=True)


def test_the_subsets_are_those_of_the_ablations(network: Hmr) -> None:
    count = {layers: sum(p.numel() for p in network.parameters_of(layers)) for layers in network.layer_subsets}
    assert count["all"] == 26_977_501
    assert count["decoders"] == 1024 * 157 + 157
    assert count["fc2+decoders"] == count["decoders"] + 1024 * 1024 + 1024
    assert count["head"] == count["fc2+decoders"] + 1024 * 2205 + 1024
    assert count["layer4+head"] == count["layer4"] + count["head"]
    assert count["layer4.2.conv3"] == 2048 * 512
    assert count["layer4+head"] < count["layer3+"] < count["layer2+"] < count["layer1+"] < count["all"]
    assert count["conv+head"] == count["all"] - 128  # the first batch norm is no convolution
    assert count["stages"] == count["layer1+"] - count["head"]


def test_a_spin_camera_is_converted_before_it_leaves(checkpoint: Path, network: Hmr) -> None:
    spin = load_regressor(checkpoint, "spin")
    with torch.no_grad():
        theirs, ours = spin(picture()).camera[0], network(picture()).camera[0]
    scale, x, y = ours.tolist()
    np.testing.assert_allclose(theirs.numpy(), [scale, scale * x, scale * y], atol=1e-6)


def test_frozen_norm_is_batch_norm() -> None:
    torch.manual_seed(0)
    ours, theirs = FrozenableBatchNorm(6), torch.nn.BatchNorm2d(6)
    with torch.no_grad():
        for norm in (ours, theirs):
            generator = torch.Generator().manual_seed(1)
            norm.weight.copy_(torch.randn(6, generator=generator))
            norm.bias.copy_(torch.randn(6, generator=generator))
            norm.running_mean.copy_(torch.randn(6, generator=generator))
            norm.running_var.copy_(torch.rand(6, generator=generator) + 0.5)
    features = torch.randn(2, 6, 5, 4)
    for norm in (ours, theirs):
        norm.eval().requires_grad_(False)
    torch.testing.assert_close(ours(features), theirs(features))
    state = {name: tensor + 1 for name, tensor in theirs.state_dict().items()}
    ours.load_state_dict(state)
    theirs.load_state_dict(state)
    torch.testing.assert_close(ours(features), theirs(features))
    for norm in (ours, theirs):
        norm.train().requires_grad_(True)
    torch.testing.assert_close(ours(features), theirs(features))
    torch.testing.assert_close(ours.running_mean, theirs.running_mean)
    for norm in (ours, theirs):
        norm.eval().requires_grad_(False)
    torch.testing.assert_close(ours(features), theirs(features))


def test_input_normalisation_by_hand() -> None:
    crop = np.zeros((224, 224, 3), dtype=np.float32)
    crop[10, 20] = (255, 128, 0)
    tensor = normalise_picture(crop)
    assert tensor.shape == (1, 3, 224, 224)
    expected = [(1 - 0.485) / 0.229, (128 / 255 - 0.456) / 0.224, (0 - 0.406) / 0.225]
    np.testing.assert_allclose(tensor[0, :, 10, 20].numpy(), expected, rtol=1e-6)


def test_a_job_without_a_picture_says_so(checkpoint: Path) -> None:
    with pytest.raises(JobError, match=r"person 1 of test\.jpg: .* looks at the picture"):
        build_exemplar(fit_job(regressor=checkpoint, picture_rgb=None), EftOptions(crop="exact"), uses_picture=True)
