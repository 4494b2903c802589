import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ImageFont

from app.services.pictures import (
    build_contact_sheet,
    build_strip,
    composite,
    crop_window,
    draw_keypoints,
    shorten_caption,
)
from fitting.spec import Window
from resources.skeleton import get_skeleton

COCO = get_skeleton("coco17")


def grey(height, width, value=100):
    return np.full((height, width, 3), value, dtype=np.uint8)


def layer(height, width, rgba):
    return np.tile(np.array(rgba, dtype=np.uint8), (height, width, 1))


def test_composite_mixes_straight_alpha():
    mixed = composite(grey(2, 3), layer(2, 3, (200, 0, 100, 128)))
    assert mixed[0, 0].tolist() == [150, 50, 100]


def test_no_opacity_gives_the_bare_picture_back():
    picture = np.random.default_rng(1).integers(0, 256, (20, 30, 3), dtype=np.uint8)
    noise = np.random.default_rng(2).integers(0, 256, (20, 30, 4), dtype=np.uint8)
    assert np.array_equal(composite(picture, noise, 0.0), picture)


@pytest.mark.parametrize(("shape", "opacity"), [((3, 4), 1.0), ((2, 3), 1.5)])
def test_composite_refuses_what_does_not_fit(shape, opacity):
    with pytest.raises(ValueError):
        composite(grey(2, 3), layer(*shape, (0, 0, 0, 255)), opacity)


@given(st.integers(0, 12), st.integers(0, 9), st.integers(1, 4))
@settings(max_examples=40, deadline=None)
def test_a_crop_maps_corner_on_corner(left, top, zoom):
    picture = np.random.default_rng(3).integers(0, 256, (30, 40, 3), dtype=np.uint8)
    crop = crop_window(picture, Window(left, top, 20, 16), (20 * zoom, 16 * zoom))
    middles = crop[zoom // 2 :: zoom, zoom // 2 :: zoom].astype(int)
    if zoom % 2:  # the middle of a block of odd size is the pixel's own centre
        assert np.abs(middles - picture[top : top + 16, left : left + 20]).max() <= 1


def test_shrinking_averages():
    picture = np.zeros((40, 40, 3), dtype=np.uint8)
    picture[::2] = 200
    assert np.abs(crop_window(picture, Window(0, 0, 40, 40), (10, 10)).astype(int) - 100).max() <= 1


def test_a_window_beyond_the_picture_is_grey_there():
    crop = crop_window(grey(10, 10, 250), Window(-10, 0, 20, 10), (20, 10))
    assert crop[5, 3].tolist() == [96] * 3
    assert crop[5, 15].tolist() == [250] * 3


def keypoints_of(**placed):
    keypoints = np.zeros((17, 3))
    for name, (x, y, visibility) in placed.items():
        keypoints[COCO.index(name)] = x, y, visibility
    return keypoints


def test_marks_lie_on_their_keypoints_and_unlabelled_joints_are_not_drawn():
    picture = grey(80, 80)
    drawn = draw_keypoints(picture, keypoints_of(left_wrist=(50.5, 30.25, 2), right_wrist=(10, 10, 0)), COCO)
    changed = np.argwhere((drawn != picture).any(axis=2))
    center = changed.mean(axis=0) + 0.5
    assert np.abs(center - [30.25, 50.5]).max() < 0.2
    assert np.abs(changed + 0.5 - [30.25, 50.5]).max() < 7


def test_sides_and_occlusion_can_be_told_apart_without_colour():
    def mark(name, visibility):
        drawn = draw_keypoints(grey(40, 40), keypoints_of(**{name: (20, 20, visibility)}), COCO, radius=8)
        return drawn.mean(axis=2)

    marks = [mark("left_knee", 2), mark("right_knee", 2), mark("nose", 2), mark("left_knee", 1), mark("right_knee", 1)]
    for index, first in enumerate(marks):
        for second in marks[:index]:
            assert (np.abs(first - second) > 40).sum() > 20


def test_a_bone_joins_two_labelled_joints():
    keypoints = keypoints_of(
        left_knee=(10, 20, 2), left_ankle=(50, 20, 2), right_knee=(10, 50, 2), right_ankle=(50, 50, 0)
    )
    drawn = draw_keypoints(grey(70, 60), keypoints, COCO)
    assert drawn[20, 30].tolist() != [100] * 3
    assert drawn[50, 30].tolist() == [100] * 3


def test_a_contact_sheet_holds_every_tile_and_caption_uncut():
    tiles = [(grey(40, 60, 50 + 30 * k), f"person {k}") for k in range(5)]
    sheet = build_contact_sheet(tiles, columns=2)
    for k in range(5):
        assert ((sheet == 50 + 30 * k).all(axis=2)).sum() >= 40 * 60
    paper = sheet[0, 0]
    for border in (sheet[:2], sheet[-2:], sheet[:, :2], sheet[:, -2:]):
        assert (border == paper).all()


@given(st.text(alphabet=st.characters(codec="latin-1", exclude_categories=("C",)), max_size=60), st.integers(30, 200))
@settings(max_examples=60, deadline=None)
def test_captions_fit_and_keep_their_ends(text, width):
    font = ImageFont.load_default(15)
    shortened = shorten_caption(text, font, width)
    assert font.getlength(shortened) <= max(width, font.getlength("…"))
    if shortened not in (text, "…"):
        assert shortened[0] == text[0]


@pytest.mark.parametrize("columns", [0, -1])
def test_an_empty_sheet_is_refused(columns):
    with pytest.raises(ValueError):
        build_contact_sheet([(grey(4, 4), "")], columns)
    with pytest.raises(ValueError):
        build_contact_sheet([], 2)


def test_a_strip_shows_keypoints_overlay_and_side():
    picture = grey(100, 120)
    overlay = layer(50, 50, (0, 0, 0, 0))
    overlay[10:20, 10:20] = (255, 0, 0, 255)
    strip = build_strip(
        picture,
        Window(20, 10, 50, 50),
        keypoints_of(left_hip=(45, 35, 2)),
        COCO,
        overlay,
        layer(50, 50, (9, 9, 9, 255)),
        1.0,
    )
    assert strip.shape == (50, 150, 3)
    assert strip[25, 25].tolist() != [100] * 3
    assert strip[15, 65].tolist() == [255, 0, 0]
    assert strip[15, 15].tolist() == [100] * 3
    assert strip[25, 125].tolist() == [9, 9, 9]
