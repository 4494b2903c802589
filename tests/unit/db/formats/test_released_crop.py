"""The released rounding of keypoints, against numbers by hand and against the fitter's own crop."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from db.formats.parts.released_crop import crop_keypoints
from fitting.geometry.crop import exact_keypoints
from fitting.spec import Box

PIXELS = st.floats(-2000, 4000)


def test_crop_pixels_are_cut_and_shifted() -> None:
    """A box of 256 px whose corner is at (72, 22): a picture pixel is 0.875 crop pixels."""
    keypoints = np.array([[72, 22, 1], [84.5, 23.5, 1], [71.5, 21.0, 1], [0, 0, 0]], dtype=float)
    cropped = crop_keypoints(keypoints, np.array([200.0, 150.0]), 1.28)
    pixels = (cropped[:, :2] + 1) * 112
    # 0 -> 1, 10.9375 -> 11, 1.3125 -> 2; towards zero, so -0.4375 -> 1 and -0.875 -> 1 too.
    np.testing.assert_allclose(pixels[:3], [[1, 1], [11, 2], [1, 1]], atol=1e-12)
    np.testing.assert_array_equal(cropped[:, 2], keypoints[:, 2])
    np.testing.assert_allclose(pixels[3], [-62, -18], atol=1e-12)  # absent, and yet not (0, 0)


@given(st.tuples(PIXELS, PIXELS), st.tuples(PIXELS, PIXELS), st.floats(0.05, 20))
def test_the_fitter_rounds_the_same_way(point: tuple[float, float], center: tuple[float, float], scale: float) -> None:
    keypoints = np.array([[*point, 1.0]])
    ours = crop_keypoints(keypoints, np.array(center), scale)
    theirs = exact_keypoints(keypoints[:, :2], Box(np.array(center), scale))
    # A place within a rounding error of a whole crop pixel may be cut to either side.
    crop_px = (keypoints[0, :2] - center) * 224 / (200 * scale) + 112
    settled = np.abs(crop_px - np.round(crop_px)) > 1e-6
    np.testing.assert_array_equal(ours[0, :2][settled], theirs[0][settled])
