"""A zoomable view in which one person's keypoints are handled with the mouse.

Outputs are signals that state what people did; the page answers by giving new keypoints. Until then the view shows what
was done, so that nothing jumps back.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QGraphicsScene, QWidget

from app.ui.widgets.canvas_notices import CanvasHint
from app.ui.widgets.hit_test import find_joint, find_target
from app.ui.widgets.keypoint_tool import Press, Stroke, StrokeKind, choose_stroke, rotate_body
from app.ui.widgets.skeleton_layer import Focus, SkeletonLayer
from app.ui.widgets.zoom_view import ZoomView
from resources.skeleton import Skeleton

ROTATION_IDLE_MS = 250
"""Turns of the wheel closer together than this are one rotation."""

DEGREES_PER_NOTCH = 2.0
_WHEEL_UNITS_PER_NOTCH = 120.0
_SKELETON_Z = 10.0


class KeypointView(ZoomView):
    """Keypoints of one person under the mouse.

    Signals:
        joint_selected: A joint was chosen with the mouse; -1 for none.
        joint_dragging: A joint is on its way: joint, x, y in image pixels.
        joint_moved: A drag ended: joint, x, y. Once for each drag.
        joint_placed: A click placed the joint armed by :meth:`arm_placement`: joint, x, y.
        placement_changed: The joint armed for placement; -1 when none is any more.
        body_moved: The whole body was dragged with Alt: dx, dy in image pixels.
        body_rotated: The whole body was turned with Alt and the wheel: degrees, clockwise on the screen.
    """

    joint_selected = Signal(int)
    joint_dragging = Signal(int, float, float)
    joint_moved = Signal(int, float, float)
    joint_placed = Signal(int, float, float)
    placement_changed = Signal(int)
    body_moved = Signal(float, float)
    body_rotated = Signal(float)

    def __init__(self, scene: QGraphicsScene, parent: QWidget | None = None) -> None:
        super().__init__(scene, parent)
        self._skeleton_layer = SkeletonLayer(scene, z=_SKELETON_Z)
        self._hint = CanvasHint(self)
        self._skeleton: Skeleton | None = None
        self._keypoints: NDArray[np.float64] = np.zeros((0, 3))
        self._selected: int | None = None
        self._hovered: int | None = None
        self._armed: int | None = None
        self._stroke: Stroke | None = None
        self._press = Press()
        self._space_held = False
        self._turned_degrees = 0.0
        self._rotation_idle = QTimer(self)
        self._rotation_idle.setSingleShot(True)
        self._rotation_idle.setInterval(ROTATION_IDLE_MS)
        self._rotation_idle.timeout.connect(self._finish_rotation)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def keypoints_are_shown(self) -> bool:
        """Whether there are keypoints to aim at; what is not shown cannot be moved."""
        return bool((self._keypoints[:, 2] > 0).any())

    def set_skeleton(self, skeleton: Skeleton) -> None:
        """Take a layout; the joints are not labelled until :meth:`set_keypoints`."""
        if skeleton is self._skeleton:
            return
        self._abort_gesture()
        self._disarm()
        self._skeleton = skeleton
        self._keypoints = np.zeros((len(skeleton), 3))
        self._selected = self._hovered = None
        self._skeleton_layer.set_skeleton(skeleton)

    def set_keypoints(self, keypoints: NDArray[np.floating], residuals_px: NDArray[np.floating] | None = None) -> None:
        """Show keypoints.

        A drag in progress goes on if these are the keypoints it began with (new residuals of a fit), and is given up
        otherwise: what people hold must not be something that changed under their hands.

        Args:
            keypoints: ``(J, 3)`` x, y in image pixels, visibility 0, 1 or 2.
            residuals_px: ``(J,)`` distance to the fitted body in image pixels, NaN where there is none.
        """
        if self._skeleton is None or keypoints.shape != (len(self._skeleton), 3):
            expected = 0 if self._skeleton is None else len(self._skeleton)
            raise ValueError(f"keypoints of shape {keypoints.shape} were given; the skeleton wants ({expected}, 3)")
        fresh = np.array(keypoints, dtype=np.float64)
        if not np.array_equal(fresh, self._keypoints):
            self._abort_gesture()
        self._keypoints = fresh
        residuals = None if residuals_px is None else np.asarray(residuals_px, dtype=np.float64)
        self._skeleton_layer.set_keypoints(fresh, residuals)
        self._show_live_keypoints()
        if self._armed is not None and fresh[self._armed, 2] > 0:
            self._disarm()

    def set_selected(self, joint: int | None) -> None:
        """Select a joint; no signal, the caller knows."""
        self._selected = joint if joint is not None and 0 <= joint < len(self._keypoints) else None
        self._show_focus()

    def selected_joint(self) -> int | None:
        """Joint selected."""
        return self._selected

    def keypoints(self) -> NDArray[np.float64]:
        """``(J, 3)`` keypoints as shown, without a gesture that is not finished."""
        return self._keypoints.copy()

    def shown_labels(self) -> tuple[str, ...]:
        """Texts of the name plates on the canvas."""
        return self._skeleton_layer.shown_labels()

    def arm_placement(self, joint: int | None) -> None:
        """Let the next click place a joint, normally one that is not labelled; None to give up."""
        if joint is None or self._skeleton is None:
            self._disarm()
            return
        self._armed = joint
        self._hint.show_hint(self.tr("Click to place: {0}   ·   Esc to leave").format(self._skeleton.titles[joint]))
        self._hint.place(self.viewport().width(), self.viewport().height())
        self._update_cursor()
        self.placement_changed.emit(joint)

    def _on_view_shown(self) -> None:
        width, height = self.viewport().width(), self.viewport().height()
        self._skeleton_layer.set_view(self.viewport_map(), width, height)
        self._hint.place(width, height)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        """Begin a stroke."""
        event.accept()
        left = event.button() == Qt.MouseButton.LeftButton
        if self._stroke is not None or not (left or event.button() == Qt.MouseButton.MiddleButton):
            return
        self._finish_rotation()
        self._press = Press(
            middle_button=not left,
            alt=bool(event.modifiers() & Qt.KeyboardModifier.AltModifier),
            space=self._space_held,
            joint=self._joint_at(event.position()),
            armed=self._armed is not None,
        )
        kind = choose_stroke(self._press)
        if kind is StrokeKind.MOVE_BODY and not self.keypoints_are_shown():
            kind = StrokeKind.PAN
        self._stroke = Stroke(kind, self._keypoints, event.position().toTuple(), self._press.joint)
        if kind is StrokeKind.MOVE_JOINT:
            self._select(self._press.joint)
        self._update_cursor()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        """Go on with a stroke, or show what the pointer is over."""
        event.accept()
        stroke = self._stroke
        if stroke is None:
            self._hover(self._joint_at(event.position()))
            return
        step = stroke.advance(event.position().toTuple())
        if not stroke.moving:
            return
        if stroke.kind is StrokeKind.PAN:
            self.pan_by(*step)
            return
        self._show_live_keypoints()
        if stroke.kind is StrokeKind.MOVE_JOINT and stroke.joint is not None:
            x, y = stroke.keypoints_px(self.viewport_map().scale)[stroke.joint, :2]
            self.joint_dragging.emit(stroke.joint, float(x), float(y))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        """Commit the stroke: one report."""
        event.accept()
        stroke = self._stroke
        ended_by = Qt.MouseButton.MiddleButton if self._press.middle_button else Qt.MouseButton.LeftButton
        if stroke is None or event.button() != ended_by:
            return
        stroke.advance(event.position().toTuple())
        self._stroke = None
        self._update_cursor()
        if not stroke.moving:
            self._click(event.position())
        elif stroke.kind is not StrokeKind.PAN:
            self._commit(stroke)
        self._hover(self._joint_at(event.position()))

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 (Qt's name)
        """Zoom; with Alt, turn the body."""
        if self._stroke is not None and self._stroke.kind is not StrokeKind.PAN:
            event.accept()
            return
        if not event.modifiers() & Qt.KeyboardModifier.AltModifier or not self.keypoints_are_shown():
            super().wheelEvent(event)
            return
        # With Alt held, several platforms report the vertical wheel as a horizontal one.
        turned = event.angleDelta().y() or event.angleDelta().x()
        self._turned_degrees += turned / _WHEEL_UNITS_PER_NOTCH * DEGREES_PER_NOTCH
        self._rotation_idle.start()
        self._show_live_keypoints()
        event.accept()

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
            if self._stroke is None and not self._turned_degrees:
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

    def _image_point(self, position: QPointF) -> tuple[float, float]:
        return self.viewport_map().to_image(position.x(), position.y())

    def _joint_at(self, position: QPointF) -> int | None:
        if not self.keypoints_are_shown():
            return None
        return find_joint(self._keypoints, self._image_point(position), self.viewport_map().scale, self._selected)

    def _click(self, position: QPointF) -> None:
        if self._press.middle_button or self._press.space or self._press.alt:
            return
        point = self._image_point(position)
        if self._armed is not None:
            joint = self._armed
            self._disarm()
            self._keypoints[joint] = (*point, 2.0)
            self._skeleton_layer.move_points(self._keypoints.copy())
            self.joint_placed.emit(joint, *point)
        elif self.keypoints_are_shown() and self._skeleton is not None:
            scale = self.viewport_map().scale
            self._select(find_target(self._keypoints, self._skeleton.bones, point, scale, self._selected))

    def _commit(self, stroke: Stroke) -> None:
        scale = self.viewport_map().scale
        moved = stroke.keypoints_px(scale)
        if np.array_equal(moved, self._keypoints):
            return
        self._keypoints = moved
        self._skeleton_layer.move_points(moved)
        if stroke.kind is StrokeKind.MOVE_BODY:
            self.body_moved.emit(*stroke.shift_px(scale))
        elif stroke.joint is not None:
            x, y = moved[stroke.joint, :2]
            self.joint_moved.emit(stroke.joint, float(x), float(y))

    def _finish_rotation(self) -> None:
        self._rotation_idle.stop()
        degrees, self._turned_degrees = self._turned_degrees, 0.0
        if degrees:
            self._keypoints = rotate_body(self._keypoints, degrees)
            self.body_rotated.emit(degrees)

    def _has_something_to_abort(self) -> bool:
        return self._stroke is not None or bool(self._turned_degrees) or self._armed is not None

    def _abort_gesture(self) -> None:
        self._rotation_idle.stop()
        self._turned_degrees = 0.0
        self._stroke = None
        self._show_live_keypoints()
        self._update_cursor()

    def _disarm(self) -> None:
        if self._armed is not None:
            self._armed = None
            self._hint.show_hint("")
            self._update_cursor()
            self.placement_changed.emit(-1)

    def _show_live_keypoints(self) -> None:
        if self._stroke is not None:
            live = self._stroke.keypoints_px(self.viewport_map().scale)
        elif self._turned_degrees:
            live = rotate_body(self._keypoints, self._turned_degrees)
        else:
            live = self._keypoints.copy()
        self._skeleton_layer.move_points(live)

    def _select(self, joint: int | None) -> None:
        if joint != self._selected:
            self._selected = joint
            self._show_focus()
            self.joint_selected.emit(-1 if joint is None else joint)

    def _hover(self, joint: int | None) -> None:
        if joint != self._hovered:
            self._hovered = joint
            self._show_focus()
            self._update_cursor()

    def _show_focus(self) -> None:
        self._skeleton_layer.set_focus(Focus(self._selected, frozenset(), self._hovered))

    def _update_cursor(self) -> None:
        stroke = self._stroke
        if stroke is not None:
            panning = stroke.kind is StrokeKind.PAN
            shape = Qt.CursorShape.ClosedHandCursor if panning else Qt.CursorShape.SizeAllCursor
        elif self._space_held:
            shape = Qt.CursorShape.OpenHandCursor
        elif self._armed is not None:
            shape = Qt.CursorShape.CrossCursor
        elif self._hovered is not None:
            shape = Qt.CursorShape.PointingHandCursor
        else:
            shape = Qt.CursorShape.ArrowCursor
        self.viewport().setCursor(shape)
