"""SPIN's static fits: ``{db}_fits.npy`` (N, 82), pose 72 (axis-angle, radians) and shape 10 (eft_method.md 5.3).

The file carries no names: row i belongs to row i of the data set's npz, here ``{db}.npz`` beside it. An npz that was
filtered since misaligns them silently (pitfall 11); files whose row counts differ are refused, and ours tell more:
the npz holds the SHA-256 of its npy in the key ``fits_sha256``, and cameras as SPIN's training arrays of ours do. A row
of zeros means that there is no fit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

import numpy as np

from db.formats.base import ImportProblem
from db.formats.errors import FormatError
from db.formats.fits import ExportContext, FitRecord, FitSample, FloatArray
from db.formats.parts import spin_columns
from db.formats.parts.arrays import read_npz, write_npz
from db.formats.parts.checks import ItemError
from db.formats.parts.files import hash_file, replacing
from db.formats.parts.identity import name_sample
from db.formats.parts.manifest import WrittenExport
from db.formats.parts.person_columns import PersonTable, name_row
from db.formats.parts.smpl_parameters import settle
from db.formats.parts.spin_table import build_sample, read_table
from db.formats.parts.writing import check_read_back
from resources.plain_npz import PlainNpzError, read_plain_npy

_HASH = "fits_sha256"
_WIDTH = 82
_POSE = 72

CONVENTIONS: Final[Mapping[str, object]] = {
    "format": "SPIN static fits",
    "columns": "72 numbers of 24 axis-angle vectors in radians (0 is the root in the camera frame, the others relative "
    "to their parent), then 10 shape coefficients of the body in standard deviations",
    "rows": "row i belongs to row i of the npz beside the file, which holds names, boxes and keypoints",
    _HASH: "SHA-256 of the npy the npz belongs to",
    **spin_columns.CONVENTIONS,
}
"""Units, frames and orders, for the manifest beside an export."""


def find_companion(path: Path) -> Path:
    """The npz that says whom the rows of an npy show: ``coco_fits.npy`` -> ``coco.npz``.

    Raises:
        FormatError: The name is none of an npy.
    """
    if path.suffix != ".npy":
        raise FormatError(f"{path} is no name for static fits; name a file like coco_fits.npy")
    return path.with_name(f"{path.stem.removesuffix('_fits')}.npz")


def iter_fits(source: Path) -> Iterator[FitRecord]:
    """Read static fits with the npz beside them (a :class:`~db.formats.fits.FitReader`).

    Raises:
        FormatError: The file is no array of fits, or no npz of as many rows lies beside it.
    """
    return iter_fits_of(source, find_companion(source))


def iter_fits_of(source: Path, companion: Path) -> Iterator[FitRecord]:
    """Like :func:`iter_fits`, with the npz wherever it lies.

    Raises:
        FormatError: As there.
    """
    fits = _read_fits(source)
    if not companion.exists():
        raise FormatError(
            f"{source} has no names of its own, and {companion} is not there; put the data set's npz there"
        )
    table = read_table(companion)
    if len(fits) != table.count:
        raise FormatError(
            f"{source} has {len(fits)} rows and {companion.name} {table.count}: they do not belong together; "
            "take the npz the fits were made with"
        )
    stated = read_npz(companion).get(_HASH)
    if stated is not None and str(stated) != hash_file(source):
        raise FormatError(f"{companion} was written with other fits than {source.name}; export both again")
    return _iter_records(table, fits)


def write_fits(path: Path, samples: Iterable[FitSample], context: ExportContext) -> WrittenExport:  # noqa: ARG001, holds no names
    """Write the npy and its npz (a :class:`~db.formats.fits.FitWriter`); both are held in memory.

    Raises:
        FormatError: A sample is not what the format holds, an npz of somebody else is in the way, or the disk refuses;
            older files stay as they were.
    """
    companion = find_companion(path)
    _check_companion(companion)
    kept = settle(samples)
    betas = np.array([sample.betas for sample in kept], dtype=np.float64).reshape(-1, _WIDTH - _POSE)
    fits = np.hstack((spin_columns.build_poses(kept), betas))
    for sample in (kept[row] for row in np.flatnonzero(~fits.any(axis=1))):
        raise FormatError(f"{name_sample(sample)} cannot be exported: all zeros mean that there is no fit")
    # The npy is put in place first: should the machine stop in between, the older npz does not take it for its own.
    with replacing(companion) as (names_file, names), replacing(path) as (fits_file, temporary):
        np.lib.format.write_array(fits_file, fits, allow_pickle=False)
        fits_file.flush()
        sha256 = hash_file(temporary)
        write_npz(names_file, {**spin_columns.build_columns(kept), _HASH: np.array(sha256)})
        names_file.flush()
        check_read_back(path, kept, iter_fits_of(temporary, names), spin_columns.HELD)
        others = {companion.name: hash_file(names)}
    return WrittenExport(path=path, count=len(kept), sha256=sha256, others=others)


def _read_fits(source: Path) -> FloatArray:
    try:
        fits = read_plain_npy(source)
    except PlainNpzError as error:
        raise FormatError(str(error).removesuffix(".")) from error
    if fits.ndim != 2 or fits.shape[1] != _WIDTH or fits.dtype.kind not in "fiu":
        raise FormatError(f"{source} is no array of static fits, expected numbers in the shape (N, {_WIDTH})")
    return fits.astype(np.float64)


def _iter_records(table: PersonTable, fits: FloatArray) -> Iterator[FitRecord]:
    for row, numbers in enumerate(fits):
        try:
            if not numbers.any():
                raise ItemError("its numbers are all zero: the row has no fit")
            yield build_sample(table, row, numbers[:_POSE], numbers[_POSE:])
        except ItemError as error:
            yield ImportProblem(name_row(table, row), str(error))


def _check_companion(companion: Path) -> None:
    # Somebody's data set may have the name; it is not ours to replace.
    if companion.exists() and _HASH not in read_npz(companion):
        raise FormatError(f"{companion} is there already and no export of ours; name another file for the export")
