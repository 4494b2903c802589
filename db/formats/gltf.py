"""glTF 2.0, a self-contained ``.glb`` a person, with the parameters of the fit in the ``extras`` of its node.

Metres, y up (:mod:`db.formats.parts.meshes`), positions as 32-bit floats. Written here rather than by a mesh library,
so that the bytes depend on the fit alone. Layout: Khronos, "glTF 2.0 Specification", sections 3.6 (buffers and
accessors), 3.7 (meshes) and 4 (GLB).
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np

from db.formats.errors import FormatError
from db.formats.fits import ExportContext, FitRecord, FitSample, Mesh
from db.formats.parts import meshes
from db.formats.parts.checks import ItemError, explain
from db.formats.parts.file_names import build_file_name
from db.formats.parts.files import CONTENTS, hash_file, read_bytes, replacing_folder
from db.formats.parts.folders import iter_files
from db.formats.parts.identity import name_sample
from db.formats.parts.manifest import WrittenExport
from db.formats.parts.meshes import check_mesh, check_same_mesh, get_mesh_maker, turn_up
from db.formats.parts.sample_json import build_sample_json, read_sample_json
from db.formats.parts.writing import check_read_back, check_writable

CONVENTIONS: Final[Mapping[str, object]] = {
    "format": "glTF 2.0 binary (.glb), a mesh a person; parameters in nodes[0].extras.fit",
    **meshes.CONVENTIONS,
}
"""Units, frames and orders, for the manifest beside an export."""

_HEADER = struct.Struct("<4sII")
_CHUNK = struct.Struct("<I4s")
_FLOAT, _UINT = 5126, 5125
_VERTICES, _INDICES = 34962, 34963
_MATERIAL = {
    "name": "body",
    # Metal, the default, is black where nothing is mirrored in it.
    "pbrMetallicRoughness": {"baseColorFactor": [0.65, 0.74, 0.86, 1.0], "metallicFactor": 0.0, "roughnessFactor": 0.8},
}


class _Extras(msgspec.Struct):
    fit: msgspec.Raw


class _Node(msgspec.Struct):
    extras: _Extras


class _View(msgspec.Struct):
    byteLength: int  # noqa: N815, the name is the format's
    byteOffset: int = 0  # noqa: N815


class _Document(msgspec.Struct):
    nodes: list[_Node]
    bufferViews: list[_View]  # noqa: N815


def iter_fits(source: Path) -> Iterator[FitRecord]:
    """Read the parameters in a folder of ``.glb`` files, or in one (a :class:`~db.formats.fits.FitReader`).

    Raises:
        FormatError: It is no such file, or no folder of them.
    """
    return iter_files(source, ".glb", _iter_file) if source.is_dir() else _iter_file(source)


def write_fits(path: Path, samples: Iterable[FitSample], context: ExportContext) -> WrittenExport:
    """Write a folder (a :class:`~db.formats.fits.FitWriter`).

    Raises:
        FormatError: A sample is malformed, something else is in the place, or the disk refuses.
    """
    make_mesh = get_mesh_maker(context, "glTF")
    count = 0
    with replacing_folder(path) as folder:
        for sample in samples:
            check_writable(sample)
            mesh = make_mesh(sample)
            check_mesh(mesh, name_sample(sample))
            target = folder / build_file_name(sample, count, ".glb")
            target.write_bytes(_build_glb(sample, mesh, context.tool_version))
            check_same_mesh(name_sample(sample), mesh, read_mesh(target))
            check_read_back(path, [sample], _iter_file(target), meshes.HELD)
            count += 1
    return WrittenExport(path=path, count=count, sha256=hash_file(path / CONTENTS))


def read_mesh(path: Path) -> Mesh:
    """Mesh of a file that was written here, back in camera axes.

    Raises:
        FormatError: It is no such file.
    """
    document, binary = _read_glb(path)
    try:
        positions, indices = (binary[view.byteOffset :][: view.byteLength] for view in document.bufferViews)
        vertices = np.frombuffer(positions, dtype="<f4").reshape(-1, 3)
        faces = np.frombuffer(indices, dtype="<u4").reshape(-1, 3)
    except ValueError as error:
        raise FormatError(f"{path} holds no mesh as this tool writes it ({error}); export it again") from error
    mesh = Mesh(turn_up(vertices.astype(np.float64)), faces.astype(np.int64))
    check_mesh(mesh, path.name)
    return mesh


def _build_glb(sample: FitSample, mesh: Mesh, version: str) -> bytes:
    vertices = turn_up(mesh.vertices_cam).astype("<f4")
    indices = mesh.faces.astype("<u4").ravel()
    positions = vertices.tobytes()
    binary = positions + indices.tobytes()  # both in words of four bytes: nothing to align
    document: dict[str, Any] = {
        "asset": {"version": "2.0", "generator": f"Exemplar {version}"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"name": sample.image_name, "mesh": 0, "extras": {"fit": build_sample_json(sample)}}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}, "indices": 1, "material": 0}]}],
        "materials": [_MATERIAL],
        "accessors": [
            {
                "bufferView": 0,
                "componentType": _FLOAT,
                "type": "VEC3",
                "count": len(vertices),
                # Of the rounded numbers, as the specification asks.
                "min": vertices.min(axis=0).tolist(),
                "max": vertices.max(axis=0).tolist(),
            },
            {"bufferView": 1, "componentType": _UINT, "type": "SCALAR", "count": len(indices)},
        ],
        "bufferViews": [
            {"buffer": 0, "byteOffset": 0, "byteLength": len(positions), "target": _VERTICES},
            {"buffer": 0, "byteOffset": len(positions), "byteLength": indices.nbytes, "target": _INDICES},
        ],
        "buffers": [{"byteLength": len(binary)}],
    }
    text = msgspec.json.encode(document)
    text += b" " * (-len(text) % 4)
    length = _HEADER.size + 2 * _CHUNK.size + len(text) + len(binary)
    chunks = (_CHUNK.pack(len(text), b"JSON"), text, _CHUNK.pack(len(binary), b"BIN\0"), binary)
    return b"".join((_HEADER.pack(b"glTF", 2, length), *chunks))


def _read_glb(path: Path) -> tuple[_Document, bytes]:
    """JSON and binary chunk of a file."""
    content = read_bytes(path)
    try:
        magic, version, length = _HEADER.unpack_from(content)
        if (magic, version, length) != (b"glTF", 2, len(content)):
            raise ValueError("its header is another")
        chunks, start = dict[bytes, bytes](), _HEADER.size
        while start < length:
            size, kind = _CHUNK.unpack_from(content, start)
            start += _CHUNK.size
            if start + size > length:
                raise ValueError("it is cut")
            chunks.setdefault(kind, content[start : start + size])
            start += size
        return msgspec.json.decode(chunks[b"JSON"], type=_Document), chunks.get(b"BIN\0", b"")
    except msgspec.ValidationError as error:
        raise FormatError(f"{path} is no glTF of this tool: {explain(error)}; choose another format") from error
    except (ValueError, LookupError, struct.error, RecursionError) as error:
        raise FormatError(f"{path} is no binary glTF 2.0 ({error}); export it again") from error


def _iter_file(path: Path) -> Iterator[FitRecord]:
    document, _ = _read_glb(path)
    if len(document.nodes) != 1:
        raise FormatError(f"{path} holds {len(document.nodes)} nodes, expected the one of a fit; choose another format")
    try:
        return iter((read_sample_json(bytes(document.nodes[0].extras.fit), path.name),))
    except ItemError as error:
        raise FormatError(f"{path} does not say what was fitted: {error}") from error
