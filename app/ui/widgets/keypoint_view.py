"""A zoomable view in which one person's keypoints are handled with the mouse.

Outputs are signals that state what people did; the page answers by giving new keypoints. Until then the view shows what
was done, so that nothing jumps back.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QGraphicsScene, QWidget

from app.ui.widgets.hit_test import find_target
from app.ui.widgets.keypoint_show import KeypointShow
from app.ui.widgets.keypoint_tool import Press, Stroke, StrokeKind, choose_stroke
from app.ui.widgets.live_reports import LiveReports
from app.ui.widgets.selection import Selection, find_in_rectangle
from app.ui.widgets.wheel_turn import WheelTurn


class KeypointView(KeypointShow):
    """Keypoints of one person under the mouse.

    Every gesture that moves joints reports ``drag_began``, then ``joints_dragging`` while it lasts, then, unless it is
    given up, what was done in one of the signals that end in ``moved``, ``rotated`` or ``scaled``, at last
    ``drag_ended``.

    Signals:
        drag_began: A gesture that moves joints has begun.
        joint_dragging: A single joint is on its way: joint, x, y in image pixels; at most once an event-loop turn.
        joints_dragging: ``(J, 3)`` keypoints on their way, whatever the gesture; at most once an event-loop turn.
        drag_ended: The gesture is over: whether it was committed; if not, the keypoints are those from before.
        joint_moved: A drag ended: joint, x, y. Once for each drag.
        joint_placed: A click placed the joint armed by :meth:`arm_placement`: joint, x, y.
        joint_placed_hidden: The same with Shift held: the joint is there, behind something.
        selection_moved: The selected joints were dragged: ``tuple[int, ...]``, dx, dy in image pixels.
        selection_rotated: They were turned about their middle: ``tuple[int, ...]``, degrees, clockwise on the screen.
        selection_scaled: They were scaled about their middle: ``tuple[int, ...]``, factor.
        body_moved: The whole body was dragged with Alt: dx, dy in image pixels.
        body_rotated: The whole body was turned with Alt and the wheel: degrees, clockwise on the screen.
        body_scaled: The whole body was scaled with Ctrl, Alt and the wheel: factor.
    """

    drag_began = Signal()
    joint_dragging = Signal(int, float, float)
    joints_dragging = Signal(object)
    drag_ended = Signal(bool)
    joint_moved = Signal(int, float, float)
    joint_placed = Signal(int, float, float)
    joint_placed_hidden = Signal(int, float, float)
    selection_moved = Signal(object, float, float)
    selection_rotated = Signal(object, float)
    selection_scaled = Signal(object, float)
    body_moved = Signal(float, float)
    body_rotated = Signal(float)
    body_scaled = Signal(float)

    def __init__(self, scene: QGraphicsScene, parent: QWidget | None = None) -> None:
        super().__init__(scene, parent)
        self._stroke: Stroke | None = None
        self._press = Press()
        self._space_held = False
        self._live = LiveReports(self)
        self._wheel = WheelTurn(self)
        self._wheel.paused.connect(self._finish_wheel)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def joints_are_moving(self) -> bool:
        """Whether a gesture that moves joints has not ended yet."""
        stroke = self._stroke
        return bool(self._wheel.joints) or (stroke is not None and stroke.moving and stroke.kind.moves_joints)

    def live_keypoints(self) -> NDArray[np.float64]:
        """``(J, 3)`` keypoints as shown, a gesture that is not finished included."""
        if self._stroke is not None:
            return self._stroke.keypoints_px(self.viewport_map().scale)
        return self._wheel.apply(self._keypoints)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        """Begin a stroke."""
        event.accept()
        left = event.button() == Qt.MouseButton.LeftButton
        if self._stroke is not None or not (left or event.button() == Qt.MouseButton.MiddleButton):
            return
        self._finish_wheel()
        press = self._press = self._build_press(event, middle_button=not left)
        kind = choose_stroke(press)
        if kind is not StrokeKind.PAN and not self.keypoints_are_shown():
            kind = StrokeKind.PAN
        joints: tuple[int, ...] = self._labelled()
        if kind is StrokeKind.MOVE_SELECTION:
            joints = self.selected_joints()
        elif press.joint is not None and kind is StrokeKind.MOVE_JOINT:
            joints = (press.joint,)
            if not press.adds:
                self._choose(Selection.of(joints))
        self._stroke = Stroke(kind, self._keypoints, event.position().toTuple(), joints)
        self._update_cursor()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        """Go on with a stroke, or show what the pointer is over."""
        event.accept()
        if self._stroke is None:
            self._hover(self._joint_at(event.position()))
        else:
            self._go_on(self._stroke, event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        """Commit the stroke: one report."""
        event.accept()
        stroke = self._stroke
        ended_by = Qt.MouseButton.MiddleButton if self._press.middle_button else Qt.MouseButton.LeftButton
        if stroke is None or event.button() != ended_by:
            return
        self._go_on(stroke, event.position())
        self._live.flush()
        self._stroke = None
        self._band.set_rectangles([])
        self._update_cursor()
        if not stroke.moving:
            self._click(event.position())
        elif stroke.kind is StrokeKind.BAND:
            self._choose(self._caught_by(stroke))
        elif stroke.kind.moves_joints:
            self._commit(stroke)
        self._hover(self._joint_at(event.position()))
        self._show_focus()

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 (Qt's name)
        """Zoom; with Alt, turn the selected joints or the body, with Ctrl as well, scale them."""
        if self._stroke is not None and self._stroke.kind is not StrokeKind.PAN:
            event.accept()
            return
        keys = event.modifiers()
        if not keys & Qt.KeyboardModifier.AltModifier or not self.keypoints_are_shown():
            super().wheelEvent(event)
            return
        event.accept()
        scales = bool(keys & Qt.KeyboardModifier.ControlModifier)
        whole_body = not self._selection.several
        if self._wheel.joints and (self._wheel.scales, self._wheel.whole_body) != (scales, whole_body):
            self._finish_wheel()
        if not self._wheel.joints:
            chosen = self._labelled() if whole_body else self.selected_joints()
            self._wheel.begin(chosen, whole_body=whole_body, scales=scales)
            self.drag_began.emit()
        # With Alt held, several platforms report the vertical wheel as a horizontal one.
        self._wheel.turn(event.angleDelta().y() or event.angleDelta().x())
        self._show_live_keypoints()
        self._live.offer(self._report_live)

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802 (Qt's name)
        """Nothing is hovered any more."""
        if self._stroke is None:
            self._hover(None)
        super().leaveEvent(event)

    def event(self, event: QEvent) -> bool:
        """Claim Escape while there is something to abort, before the window's own shortcut takes it."""
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Escape
            and self._has_something_to_abort()
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt's name)
        """Escape aborts, Space pans; the rest belongs to the window, not to scroll bars."""
        if event.key() == Qt.Key.Key_Escape and self._has_something_to_abort():
            if self._stroke is None and not self._wheel.joints:
                self._disarm()
            self._abort_gesture()
        elif event.key() == Qt.Key.Key_Space and not event.modifiers():
            self._space_held = True
            self._update_cursor()
        else:
            event.ignore()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt's name)
        """Space no longer pans."""
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._space_held = False
            self._update_cursor()
        else:
            event.ignore()

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802 (Qt's name)
        """A stroke whose end we may never see is aborted."""
        self._space_held = False
        self._abort_gesture()
        super().focusOutEvent(event)

    def _build_press(self, event: QMouseEvent, *, middle_button: bool) -> Press:
        keys, key = event.modifiers(), Qt.KeyboardModifier
        joint = self._joint_at(event.position())
        return Press(
            middle_button=middle_button,
            alt=bool(keys & key.AltModifier),
            space=self._space_held,
            joint=joint,
            armed=self._armed is not None,
            shift=bool(keys & key.ShiftModifier),
            ctrl=bool(keys & key.ControlModifier),
            in_selection=self._selection.several and joint in self._selection.joints,
        )

    def _go_on(self, stroke: Stroke, position: QPointF) -> None:
        was_moving = stroke.moving
        step = stroke.advance(position.toTuple())
        if not stroke.moving:
            return
        if stroke.kind is StrokeKind.PAN:
            self.pan_by(*step)
        elif stroke.kind is StrokeKind.BAND:
            self._band.set_rectangles([self._image_rectangle(stroke.band())])
            self._show_focus(self._caught_by(stroke))
        else:
            if not was_moving:
                if stroke.kind is StrokeKind.MOVE_JOINT:
                    self._choose(Selection.of(stroke.joints))
                self.drag_began.emit()
            self._show_live_keypoints()
            self._live.offer(self._report_live)

    def _report_live(self) -> None:
        live, stroke = self.live_keypoints(), self._stroke
        if stroke is not None and stroke.kind is StrokeKind.MOVE_JOINT:
            (joint,) = stroke.joints
            x, y = live[joint, :2].tolist()
            self.joint_dragging.emit(joint, x, y)
        self.joints_dragging.emit(live)

    def _caught_by(self, stroke: Stroke) -> Selection:
        """Joints within the band; with Ctrl held, those selected before as well."""
        caught = find_in_rectangle(self._keypoints, self._image_rectangle(stroke.band()))
        if self._press.ctrl:
            return self._selection.joined(caught)
        return Selection.of(caught, self._selection.primary)

    def _click(self, position: QPointF) -> None:
        press = self._press
        if press.middle_button or press.space or press.alt:
            return
        point = self._image_point(position)
        if self._armed is not None:
            self._place(self._armed, point, hidden=press.shift)
        elif self.keypoints_are_shown() and self._skeleton is not None:
            scale = self.viewport_map().scale
            target = find_target(self._keypoints, self._skeleton.bones, point, scale, self._selection.primary)
            if not press.adds:
                self._choose(Selection() if target is None else Selection.of((target,)))
            elif target is not None:
                self._choose(self._selection.toggled(target))

    def _place(self, joint: int, point: tuple[float, float], *, hidden: bool) -> None:
        self._armed = None
        self._keypoints[joint] = (*point, 1.0 if hidden else 2.0)
        self._skeleton_layer.move_points(self._keypoints.copy())
        (self.joint_placed_hidden if hidden else self.joint_placed).emit(joint, *point)
        if self._armed is None:  # nobody has armed the next one
            self._show_hint()
            self._update_cursor()
            self.placement_changed.emit(-1)

    def _commit(self, stroke: Stroke) -> None:
        scale = self.viewport_map().scale
        moved = stroke.keypoints_px(scale)
        if np.array_equal(moved, self._keypoints):
            self.drag_ended.emit(False)
            return
        self._keypoints = moved
        self._skeleton_layer.move_points(moved.copy())
        if stroke.kind is StrokeKind.MOVE_BODY:
            self.body_moved.emit(*stroke.shift_px(scale))
        elif stroke.kind is StrokeKind.MOVE_SELECTION:
            self.selection_moved.emit(stroke.joints, *stroke.shift_px(scale))
        else:
            (joint,) = stroke.joints
            x, y = moved[joint, :2].tolist()
            self.joint_moved.emit(joint, x, y)
        self.drag_ended.emit(True)

    def _finish_wheel(self) -> None:
        wheel = self._wheel
        if not wheel.joints:
            return
        self._live.flush()
        joints, whole_body, scales = wheel.joints, wheel.whole_body, wheel.scales
        amount, moved = wheel.factor if scales else wheel.degrees, wheel.apply(self._keypoints)
        wheel.reset()
        if amount == (1.0 if scales else 0.0):
            self._show_live_keypoints()
            self.drag_ended.emit(False)
            return
        self._keypoints = moved
        if whole_body:
            (self.body_scaled if scales else self.body_rotated).emit(amount)
        else:
            (self.selection_scaled if scales else self.selection_rotated).emit(joints, amount)
        self.drag_ended.emit(True)

    def _has_something_to_abort(self) -> bool:
        return self._stroke is not None or bool(self._wheel.joints) or self._armed is not None

    def _abort_gesture(self) -> None:
        stroke, self._stroke = self._stroke, None
        moved_joints = bool(self._wheel.joints) or (stroke is not None and stroke.kind.moves_joints and stroke.moving)
        self._live.drop()
        self._wheel.reset()
        if stroke is not None:
            self._band.set_rectangles([])
            self._show_focus()
        self._show_live_keypoints()
        self._update_cursor()
        if moved_joints:
            self.drag_ended.emit(False)

    def _update_cursor(self) -> None:
        self.viewport().setCursor(self._find_cursor())

    def _find_cursor(self) -> Qt.CursorShape:
        shape, stroke = Qt.CursorShape, self._stroke
        if stroke is not None:
            kinds = {StrokeKind.PAN: shape.ClosedHandCursor, StrokeKind.BAND: shape.CrossCursor}
            return kinds.get(stroke.kind, shape.SizeAllCursor)
        if self._space_held:
            return shape.OpenHandCursor
        if self._armed is not None:
            return shape.CrossCursor
        return shape.ArrowCursor if self._hovered is None else shape.PointingHandCursor
