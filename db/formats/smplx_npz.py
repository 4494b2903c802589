"""Body parameters as the ``smplx`` package takes them, N people in one npz (annotation_anchors.md section 5).

The arrays are those of :mod:`db.formats.parts.smpl_parameters`; whom a row shows is said by
:mod:`db.formats.parts.person_columns`.
Others' files are read too: one person without the leading N, and a folder of files.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from db.formats.fits import ExportContext, FitRecord, FitSample
from db.formats.parts import person_columns, smpl_parameters
from db.formats.parts.arrays import read_npz, write_npz
from db.formats.parts.files import hash_file, replacing
from db.formats.parts.folders import iter_files
from db.formats.parts.manifest import WrittenExport
from db.formats.parts.person_columns import HELD, PersonTable, build_person_columns
from db.formats.parts.smpl_parameters import build_parameters, check_parameters, iter_samples, settle
from db.formats.parts.writing import check_read_back

CONVENTIONS: Final[Mapping[str, object]] = {
    "format": "smplx parameters, npz",
    **smpl_parameters.CONVENTIONS,
    **person_columns.CONVENTIONS,
}
"""Units, frames and orders, for the manifest beside an export."""


def iter_fits(source: Path) -> Iterator[FitRecord]:
    """Read a file or a folder of files (a :class:`~db.formats.fits.FitReader`).

    Raises:
        FormatError: It is not such a file, or no folder of ``.npz`` files.
    """
    return iter_files(source, ".npz", _read_file) if source.is_dir() else _read_file(source)


def write_fits(path: Path, samples: Iterable[FitSample], context: ExportContext) -> WrittenExport:
    """Write one file (a :class:`~db.formats.fits.FitWriter`).

    Raises:
        FormatError: A sample is not what the format holds, or the disk refuses; an older file stays as it was.
    """
    settled = settle(samples)
    with replacing(path) as (file, temporary):
        write_npz(file, _build_arrays(settled, context.focal_px))
        file.flush()
        check_read_back(path, settled, _read_file(temporary), HELD)
        sha256 = hash_file(temporary)
    return WrittenExport(path=path, count=len(settled), sha256=sha256)


def _build_arrays(samples: Sequence[FitSample], focal_px: float) -> dict[str, NDArray[Any]]:
    return {
        **build_parameters(samples, focal_px),
        "model_type": np.array("smpl"),
        "rotation_form": np.array("axis-angle"),
        **build_person_columns(samples),
    }


def _read_file(path: Path) -> Iterator[FitRecord]:
    arrays = read_npz(path)
    orient = arrays.get("global_orient", np.empty(0))
    table = PersonTable(path, arrays, len(orient) if orient.ndim > 1 else 1)
    check_parameters(table)
    return iter_samples(table)
