"""The folder of the researcher's own files: there, missing, broken, and what each is for."""

from __future__ import annotations

import os
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.paths import models_dir
from app.services.model_files import ROLES, ModelFile, find_model_files
from fitting.runners import InlineRunner
from tests.helpers.published import pickle_smpl, prior_arrays, smpl_arrays, write_companions


class Trap:
    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.mark),)


def look(folder: Path) -> dict[str, list[ModelFile]]:
    found: dict[str, list[ModelFile]] = {}
    for file in find_model_files(folder, InlineRunner):
        found.setdefault(file.title, []).append(file)
    return found


def test_an_empty_or_absent_folder_misses_everything(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "absent"):
        found = look(folder)
        assert list(found) == [role.title for role in ROLES]
        assert all(file.state == "missing" and file.path is None for (file,) in found.values())
        assert all(file.unlocks and file.source for (file,) in found.values())


def test_what_is_there_is_named(published_checkpoint: Path, tmp_path: Path) -> None:
    arrays = smpl_arrays()
    (tmp_path / "basicModel_neutral_lbs_10_207_0_v1.0.0.pkl").write_bytes(pickle_smpl(arrays))
    np.savez(tmp_path / "SMPL_MALE.npz", **arrays)
    (tmp_path / "gmm_08.pkl").write_bytes(pickle.dumps(prior_arrays()))
    np.savez(tmp_path / "smpl_mean_params.npz", pose=np.zeros(144), shape=np.zeros(10), cam=np.array([0.9, 0, 0]))
    write_companions(tmp_path)
    (tmp_path / "strong.pt").symlink_to(published_checkpoint)
    (tmp_path / "holiday.jpg").write_bytes(b"")
    found = look(tmp_path)
    states = {title: [file.state for file in files] for title, files in found.items()}
    assert states.pop("SMPL female") == ["missing"]
    assert all(each == ["there"] for each in states.values()), found
    assert "6,890 vertices" in found["SMPL neutral"][0].found
    assert "8 Gaussians" in found["Pose prior"][0].found
    assert found["Regressor"][0].path == tmp_path / "strong.pt"


def test_what_is_broken_is_said_and_the_rest_is_looked_at(tmp_path: Path) -> None:
    mark = tmp_path / "sprung"
    (tmp_path / "SMPL_NEUTRAL.pkl").write_bytes(pickle.dumps({"v_template": Trap(mark)}))
    (tmp_path / "J_regressor_extra.npy").write_bytes(b"hello")
    np.save(tmp_path / "J_regressor_h36m.npy", np.zeros((9, 5)))
    np.savez(tmp_path / "smpl_mean_params.npz", pose=np.zeros(72), shape=np.zeros(10), cam=np.zeros(3))
    (tmp_path / "net.pt").write_bytes(b"hello")
    (tmp_path / "gmm_08.pkl").write_bytes(pickle.dumps(prior_arrays()))
    found = look(tmp_path)
    for title, says in {
        "SMPL neutral": "os.mkdir",
        "Extra joints": "no readable .npy",
        "H36M joints": "expected 17 rows",
        "Mean parameters": "no array 'pose' of 144 numbers",
        "Regressor": "net.pt",
    }.items():
        (file,) = found[title]
        assert file.state == "broken", file
        assert says in file.found
    assert found["Pose prior"][0].state == "there"
    assert not mark.exists()


def test_a_body_without_its_regressors_says_what_that_locks(tmp_path: Path) -> None:
    (tmp_path / "SMPL_FEMALE.pkl").write_bytes(pickle_smpl(smpl_arrays()))
    (file,) = look(tmp_path)["SMPL female"]
    assert file.state == "there"
    assert "J_regressor_extra.npy is not beside it" in file.found


def test_where_the_folder_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("EXEMPLAR_MODELS", raising=False)
    monkeypatch.setenv("EXEMPLAR_HOME", str(tmp_path))
    assert models_dir() == tmp_path / "models"
    monkeypatch.setenv("EXEMPLAR_MODELS", str(tmp_path / "mine"))
    assert models_dir() == tmp_path / "mine"
