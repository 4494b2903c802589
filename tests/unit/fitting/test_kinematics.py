"""Joints without the mesh equal joints of the mesh."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from fitting.body.assets import load_body_asset
from fitting.body.joints import model_joint_indices
from fitting.body.model import BodyModel, load_body
from fitting.errors import AssetError
from fitting.geometry.rotations import axis_angle_to_matrix
from fitting.spec import BodyFit
from resources import default_body


@pytest.fixture(scope="module")
def body() -> BodyModel:
    return load_body(default_body())


def random_bodies(count: int, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    rotations = axis_angle_to_matrix(torch.randn(count, 24, 3, generator=generator) * 0.6)
    return rotations, torch.randn(count, 10, generator=generator)


def test_equals_the_mesh(body: BodyModel) -> None:
    rotations, betas = random_bodies(6)
    vertices = body.vertices(rotations, betas)
    bones = body.kinematics.bones(rotations, betas).joints_cam
    landmarks = vertices[:, torch.as_tensor(body.asset.landmark_vertices)]
    extra = torch.einsum("jv,nvc->njc", torch.as_tensor(body.asset.J_regressor_extra), vertices)
    through_mesh = torch.cat((bones, landmarks, extra), 1)[:, model_joint_indices()]
    assert torch.allclose(body.joints(rotations, betas), through_mesh, atol=2e-6)


def test_bones_equal_those_of_smplx(body: BodyModel) -> None:
    rotations, betas = random_bodies(4, seed=3)
    theirs = body._smpl(betas=betas, global_orient=rotations[:, :1], body_pose=rotations[:, 1:], pose2rot=False)
    assert torch.allclose(body.kinematics.bones(rotations, betas).joints_cam, theirs.joints[:, :24], atol=2e-6)


def test_pelvis_stays_where_the_shape_puts_it(body: BodyModel) -> None:
    rotations, betas = random_bodies(3, seed=5)
    bones = body.kinematics.bones(rotations, betas)
    assert torch.allclose(bones.joints_cam[:, 0], bones.rest_joints[:, 0])


def test_joints_differentiate(body: BodyModel) -> None:
    kinematics = BodyModel(body.asset).kinematics.double()
    rotations, betas = (tensor.double().requires_grad_() for tensor in random_bodies(1))
    assert torch.autograd.gradcheck(
        lambda turn, shape: kinematics(turn, shape)[:, 40:].sum(1), (rotations, betas), fast_mode=True
    )


def test_of_a_fit_is_numpy(body: BodyModel) -> None:
    fit = BodyFit(np.tile(np.eye(3), (24, 1, 1)), np.zeros(10), np.array([1.0, 0, 0]))
    assert body.vertices_of(fit).shape == (len(body.asset.v_template), 3)
    assert body.joints_of(fit).shape == (49, 3)
    assert np.allclose(body.vertices_of(fit), body.asset.v_template, atol=1e-6)


class TestBrokenFiles:
    """Every broken body file gives one sentence that names it."""

    def arrays(self) -> dict[str, np.ndarray]:
        with np.load(default_body()) as archive:
            return {key: archive[key] for key in archive.files}

    def test_missing(self, tmp_path: Path) -> None:
        with pytest.raises(AssetError, match="body build"):
            load_body_asset(tmp_path / "none.npz")

    def test_truncated(self, tmp_path: Path) -> None:
        path = tmp_path / "cut.npz"
        path.write_bytes(default_body().read_bytes()[:5000])
        with pytest.raises(AssetError, match=r"cut\.npz"):
            load_body_asset(path)

    def test_a_bomb_is_not_inflated(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("fitting.body.assets.LARGEST_BYTES", 10**5)
        path = tmp_path / "bomb.npz"
        np.savez_compressed(path, v_template=np.zeros((10**5, 3)))
        with pytest.raises(AssetError, match="would inflate"):
            load_body_asset(path)

    def test_pickle_inside_is_not_run(self, tmp_path: Path) -> None:
        path = tmp_path / "pickled.npz"
        np.savez(path, v_template=np.array([{"a": 1}], dtype=object), allow_pickle=True)
        with pytest.raises(AssetError, match="plain arrays"):
            load_body_asset(path)

    @pytest.mark.parametrize(
        ("key", "change", "says"),
        [
            ("weights", lambda a: a[:, :5], "weights.*shape"),
            ("v_template", lambda a: a * np.nan, "NaN"),
            ("weights", lambda a: a * 2, "sum to 1"),
            ("f", lambda a: a + 10**6, "points past"),
            ("kintree_table", lambda a: a * 0 + 23, "tree"),
            ("v_template", lambda a: a.astype(str), "no numbers"),
            ("f", lambda a: a[:0], "no numbers"),
            ("landmark_vertices", lambda a: a * 1e300, "beyond"),
            ("J_regressor", None, "no array 'J_regressor'"),
        ],
    )
    def test_wrong_array(self, tmp_path: Path, key: str, change: object, says: str) -> None:
        arrays = self.arrays()
        if change is None:
            del arrays[key]
        else:
            arrays[key] = change(arrays[key])  # type: ignore[operator]
        path = tmp_path / "wrong.npz"
        np.savez(path, **arrays)
        with pytest.raises(AssetError, match=says):
            load_body_asset(path)
