"""Which joints an error is measured on.

*H36M-14* is the protocol of the literature (eft_method.md 3.6 and 9.1): 17 joints regressed from the posed vertices,
put into the order of LSP, the first 14 of them, centred on the pelvis, which is the regressor's first row. *LSP-14* are
the 14 joints of LSP among spin49's, centred on the hips: what this project reported before, kept so that figures stay
comparable. It needs no mesh.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fitting.evaluation.metrics import mpjpe_mm, pa_mpjpe_mm
from fitting.spec import FloatArray
from resources.skeleton import get_skeleton

MANY_KEYPOINTS = 15
"""Metrics are also told for people with at least this many of 17 keypoints: partial people hide progress."""

_SPIN49 = get_skeleton("spin49")
EVALUATED_JOINTS = tuple(_SPIN49.index(name) for name in get_skeleton("lsp14").joints)
"""The 14 joints of LSP: ankles, knees, hips, wrists, elbows, shoulders, neck, head top."""
_HIPS = tuple(get_skeleton("lsp14").index(name) for name in ("right_hip", "left_hip"))

H36M_TO_LSP = (6, 5, 4, 1, 2, 3, 16, 15, 14, 11, 12, 13, 8, 10, 0, 7, 9)
"""Rows of ``J_regressor_h36m`` (left leg first) in LSP's order; the pelvis comes fifteenth (eft_method.md 3.6)."""
_COUNTED = 14
_PELVIS = H36M_TO_LSP.index(0)


@dataclass(frozen=True, slots=True, eq=False)
class JointErrors:
    """MPJPE and PA-MPJPE ``(B,)``, mm."""

    mpjpe_mm: FloatArray
    pa_mm: FloatArray


def joint_errors_mm(joints_cam: FloatArray, true_cam: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Hip-centred MPJPE and PA-MPJPE ``(B,)`` of joints ``(B, 49, 3)`` over the 14 joints of LSP."""
    predicted, truth = joints_cam[:, EVALUATED_JOINTS], true_cam[:, EVALUATED_JOINTS]
    return mpjpe_mm(predicted, truth, _HIPS), pa_mpjpe_mm(predicted, truth)


def h36m_errors_mm(vertices_cam: FloatArray, true_cam: FloatArray, regressor: FloatArray) -> JointErrors:
    """Pelvis-centred MPJPE and PA-MPJPE over H36M-14.

    Args:
        vertices_cam: ``(B, V, 3)`` metres.
        true_cam: ``(B, V, 3)``.
        regressor: ``(17, V)``, the body's ``J_regressor_h36m``.
    """
    predicted, truth = (_h36m_joints(vertices, regressor) for vertices in (vertices_cam, true_cam))
    return JointErrors(
        mpjpe_mm(predicted, truth, (_PELVIS,), _COUNTED),
        pa_mpjpe_mm(predicted[:, :_COUNTED], truth[:, :_COUNTED]),
    )


def _h36m_joints(vertices: FloatArray, regressor: FloatArray) -> FloatArray:
    joints: FloatArray = np.einsum("jv,bvc->bjc", regressor[list(H36M_TO_LSP)], vertices, optimize=True)
    return joints
