"""Jobs in worker processes, so that neither a fit nor a crash can stall or take down the window.

Each worker is a fresh interpreter (spawn: a forked one would inherit Qt and its locks) with a pipe of its own. One
thread in this process waits on all pipes, hands queued jobs to idle workers and passes events on. Workers never open
the database.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections import deque
from functools import partial
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import TypeAlias

from fitting.runners.base import OnEvent
from fitting.runners.inbox import Inbox
from fitting.runners.worker import perform
from fitting.spec import Event, Job, JobCancelled, JobFailed, JobFinished, JobId, LiveEnd, LiveMessage, LiveUpdate

_Command: TypeAlias = Job | JobId | LiveMessage | None
"""To the worker: a job to do, the id of a job to cancel, a message to a session, or None to end."""

_NICENESS = 5
"""On a machine whose cores are all busy the window is painted first; half the longest gaps of its event loop go."""
_JOIN_SECONDS = 1.0
"""A worker between two iterations ends at once; one still importing its libraries has nothing to lose."""


def share_cores(workers: int) -> int:
    """Threads for each of some workers: what ``OMP_NUM_THREADS`` says, or else the cores shared out.

    Two threads that wait for each other on cores which others keep busy take many times as long as one, so whoever
    shares a machine needs a say.
    """
    wanted = os.environ.get("OMP_NUM_THREADS", "")
    if wanted.isascii() and wanted.isdigit() and int(wanted) > 0:
        return int(wanted)
    affinity = getattr(os, "sched_getaffinity", None)  # Linux: the cores this process may use
    cores = len(affinity(0)) if affinity else os.cpu_count() or 1
    return max(1, cores // workers)


class ProcessRunner:
    """A pool of worker processes.

    Args:
        on_event: Called from the runner's thread.
        workers: Processes to run at most; they start when the first job needs them.
        threads: Torch and rasteriser threads of each worker; by default :func:`share_cores`.
    """

    def __init__(self, on_event: OnEvent, workers: int = 1, threads: int | None = None) -> None:
        self._on_event = on_event
        self._threads = threads or share_cores(workers)
        self._queue: deque[Job] = deque()
        self._dropped: list[Event] = []
        self._messages: dict[JobId, list[LiveMessage]] = {}
        self._lock = threading.Lock()
        self._slots = [_Slot() for _ in range(workers)]
        self._wake_receive, self._wake_send = multiprocessing.Pipe(duplex=False)
        self._closing = False
        self._thread = threading.Thread(target=self._serve, name="process-runner", daemon=True)
        self._thread.start()

    def submit(self, job: Job) -> None:
        """Queue a job."""
        with self._lock:
            if self._closing:
                raise RuntimeError("the runner is closed")
            self._queue.append(job)
            self._wake()

    def cancel(self, job_id: JobId) -> None:
        """Drop a queued job at once; a running one stops at its next iteration."""
        with self._lock:
            for slot in self._slots:
                if slot.job is not None and slot.job.job_id == job_id:
                    slot.send(job_id)
            for job in self._queue:
                if job.job_id == job_id:
                    self._queue.remove(job)
                    self._messages.pop(job_id, None)
                    # Told by the runner's own thread: the caller may hold locks that the listener wants.
                    self._dropped.append(JobCancelled(job_id))
                    self._wake()
                    break

    def send(self, message: LiveMessage) -> None:
        """Pass a message on; for a queued session it waits here, and the newest update replaces older ones."""
        with self._lock:
            for slot in self._slots:
                if slot.job is not None and slot.job.job_id == message.job_id:
                    slot.send(message)
            if any(job.job_id == message.job_id for job in self._queue):
                waiting = self._messages.setdefault(message.job_id, [])
                waiting[:] = [other for other in waiting if type(other) is not type(message)] + [message]

    def close(self) -> None:
        """End the workers; queued jobs are dropped without an event."""
        with self._lock:
            first = not self._closing
            self._closing = True
            self._queue.clear()
            if first:
                self._wake()
        self._thread.join()

    def _wake(self) -> None:
        self._wake_send.send_bytes(b"x")

    def _serve(self) -> None:
        if hasattr(signal, "pthread_sigmask"):
            # Workers inherit it: a Ctrl-C before they can ignore it would make each of them tell a traceback.
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        while True:
            with self._lock:
                if self._closing:
                    break
                dropped, self._dropped = self._dropped, []
                self._hand_out()
                connections = [slot.connection for slot in self._slots if slot.connection is not None]
            for event in dropped:
                self._on_event(event)
            for ready in wait([self._wake_receive, *connections]):
                if ready is self._wake_receive:
                    self._wake_receive.recv_bytes()
                else:
                    self._receive(next(slot for slot in self._slots if slot.connection is ready))
        for slot in self._slots:
            slot.ask_to_end()
        for slot in self._slots:
            slot.end()
        self._wake_receive.close()
        self._wake_send.close()

    def _hand_out(self) -> None:
        for slot in self._slots:
            if not self._queue:
                return
            if slot.job is None:
                slot.start(self._threads)
                slot.job = self._queue.popleft()
                slot.send(slot.job)
                for message in self._messages.pop(slot.job.job_id, ()):
                    slot.send(message)

    def _receive(self, slot: _Slot) -> None:
        assert slot.connection is not None
        try:
            event: Event = slot.connection.recv()
        except (EOFError, OSError):
            self._mourn(slot)
            return
        if isinstance(event, JobFinished | JobFailed | JobCancelled):
            with self._lock:
                slot.job = None
        self._on_event(event)

    def _mourn(self, slot: _Slot) -> None:
        with self._lock:
            job, code = slot.job, slot.end()
        if job is not None:
            self._on_event(
                JobFailed(
                    job.job_id,
                    f"The worker process stopped unexpectedly (exit code {code}), perhaps out of memory; try again.",
                )
            )


class _Slot:
    """One worker process with its pipe and the job it is doing."""

    def __init__(self) -> None:
        self.process: BaseProcess | None = None
        self.connection: Connection | None = None
        self.job: Job | None = None

    def start(self, threads: int) -> None:
        if self.process is not None and self.process.is_alive():
            return
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=_work, args=(theirs, threads), name="exemplar-worker", daemon=True)
        self.process.start()
        theirs.close()

    def send(self, command: _Command) -> None:
        assert self.connection is not None
        try:
            self.connection.send(command)
        except (BrokenPipeError, ConnectionError):
            return  # the worker died; the reading side notices, fails the job and starts a new one

    def ask_to_end(self) -> None:
        """Tell the process to stop, without waiting for it."""
        if self.connection is not None:
            self.send(None)

    def end(self) -> int | None:
        """Wait for a process that has been asked to end or has died, then make it; its exit code."""
        process, connection = self.process, self.connection
        self.process = self.connection = self.job = None
        if process is None or connection is None:
            return None
        process.join(_JOIN_SECONDS)
        if process.is_alive():
            process.kill()
            process.join()
        connection.close()
        code = process.exitcode
        process.close()
        return code


def _work(connection: Connection, threads: int) -> None:
    """Main of a worker: one thread reads commands, this one does the jobs."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C belongs to the parent, which then ends us properly
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    _limit_threads(threads)
    orders = _Orders()
    threading.Thread(target=orders.read, args=(connection,), name="commands", daemon=True).start()
    while (job := orders.next_job()) is not None:
        try:
            perform(job, connection.send, partial(orders.is_cancelled, job.job_id), orders.inbox_of(job.job_id))
        except (BrokenPipeError, ConnectionError):
            return  # the parent is gone, and nobody is left to tell
        orders.forget(job.job_id)


class _Orders:
    """What the parent has asked a worker for: jobs, messages to them, jobs to stop."""

    def __init__(self) -> None:
        self._jobs: deque[Job | None] = deque()
        self._arrived = threading.Condition()
        self._cancelled: set[JobId] = set()
        self._inboxes: dict[JobId, Inbox] = {}

    def read(self, connection: Connection) -> None:
        """Take commands until the end is one of them or the parent is gone."""
        while True:
            try:
                command: _Command = connection.recv()
            except (EOFError, OSError):
                command = None
            with self._arrived:
                self._take(command)
                self._arrived.notify()
            if command is None:
                return

    def next_job(self) -> Job | None:
        """Wait for a job; None is the end."""
        with self._arrived:
            self._arrived.wait_for(lambda: bool(self._jobs))
            return self._jobs.popleft()

    def is_cancelled(self, job_id: JobId) -> bool:
        """Whether a job should stop."""
        return job_id in self._cancelled

    def inbox_of(self, job_id: JobId) -> Inbox:
        """Messages to a job that has not ended."""
        return self._inboxes[job_id]

    def forget(self, job_id: JobId) -> None:
        """The job has ended."""
        with self._arrived:
            self._cancelled.discard(job_id)
            self._inboxes.pop(job_id, None)

    def _take(self, command: _Command) -> None:
        if isinstance(command, str):
            self._cancel(JobId(command))
        elif isinstance(command, LiveUpdate | LiveEnd):
            if (inbox := self._inboxes.get(command.job_id)) is not None:
                inbox.put(command)
        else:
            self._jobs.append(command)
            if command is None:
                for job_id in list(self._inboxes):
                    self._cancel(job_id)
            else:
                self._inboxes[command.job_id] = Inbox()

    def _cancel(self, job_id: JobId) -> None:
        self._cancelled.add(job_id)
        if (inbox := self._inboxes.get(job_id)) is not None:
            inbox.wake()


def _limit_threads(threads: int) -> None:
    """Hold this process to its share of the cores; two workers that both take all of them run at a quarter's speed."""
    for variable in ("OMP_NUM_THREADS", "LP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[variable] = str(threads)
    # Threads that spin while they wait for each other are a little quicker on idle cores, and up to ten times slower on
    # cores that somebody else wants too: the window, the other worker. A user's own setting stays.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    # Torch reads the variables when it is loaded, and a script's own imports may have loaded it before this.
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.set_num_threads(threads)
