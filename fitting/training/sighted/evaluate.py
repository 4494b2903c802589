"""Plain predictions on a held-out gallery, with and without the picture: what the picture earns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from fitting.body.kinematics import Kinematics
from fitting.evaluation.metrics import wrong_way_limbs
from fitting.evaluation.protocols import MANY_KEYPOINTS, joint_errors_mm
from fitting.preprocess import IMAGENET_MEAN, IMAGENET_STD
from fitting.regressor.base import RegressorInput
from fitting.regressor.sight import PICTURE_SIDE
from fitting.regressor.sighted_lifter import SightedLifter
from fitting.spec import FloatArray
from fitting.training.sighted.gallery import Gallery
from resources.skeleton import build_mapping, get_skeleton

_AT_ONCE: Final = 100
_SPIN49: Final = get_skeleton("spin49")


@dataclass(frozen=True, slots=True)
class SightedScores:
    """Means over people; mm, limbs of 8 that point the wrong way in depth; ``blind_*`` without the picture.

    ``*_many`` of people with at least 15 keypoints, ``*_few`` of the others.
    """

    mpjpe_mm: float
    pa_mm: float
    pa_mm_many: float
    pa_mm_few: float
    wrong_limbs: float
    blind_pa_mm: float
    blind_pa_mm_many: float
    blind_pa_mm_few: float
    blind_wrong_limbs: float


@dataclass(frozen=True, slots=True, eq=False)
class TestSamples:
    """Held-out people as the network sees them, with their truth: annotated keypoints, pictures, bodies."""

    keypoints: Tensor
    pictures: Tensor
    rotations: Tensor
    betas: Tensor

    def many(self) -> NDArray[np.bool_]:
        """Who has many keypoints, ``(N,)``."""
        enough: NDArray[np.bool_] = ((self.keypoints[..., 2] > 0).sum(1) >= MANY_KEYPOINTS).numpy()
        return enough


def read_test_samples(gallery: Gallery, most: int, least_keypoints: int = 6) -> TestSamples:
    """The first ``most`` people of a gallery who can be fitted, in their own boxes, annotated as its COCO file says."""
    everybody = np.arange(len(gallery))
    annotated = gallery.annotated(everybody)
    chosen = everybody[(annotated[..., 2] > 0).sum(1) >= least_keypoints][:most]
    people, annotated = gallery.read(chosen), annotated[chosen]
    keypoints = torch.zeros(len(chosen), len(_SPIN49), 3)
    for coco, spin in build_mapping(get_skeleton("coco17"), _SPIN49):
        placed = torch.from_numpy(annotated[:, coco, 2] > 0).float()
        crop = (torch.from_numpy(annotated[:, coco, :2]).float() - people.center_px) / people.half_px[:, None]
        keypoints[:, spin] = torch.cat((crop, placed[:, None]), -1) * placed[:, None]
    crops = np.empty((len(chosen), PICTURE_SIDE, PICTURE_SIDE, 3), dtype=np.uint8)
    for crop_rgb, number, center, half in zip(
        crops, people.image_id.tolist(), people.center_px.numpy(), people.half_px.numpy(), strict=True
    ):
        scale = 2 * half / PICTURE_SIDE
        matrix = np.array([[scale, 0, 0.0], [0, scale, 0.0]])
        matrix[:, 2] = center - half + scale / 2 - 0.5
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        crop_rgb[:] = cv2.warpAffine(gallery.picture(number), matrix, (PICTURE_SIDE, PICTURE_SIDE), flags=flags)
    mean, std = (torch.tensor(values)[:, None, None] for values in (IMAGENET_MEAN, IMAGENET_STD))
    pictures = (torch.from_numpy(crops).permute(0, 3, 1, 2).float() / 255 - mean) / std
    return TestSamples(keypoints, pictures, people.rotations, people.betas)


@torch.no_grad()
def evaluate_sighted(regressor: SightedLifter, kinematics: Kinematics, test: TestSamples) -> SightedScores:
    """Scores of plain predictions."""
    was_training = regressor.training
    regressor.eval()
    truth = kinematics(test.rotations, test.betas).numpy()
    many = test.many()
    figures: list[float] = []
    for seeing in (True, False):
        joints = np.concatenate(
            [
                _predict(regressor, kinematics, test, slice(start, start + _AT_ONCE), seeing)
                for start in range(0, len(many), _AT_ONCE)
            ]
        )
        mpjpe, pa = joint_errors_mm(joints, truth)
        figures += [float(mpjpe.mean())] if seeing else []
        figures += [
            float(pa.mean()),
            _mean(pa[many]),
            _mean(pa[~many]),
            float(wrong_way_limbs(joints, truth).wrong.sum(1).mean()),
        ]
    regressor.train(was_training)
    return SightedScores(*figures)


def _predict(
    regressor: SightedLifter, kinematics: Kinematics, test: TestSamples, part: slice, seeing: bool
) -> FloatArray:
    pictures = test.pictures[part].contiguous(memory_format=torch.channels_last) if seeing else None
    output = regressor(RegressorInput(test.keypoints[part], pictures))
    joints: FloatArray = kinematics(output.rotations, output.betas).numpy()
    return joints


def _mean(values: FloatArray) -> float:
    return float(values.mean()) if len(values) else float("nan")
