"""Bodies as they were last posed: turning the camera or drawing a second layer does not pose them again."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path
from typing import Final

import numpy as np
import torch

from fitting.body.model import BodyModel, load_body
from fitting.render.shading import NormalOperator
from fitting.spec import BodyFit, FloatArray

KEPT_BODIES: Final = 12
"""Two compared fits, their starts, and the last iterations of a running fit; 100 kB each."""


class PosedBody:
    """One body in one pose.

    Attributes:
        vertices: ``(V, 3)`` camera frame, metres.
        joints: ``(24, 3)`` the same.
    """

    def __init__(self, model: BodyModel, fit: BodyFit) -> None:
        self.vertices = model.vertices_of(fit)
        self.joints = _joints_of(model, fit)
        self._normals: FloatArray | None = None

    @property
    def pelvis(self) -> FloatArray:
        """``(3,)``, what the views turn about."""
        pelvis: FloatArray = self.joints[0]
        return pelvis

    def normals(self, operator: NormalOperator) -> FloatArray:
        """Unit normals ``(V, 3)`` in the camera frame."""
        if self._normals is None:
            self._normals = operator(self.vertices)
        return self._normals


class PosedBodies:
    """The last few bodies, by their parameters."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[Path, bytes, bytes], PosedBody] = OrderedDict()

    def get(self, body: Path, fit: BodyFit) -> PosedBody:
        """A body in its pose, as it is kept or posed now.

        Raises:
            AssetError: The body file is missing or malformed.
        """
        key = (body, np.asarray(fit.rotations).tobytes(), np.asarray(fit.betas).tobytes())
        posed = self._kept.get(key)
        if posed is None:
            posed = self._kept[key] = PosedBody(load_body(body), fit)
            while len(self._kept) > KEPT_BODIES:
                self._kept.popitem(last=False)
        else:
            self._kept.move_to_end(key)
        return posed


@torch.no_grad()
def _joints_of(model: BodyModel, fit: BodyFit) -> FloatArray:
    rotations, betas = (
        torch.as_tensor(np.asarray(part, dtype=np.float32))[None] for part in (fit.rotations, fit.betas)
    )
    joints: FloatArray = model.kinematics.bones(rotations, betas).joints_cam[0].numpy()
    return joints
