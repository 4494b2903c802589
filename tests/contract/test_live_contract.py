"""What every runner promises of sessions that follow the hand (fitting/spec/live.py)."""

from __future__ import annotations

import dataclasses
import sys
import uuid
from collections.abc import Callable

import numpy as np
import psutil
import pytest

from fitting.runners import ProcessRunner, Runner
from fitting.spec import (
    EftOptions,
    Event,
    FitJob,
    FitResult,
    JobCancelled,
    JobFailed,
    JobFinished,
    JobId,
    JobStarted,
    LiveEnd,
    LiveJob,
    LiveProgressed,
    LiveResult,
    LiveUpdate,
)
from resources.skeleton import get_skeleton
from tests.helpers.fits import fit_job
from tests.helpers.runners import ENDLESS, SHORT, Listener

LEFT_WRIST = get_skeleton("spin49").index("left_wrist")
ID = JobId("live")


@pytest.fixture(autouse=True)
def an_id_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runners are shared by the tests, and an id names one job ever."""
    monkeypatch.setattr(sys.modules[__name__], "ID", JobId(uuid.uuid4().hex))


SOON = EftOptions(stop_l2d=3e-5)
"""Rests after some steps; a session's own threshold takes a hundred."""


def dragged(job: FitJob, number: int, right: float) -> LiveUpdate:
    """The hand has moved the left wrist so many pixels to the right."""
    keypoints_px = np.array(job.keypoints_px)
    keypoints_px[LEFT_WRIST, 0] += right
    return LiveUpdate(ID, number, keypoints_px)


def at_rest(then: Callable[[LiveProgressed], None]) -> Callable[[Event], None]:
    return lambda event: then(event) if isinstance(event, LiveProgressed) and event.resting else None


def bodies(events: list[Event]) -> list[LiveProgressed]:
    return [event for event in events if isinstance(event, LiveProgressed)]


def test_a_session_settles_follows_rests_and_ends(runner: Runner, listener: Listener) -> None:
    fit = fit_job(options=SOON)
    job = LiveJob(ID, fit)
    updates = {0: dragged(fit, 1, 20), 1: dragged(fit, 2, 40)}

    def answer(event: LiveProgressed) -> None:
        runner.send(updates.get(event.number, LiveEnd(ID)))

    listener.react = at_rest(answer)
    runner.submit(job)
    end = listener.end_of(job)
    assert isinstance(end, JobFinished)
    assert isinstance(end.result, LiveResult)
    shown = bodies(listener.events)
    assert [type(event) for event in listener.events] == [JobStarted, *[LiveProgressed] * len(shown), JobFinished]
    assert [event.step.iteration for event in shown] == list(range(len(shown)))
    assert [event.number for event in shown] == sorted(event.number for event in shown)
    rests = [event for event in shown if event.resting]
    assert [event.number for event in rests] == [0, 1, 2]
    assert not shown[0].settled
    assert all(event.settled for event in shown[rests[0].step.iteration :])
    assert end.result.steps == len(shown)
    assert end.result.number == 2
    assert end.result.l2d == rests[-1].step.losses.l2d
    assert np.array_equal(end.result.fit.rotations, rests[-1].step.fit.rotations)
    wrist = [event.step.joints_crop[LEFT_WRIST, 0] for event in rests]
    assert wrist[0] < wrist[1] < wrist[2]


def test_the_newest_of_many_updates_is_followed(runner: Runner, listener: Listener) -> None:
    fit = fit_job(options=SOON)
    job = LiveJob(ID, fit)

    def answer(event: LiveProgressed) -> None:
        if event.number == 0:
            for number in range(1, 101):
                runner.send(dragged(fit, number, 0.3 * number))
        elif event.number == 100:
            runner.send(LiveEnd(ID))

    listener.react = at_rest(answer)
    runner.submit(job)
    end = listener.end_of(job)
    assert isinstance(end, JobFinished)
    numbers = {event.number for event in bodies(listener.events)}
    assert {0, 100} <= numbers
    assert len(numbers) < 101


def test_after_a_session_a_fit_is_what_it_always_is(runner: Runner, listener: Listener) -> None:
    fit = fit_job(options=EftOptions(max_iterations=4, stop_l2d=3e-5))
    runner.submit(fit)
    before = listener.end_of(fit)
    job = LiveJob(ID, fit)
    listener.react = at_rest(lambda event: runner.send(dragged(fit, 1, 30) if event.number == 0 else LiveEnd(ID)))
    runner.submit(job)
    assert isinstance(listener.end_of(job), JobFinished)
    again = dataclasses.replace(fit, job_id=JobId("again"))
    runner.submit(again)
    after = listener.end_of(again)
    assert isinstance(before, JobFinished)
    assert isinstance(after, JobFinished)
    assert isinstance(before.result, FitResult)
    assert isinstance(after.result, FitResult)
    assert after.result.trace == before.result.trace
    assert np.array_equal(after.result.final.rotations, before.result.final.rotations)


@pytest.mark.parametrize("resting", [False, True])
def test_a_session_can_be_cancelled_at_work_and_at_rest(runner: Runner, listener: Listener, resting: bool) -> None:
    options = SOON if resting else ENDLESS
    job = LiveJob(ID, fit_job(options=options))

    def answer(event: Event) -> None:
        if isinstance(event, LiveProgressed) and event.resting == resting:
            runner.cancel(ID)

    listener.react = answer
    runner.submit(job)
    assert isinstance(listener.end_of(job), JobCancelled)


def test_an_update_that_cannot_be_fitted_fails_the_session_with_its_sentence(
    runner: Runner, listener: Listener
) -> None:
    job = LiveJob(ID, fit_job(options=SOON))
    listener.react = at_rest(lambda event: runner.send(LiveUpdate(ID, 1, np.full((49, 3), np.nan))))
    runner.submit(job)
    failed = listener.end_of(job)
    assert isinstance(failed, JobFailed)
    assert "not a number" in failed.message
    assert failed.details == ""


def test_messages_to_nobody_are_ignored(runner: Runner, listener: Listener) -> None:
    fit = fit_job(options=SHORT)
    runner.send(dragged(fit, 1, 10))
    runner.send(LiveEnd(ID))
    runner.submit(fit)
    assert isinstance(listener.end_of(fit), JobFinished)


class TestProcess:
    """What only a pool of processes can do."""

    def test_messages_to_a_queued_session_wait_for_it(self, listener: Listener) -> None:
        runner = ProcessRunner(listener)
        first, job = fit_job(options=ENDLESS), LiveJob(ID, fit_job(options=SOON))
        runner.submit(first)
        runner.submit(job)
        for number in (1, 2):
            runner.send(dragged(job.fit, number, 10))
        listener.react = at_rest(lambda event: runner.send(LiveEnd(ID)) if event.number == 2 else None)
        runner.cancel(first.job_id)
        end = listener.end_of(job)
        assert isinstance(end, JobFinished)
        assert {event.number for event in bodies(listener.events)} <= {0, 2}
        runner.close()

    def test_a_resting_session_leaves_the_processor_alone(self, listener: Listener) -> None:
        others = set(psutil.Process().children())
        runner = ProcessRunner(listener)
        job = LiveJob(ID, fit_job(options=SOON))
        runner.submit(job)
        listener.wait_for(lambda events: any(event.resting for event in bodies(events)))
        new = set(psutil.Process().children()) - others
        (worker,) = [child for child in new if "spawn_main" in " ".join(child.cmdline())]
        assert _asleep(worker)
        runner.send(dragged(job.fit, 1, 20))
        listener.wait_for(lambda events: any(event.resting and event.number == 1 for event in bodies(events)))
        runner.close()


def _asleep(process: psutil.Process) -> bool:
    """Whether a process, once it sleeps, uses no time at all while this one works for a moment."""
    while process.status() != psutil.STATUS_SLEEPING:
        pass
    before = sum(process.cpu_times()[:2])
    worked = psutil.Process().cpu_times().user
    while psutil.Process().cpu_times().user < worked + 0.3:
        pass
    return sum(process.cpu_times()[:2]) - before < 0.1
