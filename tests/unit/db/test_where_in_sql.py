"""Conditions as SQL, on a small project whose people are all different."""

from __future__ import annotations

import dataclasses

import pytest

from app.services.where import parse_where
from db.conditions import Condition
from db.records import NewDecision, PersonId
from db.store import Store
from tests.helpers.store_builders import add_people, build_fit


@pytest.fixture
def people(store: Store) -> list[PersonId]:
    """Five people: too few keypoints, not fitted, and three fits of which two are decided on."""
    people = add_people(store, [3, 17, 17, 17, 17], per_image=2)
    with store.change("Set up", undoable=False) as change:
        ann, bob = (change.annotators.get_or_add(name).id for name in ("Ann B", "bob"))
    facts = (
        {"method": "eft", "rms_px": 2.0, "l2d": 1e-4, "flags": {"too_large": 1.5}},
        {"method": "smplify", "rms_px": 12.0, "l2d": 9e-4, "signs": {"swap_legs": 9.0}},
        {"method": "eft", "rms_px": 30.0, "l2d": 2e-3},
    )
    for person, fact in zip(people[2:], facts, strict=True):
        with store.change("Fit") as change:
            revision = change.keypoints.current(person)
            assert revision is not None
            change.fits.add(dataclasses.replace(build_fit(person, revision.id), **fact))  # type: ignore[arg-type]
    for person, verdict, reasons, comment, who in (
        (people[3], "accept", (), "", ann),
        (people[4], "reject", ("left_right", "other"), "see wrist", bob),
    ):
        with store.change("Decide") as change:
            fit = change.fits.current(person)
            assert fit is not None
            change.decisions.add(NewDecision(person, fit.id, verdict, reasons, comment, annotator_id=who))  # type: ignore[arg-type]
    return people


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("", [0, 1, 2, 3, 4]),
        ("state:fitted,accepted", [2, 3]),
        ("-state:fitted,accepted", [0, 1, 4]),
        ("state:undecided", [1, 2]),
        ("rms>10", [3, 4]),
        ("-rms>10", [0, 1, 2]),
        ("rms<=12 loss>3e-4", [3]),
        ("joints<6", [0]),
        ("rule:12kp", [1, 2, 3, 4]),
        ("rule:6kp limbs<12", []),
        ("-rule:vibe", [0]),
        ("rule:mpii,12kp", [1, 2, 3, 4]),
        ("limbs<6", [0]),
        ("flag:too_large", [2]),
        ("flag:too_small", []),
        ("has:flag", [2]),
        ("-has:fit", [0, 1]),
        ("suspect:swap", [3]),
        ("suspect:swap_arms", []),
        ("reason:swap", [4]),
        ("reason:left_right,occluded", [4]),
        ('by:"ann b"', [3]),
        ("by:BOB,carol", [4]),
        ("-by:bob", [0, 1, 2, 3]),
        ("method:smplify", [3]),
        ("method:eft -has:decision", [2]),
        ("dataset:SMALL", [0, 1, 2, 3, 4]),
        ("dataset:coco", []),
        ("has:comment", [4]),
        ("000001", [2, 3]),
        ("a3", [3]),
        ('"photos/000000.jpg" -A0', [1]),
        ("100%", []),
    ],
)
def test_conditions_select(store: Store, people: list[PersonId], text: str, places: list[int]) -> None:
    where = parse_where(text)
    assert where.problems == ()
    with store.read() as reader:
        assert reader.queue.ids(where=where.conditions) == [people[place] for place in places]


def test_orders_keep_people_without_a_fit_last(store: Store, people: list[PersonId]) -> None:
    with store.read() as reader:
        queue = reader.queue
        assert queue.ids(order="suspicion")[3:] == people[:2]
        by_doubt = [queue.get_head(person).suspicion for person in queue.ids(order="suspicion")[:3]]
        assert by_doubt == sorted(by_doubt, key=lambda doubt: -(doubt or 0))
        narrowed: tuple[Condition, ...] = parse_where("has:fit").conditions
        assert queue.ids(order="suspicion", where=narrowed) == queue.ids(order="suspicion")[:3]
        assert queue.ids(order="newest")[0] == people[4]


def test_a_random_order_is_the_seeds_own_and_nobody_changes_place_for_a_filter(
    store: Store, people: list[PersonId]
) -> None:
    with store.read() as reader:
        shuffled = reader.queue.ids(order="random", seed=7)
        assert sorted(shuffled) == people
        assert shuffled == reader.queue.ids(order="random", seed=7)
        assert any(shuffled != reader.queue.ids(order="random", seed=seed) for seed in range(8, 12))
        kept = reader.queue.ids(order="random", seed=7, where=parse_where("has:fit").conditions)
        assert kept == [person for person in shuffled if person in people[2:]]


def test_words_are_those_in_use(store: Store, people: list[PersonId]) -> None:
    assert people
    with store.read() as reader:
        words = reader.queue.words()
    assert words == {"by": ("Ann B", "bob"), "dataset": ("small",), "method": ("eft", "smplify")}
