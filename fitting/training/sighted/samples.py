"""From people of a gallery to training samples: other boxes, mirrored, turned, in other colours, less annotated.

Keypoints are dropped and jittered so that the network works with few of them, the picture loses colour or everything
now and then so that it is not trusted blindly, and boxes close in on a part of the body as real crops do
(eft_method.md section 8, extreme crops).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import cv2
import numpy as np
import torch
from torch import Generator, Tensor

from fitting.body.kinematics import Kinematics
from fitting.geometry.rotations import axis_angle_to_matrix
from fitting.preprocess import IMAGENET_MEAN, IMAGENET_STD
from fitting.regressor.sight import PICTURE_SIDE
from fitting.synthetic.people import SPIN24_START, People, PeopleSettings, add_noise, draw_layouts, fit_weak_camera
from fitting.synthetic.visibility import VisibilitySettings, hide_by_chance
from fitting.training.sighted.gallery import Gallery, Row
from resources.skeleton import get_skeleton

_SMPL_FLIP: Final = list(get_skeleton("smpl24").flip)
_SPIN49_FLIP: Final = list(get_skeleton("spin49").flip)
_MIRROR: Final = torch.tensor([-1.0, 1.0, 1.0])
_SPIN24: Final = get_skeleton("spin24")
_PARTS: Final = [_SPIN24.part(index) for index in range(len(_SPIN24))]
_UPPER: Final = torch.tensor([part not in {"ankle", "knee"} for part in _PARTS])
_HEAD_SHOULDERS: Final = torch.tensor([part not in {"ankle", "knee", "hip", "wrist", "pelvis"} for part in _PARTS])
_FACE: Final = torch.tensor([part in {"nose", "eye", "ear"} for part in _PARTS])


@dataclass(frozen=True, slots=True)
class SampleSettings:
    """How samples differ from the gallery; shares unless said otherwise.

    Attributes:
        mirror: Mirrored.
        turn: Turned in the picture's plane, by ``turn_std`` radians.
        close_up: Boxed around the upper body (half of them around head and shoulders) instead of all that is seen.
        fine_jitter, coarse_jitter: Standard deviation of the box (centre, log scale); ``coarse`` get the latter.
        hidden: Share of hidden joints that are annotated.
        grey: Without colour.
        blind: Without picture.
        patch: With a piece of the picture painted over.
        gain: Half-width of each colour's factor.
        people: Keypoint noise and layouts, as for the lifter.
        visibility: Missing keypoints: most of them in most samples, because a trunk that is shown nearly every joint
            copies them and never learns to look (docs/open_regressor.md).
    """

    mirror: float = 0.5
    turn: float = 0.3
    turn_std: float = 0.2
    close_up: float = 0.15
    fine_jitter: tuple[float, float] = (0.02, 0.04)
    coarse_jitter: tuple[float, float] = (0.06, 0.12)
    coarse: float = 0.25
    hidden: float = 0.75
    grey: float = 0.08
    blind: float = 0.04
    patch: float = 0.15
    gain: float = 0.25
    people: PeopleSettings = field(default_factory=PeopleSettings)
    visibility: VisibilitySettings = field(
        default_factory=lambda: VisibilitySettings(sparse=(0.6, 0.65), limb=0.15, least=2)
    )


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """A batch: truth and keypoints, and pictures ``(B, 3, 128, 128)`` as the network takes them."""

    people: People
    pictures: Tensor


def draw_samples(
    gallery: Gallery, kinematics: Kinematics, count: int, generator: Generator, settings: SampleSettings
) -> Samples:
    """A batch by lot; the same gallery and generator state give the same samples."""
    rows = torch.randint(0, len(gallery), (count,), generator=generator).numpy()
    people = gallery.read(rows)
    place = _draw_boxes(people, generator, settings)
    points, truth = _in_boxes(people, place, kinematics)
    labelled = _draw_labels(people, points, place, generator, settings)
    noisy = add_noise(points[:, SPIN24_START:], generator, settings.people)
    keypoints = torch.zeros(count, points.shape[1], 3)
    keypoints[:, SPIN24_START:] = torch.cat((noisy, torch.ones_like(noisy[..., :1])), -1) * labelled[..., None]
    sample = People(
        keypoints, points, truth.rotations, people.betas, truth.camera, truth.joints_cam, torch.zeros(count) > 0
    )
    return Samples(sample, _crop_pictures(gallery, people, place, generator, settings))


@dataclass(frozen=True, slots=True, eq=False)
class _Placement:
    """Box of each sample in image pixels, its turn (radians, x towards y) and whether it is mirrored."""

    center_px: Tensor
    half_px: Tensor
    turn: Tensor
    mirrored: Tensor


@dataclass(frozen=True, slots=True, eq=False)
class _Truth:
    rotations: Tensor
    camera: Tensor
    joints_cam: Tensor


def _draw_boxes(people: Row, generator: Generator, settings: SampleSettings) -> _Placement:
    count = len(people.betas)

    def chance(share: float) -> Tensor:
        return torch.rand(count, generator=generator) < share

    center, half = people.center_px, people.half_px
    points, seen = people.points_px[:, SPIN24_START:], people.visibility[:, SPIN24_START:] > 0
    wanted = torch.where(chance(0.5)[:, None], _UPPER, _HEAD_SHOULDERS) & seen
    around = wanted & (chance(settings.close_up) & (wanted.sum(1) >= 3))[:, None]
    keypoint_box = chance(settings.people.keypoint_box_share) & (seen.sum(1) >= 3)
    around = torch.where((keypoint_box & ~around.any(1))[:, None], seen, around)
    low = torch.where(around[..., None], points, torch.full_like(points, torch.inf)).amin(1)
    high = torch.where(around[..., None], points, torch.full_like(points, -torch.inf)).amax(1)
    tight = 0.6 * (high - low).amax(-1)  # 1.2 times the extent, halved
    use = around.any(1) & (tight > 0.2 * half)
    center = torch.where(use[:, None], (low + high) / 2, center)
    half = torch.where(use, tight, half)
    spread = torch.where(
        chance(settings.coarse)[:, None], torch.tensor(settings.coarse_jitter), torch.tensor(settings.fine_jitter)
    )
    center = center + 2 * half[:, None] * spread[:, :1] * torch.randn(count, 2, generator=generator)
    half = half * (spread[:, 1] * torch.randn(count, generator=generator)).exp()
    turn = settings.turn_std * torch.randn(count, generator=generator) * chance(settings.turn)
    return _Placement(center, half, turn, chance(settings.mirror))


def _in_boxes(people: Row, place: _Placement, kinematics: Kinematics) -> tuple[Tensor, _Truth]:
    """Joints ``(B, 49, 2)`` in the boxes, and the truth that goes with them."""
    plane = _plane_turns(place.turn)
    points = (people.points_px - place.center_px[:, None]) / place.half_px[:, None, None]
    points = points @ plane[:, :2, :2].transpose(1, 2)
    rotations = people.rotations.clone()
    rotations[:, 0] = plane @ rotations[:, 0]
    which = place.mirrored[:, None, None]
    points = torch.where(which, points[:, _SPIN49_FLIP] * _MIRROR[:2], points)
    mirrored = _MIRROR[:, None] * rotations[:, _SMPL_FLIP] * _MIRROR
    rotations = torch.where(which[..., None], mirrored, rotations)
    with torch.no_grad():
        joints_cam = kinematics(rotations, people.betas)
    return points, _Truth(rotations, fit_weak_camera(joints_cam, points), joints_cam)


def _draw_labels(
    people: Row, points: Tensor, place: _Placement, generator: Generator, settings: SampleSettings
) -> Tensor:
    """Which of the 24 joints somebody annotated, ``(B, 24)``."""
    visibility = torch.where(place.mirrored[:, None], people.visibility[:, _SPIN49_FLIP], people.visibility)
    visibility = visibility[:, SPIN24_START:]
    hidden = visibility == 1
    placed = torch.rand(hidden.shape, generator=generator) < settings.hidden
    labelled = (visibility > 0) & (~hidden | (placed & ~_FACE))
    labelled &= draw_layouts(len(labelled), generator, settings.people)
    # Annotations that lie beyond a close-up are known all the same, half of the time.
    inside = (points[:, SPIN24_START:].abs() <= 1).all(-1)
    labelled &= inside | (torch.rand(len(labelled), 1, generator=generator) < 0.5)
    return hide_by_chance(labelled, generator, settings.visibility)


def _crop_pictures(
    gallery: Gallery, people: Row, place: _Placement, generator: Generator, settings: SampleSettings
) -> Tensor:
    count, side = len(people.betas), PICTURE_SIDE
    crops = np.empty((count, side, side, 3), dtype=np.uint8)
    matrices = _crop_matrices(place).numpy()
    for number, matrix, crop in zip(people.image_id.tolist(), matrices, crops, strict=True):
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        crop[:] = cv2.warpAffine(gallery.picture(number), matrix, (side, side), flags=flags)
    unit = torch.from_numpy(crops).permute(0, 3, 1, 2).float() / 255
    gain = 1 + settings.gain * (2 * torch.rand(count, 3, 1, 1, generator=generator) - 1)
    unit = (unit * gain).clamp(0, 1)
    grey = torch.rand(count, 1, 1, 1, generator=generator) < settings.grey
    unit = torch.where(grey, unit.mean(1, keepdim=True), unit)
    unit = _painted_over(unit, generator, settings.patch)
    mean, std = (torch.tensor(values)[:, None, None] for values in (IMAGENET_MEAN, IMAGENET_STD))
    blind = torch.rand(count, 1, 1, 1, generator=generator) < settings.blind
    normalised = torch.where(blind, torch.zeros(1), (unit - mean) / std)
    return normalised.contiguous(memory_format=torch.channels_last)


def _painted_over(pictures: Tensor, generator: Generator, share: float) -> Tensor:
    """A rectangle of one colour over some pictures: what hides a limb in the crop need not be in the gallery."""
    count, side = len(pictures), pictures.shape[-1]
    low = side * (torch.rand(count, 2, generator=generator) * 1.1 - 0.1)
    high = low + side * (0.1 + 0.35 * torch.rand(count, 2, generator=generator))
    along = torch.arange(side)
    columns = (along >= low[:, :1]) & (along < high[:, :1])
    rows = (along >= low[:, 1:]) & (along < high[:, 1:])
    inside = rows[:, None, :, None] & columns[:, None, None, :]
    which = torch.rand(count, 1, 1, 1, generator=generator) < share
    paint = torch.rand(count, 3, 1, 1, generator=generator)
    return torch.where(inside & which, paint, pictures)


def _crop_matrices(place: _Placement) -> Tensor:
    """For each sample the affine map ``(B, 2, 3)`` from its crop's pixels to the picture's, pixel centres at 0."""
    mirror = torch.where(place.mirrored, -1.0, 1.0)
    back = _plane_turns(-place.turn)[:, :2, :2] * torch.stack((mirror, torch.ones_like(mirror)), -1)[:, None]
    linear = back * (2 * place.half_px / PICTURE_SIDE)[:, None, None]
    # Pixel i of the crop lies at k = (2 i + 1) / side - 1; pixel u of the picture has its centre at u + 0.5.
    start = torch.full((len(mirror), 2, 1), 1 / PICTURE_SIDE - 1)
    origin = place.half_px[:, None, None] * (back @ start) + place.center_px[..., None] - 0.5
    return torch.cat((linear, origin), -1)


def _plane_turns(turn: Tensor) -> Tensor:
    zero = torch.zeros_like(turn)
    return axis_angle_to_matrix(torch.stack((zero, zero, turn), -1))
