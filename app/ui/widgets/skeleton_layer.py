"""All that is drawn of one person's keypoints, as one thing: bones, residuals, joints and names."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QGraphicsItem, QGraphicsScene, QStyleOptionGraphicsItem, QWidget

from app.ui.widgets.guidance_items import DepthDirection, DepthHint, GuidanceLayer
from app.ui.widgets.joint_texts import JointFacts, describe_joint
from app.ui.widgets.keypoint_items import BoneItem, JointItem, OutsideItem, ResidualItem, ScreenLineItem
from app.ui.widgets.marks import MarkLook, bone_side, mark_radius
from app.ui.widgets.name_plates import NamePlates, Plate
from app.ui.widgets.viewport import Rectangle, Viewport
from db.records import KeypointSource
from resources.skeleton import Skeleton

SHOWN_RESIDUAL_PX = 2.0
"""Image pixels; smaller residuals are within what an annotator can place and would only be clutter."""


_IGNORED_RESIDUAL_OPACITY = 0.35
_FEW_PLATES = 12
"""When more joints than these move at once, all plates are placed anew."""


@dataclass(frozen=True, slots=True)
class Layers:
    """Which layers are on."""

    keypoints: bool = True
    bones: bool = True
    body: bool = True
    names: bool = False
    residuals: bool = True
    sources: bool = True


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


@dataclass(frozen=True, slots=True)
class Focus:
    """What people are at: the selected joint, the others selected with it, the joint under the pointer."""

    selected: int | None = None
    members: frozenset[int] = frozenset()
    hovered: int | None = None

    def of(self, joint: int) -> Literal["", "selected", "member", "hovered"]:
        """Role of a joint."""
        if joint == self.selected:
            return "selected"
        if joint in self.members:
            return "member"
        return "hovered" if joint == self.hovered else ""


class SkeletonLayer:
    """Items of one skeleton in a scene. They are built by :meth:`set_skeleton` and afterwards only moved.

    Args:
        scene: Scene to draw in.
        z: z-value of the lowest sheet; five are used, all below z + 4.
    """

    def __init__(self, scene: QGraphicsScene, z: float) -> None:
        self._bone_sheet, self._hint_sheet = _Sheet(z), _Sheet(z + 0.5)
        self._residual_sheet, self._joint_sheet, self._label_sheet = _Sheet(z + 1), _Sheet(z + 2), _Sheet(z + 3)
        for sheet in self._sheets():
            scene.addItem(sheet)
        self._plates = NamePlates(self._label_sheet)
        self._guidance = GuidanceLayer(self._hint_sheet)
        self._skeleton: Skeleton | None = None
        self._joints: list[JointItem] = []
        self._bones: list[BoneItem] = []
        self._bones_of: list[list[int]] = []
        self._residual_lines: list[ResidualItem] = []
        self._outside_lines: list[OutsideItem] = []
        self._keypoints: NDArray[np.float64] = np.zeros((0, 3))
        self._residuals: NDArray[np.float64] = np.zeros(0)
        self._fit_joints: NDArray[np.float64] | None = None
        self._picture_size: tuple[int, int] | None = None
        self._sources: tuple[KeypointSource, ...] = ()
        self._confidence: NDArray[np.float64] = np.zeros(0)
        self._pinned: frozenset[int] = frozenset()
        self._ignored: frozenset[int] = frozenset()
        self._layers = Layers()
        self._focus = Focus()
        self._viewport = Viewport()
        self._bounds: Rectangle = (0, 0, 1, 1)

    def set_skeleton(self, skeleton: Skeleton | None) -> None:
        """Build the items of a layout; the keypoints start not labelled."""
        for item in (*self._bones, *self._residual_lines, *self._outside_lines, *self._joints):
            scene = item.scene()
            if scene is not None:
                scene.removeItem(item)
        self._skeleton = skeleton
        count = len(skeleton) if skeleton is not None else 0
        self._joints, self._bones = [], []
        self._bones_of = [[] for _ in range(count)]
        if skeleton is not None:
            radii = [mark_radius(skeleton, joint) for joint in range(count)]
            self._joints = [JointItem(MarkLook(skeleton.side(j), 0, radii[j]), self._joint_sheet) for j in range(count)]
            for number, bone in enumerate(skeleton.bones):
                ends = (radii[bone[0]], radii[bone[1]])
                self._bones.append(BoneItem(bone_side(skeleton, bone), ends, self._bone_sheet))
                for joint in bone:
                    self._bones_of[joint].append(number)
        self._plates.set_count(count)
        self._residual_lines = [ResidualItem(self._residual_sheet) for _ in range(count)]
        self._outside_lines = [OutsideItem(self._residual_sheet) for _ in range(count)]
        for line in self._lines():
            line.set_view_scale(self._viewport.scale)
        self._focus, self._fit_joints = Focus(), None
        self._sources, self._confidence = (), np.zeros(0)
        self._pinned = self._ignored = frozenset()
        self._guidance.set_hints(())
        self.set_keypoints(np.zeros((count, 3)), None)

    def set_keypoints(self, keypoints_px: NDArray[np.float64], residuals_px: NDArray[np.float64] | None) -> None:
        """Show ``(J, 3)`` keypoints and their ``(J,)`` residuals (NaN where there is none)."""
        self._residuals = (
            np.full(len(keypoints_px), np.nan) if residuals_px is None else residuals_px.astype(np.float64)
        )
        self._keypoints = keypoints_px
        self._refresh()

    def move_points(self, keypoints_px: NDArray[np.float64]) -> None:
        """Show keypoints on their way; the residuals of those that moved follow, and nothing else is touched."""
        moved = (keypoints_px != self._keypoints).any(axis=1)
        if not moved.any():
            return
        residuals = self._residuals.copy()
        residuals[moved] = np.nan
        if self._fit_joints is not None:
            residuals[moved] = np.hypot(*(keypoints_px[moved, :2] - self._fit_joints[moved]).T)
        appeared = bool((keypoints_px[:, 2] != self._keypoints[:, 2]).any())
        self._residuals = residuals
        self._keypoints = keypoints_px
        joints = np.flatnonzero(moved).tolist()
        self._refresh_points(joints)
        if len(joints) <= _FEW_PLATES and not appeared:
            self._plates.move(self._build_plates(joints), self._viewport, self._bounds, self._mark_rectangles())
        else:
            self._refresh_labels()

    def set_fit_joints(self, joints_px: NDArray[np.float64] | None) -> None:
        """Say where the body puts the joints, ``(J, 2)`` image pixels (NaN where it has none)."""
        self._fit_joints = joints_px
        self._refresh_residual_lines(range(len(self._joints)))

    def set_picture_size(self, size_px: tuple[int, int] | None) -> None:
        """Say how large the picture is: joints outside of it are marked."""
        self._picture_size = size_px
        self._refresh()

    def set_origins(self, sources: Sequence[KeypointSource], confidence: NDArray[np.float64]) -> None:
        """Say where each joint comes from and how sure that source was, 0-1."""
        if tuple(sources) != self._sources or not np.array_equal(confidence, self._confidence):
            self._sources, self._confidence = tuple(sources), confidence
            self._refresh()

    def set_joint_marks(self, pinned: Collection[int], ignored: Collection[int]) -> None:
        """Say which joints the fit holds on to, and which it does not look at."""
        if (frozenset(pinned), frozenset(ignored)) != (self._pinned, self._ignored):
            self._pinned, self._ignored = frozenset(pinned), frozenset(ignored)
            self._refresh()

    def set_depth_hints(self, hints: Sequence[DepthHint]) -> None:
        """Draw depth hints."""
        self._guidance.set_hints(hints)
        self._guidance.move_points(self._keypoints)
        self._refresh_labels()

    def depth_hints(self) -> tuple[tuple[int, int, DepthDirection], ...]:
        """Depth hints as given: the two joints of each, and where it goes."""
        return tuple((hint.first, hint.second, hint.direction) for hint in self._guidance.hints())

    def set_focus(self, focus: Focus) -> None:
        """Mark what people are at."""
        if focus != self._focus:
            self._focus = focus
            for joint, item in enumerate(self._joints):
                item.show_look(self._build_look(joint))
            self._refresh_labels()

    def set_layers(self, layers: Layers, hidden: bool) -> None:
        """Switch layers on and off."""
        sources_switched = layers.sources != self._layers.sources
        self._layers = layers
        self._bone_sheet.setVisible(layers.bones and not hidden)
        for sheet in (self._hint_sheet, self._residual_sheet, self._joint_sheet, self._label_sheet):
            sheet.setVisible(layers.keypoints and not hidden)
        if sources_switched:
            self._refresh_points(range(len(self._joints)))
        self._refresh_residual_lines(range(len(self._joints)))
        self._refresh_labels()

    def set_view(self, viewport: Viewport, width: float, height: float) -> None:
        """Follow zoom, pan and size of the canvas."""
        self._viewport = viewport
        self._bounds = (4, 4, max(width - 8, 1), max(height - 8, 1))
        for line in self._lines():
            line.set_view_scale(viewport.scale)
        self._guidance.set_view_scale(viewport.scale)
        self._refresh_labels()

    def label_text(self, joint: int) -> str:
        """Text of a joint's plate: its name, and where it matters residual, state and origin."""
        return "" if self._skeleton is None else describe_joint(self._skeleton.titles[joint], self._facts(joint))

    def shown_labels(self) -> tuple[str, ...]:
        """Texts of the name plates that are on."""
        return self._plates.texts()

    def _sheets(self) -> tuple[_Sheet, ...]:
        return self._bone_sheet, self._hint_sheet, self._residual_sheet, self._joint_sheet, self._label_sheet

    def _lines(self) -> tuple[ScreenLineItem, ...]:
        return (*self._bones, *self._residual_lines, *self._outside_lines)

    def _facts(self, joint: int) -> JointFacts:
        known = joint < len(self._sources)
        return JointFacts(
            visibility=int(self._keypoints[joint, 2]),
            residual_px=float(self._residuals[joint]),
            source=self._sources[joint] if known else None,
            confidence=float(self._confidence[joint]) if known else float("nan"),
            outside=self._is_outside(joint),
            pinned=joint in self._pinned,
            ignored=joint in self._ignored,
            depth=tuple(hint.direction for hint in self._guidance.hints() if hint.second == joint),
        )

    def _build_look(self, joint: int) -> MarkLook:
        before = self._joints[joint].look
        return MarkLook(
            before.side,
            int(self._keypoints[joint, 2]),
            before.radius,
            self._focus.of(joint),
            self._sources[joint] if self._layers.sources and joint < len(self._sources) else None,
            joint in self._pinned,
            joint in self._ignored,
            self._is_outside(joint),
        )

    def _refresh(self) -> None:
        self._refresh_points(range(len(self._joints)))
        self._refresh_labels()

    def _refresh_points(self, joints: Iterable[int]) -> None:
        joints = list(joints)
        for joint in joints:
            item = self._joints[joint]
            item.setPos(self._keypoints[joint, 0], self._keypoints[joint, 1])
            item.show_look(self._build_look(joint))
        for number in {number for joint in joints for number in self._bones_of[joint]}:
            self._refresh_bone(number)
        self._refresh_residual_lines(joints)
        self._refresh_outside_lines(joints)
        self._guidance.move_points(self._keypoints)

    def _refresh_bone(self, number: int) -> None:
        if self._skeleton is None:
            return
        first, second = self._skeleton.bones[number]
        start, stop, bone = self._keypoints[first], self._keypoints[second], self._bones[number]
        bone.setVisible(bool(start[2] > 0 and stop[2] > 0))
        bone.show_faint(bool(start[2] == 1 or stop[2] == 1))
        bone.set_line(*start[:2], *stop[:2])

    def _refresh_residual_lines(self, joints: Iterable[int]) -> None:
        for joint in joints:
            line, start = self._residual_lines[joint], self._keypoints[joint]
            target = None if self._fit_joints is None else self._fit_joints[joint]
            if target is None or start[2] == 0 or not self._layers.residuals or not np.isfinite(target).all():
                line.setVisible(False)
                continue
            line.setVisible(bool(np.hypot(*(start[:2] - target)) > SHOWN_RESIDUAL_PX))
            line.setOpacity(_IGNORED_RESIDUAL_OPACITY if joint in self._ignored else 1.0)
            line.set_line(*start[:2], *target)

    def _refresh_outside_lines(self, joints: Iterable[int]) -> None:
        for joint in joints:
            line = self._outside_lines[joint]
            line.setVisible(self._is_outside(joint))
            if self._picture_size is not None and line.isVisible():
                x, y = self._keypoints[joint, :2]
                width, height = self._picture_size
                line.set_line(x, y, min(max(x, 0), width), min(max(y, 0), height))

    def _is_outside(self, joint: int) -> bool:
        x, y, visibility = self._keypoints[joint].tolist()
        if self._picture_size is None or visibility == 0:
            return False
        return not (0 <= x <= self._picture_size[0] and 0 <= y <= self._picture_size[1])

    def _mark_rectangles(self) -> list[Rectangle]:
        rectangles: list[Rectangle] = []
        for joint in np.flatnonzero(self._keypoints[:, 2] > 0).tolist():
            x, y = self._viewport.to_screen(*self._keypoints[joint, :2].tolist())
            radius = self._joints[joint].look.radius + 2.0
            rectangles.append((x - radius, y - radius, 2 * radius, 2 * radius))
        return rectangles

    def _build_plates(self, joints: Iterable[int]) -> list[Plate]:
        """Plates of those joints that have one on."""
        focus = (self._focus.hovered, self._focus.selected)
        plates = []
        for joint in joints:
            strong = joint in focus
            if self._skeleton is None or self._keypoints[joint, 2] == 0 or not (strong or self._layers.names):
                continue
            x, y = self._keypoints[joint, :2].tolist()
            text = self.label_text(joint) if strong else self._skeleton.titles[joint]
            plates.append(Plate(joint, text, self._skeleton.side(joint), (x, y), strong))
        return plates

    def _refresh_labels(self) -> None:
        focus = [joint for joint in (self._focus.hovered, self._focus.selected) if joint is not None]
        plates = self._build_plates(dict.fromkeys([*focus, *range(len(self._joints))]))
        self._plates.show(plates, self._viewport, self._bounds, self._mark_rectangles() if plates else ())
