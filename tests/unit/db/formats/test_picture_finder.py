from pathlib import Path

import pytest

from db.formats.parts.checks import ItemError, NoFileError
from db.formats.parts.picture_finder import PictureFinder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("top.jpg", "val/1/000.jpg", "val/2/000.jpg", "deep/er/only.PNG", "deep/er/notes.txt"):
        path = tmp_path / "images" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    (tmp_path / "secret.jpg").touch()
    return tmp_path / "images"


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("top.jpg", "top.jpg"),
        ("images/top.jpg", "top.jpg"),
        ("images/val/2/000.jpg", "val/2/000.jpg"),
        ("1/000.jpg", "val/1/000.jpg"),
        ("only.PNG", "deep/er/only.PNG"),
        (r"er\only.PNG", "deep/er/only.PNG"),
    ],
)
def test_a_picture_is_found_where_the_release_was_unpacked(folder: Path, name: str, path: str) -> None:
    assert PictureFinder(folder).find(name) == path


def test_further_names_are_tried_in_turn(folder: Path) -> None:
    assert PictureFinder(folder).find("COCO_val2014_top.jpg", "top.jpg") == "top.jpg"


def test_two_that_fit_are_none(folder: Path) -> None:
    with pytest.raises(NoFileError, match=r"000\.jpg fits 2 pictures in .*val/1/000\.jpg and val/2/000\.jpg"):
        PictureFinder(folder).find("000.jpg")


@pytest.mark.parametrize("name", ["gone.jpg", "notes.txt", "val", "secret.jpg"])
def test_what_is_not_there_is_said(folder: Path, name: str) -> None:
    with pytest.raises(NoFileError, match="is not in"):
        PictureFinder(folder).find(name)


@pytest.mark.parametrize("name", ["../secret.jpg", "/etc/passwd", "val/../../secret.jpg", "", ".", "C:/x.jpg", r"..\s"])
def test_a_name_that_leads_out_is_refused(folder: Path, name: str) -> None:
    with pytest.raises(ItemError, match="does not lead into the folder"):
        PictureFinder(folder).find(name)


@pytest.mark.parametrize("name", ["a\0b.jpg", "x" * 5000 + ".jpg"])
def test_a_name_no_machine_can_have_is_refused(folder: Path, name: str) -> None:
    with pytest.raises(ItemError):
        PictureFinder(folder).find(name)


def test_a_frame_of_another_clip_stands_in_for_none(tmp_path: Path) -> None:
    for name in ("S2/000000.jpg", "renamed/000000000042.jpg", "000001.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    finder = PictureFinder(tmp_path)
    with pytest.raises(NoFileError, match="is not in"):
        finder.find("S1/000000.jpg")
    assert finder.find("S2/000000.jpg") == "S2/000000.jpg"
    assert finder.find("images/S2/000000.jpg") == "S2/000000.jpg"
    assert finder.find("val2017/000000000042.jpg") == "renamed/000000000042.jpg"
    assert finder.find("S1/000001.jpg") == "000001.jpg"
