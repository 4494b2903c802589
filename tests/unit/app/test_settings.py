"""Settings: one table, one file, nothing lost of what another version wrote."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.settings import PLACES_LIMIT, RECENT_LIMIT, Settings, SettingsFile, setting_rows


def test_defaults_without_a_file(tmp_path: Path) -> None:
    assert SettingsFile(tmp_path / "none.json").values == Settings()


def test_what_is_saved_is_read_again(tmp_path: Path) -> None:
    file = SettingsFile(tmp_path / "deep" / "settings.json")
    file.update(theme="dark", overlay_opacity=0.25, zoom_mode="keep")
    file.remember_project(Path("/data/one"))
    file.save()
    assert SettingsFile(file.path).values == file.values
    assert [child.name for child in file.path.parent.iterdir()] == ["settings.json"]


def test_one_bad_value_falls_back_alone(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"theme": "dark", "overlay_opacity": 7, "zoom_mode": 3}))
    assert SettingsFile(path).values == Settings(theme="dark")
    assert "overlay_opacity" in caplog.text
    assert "zoom_mode" in caplog.text


@pytest.mark.parametrize("content", ["", "{", "[1, 2]", "\x00\x01"])
def test_a_broken_file_means_defaults(tmp_path: Path, content: str, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "settings.json"
    path.write_text(content)
    assert SettingsFile(path).values == Settings()
    assert str(path) in caplog.text


def test_keys_of_a_newer_version_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"theme": "light", "holograms": {"on": True}}))
    file = SettingsFile(path)
    file.update(theme="dark")
    file.save()
    assert json.loads(path.read_text())["holograms"] == {"on": True}


def test_recent_projects_are_few_unique_and_latest_first(tmp_path: Path) -> None:
    file = SettingsFile(tmp_path / "settings.json")
    for number in [*range(12), 5]:
        file.remember_project(Path(f"/p/{number}"))
    recent = file.values.recent_projects
    assert recent[:2] == ("/p/5", "/p/11")
    assert len(recent) == len(set(recent)) == RECENT_LIMIT
    file.forget_project(Path("/p/5"))
    assert "/p/5" not in file.values.recent_projects


def test_mistakes_of_the_program_are_not_accepted(tmp_path: Path) -> None:
    file = SettingsFile(tmp_path / "settings.json")
    with pytest.raises(AttributeError, match="colour"):
        file.update(colour="red")
    with pytest.raises(msgspec.ValidationError):
        file.update(theme="pink")
    assert file.values == Settings()


def test_a_place_that_cannot_be_written_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    blocker = tmp_path / "file"
    blocker.write_text("")
    SettingsFile(blocker / "settings.json").save()
    assert "were not saved" in caplog.text


@given(opacity=st.floats(0, 1), names=st.lists(st.text(max_size=20), max_size=4))
def test_round_trip(tmp_path_factory: pytest.TempPathFactory, opacity: float, names: list[str]) -> None:
    file = SettingsFile(tmp_path_factory.mktemp("settings") / "settings.json")
    file.update(overlay_opacity=opacity, recent_projects=tuple(names))
    file.save()
    assert SettingsFile(file.path).values == file.values


def test_who_watches_hears_what_changed_and_only_that(tmp_path: Path) -> None:
    file = SettingsFile(tmp_path / "settings.json")
    heard: list[frozenset[str]] = []
    unwatch = file.watch(heard.append)
    file.update(theme="dark", zoom_mode="person")
    file.update(theme="dark")
    unwatch()
    file.update(theme="light")
    assert heard == [frozenset({"theme"})]


def test_every_shown_setting_has_words() -> None:
    rows = setting_rows()
    assert {"theme", "overlay_opacity", "refit_with"} <= {row.name for row in rows}
    for row in rows:
        assert row.shown.group, row.name
        assert row.shown.title, row.name
        assert row.shown.help, row.name
        assert not row.shown.help.endswith("."), row.name
        assert set(row.shown.choices) <= set(row.values), row.name


def test_people_are_remembered_by_project_and_old_projects_forgotten(tmp_path: Path) -> None:
    file = SettingsFile(tmp_path / "settings.json")
    for number in range(PLACES_LIMIT + 5):
        file.remember_person(Path(f"/p/{number}"), number)
    file.remember_person(Path("/p/20"), 7)
    file.remember_person(Path("/p/21"), None)
    people = file.values.last_people
    assert len(people) == PLACES_LIMIT - 1
    assert people["/p/20"] == 7
    assert "/p/21" not in people
    assert "/p/0" not in people
    file.save()
    assert SettingsFile(file.path).values.last_people == people
