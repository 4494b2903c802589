"""The settings dialog (F2): a row for each setting of the table that has words for people, with effect at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.settings import SettingRow, SettingsFile, setting_rows
from app.ui.setting_editors import build_editor
from app.ui.titled_dialog import TitledDialog

_SIZE = (720, 640)


class SettingsDialog(TitledDialog):
    """Every setting, searchable; each can be put back, and all together.

    Args:
        settings: Changed at once; saved when the dialog closes.
        editors: What opens the editors of their own, by their name in the table.
    """

    def __init__(
        self, settings: SettingsFile, editors: Mapping[str, Callable[[], object]], parent: QWidget | None = None
    ) -> None:
        super().__init__(self.tr("Settings"), _SIZE, parent)
        self._settings = settings
        self._editors = editors
        self.search = QLineEdit(self)
        self.search.setPlaceholderText(self.tr("Search the settings"))
        self.search.setAccessibleName(self.tr("Search the settings"))
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._on_searched)
        self.rows: dict[str, _Row] = {}
        self._headings: dict[str, QLabel] = {}
        self._nothing = QLabel(self.tr("No setting matches."), self)
        self._nothing.setProperty("quiet", True)
        self._nothing.hide()
        self._reset_all = QPushButton(self.tr("Reset all"), self)
        self._reset_all.setAutoDefault(False)
        self._reset_all.setToolTip(self.tr("Every setting of this list as for a new user"))
        self._reset_all.clicked.connect(self._on_reset_all)
        self.buttons.addWidget(self._reset_all)
        self.buttons.addStretch(1)
        self.content.addWidget(self.search)
        self.content.addWidget(self._nothing)
        self.content.addWidget(self._build_rows(), 1)
        self._unwatch: Callable[[], None] | None = settings.watch(lambda _names: self._show_values())
        self.finished.connect(lambda _result: self._finish())
        self._show_values()
        self.search.setFocus()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 -- Qt's name
        """Qt's hook; a window that is closed with its parent is not finished."""
        self._finish()
        super().closeEvent(event)

    def shown_names(self) -> list[str]:
        """Settings on show, in order."""
        return [name for name, row in self.rows.items() if row.shown]

    def _build_rows(self) -> QWidget:
        content = QWidget(self)
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 10, 0)
        column.setSpacing(2)
        for row in setting_rows():
            if row.shown.group not in self._headings:
                heading = QLabel(self.tr(row.shown.group), content)
                heading.setObjectName("settingsGroup")
                self._headings[row.shown.group] = heading
                column.addWidget(heading)
            widget = _Row(row, self._change, self._open_editor, content)
            self.rows[row.name] = widget
            column.addWidget(widget)
        column.addStretch(1)
        area = QScrollArea(self)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(content)
        return area

    def _change(self, name: str, value: object) -> str:
        """Store a value; why it does not fit, or nothing."""
        try:
            self._settings.update(**{name: value})
        except msgspec.ValidationError as error:
            return self.tr("This does not fit: {0}.").format(str(error).partition(" - at")[0])
        return ""

    def _open_editor(self, name: str) -> None:
        self._editors[name]()

    def _on_reset_all(self) -> None:
        self._settings.update(**{row.name: row.default for row in setting_rows()})

    def _show_values(self) -> None:
        values = self._settings.values
        for name, row in self.rows.items():
            row.show_value(getattr(values, name))
        self._reset_all.setEnabled(any(row.is_changed for row in self.rows.values()))

    def _on_searched(self, text: str) -> None:
        wanted = text.strip().casefold()
        found: set[str] = set()
        for row in self.rows.values():
            row.shown = wanted in row.searched
            row.setVisible(row.shown)
            if row.shown:
                found.add(row.row.shown.group)
        for group, heading in self._headings.items():
            heading.setVisible(group in found)
        self._nothing.setVisible(not found)

    def _finish(self) -> None:
        if self._unwatch is not None:
            self._unwatch()
            self._unwatch = None
            self._settings.save()


class _Row(QWidget):
    """One setting: title and sentence on the left, editor and reset on the right, what is wrong below."""

    def __init__(
        self,
        row: SettingRow,
        change: Callable[[str, object], str],
        open_editor: Callable[[str], None],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self.row = row
        self.shown = True
        self.is_changed = False
        self._change = change
        words = row.shown
        self.searched = " ".join((words.group, words.title, words.help, *words.choices.values())).casefold()
        title = QLabel(self.tr(words.title), self)
        title.setWordWrap(True)
        help_text = QLabel(self.tr(words.help) + ".", self)
        help_text.setProperty("quiet", True)
        help_text.setWordWrap(True)
        self.editor = build_editor(row, self)
        self.editor.edited.connect(self._on_edited)
        self.editor.opened.connect(open_editor)
        focus = self.editor.focusProxy()
        assert focus is not None
        title.setBuddy(focus)
        self._reset = QToolButton(self)
        self._reset.setText("↺")
        self._reset.setProperty("flat", True)
        self._reset.setToolTip(self.tr("As for a new user"))
        self._reset.setAccessibleName(self.tr("Reset {0}").format(words.title))
        self._reset.clicked.connect(lambda: self._on_edited(row.default))
        self.problem = QLabel(self)
        self.problem.setObjectName("settingProblem")
        self.problem.setWordWrap(True)
        self.problem.hide()
        grid = QGridLayout(self)
        grid.setContentsMargins(2, 5, 0, 5)
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(1)
        grid.setColumnStretch(0, 1)
        grid.addWidget(title, 0, 0)
        grid.addWidget(help_text, 1, 0)
        grid.addWidget(self.editor, 0, 1, 2, 1, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight)
        grid.addWidget(self._reset, 0, 2, 2, 1, Qt.AlignmentFlag.AlignVCenter)
        grid.addWidget(self.problem, 2, 0, 1, 3)

    def show_value(self, value: Any) -> None:
        """Show the value that holds."""
        self.editor.show_value(value)
        self.is_changed = value != self.row.default
        self._reset.setEnabled(self.is_changed)
        self.problem.hide()

    def _on_edited(self, value: object) -> None:
        problem = self._change(self.row.name, value)
        self.problem.setText(problem)
        self.problem.setVisible(bool(problem))
