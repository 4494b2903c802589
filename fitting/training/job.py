"""A training job: which trainer a preset asks for, and where its files go."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import torch

from fitting.body.assets import load_body_asset
from fitting.errors import AssetError, JobError
from fitting.places import writing_to
from fitting.runners.process import share_cores
from fitting.spec import TrainJob, TrainResult
from fitting.training import train as lifter
from fitting.training.checkpoint import FILE_NAME as CHECKPOINT_NAME
from fitting.training.checkpoint import Progress
from fitting.training.config import PRESETS as LIFTER_PRESETS
from fitting.training.config import Budget
from fitting.training.frozen import freeze_people, read_frozen_people
from fitting.training.sighted import train as sighted
from fitting.training.sighted.config import PRESETS as SIGHTED_PRESETS
from fitting.training.sighted.evaluate import read_test_samples
from fitting.training.sighted.gallery import Gallery
from fitting.training.sighted.join import JoinTrainer

OnDone = Callable[[int, int], None]
_TEST_PEOPLE: Final = 500


def run_train_job(job: TrainJob, on_done: OnDone, is_cancelled: Callable[[], bool]) -> TrainResult:
    """Train by a preset.

    Args:
        job: What to train.
        on_done: Told the thousandths of the budget that are used, of a thousand.
        is_cancelled: Asked after every step.

    Raises:
        JobError: The preset is unknown, or something it needs is not given.
        AssetError: A file cannot be read, or belongs to another run.
        WorkCancelled: ``is_cancelled`` said so; the last step is in the checkpoint.
    """
    if not job.minutes and not job.steps:
        raise JobError("A training needs an end; give --minutes or --steps.")
    known = sorted({*SIGHTED_PRESETS, *LIFTER_PRESETS})
    if job.preset not in known:
        raise JobError(f"There is no training preset '{job.preset}'; known are {', '.join(known)}.")
    if not job.resume and (job.folder / CHECKPOINT_NAME).exists():
        raise AssetError(
            f"The folder {job.folder} holds a training run already; go on with it by --resume, or name another folder."
        )
    torch.set_num_threads(share_cores(1))
    budget = Budget(job.steps, 60 * job.minutes if job.minutes else None)
    with writing_to(job.folder, "go on with --resume"):
        job.folder.mkdir(parents=True, exist_ok=True)
        train = _train_sighted if job.preset in SIGHTED_PRESETS else _train_lifter
        return train(job, budget, on_done, is_cancelled)


def _train_sighted(job: TrainJob, budget: Budget, on_done: OnDone, is_cancelled: Callable[[], bool]) -> TrainResult:
    if job.pictures is None:
        raise JobError(
            f"The preset '{job.preset}' learns from pictures; make some with 'python main.py synth FOLDER' and give"
            " --pictures FOLDER."
        )
    asset = load_body_asset(job.body)
    gallery = Gallery(job.pictures, asset.sha256)
    test = read_test_samples(Gallery(job.test, asset.sha256) if job.test else gallery, _TEST_PEOPLE)
    if not len(gallery):
        raise AssetError(f"{job.pictures} holds nobody to train with yet; let 'synth' draw some more.")
    if not len(test.betas):
        raise AssetError(f"{job.test or job.pictures} holds nobody with 6 keypoints to measure; let 'synth' draw more.")
    config = SIGHTED_PRESETS[job.preset]
    trainer = (JoinTrainer if config.kept else sighted.SightedTrainer)(config, budget, asset, gallery)
    if job.start:
        trainer.start_from(job.start)
    if job.resume:
        trainer.resume(job.folder)
    sighted.run(trainer, job.folder, test, lambda used: on_done(round(1000 * used), 1000), is_cancelled)
    return _result(job, job.folder / sighted.WEIGHTS_NAME, trainer.regressor.card.results, trainer.progress)


def _train_lifter(job: TrainJob, budget: Budget, on_done: OnDone, is_cancelled: Callable[[], bool]) -> TrainResult:
    trainer = lifter.Trainer(LIFTER_PRESETS[job.preset], budget, load_body_asset(job.body))
    if job.start:
        trainer.start_from(job.start)
    if job.resume:
        trainer.resume(job.folder)
    people = job.folder / lifter.TEST_NAME
    if not people.exists():
        freeze_people(people, trainer.kinematics)
    lifter.run(
        trainer, job.folder, read_frozen_people(people), lambda used: on_done(round(1000 * used), 1000), is_cancelled
    )
    return _result(job, job.folder / lifter.WEIGHTS_NAME, trainer.regressor.card.results, trainer.progress)


def _result(job: TrainJob, weights: Path, scores: Mapping[str, float], progress: Progress) -> TrainResult:
    return TrainResult(job.job_id, weights, dict(scores), progress.step, round(progress.seconds, 1))
