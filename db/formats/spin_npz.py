"""Training arrays as SPIN reads them, one npz (eft_method.md 5.3).

``pose`` (N, 72) is axis-angle in radians, root in the camera frame; ``shape`` (N, 10). The published files hold no
camera. Ours has one more key, which SPIN's loader passes over: ``parm_cam`` (N, 3), EFT's ``[s, tx, ty]`` relative to
the box, not a number where there is none. ``S`` (real 3D joints) is left out, as EFT's exporter leaves it out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from db.formats.base import ImportProblem, ImportRecord, OnShare, no_share
from db.formats.evidence import Evidence
from db.formats.fits import ExportContext, FitRecord, FitSample
from db.formats.parts import spin_columns
from db.formats.parts.arrays import write_npz
from db.formats.parts.checks import ItemError
from db.formats.parts.files import hash_file, replacing
from db.formats.parts.manifest import WrittenExport
from db.formats.parts.person_columns import PersonTable, name_row
from db.formats.parts.pickles import is_pickle
from db.formats.parts.smpl_parameters import settle
from db.formats.parts.spin_people import find_first_names, read_people
from db.formats.parts.spin_table import build_sample, read_table
from db.formats.parts.writing import check_read_back

CONVENTIONS: Final[Mapping[str, object]] = {
    "format": "SPIN training npz",
    **spin_columns.CONVENTIONS,
    "pose": "24 axis-angle vectors, radians; 0 is the root in the camera frame, the others relative to their parent",
    "shape": "10 shape coefficients of the body, in standard deviations",
    "has_smpl": "1 where the row has a pose and a shape",
}
"""Units, frames and orders, for the manifest beside an export."""


def read(source: Path, images: Path, on_share: OnShare = no_share) -> Iterator[ImportRecord]:
    """Read the people of training arrays, fits or not (a :class:`~db.formats.base.Reader`).

    Raises:
        FormatError: It is no such file.
    """
    return read_people(source, images, on_share, has_truth=False)


def recognises(evidence: Evidence) -> bool:
    """Whether it is such an npz or pickle (a :class:`~db.formats.evidence.Recogniser`)."""
    if is_pickle(evidence.path):
        return b"imgname" in evidence.head or b"img_name" in evidence.head
    return bool(find_first_names(evidence))


def iter_fits(source: Path) -> Iterator[FitRecord]:
    """Read training arrays that hold poses (a :class:`~db.formats.fits.FitReader`).

    Rows without a body (``has_smpl`` 0) are told as problems.

    Raises:
        FormatError: The file is no such npz.
    """
    return _iter_records(read_table(source, ("pose", "shape")))


def write_fits(path: Path, samples: Iterable[FitSample], context: ExportContext) -> WrittenExport:  # noqa: ARG001, holds no names
    """Write training arrays (a :class:`~db.formats.fits.FitWriter`); they are held in memory, about 10 kB a sample.

    Raises:
        FormatError: A sample is not what the format holds, or the disk refuses; an older file stays as it was.
    """
    kept = settle(samples)
    columns: dict[str, NDArray[Any]] = {
        **spin_columns.build_columns(kept),
        "pose": spin_columns.build_poses(kept),
        "shape": np.array([sample.betas for sample in kept], dtype=np.float64).reshape(-1, 10),
        "has_smpl": np.ones(len(kept)),
    }
    with replacing(path) as (file, temporary):
        write_npz(file, columns)
        file.flush()
        check_read_back(path, kept, iter_fits(temporary), spin_columns.HELD)
        sha256 = hash_file(temporary)
    return WrittenExport(path=path, count=len(kept), sha256=sha256)


def _iter_records(table: PersonTable) -> Iterator[FitRecord]:
    for row in range(table.count):
        try:
            yield _build_sample(table, row)
        except ItemError as error:
            yield ImportProblem(name_row(table, row), str(error))


def _build_sample(table: PersonTable, row: int) -> FitSample:
    if table.find_number("has_smpl", row) == 0:
        raise ItemError("has_smpl is 0: the row has no body")
    pose, betas = table.find_numbers("pose", row, (72,)), table.find_numbers("shape", row, (10,))
    if pose is None or betas is None:
        raise ItemError("the numbers of its pose or shape are NaN: the row has no body")
    return build_sample(table, row, pose, betas)
