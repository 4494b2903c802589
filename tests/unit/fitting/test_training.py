"""Training: it learns, it resumes to the bit, and its loss is zero at the truth."""

from __future__ import annotations

import csv
import dataclasses
import math
from pathlib import Path

import numpy as np
import pytest
import torch

from fitting.body.assets import BodyAsset, load_body_asset
from fitting.body.kinematics import Kinematics
from fitting.eft import ExemplarFineTuner
from fitting.errors import AssetError, WorkCancelled
from fitting.evaluation.protocols import joint_errors_mm
from fitting.losses import FitTargets, active_confidence
from fitting.preprocess import Exemplar
from fitting.regressor.base import RegressorInput, RegressorOutput
from fitting.regressor.loading import load_regressor
from fitting.spec import EftOptions, JobId, TrainJob
from fitting.synthetic.people import sample_people
from fitting.training.checkpoint import write_checkpoint
from fitting.training.config import PRESETS, Budget, TrainingWeights
from fitting.training.evaluate import evaluate
from fitting.training.frozen import FrozenPeople, freeze_people, read_frozen_people
from fitting.training.job import run_train_job
from fitting.training.loss import training_losses
from fitting.training.train import CURVE_NAME, WEIGHTS_NAME, Trainer, run
from resources import default_body, default_regressor

TINY = PRESETS["lifter_tiny"]
FROZEN = Path(__file__).parents[2] / "data" / "frozen_people.npz"


@pytest.fixture(scope="module")
def asset() -> BodyAsset:
    return load_body_asset(default_body())


def weights_of(trainer: Trainer) -> list[torch.Tensor]:
    return [parameter.detach().clone() for parameter in trainer.regressor.parameters()]


def test_twenty_steps_lower_the_loss(asset: BodyAsset) -> None:
    trainer = Trainer(TINY, Budget(steps=20), asset)
    losses = [trainer.step().total.item() for _ in range(20)]
    assert sum(losses[-5:]) < 0.9 * sum(losses[:5])
    assert trainer.is_done()


def test_resumed_run_equals_an_uninterrupted_one(asset: BodyAsset, tmp_path: Path) -> None:
    whole = Trainer(TINY, Budget(steps=12), asset)
    for _ in range(12):
        whole.step()
    first = Trainer(TINY, Budget(steps=12), asset)
    for _ in range(5):
        first.step()
    write_checkpoint(tmp_path, first.regressor, first.optimiser, first.generator, first.progress)
    second = Trainer(dataclasses.replace(TINY, seed=99), Budget(steps=12), asset)
    second.resume(tmp_path)
    assert second.progress.step == 5
    for _ in range(7):
        second.step()
    assert all(torch.equal(a, b) for a, b in zip(weights_of(whole), weights_of(second), strict=True))


def test_learning_rate_rises_then_falls_to_nothing(asset: BodyAsset) -> None:
    trainer = Trainer(TINY, Budget(steps=100), asset)
    rates = []
    for step in range(101):
        trainer.progress.step = step
        rates.append(trainer.learning_rate() / TINY.learning_rate)
    assert rates[0] == pytest.approx(1 / TINY.warm_up)
    assert max(rates) > 0.99
    assert rates[50] == pytest.approx(0.5)
    assert rates[100] == 0


def test_budget_is_used_by_whichever_ends_first() -> None:
    assert Budget(steps=10).used(5, 1e9) == 0.5
    assert Budget(seconds=60).used(10**9, 15) == 0.25
    assert Budget(steps=10, seconds=60).used(2, 45) == 0.75
    assert Budget(steps=10).used(11, 0) == 1
    with pytest.raises(ValueError, match="steps or seconds"):
        Budget()


def test_loss_is_zero_at_the_truth(asset: BodyAsset) -> None:
    kinematics = Kinematics(asset)
    settings = dataclasses.replace(TINY.people, perspective_share=0.0)
    people = sample_people(kinematics, 16, torch.Generator().manual_seed(0), settings)
    truth = RegressorOutput(people.rotations, people.betas, people.camera)
    losses = training_losses(truth, people, kinematics, TrainingWeights())
    assert losses.total.item() < 1e-4
    worse = RegressorOutput(people.rotations.flip(0), people.betas, people.camera)
    assert training_losses(worse, people, kinematics, TrainingWeights()).total.item() > 1


def train(folder: Path, **changes: object) -> None:
    plain = TrainJob(JobId("t"), "lifter_tiny", folder, default_body(), None, 3)
    run_train_job(dataclasses.replace(plain, **changes), lambda done, total: None, lambda: False)  # type: ignore[arg-type]


def test_a_job_leaves_weights_curve_and_checkpoint(tmp_path: Path) -> None:
    threads = torch.get_num_threads()
    try:
        train(tmp_path)
        train(tmp_path, resume=True)
    finally:
        torch.set_num_threads(threads)
    card = load_regressor(tmp_path / WEIGHTS_NAME).card
    assert card.training.preset == "lifter_tiny"
    assert card.training.people_seen == card.training.steps * TINY.batch
    assert math.isfinite(card.results["synthetic_pa_mm"])
    with (tmp_path / CURVE_NAME).open() as file:
        assert [int(row["step"]) for row in csv.DictReader(file)] == [3]


def test_long_runs_leave_a_checkpoint_on_the_way(asset: BodyAsset, tmp_path: Path) -> None:
    freeze_people(tmp_path / "people.npz", Kinematics(asset), count=10)
    used: list[float] = []
    trainer = Trainer(TINY, Budget(steps=3), asset)
    run(trainer, tmp_path, read_frozen_people(tmp_path / "people.npz"), used.append, checkpoint_seconds=0)
    assert used == pytest.approx([1 / 3, 2 / 3, 1])
    with (tmp_path / CURVE_NAME).open() as file:
        assert len(list(csv.DictReader(file))) == 3
    resumed = Trainer(TINY, Budget(steps=3), asset)
    resumed.resume(tmp_path)
    assert resumed.progress.step == 3


def test_a_restart_goes_on_from_weights_and_counts_both_runs(asset: BodyAsset, tmp_path: Path) -> None:
    first = Trainer(TINY, Budget(steps=2), asset)
    first.step()
    scores = evaluate(first.regressor, first.kinematics, read_frozen_people(FROZEN))
    first.export(tmp_path / "first.safetensors", scores)
    second = Trainer(dataclasses.replace(TINY, seed=2), Budget(steps=2), asset)
    second.start_from(tmp_path / "first.safetensors")
    assert all(torch.equal(a, b) for a, b in zip(weights_of(first), weights_of(second), strict=True))
    second.step()
    assert second.export(tmp_path / "second.safetensors", scores).training.people_seen == 2 * TINY.batch
    with pytest.raises(AssetError, match="another size"):
        Trainer(dataclasses.replace(TINY, width=32), Budget(steps=1), asset).start_from(tmp_path / "first.safetensors")


def test_nothing_to_resume_is_said(tmp_path: Path) -> None:
    with pytest.raises(AssetError, match="no run to resume"):
        train(tmp_path, resume=True)


def test_a_cancelled_run_goes_on_from_its_last_step(asset: BodyAsset, tmp_path: Path) -> None:
    people = tmp_path / "people.npz"
    freeze_people(people, Kinematics(asset), count=10)
    trainer = Trainer(TINY, Budget(steps=9), asset)
    with pytest.raises(WorkCancelled):
        run(trainer, tmp_path, read_frozen_people(people), lambda used: None, lambda: trainer.progress.step == 2)
    resumed = Trainer(TINY, Budget(steps=9), asset)
    resumed.resume(tmp_path)
    assert resumed.progress.step == 2


def test_checkpoint_of_another_network_is_refused(asset: BodyAsset, tmp_path: Path) -> None:
    trainer = Trainer(TINY, Budget(steps=1), asset)
    write_checkpoint(tmp_path, trainer.regressor, trainer.optimiser, trainer.generator, trainer.progress)
    with pytest.raises(AssetError, match="damaged or of another network"):
        Trainer(dataclasses.replace(TINY, width=32), Budget(steps=1), asset).resume(tmp_path)


def test_frozen_people_come_back(asset: BodyAsset, tmp_path: Path) -> None:
    kinematics = Kinematics(asset)
    freeze_people(tmp_path / "a.npz", kinematics, count=20, seed=4)
    people = read_frozen_people(tmp_path / "a.npz")
    assert len(people) == 20
    assert (people.visible() >= TINY.people.visibility.least).all()
    identity = torch.eye(3).expand(20, 24, 3, 3)
    torch.testing.assert_close(people.rotations @ people.rotations.transpose(-1, -2), identity, atol=1e-5, rtol=0)
    with pytest.raises(AssetError, match=r"missing\.npz cannot be read"):
        read_frozen_people(tmp_path / "missing.npz")


def exemplars(people: FrozenPeople) -> list[Exemplar]:
    made = []
    for keypoints in people.keypoints[:, None]:
        confidence = keypoints[..., 2]
        targets = FitTargets(keypoints[..., :2], confidence, active_confidence(confidence, EftOptions()))
        made.append(Exemplar(RegressorInput(keypoints, None), targets))
    return made


def test_eft_with_the_cards_settings_mends_2d_without_harming_3d(asset: BodyAsset) -> None:
    frozen = read_frozen_people(FROZEN)
    kinematics = Kinematics(asset)
    tuner = ExemplarFineTuner(load_regressor(default_regressor()), kinematics)
    resolved = tuner.resolve(EftOptions())
    tunings = [tuner.tune(exemplar, resolved) for exemplar in exemplars(frozen)[:12]]
    ends = [(tuning.steps[0], tuning.steps[tuning.kept]) for tuning in tunings]
    truth = kinematics(frozen.rotations[:12], frozen.betas[:12]).numpy()
    pa = []
    for which in (0, 1):
        fits = [end[which].fit for end in ends]
        rotations, betas = (torch.tensor(np.stack([getattr(f, name) for f in fits])) for name in ("rotations", "betas"))
        pa.append(joint_errors_mm(kinematics(rotations, betas).numpy(), truth)[1].mean())
    assert np.median([end.losses.l2d for _, end in ends]) < 0.6 * np.median([start.losses.l2d for start, _ in ends])
    assert pa[1] < pa[0] + 2


def test_tuning_gives_the_weights_back(asset: BodyAsset) -> None:
    regressor = load_regressor(default_regressor())
    before = [parameter.detach().clone() for parameter in regressor.parameters()]
    frozen = read_frozen_people(FROZEN)
    tuner = ExemplarFineTuner(regressor, Kinematics(asset))
    tuner.tune(exemplars(frozen)[0], tuner.resolve(EftOptions(stop_l2d=1e-9, max_iterations=3)))
    assert all(torch.equal(a, b) for a, b in zip(before, regressor.parameters(), strict=True))
