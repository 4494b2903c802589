from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from db.heads import derive_state
from db.records import FitId, PersonState, RevisionId
from db.store import Store
from tests.helpers.store_builders import add_people, build_fit, decide, fit_person, move_joint

OLD, NEW = RevisionId(1), RevisionId(2)
FIT = FitId(8)


@pytest.mark.parametrize(
    ("labelled", "fit", "decided", "state"),
    [
        (5, None, None, "unfittable"),
        (6, None, None, "unfitted"),
        (0, None, "rejected", "rejected"),
        (17, None, "second_look", "second_look"),
        (17, (FIT, NEW), None, "fitted"),
        (3, (FIT, NEW), None, "fitted"),
        (17, (FIT, NEW), "accepted", "accepted"),
        (17, (FIT, NEW), "in_review", "in_review"),
        (17, (FIT, NEW), "disputed", "disputed"),
        (17, (FIT, OLD), None, "stale"),
        (17, (FIT, OLD), "accepted", "stale"),
        (17, (FIT, OLD), "disputed", "stale"),
    ],
)
def test_state_follows_from_the_history(
    labelled: int,
    fit: tuple[FitId, RevisionId] | None,
    decided: PersonState | None,
    state: PersonState,
) -> None:
    assert derive_state(labelled, NEW, fit, decided) == state


def test_a_person_without_keypoints_is_unfittable() -> None:
    assert derive_state(0, None, None, None) == "unfittable"


def test_heads_follow_an_annotators_day(store: Store) -> None:
    (person,) = add_people(store, [17])

    def state() -> str:
        with store.read() as reader:
            return reader.queue.get_head(person).state

    assert state() == "unfitted"
    fit_person(store, person)
    assert state() == "fitted"
    decide(store, person, "accept")
    assert state() == "accepted"
    move_joint(store, person, 3, 55.0)
    assert state() == "stale"
    fit_person(store, person, seed=1)
    assert state() == "fitted"
    decide(store, person, "reject")
    assert state() == "rejected"


def test_a_fit_to_keypoints_edited_meanwhile_arrives_stale(store: Store) -> None:
    (person,) = add_people(store, [17])
    with store.read() as reader:
        before = reader.keypoints.current(person)
    assert before is not None
    move_joint(store, person, 3, 55.0)
    with store.change("Fit by EFT") as change:
        change.fits.add(build_fit(person, before.id))
    with store.read() as reader:
        assert reader.queue.get_head(person).state == "stale"


def test_verification_finds_a_head_that_was_tampered_with(store: Store) -> None:
    people = add_people(store, [17, 17, 3])
    assert store.verify_heads() == ()
    with closing(sqlite3.connect(store.location)) as connection:
        connection.execute("UPDATE person_heads SET labelled_count = 9 WHERE person_id = ?", (people[1],))
        connection.commit()
    assert store.verify_heads() == (people[1],)
