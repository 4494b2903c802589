"""Names of pictures and ids of people, as published files write them."""

import pytest

from db.formats.parts.checks import ItemError
from db.formats.parts.identity import find_annotation_id, name_sample, to_image_name
from tests.helpers.fit_records import make_sample


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("1.jpg", "1.jpg"),
        ("./walk//1.jpg", "walk/1.jpg"),
        ("/home/me/walk/1.jpg", "1.jpg"),
        (r"\\server\share\1.jpg", "1.jpg"),
        ("D:/pictures/1.jpg", "1.jpg"),
        ("Straße 7/日.jpg", "Straße 7/日.jpg"),
    ],
)
def test_a_path_of_a_machine_loses_its_folders(text: str, name: str) -> None:
    assert to_image_name(text) == name
    assert to_image_name(name) == name


@pytest.mark.parametrize("text", ["", ".", "..", "/", "a/..", "a\0.jpg", "\udcff.jpg"])
def test_what_names_no_file_is_refused(text: str) -> None:
    with pytest.raises(ItemError, match="which names no file"):
        to_image_name(text)


def test_ids() -> None:
    assert [find_annotation_id(number) for number in (0, -1, 1, -5, 2**63 - 1)] == [None, None, 1, -5, 2**63 - 1]
    with pytest.raises(ItemError, match="too large"):
        find_annotation_id(2**64)


def test_messages_name_the_person_or_at_least_the_picture() -> None:
    assert name_sample(make_sample(3)) == "annotation 4 of 000000000003.jpg"
    assert name_sample(make_sample(3, annotation_id=None)) == "the fit of 000000000003.jpg"
