"""The editor of shortcuts: every action with its keys, presets, conflicts, import and export."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.services.errors import ServiceError
from app.settings import SettingsFile, ShortcutPreset
from app.ui.actions import ACTIONS, GROUPS, get_action
from app.ui.key_capture import KeyCapture
from app.ui.keymap import (
    FIXED_KEYS,
    SCOPE_WORDS,
    Keymap,
    key_text,
    native_text,
    read_keymap,
    write_keymap,
)
from app.ui.titled_dialog import TitledDialog

_SIZE = (820, 720)
_ID = Qt.ItemDataRole.UserRole
_PRESETS: tuple[tuple[ShortcutPreset, str], ...] = (("labelme", "Like labelme"), ("cvat", "Like CVAT"))
_FILE_NAME = "exemplar_shortcuts.json"


class ShortcutEditor(TitledDialog):
    """Changes apply at once; what is shown is what works.

    Args:
        settings: Hold the keys; whoever uses them watches the settings.
    """

    def __init__(self, settings: SettingsFile, parent: QWidget | None = None) -> None:
        super().__init__(self.tr("Edit keyboard shortcuts"), _SIZE, parent)
        self._settings = settings
        self.search = QLineEdit(self)
        self.search.setPlaceholderText(self.tr("Search for an action or a key"))
        self.search.setAccessibleName(self.tr("Search shortcuts"))
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._on_searched)
        self.presets = QComboBox(self)
        self.presets.setAccessibleName(self.tr("Preset"))
        for preset, title in _PRESETS:
            self.presets.addItem(self.tr(title), preset)
        self.presets.currentIndexChanged.connect(self._on_preset)
        self.tree = self._build_tree()
        self.panel = _ActionPanel(self)
        self.panel.keymap_wanted.connect(self._use)
        top = QHBoxLayout()
        top.setSpacing(10)
        top.addWidget(self.search, 1)
        top.addWidget(QLabel(self.tr("Preset"), self))
        top.addWidget(self.presets)
        self.content.addLayout(top)
        self.content.addWidget(self.tree, 1)
        self.content.addWidget(self.panel)
        self._build_buttons()
        self._unwatch: Callable[[], None] | None = settings.watch(lambda _names: self._show())
        self.finished.connect(lambda _result: self._finish())
        self._show()
        self.choose("person.next")
        self.search.setFocus()

    @property
    def keymap(self) -> Keymap:
        """The keys as they are."""
        return Keymap.of_settings(self._settings.values)

    def choose(self, action_id: str) -> None:
        """Show an action in the panel below."""
        self.tree.setCurrentItem(self._items[action_id])

    def import_file(self, path: Path) -> None:
        """Use the keys of a file; a sentence in the panel if they cannot be used."""
        try:
            self._use(read_keymap(path))
        except ServiceError as error:
            self.panel.say(str(error))

    def export_file(self, path: Path) -> None:
        """Write the keys to a file."""
        try:
            write_keymap(self.keymap, path)
        except ServiceError as error:
            self.panel.say(str(error))
        else:
            self.panel.say(self.tr("Written to {0}.").format(path))

    def _build_tree(self) -> QTreeWidget:
        tree = QTreeWidget(self)
        tree.setAccessibleName(self.tr("Actions and their keys"))
        tree.setColumnCount(3)
        tree.setHeaderLabels([self.tr("Action"), self.tr("Keys"), self.tr("Works")])
        tree.setObjectName("shortcutTree")
        tree.setIndentation(14)
        tree.setUniformRowHeights(True)
        header = tree.header()
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(2, QHeaderView.ResizeMode.ResizeToContents)
        self._items: dict[str, QTreeWidgetItem] = {}
        for group in GROUPS:
            rows = [spec for spec in ACTIONS if spec.group == group and spec.kind != "mouse"]
            if not rows:
                continue
            heading = QTreeWidgetItem(tree, [self.tr(group)])
            heading.setFlags(Qt.ItemFlag.ItemIsEnabled)
            font = heading.font(0)
            font.setBold(True)
            heading.setFont(0, font)
            for spec in rows:
                item = QTreeWidgetItem(heading, [self.tr(spec.title.rstrip("…")), "", self.tr(SCOPE_WORDS[spec.scope])])
                item.setData(0, _ID, spec.id)
                item.setToolTip(0, self.tr(spec.tip))
                self._items[spec.id] = item
            heading.setExpanded(True)
        tree.currentItemChanged.connect(lambda _now, _before: self._show_panel())
        return tree

    def _build_buttons(self) -> None:
        table: tuple[tuple[str, Callable[[], None]], ...] = (
            (self.tr("Reset all"), self._on_reset_all),
            (self.tr("Import…"), self._on_import),
            (self.tr("Export…"), self._on_export),
        )
        for title, handler in table:
            button = QPushButton(title, self)
            button.setAutoDefault(False)
            button.clicked.connect(handler)
            self.buttons.addWidget(button)
        self.buttons.addStretch(1)

    def _use(self, keymap: Keymap) -> None:
        self._settings.update(shortcut_preset=keymap.preset, shortcuts=dict(keymap.changed))

    def _show(self) -> None:
        keymap = self.keymap
        for action_id, item in self._items.items():
            item.setText(1, key_text(keymap.spec(action_id)))
            font = item.font(1)
            font.setBold(keymap.is_changed(action_id))
            item.setFont(1, font)
        with QSignalBlocker(self.presets):
            self.presets.setCurrentIndex(self.presets.findData(keymap.preset))
        self._show_panel()

    def _show_panel(self) -> None:
        item = self.tree.currentItem()
        action_id = None if item is None else item.data(0, _ID)
        self.panel.show_action(self.keymap, action_id)

    def _on_preset(self, index: int) -> None:
        """Another preset, with the changes that can hold in it."""
        self._use(self.keymap.in_preset(self.presets.itemData(index)))

    def _on_reset_all(self) -> None:
        self._settings.update(shortcuts={})

    def _on_import(self) -> None:
        name, _ = QFileDialog.getOpenFileName(
            self, self.tr("Import shortcuts"), str(Path.home()), self.tr("Shortcuts (*.json)")
        )
        if name:
            self.import_file(Path(name))

    def _on_export(self) -> None:
        name, _ = QFileDialog.getSaveFileName(
            self, self.tr("Export shortcuts"), str(Path.home() / _FILE_NAME), self.tr("Shortcuts (*.json)")
        )
        if name:
            self.export_file(Path(name))

    def _on_searched(self, text: str) -> None:
        wanted = text.strip().casefold()
        for action_id, item in self._items.items():
            spec = get_action(action_id)
            words = f"{spec.title} {spec.tip} {spec.group} {item.text(1)}".casefold()
            item.setHidden(wanted not in words)
        for index in range(self.tree.topLevelItemCount()):
            heading = self.tree.topLevelItem(index)
            assert heading is not None
            children = [heading.child(place) for place in range(heading.childCount())]
            heading.setHidden(all(child is None or child.isHidden() for child in children))

    def _finish(self) -> None:
        if self._unwatch is not None:
            self._unwatch()
            self._unwatch = None
            self._settings.save()


class _ActionPanel(QWidget):
    """The keys of one action: take one away, add one, take one over, reset.

    Signals:
        keymap_wanted: :class:`Keymap`, to be used from now on.
    """

    keymap_wanted = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._keymap = Keymap()
        self._action_id: str | None = None
        self._wanted_key = ""
        self._title = QLabel(self)
        self._title.setObjectName("settingsGroup")
        self._chips = QHBoxLayout()
        self._chips.setSpacing(6)
        self.capture = KeyCapture(self)
        self.capture.captured.connect(self._on_captured)
        self.reset = QPushButton(self.tr("Reset"), self)
        self.reset.setAutoDefault(False)
        self.reset.clicked.connect(self._on_reset)
        self.message = QLabel(self)
        self.message.setObjectName("settingProblem")
        self.message.setWordWrap(True)
        self.message.setMinimumHeight(2 * self.message.fontMetrics().lineSpacing())
        self.take_over = QPushButton(self.tr("Take it over"), self)
        self.take_over.setAutoDefault(False)
        self.take_over.clicked.connect(self._on_take_over)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addLayout(self._chips)
        row.addWidget(self.capture)
        row.addStretch(1)
        row.addWidget(self.reset)
        said = QHBoxLayout()
        said.addWidget(self.message, 1)
        said.addWidget(self.take_over)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self._title)
        layout.addLayout(row)
        layout.addLayout(said)

    def show_action(self, keymap: Keymap, action_id: str | None) -> None:
        """Show the keys of an action; None for none."""
        self._keymap, self._action_id = keymap, action_id
        self.say("")
        while (entry := self._chips.takeAt(0)) is not None:
            chip = entry.widget()
            if chip is not None:
                chip.hide()
                chip.deleteLater()
        self.capture.setEnabled(action_id is not None)
        self.reset.setEnabled(action_id is not None and keymap.is_changed(action_id))
        if action_id is None:
            self._title.setText(self.tr("Choose an action."))
            return
        self._title.setText(self.tr(get_action(action_id).title.rstrip("…")))
        for key in keymap.keys(action_id):
            self._chips.addWidget(self._build_chip(key))

    def say(self, sentence: str, *, can_take_over: bool = False) -> None:
        """Say what is wrong, or what happened."""
        self.message.setText(sentence)
        self.take_over.setVisible(can_take_over)

    def keys_on_show(self) -> list[str]:
        """Keys as they are written on the chips."""
        widgets = [self._chips.itemAt(place).widget() for place in range(self._chips.count())]  # type: ignore[union-attr]
        return [widget.property("boundKey") for widget in widgets if widget is not None]

    def remove(self, key: str) -> None:
        """Take a key away from the action."""
        if self._action_id is not None:
            kept = [other for other in self._keymap.keys(self._action_id) if other != key]
            self._try(lambda: self._keymap.bind(str(self._action_id), kept))

    def _build_chip(self, key: str) -> QPushButton:
        fixed = key in FIXED_KEYS
        chip = QPushButton(native_text(key) if fixed else f"{native_text(key)}   ×", self)
        chip.setProperty("boundKey", key)
        chip.setProperty("chip", True)
        chip.setAutoDefault(False)
        chip.setEnabled(not fixed)
        chip.setToolTip(self.tr("Always cancels") if fixed else self.tr("Take this key away"))
        chip.setAccessibleName(self.tr("Take the key {0} away").format(native_text(key)))
        chip.clicked.connect(lambda: self.remove(key))
        return chip

    def _on_captured(self, key: str) -> None:
        if self._action_id is None or key in self._keymap.keys(self._action_id):
            return
        other = self._keymap.find_conflict(self._action_id, key)
        if other is not None:
            self._wanted_key = key
            title = other.title.rstrip("…")
            where = SCOPE_WORDS[other.scope]
            self.say(
                self.tr("{0} is the key of “{1}” ({2}).").format(native_text(key), self.tr(title), self.tr(where)),
                can_take_over=True,
            )
            self.take_over.setAccessibleName(self.tr("Take {0} over from {1}").format(native_text(key), self.tr(title)))
            return
        keys = (key, *self._keymap.keys(self._action_id))
        self._try(lambda: self._keymap.bind(str(self._action_id), keys))

    def _on_take_over(self) -> None:
        self._try(lambda: self._keymap.take_over(str(self._action_id), self._wanted_key))

    def _on_reset(self) -> None:
        self._try(lambda: self._keymap.reset(str(self._action_id)))

    def _try(self, change: Callable[[], Keymap]) -> None:
        try:
            keymap = change()
        except ServiceError as error:
            self.say(str(error))
            return
        self.keymap_wanted.emit(keymap)
