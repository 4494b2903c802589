"""Each person's figures of a method's fits: against the true body where it is known, in 2D for everybody."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from fitting.body.model import BodyModel
from fitting.evaluation.metrics import mean_distance, pa_mpjpe_mm, pck, vertex_error_mm, wrong_way_limbs
from fitting.evaluation.people_sets import COCO_IN_SPIN49, EvaluatedPerson, stack_truths
from fitting.evaluation.protocols import h36m_errors_mm, joint_errors_mm
from fitting.spec import FitResult, FloatArray
from resources.skeleton import get_skeleton

CHUNK: Final = 25
"""Meshes at once."""
THREE_D: Final = (
    *("mpjpe_mm", "pa_mm", "pve_mm", "pa_pve_mm", "mpjpe_lsp_mm", "pa_lsp_mm"),
    *("wrong_limbs", "wrong_limbs_beyond", "judged_limbs"),
)
"""Figures that need the true body; NaN without."""
TWO_D: Final = ("error_px", "error_box", "pck_05", "pck_10", "l2d_start", "l2d", "iterations", "seconds", "max_beta")
COLUMNS: Final = (*THREE_D, *TWO_D)
"""Figures by name; ``_mm`` millimetres, ``_px`` pixels of the picture, ``_box`` shares of the annotated rectangle's
longer side, ``pck_10`` the share of labelled joints nearer than 0.10 of it; hips and pelvis as ``protocols`` says."""

_SPIN49 = get_skeleton("spin49")
_HIPS = [_SPIN49.index(f"openpose_{side}_hip") for side in ("left", "right")]

Numbers = dict[str, NDArray[np.floating]]


@torch.no_grad()
def score(people: Sequence[EvaluatedPerson], fits: Sequence[FitResult], body: BodyModel) -> Numbers:
    """Figures by name, ``(N,)`` each."""
    numbers: Numbers = {name: np.full(len(people), np.nan) for name in COLUMNS}
    for first in range(0, len(people), CHUNK):
        rows = slice(first, first + CHUNK)
        _put(numbers, rows, _score_2d(people[rows], fits[rows]))
        if all(person.truth is not None for person in people[rows]):
            _put(numbers, rows, _score_3d(people[rows], fits[rows], body))
    return numbers


def _put(numbers: Numbers, rows: slice, found: Numbers) -> None:
    for name, values in found.items():
        numbers[name][rows] = values


def _score_2d(people: Sequence[EvaluatedPerson], fits: Sequence[FitResult]) -> Numbers:
    annotated = np.stack([person.keypoints_px for person in people])
    predicted = np.stack([fit.joints_px[list(COCO_IN_SPIN49)] for fit in fits])
    extents = np.array([person.extent_px for person in people])
    confidence, error_px = annotated[..., 2], mean_distance(predicted, annotated[..., :2], annotated[..., 2])
    shares, wanted = (points / extents[:, None, None] for points in (predicted, annotated[..., :2]))
    return {
        "error_px": error_px,
        "error_box": error_px / extents,
        "pck_05": pck(shares, wanted, confidence, 0.05),
        "pck_10": pck(shares, wanted, confidence, 0.10),
        "l2d_start": np.array([fit.initial_losses.l2d for fit in fits]),
        "l2d": np.array([fit.final_losses.l2d for fit in fits]),
        "iterations": np.array([float(len(fit.trace)) for fit in fits]),
        "seconds": np.array([fit.seconds for fit in fits]),
        "max_beta": np.array([float(np.abs(fit.final.betas).max()) for fit in fits]),
    }


def _score_3d(people: Sequence[EvaluatedPerson], fits: Sequence[FitResult], body: BodyModel) -> Numbers:
    truth = [torch.as_tensor(array) for array in stack_truths(tuple(people))]
    found = [
        torch.as_tensor(np.stack([getattr(fit.final, name) for fit in fits]).astype(np.float32))
        for name in ("rotations", "betas")
    ]
    joints, true_joints = (body.joints(*each).double().numpy() for each in (found, truth))
    vertices, true_vertices = (body.vertices(*each).double().numpy() for each in (found, truth))
    limbs = wrong_way_limbs(joints, true_joints)
    mpjpe_lsp, pa_lsp = joint_errors_mm(joints, true_joints)
    numbers: Numbers = {
        "pve_mm": vertex_error_mm(vertices, true_vertices, _root(joints), _root(true_joints)),
        "pa_pve_mm": pa_mpjpe_mm(vertices, true_vertices),
        "mpjpe_lsp_mm": mpjpe_lsp,
        "pa_lsp_mm": pa_lsp,
        "wrong_limbs": limbs.wrong.sum(1).astype(float),
        "wrong_limbs_beyond": limbs.wrong_beyond.sum(1).astype(float),
        "judged_limbs": limbs.judged.sum(1).astype(float),
    }
    if body.asset.J_regressor_h36m is not None:
        errors = h36m_errors_mm(vertices, true_vertices, body.asset.J_regressor_h36m.astype(np.float64))
        numbers |= {"mpjpe_mm": errors.mpjpe_mm, "pa_mm": errors.pa_mm}
    return numbers


def _root(joints_cam: FloatArray) -> FloatArray:
    middle: FloatArray = joints_cam[:, _HIPS].mean(1)
    return middle
