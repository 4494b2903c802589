"""The canvas: one photograph, one person's keypoints and fitted body. It knows nothing of projects."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QGraphicsScene, QWidget

from app.ui.widgets.canvas_aids import CanvasAids
from app.ui.widgets.canvas_notices import CanvasMessage, CanvasNotice, StaleRibbon
from app.ui.widgets.frame_item import FrameItem
from app.ui.widgets.guidance_items import DepthDirection, DepthHint
from app.ui.widgets.keypoint_view import KeypointView
from app.ui.widgets.overlay_item import OverlayItem
from app.ui.widgets.picture_item import PictureItem
from app.ui.widgets.picture_tone import PictureTone, find_auto_tone
from app.ui.widgets.pixels import grey_of
from app.ui.widgets.prepared_picture import PreparedPicture, prepare_picture
from app.ui.widgets.skeleton_layer import Layers
from app.ui.widgets.sketch_tool import SketchTool
from app.ui.widgets.viewport import Rectangle
from db.records import KeypointSource
from fitting.spec import Window

_SAMPLED_SIDE = 256
"""Pixels along the side of what the automatic tone is found from."""


class PersonCanvas(KeypointView):
    """Photograph with the keypoints, bones and body of one person.

    Signals, beside those of :class:`KeypointView`:
        tone_changed: :class:`PictureTone`, the photograph is shown in another tone.
    """

    tone_changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        scene = QGraphicsScene()
        super().__init__(scene, parent)
        scene.setParent(self)
        self._picture = PictureItem()
        self._others = FrameItem(QColor(255, 255, 255, 120), dashed=True)
        self._frame = FrameItem(QColor(255, 255, 255, 200), dashed=False)
        self._overlay = OverlayItem()
        for z, item in enumerate((self._picture, self._others, self._overlay, self._frame)):
            item.setZValue(z)
            scene.addItem(item)
        self._ribbon, self._notice, self._message = StaleRibbon(self), CanvasNotice(self), CanvasMessage(self)
        self._picture_size: tuple[int, int] | None = None
        self._has_shown_picture = False
        self._box: Window | None = None
        self._layers = Layers()
        self._all_hidden = self._stale = False
        self._opacity = 0.75
        self.setAccessibleName(self.tr("Photograph with keypoints"))
        self.setAccessibleDescription(
            self.tr(
                "Drag a joint to move it, drag elsewhere to pan, turn the wheel to zoom, hold Alt to move the body."
            )
        )
        self._tone = PictureTone()
        self.aids = CanvasAids(self)
        self.sketch = SketchTool(self)
        self.view_changed.connect(self._place_hint)
        self._refresh_layers()

    def set_picture(self, picture: NDArray[np.uint8] | PreparedPicture | None, message: str = "") -> None:
        """Show a photograph, ``(H, W, 3)`` uint8 or prepared in another thread, or a message in its place."""
        self._abort_gesture()
        prepared = prepare_picture(picture) if isinstance(picture, np.ndarray) else picture
        self._picture.set_picture(prepared)
        self._picture_size = prepared.size_px if prepared is not None else None
        self._skeleton_layer.set_picture_size(self._picture_size)
        self.aids.set_picture(prepared, self._tone)
        self.aids.set_person(None)
        self._message.show_message(message if prepared is None else "")
        self._box = None
        self._frame.set_rectangles([])
        self._others.set_rectangles([])
        self._refresh_layers()
        if prepared is not None and (self._zoom_mode != "keep" or not self._has_shown_picture):
            self._has_shown_picture = True
            self.fit_image()

    def set_box(self, window: Window | None) -> None:
        """Show the person's box; in zoom mode ``person`` the view goes there."""
        if window == self._box:
            return
        self._box = window
        self._frame.set_rectangles([] if window is None else [(window.x, window.y, window.width, window.height)])
        self.aids.set_person(None if window is None else (window.x, window.y, window.width, window.height))
        if window is not None and self._zoom_mode == "person":
            self.fit_person()

    def clear_person(self) -> None:
        """Leave the photograph alone: nobody is in work."""
        self.arm_placement(None)
        self.set_selection(())
        if self._skeleton is not None:
            self.set_keypoints(np.zeros((len(self._skeleton), 3)))
        self.set_fit_joints(None)
        self.set_joint_marks((), ())
        self.set_depth_hints(())
        self.set_box(None)

    def set_other_people(self, boxes: Sequence[Rectangle]) -> None:
        """Show the boxes (x, y, width, height) of the other people of the image."""
        self._others.set_rectangles(boxes)

    def set_overlay(self, rgba: NDArray[np.uint8] | None, window: Window | None = None) -> None:
        """Show an ``(h, w, 4)`` layer over a window of the image, or nothing."""
        self._overlay.set_layer(rgba, window)
        self._refresh_layers()

    def set_fit_joints(self, joints_px: NDArray[np.floating] | None) -> None:
        """Say where the fitted body puts the joints, ``(J, 2)`` image pixels, NaN where it has none."""
        self._skeleton_layer.set_fit_joints(None if joints_px is None else np.asarray(joints_px, dtype=np.float64))

    def set_joint_origins(self, sources: Sequence[KeypointSource], confidence: NDArray[np.floating]) -> None:
        """Say where each joint comes from, and ``(J,)`` how sure that source was, 0-1."""
        self._skeleton_layer.set_origins(sources, np.asarray(confidence, dtype=np.float64))

    def set_joint_marks(self, pinned: Collection[int], ignored: Collection[int]) -> None:
        """Mark the joints a fit holds on to with a pin, and cross out those it does not look at."""
        self._skeleton_layer.set_joint_marks(pinned, ignored)

    def set_depth_hints(self, hints: Sequence[tuple[int, int, DepthDirection]]) -> None:
        """Draw depth hints: from the first joint to the second the bone comes toward the camera, or goes away.

        The joints need no bone of the layout between them; what is not labelled is not drawn.
        """
        self._skeleton_layer.set_depth_hints([DepthHint(*hint) for hint in hints])

    def depth_hints(self) -> tuple[tuple[int, int, DepthDirection], ...]:
        """The depth hints as given."""
        return self._skeleton_layer.depth_hints()

    def set_stale(self, stale: bool) -> None:
        """Mark the body as fitted to earlier keypoints: no colour, and a ribbon in the corner."""
        self._stale = stale
        self._overlay.set_stale(stale)
        self._refresh_layers()

    def set_notice(self, text: str) -> None:
        """Say something about the body that is on screen, in place of the ribbon; empty says nothing."""
        self._notice.setText(text)
        self._notice.setAccessibleName(text)
        self._notice.place(self.viewport().width())
        self._refresh_layers()

    def notice(self) -> str:
        """What is said about the body on screen."""
        return self._notice.text()

    def set_overlay_opacity(self, opacity: float) -> None:
        """Opacity of the body, 0 to 1."""
        self._opacity = min(max(opacity, 0.0), 1.0)
        self._refresh_layers()

    def set_tone(self, tone: PictureTone) -> None:
        """Show the photograph in another brightness, contrast and gamma; what lies over it keeps its own."""
        if tone != self._tone:
            self._tone = tone
            self._picture.set_tone(tone)
            self.aids.set_picture(self._picture.picture(), tone)
            self.tone_changed.emit(tone)

    def tone(self) -> PictureTone:
        """Tone shown."""
        return self._tone

    def find_auto_tone(self) -> PictureTone:
        """Tone that suits the person's box, without one the picture."""
        picture = self._picture.picture()
        if picture is None:
            return PictureTone()
        part = QRectF(0, 0, *picture.size_px)
        if self._box is not None:
            box = QRectF(self._box.x, self._box.y, self._box.width, self._box.height)
            part = part.intersected(box) if part.intersects(box) else part
        level = picture.level_for(_SAMPLED_SIDE / max(part.width(), part.height(), 1.0))
        ratio = level.width() / picture.size_px[0]
        sampled = QRectF(part.x() * ratio, part.y() * ratio, part.width() * ratio, part.height() * ratio)
        return find_auto_tone(grey_of(level.copy(sampled.toAlignedRect().intersected(level.rect()))))

    def set_layers(
        self,
        *,
        keypoints: bool | None = None,
        bones: bool | None = None,
        body: bool | None = None,
        names: bool | None = None,
        residuals: bool | None = None,
        sources: bool | None = None,
    ) -> None:
        """Switch layers on or off; those not named stay."""
        named = {"keypoints": keypoints, "bones": bones, "body": body, "names": names}
        named |= {"residuals": residuals, "sources": sources}
        self._layers = replace(self._layers, **{layer: on for layer, on in named.items() if on is not None})
        self._refresh_layers()

    def layers(self) -> Layers:
        """Layers as switched."""
        return self._layers

    def set_all_hidden(self, hidden: bool) -> None:
        """Show the bare photograph while a key is held."""
        self._abort_gesture()
        self._all_hidden = hidden
        self.aids.set_hidden(hidden)
        self._refresh_layers()

    def picture_size(self) -> tuple[int, int] | None:
        """Width and height of the photograph, None without one."""
        return self._picture_size

    def image_rectangle(self) -> Rectangle | None:
        """The picture."""
        if self._picture_size is None:
            return None
        return 0.0, 0.0, float(self._picture_size[0]), float(self._picture_size[1])

    def person_rectangle(self) -> Rectangle | None:
        """The person's box, else the labelled keypoints, with a margin."""
        if self._box is not None:
            left, top, width, height = self._box.x, self._box.y, self._box.width, self._box.height
        else:
            points = self._keypoints[self._keypoints[:, 2] > 0, :2]
            if len(points) == 0:
                return None
            (left, top), (width, height) = points.min(axis=0).tolist(), np.ptp(points, axis=0).tolist()
        margin = 0.1 * max(width, height, 10.0)
        return left - margin, top - margin, width + 2 * margin, height + 2 * margin

    def keypoints_are_shown(self) -> bool:
        """Whether there are keypoints to aim at, on a picture, and their layer is on."""
        if self._picture_size is None or self._all_hidden:
            return False
        return self._layers.keypoints and super().keypoints_are_shown()

    def _on_view_shown(self) -> None:
        super()._on_view_shown()
        for frame in (self._frame, self._others):
            frame.set_view_scale(self.viewport_map().scale)
        self._ribbon.place(self.viewport().width())
        self._notice.place(self.viewport().width())
        self._message.setGeometry(self.viewport().geometry())

    def _place_hint(self) -> None:
        overview = self.aids.overview
        corner = overview.geometry() if overview.isVisibleTo(self) else None
        self._hint.place(self.viewport().width(), self.viewport().height(), corner)

    def _refresh_layers(self) -> None:
        has_picture = self._picture_size is not None
        hidden = self._all_hidden or not has_picture
        self._overlay.setOpacity(self._opacity)
        # Zero opacity must equal the bare picture pixel by pixel: the layer is not drawn at all.
        self._overlay.setVisible(self._layers.body and self._opacity > 0 and not hidden)
        self._frame.setVisible(not hidden)
        self._others.setVisible(not hidden)
        has_notice = bool(self._notice.text())
        self._ribbon.setVisible(self._stale and not has_notice and not hidden)
        self._notice.setVisible(has_notice and not hidden)
        self._skeleton_layer.set_layers(self._layers, hidden)
