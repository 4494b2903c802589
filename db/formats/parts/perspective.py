"""From a weak-perspective camera of a box to a perspective camera of the whole picture, and back.

Focal length F in pixels, principal point in the middle of the picture (eft_method.md section 4):
``tz = F / (100 b s)``, ``tX = (cx - W/2 + 100 b tx) tz / F``, ``tY = (cy - H/2 + 100 b ty) tz / F``.
A point at the depth of the body's origin projects to the same pixel in both; others differ by their depth over ``tz``.
"""

from __future__ import annotations

import numpy as np

from db.formats.errors import FormatError
from db.formats.fits import FitSample, FloatArray
from db.formats.parts.checks import ItemError
from db.formats.parts.identity import name_sample
from db.formats.parts.writing import get_box, get_camera


def build_translation(sample: FitSample, focal_px: float) -> FloatArray:
    """Translation of a sample's body in camera axes: ``(3,)`` metres.

    Args:
        sample: Fit with camera, box and size of the picture.
        focal_px: Focal length, pixels of the picture.

    Raises:
        FormatError: One of them is missing, or the camera looks backwards.
    """
    (center_px, box_scale), (scale, *shift) = get_box(sample), get_camera(sample)
    if sample.image_size_px is None:
        raise FormatError(
            f"{name_sample(sample)} cannot be exported: the size of its picture is unknown, which the translation "
            "comes from; add the picture to the project"
        )
    if not scale > 0:
        raise FormatError(
            f"{name_sample(sample)} cannot be exported: the scale of its camera is {scale:g}; fit it again"
        )
    half_side_px = np.float64(100 * box_scale)
    with np.errstate(all="ignore"):
        depth = focal_px / (half_side_px * scale)
        offset_px = center_px - np.array(sample.image_size_px) / 2 + half_side_px * np.array(shift)
        translation = np.array([*(offset_px * depth / focal_px), depth])
    if not np.isfinite(translation).all():
        raise FormatError(f"{name_sample(sample)} cannot be exported: its camera and box put it nowhere; fit it again")
    return translation


def find_camera(sample: FitSample, focal_px: float | None) -> FloatArray | None:
    """Weak-perspective camera ``[s, tx, ty]`` of a sample's box from its translation, None where something is unknown.

    The inverse of :func:`build_translation`.

    Args:
        sample: Fit with translation, box and size of the picture.
        focal_px: Focal length, pixels of the picture.

    Raises:
        ItemError: The body is not in front of the camera.
    """
    if sample.translation_cam is None or sample.box_center_px is None or sample.box_scale is None:
        return None
    if sample.image_size_px is None or focal_px is None:
        return None
    depth = sample.translation_cam[2]
    if not (depth > 0 and focal_px > 0):
        raise ItemError(f"depth {depth:g} and focal length {focal_px:g} are none of a body in front of a camera")
    half_side_px = np.float64(100 * sample.box_scale)
    with np.errstate(all="ignore"):
        seen_px = sample.translation_cam[:2] * focal_px / depth + np.array(sample.image_size_px) / 2
        camera = np.array([focal_px / (half_side_px * depth), *((seen_px - sample.box_center_px) / half_side_px)])
    if not np.isfinite(camera).all():
        raise ItemError("the translation, the focal length and the box belong to no camera")
    return camera
