"""The two sides of a comparison, the same size to the pixel, in step with each other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.ui.session.panel import GROUND, SidePanel
from app.ui.session.pictures import LoadedTrial
from db.rater_package.records import ScreenSide

_GAP: Final = 16
_MARGIN: Final = 12
TURN_S: Final = 6.0
"""Seconds of one whole turn."""
_STEP_MS: Final = 40
SIDES: Final[tuple[ScreenSide, ScreenSide]] = ("left", "right")


class Pair(QWidget):
    """Left and right panel on one ground.

    Args:
        parent: The page.
        now: Monotonic seconds, for what turns.

    Signals:
        painted: ``str``, the side whose pictures have been painted first since they were shown.
    """

    painted = Signal(str)

    def __init__(self, parent: QWidget, now: Callable[[], float]) -> None:
        super().__init__(parent)
        self._now = now
        self._loaded: LoadedTrial | None = None
        self._turning_since = 0.0
        self.left = SidePanel("left", self)
        self.right = SidePanel("right", self)
        self.setObjectName("pair")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(320, 180)
        self._timer = QTimer(self)
        self._timer.setInterval(_STEP_MS)
        self._timer.timeout.connect(self._turn)
        for panel in self.panels:
            panel.painted.connect(lambda side=panel.side: self.painted.emit(side))

    @property
    def panels(self) -> tuple[SidePanel, SidePanel]:
        """Left and right."""
        return self.left, self.right

    def show_trial(self, loaded: LoadedTrial) -> None:
        """Show a trial on both sides at once."""
        self._loaded = loaded
        self._turning_since = self._now()
        for panel in self.panels:
            panel.show_tiles(loaded.tiles(panel.side), loaded.largest_px)
        if loaded.turns:
            self._timer.start()
        else:
            self._timer.stop()

    def clear(self) -> None:
        """Hide the pictures of both sides at once."""
        self._loaded = None
        self._timer.stop()
        for panel in self.panels:
            panel.clear()

    def enlarge(self, view: int | None) -> None:
        """Enlarge a view on both sides at once; None shows all."""
        if self._loaded is None:
            return
        for panel in self.panels:
            panel.enlarge(view)

    def mark(self, better: ScreenSide | None) -> None:
        """Set the better side off, in the feedback of practice."""
        for panel in self.panels:
            panel.mark(panel.side == better)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 -- Qt's name
        """Give both sides the same size; an odd pixel is nobody's."""
        super().resizeEvent(event)
        width = (self.width() - 2 * _MARGIN - _GAP) // 2
        height = self.height() - 2 * _MARGIN
        self.left.setGeometry(_MARGIN, _MARGIN, width, height)
        self.right.setGeometry(self.width() - _MARGIN - width, _MARGIN, width, height)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 -- Qt's name
        """The same ground as behind the pictures."""
        QPainter(self).fillRect(event.rect(), GROUND)

    def _turn(self) -> None:
        if self._loaded is None:
            return
        steps = max(len(tile.frames) for tile in (*self._loaded.left, *self._loaded.right))
        frame = int((self._now() - self._turning_since) * steps / TURN_S) % steps
        for panel in self.panels:
            panel.set_frame(frame)
