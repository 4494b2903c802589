"""What every dataset format speaks: the records a reader yields and the report of an import.

Keypoints are image pixels, origin at the top-left corner of the top-left pixel, x right, y down.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from db.formats.errors import one_line
from db.formats.parts.boxes import Bbox

Outcome: TypeAlias = Literal["new", "same", "conflicting", "skipped"]
Subject: TypeAlias = Literal["images", "people"]
Gender: TypeAlias = Literal["male", "female", "neutral"]
Origin: TypeAlias = Literal["imported", "detector"]
OnShare: TypeAlias = Callable[[float], None]
"""Called with the share of the file read so far, 0 to 1, for a bar that knows its end."""

NO_FILE = "the picture is not there"
FAULTY = "a fault in the file"
LISTED_PROBLEMS = 10_000
"""Problems a report lists; further ones are counted."""


@dataclass(frozen=True, slots=True)
class ImportedImage:
    """A picture the dataset lists.

    Attributes:
        path: Posix path relative to the folder of images, unique within an import.
        width: Pixels, as the dataset says; None if it does not.
        height: Pixels, as the dataset says; None if it does not.
        external_id: The dataset's own id.
        honour_exif: Positions count in the picture turned as its EXIF data says. Where the dataset gives a size that
            only one of the two ways of looking at the picture has, that one is taken, whatever stands here.
        details: What else the dataset says of the picture, a JSON object, to be written out again; None for nothing.
    """

    path: str
    width: int | None
    height: int | None
    external_id: str | None = None
    honour_exif: bool = False
    details: bytes | None = None


@dataclass(frozen=True, slots=True, eq=False)
class ImportedTruth:
    """What is known of a person in 3D, to measure fits by.

    Attributes:
        skeleton: Layout of ``joints_m``.
        joints_m: ``(J, 4)`` x, y, z in metres in the camera frame (x right, y down, z away) with any origin, and 1
            where the joint is known.
        rotations: ``(24, 3, 3)`` of SMPL, the root in the camera frame; None if the dataset has none.
        betas: ``(10,)``; None if the dataset has none.
        gender: Of the body that ``betas`` are for; None if the dataset does not say.
    """

    skeleton: str
    joints_m: NDArray[np.float64]
    rotations: NDArray[np.float64] | None = None
    betas: NDArray[np.float64] | None = None
    gender: Gender | None = None


@dataclass(frozen=True, slots=True)
class DatasetDetails:
    """What a file says of itself, to be written out again: a JSON object without its pictures and people."""

    content: bytes


@dataclass(frozen=True, slots=True, eq=False)
class ImportedPerson:
    """One human in one picture.

    Attributes:
        image_path: ``path`` of the :class:`ImportedImage`.
        ordinal: Place among the people of the picture, from 0.
        external_id: The dataset's own id of the annotation, or its place in the file; unique within the picture.
        bbox_xywh: Left, top, width, height in pixels.
        box_center_px: Centre of the square crop (eft_method.md 6.2).
        box_scale: Side of the square crop / 200.
        area: Segmented area in square pixels, None if the dataset has none.
        is_crowd: The region holds a crowd, nobody in particular.
        skeleton: Layout of ``keypoints``.
        keypoints: ``(J, 3)`` x, y in pixels and visibility: 0 not labelled, 1 occluded, 2 visible.
        confidence: ``(J,)`` in 0-1 of a detector; None counts every labelled joint in full.
        origin: Who placed the joints: the dataset's people, or a detector.
        details: What else the dataset says of the person, a JSON object, to be written out again; None for nothing.
        truth: What is known of the person in 3D.
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
    confidence: NDArray[np.float64] | None = None
    origin: Origin = "imported"
    details: bytes | None = None
    truth: ImportedTruth | None = None


@dataclass(frozen=True, slots=True)
class ImportProblem:
    """Something left out or odd, and why: ``annotation 123 in FILE: keypoints has 50 numbers, expected 51``.

    Attributes:
        item: The item, with its file.
        reason: What is wrong, and the cure.
        skipped: What was left out for it; None if nothing that can be counted was.
        count: How many of them.
        kind: The reason in the words of the report's counts.
        people: People left out with the picture, where ``skipped`` is images.
    """

    item: str
    reason: str
    skipped: Subject | None = None
    count: int = 1
    kind: str = FAULTY
    people: int = 0

    def __str__(self) -> str:
        return one_line(f"{self.item}: {self.reason}")


ImportRecord: TypeAlias = DatasetDetails | ImportedImage | ImportedPerson | ImportProblem


def no_share(share: float) -> None:
    """Nobody wants to know how far the file is read."""


class Reader(Protocol):
    """Reads a dataset."""

    def __call__(self, source: Path, images: Path, on_share: OnShare = no_share) -> Iterator[ImportRecord]:
        """Read ``source``, whose pictures lie in ``images``.

        Every image comes before its people; a picture that is not there is an :class:`ImportProblem` that says how
        many people went with it. One faulty item yields an :class:`ImportProblem`; the rest goes on. Nothing is
        written and nothing outside ``source`` and ``images`` is looked at.

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
        format: Format it was read as.
        dry_run: Nothing was stored.
        cancelled: It was stopped; what had been stored stays, and importing again goes on from there.
        images: Counts of images.
        people: Counts of people.
        labelled_joints: Labelled joints of the people that are new, the same or in conflict, as the file has them.
        updated: People in conflict whose keypoints were taken from the file, as asked.
        skip_reasons: Why items were skipped, and how many for each reason.
        problems: Every faulty item with its reason, at most :data:`LISTED_PROBLEMS`.
        problem_count: How many there were.
        conflicts: The people in conflict, likewise.
    """

    source: str
    format: str
    dry_run: bool
    cancelled: bool
    images: ImportCounts
    people: ImportCounts
    labelled_joints: int
    updated: int
    skip_reasons: dict[str, int]
    problems: tuple[ImportProblem, ...]
    problem_count: int
    conflicts: tuple[str, ...]

    def as_dict(self) -> dict[str, object]:
        """The report in plain types, for JSON."""
        return asdict(self)


@dataclass(slots=True)
class ImportTally:
    """Counts while an import runs."""

    source: str
    format: str
    dry_run: bool = False
    cancelled: bool = False
    labelled_joints: int = 0
    updated: int = 0
    _counts: Counter[tuple[Subject, Outcome]] = field(default_factory=Counter)
    _skip_reasons: Counter[str] = field(default_factory=Counter)
    _problems: list[ImportProblem] = field(default_factory=list)
    _problem_count: int = 0
    _conflicts: list[str] = field(default_factory=list)

    def add(self, subject: Subject, outcome: Outcome, count: int = 1) -> None:
        """Count items."""
        self._counts[subject, outcome] += count

    def add_conflict(self, item: str) -> None:
        """Count a person that differs from what is stored, and list it."""
        self.add("people", "conflicting")
        if len(self._conflicts) < LISTED_PROBLEMS:
            self._conflicts.append(one_line(item))

    def add_skipped(self, subject: Subject, kind: str, count: int = 1) -> None:
        """Count items left out."""
        if count:
            self._counts[subject, "skipped"] += count
            self._skip_reasons[f"{subject}: {kind}"] += count

    def add_problem(self, problem: ImportProblem) -> None:
        """List a faulty item, and count what was left out for it."""
        self._problem_count += 1
        if len(self._problems) < LISTED_PROBLEMS:
            self._problems.append(problem)
        if problem.skipped is not None:
            self.add_skipped(problem.skipped, problem.kind, problem.count)
        self.add_skipped("people", problem.kind, problem.people)

    def build_report(self) -> ImportReport:
        """The report of what was counted so far."""
        return ImportReport(
            source=self.source,
            format=self.format,
            dry_run=self.dry_run,
            cancelled=self.cancelled,
            images=self._build_counts("images"),
            people=self._build_counts("people"),
            labelled_joints=self.labelled_joints,
            updated=self.updated,
            skip_reasons=dict(self._skip_reasons),
            problems=tuple(self._problems),
            problem_count=self._problem_count,
            conflicts=tuple(self._conflicts),
        )

    def _build_counts(self, subject: Subject) -> ImportCounts:
        return ImportCounts(
            new=self._counts[subject, "new"],
            same=self._counts[subject, "same"],
            conflicting=self._counts[subject, "conflicting"],
            skipped=self._counts[subject, "skipped"],
        )
