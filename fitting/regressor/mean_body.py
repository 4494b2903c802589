"""HMR's mean parameters, where its head starts (eft_method.md 2.5 and appendix A)."""

from __future__ import annotations

import math
from typing import Final

import torch
from torch import Tensor

from fitting.geometry.rotations import axis_angle_to_matrix, matrix_to_six_d

MEAN_CAMERA: Final = (0.9, 0.0, 0.0)
MEAN_BETAS: Final = (
    *(0.20560974, 0.33556296, -0.35068284, 0.35612895, 0.41754073),
    *(0.03088791, 0.30475675, 0.23613405, 0.20912663, 0.31212645),
)
_MEAN_POSE: Final = (
    (0.0, 0.0, 0.0),
    (-0.22387259, 0.0174436, 0.09247071),
    (-0.23784273, -0.04646965, -0.07860077),
    (0.27820579, 0.01414277, 0.01381316),
    (0.43278152, -0.06290711, -0.09606631),
    (0.50428283, 0.00345129, 0.0609754),
    (0.02297339, -0.03170039, 0.00579749),
    (0.00695809, 0.13169473, -0.05443741),
    (-0.05891175, -0.17524343, 0.13545137),
    (0.0134158, -0.00365581, 0.00887857),
    (-0.20932178, 0.16004365, 0.10919978),
    (-0.03871734, 0.0823698, -0.20413892),
    (-0.0056038, -0.00751232, -0.00347825),
    (-0.02369, -0.12479898, -0.27360466),
    (-0.04594801, 0.19914683, 0.23728603),
    (0.06672108, -0.04049612, 0.03286229),
    (0.05357843, -0.29137463, -0.69688406),
    (0.05585425, 0.28579422, 0.65245777),
    (0.12222859, -0.91159104, 0.23825037),
    (-0.03660429, 0.92367181, -0.25544496),
    (-0.06566227, -0.1044708, 0.05014435),
    (-0.03878127, 0.09087035, -0.07071638),
    (-0.14365816, -0.05897377, -0.18009904),
    (-0.08745479, 0.10929292, 0.20091476),
)
"""Axis-angle, radians, in the order of SMPL's joints; the root is replaced by a half turn about x."""


def mean_six_d() -> Tensor:
    """Mean pose ``(24, 6)``, root ``[1, 0, 0, -1, 0, 0]``: upright in the camera frame."""
    pose = torch.tensor(_MEAN_POSE, dtype=torch.float64)
    pose[0] = torch.tensor([math.pi, 0.0, 0.0])
    return matrix_to_six_d(axis_angle_to_matrix(pose)).float()
