"""How a person looks in the list: a small picture, the image, which of its people, state, why to look."""

from __future__ import annotations

from typing import Any, Final

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPainterPath, QPalette, QPixmap
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app.services.flags import title_of
from app.services.suspects import describe_suspects
from app.ui.models.people import BOND_ROLE, SUMMARY_ROLE, Bond
from app.ui.models.thumbnails import Pictured, Thumbnails
from app.ui.widgets.flag_notes import FLAG_SIGN
from app.ui.widgets.state_badge import chip_size, is_dark, paint_state_chip
from db.records import PersonState, PersonSummary

_PADDING: Final = 7
_GAP: Final = 2
_LEFT: Final = 15
_RIGHT: Final = 10
_RADIUS: Final = 5.0


class PictureRowDelegate(QStyledItemDelegate):
    """Three lines beside a thumbnail; what they say is up to the subclasses."""

    def __init__(self, thumbnails: Thumbnails, parent: QObject) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails

    def sizeHint(  # noqa: N802 (Qt's name)
        self, option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """Every row is as high as three lines and no wider than the list."""
        return QSize(200, _thumbnail_side(option.font) + 2 * _PADDING)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint a row; one that has not been read yet shows its ground and an empty frame."""
        summary = index.data(SUMMARY_ROLE)
        area = QRectF(option.rect)
        painter.save()
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        _paint_ground(painter, area, option.state, option.palette)
        side = _thumbnail_side(option.font)
        frame = QRectF(area.left() + _LEFT, area.top() + _PADDING, side, side)
        if summary is not None:
            self.paint_beside(painter, area, frame, index, option.palette)
            self._paint_picture(painter, frame, summary, option.palette)
            text = QRectF(frame.right() + 10, frame.top(), area.right() - _RIGHT - frame.right() - 10, side)
            self.paint_words(RowLines(painter, text, option), summary)
        else:
            _paint_placeholder(painter, frame, option.palette, "")
        painter.restore()

    def paint_beside(
        self,
        painter: QPainter,
        area: QRectF,
        frame: QRectF,
        index: QModelIndex | QPersistentModelIndex,
        palette: QPalette,
    ) -> None:
        """Paint what surrounds the thumbnail."""

    def paint_words(self, lines: RowLines, summary: Any) -> None:
        """Write the three lines."""
        raise NotImplementedError

    def _paint_picture(self, painter: QPainter, frame: QRectF, summary: Pictured, palette: QPalette) -> None:
        ratio = painter.device().devicePixelRatioF()
        side_px = max(round(frame.width() * ratio), 1)
        pixmap = self._thumbnails.find(summary, side_px)
        if pixmap is None:
            missing = self._thumbnails.is_missing(summary, side_px)
            _paint_placeholder(painter, frame, palette, "?" if missing else "")
            return
        _paint_rounded(painter, frame, pixmap)


class RowLines:
    """The three lines of a row, to be written on."""

    def __init__(self, painter: QPainter, area: QRectF, option: QStyleOptionViewItem) -> None:
        self._painter = painter
        self._area = area
        self.font = option.font
        self.is_dark = is_dark(option.palette)
        self._metrics = QFontMetrics(option.font)
        self._text = option.palette.color(QPalette.ColorRole.Text)
        painter.setFont(option.font)

    def write(
        self,
        number: int,
        words: str,
        *,
        room: float | None = None,
        mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
    ) -> None:
        """Write a line; the first is in full colour. ``room`` is its width, without it the whole row."""
        color = QColor(self._text)
        color.setAlpha(255 if number == 0 else 170)
        self._painter.setPen(color)
        width = self._area.width() if room is None else room
        place = QRectF(self._area.left(), self._top(number), width, self._metrics.height())
        self._painter.drawText(
            place, int(Qt.AlignmentFlag.AlignLeft), self._metrics.elidedText(words, mode, int(width))
        )

    def paint_chip(self, number: int, state: PersonState) -> float:
        """A state at the right end of a line; the room that is left beside it."""
        chip = chip_size(state, self.font)
        top = self._top(number) + (self._metrics.height() - chip.height()) / 2
        area = QRectF(self._area.right() - chip.width(), top, chip.width(), chip.height())
        paint_state_chip(self._painter, area, state, self.is_dark, self.font)
        return area.left() - self._area.left() - 6

    def _top(self, number: int) -> float:
        return self._area.top() + number * (self._metrics.height() + _GAP)


class RowDelegate(PictureRowDelegate):
    """A person: image, which of its people, state, why to look; people of one image are tied together at the left."""

    def paint_beside(
        self,
        painter: QPainter,
        area: QRectF,
        frame: QRectF,
        index: QModelIndex | QPersistentModelIndex,
        palette: QPalette,
    ) -> None:
        """A line to the people of the same image."""
        _paint_bond(painter, area, frame, index.data(BOND_ROLE), palette)

    def paint_words(self, lines: RowLines, summary: PersonSummary) -> None:
        """Image; which of its people, and the state; why to look."""
        lines.write(0, summary.image_path.rpartition("/")[2], mode=Qt.TextElideMode.ElideMiddle)
        room = lines.paint_chip(1, summary.state)
        lines.write(1, f"{summary.ordinal + 1} of {summary.people_in_image}", room=room)
        lines.write(2, row_note(summary))


def _thumbnail_side(font: QFont) -> int:
    return 3 * QFontMetrics(font).height() + 2 * _GAP


def _paint_ground(painter: QPainter, area: QRectF, state: QStyle.StateFlag, palette: QPalette) -> None:
    # A table has filled a chosen row already, with a colour that the texts cannot be read on.
    painter.fillRect(area, palette.color(QPalette.ColorRole.Base))
    selected = bool(state & QStyle.StateFlag.State_Selected)
    if selected or state & QStyle.StateFlag.State_MouseOver:
        color = QColor(palette.color(QPalette.ColorRole.Highlight if selected else QPalette.ColorRole.Midlight))
        if selected:
            color.setAlpha(60 if is_dark(palette) else 38)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        painter.drawRoundedRect(area.adjusted(5, 1, -5, -1), 6, 6)
    if selected:
        painter.setBrush(palette.color(QPalette.ColorRole.Highlight))
        painter.drawRoundedRect(QRectF(area.left() + 5, area.top() + 9, 3, area.height() - 18), 1.5, 1.5)


def _paint_bond(painter: QPainter, area: QRectF, frame: QRectF, bond: Bond | None, palette: QPalette) -> None:
    """A line from thumbnail to thumbnail of people of one image."""
    if bond is None:
        return
    color = QColor(palette.color(QPalette.ColorRole.Text))
    color.setAlpha(95)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    x = frame.center().x() - 1
    if bond.above:
        painter.drawRect(QRectF(x, area.top(), 2, frame.top() - area.top()))
    if bond.below:
        painter.drawRect(QRectF(x, frame.bottom(), 2, area.bottom() - frame.bottom()))


def _paint_placeholder(painter: QPainter, frame: QRectF, palette: QPalette, sign: str) -> None:
    color = QColor(palette.color(QPalette.ColorRole.Text))
    color.setAlpha(22)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    painter.drawRoundedRect(frame, _RADIUS, _RADIUS)
    if sign:
        color.setAlpha(130)
        painter.setPen(color)
        painter.drawText(frame, int(Qt.AlignmentFlag.AlignCenter), sign)


def _paint_rounded(painter: QPainter, frame: QRectF, pixmap: QPixmap) -> None:
    path = QPainterPath()
    path.addRoundedRect(frame, _RADIUS, _RADIUS)
    painter.save()
    painter.setClipPath(path)
    painter.drawPixmap(frame, pixmap, QRectF(pixmap.rect()))
    painter.restore()


def row_note(summary: PersonSummary) -> str:
    """The third line: why to look at this person, and by how much the fit misses."""
    reasons = [*describe_suspects(summary.suspects)[:1], *(title_of(name) for name in summary.flags)]
    parts = [f"{FLAG_SIGN} {', '.join(dict.fromkeys(reasons))}"] if reasons else []
    if summary.rms_px is not None:
        parts.append(f"RMS {summary.rms_px:.1f} px" if summary.rms_px < 10 else f"RMS {summary.rms_px:.0f} px")
    else:
        parts.append(f"{summary.labelled_count} joints")
    return "  ·  ".join(parts)
