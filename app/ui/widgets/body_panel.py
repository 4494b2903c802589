"""One body on a neutral ground: its layer, its floor, its joints, words; and the hand that turns it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QKeyEvent,
    QLinearGradient,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.ui.widgets.canvas_notices import NOTICE_COLOR, NOTICE_TEXT, RIBBON_COLOR, RIBBON_TEXT
from app.ui.widgets.pixels import desaturate, image_from_rgba
from app.ui.widgets.scene_marks import ScreenScene, paint_floor, paint_skeleton
from app.ui.widgets.tones import is_dark
from fitting.spec import RenderResult, Viewpoint

DEGREES_PER_PX: Final = 0.5
_KEY_DEGREES: Final = 7.5
_KEY_SHARE: Final = 0.04
_ZOOM_STEP: Final = 1.2
_ARROWS: Final = {
    Qt.Key.Key_Left: (-1.0, 0.0),
    Qt.Key.Key_Right: (1.0, 0.0),
    Qt.Key.Key_Up: (0.0, -1.0),
    Qt.Key.Key_Down: (0.0, 1.0),
}
_ZOOM_KEYS: Final = {Qt.Key.Key_Plus: 1, Qt.Key.Key_Equal: 1, Qt.Key.Key_Minus: -1}


@dataclass(frozen=True, slots=True)
class PanelLayers:
    """What a panel shows of a body.

    Attributes:
        mesh: The surface.
        joints: Balls and sticks.
        wire: The surface's edges.
        floor: The grid.
        opacity: Of surface and edges, 0-1.
    """

    mesh: bool = True
    joints: bool = False
    wire: bool = False
    floor: bool = True
    opacity: float = 1.0


class BodyPanel(QWidget):
    """Paints one layer of a body on a neutral ground, or a message, and reports how it is turned.

    The ground is a little lighter than a dark theme and a little darker than a light one, so that the body's own
    shading stays legible on both.

    Signals:
        orbited: ``(float, float)``, degrees of yaw and pitch.
        panned: ``(float, float)``, right and down in shares of the shorter side.
        zoomed: ``(float, float, float)``, a factor, and about which point: from the middle, in shares.
        released: The hand lets go.
        reset_wanted: Back to the named view.
        resized: A layer of another size would fill the panel.
    """

    orbited = Signal(float, float)
    panned = Signal(float, float)
    zoomed = Signal(float, float, float)
    released = Signal()
    reset_wanted = Signal()
    resized = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._drawn: RenderResult | None = None
        self._pixmap: QPixmap | None = None
        self._scaled: QPixmap | None = None
        self._layers = PanelLayers()
        self._held: QPointF | None = None
        self._panning = False
        self._stale = False
        self._caption = self._message = self._tag = ""
        self.setMinimumSize(160, 160)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setCursor(Qt.CursorShape.OpenHandCursor)

    # ---- what is shown

    def show_body(self, drawn: RenderResult | None) -> None:
        """Show a layer, or the message."""
        self._drawn = drawn
        self._rebuild()

    def show_layers(self, layers: PanelLayers) -> None:
        """Show or hide what lies beside the surface; the surface itself comes drawn or not."""
        if layers != self._layers:
            self._layers = layers
            self.update()

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
        if caption != self._caption:
            self._caption = caption
            self.update()

    def show_message(self, message: str) -> None:
        """Show a sentence where there is no body."""
        self._message = message
        self.update()

    @property
    def caption(self) -> str:
        """What is said of what is seen."""
        return self._caption

    @property
    def drawn(self) -> RenderResult | None:
        """The layer shown."""
        return self._drawn

    def has_layer(self) -> bool:
        """Whether a body is shown."""
        return self._pixmap is not None

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """A comfortable size beside the canvas."""
        return QSize(360, 340)

    def layer_size(self) -> tuple[int, int]:
        """Width and height a layer should have to fill the panel pixel for pixel."""
        ratio, height = self.devicePixelRatioF(), self.height() - self.caption_height()
        return max(64, round(self.width() * ratio)), max(64, round(height * ratio))

    def caption_height(self) -> int:
        """Height of the strip below the body."""
        return self.fontMetrics().height() + 14

    # ---- the hand

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        """Take hold of the body, or with Shift or the middle button of the picture."""
        if event.button() not in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton) or not self.has_layer():
            event.ignore()
            return
        shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        self._panning = shifted or event.button() == Qt.MouseButton.MiddleButton
        self._held = event.position()
        self.setCursor(Qt.CursorShape.SizeAllCursor if self._panning else Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        """Turn or shift; the surface that is nearest follows the pointer."""
        if self._held is None:
            return
        step = event.position() - self._held
        self._held = event.position()
        if step.isNull():
            return
        if self._panning:
            side = self._shorter_side()
            self.panned.emit(step.x() / side, step.y() / side)
        else:
            self.orbited.emit(-DEGREES_PER_PX * step.x(), DEGREES_PER_PX * step.y())

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        """Let go."""
        if self._held is not None:
            self._held = None
            self.setCursor(Qt.CursorShape.OpenHandCursor)
            self.released.emit()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        """Back to the named view."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.reset_wanted.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 (Qt's name)
        """Zoom at the pointer."""
        if not self.has_layer() or event.angleDelta().y() == 0:
            event.ignore()
            return
        middle = QPointF(self.width() / 2, (self.height() - self.caption_height()) / 2)
        at = (event.position() - middle) / self._shorter_side()
        self.zoomed.emit(_ZOOM_STEP ** (event.angleDelta().y() / 120.0), at.x(), at.y())
        event.accept()

    def event(self, event: QEvent) -> bool:
        """While the panel has the focus its keys are its own, whatever actions share them."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._is_own_key(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt's name)
        """Arrows turn, with Shift they shift; plus and minus zoom."""
        if not self._is_own_key(event):
            super().keyPressEvent(event)
            return
        key = Qt.Key(event.key())
        if key in _ZOOM_KEYS:
            self.zoomed.emit(_ZOOM_STEP ** _ZOOM_KEYS[key], 0.0, 0.0)
            return
        x, y = _ARROWS[key]
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.panned.emit(_KEY_SHARE * x, _KEY_SHARE * y)
        else:
            self.orbited.emit(-_KEY_DEGREES * x, _KEY_DEGREES * y)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 (Qt's name)
        """Another size."""
        super().resizeEvent(event)
        self.resized.emit()

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802 (Qt's name)
        """Show where the keys go."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802 (Qt's name)
        """The keys go elsewhere."""
        super().focusOutEvent(event)
        self.update()

    def _is_own_key(self, event: QKeyEvent) -> bool:
        modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if event.key() in _ZOOM_KEYS:
            return modifiers in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier)
        return event.key() in _ARROWS and modifiers in (
            Qt.KeyboardModifier.NoModifier,
            Qt.KeyboardModifier.ShiftModifier,
        )

    def _shorter_side(self) -> float:
        return float(max(1, min(self.width(), self.height() - self.caption_height())))

    # ---- painting

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        """Paint ground, floor, body, joints, words."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter)
        if self._pixmap is not None:
            self._paint_body(painter, self._pixmap)
            self._paint_words(painter)
        else:
            painter.setPen(self._text_color(0.85))
            area = QRectF(self.rect()).adjusted(20, 20, -20, -20)
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._message)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(self.palette().accent().color(), 2.0))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 6, 6)
        painter.end()

    def _paint_body(self, painter: QPainter, pixmap: QPixmap) -> None:
        place = self._layer_place()
        scene = self._screen_scene(place)
        painter.save()
        painter.setClipRect(QRectF(self.rect()).adjusted(1, 1, -1, -self.caption_height()))
        ink = self._text_color(1.0)
        with_floor = self._layers.floor and scene is not None
        if with_floor and scene is not None and not scene.floor_is_in_front:
            paint_floor(painter, scene, QRectF(self.rect()), ink)
        if self._layers.opacity > 0:
            painter.setOpacity(self._layers.opacity)
            self._paint_layer(painter, pixmap, place)
            painter.setOpacity(1.0)
        if with_floor and scene is not None and scene.floor_is_in_front:
            paint_floor(painter, scene, QRectF(self.rect()), ink)
        if self._layers.joints and scene is not None:
            paint_skeleton(painter, scene)
        painter.restore()

    def _paint_layer(self, painter: QPainter, pixmap: QPixmap, place: QRectF) -> None:
        """Layers of the right size pixel for pixel; small ones, which live for a moment, the quick way."""
        if pixmap.width() < place.width() * self.devicePixelRatioF() * 0.75:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawPixmap(place, pixmap, QRectF(pixmap.rect()))
        else:
            painter.drawPixmap(place.topLeft(), self._scaled_to(place))

    def _screen_scene(self, place: QRectF) -> ScreenScene | None:
        drawn = self._drawn
        if drawn is None or drawn.scene is None or drawn.view == "camera":
            return None
        viewpoint = drawn.view if isinstance(drawn.view, Viewpoint) else Viewpoint.of(drawn.view)
        return ScreenScene(drawn.scene, viewpoint, place, place.width() / drawn.rgba.shape[1])

    def _rebuild(self) -> None:
        self._scaled = None
        self._pixmap = None
        if self._drawn is not None:
            rgba = self._drawn.rgba
            self._pixmap = QPixmap.fromImage(image_from_rgba(desaturate(rgba) if self._stale else rgba))
        self.update()

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
