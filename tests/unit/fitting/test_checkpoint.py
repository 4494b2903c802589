"""Published checkpoints: strict by name, and nothing in them runs."""

from __future__ import annotations

import os
import pickle
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from fitting.errors import AssetError
from fitting.regressor.checkpoint import convert_checkpoint, read_state
from fitting.regressor.loading import load_regressor
from tests.helpers import released


@pytest.fixture(scope="session")
def checkpoint(published_checkpoint: Path) -> Path:
    return published_checkpoint


def rewrite(checkpoint: Path, target: Path, change: Callable[[dict[str, Any]], object]) -> Path:
    content = torch.load(checkpoint, weights_only=True)
    change(content)
    torch.save(content, target)
    return target


def test_everything_a_published_file_carries_is_read(tmp_path: Path) -> None:
    weight = torch.nn.Parameter(torch.zeros(3))
    adam = torch.optim.Adam([weight], lr=5e-5)
    weight.sum().backward()
    adam.step()
    path = released.random_checkpoint(
        tmp_path / "full.pt",
        optimizer=adam.state_dict(),
        dataset_perm=np.random.default_rng(0).permutation(5),
        total_step=np.int64(7),
        score=np.float64(51.75),
        nothing=None,
    )
    assert len(read_state(path)) == 331


@pytest.mark.parametrize("core", ["numpy.core", "numpy._core"])
def test_numpy_numbers_of_either_numpy_are_read(core: str, checkpoint: Path, tmp_path: Path) -> None:
    """The pickle inside names numpy's module, and numpy 2 renamed it; the archive is written again with the name."""
    source = rewrite(checkpoint, tmp_path / "a.pt", lambda content: content.update(epoch=np.int64(3)))
    target = tmp_path / "b.pt"
    named = 0
    with zipfile.ZipFile(source) as before, zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as after:
        for item in before.infolist():
            data = before.read(item)
            if item.filename.endswith("data.pkl"):
                data = re.sub(rb"cnumpy\._?core\.multiarray\n", f"c{core}.multiarray\n".encode(), data)
                named += data.count(f"c{core}.multiarray".encode())
            after.writestr(item.filename, data)
    assert named
    assert len(read_state(target)) == 331


def test_the_old_format_and_wrapped_names_are_read(checkpoint: Path, tmp_path: Path) -> None:
    content = torch.load(checkpoint, weights_only=True)
    content["model"] = {f"module.{name}": tensor for name, tensor in content["model"].items()}
    torch.save(content, tmp_path / "old.pt", _use_new_zipfile_serialization=False)
    expected = read_state(checkpoint)
    for name, tensor in read_state(tmp_path / "old.pt").items():
        torch.testing.assert_close(tensor, expected[name], rtol=0, atol=0)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda c: c["model"].pop("layer3.4.bn2.running_var"), r"no 'layer3\.4\.bn2\.running_var'"),
        (lambda c: c["model"].update({"fc.weight": torch.zeros(1000, 2048)}), r"'fc\.weight', which .* does not have"),
        (lambda c: c["model"].update(init_cam=torch.zeros(1, 4)), r"'init_cam' .* shape \(1, 4\), expected \(1, 3\)"),
        (lambda c: c["model"].update(init_cam=torch.full((1, 3), torch.nan)), "'init_cam' .* NaN"),
        (lambda c: c["model"].update(init_cam="x"), "'init_cam' .* no tensor"),
        (lambda c: c.update(model=None), "no 'model'"),
    ],
)
def test_a_file_of_another_network_is_refused_by_the_name_of_the_entry(
    change: Callable[[dict[str, Any]], object], words: str, checkpoint: Path, tmp_path: Path
) -> None:
    with pytest.raises(AssetError, match=words) as caught:
        read_state(rewrite(checkpoint, tmp_path / "wrong.pt", change))
    assert "\n" not in str(caught.value)


class _Runs:
    def __init__(self, function: Callable[..., object], *arguments: object) -> None:
        self._call = (function, arguments)

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return self._call


@pytest.mark.parametrize("place", ["beside", "inside the model", "instead", "old format"])
def test_what_a_file_wants_to_run_is_refused_by_name(place: str, checkpoint: Path, tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    evil = _Runs(os.system, f"touch {marker}")
    path = tmp_path / "evil.pt"
    content = torch.load(checkpoint, weights_only=True)
    if place == "instead":
        path.write_bytes(pickle.dumps(evil, protocol=2))
    else:
        (content["model"] if place == "inside the model" else content)["epoch"] = evil
        torch.save(content, path, _use_new_zipfile_serialization=place != "old format")
    with pytest.raises(AssetError, match=r"refused .*system.* nothing of it was run"):
        read_state(path)
    assert not marker.exists()


@pytest.mark.parametrize("content", [b"", b"not a checkpoint", b"PK\x03\x04 cut", bytes(1000)])
def test_rubbish_is_one_sentence(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "rubbish.pt"
    path.write_bytes(content)
    with pytest.raises(AssetError, match=r"rubbish\.pt") as caught:
        read_state(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("is_zip", [True, False])
def test_a_key_that_would_crash_torch_is_refused(is_zip: bool, tmp_path: Path) -> None:
    deep = b"\x80\x02}N" + b"\x85" * 200_000 + b"Ns."
    path = tmp_path / "deep.pt"
    if is_zip:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("deep/data.pkl", deep)
            archive.writestr("deep/version", "3\n")
    else:
        head = [0x1950A86A20F9469CFC6C, 1001, {"little_endian": True}]
        path.write_bytes(b"".join(pickle.dumps(part, 2) for part in head) + deep)
    with pytest.raises(AssetError, match=r"deep\.pt is refused: .*nested"):
        read_state(path)


def test_a_program_is_refused_without_the_advice_to_run_it(tmp_path: Path) -> None:
    path = tmp_path / "program.pt"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("data.pkl", "constants.pkl"):
            archive.writestr(f"program/{name}", pickle.dumps({}, 2))
        archive.writestr("program/version", "3\n")
    with pytest.raises(AssetError, match="TorchScript") as caught:
        read_state(path)
    assert "False" not in str(caught.value)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names on this system")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "pipe.pt"
    os.mkfifo(path)
    with pytest.raises(AssetError, match="pipe"):
        read_state(path)


def test_a_missing_or_cut_file_is_one_sentence(checkpoint: Path, tmp_path: Path) -> None:
    with pytest.raises(AssetError, match="missing"):
        load_regressor(tmp_path / "nowhere.pt")
    cut = tmp_path / "cut.pt"
    cut.write_bytes(checkpoint.read_bytes()[:-1000])
    with pytest.raises(AssetError, match=r"cut\.pt"):
        read_state(cut)


def test_converted_weights_are_the_same_network(checkpoint: Path, tmp_path: Path) -> None:
    target = tmp_path / "converted.safetensors"
    card, sentence = convert_checkpoint(checkpoint, target, "spin")
    assert "26,977,501" in sentence
    converted = load_regressor(target)
    assert converted.card == card
    assert (card.camera, card.crop, card.keep, card.input) == ("spin", "exact", "last", "picture")
    assert (card.learning_rate, card.max_iterations, card.stop_l2d) == (5e-6, 20, 1e-4)
    expected = load_regressor(checkpoint).state_dict()
    for name, tensor in converted.state_dict().items():
        torch.testing.assert_close(tensor, expected[name], rtol=0, atol=0)
