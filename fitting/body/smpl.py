"""What SMPL's own files leave unsaid: landmarks, the regressors published beside them, gender and licence.

A body that says these things itself (the mannequin, a converted file) is taken at its word.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from fitting.errors import AssetError
from resources.plain_npz import PlainNpzError, read_plain_npy_bytes

VERTICES: Final = 6890
_LANDMARKS: Final = (
    *(332, 6260, 2800, 4071, 583),
    *(3216, 3226, 3387, 6617, 6624, 6787),
    *(2746, 2319, 2445, 2556, 2673, 6191, 5782, 5905, 6016, 6133),
)  # entries 24-44 of the model array (eft_method.md 3.1)
LICENCE: Final = "SMPL Body Model licence (non-commercial; smpl.is.tue.mpg.de)"
COMPANIONS: Final = {"J_regressor_extra": 9, "J_regressor_h36m": 17}
"""Regressors published as ``.npy`` beside the body, and their rows."""
EXTRA_MISSING: Final = (
    "J_regressor_extra.npy is not beside it: 9 of the 49 joints (LSP and MPII hips, neck, head top) cannot be computed,"
    " so nothing can be fitted; SPIN's fetch_data script downloads it, put it into the same folder"
)
H36M_MISSING: Final = (
    "J_regressor_h36m.npy is not beside it: the errors of the H36M and 3DPW protocols cannot be computed; SPIN's"
    " fetch_data script downloads it"
)
_GENDERS: Final = {"m": "male", "male": "male", "f": "female", "female": "female"}
_GENDERS_IN_NAMES: Final = re.compile(r"(?:^|[_\-.])(male|female|neutral|m|f)(?=[_\-.]|$)")


@dataclass(frozen=True, slots=True, eq=False)
class Completed:
    """Arrays of a body with what was found for it.

    Attributes:
        arrays: The file's own, and those added.
        companions: Contents of the files that were added, for the hash.
        notes: What is missing and what that locks, one sentence each without its end.
    """

    arrays: dict[str, NDArray[Any]]
    companions: tuple[bytes, ...]
    notes: tuple[str, ...]


def complete(arrays: Mapping[str, NDArray[Any]], path: Path) -> Completed:
    """Add landmarks, regressors, name and licence to the arrays of a body file that has none.

    Args:
        arrays: What the file holds.
        path: The file; regressors are looked for in its folder.

    Raises:
        AssetError: A regressor beside it is unreadable.
    """
    added = dict(arrays)
    companions: list[bytes] = []
    count = count_vertices(arrays)
    if count == VERTICES:
        added.setdefault("landmark_vertices", np.array(_LANDMARKS, dtype=np.int64))
        added.setdefault("name", np.array(f"SMPL {find_gender(path, arrays)}".strip()))
        added.setdefault("licence", np.array(LICENCE))
    for key, rows in COMPANIONS.items():
        if key in arrays:
            continue
        found = _find_companion(path.with_name(f"{key}.npy"), rows, count)
        if found is not None:
            companions.append(found[0])
            added[key] = found[1]
    notes = [
        note
        for key, note in (("J_regressor_extra", EXTRA_MISSING), ("J_regressor_h36m", H36M_MISSING))
        if key not in added
    ]
    return Completed(added, tuple(companions), tuple(notes))


def count_vertices(arrays: Mapping[str, NDArray[Any]]) -> int:
    """Vertices of a body, 0 when it has no list of them."""
    template = arrays.get("v_template")
    return len(template) if template is not None and template.ndim == 2 else 0


def find_gender(path: Path, arrays: Mapping[str, NDArray[Any]]) -> str:
    """``male``, ``female`` or ``neutral``, by the file's own word or by its name; empty when neither says."""
    told = str(arrays["gender"]).lower().strip("b'\"") if "gender" in arrays else ""
    if not told:
        named = _GENDERS_IN_NAMES.search(path.stem.lower())
        told = named.group(1) if named else ""
    return _GENDERS.get(told, told if told == "neutral" else "")


def _find_companion(path: Path, rows: int, count: int) -> tuple[bytes, NDArray[Any]] | None:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise AssetError(f"{path} cannot be read ({error.strerror}); check its permissions.") from error
    try:
        matrix = read_plain_npy_bytes(content, path)
    except PlainNpzError as error:
        raise AssetError(f"{error} Download it again.".replace(". Download", "; download")) from error
    if matrix.shape != (rows, count):
        raise AssetError(
            f"{path} has the shape {matrix.shape}, expected {(rows, count)} for the body beside it; put the right file"
            " there, or take it away."
        )
    return content, matrix
