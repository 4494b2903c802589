"""Tracks of CVAT as frames: each track runs through the video, and people are wanted a frame at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree.ElementTree import Element

from db.formats.base import ImportProblem
from db.formats.parts.checks import ItemError
from db.formats.parts.cvat_shapes import Shapes, gather, name_point, read_box, read_group, read_point, read_skeleton
from db.formats.parts.named_points import NamedBox, NamedPoint, PointGroup

_INTERPOLATED = "interpolated between keyframes"


@dataclass(slots=True)
class _Frame:
    skeletons: list[PointGroup] = field(default_factory=list)
    points: list[NamedPoint] = field(default_factory=list)
    boxes: list[NamedBox] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    is_keyframe: bool = False


class Frames:
    """What the tracks of a file come to.

    Attributes:
        width: Of the video; None if the file does not say.
        height: Likewise.
    """

    def __init__(self) -> None:
        self.width: int | None = None
        self.height: int | None = None
        self._frames: dict[int, _Frame] = {}
        self._interpolated = 0

    def __len__(self) -> int:
        return len(self._frames)

    def read_size(self, meta: Element) -> None:
        """Take the video's size from ``<meta>``."""
        size = next(meta.iter("original_size"), None)
        texts = [] if size is None else [(size.findtext(name) or "").strip() for name in ("width", "height")]
        if len(texts) == 2 and all(text.isdecimal() and 0 < int(text[:10]) < 2**31 for text in texts):
            self.width, self.height = int(texts[0][:10]), int(texts[1][:10])

    def add(self, track: Element) -> None:
        """Take a ``<track>`` apart."""
        label, track_id, group = track.get("label", ""), track.get("id", ""), read_group(track)
        if track.find("track") is not None:
            self._add_nested(track, track_id, group)
            return
        for element in track:
            text = element.get("frame", "")
            if not text.isdecimal() or len(text) > 9 or element.get("outside") == "1":
                continue
            frame = self._frames.setdefault(int(text), _Frame())
            try:
                self._take(frame, element, label, track_id, group)
            except ItemError as error:
                frame.faults.append(f"track {track_id}: {error}")

    def _take(self, frame: _Frame, element: Element, label: str, track_id: str, group: str) -> None:
        is_keyframe = element.get("keyframe", "1") == "1"
        if element.tag == "skeleton":
            points = read_skeleton(element)
            if not is_keyframe and not any(child.get("keyframe") == "1" for child in element.iterfind("points")):
                self._interpolated += 1
            elif any(point.visibility for point in points):
                frame.skeletons.append(PointGroup(f"track {track_id}", points=points, group=group))
        elif element.tag == "points":
            point = read_point(element, name_point(element, label))
            frame.points.append(NamedPoint(point.name, point.x, point.y, point.visibility, point.group or group))
            frame.is_keyframe |= is_keyframe
        elif element.tag == "box":
            box = read_box(element, label, f"track {track_id}")
            frame.boxes.append(NamedBox(box.id, box.label, box.bbox, box.group or group))
            frame.is_keyframe |= is_keyframe and box.is_person

    def _add_nested(self, track: Element, track_id: str, group: str) -> None:
        """Take a skeleton apart whose joints are tracks of their own, as CVAT wrote them at times."""
        gone = {element.get("frame") for element in track.iterfind("skeleton") if element.get("outside") == "1"}
        points: dict[str, list[NamedPoint]] = {}
        keyframes: set[str] = set()
        for joint in track.iterfind("track"):
            for element in joint.iterfind("points"):
                text = element.get("frame", "")
                if not text.isdecimal() or len(text) > 9 or text in gone:
                    continue
                if element.get("keyframe", "1") == "1":
                    keyframes.add(text)
                try:
                    points.setdefault(text, []).append(read_point(element, joint.get("label", "")))
                except ItemError as error:
                    frame = self._frames.setdefault(int(text), _Frame())
                    frame.faults.append(f"track {track_id}, {joint.get('label')}: {error}")
        for text, found in points.items():
            if not any(point.visibility for point in found):
                continue
            if text in keyframes:
                frame = self._frames.setdefault(int(text), _Frame())
                frame.skeletons.append(PointGroup(f"track {track_id}", points=found, group=group))
            else:
                self._interpolated += 1

    def problems(self, source: Path) -> Iterator[ImportProblem]:
        """What is not read of the tracks; frames without a keyframe are dropped here."""
        for number, frame in list(self._frames.items()):
            if not frame.is_keyframe:
                self._interpolated += bool(frame.points)
                frame.points.clear()
                frame.boxes = [box for box in frame.boxes if frame.skeletons]
            if not (frame.skeletons or frame.points or frame.boxes or frame.faults):
                del self._frames[number]
        if self._interpolated:
            reason = (
                f"{self._interpolated} people stand between keyframes, where CVAT has guessed them; they were left out"
            )
            yield ImportProblem(source.name, reason, "people", self._interpolated, _INTERPOLATED)

    def items(self) -> Iterator[tuple[int, Shapes]]:
        """Frames in order with their people."""
        for number in sorted(self._frames):
            frame = self._frames[number]
            shapes = Shapes(faults=frame.faults)
            gather(shapes, frame.skeletons, frame.points, frame.boxes)
            yield number, shapes
