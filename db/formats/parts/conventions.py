"""What every manifest says of a format of fits under the same names, whatever the format calls its own fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

WEAK_PERSPECTIVE: Final = (
    "weak perspective [s, tx, ty], scale first, in the axes of the camera, relative to the square box of the person"
)
"""Camera of a fit (eft_method.md section 4)."""

MATRICES: Final = "rotation matrices 3x3, row by row, that map body to camera axes"
AXIS_ANGLE: Final = "axis-angle vectors, in radians"

NEUTRAL: Final = "neutral in every sample"
EACH: Final = "said by each sample; neutral where nothing is said"

STATED: Final = ("units", "handedness", "camera_model", "joint_order", "rotation_form", "model_type", "gender")
"""Names that the conventions of every format of fits have."""

_CAMERA_AXES = "right-handed: x right, y down, z forward (away from the camera)"


def state_conventions(
    *,
    camera_model: str,
    rotation_form: str,
    gender: str,
    joint_order: str,
    handedness: str = _CAMERA_AXES,
) -> Mapping[str, object]:
    """The names of :data:`STATED`, to begin a format's conventions with.

    Args:
        camera_model: Camera that puts the body on the picture, and which field holds it.
        rotation_form: Of the pose.
        gender: Which body the parameters belong to: :data:`NEUTRAL` or :data:`EACH`.
        joint_order: Which keys of the conventions list the joints by name.
        handedness: Axes of what the file holds in metres.
    """
    return {
        "units": "metres, radians, pixels of the picture as it was imported",
        "handedness": handedness,
        "camera_model": camera_model,
        "joint_order": joint_order,
        "rotation_form": rotation_form,
        "model_type": "smpl",
        "gender": gender,
    }
