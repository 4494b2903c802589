"""What body and regressor files say of themselves. Whether they can be fitted with, the fit tells."""

from __future__ import annotations

import hashlib
import json
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from app.services.errors import ServiceError
from app.services.places import usable

_UNREADABLE = (
    ValueError,
    TypeError,
    AttributeError,
    LookupError,
    EOFError,
    RuntimeError,
    MemoryError,
    zipfile.BadZipFile,
    zlib.error,
)
"""What numpy and zipfile raise on files that are none of theirs, damaged, encrypted or endless."""


@dataclass(frozen=True, slots=True)
class BodyInfo:
    """Name, licence, SHA-256 and the shapes of the arrays of a body file."""

    name: str
    licence: str
    sha256: str
    shapes: dict[str, list[int]]


def read_body_info(path: Path) -> BodyInfo:
    """Look into a body file; no pickle in it is run.

    Raises:
        ServiceError: It is missing or no ``.npz`` of plain arrays.
    """
    with usable(path), path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0)
        try:
            with np.load(file, allow_pickle=False) as archive:
                shapes = {key: list(archive[key].shape) for key in archive.files}
                name = str(archive["name"]) if "name" in archive else path.stem
                licence = str(archive["licence"]) if "licence" in archive else "unknown"
        except _UNREADABLE as error:
            raise ServiceError(
                f"{path} is no readable .npz of plain arrays; SMPL's own file becomes one by 'body convert'."
            ) from error
    return BodyInfo(name, licence, sha256, shapes)


def read_card(weights: Path) -> dict[str, Any]:
    """The card beside a regressor's weights, as it is written.

    Raises:
        ServiceError: The weights or the card are missing, or the card is none.
    """
    card = weights.with_suffix(".json")
    with usable(weights):
        weights.stat()
    if not card.exists():
        raise ServiceError(
            f"{weights} has no card {card.name} beside it; of a checkpoint 'regressor convert' makes one."
        )
    with usable(card):
        card.stat()
    try:
        with usable(card):
            content = json.loads(card.read_bytes())
    except (ValueError, RecursionError) as error:
        raise ServiceError(f"{card} is no readable card; restore it from the release.") from error
    if not isinstance(content, dict):
        raise ServiceError(f"{card} is no card of a regressor; restore it from the release.")
    return content


def reads_picture(weights: Path) -> bool:
    """Whether a regressor looks at the picture; cards from before there were such regressors do not say.

    Raises:
        ServiceError: The weights or the card are missing, or the card is none.
    """
    looks_at: object = read_card(weights).get("input", "keypoints")
    return looks_at == "picture"
