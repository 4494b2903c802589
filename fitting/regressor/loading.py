"""Regressors from and to files: weights as ``.safetensors`` with a card of the same name beside them."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import msgspec
import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import Tensor

from fitting.errors import AssetError
from fitting.regressor.base import Regressor
from fitting.regressor.card import RegressorCard, card_path, read_card, write_card, write_whole
from fitting.regressor.checkpoint import SUFFIXES as CHECKPOINT_SUFFIXES
from fitting.regressor.checkpoint import load_checkpoint
from fitting.regressor.hmr import ARCHITECTURE as HMR
from fitting.regressor.hmr import Hmr
from fitting.regressor.lifter import ARCHITECTURE as LIFTER
from fitting.regressor.lifter import Lifter
from fitting.regressor.sighted_lifter import ARCHITECTURE as SIGHTED_LIFTER
from fitting.regressor.sighted_lifter import SightedLifter
from fitting.spec import CameraConvention

_ARCHITECTURES: Mapping[str, type[Lifter] | type[Hmr]] = {LIFTER: Lifter, SIGHTED_LIFTER: SightedLifter, HMR: Hmr}


def load_regressor(weights: Path, camera: CameraConvention = "eft") -> Regressor:
    """Regressor of a weights file, ready to predict or to fine-tune; loaded once a process while the file stays.

    Args:
        weights: ``.safetensors`` with its card beside it, or a published checkpoint of SPIN or EFT.
        camera: Camera convention of a published checkpoint; a card says its own.

    Raises:
        AssetError: The file or its card is missing, broken, does not match the other, or names an unknown network.
    """
    try:
        changed = weights.stat().st_mtime_ns
    except OSError as error:
        raise AssetError(
            f"Regressor file {weights} is missing; restore it from the release or train one with"
            " 'python main.py train'."
        ) from error
    return _load(weights, changed, camera)


def build_regressor(card: RegressorCard) -> Regressor:
    """Untrained network of a card.

    Raises:
        AssetError: The card names an unknown network or settings it does not have.
    """
    network = _ARCHITECTURES.get(card.architecture)
    if network is None:
        known = ", ".join(sorted(_ARCHITECTURES))
        raise AssetError(
            f"The regressor '{card.name}' is a network of the kind '{card.architecture}', known are {known};"
            " update the program or choose another regressor."
        )
    known_settings = set(inspect.signature(network).parameters) - {"card"}
    wrong = [
        key for key, value in card.settings.items() if key not in known_settings or type(value) is not int or value < 1
    ]
    if wrong:
        raise AssetError(
            f"The card of '{card.name}' sets '{wrong[0]}' to {card.settings[wrong[0]]}, which a {card.architecture}"
            " cannot have; restore the card from the release."
        )
    return network(card, **{key: int(value) for key, value in card.settings.items()})


def save_regressor(regressor: Regressor, weights: Path) -> RegressorCard:
    """Write weights and card, each whole or not at all; returns the card with the hash filled in.

    The weights go first: a crash between the two leaves a pair that does not match and is refused, never a silent mix.
    """
    state = {name: tensor.detach().contiguous().cpu() for name, tensor in regressor.state_dict().items()}
    content = safetensors.torch.save(state)
    card = msgspec.structs.replace(regressor.card, weights_sha256=hashlib.sha256(content).hexdigest())
    weights.parent.mkdir(parents=True, exist_ok=True)
    write_whole(weights, content)
    write_card(card_path(weights), card)
    regressor.card, regressor.sha256 = card, card.weights_sha256
    return card


@lru_cache(maxsize=4)
def _load(weights: Path, _changed: int, camera: CameraConvention) -> Regressor:
    if weights.suffix in CHECKPOINT_SUFFIXES:
        return load_checkpoint(weights, camera)
    card = read_card(card_path(weights))
    try:
        content = weights.read_bytes()
    except OSError as error:
        raise AssetError(
            f"Regressor file {weights} cannot be read ({error.strerror}); check its permissions."
        ) from error
    if hashlib.sha256(content).hexdigest() != card.weights_sha256:
        raise AssetError(
            f"Regressor file {weights.name} does not match its card (different hash); restore both from the release."
        )
    regressor = build_regressor(card)
    _fill(regressor, _read_tensors(content, weights), weights)
    return regressor.eval()


def _read_tensors(content: bytes, weights: Path) -> dict[str, Tensor]:
    try:
        return safetensors.torch.load(content)
    except SafetensorError as error:
        raise AssetError(
            f"Regressor file {weights.name} is not a safetensors file ({error}); restore it from the release."
        ) from error


def _fill(regressor: Regressor, tensors: Mapping[str, Tensor], weights: Path) -> None:
    own = regressor.state_dict()
    if own.keys() != tensors.keys():
        odd = sorted(own.keys() ^ tensors.keys())[0]
        raise AssetError(
            f"Regressor file {weights.name} is of another network ('{odd}' does not fit); use the file its card names."
        )
    for name, tensor in tensors.items():
        if tensor.shape != own[name].shape:
            raise AssetError(
                f"'{name}' in regressor file {weights.name} has shape {tuple(tensor.shape)}, expected"
                f" {tuple(own[name].shape)}; use the file its card names."
            )
        if not torch.isfinite(tensor).all():
            raise AssetError(f"'{name}' in regressor file {weights.name} holds NaN; restore it from the release.")
    regressor.load_state_dict({name: tensor.to(own[name].dtype) for name, tensor in tensors.items()})
