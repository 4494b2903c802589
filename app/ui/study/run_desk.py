"""Raters at work, as the page shows them: looked at while it is open, and what the researcher does for them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import QDeadlineTimer, QObject, QTimer, Signal

from app.services.progress import local_now
from app.services.study.collecting import CollectReport, close_study, collect_votes
from app.services.study.handing_out import StudyProgress, free_seat
from app.ui.context import Context
from app.ui.exchange.long_work import LongWork
from app.ui.exchange.work_dialog import WorkDialog
from app.ui.session.window import SessionWindow
from app.ui.study.collect_dialog import CollectDialog
from app.ui.study.confirm_dialog import ConfirmDialog
from app.ui.study.hand_out_dialog import HandOutDialog
from app.ui.study.package_watch import PackageWatch
from app.ui.study.raters_panel import RatersPanel
from app.ui.study.study_reading import StudyOnShow
from db.rater_package.package import RaterPackage
from db.records import StudyId

LOOK_EVERY_MS: Final = 2000
TAKE_EVERY_MS: Final = 10_000
"""Votes of the study's own package are taken in so often at most: each time all of them are read."""


class RunDesk(QObject):
    """Behind the panel of raters.

    Args:
        panel: Of the page.
        context: Of the open project.
        work: Does what takes long.

    Signals:
        changed: Votes may have come in, or the study is closed: read it anew.
        refused: ``str``, why something was not done.
        dialog_opened: :class:`WorkDialog`, on screen now.
    """

    changed = Signal()
    refused = Signal(str)
    dialog_opened = Signal(object)

    def __init__(self, panel: RatersPanel, context: Context, work: LongWork, parent: QObject) -> None:
        super().__init__(parent)
        self._panel = panel
        self._context = context
        self._work = work
        self._watch = PackageWatch()
        self._study: StudyOnShow | None = None
        self._reading = False
        self._session: SessionWindow | None = None
        self._taking = False
        self._take_again = QDeadlineTimer()
        self._tried: dict[StudyId, int] = {}
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_EVERY_MS)
        self._timer.timeout.connect(self._look)
        panel.rate.clicked.connect(self._on_rate)
        panel.hand_out.clicked.connect(self._on_hand_out)
        panel.collect.clicked.connect(lambda: self._collect(()))
        panel.dropped.connect(self._collect)
        panel.free.clicked.connect(self._on_free)
        panel.close_study.clicked.connect(self._on_close)

    @property
    def session(self) -> SessionWindow | None:
        """The rater's window, while one is open."""
        return self._session

    def show_study(self, study: StudyOnShow) -> None:
        """Show the raters of a study that was opened."""
        if self._study is None or self._study.id != study.id:
            self._panel.clear()
        self._study = study
        self._timer.start()
        self._look()

    def leave(self) -> None:
        """Nobody looks any more."""
        self._timer.stop()
        self._study = None
        self._context.reads.run(self._watch.close)

    def close(self) -> None:
        """The project is closing."""
        if self._session is not None:
            self._session.close()
        self.leave()

    def _look(self) -> None:
        study = self._study
        if study is None or self._reading:
            return
        self._reading = True
        project = self._context.project
        self._context.reads.run(
            lambda: self._watch.read(project, study.id), lambda state: self._on_read(study, state), self._on_not_read
        )

    def _on_read(self, study: StudyOnShow, state: StudyProgress) -> None:
        self._reading = False
        if self._study is None:
            return
        if self._study.id != study.id:
            self._look()
        else:
            self._panel.show_run(state, local_now())
            self._take_in(study, state)

    def _on_not_read(self, error: Exception) -> None:
        self._reading = False
        self._panel.show_problem(str(error))

    def _take_in(self, study: StudyOnShow, state: StudyProgress) -> None:
        """Votes given here come in by themselves, and the first of them freezes the design.

        What was tried is not tried again, so that votes which are refused do not come back every ten seconds.
        """
        waiting = state.done != state.collected and state.done != self._tried.get(study.id)
        if state.closed or self._taking or not waiting or not self._take_again.hasExpired():
            return
        self._taking = True
        self._tried[study.id] = state.done
        self._take_again = QDeadlineTimer(TAKE_EVERY_MS)
        project = self._context.project
        self._context.writes.run(lambda: collect_votes(project, study.name), self._on_taken, self._on_not_taken)

    def _on_taken(self, report: CollectReport) -> None:
        self._taking = False
        if report.new:
            self.changed.emit()

    def _on_not_taken(self, error: Exception) -> None:
        self._taking = False
        self.refused.emit(str(error))

    # ---- what people ask for

    def _on_rate(self) -> None:
        if self._session is not None:
            self._session.raise_()
            self._session.activateWindow()
            return
        if (study := self._study) is not None:
            folder = study.package
            self._context.reads.run(
                lambda: RaterPackage.open(folder), self._show_session, lambda error: self.refused.emit(str(error))
            )

    def _show_session(self, package: RaterPackage) -> None:
        self.refused.emit("")
        self._session = SessionWindow(package, self._context.settings)
        self._session.closed.connect(self._on_session_closed)
        self._session.crashed.connect(self._context.reads.crashed)
        self._session.show()
        self._session.activateWindow()

    def _on_session_closed(self) -> None:
        if self._session is not None:
            self._session.deleteLater()
            self._session = None
        self._take_again = QDeadlineTimer()
        self._panel.window().activateWindow()
        self._look()

    def _on_hand_out(self) -> None:
        state = self._panel.state
        if (study := self._study) is not None and state is not None:
            dialog = HandOutDialog(self._work, self._context.project, study.name, state.seats, self._panel.window())
            self._show(dialog)

    def _collect(self, sources: Sequence[Path]) -> None:
        if (study := self._study) is not None:
            dialog = CollectDialog(self._work, self._context.project, study.name, sources, self._panel.window())
            self._show(dialog)

    def _show(self, dialog: WorkDialog) -> None:
        dialog.finished.connect(lambda _result: self.changed.emit())
        dialog.show()
        self.dialog_opened.emit(dialog)

    def _on_free(self) -> None:
        study, seat = self._study, self._panel.marked_seat()
        if study is None or seat is None:
            return
        project = self._context.project

        def free() -> None:
            self._write(lambda: free_seat(project, study.name, seat.seat))

        ConfirmDialog(
            self.tr("Free seat {0}, of {1}?").format(seat.seat + 1, seat.rater or seat.away),
            self.tr(
                "Somebody else can go on there after the {0} of {1} trials that are done. Votes stay, each with the"
                " name of whoever cast it. Do this when nobody will come back to it: votes cast on it elsewhere later"
                " are told as conflicting."
            ).format(seat.done, seat.trials),
            self.tr("Free the seat"),
            free,
            self._panel.window(),
        ).open()

    def _on_close(self) -> None:
        study = self._study
        if study is None:
            return
        project = self._context.project
        missing = max(study.planned - study.votes, 0)
        text = self.tr(
            "The votes in the study's own package are collected first. After that no vote is taken in any more, from"
            " nobody, and a study is never opened again. Seats that were handed out and have not come back are lost to"
            " it."
        )
        if missing:
            text = f"{self.tr('{0:,} of {1:,} votes are not collected.').format(missing, study.planned)} {text}"
        ConfirmDialog(
            self.tr("Close the study “{0}”?").format(study.name),
            text,
            self.tr("Close the study"),
            lambda: self._write(lambda: close_study(project, study.name)),
            self._panel.window(),
        ).open()

    def _write(self, work: Callable[[], object]) -> None:
        self._context.writes.run(work, lambda _done: self._on_written(), lambda error: self.refused.emit(str(error)))

    def _on_written(self) -> None:
        self.refused.emit("")
        self.changed.emit()
        self._look()
