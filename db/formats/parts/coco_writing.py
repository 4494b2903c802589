"""COCO files, written entry by entry: whole or not at all, and the same bytes for the same people."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

import msgspec

from db.formats.errors import FormatError
from db.formats.parts.coco_entries import build_annotation, build_image
from db.formats.parts.coco_header import Header
from db.formats.parts.coco_ids import Numbering
from db.formats.parts.coco_outline import LISTS
from db.formats.parts.files import hash_file, replacing
from db.formats.parts.json_stream import iter_members
from db.formats.parts.manifest import WrittenExport
from db.formats.people_export import PeopleSource, WrittenPeople


def write_people_as_coco(path: Path, source: PeopleSource) -> WrittenPeople:
    """Write pictures and people (a :class:`~db.formats.people_export.PeopleWriter`)."""
    with replacing(path) as (file, temporary):
        work = _Writing(file, source)
        images, people = work.write()
        file.flush()
        _check(path, temporary, images, people, work.sha256)
    export = WrittenExport(path, people, work.sha256)
    return WrittenPeople(export, images, work.images.renumbered, work.people.renumbered)


class _Writing:
    """One file while it is written."""

    def __init__(self, file: BinaryIO, source: PeopleSource) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        self._source = source
        self._header = Header(source.datasets)
        self._numbers: dict[int, int] = {}
        self._translated = False
        self.images = Numbering(external_id for _, external_id in source.iter_image_ids())
        self.people = Numbering(source.iter_person_ids())

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    def write(self) -> tuple[int, int]:
        """Write everything; the number of pictures and of people."""
        self._put(b"{")
        for key, value in self._header.head().items():
            self._put(_encode_key(key), msgspec.json.encode(value), b",")
        images = self._write_list("images", self._iter_images())
        self._put(b",")
        people = self._write_list("annotations", self._iter_people())
        for key, value in self._header.tail(translated=self._translated).items():
            self._put(b",", _encode_key(key), msgspec.json.encode(value))
        self._put(b"}\n")
        return images, people

    def _iter_images(self) -> Iterator[bytes]:
        for image in self._source.iter_images():
            number, renumbered = self.images.give(image.external_id)
            self._numbers[image.key] = number
            yield build_image(image, number, self._header, renumbered=renumbered)

    def _iter_people(self) -> Iterator[bytes]:
        for person in self._source.iter_people():
            number, renumbered = self.people.give(person.external_id)
            image = self._numbers.get(person.image_key)
            if image is None:
                raise FormatError(
                    f"annotation {person.external_id} belongs to no image of the file; list the image too"
                )
            self._translated |= person.is_completed
            yield build_annotation(person, number, image, self._header, renumbered=renumbered)

    def _write_list(self, key: str, entries: Iterable[bytes]) -> int:
        self._put(_encode_key(key), b"[")
        count = 0
        for count, entry in enumerate(entries, start=1):
            self._put(b",\n" if count > 1 else b"\n", entry)
        self._put(b"\n]")
        return count

    def _put(self, *pieces: bytes) -> None:
        for piece in pieces:
            self._digest.update(piece)
            self._file.write(piece)


def _encode_key(key: str) -> bytes:
    return msgspec.json.encode(key) + b":"


def _check(path: Path, temporary: Path, images: int, people: int, sha256: str) -> None:
    found = dict.fromkeys(LISTS, 0)
    for member in iter_members(temporary, LISTS):
        if member.place is not None:
            found[member.key] += 1
    if hash_file(temporary) != sha256 or (found["images"], found["annotations"]) != (images, people):
        raise FormatError(f"{path} did not read back as it was written; check the disk and export again")
