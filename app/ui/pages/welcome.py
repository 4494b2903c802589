"""What the window shows without a project: where to begin."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

_CARD_WIDTH = 620
_MARGIN = 36


class WelcomePage(QWidget):
    """One paragraph, two buttons, the projects opened lately.

    Signals:
        open_wanted: The open button.
        demo_wanted: The demo button.
        demo_cancelled: The cancel button beside the demo's progress.
        project_chosen: ``Path``, one of the recent projects.
        project_forgotten: ``Path``, to be taken off the list.
    """

    open_wanted = Signal()
    demo_wanted = Signal()
    demo_cancelled = Signal()
    project_chosen = Signal(object)
    project_forgotten = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        card = QFrame(self)
        card.setObjectName("welcomeCard")
        card.setFixedWidth(_CARD_WIDTH)
        self.open_button = QPushButton(self.tr("Open project…"), card)
        self.demo_button = QPushButton(self.tr("Make the demo project"), card)
        self._stage = QLabel(card)
        self._bar = QProgressBar(card)
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(self.tr("Progress of the demo"))
        self._cancel = QPushButton(self.tr("Cancel"), card)
        self._recent_title = QLabel(self.tr("Recent projects"), card)
        self._recent = QVBoxLayout()
        self._lay_out(card)
        self.open_button.setProperty("primary", True)
        self.open_button.clicked.connect(self.open_wanted)
        self.demo_button.clicked.connect(self.demo_wanted)
        self._cancel.clicked.connect(self._on_cancelled)
        self.show_progress(None)
        self.set_recent(())

    def set_recent(self, folders: Sequence[Path]) -> None:
        """List projects, the latest first."""
        while (item := self._recent.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self._recent_title.setVisible(bool(folders))
        for folder in folders:
            self._recent.addWidget(self._build_recent(folder))

    def show_progress(self, stage: str | None, done: int = 0, total: int = 0) -> None:
        """Show how far the demo is; None when none is made."""
        working = stage is not None
        for widget in (self._stage, self._bar, self._cancel):
            widget.setVisible(working)
        self.demo_button.setEnabled(not working)
        self.open_button.setEnabled(not working)
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
        note = QLabel(
            self.tr("The demo makes 24 synthetic photographs and fits them; it needs no files and no licence."),
            card,
        )
        note.setWordWrap(True)
        note.setProperty("quiet", True)
        buttons = QHBoxLayout()
        buttons.setSpacing(10)
        buttons.addWidget(self.open_button)
        buttons.addWidget(self.demo_button)
        buttons.addStretch(1)
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
        inside.addSpacing(6)
        inside.addLayout(buttons)
        inside.addWidget(note)
        inside.addWidget(self._stage)
        inside.addLayout(progress)
        inside.addSpacing(4)
        inside.addWidget(self._recent_title)
        inside.addLayout(self._recent)
        # Nested boxes rather than an alignment: an aligned widget is not asked how high it is at its width.
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(card)
        row.addStretch(1)
        outside = QVBoxLayout(self)
        outside.addStretch(2)
        outside.addLayout(row)
        outside.addStretch(3)

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
        forget = QToolButton(row)
        forget.setText("×")
        forget.setProperty("flat", True)
        forget.setToolTip(self.tr("Take off this list; the project stays where it is"))
        forget.setAccessibleName(self.tr("Take {0} off the list").format(folder.name))
        forget.clicked.connect(lambda: self.project_forgotten.emit(folder))
        layout.addWidget(button)
        layout.addWidget(place, 1)
        layout.addWidget(forget)
        return row
