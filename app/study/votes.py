"""Votes after they have met the plan: the one table every statistic reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

IntArray: TypeAlias = NDArray[np.int64]
FloatArray: TypeAlias = NDArray[np.float64]
BoolArray: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class VoteTable:
    """Votes on pairs of methods, one row each; columns are ``(N,)``.

    Attributes:
        methods: Names, in the design's order.
        raters: Pseudonyms.
        people: Ids.
        datasets: Dataset of each of :attr:`people`.
        difficulties: Band of each of :attr:`people`.
        rater: Index into :attr:`raters`.
        person: Index into :attr:`people`.
        first: Index of the pair's first method; always less than :attr:`second`.
        second: Index of its second method.
        preferred: 1 the first was preferred, 0 the second, NaN "cannot decide".
        first_was_left: Where the first was on the screen.
        seconds: Response time.
        focus_losses: Times the window was left during the trial.
    """

    methods: tuple[str, ...]
    raters: tuple[str, ...]
    people: tuple[int, ...]
    datasets: tuple[str, ...]
    difficulties: tuple[str, ...]
    rater: IntArray
    person: IntArray
    first: IntArray
    second: IntArray
    preferred: FloatArray
    first_was_left: BoolArray
    seconds: FloatArray
    focus_losses: IntArray

    def __len__(self) -> int:
        return len(self.rater)

    def where(self, rows: BoolArray) -> VoteTable:
        """Some of the rows; raters, people and methods keep their numbers."""
        return VoteTable(
            self.methods, self.raters, self.people, self.datasets, self.difficulties,
            self.rater[rows], self.person[rows], self.first[rows], self.second[rows], self.preferred[rows],
            self.first_was_left[rows], self.seconds[rows], self.focus_losses[rows],
        )  # fmt: skip

    def pair(self, first: int, second: int) -> VoteTable:
        """The votes on one pair."""
        return self.where((self.first == first) & (self.second == second))


@dataclass(frozen=True, slots=True)
class CatchAnswer:
    """An answer whose right one is known; ``right`` is False for "cannot decide" too."""

    rater: str
    right: bool
    left: bool


@dataclass(frozen=True, slots=True, eq=False)
class StudyVotes:
    """Everything a report is made from.

    Attributes:
        main: Votes that are analysed.
        repeats: Second votes of the same rater on the same item, sides exchanged.
        catches: Answers to catch trials.
        planned: Number of main votes the plan asks for.
        planned_items: Number of items.
        unknown: Votes that no trial of the plan belongs to, left out, in sentences.
    """

    main: VoteTable
    repeats: VoteTable
    catches: tuple[CatchAnswer, ...]
    planned: int
    planned_items: int
    unknown: tuple[str, ...] = ()
