"""What every dataset format speaks: the records a reader yields and the report of an import.

Keypoints are image pixels, origin at the top-left corner of the top-left pixel, x right, y down.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from db.formats.boxes import Bbox

Outcome: TypeAlias = Literal["new", "same", "conflicting", "skipped"]
Subject: TypeAlias = Literal["images", "people"]


@dataclass(frozen=True, slots=True)
class ImportedImage:
    """A picture the dataset lists.

    Attributes:
        path: Posix path relative to the folder of images, unique within an import.
        width: Pixels, as the dataset says.
        height: Pixels, as the dataset says.
        external_id: The dataset's own id.
    """

    path: str
    width: int
    height: int
    external_id: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class ImportedPerson:
    """One human in one picture.

    Attributes:
        image_path: ``path`` of the :class:`ImportedImage`.
        ordinal: Place among the people of the picture, from 0.
        external_id: The dataset's own id of the annotation.
        bbox_xywh: Left, top, width, height in pixels.
        box_center_px: Centre of the square crop (eft_method.md 6.2).
        box_scale: Side of the square crop / 200.
        area: Segmented area in square pixels, None if the dataset has none.
        is_crowd: The region holds a crowd, nobody in particular.
        skeleton: Layout of ``keypoints``.
        keypoints: ``(J, 3)`` x, y in pixels and visibility: 0 not labelled, 1 occluded, 2 visible.
    """

    image_path: str
    ordinal: int
    external_id: str | None
    bbox_xywh: Bbox
    box_center_px: tuple[float, float]
    box_scale: float
    area: float | None
    is_crowd: bool
    skeleton: str
    keypoints: NDArray[np.float64]


def one_line(text: str) -> str:
    """A text for a line of a terminal: line ends and control characters that a file put into a name are spelled out."""
    return "".join(character if character.isprintable() else ascii(character)[1:-1] for character in text)


@dataclass(frozen=True, slots=True)
class ImportProblem:
    """Something left out, and why: ``annotation 123 in FILE: keypoints has 50 numbers, expected 51``."""

    item: str
    reason: str

    def __str__(self) -> str:
        return one_line(f"{self.item}: {self.reason}")


ImportRecord: TypeAlias = ImportedImage | ImportedPerson | ImportProblem


class Reader(Protocol):
    """Reads a dataset."""

    def __call__(self, source: Path, images: Path) -> Iterator[ImportRecord]:
        """Read ``source``, whose pictures lie in ``images``.

        Every image comes before its people. One faulty item yields an :class:`ImportProblem`; the rest goes on.

        Raises:
            FormatError: At the call, if nothing can be read at all.
        """
        ...


@dataclass(frozen=True, slots=True)
class ImportCounts:
    """How many items were new, equal to stored ones, in conflict with stored ones (kept as stored), or left out."""

    new: int = 0
    same: int = 0
    conflicting: int = 0
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, or in a dry run would do.

    Attributes:
        source: File that was read.
        dry_run: Nothing was stored.
        images: Counts of images.
        people: Counts of people.
        skip_reasons: Why items were skipped, and how many for each reason.
        problems: Every faulty item with its reason.
    """

    source: str
    dry_run: bool
    images: ImportCounts
    people: ImportCounts
    skip_reasons: dict[str, int]
    problems: tuple[ImportProblem, ...]

    def as_dict(self) -> dict[str, object]:
        """The report in plain types, for JSON."""
        return asdict(self)


@dataclass(slots=True)
class ImportTally:
    """Counts while an import runs."""

    source: str
    dry_run: bool = False
    _counts: Counter[tuple[Subject, Outcome]] = field(default_factory=Counter)
    _skip_reasons: Counter[str] = field(default_factory=Counter)
    _problems: list[ImportProblem] = field(default_factory=list)

    def add(self, subject: Subject, outcome: Outcome, reason: str = "") -> None:
        """Count one item; ``reason`` says why it was skipped."""
        self._counts[subject, outcome] += 1
        if outcome == "skipped":
            self._skip_reasons[reason] += 1

    def add_problem(self, problem: ImportProblem) -> None:
        """List a faulty item."""
        self._problems.append(problem)

    def build_report(self) -> ImportReport:
        """The report of what was counted so far."""
        return ImportReport(
            source=self.source,
            dry_run=self.dry_run,
            images=self._build_counts("images"),
            people=self._build_counts("people"),
            skip_reasons=dict(self._skip_reasons),
            problems=tuple(self._problems),
        )

    def _build_counts(self, subject: Subject) -> ImportCounts:
        return ImportCounts(
            new=self._counts[subject, "new"],
            same=self._counts[subject, "same"],
            conflicting=self._counts[subject, "conflicting"],
            skipped=self._counts[subject, "skipped"],
        )
