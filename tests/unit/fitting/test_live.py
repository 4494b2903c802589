"""A session that follows the hand, without a runner around it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from fitting.eft import FitCancelled
from fitting.errors import JobError
from fitting.fit import load_tuner
from fitting.geometry.camera import crop_to_image
from fitting.live import STOP_SHARE, live_options, run_live_job
from fitting.runners.inbox import Inbox
from fitting.spec import DRAG_WEIGHT, EftOptions, FitJob, JobId, LiveEnd, LiveJob, LiveProgressed, LiveUpdate
from resources.skeleton import get_skeleton
from tests.helpers.fits import fit_job

WRIST = get_skeleton("spin49").index("left_wrist")
ID = JobId("live")


def moved(job: FitJob, number: int, right: float) -> LiveUpdate:
    keypoints_px = np.array(job.keypoints_px)
    keypoints_px[WRIST, 0] += right
    return LiveUpdate(ID, number, keypoints_px, {}, {"left_wrist": DRAG_WEIGHT})


def weights_of(job: FitJob) -> list[torch.Tensor]:
    network = load_tuner(job.body, job.regressor, job.camera).regressor
    return [parameter.detach().clone() for parameter in network.parameters()]


def run(job: LiveJob, react: Callable[[LiveProgressed, Inbox], None]) -> list[LiveProgressed]:
    inbox, shown = Inbox(), []

    def on_event(event: LiveProgressed) -> None:
        shown.append(event)
        react(event, inbox)

    run_live_job(job, inbox, on_event)
    return shown


def test_the_wrist_stays_close_behind_a_drag_of_40_pixels() -> None:
    """Straight outwards, where the arm is soon too short: the hardest way to pull."""
    job = fit_job(options=EftOptions(stop_l2d=3e-5))
    frames, later = 30, 12
    behind: list[float] = []

    def react(event: LiveProgressed, inbox: Inbox) -> None:
        if event.number:
            hand = job.keypoints_px[WRIST, :2] + (40 * event.number / frames, 0)
            behind.append(float(np.linalg.norm(crop_to_image(event.step.joints_crop, job.box)[WRIST] - hand)))
        if not event.settled or (event.step.iteration % 3 and not event.resting):
            return  # three steps an update: ninety a second, for a hand that is seen thirty times
        if event.number < frames:
            inbox.put(moved(job, event.number + 1, 40 * (event.number + 1) / frames))
        elif len(behind) > 3 * frames + later:
            inbox.put(LiveEnd(ID))

    run(LiveJob(ID, job), react)
    assert max(behind) < 6
    assert behind[-1] < 3


@pytest.mark.parametrize("ending", ["end", "cancel", "error"])
def test_the_network_is_given_back_bit_for_bit(ending: str) -> None:
    job = fit_job()
    before = weights_of(job)
    changed = []

    def react(event: LiveProgressed, inbox: Inbox) -> None:
        if event.step.iteration == 3:
            changed.append(not all(map(torch.equal, before, weights_of(job))))
            inbox.put(LiveEnd(ID) if ending == "end" else LiveUpdate(ID, 1, np.full((49, 3), np.nan)))

    if ending == "cancel":
        with pytest.raises(FitCancelled):
            run_live_job(LiveJob(ID, job), Inbox(), lambda event: react(event, Inbox()), lambda: bool(changed))
    elif ending == "error":
        with pytest.raises(JobError, match="not a number"):
            run(LiveJob(ID, job), react)
    else:
        run(LiveJob(ID, job), react)
    assert changed == [True]
    assert all(map(torch.equal, before, weights_of(job)))


def test_what_a_session_tunes_stands_on_the_card(published_checkpoint: Path) -> None:
    job = LiveJob(ID, fit_job())
    tuner = load_tuner(job.fit.body, job.fit.regressor, job.fit.camera)
    live = tuner.regressor.card.live
    assert live is not None
    options = live_options(job, tuner)
    assert (options.layers, options.learning_rate) == (live.layers, live.learning_rate)
    assert options.stop_l2d == STOP_SHARE * tuner.regressor.card.stop_l2d
    picture_job = LiveJob(ID, fit_job(regressor=published_checkpoint))
    tuner = load_tuner(picture_job.fit.body, published_checkpoint, "eft")
    fast = tuner.regressor.card.fast
    assert fast is not None
    options = live_options(picture_job, tuner)
    assert (options.layers, options.learning_rate) == (fast.layers, fast.learning_rate)


def test_the_published_network_follows_too(published_checkpoint: Path) -> None:
    picture = np.random.default_rng(0).integers(0, 256, (480, 640, 3), dtype=np.uint8)
    job = fit_job(regressor=published_checkpoint, picture_rgb=picture)

    def react(event: LiveProgressed, inbox: Inbox) -> None:
        if event.step.iteration == 0:
            inbox.put(moved(job, 1, 20))
        elif event.step.iteration == 6:
            inbox.put(LiveEnd(ID))

    shown = run(LiveJob(ID, job), react)
    assert [event.number for event in shown] == [0, 1, 1, 1, 1, 1, 1]
    losses = [event.step.losses.total for event in shown[1:]]
    assert losses[-1] < losses[0]


def test_an_inbox_keeps_the_newest_update_and_the_end_is_final() -> None:
    inbox, job = Inbox(), fit_job()
    assert inbox.take() is None
    first, second = moved(job, 1, 1), moved(job, 2, 2)
    inbox.put(first)
    inbox.put(second)
    assert inbox.take() is second
    assert inbox.take() is None
    inbox.put(first)
    inbox.put(LiveEnd(ID))
    assert inbox.take() == LiveEnd(ID)
    assert inbox.wait(lambda: False) == LiveEnd(ID)
    assert Inbox().wait(lambda: True) is None
