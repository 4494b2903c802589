"""What a design becomes once people are drawn: every seat's trials, in order, with sides.

The researcher's side only: a plan names methods. Raters get positions and pictures (:mod:`db.rater_package`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, TypeAlias

from msgspec import Struct

from app.study.design import StudyDesign

TrialKind: TypeAlias = Literal["practice", "main", "catch", "repeat"]
"""``catch`` and ``practice`` show a good and a bad body, of which the answer is known; ``repeat`` is a ``main`` trial
of the same seat with sides exchanged. Only practice can be told from the others by raters."""
GOOD, BAD = "good", "bad"
"""Stand where a method's name stands elsewhere in trials with a known answer."""


class DrawnPerson(Struct, frozen=True, kw_only=True):
    """Somebody drawn, as the plan's file names them: ids of the project, and what finds them in another one.

    Attributes:
        person: Id in the project.
        image: Path of the image within its folder.
        dataset: Its dataset.
        annotation: Id in the dataset, if it has one.
        difficulty: Band of difficulty, ``easy`` | ``medium`` | ``hard``.
        fits: Fit of each method, by name; in trials with a known answer ``good`` and ``bad``, both of this table's
            people (the bad body is another person's).
    """

    person: int
    image: str
    dataset: str
    annotation: str | None
    difficulty: str
    fits: dict[str, int]


class PlannedTrial(Struct, frozen=True):
    """One trial of a seat: whose fits, and which on which side (a method's name, or ``good`` / ``bad``)."""

    kind: TrialKind
    person: int
    left: str
    right: str

    @property
    def is_known(self) -> bool:
        """Whether the better side is known: the trial shows one of the plan's checks, not of its people."""
        return self.kind in ("practice", "catch")

    @property
    def item(self) -> tuple[int, frozenset[str]]:
        """What is judged, whatever the sides."""
        return self.person, frozenset((self.left, self.right))


class StudyPlan(Struct, frozen=True, kw_only=True):
    """A design with everything that was drawn for it.

    Attributes:
        design: The frozen design.
        people: Of main trials.
        checks: Of practice and catch trials, disjoint from :attr:`people` wherever the project has enough.
        seats: Trials by seat; a trial's position is its index.
        notes: What the draw had to say, in sentences (too few people, checks among the drawn …).
    """

    design: StudyDesign
    people: tuple[DrawnPerson, ...]
    checks: tuple[DrawnPerson, ...]
    seats: tuple[tuple[PlannedTrial, ...], ...]
    notes: tuple[str, ...] = ()

    def iter_trials(self) -> Iterator[tuple[int, int, PlannedTrial]]:
        """Seat, position and trial of everything planned."""
        for seat, trials in enumerate(self.seats):
            for position, trial in enumerate(trials):
                yield seat, position, trial
