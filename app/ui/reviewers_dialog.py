"""How many people review a person: what it means, and what a change does to those who are decided already."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QLabel, QPushButton, QRadioButton, QVBoxLayout, QWidget

from app.ui.titled_dialog import build_ends


class ReviewersDialog(QDialog):
    """One reviewer or two; Cancel is the default.

    Signals:
        chosen: ``int``, another number than before.
    """

    chosen = Signal(int)

    def __init__(self, current: int, decided: int, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Review by two people"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(True)
        self._current = current
        self._decided = decided
        self.one = QRadioButton(self.tr("One person decides"), self)
        self.two = QRadioButton(self.tr("Two people decide, without knowing of each other"), self)
        (self.two if current == 2 else self.one).setChecked(True)
        self._effect = QLabel(self)
        self._effect.setWordWrap(True)
        self._effect.setProperty("quiet", True)
        self._effect.setAlignment(Qt.AlignmentFlag.AlignTop)
        # The choice changes the sentence, not the size of the dialog.
        self._effect.setMinimumHeight(3 * self._effect.fontMetrics().lineSpacing() + 4)
        self.take = QPushButton(self.tr("Change"), self)
        self.take.setAutoDefault(False)
        self.take.setProperty("primary", True)
        self.take.clicked.connect(self._finish)
        cancel = QPushButton(self.tr("Cancel"), self)
        cancel.setDefault(True)
        cancel.clicked.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 16, 18, 16)
        layout.setSpacing(8)
        layout.addWidget(QLabel(self.tr("How many people must decide the same about a fit before it counts?"), self))
        for choice in (self.one, self.two):
            layout.addWidget(choice)
            choice.toggled.connect(lambda _on: self._explain())
        layout.addSpacing(4)
        layout.addWidget(self._effect)
        layout.addSpacing(6)
        layout.addLayout(build_ends(cancel, self.take))
        self.setMinimumWidth(480)
        self._explain()

    @property
    def effect(self) -> str:
        """What the choice would do."""
        return self._effect.text()

    def _wanted(self) -> int:
        return 2 if self.two.isChecked() else 1

    def _explain(self) -> None:
        wanted = self._wanted()
        self.take.setEnabled(wanted != self._current)
        if wanted == self._current:
            text = self.tr("This is how the project is reviewed now.")
        elif wanted == 2:
            text = self.tr(
                "{0:,} decided people are looked at anew: whoever has one reviewer only waits for a second, whoever has"
                " two who differ is disputed. No decision is lost."
            ).format(self._decided)
        else:
            text = self.tr("The newest decision about each person counts, also where reviewers disagree.")
        self._effect.setText(text)

    def _finish(self) -> None:
        wanted = self._wanted()
        self.accept()
        self.chosen.emit(wanted)
