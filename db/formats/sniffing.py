"""Telling a format of fits by what is in the file, for people who do not know its name."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path

from db.formats.errors import FormatError

_HEAD = 1 << 18
_NPZ_KEYS: tuple[tuple[str, frozenset[str]], ...] = (
    ("humandata", frozenset({"__data_len__"})),
    ("humandata", frozenset({"image_path", "smpl"})),
    ("smplx-npz", frozenset({"global_orient", "body_pose"})),
    ("amass-npz", frozenset({"poses", "trans"})),
    ("spin-npz", frozenset({"imgname", "pose", "shape"})),
)
_MOST_FILES = 20


def sniff_fits(path: Path) -> str:
    """Name of the format of a file or folder of fits.

    Raises:
        FormatError: Nothing there, or nothing known; the message says how to name the format.
    """
    try:
        found = _sniff_folder(path) if path.is_dir() else _sniff_file(path)
    except FileNotFoundError as error:
        raise FormatError(f"{path} does not exist; check the name") from error
    except OSError as error:
        raise FormatError(f"{path} cannot be read ({error.strerror or error}); check its permissions") from error
    if found is None:
        raise FormatError(f"{path} is in no known format of fits; say which one it is")
    return found


def _sniff_folder(folder: Path) -> str | None:
    for count, file in enumerate(_iter_sorted(folder)):
        if count == _MOST_FILES:
            break
        if (found := _sniff_file(file)) is not None:
            return found
    return None


def _iter_sorted(folder: Path) -> Iterator[Path]:
    return iter(sorted(file for file in folder.iterdir() if file.is_file()))


def _sniff_file(file: Path) -> str | None:
    with file.open("rb") as stream:
        head = stream.read(_HEAD)
    if head.startswith(b"PK\x03\x04"):
        return _sniff_npz(file)
    if head.startswith(b"\x93NUMPY"):
        return "static-fits"
    if head.startswith(b"glTF"):
        return "gltf"
    if b'"parm_pose"' in head:
        return "eft-json"
    if b"pred_pose_rotmat" in head:
        return "eft-pickle"
    return "obj" if any(line.startswith((b"v ", b"vn ")) for line in head.splitlines()) else None


def _sniff_npz(file: Path) -> str | None:
    try:
        with zipfile.ZipFile(file) as archive:
            keys = {name.removesuffix(".npy") for name in archive.namelist()}
    except (zipfile.BadZipFile, ValueError, NotImplementedError, LookupError, EOFError, struct.error):
        return None
    return next((name for name, needed in _NPZ_KEYS if needed <= keys), None)
