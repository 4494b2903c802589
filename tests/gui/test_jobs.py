"""Events of a runner, which come from a thread of its own, become calls on the GUI thread."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot

from app.services.fitting import new_job_id
from app.ui.jobs import JobHandlers, JobLine
from app.ui.review import layers
from app.ui.review.layers import LayerDesk, LayerKey, Wanted
from db.records import FitId
from fitting.runners import OnEvent
from fitting.spec import (
    BodyFit,
    Box,
    Event,
    Job,
    JobCancelled,
    JobFailed,
    JobFinished,
    JobId,
    JobStarted,
    RenderJob,
    RenderManyJob,
    RenderManyResult,
    RenderResult,
)


def draw_nothing(job: RenderJob) -> RenderResult:
    return RenderResult(job.job_id, job.view, np.zeros((2, 2, 4), dtype=np.uint8), job.window)


class PuppetRunner:
    """A runner whose jobs end when the test says so; events come from its thread."""

    def __init__(self, on_event: OnEvent) -> None:
        self.jobs: list[Job] = []
        self._events: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._serve, args=(on_event,), name="puppet")
        self._thread.start()

    def submit(self, job: Job) -> None:
        self.jobs.append(job)
        self._events.put(JobStarted(job.job_id))

    def cancel(self, job_id: JobId) -> None:
        self._events.put(JobCancelled(job_id))

    def say(self, event: Event) -> None:
        self._events.put(event)

    def finish(self, job: Job) -> None:
        if isinstance(job, RenderManyJob):
            self.say(
                JobFinished(job.job_id, RenderManyResult(job.job_id, tuple(draw_nothing(one) for one in job.jobs)))
            )
        else:
            assert isinstance(job, RenderJob)
            self.say(JobFinished(job.job_id, draw_nothing(job)))

    def close(self) -> None:
        self._events.put(None)
        self._thread.join()

    def _serve(self, on_event: OnEvent) -> None:
        while (event := self._events.get()) is not None:
            on_event(event)


class Line:
    """A job line with its puppet."""

    def __init__(self) -> None:
        self.puppets: list[PuppetRunner] = []
        self.line = JobLine(self._make)

    def _make(self, on_event: OnEvent) -> PuppetRunner:
        self.puppets.append(PuppetRunner(on_event))
        return self.puppets[-1]

    @property
    def puppet(self) -> PuppetRunner:
        return self.puppets[0]


@pytest.fixture
def jobs(qtbot: QtBot) -> Iterator[Line]:
    jobs = Line()
    yield jobs
    jobs.line.close()


def render_job() -> RenderJob:
    fit = BodyFit(np.tile(np.eye(3), (24, 1, 1)), np.zeros(10), np.array([1.0, 0.0, 0.0]))
    return RenderJob(new_job_id(), fit, Box(np.zeros(2), 1.0), "side", (2, 2), Path("body.npz"))


def test_no_runner_before_the_first_job(jobs: Line) -> None:
    assert jobs.puppets == []
    assert not jobs.line.busy


def test_each_end_is_told_once_on_the_gui_thread(jobs: Line, qtbot: QtBot) -> None:
    heard: list[tuple[str, str]] = []

    def hear(what: str) -> None:
        heard.append((what, threading.current_thread().name))

    handlers = JobHandlers(
        on_finished=lambda _result: hear("finished"),
        on_failed=lambda failure: hear(failure.message),
        on_cancelled=lambda: hear("cancelled"),
    )
    first, second, third = render_job(), render_job(), render_job()
    for job in (first, second, third):
        jobs.line.submit(job, handlers)
    jobs.puppet.finish(first)
    jobs.puppet.say(JobFailed(second.job_id, "No picture today."))
    jobs.line.cancel(third.job_id)
    jobs.puppet.finish(first)
    qtbot.waitUntil(lambda: not jobs.line.busy)
    gui = threading.main_thread().name
    assert heard == [("finished", gui), ("No picture today.", gui), ("cancelled", gui)]


def test_nothing_is_told_after_closing(qtbot: QtBot) -> None:
    jobs = Line()
    heard: list[object] = []
    job = render_job()
    jobs.line.submit(job, JobHandlers(on_finished=heard.append, on_failed=heard.append))
    jobs.puppet.finish(job)
    jobs.line.close()
    QCoreApplication.processEvents()  # what the runner had said is delivered, if at all
    jobs.line.submit(render_job(), JobHandlers(on_finished=heard.append, on_failed=heard.append))
    assert heard == []
    assert len(jobs.puppets) == 1


def test_only_the_newest_of_the_waiting_layers_is_drawn_and_stored_fits_are_kept(jobs: Line, qtbot: QtBot) -> None:
    desk = LayerDesk(jobs.line)
    asked = [render_job() for _ in range(4)]
    ready: list[JobId] = []
    key = LayerKey(FitId(7), "side", (2, 2))
    for job in asked[:3]:
        desk.request("views", job, lambda result: ready.append(result.job_id))
    desk.request("views", asked[3], lambda result: ready.append(result.job_id), key)
    assert jobs.puppet.jobs == asked[:1]
    jobs.puppet.finish(asked[0])
    qtbot.waitUntil(lambda: len(jobs.puppet.jobs) == 2)
    jobs.puppet.finish(asked[3])
    qtbot.waitUntil(lambda: ready == [asked[0].job_id, asked[3].job_id])
    desk.request("views", render_job(), lambda result: ready.append(result.job_id), key)
    assert ready[-1] == asked[3].job_id
    assert len(jobs.puppet.jobs) == 2


def test_the_same_failure_to_draw_is_told_once(jobs: Line, qtbot: QtBot) -> None:
    desk = LayerDesk(jobs.line)
    told: list[str] = []
    desk.failed.connect(told.append)
    for number in range(3):
        desk.request("views", render_job(), lambda _result: None)
        jobs.puppet.say(JobFailed(jobs.puppet.jobs[number].job_id, "There is no EGL."))
        qtbot.waitUntil(lambda: not jobs.line.busy)
    assert told == ["There is no EGL."]


def test_pictures_wanted_together_are_one_job_and_come_at_once(jobs: Line, qtbot: QtBot) -> None:
    desk = LayerDesk(jobs.line)
    asked = [render_job() for _ in range(3)]
    keys = [LayerKey(FitId(number), "side", (2, 2)) for number in range(3)]
    ready: list[tuple[JobId, ...]] = []

    def note(drawn: tuple[RenderResult, ...]) -> None:
        ready.append(tuple(layer.job_id for layer in drawn))

    desk.request_together("views", [Wanted(asked[0], keys[0]), Wanted(asked[1], keys[1])], note)
    (job,) = jobs.puppet.jobs
    assert isinstance(job, RenderManyJob)
    assert [one.job_id for one in job.jobs] == [asked[0].job_id, asked[1].job_id]
    jobs.puppet.finish(job)
    qtbot.waitUntil(lambda: ready == [(asked[0].job_id, asked[1].job_id)])

    # One of them is kept: only the other is drawn, and they come in the order asked for.
    desk.request_together("views", [Wanted(asked[2], keys[2]), Wanted(render_job(), keys[1])], note)
    assert jobs.puppet.jobs[1:] == [asked[2]]
    jobs.puppet.finish(asked[2])
    qtbot.waitUntil(lambda: ready[1:] == [(asked[2].job_id, asked[1].job_id)])
    desk.request_together("views", [Wanted(render_job(), keys[2]), Wanted(render_job(), keys[0])], note)
    assert ready[2:] == [(asked[2].job_id, asked[0].job_id)]
    assert len(jobs.puppet.jobs) == 2


def test_what_was_drawn_meanwhile_for_another_channel_is_not_drawn_again(jobs: Line, qtbot: QtBot) -> None:
    desk = LayerDesk(jobs.line)
    busy, wanted = render_job(), render_job()
    key = LayerKey(FitId(1), "side", (2, 2))
    ready: list[JobId] = []
    desk.request("views", busy, lambda result: ready.append(result.job_id))
    desk.request("views", render_job(), lambda result: ready.append(result.job_id), key)  # waits
    desk.request("prefetch", wanted, lambda _result: None, key)
    jobs.puppet.finish(wanted)
    qtbot.waitUntil(lambda: desk.find(key) is not None)
    jobs.puppet.finish(busy)
    qtbot.waitUntil(lambda: ready == [busy.job_id, wanted.job_id])
    assert len(jobs.puppet.jobs) == 2


def test_only_so_many_bytes_are_kept(jobs: Line, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layers, "KEPT_BYTES", 40)  # two layers of 2 x 2 pixels
    desk = LayerDesk(jobs.line)
    keys = [LayerKey(FitId(number), "side", (2, 2)) for number in range(3)]
    for key in keys:
        job = render_job()
        desk.request("views", job, lambda _result: None, key)
        jobs.puppet.finish(job)
        qtbot.waitUntil(lambda key=key: desk.find(key) is not None)
    assert [desk.find(key) is not None for key in keys] == [False, True, True]
