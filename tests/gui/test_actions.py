"""The table of actions: keys are unique, complete and safe."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QLabel, QLineEdit, QMainWindow, QMenu, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.ui.action_set import ActionSet
from app.ui.actions import ACTIONS, FIT_WITH, MENUS, TOOLBAR, ActionSpec, find_duplicate_keys, get_action
from app.ui.shortcuts_sheet import ShortcutsSheet

WITH_KEYS = [spec for spec in ACTIONS if spec.keys]
OF_THE_WINDOW = [spec for spec in WITH_KEYS if spec.scope != "S"]
"""A rater's session has a window of its own and hears its keys itself (test_session_voting.py)."""


def test_no_key_twice_in_a_scope() -> None:
    assert find_duplicate_keys() == []


def test_a_key_given_twice_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = ActionSpec("a.b", "B", ("R",), "E", "Fit", "B")
    everywhere = ActionSpec("a.c", "C", ("X",), "G", "Fit", "C")
    monkeypatch.setattr("app.ui.actions.ACTIONS", (*ACTIONS, taken, everywhere))
    assert find_duplicate_keys() == [
        ("E", "X", "a.c", "decide.reject"),
        ("E", "R", "fit.refit", "a.b"),
    ]


@pytest.mark.parametrize(
    ("action_id", "keys"),
    [
        ("person.next", ("D", "PgDown")),
        ("person.previous", ("A", "PgUp")),
        ("decide.accept", ("Return", "Enter", "Ctrl+Return", "Ctrl+Enter")),
        ("decide.reject", ("X",)),
        ("decide.skip", ("Ctrl+Space",)),
        ("decide.second_look", ("F",)),
        ("edit.undo", ("Ctrl+Z",)),
        ("edit.redo", ("Ctrl+Shift+Z", "Ctrl+Y")),
        ("joint.next", ("Tab", "S")),
        ("joint.previous", ("Shift+Tab", "W")),
        ("joint.occluded", ("Q", "/")),
        ("swap.body", ("M",)),
        ("swap.legs", ("Shift+M",)),
        ("swap.arms", ("Ctrl+M",)),
        ("fit.refit", ("R",)),
        ("fit.cancel", ("Esc",)),
        ("compare.toggle", ("B",)),
        ("help.shortcuts", ("Shift+F1", "?")),
        ("help.handbook", ("F1",)),
        ("program.settings", ("F2",)),
        ("vote.left", ("Left", "1")),
        ("vote.right", ("Right", "2")),
        ("vote.neither", ("Down", "0")),
        ("session.enlarge", ("V",)),
        ("session.pause", ("Esc",)),
    ],
)
def test_keys_are_those_of_the_anchors(action_id: str, keys: tuple[str, ...]) -> None:
    assert get_action(action_id).keys == keys


@pytest.mark.parametrize("spec", [spec for spec in WITH_KEYS if spec.kind != "mouse"], ids=lambda spec: spec.id)
def test_every_key_is_one_qt_knows(spec: ActionSpec) -> None:
    for key in spec.keys:
        assert QKeySequence(key).toString(QKeySequence.SequenceFormat.PortableText) == key


def test_nothing_that_decides_or_changes_repeats() -> None:
    prefixes = (
        "decide.",
        "fit.",
        "compare.",
        "swap.",
        "joint.occluded",
        "joint.clear",
        "joint.not_labelled",
        "project.",
        "vote.",
        "session.",
    )
    assert [spec.id for spec in ACTIONS if spec.repeats and spec.id.startswith(prefixes)] == []


def test_toolbar_and_ids_are_of_the_table() -> None:
    assert len({spec.id for spec in ACTIONS}) == len(ACTIONS)
    for group in TOOLBAR:
        for action_id in group:
            assert get_action(action_id).icon


class _Window(QMainWindow):
    """A window with a text field, something else to focus, and every action."""

    def __init__(self) -> None:
        super().__init__()
        self.table = ActionSet(self)
        self.field = QLineEdit()
        self.elsewhere = QLabel("elsewhere")
        self.elsewhere.setFocusPolicy(self.focusPolicy().StrongFocus)
        content = QWidget()
        layout = QVBoxLayout(content)
        layout.addWidget(self.field)
        layout.addWidget(self.elsewhere)
        self.setCentralWidget(content)
        self.heard: list[str] = []
        self.table.set_handlers("page", {spec.id: self._listener(spec.id) for spec in ACTIONS})

    def _listener(self, action_id: str) -> object:
        return lambda *_state: self.heard.append(action_id)


@pytest.fixture
def window(qtbot: QtBot) -> _Window:
    window = _Window()
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    return window


def _press(qtbot: QtBot, widget: QWidget, key: str) -> None:
    combination = QKeySequence(key)[0]  # type: ignore[index]
    qtbot.keyClick(widget, combination.key(), combination.keyboardModifiers())


@pytest.mark.parametrize(
    "spec", [spec for spec in OF_THE_WINDOW if spec.kind in ("key", "toggle", "choice")], ids=lambda spec: spec.id
)
def test_every_key_runs_its_action(window: _Window, qtbot: QtBot, spec: ActionSpec) -> None:
    window.elsewhere.setFocus()
    for key in spec.keys:
        window.heard.clear()
        window.table.set_checked(spec.id, False)
        _press(qtbot, window.elsewhere, key)
        assert window.heard == [spec.id], key


@pytest.mark.parametrize("spec", [spec for spec in WITH_KEYS if spec.scope == "E" and spec.kind != "mouse"])
def test_review_keys_are_text_in_a_text_field(window: _Window, qtbot: QtBot, spec: ActionSpec) -> None:
    window.field.setFocus()
    for key in spec.keys:
        if key != "Esc":
            _press(qtbot, window.field, key)
            window.field.setFocus()
    assert window.heard == []


def test_letters_reach_the_text_field(window: _Window, qtbot: QtBot) -> None:
    window.field.setFocus()
    qtbot.keyClicks(window.field, "xrdmfq/123")
    assert window.field.text() == "xrdmfq/123"


def test_hold_lasts_as_long_as_the_key(window: _Window, qtbot: QtBot) -> None:
    heard: list[bool] = []
    window.table.hidden.connect(heard.append)
    window.elsewhere.setFocus()
    key = QKeySequence("H")[0].key()  # type: ignore[index]
    qtbot.keyPress(window.elsewhere, key)
    assert heard == [True]
    qtbot.keyRelease(window.elsewhere, key)
    assert heard == [True, False]


def test_setting_a_state_from_outside_acts_on_nothing(window: _Window) -> None:
    window.table.set_checked("layer.names", True)
    assert window.table["layer.names"].isChecked()
    assert window.heard == []


def test_page_handlers_can_be_taken_away(window: _Window, qtbot: QtBot) -> None:
    window.table.set_handlers("page", {})
    window.elsewhere.setFocus()
    _press(qtbot, window.elsewhere, "R")
    assert window.heard == []


def test_menus_list_what_the_table_says(window: _Window) -> None:
    for name in MENUS:
        menu = QMenu(window)
        window.table.fill_menu(menu, name)
        inner = {action.text(): action.menu() for action in menu.actions() if isinstance(action.menu(), QMenu)}
        for title, shown in [("", menu), *inner.items()]:
            listed = [action.objectName() for action in shown.actions() if action.objectName()]
            assert sorted(listed) == sorted(s.id for s in ACTIONS if s.menu == name and s.submenu == title)


def test_the_methods_are_one_choice(window: _Window) -> None:
    methods = [spec.id for spec in ACTIONS if spec.submenu == FIT_WITH]
    assert methods == [f"fit_with.{name}" for name in ("eft", "eft_fast", "smplify", "regressor")]
    for chosen in methods:
        window.table[chosen].trigger()
        assert [name for name in methods if window.table[name].isChecked()] == [chosen]


def test_every_action_has_a_tooltip_with_its_key(window: _Window) -> None:
    for spec in OF_THE_WINDOW:
        if spec.kind != "mouse":
            action: QAction = window.table[spec.id]
            assert spec.tip in action.toolTip()
            assert "(" in action.toolTip()


def test_the_sheet_shows_every_action_with_a_key(qtbot: QtBot) -> None:
    sheet = ShortcutsSheet()
    qtbot.addWidget(sheet)
    assert sorted(sheet.shown_ids()) == sorted(spec.id for spec in WITH_KEYS)


def test_the_sheet_narrows_down(qtbot: QtBot) -> None:
    sheet = ShortcutsSheet()
    qtbot.addWidget(sheet)
    sheet.search.setText("swap")
    assert sheet.shown_ids() == ["swap.body", "swap.legs", "swap.arms", "swap.pair"]
    sheet.search.setText("no such thing")
    assert sheet.shown_ids() == []
    sheet.search.setText("")
    assert len(sheet.shown_ids()) == len(WITH_KEYS)
