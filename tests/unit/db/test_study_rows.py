"""Studies: designs change until the first vote, votes are kept once and never change."""

from __future__ import annotations

import dataclasses
import hashlib
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from db.deflated import inflate
from db.errors import CorruptStoreError, NotFoundError, StaleWriteError
from db.records import StudyId, StudyRecord, StudyVote, VotesTaken
from db.store import Store

MORNING = datetime(2026, 11, 2, 8, tzinfo=UTC)
PLAN = b'{"seats": []}'
PLAN_HASH = hashlib.sha256(PLAN).hexdigest()


def vote(seat: int, position: int, choice: str = "left", rater: str = "quiet-otter-7") -> StudyVote:
    shown = MORNING + timedelta(minutes=seat, seconds=position)
    return StudyVote(seat, position, rater, choice, 2.5, 0, 0.0, shown, shown + timedelta(seconds=2.5))  # type: ignore[arg-type]


def add_study(store: Store, name: str = "which is better", *, opened: bool = True) -> StudyRecord:
    with store.change("New study", undoable=False) as change:
        study_id = change.studies.add(f"uid-{name}", name, {"methods": ["eft", "smplify"]})
        if opened:
            change.studies.set_plan(change.studies.get(study_id), PLAN, PLAN_HASH)
    return read_study(store, study_id)


def read_study(store: Store, study_id: StudyId) -> StudyRecord:
    with store.read() as reader:
        return reader.studies.get(study_id)


def take(store: Store, study: StudyRecord, *votes: StudyVote) -> VotesTaken:
    with store.change("Collect votes", undoable=False) as change:
        return change.studies.take_votes(study.id, votes, "package")


def test_a_study_comes_back_as_it_was_stored(store: Store) -> None:
    design = add_study(store, opened=False)
    assert (design.design, design.plan, design.opened_at, design.version) == (
        {"methods": ["eft", "smplify"]}, None, None, 1,
    )  # fmt: skip
    opened = add_study(store, "another")
    assert (opened.plan, opened.plan_hash, opened.version) == (PLAN, PLAN_HASH, 2)
    assert opened.opened_at is not None
    assert opened.frozen_at is None
    with store.read() as reader:
        assert [study.name for study in reader.studies.list_all()] == ["which is better", "another"]
        assert reader.studies.find("another") is not None
        assert reader.studies.find("nothing") is None
        with pytest.raises(NotFoundError, match="no study 99"):
            reader.studies.get(StudyId(99))


def test_two_studies_of_one_name_are_refused(store: Store) -> None:
    add_study(store)
    with pytest.raises(StaleWriteError, match="choose another name"):
        add_study(store)


def test_votes_are_taken_once_and_conflicts_change_nothing(store: Store) -> None:
    study = add_study(store)
    assert take(store, study, vote(0, 0), vote(0, 1)) == VotesTaken(2, 0, ())
    assert take(store, study, vote(0, 1), vote(0, 0), vote(1, 0, "neither")) == VotesTaken(1, 2, ())
    assert take(store, study, vote(0, 0, "right"), vote(0, 1, rater="somebody else")) == VotesTaken(
        0, 0, ((0, 0), (0, 1))
    )
    with store.read() as reader:
        assert reader.studies.votes_of(study.id) == [vote(0, 0), vote(0, 1), vote(1, 0, "neither")]
        assert reader.studies.count_votes(study.id) == 3


def test_a_file_that_votes_twice_on_a_trial_counts_once(store: Store) -> None:
    study = add_study(store)
    assert take(store, study, vote(0, 0), vote(0, 0), vote(0, 0, "right")) == VotesTaken(1, 1, ((0, 0),))


def test_the_first_vote_freezes_design_and_plan(store: Store) -> None:
    study = add_study(store)
    with store.change("Edit study", undoable=False) as change:
        change.studies.set_design(study, {"methods": ["eft", "regressor"]})
    edited = read_study(store, study.id)
    assert (edited.plan, edited.plan_hash, edited.opened_at) == (None, "", None)
    with store.change("Open study", undoable=False) as change:
        change.studies.set_plan(edited, PLAN, PLAN_HASH)
    take(store, edited, vote(0, 0))
    frozen = read_study(store, study.id)
    assert frozen.frozen_at is not None
    for write in ("set_design", "set_plan"):
        with (
            pytest.raises(StaleWriteError, match="copy the design into a new study"),
            store.change("Edit study", undoable=False) as change,
        ):
            change.studies.set_design(frozen, {}) if write == "set_design" else change.studies.set_plan(
                frozen, PLAN, "x"
            )
    assert read_study(store, study.id).design == {"methods": ["eft", "regressor"]}


def test_a_package_with_votes_freezes_too(store: Store) -> None:
    study = add_study(store)
    with store.change("Freeze study", undoable=False) as change:
        change.studies.freeze(study.id)
    first = read_study(store, study.id).frozen_at
    with store.change("Freeze study", undoable=False) as change:
        change.studies.freeze(study.id)
    assert read_study(store, study.id).frozen_at == first


def test_a_stale_edit_of_a_design_is_refused(store: Store) -> None:
    study = add_study(store)
    with store.change("Edit study", undoable=False) as change:
        change.studies.set_design(study, {"a": 1})
    with pytest.raises(StaleWriteError, match="changed elsewhere"), store.change("Edit", undoable=False) as change:
        change.studies.set_design(study, {"a": 2})
    assert read_study(store, study.id).design == {"a": 1}


def test_a_closed_study_takes_no_new_votes_but_knows_its_own(store: Store) -> None:
    study = add_study(store)
    take(store, study, vote(0, 0))
    with store.change("Close study", undoable=False) as change:
        change.studies.close(study.id)
    assert take(store, study, vote(0, 0)) == VotesTaken(0, 1, ())
    with pytest.raises(StaleWriteError, match="is closed"):
        take(store, study, vote(0, 1))


def test_votes_on_what_was_never_opened_are_refused(store: Store) -> None:
    study = add_study(store, opened=False)
    with pytest.raises(StaleWriteError, match="open it first"):
        take(store, study, vote(0, 0))


def test_nothing_of_a_study_is_undoable(store: Store) -> None:
    study = add_study(store)
    with pytest.raises(ValueError, match="cannot be taken back"), store.change("Collect votes") as change:
        change.studies.take_votes(study.id, [vote(0, 0)], "package")
    with store.read() as reader:
        assert reader.studies.count_votes(study.id) == 0


def test_a_damaged_plan_is_named(store: Store) -> None:
    with pytest.raises(CorruptStoreError, match="plan of the study 'x' is damaged"):
        inflate(b"not deflated", "plan of the study 'x'")


def test_votes_survive_closing_the_store(store: Store) -> None:
    study = add_study(store)
    take(store, study, vote(2, 7, "right"))
    path = store.database_file
    assert path is not None
    store.close()
    with Store.open(path) as again, again.read() as reader:
        (found,) = reader.studies.votes_of(study.id)
    assert dataclasses.asdict(found) == dataclasses.asdict(vote(2, 7, "right"))


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        ("UPDATE studies SET plan = x'00'", "plan of study 1 is damaged"),
        ("UPDATE studies SET plan_hash = 'other'", "not the one that raters were given"),
        ("UPDATE studies SET design = '[]'", "its design cannot be read"),
        ("UPDATE study_votes SET choice = 'both'", "its choice 'both' is not known"),
        ("UPDATE study_votes SET response_s = 1e999", "its response_s inf is no finite number"),
    ],
)
def test_the_check_finds_what_was_spoilt(store: Store, damage: str, words: str) -> None:
    take(store, add_study(store), vote(0, 0))
    assert list(store.iter_faults()) == []
    assert store.database_file is not None
    with closing(sqlite3.connect(store.database_file)) as database, database:
        database.execute(damage)
    assert words in " ".join(map(str, store.iter_faults()))
