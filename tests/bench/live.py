"""A body that follows the hand: steps a second, how late an update is seen, and how far the body lies behind a drag."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Iterator

import numpy as np

from fitting.geometry.camera import crop_to_image
from fitting.runners import ProcessRunner
from fitting.spec import DRAG_WEIGHT, Event, FloatArray, JobId, LiveEnd, LiveJob, LiveProgressed, LiveUpdate
from resources.skeleton import get_skeleton
from tests.bench.measure import Figure
from tests.helpers.fits import fit_job

WRIST = get_skeleton("spin49").index("left_wrist")
ID = JobId("live")
FRAME_S = 1 / 30
DRAG_PX = 40.0
DRAG_FRAMES = 30


def measure_live() -> Iterator[Figure]:
    """Rows about live sessions on the open regressor, through a worker of its own."""
    job = LiveJob(ID, fit_job())
    session = _Session(job)
    try:
        opened = time.perf_counter()
        session.until(lambda event: True)
        yield _single("live: first body of a cold worker", 1000 * (time.perf_counter() - opened))
        session.until(lambda event: event.resting)
        yield from _drag(session)
        gaps = session.gaps_ms
        yield Figure("live: a step", float(np.median(gaps)), float(np.percentile(gaps, 95)), "<= 40 (25 steps/s)")
        late = [1000 * session.send(_moved(DRAG_PX + number)) for number in range(1, 21)]
        yield Figure("live: update sent to its first body", float(np.median(late)), max(late))
    finally:
        session.close()


class _Session:
    """Sends updates and reads bodies."""

    def __init__(self, job: LiveJob) -> None:
        self.gaps_ms: list[float] = []
        self.number = 0
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._runner = ProcessRunner(self._events.put)
        self._runner.submit(job)

    def until(self, wanted: Callable[[LiveProgressed], bool]) -> LiveProgressed:
        """The next body for which ``wanted`` holds."""
        while True:
            event = self._events.get()
            if isinstance(event, LiveProgressed) and wanted(event):
                return event

    def post(self, keypoints_px: FloatArray) -> int:
        """Send keypoints with the wrist held; the update's number."""
        self.number += 1
        self._runner.send(LiveUpdate(ID, self.number, keypoints_px, {}, {"left_wrist": DRAG_WEIGHT}))
        return self.number

    def send(self, keypoints_px: FloatArray) -> float:
        """Seconds from an update to its first body, from rest."""
        started = time.perf_counter()
        number = self.post(keypoints_px)
        self.until(lambda event: event.number == number)
        taken = time.perf_counter() - started
        self.until(lambda event: event.resting)
        return taken

    def newest(self) -> list[LiveProgressed]:
        """Bodies that have come since."""
        found = []
        while not self._events.empty():
            event = self._events.get()
            if isinstance(event, LiveProgressed):
                found.append(event)
        return found

    def close(self) -> None:
        self._runner.send(LiveEnd(ID))
        self._runner.close()


def _drag(session: _Session) -> Iterator[Figure]:
    """The wrist is drawn aside over a second, thirty updates; how far is the body behind at each of them?"""
    job, behind, steps = fit_job(), [], 0
    last: LiveProgressed | None = None
    started = time.perf_counter()
    for frame in range(1, DRAG_FRAMES + 1):
        keypoints_px = _moved(DRAG_PX * frame / DRAG_FRAMES)
        session.post(keypoints_px)
        time.sleep(max(0.0, started + frame * FRAME_S - time.perf_counter()))
        bodies = session.newest()
        steps += len(bodies)
        last = bodies[-1] if bodies else last
        if last is not None:
            wrist = crop_to_image(last.step.joints_crop, job.box)[WRIST]
            behind.append(float(np.linalg.norm(wrist - keypoints_px[WRIST, :2])))
    seconds = time.perf_counter() - started
    session.gaps_ms.append(1000 * seconds / max(steps, 1))
    session.until(lambda event: event.resting)
    yield Figure("live: wrist behind a drag of 40 px in 1 s, px", float(np.median(behind)), max(behind), "a few")


def _moved(right: float) -> FloatArray:
    keypoints_px = np.array(fit_job().keypoints_px)
    keypoints_px[WRIST, 0] += right
    return keypoints_px


def _single(name: str, value: float) -> Figure:
    return Figure(name, value, value)
