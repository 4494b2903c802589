"""OBJ and glTF: meshes that other programs read, and the fits they came from."""

from __future__ import annotations

import json
import struct
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import trimesh

from db.formats import gltf, obj
from db.formats.base import ImportProblem
from db.formats.errors import FormatError
from db.formats.fits import FitSample, FitStart, Mesh
from db.formats.parts import meshes
from db.formats.parts.files import CONTENTS, hash_file
from db.formats.parts.writing import find_difference
from tests.helpers.fit_samples import CONTEXT, make_fit_sample, make_tetrahedron

MODULES = [(obj, ".obj"), (gltf, ".glb")]
POSED = replace(CONTEXT, make_mesh=make_tetrahedron)
BARE: dict[str, Any] = {
    "annotation_id": None,
    "camera": None,
    "box_center_px": None,
    "box_scale": None,
    "subject_id": None,
    "bbox_xywh": None,
    "image_size_px": None,
    "initial": None,
    "l2d": None,
    "loss": None,
    "iterations": None,
}


def write(module: ModuleType, path: Path, *samples: FitSample) -> list[Path]:
    """The meshes of an export, in its order."""
    written = module.write_fits(path, iter(samples), POSED)
    assert (written.path, written.count, written.sha256) == (path, len(samples), hash_file(path / CONTENTS))
    return sorted(file for file in path.iterdir() if file.suffix in (".obj", ".glb"))


@pytest.mark.parametrize(("module", "suffix"), MODULES)
def test_fits_and_meshes_come_back(module: ModuleType, suffix: str, tmp_path: Path) -> None:
    samples = [
        make_fit_sample(0),
        make_fit_sample(1, **BARE),
        make_fit_sample(2, keypoints_px=np.zeros((49, 3)), validity=np.ones(18), translation_cam=np.ones(3)),
    ]
    files = write(module, tmp_path / "meshes", *samples)
    assert {file.suffix for file in files} == {suffix}
    records = module.iter_fits(tmp_path / "meshes")
    for sample, record, file in zip(samples, records, files, strict=True):
        assert find_difference(sample, record, meshes.HELD) is None
        (alone,) = module.iter_fits(file)
        assert find_difference(sample, alone, meshes.HELD) is None
        mesh, expected = module.read_mesh(file), make_tetrahedron(sample)
        np.testing.assert_allclose(mesh.vertices_cam, expected.vertices_cam, atol=1e-6)
        np.testing.assert_array_equal(mesh.faces, expected.faces)


@pytest.mark.parametrize(("module", "suffix"), MODULES)
def test_another_program_reads_the_mesh(module: ModuleType, suffix: str, tmp_path: Path) -> None:
    sample = make_fit_sample()
    (file,) = write(module, tmp_path / "meshes", sample)
    found = trimesh.load(file, force="mesh", process=False)
    expected = make_tetrahedron(sample)
    x, y, z = expected.vertices_cam.T
    np.testing.assert_allclose(found.vertices, np.column_stack((x, -y, -z)), atol=1e-6)  # up is up
    np.testing.assert_array_equal(found.faces, expected.faces)
    assert found.volume > 0  # half a turn keeps the outside outside


@pytest.mark.parametrize(("module", "suffix"), MODULES)
def test_the_same_fits_give_the_same_bytes(module: ModuleType, suffix: str, tmp_path: Path) -> None:
    samples = [make_fit_sample(seed) for seed in range(2)]
    first, second = (module.write_fits(tmp_path / name, samples, POSED) for name in ("one", "two"))
    assert first.sha256 == second.sha256
    assert module.write_fits(tmp_path / "one", samples[:1], POSED).sha256 != first.sha256


@pytest.mark.parametrize(("module", "suffix"), MODULES)
@pytest.mark.parametrize(
    ("mesh", "message"),
    [
        (Mesh(np.full((4, 3), np.nan), np.array([[0, 1, 2]])), r"vertices \(4, 3\) are not finite"),
        (Mesh(np.zeros((0, 3)), np.array([[0, 1, 2]])), r"vertices \(0, 3\)"),
        (Mesh(np.zeros((3, 3)), np.array([[0, 1, 3]])), r"faces \(1, 3\) name vertices it has not"),
        (Mesh(np.zeros((3, 3)), np.array([[0, 1, 2, 0]])), r"faces \(1, 4\)"),
    ],
)
def test_a_mesh_that_is_none_is_refused(
    module: ModuleType, suffix: str, tmp_path: Path, mesh: Mesh, message: str
) -> None:
    with pytest.raises(FormatError, match=f"annotation 183020 of walk/000000.jpg has a mesh whose {message}"):
        module.write_fits(tmp_path / "meshes", [make_fit_sample()], replace(CONTEXT, make_mesh=lambda sample: mesh))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("module", "suffix"), MODULES)
def test_a_start_that_is_no_body_is_refused(module: ModuleType, suffix: str, tmp_path: Path) -> None:
    start = FitStart(np.zeros((24, 3, 3)), np.zeros(10), np.ones(3))
    with pytest.raises(FormatError, match=r"cannot be exported: initial rotations\[0\] is no rotation"):
        module.write_fits(tmp_path / "meshes", [make_fit_sample(initial=start)], POSED)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("module", "suffix"), MODULES)
def test_without_a_body_nothing_is_written(module: ModuleType, suffix: str, tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="needs a body model to pose"):
        module.write_fits(tmp_path / "meshes", [], CONTEXT)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("module", "suffix"), MODULES)
def test_names_of_pictures_lead_nowhere(module: ModuleType, suffix: str, tmp_path: Path) -> None:
    names = ["../../../evil.jpg", "a/../../b.jpg", "two\nv 1 2 3\n.jpg", "größe 東京.jpg", "größe 東京.jpg"]
    samples = [make_fit_sample(image_name=name, annotation_id=None) for name in names]
    files = write(module, tmp_path / "meshes", *samples)
    assert len(files) == len(names)
    assert list(tmp_path.iterdir()) == [tmp_path / "meshes"]
    assert [record.image_name for record in module.iter_fits(tmp_path / "meshes")] == names
    for file in files:
        assert len(module.read_mesh(file).vertices_cam) == 4


def test_an_obj_says_what_it_is(tmp_path: Path) -> None:
    (file,) = write(obj, tmp_path / "meshes", make_fit_sample(1))
    lines = file.read_text().splitlines()
    header = "\n".join(line for line in lines if line.startswith("#"))
    for words in ("Exemplar 0.0", '"walk/000001.jpg"', "metres", "y up", "gender male", "licence", file.stem + ".json"):
        assert words in header
    assert sum(line.startswith("v ") for line in lines) == 4
    assert lines[-4:] == ["f 1 3 2", "f 1 2 4", "f 1 4 3", "f 2 3 4"]
    parameters = json.loads(file.with_suffix(".json").read_text())
    assert np.shape(parameters["rotations"]) == (24, 3, 3)


def test_a_glb_keeps_to_the_specification(tmp_path: Path) -> None:
    sample = make_fit_sample(1)
    (file,) = write(gltf, tmp_path / "meshes", sample)
    content = file.read_bytes()
    magic, version, length, json_length, kind = struct.unpack_from("<4sIII4s", content)
    assert (magic, version, length, kind, json_length % 4) == (b"glTF", 2, len(content), b"JSON", 0)
    document = json.loads(content[20 : 20 + json_length])
    binary_length, kind = struct.unpack_from("<I4s", content, 20 + json_length)
    assert (kind, binary_length) == (b"BIN\0", document["buffers"][0]["byteLength"])
    assert 28 + json_length + binary_length == length
    positions, indices = document["accessors"]
    assert (positions["componentType"], positions["type"], positions["count"]) == (5126, "VEC3", 4)
    assert (indices["componentType"], indices["type"], indices["count"]) == (5125, "SCALAR", 12)
    vertices = np.frombuffer(content[28 + json_length :], "<f4", 12).reshape(4, 3)
    np.testing.assert_array_equal(np.float32(positions["min"]), vertices.min(axis=0))
    np.testing.assert_array_equal(np.float32(positions["max"]), vertices.max(axis=0))
    assert document["nodes"][0]["extras"]["fit"]["betas"] == sample.betas.tolist()
    assert document["asset"]["version"] == "2.0"


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        ("rotations", [[[1, 0, 0], [0, 1, 0], [0, 0, 2]]] * 24, "rotations[0] is no rotation"),
        ("rotations", [], "rotations has the shape (0,)"),
        ("betas", [1.0, None], "betas"),
        ("gender", "robot", "gender"),
        ("camera", [1.0], "camera has the shape (1,)"),
        ("initial", {"rotations": [], "betas": [], "camera": []}, "initial rotations has the shape"),
        ("image_name", "", "the name of the picture is empty"),
        ("image_size_px", [1.5, 2], "image_size_px"),
        ("image_size_px", [0, 2], "image_size_px"),
    ],
)
def test_faulty_parameters_are_named(tmp_path: Path, key: str, value: object, reason: str) -> None:
    (file,) = write(obj, tmp_path / "meshes", make_fit_sample())
    sidecar = file.with_suffix(".json")
    sidecar.write_text(json.dumps(json.loads(sidecar.read_text()) | {key: value}))
    (problem,) = obj.iter_fits(tmp_path / "meshes")
    assert isinstance(problem, ImportProblem)
    assert problem.item == sidecar.name
    assert reason in problem.reason
    with pytest.raises(FormatError, match="does not say what was fitted"):
        obj.iter_fits(file)


def test_meshes_without_parameters_are_no_fits(tmp_path: Path) -> None:
    (tmp_path / "body.obj").write_text("v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1/1/1 2/2/2 3/3/3\n")
    np.testing.assert_array_equal(obj.read_mesh(tmp_path / "body.obj").faces, [[0, 1, 2]])
    with pytest.raises(FormatError, match=r"has no \.json file"):
        obj.iter_fits(tmp_path)
    with pytest.raises(FormatError, match=r"body\.json does not exist"):
        obj.iter_fits(tmp_path / "body.obj")


@pytest.mark.parametrize(
    "text", ["", "v 0 0\nf 1 1 1", "v a b c", "v 0 0 0\nf 1 2 3", "v 0 0 0\nf 1 1 1 1", "v 0 0 0\nf 9e9 1 1"]
)
def test_what_is_no_obj_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "body.obj").write_text(text)
    with pytest.raises(FormatError, match=r"body\.obj"):
        obj.read_mesh(tmp_path / "body.obj")


def test_a_glb_of_others_or_a_torn_one_is_refused(tmp_path: Path) -> None:
    foreign = tmp_path / "box.glb"
    foreign.write_bytes(trimesh.creation.box().export(file_type="glb"))
    with pytest.raises(FormatError, match="is no glTF of this tool"):
        gltf.iter_fits(foreign)
    (file,) = write(gltf, tmp_path / "meshes", make_fit_sample())
    content = file.read_bytes()
    for torn in (b"", content[:10], content[:-1], b"glTX" + content[4:], content[:12] + b"\xff" * 4 + content[16:]):
        file.write_bytes(torn)
        with pytest.raises(FormatError, match=r"is no binary glTF 2\.0"):
            gltf.iter_fits(file)
        (problem,) = gltf.iter_fits(tmp_path / "meshes")
        assert isinstance(problem, ImportProblem)
