"""Synthetic pictures with known truth: chunks drawn by workers, joined at the end, resumed where they were left."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count, takewhile
from pathlib import Path

from app.services.batch import RunnerFactory
from app.services.blocking import BlockingJobs
from app.services.errors import ServiceError
from app.services.fitting import new_job_id
from app.services.places import held_alone
from fitting.spec import GalleryJob, GalleryOrder, GalleryResult


@dataclass(frozen=True, slots=True)
class GalleryReport:
    """What was made, or was there already.

    Attributes:
        folder: Where it lies.
        people: Annotated people.
        images: Pictures.
        was_there: Nothing had to be drawn.
    """

    folder: Path
    people: int
    images: int
    was_there: bool


def make_gallery(
    order: GalleryOrder,
    make_runner: RunnerFactory,
    workers: int = 1,
    on_done: Callable[[int], None] = lambda people: None,
) -> GalleryReport:
    """Make a gallery, or finish one that was begun with the same order.

    Ended early (Ctrl-C), whatever whole chunks are there count at the next call. Time grows with people divided by
    workers; memory only with the truth that is joined at the end, about 2 KB a person.

    Args:
        order: What is wanted.
        make_runner: Called once with the listener for events.
        workers: How many chunks are drawn at once.
        on_done: Called with the people drawn so far.

    Raises:
        ServiceError: The folder holds something else or another run, a background is no picture, or this machine
            cannot draw.
    """
    if order.people < 1:
        raise ServiceError(f"A gallery of {order.people} people is empty; ask for one or more.")
    with held_alone(order.folder) as folder, BlockingJobs(make_runner, ahead=workers + 1) as runner:
        begun = runner.run(GalleryJob(new_job_id(), order, "begin"), GalleryResult)
        if begun.people:
            on_done(begun.people)
            return GalleryReport(folder, begun.people, begun.images, True)
        totals = [0]  # people after each chunk
        jobs = (GalleryJob(new_job_id(), order, "chunk", number) for number in count())
        wanted = takewhile(lambda _: totals[-1] < order.people, jobs)
        # What was drawn ahead in vain is waited for: the last step takes it away, and must be alone.
        for chunk in runner.run_all(wanted, GalleryResult):
            if totals[-1] < order.people:
                totals.append(totals[-1] + chunk.people)
                on_done(min(totals[-1], order.people))
        made = runner.run(GalleryJob(new_job_id(), order, "finish", len(totals) - 1), GalleryResult)
    return GalleryReport(folder, made.people, made.images, False)
