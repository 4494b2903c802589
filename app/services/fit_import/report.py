"""What an import of fits did, counted and listed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Literal, TypeAlias

from db.formats.base import ImportProblem
from db.formats.errors import one_line

FitOutcome: TypeAlias = Literal["new", "same", "decided", "ambiguous", "unmatched", "skipped"]

OUTCOMES: tuple[FitOutcome, ...] = ("new", "same", "decided", "ambiguous", "unmatched", "skipped")
"""``decided``: the person's fit has been decided on and keeps its place; ``skipped``: the sample itself is faulty."""
_FAILED: frozenset[FitOutcome] = frozenset({"ambiguous", "unmatched", "skipped"})


@dataclass(frozen=True, slots=True)
class ListedItem:
    """A sample that was left out, and why."""

    outcome: FitOutcome
    item: str
    reason: str

    def __str__(self) -> str:
        return one_line(f"{self.item}: {self.reason}")


@dataclass(frozen=True, slots=True)
class FitImportReport:
    """What an import of fits did, or in a dry run would do.

    Attributes:
        source: File or folder that was read.
        method: Label the fits are stored under.
        dry_run: Nothing was stored.
        fits: How many samples came to what, by outcome.
        new_people: People made from samples.
        new_images: Pictures that came with them.
        solved_cameras: New fits whose camera the file does not hold; solved by least squares.
        listed: Every sample that was left out, but for the same ones.
    """

    source: str
    method: str
    dry_run: bool
    fits: dict[FitOutcome, int]
    new_people: int
    new_images: int
    solved_cameras: int
    listed: tuple[ListedItem, ...]

    @property
    def has_failures(self) -> bool:
        """Whether a sample was left out that should have come in."""
        return any(item.outcome in _FAILED for item in self.listed)

    def as_dict(self) -> dict[str, object]:
        """The report in plain types, for JSON."""
        return asdict(self)


@dataclass(slots=True)
class FitImportTally:
    """Counts while an import runs; made anew when its plan is."""

    source: str
    method: str
    dry_run: bool
    new_people: int = 0
    new_images: int = 0
    solved_cameras: int = 0
    _counts: Counter[FitOutcome] = field(default_factory=Counter)
    _listed: list[ListedItem] = field(default_factory=list)

    def add(self, outcome: FitOutcome, item: str = "", reason: str = "") -> None:
        """Count one sample; with a reason it is listed."""
        self._counts[outcome] += 1
        if reason:
            self._listed.append(ListedItem(outcome, item, reason))

    def withdraw(self, item: str, reason: str) -> None:
        """List a sample that was counted as new and turned out not to be one."""
        self._counts["new"] -= 1
        self.add("skipped", item, reason)

    def add_problems(self, problems: Iterable[ImportProblem]) -> None:
        """Count faulty samples."""
        for problem in problems:
            self.add("skipped", problem.item, problem.reason)

    def build_report(self) -> FitImportReport:
        """The report of what was counted so far."""
        return FitImportReport(
            source=self.source,
            method=self.method,
            dry_run=self.dry_run,
            fits={outcome: self._counts[outcome] for outcome in OUTCOMES},
            new_people=self.new_people,
            new_images=self.new_images,
            solved_cameras=self.solved_cameras,
            listed=tuple(self._listed),
        )
