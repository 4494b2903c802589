"""Tables of votes, by hand and at random."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec
import numpy as np

from app.study.votes import CatchAnswer, StudyVotes, VoteTable

Row = tuple[int, int, int, int, float]


def make_table(rows: Iterable[Row], methods: tuple[str, ...] = ("eft", "smplify"), seed: int = 0) -> VoteTable:
    """Rows are rater, person, first, second, preferred; sides by turns."""
    columns = np.array(list(rows), dtype=np.float64).reshape(-1, 5)
    rater, person, first, second = (columns[:, place].astype(np.int64) for place in range(4))
    people = int(person.max(initial=-1)) + 1
    return VoteTable(
        methods=methods,
        raters=tuple(f"R{number:02d}" for number in range(int(rater.max(initial=-1)) + 1)),
        people=tuple(range(100, 100 + people)),
        datasets=tuple(("coco", "mpii")[number % 2] for number in range(people)),
        difficulties=tuple(("easy", "medium", "hard")[number % 3] for number in range(people)),
        rater=rater,
        person=person,
        first=first,
        second=second,
        preferred=columns[:, 4],
        first_was_left=np.arange(len(columns)) % 2 == 0,
        seconds=np.random.default_rng(seed).lognormal(1.4, 0.5, len(columns)),
        focus_losses=np.zeros(len(columns), dtype=np.int64),
    )


def make_crossed_table(
    seed: int,
    *,
    people: int = 40,
    raters: int = 6,
    each: int = 3,
    share: float = 0.6,
    methods: tuple[str, ...] = ("a", "b"),
) -> VoteTable:
    """Votes of ``each`` of the raters on every pair of every person, with effects of raters and people."""
    rng = np.random.default_rng(seed)
    rows: list[Row] = []
    for first in range(len(methods)):
        for second in range(first + 1, len(methods)):
            of_raters, of_people = rng.normal(0, 0.5, raters), rng.normal(0, 1, people)
            for person in range(people):
                for rater in rng.permutation(raters)[:each].tolist():
                    logit = np.log(share / (1 - share)) + of_raters[rater] + of_people[person]
                    rows.append((rater, person, first, second, float(rng.random() < 1 / (1 + np.exp(-logit)))))
    order = rng.permutation(len(rows))
    return make_table([rows[index] for index in order], methods, seed)


def make_study_votes(
    main: VoteTable, catches: Iterable[CatchAnswer] = (), repeats: VoteTable | None = None
) -> StudyVotes:
    nothing = np.zeros(len(main), dtype=np.bool_)
    return StudyVotes(
        main=main,
        repeats=main.where(nothing) if repeats is None else repeats,
        catches=tuple(catches),
        planned=len(main),
        planned_items=len(np.unique(main.person)),
    )


def iter_numbers(value: object) -> Iterator[float]:
    """Every number anywhere within a value."""
    built = msgspec.to_builtins(value)
    stack = [built]
    while stack:
        found = stack.pop()
        if isinstance(found, dict):
            stack += found.values()
        elif isinstance(found, list | tuple):
            stack += found
        elif isinstance(found, int | float):
            yield float(found)
