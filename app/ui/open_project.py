"""A project in the window, from opening to closing: its page, wired to actions, toolbar, status and settings."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

from app.services.fitting import new_job_id
from app.services.refit_methods import REFIT_METHODS, has_fast_mode
from app.settings import RefitChoice
from app.ui.action_set import ActionSet, Handler
from app.ui.context import Context
from app.ui.crash import CrashReporter
from app.ui.handbook import SECTION_PROPERTY
from app.ui.jobs import JobHandlers
from app.ui.keymap import tooltip
from app.ui.notifications import MessageBar
from app.ui.pages.annotate import AnnotatePage
from app.ui.pages.annotate_commands import AnnotateCommands
from app.ui.review.attachments import Place, find_attachments
from app.ui.review.layer_settings import LAYER_SETTINGS
from app.ui.status_line import StatusLine
from app.ui.theme import Theme
from app.ui.toolbar import ReviewToolbar
from db.records import ChangeSet, PersonState
from fitting.spec import JobFailed, WarmUpJob

_ZOOM_MODES = ("person", "image", "keep")


class OpenProject(QObject):
    """Owns the context and the page of one project.

    Args:
        context: Closed with :meth:`close`.
        actions: Of the window.
        toolbar: Of the window.
        status: Of the window.
        messages: Of the window.
        crashes: Where bugs go.
    """

    def __init__(
        self,
        context: Context,
        actions: ActionSet,
        toolbar: ReviewToolbar,
        status: StatusLine,
        messages: MessageBar,
        crashes: CrashReporter,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self.context = context
        self.page = AnnotatePage(context)
        self._actions = actions
        self._toolbar = toolbar
        self._status = status
        self._settings = context.settings
        self.page.setProperty(SECTION_PROPERTY, "one-person")
        self.page.column.setProperty(SECTION_PROPERTY, "the-numbers")
        self._messages = messages
        self._obstacle: str | None = None
        self._has_fast_mode = True  # until the card of the regressor has been read
        for tasks in (context.writes, context.reads):
            tasks.refused.connect(lambda sentence: messages.show_message(sentence, "error"))
            tasks.crashed.connect(crashes.report)
        self.page.message.connect(messages.show_message)
        self.page.crashed.connect(crashes.report_details)
        self.page.person_shown.connect(lambda _view: self._on_person_shown())
        self.page.fitting_changed.connect(self._on_fitting_changed)
        self.page.body_drawn.connect(self._on_person_shown)
        self.page.canvas.drag_began.connect(self._on_person_shown)
        self.page.canvas.drag_ended.connect(lambda _committed: self._on_person_shown())
        self.page.judge.refused.connect(lambda _sentence: self._name_steps())
        context.changed.connect(self._on_changed)
        context.person_changed.connect(lambda _person: messages.settle())
        context.annotator_changed.connect(self._name_steps)
        actions.hidden.connect(self.page.canvas.set_all_hidden)
        actions.keys_changed.connect(self._on_keys_changed)
        toolbar.opacity_changed.connect(self._on_opacity_changed)
        self._apply_settings()
        self._unwatch = self._settings.watch(self._on_settings_changed)
        place = Place(self.page, actions, context.settings, toolbar, messages, status)
        self._attached = [make(place) for make in find_attachments()]
        handlers: dict[str, Handler] = {**AnnotateCommands(self.page).handlers(), **self._switches()}
        for part in self._attached:
            handlers.update(part.handlers())
        actions.set_handlers("page", handlers)
        actions.enable_scope("E", True)
        status.set_active(True)
        self._on_fitting_changed()
        self._name_steps()
        self._count()
        self._offer_fast_mode()
        self._warm_up(messages, crashes)

    def apply_theme(self, theme: Theme) -> None:
        """Colour what Qt's palette does not reach."""
        self.page.apply_theme(theme)

    def close(self) -> None:
        """Store what is pending, end threads and workers, close the store."""
        self.page.editor.flush()
        for part in self._attached:
            part.close()
        self._settings.update(splitter_state=self.page.frame.splitter_state())
        self._unwatch()
        self._actions.set_handlers("page", {})
        self._actions.enable_scope("E", False)
        self._actions.hidden.disconnect(self.page.canvas.set_all_hidden)
        self._actions.keys_changed.disconnect(self._on_keys_changed)
        self._toolbar.opacity_changed.disconnect(self._on_opacity_changed)
        self._toolbar.set_obstacles(self.tr("No project is open."), fitting=False)
        self._status.set_active(False)
        self.context.close()
        self.page.setParent(None)
        self.page.deleteLater()

    def _warm_up(self, messages: MessageBar, crashes: CrashReporter) -> None:
        """Load the models while people look at the first person, so that the first fit begins at once."""
        project = self.context.project

        def on_failed(failure: JobFailed) -> None:
            messages.show_message(failure.message, "error")
            if failure.details:
                crashes.report_details(failure.details)

        handlers = JobHandlers(on_finished=lambda _result: None, on_failed=on_failed)
        self.context.fits.submit(WarmUpJob(new_job_id(), project.body, regressor=project.regressor), handlers)
        self.context.renders.submit(WarmUpJob(new_job_id(), project.body, renderer=True), handlers)

    # ---- settings

    def _apply_settings(self) -> None:
        values = self._settings.values
        self._actions.set_checked("view.body_large", False)
        if values.splitter_state:
            self.page.frame.restore_splitter(values.splitter_state)
        self._on_settings_changed(frozenset(type(values).__struct_fields__))

    def _on_settings_changed(self, names: frozenset[str]) -> None:
        """Show what is set, whether a menu, a slider or the settings dialog has set it."""
        values = self._settings.values
        canvas = self.page.canvas
        for action_id, (setting, layers) in LAYER_SETTINGS.items():
            if setting in names:
                shown = bool(getattr(values, setting))
                self._actions.set_checked(action_id, shown)
                canvas.set_layers(**dict.fromkeys(layers, shown))
        if "zoom_mode" in names:
            canvas.set_zoom_mode(values.zoom_mode)
            self._actions.set_checked(f"zoom_mode.{values.zoom_mode}", True)
        if "overlay_opacity" in names:
            self._toolbar.opacity.setValue(round(100 * values.overlay_opacity))
            canvas.set_overlay_opacity(values.overlay_opacity)
        if "refit_with" in names:
            self._fit_with(values.refit_with)

    def _switches(self) -> dict[str, Handler]:
        table: dict[str, Handler] = {"view.body_large": self.page.frame.set_body_large}
        for action_id in LAYER_SETTINGS:
            table[action_id] = self._setting_switch(LAYER_SETTINGS[action_id][0])
        for mode in _ZOOM_MODES:
            table[f"zoom_mode.{mode}"] = self._setting_switch("zoom_mode", mode)
        for choice in REFIT_METHODS:
            table[f"fit_with.{choice}"] = self._setting_switch("refit_with", choice)
        return table

    def _setting_switch(self, setting: str, value: object = None) -> Callable[[bool], None]:
        """Handler that stores ``value`` when its action is chosen, or without one whether the action is on."""

        def switch(on: bool) -> None:
            if value is None:
                self._settings.update(**{setting: on})
            elif on:
                self._settings.update(**{setting: value})

        return switch

    def _fit_with(self, choice: RefitChoice) -> None:
        """Re-fit this way from now on, and let menu, button and tooltip say so."""
        if choice == "eft_fast" and not self._has_fast_mode:
            choice = "eft"
        method = REFIT_METHODS[choice]
        self.page.desk.recipe = method.recipe
        self._actions.set_checked(f"fit_with.{choice}", True)
        action, spec = self._actions["fit.refit"], self._actions.spec("fit.refit")
        action.setText(self.tr("Re-fit with {0}").format(method.title))
        action.setIconText(self.tr("Re-fit: {0}").format(method.title))
        action.setToolTip(f"{tooltip(spec)}<br>{method.title[:1].upper()}{method.title[1:]}. {method.tip}.")

    def _offer_fast_mode(self) -> None:
        """Only where the regressor has settings for it; elsewhere EFT takes its place, and the choice is remembered."""

        def on_read(has_fast: bool) -> None:
            self._has_fast_mode = has_fast
            self._actions["fit_with.eft_fast"].setEnabled(has_fast)
            self._fit_with(self._settings.values.refit_with)

        self._actions["fit_with.eft_fast"].setEnabled(False)
        self.context.reads.run(lambda: has_fast_mode(self.context.project), on_read)

    def _on_opacity_changed(self, opacity: float) -> None:
        self._settings.update(overlay_opacity=opacity)

    def _on_keys_changed(self) -> None:
        self._fit_with(self._settings.values.refit_with)
        self._name_steps()
        self.page.show_again()

    # ---- what happened

    def _on_changed(self, changeset: ChangeSet) -> None:
        self._status.show_saved(changeset)
        self._name_steps()
        self._count()

    def _on_person_shown(self) -> None:
        obstacle = self.page.find_obstacle()
        if self._obstacle is not None and obstacle != self._obstacle:
            self._messages.take_back(self._obstacle)
        self._obstacle = obstacle
        self._toolbar.set_obstacles(obstacle, fitting=self.page.fitting)

    def _on_fitting_changed(self) -> None:
        self._status.show_fits(self.page.desk.count)
        self._on_person_shown()

    def _name_steps(self) -> None:
        """Let the menu say what would be undone and redone."""
        store = self.context.project.store
        self._name_step("edit.undo", self.tr("Undo"), store.undo_label)
        self._name_step("edit.redo", self.tr("Redo"), store.redo_label)

    def _name_step(self, action_id: str, verb: str, label: str | None) -> None:
        step = "" if label is None else f" {label[:1].lower()}{label[1:]}"
        action = self._actions[action_id]
        action.setText(f"{verb}{step}")
        # The button beside stays narrow; only menu and tooltip name the step.
        action.setIconText(verb)
        action.setToolTip(tooltip(self._actions.spec(action_id)).replace(verb, f"{verb}{step}", 1))

    def _count(self) -> None:
        def read() -> dict[PersonState, int]:
            with self.context.project.store.read() as reader:
                return reader.progress.counts()

        self.context.reads.run(read, self._status.show_counts)
