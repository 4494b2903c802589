"""Training a regressor: one long job in a worker, which leaves a checkpoint when it is asked to end."""

from __future__ import annotations

import queue
from collections.abc import Callable

from app.services.batch import RunnerFactory
from app.services.errors import ServiceError
from app.services.places import held_alone
from fitting.spec import Event, JobAdvanced, JobCancelled, JobFailed, JobFinished, TrainJob, TrainResult


def train_regressor(
    job: TrainJob, make_runner: RunnerFactory, on_done: Callable[[int], None] = lambda thousandths: None
) -> TrainResult | None:
    """Train until the budget is used; None when it was cancelled (Ctrl-C), with a checkpoint to resume from.

    Args:
        job: What to train.
        make_runner: Called once with the listener for events.
        on_done: Called with the thousandths of the budget that are used.

    Raises:
        ServiceError: The job failed, or another run is at work in its folder.
    """
    with held_alone(job.folder):
        return _train(job, make_runner, on_done)


def _train(job: TrainJob, make_runner: RunnerFactory, on_done: Callable[[int], None]) -> TrainResult | None:
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    runner = make_runner(events.put)
    try:
        runner.submit(job)
        while True:
            try:
                event = events.get()
            except KeyboardInterrupt:
                runner.cancel(job.job_id)
                continue
            match event:
                case JobAdvanced():
                    on_done(event.done)
                case JobFinished(result=TrainResult() as result):
                    return result
                case JobFailed():
                    raise ServiceError(event.message if not event.details else f"{event.message}\n{event.details}")
                case JobCancelled():
                    return None
                case _:
                    continue
    finally:
        runner.close()
