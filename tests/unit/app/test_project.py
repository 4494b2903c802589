"""A project's folder and its database."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.services.errors import ServiceError
from app.services.project import POINTER_NAME, Project
from db.errors import StoreError
from resources import default_body, default_regressor


def test_a_new_project_opens_again(tmp_path: Path) -> None:
    with Project.create(tmp_path / "mine") as made:
        annotator = made.annotator_id
        assert made.name == "mine"
        assert (made.body, made.regressor) == (default_body(), default_regressor())
    with Project.open(tmp_path / "mine") as again:
        assert again.annotator_id == annotator


def test_a_database_elsewhere_is_found_again(tmp_path: Path) -> None:
    (tmp_path / "server").mkdir()
    url = f"sqlite:///{tmp_path / 'server' / 'team.db'}"
    with Project.create(tmp_path / "mine", url) as made, made.store.change("Set", undoable=False) as change:
        change.settings.set("colour", "blue")
    assert (tmp_path / "mine" / POINTER_NAME).stat().st_mode & 0o077 == 0
    with Project.open(tmp_path / "mine") as again, again.store.read() as reader:
        assert reader.settings.get("colour") == "blue"
    with pytest.raises(ServiceError, match="already"):
        Project.create(tmp_path / "mine")


def test_no_project_and_a_broken_one_are_said_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ServiceError, match="holds no project"):
        Project.open(tmp_path)
    (tmp_path / POINTER_NAME).write_text("nonsense", encoding="utf-8")
    with pytest.raises(StoreError):
        Project.open(tmp_path)
