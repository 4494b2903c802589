"""What every runner promises (fitting/runners/base.py), on every runner."""

from __future__ import annotations

import dataclasses
import os
import signal
import time

import numpy as np
import psutil
import pytest

from fitting.runners import ProcessRunner, Runner
from fitting.spec import (
    FitResult,
    JobCancelled,
    JobFailed,
    JobFinished,
    JobId,
    JobProgressed,
    JobStarted,
)
from tests.helpers.fits import fit_job
from tests.helpers.runners import ENDLESS, RUNNERS, SHORT, Listener


def test_a_job_starts_progresses_and_finishes_once(runner: Runner, listener: Listener) -> None:
    job = fit_job(options=SHORT)
    runner.submit(job)
    end = listener.end_of(job)
    assert isinstance(end, JobFinished)
    assert isinstance(end.result, FitResult)
    kinds = [type(event) for event in listener.events]
    assert kinds == [JobStarted, *[JobProgressed] * 4, JobFinished]
    steps = [event for event in listener.events if isinstance(event, JobProgressed)]
    assert [event.step.iteration for event in steps] == [0, 1, 2, 3]
    assert all(event.max_iterations == 4 for event in steps)
    assert end.result.trace == tuple(event.step.losses for event in steps)


def test_a_bad_job_fails_with_its_sentence_and_the_next_one_runs(runner: Runner, listener: Listener) -> None:
    bad, good = fit_job(keypoints_px=np.full((49, 3), np.nan)), fit_job(options=SHORT)
    runner.submit(bad)
    runner.submit(good)
    failed = listener.end_of(bad)
    assert isinstance(failed, JobFailed)
    assert "not a number" in failed.message
    assert failed.details == ""
    assert isinstance(listener.end_of(good), JobFinished)


def test_a_bug_comes_with_its_traceback(runner: Runner, listener: Listener) -> None:
    broken = fit_job(options=SHORT, box=None)
    runner.submit(broken)
    failed = listener.end_of(broken)
    assert isinstance(failed, JobFailed)
    assert "Traceback" in failed.details


def test_a_missing_file_fails_with_the_cure(runner: Runner, listener: Listener) -> None:
    job = fit_job()
    lost = dataclasses.replace(job, body=job.body.with_name("lost.npz"))
    runner.submit(lost)
    failed = listener.end_of(lost)
    assert isinstance(failed, JobFailed)
    assert "lost.npz is missing" in failed.message


def test_a_running_job_can_be_cancelled(runner: Runner, listener: Listener) -> None:
    job = fit_job(options=ENDLESS)
    listener.react = lambda event: runner.cancel(job.job_id) if isinstance(event, JobProgressed) else None
    runner.submit(job)
    assert isinstance(listener.end_of(job), JobCancelled)
    after = fit_job(options=SHORT)
    listener.react = lambda event: None
    runner.submit(after)
    assert isinstance(listener.end_of(after), JobFinished)


def test_cancelling_the_unknown_is_ignored(runner: Runner, listener: Listener) -> None:
    runner.cancel(JobId("nobody"))
    job = fit_job(options=SHORT)
    runner.submit(job)
    assert isinstance(listener.end_of(job), JobFinished)


@pytest.mark.parametrize("kind", list(RUNNERS))
def test_closing_twice_is_fine_and_nothing_may_follow(kind: str, listener: Listener) -> None:
    runner = RUNNERS[kind](listener)
    runner.close()
    runner.close()
    with pytest.raises(RuntimeError, match="closed"):
        runner.submit(fit_job())


class TestProcess:
    """What only a pool of processes can do."""

    def test_a_queued_job_can_be_cancelled(self, listener: Listener) -> None:
        runner = ProcessRunner(listener)
        first, queued = fit_job(options=ENDLESS), fit_job(options=SHORT)
        runner.submit(first)
        runner.submit(queued)
        runner.cancel(queued.job_id)
        assert isinstance(listener.end_of(queued), JobCancelled)
        runner.cancel(first.job_id)
        assert isinstance(listener.end_of(first), JobCancelled)
        assert not any(isinstance(e, JobStarted) and e.job_id == queued.job_id for e in listener.events)
        runner.close()

    def test_a_killed_worker_fails_its_job_and_is_replaced(self, listener: Listener) -> None:
        runner = ProcessRunner(listener)
        doomed, next_job = fit_job(options=ENDLESS), fit_job(options=SHORT)
        runner.submit(doomed)
        listener.wait_for(lambda events: any(isinstance(event, JobProgressed) for event in events))
        for child in _workers():
            os.kill(child.pid, signal.SIGKILL)
        failed = listener.end_of(doomed)
        assert isinstance(failed, JobFailed)
        assert "stopped unexpectedly" in failed.message
        runner.submit(next_job)
        assert isinstance(listener.end_of(next_job), JobFinished)
        runner.close()

    def test_a_ctrl_c_does_not_reach_a_worker_that_is_still_starting(self, listener: Listener) -> None:
        runner = ProcessRunner(listener)
        job = fit_job(options=SHORT)
        runner.submit(job)
        while not (starting := _workers()):
            time.sleep(0.001)
        for child in starting:
            os.kill(child.pid, signal.SIGINT)  # a terminal sends it to the whole group
        assert isinstance(listener.end_of(job), JobFinished)
        runner.close()

    def test_closing_ends_the_workers_amid_a_job(self, listener: Listener) -> None:
        runner = ProcessRunner(listener)
        runner.submit(fit_job(options=ENDLESS))
        listener.wait_for(lambda events: any(isinstance(event, JobProgressed) for event in events))
        runner.close()
        deadline = time.monotonic() + 10
        while _workers() and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not _workers()


def _workers() -> list[psutil.Process]:
    return [
        child
        for child in psutil.Process().children(recursive=True)
        if child.is_running() and child.status() != psutil.STATUS_ZOMBIE and "spawn_main" in " ".join(child.cmdline())
    ]
