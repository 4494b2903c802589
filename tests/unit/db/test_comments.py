"""Threads of comments: rows that are only added, what is open, and undo."""

from __future__ import annotations

import pytest

from db.comments import CommentId, NewComment, count_open_threads
from db.errors import NotFoundError
from db.records import PersonId
from db.store import Store
from tests.helpers.store_builders import add_people, snapshot


@pytest.fixture
def person(store: Store) -> PersonId:
    return add_people(store, [17, 17])[0]


def add(store: Store, comment: NewComment) -> CommentId:
    with store.change("Comment") as change:
        return change.comments.add(comment).id


def open_count(store: Store, person: PersonId) -> int:
    with store.read() as reader:
        return reader.queue.get_head(person).open_comments


def test_a_comment_keeps_every_field(store: Store, person: PersonId) -> None:
    with store.change("Open", undoable=False) as change:
        ann = change.annotators.get_or_add("Ann").id
    with store.change("Comment", annotator_id=ann) as change:
        first = change.comments.add(NewComment(person, "look", "left_wrist"))
        change.comments.add(NewComment(person, "yes", thread_id=first.id))
    with store.read() as reader:
        said, answered = reader.comments.history(person)
        assert reader.comments.get(first.id) == said == first
    assert (said.text, said.joint, said.thread_id, said.action, said.annotator_id) == (
        "look",
        "left_wrist",
        None,
        "say",
        ann,
    )
    assert (answered.text, answered.joint, answered.thread_id) == ("yes", None, first.id)


def test_open_threads_are_counted_through_resolving_reopening_undo_and_redo(store: Store, person: PersonId) -> None:
    before = snapshot(store)
    first = add(store, NewComment(person, "look", "nose"))
    add(store, NewComment(person, "and this"))
    add(store, NewComment(person, "well", thread_id=first))
    assert open_count(store, person) == 2
    add(store, NewComment(person, thread_id=first, action="resolve"))
    assert open_count(store, person) == 1
    add(store, NewComment(person, thread_id=first, action="reopen"))
    assert open_count(store, person) == 2
    store.undo()
    assert open_count(store, person) == 1
    after = snapshot(store)
    for _ in range(4):
        store.undo()
    assert snapshot(store) == before
    for _ in range(4):
        store.redo()
    assert snapshot(store) == after
    assert store.verify_heads() == ()
    assert open_count(store, PersonId(person + 1)) == 0


def test_wrong_comments_are_the_callers_bug(store: Store, person: PersonId) -> None:
    other = PersonId(person + 1)
    first = add(store, NewComment(person, "look"))
    answer = add(store, NewComment(person, "yes", thread_id=first))
    for draft, words in (
        (NewComment(person, "  "), "says something"),
        (NewComment(person, action="resolve"), "only a thread"),
        (NewComment(other, "x", thread_id=first), "same person"),
        (NewComment(person, "x", thread_id=answer), "first row"),
        (NewComment(person, "x", "nose", thread_id=first), "has its joint"),
    ):
        with pytest.raises(ValueError, match=words):
            add(store, draft)
    with pytest.raises(NotFoundError, match="no person 99"):
        add(store, NewComment(PersonId(99), "x"))


def test_a_thread_that_was_taken_back_takes_no_answer(store: Store, person: PersonId) -> None:
    first = add(store, NewComment(person, "look"))
    store.undo()
    with pytest.raises(NotFoundError, match=f"no comment {first}"):
        add(store, NewComment(person, "x", thread_id=first))


def test_counting() -> None:
    assert count_open_threads([]) == 0
    assert count_open_threads([(1, None, "say"), (2, 1, "resolve"), (3, None, "say"), (4, 1, "say")]) == 1
