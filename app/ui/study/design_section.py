"""What the sections of the design form have in common."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.study.design import StudyDesign
from app.ui.study.form_parts import FieldNotes, FormSection


class DesignSection(FormSection):
    """Part of a design.

    Whoever derives from it writes :meth:`fill` and :meth:`apply`, names the notes of its fields in :attr:`notes`, and
    calls :meth:`tell` when people have edited something.

    Attributes:
        notes: By field of the design, ``people.count`` for one of a rule.

    Signals:
        edited: People have changed a field.
    """

    edited = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.notes: dict[str, FieldNotes] = {}
        self._is_filling = False

    def fill(self, design: StudyDesign) -> None:
        """Show the part of a design."""
        raise NotImplementedError

    def apply(self, design: StudyDesign) -> StudyDesign:
        """The design with what the fields say."""
        raise NotImplementedError

    def show_design(self, design: StudyDesign) -> None:
        """Show the part of a design without saying that it was edited."""
        with self.quiet():
            self.fill(design)

    def tell(self, *_ignored: object) -> None:
        """Say that people have edited something."""
        if not self._is_filling:
            self.edited.emit()

    @contextmanager
    def quiet(self) -> Iterator[None]:
        """Nothing that happens here was done by people."""
        before, self._is_filling = self._is_filling, True
        try:
            yield
        finally:
            self._is_filling = before
