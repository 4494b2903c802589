"""People drawn by hand: they come, are taken away and come back, and nobody sees them meanwhile."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing

import pytest

from db.errors import NotFoundError, StaleWriteError, StoreError
from db.presence import DRAWN_SOURCE
from db.records import ChangeSet, ImageId, NewGold, NewImage, PersonId
from db.store import Store
from tests.helpers.store_builders import (
    add_people,
    build_fit,
    build_keypoints,
    build_person,
    build_revision,
    decide,
    fit_person,
    move_joint,
    snapshot,
)


@pytest.fixture
def image(store: Store) -> ImageId:
    """An image with two imported people."""
    people = add_people(store, [17, 17], per_image=2)
    with store.read() as reader:
        return reader.people.get(people[0]).image_id


def draw(store: Store, image_id: ImageId) -> PersonId:
    with store.change("Draw person") as change:
        person = change.people.draw(build_person(image_id, 99))
        change.keypoints.add(build_revision(person.id))
    return person.id


def take_away(store: Store, person_id: PersonId) -> ChangeSet:
    with store.change("Remove person") as change:
        change.people.take_away(person_id)
    return change.changeset


def seen(store: Store) -> dict[str, object]:
    """Everything that could tell of a person."""
    with store.read() as reader:
        everybody = list(reader.people.iter_all())
        ids = reader.queue.ids()
        return {
            "people": [person.id for person in everybody],
            "queue": ids,
            "heads": list(reader.queue.heads(range(1, 20))),  # type: ignore[arg-type]
            "places": [(row.person_id, row.ordinal, row.people_in_image) for row in reader.queue.summaries(ids)],
            "mates": {person.image_id: [p.id for p in reader.people.of_image(person.image_id)] for person in everybody},
            "counts": reader.progress.counts(),
            "datasets": reader.progress.by_dataset(),
            "rms": reader.progress.rms_crop_counts([1.0, 10.0]),
            "methods": reader.methods.counts(),
            "standings": list(reader.methods.standings("eft")),
            "keypoints": [row.person_id for row in reader.keypoints.iter_current()],
            "fits": [row.person_id for row in reader.fits.iter_current()],
            "newest": [row.person_id for row in reader.fits.iter_newest("eft")],
            "gold": [row.person_id for row in reader.gold.list_all()],
            "verdicts": reader.work.verdicts(),
            "decisions": [row.person_id for row in reader.decisions.iter_all()],
            "image people": {
                key: [p.id for p in found] for key, found in reader.people.of_images([ImageId(1)]).items()
            },
            "images": [(row.image_id, row.people) for row in reader.image_list.summaries(reader.image_list.ids())],
            "empty": reader.image_list.ids(without_people=True),
            "undecided": reader.queue.next_undecided(None, -1),
        }


def test_a_drawn_person_stands_behind_the_others_of_the_image(store: Store, image: ImageId) -> None:
    person_id = draw(store, image)
    with store.read() as reader:
        person = reader.people.get(person_id)
        assert (person.ordinal, person.source, person.external_id) == (2, DRAWN_SOURCE, None)
        assert [mate.id for mate in reader.people.of_image(image)][-1] == person_id
        assert reader.queue.get_head(person_id).state == "unfitted"
    assert store.undo_label == "Draw person"
    assert store.verify_heads() == ()


def test_whoever_was_taken_away_is_seen_nowhere(store: Store, image: ImageId) -> None:
    before = seen(store)
    person_id = draw(store, image)
    fit_person(store, person_id)
    decide(store, person_id, "accept")
    with store.change("Set gold people") as change:
        change.gold.add_many([NewGold(person_id, "coco17", build_keypoints(), "gold.json", "accept")])
    there = seen(store)
    changeset = take_away(store, person_id)
    assert changeset.touched_people == {person_id}
    assert changeset.touched_tables == {"person_presence"}
    gone = seen(store)
    assert gone == before
    assert store.verify_heads() == ()
    store.undo()
    assert seen(store) == there
    store.redo()
    assert seen(store) == gone
    assert store.verify_heads() == ()


def test_the_drawing_is_undone_and_done_again(store: Store, image: ImageId) -> None:
    before = snapshot(store)
    person_id = draw(store, image)
    drawn = snapshot(store)
    changeset = store.undo()
    assert changeset is not None
    assert (changeset.person_id, changeset.touched_people) == (person_id, {person_id})
    assert snapshot(store) == before
    assert store.verify_heads() == ()
    store.redo()
    assert snapshot(store) == drawn
    move_joint(store, person_id, 3, 50.0)
    for _ in range(2):
        store.undo()
    assert snapshot(store) == before
    for _ in range(2):
        store.redo()
    take_away(store, person_id)
    for _ in range(3):
        store.undo()
    assert snapshot(store) == before
    assert store.undo() is None


def test_nobody_removes_whoever_came_with_a_dataset(store: Store, image: ImageId) -> None:
    with store.read() as reader:
        person_id = reader.people.of_image(image)[0].id
    with pytest.raises(StoreError, match=r"came with small\.json and cannot be removed; reject"):
        take_away(store, person_id)
    assert store.undo() is None


@pytest.mark.parametrize(
    "act",
    [
        take_away,
        lambda store, person: move_joint(store, person, 3, 9.0),
        lambda store, person: decide(store, person, "reject"),
        fit_person,
    ],
    ids=["remove", "edit", "decide", "fit"],
)
def test_nothing_is_done_to_whoever_is_gone(
    store: Store, image: ImageId, act: Callable[[Store, PersonId], object]
) -> None:
    person_id = draw(store, image)
    take_away(store, person_id)
    with pytest.raises(NotFoundError, match=f"no person {person_id}"):
        act(store, person_id)
    with store.read() as reader:
        assert reader.people.find(person_id) is None
        assert reader.people.find_ever(person_id) is not None
        with pytest.raises(NotFoundError):
            reader.people.get(person_id)


def test_a_stray_head_of_somebody_who_is_gone_is_repaired(store: Store, image: ImageId) -> None:
    person_id = draw(store, image)
    take_away(store, person_id)
    with closing(sqlite3.connect(store.location)) as connection:
        connection.execute("CREATE TEMP TABLE copied AS SELECT * FROM person_heads LIMIT 1")
        connection.execute("UPDATE copied SET person_id = ?", (person_id,))
        connection.execute("INSERT INTO person_heads SELECT * FROM copied")
        connection.commit()
    assert store.verify_heads() == (person_id,)
    assert store.repair_heads() == (person_id,)
    assert store.verify_heads() == ()
    with store.read() as reader:
        assert person_id not in reader.queue.ids()


def test_a_batch_goes_on_without_whoever_was_removed_meanwhile(store: Store, image: ImageId) -> None:
    person_id = draw(store, image)
    with store.read() as reader:
        mate = reader.people.of_image(image)[0].id
        revisions = {person: reader.queue.get_head(person).revision_id for person in (person_id, mate)}
    take_away(store, person_id)
    with store.change("Fit many", undoable=False) as change:
        change.fits.add_many([build_fit(person, revision) for person, revision in revisions.items() if revision])
    with store.read() as reader:
        assert reader.methods.counts() == {"eft": 1}
        assert [fit.person_id for fit in reader.fits.iter_current()] == [mate]
    assert store.verify_heads() == ()


def test_the_places_close_up_behind_a_removed_person(store: Store, image: ImageId) -> None:
    first, second = draw(store, image), draw(store, image)
    take_away(store, first)
    third = draw(store, image)
    with store.read() as reader:
        rows = reader.queue.summaries([second, third])
    assert [(row.ordinal, row.people_in_image) for row in rows] == [(2, 4), (3, 4)]


def test_an_undo_under_anothers_work_is_refused(store: Store, image: ImageId) -> None:
    person_id = draw(store, image)
    with Store.open(store.location) as other:
        move_joint(other, person_id, 2, 12.0)
    with pytest.raises(StaleWriteError, match="'Draw person' can no longer be undone"):
        store.undo()
    with store.read() as reader:
        assert reader.queue.get_head(person_id).state == "unfitted"


def test_a_removal_by_another_program_is_told(store: Store, image: ImageId) -> None:
    person_id = draw(store, image)
    with store.read() as reader:
        since = reader.changes.latest_id()
    with Store.open(store.location) as other:
        take_away(other, person_id)
    with store.read() as reader:
        outside = reader.changes.find_outside(since, store.own_changes)
    assert outside is not None
    assert (outside.touched_people, outside.touched_tables) == ({person_id}, {"person_presence"})


def test_images_by_name_and_without_people(store: Store, image: ImageId) -> None:
    with store.change("Import", undoable=False) as change:
        empty = change.images.add_many(
            [NewImage(f"walk/{name}.jpg", "/data", 640, 480, "walk", exif_honoured=True) for name in ("A_1", "b")]
        )
    with store.read() as reader:
        assert reader.image_list.has_any()
        assert reader.image_list.ids() == [image, *empty]
        assert reader.image_list.ids(without_people=True) == empty
        assert reader.image_list.ids(text="a_1") == empty[:1]
        assert reader.image_list.ids(text="%") == []
        assert reader.image_list.without_people_of([image, empty[1]]) == {empty[1]}
        rows = reader.image_list.summaries([empty[0], image])
    assert [(row.image_path, row.people, row.undecided, row.exif_honoured) for row in rows] == [
        ("walk/A_1.jpg", 0, 0, True),
        ("photos/000000.jpg", 2, 2, False),
    ]
    draw(store, empty[0])
    with store.read() as reader:
        assert reader.image_list.ids(without_people=True) == empty[1:]
