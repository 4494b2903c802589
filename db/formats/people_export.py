"""What every format of people that is written speaks: pictures and people of a project, each when its turn comes.

Ids are looked through before anything is written, so a source is gone through more than once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from db.formats.parts.boxes import Bbox
from db.formats.parts.manifest import WrittenExport


@dataclass(frozen=True, slots=True)
class ExportedImage:
    """A picture.

    Attributes:
        key: The project's number of it.
        path: Posix path relative to its folder.
        width: Pixels.
        height: Pixels.
        external_id: The dataset's own id.
        source: File it came with, if more than its stem is known of that file.
        details: What else the dataset said of it, a JSON object.
    """

    key: int
    path: str
    width: int
    height: int
    external_id: str | None = None
    source: str = ""
    details: bytes | None = None


@dataclass(frozen=True, slots=True, eq=False)
class ExportedPerson:
    """A person.

    Attributes:
        image_key: ``key`` of the picture.
        external_id: The dataset's own id of the annotation.
        bbox_xywh: Left, top, width, height in pixels.
        area: Segmented area in square pixels.
        is_crowd: The region holds a crowd.
        skeleton: Layout of ``keypoints``.
        keypoints: ``(J, 3)`` x, y in pixels and visibility 0, 1 or 2.
        is_edited: They are not what the dataset said.
        source: File the person came with.
        details: What else the dataset said of the person, a JSON object.
        is_completed: What the details lack is added; else they are left as they came.
        ours: What the project knows beyond the format, in plain types; empty for nothing.
    """

    image_key: int
    external_id: str | None
    bbox_xywh: Bbox
    area: float | None
    is_crowd: bool
    skeleton: str
    keypoints: NDArray[np.float64]
    is_edited: bool = False
    source: str = ""
    details: bytes | None = None
    is_completed: bool = False
    ours: Mapping[str, object] | None = None


class PeopleSource(Protocol):
    """Pictures and people to be written; what it iterates is the same every time, in the order of import."""

    @property
    def datasets(self) -> Sequence[tuple[str, bytes]]:
        """Files people came with, and what each said of itself, a JSON object."""
        ...

    def iter_image_ids(self) -> Iterator[tuple[int, str | None]]:
        """Key and id of every picture."""
        ...

    def iter_person_ids(self) -> Iterator[str | None]:
        """Id of everybody."""
        ...

    def iter_images(self) -> Iterator[ExportedImage]:
        """Every picture."""
        ...

    def iter_people(self) -> Iterator[ExportedPerson]:
        """Everybody, each of one of these pictures."""
        ...


@dataclass(frozen=True, slots=True)
class WrittenPeople:
    """A file of people that was written and read again.

    Attributes:
        export: The file, and the people in it.
        images: Pictures in it.
        renumbered_images: Pictures that got another id, for theirs was another's or none the format can hold.
        renumbered_people: People likewise.
    """

    export: WrittenExport
    images: int
    renumbered_images: int = 0
    renumbered_people: int = 0


class PeopleWriter(Protocol):
    """Writes people."""

    def __call__(self, path: Path, source: PeopleSource) -> WrittenPeople:
        """Write a file, whole or not at all, the same bytes for the same source.

        Raises:
            FormatError: A record does not fit the format, or the disk refuses.
        """
        ...
