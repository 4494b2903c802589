"""What the window shows without a project: where to begin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.ui.widgets.centred_card import centre_card

_CARD_WIDTH = 660
_MARGIN = 36


class WelcomePage(QWidget):
    """One paragraph, four ways to begin, the projects opened lately; files and folders can be dropped.

    Signals:
        open_wanted: The open button.
        import_wanted: The import button.
        demo_wanted: The demo button.
        tour_wanted: The tour button.
        demo_cancelled: The cancel button beside the demo's progress.
        project_chosen: ``Path``, one of the recent projects.
        project_forgotten: ``Path``, to be taken off the list.
    """

    open_wanted = Signal()
    import_wanted = Signal()
    demo_wanted = Signal()
    tour_wanted = Signal()
    demo_cancelled = Signal()
    project_chosen = Signal(object)
    project_forgotten = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        card = QFrame(self)
        card.setObjectName("welcomeCard")
        card.setMaximumWidth(_CARD_WIDTH)
        card.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self._card = card
        self.open_button = QPushButton(self.tr("Open project…"), card)
        self.import_button = QPushButton(self.tr("Import…"), card)
        self.demo_button = QPushButton(self.tr("Make the demo project"), card)
        self.tour_button = QPushButton(self.tr("Take the tour"), card)
        self._stage = QLabel(card)
        self._bar = QProgressBar(card)
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(self.tr("Progress of the demo"))
        self._cancel = QPushButton(self.tr("Cancel"), card)
        self._recent_title = QLabel(self.tr("Recent projects"), card)
        self._recent = QVBoxLayout()
        self._notes: dict[Path, QLabel] = {}
        self._forgets: dict[Path, QToolButton] = {}
        self._lay_out(card)
        self.open_button.clicked.connect(self.open_wanted)
        self.import_button.clicked.connect(self.import_wanted)
        self.demo_button.clicked.connect(self.demo_wanted)
        self.tour_button.clicked.connect(self.tour_wanted)
        self._cancel.clicked.connect(self._on_cancelled)
        self.set_newcomer(False)
        self.show_progress(None)
        self.set_recent(())

    def set_newcomer(self, newcomer: bool) -> None:
        """Point out the tour to somebody who has not taken it, opening to everybody else."""
        for button, primary in ((self.tour_button, newcomer), (self.open_button, not newcomer)):
            button.setProperty("primary", primary)
            button.style().unpolish(button)
            button.style().polish(button)

    def set_dropping(self, dropping: bool) -> None:
        """Show that something can be dropped here."""
        self._card.setProperty("dropping", dropping)
        self._card.style().unpolish(self._card)
        self._card.style().polish(self._card)

    def set_recent(self, folders: Sequence[Path]) -> None:
        """List projects, the latest first."""
        while (item := self._recent.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self._notes.clear()
        self._forgets.clear()
        self._recent_title.setVisible(bool(folders))
        for folder in folders:
            self._recent.addWidget(self._build_recent(folder))

    def mark_missing(self, missing: Mapping[Path, str]) -> None:
        """Say of projects what is wrong with them; they can still be tried, or forgotten."""
        for folder, reason in missing.items():
            note = self._notes.get(folder)
            if note is not None:
                metrics = note.fontMetrics()
                said = f"{reason} · {folder.parent}"
                note.setText(metrics.elidedText(said, Qt.TextElideMode.ElideMiddle, _CARD_WIDTH // 2))
                self._forgets[folder].setText(self.tr("Forget"))

    def notes(self) -> dict[Path, str]:
        """What stands beside each recent project."""
        return {folder: label.text() for folder, label in self._notes.items()}

    def show_progress(self, stage: str | None, done: int = 0, total: int = 0) -> None:
        """Show how far the demo is; None when none is made."""
        working = stage is not None
        for widget in (self._stage, self._bar, self._cancel):
            widget.setVisible(working)
        for button in (self.demo_button, self.open_button, self.import_button, self.tour_button):
            button.setEnabled(not working)
        if stage is not None:
            self._cancel.setEnabled(True)
            self._stage.setText(f"{stage}: {done} of {total}" if total else f"{stage}…")
            self._bar.setRange(0, total)
            self._bar.setValue(done)

    def _on_cancelled(self) -> None:
        self._cancel.setEnabled(False)
        self._stage.setText(self.tr("Stopping after this one…"))
        self.demo_cancelled.emit()

    def _lay_out(self, card: QFrame) -> None:
        title = QLabel(self.tr("Exemplar"), card)
        title.setObjectName("welcomeTitle")
        font = title.font()
        font.setPointSizeF(font.pointSizeF() * 2.1)
        title.setFont(font)
        text = QLabel(
            self.tr(
                "Photographs with 2D keypoints become 3D body annotations you can trust. Look at each person from the "
                "front and from the side, correct a joint, fit again, then accept or reject. Every step is saved at "
                "once and can be undone."
            ),
            card,
        )
        text.setWordWrap(True)
        progress = QHBoxLayout()
        progress.setSpacing(12)
        progress.addWidget(self._bar, 1)
        progress.addWidget(self._cancel)
        heading = self._recent_title.font()
        heading.setBold(True)
        self._recent_title.setFont(heading)
        self._recent.setSpacing(2)
        inside = QVBoxLayout(card)
        inside.setContentsMargins(_MARGIN, _MARGIN - 6, _MARGIN, _MARGIN - 6)
        inside.setSpacing(12)
        for label in (title, text):
            inside.addWidget(label)
        inside.addSpacing(4)
        inside.addLayout(self._build_ways(card))
        inside.addWidget(self._stage)
        inside.addLayout(progress)
        inside.addSpacing(4)
        inside.addWidget(self._recent_title)
        inside.addLayout(self._recent)
        centre_card(self, card)

    def _build_ways(self, card: QFrame) -> QGridLayout:
        """The buttons, each with what it is for."""
        ways = (
            (self.open_button, self.tr("A project folder; or drop it here.")),
            (self.import_button, self.tr("People or fits in any known format, COCO for one; or drop the file here.")),
            (self.demo_button, self.tr("24 synthetic photographs, made and fitted in a minute or two.")),
            (self.tour_button, self.tr("Seven steps on the demo, to the first accepted person.")),
        )
        grid = QGridLayout()
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        for line, (button, words) in enumerate(ways):
            label = QLabel(words, card)
            label.setWordWrap(True)
            label.setProperty("quiet", True)
            button.setAccessibleDescription(words)
            grid.addWidget(button, line, 0)
            grid.addWidget(label, line, 1)
        return grid

    def _build_recent(self, folder: Path) -> QWidget:
        row = QWidget(self)
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        button = QToolButton(row)
        button.setObjectName("recentProject")
        button.setText(folder.name or str(folder))
        button.setToolTip(str(folder))
        button.setAccessibleName(self.tr("Open {0}").format(folder))
        button.clicked.connect(lambda: self.project_chosen.emit(folder))
        place = QLabel(row)
        place.setProperty("quiet", True)
        place.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        metrics = place.fontMetrics()
        place.setText(metrics.elidedText(str(folder.parent), Qt.TextElideMode.ElideMiddle, _CARD_WIDTH // 2))
        self._notes[folder] = place
        forget = QToolButton(row)
        self._forgets[folder] = forget
        forget.setText("×")
        forget.setProperty("flat", True)
        forget.setToolTip(self.tr("Take off this list; the project stays where it is"))
        forget.setAccessibleName(self.tr("Take {0} off the list").format(folder.name))
        forget.clicked.connect(lambda: self.project_forgotten.emit(folder))
        layout.addWidget(button)
        layout.addWidget(place, 1)
        layout.addWidget(forget)
        return row
