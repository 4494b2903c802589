"""Frozen test people: synthetic samples kept as a file, so that a change of the sampler cannot change the test."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from fitting.body.kinematics import Kinematics
from fitting.errors import AssetError
from fitting.geometry.rotations import axis_angle_to_matrix, matrix_to_axis_angle
from fitting.synthetic.people import SPIN24_START, PeopleSettings, sample_people

_KEYS = ("keypoints", "axis_angles", "betas")


@dataclass(frozen=True, slots=True, eq=False)
class FrozenPeople:
    """Test people: keypoints ``(N, 49, 3)`` normalised crop, rotations ``(N, 24, 3, 3)`` and betas ``(N, 10)``."""

    keypoints: Tensor
    rotations: Tensor
    betas: Tensor

    def __len__(self) -> int:
        return len(self.betas)

    def visible(self) -> Tensor:
        """Number of labelled keypoints, ``(N,)``."""
        return (self.keypoints[..., 2] > 0).sum(1)


def freeze_people(path: Path, kinematics: Kinematics, count: int = 500, seed: int = 20_240_601) -> None:
    """Sample people with noise-free, but cut and incomplete, keypoints and keep them; half precision for the truth."""
    generator = torch.Generator().manual_seed(seed)
    settings = PeopleSettings(noise=(0.0, 0.0), layouts={"coco17": 1.0})
    people = sample_people(kinematics, count, generator, settings)
    np.savez_compressed(
        path,
        keypoints=people.keypoints[:, SPIN24_START:].numpy().astype(np.float32),
        axis_angles=matrix_to_axis_angle(people.rotations).numpy().astype(np.float16),
        betas=people.betas.numpy().astype(np.float16),
    )


def read_frozen_people(path: Path) -> FrozenPeople:
    """Read test people.

    Raises:
        AssetError: The file is missing or not one of :func:`freeze_people`.
    """
    try:
        with np.load(path, allow_pickle=False) as archive:
            keypoints, axis_angles, betas = (torch.tensor(archive[key], dtype=torch.float32) for key in _KEYS)
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise AssetError(f"Test people {path} cannot be read ({error}); freeze them again.") from error
    full = torch.zeros(len(keypoints), SPIN24_START + keypoints.shape[1], 3)
    full[:, SPIN24_START:] = keypoints
    return FrozenPeople(full, axis_angle_to_matrix(axis_angles), betas)
