"""Shapes of CVAT as people: skeletons, and points and boxes that are gathered to people."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from db.formats.parts.boxes import Bbox
from db.formats.parts.checks import ItemError
from db.formats.parts.joint_names import find_meaning
from db.formats.parts.named_points import NamedBox, NamedPoint, PointGroup, group_points

_GROUP_ATTRIBUTES = ("person", "person_id", "id", "instance", "instance_id", "track_id", "group")


@dataclass(slots=True)
class Shapes:
    """People of a picture and what is wrong with other shapes.

    Attributes:
        people: The people.
        faults: A sentence for each shape that was left out.
    """

    people: list[PointGroup] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def list_names(element: Element) -> set[str]:
    """Names of the points of an image or a track, joints or not."""
    names = {points.get("label", "") for skeleton in element.iter("skeleton") for points in skeleton.iter("points")}
    names |= {joint.get("label", "") for joint in element.iterfind("track")}
    for points in element.iterfind("points"):
        if ";" not in points.get("points", ""):
            names.add(name_point(points, element.get("label", "")))
    return names - {""}


def name_point(points: Element, otherwise: str = "") -> str:
    """What a point alone is: its label, unless only an attribute of it is a joint."""
    label = points.get("label", otherwise)
    texts = (attribute.text or "" for attribute in points.iterfind("attribute"))
    return label if find_meaning(label) else next((text for text in texts if find_meaning(text)), label)


def read_shapes(image: Element) -> Shapes:
    """People of an ``<image>``."""
    shapes, points, boxes = Shapes(), list[NamedPoint](), list[NamedBox]()
    skeletons: list[PointGroup] = []
    for place, element in enumerate(image):
        try:
            if element.tag == "skeleton":
                skeletons.append(PointGroup(str(place), points=read_skeleton(element), group=read_group(element)))
            elif element.tag == "points":
                points.append(read_point(element, name_point(element)))
            elif element.tag == "box":
                boxes.append(read_box(element, element.get("label", ""), str(place)))
        except ItemError as error:
            shapes.faults.append(f"<{element.tag}> {place + 1}: {error}")
    gather(shapes, skeletons, points, boxes)
    return shapes


def gather(shapes: Shapes, skeletons: list[PointGroup], points: list[NamedPoint], boxes: list[NamedBox]) -> None:
    """Put the people of a picture together: a skeleton takes the box of its group, the rest is gathered."""
    for skeleton in skeletons:
        own = [box for box in boxes if skeleton.group and box.group == skeleton.group]
        if own:
            skeleton.box = own[0]
            boxes.remove(own[0])
    groups, strays = group_points(points, boxes)
    if strays:
        names = ", ".join(sorted({point.name for point in strays})[:5])
        shapes.faults.append(
            f"nothing says whose its {len(strays)} points {names} are; group those of a person, or draw a box round it"
        )
    shapes.people += [*skeletons, *groups]


def read_skeleton(element: Element) -> list[NamedPoint]:
    """Points of a skeleton."""
    return [read_point(points, points.get("label", "")) for points in element.iterfind("points")]


def read_point(element: Element, name: str) -> NamedPoint:
    """A ``<points>`` of one point.

    Raises:
        ItemError: It is malformed, or of several points.
    """
    text = element.get("points", "")
    if ";" in text:
        raise ItemError(f"its {text.count(';') + 1} points have no names; draw a skeleton or a point for each joint")
    x, y = _numbers(text.split(","), ("x", "y"))
    visibility = 0 if element.get("outside") == "1" else 1 if element.get("occluded") == "1" else 2
    return NamedPoint(name, x, y, visibility, read_group(element))


def read_box(element: Element, label: str, box_id: str) -> NamedBox:
    """A ``<box>``.

    Raises:
        ItemError: It is malformed.
    """
    left, top, right, bottom = _numbers(
        [element.get(name, "") for name in ("xtl", "ytl", "xbr", "ybr")], ("xtl", "ytl", "xbr", "ybr")
    )
    if right <= left or bottom <= top:
        raise ItemError("it has no area")
    bbox: Bbox = (left, top, right - left, bottom - top)
    return NamedBox(box_id, label, bbox, read_group(element))


def read_group(element: Element) -> str:
    """What a shape belongs to by its group or an attribute that says so; empty for nothing."""
    group = element.get("group_id", "")
    if group and group != "0":
        return f"group {group}"
    for attribute in element.iterfind("attribute"):
        name = attribute.get("name", "").strip().lower().replace(" ", "_").replace("-", "_")
        if name in _GROUP_ATTRIBUTES and (attribute.text or "").strip() and not find_meaning(attribute.text or ""):
            return f"{name} {(attribute.text or '').strip()}"
    return ""


def _numbers(texts: list[str], names: tuple[str, ...]) -> list[float]:
    if len(texts) != len(names):
        raise ItemError(f"it has {len(texts)} numbers, expected {', '.join(names)}")
    numbers: list[float] = []
    for name, text in zip(names, texts, strict=True):
        try:
            numbers.append(float(text))
        except ValueError as error:
            raise ItemError(f"{name} is {text[:40]!r}, expected a number") from error
        if not math.isfinite(numbers[-1]):
            raise ItemError(f"{name} is not a finite number")
    return numbers
