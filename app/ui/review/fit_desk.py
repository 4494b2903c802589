"""Re-fits: from the key to the stored fit, for any number of people at once, the person on screen or not."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QObject, Signal

from app.services.fitting import FitRecipe, PendingFit, build_fit_job, store_fit
from app.ui.context import Context
from app.ui.jobs import JobHandlers
from db.errors import NotFoundError
from db.records import ChangeSet, PersonId
from fitting.spec import FitResult, JobFailed, JobProgressed, JobResult


class FitDesk(QObject):
    """Runs fits and stores them; :attr:`recipe` says how, for those that begin from now on.

    A fit belongs to the keypoints it began with. If they change meanwhile it is stored all the same and is stale; if
    the person is fitted again meanwhile, the earlier run is cancelled.

    Signals:
        began: ``PersonId``, the key has been heard.
        progressed: ``(PersonId, JobProgressed)``, one more iteration.
        ended: ``PersonId``, nothing runs for the person any more, whatever came of it.
        stored: ``(PersonId, FitResult)``, after the commit.
        failed: ``(PersonId, str)``, why there is no fit.
        cancelled: ``PersonId``.
        crashed: ``str``, the traceback of a bug in the worker.
    """

    began = Signal(object)
    progressed = Signal(object, object)
    ended = Signal(object)
    stored = Signal(object, object)
    failed = Signal(object, str)
    cancelled = Signal(object)
    crashed = Signal(str)

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._context = context
        self._running: dict[PersonId, PendingFit | None] = {}
        self.recipe = FitRecipe()

    def is_running(self, person_id: PersonId | None) -> bool:
        """Whether a fit of this person is being prepared or runs."""
        return person_id in self._running

    @property
    def count(self) -> int:
        """Number of fits under way."""
        return len(self._running)

    def refit(self, person_id: PersonId, *, follows_edit: bool = False) -> None:
        """Fit the person's keypoints as they are once every edit made so far is stored.

        Args:
            person_id: Whom.
            follows_edit: Nobody asked for the fit; undoing the edit takes it back as well.
        """
        earlier = self._running.get(person_id)
        if person_id in self._running and earlier is None:
            return
        if earlier is not None:
            self._context.fits.cancel(earlier.job.job_id)
        self._running[person_id] = None
        self.began.emit(person_id)
        recipe = self.recipe
        # On the writing thread, behind the edits; a picture for the regressor is read there as well.
        self._context.writes.run(
            lambda: build_fit_job(self._context.project, person_id, recipe=recipe, follows_edit=follows_edit),
            lambda pending: self._submit(person_id, pending),
            lambda error: self._refuse(person_id, str(error)),
        )

    def cancel(self, person_id: PersonId) -> bool:
        """Stop the person's fit; False when none runs. The fit before stays."""
        if person_id not in self._running:
            return False
        self._stop(person_id)
        self.cancelled.emit(person_id)
        self.ended.emit(person_id)
        return True

    def supersede(self, person_id: PersonId) -> None:
        """Stop the person's fit, if one runs, without a word: another one is on its way."""
        if person_id in self._running:
            self._stop(person_id)
            self.ended.emit(person_id)

    def drop(self, people: Iterable[PersonId]) -> None:
        """Stop the fits of people who come or go, without a word: :attr:`ended` would have them read again."""
        for person_id in people:
            if person_id in self._running:
                self._stop(person_id)

    def _stop(self, person_id: PersonId) -> None:
        pending = self._running.pop(person_id)
        if pending is not None:
            self._context.fits.cancel(pending.job.job_id)

    def _submit(self, person_id: PersonId, pending: PendingFit) -> None:
        if person_id not in self._running:
            return  # cancelled while it was prepared
        self._running[person_id] = pending
        self._context.fits.submit(
            pending.job,
            JobHandlers(
                on_finished=lambda result: self._on_finished(pending, result),
                on_failed=lambda failure: self._on_failed(pending, failure),
                on_progressed=lambda event: self._on_progressed(pending, event),
            ),
        )

    def _is_wanted(self, pending: PendingFit) -> bool:
        return self._running.get(pending.person_id) is pending

    def _on_progressed(self, pending: PendingFit, event: JobProgressed) -> None:
        if self._is_wanted(pending):
            self.progressed.emit(pending.person_id, event)

    def _on_finished(self, pending: PendingFit, result: JobResult) -> None:
        if not self._is_wanted(pending):
            return
        if not isinstance(result, FitResult):
            raise TypeError(f"a fit job was answered with {type(result).__name__}")
        self._context.writes.run(
            lambda: store_fit(self._context.project, pending, result),
            lambda changeset: self._on_stored(pending, result, changeset),
            lambda error: self._on_not_stored(pending, error),
        )

    def _on_not_stored(self, pending: PendingFit, error: Exception) -> None:
        # Of somebody who was removed meanwhile there is nothing to say.
        if self._is_wanted(pending) or not isinstance(error, NotFoundError):
            self._refuse(pending.person_id, str(error))

    def _on_stored(self, pending: PendingFit, result: FitResult, changeset: ChangeSet) -> None:
        wanted = self._is_wanted(pending)
        if wanted:
            del self._running[pending.person_id]
        self._context.report_change(changeset)
        self.stored.emit(pending.person_id, result)
        if wanted:
            self.ended.emit(pending.person_id)

    def _on_failed(self, pending: PendingFit, failure: JobFailed) -> None:
        if not self._is_wanted(pending):
            return
        self._refuse(pending.person_id, failure.message)
        if failure.details:
            self.crashed.emit(failure.details)

    def _refuse(self, person_id: PersonId, sentence: str) -> None:
        self._running.pop(person_id, None)
        self.failed.emit(person_id, sentence)
        self.ended.emit(person_id)
