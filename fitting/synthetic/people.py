"""Training samples of the open regressor: people with keypoints as an annotator would give them, and their truth.

A sample is made in the plane of the camera in metres (perspective at a finite distance, divided back to metres at the
pelvis), cut as photographs cut people, boxed by the COCO rule (1.2 times the visible body, eft_method.md 6.2), and
normalised by that box. The truth camera is always weak-perspective: the best fit to the projection.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

import torch
from torch import Generator, Tensor

from fitting.body.kinematics import Bones, Kinematics
from fitting.geometry.boxes import MARGIN
from fitting.geometry.camera import project_to_crop
from fitting.synthetic.poses import sample_poses
from fitting.synthetic.silhouette import Outline, build_outline
from fitting.synthetic.visibility import VisibilitySettings, cut_outline, hide_back_of_head, hide_by_chance
from resources.skeleton import get_skeleton

SPIN24_START: Final = 25
"""First joint of the 24-set within spin49; the OpenPose block before it stays empty."""
BETA_LIMIT: Final = 2.5
_SPIN24 = get_skeleton("spin24")
_HEAD = get_skeleton("smpl24").index("head_smpl")


@dataclass(frozen=True, slots=True)
class PeopleSettings:
    """How samples are made; lengths in normalised crop units unless said otherwise.

    Attributes:
        perspective_share: Share of people seen in true perspective, the others weakly.
        distance_m: Nearest and farthest camera.
        noise: Lowest and highest standard deviation of a person's keypoint noise.
        noise_factors: Joints people place less surely, by name.
        layouts: Share of each keypoint layout.
        keypoint_box_share: Share of boxes drawn around the keypoints instead of the body (always for ``lsp14``).
        fine_jitter, coarse_jitter: Standard deviation of the box (centre, log scale); ``coarse_share`` get the latter.
        visibility: Cuts and missing keypoints.
    """

    perspective_share: float = 0.7
    distance_m: tuple[float, float] = (2.5, 14.5)
    noise: tuple[float, float] = (0.005, 0.025)
    noise_factors: Mapping[str, float] = field(
        default_factory=lambda: {"hip": 1.6, "shoulder": 1.2, "ear": 0.8, "eye": 0.6, "nose": 0.6}
    )
    layouts: Mapping[str, float] = field(
        default_factory=lambda: {"coco17": 0.85, "mpii16": 0.05, "lsp14": 0.05, "spin24": 0.05}
    )
    keypoint_box_share: float = 0.12
    fine_jitter: tuple[float, float] = (0.02, 0.03)
    coarse_jitter: tuple[float, float] = (0.06, 0.10)
    coarse_share: float = 0.2
    visibility: VisibilitySettings = field(default_factory=VisibilitySettings)


@dataclass(frozen=True, slots=True, eq=False)
class People:
    """A batch of B people.

    Attributes:
        keypoints: ``(B, 49, 3)`` what an annotator gives: normalised crop x, y (0 where missing) and confidence.
        keypoints_true: ``(B, 49, 2)`` the noise-free projection of every joint, normalised crop coordinates.
        rotations: ``(B, 24, 3, 3)``.
        betas: ``(B, 10)``.
        camera: ``(B, 3)`` weak perspective ``[s, tx, ty]`` in the box.
        joints_cam: ``(B, 49, 3)`` metres.
        weak: ``(B,)`` whether the projection *is* weak-perspective, so that the camera fits exactly.
        rectangle: ``(B, 2, 2)`` lowest and highest corner of what the picture shows of the body, normalised crop.
        cut: ``(B, 2, 2)`` which of its sides are borders of the picture, low x, y and high x, y.
    """

    keypoints: Tensor
    keypoints_true: Tensor
    rotations: Tensor
    betas: Tensor
    camera: Tensor
    joints_cam: Tensor
    weak: Tensor
    rectangle: Tensor | None = None
    cut: Tensor | None = None


@torch.no_grad()
def sample_people(
    kinematics: Kinematics, count: int, generator: Generator, settings: PeopleSettings | None = None
) -> People:
    """Draw ``count`` people; the same generator state gives the same people."""
    settings = settings or PeopleSettings()
    rotations = sample_poses(count, generator).rotations
    betas = torch.randn(count, 10, generator=generator).clamp(-BETA_LIMIT, BETA_LIMIT)
    bones = kinematics.bones(rotations, betas)
    joints_cam = kinematics(rotations, betas)
    depth, weak = _sample_depth(count, generator, settings)
    joints_plane = _project(joints_cam, bones, depth)
    outline = _project_outline(build_outline(bones, joints_cam), bones, depth)

    window = cut_outline(outline, generator, settings.visibility)
    labelled = draw_layouts(count, generator, settings)
    labelled &= hide_back_of_head(bones.rotations[:, _HEAD], generator)
    inside = labelled & window.contains(joints_plane[:, SPIN24_START:])
    window = window.opened_where(inside.sum(1) < settings.visibility.least)
    labelled &= window.contains(joints_plane[:, SPIN24_START:])
    labelled = hide_by_chance(labelled, generator, settings.visibility)

    body_box = outline.extent(window)
    points_box = _extent(joints_plane[:, SPIN24_START:], labelled)
    around_points = torch.rand(count, 1, 1, generator=generator) < settings.keypoint_box_share
    around_points &= (points_box[:, 1] - points_box[:, 0]).amax(-1)[:, None, None] > 0.2
    center, half_side = _jittered_box(torch.where(around_points, points_box, body_box), generator, settings)
    keypoints_true = (joints_plane - center[:, None]) / half_side[:, None, None]
    noisy = add_noise(keypoints_true[:, SPIN24_START:], generator, settings)
    keypoints = torch.zeros(count, keypoints_true.shape[1], 3)
    keypoints[:, SPIN24_START:] = torch.cat((noisy, torch.ones_like(noisy[..., :1])), -1) * labelled[..., None]
    camera = fit_weak_camera(joints_cam, keypoints_true)
    rectangle = (body_box - center[:, None]) / half_side[:, None, None]
    cut = torch.isfinite(torch.stack((window.low, window.high), 1))
    return People(keypoints, keypoints_true, rotations, betas, camera, joints_cam, weak, rectangle, cut)


def fit_weak_camera(joints_cam: Tensor, keypoints_crop: Tensor) -> Tensor:
    """Least-squares ``[s, tx, ty]`` ``(B, 3)`` with ``s X + t`` nearest to the keypoints.

    Args:
        joints_cam: ``(B, J, 3)`` metres.
        keypoints_crop: ``(B, J, 2)``.
    """
    plane = joints_cam[..., :2]
    mean, target = plane.mean(1), keypoints_crop.mean(1)
    spread = plane - mean[:, None]
    scale = (spread * (keypoints_crop - target[:, None])).sum((1, 2)) / spread.square().sum((1, 2))
    return torch.cat((scale[:, None], target - scale[:, None] * mean), -1)


def reprojection_residual(people: People) -> Tensor:
    """Largest distance ``(B,)`` between true keypoints and truth through the weak camera, crop units."""
    projected = project_to_crop(people.joints_cam, people.camera)
    distance: Tensor = (projected - people.keypoints_true).norm(dim=-1)
    return distance.amax(-1)


def _sample_depth(count: int, generator: Generator, settings: PeopleSettings) -> tuple[Tensor, Tensor]:
    """Distances of the pelvis ``(B,)``, infinite for weak perspective, and where they are."""
    low, high = settings.distance_m
    # Drawn as the inverse, which is what perspective depends on; squared, because few stand at arm's length.
    inverse = 1 / high + (1 / low - 1 / high) * torch.rand(count, generator=generator).square()
    weak = torch.rand(count, generator=generator) >= settings.perspective_share
    return torch.where(weak, torch.full_like(inverse, torch.inf), 1 / inverse), weak


def _project(points_cam: Tensor, bones: Bones, depth: Tensor) -> Tensor:
    """Points ``(B, N, 3)`` seen from ``depth`` metres before the pelvis, metres at the pelvis ``(B, N, 2)``."""
    pelvis = bones.joints_cam[:, :1]
    nearness = 1 + (points_cam[..., 2:] - pelvis[..., 2:]) / depth[:, None, None]
    return pelvis[..., :2] + (points_cam[..., :2] - pelvis[..., :2]) / nearness.clamp_min(0.2)


def _project_outline(outline: Outline, bones: Bones, depth: Tensor) -> Outline:
    return Outline(_project(outline.points, bones, depth), outline.radii)


@lru_cache(maxsize=8)
def _masks_of(layouts: tuple[str, ...]) -> Tensor:
    names = [set(get_skeleton(layout).joints) for layout in layouts]
    return torch.tensor([[joint in joints for joint in _SPIN24.joints] for joints in names])


def draw_layouts(count: int, generator: Generator, settings: PeopleSettings) -> Tensor:
    """Which of the 24 joints each person's keypoint layout labels, ``(B, 24)``."""
    shares = torch.tensor(list(settings.layouts.values()))
    chosen = torch.multinomial(shares, count, replacement=True, generator=generator)
    return _masks_of(tuple(settings.layouts))[chosen]


def _extent(points: Tensor, mask: Tensor) -> Tensor:
    """Lowest and highest corner ``(B, 2, 2)`` of the points of a mask; empty masks give an inverted box."""
    far = torch.where(mask[..., None], points, torch.full_like(points, torch.inf)).amin(1)
    near = torch.where(mask[..., None], points, torch.full_like(points, -torch.inf)).amax(1)
    return torch.stack((far, near), 1)


def _jittered_box(corners: Tensor, generator: Generator, settings: PeopleSettings) -> tuple[Tensor, Tensor]:
    """Centre ``(B, 2)`` and half side ``(B,)`` in metres of the square boxes of corners ``(B, 2, 2)``."""
    count = len(corners)
    center = corners.mean(1)
    half_side = MARGIN * (corners[:, 1] - corners[:, 0]).amax(-1) / 2
    coarse = torch.rand(count, generator=generator) < settings.coarse_share
    spread = torch.where(coarse[:, None], torch.tensor(settings.coarse_jitter), torch.tensor(settings.fine_jitter))
    shift = spread[:, :1] * torch.randn(count, 2, generator=generator)
    stretch = (spread[:, 1] * torch.randn(count, generator=generator)).exp()
    return center + 2 * half_side[:, None] * shift, half_side * stretch


def add_noise(keypoints: Tensor, generator: Generator, settings: PeopleSettings) -> Tensor:
    """Annotation noise on ``(B, 24, 2)``: one level for each person, a factor for each joint."""
    low, high = settings.noise
    level = low + (high - low) * torch.rand(len(keypoints), 1, 1, generator=generator)
    factors = torch.tensor([settings.noise_factors.get(_SPIN24.part(i), 1.0) for i in range(len(_SPIN24))])
    return keypoints + level * factors[:, None] * torch.randn(keypoints.shape, generator=generator)
