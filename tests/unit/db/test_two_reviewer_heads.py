"""Heads, lists and methods under two reviewers, and switching between one and two."""

from __future__ import annotations

import pytest

from db.records import REVIEWS_PER_PERSON, AnnotatorId, DecisionRole, NewDecision, PersonId, Verdict
from db.store import Store
from tests.helpers.store_builders import add_people, fit_person, move_joint, snapshot


@pytest.fixture
def names(store: Store) -> list[AnnotatorId]:
    with store.change("Open", undoable=False) as change:
        return [change.annotators.get_or_add(name).id for name in ("Anna", "Bob", "Clara")]


@pytest.fixture
def people(store: Store) -> list[PersonId]:
    made = add_people(store, [17] * 4)
    for seed, person in enumerate(made):
        fit_person(store, person, seed)
    return made


def review_by(store: Store, count: int) -> frozenset[PersonId]:
    with store.change("Reviewers", undoable=False) as change:
        change.settings.set(REVIEWS_PER_PERSON, count)
    return change.changeset.touched_people


def decide(
    store: Store,
    person: PersonId,
    who: AnnotatorId,
    verdict: Verdict,
    reasons: tuple[str, ...] = (),
    role: DecisionRole = "review",
) -> None:
    with store.change(f"Decide {verdict}", annotator_id=who) as change:
        fit = change.fits.current(person)
        change.decisions.add(
            NewDecision(person, None if fit is None else fit.id, verdict, reasons, "why", 1.5, role=role)
        )


def states(store: Store, people: list[PersonId]) -> list[str]:
    with store.read() as reader:
        return [reader.queue.get_head(person).state for person in people]


def test_two_must_agree_and_a_dispute_is_ruled(store: Store, people: list[PersonId], names: list[AnnotatorId]) -> None:
    anna, bob, clara = names
    review_by(store, 2)
    first, second, third, fourth = people
    for person in (first, second, third):
        decide(store, person, anna, "accept")
    decide(store, first, bob, "accept")
    decide(store, second, bob, "reject", ("depth",))
    assert states(store, people) == ["accepted", "disputed", "in_review", "fitted"]
    with store.read() as reader:
        head = reader.queue.get_head(second)
        assert (head.reasons, head.decided_by) == (("depth",), bob)
        assert reader.progress.counts()["disputed"] == 1
    decide(store, second, clara, "accept", role="adjudication")
    assert states(store, people) == ["accepted", "accepted", "in_review", "fitted"]
    with store.read() as reader:
        assert reader.queue.get_head(second).decided_by == clara
    assert store.verify_heads() == ()
    assert fourth == people[3]


def test_who_has_decided_is_not_offered_the_person_again(
    store: Store, people: list[PersonId], names: list[AnnotatorId]
) -> None:
    anna, bob, _clara = names
    review_by(store, 2)
    for person in people:
        decide(store, person, anna, "reject", ("depth",))
    decide(store, people[1], bob, "reject")
    with store.read() as reader:
        assert reader.queue.next_undecided(None, annotator_id=anna) is None
        assert reader.queue.next_undecided(None, annotator_id=bob) == people[0]
        assert reader.queue.next_undecided(people[0], annotator_id=bob) == people[2]
        assert reader.queue.next_undecided(None, -1, annotator_id=bob) == people[3]
        assert reader.queue.next_undecided(None) == people[0]
        assert reader.queue.ids(states=["in_review"], waiting_for=anna) == []
        assert reader.queue.ids(states=["in_review"], waiting_for=bob) == [people[0], people[2], people[3]]


def test_a_head_does_not_give_away_the_first_verdict(
    store: Store, people: list[PersonId], names: list[AnnotatorId]
) -> None:
    review_by(store, 2)
    decide(store, people[0], names[0], "accept")
    decide(store, people[1], names[0], "reject", ("depth",))
    with store.read() as reader:
        one, other = (reader.queue.get_head(person) for person in people[:2])
    for head in (one, other):
        assert (head.state, head.decision_id, head.reasons, head.decided_by) == ("in_review", None, (), names[0])


def test_an_edit_and_a_new_fit_make_decisions_count_no_longer(
    store: Store, people: list[PersonId], names: list[AnnotatorId]
) -> None:
    anna, bob, _clara = names
    review_by(store, 2)
    person = people[0]
    decide(store, person, anna, "accept")
    decide(store, person, bob, "accept")
    move_joint(store, person, 3, 55.0)
    assert states(store, [person]) == ["stale"]
    store.undo()
    assert states(store, [person]) == ["accepted"]
    fit_person(store, person, 9)
    assert states(store, [person]) == ["fitted"]
    decide(store, person, bob, "accept")
    assert states(store, [person]) == ["in_review"]


def test_switching_derives_everybody_anew_in_one_change_and_back(
    store: Store, people: list[PersonId], names: list[AnnotatorId]
) -> None:
    anna, bob, _clara = names
    decide(store, people[0], anna, "accept")
    decide(store, people[1], anna, "accept")
    decide(store, people[1], bob, "reject")
    decide(store, people[2], anna, "reject", ("depth",))
    decide(store, people[2], bob, "reject", ("shape",))
    alone = ["accepted", "rejected", "rejected", "fitted"]
    assert states(store, people) == alone
    before = snapshot(store)
    with store.read() as reader:
        count = len(list(reader.changes.iter_since()))
    assert review_by(store, 2) == set(people[:3])  # nobody has decided about the fourth
    assert states(store, people) == ["in_review", "disputed", "rejected", "fitted"]
    with store.read() as reader:
        assert len(list(reader.changes.iter_since())) == count + 1
        assert reader.queue.get_head(people[2]).reasons == ("depth", "shape")
    assert store.verify_heads() == ()
    assert review_by(store, 1) == set(people[:3])
    assert states(store, people) == alone
    assert snapshot(store) == before


def test_undo_goes_on_from_before_the_switch(store: Store, people: list[PersonId], names: list[AnnotatorId]) -> None:
    decide(store, people[0], names[0], "accept")
    review_by(store, 2)
    assert store.undo() is not None
    assert states(store, people[:1]) == ["fitted"]
    assert store.redo() is not None
    assert states(store, people[:1]) == ["in_review"]
    assert store.verify_heads() == ()


def test_a_failed_switch_leaves_everything(store: Store, people: list[PersonId], names: list[AnnotatorId]) -> None:
    decide(store, people[0], names[0], "accept")
    before = snapshot(store)
    with pytest.raises(ZeroDivisionError), store.change("Reviewers", undoable=False) as change:
        change.settings.set(REVIEWS_PER_PERSON, 2)
        _ = 1 / 0
    with pytest.raises(ValueError, match="1 or 2"):
        review_by(store, 3)
    assert snapshot(store) == before
    assert store.verify_heads() == ()


def test_a_method_stands_as_the_two_have_decided(
    store: Store, people: list[PersonId], names: list[AnnotatorId]
) -> None:
    review_by(store, 2)
    decide(store, people[0], names[0], "accept")
    decide(store, people[0], names[1], "accept")
    decide(store, people[1], names[0], "accept")
    with store.read() as reader:
        standings = reader.methods.standings("eft")
        assert [standings[person].state for person in people] == ["accepted", "in_review", "fitted", "fitted"]
        assert [fit.person_id for fit in reader.fits.iter_newest("eft", ["accepted"])] == people[:1]


def test_reopening_is_a_row_that_puts_decisions_out_of_force(
    store: Store, people: list[PersonId], names: list[AnnotatorId]
) -> None:
    decide(store, people[0], names[0], "accept")
    decide(store, people[0], names[1], "reopen")
    assert states(store, people[:1]) == ["fitted"]
    with store.read() as reader:
        assert [row.verdict for row in reader.decisions.history(people[0])] == ["accept", "reopen"]
        head = reader.queue.get_head(people[0])
        assert (head.reasons, head.decided_by) == ((), None)
        assert reader.decisions.outcome(people[0]).state is None
    with pytest.raises(ValueError, match="accepts or rejects"):
        decide(store, people[0], names[0], "reopen", role="adjudication")
    with pytest.raises(ValueError, match="one word"):
        decide(store, people[0], names[0], "reject", ("two words",))


def test_next_undecided_seeks_an_index_for_every_reviewer(
    store: Store, people: list[PersonId], names: list[AnnotatorId]
) -> None:
    """With everybody reviewed once by Anna, Anna's search must not walk over all of hers."""
    import sqlite3
    from contextlib import closing

    assert people
    assert names
    query = "SELECT min(person_id) FROM person_heads WHERE state = 'in_review' AND decided_by = 2 AND person_id > 7"
    with closing(sqlite3.connect(store.location)) as connection:
        (plan,) = connection.execute(f"EXPLAIN QUERY PLAN {query}").fetchall()
    assert "SEARCH" in plan[3]
    assert "ix_person_heads_state_decided_by_person_id (state=? AND decided_by=? AND person_id>?)" in plan[3]


def test_decisions_in_bulk_are_weighed_like_one_person_at_a_time(
    store: Store, people: list[PersonId], names: list[AnnotatorId]
) -> None:
    anna, bob, clara = names
    first, second, third, fourth = people
    review_by(store, 2)
    decide(store, first, anna, "accept")
    decide(store, first, anna, "reject", ("depth",))
    decide(store, second, anna, "reject")
    decide(store, second, bob, "reject")
    decide(store, third, anna, "accept")
    decide(store, third, bob, "reject")
    decide(store, third, clara, "accept", role="adjudication")
    decide(store, fourth, anna, "accept")
    decide(store, fourth, bob, "reopen")
    decide(store, fourth, bob, "accept")
    store.undo()
    with store.read() as reader:
        rows = list(reader.decisions.iter_all())
        assert [row.id for row in rows] == sorted(row.id for row in rows)
        weighed = reader.decisions.weigh_people(people)
        for person in people:
            outcome = reader.decisions.outcome(person)
            assert {row.id for row in rows if row.person_id == person and row.id in weighed.counting} == {
                vote.id for vote in outcome.counting
            }
        secret = [(row.person_id, row.verdict) for row in rows if row.id in weighed.secret]
        assert secret == [(first, "accept"), (first, "reject")]
        assert (len(rows), reader.decisions.count_taken_back()) == (9, 1)


def test_no_decision_counts_for_a_stale_person(store: Store, people: list[PersonId], names: list[AnnotatorId]) -> None:
    decide(store, people[0], names[0], "accept")
    with store.read() as reader:
        assert len(reader.decisions.weigh_people(people).counting) == 1
    move_joint(store, people[0], 1, 9.0)
    with store.read() as reader:
        assert not reader.decisions.weigh_people(people).counting
