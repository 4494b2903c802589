"""The three npz formats of SMPL parameters: what comes back, what others' files hold, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from db.formats import amass_npz, humandata, smplx_npz
from db.formats.base import ImportProblem
from db.formats.errors import FormatError
from db.formats.fits import FitSample
from db.formats.parts.arrays import read_npz, write_npz
from db.formats.parts.person_columns import HELD
from db.formats.parts.perspective import build_translation
from db.formats.parts.writing import find_difference
from resources import default_body
from tests.helpers.fit_samples import CONTEXT, Bomb, make_fit_sample
from tests.helpers.released import Body

MODULES = [smplx_npz, humandata, amass_npz]
UNKNOWN: dict[str, Any] = {
    "annotation_id": None,
    "subject_id": None,
    "bbox_xywh": None,
    "initial": None,
    "l2d": None,
    "loss": None,
    "iterations": None,
    "keypoints_px": np.zeros((49, 3)),
}


def write(module: ModuleType, folder: Path, *samples: FitSample) -> Path:
    path = folder / "fits.npz"
    written = module.write_fits(path, iter(samples), CONTEXT)
    assert (written.path, written.count) == (path, len(samples))
    return path


def read(module: ModuleType, path: Path) -> list[FitSample]:
    records = list(module.iter_fits(path))
    assert not [record for record in records if isinstance(record, ImportProblem)], records
    return records


def one_file(path: Path) -> Path:
    """The npz itself, also where a format puts one into a folder for each person."""
    return next(path.glob("*.npz")) if path.is_dir() else path


def change_file(path: Path, change: Callable[[dict[str, Any]], object]) -> Path:
    """The file with some arrays changed by hand."""
    file = one_file(path)
    arrays = dict(read_npz(file))
    change(arrays)
    with file.open("wb") as stream:
        write_npz(stream, {key: np.asarray(array) for key, array in arrays.items()})
    return file


@pytest.mark.parametrize("module", MODULES)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=15)
@given(seeds=st.lists(st.integers(0, 10**6), max_size=3), known=st.booleans())
def test_samples_come_back(module: ModuleType, tmp_path: Path, seeds: list[int], known: bool) -> None:
    samples = [make_fit_sample(seed, **({} if known else UNKNOWN)) for seed in seeds]
    for before, after in zip(samples, read(module, write(module, tmp_path, *samples)), strict=True):
        assert find_difference(before, after, HELD) is None
        assert after.translation_cam is not None
        np.testing.assert_allclose(after.translation_cam, build_translation(before, CONTEXT.focal_px), atol=1e-9)


@pytest.mark.parametrize("module", MODULES)
def test_the_same_fits_give_the_same_bytes(module: ModuleType, tmp_path: Path) -> None:
    first, second = ([make_fit_sample(seed) for seed in range(3)] for _ in range(2))
    hashes = {
        module.write_fits(tmp_path / name, fits, CONTEXT).sha256 for name, fits in (("one", first), ("two", second))
    }
    assert len(hashes) == 1


@pytest.mark.parametrize("module", MODULES)
def test_the_conventions_fit_into_a_manifest(module: ModuleType) -> None:
    assert len(json.loads(json.dumps(module.CONVENTIONS))["pose_joints"]) == 24


@pytest.mark.parametrize("module", MODULES)
def test_rotations_off_by_rounding_become_true_ones(module: ModuleType, tmp_path: Path) -> None:
    sample = make_fit_sample()
    rounded = sample.rotations.round(6)
    (after,) = read(module, write(module, tmp_path, replace(sample, rotations=rounded)))
    np.testing.assert_allclose(after.rotations, sample.rotations, atol=2e-6)
    np.testing.assert_allclose(
        after.rotations @ after.rotations.transpose(0, 2, 1), np.eye(3)[None].repeat(24, 0), atol=1e-12
    )


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"camera": None}, "it has no camera"),
        ({"box_center_px": None}, "it has no box"),
        ({"image_size_px": None}, "the size of its picture is unknown"),
        ({"betas": np.full(10, np.nan)}, "betas has a value that is not a finite number"),
        ({"rotations": np.zeros((24, 3, 3))}, r"rotations\[0\] is no rotation"),
        ({"image_name": ""}, "the name of the picture is"),
        ({"image_name": "/home/me/a.jpg"}, "no plain path"),
    ],
)
def test_what_cannot_be_held_is_refused_and_the_old_file_stays(
    module: ModuleType, tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    path = write(module, tmp_path, make_fit_sample())
    before = one_file(path).read_bytes()
    with pytest.raises(FormatError, match=message):
        module.write_fits(path, [make_fit_sample(1), make_fit_sample(**changes)], CONTEXT)
    assert one_file(path).read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("module", MODULES)
def test_a_command_in_any_array_is_refused_and_does_not_run(module: ModuleType, tmp_path: Path) -> None:
    path = write(module, tmp_path, make_fit_sample())
    keys = list(read_npz(one_file(path)))
    for key in keys:
        trace = tmp_path / "ran"
        holder = np.empty((), dtype=object)
        holder[()] = Bomb(f"touch {trace}")
        arrays = dict(read_npz(one_file(path))) | {key: holder}
        target = tmp_path / "evil.npz"
        np.savez(target, **arrays)
        with pytest.raises(FormatError, match="system"):
            module.iter_fits(target)
        assert not trace.exists()


@pytest.mark.parametrize("module", [smplx_npz, amass_npz])
@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        ("gender", "robot", "gender is 'robot'"),
        ("gender", 3, "gender is no text"),
        ("annotation_id", np.array([1.5]), "annotation_id is 1.5, expected a whole number"),
        ("annotation_id", np.array([np.inf]), "annotation_id is inf, expected a whole number"),
        ("image_size", np.array([[640.5, 480]]), "expected whole positive numbers"),
        ("box_scale", np.array([-1.0]), "the scale of the box is -1"),
        ("box_center", np.zeros((1, 3)), "box_center has the shape"),
        ("weak_camera", np.array([[1, np.nan, 0]]), "weak_camera has a value that is not a finite number"),
        ("weak_camera", np.array([["a", "b", "c"]]), "weak_camera is no array of numbers"),
        ("keypoints", np.full((1, 49, 3), np.inf), "keypoints has a value"),
        ("image_name", np.array([".."]), "names no file"),
        ("betas", np.full(10, np.nan), "betas has a value that is not a finite number"),
        ("betas", np.zeros(9), "betas has 9 numbers, expected 10"),
        ("betas", np.ones(16), "betas has 16 numbers, and those after the tenth are not zero"),
    ],
)
def test_a_faulty_row_is_named(module: ModuleType, tmp_path: Path, key: str, value: Any, reason: str) -> None:
    path = write(module, tmp_path, make_fit_sample())
    file = change_file(path, lambda arrays: arrays.update({key: value}))
    (problem,) = module.iter_fits(file)
    assert isinstance(problem, ImportProblem)
    assert problem.item == file.name
    assert reason in problem.reason


def test_a_faulty_row_spares_its_neighbours(tmp_path: Path) -> None:
    path = write(smplx_npz, tmp_path, *(make_fit_sample(seed) for seed in range(3)))
    change_file(path, lambda arrays: arrays["body_pose"][1].fill(np.nan))
    first, problem, third = smplx_npz.iter_fits(path)
    assert (first.annotation_id, third.annotation_id) == (183020, 183022)
    assert str(problem) == "person 1 of fits.npz: the pose has a value that is not a finite number"


class TestSmplx:
    """Parameters of others, as the smplx package takes them."""

    ORIENT, POSE = np.array([3.0, 0.1, 0]), np.linspace(-1, 1, 69)

    def read_arrays(self, tmp_path: Path, **arrays: Any) -> list[Any]:
        np.savez(tmp_path / "000012.npz", **{"betas": np.zeros(10), **arrays})
        return list(smplx_npz.iter_fits(tmp_path / "000012.npz"))

    def test_one_person_without_rows(self, tmp_path: Path) -> None:
        (sample,) = self.read_arrays(tmp_path, global_orient=self.ORIENT, body_pose=self.POSE, gender="male")
        expected = Rotation.from_rotvec([self.ORIENT, *self.POSE.reshape(23, 3)]).as_matrix()
        np.testing.assert_allclose(sample.rotations, expected, atol=1e-12)
        assert (sample.image_name, sample.gender, sample.camera) == ("000012", "male", None)
        assert (sample.box_center_px, sample.translation_cam) == (None, None)

    def test_hands_of_a_body_without_them_stay_at_rest(self, tmp_path: Path) -> None:
        (sample,) = self.read_arrays(tmp_path, global_orient=self.ORIENT[None], body_pose=self.POSE[None, :63])
        np.testing.assert_array_equal(sample.rotations[22:], np.eye(3)[None].repeat(2, 0))
        np.testing.assert_allclose(Rotation.from_matrix(sample.rotations[1:22]).as_rotvec().ravel(), self.POSE[:63])

    @pytest.mark.parametrize("joints", [21, 23])
    def test_matrices_and_shared_betas(self, tmp_path: Path, joints: int) -> None:
        matrices = Rotation.random(2 * (joints + 1), random_state=0).as_matrix().reshape(2, joints + 1, 3, 3)
        samples = self.read_arrays(tmp_path, global_orient=matrices[:, :1], body_pose=matrices[:, 1:])
        for sample, expected in zip(samples, matrices, strict=True):
            np.testing.assert_array_equal(sample.rotations[: joints + 1], expected)

    def test_the_camera_follows_from_what_is_known(self, tmp_path: Path) -> None:
        path = write(smplx_npz, tmp_path, make_fit_sample())
        change_file(path, lambda arrays: arrays.pop("weak_camera"))
        (sample,) = read(smplx_npz, path)
        np.testing.assert_allclose(sample.camera, make_fit_sample().camera, atol=1e-9)

    @pytest.mark.parametrize(("focal_px", "tolerance_px"), [(5e3, 40.0), (1e6, 0.2)])
    def test_smplx_shows_the_body_where_the_weak_camera_does(
        self, tmp_path: Path, focal_px: float, tolerance_px: float
    ) -> None:
        """The plain way: ``smplx`` fed with the arrays, a pinhole camera; equal up to the depth of the body."""
        path = tmp_path / "fits.npz"
        smplx_npz.write_fits(path, [make_fit_sample(4)], replace(CONTEXT, focal_px=focal_px))
        smpl = Body(default_body()).smpl.double()
        with np.load(path) as arrays:
            keys = ("betas", "global_orient", "body_pose", "transl")
            output = smpl(**{key: torch.tensor(arrays[key]) for key in keys})
            (size, box, scale, camera) = (
                arrays[key][0] for key in ("image_size", "box_center", "box_scale", "weak_camera")
            )
            joints_cam = output.joints[0].detach().numpy()
            body_cam = joints_cam - arrays["transl"]
        shown_px = size / 2 + focal_px * joints_cam[:, :2] / joints_cam[:, 2:]
        weak_px = box + 100 * scale * (camera[0] * body_cam[:, :2] + camera[1:])
        assert np.abs(shown_px - weak_px).max() < tolerance_px

    def test_a_folder_of_people(self, tmp_path: Path) -> None:
        for name in ("b", "a"):
            np.savez(tmp_path / f"{name}.npz", global_orient=self.ORIENT, body_pose=self.POSE, betas=np.zeros(10))
        (tmp_path / "c.npz").write_bytes(b"torn")
        first, second, problem = smplx_npz.iter_fits(tmp_path)
        assert (first.image_name, second.image_name, problem.item) == ("a", "b", "c.npz")

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"body_pose": np.zeros(66)}, "body_pose has the shape (66,), expected 69 or 63 numbers a person"),
            ({"global_orient": np.zeros((2, 3))}, "body_pose has the shape (69,), expected 69 or 63 numbers a person"),
            ({"transl": np.array([0, 0, np.inf])}, "transl has a value that is not a finite number"),
            ({"body_pose": np.full(69, 1e9)}, "the pose has an angle of 1e+09; expected radians"),
        ],
    )
    def test_a_faulty_person_is_a_problem(self, tmp_path: Path, changes: dict[str, Any], message: str) -> None:
        arrays = {"global_orient": self.ORIENT, "body_pose": self.POSE, **changes}
        for record in self.read_arrays(tmp_path, **arrays):
            assert isinstance(record, ImportProblem)
            assert record.reason == message

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"jaw_pose": np.zeros(3)}, "belongs to SMPL-X, as its 'jaw_pose' says"),
            ({"body_pose": np.array("none")}, "body_pose is no array of numbers"),
            ({"betas": np.float64(0)}, "betas is no array of numbers"),
        ],
    )
    def test_another_body_is_refused(self, tmp_path: Path, changes: dict[str, Any], message: str) -> None:
        with pytest.raises(FormatError, match=message):
            self.read_arrays(tmp_path, **{"global_orient": self.ORIENT, "body_pose": self.POSE, **changes})
        with pytest.raises(FormatError, match="holds no parameters of SMPL: 'global_orient' is missing"):
            self.read_arrays(tmp_path, poses=np.zeros(3))
