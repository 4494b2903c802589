"""A bubble with an arrow that points at a part of the window, and a frame around that part."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QPalette, QPen, QPolygonF
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

_WIDTH = 330
_ARROW = 14
_PADDING = 16
_GAP = 10
_EDGE = 8


class TourFrame(QWidget):
    """A line around what is pointed at; the mouse goes through it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName(self.tr("What the tour points at"))

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 -- Qt's name
        """Paint the line."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Accent), 3))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(2, 2, -2, -2), 8, 8)
        painter.end()


class TourBubble(QWidget):
    """Title, two sentences, how far the tour is, and the two ways on.

    Signals:
        next_wanted: The button that goes on.
        leave_wanted: The button that ends the tour.
    """

    next_wanted = Signal()
    leave_wanted = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Tour"))
        self.title = QLabel(self)
        self.title.setObjectName("settingsGroup")
        self.title.setWordWrap(True)
        self.text = QLabel(self)
        self.text.setWordWrap(True)
        self.place_text = QLabel(self)
        self.place_text.setProperty("quiet", True)
        self.leave = QPushButton(self.tr("Leave (Esc)"), self)
        self.next = QPushButton(self)
        self.next.setProperty("primary", True)
        for button in (self.leave, self.next):
            button.setAutoDefault(False)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.leave.clicked.connect(self.leave_wanted)
        self.next.clicked.connect(self.next_wanted)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.place_text)
        buttons.addStretch(1)
        buttons.addWidget(self.leave)
        buttons.addWidget(self.next)
        layout = QVBoxLayout(self)
        margin = _PADDING + _ARROW
        layout.setContentsMargins(margin, margin, margin, margin)
        layout.setSpacing(8)
        layout.addWidget(self.title)
        layout.addWidget(self.text)
        layout.addLayout(buttons)
        self._tip: QPoint | None = None
        self.hide()

    def say(self, title: str, text: str, place: str, next_text: str) -> None:
        """Show a step."""
        self.title.setText(title)
        self.text.setText(text)
        self.place_text.setText(place)
        self.next.setText(next_text)
        self.setAccessibleDescription(f"{title}. {text}")

    def point_at(self, target: QRect | None, free: QRect | None = None) -> None:
        """Stand beside a rectangle of the parent, where there is most room; in the middle without one.

        Args:
            target: What the arrow points at.
            free: What must not be covered either; the bubble stands beside both.
        """
        layout, parent = self.layout(), self.parentWidget()
        assert layout is not None
        assert parent is not None
        width = min(_WIDTH + 2 * _ARROW, parent.width() - 2 * _EDGE)
        height = max(layout.heightForWidth(width), layout.minimumSize().height())
        room = parent.rect().adjusted(_EDGE, _EDGE, -_EDGE, -_EDGE)
        box = QRect(0, 0, width, height)
        if target is None:
            box.moveCenter(room.center())
            self._tip = None
        else:
            target = (target if free is None else target.united(free)).intersected(room)
            box, self._tip = _beside(box, target, room)
        if box != self.geometry():
            self.setGeometry(box)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 -- Qt's name
        """Paint the plate and its arrow."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        plate = QRectF(self.rect()).adjusted(_ARROW, _ARROW, -_ARROW, -_ARROW)
        path = QPainterPath()
        path.addRoundedRect(plate, 9, 9)
        if self._tip is not None:
            tip = QPointF(self.mapFromParent(self._tip))
            path = path.united(_arrow(plate, tip))
        palette = self.palette()
        painter.setPen(QPen(palette.color(QPalette.ColorRole.Accent), 2))
        painter.setBrush(palette.color(QPalette.ColorRole.AlternateBase))
        painter.drawPath(path.simplified())
        painter.end()


def _beside(box: QRect, target: QRect, room: QRect) -> tuple[QRect, QPoint]:
    """A place for a box next to a target, within the room, and where its arrow points."""
    spaces = {
        "right": room.right() - target.right() - box.width(),
        "left": target.left() - room.left() - box.width(),
        "below": room.bottom() - target.bottom() - box.height(),
        "above": target.top() - room.top() - box.height(),
    }
    side = next((name for name, space in spaces.items() if space >= _GAP), max(spaces, key=lambda name: spaces[name]))
    box.moveCenter(target.center())
    middle = target.center()
    if side == "right":
        box.moveLeft(target.right() + _GAP - _ARROW)
        tip = QPoint(target.right() + 2, middle.y())
    elif side == "left":
        box.moveRight(target.left() - _GAP + _ARROW)
        tip = QPoint(target.left() - 2, middle.y())
    elif side == "below":
        box.moveTop(target.bottom() + _GAP - _ARROW)
        tip = QPoint(middle.x(), target.bottom() + 2)
    else:
        box.moveBottom(target.top() - _GAP + _ARROW)
        tip = QPoint(middle.x(), target.top() - 2)
    box.moveLeft(max(room.left(), min(box.left(), room.right() - box.width())))
    box.moveTop(max(room.top(), min(box.top(), room.bottom() - box.height())))
    inside = box.contains(target.center())
    return box, box.center() if inside else tip


def _arrow(plate: QRectF, tip: QPointF) -> QPainterPath:
    """Triangle from the edge of a plate that is nearest to the tip."""
    path = QPainterPath()
    low, high = 18.0, 18.0
    x = min(max(tip.x(), plate.left() + low), plate.right() - high)
    y = min(max(tip.y(), plate.top() + low), plate.bottom() - high)
    half = float(_ARROW) * 0.7
    if tip.x() < plate.left():
        base = (QPointF(plate.left() + 1, y - half), QPointF(plate.left() + 1, y + half))
        point = QPointF(plate.left() - _ARROW + 1, y)
    elif tip.x() > plate.right():
        base = (QPointF(plate.right() - 1, y - half), QPointF(plate.right() - 1, y + half))
        point = QPointF(plate.right() + _ARROW - 1, y)
    elif tip.y() < plate.top():
        base = (QPointF(x - half, plate.top() + 1), QPointF(x + half, plate.top() + 1))
        point = QPointF(x, plate.top() - _ARROW + 1)
    elif tip.y() > plate.bottom():
        base = (QPointF(x - half, plate.bottom() - 1), QPointF(x + half, plate.bottom() - 1))
        point = QPointF(x, plate.bottom() + _ARROW - 1)
    else:
        return path
    path.addPolygon(QPolygonF([base[0], point, base[1]]))
    path.closeSubpath()
    return path
