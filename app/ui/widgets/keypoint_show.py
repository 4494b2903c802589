"""A zoomable view of one person's keypoints: what is labelled, selected, under the pointer, about to be placed."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QGraphicsScene, QWidget

from app.services.point_moves import find_labelled
from app.ui.widgets.canvas_notices import CanvasHint
from app.ui.widgets.frame_item import FrameItem
from app.ui.widgets.hit_test import find_joint
from app.ui.widgets.selection import Selection
from app.ui.widgets.skeleton_layer import Focus, SkeletonLayer
from app.ui.widgets.viewport import Rectangle
from app.ui.widgets.zoom_view import ZoomView
from resources.skeleton import Skeleton

_SKELETON_Z = 10.0
_BAND_Z = 20.0


class KeypointShow(ZoomView):
    """Keypoints of one person, to look at; :class:`KeypointView` lets people handle them.

    Signals:
        joint_selected: One joint was chosen with the mouse; -1 for none.
        joints_selected: ``tuple[int, ...]``, several joints were chosen with the mouse.
        placement_changed: The joint armed for placement; -1 when none is any more.
    """

    joint_selected = Signal(int)
    joints_selected = Signal(object)
    placement_changed = Signal(int)

    def __init__(self, scene: QGraphicsScene, parent: QWidget | None = None) -> None:
        super().__init__(scene, parent)
        self._skeleton_layer = SkeletonLayer(scene, z=_SKELETON_Z)
        self._band = FrameItem(QColor("#ffffff"), dashed=True)
        self._band.setZValue(_BAND_Z)
        scene.addItem(self._band)
        self._hint = CanvasHint(self)
        self._skeleton: Skeleton | None = None
        self._keypoints: NDArray[np.float64] = np.zeros((0, 3))
        self._selection = Selection()
        self._hovered: int | None = None
        self._armed: int | None = None
        self._instruction = ""

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
        self._selection, self._hovered = Selection(), None
        self._skeleton_layer.set_skeleton(skeleton)
        self._show_hint()

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
        """Select a joint and no other; no signal, the caller knows."""
        self.set_selection(() if joint is None else (joint,))

    def set_selection(self, joints: Collection[int]) -> None:
        """Select joints; no signal, the caller knows. The leading joint stays if it is one of them."""
        known = [joint for joint in joints if 0 <= joint < len(self._keypoints)]
        self._selection = Selection.of(known, self._selection.primary)
        self._show_focus()
        self._show_hint()

    def selected_joint(self) -> int | None:
        """Joint selected; of several the leading one."""
        return self._selection.primary

    def selected_joints(self) -> tuple[int, ...]:
        """All joints selected, in order."""
        return tuple(sorted(self._selection.joints))

    def keypoints(self) -> NDArray[np.float64]:
        """``(J, 3)`` keypoints as shown, without a gesture that is not finished."""
        return self._keypoints.copy()

    def live_keypoints(self) -> NDArray[np.float64]:
        """``(J, 3)`` keypoints as shown, a gesture that is not finished included."""
        return self._keypoints.copy()

    def shown_labels(self) -> tuple[str, ...]:
        """Texts of the name plates on the canvas."""
        return self._skeleton_layer.shown_labels()

    def hint(self) -> str:
        """Instruction at the lower edge."""
        return self._hint.text()

    def set_instruction(self, text: str) -> None:
        """Say at the lower edge what is to be done, before anything else that could be said there."""
        self._instruction = text
        self._show_hint()

    def arm_placement(self, joint: int | None) -> None:
        """Let the next click place a joint, normally one that is not labelled; None to give up."""
        if joint is None or self._skeleton is None:
            self._disarm()
            return
        self._armed = joint
        self._show_hint()
        self._update_cursor()
        self.placement_changed.emit(joint)

    def armed_joint(self) -> int | None:
        """Joint that the next click places."""
        return self._armed

    def _on_view_shown(self) -> None:
        width, height = self.viewport().width(), self.viewport().height()
        self._skeleton_layer.set_view(self.viewport_map(), width, height)
        self._band.set_view_scale(self.viewport_map().scale)
        self._place_hint()

    def _image_point(self, position: QPointF) -> tuple[float, float]:
        return self.viewport_map().to_image(position.x(), position.y())

    def _image_rectangle(self, screen: Rectangle) -> Rectangle:
        scale = self.viewport_map().scale
        return (*self.viewport_map().to_image(*screen[:2]), screen[2] / scale, screen[3] / scale)

    def _joint_at(self, position: QPointF) -> int | None:
        if not self.keypoints_are_shown():
            return None
        at = self._image_point(position)
        return find_joint(self._keypoints, at, self.viewport_map().scale, self._selection.primary)

    def _labelled(self) -> tuple[int, ...]:
        return find_labelled(self._keypoints)

    def _choose(self, selection: Selection) -> None:
        """Select by hand: this is reported."""
        if selection == self._selection:
            return
        self._selection = selection
        self._show_focus()
        self._show_hint()
        if selection.several:
            self.joints_selected.emit(self.selected_joints())
        else:
            self.joint_selected.emit(-1 if selection.primary is None else selection.primary)

    def _hover(self, joint: int | None) -> None:
        if joint != self._hovered:
            self._hovered = joint
            self._show_focus()
            self._update_cursor()

    def _disarm(self) -> None:
        if self._armed is not None:
            self._armed = None
            self._show_hint()
            self._update_cursor()
            self.placement_changed.emit(-1)

    def _show_focus(self, selection: Selection | None = None) -> None:
        """Mark what is selected, or what would be if the band ended here."""
        shown = self._selection if selection is None else selection
        members = shown.joints if shown.several else frozenset()
        self._skeleton_layer.set_focus(Focus(shown.primary, members, self._hovered))

    def _show_hint(self) -> None:
        text = self._instruction or self._find_hint()
        if text != self._hint.text():
            self._hint.show_hint(text)
            self._place_hint()

    def _find_hint(self) -> str:
        if self._armed is not None and self._skeleton is not None:
            return self.tr("Click to place: {0}   ·   Esc to leave").format(self._skeleton.titles[self._armed])
        if self._selection.several:
            return self.tr(
                "{0} joints selected   ·   drag one to move them   ·   Alt-wheel turns, Ctrl-Alt-wheel scales"
            ).format(len(self._selection.joints))
        return ""

    def _place_hint(self) -> None:
        self._hint.place(self.viewport().width(), self.viewport().height())

    def _show_live_keypoints(self) -> None:
        self._skeleton_layer.move_points(self.live_keypoints())

    def _abort_gesture(self) -> None:
        """Give up what people are doing with the mouse."""

    def _update_cursor(self) -> None:
        """Show what a press would do."""
