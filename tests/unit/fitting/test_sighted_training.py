"""Training on galleries: samples fit their truth through every change, runs continue to the bit, ends are clean."""

from __future__ import annotations

import csv
import dataclasses
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from fitting.body.kinematics import Kinematics
from fitting.body.model import load_body
from fitting.errors import AssetError, JobError, WorkCancelled
from fitting.geometry.camera import project_to_crop
from fitting.preprocess import IMAGENET_MEAN, IMAGENET_STD
from fitting.regressor.loading import load_regressor
from fitting.regressor.sighted_lifter import SightedLifter
from fitting.spec import GalleryOrder, GallerySettings, JobId, TrainJob
from fitting.synthetic.gallery import files, produce
from fitting.synthetic.people import SPIN24_START
from fitting.training.job import run_train_job
from fitting.training.sighted.evaluate import evaluate_sighted, read_test_samples
from fitting.training.sighted.gallery import Gallery
from fitting.training.sighted.samples import SampleSettings, draw_samples
from resources import default_body
from resources.skeleton import get_skeleton

PEOPLE = 24
PLAIN = SampleSettings(
    mirror=0, turn=0, close_up=0, fine_jitter=(0, 0), coarse_jitter=(0, 0), grey=0, blind=0, patch=0, gain=0
)


@pytest.fixture(scope="module")
def kinematics() -> Kinematics:
    return load_body(default_body()).kinematics


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Without perspective and company, so that the weak camera is exact and whoever is seen is seen whole."""
    settings = GallerySettings(person_px=(80, 120), largest_px=160, weak_share=1.0, close_share=0.0, company=(0, 0))
    order = GalleryOrder(tmp_path_factory.mktemp("gallery") / "g", PEOPLE, 3, default_body(), settings)
    produce.begin_gallery(order)
    assert produce.draw_chunk(order, 0) >= PEOPLE
    produce.finish_gallery(order, 1)
    return order.folder


@pytest.fixture(scope="module")
def gallery(folder: Path) -> Gallery:
    return Gallery(folder)


def job(folder: Path, out: Path, **changes: object) -> TrainJob:
    plain = TrainJob(JobId("t"), "open_tiny", out, default_body(), None, 4, folder)
    return dataclasses.replace(plain, **changes)  # type: ignore[arg-type]


def train(wanted: TrainJob, until: int | None = None) -> None:
    """Train; ``until`` cancels after so many steps."""
    steps: list[int] = []
    run_train_job(wanted, lambda done, total: steps.append(done), lambda: until is not None and len(steps) >= until)


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"mirror": 1.0},
        {"turn": 1.0, "turn_std": 0.5},
        {"close_up": 1.0},
        {"coarse_jitter": (0.1, 0.2), "coarse": 1.0},
    ],
    ids=["plain", "mirrored", "turned", "close up", "jittered"],
)
def test_the_truth_follows_its_sample(gallery: Gallery, kinematics: Kinematics, change: dict[str, float]) -> None:
    settings = dataclasses.replace(PLAIN, **change)  # type: ignore[arg-type]
    people = draw_samples(gallery, kinematics, 16, torch.Generator().manual_seed(1), settings).people
    projected = project_to_crop(kinematics(people.rotations, people.betas), people.camera)
    assert (projected - people.keypoints_true).abs().max() < 2e-3
    assert torch.allclose(torch.linalg.det(people.rotations), torch.ones(16, 24), atol=1e-4)


def test_a_mirrored_sample_is_the_mirror_image(gallery: Gallery, kinematics: Kinematics) -> None:
    def sample(mirror: float) -> tuple[torch.Tensor, torch.Tensor]:
        settings = dataclasses.replace(PLAIN, mirror=mirror)
        samples = draw_samples(gallery, kinematics, 8, torch.Generator().manual_seed(2), settings)
        return samples.pictures, samples.people.keypoints_true

    (pictures, points), (mirrored, mirrored_points) = sample(0.0), sample(1.0)
    assert (mirrored.flip(3) - pictures).abs().mean() < 0.02
    flip = list(get_skeleton("spin49").flip)
    assert torch.allclose(mirrored_points[:, flip] * torch.tensor([-1.0, 1.0]), points, atol=1e-5)


def test_keypoints_lie_on_the_person_in_the_picture(folder: Path, gallery: Gallery, kinematics: Kinematics) -> None:
    """The body parts map, cut by the same box, shows somebody where a visible joint is said to be."""
    truth = files.read_truth(folder / "truth.npz")
    test = read_test_samples(gallery, PEOPLE, least_keypoints=0)
    mean, std = (torch.tensor(values)[:, None, None] for values in (IMAGENET_MEAN, IMAGENET_STD))
    pictures = test.pictures * std + mean
    assert pictures.shape == (PEOPLE, 3, 128, 128)
    assert pictures.min() > -0.01 and pictures.max() < 1.01
    for row in range(PEOPLE):
        scale = 100 * truth["scale"][row]
        given = test.keypoints[row, SPIN24_START:, 2] > 0
        expected = (truth["keypoints_px"][row, SPIN24_START:] - truth["center_px"][row]) / scale
        assert np.allclose(test.keypoints[row, SPIN24_START:, :2][given], expected[given.numpy()], atol=1e-3)
        # The crop's own pixel at a picture's pixel is the picture's colour: the map of the crop is the box's.
        picture = gallery.picture(int(truth["image_id"][row])).astype(float) / 255
        x, y = np.clip(np.rint(truth["center_px"][row]).astype(int), 0, np.array(picture.shape[1::-1]) - 1)
        k = (np.array([x, y]) + 0.5 - truth["center_px"][row]) / scale
        column, line = (np.clip((k + 1) * 64, 0, 127)).astype(int)
        near = pictures[row, :, max(line - 2, 0) : line + 3, max(column - 2, 0) : column + 3].flatten(1)
        assert (near - torch.tensor(picture[y, x])[:, None]).abs().amax(0).min() < 0.12


def test_samples_repeat(gallery: Gallery, kinematics: Kinematics) -> None:
    first, second = (
        draw_samples(gallery, kinematics, 8, torch.Generator().manual_seed(9), SampleSettings()) for _ in range(2)
    )
    assert torch.equal(first.pictures, second.pictures)
    assert torch.equal(first.people.keypoints, second.people.keypoints)
    assert torch.equal(first.people.camera, second.people.camera)


def test_an_interrupted_run_goes_on_to_the_bit(folder: Path, tmp_path: Path) -> None:
    train(job(folder, tmp_path / "whole"))
    with pytest.raises(WorkCancelled):
        train(job(folder, tmp_path / "parts"), until=2)
    train(job(folder, tmp_path / "parts", resume=True))
    whole, parts = (load_regressor(tmp_path / name / "open_regressor.safetensors") for name in ("whole", "parts"))
    assert all(torch.equal(tensor, parts.state_dict()[name]) for name, tensor in whole.state_dict().items())
    assert whole.card.training.steps == parts.card.training.steps == 4


def test_a_run_leaves_a_card_and_a_curve_and_changes_every_part(folder: Path, tmp_path: Path) -> None:
    result = run_train_job(job(folder, tmp_path), lambda done, total: None, lambda: False)
    trained = load_regressor(result.weights)
    assert isinstance(trained, SightedLifter) and trained.card.input == "picture"
    assert result.steps == 4 and result.scores == trained.card.results
    assert trained.entry.weight.abs().max() > 0
    with (tmp_path / "curve.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert rows[-1]["step"] == "4" and float(rows[-1]["pa_mm"]) > 0


def test_a_run_starts_from_a_lifter(folder: Path, tmp_path: Path, kinematics: Kinematics) -> None:
    lifter = TrainJob(JobId("l"), "lifter_tiny", tmp_path / "lifter", default_body(), None, 3)
    start = run_train_job(lifter, lambda done, total: None, lambda: False)
    went_on = run_train_job(
        job(folder, tmp_path / "open", steps=1, start=start.weights), lambda done, total: None, lambda: False
    )
    assert load_regressor(went_on.weights).card.training.steps == 4
    with pytest.raises(AssetError, match="another size"):
        run_train_job(
            job(folder, tmp_path / "big", preset="open", start=start.weights), lambda done, total: None, lambda: False
        )


def test_the_join_learns_while_the_trunk_stays(folder: Path, tmp_path: Path) -> None:
    first = run_train_job(job(folder, tmp_path / "open"), lambda done, total: None, lambda: False)
    join = job(folder, tmp_path / "join", preset="open_join_tiny", start=first.weights)
    result = run_train_job(join, lambda done, total: None, lambda: False)
    before, after = (load_regressor(weights).state_dict() for weights in (first.weights, result.weights))
    changed = {name.partition(".")[0] for name, tensor in after.items() if not torch.equal(tensor, before[name])}
    assert changed >= {"joined", "entry", "stem", "blocks", "head"}
    assert "trunk" not in changed
    with pytest.raises(WorkCancelled):
        train(dataclasses.replace(join, folder=tmp_path / "parts"), until=2)
    train(dataclasses.replace(join, folder=tmp_path / "parts", resume=True))
    parts = load_regressor(tmp_path / "parts" / "open_regressor.safetensors").state_dict()
    assert all(torch.equal(tensor, parts[name]) for name, tensor in after.items())


def test_a_gallery_is_read_while_it_grows(tmp_path: Path) -> None:
    order = GalleryOrder(tmp_path / "g", 99, 3, default_body(), GallerySettings(person_px=(48, 60), largest_px=80))
    produce.begin_gallery(order)
    growing = Gallery(order.folder)
    assert len(growing) == 0
    produce.draw_chunk(order, 1)
    growing.grow()
    assert len(growing) == 0  # chunk 0 is not there yet
    first = produce.draw_chunk(order, 0)
    growing.grow()
    assert len(growing) == first + produce.draw_chunk(order, 1)


def test_scores_tell_what_the_picture_earns(
    gallery: Gallery, folder: Path, tmp_path: Path, kinematics: Kinematics
) -> None:
    result = run_train_job(job(folder, tmp_path, steps=2), lambda done, total: None, lambda: False)
    network = load_regressor(result.weights)
    assert isinstance(network, SightedLifter)
    test = read_test_samples(gallery, PEOPLE)
    torch.nn.init.normal_(network.entry.weight, std=0.3)
    scores = evaluate_sighted(network, kinematics, test)
    assert scores.pa_mm != scores.blind_pa_mm
    many = test.many()
    if many.any() and not many.all():
        mixed = many.mean() * scores.pa_mm_many + (1 - many.mean()) * scores.pa_mm_few
        assert scores.pa_mm == pytest.approx(mixed, rel=1e-4)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"preset": "grand"}, "no training preset 'grand'"),
        ({"steps": None}, "needs an end"),
        ({"pictures": None}, "learns from pictures"),
        ({"pictures": Path("/nowhere")}, "no synthetic pictures"),
        ({"resume": True}, "no run to resume"),
    ],
)
def test_what_cannot_be_trained_is_said(folder: Path, tmp_path: Path, change: dict[str, object], sentence: str) -> None:
    with pytest.raises((JobError, AssetError), match=sentence):
        train(job(folder, tmp_path, **change))


def test_a_folder_with_a_run_is_only_resumed(folder: Path, tmp_path: Path) -> None:
    train(job(folder, tmp_path, steps=1))
    with pytest.raises(AssetError, match="holds a training run already"):
        train(job(folder, tmp_path, steps=1))
    weights = tmp_path / "open_regressor.safetensors"
    trained = weights.read_bytes()
    weights.write_bytes(b"of a checkpoint before: the run was cut off at its end")
    result = run_train_job(job(folder, tmp_path, steps=1, resume=True), lambda done, total: None, lambda: False)
    assert weights.read_bytes() == trained
    assert result.scores == load_regressor(weights).card.results


def test_pictures_of_another_body_are_refused(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(folder, other)
    manifest = json.loads((other / "manifest.json").read_text())
    (other / "manifest.json").write_text(json.dumps({**manifest, "body_sha256": "0" * 64}))
    for change in ({"pictures": other}, {"test": other}):
        with pytest.raises(AssetError, match="of another body"):
            train(job(folder, tmp_path / "out", **change))


@pytest.mark.parametrize("content", [b"", b"garbage", b"\x80\x02garbage"])
def test_a_damaged_checkpoint_is_one_sentence(folder: Path, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "checkpoint.pt").write_bytes(content)
    with pytest.raises(AssetError, match=r"checkpoint\.pt is damaged or of another network; [^\n]*$"):
        train(job(folder, tmp_path, resume=True))


def test_a_damaged_picture_is_named(folder: Path, gallery: Gallery) -> None:
    with pytest.raises(AssetError, match=r"99999999\.jpg"):
        gallery.picture(99_999_999)
