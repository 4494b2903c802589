"""Who judges, how often, and what shows that they look: raters, practice, catch and repeat trials."""

from __future__ import annotations

from typing import Final

import msgspec
from PySide6.QtWidgets import QCheckBox, QLabel, QWidget

from app.study.design import StudyDesign
from app.ui.study.design_section import DesignSection
from app.ui.study.form_parts import DecimalField, WholeField

_MOST: Final = 1000


class RatersSection(DesignSection):
    """Fields of the raters of a study and of the trials that watch over them."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        tr = self.tr
        self.set_heading(tr("Raters"))
        self.raters = WholeField(1, _MOST, self)
        self.per_item = WholeField(1, _MOST, self)
        self.practice = WholeField(0, 200, self)
        self.catches = WholeField(0, 200, self)
        self.pass_at = WholeField(0, 200, self)
        self.pass_at.setAccessibleName(tr("Right answers a rater needs"))
        self.repeats = DecimalField(0, 100, 0, self, " %")
        self.undecided = QCheckBox(tr("“Cannot decide” is an answer"), self)
        words = QLabel(tr("trials, of which"), self)
        words.setProperty("quiet", True)
        self.notes["raters"] = self.add_row(tr("Raters"), self.raters, unit=tr("seats, each with trials of its own"))
        self.notes["raters_per_item"] = self.add_row(
            tr("Each comparison"), self.per_item, unit=tr("raters; odd, so that there is a majority")
        )
        self.notes["practice"] = self.add_row(
            tr("Practice"), self.practice, unit=tr("trials with feedback first, never analysed")
        )
        self.notes["catches"] = self.add_row(
            tr("Catch trials"), self.catches, words, self.pass_at, unit=tr("must be right, or the rater is left out")
        )
        self.notes["repeat_share"] = self.add_row(
            tr("Repeats"), self.repeats, unit=tr("of a rater's trials come again with sides exchanged")
        )
        self.notes["cannot_decide"] = self.add_row(tr("Answers"), self.undecided)
        for field in (self.raters, self.per_item, self.practice, self.catches, self.pass_at, self.repeats):
            field.valueChanged.connect(self.tell)
        self.undecided.toggled.connect(self.tell)

    def fill(self, design: StudyDesign) -> None:
        """Show the part of a design."""
        self.raters.setValue(design.raters)
        self.per_item.setValue(design.raters_per_item)
        self.practice.setValue(design.practice)
        self.catches.setValue(design.catches.count)
        self.pass_at.setValue(design.catches.pass_at_least)
        self.repeats.show_number(100 * design.repeat_share)
        self.undecided.setChecked(design.cannot_decide)

    def apply(self, design: StudyDesign) -> StudyDesign:
        """The design with what the fields say."""
        catches = msgspec.structs.replace(
            design.catches, count=self.catches.value(), pass_at_least=self.pass_at.value()
        )
        percent = self.repeats.number()
        return msgspec.structs.replace(
            design,
            raters=self.raters.value(),
            raters_per_item=self.per_item.value(),
            practice=self.practice.value(),
            catches=catches,
            repeat_share=design.repeat_share if percent == 100 * design.repeat_share else percent / 100,
            cannot_decide=self.undecided.isChecked(),
        )
