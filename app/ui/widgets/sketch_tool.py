"""Drawing a person on the canvas: drag a box, then click one joint after the other. It knows nothing of projects.

While it is at work it takes the canvas's keys; panning and zooming stay as they are. A click places the joint that is
asked for by the canvas's own placing, so what is placed looks and feels as everywhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QLabel

from app.services.drawing import Bbox, Sketch, clip_box
from app.ui.widgets.frame_item import FrameItem
from fitting.spec import Window

if TYPE_CHECKING:
    from app.ui.widgets.person_canvas import PersonCanvas
    from resources.skeleton import Skeleton

_BOX_Z: Final = 19.0
_HINT_ROOM: Final = 60
"""Both sides of the instruction together."""
_NOTE_SHIFT: Final = QPointF(16, 14)
_PLAIN: Final = Qt.KeyboardModifier.NoModifier
_KEYPAD: Final = Qt.KeyboardModifier.KeypadModifier


class SketchTool(QObject):
    """Lets people draw one person at a time.

    Args:
        canvas: Where.

    Signals:
        joint_asked: ``int``, the joint that the next click places; -1 when none is.
        finished: :class:`~app.services.drawing.Sketch`, the drawing is complete or was ended.
        cancelled: The drawing was given up.
    """

    joint_asked = Signal(int)
    finished = Signal(object)
    cancelled = Signal()

    def __init__(self, canvas: PersonCanvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._skeleton: Skeleton | None = None
        self._sketch: Sketch | None = None
        self._corner: tuple[float, float] | None = None
        self._asking = False
        self._space_held = self._space_alone = False
        self._frame = FrameItem(QColor("#ffd54a"), dashed=False)
        self._frame.setZValue(_BOX_Z)
        canvas.scene().addItem(self._frame)
        self._note = _PointerNote(canvas)
        canvas.installEventFilter(self)
        canvas.viewport().installEventFilter(self)
        canvas.view_changed.connect(lambda: self._frame.set_view_scale(canvas.viewport_map().scale))
        canvas.joint_placed.connect(lambda _joint, x, y: self._on_placed(x, y, occluded=False))
        canvas.joint_placed_hidden.connect(lambda _joint, x, y: self._on_placed(x, y, occluded=True))
        canvas.placement_changed.connect(self._on_placement_changed)

    @property
    def is_active(self) -> bool:
        """Whether somebody is being drawn."""
        return self._skeleton is not None

    @property
    def sketch(self) -> Sketch | None:
        """What has been drawn so far; None before there is a box."""
        return self._sketch

    def begin(self, skeleton: Skeleton) -> None:
        """Ask for a box, then for the joints of a layout."""
        self._reset()
        self._skeleton = skeleton
        self._canvas.clear_person()
        self._canvas.set_skeleton(skeleton)
        self._canvas.setFocus()
        self._ask_for_box()

    def take(self) -> Sketch | None:
        """End without a signal; what has been drawn, None before there is a box."""
        sketch = self._sketch
        self._reset()
        return sketch

    def cancel(self) -> bool:
        """Give the drawing up; False when there is none."""
        if not self.is_active:
            return False
        self._reset()
        self._canvas.clear_person()
        self.cancelled.emit()
        return True

    def take_back(self) -> bool:
        """Take the last joint back, or the box when there is no joint yet; False when nobody is being drawn."""
        if not self.is_active:
            return False
        if self._sketch is not None and not self._sketch.take_back():
            self._sketch = None
            self._canvas.clear_person()
            self._ask_for_box()
        elif self._sketch is not None:
            self._show_sketch(self._sketch)
        return True

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 (Qt's name)
        """Qt's hook on the canvas and its viewport."""
        if not self.is_active:
            return False
        if isinstance(event, QKeyEvent) and watched is self._canvas:
            return self._on_key(event)
        if isinstance(event, QMouseEvent | QWheelEvent) and watched is self._canvas.viewport():
            # Alt moves and turns whole bodies, and there is none yet.
            if event.modifiers() & Qt.KeyboardModifier.AltModifier:
                return True
            return isinstance(event, QMouseEvent) and self._on_mouse(event)
        if event.type() == QEvent.Type.Leave:
            self._note.hide()
        elif event.type() == QEvent.Type.FocusOut and watched is self._canvas:
            self._space_held = self._space_alone = False
            self._corner = None  # the end of the drag may never be seen
            self._frame.set_rectangles([])
        return False

    # ---- the box

    def _ask_for_box(self) -> None:
        self._corner = None
        self._frame.set_rectangles([])
        self._note.show_text("")
        self._canvas.set_instruction(self.tr("Drag a box around the person   ·   Esc cancels"))
        self._canvas.viewport().setCursor(Qt.CursorShape.CrossCursor)
        self._tell(None)

    def _on_mouse(self, event: QMouseEvent) -> bool:
        kind, left = event.type(), event.button() == Qt.MouseButton.LeftButton
        pressed = kind in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick)
        if pressed:
            self._space_alone = False
            if self._sketch is None and left and not self._space_held:
                self._corner = self._image_point(event.position())
                return True
        elif kind == QEvent.Type.MouseMove:
            self._note.move_to(event.position())
            if self._corner is not None:
                self._show_box(self._find_box(event.position()))
                return True
            return self._sketch is None and event.buttons() == Qt.MouseButton.NoButton
        elif kind == QEvent.Type.MouseButtonRelease and left and self._corner is not None:
            self._take_box(self._find_box(event.position()))
            return True
        return False

    def _find_box(self, position: QPointF) -> Bbox | None:
        size = self._canvas.picture_size()
        if self._corner is None or size is None:
            return None
        (x1, y1), (x2, y2) = self._corner, self._image_point(position)
        return clip_box((min(x1, x2), min(y1, y2), abs(x2 - x1), abs(y2 - y1)), *size)

    def _show_box(self, box: Bbox | None) -> None:
        self._frame.set_rectangles([] if box is None else [box])
        self._note.show_text("" if box is None else f"{box[2]:.0f} × {box[3]:.0f}")

    def _take_box(self, box: Bbox | None) -> None:
        if box is None or self._skeleton is None:
            self._ask_for_box()
            self._canvas.set_instruction(
                self.tr("That was no box: press at one corner, drag to the other   ·   Esc cancels")
            )
            return
        self._corner = None
        self._frame.set_rectangles([])
        self._sketch = Sketch(self._skeleton, box)
        self._canvas.set_box(Window(*box))
        self._show_sketch(self._sketch)

    # ---- the joints

    def _on_placed(self, x: float, y: float, *, occluded: bool) -> None:
        if self._sketch is not None:
            self._sketch.place(x, y, occluded=occluded)
            self._show_sketch(self._sketch)

    def _skip(self) -> None:
        if self._sketch is not None:
            self._sketch.skip()
            self._show_sketch(self._sketch)

    def _show_sketch(self, sketch: Sketch) -> None:
        """Show what is placed and ask for the next joint; after the last one the drawing is complete."""
        self._canvas.set_keypoints(sketch.keypoints)
        if sketch.joint is None:
            self._finish()
            return
        title = sketch.skeleton.titles[sketch.joint]
        self._canvas.set_instruction(
            self._build_instruction().format(title[:1].upper() + title[1:], sketch.asked + 1, len(sketch.skeleton))
        )
        self._note.show_text(title)
        self._tell(sketch.joint)

    def _build_instruction(self) -> str:
        """All keys where there is room for them; on a narrow canvas they would hide the legs."""
        full = self.tr(
            "{0} ({1} of {2}): click where it is, with Shift if it is occluded\n"
            "Space skips  ·  Backspace takes the last back  ·  Enter ends  ·  Esc cancels"
        )
        widest = max(map(self._canvas.fontMetrics().horizontalAdvance, full.split("\n")))
        if widest < self._canvas.viewport().width() - _HINT_ROOM:
            return full
        return self.tr("{0} ({1} of {2})\nSpace skips, Enter ends")

    def _tell(self, joint: int | None) -> None:
        self._asking = True
        self._canvas.arm_placement(joint)
        self._asking = False
        if joint is None:
            self._canvas.viewport().setCursor(Qt.CursorShape.CrossCursor)
        self.joint_asked.emit(-1 if joint is None else joint)

    def _on_placement_changed(self, joint: int) -> None:
        """Somebody else has ended the placing: Esc was pressed outside the canvas."""
        if joint < 0 and self._sketch is not None and not self._asking:
            self.cancel()

    def _finish(self) -> None:
        sketch = self.take()
        if sketch is not None:
            self.finished.emit(sketch)

    def _reset(self) -> None:
        self._skeleton = self._sketch = self._corner = None
        self._frame.set_rectangles([])
        self._note.show_text("")
        self._canvas.set_instruction("")
        self._tell(None)
        self._canvas.viewport().setCursor(Qt.CursorShape.ArrowCursor)

    # ---- keys

    def _on_key(self, event: QKeyEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride:
            if self._is_ours(event):
                event.accept()
                return True
            return False
        if not self._is_ours(event):
            return False
        if event.key() == Qt.Key.Key_Space:
            self._on_space(event)
            return False  # the canvas pans while it is held
        if event.type() == QEvent.Type.KeyPress and not event.isAutoRepeat():
            self._act(Qt.Key(event.key()))
        return True

    def _is_ours(self, event: QKeyEvent) -> bool:
        keys = event.modifiers() & ~_KEYPAD
        if keys == Qt.KeyboardModifier.ControlModifier:
            return event.key() == Qt.Key.Key_Z
        own = (Qt.Key.Key_Space, Qt.Key.Key_Backspace, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape)
        return keys == _PLAIN and event.key() in own

    def _on_space(self, event: QKeyEvent) -> None:
        """Space skips when it is let go, unless something was dragged with it."""
        if event.isAutoRepeat():
            return
        if event.type() == QEvent.Type.KeyPress:
            self._space_held = self._space_alone = True
        elif event.type() == QEvent.Type.KeyRelease:
            skips, self._space_held, self._space_alone = self._space_alone, False, False
            if skips:
                self._skip()

    def _act(self, key: Qt.Key) -> None:
        if key == Qt.Key.Key_Escape:
            self.cancel()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self._sketch is not None:
                self._finish()
        else:
            self.take_back()

    def _image_point(self, position: QPointF) -> tuple[float, float]:
        return self._canvas.viewport_map().to_image(position.x(), position.y())


class _PointerNote(QLabel):
    """A few words beside the pointer: the joint it will place, the size of the box."""

    def __init__(self, canvas: PersonCanvas) -> None:
        super().__init__(canvas.viewport())
        self._room = canvas.viewport()
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setStyleSheet("background: rgba(14, 17, 22, 215); color: #ffffff; border-radius: 4px; padding: 2px 7px;")
        self.hide()

    def show_text(self, text: str) -> None:
        """Say something from the next move of the pointer on, or nothing."""
        self.setText(text)
        self.adjustSize()
        if not text:
            self.hide()

    def move_to(self, position: QPointF) -> None:
        """Go beside the pointer, on the side where there is room."""
        if not self.text():
            return
        room, at = self._room.rect(), position + _NOTE_SHIFT
        if at.x() + self.width() > room.right():
            at.setX(position.x() - _NOTE_SHIFT.x() - self.width())
        if at.y() + self.height() > room.bottom():
            at.setY(position.y() - _NOTE_SHIFT.y() - self.height())
        self.move(at.toPoint())
        self.show()
