"""Marks and signs, rendered and compared: what people must tell apart differs without colour too."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import combinations, product

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtGui import QImage, QPainter
from pytestqt.qtbot import QtBot

from app.ui.widgets.marks import FACE_RADIUS, MARK_EXTENT, RADIUS, MarkLook, paint_mark
from db.records import KeypointSource
from resources.skeleton import Side
from tests.helpers.colour_sight import seen_by_deuteranopes, seen_in_grey

SIDES: tuple[Side, ...] = ("left", "right", "middle")
SOURCES: tuple[KeypointSource | None, ...] = (None, "human", "detector", "projected")
SIGHTS = [seen_in_grey, seen_by_deuteranopes]
GROUNDS = [20, 110, 235]
HALF = 26

Sight = Callable[[NDArray[np.uint8]], NDArray[np.float64]]


def render(look: MarkLook, ground: int = 110) -> NDArray[np.uint8]:
    """Pixels ``(H, W, 3)`` of a mark in the middle of a plain picture."""
    image = QImage(2 * HALF, 2 * HALF, QImage.Format.Format_RGB32)
    image.fill(ground * 0x10101)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(HALF, HALF)
    paint_mark(painter, look)
    painter.end()
    values = np.frombuffer(image.constBits(), dtype=np.uint8).reshape(2 * HALF, 2 * HALF, 4)
    return values[..., 2::-1].copy()


def differing_pixels(first: MarkLook, second: MarkLook, sight: Sight, ground: int) -> int:
    """Pixels that somebody sees clearly different, by a fifth of the scale."""
    difference = np.abs(sight(render(first, ground)) - sight(render(second, ground))).max(axis=-1)
    return int((difference > 51).sum())


@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("radius", [RADIUS, FACE_RADIUS])
def test_every_state_looks_unlike_every_other_without_colour(
    qtbot: QtBot, sight: Sight, ground: int, radius: float
) -> None:
    states = [MarkLook(side, visibility, radius) for side, visibility in product(SIDES, (1, 2))]
    states += [replace(look, outside=True) for look in states]
    states.append(MarkLook("left", 0, radius))
    for first, second in combinations(states, 2):
        assert differing_pixels(first, second, sight, ground) >= 9, (first, second)


@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("side", SIDES)
def test_signs_are_told_apart_on_every_mark(qtbot: QtBot, sight: Sight, ground: int, side: Side) -> None:
    for visibility in (1, 2):
        plain = MarkLook(side, visibility)
        looks = [replace(plain, source=source) for source in SOURCES]
        looks += [replace(plain, pinned=True), replace(plain, ignored=True), replace(plain, pinned=True, ignored=True)]
        for first, second in combinations(looks, 2):
            assert differing_pixels(first, second, sight, ground) >= 4, (first, second)


def test_imported_joints_carry_no_sign(qtbot: QtBot) -> None:
    for source in ("imported", "synthetic"):
        np.testing.assert_array_equal(render(MarkLook("left", 2, source=source)), render(MarkLook("left", 2)))


def test_a_joint_that_is_not_labelled_has_no_mark_at_all(qtbot: QtBot) -> None:
    look = MarkLook("right", 0, focus="selected", source="human", pinned=True, ignored=True, outside=True)
    assert (render(look) == 110).all()


@pytest.mark.parametrize("focus", ["selected", "member", "hovered"])
def test_nothing_is_painted_outside_the_square_that_is_promised(qtbot: QtBot, focus: str) -> None:
    """A mark that sticks out of its bounding square leaves traces when it is dragged."""
    touched = np.zeros((2 * HALF, 2 * HALF), dtype=bool)
    for side, visibility, source in product(SIDES, (1, 2), SOURCES):
        look = MarkLook(side, visibility, RADIUS, focus, source, pinned=True, ignored=True, outside=True)  # type: ignore[arg-type]
        touched |= (render(look) != 110).any(axis=-1)
    rows, columns = np.nonzero(touched)
    assert rows.size > 0
    low, high = HALF - MARK_EXTENT, HALF + MARK_EXTENT
    assert min(rows.min(), columns.min()) >= low
    assert max(rows.max(), columns.max()) < high


def test_roles_in_a_selection_differ(qtbot: QtBot) -> None:
    looks = [MarkLook("left", 2, focus=focus) for focus in ("", "hovered", "member", "selected")]  # type: ignore[arg-type]
    for first, second in combinations(looks, 2):
        assert differing_pixels(first, second, seen_in_grey, 110) >= 4, (first, second)
