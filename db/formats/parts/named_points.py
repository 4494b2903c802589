"""Points with names, as annotation tools for anything have them, gathered to people.

What tells whose a point is, in this order: the group it belongs to, the only box of a person that holds it, and where
there is one box or none, that there is one person in the picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from db.formats.parts.boxes import Bbox
from db.formats.parts.checks import ItemError
from db.formats.parts.joint_names import NameTable
from resources.skeleton import get_skeleton

_PERSON = frozenset({"person", "people", "human", "body", "pedestrian", "man", "woman", "skeleton", "pose"})
_MOST_OVERLAPPING = 50


@dataclass(frozen=True, slots=True)
class NamedPoint:
    """A point.

    Attributes:
        name: As the file says it.
        x: Pixels.
        y: Pixels.
        visibility: 0 not labelled, 1 occluded, 2 visible.
        group: What it belongs to, empty for nothing: a box's id, or one that points share.
    """

    name: str
    x: float
    y: float
    visibility: int
    group: str = ""


@dataclass(frozen=True, slots=True)
class NamedBox:
    """A box.

    Attributes:
        id: Its own id, empty without.
        label: What it is a box of.
        bbox: Its place.
        group: What it belongs to, empty for nothing.
    """

    id: str
    label: str
    bbox: Bbox
    group: str = ""

    @property
    def is_person(self) -> bool:
        """Whether it is a box of a human by its label."""
        return self.label.strip().lower() in _PERSON


@dataclass(slots=True)
class PointGroup:
    """Points of one person.

    Attributes:
        id: Unique in its picture.
        box: Its box; None without.
        points: Its points.
        group: What it belongs to, empty for nothing.
    """

    id: str
    box: NamedBox | None = None
    points: list[NamedPoint] = field(default_factory=list)
    group: str = ""


def group_points(points: Sequence[NamedPoint], boxes: Sequence[NamedBox]) -> tuple[list[PointGroup], list[NamedPoint]]:
    """People of a picture in the order of the file, and the points that are nobody's or of several boxes.

    Args:
        points: Points of joints; those of other things left out.
        boxes: Boxes of anything; one without points is a person if it says so.
    """
    groups: dict[str, PointGroup] = {}
    for place, box in enumerate(boxes):
        key = box.group or box.id or f"box {place}"
        if key in groups:
            key = f"{key} {place}"
        groups[key] = PointGroup(key, box)
    loose: list[NamedPoint] = []
    for point in points:
        if point.group:
            groups.setdefault(point.group, PointGroup(point.group)).points.append(point)
        else:
            loose.append(point)
    people = [group for group in groups.values() if group.box is not None and group.box.is_person]
    holders = people or [group for group in groups.values() if group.box is not None]
    if loose and not groups:
        holders = [groups.setdefault("points", PointGroup("points"))]
    strays = _give(loose, holders)
    kept = [group for group in groups.values() if group.points or (group.box is not None and group.box.is_person)]
    return kept, strays


def place_points(group: PointGroup, table: NameTable) -> NDArray[np.float64]:
    """Keypoints ``(J, 3)`` of a person in the layout of the names.

    Raises:
        ItemError: A joint is there twice.
    """
    skeleton = get_skeleton(table.skeleton)
    keypoints, seen = np.zeros((len(skeleton), 3)), set[int]()
    for point in group.points:
        joint = table.joints.get(point.name)
        if joint is None:
            continue
        if joint in seen:
            raise ItemError(
                f"'{point.name}' is there twice, and nothing says whose each is; put the points of a person into one "
                "group or one box"
            )
        seen.add(joint)
        if point.visibility:
            keypoints[joint] = point.x, point.y, point.visibility
    return keypoints


def _give(points: list[NamedPoint], holders: list[PointGroup]) -> list[NamedPoint]:
    """Give each point to the only one there is, or the only box that holds and lacks it; the others are handed back."""
    if len(holders) == 1:
        holders[0].points += points
        return []
    strays: list[NamedPoint] = []
    boxes = np.array([(0, 0, -1, -1) if group.box is None else group.box.bbox for group in holders], dtype=np.float64)
    left, top, width, height = boxes.reshape(-1, 4).T.copy()
    right, bottom = left + width, top + height
    names = [{point.name for point in group.points} for group in holders]
    for point in points:
        across, down = (left <= point.x) & (point.x <= right), (top <= point.y) & (point.y <= bottom)
        holding = np.flatnonzero(across & down)
        if 1 < len(holding) <= _MOST_OVERLAPPING:
            holding = np.array([holder for holder in holding if point.name not in names[holder]], dtype=np.int64)
        if len(holding) == 1:
            holders[holding[0]].points.append(point)
            names[holding[0]].add(point.name)
        else:
            strays.append(point)
    return strays
