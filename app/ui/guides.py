"""The dialogs that belong to the window and not to a project: settings, shortcuts, handbook, tour."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication, QWidget

from app.settings import SettingsFile
from app.ui.action_set import ActionSet, Handler
from app.ui.handbook import Handbook, find_section
from app.ui.keymap import Keymap
from app.ui.pages.annotate import AnnotatePage
from app.ui.settings_dialog import SettingsDialog
from app.ui.shortcut_editor import ShortcutEditor
from app.ui.shortcuts_sheet import ShortcutsSheet
from app.ui.tour import Tour


class Guides(QObject):
    """Opens them, and keeps the keys as the settings have them.

    Args:
        settings: Of this user.
        actions: Of the window.
        window: Parent of the dialogs.

    Signals:
        tour_wanted: From the menu.
    """

    tour_wanted = Signal()

    def __init__(self, settings: SettingsFile, actions: ActionSet, window: QWidget) -> None:
        super().__init__(window)
        self._settings = settings
        self._actions = actions
        self._window = window
        self._tour: Tour | None = None
        self._handbook: Handbook | None = None
        self._unwatch = settings.watch(self._on_settings_changed)

    @property
    def tour(self) -> Tour | None:
        """The tour that is under way."""
        return self._tour

    @property
    def handbook(self) -> Handbook | None:
        """The handbook on screen."""
        return self._handbook

    def handlers(self) -> Mapping[str, Handler]:
        """What their actions do."""
        return {
            "program.settings": self.open_settings,
            "program.edit_shortcuts": self.edit_shortcuts,
            "help.handbook": self.open_handbook,
            "help.shortcuts": lambda: ShortcutsSheet(self._window, self._actions.keymap).open(),
            "help.tour": self.tour_wanted.emit,
        }

    def open_settings(self) -> None:
        """Show the settings dialog."""
        SettingsDialog(self._settings, {"shortcuts": self.edit_shortcuts}, self._window).open()

    def edit_shortcuts(self) -> None:
        """Show the editor of shortcuts."""
        ShortcutEditor(self._settings, QApplication.activeWindow() or self._window).open()

    def open_handbook(self) -> None:
        """Show the handbook at what is about the part of the window that has the focus."""
        section = find_section(QApplication.focusWidget())
        if self._handbook is None:
            self._handbook = Handbook(self._window)
            self._handbook.finished.connect(self._on_handbook_closed)
            self._handbook.show()
        self._handbook.show_section(section)
        self._handbook.raise_()
        self._handbook.activateWindow()

    def start_tour(self, page: AnnotatePage) -> None:
        """Begin the tour on a page."""
        if self._tour is None:
            self._tour = Tour(self._window, page, self._actions)
            self._tour.ended.connect(self._on_tour_ended)
            self._tour.start()

    def close_tour(self) -> None:
        """The page of the tour is going."""
        if self._tour is not None:
            self._tour.leave()
            self._tour = None

    def close(self) -> None:
        """The window is closing."""
        self.close_tour()
        self._unwatch()
        if self._handbook is not None:
            self._handbook.close()

    def _on_settings_changed(self, names: frozenset[str]) -> None:
        if names & {"shortcuts", "shortcut_preset"}:
            self._actions.apply_keys(Keymap.of_settings(self._settings.values))

    def _on_handbook_closed(self) -> None:
        self._handbook = None

    def _on_tour_ended(self) -> None:
        self._tour = None
        self._settings.update(tour_taken=True)
        self._settings.save()
