"""What the report tells besides the main result, decided before anybody votes."""

from __future__ import annotations

from typing import Final, Literal

import msgspec
from PySide6.QtWidgets import QCheckBox, QWidget

from app.study.design import StudyDesign
from app.ui.study.design_section import DesignSection
from app.ui.study.form_parts import QuietBox

_LEVELS: Final = (0.90, 0.95, 0.99)
_Subgroup = Literal["dataset", "difficulty"]


class ReportedSection(DesignSection):
    """Fields of the report."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        tr = self.tr
        self.set_heading(tr("What is reported"))
        self.confidence = QuietBox(self)
        self.by_dataset = QCheckBox(tr("for each dataset"), self)
        self.by_difficulty = QCheckBox(tr("for each band of difficulty"), self)
        self.notes["confidence"] = self.add_row(tr("Intervals"), self.confidence, unit=tr("confidence"))
        self.notes["subgroups"] = self.add_row(tr("Also"), self.by_dataset, self.by_difficulty)
        self.confidence.currentIndexChanged.connect(self.tell)
        for box in (self.by_dataset, self.by_difficulty):
            box.toggled.connect(self.tell)

    def fill(self, design: StudyDesign) -> None:
        """Show the part of a design."""
        self.confidence.clear()
        for level in sorted({*_LEVELS, design.confidence}):
            self.confidence.addItem(f"{100 * level:g} %", level)
        self.confidence.setCurrentIndex(self.confidence.findData(design.confidence))
        self.by_dataset.setChecked("dataset" in design.subgroups)
        self.by_difficulty.setChecked("difficulty" in design.subgroups)

    def apply(self, design: StudyDesign) -> StudyDesign:
        """The design with what the fields say."""
        chosen: list[_Subgroup] = []
        if self.by_dataset.isChecked():
            chosen.append("dataset")
        if self.by_difficulty.isChecked():
            chosen.append("difficulty")
        return msgspec.structs.replace(design, confidence=float(self.confidence.currentData()), subgroups=tuple(chosen))
