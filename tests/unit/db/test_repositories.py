"""Images, people, annotators and settings."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import IntegrityError

from db.errors import NotFoundError
from db.records import AnnotatorId, ImageId, NewImage, NewPerson, PersonId
from db.store import Store
from tests.helpers.store_builders import add_people

IMAGE = NewImage("a/b.jpg", "/data", 640, 480, "coco", external_id="42", exif_honoured=True)


def test_an_image_is_found_by_its_place(store: Store) -> None:
    with store.change("Import", undoable=False) as change:
        stored = change.images.add(IMAGE)
    with store.read() as reader:
        assert reader.images.find("/data", "a/b.jpg") == stored
        assert reader.images.get(stored.id) == stored
        assert reader.images.find("/data", "other.jpg") is None
        assert list(reader.images.iter_all()) == [stored]
        with pytest.raises(NotFoundError, match="no image 99"):
            reader.images.get(ImageId(99))
    assert (stored.width, stored.external_id, stored.exif_honoured) == (640, "42", True)


def test_the_same_image_twice_is_a_bug_and_stores_nothing(store: Store) -> None:
    with pytest.raises(IntegrityError), store.change("Import", undoable=False) as change:
        change.images.add_many([IMAGE, IMAGE])
    with store.read() as reader:
        assert list(reader.images.iter_all()) == []


def test_people_keep_every_field_and_their_order(store: Store) -> None:
    with store.change("Import", undoable=False) as change:
        image = change.images.add(IMAGE)
        later = NewPerson(image.id, 1, (0.1, 0.2, 0.3, 0.4), (5.5, 6.5), 1.25, "coco17", "a.json", "7", True, 12.5)
        first = NewPerson(image.id, 0, (1, 2, 3, 4), (5, 6), 1, "coco17", "a.json")
        stored = [change.people.add(person) for person in (later, first)]
    with store.read() as reader:
        assert reader.people.of_image(image.id) == [stored[1], stored[0]]
        assert list(reader.people.iter_all()) == stored
        person = reader.people.get(stored[0].id)
        assert person.bbox_xywh == (0.1, 0.2, 0.3, 0.4)
        assert (person.box_center_px, person.box_scale) == ((5.5, 6.5), 1.25)
        assert (person.external_id, person.is_crowd, person.area) == ("7", True, 12.5)
        assert reader.people.find_external("a.json", "7") == person
        assert reader.people.find_external("b.json", "7") is None
        assert reader.people.find(PersonId(99)) is None
        with pytest.raises(NotFoundError, match="no person 99"):
            reader.people.get(PersonId(99))


def test_many_rows_get_their_ids_in_order_after_the_ones_that_are_there(store: Store) -> None:
    images = [NewImage(f"{number}.jpg", "/data", 10, 10, "coco") for number in range(40)]
    with store.change("Import", undoable=False) as change:
        few = change.images.add_many(images[:3])
        many = change.images.add_many(images[3:30])
    with store.change("Import", undoable=False) as change:
        rest = change.images.add_many(images[30:])
    with store.read() as reader:
        stored = list(reader.images.iter_all())
        found = reader.images.find_many("/data", [image.path for image in images])
    assert [image.id for image in stored] == [*few, *many, *rest]
    assert [image.path for image in stored] == [image.path for image in images]
    assert sorted(found.values(), key=lambda image: image.id) == stored


def test_people_without_keypoints_have_a_head(store: Store) -> None:
    with store.change("Import", undoable=False) as change:
        image = change.images.add(IMAGE)
        person = change.people.add(NewPerson(image.id, 0, (1, 2, 3, 4), (5, 6), 1, "coco17", "a.json"))
    with store.read() as reader:
        assert reader.queue.get_head(person.id).state == "unfittable"
        assert reader.keypoints.current(person.id) is None


@pytest.mark.parametrize("what", ["images", "people", "settings"])
def test_what_cannot_be_taken_back_is_refused_in_an_undoable_change(store: Store, what: str) -> None:
    with pytest.raises(ValueError, match=f"{what} cannot be taken back"), store.change("Add") as change:
        if what == "images":
            change.images.add(IMAGE)
        elif what == "people":
            change.people.add_many([])
        else:
            change.settings.set("body", "x")


def test_an_annotator_is_known_by_name(store: Store) -> None:
    with store.change("Open", undoable=False) as change:
        ann = change.annotators.get_or_add("Ann")
        assert change.annotators.get_or_add("Ann") == ann
        bob = change.annotators.get_or_add("Bob")
    with store.read() as reader:
        assert reader.annotators.list_all() == [ann, bob]
        assert reader.annotators.find("Ann") == ann
        assert reader.annotators.find("ann") is None
        assert reader.annotators.get(bob.id) == bob
        with pytest.raises(NotFoundError, match="no annotator 99"):
            reader.annotators.get(AnnotatorId(99))


def test_settings_hold_what_json_has(store: Store) -> None:
    with store.change("Set up", undoable=False) as change:
        change.settings.set("images", "/data")
        change.settings.set("images", {"root": "/other", "n": [1, 2.5, None]})
        change.settings.set("demo", None)
    assert change.changeset.touched_tables == {"project_settings"}
    with store.read() as reader:
        assert reader.settings.get("images") == {"root": "/other", "n": [1, 2.5, None]}
        assert reader.settings.get("demo", default=3) is None
        assert reader.settings.get("never set", default=3) == 3
        assert reader.settings.read_all().keys() == {"images", "demo"}


def test_a_long_import_is_one_entry_of_the_log(store: Store) -> None:
    add_people(store, [17] * 2500, per_image=3)
    with store.read() as reader:
        (change,) = reader.changes.iter_since()
        assert change.rows == {"images": ((1, 834),), "people": ((1, 2500),), "keypoint_revisions": ((1, 2500),)}
        assert reader.changes.latest_id() == change.id
        assert reader.progress.counts()["unfitted"] == 2500
    assert store.verify_heads() == ()
