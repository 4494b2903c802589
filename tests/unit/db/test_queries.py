"""Queue, progress and change log."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.engine import Connection

from db.engine import build_engine, parse_place
from db.records import FitId, PersonId, QueueOrder
from db.store import Store
from tests.helpers.store_builders import add_people, build_fit, decide, fit_person, move_joint


@pytest.fixture
def people(store: Store) -> list[PersonId]:
    """Six people in three images: unfittable, unfitted, fitted, stale, accepted, second look."""
    ids = add_people(store, [3, 17, 17, 17, 17, 17], per_image=2)
    for seed, index in enumerate((2, 3, 4)):
        fit_person(store, ids[index], seed)
    move_joint(store, ids[3], 1, 9.0)
    decide(store, ids[4], "accept")
    decide(store, ids[5], "second_look")
    return ids


def test_counts_name_every_state(store: Store, people: list[PersonId]) -> None:
    with store.read() as reader:
        assert reader.progress.counts() == {
            "unfittable": 1,
            "unfitted": 1,
            "fitted": 1,
            "stale": 1,
            "in_review": 0,
            "disputed": 0,
            "accepted": 1,
            "rejected": 0,
            "second_look": 1,
        }


def test_an_empty_project_counts_nobody(store: Store) -> None:
    with store.read() as reader:
        assert sum(reader.progress.counts().values()) == 0
        assert reader.queue.ids() == []
        assert reader.queue.next_undecided(None) is None
        assert reader.changes.latest_id() is None


def test_the_queue_filters_by_state(store: Store, people: list[PersonId]) -> None:
    with store.read() as reader:
        assert reader.queue.ids() == people
        assert reader.queue.ids(states=["stale", "unfitted"]) == [people[1], people[3]]
        assert reader.queue.ids(states=[]) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("000001", [2, 3]),
        ("PHOTOS/", [0, 1, 2, 3, 4, 5]),
        ("a4", [4]),
        ("%", []),
        ("photos_", []),
        ("", [0, 1, 2, 3, 4, 5]),
    ],
)
def test_the_queue_finds_text_as_it_is_written(
    store: Store, people: list[PersonId], text: str, expected: list[int]
) -> None:
    with store.read() as reader:
        assert reader.queue.ids(text=text) == [people[index] for index in expected]


@pytest.mark.parametrize(("order", "name"), [("l2d", "l2d"), ("rms", "rms_px"), ("beta", "max_abs_beta")])
def test_the_worst_come_first_and_people_without_a_fit_last(
    store: Store, people: list[PersonId], order: QueueOrder, name: str
) -> None:
    drafts = {people[index]: build_fit(people[index], 0, seed) for seed, index in enumerate((2, 3, 4))}  # type: ignore[arg-type]
    values = {
        person: max(abs(draft.betas)) if name == "max_abs_beta" else getattr(draft, name)
        for person, draft in drafts.items()
    }
    with store.read() as reader:
        ids = reader.queue.ids(order=order)
    assert ids == [*sorted(values, key=values.__getitem__, reverse=True), people[0], people[1], people[5]]


def test_summaries_come_in_the_order_asked_for(store: Store, people: list[PersonId]) -> None:
    with store.read() as reader:
        rows = reader.queue.summaries([people[4], PersonId(99), people[0]])
        fit = reader.fits.current(people[4])
    assert [row.person_id for row in rows] == [people[4], people[0]]
    accepted, unfittable = rows
    assert fit is not None
    assert (accepted.state, accepted.l2d, accepted.rms_px) == ("accepted", fit.l2d, fit.rms_px)
    assert accepted.max_abs_beta == fit.max_abs_beta
    assert (accepted.image_path, accepted.ordinal, accepted.people_in_image) == ("photos/000002.jpg", 0, 2)
    assert (unfittable.state, unfittable.labelled_count, unfittable.l2d) == ("unfittable", 3, None)
    assert unfittable.external_id == "A0"


def test_summaries_of_more_people_than_a_statement_takes(store: Store) -> None:
    people = add_people(store, [17] * 2100, per_image=2100)
    with store.read() as reader:
        rows = reader.queue.summaries(people)
    assert [row.person_id for row in rows] == people
    assert {row.people_in_image for row in rows} == {2100}


def test_next_undecided_walks_both_ways(store: Store, people: list[PersonId]) -> None:
    _, unfitted, fitted, stale, accepted, _ = people
    with store.read() as reader:
        queue = reader.queue
        assert queue.next_undecided(None) == unfitted
        assert queue.next_undecided(unfitted) == fitted
        assert queue.next_undecided(fitted) == stale
        assert queue.next_undecided(stale) is None
        assert queue.next_undecided(None, -1) == stale
        assert queue.next_undecided(accepted, -1) == stale
        assert queue.next_undecided(unfitted, -1) is None


def test_next_undecided_may_go_on_from_the_other_end(store: Store, people: list[PersonId]) -> None:
    _, unfitted, _, stale, _, _ = people
    with store.read() as reader:
        assert reader.queue.next_undecided(stale, wrap=True) == unfitted
        assert reader.queue.next_undecided(unfitted, -1, wrap=True) == stale


def test_the_last_undecided_person_is_not_its_own_next(store: Store) -> None:
    (person,) = add_people(store, [17])
    with store.read() as reader:
        assert reader.queue.next_undecided(person, wrap=True) is None


def test_lists_are_answered_by_indexes(store: Store, people: list[PersonId]) -> None:
    plans: list[str] = []
    with Store.open(store.location) as opened:
        engine: Engine = opened._engine

        def explain(connection: Connection, cursor: object, statement: str, parameters: object, *_: object) -> None:
            if "person_heads" in statement and not statement.startswith("EXPLAIN"):
                raw = connection.connection.cursor()
                raw.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
                plans.extend(row[3] for row in raw.fetchall())

        event.listen(engine, "before_cursor_execute", explain)
        with opened.read() as reader:
            reader.queue.next_undecided(people[0])
            reader.progress.counts()
            reader.queue.summaries(people[:2])
            reader.queue.get_head(people[0])
    assert plans
    assert not [plan for plan in plans if plan.startswith("SCAN") and "INDEX" not in plan], plans
    assert not [plan for plan in plans if "TEMP B-TREE" in plan], plans


def test_the_log_alone_tells_which_rows_are_taken_back(store: Store, people: list[PersonId]) -> None:
    fit_person(store, people[1])
    store.undo()
    store.undo()
    store.redo()
    taken_back: set[tuple[str, int]] = set()
    with store.read() as reader:
        for change in reader.changes.iter_since():
            rows = {
                (table, number)
                for table, runs in change.rows.items()
                for first, last in runs
                for number in range(first, last + 1)
            }
            if change.kind == "undo":
                taken_back |= rows
            elif change.kind == "redo":
                taken_back -= rows
    assert taken_back == read_retracted(store)


def test_the_log_can_be_read_from_a_point_on(store: Store, people: list[PersonId]) -> None:
    with store.read() as reader:
        seen = reader.changes.latest_id()
    move_joint(store, people[1], 0, 1.0)
    store.undo()
    with store.read() as reader:
        did, undid = reader.changes.iter_since(seen)
    assert (did.label, did.kind, did.person_id) == ("Move joint 0", "do", people[1])
    assert (undid.label, undid.kind, undid.reverses_id) == ("Move joint 0", "undo", did.id)


def read_retracted(store: Store) -> set[tuple[str, int]]:
    engine = build_engine(parse_place(store.location), 1.0)
    found: set[tuple[str, int]] = set()
    with engine.connect() as connection:
        for table in ("keypoint_revisions", "fits", "decisions"):
            rows = connection.exec_driver_sql(f"SELECT id FROM {table} WHERE retracted")
            found |= {(table, number) for (number,) in rows}
    engine.dispose()
    return found


def test_a_method_s_newest_fit_keeps_its_own_decision(store: Store) -> None:
    first, second, third = add_people(store, [17, 17, 17])

    def fit(person: PersonId, method: str, seed: int) -> FitId:
        with store.change("Fit") as change:
            revision = change.keypoints.current(person)
            assert revision is not None
            return change.fits.add(replace(build_fit(person, revision.id, seed), method=method)).id

    older, newer = fit(first, "eft", 0), fit(first, "eft", 1)
    decide(store, first, "accept")
    fit(first, "smplify", 2)
    undecided = fit(second, "eft", 3)
    fit(third, "eft", 4)
    move_joint(store, third, 1, 9.0)
    with store.read() as reader:
        standings = reader.methods.standings("eft")
        assert [(row.person_id, row.state) for row in standings.values()] == [
            (first, "accepted"),
            (second, "fitted"),
            (third, "stale"),
        ]
        assert standings[first].fit_id == newer != older
        assert [row.id for row in reader.fits.iter_newest("eft", ["accepted", "fitted"])] == [newer, undecided]
        assert [row.id for row in reader.fits.iter_newest("eft", ["rejected"])] == []
        assert [row.person_id for row in reader.fits.iter_newest("smplify")] == [first]
        assert [row.id for row in reader.fits.iter_newest()] == [row.id for row in reader.fits.iter_current()]
        assert reader.methods.counts() == {"eft": 3, "smplify": 1}
        assert reader.methods.standings("nobody") == {}


def test_what_was_taken_back_is_no_method_s_fit(store: Store) -> None:
    (person,) = add_people(store, [17])
    fit_person(store, person)
    store.undo()
    with store.read() as reader:
        assert reader.methods.counts() == {}
        assert reader.methods.standings("eft") == {}


def test_many_rows_are_read_and_written_at_once(store: Store) -> None:
    people = add_people(store, [17] * 5)
    with store.change("Import", undoable=False) as change:
        revisions = {person: change.keypoints.current(person) for person in people}
        drafts = [build_fit(person, row.id, person) for person, row in revisions.items() if row is not None]
        ids = change.fits.add_many(drafts)
    with store.read() as reader:
        heads = reader.queue.heads([*people, PersonId(999)])
        assert [heads[person].fit_id for person in people] == ids
        assert [fit.l2d for fit in reader.fits.get_many([ids[3], FitId(999), ids[0]])] == [drafts[3].l2d, drafts[0].l2d]
        wanted = [row.id for row in revisions.values() if row is not None]
        assert list(reader.keypoints.get_many(wanted)) == wanted
        assert list(reader.people.get_many(people[:2])) == people[:2]
        assert len(reader.images.get_many([row.image_id for row in reader.people.iter_all()])) == 5
    wrong = replace(drafts[0], revision_id=drafts[1].revision_id)
    with pytest.raises(ValueError, match="not of person"), store.change("Import") as change:
        change.fits.add_many([drafts[2], wrong])
    with store.read() as reader:
        assert sum(1 for _ in reader.fits.iter_current()) == 5
        assert len(reader.fits.history(people[2])) == 1


def test_flags_of_the_current_fit_are_counted_listed_and_taken_back(store: Store, people: list[PersonId]) -> None:
    flags = {"trunk_tilted": -31.25, "too_large": 1.5}
    fit_person(store, people[2], 7, flags)
    fit_person(store, people[4], 8, {"too_large": 1.75})
    with store.read() as reader:
        stored = reader.fits.current(people[2])
        assert stored is not None
        assert stored.flags == flags
        assert reader.queue.get_head(people[2]).flags == ("too_large", "trunk_tilted")
        assert reader.queue.summaries([people[2], people[3]])[0].flags == ("too_large", "trunk_tilted")
        assert reader.progress.flags() == {"too_large": 2, "trunk_tilted": 1}
        assert reader.queue.ids(flagged=True) == [people[2], people[4]]
        assert reader.queue.ids(states=["fitted"], flagged=True, text="A2") == [people[2]]
        assert reader.queue.ids(flagged=False) == [people[0], people[1], people[3], people[5]]
    assert store.verify_heads() == ()
    store.undo()
    fit_person(store, people[2], 9)
    with store.read() as reader:
        assert reader.queue.ids(flagged=True) == []
        assert reader.progress.flags() == {}
    assert store.verify_heads() == ()


@pytest.mark.parametrize("flags", [{"two words": 1.0}, {"": 1.0}, {"too_large": float("nan")}])
def test_a_flag_is_a_word_and_a_number(store: Store, people: list[PersonId], flags: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="expected a word and a finite number"):
        fit_person(store, people[1], flags=flags)


def test_the_newest_change_is_of_what_the_project_holds(store: Store) -> None:
    with store.read() as reader:
        assert reader.changes.find_newest() is None
    with store.change("Open project", undoable=False) as change:
        change.annotators.get_or_add("Anna")
    with store.read() as reader:
        assert reader.changes.find_newest() is None
    people = add_people(store, [17])
    decide(store, people[0], "second_look")
    with store.change("Open project", undoable=False) as change:
        change.annotators.get_or_add("Bob")
    with store.read() as reader:
        newest = reader.changes.find_newest()
        assert newest is not None
        assert newest.person_id == people[0]
        assert newest.id == (reader.changes.latest_id() or 0) - 1
    store.undo()
    with store.read() as reader:
        newest = reader.changes.find_newest()
        assert newest is not None
        assert newest.kind == "undo"


def test_facts_of_fits_are_those_of_their_records(store: Store, people: list[PersonId]) -> None:
    with store.read() as reader:
        fits = list(reader.fits.iter_current())
        facts = reader.fits.get_facts([fit.id for fit in fits] + [FitId(10**6)])
        assert len(facts) == len(fits) > 0
        for fit in fits:
            for name in facts[fit.id].__dataclass_fields__:
                assert getattr(facts[fit.id], name) == getattr(fit, name), name
