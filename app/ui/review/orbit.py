"""The camera that all views of the body share: turned by a hand or a key, moving or at rest."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from app.ui.widgets.body_panel import BodyPanel
from fitting.spec import NamedView, Viewpoint

REST_MS = 180
"""Without a move for so long the camera rests, and the body is drawn in full."""
_TURNTABLE_MS = 33
_TURNTABLE_DEGREES = 1.5


class OrbitCamera(QObject):
    """Holds the viewpoint. There is one for the page, so whatever is compared is seen from the same side.

    Signals:
        changed: The viewpoint is another one.
        rested: The camera has stopped; :attr:`is_moving` is False.
        turning_changed: ``bool``, the turntable was switched on or off.
    """

    changed = Signal()
    rested = Signal()
    turning_changed = Signal(bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._viewpoint = Viewpoint.of("side")
        self._moving = False
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self._rest.timeout.connect(self.rest)
        self._turntable = QTimer(self)
        self._turntable.setInterval(_TURNTABLE_MS)
        self._turntable.timeout.connect(lambda: self.orbit(_TURNTABLE_DEGREES, 0.0))

    @property
    def viewpoint(self) -> Viewpoint:
        """From where the body is seen."""
        return self._viewpoint

    @property
    def is_moving(self) -> bool:
        """Whether a picture drawn now lives for a moment only."""
        return self._moving

    def go(self, view: NamedView) -> None:
        """Stand at a named view, exactly."""
        self.turn(False)
        self._rest.stop()
        stands = self._viewpoint == Viewpoint.of(view)
        was_moving, self._moving = self._moving, False
        self._viewpoint = Viewpoint.of(view)
        if not stands:
            self.changed.emit()
        if was_moving or not stands:
            self.rested.emit()

    def reset(self) -> None:
        """Back to the named view that the turning began with."""
        self.go(self._viewpoint.home)

    def orbit(self, yaw_deg: float, pitch_deg: float) -> None:
        """Turn about the pelvis."""
        self._move(self._viewpoint.turned(yaw_deg, pitch_deg))

    def pan(self, right: float, down: float) -> None:
        """Shift the picture, in shares of its shorter side."""
        self._move(self._viewpoint.panned(right, down))

    def zoom(self, factor: float, x: float, y: float) -> None:
        """Magnify about a point."""
        self._move(self._viewpoint.zoomed(factor, (x, y)))

    def turn(self, on: bool) -> None:
        """Switch the turntable."""
        if on != self._turntable.isActive():
            if on:
                self._turntable.start()
            else:
                self._turntable.stop()
            self.turning_changed.emit(on)

    def rest(self) -> None:
        """Nobody moves the camera any more."""
        self._rest.stop()
        if self._moving:
            self._moving = False
            self.rested.emit()

    def listen_to(self, panel: BodyPanel) -> None:
        """Be moved by the hand on a panel."""
        panel.orbited.connect(self.orbit)
        panel.panned.connect(self.pan)
        panel.zoomed.connect(self.zoom)
        panel.released.connect(self.rest)
        panel.reset_wanted.connect(self.reset)

    def _move(self, viewpoint: Viewpoint) -> None:
        if viewpoint == self._viewpoint:
            return
        self._viewpoint = viewpoint
        self._moving = True
        self._rest.start()
        self.changed.emit()
