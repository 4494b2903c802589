"""Decisions, undo and redo: each is committed before the next person comes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Signal, SignalInstance

from app.services import review
from app.services.person_view import PersonView
from app.ui.context import Context
from app.ui.keymap import key_hint
from db.records import FITTABLE_KEYPOINTS, ChangeSet, FitId, PersonId


class Judge(QObject):
    """Stores what the annotator decides, one decision at a time.

    Signals:
        decided: :class:`~db.records.ChangeSet`, committed.
        reopened: :class:`~db.records.ChangeSet`, committed: the person is undecided again.
        reversed: :class:`~db.records.ChangeSet` of an undo or a redo.
        refused: ``str``, why nothing was stored.
    """

    decided = Signal(object)
    reopened = Signal(object)
    reversed = Signal(object)
    refused = Signal(str)

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._context = context
        self._deciding = False

    @property
    def deciding(self) -> bool:
        """Whether a decision is on its way to the disk; until then no other is taken."""
        return self._deciding

    def accept(self, view: PersonView, fit_id: FitId, seconds_spent: float) -> None:
        """Accept the fit that is on screen."""
        project, person_id, ruling = self._context.project, view.person.id, view.ruling
        self._decide(lambda: review.accept(project, person_id, fit_id, seconds_spent, ruling=ruling))

    def reject(self, view: PersonView, reasons: Sequence[str], comment: str, seconds_spent: float) -> None:
        """Reject the person on screen."""
        project, person_id, ruling = self._context.project, view.person.id, view.ruling
        self._decide(lambda: review.reject(project, person_id, reasons, comment, seconds_spent, ruling=ruling))

    def reopen(self, person_id: PersonId, seconds_spent: float) -> None:
        """Make the person undecided again; they stay on screen."""
        self._decide(lambda: review.reopen(self._context.project, person_id, seconds_spent), self.reopened)

    def second_look(self, person_id: PersonId, seconds_spent: float) -> None:
        """Set the person aside for somebody else."""
        self._decide(lambda: review.second_look(self._context.project, person_id, "", seconds_spent))

    def undo(self) -> None:
        """Take back the last step of the session."""
        store, annotator = self._context.project.store, self._context.project.annotator_id
        self._reverse(lambda: store.undo(annotator_id=annotator), self.tr("There is nothing to undo."))

    def redo(self) -> None:
        """Do again what was undone last."""
        store, annotator = self._context.project.store, self._context.project.annotator_id
        self._reverse(lambda: store.redo(annotator_id=annotator), self.tr("There is nothing to redo."))

    def _decide(self, decide: Callable[[], ChangeSet], told_by: SignalInstance | None = None) -> None:
        if self._deciding:
            return
        self._deciding = True
        told = self.decided if told_by is None else told_by
        self._context.writes.run(decide, lambda changeset: self._on_decided(changeset, told), self._on_refused)

    def _on_decided(self, changeset: ChangeSet, told: SignalInstance) -> None:
        self._deciding = False
        self._context.report_change(changeset)
        told.emit(changeset)

    def _on_refused(self, error: Exception) -> None:
        self._deciding = False
        self.refused.emit(str(error))

    def _reverse(self, reverse: Callable[[], ChangeSet | None], nothing: str) -> None:
        def on_done(changeset: ChangeSet | None) -> None:
            if changeset is None:
                self.refused.emit(nothing)
                return
            self._context.report_change(changeset)
            self.reversed.emit(changeset)

        self._context.writes.run(reverse, on_done, lambda error: self.refused.emit(str(error)))


def find_obstacle(view: PersonView) -> str | None:
    """Why the person on screen cannot be accepted, in a sentence; None when it can."""
    if view.state == "unfittable":
        return (
            f"This person cannot be fitted: it needs {FITTABLE_KEYPOINTS} labelled keypoints"
            f" (has {view.revision.labelled_count})."
        )
    if view.fit is None:
        return f"There is no fit to accept yet; press {key_hint('fit.refit')} to fit."
    if view.stale:
        return f"The keypoints have changed since this fit; re-fit ({key_hint('fit.refit')}) before you accept."
    return None
