"""Whose fit it is: by id, by picture and place; ambiguous ones are never guessed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services.matching import Candidate, Match, Matcher, square_iou
from db.formats.fits import FitSample
from db.records import PersonId
from tests.helpers.fits import BOX, standing_body
from tests.helpers.samples import keypoints_of

CENTER = (320.0, 240.0)


def person(
    number: int, annotation_id: str | None, path: str = "a.jpg", center: tuple[float, float] = CENTER
) -> Candidate:
    return Candidate(PersonId(number), annotation_id, path, center, 1.1)


def sample(name: str = "a.jpg", annotation_id: int | None = None, **fields: Any) -> FitSample:
    return FitSample(name, standing_body().rotations.astype(float), np.zeros(10), annotation_id, **fields)


def at(center: tuple[float, float]) -> dict[str, Any]:
    return {"box_center_px": np.array(center), "box_scale": 1.1}


def match(found: FitSample, *people: Candidate, keypoints: dict[PersonId, np.ndarray] | None = None) -> Match:
    return Matcher(people, (keypoints or {}).get).match(found)


def test_an_id_with_its_picture_is_a_person() -> None:
    assert match(sample(annotation_id=7), person(1, "6"), person(2, "7")).person_id == 2


def test_an_id_of_another_dataset_is_told_apart_by_the_picture() -> None:
    people = (person(1, "7", "one/a.jpg"), person(2, "7", "b.jpg"), person(3, None, "b.jpg", (100, 100)))
    assert match(sample("a.jpg", 7), *people).person_id == 1
    assert match(sample("b.jpg", 7), *people).person_id == 2


def test_the_same_id_under_another_file_name_needs_the_same_place() -> None:
    stored = person(1, "7", "9.jpg")
    assert match(sample("renamed_9.jpg", 7, **at(CENTER)), stored).person_id == 1
    elsewhere = match(sample("renamed_9.jpg", 7, **at((20, 20))), stored)
    assert elsewhere.person_id is None
    assert not elsewhere.ambiguous
    assert "lies elsewhere" in elsewhere.reason
    assert match(sample("c.jpg", 7), stored).person_id is None


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("COCO_train2014_000000000042.jpg", "000000000042.jpg"),
        ("COCO_val2014_000000000042.jpg", "train2017/000000000042.jpg"),
        ("train2014/COCO_train2014_000000000042.jpg", "train2017/000000000042.jpg"),
        ("000000000042.jpg", "COCO_train2014_000000000042.jpg"),
        ("val2017/000000000042.jpg", "val2014/COCO_val2014_000000000042.jpg"),
    ],
)
def test_editions_of_coco_name_the_same_picture(name: str, path: str) -> None:
    others = (person(1, "6", path, (500.0, 240.0)), person(2, "8", "000000000043.jpg"), person(4, "7", "x.jpg"))
    stored = (*others, person(3, "7", path))
    assert match(sample(name, 7), *stored).person_id == 3
    assert match(sample(name, **at(CENTER)), *stored).person_id == 3
    assert match(sample(name, **at((500.0, 240.0))), *stored).person_id == 1
    assert match(sample(name), *stored).ambiguous


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("COCO_train2014_000000000042.jpg", "000000000043.jpg"),
        ("COCO_train2014_42.jpg", "42.jpg"),
        ("one/000000000042.jpg", "two/000000000042.jpg"),
        ("PANO_train2014_000000000042.jpg", "000000000042.jpg"),
    ],
)
def test_other_pictures_stay_apart(name: str, path: str) -> None:
    assert match(sample(name, **at(CENTER)), person(1, "7", path)).reason == f"{name} is no picture of this project"


def test_without_an_id_the_place_in_the_picture_decides() -> None:
    people = (person(1, "6"), person(2, "7", center=(500.0, 240.0)))
    assert match(sample(**at((503, 241))), *people).person_id == 2
    nobody = match(sample(**at((900, 700))), *people)
    assert nobody.person_id is None
    assert "nobody of a.jpg" in nobody.reason


def test_between_two_near_boxes_nobody_is_guessed() -> None:
    found = match(sample(**at((325, 240))), person(1, None), person(2, None, center=(330.0, 240.0)))
    assert found == Match(ambiguous=True, reason="a.jpg holds the person 2 times at about the same place")


def test_keypoints_tell_apart_what_boxes_cannot() -> None:
    first, second = keypoints_of(standing_body(1), BOX), keypoints_of(standing_body(2), BOX)
    people = (person(1, None), person(2, None, center=(322.0, 240.0)))
    found = sample(**at(CENTER), keypoints_px=second)
    assert match(found, *people, keypoints={PersonId(1): first, PersonId(2): second}).person_id == 2
    between = sample(**at(CENTER), keypoints_px=(first + second) / 2)
    assert match(between, *people, keypoints={PersonId(1): first, PersonId(2): second}).ambiguous


def test_the_only_person_of_a_picture_needs_no_place_and_two_do() -> None:
    assert match(sample(), person(1, None)).person_id == 1
    assert match(sample(), person(1, None), person(2, None)).ambiguous


def test_a_name_with_a_folder_means_that_folder() -> None:
    people = (person(1, None, "one/a.jpg"), person(2, None, "two/a.jpg"))
    assert match(sample("two/a.jpg"), *people).person_id == 2
    assert match(sample("three/a.jpg"), *people).person_id is None
    assert match(sample("a.jpg"), *people).ambiguous
    assert match(sample("far/two/a.jpg"), *people).person_id == 2


def test_a_picture_nobody_knows_is_said() -> None:
    assert match(sample("z.jpg"), person(1, None)).reason == "z.jpg is no picture of this project"


@given(st.floats(-300, 300), st.floats(-300, 300), st.floats(0.1, 4), st.floats(0.1, 4))
def test_iou_is_symmetric_and_within_bounds(x: float, y: float, scale: float, other: float) -> None:
    here, there = np.zeros(2), np.array([x, y])
    iou = square_iou(here, scale, there, other)
    assert 0 <= iou <= 1
    assert iou == pytest.approx(square_iou(there, other, here, scale))
    assert square_iou(there, other, there, other) == pytest.approx(1)


def test_iou_by_hand() -> None:
    assert square_iou(np.zeros(2), 0.01, np.array([1.0, 0.0]), 0.01) == pytest.approx(2 / 6)  # two squares of side 2
