"""Depth hints and weights of joints in the store."""

from __future__ import annotations

from dataclasses import replace

import pytest

from db.errors import NotFoundError, StaleWriteError
from db.records import GuidanceId, NewGuidance, PersonId
from db.store import Store
from tests.helpers.store_builders import add_people, fit_person, guide, snapshot


@pytest.fixture
def person(store: Store) -> PersonId:
    return add_people(store, [17])[0]


def test_guidance_keeps_every_field(store: Store, person: PersonId) -> None:
    with store.change("Open", undoable=False) as change:
        ann = change.annotators.get_or_add("Ann").id
    guide(store, person)
    with store.change("Pin right ankle", annotator_id=ann) as change:
        parent = change.guidance.current(person)
        assert parent is not None
        change.guidance.add(NewGuidance(person, {"right_thigh": "away"}, {"right_ankle": 3}, parent_id=parent.id))
    with store.read() as reader:
        stored = reader.guidance.current(person)
        assert stored is not None
        assert (stored.depth_hints, stored.joint_weights) == ({"right_thigh": "away"}, {"right_ankle": 3.0})
        assert (stored.label, stored.annotator_id, stored.parent_id) == ("Pin right ankle", ann, parent.id)
        assert [row.id for row in reader.guidance.history(person)] == [parent.id, stored.id]
        assert reader.guidance.get(stored.id) == stored


def test_undo_and_redo_leave_identical_projects(store: Store, person: PersonId) -> None:
    fit_person(store, person)
    before = snapshot(store)
    guide(store, person)
    after = snapshot(store)
    changeset = store.undo()
    assert changeset is not None
    assert (changeset.touched_tables, changeset.touched_people) == ({"guidance"}, {person})
    assert snapshot(store) == before
    store.redo()
    assert snapshot(store) == after
    assert store.verify_heads() == ()


def test_guidance_makes_no_fit_stale(store: Store, person: PersonId) -> None:
    fit_person(store, person)
    guide(store, person)
    with store.read() as reader:
        assert reader.queue.get_head(person).state == "fitted"


def test_guidance_somebody_else_replaced_is_refused(store: Store, person: PersonId) -> None:
    guide(store, person)
    with store.read() as reader:
        seen = reader.guidance.current(person)
    assert seen is not None
    guide(store, person)
    with pytest.raises(StaleWriteError, match=f"pins of person {person} were changed"), store.change("Pin") as change:
        change.guidance.add(NewGuidance(person, parent_id=seen.id))
    with store.read() as reader:
        assert len(reader.guidance.history(person)) == 2


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"depth_hints": {"tail": "toward"}}, "no limb 'tail'"),
        ({"depth_hints": {"left_thigh": "sideways"}}, "'sideways', expected"),
        ({"joint_weights": {"nose": -1.0}}, "weight of nose"),
        ({"joint_weights": {"nose": float("nan")}}, "weight of nose"),
    ],
)
def test_wrong_guidance_is_the_callers_bug(
    store: Store, person: PersonId, fields: dict[str, object], words: str
) -> None:
    with pytest.raises(ValueError, match=words), store.change("Guide") as change:
        change.guidance.add(replace(NewGuidance(person), **fields))  # type: ignore[arg-type]
    with store.read() as reader:
        assert reader.guidance.current(person) is None


def test_what_does_not_exist_is_named(store: Store) -> None:
    with pytest.raises(NotFoundError, match="no person 99"), store.change("Guide") as change:
        change.guidance.add(NewGuidance(PersonId(99)))
    with store.read() as reader, pytest.raises(NotFoundError, match="no guidance 99"):
        reader.guidance.get(GuidanceId(99))
