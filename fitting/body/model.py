"""The whole body through ``smplx``: vertices for drawing and export. The only door to ``smplx``.

``smplx`` unpickles what it is given as a path, so it is only ever handed arrays. Its package and SMPL's own files are
licensed for non-commercial research; the mannequin is ours (docs/adr/0001).
"""

from __future__ import annotations

import contextlib
import io
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from fitting.body.assets import BodyAsset, load_body_asset
from fitting.body.kinematics import Kinematics
from fitting.spec import BodyFit, FloatArray

_SELECTOR_NAMES = (
    *("nose", "reye", "leye", "rear", "lear"),
    *("LBigToe", "LSmallToe", "LHeel", "RBigToe", "RSmallToe", "RHeel"),
    *("lthumb", "lindex", "lmiddle", "lring", "lpinky", "rthumb", "rindex", "rmiddle", "rring", "rpinky"),
)  # smplx's names of the landmark vertices, in the order of eft_method.md 3.1


class BodyModel(nn.Module):
    """A body in SMPL's format: mesh by ``smplx.SMPL``, joints by :class:`Kinematics`."""

    def __init__(self, asset: BodyAsset) -> None:
        super().__init__()
        self.asset = asset
        self.kinematics = Kinematics(asset)
        self._smpl = _build_smpl(asset)

    @property
    def faces(self) -> NDArray[np.int64]:
        """Triangles ``(F, 3)``."""
        return self.asset.faces

    def vertices(self, rotations: Tensor, betas: Tensor) -> Tensor:
        """Posed vertices ``(B, V, 3)``, camera frame, metres, of ``(B, 24, 3, 3)`` and ``(B, 10)``."""
        output = self._smpl(betas=betas, global_orient=rotations[:, :1], body_pose=rotations[:, 1:], pose2rot=False)
        vertices: Tensor = output.vertices
        return vertices

    def joints(self, rotations: Tensor, betas: Tensor) -> Tensor:
        """The 49 joints ``(B, 49, 3)``, camera frame, metres, without computing the mesh."""
        joints: Tensor = self.kinematics(rotations, betas)
        return joints

    @torch.no_grad()
    def vertices_of(self, fit: BodyFit) -> FloatArray:
        """Vertices ``(V, 3)`` of one fit, camera frame, metres."""
        return self.vertices(_batch(fit.rotations), _batch(fit.betas))[0].numpy()

    @torch.no_grad()
    def joints_of(self, fit: BodyFit) -> FloatArray:
        """Joints ``(49, 3)`` of one fit, camera frame, metres."""
        return self.joints(_batch(fit.rotations), _batch(fit.betas))[0].numpy()


@lru_cache(maxsize=4)
def load_body(path: Path) -> BodyModel:
    """Body of a file, built once a process.

    Raises:
        AssetError: The file is missing or not a body.
    """
    return BodyModel(load_body_asset(path)).eval().requires_grad_(False)


def _batch(array: FloatArray) -> Tensor:
    return torch.as_tensor(np.asarray(array, dtype=np.float32))[None]


def _build_smpl(asset: BodyAsset) -> nn.Module:
    from smplx import SMPL
    from smplx.utils import Struct

    kintree = np.stack((asset.parents, np.arange(len(asset.parents))))
    data = Struct(
        v_template=asset.v_template,
        shapedirs=asset.shapedirs,
        posedirs=asset.posedirs,
        J_regressor=asset.J_regressor,
        weights=asset.weights,
        f=asset.faces,
        kintree_table=kintree,
    )
    vertex_ids = dict(zip(_SELECTOR_NAMES, asset.landmark_vertices.tolist(), strict=True))
    with contextlib.redirect_stdout(io.StringIO()):  # it prints a warning about ten shape coefficients
        smpl: nn.Module = SMPL("", data_struct=data, vertex_ids=vertex_ids, create_transl=False)
    return smpl
