"""Exports drawn by readers that know the manifest and json, numpy, pickle or trimesh alone, against the screen.

Nothing of ours reads the files or poses the body: the formulas are those that the manifest states, in plain numpy. What
the screen shows is the layer that the renderer draws for the stored fit.
"""

import json
import pickle
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trimesh
from PIL import Image, ImageDraw
from scipy.ndimage import distance_transform_edt

from app.services.blocking import BlockingJobs
from app.services.exports import export_project
from app.services.overlays import body_fit_of, build_window_job
from db.formats import FORMATS
from db.formats.parts.conventions import STATED
from fitting.runners import InlineRunner
from fitting.spec import RenderResult, Window
from tests.helpers.builders import add_fit, build_project, people_of
from tests.helpers.fits import standing_body

BODY_FILE = Path(__file__).parents[2] / "resources" / "body" / "mannequin.npz"
ZOOM = 4
"""Pixels of the layer for one of the picture."""
TOLERANCE_PX = 0.5
FOCAL_PX = 50_000.0
"""So far away that a body's own depth moves no point by a tenth of a pixel."""

Plain = tuple[Any, Any, Any, Any, Any]
"""Rotations, betas, camera, centre and scale of one person."""


def plain_eft_json(path: Path) -> Iterator[Plain]:
    for row in json.loads(path.read_text())["data"]:
        yield row["parm_pose"], row["parm_shape"], row["parm_cam"], row["bbox_center"], row["bbox_scale"]


def plain_eft_pickle(path: Path) -> Iterator[Plain]:
    for file in sorted(path.glob("*.pkl"), key=lambda file: int(file.stem.rpartition("_")[2])):
        row = pickle.loads(file.read_bytes())
        keys = ("pred_pose_rotmat", "pred_shape", "pred_camera", "center", "scale")
        yield tuple(row[key][0] for key in keys)  # type: ignore[misc]


def plain_spin(path: Path) -> Iterator[Plain]:
    with np.load(path) as rows:
        for row in range(len(rows["imgname"])):
            keys = ("shape", "parm_cam", "center", "scale")
            yield (rodrigues(rows["pose"][row]), *(rows[key][row] for key in keys))  # type: ignore[misc]


def plain_static_fits(path: Path) -> Iterator[Plain]:
    fits = np.load(path)
    with np.load(path.with_name(f"{path.stem}.npz")) as rows:
        for row, numbers in enumerate(fits):
            keys = ("parm_cam", "center", "scale")
            yield (rodrigues(numbers[:72]), numbers[72:], *(rows[key][row] for key in keys))  # type: ignore[misc]


def plain_smplx(path: Path) -> Iterator[Plain]:
    with np.load(path) as rows:
        for row in range(len(rows["betas"])):
            pose = np.concatenate((rows["global_orient"][row], rows["body_pose"][row]))
            keys = ("betas", "weak_camera", "box_center", "box_scale")
            yield (rodrigues(pose), *(rows[key][row] for key in keys))  # type: ignore[misc]


def plain_humandata(path: Path) -> Iterator[Plain]:
    with np.load(path, allow_pickle=True) as rows:
        smpl = rows["smpl"].item()
        for row, (left, top, width, height, _) in enumerate(rows["bbox_xywh"]):
            pose = np.concatenate((smpl["global_orient"][row], smpl["body_pose"][row].ravel()))
            center, scale = (left + width / 2, top + height / 2), width / 200
            yield rodrigues(pose), smpl["betas"][row], rows["weak_camera"][row], center, scale


def plain_amass(path: Path) -> Iterator[Plain]:
    for file in sorted(path.glob("*.npz")):
        with np.load(file) as rows:
            pose = np.concatenate((rows["poses"][0, :66], rows["smpl_hand_pose"].ravel()))
            rotations = rodrigues(pose)
            rotations[0] = rows["world_from_camera"].T @ rotations[0]
            keys = ("weak_camera", "box_center", "box_scale")
            yield (rotations, rows["betas"][:10], *(rows[key].reshape(-1)[:3] for key in keys))  # type: ignore[misc]


def plain_obj(path: Path) -> Iterator[Plain]:
    for file in sorted(path.glob("*.json")):
        row = json.loads(file.read_text())
        if "rotations" in row:
            yield row["rotations"], row["betas"], row["camera"], row["box_center_px"], row["box_scale"]


def plain_gltf(path: Path) -> Iterator[Plain]:
    for file in sorted(path.glob("*.glb")):
        content = file.read_bytes()
        length = int.from_bytes(content[12:16], "little")
        row = json.loads(content[20 : 20 + length])["nodes"][0]["extras"]["fit"]
        yield row["rotations"], row["betas"], row["camera"], row["box_center_px"], row["box_scale"]


PLAIN_READERS: dict[str, Callable[[Path], Iterator[Plain]]] = {
    "eft-json": plain_eft_json,
    "eft-pickle": plain_eft_pickle,
    "spin-npz": plain_spin,
    "static-fits": plain_static_fits,
    "humandata": plain_humandata,
    "smplx-npz": plain_smplx,
    "amass-npz": plain_amass,
    "obj": plain_obj,
    "gltf": plain_gltf,
}


def rodrigues(pose: Any) -> np.ndarray:
    """Rotation matrices of axis-angle vectors, from the formula."""
    matrices = []
    for x, y, z in np.reshape(pose, (-1, 3)):
        angle = np.sqrt(x * x + y * y + z * z)
        cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]]) / max(angle, 1e-12)
        matrices.append(np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross)
    return np.array(matrices)


def pose_vertices(rotations: Any, betas: Any) -> np.ndarray:
    """Vertices of a body in the axes of the camera: SMPL's formula (Loper et al. 2015, section 3)."""
    rotations = np.asarray(rotations, dtype=float)
    with np.load(BODY_FILE) as body:
        shaped = body["v_template"] + body["shapedirs"] @ np.asarray(betas, dtype=float)
        joints = body["J_regressor"] @ shaped
        corrected = shaped + body["posedirs"] @ (rotations[1:] - np.eye(3)).ravel()
        weights, parents = body["weights"], body["kintree_table"][0]
    turned, placed = [rotations[0]], [joints[0]]
    for joint in range(1, 24):
        parent = parents[joint]
        placed.append(placed[parent] + turned[parent] @ (joints[joint] - joints[parent]))
        turned.append(turned[parent] @ rotations[joint])
    shifts = np.array(placed) - np.einsum("jab,jb->ja", np.array(turned), joints)
    posed: np.ndarray = np.einsum("vj,jab,vb->va", weights, np.array(turned), corrected) + weights @ shifts
    return posed


def project_weakly(vertices: np.ndarray, camera: Any, center: Any, scale: Any) -> np.ndarray:
    """Pixels of the picture, by the weak-perspective formula of the manifests."""
    s, tx, ty = np.asarray(camera, dtype=float)
    x, y = vertices[:, 0], vertices[:, 1]
    scale = float(np.squeeze(scale))
    center = np.ravel(center)
    return np.stack((center[0] + 100 * scale * (s * x + tx), center[1] + 100 * scale * (s * y + ty)), axis=-1)


def project_by_focal(vertices: np.ndarray, translation: Any, focal: float, size: Any) -> np.ndarray:
    """Pixels of the picture, by the perspective formula of the manifests."""
    x, y, z = (vertices + translation).T
    return np.stack((size[0] / 2 + focal * x / z, size[1] / 2 + focal * y / z), axis=-1)


def pinhole_smplx(path: Path) -> Iterator[np.ndarray]:
    with np.load(path) as rows:
        for row, (rotations, betas, *_) in enumerate(plain_smplx(path)):
            camera = rows["transl"][row], rows["focal_length"][row], rows["image_size"][row]
            yield project_by_focal(pose_vertices(rotations, betas), *camera)


def pinhole_humandata(path: Path) -> Iterator[np.ndarray]:
    with np.load(path, allow_pickle=True) as rows:
        transl = rows["smpl"].item()["transl"]
        for row, (rotations, betas, *_) in enumerate(plain_humandata(path)):
            camera = transl[row], rows["focal_length"][row], rows["image_size"][row]
            yield project_by_focal(pose_vertices(rotations, betas), *camera)


def pinhole_amass(path: Path) -> Iterator[np.ndarray]:
    files = sorted(path.glob("*.npz"))
    for file, (rotations, betas, *_) in zip(files, plain_amass(path), strict=True):
        with np.load(file) as rows:
            translation = rows["world_from_camera"].T @ rows["trans"][0]
            camera = translation, rows["focal_length"].item(), rows["image_size"].ravel()
            yield project_by_focal(pose_vertices(rotations, betas), *camera)


PINHOLES = {"smplx-npz": pinhole_smplx, "humandata": pinhole_humandata, "amass-npz": pinhole_amass}


@dataclass(frozen=True)
class Exported:
    """A project of two people in every format of fits, and what the screen shows of them."""

    folder: Path
    layers: list[np.ndarray]
    windows: list[Window]

    def path(self, name: str) -> Path:
        return self.folder / name / f"fits{FORMATS[name].suffix}"

    def check(self, person: int, pixels: np.ndarray) -> None:
        """Fail unless the body that is projected to ``pixels`` and the layer are within half a pixel everywhere."""
        assert self.find_distance_px(person, pixels) <= TOLERANCE_PX

    def find_distance_px(self, person: int, pixels: np.ndarray) -> float:
        """Largest distance from a pixel of one silhouette to the other (Hausdorff), pixels of the picture."""
        shown, window = self.layers[person], self.windows[person]
        place = (pixels - [window.x, window.y]) * ZOOM
        drawn = Image.new("1", shown.shape[::-1])
        pen = ImageDraw.Draw(drawn)
        with np.load(BODY_FILE) as body:
            # A pixel belongs to a triangle if its middle does, which for Pillow lies on whole numbers.
            for corners in place[body["f"]] - 0.5:
                pen.polygon([tuple(corner) for corner in corners], fill=1)
        ours = np.asarray(drawn)
        assert ours.sum() > 1000
        far_from_ours, far_from_shown = distance_transform_edt(~ours), distance_transform_edt(~shown)
        return float(max(far_from_ours[shown].max(), far_from_shown[ours].max())) / ZOOM


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Exported:
    folder = tmp_path_factory.mktemp("overlay")
    random = np.random.default_rng(3)
    layers, windows = [], []
    with build_project(folder, 2) as project, BlockingJobs(InlineRunner) as jobs:
        for seed, person in enumerate(people_of(project)):
            rotations = standing_body(seed, bend=0.35).rotations.astype(float)
            camera = np.array([0.7 + 0.1 * seed, 0.05, -0.15 + 0.1 * seed])
            fit = add_fit(project, person, rotations=rotations, betas=random.normal(size=10), camera=camera)
            body, box = body_fit_of(fit)
            left, top = np.floor(box.center_px - 0.75 * box.side_px)
            window = Window(float(left), float(top), np.ceil(1.5 * box.side_px), np.ceil(1.5 * box.side_px))
            job = build_window_job(project, body, box, window, ZOOM * window.width)
            layers.append(jobs.run(job, RenderResult).rgba[..., 3] >= 128)
            windows.append(window)
        for name in PLAIN_READERS:
            (folder / name).mkdir()
            place = folder / name / f"fits{FORMATS[name].suffix}"
            export_project(project, name, place, decision="any", make_runner=InlineRunner, focal_px=FOCAL_PX)
    return Exported(folder, layers, windows)


def test_every_format_of_fits_has_a_reader_of_its_own() -> None:
    assert set(PLAIN_READERS) == {row.name for row in FORMATS.values() if row.exports}


@pytest.mark.parametrize("name", list(PLAIN_READERS))
def test_the_numbers_of_a_file_give_what_the_screen_shows(name: str, exported: Exported) -> None:
    people = list(PLAIN_READERS[name](exported.path(name)))
    assert len(people) == 2
    for person, (rotations, betas, *camera) in enumerate(people):
        exported.check(person, project_weakly(pose_vertices(rotations, betas), *camera))


@pytest.mark.parametrize("name", list(PINHOLES))
def test_so_does_the_perspective_camera_from_afar(name: str, exported: Exported) -> None:
    for person, pixels in enumerate(PINHOLES[name](exported.path(name))):
        exported.check(person, pixels)


@pytest.mark.parametrize("name", ["obj", "gltf"])
def test_so_does_a_mesh_as_trimesh_reads_it(name: str, exported: Exported) -> None:
    suffix = {"obj": ".obj", "gltf": ".glb"}[name]
    files = sorted(exported.path(name).glob(f"*{suffix}"))
    for person, (file, plain) in enumerate(zip(files, PLAIN_READERS[name](exported.path(name)), strict=True)):
        mesh = trimesh.load(file, process=False, force="mesh")
        exported.check(person, project_weakly(np.asarray(mesh.vertices) * [1, -1, -1], *plain[2:]))


def test_a_shift_by_a_pixel_would_be_seen(exported: Exported) -> None:
    (rotations, betas, *camera), *_ = plain_eft_json(exported.path("eft-json"))
    pixels = project_weakly(pose_vertices(rotations, betas), *camera)
    assert exported.find_distance_px(0, pixels + np.array([1.0, 0.0])) > TOLERANCE_PX
    assert exported.find_distance_px(1, pixels) > 1


@pytest.mark.parametrize("name", list(PLAIN_READERS))
def test_the_manifest_says_how_to_read_it(name: str, exported: Exported) -> None:
    path = exported.path(name)
    manifest = json.loads(path.with_name("fits.manifest.json").read_text(encoding="utf-8"))
    conventions = manifest["conventions"]
    assert [key for key in STATED if not conventions.get(key)] == []
    assert conventions["model_type"] == manifest["body"]["model_type"] == "smpl"
    assert manifest["body"]["genders"] == ["neutral"]
    assert conventions["handedness"].startswith("right-handed: x right")
    assert conventions["rotation_form"].startswith(("rotation matrices 3x3", "axis-angle vectors, in radians"))
    assert "[s, tx, ty]" in conventions["camera_model"]
    named = [word for word in conventions["joint_order"].replace(",", " ").split() if word.endswith("_joints")]
    assert "pose_joints" in named
    lengths = {"pose_joints": 24, "keypoint_joints": 49, "validity_joints": 18, "poses_joints": 52}
    for key in named:
        joints = conventions[key]
        assert len(joints) == len(set(joints)) == lengths.get(key, len(joints))
    assert (manifest["samples"], manifest["tool"]["name"]) == (2, "Exemplar")
    assert manifest["filters"]["decision"] == "any"
    assert manifest["counts"]["exported"] == 2
    assert len(manifest["sha256"]) == len(manifest["body"]["sha256"]) == 64
    assert manifest["project"]["newest_change"] > 0
