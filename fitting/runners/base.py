"""What every place to run jobs promises.

A runner takes jobs and answers each with events: ``JobStarted``, then any number of ``JobProgressed`` (an iteration),
``JobAdvanced`` (items done) or ``LiveProgressed`` (a step of a live session), then exactly one of ``JobFinished``,
``JobFailed``, ``JobCancelled``. Events of one job arrive in that order; events of different jobs may interleave.
``on_event`` is called from a thread of the runner's choosing and must return quickly. A job whose worker dies fails
with a sentence, and the next job gets a new worker. One contract suite checks every runner (test_runner_contract.py and
test_live_contract.py in tests/contract).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeAlias

from fitting.spec import Event, Job, JobId, LiveMessage

OnEvent: TypeAlias = Callable[[Event], None]


class Runner(Protocol):
    """A place where jobs run."""

    def submit(self, job: Job) -> None:
        """Queue a job; jobs start in the order of submission."""

    def cancel(self, job_id: JobId) -> None:
        """Ask a queued or running job to stop; unknown or ended jobs are ignored."""

    def send(self, message: LiveMessage) -> None:
        """Tell a live session something, queued or running; messages to unknown or ended jobs are ignored."""

    def close(self) -> None:
        """Cancel everything, end the workers, and return when they are gone. Closing twice is fine."""
