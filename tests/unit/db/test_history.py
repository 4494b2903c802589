from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from db.history import UndoEntry, UndoLog, build_runs
from db.records import ChangeId


def entry(number: int) -> UndoEntry:
    return UndoEntry(ChangeId(number), f"Edit {number}", None, (), {}, {})


def test_an_empty_log_has_nothing_to_offer() -> None:
    log = UndoLog()
    assert log.label("undo") is None
    assert log.label("redo") is None
    assert log.find_next("undo") is None


def test_entries_go_back_and_forth_newest_first() -> None:
    log = UndoLog()
    first, second = entry(1), entry(2)
    log.push(first)
    log.push(second)
    assert log.label("undo") == "Edit 2"
    log.move("undo", second)
    assert (log.label("undo"), log.label("redo")) == ("Edit 1", "Edit 2")
    log.move("redo", second)
    assert (log.label("undo"), log.label("redo")) == ("Edit 2", None)


def test_a_new_change_forgets_what_was_undone() -> None:
    log = UndoLog()
    log.push(entry(1))
    log.move("undo", entry(1))
    log.push(entry(2))
    assert log.label("redo") is None


def test_a_dropped_entry_uncovers_the_one_before() -> None:
    log = UndoLog()
    log.push(entry(1))
    log.push(entry(2))
    log.drop("undo")
    assert log.label("undo") == "Edit 1"
    assert log.label("redo") is None


@given(st.sets(st.integers(1, 60)))
def test_runs_cover_exactly_the_ids(ids: set[int]) -> None:
    runs = build_runs(ids)
    assert [number for first, last in runs for number in range(first, last + 1)] == sorted(ids)
    assert all(runs[i][1] + 1 < runs[i + 1][0] for i in range(len(runs) - 1))
