"""Wavefront OBJ, a mesh a person, with the parameters of the fit in a JSON of the same name beside it.

Metres, y up (:mod:`db.formats.parts.meshes`), faces count from 1. OBJ has no place for parameters; the JSON holds all
of them (:mod:`db.formats.parts.sample_json`), so that a folder of meshes is also a folder of fits.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

import msgspec
import numpy as np

from db.formats.errors import FormatError
from db.formats.fits import ExportContext, FitRecord, FitSample, Mesh
from db.formats.parts import meshes
from db.formats.parts.checks import ItemError
from db.formats.parts.file_names import build_file_name
from db.formats.parts.files import CONTENTS, hash_file, read_bytes, replacing_folder
from db.formats.parts.folders import iter_files
from db.formats.parts.identity import name_sample
from db.formats.parts.manifest import WrittenExport
from db.formats.parts.meshes import check_mesh, check_same_mesh, get_mesh_maker, turn_up
from db.formats.parts.sample_json import build_sample_json, read_sample_json
from db.formats.parts.writing import check_read_back, check_writable

CONVENTIONS: Final[Mapping[str, object]] = {
    "format": "Wavefront OBJ, a mesh a person; parameters in a JSON of the same name",
    **meshes.CONVENTIONS,
}
"""Units, frames and orders, for the manifest beside an export."""

_HEADER = (
    "Exemplar {version}",
    "picture {picture}",
    "parameters of the fit: {parameters}",
    "units metres; right-handed, y up: x right, y up, z towards the viewer",
    "topology of the body model (gender {gender}); the mesh falls under the licence of that model",
)


def iter_fits(source: Path) -> Iterator[FitRecord]:
    """Read the parameters in a folder of meshes, or those of one (a :class:`~db.formats.fits.FitReader`).

    Raises:
        FormatError: Nothing there says what was fitted; a mesh alone does not.
    """
    if source.is_dir():
        return iter_files(source, ".json", _iter_file)
    return _iter_file(source.with_suffix(".json"))


def write_fits(path: Path, samples: Iterable[FitSample], context: ExportContext) -> WrittenExport:
    """Write a folder (a :class:`~db.formats.fits.FitWriter`).

    Raises:
        FormatError: A sample is malformed, something else is in the place, or the disk refuses.
    """
    make_mesh = get_mesh_maker(context, "OBJ")
    count = 0
    with replacing_folder(path) as folder:
        for sample in samples:
            check_writable(sample)
            mesh = make_mesh(sample)
            check_mesh(mesh, name_sample(sample))
            target = folder / build_file_name(sample, count, ".obj")
            parameters = target.with_suffix(".json")
            parameters.write_bytes(msgspec.json.encode(build_sample_json(sample)) + b"\n")
            target.write_bytes(_build_obj(sample, mesh, parameters.name, context.tool_version))
            check_same_mesh(name_sample(sample), mesh, read_mesh(target))
            check_read_back(path, [sample], _iter_file(parameters), meshes.HELD)
            count += 1
    return WrittenExport(path=path, count=count, sha256=hash_file(path / CONTENTS))


def read_mesh(path: Path) -> Mesh:
    """Mesh of a file of triangles, back in camera axes; normals and textures are passed over.

    Raises:
        FormatError: It holds no mesh of triangles.
    """
    vertices, faces = list[list[float]](), list[list[int]]()
    try:
        for line in read_bytes(path).decode("utf-8").splitlines():
            kind, *words = line.split() or [""]
            if kind == "v":
                vertices.append([float(word) for word in words[:3]])
            elif kind == "f":
                faces.append([int(word.partition("/")[0]) - 1 for word in words])
        shaped = np.array(vertices, dtype=np.float64).reshape(-1, 3), np.array(faces, dtype=np.int64).reshape(-1, 3)
    except (ValueError, OverflowError) as error:
        raise FormatError(f"{path} is no OBJ of triangles ({error}); export it again") from error
    mesh = Mesh(turn_up(shaped[0]), shaped[1])
    check_mesh(mesh, path.name)
    return mesh


def _build_obj(sample: FitSample, mesh: Mesh, parameters: str, version: str) -> bytes:
    # Names as JSON texts: a line break in one would end the comment.
    words = {"picture": json.dumps(sample.image_name), "parameters": json.dumps(parameters, ensure_ascii=False)}
    header = [f"# {line.format(version=version, gender=sample.gender, **words)}\n" for line in _HEADER]
    # One template for all rows: several times as fast as a row at a time.
    vertices = ("v %.8f %.8f %.8f\n" * len(mesh.vertices_cam)) % tuple(turn_up(mesh.vertices_cam).ravel().tolist())
    faces = ("f %d %d %d\n" * len(mesh.faces)) % tuple((mesh.faces + 1).ravel().tolist())
    return "".join((*header, "o body\n", vertices, faces)).encode()


def _iter_file(path: Path) -> Iterator[FitRecord]:
    content = read_bytes(path)
    try:
        return iter((read_sample_json(content, path.name),))
    except ItemError as error:
        raise FormatError(f"{path} does not say what was fitted: {error}") from error
