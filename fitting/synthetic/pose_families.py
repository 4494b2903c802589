"""Terms of the pose sampler's tables: what a family says about legs, arms and trunk, in degrees and centimetres.

Angles are those of :mod:`fitting.synthetic.pose_angles`: anatomical, positive for flexion, abduction and outward
rotation, the same on both sides. A :data:`Spread` is mean and standard deviation of a normal distribution, clamped to
:data:`LIMITS`. The tables are :mod:`fitting.synthetic.leg_families` and :mod:`fitting.synthetic.arm_families`; their
values are our own, set by looking at drawn samples; no motion capture was used.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple, TypeAlias

Posture: TypeAlias = Literal["standing", "active", "seated", "low", "lying"]
"""What the legs say about the rest: which arms are likely and how upright the root is."""

Ground: TypeAlias = Literal["both", "stride", "step", "one", "none"]
"""What carries the body, and where it is balanced.

``both``: level soles, between them. ``stride``: a heel may be up, between them. ``step``: the feet on different
heights, between them. ``one``: over the lower foot. ``none``: a seat, the knees, the air.
"""

Frame: TypeAlias = Literal["trunk", "level", "pelvis", "head", "thigh", "shin"]
"""What a hand is placed on, in the axes of the T-pose.

``level`` is the trunk's place with the axes of an upright body; thigh and shin are those of the hand's own side.
"""

Spread: TypeAlias = tuple[float, float]
"""Mean and standard deviation, degrees."""

Place: TypeAlias = tuple[float, float, float]
"""Centimetres outward to the arm's own side, up and forward."""


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
        ground: The feet that carry the body.
        tilt: Standard deviation of the whole body's tilt.
        arms: Arm families that go with these legs ...
        habit: ... and the share of people who take one of them.
    """

    name: str
    posture: Posture
    share: float
    first: LegAngles
    second: LegAngles
    pelvis_pitch: Spread = (0, 4)
    trunk_flexion: Spread = (0, 4)
    flat_feet: bool = False
    ground: Ground = "none"
    tilt: float = 2.0
    arms: tuple[str, ...] = ()
    habit: float = 0.75


@dataclass(frozen=True, slots=True)
class Swing:
    """One arm by direction.

    Attributes:
        elevation: Upper arm above the horizontal; -90 hangs, 90 points up.
        azimuth: Upper arm from sideways (0) to forward (90); negative is backward, above 90 across the chest.
        twist: About the upper arm; positive turns the bent forearm inward.
        elbow: Flexion.
    """

    elevation: Spread
    azimuth: Spread
    twist: Spread
    elbow: Spread


@dataclass(frozen=True, slots=True)
class Touch:
    """One arm by where its wrist is; the joints follow (:mod:`fitting.synthetic.reach`).

    Attributes:
        frame: What the place refers to.
        place: Mean place of the wrist from the frame's joint, on the mean body.
        spread: Standard deviation of the place.
        elbow: Where the elbow points to, outward, up, forward; of any length.
    """

    frame: Frame
    place: Place
    spread: Place = (2, 2, 2)
    elbow: Place = (0.5, -1, -0.3)


@dataclass(frozen=True, slots=True)
class ArmFamily:
    """One arm, or two arms that act together.

    Attributes:
        first: The arm, either arm where there is no ``second``.
        shares: Relative frequency for each posture.
        second: The other arm of a pair; which one is the left is drawn by lot.
        forearm: Twist of the forearm, positive turns the thumb inward (pronation).
        wrist: Flexion of the hand towards the palm.
        gravity: How far a :class:`Swing` follows the vertical instead of the bending trunk, 0 to 1.
        together: Standard deviation, centimetres to the first arm's side, up and forward, by which both hands of a
            pair move as one.
        alone: The other arm does something else.
        opposes_legs: The first arm of a pair is not on the side of the first leg.
    """

    name: str
    first: Swing | Touch
    shares: Shares
    second: Swing | Touch | None = None
    forearm: Spread = (0, 18)
    wrist: Spread = (4, 12)
    gravity: float = 0.0
    together: Place = (0, 0, 0)
    alone: bool = False
    opposes_legs: bool = False


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


SPINE_MODES: Final[tuple[SpineMode, ...]] = (
    SpineMode("straight", 52, (1, 4), (0, 3), (0, 5)),
    SpineMode("rounded", 20, (13, 7), (0, 4), (0, 7)),
    SpineMode("arched", 8, (-8, 5), (0, 5), (0, 8)),
    SpineMode("twisted", 20, (5, 7), (0, 9), (0, 16)),
)
