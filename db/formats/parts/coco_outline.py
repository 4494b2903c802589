"""First look through a file of COCO's shape: what it says of itself, where its lists lie, who belongs to which image.

COCO's shape is an object with ``images``, ``annotations`` and ``categories``. The lists may have hundreds of megabytes
and stand in any order, so they are gone through twice: once for this, once for the people. What is kept is a number or
two for every annotation.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, TypeAlias

import msgspec
import numpy as np

from db.formats.base import LISTED_PROBLEMS, ImportProblem
from db.formats.errors import FormatError, one_line
from db.formats.parts.checks import ItemError
from db.formats.parts.coco_categories import find_skeleton, name_joints
from db.formats.parts.json_items import EntryDecoder
from db.formats.parts.json_stream import Member, iter_members
from resources.skeleton import get_skeleton

LISTS = ("images", "annotations")

Id: TypeAlias = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]


class _Category(msgspec.Struct):
    id: Id
    name: str
    keypoints: list[str] | None = None


class Key(msgspec.Struct):
    """What tells an annotation apart."""

    id: Id
    image_id: Id
    category_id: Id


_ANYTHING: EntryDecoder[object] = EntryDecoder(object)
_CATEGORIES: EntryDecoder[list[_Category]] = EntryDecoder(list[_Category])
KEYS: EntryDecoder[Key] = EntryDecoder(Key)


@dataclass(slots=True)
class Outline:
    """What a file holds.

    Attributes:
        details: The file without its lists, a JSON object.
        skeletons: Layout of the people of each category; categories of nobody are missing.
        starts: Offset of the first entry of each list.
        sizes: Bytes of each list.
        people: How many people each image has.
        twice: Annotation ids that more than one person has.
        problems: Annotations that cannot be told apart.
    """

    details: bytes = b"{}"
    skeletons: Mapping[int, str] = field(default_factory=dict)
    starts: dict[str, int] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    people: Counter[int] = field(default_factory=Counter)
    twice: frozenset[int] = frozenset()
    problems: list[ImportProblem] = field(default_factory=list)
    _unlisted: int = 0

    def count_problem(self, problem: ImportProblem) -> None:
        """Keep a problem, or beyond those that are ever listed their number."""
        if len(self.problems) < LISTED_PROBLEMS:
            self.problems.append(problem)
        else:
            self._unlisted += 1

    def list_problems(self, source: Path) -> list[ImportProblem]:
        """What was found, the last one standing for all that were not kept."""
        if not self._unlisted:
            return self.problems
        rest = ImportProblem(
            f"annotations in {source.name}", f"{self._unlisted} more are malformed", "people", self._unlisted
        )
        return [*self.problems, rest]


@dataclass(slots=True)
class _Keys:
    """Ids of annotation, image and category of everybody, eight bytes each."""

    people: array[int] = field(default_factory=lambda: array("q"))
    images: array[int] = field(default_factory=lambda: array("q"))
    categories: array[int] = field(default_factory=lambda: array("q"))


def read_outline(source: Path, title: str, layouts: frozenset[str] | None = None, default: str = "coco17") -> Outline:
    """Look through a file.

    Args:
        source: The file.
        title: What it should be, with its article: ``a COCO file``.
        layouts: Layouts its people may have; None for all we know.
        default: Layout of a category ``person`` that does not name its joints.

    Raises:
        FormatError: The file cannot be read, is no JSON, or has no people with keypoints in a known layout.
    """
    outline, keys, head = Outline(), _Keys(), dict[str, msgspec.Raw]()
    for member in iter_members(source, LISTS):
        if member.key not in LISTS:
            head[member.key] = msgspec.Raw(member.raw)
            continue
        outline.starts[member.key] = member.start
        outline.sizes[member.key] = member.end - member.start
        if member.key == "annotations" and member.place is not None:
            _take_key(source, outline, keys, member)
    if missing := [key for key in (*LISTS, "categories") if key not in outline.starts and key not in head]:
        raise FormatError(f"{source} is not {title}: it has no '{missing[0]}'")
    outline.skeletons = _read_categories(source, title, bytes(head["categories"]), layouts, default)
    _settle(outline, keys)
    outline.details = encode_head(source, head)
    return outline


def _take_key(source: Path, outline: Outline, keys: _Keys, member: Member) -> None:
    try:
        key, _ = KEYS.decode(member.raw)
    except ItemError as error:
        outline.count_problem(ImportProblem(f"annotations[{member.place}] in {source.name}", str(error), "people"))
        return
    keys.people.append(key.id)
    keys.images.append(key.image_id)
    keys.categories.append(key.category_id)


def _settle(outline: Outline, keys: _Keys) -> None:
    """Count the people of each image, now that it is known which categories are of people."""
    wanted = np.isin(np.array(keys.categories, dtype=np.int64), list(outline.skeletons))
    images, people = (np.array(column, dtype=np.int64)[wanted] for column in (keys.images, keys.people))
    ids, counts = np.unique(images, return_counts=True)
    outline.people = Counter(dict(zip(ids.tolist(), counts.tolist(), strict=True)))
    ids, counts = np.unique(people, return_counts=True)
    outline.twice = frozenset(ids[counts > 1].tolist())


def _read_categories(
    source: Path, title: str, raw: bytes, layouts: frozenset[str] | None, default: str
) -> dict[int, str]:
    try:
        categories, _ = _CATEGORIES.decode(raw)
    except ItemError as error:
        raise FormatError(f"{source} is not {title}: a category is malformed: {error}") from error
    found: dict[int, str] = {}
    for category in categories:
        if category.keypoints is not None:
            skeleton = find_skeleton(category.keypoints)
        else:  # converters leave the names out and mean the dataset's own
            skeleton = default if category.name == "person" else None
        if skeleton is not None and (layouts is None or skeleton in layouts):
            found[category.id] = skeleton
    if found:
        return found
    for category in categories:
        if category.name == "person":
            names = one_line(", ".join(category.keypoints or ()))
            raise FormatError(
                f"{source}: the keypoints of the category person are {names[:400]}; expected {_name_layouts(layouts)}"
            )
    raise FormatError(f"{source} has no category 'person'; expected COCO person keypoints")


def _name_layouts(layouts: frozenset[str] | None) -> str:
    if layouts is None:
        return "COCO's 17, nose to right_ankle, or those of another known layout"
    return " or ".join(", ".join(name_joints(get_skeleton(name))) for name in sorted(layouts))


def encode_head(source: Path, head: dict[str, msgspec.Raw]) -> bytes:
    """Details of a file from the values of its keys.

    Raises:
        FormatError: One of them is no JSON.
    """
    clean = {}
    for key, raw in head.items():
        try:
            _, kept = _ANYTHING.decode(bytes(raw))
        except ItemError as error:
            raise FormatError(f"{source} is not valid JSON ({key[:80]!r}: {error}); export it again") from error
        clean[key] = msgspec.Raw(kept)
    return msgspec.json.encode(clean)
