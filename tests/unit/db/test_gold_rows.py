"""Gold people: append-only, taken off again, and seen by nothing that an annotator looks at."""

from __future__ import annotations

import numpy as np
import pytest

from db.errors import NotFoundError
from db.records import NewGold, PersonId
from db.store import Store
from tests.helpers.store_builders import add_people, build_keypoints, decide, fit_person, move_joint, snapshot


@pytest.fixture
def people(store: Store) -> list[PersonId]:
    return add_people(store, [17, 17, 17])


def gold(person: PersonId, seed: int = 0) -> NewGold:
    return NewGold(person, "coco17", build_keypoints(seed=seed), "gold.json", "accept", 1234.5)


def test_gold_keeps_every_field_and_the_newest_counts(store: Store, people: list[PersonId]) -> None:
    with store.change("Open", undoable=False) as change:
        ann = change.annotators.get_or_add("Ann").id
    with store.change("Set gold people", annotator_id=ann) as change:
        change.gold.add_many([gold(people[2]), gold(people[0])])
    with store.change("Set gold people", annotator_id=ann) as change:
        change.gold.add_many([gold(people[0], seed=3)])
    with store.read() as reader:
        first, third = reader.gold.list_all()
        assert reader.gold.find(people[1]) is None
        assert reader.gold.find(people[0]) is not None
    assert (first.person_id, third.person_id) == (people[0], people[2])
    assert first.keypoints.tobytes() == build_keypoints(seed=3).tobytes()
    assert (third.skeleton, third.source, third.verdict, third.area) == ("coco17", "gold.json", "accept", 1234.5)
    assert (third.annotator_id, first.created_at > third.created_at) == (ann, True)


def test_gold_is_taken_off_undone_and_done_again(store: Store, people: list[PersonId]) -> None:
    with store.change("Set gold people") as change:
        change.gold.add_many([gold(people[0]), gold(people[1])])
    with store.change("Remove gold people") as change:
        assert change.gold.remove_many([people[0], people[2]]) == 1
    with store.read() as reader:
        assert [record.person_id for record in reader.gold.list_all()] == [people[1]]
    store.undo()
    with store.read() as reader:
        assert [record.person_id for record in reader.gold.list_all()] == people[:2]
    store.undo()
    with store.read() as reader:
        assert reader.gold.list_all() == []
    store.redo()
    with store.read() as reader:
        assert [record.person_id for record in reader.gold.list_all()] == people[:2]


def test_gold_leaves_no_trace_where_annotators_look(store: Store, people: list[PersonId]) -> None:
    before = snapshot(store)
    with store.change("Set gold people") as change:
        change.gold.add_many([gold(people[0])])
    assert change.changeset.touched_people == frozenset()
    assert change.changeset.person_id is None
    assert snapshot(store) == before
    with store.read() as reader:
        newest = list(reader.changes.iter_since())[-1]
    assert newest.person_id is None
    assert store.verify_heads() == ()


def test_gold_needs_a_person_and_sound_keypoints(store: Store, people: list[PersonId]) -> None:
    with pytest.raises(NotFoundError, match="no person 99"), store.change("Set gold people") as change:
        change.gold.add_many([gold(PersonId(99))])
    wrong = NewGold(people[0], "coco17", np.full((17, 3), 3.0), "gold.json")
    with pytest.raises(ValueError, match="visibility"), store.change("Set gold people") as change:
        change.gold.add_many([wrong])


def test_an_annotator_vouches_for_the_keypoints_of_the_moment(store: Store, people: list[PersonId]) -> None:
    with store.change("Open", undoable=False) as change:
        ann, bob = (change.annotators.get_or_add(name).id for name in ("Ann", "Bob"))
    person = people[0]

    def decide_as(annotator: int, verdict: str) -> None:
        decide(store, person, verdict, annotator)  # type: ignore[arg-type]

    fit_person(store, person)
    decide_as(ann, "reject")
    moved = move_joint(store, person, 3, 1.0)
    decide_as(ann, "second_look")
    decide_as(bob, "reject")
    move_joint(store, person, 4, 2.0)
    with store.read() as reader:
        first = reader.keypoints.history(person)[0].id
        rows = reader.work.vouched(people)
        assert [(row.annotator_id, row.verdict, row.revision_id) for row in rows] == [
            (ann, "second_look", moved),
            (bob, "reject", moved),
        ]
        moment = reader.decisions.history(person)[1].created_at
        assert [(row.verdict, row.revision_id) for row in reader.work.vouched(people, before=moment)] == [
            ("reject", first)
        ]
    store.undo()
    store.undo()
    with store.read() as reader:
        assert [row.annotator_id for row in reader.work.vouched(people)] == [ann]
