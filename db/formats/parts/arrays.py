"""Arrays as ``.npz``: the same arrays give the same bytes, so that a hash tells whether two exports agree.

Objects are pickled as ``numpy.savez`` does, but naming ``numpy.core``, which every numpy knows; ``numpy._core`` is
unknown to those before 1.26.
"""

from __future__ import annotations

import pickle
import pickletools
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from db.formats.errors import FormatError
from resources.plain_npz import PlainNpzError, read_plain_npz
from resources.plain_pickle import PlainPickleError

Arrays: TypeAlias = Mapping[str, NDArray[Any]]

# The first date a zip can hold.
_DATE = (1980, 1, 1, 0, 0, 0)
_READABLE_BY_ALL = 0o644 << 16
# Otherwise the zip tells which system wrote it.
_UNIX = 3
# The one protocol in which names of modules are plain lines (until 3) and bytes are bytes (from 3).
_PROTOCOL = 3


def write_npz(file: BinaryIO, arrays: Arrays) -> None:
    """Write named arrays as a compressed npz into an open file, in the order of the mapping.

    Args:
        file: Open for writing, usually the one :func:`db.formats.parts.files.replacing` yields.
        arrays: Arrays by key; any shape and dtype.
    """
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in arrays.items():
            entry = zipfile.ZipInfo(f"{name}.npy", _DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = _READABLE_BY_ALL
            entry.create_system = _UNIX
            with archive.open(entry, "w", force_zip64=True) as member:
                _write_npy(member, np.asarray(array))


def read_npz(path: Path) -> dict[str, NDArray[Any]]:
    """Arrays of an npz by key; objects come through the restricted reader, nothing is executed.

    Raises:
        FormatError: The file is no npz, is damaged, or holds something other than data.
    """
    if path.is_dir():
        raise FormatError(f"{path} is a folder, expected a file")
    try:
        return read_plain_npz(path, objects=True)
    except (PlainNpzError, PlainPickleError) as error:
        raise FormatError(str(error).removesuffix(".")) from error


def dump_pickle(value: object) -> bytes:
    """Pickle plain containers and arrays so that every numpy can read them.

    Args:
        value: Numbers, texts, lists, dicts and numpy arrays.
    """
    content = pickle.dumps(value, protocol=_PROTOCOL)
    pieces, start = list[bytes](), 0
    for opcode, argument, position in pickletools.genops(content):
        if opcode.name == "GLOBAL" and str(argument).startswith("numpy._core."):
            module, name = str(argument).split(" ")
            old = f"c{module}\n{name}\n".encode()
            pieces += (content[start:position], old.replace(b"numpy._core.", b"numpy.core.", 1))
            start = (position or 0) + len(old)
    return b"".join([*pieces, content[start:]])


def _write_npy(file: Any, array: NDArray[Any]) -> None:
    if not array.dtype.hasobject:
        npy.write_array(file, array, allow_pickle=False)
        return
    npy.write_array_header_1_0(file, npy.header_data_from_array_1_0(array))
    file.write(dump_pickle(array))
