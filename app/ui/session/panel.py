"""One side of a comparison: its views as square tiles, and word of when they are on screen."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.ui.session.arrangement import arrange_tiles
from app.ui.session.pictures import Tile
from db.rater_package.records import ScreenSide

GROUND: Final = QColor(128, 128, 128)
"""Around the pictures, in every theme: no colour, and as far from black as from white."""
_FRAME: Final = QColor(96, 96, 96)
_MARKED: Final = QColor(255, 255, 255)
_MARGIN: Final = 10
_ENLARGED_AT_MOST: Final = 2.0
_ENLARGED_FIRST: Final = ("side", "other_side", "turntable", "front", "back", "top", "overlay")


class SidePanel(QWidget):
    """Shows the tiles of one side on neutral grey.

    Args:
        side: Which one.
        parent: The pair.

    Signals:
        painted: The first paint of these pictures is done; once after each :meth:`show_tiles`.
    """

    painted = Signal()

    def __init__(self, side: ScreenSide, parent: QWidget) -> None:
        super().__init__(parent)
        self.side = side
        self._tiles: tuple[Tile, ...] = ()
        self._largest = 1
        self._frame = 0
        self._enlarged: int | None = None
        self._marked = False
        self._awaited = False
        left = side == "left"
        self.setObjectName("leftPictures" if left else "rightPictures")
        self.setAccessibleName(self.tr("Left pictures") if left else self.tr("Right pictures"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    @property
    def shows(self) -> bool:
        """Whether there are pictures on it."""
        return bool(self._tiles)

    @property
    def frame(self) -> int:
        """Step of whatever turns."""
        return self._frame

    @property
    def enlarged(self) -> int | None:
        """Number of the view that takes the whole panel."""
        return self._enlarged

    def show_tiles(self, tiles: tuple[Tile, ...], largest_px: int) -> None:
        """Show these pictures, and tell when they are painted."""
        self._tiles = tiles
        self._largest = largest_px
        self._frame = 0
        self._enlarged = None
        self._marked = False
        self._awaited = True
        self.update()

    def clear(self) -> None:
        """Show no picture."""
        self._tiles = ()
        self._enlarged = None
        self._marked = False
        self._awaited = False
        self.update()

    def set_frame(self, frame: int) -> None:
        """Show another step of whatever turns."""
        if frame != self._frame:
            self._frame = frame
            self.update()

    def enlarge(self, view: int | None) -> None:
        """Let one view take the whole panel; None shows all again."""
        if view != self._enlarged:
            self._enlarged = view
            self.update()

    def mark(self, marked: bool) -> None:
        """Set this side off, in the feedback of practice."""
        self._marked = marked
        self.update()

    def places(self) -> list[QRect]:
        """Where the tiles lie."""
        inside = self.rect().adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN)
        if self._enlarged is not None:
            count, largest = 1, round(self._largest * _ENLARGED_AT_MOST)
        else:
            count, largest = len(self._tiles), self._largest
        if not count:
            return []
        offset = QPoint(inside.left(), inside.top())
        return [tile.translated(offset) for tile in arrange_tiles(count, inside.width(), inside.height(), largest)]

    def tile_px(self, count: int, largest_px: int) -> int:
        """Device pixels a tile will have at the present size, for scaling ahead."""
        inside = QSize(self.width() - 2 * _MARGIN, self.height() - 2 * _MARGIN)
        if inside.width() < 1 or inside.height() < 1:
            return 0
        tile = arrange_tiles(count, inside.width(), inside.height(), largest_px)[0]
        return round(tile.width() * self.devicePixelRatioF())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002, N802 -- Qt's name; all of it is painted
        """Draw the tiles of now."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), GROUND)
        painter.setPen(QPen(_MARKED, 3) if self._marked else QPen(_FRAME, 1))
        painter.drawRect(self.rect().adjusted(1, 1, -2, -2))
        ratio = self.devicePixelRatioF()
        tiles = self._tiles if self._enlarged is None else (self._tiles[self._enlarged],)
        for tile, place in zip(tiles, self.places(), strict=True):
            painter.drawImage(place, tile.scaled(self._frame, round(place.width() * ratio)))
        painter.end()
        if self._awaited and self._tiles:
            self._awaited = False
            self.painted.emit()


def find_enlarged_view(views: tuple[str, ...]) -> int:
    """Number of the view that can be enlarged: the one from the side, or whatever comes nearest to it."""
    return next((views.index(name) for name in _ENLARGED_FIRST if name in views), len(views) - 1)
