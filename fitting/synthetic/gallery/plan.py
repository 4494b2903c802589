"""Who is in a picture, where the camera stands, and what it cuts off.

Scene frame: camera axes (x right, y down, z away), metres, origin at the main person's pelvis; the camera stands at
``(0, 0, -distance)`` and looks along z. The picture is a rectangle of the *plane* ``z = 0``: a point lands at
``(x, y) / (1 + z / distance)``, whatever the distance, infinity included.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor

from fitting.body.kinematics import Bones, Kinematics
from fitting.geometry.boxes import MARGIN
from fitting.spec import FloatArray, GallerySettings
from fitting.synthetic.gallery.settings import VISIBILITY
from fitting.synthetic.leg_families import LEG_FAMILIES
from fitting.synthetic.people import BETA_LIMIT
from fitting.synthetic.pose_tables import Families, rarity
from fitting.synthetic.poses import sample_poses
from fitting.synthetic.silhouette import Outline, build_outline
from fitting.synthetic.visibility import cut_outline

_BESIDE_M = (0.35, 1.5)
_BEHIND_M = (-0.9, 3.5)
_LEAST_SEEN_M = 0.12
_RARE = 2e-4
"""Probability of legs and arms together below which a pose counts as rare: about a fifth of people."""


@dataclass(frozen=True, slots=True, eq=False)
class PlannedPerson:
    """One body of a scene.

    Attributes:
        rotations: ``(24, 3, 3)``, the root's in the camera frame.
        betas: ``(10,)``.
        shift: ``(3,)`` what moves the body from its own camera frame into the scene.
        joints: ``(49, 3)`` in the scene.
        family: Leg family of the pose.
        is_rare: The pose is of an unusual kind.
    """

    rotations: FloatArray
    betas: FloatArray
    shift: FloatArray
    joints: FloatArray
    family: str
    is_rare: bool


@dataclass(frozen=True, slots=True, eq=False)
class ScenePlan:
    """One picture before it is drawn.

    Attributes:
        people: The main person first.
        distance: Of the camera, metres, perhaps infinite.
        low: ``(2,)`` upper left corner of the picture in the plane, metres.
        px_per_m: Pixels a metre of the plane.
        size_px: Width and height.
        is_cut: The picture was framed so that it cuts the main person.
    """

    people: tuple[PlannedPerson, ...]
    distance: float
    low: FloatArray
    px_per_m: float
    size_px: tuple[int, int]
    is_cut: bool

    def to_pixels(self, points: FloatArray) -> FloatArray:
        """Scene points ``(N, 3)`` as pixels and depth in metres, ``(N, 3)``."""
        nearness = np.maximum(1.0 + points[:, 2:] / self.distance, 0.15)
        plane = points[:, :2] / nearness
        return np.concatenate(((plane - self.low) * self.px_per_m, points[:, 2:]), axis=1)


def plan_scenes(kinematics: Kinematics, count: int, generator: Generator, settings: GallerySettings) -> list[ScenePlan]:
    """``count`` pictures; the same generator state gives the same ones."""
    cast = _Cast(kinematics, count * 3, generator)
    rng = np.random.default_rng(int(torch.randint(2**62, (1,), generator=generator)))
    distance = _draw_distances(count, rng, settings)
    main = cast.bones_of(slice(0, count))
    outline = build_outline(main, cast.joints[:count])
    pelvis = main.joints_cam[:, :1]
    flat = Outline(_to_plane(outline.points - pelvis, torch.from_numpy(distance).float()), outline.radii)
    window = cut_outline(flat, generator, VISIBILITY)
    # Cuts from two sides may leave next to nothing: who is not to be seen is shown whole.
    low, high = flat.extent(window).unbind(1)
    window = window.opened_where(~((high - low).amin(-1) > _LEAST_SEEN_M))
    extent, seen = flat.extent().numpy(), flat.extent(window).numpy()
    borders = np.stack((window.low.numpy(), window.high.numpy()), axis=1)
    return [
        _plan_one(cast, index, count, float(distance[index]), extent[index], seen[index], borders[index], rng, settings)
        for index in range(count)
    ]


class _Cast:
    """Posed bodies to fill scenes with."""

    def __init__(self, kinematics: Kinematics, count: int, generator: Generator) -> None:
        poses = sample_poses(count, generator)
        self.rotations = poses.rotations
        self.betas = torch.randn(count, 10, generator=generator).clamp(-BETA_LIMIT, BETA_LIMIT)
        self.families = poses.angles.leg_family
        self.rarity = rarity(Families(poses.angles.leg_family, poses.angles.arm_family))
        with torch.no_grad():
            self._bones = kinematics.bones(self.rotations, self.betas)
            self.joints = kinematics(self.rotations, self.betas)

    def bones_of(self, part: slice) -> Bones:
        bones = self._bones
        return Bones(bones.joints_cam[part], bones.rotations[part], bones.rest_joints[part])

    def feet(self, index: int) -> float:
        """Lowest point, camera frame."""
        return float(self.joints[index, :, 1].max())

    def put(self, index: int, place: FloatArray | None) -> PlannedPerson:
        """Person with the pelvis at a place of the scene, the origin by default."""
        pelvis = self._bones.joints_cam[index, 0].numpy().astype(np.float64)
        shift = -pelvis if place is None else place - pelvis
        family = LEG_FAMILIES[int(self.families[index])]
        return PlannedPerson(
            self.rotations[index].numpy(),
            self.betas[index].numpy(),
            shift,
            self.joints[index].numpy() + shift,
            family.name,
            bool(self.rarity[index] < _RARE),
        )


def _draw_distances(count: int, rng: np.random.Generator, settings: GallerySettings) -> NDArray[np.float64]:
    low, high = settings.distance_m
    # Perspective goes with the inverse; squared, because few stand at arm's length.
    inverse = 1 / high + (1 / low - 1 / high) * rng.random(count) ** 2
    kind, near = rng.random(count), rng.uniform(*settings.close_m, count)
    distance = np.where(kind < settings.close_share, near, 1 / inverse)
    return np.where(kind > 1 - settings.weak_share, np.inf, distance)


def _to_plane(points: Tensor, distance: Tensor) -> Tensor:
    return points[..., :2] / (1 + points[..., 2:] / distance[:, None, None]).clamp_min(0.15)


def _plan_one(
    cast: _Cast,
    index: int,
    count: int,
    distance: float,
    extent: FloatArray,
    seen: FloatArray,
    borders: FloatArray,
    rng: np.random.Generator,
    settings: GallerySettings,
) -> ScenePlan:
    """Frame one main person and give him company."""
    size = float((seen[1] - seen[0]).max())
    is_cut = bool(np.isfinite(borders).any())
    # A snapshot's margins differ from side to side; the picture ends where the photographer cut.
    margins = size * (0.03 + 0.7 * rng.random((2, 2)) ** 2)
    low = np.where(np.isfinite(borders[0]), borders[0], extent[0] - margins[0])
    high = np.where(np.isfinite(borders[1]), borders[1], extent[1] + margins[1])
    px_per_m = float(rng.uniform(*settings.person_px) / (MARGIN * size))
    px_per_m = min(px_per_m, settings.largest_px / float((high - low).max()))
    width, height = np.maximum(np.rint((high - low) * px_per_m), 24).astype(int).tolist()
    people = [cast.put(index, None)]
    lot = rng.random()
    number = 2 if lot < settings.company[1] else int(lot < sum(settings.company))
    for other in range(number if distance > 3.5 else 0):
        people.append(_place_beside(cast, count * (1 + other) + index, index, distance, rng))
    return ScenePlan(tuple(people), distance, low, px_per_m, (width, height), is_cut)


def _place_beside(cast: _Cast, other: int, main: int, distance: float, rng: np.random.Generator) -> PlannedPerson:
    """Somebody beside, behind or a little before the main person, on the same ground."""
    depth = float(rng.uniform(*_BEHIND_M))
    depth = max(depth, -0.3 * distance)
    aside = float(rng.choice((-1.0, 1.0)) * rng.uniform(*_BESIDE_M) * (1 + 0.15 * max(depth, 0.0)))
    main_feet = cast.feet(main) - float(cast.bones_of(slice(main, main + 1)).joints_cam[0, 0, 1])
    own_feet = cast.feet(other) - float(cast.bones_of(slice(other, other + 1)).joints_cam[0, 0, 1])
    ground = main_feet - 0.08 * depth  # the camera looks slightly down: what is behind stands higher in the picture
    return cast.put(other, np.array([aside, ground - own_feet, depth]))
