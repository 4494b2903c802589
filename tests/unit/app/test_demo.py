"""Where the demo may be made: nowhere that holds somebody's work."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.services.demo import make_demo
from app.services.errors import ServiceError
from app.services.project import Project
from fitting.runners import OnEvent, Runner
from tests.helpers.builders import build_project, people_of


def no_runner(on_event: OnEvent) -> Runner:
    raise AssertionError(f"the demo began to work for {on_event}")


def refuse(folder: Path, says: str) -> None:
    with pytest.raises(ServiceError, match=says):
        make_demo(folder, no_runner, lambda stage, done, total: None)


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine", encoding="utf-8")
    refuse(tmp_path, "holds other files")
    refuse(tmp_path / "letter.txt", "cannot be used")
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_a_folder_with_pictures_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "holiday.jpg").write_bytes(b"mine")
    refuse(tmp_path, "holds other files")
    assert [path.name for path in tmp_path.iterdir()] == ["images"]


def test_somebodys_project_is_left_alone(tmp_path: Path) -> None:
    with build_project(tmp_path, 2) as project:
        folder, people = project.folder, people_of(project)
    refuse(folder, "project of its own")
    with Project.open(folder) as project:
        assert people_of(project) == people
