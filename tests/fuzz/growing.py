"""Sound files grown to a megabyte at one place, by entries that are all the same or each with ids of its own.

What grows faster than its file shows here: a reader that looks through a list for every entry of it hangs.
"""

from __future__ import annotations

import copy
import io
import itertools
import json
import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np

from tests.helpers.odd_values import iter_places

BYTES = 1_000_000
MOST_PLACES = 5


def count_places(path: Path) -> int:
    """At how many places a file can be grown, and how: twice for each, with entries the same and each its own."""
    match path.suffix.lower():
        case ".json":
            return 2 * len(_list_places(json.loads(path.read_bytes())))
        case ".xml":
            return 2 * len(_list_parents(ElementTree.fromstring(path.read_bytes())))
        case ".npz":
            return 1
        case _:
            return 0


def grow(path: Path, number: int) -> None:
    """Grow a file at its ``number``-th place."""
    place, unlike = divmod(number, 2)
    content = path.read_bytes()
    match path.suffix.lower():
        case ".json":
            path.write_bytes(_grow_json(json.loads(content), place, bool(unlike)))
        case ".xml":
            path.write_bytes(_grow_xml(ElementTree.fromstring(content), place, bool(unlike)))
        case _:
            path.write_bytes(_grow_npz(content))


def _list_places(document: Any) -> list[tuple[Any, ...]]:
    """The outermost lists of entries; lists of numbers are as long as they have to be."""
    lists = [place for place in iter_places(document) if _is_list_of_entries(_follow(document, place))]
    return sorted(lists, key=len)[:MOST_PLACES]


def _is_list_of_entries(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict | list)


def _follow(document: Any, place: tuple[Any, ...]) -> Any:
    for key in place:
        document = document[key]
    return document


def _grow_json(document: Any, place: int, unlike: bool) -> bytes:
    entries = _follow(document, _list_places(document)[place])
    size = max(1, len(json.dumps(entries[0])))
    first = entries[0]
    for number in range(BYTES // size):
        entries.append(_renumber(copy.deepcopy(first), number) if unlike else first)
    return json.dumps(document).encode()


def _renumber(entry: Any, number: int) -> Any:
    """The entry under another id, and another name where it has one."""
    if not isinstance(entry, dict):
        return entry
    for key, value in entry.items():
        if isinstance(value, int) and not isinstance(value, bool) and "id" in key.lower():
            entry[key] = 1_000_000 + number
        elif isinstance(value, str):
            entry[key] = f"{value}{number}"
    return entry


def _list_parents(root: ElementTree.Element) -> list[ElementTree.Element]:
    parents = sorted(
        (element for element in root.iter() if len(element)), key=lambda element: -len(list(element.iter()))
    )
    return parents[:MOST_PLACES]


def _grow_xml(root: ElementTree.Element, place: int, unlike: bool) -> bytes:
    parent = _list_parents(root)[place]
    last = parent[-1]
    size = len(ElementTree.tostring(last))
    for number in range(BYTES // size):
        child = copy.deepcopy(last)
        for key in child.attrib if unlike else ():
            if key in ("id", "name", "label", "frame", "group_id"):
                child.set(key, f"{child.get(key)}{number}")
        parent.append(child)
    return ElementTree.tostring(root)


def _grow_npz(content: bytes) -> bytes:
    """Every array with as many rows as there are people is repeated."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        arrays = {name: archive.read(name) for name in archive.namelist()}
    loaded: dict[str, np.ndarray] = {}
    for name, data in arrays.items():
        try:
            loaded[name] = np.load(io.BytesIO(data), allow_pickle=False)
        except ValueError:  # pickled objects stay as they are
            continue
    rows = [array.shape[0] for array in loaded.values() if array.ndim]
    if not rows:
        return content
    count = max(set(rows), key=rows.count)
    times = max(1, BYTES // max(1, sum(array.nbytes for array in loaded.values())))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in arrays.items():
            array = loaded.get(name)
            if array is not None and array.ndim and array.shape[0] == count:
                buffer = io.BytesIO()
                np.save(buffer, np.repeat(array, times, axis=0))
                archive.writestr(name, buffer.getvalue())
            else:
                archive.writestr(name, data)
    return out.getvalue()


def spread(counts: dict[str, int]) -> list[tuple[str, int]]:
    """Cases of every target: negative seeds stand for places."""
    return list(itertools.chain.from_iterable(((name, -1 - n) for n in range(count)) for name, count in counts.items()))
