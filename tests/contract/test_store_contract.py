"""What a store promises: transactions, undo and redo, several writers, clear words about trouble."""

from __future__ import annotations

import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlalchemy import event

from db.errors import (
    CorruptStoreError,
    DiskFullError,
    SchemaTooNewError,
    StaleWriteError,
    StoreLockedError,
)
from db.records import NewDecision, NewImage, PersonId, Verdict
from db.store import Store
from tests.helpers.postgres import new_schema
from tests.helpers.store_builders import (
    add_people,
    build_person,
    build_revision,
    decide,
    fit_person,
    move_joint,
    snapshot,
    snapshot_current,
)

ROOT = Path(__file__).parents[2]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    server = request.param == "postgresql"
    place = new_schema(request.getfixturevalue("postgres_server")) if server else tmp_path / "project.db"
    with Store.create(place) as opened:
        yield opened


def edit_at_random(store: Store, people: list[PersonId], rng: random.Random) -> None:
    """One of the edits an annotator makes, on anybody."""
    person = rng.choice(people)
    kind = rng.choice(["move", "unlabel", "fit", "decide", "batch"])
    if kind == "move":
        move_joint(store, person, rng.randrange(17), rng.uniform(0, 640))
    elif kind == "unlabel":
        move_joint(store, person, 0, rng.uniform(0, 640), labelled=rng.randrange(18))
    elif kind == "fit":
        fit_person(store, person, rng.randrange(10**6))
    elif kind == "decide":
        with store.read() as reader:
            fit = reader.fits.current(person)
        decide(store, person, rng.choice(["accept", "reject", "second_look"] if fit else ["reject", "second_look"]))
    else:
        with store.change("Reset two people") as change:
            for other in rng.sample(people, 2):
                change.keypoints.add(build_revision(other, rng.randrange(18), rng.randrange(100)))


# ---- transactions


def test_a_change_is_stored_as_a_whole(store: Store) -> None:
    people = add_people(store, [17, 17])
    with store.change("Reset", annotator_id=None) as change:
        for person in people:
            change.keypoints.add(build_revision(person, 7, seed=9))
        with pytest.raises(RuntimeError, match="after the block"):
            _ = change.changeset
    assert change.changeset.touched_people == frozenset(people)
    assert change.changeset.touched_tables == {"keypoint_revisions"}
    assert (change.changeset.kind, change.changeset.label) == ("do", "Reset")
    assert change.changeset.person_id == people[0]


def test_a_failed_change_leaves_nothing(store: Store) -> None:
    (person,) = add_people(store, [17])
    before = snapshot(store)
    with pytest.raises(ZeroDivisionError), store.change("Edit") as change:
        change.annotators.get_or_add("Ann")
        change.keypoints.add(build_revision(person, 7))
        _ = 1 / 0
    assert snapshot(store) == before
    assert store.undo_label is None
    with store.read() as reader:
        assert reader.annotators.list_all() == []
        assert [change.label for change in reader.changes.iter_since()] == ["Import"]


def test_a_change_that_writes_nothing_leaves_no_trace(store: Store) -> None:
    with store.change("Look") as change:
        assert change.queue.ids() == []
    assert change.changeset.id is None
    assert store.undo_label is None
    with store.read() as reader:
        assert reader.changes.latest_id() is None


def test_a_change_sees_what_it_wrote(store: Store) -> None:
    (person,) = add_people(store, [17])
    with store.change("Edit") as change:
        added = change.keypoints.add(build_revision(person, 7))
        current = change.keypoints.current(person)
        assert current is not None
        assert current.id == added.id


def test_a_reader_sees_one_state_while_another_thread_writes(store: Store) -> None:
    (person,) = add_people(store, [17])
    with store.read() as reader:
        before = reader.queue.get_head(person)
        writer = threading.Thread(target=lambda: fit_person(store, person))
        writer.start()
        writer.join()  # would wait for ever, were it blocked by this reader
        assert reader.fits.current(person) is None
        assert reader.queue.get_head(person) == before
    with store.read() as reader:
        assert reader.queue.get_head(person).state == "fitted"


def test_threads_take_turns(store: Store) -> None:
    people = add_people(store, [17] * 4)
    failures: list[BaseException] = []

    def work(person: PersonId) -> None:
        try:
            for x in range(10):
                move_joint(store, person, 1, float(x))
        except BaseException as error:  # noqa: BLE001 - handed to the main thread, which fails on it
            failures.append(error)

    threads = [threading.Thread(target=work, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with store.read() as reader:
        assert [len(reader.keypoints.history(person)) for person in people] == [11] * 4
    assert store.verify_heads() == ()


def test_a_change_within_a_change_is_a_bug_not_a_deadlock(store: Store) -> None:
    with store.change("Outer"), pytest.raises(RuntimeError, match="within a change"), store.change("Inner"):
        pass


def test_a_closed_store_says_so(tmp_path: Path) -> None:
    store = Store.create(tmp_path / "project.db")
    store.close()
    store.close()
    with pytest.raises(RuntimeError, match="closed"), store.read():
        pass
    with pytest.raises(RuntimeError, match="closed"):
        store.undo()


def test_reopening_gives_the_same_project(tmp_path: Path) -> None:
    path = tmp_path / "project.db"
    with Store.create(path) as store:
        people = add_people(store, [17, 5, 17])
        fit_person(store, people[0])
        decide(store, people[0], "accept")
        before = snapshot(store)
    with Store.open(str(path)) as store:
        assert snapshot(store) == before
        assert store.undo_label is None  # the undo log belongs to the session
    assert sorted(file.name for file in tmp_path.iterdir()) == ["project.db"]


# ---- undo and redo


def test_two_hundred_edits_go_all_the_way_back_and_forth(store: Store) -> None:
    people = add_people(store, [17, 17, 5, 0, 17])
    rng = random.Random(4)
    loaded, states = snapshot(store), [snapshot_current(store)]
    while len(states) <= 200:
        edit_at_random(store, people, rng)
        states.append(snapshot_current(store))
    final = snapshot(store)
    for expected in reversed(states[:-1]):
        assert store.undo() is not None
        assert snapshot_current(store) == expected
    assert store.undo() is None
    assert snapshot(store) == loaded
    for expected in states[1:]:
        assert store.redo() is not None
        assert snapshot_current(store) == expected
    assert store.redo() is None
    assert snapshot(store) == final
    assert store.verify_heads() == ()


def test_undo_names_its_step_and_the_person_to_show(store: Store) -> None:
    first, second = add_people(store, [17, 17])
    move_joint(store, first, 9, 1.0)
    fit_person(store, second)
    assert (store.undo_label, store.redo_label) == ("Fit by EFT", None)
    undone = store.undo()
    assert undone is not None
    assert (undone.kind, undone.label, undone.person_id) == ("undo", "Fit by EFT", second)
    assert (undone.touched_people, undone.touched_tables) == ({second}, {"fits"})
    assert (store.undo_label, store.redo_label) == ("Move joint 9", "Fit by EFT")
    redone = store.redo()
    assert redone is not None
    assert (redone.kind, redone.person_id) == ("redo", second)


def test_a_fit_that_follows_an_edit_is_one_step_with_it(store: Store) -> None:
    (person,) = add_people(store, [17])
    fit_person(store, person, 1)
    before = snapshot(store)
    revision = move_joint(store, person, 3, 44.0)
    fit_person(store, person, 2, follows=revision)
    after = snapshot(store)
    assert store.undo_label == "Move joint 3"
    for _ in range(2):
        store.undo()
        assert snapshot(store) == before
        assert store.undo_label == "Fit by EFT"
        assert store.redo_label == "Move joint 3"
        store.redo()
        assert snapshot(store) == after
    assert store.verify_heads() == ()


def test_a_fit_that_comes_after_something_else_is_a_step_of_its_own(store: Store) -> None:
    person, other = add_people(store, [17, 17])
    revision = move_joint(store, person, 3, 44.0)
    move_joint(store, other, 5, 12.0)
    fit_person(store, person, 2, follows=revision)
    labels = [store.undo_label]
    while store.undo() is not None:
        labels.append(store.undo_label)
    assert labels == ["Fit by EFT", "Move joint 5", "Move joint 3", None]


def test_a_new_change_forgets_what_was_undone(store: Store) -> None:
    (person,) = add_people(store, [17])
    move_joint(store, person, 1, 1.0)
    store.undo()
    move_joint(store, person, 2, 2.0)
    assert store.redo_label is None
    assert store.redo() is None


def test_an_import_leaves_undo_and_redo_as_they_are(store: Store) -> None:
    (person,) = add_people(store, [17])
    move_joint(store, person, 1, 1.0)
    move_joint(store, person, 2, 2.0)
    store.undo()
    with store.change("Import more", undoable=False) as change:
        image = change.images.add(NewImage("more.jpg", "/data", 640, 480, "small"))
        other = change.people.add(build_person(image.id)).id
        change.keypoints.add(build_revision(other))
    assert (store.undo_label, store.redo_label) == ("Move joint 1", "Move joint 2")
    assert store.redo() is not None


def test_undone_rows_are_kept_not_deleted(store: Store) -> None:
    (person,) = add_people(store, [17])
    fit_id = fit_person(store, person)
    store.undo()
    with store.read() as reader:
        assert reader.fits.current(person) is None
        assert reader.fits.history(person) == []
        assert reader.fits.get(fit_id).person_id == person


def test_undo_says_who_did_it(store: Store) -> None:
    (person,) = add_people(store, [17])
    with store.change("Open", undoable=False) as change:
        ann = change.annotators.get_or_add("Ann").id
    move_joint(store, person, 1, 1.0)
    store.undo(annotator_id=ann)
    with store.read() as reader:
        newest = list(reader.changes.iter_since())[-1]
    assert (newest.kind, newest.annotator_id) == ("undo", ann)


VERDICT_STATES = {"accept": "accepted", "reject": "rejected", "second_look": "second_look"}


class RandomReview(RuleBasedStateMachine):
    """Random edits, undos and redos beside a model in ten lines: a stack of immutable states."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.store = Store.create(self.folder / "project.db")
        self.people = add_people(self.store, [17, 5, 0])
        # For each person: labelled count and number of edits; the edit the fit saw, or None; the verdict on that fit.
        self.undo_stack: list[dict[PersonId, tuple]] = []
        self.redo_stack: list[dict[PersonId, tuple]] = []
        self.model = {
            person: (labelled, 0, None, None) for person, labelled in zip(self.people, (17, 5, 0), strict=True)
        }
        self.steps = 0

    def teardown(self) -> None:
        self.store.close()
        shutil.rmtree(self.folder)

    def expected_state(self, person: PersonId) -> str:
        labelled, edit, fitted_edit, verdict = self.model[person]
        if fitted_edit is not None and fitted_edit != edit:
            return "stale"
        if verdict is not None:
            return VERDICT_STATES[verdict]
        if fitted_edit is not None:
            return "fitted"
        return "unfitted" if labelled >= 6 else "unfittable"

    def did(self, person: PersonId, **changes: object) -> None:
        self.undo_stack.append(dict(self.model))
        self.redo_stack.clear()
        names = ("labelled", "edit", "fitted_edit", "verdict")
        old = dict(zip(names, self.model[person], strict=True))
        self.model[person] = tuple((old | changes).values())
        self.steps += 1

    @rule(which=st.integers(0, 2), labelled=st.integers(0, 17))
    def edit_keypoints(self, which: int, labelled: int) -> None:
        person = self.people[which]
        move_joint(self.store, person, 3, float(self.steps), labelled=labelled)
        self.did(person, labelled=labelled, edit=self.steps + 1)

    @rule(which=st.integers(0, 2))
    def fit(self, which: int) -> None:
        person = self.people[which]
        fit_person(self.store, person, seed=self.steps)
        self.did(person, fitted_edit=self.model[person][1], verdict=None)

    @rule(which=st.integers(0, 2), verdict=st.sampled_from(["accept", "reject", "second_look"]))
    def decide(self, which: int, verdict: Verdict) -> None:
        person = self.people[which]
        if verdict == "accept" and self.model[person][2] is None:
            with pytest.raises(ValueError, match="only a fit"):
                decide(self.store, person, verdict)
            return
        decide(self.store, person, verdict)
        self.did(person, verdict=verdict)

    @precondition(lambda self: self.undo_stack)
    @rule()
    def undo(self) -> None:
        assert self.store.undo() is not None
        self.redo_stack.append(self.model)
        self.model = self.undo_stack.pop()

    @precondition(lambda self: self.redo_stack)
    @rule()
    def redo(self) -> None:
        assert self.store.redo() is not None
        self.undo_stack.append(self.model)
        self.model = self.redo_stack.pop()

    @invariant()
    def heads_tell_the_truth(self) -> None:
        assert self.store.verify_heads() == ()
        with self.store.read() as reader:
            for person in self.people:
                head = reader.queue.get_head(person)
                assert head.state == self.expected_state(person)
                assert head.labelled_count == self.model[person][0]
        assert (self.store.undo_label is None) == (not self.undo_stack)
        assert (self.store.redo_label is None) == (not self.redo_stack)


TestRandomReview = RandomReview.TestCase
TestRandomReview.settings = settings(max_examples=15, stateful_step_count=25, deadline=None)


# ---- several writers


def test_undo_is_refused_once_another_program_touched_the_person(store: Store) -> None:
    mine, shared = add_people(store, [17, 17])
    move_joint(store, mine, 1, 1.0)
    move_joint(store, shared, 2, 2.0)
    with Store.open(store.location) as other:
        fit_person(other, shared)
        before = snapshot(store)
        with pytest.raises(StaleWriteError, match="'Move joint 2' can no longer be undone"):
            store.undo()
        assert snapshot(store) == before
        assert store.undo_label == "Move joint 1"  # the refused step is gone, the one before is reached
        undone = store.undo()
        assert undone is not None
        assert undone.touched_people == {mine}
        assert other.undo() is not None  # and theirs is untouched by ours
    assert store.verify_heads() == ()


def test_redo_is_refused_once_another_program_touched_the_person(store: Store) -> None:
    (person,) = add_people(store, [17])
    move_joint(store, person, 1, 1.0)
    store.undo()
    with Store.open(store.location) as other:
        fit_person(other, person)
    with pytest.raises(StaleWriteError, match="can no longer be done again"):
        store.redo()
    assert store.redo_label is None


def test_undo_works_again_when_the_other_program_took_its_change_back(store: Store) -> None:
    (person,) = add_people(store, [17])
    loaded = snapshot(store)
    move_joint(store, person, 1, 1.0)
    with Store.open(store.location) as other:
        fit_person(other, person)
        other.undo()
    assert store.undo() is not None
    assert snapshot(store) == loaded


def test_a_decision_on_a_fit_another_program_replaced_is_refused(store: Store) -> None:
    (person,) = add_people(store, [17])
    seen = fit_person(store, person, seed=1)
    with Store.open(store.location) as other:
        fit_person(other, person, seed=2)
    with pytest.raises(StaleWriteError, match="decide again"), store.change("Accept") as change:
        change.decisions.add(NewDecision(person, seen, "accept"))


def test_two_programs_edit_the_same_people_and_lose_nothing(store: Store) -> None:
    people = add_people(store, [17] * 3)
    command = [sys.executable, "-m", "tests.helpers.store_writer", store.location]
    programs = [
        subprocess.Popen([*command, str(first), "40"], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        for first in (1000, 2000)
    ]
    printed = []
    for program in programs:
        output, _ = program.communicate(timeout=120)
        assert program.returncode == 0
        printed += [int(line.split()[2]) for line in output.splitlines() if line.startswith("edit")]
    assert sorted(printed) == [*range(1000, 1040), *range(2000, 2040)]
    with store.read() as reader:
        edits = [revision for person in people for revision in reader.keypoints.history(person) if revision.parent_id]
    assert sorted(int(revision.keypoints[3, 0]) for revision in edits) == sorted(printed)
    assert store.verify_heads() == ()


# ---- trouble


def test_a_locked_project_is_waited_for_then_named(tmp_path: Path) -> None:
    path = tmp_path / "project.db"
    with Store.create(path, busy_timeout_s=0.05) as store:
        (person,) = add_people(store, [17])
        before = snapshot(store)
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreLockedError, match=r"project\.db is locked by another program"):
                move_joint(store, person, 1, 1.0)
            assert snapshot(store) == before  # reading goes on
            other.execute("ROLLBACK")
        move_joint(store, person, 1, 1.0)


def test_a_full_disk_stores_nothing_of_the_change(tmp_path: Path) -> None:
    store = Store.create(tmp_path / "project.db")
    (person,) = add_people(store, [17])
    store.close()
    with Store.open(tmp_path / "project.db") as store:
        before = snapshot(store)
        store._engine.dispose()
        # SQLite's own limit of the file's size: the same error as a disk without room.
        event.listen(store._engine, "connect", lambda raw, _record: raw.execute("PRAGMA max_page_count=1"))
        with pytest.raises(DiskFullError, match="free some space"), store.change("Fill") as change:
            for seed in range(200):
                change.keypoints.add(build_revision(person, seed=seed))
        assert snapshot(store) == before
        assert store.undo_label is None


def test_a_newer_project_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "project.db"
    Store.create(path).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0999'")
        connection.commit()
    with pytest.raises(SchemaTooNewError, match=r"project\.db was written by a newer version"):
        Store.open(path)


@pytest.mark.parametrize("keep", [0, 10, 100, 4096, 0.5, 0.9])
def test_a_truncated_file_is_refused(tmp_path: Path, keep: float) -> None:
    path = tmp_path / "project.db"
    with Store.create(path) as store:
        add_people(store, [17] * 50)
    content = path.read_bytes()
    path.write_bytes(content[: int(keep if keep == 0 or keep > 1 else keep * len(content))])
    with pytest.raises(CorruptStoreError, match=r"project\.db"):
        Store.open(path)


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "project.db"
    path.write_text('{"images": []}' * 500)
    with pytest.raises(CorruptStoreError, match="not a project database"):
        Store.open(path)
    assert path.read_text() == '{"images": []}' * 500


def test_damage_found_later_is_named(tmp_path: Path) -> None:
    path = tmp_path / "project.db"
    with Store.create(path) as store:
        people = add_people(store, [17] * 300)
    content = bytearray(path.read_bytes())
    for page in range(len(content) // 4096 // 2, len(content) // 4096):  # the first ones hold the schema
        content[page * 4096 : page * 4096 + 400] = b"\xff" * 400
    path.write_bytes(content)
    with Store.open(path) as store, pytest.raises(CorruptStoreError, match="restore"):  # noqa: SIM117
        with store.read() as reader:
            for person in people:
                reader.keypoints.current(person)
