"""Names on the canvas: inside it and, where there is room, apart."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from app.ui.widgets.label_layout import overlaps, place_labels

BOUNDS = (0.0, 0.0, 800.0, 600.0)


@given(st.lists(st.tuples(st.floats(-50, 900), st.floats(-50, 700)), min_size=1, max_size=12))
def test_labels_stay_on_the_canvas(anchors: list[tuple[float, float]]) -> None:
    for left, top, width, height in place_labels(anchors, [(90.0, 18.0)] * len(anchors), BOUNDS, gap=12):
        assert 0 <= left <= 800 - width
        assert 0 <= top <= 600 - height


def test_label_goes_to_the_right_and_flips_at_the_edge() -> None:
    (free,) = place_labels([(400, 300)], [(90, 18)], BOUNDS, gap=12)
    assert free == (412, 291, 90, 18)
    (at_edge,) = place_labels([(790, 300)], [(90, 18)], BOUNDS, gap=12)
    assert at_edge[0] + at_edge[2] <= 790


def test_neighbours_do_not_cover_each_other_or_a_mark() -> None:
    anchors = [(400.0, 300.0), (410.0, 306.0)]
    marks = [(x - 6, y - 6, 12.0, 12.0) for x, y in anchors]
    first, second = place_labels(anchors, [(90.0, 18.0)] * 2, BOUNDS, gap=12, obstacles=marks)
    assert overlaps(np.array([first]), np.array([second]))[0, 0] == 0
    assert overlaps(np.array([first, second]), np.array(marks)).sum() == 0


def test_a_label_larger_than_the_canvas_shows_its_beginning() -> None:
    (label,) = place_labels([(10, 10)], [(200, 18)], (0, 0, 100, 50), gap=12)
    assert label[:2] == (0, label[1])
