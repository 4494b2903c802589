"""A project's folder and its database."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.services.errors import ServiceError
from app.services.project import POINTER_NAME, Project
from db.errors import StoreError
from fitting.spec import AssetKind
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


@pytest.mark.parametrize("kind", ["body", "regressor", "prior"])
def test_a_file_that_has_moved_is_a_sentence_with_the_cure(kind: AssetKind, tmp_path: Path) -> None:
    used = tmp_path / "files" / "used.npz"
    used.parent.mkdir()
    used.write_bytes(b"")
    with Project.create(tmp_path / "mine") as made:
        made.use_file(kind, used)
    Project.open(tmp_path / "mine").close()
    used.unlink()
    with pytest.raises(ServiceError, match=rf"The {kind} of the project, .*used\.npz, is not there.*main\.py .* use"):
        Project.open(tmp_path / "mine")
    with Project.open(tmp_path / "mine", with_files=False) as again:
        again.use_file(kind, default_body())
    Project.open(tmp_path / "mine").close()


def test_whether_the_picture_is_looked_at_is_on_the_card(tmp_path: Path) -> None:
    weights = tmp_path / "net.safetensors"
    weights.write_bytes(b"")
    with Project.create(tmp_path / "mine") as project:
        project.use_file("regressor", weights)
        for card, looks in (('{"input": "picture"}', True), ('{"input": "keypoints"}', False), ("{}", False)):
            weights.with_suffix(".json").write_text(card, encoding="utf-8")
            assert project.uses_picture is looks
        weights.with_suffix(".json").unlink()
        with pytest.raises(ServiceError, match=r"net\.json"):
            assert project.uses_picture
