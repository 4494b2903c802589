"""A session of EFT that follows the annotator's hand; :mod:`fitting.spec.live` says what it promises.

EFT as it is fits from the pretrained weights each time, some twenty passes of which the first ones come nowhere near.
A drag changes a keypoint by a few pixels from one moment to the next, so here weights and optimiser stay warm and a
handful of steps on late layers brings the body after it.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

import torch

from fitting.eft import ExemplarFineTuner, FitCancelled, ResolvedOptions, is_good_enough
from fitting.fit import load_tuner, require_finite
from fitting.losses import FitTargets
from fitting.preprocess import build_exemplar, build_targets
from fitting.spec import (
    EftOptions,
    FitJob,
    IterationStep,
    LiveEnd,
    LiveJob,
    LiveMessage,
    LiveProgressed,
    LiveResult,
    LiveUpdate,
)

STOP_SHARE = 0.1
"""Share of EFT's stopping L2d below which a session rests. EFT's threshold lets one joint of thirteen lie 5 px of the
crop off, which nobody would call following."""
PATIENCE = 20
"""Steps without progress after which a session rests."""
PROGRESS = 0.05
"""Share of the total by which it must fall within them to count as progress."""
STEP_S = 1 / 80
"""A session takes no more steps than this allows. Nobody sees more bodies in a second, a drag needs one or two steps
from update to update, and the rest of the core draws them."""


class Messages(Protocol):
    """Where a session finds what it is told."""

    def take(self) -> LiveMessage | None:
        """The newest message not taken yet, or None."""

    def wait(self, is_cancelled: Callable[[], bool]) -> LiveMessage | None:
        """Sleep until there is a message, or the job is cancelled."""


def run_live_job(
    job: LiveJob,
    messages: Messages,
    on_event: Callable[[LiveProgressed], None],
    is_cancelled: Callable[[], bool] = lambda: False,
) -> LiveResult:
    """Follow one person until the end is asked for.

    Raises:
        JobError: The job or an update cannot be fitted, or the tuning runs away from all numbers.
        AssetError: The body or the regressor cannot be read.
        FitCancelled: ``is_cancelled`` said so.
    """
    fit = dataclasses.replace(job.fit, method="eft")
    tuner = load_tuner(fit.body, fit.regressor, fit.camera)
    resolved = tuner.resolve(live_options(job, tuner))
    options = resolved.as_options()
    exemplar = build_exemplar(fit, options, tuner.regressor.uses_picture)
    pace = _Pace(resolved, exemplar.targets)
    with _one_thread(), tuner.follow(exemplar, resolved) as take_step:
        while True:
            began = time.perf_counter()
            step = take_step(pace.targets)
            require_finite(step, fit, resolved.learning_rate)
            resting = pace.is_resting_after(step)
            on_event(LiveProgressed(job.job_id, step, pace.number, pace.settled, resting))
            if pace.settled and not resting:
                time.sleep(max(0.0, STEP_S - (time.perf_counter() - began)))
            message = messages.wait(is_cancelled) if resting else messages.take()
            if is_cancelled():
                raise FitCancelled
            match message:
                case LiveEnd():
                    return LiveResult(job.job_id, step.fit, step.losses.l2d, step.iteration + 1, pace.number)
                case LiveUpdate():
                    pace.turn_to(message.number, build_targets(_updated(fit, message), options))


@contextmanager
def _one_thread() -> Iterator[None]:
    """Leave the other core to the window and to whoever draws.

    A step is small; threads that wait for each other at its every layer cost more than they save, and on a busy machine
    hundreds of times as much.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def live_options(job: LiveJob, tuner: ExemplarFineTuner) -> EftOptions:
    """The job's options with the layers and the step size of a session, and a stop that is near enough to follow."""
    card, wanted = tuner.regressor.card, job.fit.options
    tuning = card.live or card.fast
    return dataclasses.replace(
        wanted,
        mode="exact",
        layers=job.layers or ("all" if tuning is None else tuning.layers),
        learning_rate=job.learning_rate or (card.learning_rate if tuning is None else tuning.learning_rate),
        stop_l2d=STOP_SHARE * card.stop_l2d if wanted.stop_l2d is None else wanted.stop_l2d,
        stop_mean_px=None,
    )


def _updated(fit: FitJob, update: LiveUpdate) -> FitJob:
    return dataclasses.replace(
        fit,
        keypoints_px=update.keypoints_px,
        depth_hints=update.depth_hints,
        joint_weights=update.joint_weights,
    )


class _Pace:
    """What a session is after, and whether it is there."""

    def __init__(self, resolved: ResolvedOptions, targets: FitTargets) -> None:
        self.targets = targets
        self.number = 0
        self.settled = False
        self._resolved = resolved
        self._best = float("inf")
        self._since = 0

    def turn_to(self, number: int, targets: FitTargets) -> None:
        """There is something newer to be after."""
        self.number, self.targets = number, targets
        self._best, self._since = float("inf"), 0

    def is_resting_after(self, step: IterationStep) -> bool:
        """Take note of a step; whether more of them would change nothing."""
        if step.losses.total < (1 - PROGRESS) * self._best:
            self._best, self._since = step.losses.total, 0
        else:
            self._since += 1
        resting = self._since >= PATIENCE or is_good_enough(step, self.targets, self._resolved)
        self.settled = self.settled or resting or step.iteration + 1 >= self._resolved.max_iterations
        return resting
