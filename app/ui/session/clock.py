"""How long a trial has been looked at: from the later of two first paints, by a clock that never jumps. No Qt."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from db.rater_package.records import ScreenSide


@dataclass(frozen=True, slots=True)
class Looked:
    """What is stored with an answer beside the answer.

    Attributes:
        response_s: Seconds both sides were on screen before the answer.
        focus_losses: Times the window was left meanwhile.
        enlarged_s: Seconds a view was enlarged.
        shown_at: When both sides were on screen first, aware, UTC.
    """

    response_s: float
    focus_losses: int
    enlarged_s: float
    shown_at: datetime


class TrialClock:
    """Runs while both sides of a trial are on screen.

    Args:
        now: Monotonic seconds.
    """

    def __init__(self, now: Callable[[], float] = time.perf_counter) -> None:
        self._now = now
        self._min_exposure_s = 0.0
        self._open = False
        self._awaited: set[ScreenSide] = set()
        self._elapsed = 0.0
        self._since: float | None = None
        self._shown_at: datetime | None = None
        self._focus_losses = 0
        self._enlarged_s = 0.0
        self._enlarged_since: float | None = None

    def start(self, min_exposure_s: float) -> None:
        """A new trial: nothing of it has been painted yet."""
        self._min_exposure_s = min_exposure_s
        self._open = True
        self._reset()

    def note_painted(self, side: ScreenSide) -> None:
        """One side's pictures are on screen; the clock runs once both are."""
        if side not in self._awaited:
            return
        self._awaited.discard(side)
        if not self._awaited:
            self._since = self._now()
            self._shown_at = self._shown_at or datetime.now(UTC)

    def pause(self) -> None:
        """The pictures are hidden."""
        self.enlarge(False)
        self._elapsed = self.seconds
        self._since = None
        self._awaited.clear()

    def go_on(self) -> None:
        """The pictures are to be shown again; the clock runs on once both sides are painted."""
        self._awaited = {"left", "right"}

    def note_focus_lost(self) -> None:
        """The window has been left; counts while both sides are on screen."""
        if self._since is not None and self._open:
            self._focus_losses += 1

    def enlarge(self, enlarged: bool) -> None:
        """A view is enlarged from now on, or no more."""
        if enlarged and self._enlarged_since is None and self._since is not None:
            self._enlarged_since = self._now()
        elif not enlarged and self._enlarged_since is not None:
            self._enlarged_s += self._now() - self._enlarged_since
            self._enlarged_since = None

    @property
    def seconds(self) -> float:
        """Seconds both sides have been on screen."""
        return self._elapsed + (0.0 if self._since is None else self._now() - self._since)

    @property
    def running(self) -> bool:
        """Whether both sides are on screen."""
        return self._since is not None and self._open

    @property
    def is_open(self) -> bool:
        """Whether the trial waits for an answer."""
        return self._open

    @property
    def remaining_s(self) -> float:
        """Seconds before an answer counts."""
        return max(self._min_exposure_s - self.seconds, 0.0)

    @property
    def ready(self) -> bool:
        """Whether an answer counts now."""
        return self.running and self.seconds >= self._min_exposure_s

    def stop(self) -> Looked | None:
        """The answer has been given; None when none counts now, and the clock runs on."""
        if not self.ready or self._shown_at is None:
            return None
        self.enlarge(False)
        looked = Looked(self.seconds, self._focus_losses, self._enlarged_s, self._shown_at)
        self._open = False
        return looked

    def _reset(self) -> None:
        self._awaited = {"left", "right"}
        self._elapsed = 0.0
        self._since = None
        self._shown_at = None
        self._focus_losses = 0
        self._enlarged_s = 0.0
        self._enlarged_since = None
