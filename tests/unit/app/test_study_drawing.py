"""Draws: shares, exclusions, who is left for checks, and people found again."""

from __future__ import annotations

import random
from collections import Counter

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.study.design import PeopleRule
from app.study.difficulty import is_cut_off, judge_difficulty
from app.study.drawing import Drawn, draw_people, find_listed, name_person, split_checks
from app.study.errors import StudyError
from app.study.plan import DrawnPerson
from tests.helpers.study_people import build_candidates, build_design


def by_dataset(**sizes: int) -> list[DrawnPerson]:
    datasets = [name for name, size in sizes.items() for _ in range(size)]
    people = build_candidates(len(datasets))
    return [msgspec.structs.replace(one, dataset=name) for one, name in zip(people, datasets, strict=True)]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 40), min_size=1, max_size=5), st.integers(1, 120), st.integers(0, 2**53))
def test_datasets_get_their_shares_by_largest_remainders(sizes: list[int], count: int, seed: int) -> None:
    pool = by_dataset(**{f"set{place}": size for place, size in enumerate(sizes)})
    design = build_design(count, practice=0, catches=(0, 0), raters=3)
    design = msgspec.structs.replace(design, people=PeopleRule(count=count, seed=seed))
    drawn = draw_people(design, pool)
    wanted = min(count, len(pool))
    shares = Counter(person.dataset for person in drawn.people)
    assert len(drawn.people) == len({person.person for person in drawn.people}) == wanted
    for place, size in enumerate(sizes):
        assert abs(shares[f"set{place}"] - wanted * size / len(pool)) < 1
    assert bool(drawn.notes) == (count > len(pool))


def test_from_one_pool_shares_vary_as_the_released_draw_did() -> None:
    pool = by_dataset(large=300, small=100)
    shares = set()
    for seed in range(30):
        rule = PeopleRule(count=100, seed=seed, stratify="none")
        drawn = draw_people(msgspec.structs.replace(build_design(), people=rule), pool)
        shares.add(Counter(person.dataset for person in drawn.people)["small"])
    assert min(shares) < 25 < max(shares)


def test_everybody_is_drawn_as_often() -> None:
    pool = build_candidates(20)
    counts: Counter[int] = Counter()
    for seed in range(400):
        rule = PeopleRule(count=5, seed=seed)
        drawn = draw_people(msgspec.structs.replace(build_design(), people=rule), random.Random(seed).sample(pool, 20))
        counts.update(person.person for person in drawn.people)
    assert len(counts) == 20
    assert 60 < min(counts.values()) <= max(counts.values()) < 145  # 100 expected, standard deviation 8.7


def test_who_drops_out_or_comes_in_changes_no_place_but_their_own() -> None:
    design = msgspec.structs.replace(build_design(20), people=PeopleRule(count=20, stratify="none"))
    pool = build_candidates(60)
    drawn = draw_people(design, pool)
    without = draw_people(design, [person for person in pool if person != drawn.people[3]])
    assert len(set(map(name_person, drawn.people)) - set(map(name_person, without.people))) == 1
    grown = draw_people(design, build_candidates(63))
    assert len(set(map(name_person, drawn.people)) - set(map(name_person, grown.people))) <= 3
    more = draw_people(msgspec.structs.replace(design, people=PeopleRule(count=30, stratify="none")), pool)
    assert set(map(name_person, drawn.people)) < set(map(name_person, more.people))


def test_pictures_are_excluded_by_name_whatever_their_folder_and_coco_prefix() -> None:
    pool = [
        msgspec.structs.replace(person, image=image)
        for person, image in zip(
            build_candidates(4), ("a/im1.PNG", "b/000000040055.jpg", "COCO_val2014_7.jpg", "im11.png"), strict=True
        )
    ]
    names = ("im1.png", "COCO_train2014_000000040055.jpg", "7.jpg")
    design = build_design(4, practice=0, catches=(0, 0), raters=3)
    rule = PeopleRule(count=4, exclude_images=names)
    drawn = draw_people(msgspec.structs.replace(design, people=rule), pool)
    assert [person.image for person in drawn.people] == ["im11.png"]


def checks_of(pool: int, people: int = 10) -> Drawn:
    return draw_people(build_design(people, practice=3), build_candidates(pool))


def test_checks_are_others_where_there_are_enough() -> None:
    drawn = checks_of(30)
    assert len(drawn.checks) == 8
    assert not {person.person for person in drawn.people} & {person.person for person in drawn.checks}
    assert drawn.notes == ()


@pytest.mark.parametrize("hard", [3, 15, 28])
def test_nobody_hard_is_a_check_while_others_are_left(hard: int) -> None:
    pool = [
        msgspec.structs.replace(one, difficulty="hard" if place < hard else "medium")
        for place, one in enumerate(build_candidates(30))
    ]
    design = build_design(10, practice=3)
    drawn = draw_people(design, pool)
    sample = {person.person for person in drawn.people}
    left = sum(one.difficulty == "medium" for one in pool if one.person not in sample)
    assert len(drawn.checks) == 8
    assert sum(one.difficulty == "medium" for one in drawn.checks) == min(8, left)
    practice, catches = split_checks(design, drawn.checks)
    assert sum(one.difficulty == "medium" for one in catches) == min(len(catches), left)
    assert practice


def test_few_others_are_checks_more_than_once() -> None:
    drawn = checks_of(14)
    assert len(drawn.checks) == 4
    assert not {person.person for person in drawn.people} & {person.person for person in drawn.checks}
    assert drawn.notes == ("Only 4 people are left for 8 practice and catch trials, so some come more than once.",)


@pytest.mark.parametrize("pool", [1, 2, 10, 11])
def test_without_others_checks_are_of_the_sample_and_that_is_told(pool: int) -> None:
    drawn = checks_of(pool)
    assert drawn.checks
    assert len({person.person for person in drawn.checks}) == len(drawn.checks)
    assert any("of the sample too" in note for note in drawn.notes)
    practice, catches = split_checks(build_design(practice=3), drawn.checks)
    assert practice
    assert catches
    assert pool == 1 or not set(map(name_person, practice)) & set(map(name_person, catches))


def test_without_practice_or_catch_trials_nobody_is_drawn_for_them() -> None:
    people = build_candidates(3)
    assert split_checks(build_design(practice=0), people) == ((), tuple(people))
    assert split_checks(build_design(catches=(0, 0)), people) == (tuple(people), ())
    assert draw_people(build_design(3, practice=0, catches=(0, 0)), build_candidates(9)).checks == ()


def test_listed_people_are_taken_in_their_order_whatever_their_ids() -> None:
    design = build_design(4)
    first = draw_people(design, build_candidates(20))
    listed = msgspec.structs.replace(
        design.people,
        count=99,
        listed=tuple(map(name_person, first.people)),
        listed_checks=tuple(map(name_person, first.checks)),
    )
    again = draw_people(msgspec.structs.replace(design, people=listed), build_candidates(40, first_id=700))
    assert list(map(name_person, again.people)) == list(map(name_person, first.people))
    assert list(map(name_person, again.checks)) == list(map(name_person, first.checks))
    assert all(person.person >= 700 for person in again.people)
    with pytest.raises(StudyError, match=r"listed people cannot take part here: photos/.*fit them by every method"):
        draw_people(msgspec.structs.replace(design, people=listed), build_candidates(10, first_id=700))


def test_people_of_one_name_are_found_one_after_the_other() -> None:
    twins = [msgspec.structs.replace(one, image="a.jpg", dataset="x", annotation=None) for one in build_candidates(3)]
    found = find_listed([name_person(twins[0])] * 2, twins[::-1])
    assert [person.person for person in found] == [1, 2]


def test_who_cannot_be_drawn_is_told() -> None:
    with pytest.raises(StudyError, match="Nobody can take part"):
        draw_people(build_design(), [])
    with pytest.raises(StudyError, match="no fit by 'plain'"):
        draw_people(build_design(methods=("eft", "plain")), build_candidates(3))


@pytest.mark.parametrize(
    ("joints", "occluded", "cut_off", "band"),
    [(12, 1, False, "easy"), (11, 0, False, "easy"), (12, 2, False, "medium"), (10, 0, False, "medium"),
     (12, 0, True, "medium"), (10, 0, True, "hard"), (7, 0, False, "hard"), (12, 4, False, "hard")],
)  # fmt: skip
def test_bands_of_difficulty(joints: int, occluded: int, cut_off: bool, band: str) -> None:
    assert judge_difficulty(joints, occluded, cut_off=cut_off) == band


def test_a_box_at_the_border_is_cut_off() -> None:
    assert not is_cut_off((10, 10, 100, 200), 640, 480)
    for box in ((0, 10, 100, 200), (10, 1, 100, 200), (540, 10, 100, 200), (10, 279, 100, 200)):
        assert is_cut_off(box, 640, 480)
