"""What raters see, and for how long: views, size, camera, colours, breaks, exposure."""

from __future__ import annotations

from typing import Final, cast

import msgspec
from PySide6.QtWidgets import QCheckBox, QWidget

from app.study.design import StudyDesign, ViewName
from app.ui.study.check_list import CheckList, Choice
from app.ui.study.design_section import DesignSection
from app.ui.study.form_parts import DecimalField, QuietBox, WholeField

VIEW_TITLES: Final[dict[ViewName, str]] = {
    "photo": "Photograph",
    "keypoints": "Photograph with keypoints",
    "overlay": "Body over the photograph",
    "side": "From the side",
    "other_side": "From the other side",
    "front": "From the front",
    "back": "From behind",
    "top": "From above",
    "turntable": "Turntable",
}
"""In words, by the name that a design has for it."""
_CAMERAS: Final = (
    ("solved", "Every method's own best camera, found the same way for all"),
    ("released", "The first method's camera for all, as released"),
)
_COLOURS: Final = (("equal", "The same for all"), ("released", "First method blue, others red, as released"))


class ShownSection(DesignSection):
    """Fields of how fits are shown to raters."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        tr = self.tr
        self.set_heading(tr("What raters see"))
        self.views = CheckList(tr("Views"), self)
        self.side_px = WholeField(128, 2048, self, " px")
        self.margin = DecimalField(1.0, 4.0, 2, self)
        self.camera = _build_box(self, [(key, tr(title)) for key, title in _CAMERAS])
        self.colours = _build_box(self, [(key, tr(title)) for key, title in _COLOURS])
        self.background = QCheckBox(tr("The body lies over the photograph"), self)
        self.break_every = WholeField(0, 1000, self)
        self.exposure = DecimalField(0.0, 30.0, 1, self, " s")
        self.gap = WholeField(0, 1000, self)
        self.notes["stimuli.views"] = self.add_row(tr("Views"), self.views, stretches=True)
        self.notes["stimuli.views"].show_note(tr("From left to right in a trial, the same on both sides."))
        self.notes["stimuli.size_px"] = self.add_row(tr("Size"), self.side_px, unit=tr("a side of each picture"))
        self.notes["stimuli.margin"] = self.add_row(tr("Crop"), self.margin, unit=tr("times the person's box"))
        self.notes["stimuli.camera"] = self.add_row(tr("Camera"), self.camera)
        self.notes["stimuli.colours"] = self.add_row(tr("Colours"), self.colours)
        self.notes["stimuli.background"] = self.add_row(tr("Overlay"), self.background)
        self.notes["min_exposure_s"] = self.add_row(
            tr("Exposure"), self.exposure, unit=tr("both sides are shown before an answer counts")
        )
        self.notes["break_every"] = self.add_row(tr("Break"), self.break_every, unit=tr("trials after the one before"))
        self.notes["same_person_gap"] = self.add_row(
            tr("Same person"), self.gap, unit=tr("other trials in between, at least")
        )
        self.views.edited.connect(self.tell)
        for field in (self.side_px, self.margin, self.break_every, self.exposure, self.gap):
            field.valueChanged.connect(self.tell)
        for box in (self.camera, self.colours):
            box.currentIndexChanged.connect(self.tell)
        self.background.toggled.connect(self.tell)

    def fill(self, design: StudyDesign) -> None:
        """Show the part of a design."""
        stimuli = design.stimuli
        self.views.show_choices([Choice(key, self.tr(title)) for key, title in VIEW_TITLES.items()], stimuli.views)
        self.side_px.setValue(stimuli.size_px)
        self.margin.show_number(stimuli.margin)
        self.camera.setCurrentIndex(self.camera.findData(stimuli.camera))
        self.colours.setCurrentIndex(self.colours.findData(stimuli.colours))
        self.background.setChecked(stimuli.background)
        self.break_every.setValue(design.break_every)
        self.exposure.show_number(design.min_exposure_s)
        self.gap.setValue(design.same_person_gap)

    def apply(self, design: StudyDesign) -> StudyDesign:
        """The design with what the fields say."""
        stimuli = msgspec.structs.replace(
            design.stimuli,
            views=cast(tuple[ViewName, ...], self.views.chosen()),
            size_px=self.side_px.value(),
            margin=self.margin.number(),
            camera=self.camera.currentData(),
            colours=self.colours.currentData(),
            background=self.background.isChecked(),
        )
        return msgspec.structs.replace(
            design,
            stimuli=stimuli,
            break_every=self.break_every.value(),
            min_exposure_s=self.exposure.number(),
            same_person_gap=self.gap.value(),
        )


def _build_box(parent: QWidget, choices: list[tuple[str, str]]) -> QuietBox:
    box = QuietBox(parent)
    for key, title in choices:
        box.addItem(title, key)
    return box
