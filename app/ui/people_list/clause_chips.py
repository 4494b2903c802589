"""The clauses of the filter as chips that can be taken away, and what was not understood."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QToolButton, QVBoxLayout, QWidget

from app.services.where import Clause, Where
from app.ui.widgets.flag_notes import FlagNotes
from app.ui.widgets.flow_layout import FlowLayout

_KEYS = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)


class ClauseChips(QWidget):
    """A chip for each clause that filters, and a sentence for each that does not; hidden while there are none.

    Signals:
        removed: :class:`Clause` that is not wanted any more.
    """

    removed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Filters in force"))
        self._chips: list[_Chip] = []
        self._row = QWidget(self)
        self._flow = FlowLayout(5, self._row)
        self.problems = FlagNotes(self)
        self.problems.setAccessibleName(self.tr("What was not understood"))
        self.problems.setObjectName("filterProblems")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(5)
        layout.addWidget(self._row)
        layout.addWidget(self.problems)
        self.show_where(Where(()))

    @property
    def chips(self) -> list[QToolButton]:
        """The chips, in the order of the text."""
        return list(self._chips)

    def show_where(self, where: Where) -> None:
        """Show the clauses of a text."""
        understood = [clause for clause in where.clauses if clause.condition is not None]
        # A chip that stays the same keeps the keyboard focus.
        while len(self._chips) > len(understood):
            self._chips.pop().deleteLater()
        for place, clause in enumerate(understood):
            if place == len(self._chips):
                chip = _Chip(self._row)
                chip.unwanted.connect(self._remove)
                self._flow.addWidget(chip)
                self._chips.append(chip)
            self._chips[place].show_clause(clause)
        sentences = where.problems
        if sentences and understood:
            sentences = (*sentences, self.tr("The rest of the filter applies."))
        self.problems.set_flags(sentences)
        self._row.setVisible(bool(understood))
        self.setVisible(bool(understood or sentences))
        self._flow.invalidate()

    def _remove(self, chip: _Chip) -> None:
        place = self._chips.index(chip)
        self.removed.emit(chip.clause)
        if self._chips:
            self._chips[min(place, len(self._chips) - 1)].setFocus(Qt.FocusReason.OtherFocusReason)


class _Chip(QToolButton):
    """One clause."""

    unwanted = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.clause: Clause | None = None
        self.setProperty("chip", True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.clicked.connect(lambda: self.unwanted.emit(self))

    def show_clause(self, clause: Clause) -> None:
        """Be the chip of this clause."""
        self.clause = clause
        short = clause.source if len(clause.source) <= 34 else clause.source[:33] + "…"
        self.setText(f"{short}  ✕")
        self.setToolTip(self.tr("Take '{0}' out of the filter").format(clause.source))
        self.setAccessibleName(self.toolTip())

    def event(self, event: QEvent) -> bool:
        """Its keys are the chip's while it has the focus: Enter would decide about the person, Del clear a joint."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.key() in _KEYS:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt's name)
        """Del and Enter take it away, as Space and a click do."""
        if event.key() in _KEYS and event.key() != Qt.Key.Key_Space:
            self.unwanted.emit(self)
        else:
            super().keyPressEvent(event)
