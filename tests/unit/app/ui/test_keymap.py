"""Keys: presets without clashes, conflicts refused by name, nothing lost on the way through a file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.services.errors import ServiceError
from app.settings import Settings
from app.ui.actions import ACTIONS, get_action
from app.ui.keymap import Keymap, key_hint, preset_keys, read_keymap, tooltip, use_keymap, write_keymap

PRESETS = pytest.mark.parametrize("preset", ["labelme", "cvat"])


@PRESETS
def test_a_preset_has_no_key_twice_and_leaves_nobody_without_one(preset: str) -> None:
    keymap = Keymap(preset)  # type: ignore[arg-type]
    assert keymap.find_conflicts() == []
    assert [spec.id for spec in ACTIONS if spec.keys and not keymap.keys(spec.id)] == []


def test_the_usual_preset_is_the_table() -> None:
    assert Keymap().specs() == list(ACTIONS)


def test_cvat_goes_on_with_f_and_back_with_d_and_decides_with_neither() -> None:
    keys = preset_keys("cvat")
    assert keys["person.next"][0] == "F"
    assert keys["person.previous"][0] == "D"
    deciding = {key for action_id, bound in keys.items() if action_id.startswith("decide.") for key in bound}
    assert deciding.isdisjoint({"F", "D", "Shift+F", "Shift+D"})


def test_a_taken_key_is_refused_with_the_name_of_the_other() -> None:
    with pytest.raises(ServiceError, match=r"^R is taken: Re-fit \(in the review\)\.$"):
        Keymap().bind("swap.body", ("R",))
    with pytest.raises(ServiceError, match="Undo"):  # a key that works everywhere is taken everywhere
        Keymap().bind("swap.body", ("Ctrl+Z",))


def test_a_free_key_is_bound_and_only_the_difference_is_kept() -> None:
    keymap = Keymap().bind("swap.body", ("V",))
    assert keymap.changed == {"swap.body": ("V",)}
    assert keymap.bind("swap.body", ("M",)).changed == {}
    assert keymap.reset("swap.body").changed == {}


def test_taking_over_leaves_the_other_action_its_other_keys() -> None:
    keymap = Keymap().take_over("swap.body", "D")
    assert keymap.keys("swap.body") == ("D", "M")
    assert keymap.keys("person.next") == ("PgDown",)
    assert keymap.find_conflicts() == []
    with pytest.raises(ServiceError, match="Swap left and right"):
        keymap.reset("person.next")


def test_esc_is_neither_given_nor_taken() -> None:
    with pytest.raises(ServiceError, match="Esc"):
        Keymap().bind("swap.body", ("Esc",))
    for leaving in ("fit.cancel", "session.pause"):
        with pytest.raises(ServiceError, match="Esc"):
            Keymap().bind(leaving, ())


def test_a_key_may_mean_something_else_in_a_study() -> None:
    assert Keymap().bind("session.enlarge", ("X",)).find_conflicts() == []
    with pytest.raises(ServiceError, match=r"^2 is taken: Right is better \(in a study\)\.$"):
        Keymap().bind("vote.left", ("2",))


def test_esc_of_a_study_goes_through_a_file(tmp_path: Path) -> None:
    write_keymap(Keymap().bind("session.pause", ("Esc", "P")), tmp_path / "keys.json")
    assert read_keymap(tmp_path / "keys.json").keys("session.pause") == ("Esc", "P")


def test_another_preset_keeps_what_can_hold_in_it() -> None:
    keymap = Keymap().bind("swap.body", ("V",)).bind("decide.second_look", ("Shift+W",))
    other = keymap.take_over("decide.reject", "F").in_preset("cvat")
    assert other.keys("swap.body") == ("V",)
    assert "F" not in other.keys("decide.reject")
    assert other.find_conflicts() == []


def test_words_name_the_keys_as_they_are() -> None:
    keymap = Keymap().bind("fit.refit", ("V",))
    assert "(V)" in tooltip(keymap.spec("fit.refit"))
    use_keymap(keymap)
    try:
        assert key_hint("fit.refit") == "V"
        assert key_hint("view.front") == "Ctrl+1"
    finally:
        use_keymap(Keymap())
    assert key_hint("fit.refit") == "R"


def test_an_action_without_a_key_is_named_by_its_title() -> None:
    use_keymap(Keymap().bind("fit.refit", ()))
    try:
        assert key_hint("fit.refit") == get_action("fit.refit").title
    finally:
        use_keymap(Keymap())


def test_a_file_brings_the_same_keys(tmp_path: Path) -> None:
    keymap = Keymap("cvat").bind("swap.body", ("V", "Ctrl+Shift+V"))
    write_keymap(keymap, tmp_path / "keys.json")
    read = read_keymap(tmp_path / "keys.json")
    assert (read.preset, read.changed) == (keymap.preset, keymap.changed)


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ("{", "cannot be read"),
        ([], "holds no shortcuts"),
        ({"exemplar_shortcuts": 2}, "holds no shortcuts"),
        ({"exemplar_shortcuts": 1, "preset": "vim", "keys": {}}, "vim"),
        ({"exemplar_shortcuts": 1, "preset": "cvat", "keys": {"swap.body": ["Hyper+Q+Z"]}}, "no keys"),
        ({"exemplar_shortcuts": 1, "preset": "labelme", "keys": {"swap.body": ["R"]}}, "Re-fit"),
        ({"exemplar_shortcuts": 1, "preset": "labelme", "keys": {"swap.body": ["Esc"]}}, "Esc"),
    ],
)
def test_other_files_are_refused_with_a_sentence(tmp_path: Path, document: object, said: str) -> None:
    path = tmp_path / "keys.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
    with pytest.raises(ServiceError, match=said):
        read_keymap(path)


def test_keys_of_an_action_of_another_version_are_kept() -> None:
    values = Settings(shortcuts={"holograms.show": ("V",)})
    keymap = Keymap.of_settings(values)
    assert keymap.changed["holograms.show"] == ("V",)
    assert keymap.bind("swap.body", ("V",)).keys("swap.body") == ("V",)


def test_the_choice_of_a_user_holds_against_a_newer_version() -> None:
    keymap = Keymap.of_settings(Settings(shortcuts={"swap.body": ("D",)}))
    assert keymap.keys("swap.body") == ("D",)
    assert keymap.keys("person.next") == ("PgDown",)
    assert keymap.find_conflicts() == []
