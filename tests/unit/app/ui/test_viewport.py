"""Zoom and pan as arithmetic."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.ui.widgets.viewport import MAX_SCALE, MIN_SCALE, Viewport, fit_rectangle

viewports = st.builds(Viewport, st.floats(MIN_SCALE, MAX_SCALE), st.floats(-4000, 4000), st.floats(-4000, 4000))
screen = st.tuples(st.floats(0, 2000), st.floats(0, 2000))


@given(viewports, screen)
def test_there_and_back(viewport: Viewport, point: tuple[float, float]) -> None:
    assert viewport.to_screen(*viewport.to_image(*point)) == pytest.approx(point, abs=1e-6)


@given(viewports, screen, st.floats(0.1, 10))
def test_the_pixel_under_the_pointer_stays_there(viewport: Viewport, point: tuple[float, float], factor: float) -> None:
    zoomed = viewport.zoomed_at(*point, factor)
    assert zoomed.to_screen(*viewport.to_image(*point)) == pytest.approx(point, abs=1e-6)
    assert MIN_SCALE <= zoomed.scale <= MAX_SCALE


@given(viewports, screen, st.tuples(st.floats(-500, 500), st.floats(-500, 500)))
def test_pan_moves_every_point_by_the_same_pixels(
    viewport: Viewport, point: tuple[float, float], step: tuple[float, float]
) -> None:
    x, y = viewport.to_image(*point)
    assert viewport.panned(*step).to_screen(x, y) == pytest.approx((point[0] + step[0], point[1] + step[1]), abs=1e-6)


@given(
    st.tuples(st.floats(-500, 500), st.floats(-500, 500), st.floats(1, 5000), st.floats(1, 5000)),
    st.tuples(st.floats(50, 3000), st.floats(50, 3000)),
)
def test_fitted_rectangle_is_whole_and_centred(
    rectangle: tuple[float, float, float, float], view_size: tuple[float, float]
) -> None:
    left, top, width, height = rectangle
    viewport = fit_rectangle(rectangle, view_size)
    u0, v0 = viewport.to_screen(left, top)
    u1, v1 = viewport.to_screen(left + width, top + height)
    assert (u0 + u1) / 2 == pytest.approx(view_size[0] / 2, abs=1e-6)
    assert (v0 + v1) / 2 == pytest.approx(view_size[1] / 2, abs=1e-6)
    if viewport.scale > MIN_SCALE:
        assert u0 >= -1e-6
        assert v0 >= -1e-6


def test_recentred_keeps_the_middle() -> None:
    viewport = Viewport(2.0, -30.0, 40.0)
    middle = viewport.to_image(400, 300)
    assert viewport.recentred((800, 600), (500, 700)).to_image(250, 350) == pytest.approx(middle)
