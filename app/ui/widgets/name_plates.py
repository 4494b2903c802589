"""The name plates of a person's joints: which are on, and where they go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtWidgets import QGraphicsItem

from app.ui.widgets.label_item import LabelItem
from app.ui.widgets.label_layout import place_labels
from app.ui.widgets.viewport import Rectangle, Viewport
from resources.skeleton import Side

_GAP = 13.0


@dataclass(frozen=True, slots=True)
class Plate:
    """What one plate says, and the image point it belongs to; ``strong`` for a joint in work."""

    joint: int
    text: str
    side: Side
    at_px: tuple[float, float]
    strong: bool


class NamePlates:
    """Plates, one for each joint, most of them off.

    Args:
        sheet: Parent of the items; it decides order and visibility.
    """

    def __init__(self, sheet: QGraphicsItem) -> None:
        self._sheet = sheet
        self._items: list[LabelItem] = []
        self._places: dict[int, Rectangle] = {}

    def set_count(self, count: int) -> None:
        """Make the plates of a layout, all off."""
        for item in self._items:
            scene = item.scene()
            if scene is not None:
                scene.removeItem(item)
        self._items = [LabelItem(self._sheet) for _ in range(count)]
        self._places = {}

    def show(self, plates: Sequence[Plate], viewport: Viewport, bounds: Rectangle, marks: Sequence[Rectangle]) -> None:
        """Switch these on and all others off; the first are the most important ones.

        Args:
            plates: What is to be read.
            viewport: Map to screen pixels.
            bounds: Part of the canvas that may be used, screen pixels.
            marks: What should not be covered, screen pixels.
        """
        wanted = {plate.joint for plate in plates}
        for joint, item in enumerate(self._items):
            item.setVisible(joint in wanted)
        self._places = {}
        self.move(plates, viewport, bounds, marks)

    def move(self, plates: Sequence[Plate], viewport: Viewport, bounds: Rectangle, marks: Sequence[Rectangle]) -> None:
        """Give only these plates new texts and places; those that are on and not named stay where they are."""
        if not plates:
            return
        for plate in plates:
            item = self._items[plate.joint]
            item.set_text(plate.text, plate.side, plate.strong)
            item.setPos(*plate.at_px)
            item.setZValue(1.0 if plate.strong else 0.0)
            self._places.pop(plate.joint, None)
        anchors = [viewport.to_screen(*plate.at_px) for plate in plates]
        sizes = [self._items[plate.joint].plate_size() for plate in plates]
        places = place_labels(anchors, sizes, bounds, _GAP, (*marks, *self._places.values()))
        for plate, anchor, place in zip(plates, anchors, places, strict=True):
            self._places[plate.joint] = place
            self._items[plate.joint].set_offset(place[0] - anchor[0], place[1] - anchor[1])

    def texts(self) -> tuple[str, ...]:
        """Texts of the plates that are on."""
        return tuple(item.text() for item in self._items if item.isVisible())
