"""Whatever the system has against a path becomes one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.services.errors import ServiceError
from app.services.places import held_alone, make_folder, resolve_place
from app.services.project import Project


def test_a_place_is_absolute_and_need_not_exist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert resolve_place(Path("a/../b")) == tmp_path / "b"
    assert resolve_place(Path("~")) == Path.home().resolve()


def test_an_unknown_home_a_circle_and_a_long_name_are_sentences(tmp_path: Path) -> None:
    circle = tmp_path / "circle"
    circle.symlink_to(circle)
    for path in (Path("~nobody-of-this-name/x"), circle, tmp_path / ("x" * 300)):
        for use in (resolve_place, make_folder, Project.create, Project.open):
            with pytest.raises(ServiceError, match=r"leads nowhere|cannot be used"):
                use(path)


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    for path in (tmp_path / "file", tmp_path / "file" / "folder"):
        with pytest.raises(ServiceError, match=r"cannot be used \((File exists|Not a directory)\)"):
            make_folder(path)


def test_a_folder_in_the_place_of_the_database_is_told_as_such(tmp_path: Path) -> None:
    (tmp_path / "project.db").mkdir()
    with pytest.raises(Exception, match="is not a file"):
        Project.open(tmp_path)
    with pytest.raises(ServiceError, match="holds a project already"):
        Project.create(tmp_path)


def test_a_folder_is_held_by_one_run_and_free_again_after_it(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "run"
    with held_alone(folder) as held, pytest.raises(ServiceError, match="Another run is at work in"):
        assert held == folder
        with held_alone(folder):
            pass
    with held_alone(folder):
        pass
    assert list(folder.iterdir()) == []


def test_a_folder_that_cannot_be_made_cannot_be_held(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ServiceError, match="file cannot be used"), held_alone(tmp_path / "file"):
        pass
