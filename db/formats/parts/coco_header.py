"""What the files of several datasets say of themselves, joined for one file: licences and categories renumbered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from db.formats.parts.coco_categories import find_skeleton, name_joints
from resources.skeleton import Skeleton, get_skeleton

OURS = "exemplar"
"""Key of everything in a COCO file that is not COCO's."""

_LISTS = ("licenses", "categories")
_WHOLE_BODY = "coco23"


@dataclass(slots=True)
class _Numbered:
    """A list of objects with ids: equal ones are one, and an id that is taken becomes another."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    _places: dict[tuple[str, int], int] = field(default_factory=dict)

    def join(self, source: str, rows: object) -> None:
        """Add what a file has."""
        for row in rows if isinstance(rows, list) else ():
            if not isinstance(row, dict):
                continue
            number = row.get("id")
            if type(number) is not int:
                self.rows += [] if row in self.rows else [row]
                continue
            taken = row not in self.rows and number in {other.get("id") for other in self.rows}
            joined = {**row, "id": self.find_free_id()} if taken else row
            self.rows += [] if joined in self.rows else [joined]
            self._places.setdefault((source, number), joined["id"])

    def find(self, source: str, number: int) -> int | None:
        """The id in the joined file of what a file calls so."""
        return self._places.get((source, number))

    def find_free_id(self) -> int:
        """An id that none has."""
        return max((row["id"] for row in self.rows if type(row.get("id")) is int), default=0) + 1


class Header:
    """The keys of a COCO file beside its images and annotations."""

    def __init__(self, datasets: Sequence[tuple[str, bytes]]) -> None:
        self._licenses = _Numbered()
        self._categories = _Numbered()
        self._others: dict[str, Any] = {}
        infos: dict[str, Any] = {}
        for source, content in datasets:
            head: dict[str, Any] = msgspec.json.decode(content, type=dict[str, Any])
            self._licenses.join(source, head.get("licenses"))
            self._categories.join(source, head.get("categories"))
            infos |= {source: head["info"]} if "info" in head else {}
            for key, value in head.items():
                if key not in (*_LISTS, "info", OURS):
                    self._others.setdefault(key, value)
        self._infos = infos
        self._found: dict[tuple[str, int | None, str], int] = {}

    def find_license(self, source: str, number: int) -> int | None:
        """The id in the file of what a dataset calls so."""
        return self._licenses.find(source, number)

    def find_category(self, source: str, number: int | None, skeleton: str, *, feet_apart: bool = False) -> int:
        """Category of a person: the dataset's own if it has the person's joints, else one of the layout.

        Args:
            source: File the person came with.
            number: Category there; None if it said none.
            skeleton: Layout of the person's keypoints.
            feet_apart: The feet of coco23 are written beside the 17 of the category.
        """
        wanted = "coco17" if feet_apart and skeleton == _WHOLE_BODY else skeleton
        key = source, number, wanted
        if key not in self._found:
            self._found[key] = self._find_category(*key)
        return self._found[key]

    def _find_category(self, source: str, number: int | None, layout: str) -> int:
        own = None if number is None else self._categories.find(source, number)
        for row in sorted(self._categories.rows, key=lambda row: row.get("id") != own):
            if _find_layout(row) == layout and type(row.get("id")) is int:
                return int(row["id"])
        category = _build_category(get_skeleton(layout), self._categories.find_free_id())
        self._categories.rows.append(category)
        return int(category["id"])

    def head(self) -> dict[str, Any]:
        """What stands before the lists."""
        info: object = next(iter(self._infos.values()), {})
        return {"info": info, "licenses": self._licenses.rows}

    def tail(self, *, translated: bool = False) -> dict[str, Any]:
        """What stands behind the lists, when all people have been written.

        Args:
            translated: Some of them came from a relative of COCO, whose reader must not take the file for its own.
        """
        said = ({"info": self._infos} if len(self._infos) > 1 else {}) | ({"written_as": "coco"} if translated else {})
        ours = {OURS: said} if said else {}
        return {"categories": self._categories.rows, **self._others, **ours}


def _find_layout(category: dict[str, Any]) -> str | None:
    names = category.get("keypoints")
    if names is None:
        return "coco17" if category.get("name") == "person" else None
    return find_skeleton(names) if isinstance(names, list) and all(isinstance(name, str) for name in names) else None


def _build_category(skeleton: Skeleton, number: int) -> dict[str, Any]:
    name = "person" if skeleton.name == "coco17" else f"person_{skeleton.name}"
    return {
        "id": number,
        "name": name,
        "supercategory": "person",
        "keypoints": name_joints(skeleton),
        "skeleton": [[start + 1, end + 1] for start, end in skeleton.bones],
    }
