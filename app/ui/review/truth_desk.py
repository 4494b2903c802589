"""How far the fit that is looked at is from what the person's dataset knows in 3D; nothing is shown of anybody else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.services.person_view import PersonView
from app.services.truth_evaluation import build_person_job
from app.ui.jobs import JobHandlers
from db.records import FitId, FitRecord
from fitting.spec import JobResult, TruthJob, TruthResult

if TYPE_CHECKING:
    from app.ui.action_set import Handler
    from app.ui.review.attachments import Place

_KEPT = 500


class TruthDesk(QObject):
    """Part of the review page (see :mod:`app.ui.review.attachments`)."""

    def __init__(self, place: Place) -> None:
        super().__init__(place.page)
        self._page = place.page
        self._context = place.page.context
        self._panel = place.page.column.numbers
        self._wanted: FitId | None = None
        # By fit what stands in the row and its tip; None for people without truth. Neither ever changes.
        self._known: dict[FitId, tuple[str, str] | None] = {}
        place.page.person_shown.connect(self._on_person_shown)

    def handlers(self) -> Mapping[str, Handler]:
        """It has no actions."""
        return {}

    def close(self) -> None:
        """Nothing outlives the page."""

    def _on_person_shown(self, view: PersonView | None) -> None:
        shown = None if view is None or self._page.fitting else self._page.history.shown
        if shown is None:
            self._wanted = None
            self._panel.set_truth(None)
            return
        fit, waiting = shown.fit, self._wanted
        self._wanted = fit.id
        if fit.id in self._known:
            self._show(fit.id)
            return
        self._panel.set_truth(None)
        if waiting != fit.id:
            project = self._context.project
            self._context.reads.run(lambda: build_person_job(project, fit), lambda found: self._on_read(fit, found))

    def _on_read(self, fit: FitRecord, found: TruthJob | str | None) -> None:
        if not isinstance(found, TruthJob):
            self._keep(fit.id, None if found is None else ("–", found))
        elif self._wanted == fit.id:
            self._context.renders.submit(
                found,
                JobHandlers(
                    on_finished=lambda result: self._on_measured(fit.id, result),
                    on_failed=lambda failure: self._keep(fit.id, ("–", failure.message)),
                ),
            )

    def _on_measured(self, fit_id: FitId, result: JobResult) -> None:
        if not isinstance(result, TruthResult):
            raise TypeError(f"a truth job was answered with {type(result).__name__}")
        (found,) = result.errors
        if found.protocol is None:
            self._keep(fit_id, ("–", found.note))
            return
        tip = self.tr(
            "Mean distance of {0} joints from the dataset's 3D truth, after the best scale, turn and shift; "
            "{1} mm without (MPJPE)"
        ).format(found.joints, f"{found.mpjpe_mm:.1f}")
        text = self.tr("{0} mm to the truth").format(f"{found.pa_mm:.1f}")
        self._keep(fit_id, (text, f"{tip}; {found.note}" if found.note else tip))

    def _keep(self, fit_id: FitId, told: tuple[str, str] | None) -> None:
        self._known[fit_id] = told
        while len(self._known) > _KEPT:
            del self._known[next(iter(self._known))]
        if self._wanted == fit_id:
            self._show(fit_id)

    def _show(self, fit_id: FitId) -> None:
        self._panel.set_truth(*(self._known[fit_id] or (None, "")))
