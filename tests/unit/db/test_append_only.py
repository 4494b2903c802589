"""Keypoint revisions, fits and decisions."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest

from db.errors import CorruptStoreError, NotFoundError, StaleWriteError
from db.records import DecisionId, FitId, NewDecision, NewRevision, PersonId, RevisionId
from db.store import Store
from tests.helpers.store_builders import (
    add_people,
    build_fit,
    build_keypoints,
    build_revision,
    decide,
    fit_person,
    move_joint,
)


@pytest.fixture
def person(store: Store) -> PersonId:
    return add_people(store, [17])[0]


def test_a_revision_keeps_every_field(store: Store, person: PersonId) -> None:
    keypoints = build_keypoints(9, seed=5)
    keypoints[0, 0] = -20.0  # outside the picture is allowed
    sources = ("human", "detector", *["imported"] * 15)
    with store.change("Open", undoable=False) as change:
        ann = change.annotators.get_or_add("Ann").id
    with store.change("Move nose", annotator_id=ann) as change:
        parent = change.keypoints.current(person)
        assert parent is not None
        draft = NewRevision(person, "coco17", keypoints, sources, np.linspace(0, 1, 17), parent_id=parent.id)
        change.keypoints.add(draft)
    with store.read() as reader:
        stored = reader.keypoints.current(person)
        assert stored is not None
        assert stored.keypoints.tobytes() == keypoints.tobytes()
        assert stored.confidence.tobytes() == np.linspace(0, 1, 17).tobytes()
        assert stored.sources == sources
        assert (stored.label, stored.annotator_id, stored.parent_id) == ("Move nose", ann, parent.id)
        assert stored.labelled_count == 9
        assert [revision.id for revision in reader.keypoints.history(person)] == [parent.id, stored.id]
        assert [revision.id for revision in reader.keypoints.iter_current()] == [stored.id]


def test_confidence_follows_visibility_when_nobody_gives_it(store: Store, person: PersonId) -> None:
    with store.change("Edit") as change:
        stored = change.keypoints.add(build_revision(person, labelled=8))
    assert stored.confidence.tolist() == [1.0] * 8 + [0.0] * 9


def test_an_edit_of_keypoints_somebody_else_replaced_is_refused(store: Store, person: PersonId) -> None:
    with store.read() as reader:
        seen = reader.keypoints.current(person)
    assert seen is not None
    newest = move_joint(store, person, 2, 10.0)
    with pytest.raises(StaleWriteError, match=f"person {person} were changed"), store.change("Edit") as change:
        change.keypoints.add(replace(build_revision(person), parent_id=seen.id))
    with store.read() as reader:
        current = reader.keypoints.current(person)
    assert current is not None
    assert current.id == newest


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"keypoints": np.zeros((17, 2))}, "shape"),
        ({"keypoints": np.full((17, 3), np.nan)}, "NaN"),
        ({"keypoints": np.full((17, 3), 3.0)}, "visibility is 0, 1 or 2"),
        ({"sources": ("human",)}, "do not match"),
        ({"confidence": np.zeros(16)}, "do not match"),
        ({"confidence": np.full(17, np.nan)}, "NaN"),
        ({"sources": ("guess",) * 17}, "guess"),
    ],
)
def test_wrong_keypoints_are_the_callers_bug(
    store: Store, person: PersonId, fields: dict[str, object], words: str
) -> None:
    with pytest.raises(ValueError, match=words), store.change("Edit") as change:
        change.keypoints.add(replace(build_revision(person), **fields))  # type: ignore[arg-type]
    with store.read() as reader:
        assert len(reader.keypoints.history(person)) == 1


def test_a_fit_keeps_every_field(store: Store, person: PersonId) -> None:
    with store.read() as reader:
        revision = reader.keypoints.current(person)
    assert revision is not None
    draft = build_fit(person, revision.id, seed=3)
    fit_id = fit_person(store, person, seed=3)
    with store.read() as reader:
        stored = reader.fits.get(fit_id)
    for name in type(draft).__dataclass_fields__:
        want, have = getattr(draft, name), getattr(stored, name)
        if isinstance(want, np.ndarray):
            assert have.shape == want.shape, name
            assert have.tobytes() == want.tobytes(), name
        else:
            assert have == want, name
    assert stored.max_abs_beta == np.abs(draft.betas).max()


def test_earlier_fits_stay_readable(store: Store, person: PersonId) -> None:
    ids = [fit_person(store, person, seed) for seed in range(3)]
    with store.read() as reader:
        current = reader.fits.current(person)
        assert current is not None
        assert current.id == ids[-1]
        assert [fit.id for fit in reader.fits.history(person)] == ids
        assert reader.fits.get(ids[0]).l2d == build_fit(person, RevisionId(1), seed=0).l2d
        assert [fit.id for fit in reader.fits.iter_current(states=["fitted"])] == [ids[-1]]
        assert list(reader.fits.iter_current(states=["accepted"])) == []


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"rotations": np.zeros((24, 3))}, "rotations has shape"),
        ({"betas": np.full(10, np.nan)}, "NaN"),
        ({"joints_px": np.zeros((54, 2))}, "joints has shape"),
        ({"l2d": float("nan")}, "finite"),
        ({"revision_id": RevisionId(999)}, "not of person"),
    ],
)
def test_a_wrong_fit_is_the_callers_bug(store: Store, person: PersonId, fields: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words), store.change("Fit") as change:
        change.fits.add(replace(build_fit(person, RevisionId(1)), **fields))  # type: ignore[arg-type]


def test_a_damaged_fit_is_named_and_the_others_work(store: Store) -> None:
    broken, sound = add_people(store, [17, 17])
    broken_fit, sound_fit = fit_person(store, broken), fit_person(store, sound)
    with closing(sqlite3.connect(store.location)) as connection:
        connection.execute("UPDATE fits SET camera = x'00' WHERE id = ?", (broken_fit,))
        connection.commit()
    with store.read() as reader:
        with pytest.raises(CorruptStoreError, match=f"camera of fit {broken_fit} is damaged"):
            reader.fits.get(broken_fit)
        assert reader.fits.get(sound_fit).person_id == sound


def test_a_decision_keeps_every_field_and_the_last_one_counts(store: Store, person: PersonId) -> None:
    fit_id = fit_person(store, person)
    for verdict in ("accept", "reject", "accept"):
        decide(store, person, verdict)  # type: ignore[arg-type]
    with store.read() as reader:
        history = reader.decisions.history(person)
        assert [decision.verdict for decision in history] == ["accept", "reject", "accept"]
        current = reader.decisions.current(person)
        assert current == history[-1] == reader.decisions.get(history[-1].id)
        assert (current.fit_id, current.reasons, current.comment, current.seconds_spent) == (
            fit_id,
            ("depth",),
            "why",
            1.5,
        )
        assert reader.queue.get_head(person).state == "accepted"


def test_a_decision_about_a_replaced_fit_is_refused(store: Store, person: PersonId) -> None:
    seen = fit_person(store, person, seed=1)
    fit_person(store, person, seed=2)
    with pytest.raises(StaleWriteError, match=f"fit of person {person} was replaced"), store.change("Accept") as change:
        change.decisions.add(NewDecision(person, seen, "accept"))
    with pytest.raises(StaleWriteError, match="replaced"), store.change("Reject") as change:
        change.decisions.add(NewDecision(person, None, "reject"))


def test_nobody_is_accepted_without_a_fit(store: Store, person: PersonId) -> None:
    with pytest.raises(ValueError, match="only a fit"), store.change("Accept") as change:
        change.decisions.add(NewDecision(person, None, "accept"))


def test_what_does_not_exist_is_named(store: Store) -> None:
    nobody = PersonId(99)
    with pytest.raises(NotFoundError, match="no person 99"), store.change("Edit") as change:
        change.keypoints.add(build_revision(nobody))
    with pytest.raises(NotFoundError, match="no person 99"), store.change("Fit") as change:
        change.fits.add(build_fit(nobody, RevisionId(1)))
    with pytest.raises(NotFoundError, match="no person 99"), store.change("Reject") as change:
        change.decisions.add(NewDecision(nobody, None, "reject"))
    with store.read() as reader:
        assert reader.keypoints.find(RevisionId(99)) is None
        assert reader.fits.find(FitId(99)) is None
        assert reader.decisions.find(DecisionId(99)) is None
        with pytest.raises(NotFoundError, match="no keypoints 99"):
            reader.keypoints.get(RevisionId(99))
        with pytest.raises(NotFoundError, match="no fit 99"):
            reader.fits.get(FitId(99))
        with pytest.raises(NotFoundError, match="no decision 99"):
            reader.decisions.get(DecisionId(99))
        with pytest.raises(NotFoundError, match="no person 99"):
            reader.queue.get_head(nobody)
