"""The poses the mannequin must survive: each joint near the end of its range, and usual combinations.

They are drawn in ``docs/pictures/mannequin_sheet_*.png`` and measured in the tests. Signs as in ``training_poses``.
"""

from __future__ import annotations

from dataclasses import dataclass

from fitting.body.mannequin.training_poses import EulerPose

ARMS_DOWN: EulerPose = {"left_collar": (0, 0, -6), "left_shoulder": (0, 0, -58)}
"""Arms a hand's breadth from the hips, so that the trunk can be seen."""


@dataclass(frozen=True, slots=True)
class LimitPose:
    """A pose at the end of what people can do.

    Attributes:
        caption: What is shown, for sheets and test names.
        pose: Degrees by joint.
        kept: Least share of the rest volume that must be left (tests).
    """

    caption: str
    pose: EulerPose
    kept: float = 0.97


LIMIT_POSES = (
    LimitPose("elbows bent by 140°", {"left_elbow": (0, -140, 0)}, 0.98),
    LimitPose("knees bent by 140°", {"left_knee": (140, 0, 0), **ARMS_DOWN}),
    LimitPose(
        "arms overhead: collar 25° + shoulder 60°", {"left_collar": (0, 0, 25), "left_shoulder": (0, 0, 60)}, 0.98
    ),
    LimitPose(
        "hips at 120°, knees at 90°",
        {"left_hip": (-120, 0, 0), "left_knee": (90, 0, 0), **ARMS_DOWN},
        0.95,
    ),
    LimitPose(
        "hips at 120°, knees at 140°",
        {"left_hip": (-120, 0, 0), "left_knee": (140, 0, 0), "left_shoulder": (0, -60, -20)},
        0.95,
    ),
    LimitPose(
        "trunk twisted by 45°",
        {"spine1": (0, 18, 0), "spine2": (0, 15, 0), "spine3": (0, 12, 0), **ARMS_DOWN},
        0.97,
    ),
    LimitPose(
        "trunk bent forward by 60°, hips at 60°",
        {
            "left_hip": (-60, 0, 0), "spine1": (25, 0, 0), "spine2": (20, 0, 0), "spine3": (15, 0, 0),
            "left_shoulder": (0, -20, -60),
        },
    ),
    LimitPose(
        "trunk bent aside by 40° and back by 20°",
        {"spine1": (-8, 0, 15), "spine2": (-8, 0, 15), "spine3": (-4, 0, 10), **ARMS_DOWN},
    ),
    LimitPose("forearms twisted by 80°", {"left_elbow": (80, 0, 0)}, 0.98),
    LimitPose("wrists bent by 60°, fingers too", {"left_wrist": (0, 0, -60), "left_hand": (0, 0, -40)}, 0.98),
    LimitPose("head turned by 70°", {"neck": (0, 35, 0), "head": (0, 35, 0), **ARMS_DOWN}, 0.98),
    LimitPose("head bowed by 50°", {"neck": (28, 0, 0), "head": (22, 0, 0), **ARMS_DOWN}, 0.98),
    LimitPose("head thrown back by 50°", {"neck": (-25, 0, 0), "head": (-25, 0, 0), **ARMS_DOWN}, 0.98),
    LimitPose(
        "deep squat",
        {
            "left_hip": (-115, 0, 18), "left_knee": (135, 0, 0), "left_ankle": (-25, 0, 0), "spine1": (20, 0, 0),
            "spine2": (10, 0, 0), "left_shoulder": (0, -70, -15), "left_collar": (0, -8, 0),
        },
        0.94,
    ),
    LimitPose(
        "sitting",
        {
            "left_hip": (-90, 0, 6), "left_knee": (90, 0, 0), "left_collar": (0, 0, -6),
            "left_shoulder": (20, -20, -66), "left_elbow": (0, -60, 0),
        },
        0.96,
    ),
    LimitPose(
        "arms crossed in front",
        {
            "left_collar": (0, -12, 0), "right_collar": (0, 12, 0), "left_shoulder": (15, -62, -50),
            "right_shoulder": (28, 62, 40), "left_elbow": (0, -105, 0), "right_elbow": (0, 105, 0),
        },
    ),
    LimitPose("arms straight ahead", {"left_collar": (0, -12, 0), "left_shoulder": (0, -78, 0)}, 0.98),
    LimitPose("arms along the body", {"left_collar": (0, 0, -8), "left_shoulder": (0, 0, -75)}, 0.97),
    LimitPose(
        "lunge: hips at 100° and -25°",
        {
            "left_hip": (-100, 0, 0), "right_hip": (25, 0, 0), "left_knee": (95, 0, 0), "right_knee": (80, 0, 0),
            "right_ankle": (-20, 0, 0), **ARMS_DOWN,
        },
        0.95,
    ),
    LimitPose("legs apart by 45° each", {"left_hip": (0, 0, 45), "left_shoulder": (0, 0, 20)}, 0.97),
)  # fmt: skip
