"""All that is drawn of one person's keypoints, as one thing: bones, residuals, joints and names."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication, QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QGraphicsItem, QGraphicsScene, QStyleOptionGraphicsItem, QWidget

from app.ui.widgets.keypoint_items import BoneItem, JointItem, OutsideItem, ResidualItem, ScreenLineItem
from app.ui.widgets.label_item import LabelItem
from app.ui.widgets.label_layout import place_labels
from app.ui.widgets.marks import bone_side, mark_radius
from app.ui.widgets.viewport import Rectangle, Viewport
from resources.skeleton import Skeleton

SHOWN_RESIDUAL_PX = 2.0
"""Image pixels; smaller residuals are within what an annotator can place and would only be clutter."""

_LABEL_GAP = 13.0


@dataclass(frozen=True, slots=True)
class Layers:
    """Which layers are on."""

    keypoints: bool = True
    bones: bool = True
    body: bool = True
    names: bool = False
    residuals: bool = True


class _Sheet(QGraphicsItem):
    """Invisible parent that gives its children one z-order and one switch."""

    def __init__(self, z: float) -> None:
        super().__init__()
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemHasNoContents)
        self.setZValue(z)

    def boundingRect(self) -> QRectF:  # noqa: N802 (Qt's name)
        return QRectF()

    def paint(self, _painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None) -> None:
        """Nothing of its own."""


class SkeletonLayer:
    """Items of one skeleton in a scene. They are built by :meth:`set_skeleton` and afterwards only moved.

    Args:
        scene: Scene to draw in.
        z: z-value of the lowest sheet; four are used.
    """

    def __init__(self, scene: QGraphicsScene, z: float) -> None:
        self._bone_sheet, self._residual_sheet = _Sheet(z), _Sheet(z + 1)
        self._joint_sheet, self._label_sheet = _Sheet(z + 2), _Sheet(z + 3)
        for sheet in self._sheets():
            scene.addItem(sheet)
        self._skeleton: Skeleton | None = None
        self._joints: list[JointItem] = []
        self._labels: list[LabelItem] = []
        self._bones: list[BoneItem] = []
        self._residual_lines: list[ResidualItem] = []
        self._outside_lines: list[OutsideItem] = []
        self._keypoints: NDArray[np.float64] = np.zeros((0, 3))
        self._residuals: NDArray[np.float64] = np.zeros(0)
        self._fit_joints: NDArray[np.float64] | None = None
        self._picture_size: tuple[int, int] | None = None
        self._layers = Layers()
        self._selected: int | None = None
        self._hovered: int | None = None
        self._viewport = Viewport()
        self._bounds: Rectangle = (0, 0, 1, 1)

    def set_skeleton(self, skeleton: Skeleton | None) -> None:
        """Build the items of a layout; the keypoints start not labelled."""
        for item in (*self._bones, *self._residual_lines, *self._outside_lines, *self._joints, *self._labels):
            scene = item.scene()
            if scene is not None:
                scene.removeItem(item)
        self._skeleton = skeleton
        count = len(skeleton) if skeleton is not None else 0
        self._joints, self._labels, self._bones = [], [], []
        if skeleton is not None:
            radii = [mark_radius(skeleton, joint) for joint in range(count)]
            self._joints = [JointItem(skeleton.side(j), radii[j], self._joint_sheet) for j in range(count)]
            self._bones = [
                BoneItem(bone_side(skeleton, bone), (radii[bone[0]], radii[bone[1]]), self._bone_sheet)
                for bone in skeleton.bones
            ]
        self._labels = [LabelItem(self._label_sheet) for _ in range(count)]
        self._residual_lines = [ResidualItem(self._residual_sheet) for _ in range(count)]
        self._outside_lines = [OutsideItem(self._residual_sheet) for _ in range(count)]
        for line in self._lines():
            line.set_view_scale(self._viewport.scale)
        self._selected = self._hovered = self._fit_joints = None
        self.set_keypoints(np.zeros((count, 3)), None)

    def set_keypoints(self, keypoints_px: NDArray[np.float64], residuals_px: NDArray[np.float64] | None) -> None:
        """Show ``(J, 3)`` keypoints and their ``(J,)`` residuals (NaN where there is none)."""
        self._residuals = (
            np.full(len(keypoints_px), np.nan) if residuals_px is None else residuals_px.astype(np.float64)
        )
        self._keypoints = keypoints_px
        self._refresh()

    def move_points(self, keypoints_px: NDArray[np.float64]) -> None:
        """Show keypoints on their way; the residuals of those that moved follow."""
        moved = (keypoints_px != self._keypoints).any(axis=1)
        if not moved.any():
            return
        residuals = self._residuals.copy()
        residuals[moved] = np.nan
        if self._fit_joints is not None:
            residuals[moved] = np.hypot(*(keypoints_px[moved, :2] - self._fit_joints[moved]).T)
        self._residuals = residuals
        self._keypoints = keypoints_px
        self._refresh()

    def set_fit_joints(self, joints_px: NDArray[np.float64] | None) -> None:
        """Say where the body puts the joints, ``(J, 2)`` image pixels (NaN where it has none)."""
        self._fit_joints = joints_px
        self._refresh_residual_lines()

    def set_picture_size(self, size_px: tuple[int, int] | None) -> None:
        """Say how large the picture is: joints outside of it are marked."""
        self._picture_size = size_px
        self._refresh()

    def set_focus(self, selected: int | None, hovered: int | None) -> None:
        """Mark the selected and the hovered joint."""
        if (selected, hovered) == (self._selected, self._hovered):
            return
        self._selected, self._hovered = selected, hovered
        for joint, item in enumerate(self._joints):
            item.show_focus(joint == selected, joint == hovered)
        self._refresh_labels()

    def set_layers(self, layers: Layers, hidden: bool) -> None:
        """Switch layers on and off."""
        self._layers = layers
        self._bone_sheet.setVisible(layers.bones and not hidden)
        self._residual_sheet.setVisible(layers.keypoints and not hidden)
        self._joint_sheet.setVisible(layers.keypoints and not hidden)
        self._label_sheet.setVisible(layers.keypoints and not hidden)
        self._refresh_residual_lines()
        self._refresh_labels()

    def set_view(self, viewport: Viewport, width: float, height: float) -> None:
        """Follow zoom, pan and size of the canvas."""
        self._viewport = viewport
        self._bounds = (4, 4, max(width - 8, 1), max(height - 8, 1))
        for line in self._lines():
            line.set_view_scale(viewport.scale)
        self._refresh_labels()

    def label_text(self, joint: int) -> str:
        """Text of a joint's plate: its name, and where it matters residual and place."""
        if self._skeleton is None:
            return ""
        parts = [self._skeleton.titles[joint]]
        if np.isfinite(self._residuals[joint]):
            parts.append(f"{self._residuals[joint]:.1f} px")
        if self._keypoints[joint, 2] == 1:
            parts.append(QCoreApplication.translate("SkeletonLayer", "occluded"))
        if self._is_outside(joint):
            parts.append(QCoreApplication.translate("SkeletonLayer", "outside the picture"))
        return " · ".join(parts)

    def shown_labels(self) -> tuple[str, ...]:
        """Texts of the name plates that are on."""
        return tuple(label.text() for label in self._labels if label.isVisible())

    def _sheets(self) -> tuple[_Sheet, ...]:
        return self._bone_sheet, self._residual_sheet, self._joint_sheet, self._label_sheet

    def _lines(self) -> tuple[ScreenLineItem, ...]:
        return (*self._bones, *self._residual_lines, *self._outside_lines)

    def _refresh(self) -> None:
        for joint, item in enumerate(self._joints):
            x, y, visibility = self._keypoints[joint]
            item.setPos(x, y)
            item.show_visibility(int(visibility))
        if self._skeleton is not None:
            for (first, second), bone in zip(self._skeleton.bones, self._bones, strict=True):
                start, stop = self._keypoints[first], self._keypoints[second]
                bone.setVisible(bool(start[2] > 0 and stop[2] > 0))
                bone.show_faint(bool(start[2] == 1 or stop[2] == 1))
                bone.set_line(*start[:2], *stop[:2])
        self._refresh_residual_lines()
        self._refresh_outside_lines()
        self._refresh_labels()

    def _refresh_residual_lines(self) -> None:
        for joint, line in enumerate(self._residual_lines):
            target = None if self._fit_joints is None else self._fit_joints[joint]
            start = self._keypoints[joint]
            if target is None or start[2] == 0 or not self._layers.residuals or not np.isfinite(target).all():
                line.setVisible(False)
                continue
            line.setVisible(bool(np.hypot(*(start[:2] - target)) > SHOWN_RESIDUAL_PX))
            line.set_line(*start[:2], *target)

    def _refresh_outside_lines(self) -> None:
        for joint, line in enumerate(self._outside_lines):
            line.setVisible(self._is_outside(joint))
            if self._picture_size is not None and line.isVisible():
                x, y = self._keypoints[joint, :2]
                width, height = self._picture_size
                line.set_line(x, y, min(max(x, 0), width), min(max(y, 0), height))

    def _is_outside(self, joint: int) -> bool:
        x, y, visibility = self._keypoints[joint]
        if self._picture_size is None or visibility == 0:
            return False
        return not (0 <= x <= self._picture_size[0] and 0 <= y <= self._picture_size[1])

    def _mark_rectangles(self) -> list[Rectangle]:
        rectangles: list[Rectangle] = []
        for joint in np.flatnonzero(self._keypoints[:, 2] > 0).tolist():
            x, y = self._viewport.to_screen(*self._keypoints[joint, :2])
            radius = self._joints[joint].radius + 2.0
            rectangles.append((x - radius, y - radius, 2 * radius, 2 * radius))
        return rectangles

    def _refresh_labels(self) -> None:
        focus = [joint for joint in (self._hovered, self._selected) if joint is not None]
        wanted = list(dict.fromkeys(focus + (list(range(len(self._labels))) if self._layers.names else [])))
        wanted = [joint for joint in wanted if self._keypoints[joint, 2] > 0]
        for joint, label in enumerate(self._labels):
            label.setVisible(joint in wanted)
        if not wanted or self._skeleton is None:
            return
        for joint in wanted:
            label = self._labels[joint]
            strong = joint in focus
            label.set_text(
                self.label_text(joint) if strong else self._skeleton.titles[joint],
                self._skeleton.side(joint),
                strong,
            )
            label.setPos(*self._keypoints[joint, :2])
            label.setZValue(1.0 if strong else 0.0)
        anchors = [self._viewport.to_screen(*self._keypoints[joint, :2]) for joint in wanted]
        sizes = [self._labels[joint].plate_size() for joint in wanted]
        places = place_labels(anchors, sizes, self._bounds, _LABEL_GAP, self._mark_rectangles())
        for joint, anchor, place in zip(wanted, anchors, places, strict=True):
            self._labels[joint].set_offset(place[0] - anchor[0], place[1] - anchor[1])
