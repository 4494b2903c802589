"""AMASS-like files: its keys and shapes, and a world whose z is up."""

from pathlib import Path

import numpy as np
import pytest
import torch

from db.formats.amass_npz import WORLD_FROM_CAMERA, iter_fits, write_fits
from db.formats.base import ImportProblem
from db.formats.errors import FormatError
from db.formats.parts.perspective import build_translation
from resources import default_body
from tests.helpers.fit_samples import CONTEXT, make_fit_sample
from tests.helpers.released import Body


def test_a_file_has_the_keys_and_shapes_of_amass(tmp_path: Path) -> None:
    write_fits(tmp_path / "fits", [make_fit_sample(1)], CONTEXT)
    with np.load(tmp_path / "fits" / "000000_walk_000001_ann183021.npz") as arrays:
        shapes = {key: arrays[key].shape for key in ("poses", "trans", "betas", "dmpls", "gender", "mocap_framerate")}
        assert arrays["gender"] == "male"
        assert not arrays["poses"][0, 66:].any()
        assert not arrays["betas"][10:].any()
    assert shapes == {
        "poses": (1, 156),
        "trans": (1, 3),
        "betas": (16,),
        "dmpls": (1, 8),
        "gender": (),
        "mocap_framerate": (),
    }


def test_up_in_the_picture_is_up_in_the_world() -> None:
    right, up, forward = np.array([1.0, 0, 0]), np.array([0, -1.0, 0]), np.array([0, 0, 1.0])
    np.testing.assert_array_equal(WORLD_FROM_CAMERA @ up, [0, 0, 1])
    np.testing.assert_array_equal(WORLD_FROM_CAMERA @ right, [1, 0, 0])
    np.testing.assert_array_equal(WORLD_FROM_CAMERA @ forward, [0, 1, 0])
    assert np.linalg.det(WORLD_FROM_CAMERA) == pytest.approx(1)


def test_the_body_in_the_world_is_the_one_before_the_camera(tmp_path: Path) -> None:
    """Through smplx: the world of the file is the camera's, turned, with the camera where the conventions say."""
    sample = make_fit_sample(0)
    write_fits(tmp_path / "fits", [sample], CONTEXT)
    with np.load(next((tmp_path / "fits").glob("*.npz"))) as arrays:
        poses, trans, hands = (torch.tensor(arrays[key]) for key in ("poses", "trans", "smpl_hand_pose"))
    smpl = Body(default_body()).smpl.double()
    betas = torch.tensor(sample.betas)[None]
    world = smpl(betas=betas, global_orient=poses[:, :3], body_pose=torch.cat((poses[:, 3:66], hands), 1), transl=trans)
    rotations = torch.tensor(sample.rotations)[None]
    body = smpl(betas=betas, global_orient=rotations[:, :1], body_pose=rotations[:, 1:], pose2rot=False)
    in_camera = body.vertices[0].detach().numpy() + build_translation(sample, CONTEXT.focal_px)
    pelvis = body.joints[0, 0].detach().numpy()  # the body turns about it: it is where it was at rest
    camera_place = pelvis - WORLD_FROM_CAMERA @ pelvis
    expected = in_camera @ WORLD_FROM_CAMERA.T + camera_place
    np.testing.assert_allclose(world.vertices[0].detach().numpy(), expected, atol=1e-5)


def test_a_sequence_of_others_is_read_frame_by_frame(tmp_path: Path) -> None:
    path = tmp_path / "walk_poses.npz"
    np.savez(path, poses=np.zeros((3, 156)), trans=np.zeros((3, 3)), betas=np.zeros(16), gender=np.array(b"female"))
    samples = list(iter_fits(path))
    assert [(sample.image_name, sample.gender, sample.camera) for sample in samples] == [
        ("walk_poses", "female", None)
    ] * 3
    np.testing.assert_allclose(samples[0].rotations[0], WORLD_FROM_CAMERA.T)
    np.testing.assert_array_equal(samples[0].rotations[22:], np.eye(3)[None].repeat(2, 0))


def test_what_is_no_sequence_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "walk.npz"
    for arrays, message in (
        ({"poses": np.zeros((3, 165))}, r"poses has \(3, 165\), expected \(T, 156\)"),
        ({"trans": np.zeros((3, 3))}, "poses has no array"),
        ({"poses": np.full((1, 156), np.nan)}, "poses has a value that is not a finite number"),
        ({"poses": np.full((1, 156), 1e9)}, r"the pose has an angle of 1e\+09; expected radians"),
        ({"poses": np.zeros((1, 156)), "trans": np.full((1, 3), np.inf)}, "trans has a value that is not a finite"),
        ({"poses": np.zeros((3, 156)), "smpl_hand_pose": np.zeros((1, 6))}, "smpl_hand_pose has 1 frames and poses 3"),
        ({"poses": np.zeros((3, 156))}, "'betas' is missing"),
    ):
        np.savez(path, **arrays)
        with pytest.raises(FormatError, match=message):
            iter_fits(path)


def test_a_torn_file_spares_the_others(tmp_path: Path) -> None:
    write_fits(tmp_path / "fits", [make_fit_sample(1), make_fit_sample(2)], CONTEXT)
    first = min((tmp_path / "fits").glob("*.npz"))
    first.write_bytes(first.read_bytes()[:200])
    problem, sample = iter_fits(tmp_path / "fits")
    assert isinstance(problem, ImportProblem)
    assert problem.item == first.name
    assert sample.annotation_id == 183022
