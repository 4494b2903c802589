"""Regions of a Label Studio task as people."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Annotated, Any, TypeAlias

import msgspec

from db.formats.parts.boxes import Bbox
from db.formats.parts.checks import ItemError, decode_item
from db.formats.parts.named_points import NamedBox, NamedPoint, PointGroup, group_points

_Pixels: TypeAlias = Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]
_HIDDEN = frozenset({"occluded", "hidden", "not visible", "invisible", "obscured"})
_POINTS = frozenset({"keypointlabels", "keypoint"})
_BOXES = frozenset({"rectanglelabels", "rectangle"})


class Task(msgspec.Struct):
    """A task; exports of before version 1 have ``completions``."""

    data: dict[str, Any]
    id: int | str | None = None
    annotations: list[msgspec.Raw] | None = None
    completions: list[msgspec.Raw] | None = None


class _Annotation(msgspec.Struct):
    result: list[msgspec.Raw] = []
    was_cancelled: bool | None = None
    created_at: str | float | None = None
    updated_at: str | float | None = None


class _Value(msgspec.Struct):
    x: float | None = None
    y: float | None = None
    width: float | None = None
    height: float | None = None
    rotation: float | None = None
    keypointlabels: list[str] | None = None
    rectanglelabels: list[str] | None = None
    labels: list[str] | None = None
    choices: list[str] | None = None


class _Region(msgspec.Struct):
    type: str = ""
    id: str = ""
    value: _Value | None = None
    original_width: _Pixels | None = None
    original_height: _Pixels | None = None
    image_rotation: float | None = None
    parentID: str | None = None  # noqa: N815 -- its name in the file
    from_id: str | None = None
    to_id: str | None = None


@dataclass(slots=True)
class Regions:
    """What a task comes to.

    Attributes:
        people: The people.
        width: Pixels of the picture; None if nothing is drawn in it.
        height: Likewise.
        faults: A sentence for each region that was left out.
    """

    people: list[PointGroup] = field(default_factory=list)
    width: int | None = None
    height: int | None = None
    faults: list[str] = field(default_factory=list)


def pick_annotation(task: Task) -> list[msgspec.Raw]:
    """Regions of the newest annotation that was not cancelled; none of a task nobody finished.

    Raises:
        ItemError: An annotation is malformed.
    """
    annotations = [decode_item(raw, _Annotation) for raw in task.annotations or task.completions or ()]
    kept = [annotation for annotation in annotations if not annotation.was_cancelled]
    dated = [(str(one.updated_at or one.created_at or ""), place, one) for place, one in enumerate(kept)]
    return max(dated, key=lambda entry: entry[:2])[2].result if dated else []


def list_names(result: Iterable[msgspec.Raw]) -> set[str]:
    """Labels of the keypoints, joints or not."""
    names: set[str] = set()
    for region, _ in _decode(result, []):
        if region.type in _POINTS and region.value is not None and (label := _label(region.value)):
            names.add(label)
    return names


def count_people(result: list[msgspec.Raw]) -> int:
    """About how many people there are, where nothing more can be made of it: rectangles, or one for keypoints alone."""
    kinds = [region.type for region, _ in _decode(result, [])]
    return sum(kind in _BOXES for kind in kinds) or int(any(kind in _POINTS for kind in kinds))


def read_regions(result: list[msgspec.Raw]) -> Regions:
    """People of an annotation.

    Raises:
        ItemError: Nothing can be made of it: the size of the picture is missing, or the picture was turned by hand.
    """
    regions = Regions()
    decoded = list(_decode(result, regions.faults))
    boxes, points = list[NamedBox](), list[NamedPoint]()
    parents, hidden, labels = _find_parents(decoded), _find_hidden(decoded), _find_labels(decoded)
    for region, place in decoded:
        if region.type not in _POINTS | _BOXES or region.value is None:
            continue
        try:
            width, height = _take_size(regions, region)
            name = _label(region.value) or labels.get(region.id, "")
            if region.type in _BOXES:
                boxes.append(NamedBox(region.id or f"box {place}", name, _read_box(region.value, width, height)))
            elif name:
                x, y = _number(region.value.x, "x") * width / 100, _number(region.value.y, "y") * height / 100
                visibility = 1 if region.id in hidden else 2
                points.append(NamedPoint(name, x, y, visibility, region.parentID or parents.get(region.id, "")))
        except _UnusableError:
            raise
        except ItemError as error:
            regions.faults.append(f"region {region.id or place}: {error}")
    regions.people, strays = group_points(points, boxes)
    if strays:
        names = ", ".join(sorted({point.name for point in strays})[:5])
        regions.faults.append(
            f"nothing says whose its {len(strays)} keypoints {names} are; draw a rectangle round each person, or make "
            "them its children"
        )
    return regions


class _UnusableError(ItemError):
    """What is wrong with one region is wrong with all."""


def _decode(result: Iterable[msgspec.Raw], faults: list[str]) -> Iterable[tuple[_Region, int]]:
    for place, raw in enumerate(result):
        try:
            yield decode_item(raw, _Region), place
        except ItemError as error:
            faults.append(f"result[{place}]: {error}")


def _label(value: _Value) -> str:
    names = value.keypointlabels or value.rectanglelabels or value.labels
    return names[0] if names else ""


def _find_labels(decoded: list[tuple[_Region, int]]) -> dict[str, str]:
    """Labels that were given to a region by a control of its own."""
    return {
        region.id: _label(region.value)
        for region, _ in decoded
        if region.type == "labels" and region.id and region.value is not None and region.value.labels
    }


def _find_parents(decoded: list[tuple[_Region, int]]) -> dict[str, str]:
    """The rectangle of each keypoint that a relation joins with one."""
    boxes = {region.id for region, _ in decoded if region.type in _BOXES and region.id}
    parents: dict[str, str] = {}
    for region, _ in decoded:
        if region.type == "relation" and region.from_id and region.to_id:
            if region.to_id in boxes:
                parents[region.from_id] = region.to_id
            elif region.from_id in boxes:
                parents[region.to_id] = region.from_id
    return parents


def _find_hidden(decoded: list[tuple[_Region, int]]) -> set[str]:
    """Regions of which a choice says that they are hidden."""
    return {
        region.id
        for region, _ in decoded
        if region.type == "choices"
        and region.value is not None
        and any(choice.strip().lower() in _HIDDEN for choice in region.value.choices or ())
    }


def _take_size(regions: Regions, region: _Region) -> tuple[int, int]:
    if region.original_width is None or region.original_height is None:
        raise _UnusableError("original_width or original_height is missing, and places are per cent of them")
    if region.image_rotation:
        raise _UnusableError(f"its picture was turned by {region.image_rotation:g} degrees while drawing; turn it back")
    if regions.width is None:
        regions.width, regions.height = region.original_width, region.original_height
    elif (regions.width, regions.height) != (region.original_width, region.original_height):
        raise _UnusableError("its regions give two sizes of the picture")
    return region.original_width, region.original_height


def _read_box(value: _Value, width: int, height: int) -> Bbox:
    """A rectangle in pixels; of one that is turned about its first corner the upright box around it."""
    left, top = _number(value.x, "x") * width / 100, _number(value.y, "y") * height / 100
    across, down = _number(value.width, "width") * width / 100, _number(value.height, "height") * height / 100
    if across <= 0 or down <= 0:
        raise ItemError("it has no area")
    angle = math.radians(value.rotation or 0.0)
    if not math.isfinite(angle):
        raise ItemError("rotation is not a finite number")
    cosine, sine = math.cos(angle), math.sin(angle)
    corners = [(0.0, 0.0), (across, 0.0), (across, down), (0.0, down)]
    xs = [left + x * cosine - y * sine for x, y in corners]
    ys = [top + x * sine + y * cosine for x, y in corners]
    if not angle:
        return left, top, across, down
    return min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)


def _number(value: float | None, name: str) -> float:
    if value is None or not math.isfinite(value):
        raise ItemError(f"{name} is missing or not a finite number")
    return value
