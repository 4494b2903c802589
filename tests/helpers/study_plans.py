"""Small plans of studies, made without a project: balanced by turns, in no clever order."""

from __future__ import annotations

import itertools

import numpy as np

from app.study.design import CatchRule, PeopleRule, StudyDesign
from app.study.plan import BAD, GOOD, DrawnPerson, PlannedTrial, StudyPlan


def make_design(
    methods: tuple[str, ...] = ("eft", "smplify"),
    *,
    people: int = 30,
    raters: int = 6,
    raters_per_item: int = 3,
    catches: int = 10,
    pass_at_least: int = 9,
    cannot_decide: bool = False,
    repeat_share: float = 0.05,
) -> StudyDesign:
    return StudyDesign(
        name="a study",
        methods=methods,
        primary=(methods[0], methods[1]),
        people=PeopleRule(count=people),
        raters=raters,
        raters_per_item=raters_per_item,
        practice=2,
        catches=CatchRule(count=catches, pass_at_least=pass_at_least),
        cannot_decide=cannot_decide,
        repeat_share=repeat_share,
    )


def make_plan(design: StudyDesign, seed: int = 0) -> StudyPlan:
    """Every item at as many seats as the design says, sides balanced within seat and pair by turns."""
    rng = np.random.default_rng(seed)
    known = design.practice + design.catches.count
    people = [_make_person(number, design) for number in range(design.people.count)]
    checks = [_make_person(1000 + number, design) for number in range(known)]
    seats: list[list[PlannedTrial]] = [[] for _ in range(design.raters)]
    for pair in design.pairs:
        turns = [itertools.cycle(rng.permuted([0, 1]).tolist()) for _ in seats]
        line = itertools.cycle(rng.permutation(design.raters).tolist())
        for drawn in rng.permutation(len(people)).tolist():
            for seat in itertools.islice(line, design.raters_per_item):
                sides = pair if next(turns[seat]) else pair[::-1]
                seats[seat].append(PlannedTrial("main", people[drawn].person, *sides))
    return StudyPlan(
        design=design,
        people=tuple(people),
        checks=tuple(checks),
        seats=tuple(_complete(trials, checks, design, rng) for trials in seats),
    )


def _complete(
    main: list[PlannedTrial], checks: list[DrawnPerson], design: StudyDesign, rng: np.random.Generator
) -> tuple[PlannedTrial, ...]:
    trials = [main[index] for index in rng.permutation(len(main))]
    again = trials[: round(design.repeat_share * len(trials))]
    trials += [PlannedTrial("repeat", trial.person, trial.right, trial.left) for trial in again]
    for number, check in enumerate(checks):
        kind = "practice" if number < design.practice else "catch"
        sides = (GOOD, BAD) if number % 2 else (BAD, GOOD)
        trials.insert(0 if kind == "practice" else int(rng.integers(design.practice, len(trials) + 1)),
                      PlannedTrial(kind, check.person, *sides))  # fmt: skip
    return tuple(trials)


def _make_person(number: int, design: StudyDesign) -> DrawnPerson:
    names = (*design.methods, GOOD, BAD)
    return DrawnPerson(
        person=number + 1,
        image=f"{number + 1:06d}.jpg",
        dataset=("coco", "mpii")[number % 2],
        annotation=None,
        difficulty=("easy", "medium", "hard")[number % 3],
        fits={name: number * 10 + index for index, name in enumerate(names)},
    )
