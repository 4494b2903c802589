"""The card beside a regressor's weights: what the file is and how EFT should treat it.

Strict: a field too many, too few or of the wrong kind is refused with a sentence, because a wrong learning rate fits
as silently as a right one.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from fitting.errors import AssetError
from fitting.spec import CameraConvention, CropMode

Positive = Annotated[float, msgspec.Meta(gt=0)]
Weight = Annotated[float, msgspec.Meta(ge=0)]
PositiveCount = Annotated[int, msgspec.Meta(ge=1)]


class TrainingRecord(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the weights came to be.

    Attributes:
        data: What it was trained on, one sentence.
        preset: Name of the training preset.
        steps: Optimiser steps.
        people_seen: Samples drawn; people of pictures come several times, changed each time.
        seconds: Wall-clock seconds.
        machine: Processor and threads.
    """

    data: str
    preset: str
    steps: int
    people_seen: int
    seconds: float
    machine: str


class FastTuning(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How EFT's fast mode treats these weights; found by measurement (docs/eft.md).

    Attributes:
        layers: Name of the layers that are tuned, on cached features of those before.
        learning_rate: Adam's step size.
        max_iterations: Forward passes at most.
    """

    layers: str
    learning_rate: Positive
    max_iterations: PositiveCount


class LiveTuning(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a live session treats these weights: the body should follow the hand, step by step (docs/adr/0009).

    Attributes:
        layers: Name of the layers that are tuned, on cached features of those before.
        learning_rate: Adam's step size.
    """

    layers: str
    learning_rate: Positive


class RegressorCard(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A regressor in words and numbers.

    Attributes:
        name: Name told to people.
        architecture: Key of the network class in :mod:`fitting.regressor.loading`.
        settings: Arguments of that class.
        learning_rate: Adam's step size in EFT; found by a sweep for these weights (docs/open_regressor.md).
        max_iterations: Forward passes of EFT at most.
        stop_l2d: EFT stops below this unweighted L2d (eft_method.md 1.4).
        body_name: Body it was trained for.
        body_sha256: Hash of that body's file at training time.
        licence: Licence of the weights.
        weights_sha256: Hash of the weights file beside the card.
        training: How it was trained.
        results: Measured figures by name; units are part of the names.
        input: What the network looks at.
        camera: What its camera triple means before it leaves the network (eft_method.md section 4).
        crop: How picture and keypoints are brought into its crop (eft_method.md 2.7).
        keep: Which iterate of EFT is the fit: the best, or the last one as in the released code.
        hip_weight: Weight of annotated hips in EFT's loss beside L2d, found by measurement for this body.
        ankle_weight: Weight of annotated ankles likewise.
        fast: Settings of the fast mode, if it has one.
        live: Settings of live sessions; without them those of the fast mode hold, or EFT's own.
    """

    name: str
    architecture: str
    settings: Mapping[str, int | float]
    learning_rate: Positive
    max_iterations: PositiveCount
    stop_l2d: Positive
    body_name: str
    body_sha256: str
    licence: str
    weights_sha256: str
    training: TrainingRecord
    results: Mapping[str, float] = msgspec.field(default_factory=dict)
    input: Literal["keypoints", "picture"] = "keypoints"
    camera: CameraConvention = "eft"
    crop: CropMode = "continuous"
    keep: Literal["best", "last"] = "best"
    hip_weight: Weight = 0.0
    ankle_weight: Weight = 0.0
    fast: FastTuning | None = None
    live: LiveTuning | None = None


def card_path(weights: Path) -> Path:
    """Where the card of a weights file lies: the same name, ``.json``."""
    return weights.with_suffix(".json")


def read_card(path: Path) -> RegressorCard:
    """Read a card strictly.

    Raises:
        AssetError: Missing, not JSON, or not a card.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=RegressorCard)
    except FileNotFoundError as error:
        raise AssetError(
            f"The card {path.name} is missing in {path.parent}; put it beside the weights it came with."
        ) from error
    except OSError as error:
        raise AssetError(f"The card {path} cannot be read ({error.strerror}); check the file's permissions.") from error
    except msgspec.MsgspecError as error:
        raise AssetError(
            f"The card {path.name} is not the card of a regressor ({error}); restore it from the release."
        ) from error


def write_card(path: Path, card: RegressorCard) -> None:
    """Write a card whole or not at all."""
    text = msgspec.json.format(msgspec.json.encode(card), indent=2)
    write_whole(path, text + b"\n")


def write_whole(path: Path, content: bytes) -> None:
    """Write a file beside its place and rename it, so that nobody ever reads half of it."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".part")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
