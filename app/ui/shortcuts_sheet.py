"""The F1 sheet: every key and gesture, made from the table of actions."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.ui.action_set import key_text
from app.ui.actions import ACTIONS, GROUPS, ActionSpec


class ShortcutsSheet(QDialog):
    """Two columns of groups; typing narrows them down."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Keyboard shortcuts"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(1040, 760)
        self.search = QLineEdit(self)
        self.search.setPlaceholderText(self.tr("Search for an action or a key"))
        self.search.setAccessibleName(self.tr("Search shortcuts"))
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._on_searched)
        self._nothing = QLabel(self.tr("No shortcut matches."), self)
        self._nothing.setProperty("quiet", True)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._nothing.hide()
        self._groups = [_Group(name, self) for name in GROUPS if any(_listed(spec, name) for spec in ACTIONS)]
        content = QWidget(self)
        columns = QHBoxLayout(content)
        columns.setContentsMargins(4, 4, 12, 4)
        columns.setSpacing(36)
        for column in self._split():
            box = QVBoxLayout()
            box.setSpacing(4)
            for group in column:
                box.addWidget(group)
            box.addStretch(1)
            columns.addLayout(box, 1)
        area = QScrollArea(self)
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setWidget(content)
        area.setAccessibleName(self.tr("Shortcuts"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 16, 8, 12)
        layout.setSpacing(10)
        layout.addWidget(self.search)
        layout.addWidget(self._nothing)
        layout.addWidget(area, 1)

    def shown_ids(self) -> list[str]:
        """Ids of the actions on show, in order."""
        return [action_id for group in self._groups for action_id in group.shown_ids()]

    def _split(self) -> tuple[list[_Group], list[_Group]]:
        """Two columns of about the same height, in order."""
        total = sum(group.height_in_rows for group in self._groups)
        left: list[_Group] = []
        filled = 0
        for group in self._groups:
            if filled + group.height_in_rows / 2 > total / 2:
                break
            left.append(group)
            filled += group.height_in_rows
        return left, self._groups[len(left) :]

    def _on_searched(self, text: str) -> None:
        found = [group.narrow(text.strip().casefold()) for group in self._groups]
        self._nothing.setVisible(not any(found))


class _Group(QWidget):
    """One heading with its rows."""

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._rows: list[tuple[ActionSpec, QLabel, QLabel]] = []
        self._shown: set[str] = set()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 6, 0, 8)
        grid.setHorizontalSpacing(18)
        grid.setVerticalSpacing(5)
        grid.setColumnStretch(0, 1)
        heading = QLabel(self.tr(name), self)
        font = heading.font()
        font.setBold(True)
        heading.setFont(font)
        grid.addWidget(heading, 0, 0, 1, 2)
        for row, spec in enumerate((spec for spec in ACTIONS if _listed(spec, name)), start=1):
            title = QLabel(self.tr(spec.title.rstrip("…")), self)
            title.setToolTip(spec.tip)
            keys = QLabel(key_text(spec), self)
            keys.setProperty("key", True)
            grid.addWidget(title, row, 0)
            grid.addWidget(keys, row, 1, Qt.AlignmentFlag.AlignRight)
            self._rows.append((spec, title, keys))
            self._shown.add(spec.id)

    @property
    def height_in_rows(self) -> int:
        """Rows with the heading and the gap."""
        return len(self._rows) + 2

    def shown_ids(self) -> list[str]:
        """Ids of the rows on show."""
        return [spec.id for spec, _title, _keys in self._rows if spec.id in self._shown]

    def narrow(self, text: str) -> bool:
        """Show the rows that contain the text; whether any does."""
        self._shown = set()
        for spec, title, keys in self._rows:
            matches = text in f"{spec.title} {spec.tip} {spec.group} {keys.text()}".casefold()
            if matches:
                self._shown.add(spec.id)
            title.setVisible(matches)
            keys.setVisible(matches)
        self.setVisible(bool(self._shown))
        return bool(self._shown)


def _listed(spec: ActionSpec, group: str) -> bool:
    """Only what has a key or a gesture is in the sheet."""
    return spec.group == group and bool(spec.keys)
