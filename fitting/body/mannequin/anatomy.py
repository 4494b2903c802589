"""Where the joints and landmarks of the mannequin are: a neutral adult of 1.74 m in T-pose.

Sources. Heights above the sole follow the segment fractions of Drillis & Contini (1966), "Body segment parameters",
NYU report 1166-03: ankle 0.039 H, knee 0.285 H, hip 0.530 H (trochanter; the joint centre lies below), shoulder
0.818 H (acromion), chin 0.870 H, eye 0.936 H, foot length 0.152 H, hand 0.108 H. Distances between joint centres are
the means of women and men of de Leva (1996), "Adjustments to Zatsiorsky-Seluyanov's segment inertia parameters",
J. Biomechanics 29(9): upper arm 0.278 m, forearm 0.262 m, thigh about 0.41 m, shank about 0.43 m. The spine's four
joints are spread evenly from the sacrum to the seventh cervical vertebra.

``height`` in this module's tables counts from the sole; the body frame's origin lies ``SOLE_DEPTH`` above it.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

STATURE: Final = 1.74
SOLE_DEPTH: Final = 1.16
"""Height of the body frame's origin (lower chest) above the soles, metres."""

JOINT_NAMES: Final = (
    "pelvis", "left_hip", "right_hip", "spine1", "left_knee", "right_knee", "spine2", "left_ankle", "right_ankle",
    "spine3", "left_foot", "right_foot", "neck", "left_collar", "right_collar", "head", "left_shoulder",
    "right_shoulder", "left_elbow", "right_elbow", "left_wrist", "right_wrist", "left_hand", "right_hand",
)  # fmt: skip
PARENTS: Final = (-1, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 12, 13, 14, 16, 17, 18, 19, 20, 21)

# x, height above the sole, z; metres. Right joints are mirrored from left ones.
_JOINT_PLACES: Final = {
    "pelvis": (0.0, 0.990, 0.000),
    "left_hip": (0.086, 0.908, 0.000),
    "left_knee": (0.094, 0.497, 0.002),
    "left_ankle": (0.094, 0.077, -0.034),
    "left_foot": (0.108, 0.020, 0.088),
    "spine1": (0.0, 1.090, -0.010),
    "spine2": (0.0, 1.205, -0.018),
    "spine3": (0.0, 1.300, -0.022),
    "neck": (0.0, 1.468, -0.030),
    "head": (0.0, 1.548, 0.000),
    "left_collar": (0.062, 1.398, -0.012),
    "left_shoulder": (0.178, 1.412, -0.018),
    "left_elbow": (0.456, 1.408, -0.026),
    "left_wrist": (0.718, 1.408, -0.022),
    "left_hand": (0.802, 1.404, -0.020),
}

# Where a bone without a child ends: the segment that carries bone heat and girth.
_TIP_PLACES: Final = {
    "head": (0.0, 1.720, 0.000),
    "left_foot": (0.118, 0.018, 0.160),
    "left_hand": (0.895, 1.396, -0.022),
}

# Ribs, flanks and iliac crests: trunk joint, start and end (x, height, z) of the left one.
_FLANKS: Final = (
    ("spine3", (0.090, 1.250, 0.020), (0.090, 1.370, 0.020)),
    ("spine3", (0.105, 1.250, -0.060), (0.095, 1.400, -0.065)),
    ("spine3", (0.130, 1.240, -0.015), (0.128, 1.325, -0.015)),
    ("left_collar", (0.090, 1.440, -0.020), (0.165, 1.440, -0.018)),
    ("spine2", (0.080, 1.190, 0.030), (0.085, 1.240, 0.030)),
    ("spine2", (0.085, 1.190, -0.035), (0.090, 1.240, -0.045)),
    ("spine1", (0.080, 1.085, 0.030), (0.080, 1.180, 0.030)),
    ("spine1", (0.080, 1.085, -0.030), (0.080, 1.180, -0.030)),
    ("pelvis", (0.105, 0.990, 0.030), (0.095, 1.060, 0.035)),
    ("pelvis", (0.100, 0.985, -0.045), (0.090, 1.060, -0.035)),
)

LANDMARK_NAMES: Final = (
    "nose", "right_eye", "left_eye", "right_ear", "left_ear",
    "left_big_toe", "left_small_toe", "left_heel", "right_big_toe", "right_small_toe", "right_heel",
    "left_thumb", "left_index", "left_middle", "left_ring", "left_pinky",
    "right_thumb", "right_index", "right_middle", "right_ring", "right_pinky",
)  # fmt: skip
"""Surface points, in the order of entries 24-44 of the 54 (eft_method.md 3.1)."""

_LANDMARK_PLACES: Final = {
    "nose": (0.0, 1.601, 0.118),
    "left_eye": (0.032, 1.634, 0.083),
    "left_ear": (0.080, 1.618, 0.004),
    "left_big_toe": (0.094, 0.016, 0.172),
    "left_small_toe": (0.157, 0.014, 0.121),
    "left_heel": (0.090, 0.030, -0.088),
    "left_thumb": (0.815, 1.378, 0.064),
    "left_index": (0.886, 1.394, 0.021),
    "left_middle": (0.897, 1.395, -0.010),
    "left_ring": (0.888, 1.394, -0.040),
    "left_pinky": (0.866, 1.392, -0.067),
}

_EXTRA_PLACES: Final = {
    # The annotated hip of LSP and MPII: a little beside and above the femoral head.
    "right_hip": (-0.100, 0.925, 0.004),
    "left_hip": (0.100, 0.925, 0.004),
    "neck": (0.0, 1.478, -0.010),
    "head_top": (0.0, 1.738, -0.010),
    "pelvis": (0.0, 0.915, 0.002),
    "thorax": (0.0, 1.420, -0.015),
    "spine": (0.0, 1.190, -0.015),
    "jaw": (0.0, 1.545, 0.055),
    "head": (0.0, 1.635, 0.010),
}
EXTRA_NAMES: Final = tuple(_EXTRA_PLACES)
"""Rows of ``J_regressor_extra``: entries 45-53 of the 54 (eft_method.md 3.1)."""

H36M_NAMES: Final = (
    "pelvis", "left_hip", "left_knee", "left_ankle", "right_hip", "right_knee", "right_ankle", "spine", "thorax",
    "jaw", "head_top", "left_shoulder", "left_elbow", "left_wrist", "right_shoulder", "right_elbow", "right_wrist",
)  # fmt: skip
"""Rows of ``J_regressor_h36m``, left leg first (eft_method.md 3.6)."""


def mirrored_name(name: str) -> str:
    """The name on the other side of the body; names of the midline stay as they are."""
    if name.startswith("left_"):
        return "right_" + name.removeprefix("left_")
    if name.startswith("right_"):
        return "left_" + name.removeprefix("right_")
    return name


def _place(table: dict[str, tuple[float, float, float]], name: str) -> FloatArray:
    return _lifted(table[name], 1.0) if name in table else _lifted(table[mirrored_name(name)], -1.0)


def build_joints() -> FloatArray:
    """The 24 rest joints ``(24, 3)``, body frame, metres."""
    return np.stack([_place(_JOINT_PLACES, name) for name in JOINT_NAMES])


def build_landmarks() -> FloatArray:
    """Where the 21 landmark vertices should lie ``(21, 3)``; the surface is met at the nearest point."""
    return np.stack([_place(_LANDMARK_PLACES, name) for name in LANDMARK_NAMES])


def build_extra_joints() -> FloatArray:
    """Places of the nine extra joints ``(9, 3)``, body frame, metres."""
    return np.stack([_place(_EXTRA_PLACES, name) for name in EXTRA_NAMES])


def build_h36m_joints() -> FloatArray:
    """Places of the 17 joints of Human3.6M ``(17, 3)``: limbs at the joint centres, the trunk at the extra joints."""
    extra = {"spine", "thorax", "jaw", "head_top"}
    return np.stack([_place(_EXTRA_PLACES if name in extra else _JOINT_PLACES, name) for name in H36M_NAMES])


def build_segments() -> list[tuple[int, FloatArray, FloatArray]]:
    """The sources of bone heat as ``(joint, start (3,), end (3,))``.

    A joint owns one segment for each of its children; the trunk owns ribs and iliac crests besides, because its
    surface lies far from the spine and would otherwise follow arms and legs.
    """
    joints = build_joints()
    segments: list[tuple[int, FloatArray, FloatArray]] = []
    for joint, name in enumerate(JOINT_NAMES):
        children = [child for child, parent in enumerate(PARENTS) if parent == joint]
        ends = [joints[child] for child in children] or [_place(_TIP_PLACES, name)]
        segments.extend((joint, joints[joint], end) for end in ends)
    for name, start, end in _FLANKS:
        left = (JOINT_NAMES.index(name), _lifted(start, 1.0), _lifted(end, 1.0))
        right = (JOINT_NAMES.index(mirrored_name(name)), _lifted(start, -1.0), _lifted(end, -1.0))
        segments += [left, right]
    return segments


def _lifted(place: tuple[float, float, float], side: float) -> FloatArray:
    x, height, z = place
    return np.array([side * x, height - SOLE_DEPTH, z])
