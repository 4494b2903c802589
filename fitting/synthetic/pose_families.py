"""Tables of the pose sampler: what people do with legs, arms and trunk, in degrees.

Angles are those of :mod:`fitting.synthetic.pose_angles`: anatomical, positive for flexion, abduction and outward
rotation, the same on both sides. Every entry is a :data:`Spread`, mean and standard
deviation of a normal distribution, clamped to :data:`LIMITS`. The values are our own, set by looking at drawn
samples; no motion capture was used.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple, TypeAlias

Posture: TypeAlias = Literal["standing", "active", "seated", "low", "lying"]
"""What the legs say about the rest: which arms are likely and how upright the root is."""

Spread: TypeAlias = tuple[float, float]
"""Mean and standard deviation, degrees."""


class Shares(NamedTuple):
    """Relative frequency for each posture."""

    standing: float
    active: float
    seated: float
    low: float
    lying: float


class LegAngles(NamedTuple):
    """One leg. ``ankle`` counts from the flat foot where the family stands on its feet, else from the rest pose."""

    flexion: Spread
    abduction: Spread
    rotation: Spread
    knee: Spread
    ankle: Spread = (0, 6)


@dataclass(frozen=True, slots=True)
class LegFamily:
    """Both legs and the pelvis they carry.

    Attributes:
        share: Relative frequency.
        first, second: The two legs; which one is the left is drawn by lot.
        pelvis_pitch: Forward tilt of the pelvis; its deviation from the mean is added to the hips' flexion, so the
            legs stay where they are.
        trunk_flexion: Forward bend of the spine, added to the spine mode's.
        flat_feet: The soles stay on the ground.
        tilt: Standard deviation of the whole body's tilt.
    """

    name: str
    posture: Posture
    share: float
    first: LegAngles
    second: LegAngles
    pelvis_pitch: Spread = (0, 4)
    trunk_flexion: Spread = (0, 4)
    flat_feet: bool = False
    tilt: float = 3.0


@dataclass(frozen=True, slots=True)
class ArmFamily:
    """One arm by direction.

    Attributes:
        elevation: Upper arm above the horizontal; -90 hangs, 90 points up.
        azimuth: Upper arm from sideways (0) to forward (90); negative is backward, above 90 across the chest.
        twist: About the upper arm; positive turns the bent forearm inward.
        elbow: Flexion.
        forearm: Twist of the forearm, positive turns the thumb inward (pronation).
        gravity: How far the direction follows the vertical instead of the bending trunk, 0 to 1.
        shares: Relative frequency for each posture.
    """

    name: str
    elevation: Spread
    azimuth: Spread
    twist: Spread
    elbow: Spread
    shares: Shares
    forearm: Spread = (0, 22)
    gravity: float = 0.0


@dataclass(frozen=True, slots=True)
class SpineMode:
    """Trunk: flexion forward, bend to the left, turn to the left; totals over the three spine joints."""

    name: str
    share: float
    flexion: Spread
    bend: Spread
    turn: Spread


class Limits(NamedTuple):
    """Lowest and highest angle, degrees."""

    low: float
    high: float


LIMITS: Final[Mapping[str, Limits]] = {
    "hip_flexion": Limits(-28, 125),
    "hip_abduction": Limits(-22, 58),
    "hip_rotation": Limits(-35, 60),
    "knee": Limits(0, 148),
    "ankle": Limits(-28, 45),
    "toes": Limits(-45, 15),
    "elevation": Limits(-88, 85),
    "azimuth": Limits(-65, 130),
    "shoulder_twist": Limits(-140, 100),
    "elbow": Limits(0, 145),
    "forearm": Limits(-75, 80),
    "wrist_flexion": Limits(-55, 60),
    "wrist_deviation": Limits(-20, 30),
    "spine_flexion": Limits(-28, 70),
    "spine_bend": Limits(-32, 32),
    "spine_turn": Limits(-42, 42),
    "head_flexion": Limits(-45, 50),
    "head_bend": Limits(-32, 32),
    "head_turn": Limits(-72, 72),
    "pelvis_pitch": Limits(-40, 80),
}
"""Ends of the anatomical ranges, a little inside the textbook figures (goniometry of healthy adults)."""


def _both(leg: LegAngles) -> tuple[LegAngles, LegAngles]:
    return leg, leg


# One family stays one or two lines: the columns are what people compare.
# fmt: off
_STAND: Final = LegAngles((2, 5), (4, 4), (8, 9), (4, 5), (0, 4))
_CHAIR: Final = LegAngles((86, 9), (8, 9), (2, 10), (86, 18), (5, 10))

LEG_FAMILIES: Final[tuple[LegFamily, ...]] = (
    LegFamily("standing", "standing", 17,
        *_both(_STAND),
        flat_feet=True),
    LegFamily("standing_wide", "standing", 7,
        *_both(LegAngles((3, 6), (14, 6), (10, 9), (8, 8), (0, 5))),
        flat_feet=True),
    LegFamily("weight_on_one_leg", "standing", 9,
        _STAND, LegAngles((15, 8), (8, 6), (12, 10), (27, 12), (8, 8)),
        flat_feet=True),
    LegFamily("legs_crossed_standing", "standing", 2,
        LegAngles((0, 4), (-1, 3), (6, 8), (3, 4)), LegAngles((10, 5), (-10, 4), (10, 8), (16, 9), (8, 8)),
        flat_feet=True),
    LegFamily("walking", "standing", 11,
        LegAngles((24, 8), (2, 3), (4, 7), (9, 8), (-4, 7)), LegAngles((-10, 7), (2, 3), (5, 7), (24, 15), (14, 9)),
        pelvis_pitch=(3, 4), flat_feet=True),
    LegFamily("leaning_forward", "standing", 4,
        *_both(LegAngles((38, 8), (7, 6), (6, 9), (12, 10), (0, 4))),
        pelvis_pitch=(32, 12), trunk_flexion=(16, 9), flat_feet=True),
    LegFamily("running", "active", 7,
        LegAngles((58, 18), (2, 5), (2, 8), (78, 25), (2, 10)),
        LegAngles((-8, 11), (2, 4), (4, 8), (38, 28), (22, 12)),
        pelvis_pitch=(8, 6), tilt=6),
    LegFamily("athletic_stance", "active", 7,
        *_both(LegAngles((58, 14), (17, 8), (10, 10), (64, 18))),
        pelvis_pitch=(26, 10), trunk_flexion=(10, 8), flat_feet=True, tilt=5),
    LegFamily("lunge", "active", 5,
        LegAngles((66, 15), (8, 8), (6, 9), (72, 16)), LegAngles((-9, 10), (8, 8), (12, 12), (22, 16), (14, 10)),
        pelvis_pitch=(8, 7), flat_feet=True, tilt=5),
    LegFamily("kicking", "active", 3,
        LegAngles((52, 22), (12, 12), (8, 12), (28, 20), (12, 12)), LegAngles((2, 8), (6, 5), (10, 10), (14, 10)),
        pelvis_pitch=(-4, 7), tilt=8),
    LegFamily("jumping", "active", 4,
        LegAngles((38, 22), (10, 10), (6, 10), (62, 30), (20, 12)),
        LegAngles((30, 22), (10, 10), (6, 10), (62, 30), (20, 12)),
        pelvis_pitch=(8, 9), trunk_flexion=(6, 8), tilt=12),
    LegFamily("step_up", "active", 3,
        LegAngles((62, 14), (6, 6), (6, 9), (72, 15)), LegAngles((4, 5), (3, 4), (6, 8), (8, 7), (4, 6)),
        pelvis_pitch=(8, 6), flat_feet=True),
    LegFamily("riding_crouch", "active", 3,
        *_both(LegAngles((88, 14), (16, 9), (8, 10), (88, 18), (0, 7))),
        pelvis_pitch=(42, 12), trunk_flexion=(24, 10), flat_feet=True, tilt=8),
    LegFamily("chair", "seated", 10,
        *_both(_CHAIR),
        pelvis_pitch=(-4, 8), trunk_flexion=(9, 8)),
    LegFamily("chair_knee_over_knee", "seated", 3,
        _CHAIR, LegAngles((100, 8), (-12, 5), (2, 8), (76, 16), (14, 9)),
        pelvis_pitch=(-6, 7), trunk_flexion=(8, 8)),
    LegFamily("chair_ankle_forward", "seated", 3,
        LegAngles((78, 10), (8, 8), (4, 10), (42, 18), (8, 9)),
        LegAngles((84, 10), (8, 8), (4, 10), (62, 24), (8, 9)),
        pelvis_pitch=(-10, 8), trunk_flexion=(10, 8)),
    LegFamily("floor_cross_legged", "seated", 2.5,
        *_both(LegAngles((98, 9), (40, 7), (42, 9), (126, 9), (20, 9))),
        pelvis_pitch=(-6, 8), trunk_flexion=(18, 9)),
    LegFamily("floor_legs_stretched", "seated", 2,
        LegAngles((78, 10), (9, 7), (10, 12), (14, 12), (14, 10)),
        LegAngles((88, 16), (9, 8), (10, 12), (38, 36), (12, 10)),
        pelvis_pitch=(-12, 9), trunk_flexion=(16, 10)),
    LegFamily("squatting", "low", 4,
        *_both(LegAngles((113, 9), (20, 9), (14, 10), (132, 9), (6, 8))),
        pelvis_pitch=(14, 9), trunk_flexion=(20, 10), flat_feet=True, tilt=4),
    LegFamily("kneeling", "low", 2,
        *_both(LegAngles((14, 12), (7, 6), (2, 8), (104, 18), (32, 8))),
        pelvis_pitch=(6, 7), trunk_flexion=(6, 8), tilt=4),
    LegFamily("sitting_on_heels", "low", 1.5,
        *_both(LegAngles((92, 10), (9, 8), (2, 8), (143, 5), (38, 5))),
        pelvis_pitch=(4, 7), trunk_flexion=(12, 8), tilt=4),
    LegFamily("kneeling_on_one", "low", 2.5,
        LegAngles((88, 10), (9, 7), (5, 8), (90, 12), (0, 8)), LegAngles((2, 9), (6, 5), (2, 8), (94, 10), (26, 14)),
        pelvis_pitch=(5, 8), trunk_flexion=(8, 8), tilt=4),
    LegFamily("lying", "lying", 3,
        LegAngles((16, 16), (7, 7), (10, 14), (24, 22), (24, 10)),
        LegAngles((24, 24), (7, 7), (10, 14), (40, 34), (24, 10)),
        tilt=6),
)
"""Leg families. Standing ones keep the root upright: people cut at the neck must not come out hunched."""

ARM_FAMILIES: Final[tuple[ArmFamily, ...]] = (
    ArmFamily("hanging", (-79, 6), (12, 28), (12, 18), (14, 11), Shares(22, 4, 6, 5, 8), gravity=0.9),
    ArmFamily("hanging_bent", (-68, 9), (12, 28), (18, 22), (48, 22), Shares(11, 9, 6, 6, 8), gravity=0.6),
    ArmFamily("carrying_before", (-62, 9), (38, 18), (22, 18), (88, 16), Shares(10, 8, 12, 9, 4), gravity=0.4),
    ArmFamily("hand_on_hip", (-46, 6), (-14, 10), (58, 9), (96, 10), Shares(6, 1, 1, 1, 1)),
    ArmFamily("hands_together", (-66, 7), (40, 14), (44, 11), (66, 14), Shares(7, 2, 9, 5, 6), gravity=0.3),
    ArmFamily("crossed", (-60, 6), (48, 10), (62, 9), (98, 9), Shares(5, 1, 4, 1, 1)),
    ArmFamily("on_thigh", (-62, 8), (64, 16), (14, 18), (42, 18), Shares(1, 3, 18, 12, 2), gravity=0.5),
    ArmFamily("reaching", (-18, 18), (72, 18), (4, 26), (22, 16), Shares(7, 12, 8, 8, 4), gravity=0.5),
    ArmFamily("reaching_down", (-52, 12), (70, 18), (4, 24), (16, 13), Shares(3, 7, 4, 12, 2), gravity=0.7),
    ArmFamily("sideways", (-14, 18), (4, 22), (-6, 30), (22, 18), Shares(4, 12, 2, 3, 6), gravity=0.2),
    ArmFamily("hand_up", (58, 14), (28, 26), (-38, 34), (28, 22), Shares(4, 8, 2, 2, 4)),
    ArmFamily("waving", (4, 15), (14, 18), (-74, 15), (78, 22), Shares(4, 3, 3, 1, 2)),
    ArmFamily("throwing", (6, 13), (-16, 18), (-82, 20), (84, 20), Shares(1, 7, 0.5, 0.5, 0.5)),
    ArmFamily("phone_at_ear", (-42, 9), (36, 14), (-26, 10), (134, 6), Shares(4, 0.5, 5, 1, 2)),
    ArmFamily("hand_at_face", (-40, 10), (62, 12), (6, 12), (126, 9), Shares(4, 2, 8, 3, 3)),
    ArmFamily("running_swing", (-58, 10), (8, 44), (16, 14), (88, 16), Shares(1, 12, 0, 0, 0)),
    ArmFamily("guard", (-48, 10), (52, 14), (2, 14), (108, 14), Shares(2, 7, 2, 1, 1)),
    ArmFamily("behind_back", (-70, 6), (-34, 10), (82, 9), (56, 15), Shares(2, 0, 0.5, 0, 0.5)),
    ArmFamily("behind_head", (34, 12), (16, 14), (-112, 12), (122, 10), Shares(1, 0.5, 1.5, 0.5, 3)),
    ArmFamily("leaning_on_hand_behind", (-64, 8), (-40, 10), (-12, 16), (10, 9), Shares(0.5, 0, 3, 1, 1)),
)
"""Arm families; both arms take the same one in half of the samples."""

SPINE_MODES: Final[tuple[SpineMode, ...]] = (
    SpineMode("straight", 50, (1, 4), (0, 3), (0, 5)),
    SpineMode("rounded", 20, (14, 8), (0, 4), (0, 7)),
    SpineMode("arched", 8, (-10, 6), (0, 5), (0, 8)),
    SpineMode("twisted", 22, (5, 8), (0, 11), (0, 19)),
)
# fmt: on
