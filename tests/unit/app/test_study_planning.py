"""Plans keep every promise of a design, whatever the design."""

from __future__ import annotations

import itertools
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.study.design import CatchRule, PeopleRule, StudyDesign
from app.study.dice import Dice
from app.study.drawing import draw_people, split_checks
from app.study.errors import StudyError
from app.study.ordering import LONGEST_RUN, find_closest
from app.study.plan import BAD, GOOD, PlannedTrial, StudyPlan
from app.study.planning import build_plan
from app.study.seats import assign_seats
from app.study.sides import balance_sides
from tests.helpers.study_people import build_candidates, build_design

METHODS = ("eft", "smplify", "plain", "theirs")


@st.composite
def designs(draw: st.DrawFn) -> StudyDesign:
    """Sound designs, many of them too tiny for their distances."""
    per_item = draw(st.sampled_from((1, 3, 5)))
    people = draw(st.integers(1, 40))
    methods = METHODS[: draw(st.integers(2, 4))]
    votes = people * per_item * len(methods) * (len(methods) - 1) // 2
    raters = draw(st.integers(per_item, max(per_item, min(12, votes))))
    return StudyDesign(
        name="small",
        methods=methods,
        primary=("eft", "smplify"),
        people=PeopleRule(count=people, seed=draw(st.integers(0, 2**53))),
        raters=raters,
        raters_per_item=per_item,
        practice=draw(st.integers(0, 6)),
        catches=draw(st.sampled_from((CatchRule(count=0), CatchRule(count=5, pass_at_least=5), CatchRule()))),
        repeat_share=draw(st.sampled_from((0.0, 0.05, 0.3))),
        same_person_gap=draw(st.sampled_from((0, 3, 10))),
    )


def plan_of(design: StudyDesign, spare: int = 30) -> StudyPlan:
    drawn = draw_people(design, build_candidates(design.people.count + spare, design.methods))
    return build_plan(design, drawn.people, drawn.checks, drawn.notes)


def of_kind(trials: Iterable[PlannedTrial], *kinds: str) -> list[PlannedTrial]:
    return [trial for trial in trials if trial.kind in kinds]


def spread(counts: Iterable[int]) -> int:
    listed = list(counts)
    return max(listed) - min(listed)


def left_counts(trials: Iterable[tuple[object, str]]) -> dict[object, Counter[str]]:
    counted: defaultdict[object, Counter[str]] = defaultdict(Counter)
    for key, left in trials:
        counted[key][left] += 1
    return counted


def assert_balanced(trials: Iterable[tuple[object, str, str]]) -> None:
    """Of each key both names stand on the left equally often, or one once more."""
    differences: Counter[object] = Counter()
    for key, left, right in trials:
        differences[key] += 1 if left < right else -1
    assert all(abs(difference) <= 1 for difference in differences.values())


@settings(max_examples=120, deadline=None)
@given(designs())
@example(build_design(1, METHODS[:3], raters=3))
@example(build_design(2, METHODS, raters=3, same_person_gap=10, repeat_share=0.5))
def test_whatever_the_design_its_plan_keeps_the_promises(design: StudyDesign) -> None:
    plan = plan_of(design)
    check_items_and_loads(plan)
    check_sides(plan)
    for trials in plan.seats:
        check_order(plan, trials)
    near = [closest for seat in plan.seats if (closest := find_closest(seat)) is not None]
    told = any("same person comes again" in note for note in plan.notes)
    assert told == any(trials < design.same_person_gap for trials in near)


def check_items_and_loads(plan: StudyPlan) -> None:
    design = plan.design
    seats_of: defaultdict[object, list[int]] = defaultdict(list)
    for seat, _, trial in plan.iter_trials():
        if trial.kind == "main":
            seats_of[trial.item].append(seat)
    items = [(person.person, frozenset(pair)) for person in plan.people for pair in design.pairs]
    assert seats_of.keys() == set(items)
    for seats in seats_of.values():
        assert len(seats) == len(set(seats)) == design.raters_per_item
    mains = [of_kind(trials, "main") for trials in plan.seats]
    assert spread(map(len, mains)) <= 1
    for pair in design.pairs:
        assert spread(sum(trial.item[1] == frozenset(pair) for trial in trials) for trials in mains) <= 1


def check_sides(plan: StudyPlan) -> None:
    main = [(seat, trial) for seat, _, trial in plan.iter_trials() if trial.kind == "main"]
    assert_balanced(((seat, trial.item[1]), trial.left, trial.right) for seat, trial in main)
    assert_balanced((trial.item, trial.left, trial.right) for _, trial in main)
    for kind in ("practice", "catch"):
        known = [(seat, trial) for seat, _, trial in plan.iter_trials() if trial.kind == kind]
        assert {(trial.left, trial.right) for _, trial in known} <= {(GOOD, BAD), (BAD, GOOD)}
        assert_balanced((seat, trial.left, trial.right) for seat, trial in known)
        assert_balanced((trial.person, trial.left, trial.right) for _, trial in known)


def check_order(plan: StudyPlan, trials: Sequence[PlannedTrial]) -> None:
    design = plan.design
    kinds = [trial.kind for trial in trials]
    scored, main = kinds[design.practice :], of_kind(trials, "main")
    assert kinds[: design.practice] == ["practice"] * design.practice
    assert "practice" not in scored
    assert scored.count("catch") == design.catches.count
    if main:
        assert scored[0] != "catch"
    if len(scored) >= 2 * design.catches.count:
        assert not any(one == other == "catch" for one, other in itertools.pairwise(scored))
    if len(design.methods) > 2:
        pairs = [trial.item[1] for trial in of_kind(trials, "main", "repeat")]
        assert max((len(list(run)) for _, run in itertools.groupby(pairs)), default=0) <= LONGEST_RUN
    repeats = of_kind(trials, "repeat")
    assert len(repeats) == int(design.repeat_share * len(main) + 0.5)
    assert len({trial.item for trial in repeats}) == len(repeats)
    for trial in repeats:
        original = PlannedTrial("main", trial.person, trial.right, trial.left)
        assert trials.index(original) < trials.index(trial)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**53), st.sampled_from((3, 4, 7)), st.sampled_from((2, 3)))
def test_with_people_enough_the_same_person_stays_away_and_repeats_come_late(
    seed: int, raters: int, methods: int
) -> None:
    design = msgspec.structs.replace(
        build_design(60, METHODS[:methods], raters=raters, catches=(10, 9), practice=10, same_person_gap=10),
        people=PeopleRule(count=60, seed=seed),
    )
    plan = plan_of(design)
    assert plan.notes == ()
    for trials in plan.seats:
        assert (find_closest(trials) or 99) >= 10
        places = {(trial.kind, trial.item): place for place, trial in enumerate(trials)}
        for (kind, item), place in places.items():
            if kind == "repeat":
                assert place > len(trials) / 2
                assert place - places["main", item] >= len(of_kind(trials, "main")) / 3
        caught = [place for (kind, _), place in places.items() if kind == "catch"]
        steps = [following - place for place, following in itertools.pairwise(sorted(caught))]
        assert max(steps) <= 2.2 * (len(trials) - 10) / len(caught)


def test_the_least_number_of_people_that_allow_the_distance_is_enough() -> None:
    # One rater sees all three pairs of everybody: 11 people are just enough for 10 trials in between.
    design = build_design(
        11, METHODS[:3], raters=1, raters_per_item=1, practice=0, catches=(0, 0), repeat_share=0, same_person_gap=10
    )
    for seed in range(20):
        people = PeopleRule(count=11, seed=seed)
        plan = plan_of(msgspec.structs.replace(design, people=people))
        assert plan.notes == ()
        assert find_closest(plan.seats[0]) == 10


def test_neither_order_nor_ids_change_a_plan_but_a_seed_does() -> None:
    design = build_design(9, METHODS[:3])
    people = build_candidates(20, METHODS[:3])
    mixed = random.Random(5).sample(people, len(people))
    others = build_candidates(20, METHODS[:3], first_id=500)

    def described(candidates: list) -> list[list[tuple[str, str, str, str]]]:
        drawn = draw_people(design, candidates)
        plan = build_plan(design, drawn.people, drawn.checks)
        names = {person.person: person.image for person in (*plan.people, *plan.checks)}
        return [[(trial.kind, names[trial.person], trial.left, trial.right) for trial in seat] for seat in plan.seats]

    assert described(people) == described(mixed) == described(others)
    reseeded = msgspec.structs.replace(design, people=PeopleRule(count=9, seed=4))
    first, second = draw_people(design, people), draw_people(reseeded, people)
    assert first.people != second.people
    assert (
        build_plan(design, first.people, first.checks).seats != build_plan(reseeded, first.people, first.checks).seats
    )


def test_who_sits_with_whom_is_mixed_and_persons_are_met_once_where_that_can_be() -> None:
    assigned = assign_seats(200, 3, 3, 20, seed=1)
    together = Counter(pair for of_pair in assigned for seats in of_pair for pair in itertools.combinations(seats, 2))
    assert len(together) == 190  # all pairs of 20 seats
    assert max(together.values()) < 3 * sum(together.values()) / 190
    meetings = Counter((person, seat) for of_pair in assigned for person, seats in enumerate(of_pair) for seat in seats)
    assert sum(count > 1 for count in meetings.values()) < 0.1 * len(meetings)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=60), st.integers(0, 9))
def test_sides_are_balanced_at_every_node_of_any_graph(edges: list[tuple[int, int]], seed: int) -> None:
    colours = balance_sides(edges, Dice(seed, "test"))
    assert len(colours) == len(edges)
    for side in (0, 1):
        differences: Counter[int] = Counter()
        for edge, colour in zip(edges, colours, strict=True):
            differences[edge[side]] += 1 if colour else -1
        assert all(abs(difference) <= 1 for difference in differences.values())


def test_sides_are_not_the_same_for_every_seed() -> None:
    edges = [(seat, item) for seat in range(6) for item in range(9)]
    drawn = [balance_sides(edges, Dice(seed, "test")) for seed in range(100)]
    lefts = [sum(colours[number] for colours in drawn) for number in range(len(edges))]
    assert 20 < min(lefts) <= max(lefts) < 80  # six standard deviations about 50


def test_practice_and_catch_trials_show_different_people() -> None:
    plan = plan_of(build_design(12, practice=3))
    practice, catches = split_checks(plan.design, plan.checks)
    assert (len(practice), len(catches)) == (3, 5)
    for _, _, trial in plan.iter_trials():
        if trial.kind in ("practice", "catch"):
            assert trial.person in {person.person for person in (practice if trial.kind == "practice" else catches)}


def test_seats_without_trials_enough_for_their_catch_trials_are_told() -> None:
    plan = plan_of(build_design(3, raters=9))
    assert any("catch trials follow each other" in note for note in plan.notes)


def test_a_large_study_is_planned_and_each_order_is_its_own() -> None:
    design = build_design(500, METHODS[:3], raters=20, catches=(10, 9), practice=10, same_person_gap=10)
    plan = plan_of(design)
    assert plan.notes == ()
    check_items_and_loads(plan)
    check_sides(plan)
    assert len({tuple(trial.person for trial in seat) for seat in plan.seats}) == 20


def test_what_cannot_be_planned_is_refused_with_the_cure() -> None:
    design, people = build_design(3), build_candidates(6)
    with pytest.raises(StudyError, match="Nobody was drawn for the study"):
        build_plan(design, [], people)
    with pytest.raises(StudyError, match="Nobody was drawn for practice"):
        build_plan(design, people, [])
    with pytest.raises(StudyError, match="drawn twice"):
        build_plan(design, [*people, people[0]], people)
    with pytest.raises(StudyError, match="no fit by 'plain'"):
        build_plan(build_design(3, ("eft", "plain")), people, people)
    with pytest.raises(StudyError, match="at least two methods"):
        build_plan(msgspec.structs.replace(design, methods=("eft",)), people, people)
