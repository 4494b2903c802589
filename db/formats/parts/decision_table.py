"""The table of decisions: its columns, in a fixed order, and one row of it. Shared by CSV and Parquet.

A row is one decision as it was made, not one person: the history is append-only. What undo has taken back is not in
the table. Units: pixels of the picture, seconds, UTC.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from pathlib import Path
from typing import Final, Literal, Protocol, TypeAlias

from db.formats.parts.manifest import WrittenExport

CellType: TypeAlias = Literal["int64", "double", "string", "bool", "list<string>", "timestamp[us, UTC]"]
Cell: TypeAlias = int | float | str | bool | tuple[str, ...] | datetime | None


@dataclass(frozen=True, slots=True)
class DecisionEntry:
    """One decision with the person and the fit it is about; :data:`COLUMNS` says what each field is."""

    decision_id: int
    person_id: int
    annotation_id: str | None
    image: str
    dataset: str
    bbox_x: float
    bbox_y: float
    bbox_width: float
    bbox_height: float
    verdict: str
    reasons: tuple[str, ...]
    comment: str
    annotator: str | None
    role: str
    seconds_spent: float
    decided_at: datetime
    is_current: bool
    fit_id: int | None
    method: str | None
    l2d: float | None
    rms_px: float | None
    max_abs_beta: float | None
    flags: tuple[str, ...]
    code_version: str | None
    body_hash: str | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name is the field's of :class:`DecisionEntry`."""

    name: str
    type: CellType
    meaning: str
    nullable: bool = False


COLUMNS: Final = (
    Column("decision_id", "int64", "id of the decision in the project; rows are sorted by it, oldest first"),
    Column("person_id", "int64", "id of the person in the project"),
    Column("annotation_id", "string", "the dataset's id of the person", nullable=True),
    Column("image", "string", "path of the picture relative to the folder of images"),
    Column("dataset", "string", "dataset the picture came with"),
    Column("bbox_x", "double", "left of the annotated box, pixels of the picture"),
    Column("bbox_y", "double", "top of the annotated box, pixels of the picture"),
    Column("bbox_width", "double", "width of the annotated box, pixels of the picture"),
    Column("bbox_height", "double", "height of the annotated box, pixels of the picture"),
    Column("verdict", "string", "accept, reject, second_look, or reopen, which takes what came before out of force"),
    Column("reasons", "list<string>", "reason codes of a rejection"),
    Column("comment", "string", "free text, empty where nothing was said"),
    Column("annotator", "string", "name of whoever decided", nullable=True),
    Column("role", "string", "review, or adjudication, which rules where reviewers have disagreed"),
    Column("seconds_spent", "double", "how long the person had been on screen, seconds"),
    Column("decided_at", "timestamp[us, UTC]", "when it was decided, UTC"),
    Column("is_current", "bool", "whether the person's present state rests on this decision"),
    Column("fit_id", "int64", "id of the fit that was looked at; none where there was no fit", nullable=True),
    Column("method", "string", "method of that fit", nullable=True),
    Column("l2d", "double", "unweighted 2D keypoint loss of that fit", nullable=True),
    Column("rms_px", "double", "RMS distance over its active joints, pixels of the picture", nullable=True),
    Column("max_abs_beta", "double", "its largest absolute shape coefficient", nullable=True),
    Column("flags", "list<string>", "what is odd about that fit, by name"),
    Column("code_version", "string", "version of the program that made that fit", nullable=True),
    Column("body_hash", "string", "SHA-256 of the body file of that fit, hexadecimal", nullable=True),
)
"""Columns in their order, which does not change; later versions add at the end."""

CONVENTIONS: Final[Mapping[str, object]] = {
    "units": "pixels of the picture as it was imported, origin at the top-left corner of the top-left pixel; seconds; "
    "UTC",
    "rows": "one row a decision, oldest first; decisions that were taken back are left out, and so are those of a "
    "first reviewer while the second has yet to decide",
    "columns": [{"name": column.name, "type": column.type, "meaning": column.meaning} for column in COLUMNS],
}
"""Units, rows and columns, for the manifest beside an export."""


class DecisionWriter(Protocol):
    """Writes a file of decisions."""

    def __call__(self, path: Path, entries: Iterable[DecisionEntry]) -> WrittenExport:
        """Write decisions as they come, read the file again, compare, and only then put it in place.

        Raises:
            FormatError: The disk refuses; an older file stays as it was.
        """
        ...


class RowDigest:
    """Counts rows and hashes them, so that what was written and what is read can be compared without keeping either."""

    def __init__(self) -> None:
        self.count = 0
        self._digest = hashlib.sha256()

    def add(self, cells: Iterable[object]) -> None:
        """Take one row."""
        self.count += 1
        self._digest.update(repr(tuple(cells)).encode("utf-8", "surrogatepass"))

    def passing(self, rows: Iterable[tuple[object, ...]]) -> Iterator[tuple[object, ...]]:
        """The rows, each taken on its way."""
        for row in rows:
            self.add(row)
            yield row

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, RowDigest):
            return NotImplemented
        return (self.count, self._digest.digest()) == (other.count, other._digest.digest())

    __hash__ = None  # type: ignore[assignment]


def get_cells(entry: DecisionEntry) -> tuple[Cell, ...]:
    """Cells of a row in the order of :data:`COLUMNS`."""
    return _get_fields(entry)


# dataclasses.astuple copies deeply, ten times as slow.
_get_fields: Final[Callable[[DecisionEntry], tuple[Cell, ...]]] = attrgetter(*(column.name for column in COLUMNS))
