"""The sheet of shortcuts (Shift+F1): every key and gesture, made from the table of actions."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.ui.actions import GROUPS, ActionSpec, Family
from app.ui.keymap import Keymap, key_text
from app.ui.titled_dialog import TitledDialog

_SIZE = (1040, 900)
_SMALL_SIZE = (560, 480)
_TWO_COLUMNS = 760


class ShortcutsSheet(TitledDialog):
    """Columns of groups, as many as there is room for; typing narrows them down.

    Args:
        parent: Window it belongs to.
        keymap: The keys as they are; those of a new user without it.
        ids: Which actions; None for all.
        note: One sentence below them.
    """

    def __init__(
        self,
        parent: QWidget | None = None,
        keymap: Keymap | None = None,
        ids: Collection[str] | None = None,
        note: str = "",
    ) -> None:
        super().__init__(self.tr("Keyboard shortcuts"), _SIZE if ids is None else _SMALL_SIZE, parent)
        specs = [spec for spec in (keymap or Keymap()).specs() if ids is None or spec.id in ids]
        self.search = QLineEdit(self)
        self.search.setPlaceholderText(self.tr("Search for an action or a key"))
        self.search.setAccessibleName(self.tr("Search shortcuts"))
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._on_searched)
        self._nothing = QLabel(self.tr("No shortcut matches."), self)
        self._nothing.setProperty("quiet", True)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._nothing.hide()
        self._groups = [_Group(name, specs, self) for name in GROUPS if any(_listed(spec, name) for spec in specs)]
        content = QWidget(self)
        columns = QHBoxLayout(content)
        columns.setContentsMargins(4, 4, 12, 4)
        columns.setSpacing(36)
        for column in self._split(2 if self.width() >= _TWO_COLUMNS else 1):
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
        self.content.addWidget(self.search)
        self.content.addWidget(self._nothing)
        self.content.addWidget(area, 1)
        if note:
            said = QLabel(note, self)
            said.setWordWrap(True)
            said.setProperty("quiet", True)
            self.content.addWidget(said)
        self.search.setFocus()

    def shown_ids(self) -> list[str]:
        """Ids of the actions on show, in order."""
        return [action_id for group in self._groups for action_id in group.shown_ids()]

    def _split(self, columns: int) -> list[list[_Group]]:
        """Columns of about the same height, in order."""
        total = sum(group.height_in_rows for group in self._groups)
        split: list[list[_Group]] = [[] for _ in range(columns)]
        filled = 0
        for group in self._groups:
            middle = filled + group.height_in_rows / 2
            split[min(int(middle * columns / total), columns - 1)].append(group)
            filled += group.height_in_rows
        return split

    def _on_searched(self, text: str) -> None:
        found = [group.narrow(text.strip().casefold()) for group in self._groups]
        self._nothing.setVisible(not any(found))


class _Row:
    """One line: an action, or a family of them."""

    def __init__(self, specs: list[ActionSpec], parent: QWidget) -> None:
        first = specs[0]
        family = first.family
        self.ids = [spec.id for spec in specs]
        self.title = QLabel(parent.tr(family.title if family else first.title.rstrip("…")), parent)
        self.title.setToolTip(first.tip)
        self.keys = QLabel(family.keys if family else key_text(first), parent)
        self.keys.setProperty("key", True)
        own = " ".join(f"{spec.title} {spec.tip} {key_text(spec)}" for spec in specs)
        self.searched = f"{own} {first.group} {self.title.text()} {self.keys.text()}".casefold()

    def set_visible(self, visible: bool) -> None:
        """Show or hide the line."""
        self.title.setVisible(visible)
        self.keys.setVisible(visible)


class _Group(QWidget):
    """One heading with its rows."""

    def __init__(self, name: str, specs: list[ActionSpec], parent: QWidget) -> None:
        super().__init__(parent)
        families: dict[str | Family, list[ActionSpec]] = {}
        for spec in specs:
            if _listed(spec, name):
                families.setdefault(spec.family or spec.id, []).append(spec)
        self._rows = [_Row(specs, self) for specs in families.values()]
        self._shown = list(self._rows)
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
        for line, row in enumerate(self._rows, start=1):
            grid.addWidget(row.title, line, 0)
            grid.addWidget(row.keys, line, 1, Qt.AlignmentFlag.AlignRight)

    @property
    def height_in_rows(self) -> int:
        """Rows with the heading and the gap."""
        return len(self._rows) + 2

    def shown_ids(self) -> list[str]:
        """Ids of the actions on show."""
        return [action_id for row in self._shown for action_id in row.ids]

    def narrow(self, text: str) -> bool:
        """Show the rows that contain the text; whether any does."""
        self._shown = [row for row in self._rows if text in row.searched]
        for row in self._rows:
            row.set_visible(row in self._shown)
        self.setVisible(bool(self._shown))
        return bool(self._shown)


def _listed(spec: ActionSpec, group: str) -> bool:
    """Only what has a key or a gesture is in the sheet."""
    return spec.group == group and bool(spec.keys)
