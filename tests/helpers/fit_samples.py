"""Fits of files with every field filled, and what poses them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from db.formats.fits import ExportContext, FitSample, FitStart, Mesh

CONTEXT = ExportContext("test", "raw", "0.0", focal_px=1500.0)


def make_fit_sample(seed: int = 0, **changes: Any) -> FitSample:
    """A fit with numbers of its own in every field."""
    random = np.random.default_rng(seed)
    keypoints = np.zeros((49, 3))
    keypoints[:, :2] = random.uniform(0, 480, (49, 2))
    keypoints[:, 2] = random.integers(0, 2, 49)
    sample = FitSample(
        image_name=f"walk/{seed:06d}.jpg",
        rotations=Rotation.random(24, random_state=seed).as_matrix(),
        betas=random.normal(size=10),
        annotation_id=183020 + seed,
        camera=np.array([random.uniform(0.5, 1.1), *random.normal(0, 0.2, 2)]),
        box_center_px=random.uniform(100, 400, 2),
        box_scale=random.uniform(0.4, 2.5),
        keypoints_px=keypoints,
        subject_id=f"walk-id{seed}",
        gender=("neutral", "male", "female")[seed % 3],
        bbox_xywh=(10.5, 20.25, 100.0 + seed, 200.5),
        image_size_px=(640, 480),
        initial=FitStart(Rotation.random(24, random_state=seed + 99).as_matrix(), np.zeros(10), np.ones(3), 0.01, 2.5),
        l2d=1.5e-4,
        loss=0.25,
        iterations=7,
    )
    return replace(sample, **changes)


def make_tetrahedron(sample: FitSample) -> Mesh:
    """Four vertices that depend on the fit, and their faces."""
    corners = np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]])
    vertices: NDArray[np.float64] = corners @ sample.rotations[0].T + sample.betas[:3]
    return Mesh(vertices, np.array([[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]]))


class Bomb:
    """An object whose pickle runs a command when it is loaded carelessly."""

    def __init__(self, command: str) -> None:
        self.command = command

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        import os

        return os.system, (self.command,)
