"""The form of a design: what is compared, on whom, by whom, as what; frozen from the first vote on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from PySide6.QtCore import QEvent, QSignalBlocker, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.study.design import StudyDesign
from app.ui.study.compared_section import ComparedSection
from app.ui.study.fault_places import place_faults
from app.ui.study.form_parts import FieldNotes, QuietBox
from app.ui.study.power_panel import PowerPanel
from app.ui.study.raters_section import RatersSection
from app.ui.study.reported_section import ReportedSection
from app.ui.study.shown_section import ShownSection
from app.ui.study.whom_section import WhomSection

_WIDE_EMS: Final = 88
"""From so many widths of an "m" on, what the design comes to stands beside the fields."""
_FORM_EMS: Final = 64
_PANEL_EMS: Final = 30


class DesignForm(QWidget):
    """Shows a design and says what people make of it.

    Attributes:
        compared: Name, methods, primary pair, question.
        whom: Filter, number, seed.
        raters: Raters and their catch trials.
        shown: Views and times.
        reported: Intervals and subgroups.
        power: What the design comes to.
        notice: Why the form is as it is: frozen, or what saving would do.
        save: Stores the design.
        discard: Takes the edits back.
        go_on: Opens the study.
        copy: Copies the design into a new study.

    Signals:
        edited: People have changed a field.
        preset_wanted: ``str``, the name of a preset.
    """

    edited = Signal()
    preset_wanted = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("designForm")
        self._design: StudyDesign | None = None
        self._is_frozen = False
        self._is_wide: bool | None = None
        self.notice = QLabel(self)
        self.notice.setWordWrap(True)
        self.copy = QPushButton(self.tr("Copy into a new study…"), self)
        self.preset = QuietBox(self)
        self.preset.setAccessibleName(self.tr("Start from a preset"))
        self.compared = ComparedSection(self)
        self.whom = WhomSection(self)
        self.raters = RatersSection(self)
        self.shown = ShownSection(self)
        self.reported = ReportedSection(self)
        self._sections = (self.compared, self.whom, self.raters, self.shown, self.reported)
        self.power = PowerPanel(self)
        self.state = QLabel(self)
        self.state.setWordWrap(True)
        self.discard = QPushButton(self.tr("Discard changes"), self)
        self.save = QPushButton(self.tr("Save design"), self)
        self.go_on = QPushButton(self.tr("Open study…"), self)
        for button in (self.discard, self.save, self.go_on):
            button.setEnabled(False)
        self.notes = {name: notes for section in self._sections for name, notes in section.notes.items()}
        self._lay_out()
        for section in self._sections:
            section.edited.connect(self.edited)
        self.preset.activated.connect(self._on_preset)

    @property
    def is_frozen(self) -> bool:
        """Whether the design can only be read."""
        return self._is_frozen

    def design(self) -> StudyDesign:
        """The design as the fields say.

        Raises:
            RuntimeError: None was shown, a mistake in the program.
        """
        if self._design is None:
            raise RuntimeError("the form was read before a design was shown in it")
        design = self._design
        for section in self._sections:
            design = section.apply(design)
        return design

    def set_presets(self, presets: Sequence[tuple[str, str]]) -> None:
        """Name and title of every preset."""
        with QSignalBlocker(self.preset):
            self.preset.clear()
            self.preset.addItem(self.tr("Start from a preset…"), "")
            for name, title in presets:
                self.preset.addItem(title, name)

    def set_methods(self, counts: Mapping[str, int]) -> None:
        """Say which methods have fits, of how many people."""
        self.compared.set_methods(counts)

    def show_design(self, design: StudyDesign, *, frozen: bool, notice: str) -> None:
        """Show a design.

        Args:
            design: The design.
            frozen: It can only be read.
            notice: Why, or what saving would do; a sentence.
        """
        self._design = design
        self._is_frozen = frozen
        for section in self._sections:
            section.show_design(design)
            section.setEnabled(not frozen)
        self.notice.setText(notice)
        self._notice_frame.setVisible(bool(notice))
        self.copy.setVisible(frozen)
        self.preset.setVisible(not frozen)
        self._preset_label.setVisible(not frozen)
        self._bottom.setVisible(not frozen)
        self.show_faults(())

    def show_faults(self, faults: Sequence[str], warnings: Sequence[str] = ()) -> None:
        """Say what is wrong or unwise, beside the field that causes it; what belongs to no field stands elsewhere."""
        by_field, others = place_faults(faults)
        for name, notes in self.notes.items():
            notes.show_fault(by_field.get(name, ""))
        self._others.setText("\n".join(others))
        self._others.setVisible(bool(others))
        by_field, others = place_faults(warnings)
        for name, notes in self.notes.items():
            notes.show_warning(by_field.get(name, ""))
        self.power.show_warnings(others)

    def note(self, field: str) -> FieldNotes:
        """What is said below a field."""
        return self.notes[field]

    def show_state(self, sentence: str, *, can_save: bool, can_discard: bool, can_open: bool) -> None:
        """Say whether the design is saved, and what can be done with it."""
        self.state.setText(sentence)
        self.save.setEnabled(can_save)
        self.discard.setEnabled(can_discard)
        self.go_on.setEnabled(can_open)
        for button, primary in ((self.save, can_save), (self.go_on, not can_save)):
            if button.property("primary") != primary:
                button.setProperty("primary", primary)
                button.style().unpolish(button)
                button.style().polish(button)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 -- Qt's name
        """What the design comes to stands beside the fields where there is room, else below them."""
        super().resizeEvent(event)
        self._arrange()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 -- Qt's name
        """Follow the size of the font."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._align_titles()
            self._arrange()

    def _lay_out(self) -> None:
        inside = QWidget(self)
        inside.setObjectName("studyInside")
        self._others = QLabel(inside)
        self._others.setProperty("fault", True)
        self._others.setWordWrap(True)
        fields = QVBoxLayout()
        fields.setSpacing(18)
        fields.addLayout(self._build_top())
        for section in self._sections:
            fields.addWidget(section)
        fields.addWidget(self._others)
        fields.addStretch(1)
        side = QVBoxLayout()
        side.addWidget(self.power)
        side.addStretch(1)
        self._parts = QBoxLayout(QBoxLayout.Direction.LeftToRight, inside)
        self._parts.setContentsMargins(20, 12, 20, 20)
        self._parts.setSpacing(24)
        self._parts.addLayout(fields, 1)
        self._parts.addLayout(side)
        self._scroll = QScrollArea(self)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setWidgetResizable(True)
        self._scroll.setWidget(inside)
        self._scroll.setAccessibleName(self.tr("Design of the study"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._scroll, 1)
        layout.addWidget(self._build_bottom())
        self._align_titles()
        self._arrange()

    def _build_top(self) -> QVBoxLayout:
        self._notice_frame = QFrame(self)
        self._notice_frame.setProperty("card", True)
        notice = QHBoxLayout(self._notice_frame)
        notice.setContentsMargins(14, 10, 14, 10)
        notice.addWidget(self.notice, 1)
        notice.addWidget(self.copy)
        self._preset_label = QLabel(self.tr("sets raters, trials and views; name, methods and people stay"), self)
        self._preset_label.setProperty("quiet", True)
        self._preset_label.setWordWrap(True)
        presets = QHBoxLayout()
        presets.setSpacing(12)
        presets.addWidget(self.preset)
        presets.addWidget(self._preset_label, 1)
        top = QVBoxLayout()
        top.setSpacing(10)
        top.addWidget(self._notice_frame)
        top.addLayout(presets)
        return top

    def _build_bottom(self) -> QWidget:
        self._bottom = QFrame(self)
        self._bottom.setObjectName("studyBottom")
        row = QHBoxLayout(self._bottom)
        row.setContentsMargins(20, 10, 20, 10)
        row.setSpacing(8)
        row.addWidget(self.state, 1)
        for button in (self.discard, self.save, self.go_on):
            row.addWidget(button)
        return self._bottom

    def _align_titles(self) -> None:
        width = max(section.title_width() for section in self._sections)
        for section in self._sections:
            section.set_title_width(width)

    def _arrange(self) -> None:
        em = self.fontMetrics().horizontalAdvance("m")
        wide = self.width() >= _WIDE_EMS * em
        self.power.setMaximumWidth(_PANEL_EMS * em if wide else 2**24 - 1)
        self.power.setMinimumWidth(_PANEL_EMS * em if wide else 0)
        if wide != self._is_wide:
            self._is_wide = wide
            direction = QBoxLayout.Direction
            self._parts.setDirection(direction.LeftToRight if wide else direction.TopToBottom)

    def _on_preset(self, place: int) -> None:
        name = self.preset.itemData(place)
        with QSignalBlocker(self.preset):
            self.preset.setCurrentIndex(0)
        if name:
            self.preset_wanted.emit(name)
