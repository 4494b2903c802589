"""Names of COCO's pictures in its editions."""

import pytest

from db.formats.parts.coco_names import list_other_names, to_plain_name


@pytest.mark.parametrize("name", ["COCO_train2014_000000000042.jpg", "COCO_val2014_000000000042.jpg"])
def test_editions_share_the_number(name: str) -> None:
    assert to_plain_name(name) == "000000000042.jpg"
    assert list_other_names(name) == ("000000000042.jpg",)
    assert name in list_other_names("000000000042.jpg")


@pytest.mark.parametrize("name", ["42.jpg", "COCO_train2014_42.jpg", "x000000000042.jpg", "000000000042.png", ""])
def test_other_names_are_left_alone(name: str) -> None:
    assert to_plain_name(name) == name
    assert list_other_names(name) == ()
