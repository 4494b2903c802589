"""Synthetic pictures with known truth: chunks drawn by workers, joined at the end, resumed where they were left."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
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
    with held_alone(order.folder) as folder, BlockingJobs(make_runner, ahead=2 * workers) as runner:
        begun = runner.run(GalleryJob(new_job_id(), order, "begin"), GalleryResult)
        if begun.people:
            on_done(begun.people)
            return GalleryReport(folder, begun.people, begun.images, True)
        chunks, people = 0, 0
        for chunk in runner.run_all(_chunk_jobs(order), GalleryResult):
            chunks, people = chunks + 1, people + chunk.people
            on_done(min(people, order.people))
            if people >= order.people:
                break
        # What was drawn ahead is taken away again by the last step.
        made = runner.run(GalleryJob(new_job_id(), order, "finish", chunks), GalleryResult)
    return GalleryReport(folder, made.people, made.images, False)


def _chunk_jobs(order: GalleryOrder) -> Iterator[GalleryJob]:
    return (GalleryJob(new_job_id(), order, "chunk", number) for number in count())
