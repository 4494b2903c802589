"""Weights and cards: a round trip, and a sentence for every way they can be broken."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
import torch
from safetensors.torch import load_file, save_file

from fitting.body.assets import load_body_asset
from fitting.errors import AssetError
from fitting.regressor.base import Regressor, RegressorInput
from fitting.regressor.card import card_path, read_card
from fitting.regressor.loading import build_regressor, load_regressor, save_regressor
from fitting.training.config import PRESETS
from fitting.training.train import build_first_card
from resources import default_body


@pytest.fixture
def lifter() -> Regressor:
    torch.manual_seed(3)
    return build_regressor(build_first_card(PRESETS["lifter_tiny"], load_body_asset(default_body())))


@pytest.fixture
def weights(lifter: Regressor, tmp_path: Path) -> Path:
    path = tmp_path / "lifter.safetensors"
    save_regressor(lifter, path)
    return path


def rewrite_card(weights: Path, change: Callable[[dict[str, Any]], None]) -> None:
    path = card_path(weights)
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(document))


def test_round_trip(lifter: Regressor, weights: Path) -> None:
    loaded = load_regressor(weights)
    keypoints = RegressorInput(torch.rand(2, 49, 3), None)
    assert torch.equal(loaded(keypoints).rotations, lifter.eval()(keypoints).rotations)
    assert loaded.card == lifter.card
    assert loaded.sha256 == lifter.sha256 == loaded.card.weights_sha256
    assert len(loaded.sha256) == 64
    assert not loaded.training


def test_loaded_once_until_the_file_changes(lifter: Regressor, weights: Path) -> None:
    first = load_regressor(weights)
    assert load_regressor(weights) is first
    lifter.card = msgspec.structs.replace(lifter.card, learning_rate=1e-4)
    with torch.no_grad():
        next(lifter.parameters()).add_(1)
    save_regressor(lifter, weights)
    assert load_regressor(weights).card.learning_rate == 1e-4


def test_saving_leaves_nothing_else(weights: Path) -> None:
    assert sorted(path.name for path in weights.parent.iterdir()) == ["lifter.json", "lifter.safetensors"]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda card: card.pop("learning_rate"), "learning_rate"),
        (lambda card: card.update(learning_rate="fast"), "learning_rate"),
        (lambda card: card.update(learning_rate=-1e-5), "learning_rate"),
        (lambda card: card.update(max_iterations=0), "max_iterations"),
        (lambda card: card.update(colour="blue"), "colour"),
        (lambda card: card["training"].pop("steps"), "steps"),
        (lambda card: card.update(architecture="oracle"), "of the kind 'oracle', known are hmr-resnet50, lifter"),
        (lambda card: card["settings"].update(width=0), "sets 'width' to 0"),
        (lambda card: card["settings"].update(depth=3), "sets 'depth' to 3"),
        (lambda card: card["settings"].update(width=32), "expected"),
        (lambda card: card["settings"].update(blocks=2), "of another network"),
        (lambda card: card.update(weights_sha256="0" * 64), "does not match its card"),
    ],
)
def test_broken_cards_are_refused_with_a_sentence(
    weights: Path, change: Callable[[dict[str, Any]], None], sentence: str
) -> None:
    rewrite_card(weights, change)
    with pytest.raises(AssetError, match=sentence) as caught:
        load_regressor(weights)
    assert "; " in str(caught.value)  # fault; cure


def test_missing_files_are_named(weights: Path) -> None:
    card_path(weights).unlink()
    with pytest.raises(AssetError, match=r"lifter\.json is missing"):
        load_regressor(weights)
    with pytest.raises(AssetError, match=r"nowhere\.safetensors is missing"):
        load_regressor(weights.with_name("nowhere.safetensors"))


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b"\xff\xfe", b'{"name": 3}'])
def test_cards_that_are_not_cards(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(text)
    with pytest.raises(AssetError, match=r"x\.json is not the card"):
        read_card(path)


def test_truncated_weights_do_not_match(weights: Path) -> None:
    weights.write_bytes(weights.read_bytes()[:-10])
    with pytest.raises(AssetError, match="does not match its card"):
        load_regressor(weights)


def test_nan_weights_are_refused(weights: Path, lifter: Regressor) -> None:
    with torch.no_grad():
        next(lifter.parameters())[0, 0] = torch.nan
    save_regressor(lifter, weights)
    with pytest.raises(AssetError, match="holds NaN"):
        load_regressor(weights)


def test_weights_with_a_foreign_tensor_are_refused(weights: Path) -> None:
    import hashlib

    tensors = load_file(weights)
    save_file(tensors | {"stowaway": torch.zeros(1)}, weights)
    digest = hashlib.sha256(weights.read_bytes()).hexdigest()
    rewrite_card(weights, lambda card: card.update(weights_sha256=digest))
    with pytest.raises(AssetError, match="'stowaway' does not fit"):
        load_regressor(weights)
