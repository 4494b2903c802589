"""Training on pictures: they fit their truth through every change, caches and runs continue, frozen crops are exact."""

from __future__ import annotations

import csv
import dataclasses
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.spatial import cKDTree

from fitting.body.model import BodyModel, load_body
from fitting.errors import AssetError
from fitting.preprocess import build_exemplar, normalise_picture
from fitting.regressor.base import RegressorOutput
from fitting.regressor.loading import load_regressor
from fitting.render.pyrender_backend import get_renderer
from fitting.spec import EftOptions, FitJob, JobId
from fitting.training.checkpoint import write_checkpoint
from fitting.training.config import Budget
from fitting.training.picture_augmentation import AugmentationSettings, augment, mirror, rebox, to_input, to_people
from fitting.training.picture_cache import PictureCache, PicturedPeople, draw_cache, draw_people
from fitting.training.picture_compare import Way, compare
from fitting.training.picture_config import PRESETS
from fitting.training.picture_drawing import SuitArtist, paint_suit
from fitting.training.picture_evaluate import score
from fitting.training.picture_frozen import PICTURE_BOX, freeze_pictures, read_frozen_pictures
from fitting.training.picture_train import (
    CURVE_NAME,
    WEIGHTS_NAME,
    PictureTrainer,
    main,
    prepare_for_scratch,
    run,
)
from resources import default_body

TINY = PRESETS["tiny"]
CHUNK = 4


@pytest.fixture(scope="module")
def body() -> BodyModel:
    return load_body(default_body())


@pytest.fixture(scope="module")
def people(body: BodyModel) -> PicturedPeople:
    return draw_people(body, SuitArtist(body), 4, seed=5)


@pytest.fixture(scope="module")
def cache_folder(body: BodyModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cache")
    draw_cache(folder, body, 2 * CHUNK, 3, lambda text: None, chunk=CHUNK)
    return folder


@pytest.fixture
def roomy_folder() -> Iterator[Path]:
    """A folder that goes at once: a checkpoint of this network has 320 MB, and pytest keeps three runs' folders."""
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def silhouettes(body: BodyModel, people: PicturedPeople, side: int) -> torch.Tensor:
    """Pictures ``(B, side, side, 3)``, white where the people of the truth are."""
    posed = body.vertices(people.rotations, people.betas).numpy()
    masks = []
    for points, camera in zip(posed, people.camera.numpy(), strict=True):
        placed = points * (camera[0] * side / 2)
        placed[:, :2] += (camera[1:] + 1) * (side / 2)
        shown = get_renderer().draw_face_ids(placed, body.faces, (side, side)) >= 0
        masks.append(np.repeat(shown[..., None], 3, axis=2).astype(np.uint8) * 255)
    return torch.from_numpy(np.stack(masks))


def overlap(first: torch.Tensor, second: torch.Tensor) -> float:
    """Smallest intersection over union of two sets of silhouettes."""
    one, two = first[..., 0] > 127, second[..., 0] > 127
    return float(((one & two).sum((1, 2)) / (one | two).sum((1, 2))).min())


def test_suit_mirrors_into_itself_when_red_and_blue_change_places(body: BodyModel) -> None:
    suit, rest = paint_suit(body.asset), body.asset.v_template
    assert suit.min() >= 0
    assert suit.max() <= 1
    distance, partner = cKDTree(rest).query(rest * [-1, 1, 1])
    near = (distance < 0.005) & (np.abs(rest[:, 0]) > 0.03)  # the colours change fast at the midline
    assert near.mean() > 0.5
    difference = np.abs(suit[near] - suit[partner[near]][:, ::-1]).max(1)
    assert np.quantile(difference, 0.95) < 0.1
    left, right = rest[:, 0] > 0.05, rest[:, 0] < -0.05
    assert (suit[left, 0] > suit[left, 2]).all()
    assert (suit[right, 0] < suit[right, 2]).all()


def test_drawn_people_are_where_their_truth_says(body: BodyModel, people: PicturedPeople) -> None:
    drawn = people.pictures.float()
    shown = silhouettes(body, people, drawn.shape[1])[..., 0] > 0
    # The suit is the only saturated thing: red plus blue is nearly constant on it, grounds are grey.
    spread = drawn.amax(-1) - drawn.amin(-1)
    for picture, inside in zip(spread, shown, strict=True):
        assert picture[inside].mean() > 2 * picture[~inside].mean()


def test_same_seed_draws_the_same_people(body: BodyModel, people: PicturedPeople) -> None:
    again = draw_people(body, SuitArtist(body), 4, seed=5)
    assert torch.equal(again.pictures, people.pictures)
    assert torch.equal(again.rotations, people.rotations)


@pytest.mark.parametrize("side", [112, 224])
def test_reboxed_pictures_show_the_reboxed_truth(body: BodyModel, people: PicturedPeople, side: int) -> None:
    masked = dataclasses.replace(people, pictures=silhouettes(body, people, 224))
    moved = rebox(
        masked,
        body.kinematics,
        shift=torch.tensor([[0.1, -0.05], [0.0, 0.0], [-0.2, 0.1], [0.0, 0.2]]),
        stretch=torch.tensor([1.2, 1.0, 1.1, 1.5]),
        turn=torch.tensor([0.0, 0.5, -0.3, 2.0]),
        side=side,
    )
    assert overlap(moved.pictures, silhouettes(body, moved, side)) > 0.93
    assert overlap(moved.pictures, silhouettes(body, people, side)) < 0.8


def test_mirrored_pictures_show_the_mirrored_truth(body: BodyModel, people: PicturedPeople) -> None:
    masked = dataclasses.replace(people, pictures=silhouettes(body, people, 224))
    mirrored = mirror(masked, torch.tensor([True, True, True, False]))
    assert overlap(mirrored.pictures, silhouettes(body, mirrored, 224)) > 0.97
    assert torch.equal(mirrored.rotations[3], people.rotations[3])


def test_mirroring_twice_gives_everything_back(people: PicturedPeople) -> None:
    everybody = torch.ones(4, dtype=torch.bool)
    back = mirror(mirror(people, everybody), everybody)
    assert torch.equal(back.pictures, people.pictures)
    assert torch.equal(back.rotations, people.rotations)
    assert torch.equal(back.camera, people.camera)


def test_augmentation_of_no_strength_changes_nothing(body: BodyModel, people: PicturedPeople) -> None:
    nothing = AugmentationSettings(shift=0, stretch=0, turn=0, mirror=0, gain=0)
    same = augment(people, body.kinematics, 224, torch.Generator(), nothing)
    assert torch.equal(same.pictures, people.pictures)
    torch.testing.assert_close(same.camera, people.camera, atol=1e-5, rtol=1e-5)


def test_joints_outside_the_picture_are_not_labelled(body: BodyModel, people: PicturedPeople) -> None:
    close = rebox(people, body.kinematics, torch.zeros(4, 2), torch.full((4,), 0.4), torch.zeros(4), 32)
    truth = to_people(close, body.kinematics)
    outside = truth.keypoints_true.abs().amax(-1) > 1
    assert outside.any()
    assert torch.equal(truth.keypoints[..., 2] == 0, outside)
    assert (truth.keypoints[outside] == 0).all()


def test_network_input_is_the_one_of_a_fit(people: PicturedPeople) -> None:
    expected = torch.cat([normalise_picture(picture.astype(np.float32)) for picture in people.pictures.numpy()])
    torch.testing.assert_close(to_input(people.pictures), expected)


def test_interrupted_cache_goes_on_and_finished_chunks_stay(body: BodyModel, tmp_path: Path) -> None:
    draw_cache(tmp_path, body, 2, 3, lambda text: None, chunk=2)
    cache = PictureCache(tmp_path)
    written = {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    draw_cache(tmp_path, body, 4, 3, lambda text: None, chunk=2)
    assert all((tmp_path / name).stat().st_mtime_ns == time for name, time in written.items())
    assert len(cache) == 2
    cache.refresh()
    assert len(cache) == 4
    one = cache.read(torch.tensor([3, 0]))
    drawn = draw_people(body, SuitArtist(body), 2, seed=4)
    assert torch.equal(one.pictures[0], drawn.pictures[1])
    torch.testing.assert_close(one.rotations[0], drawn.rotations[1], atol=1e-5, rtol=0)


def test_empty_and_broken_caches_are_refused(body: BodyModel, tmp_path: Path) -> None:
    with pytest.raises(AssetError, match="no drawn people"):
        PictureCache(tmp_path)
    draw_cache(tmp_path, body, 2, 3, lambda text: None, chunk=2)
    (tmp_path / "00000_truth.npz").write_bytes(b"PK\x03\x04 nothing")
    with pytest.raises(AssetError, match="cannot be read"):
        PictureCache(tmp_path)


def test_pictures_grow_with_the_budget() -> None:
    config = PRESETS["suit"]
    sides = [config.side_at(used / 100) for used in range(101)]
    assert sides == sorted(sides)
    assert {sides[0], sides[-1]} == {64, 224}


def test_steps_lower_the_loss(body: BodyModel, cache_folder: Path) -> None:
    """On a batch that stays: from step to step people differ more than so few steps teach."""
    config = dataclasses.replace(TINY, stages=(dataclasses.replace(TINY.stages[0], until=1.0),), batch=8)
    trainer = PictureTrainer(config, Budget(steps=40), body, PictureCache(cache_folder))
    chance = trainer.generator.get_state()
    losses = []
    for _ in range(12):
        trainer.generator.set_state(chance)
        losses.append(trainer.step().total.item())
    assert losses[-1] < 0.8 * losses[0]


def test_a_resumed_run_equals_an_uninterrupted_one(body: BodyModel, cache_folder: Path, roomy_folder: Path) -> None:
    config = dataclasses.replace(TINY, stages=(dataclasses.replace(TINY.stages[0], until=1.0),), batch=8)
    test = PictureCache(cache_folder).read(torch.arange(2))
    whole = PictureTrainer(config, Budget(steps=8), body, PictureCache(cache_folder))
    for _ in range(8):
        whole.step()

    halves = PictureTrainer(config, Budget(steps=8), body, PictureCache(cache_folder))
    for _ in range(4):
        halves.step()
    write_checkpoint(roomy_folder, halves.regressor, halves.optimiser, halves.generator, halves.progress)
    resumed = PictureTrainer(dataclasses.replace(config, seed=9), Budget(steps=8), body, PictureCache(cache_folder))
    resumed.resume(roomy_folder)
    while resumed.used() < 1:
        resumed.step()
    pairs = zip(whole.regressor.parameters(), resumed.regressor.parameters(), strict=True)
    assert all(torch.equal(one, other) for one, other in pairs)

    resumed.budget = Budget(steps=9)
    run(resumed, roomy_folder, test, lambda text: None)
    card = load_regressor(roomy_folder / WEIGHTS_NAME).card
    assert (card.training.steps, card.training.people_seen) == (9, 72)
    assert card.input == "picture"
    with (roomy_folder / CURVE_NAME).open(newline="", encoding="utf-8") as file:
        assert [row["step"] for row in csv.DictReader(file)] == ["9"]


def test_settled_statistics_are_plain_means_over_the_batches(body: BodyModel, cache_folder: Path) -> None:
    trainer = PictureTrainer(TINY, Budget(steps=1), body, PictureCache(cache_folder))
    norm = trainer.regressor.bn1
    assert norm.running_mean is not None
    norm.running_mean.fill_(1e3)
    trainer.settle()
    assert int(norm.num_batches_tracked or 0) == TINY.settling
    assert norm.running_mean.abs().max() < 10
    assert norm.momentum == 0.1


def test_fresh_blocks_are_identities(body: BodyModel, cache_folder: Path) -> None:
    regressor = PictureTrainer(TINY, Budget(steps=1), body, PictureCache(cache_folder)).regressor
    prepare_for_scratch(regressor)
    block = regressor.layer3[1].eval()
    features = torch.rand(1, 1024, 2, 2)
    assert torch.equal(block(features), features)


def test_frozen_crops_are_exact_and_truth_scores_nothing(body: BodyModel, tmp_path: Path) -> None:
    freeze_pictures(tmp_path / "people.npz", body, 3, seed=8)
    frozen = read_frozen_pictures(tmp_path / "people.npz")
    with np.load(tmp_path / "people.npz") as archive:
        picture, keypoints_px = archive["pictures"][1], archive["keypoints_px"][1]
    job = FitJob(
        job_id=JobId("1"),
        method="eft",
        keypoints_px=keypoints_px,
        box=PICTURE_BOX,
        body=default_body(),
        regressor=tmp_path,
        picture_rgb=picture,
    )
    exemplar = build_exemplar(job, EftOptions(), uses_picture=True)
    assert exemplar.inputs.picture is not None
    torch.testing.assert_close(exemplar.inputs.picture, to_input(frozen.people.pictures[1:2]))
    torch.testing.assert_close(exemplar.inputs.keypoints[0], frozen.keypoints[1], atol=1e-5, rtol=0)
    truth = RegressorOutput(frozen.people.rotations, frozen.people.betas, frozen.people.camera)
    scores = score(truth, frozen.people, body.kinematics)
    assert scores.mpjpe_mm == pytest.approx(0, abs=1e-3)
    assert scores.l2d_median == pytest.approx(0, abs=1e-9)
    with pytest.raises(AssetError, match="freeze them again"):
        read_frozen_pictures(tmp_path / "nothing.npz")


def test_comparison_tunes_each_person_and_gives_the_weights_back(
    body: BodyModel, cache_folder: Path, tmp_path: Path
) -> None:
    regressor = PictureTrainer(TINY, Budget(steps=1), body, PictureCache(cache_folder)).regressor.eval()
    before = regressor.decpose.weight.clone()
    freeze_pictures(tmp_path / "people.npz", body, 2, seed=8)
    frozen = read_frozen_pictures(tmp_path / "people.npz").first(1)
    outcome = compare(regressor, body.kinematics, frozen, Way("head", 1e-4, 4).options(0.0))
    assert len(outcome.l2d) == 1
    assert outcome.l2d[0] < outcome.plain_l2d[0]
    assert outcome.iterations == 4
    assert torch.equal(regressor.decpose.weight, before)


def test_command_without_a_cache_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--cache", str(tmp_path / "no"), "--out", str(tmp_path / "out"), "--steps", "1"]) == 2
    assert "no drawn people" in capsys.readouterr().err
