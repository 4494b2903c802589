"""Body files of men and women beside a project's own: datasets' shapes are for them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from app.services.places import usable
from fitting.spec import BodyGender

_LETTERS: Final[Mapping[BodyGender, str]] = {"male": "m", "female": "f"}


def find_gendered_bodies(body: Path, male: Path | None = None, female: Path | None = None) -> dict[BodyGender, Path]:
    """Body files by gender: those that were named, otherwise those beside the project's body under SMPL's names.

    Args:
        body: The project's body.
        male: Named file.
        female: Named file.

    Raises:
        ServiceError: A file cannot be looked at.
    """
    named: Mapping[BodyGender, Path | None] = {"male": male, "female": female}
    found: dict[BodyGender, Path] = {}
    for gender, path in named.items():
        chosen = path or _find_beside(body, gender)
        if chosen is not None:
            found[gender] = chosen
    return found


def _find_beside(body: Path, gender: BodyGender) -> Path | None:
    letter = _LETTERS[gender]
    pattern = re.compile(
        rf"(smpl_{gender}\.(npz|pkl)|basicmodel_{letter}_lbs_10_207_0_v\d.*\.(npz|pkl))", re.IGNORECASE
    )
    with usable(body.parent):
        names = sorted(file for file in body.parent.iterdir() if pattern.fullmatch(file.name))
    # Of a pickle and the npz it was converted to, the latter.
    return next(iter(sorted(names, key=lambda file: file.suffix.lower() != ".npz")), None)
