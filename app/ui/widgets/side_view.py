"""The body seen from another side, beside the overlay: what looks right from the front can be wrong in depth."""

from __future__ import annotations

from typing import Final, get_args

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QLinearGradient, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from app.ui.widgets.canvas_notices import NOTICE_COLOR, NOTICE_TEXT, RIBBON_COLOR, RIBBON_TEXT
from app.ui.widgets.pixels import desaturate, image_from_rgba
from app.ui.widgets.tones import is_dark
from fitting.spec import View

# One row of joined buttons; the application's sheet makes push buttons too wide for it.
_BUTTON_SHEET: Final = """
QPushButton {
    background: palette(button); color: palette(button-text); border: 1px solid palette(mid); border-radius: 4px;
    padding: 4px 6px;
}
QPushButton:checked {
    background: palette(highlight); color: palette(highlighted-text); border-color: palette(highlight);
}
QPushButton:focus { border: 2px solid palette(text); padding: 3px 5px; }
"""

VIEWS: Final[tuple[View, ...]] = ("front", "side", "back", "top")


class BodyPanel(QWidget):
    """Paints one layer of a body on a neutral ground with a floor line, or a message.

    The ground is a little lighter than a dark theme and a little darker than a light one, so that the body's own
    shading stays legible on both.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rgba: NDArray[np.uint8] | None = None
        self._pixmap: QPixmap | None = None
        self._scaled: QPixmap | None = None
        self._floor: float | None = None
        self._stale = False
        self._caption = self._message = self._tag = ""
        self.setMinimumSize(160, 160)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_layer(self, rgba: NDArray[np.uint8] | None, has_floor: bool) -> None:
        """Show an ``(h, w, 4)`` layer; with a floor under its lowest pixel where the view has one."""
        self._rgba = rgba
        rows = np.flatnonzero(rgba[..., 3].any(axis=1)) if rgba is not None else np.zeros(0)
        self._floor = float(rows[-1] + 1) / len(rgba) if rgba is not None and has_floor and len(rows) else None
        self._rebuild()

    def show_stale(self, stale: bool) -> None:
        """Show the body without colour and say why."""
        if stale != self._stale:
            self._stale = stale
            self._rebuild()

    def show_tag(self, tag: str) -> None:
        """Say a word about the body; empty says nothing but that it is stale."""
        if tag != self._tag:
            self._tag = tag
            self.update()

    def show_caption(self, caption: str) -> None:
        """Say what is seen."""
        self._caption = caption
        self.update()

    def show_message(self, message: str) -> None:
        """Show a sentence where there is no body."""
        self._message = message
        self.update()

    def has_layer(self) -> bool:
        """Whether a body is shown."""
        return self._pixmap is not None

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """A comfortable size beside the canvas."""
        return QSize(360, 340)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        """Paint ground, floor, body, words."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter)
        place = self._layer_place()
        if self._pixmap is not None:
            if self._floor is not None:
                self._paint_floor(painter, place.top() + self._floor * place.height())
            painter.drawPixmap(place.topLeft(), self._scaled_to(place))
            self._paint_words(painter)
        else:
            painter.setPen(self._text_color(0.85))
            area = QRectF(self.rect()).adjusted(20, 20, -20, -20)
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._message)
        painter.end()

    def _rebuild(self) -> None:
        self._scaled = None
        self._pixmap = None
        if self._rgba is not None:
            self._pixmap = QPixmap.fromImage(image_from_rgba(desaturate(self._rgba) if self._stale else self._rgba))
        self.update()

    def caption_height(self) -> int:
        """Height of the strip below the body."""
        return self.fontMetrics().height() + 14

    def _layer_place(self) -> QRectF:
        if self._pixmap is None:
            return QRectF()
        free = QRectF(self.rect()).adjusted(0, 0, 0, -self.caption_height())
        scale = min(free.width() / self._pixmap.width(), free.height() / self._pixmap.height())
        width, height = self._pixmap.width() * scale, self._pixmap.height() * scale
        return QRectF(free.center().x() - width / 2, free.center().y() - height / 2, width, height)

    def _scaled_to(self, place: QRectF) -> QPixmap:
        ratio = self.devicePixelRatioF()
        size = QSize(max(1, round(place.width() * ratio)), max(1, round(place.height() * ratio)))
        if self._scaled is None or self._scaled.size() != size:
            source = self._pixmap if self._pixmap is not None else QPixmap()
            self._scaled = source.scaled(
                size, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
            )
            self._scaled.setDevicePixelRatio(ratio)
        return self._scaled

    def _text_color(self, strength: float) -> QColor:
        color = QColor("#f2f4f7" if is_dark(self.palette()) else "#1c2026")
        color.setAlphaF(strength)
        return color

    def _paint_ground(self, painter: QPainter) -> None:
        top, bottom = ("#4a4e55", "#2c2f34") if is_dark(self.palette()) else ("#f4f5f7", "#cfd3d9")
        gradient = QLinearGradient(0, 0, 0, self.height())
        gradient.setColorAt(0.0, QColor(top))
        gradient.setColorAt(1.0, QColor(bottom))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(gradient)
        painter.drawRoundedRect(QRectF(self.rect()), 6, 6)

    def _paint_floor(self, painter: QPainter, y: float) -> None:
        inset = self.width() * 0.06
        painter.setPen(QPen(self._text_color(0.35), 1.0))
        painter.drawLine(QPointF(inset, y), QPointF(self.width() - inset, y))

    def _paint_words(self, painter: QPainter) -> None:
        line = QRectF(self.rect()).adjusted(12, self.height() - self.caption_height(), -12, 0)
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.setPen(self._text_color(0.9))
        tag = self._tag or (self.tr("STALE") if self._stale else "")
        if tag:
            font = painter.font()
            font.setBold(True)
            painter.setFont(font)
            width = painter.fontMetrics().horizontalAdvance(tag)
            chip = QRectF(self.width() - width - 24, line.center().y() - 10, width + 14, 20)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(NOTICE_COLOR if self._tag else RIBBON_COLOR)
            painter.drawRoundedRect(chip, 4, 4)
            painter.setPen(NOTICE_TEXT if self._tag else RIBBON_TEXT)
            painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, tag)
            font.setBold(False)
            painter.setFont(font)
            painter.setPen(self._text_color(0.9))
            line.setRight(chip.left() - 8)
        caption = painter.fontMetrics().elidedText(self._caption, Qt.TextElideMode.ElideRight, int(line.width()))
        painter.drawText(line, left, caption)


class SideView(QWidget):
    """Body panel with a button for each view.

    Signals:
        view_requested: People asked for another view: ``front``, ``side``, ``back`` or ``top``.
    """

    view_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view: View = "side"
        self._panel = BodyPanel(self)
        self._buttons = QButtonGroup(self)
        self._buttons.setExclusive(True)
        row = QHBoxLayout()
        row.setSpacing(4)
        for index, view in enumerate(VIEWS):
            button = QPushButton(self._title(view), self)
            button.setCheckable(True)
            button.setAutoDefault(False)
            button.setToolTip(self._caption(view))
            button.setAccessibleName(self.tr("{0} view").format(self._title(view)))
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setStyleSheet(_BUTTON_SHEET)
            self._buttons.addButton(button, index)
            row.addWidget(button, 1)
        self._buttons.idClicked.connect(self._on_button_clicked)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addLayout(row)
        layout.addWidget(self._panel, 1)
        self.setAccessibleName(self.tr("Body from another side"))
        self.set_message(self.tr("No fit yet"))
        self.set_view("side")

    def view(self) -> View:
        """View chosen."""
        return self._view

    def set_view(self, view: View) -> None:
        """Choose a view without asking for it; ``camera`` is the canvas's business and not accepted."""
        if view not in VIEWS:
            raise ValueError(f"the side view has no '{view}'; it has {', '.join(VIEWS)} of {get_args(View)}")
        self._view = view
        self._buttons.button(VIEWS.index(view)).setChecked(True)
        self._panel.show_caption(self._caption(view))

    def set_layer(self, rgba: NDArray[np.uint8] | None, view: View | None = None) -> None:
        """Show an ``(h, w, 4)`` layer of the view given, by default of the view chosen; None shows the message."""
        if view is not None:
            self.set_view(view)
        self._panel.show_layer(rgba, has_floor=self._view != "top")
        self._panel.setAccessibleName(self._caption(self._view) if rgba is not None else "")

    def set_message(self, message: str) -> None:
        """Sentence shown while there is no body."""
        self._panel.show_message(message)

    def set_stale(self, stale: bool) -> None:
        """Mark the body as fitted to earlier keypoints."""
        self._panel.show_stale(stale)

    def set_notice(self, text: str) -> None:
        """Mark the body as not the one that is decided about; empty takes the mark away."""
        self._panel.show_tag(self.tr("NOT CURRENT") if text else "")
        self._panel.setToolTip(text)

    def layer_size(self) -> tuple[int, int]:
        """Width and height a layer should have to fill the panel pixel for pixel."""
        ratio = self._panel.devicePixelRatioF()
        height = self._panel.height() - self._panel.caption_height()
        return max(64, round(self._panel.width() * ratio)), max(64, round(height * ratio))

    def _on_button_clicked(self, index: int) -> None:
        self.set_view(VIEWS[index])
        self.view_requested.emit(VIEWS[index])

    def _title(self, view: View) -> str:
        return {
            "front": self.tr("Front"),
            "side": self.tr("Side"),
            "back": self.tr("Back"),
            "top": self.tr("Top"),
        }[view]

    def _caption(self, view: View) -> str:
        return {
            "front": self.tr("Front view · as the camera sees it"),
            "side": self.tr("Side view · from the image's right"),
            "back": self.tr("Back view · from behind"),
            "top": self.tr("Top view · from above"),
        }[view]
