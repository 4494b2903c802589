"""A person in a place: pose, camera height, ground, a seat where one is needed, and the light.

Ground coordinates: right and forward along the ground (forward away from the camera), up against gravity, metres,
origin under the lowest point of the person.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.random import Generator

from fitting.spec import FloatArray
from fitting.synthetic.leg_families import LEG_FAMILIES
from fitting.synthetic.pose_tables import Families, draw_arm_families
from fitting.synthetic.poses import Poses, pose_families

# How often a demo picture shows each leg family; the others look odd without their bicycle or bed.
_FAMILY_SHARES: Final = {
    "standing": 3.0,
    "standing_wide": 2.0,
    "weight_on_one_leg": 3.0,
    "walking": 4.0,
    "running": 3.0,
    "athletic_stance": 1.5,
    "lunge": 1.5,
    "kicking": 1.5,
    "jumping": 1.5,
    "chair": 2.5,
    "chair_knee_over_knee": 1.0,
    "squatting": 0.8,
    "kneeling_on_one": 0.8,
}


@dataclass(frozen=True, slots=True, eq=False)
class Staging:
    """One person and the camera's pitch.

    Attributes:
        rotations: ``(24, 3, 3)``, the root's in the camera frame.
        betas: ``(10,)``.
        family: Leg family of the pose.
        pitch: How far the camera looks down, radians.
        heading: The person's turn about the vertical, 0 facing the camera, radians.
        lift: Height of the lowest point above the ground, metres.
    """

    rotations: FloatArray
    betas: FloatArray
    family: str
    pitch: float
    heading: float
    lift: float

    @property
    def is_seated(self) -> bool:
        """Whether the pose wants something to sit on."""
        return self.family.startswith("chair")


def draw_staging(rng: Generator) -> Staging:
    """A natural pose, mostly facing the camera, seen from about eye height."""
    shares = np.array(list(_FAMILY_SHARES.values()))
    family = str(rng.choice(list(_FAMILY_SHARES), p=shares / shares.sum()))
    pose = _pose_of_family(family, rng)
    pitch = np.deg2rad(rng.uniform(3.0, 7.0))
    heading = np.deg2rad(_draw_heading(rng))
    rotations = pose.rotations[0].numpy().astype(np.float64)
    upright = turn_y(heading) @ pose.upright[0].numpy().astype(np.float64)
    rotations[0] = turn_x(np.pi) @ turn_x(pitch) @ upright
    lift = {"jumping": rng.uniform(0.10, 0.28), "running": rng.uniform(0.0, 0.06)}.get(family, 0.0)
    betas = np.clip(rng.normal(0.0, 0.8, 10), -2.0, 2.0)
    return Staging(rotations, betas, family, float(pitch), float(heading), float(lift))


def _pose_of_family(family: str, rng: Generator) -> Poses:
    """One person of a leg family."""
    generator = torch.Generator().manual_seed(int(rng.integers(2**31)))
    leg = torch.tensor([[entry.name for entry in LEG_FAMILIES].index(family)])
    return pose_families(Families(leg, draw_arm_families(leg, generator)), generator)


def _draw_heading(rng: Generator) -> float:
    kind = rng.random()
    if kind < 0.70:
        return float(rng.normal(0.0, 32.0))
    if kind < 0.88:
        return float(rng.choice((-1.0, 1.0)) * rng.uniform(60.0, 110.0))
    return float(rng.normal(180.0, 30.0))


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """The ground under a person, in the camera frame; axes are unit vectors ``(3,)``."""

    origin_cam: FloatArray
    right: FloatArray
    forward: FloatArray
    up: FloatArray

    def direction(self, azimuth_degrees: float, elevation_degrees: float) -> FloatArray:
        """Unit vector of the camera frame; azimuth 0 points to the camera, 90 to the image's right."""
        azimuth, elevation = np.deg2rad(azimuth_degrees), np.deg2rad(elevation_degrees)
        flat = -np.cos(azimuth) * self.forward + np.sin(azimuth) * self.right
        vector: FloatArray = np.cos(elevation) * flat + np.sin(elevation) * self.up
        return vector

    def heights(self, points_cam: FloatArray) -> FloatArray:
        """Heights ``(N,)`` above the ground, metres."""
        heights: FloatArray = (points_cam - self.origin_cam) @ self.up
        return heights

    def shadow_of(self, points_cam: FloatArray, towards_light: FloatArray) -> FloatArray:
        """Where the rays through points ``(N, 3)`` meet the ground, camera frame."""
        reach = self.heights(points_cam) / float(towards_light @ self.up)
        fallen: FloatArray = points_cam - reach[:, None] * towards_light
        return fallen


def lay_ground(points_cam: FloatArray, pitch: float, lift: float) -> Ground:
    """Ground under the lowest of points ``(N, 3)``, ``lift`` metres below it."""
    up = np.array([0.0, -np.cos(pitch), -np.sin(pitch)])
    forward = np.array([0.0, -np.sin(pitch), np.cos(pitch)])
    heights = points_cam @ up
    middle = points_cam.mean(axis=0)
    origin = middle + (heights.min() - lift - middle @ up) * up
    return Ground(origin, np.array([1.0, 0.0, 0.0]), forward, up)


@dataclass(frozen=True, slots=True, eq=False)
class Seat:
    """A cube to sit on: corners ``(24, 3)`` of six separate sides, camera frame; faces ``(12, 3)``."""

    points_cam: FloatArray
    faces: FloatArray


def build_seat(buttocks_cam: FloatArray, ground: Ground, heading: float) -> Seat:
    """A cube from the ground to the lowest of the points sat on ``(N, 3)``."""
    heights = ground.heights(buttocks_cam)
    top = max(float(np.quantile(heights, 0.03)), 0.05)
    middle = buttocks_cam.mean(axis=0)
    middle = middle - ground.heights(middle[None])[0] * ground.up
    facing = np.sin(heading) * ground.right - np.cos(heading) * ground.forward
    side = np.cross(facing, ground.up)
    half = 0.23
    corners = []
    for axis_a, axis_b, normal in (
        (side, facing, ground.up), (facing, ground.up, side), (ground.up, side, facing)
    ):  # fmt: skip
        corners += [_cube_side(axis_a, axis_b, sign * normal) for sign in (1.0, -1.0)]
    unit = np.concatenate(corners)
    stretch = (unit @ side)[:, None] * side * half + (unit @ facing)[:, None] * facing * half
    stretch = stretch + ((unit @ ground.up + 1.0) / 2 * top)[:, None] * ground.up
    faces = np.concatenate([np.array([[0, 1, 2], [0, 2, 3]]) + 4 * k for k in range(6)])
    return Seat(middle + 0.02 * facing + stretch, faces)


def _cube_side(first: FloatArray, second: FloatArray, normal: FloatArray) -> FloatArray:
    return np.stack([normal + a * first + b * second for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1))])


def turn_x(angle: float) -> FloatArray:
    """Rotation ``(3, 3)`` about x, radians."""
    cosine, sine = np.cos(angle), np.sin(angle)
    return np.array([[1.0, 0.0, 0.0], [0.0, cosine, -sine], [0.0, sine, cosine]])


def turn_y(angle: float) -> FloatArray:
    """Rotation ``(3, 3)`` about y, radians."""
    cosine, sine = np.cos(angle), np.sin(angle)
    return np.array([[cosine, 0.0, sine], [0.0, 1.0, 0.0], [-sine, 0.0, cosine]])
