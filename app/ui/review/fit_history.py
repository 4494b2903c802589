"""Which of a person's fits is looked at: the current one, or for comparison another one."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from app.services.fit_versions import ShownFit, build_shown_fit, use_fit
from app.services.person_view import PersonView
from app.ui.context import Context
from app.ui.fit_texts import say_nothing_to_compare
from app.ui.keymap import key_hint
from db.records import ChangeSet, FitId, FitRecord


class FitHistory(QObject):
    """The fits of the person on screen. Looking at one changes nothing; :meth:`use` makes it the current one.

    Signals:
        changed: Another fit is looked at.
        used: :class:`~db.records.ChangeSet`, the fit has become the current one.
        refused: ``str``, why nothing happened.
    """

    changed = Signal()
    used = Signal(object)
    refused = Signal(str)

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._context = context
        self._view: PersonView | None = None
        self._shown: ShownFit | None = None
        self._compared: FitId | None = None

    @property
    def shown(self) -> ShownFit | None:
        """The fit that is looked at; None where there is none."""
        return self._shown

    @property
    def compared(self) -> FitId | None:
        """Another fit than the current one that was looked at last."""
        return self._compared

    def set_view(self, view: PersonView | None) -> None:
        """The person on screen as from now on; somebody else is seen with the current fit first."""
        same = self._view is not None and view is not None and self._view.person.id == view.person.id
        looked_at = self._shown.fit.id if same and self._shown is not None and not self._shown.is_current else None
        self._view = view
        if not same:
            self._compared = None
        self._show(self._find(looked_at))

    def choose(self, fit_id: FitId) -> None:
        """Look at one of the person's fits."""
        self._look_at(self._find(fit_id))

    def toggle(self) -> None:
        """Between the current fit and the one compared with it: the last one looked at, at first the one before."""
        if self.back():
            return
        fits = () if self._view is None else self._view.fits
        if len(fits) > 1:
            self._look_at(self._find(self._compared) or fits[1])
        elif self._view is not None:
            self.refused.emit(
                self.tr("This person has one fit only; re-fit with another method to compare.")
                if fits
                else say_nothing_to_compare()
            )

    def step_older(self) -> None:
        """The fit before the one looked at; from the oldest on to the current one."""
        fits = () if self._view is None else self._view.fits
        if self._shown is None or len(fits) < 2:
            self.toggle()
            return
        place = [fit.id for fit in fits].index(self._shown.fit.id)
        self._look_at(fits[(place + 1) % len(fits)])

    def back(self) -> bool:
        """Return to the current fit; False when it is looked at already."""
        if self._shown is None or self._shown.is_current:
            return False
        self._show(None)
        self.changed.emit()
        return True

    def use(self) -> None:
        """Make the fit that is looked at the current one."""
        if self._view is None or self._shown is None:
            self.refused.emit(self.tr("There is no fit to use yet; press {0} to fit.").format(key_hint("fit.refit")))
            return
        project, person_id, fit_id = self._context.project, self._view.person.id, self._shown.fit.id
        self._context.writes.run(
            lambda: use_fit(project, person_id, fit_id), self._on_used, lambda error: self.refused.emit(str(error))
        )

    def _on_used(self, changeset: ChangeSet) -> None:
        if self._view is not None and self._view.person.id in changeset.touched_people:
            self._compared = None
            self._show(None)
        self._context.report_change(changeset)
        self.used.emit(changeset)

    def _look_at(self, fit: FitRecord | None) -> None:
        if fit is None or (self._shown is not None and self._shown.fit.id == fit.id):
            return
        self._show(fit)
        self.changed.emit()

    def _show(self, fit: FitRecord | None) -> None:
        """Look at a fit, None for the current one."""
        view = self._view
        fit = fit or (None if view is None else view.fit)
        self._shown = None if view is None or fit is None else build_shown_fit(view, fit)
        if self._shown is not None and not self._shown.is_current:
            self._compared = self._shown.fit.id

    def _find(self, fit_id: FitId | None) -> FitRecord | None:
        fits = () if self._view is None else self._view.fits
        return next((fit for fit in fits if fit.id == fit_id), None)
