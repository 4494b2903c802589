"""The plan of a study: which seat judges what, in which order, on which side; a function of the design and its people.

All randomness comes from the design's seed; neither ids nor the order of what is given change anything but ids.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from app.study.checks import check_design
from app.study.design import StudyDesign
from app.study.dice import Dice
from app.study.drawing import split_checks, stable_key
from app.study.errors import StudyError
from app.study.ordering import LONGEST_RUN, Spacing, add_catches, add_repeats, find_closest, order_trials
from app.study.plan import BAD, GOOD, DrawnPerson, PlannedTrial, StudyPlan, TrialKind
from app.study.seats import assign_seats
from app.study.sides import balance_sides

_SMALL: Final = 400
"""Main trials of a seat that is ordered anew, :data:`_ATTEMPTS` times in all, where the same person comes too soon."""
_ATTEMPTS: Final = 10


def build_plan(
    design: StudyDesign, people: Sequence[DrawnPerson], checks: Sequence[DrawnPerson], notes: Sequence[str] = ()
) -> StudyPlan:
    """Plan a study whole.

    Args:
        design: A sound one.
        people: Who was drawn for main trials, each with a fit of every method.
        checks: Who was drawn for practice and catch trials.
        notes: What the draw had to say.

    Raises:
        StudyError: The design has faults, or people lack fits or are too few.
    """
    check_design(design)
    _check_people(design, people, checks)
    people = sorted(people, key=stable_key)
    practice, catches = split_checks(design, checks)
    main = _plan_main(design, people)
    of_practice = _plan_known(design, "practice", practice, design.practice)
    of_catches = _plan_known(design, "catch", catches, design.catches.count)
    spacing = Spacing(design.same_person_gap, LONGEST_RUN if len(design.methods) > 2 else 0)
    seats = [
        _order_seat(design, seat, of_practice[seat], main[seat], of_catches[seat], spacing)
        for seat in range(design.raters)
    ]
    return StudyPlan(
        design=design,
        people=tuple(people),
        checks=tuple(checks),
        seats=tuple(seats),
        notes=(*notes, *_note_closeness(design, seats), *_note_crowding(design, main)),
    )


def _check_people(design: StudyDesign, people: Sequence[DrawnPerson], checks: Sequence[DrawnPerson]) -> None:
    if not people:
        raise StudyError("Nobody was drawn for the study; fit people by every method, or widen its filter.")
    if not checks and (design.practice or design.catches.count):
        raise StudyError("Nobody was drawn for practice and catch trials; draw people, or plan none of these trials.")
    for group in (people, checks):
        if len({person.person for person in group}) < len(group):
            raise StudyError("The same person was drawn twice; draw anew.")
    for person in people:
        if lacking := [name for name in design.methods if name not in person.fits]:
            raise StudyError(f"{person.image} has no fit by '{lacking[0]}'; fit everybody by it, then draw anew.")


def _order_seat(
    design: StudyDesign,
    seat: int,
    practice: Sequence[PlannedTrial],
    main: Sequence[PlannedTrial],
    catches: Sequence[PlannedTrial],
    spacing: Spacing,
) -> tuple[PlannedTrial, ...]:
    """The seat's line; of several, where people are too few for their distance, the one that comes nearest to it."""
    best: tuple[int, tuple[PlannedTrial, ...]] | None = None
    for attempt in range(_ATTEMPTS if len(main) <= _SMALL else 1):
        dice = Dice(design.people.seed, f"order {attempt}", seat)
        line = order_trials((), practice, spacing, dice)
        line = order_trials(line, main, spacing, dice)
        add_repeats(line, len(practice), int(design.repeat_share * len(main) + 0.5), spacing, dice)
        add_catches(line, len(practice), catches, spacing, dice)
        closest = find_closest(line)
        if closest is None or closest >= spacing.gap:
            return tuple(line)
        if best is None or closest > best[0]:
            best = (closest, tuple(line))
    assert best is not None  # there is one attempt at least
    return best[1]


def _plan_main(design: StudyDesign, people: Sequence[DrawnPerson]) -> list[list[PlannedTrial]]:
    """Main trials of each seat, with sides, in no order."""
    pairs, seed = design.pairs, design.people.seed
    assigned = assign_seats(len(people), len(pairs), design.raters_per_item, design.raters, seed)
    votes = [
        (pair, place, seat)
        for pair, of_pair in enumerate(assigned)
        for place, seats in enumerate(of_pair)
        for seat in seats
    ]
    edges = [((seat, pair), (place, pair)) for pair, place, seat in votes]
    trials: list[list[PlannedTrial]] = [[] for _ in range(design.raters)]
    for (pair, place, seat), straight in zip(votes, balance_sides(edges, Dice(seed, "sides")), strict=True):
        first, second = pairs[pair]
        left, right = (first, second) if straight else (second, first)
        trials[seat].append(PlannedTrial("main", people[place].person, left, right))
    return trials


def _plan_known(
    design: StudyDesign, kind: TrialKind, people: Sequence[DrawnPerson], count: int
) -> list[list[PlannedTrial]]:
    """Trials with a known answer of each seat: the good body's side is balanced within seats and over them."""
    trials: list[list[PlannedTrial]] = [[] for _ in range(design.raters)]
    if not people or not count:
        return trials
    edges = [(seat, number % len(people)) for seat in range(design.raters) for number in range(count)]
    for (seat, place), good_left in zip(edges, balance_sides(edges, Dice(design.people.seed, kind)), strict=True):
        left, right = (GOOD, BAD) if good_left else (BAD, GOOD)
        trials[seat].append(PlannedTrial(kind, people[place].person, left, right))
    return trials


def _note_closeness(design: StudyDesign, seats: Sequence[Sequence[PlannedTrial]]) -> list[str]:
    between = [closest for seat in seats if (closest := find_closest(seat)) is not None]
    near = [trials for trials in between if trials < design.same_person_gap]
    if not near:
        return []
    return [
        f"At {len(near)} of {len(seats)} seats the same person comes again after fewer than {design.same_person_gap}"
        f" trials, at the worst after {min(near)}, because there are too few people."
    ]


def _note_crowding(design: StudyDesign, main: Sequence[Sequence[PlannedTrial]]) -> list[str]:
    fewest = min(len(trials) for trials in main)
    if design.catches.count <= fewest:
        return []
    return [
        f"There are seats with {fewest} main and {design.catches.count} catch trials, so that catch trials follow each"
        " other."
    ]
