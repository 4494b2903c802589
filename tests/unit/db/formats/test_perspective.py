"""A perspective camera that shows what the weak-perspective one shows (eft_method.md section 4)."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.formats.errors import FormatError
from db.formats.parts.checks import ItemError
from db.formats.parts.perspective import build_translation, find_camera
from tests.helpers.fit_samples import make_fit_sample

SHIFT = st.floats(-2, 2)


def project_weakly(points: np.ndarray, sample) -> np.ndarray:
    scale, *shift = sample.camera
    return sample.box_center_px + 100 * sample.box_scale * (scale * points[:, :2] + shift)


def project(points: np.ndarray, translation: np.ndarray, focal_px: float, size: tuple[int, int]) -> np.ndarray:
    placed = points + translation
    return np.array(size) / 2 + focal_px * placed[:, :2] / placed[:, 2:]


def test_by_hand() -> None:
    sample = make_fit_sample(
        camera=np.array([0.5, 0.25, 0]), box_center_px=np.array([320.0, 200]), box_scale=1.0, image_size_px=(640, 480)
    )
    # 100 b s = 50 px a metre: at 1000 px focal length that is 20 m away; 25 px right and 40 px up of the middle.
    np.testing.assert_allclose(build_translation(sample, 1000), [0.5, -0.8, 20])


@given(
    scale=st.floats(0.05, 3), tx=SHIFT, ty=SHIFT, box_scale=st.floats(0.01, 10), focal_px=st.floats(100, 1e5),
    center=st.tuples(st.floats(-500, 5000), st.floats(-500, 5000)),
    size=st.tuples(st.integers(1, 9000), st.integers(1, 9000)),
)  # fmt: skip
def test_the_camera_comes_back_and_the_origin_stays(
    scale: float,
    tx: float,
    ty: float,
    box_scale: float,
    focal_px: float,
    center: tuple[float, float],
    size: tuple[int, int],
) -> None:
    camera = np.array([scale, tx, ty])
    sample = make_fit_sample(camera=camera, box_center_px=np.array(center), box_scale=box_scale, image_size_px=size)
    translation = build_translation(sample, focal_px)
    origin = np.zeros((1, 3))
    np.testing.assert_allclose(project(origin, translation, focal_px, size), project_weakly(origin, sample), atol=1e-6)
    sample = make_fit_sample(
        translation_cam=translation, box_center_px=np.array(center), box_scale=box_scale, image_size_px=size
    )
    found = find_camera(sample, focal_px)
    assert found is not None
    np.testing.assert_allclose(found, camera, atol=1e-6)


def test_a_longer_lens_flattens_the_body() -> None:
    sample = make_fit_sample(3)
    points = np.random.default_rng(0).uniform(-1, 1, (50, 3))
    errors = []
    for focal_px in (1e3, 1e4, 1e5, 1e6):
        shown = project(points, build_translation(sample, focal_px), focal_px, (640, 480))
        errors.append(np.abs(shown - project_weakly(points, sample)).max())
    assert errors[-1] < 0.1
    np.testing.assert_allclose(np.array(errors[:-1]) / errors[1:], 10, rtol=0.35)


def test_what_is_missing_is_named() -> None:
    for changes, message in (
        ({"image_size_px": None}, "the size of its picture is unknown"),
        ({"camera": None}, "it has no camera"),
        ({"box_scale": None}, "it has no box"),
        ({"camera": np.array([-0.5, 0, 0])}, "the scale of its camera is -0.5"),
    ):
        with pytest.raises(FormatError, match=f"annotation 183020 of walk/000000.jpg cannot be exported: {message}"):
            build_translation(make_fit_sample(**changes), 1000)


def test_a_camera_is_found_only_where_everything_is_known() -> None:
    known = {"translation_cam": np.array([0, 0, 5.0])}
    assert find_camera(make_fit_sample(**known), 1000) is not None
    assert find_camera(make_fit_sample(**known), None) is None
    assert find_camera(make_fit_sample(), 1000) is None
    for name in ("box_center_px", "box_scale", "image_size_px"):
        assert find_camera(make_fit_sample(**known, **{name: None}), 1000) is None
    for translation, focal_px in (([0, 0, -5.0], 1000), ([0, 0, 5.0], 0)):
        with pytest.raises(ItemError, match="in front of a camera"):
            find_camera(make_fit_sample(translation_cam=np.array(translation)), focal_px)
