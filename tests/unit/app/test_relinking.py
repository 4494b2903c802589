"""Images under a new root: counted first, moved in one change, no file touched."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from app.services.errors import ServiceError
from app.services.person_view import load_person_view
from app.services.project import Project
from app.services.relinking import list_roots, plan_relink, relink
from main import main
from tests.helpers.builders import build_project, people_of


@pytest.fixture
def moved(tmp_path: Path) -> tuple[Path, str, Path]:
    """A project folder, the root it knows, and where the pictures are now."""
    build_project(tmp_path, 3).close()
    old, new = tmp_path / "pictures", tmp_path / "elsewhere" / "pictures"
    new.parent.mkdir()
    shutil.move(old, new)
    return tmp_path / "project", str(old), new


def test_all_images_follow_in_one_change(moved: tuple[Path, str, Path]) -> None:
    folder, old, new = moved
    before = {path: path.read_bytes() for path in new.iterdir()}
    with Project.open(folder) as project:
        plan = plan_relink(project, old, new)
        assert (plan.found, plan.missing) == (3, 0)
        relink(project, plan)
        assert list_roots(project) == {str(new): 3}
        for person_id in people_of(project):
            assert load_person_view(project, person_id).image_file.is_file()
    assert {path: path.read_bytes() for path in new.iterdir()} == before


def test_what_is_not_there_is_counted_and_named(moved: tuple[Path, str, Path]) -> None:
    folder, old, new = moved
    (new / "002.jpg").unlink()
    with Project.open(folder) as project:
        plan = plan_relink(project, old, new)
        assert (plan.found, plan.missing, plan.examples) == (2, 1, ("002.jpg",))
        assert plan.in_words() == f"2 of 3 images are in {new}. Not there: 002.jpg."


def test_a_wrong_folder_changes_nothing(moved: tuple[Path, str, Path], tmp_path: Path) -> None:
    folder, old, new = moved
    with Project.open(folder) as project:
        with pytest.raises(ServiceError, match="is no folder"):
            plan_relink(project, old, tmp_path / "nowhere")
        with pytest.raises(ServiceError, match="No image of the project lies in"):
            plan_relink(project, "/data/other", new)
        with pytest.raises(ServiceError, match="None of the images"):
            relink(project, plan_relink(project, old, tmp_path))
        assert list_roots(project) == {old: 3}


def test_the_command_relinks_and_tells(
    moved: tuple[Path, str, Path], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    folder, old, new = moved
    arguments = ["relink", "--project", str(folder), "--to", str(new), "--json"]
    assert main([*arguments, "--dry-run"]) == 0
    assert json.loads(capsys.readouterr().out)["found"] == 3
    with Project.open(folder) as project:
        assert list_roots(project) == {old: 3}
    assert main([*arguments, "--from", f"{old}/"]) == 0
    capsys.readouterr()
    with Project.open(folder) as project:
        assert list_roots(project) == {str(new): 3}
    assert main(["relink", "--project", str(folder), "--from", old, "--to", str(new)]) == 2
    assert str(new) in capsys.readouterr().err
