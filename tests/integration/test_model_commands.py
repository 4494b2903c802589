"""The researcher's own files through the commands: convert, use, new."""

from __future__ import annotations

import json
import os
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from main import main
from tests.helpers.published import pickle_by_python2, pickle_smpl, prior_arrays, smpl_arrays, write_companions

Capture = pytest.CaptureFixture[str]


class Trap:
    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> Any:
        return os.system, (f"mkdir {self.mark}",)


def run_json(capsys: Capture, *words: object) -> tuple[int, dict[str, Any]]:
    code = main([str(word) for word in words] + ["--json"])
    return code, json.loads(capsys.readouterr().out)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "SMPL_NEUTRAL.pkl").write_bytes(pickle_smpl(smpl_arrays()))
    (folder / "gmm_08.pkl").write_bytes(pickle_by_python2(prior_arrays()))
    write_companions(folder)
    return folder


def test_convert_new_and_use(files: Path, published_checkpoint: Path, tmp_path: Path, capsys: Capture) -> None:
    code, body = run_json(capsys, "body", "convert", files / "SMPL_NEUTRAL.pkl")
    assert (code, body["kind"], body["notes"]) == (0, "body", [])
    assert Path(body["file"]) == files / "SMPL_NEUTRAL.npz"
    code, info = run_json(capsys, "body", "info", files / "SMPL_NEUTRAL.npz")
    assert (code, info["name"], info["arrays"]["J_regressor_extra"]) == (0, "SMPL neutral", [9, 6890])

    code, made = run_json(capsys, "new", tmp_path / "mine", "--body", files / "SMPL_NEUTRAL.npz")
    assert (code, made["body"]) == (0, str(files / "SMPL_NEUTRAL.npz"))
    code, used = run_json(capsys, "body", "use", files / "gmm_08.pkl", "--project", tmp_path / "mine")
    assert (code, used["prior"]) == (0, str(tmp_path / "mine" / "models" / "gmm_08.npz"))
    checkpoint = ["regressor", "use", published_checkpoint, "--camera", "spin", "--project", tmp_path / "mine"]
    code, used = run_json(capsys, *checkpoint)
    assert code == 0
    code, card = run_json(capsys, "regressor", "info", used["regressor"])
    assert (code, card["card"]["camera"], card["card"]["input"]) == (0, "spin", "picture")

    (files / "SMPL_NEUTRAL.npz").unlink()
    code, refused = run_json(capsys, "status", "--project", tmp_path / "mine")
    assert code == 2
    assert "body use BODY" in refused["error"]


def test_a_trap_is_one_sentence_and_exit_2(files: Path, tmp_path: Path, capsys: Capture) -> None:
    mark = tmp_path / "sprung"
    (files / "bad.pkl").write_bytes(pickle.dumps({"v_template": np.zeros((3, 3)), "J": Trap(mark)}))
    (files / "bad.pt").write_bytes(pickle.dumps({"model": Trap(mark)}, 2))
    main(["new", str(tmp_path / "mine")])
    capsys.readouterr()
    for words in (
        ["body", "convert", files / "bad.pkl"],
        ["body", "use", files / "bad.pkl", "--project", tmp_path / "mine"],
        ["regressor", "convert", files / "bad.pt"],
    ):
        assert main([str(word) for word in words]) == 2
        says = capsys.readouterr().err
        assert ".system" in says
        assert says.count("\n") == 1
    assert not mark.exists()
    assert not list(files.glob("bad.npz"))


def test_nothing_is_overwritten_unasked(files: Path, capsys: Capture) -> None:
    target = files / "precious.npz"
    target.write_bytes(b"precious")
    assert main(["body", "convert", str(files / "gmm_08.pkl"), str(target)]) == 2
    assert "--force" in capsys.readouterr().err
    assert target.read_bytes() == b"precious"
    assert main(["body", "convert", str(files / "gmm_08.pkl"), str(target), "--force"]) == 0


@pytest.mark.parametrize("group", ["body", "regressor"])
@pytest.mark.parametrize("command", ["info", "convert", "use"])
def test_the_commands_explain_themselves(group: str, command: str, capsys: Capture) -> None:
    assert main([group, command, "--help"]) == 0
    assert "--json" in capsys.readouterr().out
