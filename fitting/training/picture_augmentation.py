"""Other views of drawn people: box, turn in the picture's plane, mirror, colour, size (eft_method.md 2.7, 3.3).

Truth and picture change together and exactly, because the camera of drawn people is weak-perspective.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np
import torch
from torch import Generator, Tensor

from fitting.body.kinematics import Kinematics
from fitting.geometry.camera import project_to_crop
from fitting.geometry.rotations import axis_angle_to_matrix
from fitting.preprocess import IMAGENET_MEAN, IMAGENET_STD
from fitting.synthetic.people import People, fit_weak_camera
from fitting.training.picture_cache import PicturedPeople
from resources.skeleton import get_skeleton

_SMPL_FLIP: Final = get_skeleton("smpl24").flip
_MIRROR: Final = torch.tensor([-1.0, 1.0, 1.0])


@dataclass(frozen=True, slots=True)
class AugmentationSettings:
    """Strength of the changes; all are standard deviations but ``mirror``, a share, and ``gain``, a half-width.

    Attributes:
        shift: Of the box's centre, in half sides of the box.
        stretch: Of the logarithm of the box's side.
        turn: In the picture's plane, radians.
        mirror: Share of mirrored people.
        gain: Each colour channel is multiplied by 1 +- this ("pixel noise" of eft_method.md 2.7).
    """

    shift: float = 0.04
    stretch: float = 0.05
    turn: float = 0.12
    mirror: float = 0.5
    gain: float = 0.15


def augment(
    people: PicturedPeople, kinematics: Kinematics, side: int, generator: Generator, settings: AugmentationSettings
) -> PicturedPeople:
    """The people in other boxes and colours, with pictures of ``side`` pixels."""
    count = len(people)
    is_mirrored = torch.rand(count, generator=generator) < settings.mirror
    shift = settings.shift * torch.randn(count, 2, generator=generator)
    stretch = (settings.stretch * torch.randn(count, generator=generator)).exp()
    turn = settings.turn * torch.randn(count, generator=generator)
    gain = 1 + settings.gain * (2 * torch.rand(count, 3, generator=generator) - 1)
    moved = rebox(mirror(people, is_mirrored), kinematics, shift, stretch, turn, side)
    coloured = (moved.pictures * gain[:, None, None]).clamp(0, 255).round().to(torch.uint8)
    return replace(moved, pictures=coloured)


def mirror(people: PicturedPeople, which: Tensor) -> PicturedPeople:
    """People ``(B,)`` of a mask with left and right exchanged (eft_method.md 3.3), in pictures, poses and cameras.

    The suit's colours are exchanged with the sides (:func:`fitting.training.picture_drawing.paint_suit`). The body
    must be symmetric.
    """
    rotations = _MIRROR[:, None] * people.rotations[:, list(_SMPL_FLIP)] * _MIRROR
    camera = people.camera * torch.tensor([1.0, -1.0, 1.0])
    pictures = people.pictures.clone()
    pictures[which] = people.pictures[which].flip(2, 3)
    return PicturedPeople(
        pictures,
        torch.where(which[:, None, None, None], rotations, people.rotations),
        people.betas,
        torch.where(which[:, None], camera, people.camera),
    )


def rebox(
    people: PicturedPeople, kinematics: Kinematics, shift: Tensor, stretch: Tensor, turn: Tensor, side: int
) -> PicturedPeople:
    """The people in boxes that are moved, enlarged and turned.

    Args:
        people: B people.
        kinematics: Of their body.
        shift: ``(B, 2)`` movement of the box's centre, in half sides of the old box.
        stretch: ``(B,)`` side of the new box by that of the old one.
        turn: ``(B,)`` turn of the picture's content about the new centre, from x towards y, radians.
        side: Pixels of the new pictures.
    """
    zero = torch.zeros_like(turn)
    plane = axis_angle_to_matrix(torch.stack((zero, zero, turn), -1))
    turned = plane[:, :2, :2]
    points = project_to_crop(kinematics(people.rotations, people.betas), people.camera)
    points = ((points - shift[:, None]) / stretch[:, None, None]) @ turned.transpose(1, 2)
    rotations = people.rotations.clone()
    rotations[:, 0] = plane @ rotations[:, 0]
    # The body turns about its pelvis, not about the camera's axis; a fit of the camera spares the algebra, exactly.
    camera = fit_weak_camera(kinematics(rotations, people.betas), points)
    back = stretch[:, None, None] * turned.transpose(1, 2)
    return PicturedPeople(_resample(people.pictures, back, shift, side), rotations, people.betas, camera)


def resize(pictures: Tensor, side: int) -> Tensor:
    """The same pictures in ``side`` pixels, averaged where they shrink."""
    count = len(pictures)
    return _resample(pictures, torch.eye(2).expand(count, 2, 2), torch.zeros(count, 2), side)


def to_people(people: PicturedPeople, kinematics: Kinematics) -> People:
    """The truth in the form of the training loss; every joint within the picture counts as labelled."""
    joints_cam = kinematics(people.rotations, people.betas)
    points = project_to_crop(joints_cam, people.camera)
    inside = (points.abs() <= 1).all(-1, keepdim=True)
    keypoints = torch.cat((points * inside, inside.float()), -1)
    weak = torch.ones(len(people), dtype=torch.bool)
    return People(keypoints, points, people.rotations, people.betas, people.camera, joints_cam, weak)


def to_input(pictures: Tensor) -> Tensor:
    """Bytes ``(B, S, S, 3)`` as a network's input ``(B, 3, S, S)``, ImageNet-normalised, channels last in memory."""
    unit = pictures.permute(0, 3, 1, 2).float() / 255
    mean, std = (torch.tensor(values)[:, None, None] for values in (IMAGENET_MEAN, IMAGENET_STD))
    return ((unit - mean) / std).contiguous(memory_format=torch.channels_last)


def _resample(pictures: Tensor, back: Tensor, shift: Tensor, side: int) -> Tensor:
    """Pictures of ``side`` pixels that show at k' what the old ones show at ``back k' + shift``; black outside."""
    old = pictures.shape[1]
    shrunk = max(side, old // max(1, old // side))  # a whole factor, averaged, against aliasing
    # Pixel i has its centre at k = (2 i + 1) / side - 1.
    matrices = np.empty((len(pictures), 2, 3))
    matrices[:, :, :2] = back.numpy() * (shrunk / side)
    middle = back.numpy().sum(-1) * (1 / side - 1)
    matrices[:, :, 2] = ((middle + shift.numpy()) + 1) * (shrunk / 2) - 0.5
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    result = np.empty((len(pictures), side, side, 3), dtype=np.uint8)
    for picture, matrix, target in zip(pictures.numpy(), matrices, result, strict=True):
        small = picture if shrunk == old else cv2.resize(picture, (shrunk, shrunk), interpolation=cv2.INTER_AREA)
        target[:] = cv2.warpAffine(small, matrix, (side, side), flags=flags)
    return torch.from_numpy(result)
