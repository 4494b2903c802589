"""The window: its frame, its two pages, and the wiring between actions, project, settings and guides."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QByteArray
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QMainWindow, QStackedWidget

from app.paths import default_demo_folder
from app.services.batch import RunnerFactory
from app.services.places import resolve_place
from app.services.project import Project, find_missing
from app.settings import SettingsFile
from app.ui.action_set import ActionSet, Handler
from app.ui.actions import MENUS
from app.ui.arrivals import Arrivals, find_dropped
from app.ui.context import Context
from app.ui.crash import CrashReporter
from app.ui.demo_maker import DemoMaker
from app.ui.exchange.exchanges import Exchanges
from app.ui.guides import Guides
from app.ui.handbook import SECTION_PROPERTY
from app.ui.keymap import Keymap
from app.ui.notifications import MessageBar
from app.ui.open_project import OpenProject
from app.ui.pages.annotate import AnnotatePage
from app.ui.pages.welcome import WelcomePage
from app.ui.status_line import StatusLine
from app.ui.tasks import Tasks
from app.ui.theme import Theme, ThemeKeeper
from app.ui.toolbar import ReviewToolbar
from db.records import PersonId

APP_TITLE = "Exemplar"
_FIRST_SIZE = (1600, 1000)
_THEMES = ("system", "light", "dark")


class MainWindow(QMainWindow):
    """One window, at most one project.

    Args:
        settings: Of this user.
        themes: Of the application.
        crashes: Where bugs go.
        make_runner: Makes the runners for fits and for pictures of bodies.
        annotator: Name of whoever works; None takes the one remembered for a project, or the system's.
    """

    def __init__(
        self,
        settings: SettingsFile,
        themes: ThemeKeeper,
        crashes: CrashReporter,
        make_runner: RunnerFactory,
        annotator: str | None = None,
    ) -> None:
        super().__init__()
        self.setObjectName("mainWindow")
        self._settings = settings
        self._themes = themes
        self._crashes = crashes
        self._make_runner = make_runner
        self._annotator = annotator
        self._project: OpenProject | None = None
        self.tasks = Tasks("projects", self)
        self.actions_table = ActionSet(self, Keymap.of_settings(settings.values))
        crashes.list_actions = self.actions_table.latest
        self.toolbar = ReviewToolbar(self.actions_table, self)
        self.status = StatusLine(self)
        self.welcome = WelcomePage(self)
        self.welcome.setProperty(SECTION_PROPERTY, "begin")
        self.guides = Guides(settings, self.actions_table, self)
        self.exchanges = Exchanges(self.tasks, make_runner, self)
        self.arrivals = Arrivals(self.tasks, self.exchanges, self)
        self._tour_wanted = False
        self._demo = DemoMaker(self.tasks, make_runner, self)
        self._pages = QStackedWidget(self)
        self._pages.addWidget(self.welcome)
        self.setCentralWidget(self._pages)
        self.addToolBar(self.toolbar)
        self.setStatusBar(self.status)
        self.messages = MessageBar(self._pages)
        for name in MENUS:
            self.actions_table.fill_menu(self.menuBar().addMenu(self.tr(name)), name)
        self.setAcceptDrops(True)
        self._connect()
        self._restore_frame()
        self._on_theme_changed(themes.theme)
        self._show_welcome()

    @property
    def page(self) -> AnnotatePage | None:
        """The review page, None without a project."""
        return None if self._project is None else self._project.page

    @property
    def context(self) -> Context | None:
        """Context of the open project."""
        return None if self._project is None else self._project.context

    def open_folder(self, folder: Path) -> None:
        """Open a project in the background; a sentence on the welcome page if it cannot be."""
        remembered = self._settings.values.annotators

        def open_it() -> Project:
            annotator = self._annotator or remembered.get(str(resolve_place(folder)))
            return Project.open(folder, annotator=annotator)

        self.tasks.run(open_it, self.show_project, self._on_not_opened)

    def show_project(self, project: Project) -> None:
        """Show an open project; the one before is closed."""
        self._leave_project()
        context = Context(project, self._settings, self._make_runner, self)
        self._project = OpenProject(
            context, self.actions_table, self.toolbar, self.status, self.messages, self._crashes, self
        )
        self._project.apply_theme(self._themes.theme)
        self._resume(project)
        self._pages.addWidget(self._project.page)
        self._pages.setCurrentWidget(self._project.page)
        self.toolbar.show()
        self.status.show()
        self._enable_project_actions(True)
        self.setWindowTitle(f"{project.name} — {APP_TITLE}")
        self.messages.hide()
        self._project.page.canvas.setFocus()
        self._settings.remember_project(project.folder)
        self._settings.save()

    def start_tour(self) -> None:
        """Begin the tour on the project on screen."""
        if self._project is not None:
            self.guides.start_tour(self._project.page)

    def close_project(self) -> None:
        """Back to the welcome page."""
        self._leave_project()
        self._show_welcome()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802 -- Qt's name
        """One file or folder may be dropped."""
        if find_dropped(event.mimeData()) is not None:
            event.acceptProposedAction()
            self.welcome.set_dropping(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:  # noqa: N802 -- Qt's name
        """Not here after all."""
        self.welcome.set_dropping(False)
        super().dragLeaveEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802 -- Qt's name
        """Open or import what was dropped."""
        self.welcome.set_dropping(False)
        path = find_dropped(event.mimeData())
        if path is not None:
            event.acceptProposedAction()
            self.arrivals.take(path, self._open_folder())

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 -- Qt's name
        """Commit, end threads and workers, remember the frame."""
        self._demo.cancel()
        self.guides.close()
        self.exchanges.close()
        self._leave_project()
        self.tasks.close()
        self._unwatch()
        geometry = bytes(self.saveGeometry().toBase64().data()).decode("ascii")
        self._settings.update(window_geometry=geometry)
        self._settings.save()
        super().closeEvent(event)

    def _connect(self) -> None:
        handlers: dict[str, Handler] = {
            "project.open": self._ask_open,
            "project.close": self.close_project,
            "program.quit": self.close,
            "project.import": lambda: self.exchanges.ask_import(self._open_folder()),
            "project.export": lambda: self._with_project(self.exchanges.ask_export),
            "project.bundle": lambda: self._with_project(self.exchanges.ask_bundle),
            "project.restore": self.exchanges.ask_restore,
            "project.check": lambda: self._with_project(self.exchanges.ask_check),
            "view.full_screen": lambda full: self.showFullScreen() if full else self.showNormal(),
        }
        handlers.update(self.guides.handlers())
        for name in _THEMES:
            handlers[f"theme.{name}"] = self._theme_switch(name)
        self.actions_table.set_handlers("window", handlers)
        self.actions_table.set_checked(f"theme.{self._settings.values.theme}", True)
        self._themes.theme_changed.connect(self._on_theme_changed)
        self.tasks.refused.connect(lambda sentence: self.messages.show_message(sentence, "error"))
        self.tasks.crashed.connect(self._on_task_crashed)
        self._unwatch = self._settings.watch(self._on_settings_changed)
        self.guides.tour_wanted.connect(self._on_tour_wanted)
        self.arrivals.project_wanted.connect(self.open_folder)
        self.arrivals.said.connect(self.messages.show_message)
        self.exchanges.changed.connect(self._on_imported)
        self.exchanges.closed.connect(self._on_exchanged)
        self.exchanges.crashed.connect(self._crashes.report)
        self.welcome.import_wanted.connect(lambda: self.exchanges.ask_import(None))
        self.welcome.tour_wanted.connect(self._on_tour_wanted)
        self.welcome.open_wanted.connect(self._ask_open)
        self.welcome.project_chosen.connect(self.open_folder)
        self.welcome.project_forgotten.connect(self._on_forgotten)
        self.welcome.demo_wanted.connect(self._on_demo_wanted)
        self.welcome.demo_cancelled.connect(self._demo.cancel)
        self._demo.progressed.connect(self.welcome.show_progress)
        self._demo.made.connect(self._on_demo_made)
        self._demo.failed.connect(self._on_demo_failed)

    def _restore_frame(self) -> None:
        geometry = self._settings.values.window_geometry
        if not geometry or not self.restoreGeometry(QByteArray.fromBase64(geometry.encode("ascii"))):
            self.resize(*_FIRST_SIZE)

    def _theme_switch(self, name: str) -> Callable[[bool], None]:
        def switch(chosen: bool) -> None:
            if chosen:
                self._settings.update(theme=name)

        return switch

    def _on_settings_changed(self, names: frozenset[str]) -> None:
        if "theme" in names:
            theme = self._settings.values.theme
            self.actions_table.set_checked(f"theme.{theme}", True)
            self._themes.choose(theme)

    def _on_theme_changed(self, theme: Theme) -> None:
        self.actions_table.apply_theme(theme)
        self.toolbar.apply_theme(theme)
        if self._project is not None:
            self._project.apply_theme(theme)

    def _ask_open(self) -> None:
        recent = self._settings.values.recent_projects
        start = str(Path(recent[0]).parent) if recent else str(Path.home())
        folder = QFileDialog.getExistingDirectory(self, self.tr("Open a project folder"), start)
        if folder:
            self.open_folder(Path(folder))

    def _on_not_opened(self, error: Exception) -> None:
        if self._project is None:
            self._show_welcome()
        self.messages.show_message(str(error), "error")

    def _on_forgotten(self, folder: Path) -> None:
        self._settings.forget_project(folder)
        self._settings.save()
        self._show_welcome()

    def _on_demo_wanted(self) -> None:
        self.welcome.show_progress(self.tr("Starting"))
        self._demo.make(default_demo_folder())

    def _on_demo_made(self, project: Project) -> None:
        self.welcome.show_progress(None)
        self.show_project(project)
        if self._tour_wanted:
            self._tour_wanted = False
            self.start_tour()

    def _on_tour_wanted(self) -> None:
        """Start on the demo; open it first, or make it."""
        if self._project is not None and self._project.context.project.folder == default_demo_folder().resolve():
            self.start_tour()
            return
        self._tour_wanted = True
        self.close_project()
        self._on_demo_wanted()

    def _on_imported(self, folder: Path, sentence: str) -> None:
        """Open what was imported; a project that is on screen is opened anew, with everybody in it."""
        self.tasks.run(
            lambda: Project.open(folder),
            lambda project: self._show_imported(project, sentence),
            self._on_not_opened,
        )

    def _on_exchanged(self) -> None:
        """A dialog has gone: go on by keyboard, as after every other."""
        self.activateWindow()
        if self.page is not None:
            self.page.canvas.setFocus()

    def _show_imported(self, project: Project, sentence: str) -> None:
        self.show_project(project)
        self.messages.show_message(sentence, "success")

    def _on_demo_failed(self, sentence: str) -> None:
        self._tour_wanted = False
        self.welcome.show_progress(None)
        self.messages.show_message(sentence, "warning")

    def _on_task_crashed(self, error: Exception) -> None:
        self.welcome.show_progress(None)
        self._crashes.report(error)

    def _leave_project(self) -> None:
        if self._project is not None:
            self.guides.close_tour()
            context = self._project.context
            self._settings.remember_person(context.project.folder, context.person_id)
            self._settings.save()
            self._project.close()
            self._project.deleteLater()
            self._project = None

    def _resume(self, project: Project) -> None:
        """Go to the person who was on screen when the project was closed."""
        values = self._settings.values
        last = values.last_people.get(str(project.folder))
        if last is None or not values.resume_person or self.context is None:
            return
        with project.store.read() as reader:
            person = reader.people.find(PersonId(last))
        if person is not None:
            self.context.set_person(person.id)

    def _with_project(self, ask: Callable[[Path], None]) -> None:
        folder = self._open_folder()
        if folder is not None:
            ask(folder)

    def _open_folder(self) -> Path | None:
        return None if self._project is None else self._project.context.project.folder

    def _show_welcome(self) -> None:
        self.setWindowTitle(APP_TITLE)
        self.welcome.set_newcomer(not self._settings.values.tour_taken)
        recent = [Path(text) for text in self._settings.values.recent_projects]
        self.welcome.set_recent(recent)
        self.tasks.run(lambda: find_missing(recent), self.welcome.mark_missing)
        self._pages.setCurrentWidget(self.welcome)
        self.toolbar.hide()
        self.status.hide()
        self.actions_table.enable_scope("E", False)
        self._enable_project_actions(False)

    def _enable_project_actions(self, enabled: bool) -> None:
        for action_id in (
            "project.close",
            "project.relink",
            "project.export",
            "project.bundle",
            "project.check",
            "project.work_as",
            "project.reviewers",
            "edit.undo",
            "edit.redo",
            "program.next_pane",
            "progress.show",
            "studies.show",
        ):
            self.actions_table[action_id].setEnabled(enabled)
