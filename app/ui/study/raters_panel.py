"""Raters at work: how far each is, who is there, and what can be done for them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QDragEnterEvent, QDragLeaveEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from app.services.study.handing_out import RaterProgress, StudyProgress
from app.ui.widgets.bar_table import BarRow, BarTable
from app.ui.widgets.flow_layout import FlowLayout
from app.ui.widgets.stat_tile import StatTile

_MARGIN: Final = 20
_DASH: Final = "–"
_MOST_ROWS: Final = 40


class RatersPanel(QWidget):
    """Shows seats and offers what raters need.

    Attributes:
        rate: Opens the rater's window here.
        hand_out: Gives seats away in packages of their own.
        collect: Fetches votes.
        free: Frees the marked seat.
        close_study: Ends the study.
        table: A row for each seat.

    Signals:
        dropped: ``list[Path]``, packages or files with votes.
    """

    dropped = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._state: StudyProgress | None = None
        tr = self.tr
        self.rate = QPushButton(tr("Rate here"), self)
        self.rate.setProperty("primary", True)
        self.hand_out = QPushButton(tr("Hand out seats…"), self)
        self.collect = QPushButton(tr("Collect votes…"), self)
        self.free = QPushButton(tr("Free this seat…"), self)
        self.close_study = QPushButton(tr("Close study…"), self)
        self.copy_path = QPushButton(tr("Copy path"), self)
        self.show_folder = QPushButton(tr("Show folder"), self)
        self.votes = StatTile(tr("Votes collected"), self)
        self.seated = StatTile(tr("Raters"), self)
        self.finished = StatTile(tr("Finished"), self)
        self.away = StatTile(tr("Handed out"), self)
        self._path = QLabel(self)
        self._path.setWordWrap(True)
        self._path.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._problem = QLabel(self)
        self._problem.setProperty("fault", True)
        self._problem.setWordWrap(True)
        self.table = BarTable(
            tr("Seats"),
            (tr("Rater"), tr("Progress"), tr("Done"), tr("Where"), tr("Last vote")),
            1,
            self,
            _MOST_ROWS,
        )
        self.table.currentCellChanged.connect(lambda *_cells: self._enable())
        self.setAcceptDrops(True)
        self._lay_out()
        self.copy_path.clicked.connect(self._on_copy)
        self.show_folder.clicked.connect(self._on_show)

    @property
    def state(self) -> StudyProgress | None:
        """What is shown."""
        return self._state

    @property
    def problem(self) -> str:
        """Why the raters' progress is not known."""
        return self._problem.text()

    def marked_seat(self) -> RaterProgress | None:
        """The seat whose row is marked."""
        row = self.table.currentRow()
        return self._state.seats[row] if self._state is not None and 0 <= row < len(self._state.seats) else None

    def show_run(self, state: StudyProgress, now: datetime) -> None:
        """Show how far a study is.

        Args:
            state: How far.
            now: When that was read, in the reader's time zone.
        """
        self._state = state
        tr = self.tr
        share = 100 * state.collected / state.trials if state.trials else 0
        self.votes.show_value(f"{state.collected:,}", tr("of {0:,}, {1:.0f} %").format(state.trials, share))
        there = [seat for seat in state.seats if seat.rater is not None]
        present = sum(seat.present for seat in state.seats)
        self.seated.show_value(str(len(there)), tr("of {0} seats, {1} rating now").format(len(state.seats), present))
        done = sum(seat.done >= seat.trials for seat in state.seats)
        self.finished.show_value(str(done), tr("of {0} seats").format(len(state.seats)))
        away = sum(seat.away is not None for seat in state.seats)
        self.away.show_value(str(away), tr("seats in packages of their own"))
        self._path.setText(str(state.package))
        self.show_problem("")
        self.table.show_rows([self._build_row(seat, now) for seat in state.seats])
        self._enable()

    def show_problem(self, sentence: str) -> None:
        """Say why the raters' progress is not known; an empty sentence takes no room."""
        self._problem.setText(sentence)
        self._problem.setVisible(bool(sentence))

    def clear(self) -> None:
        """Nothing is known of the study yet."""
        self._state = None
        for tile in (self.votes, self.seated, self.finished, self.away):
            tile.show_value(_DASH, "")
        self._path.setText("")
        self.show_problem("")
        self.table.show_rows(())
        self._enable()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802 -- Qt's name
        """Packages and files with votes may be dropped."""
        if self._state is not None and not self._state.closed and _find_paths(event):
            event.acceptProposedAction()
            self._set_dropping(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:  # noqa: N802 -- Qt's name
        """Not here after all."""
        self._set_dropping(False)
        super().dragLeaveEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802 -- Qt's name
        """Collect what was dropped."""
        self._set_dropping(False)
        if paths := _find_paths(event):
            event.acceptProposedAction()
            self.dropped.emit(paths)

    def _lay_out(self) -> None:
        tr = self.tr
        inside = QWidget(self)
        inside.setObjectName("studyInside")
        tiles = QGridLayout()
        tiles.setSpacing(10)
        for number, tile in enumerate((self.votes, self.seated, self.finished, self.away)):
            tiles.addWidget(tile, 0, number)
            tiles.setColumnStretch(number, 1)
        buttons = FlowLayout(spacing=8)
        for button in (self.rate, self.hand_out, self.collect, self.free, self.close_study):
            buttons.addWidget(button)
        self._card = QFrame(inside)
        self._card.setProperty("card", True)
        card = QGridLayout(self._card)
        card.setContentsMargins(14, 10, 14, 10)
        title = QLabel(tr("Rater package"), self._card)
        title.setProperty("quiet", True)
        hint = QLabel(
            tr(
                "Raters who reach this folder open it with “main.py study rate”; it holds no method, no person and no"
                " dataset. Votes that came back as files or folders can be dropped here."
            ),
            self._card,
        )
        hint.setProperty("quiet", True)
        hint.setWordWrap(True)
        ends = QHBoxLayout()
        ends.addWidget(self.copy_path)
        ends.addWidget(self.show_folder)
        card.addWidget(title, 0, 0)
        card.addWidget(self._path, 1, 0)
        card.addLayout(ends, 0, 1, 2, 1, Qt.AlignmentFlag.AlignVCenter)
        card.addWidget(hint, 2, 0, 1, 2)
        card.setColumnStretch(0, 1)
        layout = QVBoxLayout(inside)
        layout.setContentsMargins(_MARGIN, 14, _MARGIN, _MARGIN)
        layout.setSpacing(14)
        layout.addLayout(buttons)
        layout.addWidget(self._problem)
        layout.addLayout(tiles)
        layout.addWidget(self._card)
        layout.addWidget(self.table)
        layout.addStretch(1)
        scroll = QScrollArea(self)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidgetResizable(True)
        scroll.setWidget(inside)
        scroll.setAccessibleName(tr("Raters"))
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scroll)
        self._problem.hide()

    def _build_row(self, seat: RaterProgress, now: datetime) -> BarRow:
        share = seat.done / seat.trials if seat.trials else 0.0
        return BarRow(
            (
                f"{seat.seat + 1:>3}   {seat.rater or self.tr('free')}",
                f"{100 * share:.0f} %",
                f"{seat.done:,} / {seat.trials:,}",
                self._describe_place(seat),
                _DASH if seat.last_vote_at is None else describe_moment(seat.last_vote_at.astimezone(now.tzinfo), now),
            ),
            ((share, None),),
        )

    def _describe_place(self, seat: RaterProgress) -> str:
        if seat.away is not None:
            return self.tr("away: {0}").format(seat.away)
        if seat.present:
            return self.tr("rating now")
        if seat.trials and seat.done >= seat.trials:
            return self.tr("finished")
        return self.tr("paused") if seat.rater is not None else _DASH

    def _enable(self) -> None:
        state = self._state
        is_open = state is not None and not state.closed
        for button in (self.rate, self.hand_out, self.collect, self.close_study):
            button.setEnabled(is_open)
        marked = self.marked_seat()
        held = marked is not None and (marked.rater is not None or marked.away is not None) and not marked.present
        self.free.setEnabled(is_open and held)

    def _set_dropping(self, dropping: bool) -> None:
        self._card.setProperty("marked", dropping)
        self._card.style().unpolish(self._card)
        self._card.style().polish(self._card)

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self._path.text())

    def _on_show(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(self._path.text()))


def describe_moment(moment: datetime, now: datetime) -> str:
    """A moment as people say it: minutes ago, the time today, else the day."""
    seconds = (now - moment).total_seconds()
    if seconds < 60:
        return "just now"
    if seconds < 3600:
        return f"{seconds / 60:.0f} min ago"
    if moment.date() == now.date():
        return f"{moment:%H:%M}"
    return f"{moment:%Y-%m-%d %H:%M}"


def _find_paths(event: QDropEvent) -> list[Path]:
    return [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
