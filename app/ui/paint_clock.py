"""How long a person has been on screen: from the first paint, by a clock that never jumps."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtWidgets import QWidget


class PaintClock(QObject):
    """Runs from the first paint of a surface after :meth:`restart`.

    Args:
        surfaces: Widgets of which one is on screen, for a scroll area its viewport; the first owns the clock.
        now: Monotonic seconds.

    Signals:
        painted: The first paint since :meth:`restart` is under way.
    """

    painted = Signal()

    def __init__(self, *surfaces: QWidget, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__(surfaces[0])
        self._now = now
        self._surfaces = surfaces
        self._started_at: float | None = None
        self._armed = False
        for surface in surfaces:
            surface.installEventFilter(self)

    def restart(self) -> None:
        """Wait for the next paint, and count from there."""
        self._started_at = None
        self._armed = True
        for surface in self._surfaces:
            surface.update()

    @property
    def seconds(self) -> float:
        """Seconds since the first paint; 0 before it."""
        return 0.0 if self._started_at is None else self._now() - self._started_at

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 -- Qt's name
        """Qt's hook: note the first paint."""
        if self._armed and event.type() == QEvent.Type.Paint:
            self._armed = False
            self._started_at = self._now()
            self.painted.emit()
        return super().eventFilter(watched, event)
