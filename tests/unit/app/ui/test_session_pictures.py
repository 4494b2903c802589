"""Pictures of a trial: where they lie, how they are read, and what is refused."""

from __future__ import annotations

import io
import logging
from collections.abc import Mapping

import pytest
from PIL import Image
from PySide6.QtCore import QRect

from app.ui.session.arrangement import GAP_PX, arrange_tiles
from app.ui.session.panel import find_enlarged_view
from app.ui.session.pictures import PictureError, load_trial
from app.ui.session.pseudonyms import suggest_pseudonym
from db.rater_package.errors import PackageError
from db.rater_package.names import clean_pseudonym
from db.rater_package.records import PackageTrial
from tests.helpers.session_packages import draw_picture

TRIAL = PackageTrial(2, 7, ("a", "b"), ("a", "c"))


def _largest_side(count: int, width: int, height: int) -> int:
    """By trying every size and every grid."""
    best = 0
    for columns in range(1, count + 1):
        rows = -(-count // columns)
        side = min(width, height)
        while columns * side + (columns - 1) * GAP_PX > width or rows * side + (rows - 1) * GAP_PX > height:
            side -= 1
        best = max(best, side)
    return best


@pytest.mark.parametrize("count", [1, 2, 3, 4])
@pytest.mark.parametrize("room", [(760, 800), (610, 500), (300, 900), (901, 203)])
def test_tiles_are_as_large_as_there_is_room_and_none_overlaps(count: int, room: tuple[int, int]) -> None:
    tiles = arrange_tiles(count, *room, largest=10_000)
    assert len(tiles) == count
    assert {(tile.width(), tile.height()) for tile in tiles} == {(_largest_side(count, *room),) * 2}
    assert all(QRect(0, 0, *room).contains(tile) for tile in tiles)
    assert not any(one.intersects(other) for i, one in enumerate(tiles) for other in tiles[i + 1 :])


def test_no_tile_is_larger_than_its_picture_and_all_stand_in_the_middle() -> None:
    tiles = arrange_tiles(2, 1000, 700, largest=200)
    assert [tile.getRect() for tile in tiles] == [(296, 250, 200, 200), (504, 250, 200, 200)]


@pytest.mark.parametrize(
    ("views", "enlarged"),
    [
        (("keypoints", "overlay", "side"), 2),
        (("side", "overlay"), 0),
        (("overlay", "turntable", "front"), 1),
        (("photo", "overlay", "keypoints"), 1),
        (("photo", "keypoints"), 1),
    ],
)
def test_the_view_from_the_side_is_the_one_that_grows(views: tuple[str, ...], enlarged: int) -> None:
    assert find_enlarged_view(views) == enlarged


def test_a_picture_of_both_sides_is_decoded_once_and_scaled_ahead() -> None:
    pictures = {name: draw_picture((200, 40 + place, 9), 40) for place, name in enumerate("abc")}
    asked: list[str] = []

    def read(name: str) -> bytes:
        asked.append(name)
        return pictures[name]

    loaded = load_trial(read, TRIAL, ("photo", "overlay"), 30)
    assert asked == ["a", "b", "c"]
    assert loaded.left[0] is loaded.right[0]
    assert loaded.largest_px == 40
    assert not loaded.turns
    scaled = loaded.right[1].scaled(0, 30)
    assert (scaled.width(), scaled.height()) == (30, 30)
    assert scaled.pixelColor(3, 3).getRgb() == (200, 42, 9, 255)


@pytest.mark.parametrize("parts", [1, 3])
def test_a_turntable_is_a_strip_or_several_pictures(parts: int) -> None:
    strip = draw_picture((240, 240, 240), 16, steps=6 // parts)
    turn = tuple(f"turn{part}" for part in range(parts))
    trial = PackageTrial(0, 0, ("photo", *turn, "side"), ("photo", *turn, "side"))
    still = draw_picture((1, 2, 3), 16)
    loaded = load_trial(
        lambda name: strip if name.startswith("turn") else still, trial, ("photo", "turntable", "side"), 0
    )
    assert [len(tile.frames) for tile in loaded.left] == [1, 6, 1]
    assert loaded.turns


def test_few_sizes_are_remembered_however_often_the_window_changes() -> None:
    tile = load_trial(lambda _name: draw_picture((9, 9, 9), 40), TRIAL, ("photo", "overlay"), 0).left[0]
    for side in range(10, 30):
        tile.scaled(0, side)
    assert sorted(side for _frame, side in tile._scaled) == [28, 29]


def _broken() -> Mapping[str, bytes | Exception]:
    whole = draw_picture((200, 100, 0), 40)
    return {
        "missing": PackageError("/raters/anna/stimuli/0a1b.png is missing; ask for the package again."),
        "cut": whole[: len(whole) // 2],
        "text": b"hello",
        "oblong": _oblong(),
        "empty": b"",
    }


def _oblong() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (50, 40)).save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize("name", sorted(_broken()))
def test_a_picture_that_cannot_be_shown_is_told_without_its_name(name: str, caplog: pytest.LogCaptureFixture) -> None:
    given = _broken()[name]

    def read(wanted: str) -> bytes:
        if wanted != "c":
            return draw_picture((1, 2, 3))
        if isinstance(given, Exception):
            raise given
        return given

    with (
        caplog.at_level(logging.INFO),
        pytest.raises(PictureError, match="missing or damaged; nothing has been") as told,
    ):
        load_trial(read, TRIAL, ("photo", "overlay"), 0)
    assert "seat 3, trial 8: the right picture 2 cannot be shown" in caplog.text
    assert "png" not in caplog.text + str(told.value)
    assert "/raters" not in caplog.text + str(told.value)


def test_pictures_that_do_not_go_with_the_views_are_refused() -> None:
    with pytest.raises(PictureError):
        load_trial(lambda _name: draw_picture((1, 2, 3)), TRIAL, ("photo",), 0)


def test_suggested_names_are_names_a_package_takes() -> None:
    names = {suggest_pseudonym() for _ in range(200)}
    assert len(names) > 150
    assert {clean_pseudonym(name) for name in names} == names
