"""Tables of the pose sampler: what people do with legs, arms and trunk, in degrees.

Angles are those of :mod:`fitting.synthetic.pose_angles`: anatomical, positive for flexion, abduction and outward
rotation, the same on both sides. Every entry is a :class:`Spread`: a normal distribution, clamped to
:data:`LIMITS`. The values are our own, set by looking at drawn samples; no motion capture was used.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple, TypeAlias

Posture: TypeAlias = Literal["standing", "active", "seated", "low", "lying"]
"""What the legs say about the rest: which arms are likely and how upright the root is."""


class Spread(NamedTuple):
    """Mean and standard deviation, degrees."""

    mean: float
    std: float


class LegAngles(NamedTuple):
    """One leg. ``ankle`` counts from the flat foot where the family stands on its feet, else from the rest pose."""

    flexion: Spread
    abduction: Spread
    rotation: Spread
    knee: Spread
    ankle: Spread = Spread(0, 6)


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
    pelvis_pitch: Spread = Spread(0, 4)
    trunk_flexion: Spread = Spread(0, 4)
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
        shares: Relative frequency for each posture; 0 where missing.
    """

    name: str
    elevation: Spread
    azimuth: Spread
    twist: Spread
    elbow: Spread
    shares: Mapping[Posture, float]
    forearm: Spread = Spread(0, 22)
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


_STAND: Final = LegAngles(Spread(2, 5), Spread(4, 4), Spread(8, 9), Spread(4, 5), Spread(0, 4))
_CHAIR: Final = LegAngles(Spread(86, 9), Spread(8, 9), Spread(2, 10), Spread(86, 18), Spread(5, 10))

LEG_FAMILIES: Final[tuple[LegFamily, ...]] = (
    LegFamily("standing", "standing", 17, *_both(_STAND), flat_feet=True),
    LegFamily(
        "standing_wide",
        "standing",
        7,
        *_both(LegAngles(Spread(3, 6), Spread(14, 6), Spread(10, 9), Spread(8, 8), Spread(0, 5))),
        flat_feet=True,
    ),
    LegFamily(
        "weight_on_one_leg",
        "standing",
        9,
        _STAND,
        LegAngles(Spread(15, 8), Spread(8, 6), Spread(12, 10), Spread(27, 12), Spread(8, 8)),
        flat_feet=True,
    ),
    LegFamily(
        "legs_crossed_standing",
        "standing",
        2,
        LegAngles(Spread(0, 4), Spread(-1, 3), Spread(6, 8), Spread(3, 4)),
        LegAngles(Spread(10, 5), Spread(-10, 4), Spread(10, 8), Spread(16, 9), Spread(8, 8)),
        flat_feet=True,
    ),
    LegFamily(
        "walking",
        "standing",
        11,
        LegAngles(Spread(24, 8), Spread(2, 3), Spread(4, 7), Spread(9, 8), Spread(-4, 7)),
        LegAngles(Spread(-10, 7), Spread(2, 3), Spread(5, 7), Spread(24, 15), Spread(14, 9)),
        pelvis_pitch=Spread(3, 4),
        flat_feet=True,
    ),
    LegFamily(
        "leaning_forward",
        "standing",
        4,
        *_both(LegAngles(Spread(38, 8), Spread(7, 6), Spread(6, 9), Spread(12, 10), Spread(0, 4))),
        pelvis_pitch=Spread(32, 12),
        trunk_flexion=Spread(16, 9),
        flat_feet=True,
    ),
    LegFamily(
        "running",
        "active",
        7,
        LegAngles(Spread(58, 18), Spread(2, 5), Spread(2, 8), Spread(78, 25), Spread(2, 10)),
        LegAngles(Spread(-8, 11), Spread(2, 4), Spread(4, 8), Spread(38, 28), Spread(22, 12)),
        pelvis_pitch=Spread(8, 6),
        tilt=6,
    ),
    LegFamily(
        "athletic_stance",
        "active",
        7,
        *_both(LegAngles(Spread(58, 14), Spread(17, 8), Spread(10, 10), Spread(64, 18), Spread(0, 6))),
        pelvis_pitch=Spread(26, 10),
        trunk_flexion=Spread(10, 8),
        flat_feet=True,
        tilt=5,
    ),
    LegFamily(
        "lunge",
        "active",
        5,
        LegAngles(Spread(66, 15), Spread(8, 8), Spread(6, 9), Spread(72, 16), Spread(0, 6)),
        LegAngles(Spread(-9, 10), Spread(8, 8), Spread(12, 12), Spread(22, 16), Spread(14, 10)),
        pelvis_pitch=Spread(8, 7),
        flat_feet=True,
        tilt=5,
    ),
    LegFamily(
        "kicking",
        "active",
        3,
        LegAngles(Spread(52, 22), Spread(12, 12), Spread(8, 12), Spread(28, 20), Spread(12, 12)),
        LegAngles(Spread(2, 8), Spread(6, 5), Spread(10, 10), Spread(14, 10)),
        pelvis_pitch=Spread(-4, 7),
        tilt=8,
    ),
    LegFamily(
        "jumping",
        "active",
        4,
        LegAngles(Spread(38, 22), Spread(10, 10), Spread(6, 10), Spread(62, 30), Spread(20, 12)),
        LegAngles(Spread(30, 22), Spread(10, 10), Spread(6, 10), Spread(62, 30), Spread(20, 12)),
        pelvis_pitch=Spread(8, 9),
        trunk_flexion=Spread(6, 8),
        tilt=12,
    ),
    LegFamily(
        "step_up",
        "active",
        3,
        LegAngles(Spread(62, 14), Spread(6, 6), Spread(6, 9), Spread(72, 15), Spread(0, 6)),
        LegAngles(Spread(4, 5), Spread(3, 4), Spread(6, 8), Spread(8, 7), Spread(4, 6)),
        pelvis_pitch=Spread(8, 6),
        flat_feet=True,
    ),
    LegFamily(
        "riding_crouch",
        "active",
        3,
        *_both(LegAngles(Spread(88, 14), Spread(16, 9), Spread(8, 10), Spread(88, 18), Spread(0, 7))),
        pelvis_pitch=Spread(42, 12),
        trunk_flexion=Spread(24, 10),
        flat_feet=True,
        tilt=8,
    ),
    LegFamily("chair", "seated", 10, *_both(_CHAIR), pelvis_pitch=Spread(-4, 8), trunk_flexion=Spread(9, 8)),
    LegFamily(
        "chair_knee_over_knee",
        "seated",
        3,
        _CHAIR,
        LegAngles(Spread(100, 8), Spread(-12, 5), Spread(2, 8), Spread(76, 16), Spread(14, 9)),
        pelvis_pitch=Spread(-6, 7),
        trunk_flexion=Spread(8, 8),
    ),
    LegFamily(
        "chair_ankle_forward",
        "seated",
        3,
        LegAngles(Spread(78, 10), Spread(8, 8), Spread(4, 10), Spread(42, 18), Spread(8, 9)),
        LegAngles(Spread(84, 10), Spread(8, 8), Spread(4, 10), Spread(62, 24), Spread(8, 9)),
        pelvis_pitch=Spread(-10, 8),
        trunk_flexion=Spread(10, 8),
    ),
    LegFamily(
        "floor_cross_legged",
        "seated",
        2.5,
        *_both(LegAngles(Spread(98, 9), Spread(40, 7), Spread(42, 9), Spread(126, 9), Spread(20, 9))),
        pelvis_pitch=Spread(-6, 8),
        trunk_flexion=Spread(18, 9),
    ),
    LegFamily(
        "floor_legs_stretched",
        "seated",
        2,
        LegAngles(Spread(78, 10), Spread(9, 7), Spread(10, 12), Spread(14, 12), Spread(14, 10)),
        LegAngles(Spread(88, 16), Spread(9, 8), Spread(10, 12), Spread(38, 36), Spread(12, 10)),
        pelvis_pitch=Spread(-12, 9),
        trunk_flexion=Spread(16, 10),
    ),
    LegFamily(
        "squatting",
        "low",
        4,
        *_both(LegAngles(Spread(113, 9), Spread(20, 9), Spread(14, 10), Spread(132, 9), Spread(6, 8))),
        pelvis_pitch=Spread(14, 9),
        trunk_flexion=Spread(20, 10),
        flat_feet=True,
        tilt=4,
    ),
    LegFamily(
        "kneeling",
        "low",
        2,
        *_both(LegAngles(Spread(14, 12), Spread(7, 6), Spread(2, 8), Spread(104, 18), Spread(32, 8))),
        pelvis_pitch=Spread(6, 7),
        trunk_flexion=Spread(6, 8),
        tilt=4,
    ),
    LegFamily(
        "sitting_on_heels",
        "low",
        1.5,
        *_both(LegAngles(Spread(92, 10), Spread(9, 8), Spread(2, 8), Spread(143, 5), Spread(38, 5))),
        pelvis_pitch=Spread(4, 7),
        trunk_flexion=Spread(12, 8),
        tilt=4,
    ),
    LegFamily(
        "kneeling_on_one",
        "low",
        2.5,
        LegAngles(Spread(88, 10), Spread(9, 7), Spread(5, 8), Spread(90, 12), Spread(0, 8)),
        LegAngles(Spread(2, 9), Spread(6, 5), Spread(2, 8), Spread(94, 10), Spread(26, 14)),
        pelvis_pitch=Spread(5, 8),
        trunk_flexion=Spread(8, 8),
        tilt=4,
    ),
    LegFamily(
        "lying",
        "lying",
        3,
        LegAngles(Spread(16, 16), Spread(7, 7), Spread(10, 14), Spread(24, 22), Spread(24, 10)),
        LegAngles(Spread(24, 24), Spread(7, 7), Spread(10, 14), Spread(40, 34), Spread(24, 10)),
        tilt=6,
    ),
)
"""Leg families. Standing ones keep the root upright: people cut at the neck must not come out hunched."""

_ANY: Final[Mapping[Posture, float]] = {"standing": 1, "active": 1, "seated": 1, "low": 1, "lying": 1}


def _shares(standing: float, active: float, seated: float, low: float, lying: float) -> Mapping[Posture, float]:
    return {"standing": standing, "active": active, "seated": seated, "low": low, "lying": lying}


ARM_FAMILIES: Final[tuple[ArmFamily, ...]] = (
    ArmFamily(
        "hanging", Spread(-79, 6), Spread(12, 28), Spread(12, 18), Spread(14, 11), _shares(22, 4, 6, 5, 8), gravity=0.9
    ),
    ArmFamily(
        "hanging_bent", Spread(-68, 9), Spread(12, 28), Spread(18, 22), Spread(48, 22), _shares(11, 9, 6, 6, 8), gravity=0.6
    ),
    ArmFamily(
        "carrying_before", Spread(-62, 9), Spread(38, 18), Spread(22, 18), Spread(88, 16), _shares(10, 8, 12, 9, 4), gravity=0.4
    ),
    ArmFamily(
        "hand_on_hip", Spread(-46, 6), Spread(-14, 10), Spread(58, 9), Spread(96, 10), _shares(6, 1, 1, 1, 1)
    ),
    ArmFamily(
        "hands_together", Spread(-66, 7), Spread(40, 14), Spread(44, 11), Spread(66, 14), _shares(7, 2, 9, 5, 6), gravity=0.3
    ),
    ArmFamily(
        "crossed", Spread(-60, 6), Spread(48, 10), Spread(62, 9), Spread(98, 9), _shares(5, 1, 4, 1, 1)
    ),
    ArmFamily(
        "on_thigh", Spread(-62, 8), Spread(64, 16), Spread(14, 18), Spread(42, 18), _shares(1, 3, 18, 12, 2), gravity=0.5
    ),
    ArmFamily(
        "reaching", Spread(-18, 18), Spread(72, 18), Spread(4, 26), Spread(22, 16), _shares(7, 12, 8, 8, 4), gravity=0.5
    ),
    ArmFamily(
        "reaching_down", Spread(-52, 12), Spread(70, 18), Spread(4, 24), Spread(16, 13), _shares(3, 7, 4, 12, 2), gravity=0.7
    ),
    ArmFamily("sideways", Spread(-14, 18), Spread(4, 22), Spread(-6, 30), Spread(22, 18), _shares(4, 12, 2, 3, 6), gravity=0.2),
    ArmFamily("hand_up", Spread(58, 14), Spread(28, 26), Spread(-38, 34), Spread(28, 22), _shares(4, 8, 2, 2, 4)),
    ArmFamily("waving", Spread(4, 15), Spread(14, 18), Spread(-74, 15), Spread(78, 22), _shares(4, 3, 3, 1, 2)),
    ArmFamily("throwing", Spread(6, 13), Spread(-16, 18), Spread(-82, 20), Spread(84, 20), _shares(1, 7, 0.5, 0.5, 0.5)),
    ArmFamily("phone_at_ear", Spread(-42, 9), Spread(36, 14), Spread(-26, 10), Spread(134, 6), _shares(4, 0.5, 5, 1, 2)),
    ArmFamily("hand_at_face", Spread(-40, 10), Spread(62, 12), Spread(6, 12), Spread(126, 9), _shares(4, 2, 8, 3, 3)),
    ArmFamily("running_swing", Spread(-58, 10), Spread(8, 44), Spread(16, 14), Spread(88, 16), _shares(1, 12, 0, 0, 0)),
    ArmFamily("guard", Spread(-48, 10), Spread(52, 14), Spread(2, 14), Spread(108, 14), _shares(2, 7, 2, 1, 1)),
    ArmFamily("behind_back", Spread(-70, 6), Spread(-34, 10), Spread(82, 9), Spread(56, 15), _shares(2, 0, 0.5, 0, 0.5)),
    ArmFamily("behind_head", Spread(34, 12), Spread(16, 14), Spread(-112, 12), Spread(122, 10), _shares(1, 0.5, 1.5, 0.5, 3)),
    ArmFamily("leaning_on_hand_behind", Spread(-64, 8), Spread(-40, 10), Spread(-12, 16), Spread(10, 9), _shares(0.5, 0, 3, 1, 1)),
)
"""Arm families; both arms take the same one in half of the samples."""

SPINE_MODES: Final[tuple[SpineMode, ...]] = (
    SpineMode("straight", 50, Spread(1, 4), Spread(0, 3), Spread(0, 5)),
    SpineMode("rounded", 20, Spread(14, 8), Spread(0, 4), Spread(0, 7)),
    SpineMode("arched", 8, Spread(-10, 6), Spread(0, 5), Spread(0, 8)),
    SpineMode("twisted", 22, Spread(5, 8), Spread(0, 11), Spread(0, 19)),
)
