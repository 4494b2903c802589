"""What a bundle says of itself: ``manifest.json``, and a line for each image in ``images.jsonl``."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import IO, Any, Final

from app.services.errors import ServiceError

KIND: Final = "project bundle of Exemplar"
VERSION: Final = 1
SUFFIX: Final = ".exemplar"

MANIFEST: Final = "manifest.json"
IMAGES: Final = "images.jsonl"
DATABASE: Final = "project.db"
FILES: Final = "files/"
"""Where files of the project folder lie in the bundle."""

KINDS: Final = ("body", "regressor", "prior")

_SHA256: Final = re.compile("[0-9a-f]{64}")
_LONGEST_LINE: Final = 20_000


@dataclass(frozen=True, slots=True)
class MemberEntry:
    """A file in the bundle: its size in bytes and SHA-256."""

    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class NeededFile:
    """A file the project fits with that is not in the bundle.

    Attributes:
        kind: ``body``, ``regressor`` or ``prior``.
        path: As the project names it: relative to its folder, or absolute.
        licence: What the file says of its licence.
        size_bytes: Size, None when it was not there.
        sha256: Hash, None when it was not there.
        why: Why it was left out, in a few words.
    """

    kind: str
    path: str
    licence: str
    size_bytes: int | None
    sha256: str | None
    why: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """The head of a bundle.

    Attributes:
        schema: Schema of its database.
        tool_version: Version of this program that wrote it.
        project: Name of the project folder.
        changed_at: When the project was last changed before, in ISO 8601, or None; the bundle's own moment is that of
            its file. So the same project gives the same bytes.
        settings: The project's settings, for eyes; the database has them as well.
        counts: Rows of every table of the database.
        states: People in each state.
        images_hashed: Whether ``images.jsonl`` has hashes.
        members: Every other file of the bundle, by name.
        needed: Files that the project fits with and that are not packed.
    """

    schema: str
    tool_version: str
    project: str
    changed_at: str | None
    settings: Mapping[str, Any]
    counts: Mapping[str, int]
    states: Mapping[str, int]
    images_hashed: bool
    members: Mapping[str, MemberEntry]
    needed: tuple[NeededFile, ...]

    def to_bytes(self) -> bytes:
        """The manifest as JSON that people can read."""
        document = {"kind": KIND, "version": VERSION, **asdict(self)}
        return json.dumps(document, indent=1, ensure_ascii=False).encode() + b"\n"

    @classmethod
    def from_bytes(cls, content: bytes, bundle: str) -> Manifest:
        """Read a manifest.

        Raises:
            ServiceError: It is none, or one of a newer version.
        """
        try:
            document = json.loads(content)
            if document["kind"] != KIND:
                raise ValueError(document["kind"])
            version = _count(document["version"])
        except (ValueError, LookupError, TypeError, RecursionError) as error:
            raise ServiceError(f"{bundle} is a zip file, but no bundle of a project; choose another file.") from error
        if version > VERSION:
            raise ServiceError(
                f"{bundle} is a bundle of version {version}, this program knows up to {VERSION}; restore it with the"
                " version of the program that made it, or a newer one."
            )
        try:
            return cls(
                schema=_text(document["schema"]),
                tool_version=_text(document["tool_version"]),
                project=_text(document["project"]),
                changed_at=None if document["changed_at"] is None else _text(document["changed_at"]),
                settings=dict(document["settings"]),
                counts={_text(name): _count(rows) for name, rows in document["counts"].items()},
                states={_text(name): _count(people) for name, people in document["states"].items()},
                images_hashed=bool(document["images_hashed"]),
                members={
                    _text(name): MemberEntry(_count(member["size_bytes"]), _hash(member["sha256"]))
                    for name, member in document["members"].items()
                },
                needed=tuple(_read_needed(needed) for needed in document["needed"]),
            )
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise ServiceError(f"The manifest of {bundle} is damaged ({error}); use another copy of it.") from error


@dataclass(frozen=True, slots=True)
class ImageEntry:
    """An image of the project and its file, as it was when the bundle was made.

    Attributes:
        id: Of the image in the database.
        root: Folder it lay in.
        path: Posix path below the folder.
        size_bytes: Size of the file; None when it was not there.
        sha256: Hash of the file; None when it was not there or was not asked for.
    """

    id: int
    root: str
    path: str
    size_bytes: int | None
    sha256: str | None

    def to_line(self) -> bytes:
        """The entry as one line of JSON."""
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def iter_image_entries(file: IO[bytes], bundle: str) -> Iterator[ImageEntry]:
    """Read ``images.jsonl``, a line at a time.

    Raises:
        ServiceError: A line is none of an image; the number is said.
    """
    number = 0
    while line := file.readline(_LONGEST_LINE):
        number += 1
        try:
            entry = json.loads(line)
            yield ImageEntry(
                id=_count(entry["id"]),
                root=_text(entry["root"]),
                path=_text(entry["path"]),
                size_bytes=None if entry["size_bytes"] is None else _count(entry["size_bytes"]),
                sha256=None if entry["sha256"] is None else _hash(entry["sha256"]),
            )
        except (ValueError, LookupError, TypeError, RecursionError) as error:
            raise ServiceError(
                f"Line {number} of {IMAGES} in {bundle} is damaged ({error}); use another copy of it."
            ) from error


def _read_needed(needed: Mapping[str, Any]) -> NeededFile:
    return NeededFile(
        kind=_kind(needed["kind"]),
        path=_text(needed["path"]),
        licence=_text(needed["licence"]),
        size_bytes=None if needed["size_bytes"] is None else _count(needed["size_bytes"]),
        sha256=None if needed["sha256"] is None else _hash(needed["sha256"]),
        why=_text(needed["why"]),
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{value!r:.40} is no text")
    return value


def _kind(value: object) -> str:
    if value not in KINDS:
        raise ValueError(f"{value!r:.40} is no kind of file")
    return _text(value)


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(f"{value!r:.40} is no count")
    return value


def _hash(value: object) -> str:
    if not _SHA256.fullmatch(_text(value)):
        raise ValueError(f"{value!r:.80} is no SHA-256")
    return _text(value)
