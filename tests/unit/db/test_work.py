"""Questions about progress and about who did what."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.engine import Connection

from db.queries.work import NOBODY
from db.records import AnnotatorId, NewDecision, NewImage, PersonId, Verdict
from db.store import Store
from tests.helpers.store_builders import (
    add_people,
    build_fit,
    build_person,
    build_revision,
    decide,
    fit_person,
    move_joint,
)

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class Clock:
    """Tells what it is set to."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock(store: Store) -> Clock:
    store._clock = clock = Clock()
    return clock


@pytest.fixture
def people(store: Store, clock: Clock) -> list[PersonId]:
    """Six people with fits."""
    ids = add_people(store, [17] * 6)
    for seed, person in enumerate(ids):
        fit_person(store, person, seed)
    return ids


@pytest.fixture
def ann(store: Store, people: list[PersonId]) -> AnnotatorId:
    with store.change("Open", undoable=False) as change:
        return change.annotators.get_or_add("Ann").id


def decide_at(
    store: Store, clock: Clock, seconds: float, person: PersonId, verdict: Verdict, annotator: AnnotatorId | None = None
) -> None:
    clock.now = START + timedelta(seconds=seconds)
    decide(store, person, verdict, annotator)


def test_states_are_counted_by_dataset(store: Store, people: list[PersonId]) -> None:
    with store.change("Import", undoable=False) as change:
        image = change.images.add(NewImage("b.jpg", "/data", 640, 480, "another", "9"))
        person = change.people.add(build_person(image.id))
        change.keypoints.add_many([build_revision(person.id)])
    decide(store, people[0], "accept")
    decide(store, people[1], "reject")
    with store.read() as reader:
        assert reader.progress.by_dataset() == {
            "another": {"unfitted": 1},
            "small": {"accepted": 1, "fitted": 4, "rejected": 1},
        }


def test_reasons_count_everybody_who_is_rejected_now(store: Store, people: list[PersonId]) -> None:
    def reject(person: PersonId, *reasons: str) -> None:
        with store.change("Reject") as change:
            fit = change.fits.current(person)
            assert fit is not None
            change.decisions.add(NewDecision(person, fit.id, "reject", reasons))

    reject(people[0], "wrong_pose", "occluded")
    reject(people[1], "wrong_pose")
    reject(people[2])
    reject(people[3], "occluded")
    decide(store, people[3], "accept")
    reject(people[4], "other")
    store.undo()
    with store.read() as reader:
        assert reader.progress.reasons() == {"wrong_pose": 2, "": 1, "occluded": 1}


def test_fits_are_counted_between_edges(store: Store, people: list[PersonId]) -> None:
    for person, l2d, rms_px in zip(
        people, (0.0, 1e-4, 2e-4, 5e-4, 1e-2, 1e-3), (None, 1.0, 2.0, 3.0, 40.0, 2.0), strict=True
    ):
        with store.change("Fit") as change:
            revision = change.keypoints.current(person)
            assert revision is not None
            change.fits.add(replace(build_fit(person, revision.id), l2d=l2d, rms_px=rms_px))
    with store.read() as reader:
        assert reader.progress.l2d_counts([2e-4, 1e-3]) == [1, 2, 2]
        # The crop's 224 pixels span 200 x 1.2 of the picture.
        assert reader.progress.rms_crop_counts([2 * 224 / 240, 10.0]) == [1, 3, 1]


def test_the_newest_verdict_of_each_annotator_counts(
    store: Store, people: list[PersonId], ann: AnnotatorId, clock: Clock
) -> None:
    decide(store, people[0], "reject", ann)
    decide(store, people[0], "accept", ann)
    decide(store, people[1], "second_look", ann)
    decide(store, people[1], "accept")
    decide(store, people[2], "reject", ann)
    store.undo()
    with store.read() as reader:
        assert reader.work.verdicts() == {ann: {"accept": 1, "second_look": 1}, NOBODY: {"accept": 1}}


def test_the_latest_decisions_come_oldest_first(
    store: Store, people: list[PersonId], ann: AnnotatorId, clock: Clock
) -> None:
    for seconds, person in ((0, people[0]), (30, people[1]), (90, people[2])):
        decide_at(store, clock, seconds, person, "accept", ann)
    decide_at(store, clock, 95, people[3], "accept")
    with store.read() as reader:
        latest = reader.work.latest(ann, 2)
        assert latest.people.tolist() == people[1:3]
        assert (latest.times_s - START.timestamp()).tolist() == [30, 90]
        assert latest.seconds.tolist() == [1.5, 1.5]
        assert len(reader.work.latest(ann, 10, since=START + timedelta(seconds=31))) == 1
        assert reader.work.latest(NOBODY, 10).people.tolist() == [people[3]]
        assert len(reader.work.latest(AnnotatorId(99), 10)) == 0
        assert reader.work.people_since([ann, NOBODY], START + timedelta(seconds=30)) == 3
        assert reader.work.first_time() == START


def test_edits_are_counted_without_imports_and_what_was_taken_back(
    store: Store, people: list[PersonId], ann: AnnotatorId
) -> None:
    for joint in range(3):
        move_joint(store, people[0], joint, 9.0, annotator_id=ann)
    store.undo()
    with store.read() as reader:
        assert reader.work.edits() == {ann: 2}


def test_no_question_about_work_scans_the_tables_of_arrays(
    store: Store, people: list[PersonId], ann: AnnotatorId
) -> None:
    plans: list[str] = []
    decide(store, people[0], "accept", ann)
    with Store.open(store.location) as opened:
        engine: Engine = opened._engine

        def explain(connection: Connection, cursor: object, statement: str, parameters: object, *_: object) -> None:
            if not statement.startswith(("EXPLAIN", "PRAGMA", "BEGIN")):
                raw = connection.connection.cursor()
                raw.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
                plans.extend(row[3] for row in raw.fetchall())

        event.listen(engine, "before_cursor_execute", explain)
        with opened.read() as reader:
            reader.work.latest(ann, 100)
            reader.work.people_since([ann], START)
            reader.work.edits()
            reader.work.first_time()
            reader.work.vouched(people)
    assert plans
    assert not [plan for plan in plans if plan.startswith("SCAN keypoint_revisions") and "COVERING" not in plan], plans
    assert not [plan for plan in plans if plan.startswith("SCAN fits")], plans
