"""Whom a study is about: filter, number, strata, images that are left out, seed."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QFileDialog, QLabel, QPushButton, QToolButton, QWidget

from app.services.study.designing import forget_people
from app.study.design import PeopleRule, StudyDesign
from app.ui.people_list.filter_box import FilterBox
from app.ui.people_list.filter_help import FilterHelp
from app.ui.study.design_section import DesignSection
from app.ui.study.form_parts import WholeField

_MOST: Final = 100_000
_LARGEST_SEED: Final = 2**31 - 1
"""Of the field; a design made elsewhere may have a larger one, which stays as long as the field is left alone."""


class WhomSection(DesignSection):
    """Fields of whom a study is about.

    Signals:
        list_wanted: ``Path``, a file of images to leave out was chosen.
    """

    list_wanted = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        tr = self.tr
        self.set_heading(tr("Whom it is about"))
        self._left_out: tuple[str, ...] = ()
        self.where = FilterBox(self)
        self.where.setPlaceholderText(tr("Everybody; or a filter as in the list of people: state:accepted, rms<10 …"))
        self.help = QToolButton(self)
        self.help.setText("?")
        self.help.setProperty("flat", True)
        self.help.setAccessibleName(tr("Help on filters"))
        self.help.setToolTip(tr("What can be typed here"))
        self.count = WholeField(1, _MOST, self)
        self.stratify = QCheckBox(tr("Each in its share of the whole"), self)
        self.swaps = QCheckBox(tr("Nobody whose left and right may be exchanged"), self)
        self.images = QLabel(self)
        self.choose_images = QPushButton(tr("Choose a list…"), self)
        self.choose_images.setAccessibleName(tr("Choose a list of images to leave out"))
        self.forget_images = QPushButton(tr("Forget it"), self)
        self.forget_images.setAccessibleName(tr("Forget the list of images to leave out"))
        self.seed = WholeField(0, _LARGEST_SEED, self)
        self.notes["people.where"] = self.add_row(tr("People"), self.where, self.help, stretches=True)
        self.notes["people.count"] = self.add_row(tr("Drawn"), self.count, unit=tr("people by chance"))
        self.notes["people.stratify"] = self.add_row(tr("Datasets"), self.stratify)
        self.notes["people.exclude_suspected_swaps"] = self.add_row(tr("Sides"), self.swaps)
        self.notes["people.exclude_images"] = self.add_row(
            tr("Left out"), self.choose_images, self.forget_images, self.images
        )
        self.notes["people.seed"] = self.add_row(tr("Seed"), self.seed)
        self._connect()

    def fill(self, design: StudyDesign) -> None:
        """Show the part of a design."""
        people = design.people
        if self.where.text() != people.where:
            self.where.setText(people.where)
        self.count.setValue(people.count)
        self.stratify.setChecked(people.stratify == "dataset")
        self.swaps.setChecked(people.exclude_suspected_swaps)
        self.seed.setValue(min(people.seed, _LARGEST_SEED))
        note = self.tr("The same seed draws the same people, orders and sides again.")
        if people.listed:
            note = self.tr("The people are those of a study file; another filter, number or seed draws anew.")
        self.notes["people.seed"].show_note(note)
        self._show_images(people.exclude_images)

    def apply(self, design: StudyDesign) -> StudyDesign:
        """The design with what the fields say."""
        before, seed = design.people, self.seed.value()
        people = msgspec.structs.replace(
            before,
            where=self.where.text().strip(),
            count=self.count.value(),
            stratify="dataset" if self.stratify.isChecked() else "none",
            seed=before.seed if seed == min(before.seed, _LARGEST_SEED) else seed,
            exclude_images=self._left_out,
            exclude_suspected_swaps=self.swaps.isChecked(),
        )
        design = msgspec.structs.replace(design, people=people)
        # Whoever says whom to draw wants nobody listed.
        return forget_people(design) if _describe_draw(people) != _describe_draw(before) else design

    def show_images(self, names: tuple[str, ...]) -> None:
        """Take another list of images to leave out."""
        self._show_images(names)
        self.tell()

    def _show_images(self, names: tuple[str, ...]) -> None:
        self._left_out = names
        self.images.setText(self.tr("{0:,} images").format(len(names)) if names else self.tr("no image by name"))
        self.images.setProperty("quiet", not names)
        self.forget_images.setVisible(bool(names))

    def _connect(self) -> None:
        self.where.textChanged.connect(self.tell)
        self.where.accepted.connect(self.count.setFocus)
        self.where.left.connect(self.count.setFocus)
        self.help.clicked.connect(self._show_help)
        for field in (self.count, self.seed):
            field.valueChanged.connect(self.tell)
        for box in (self.stratify, self.swaps):
            box.toggled.connect(self.tell)
        self.choose_images.clicked.connect(self._ask_images)
        self.forget_images.clicked.connect(lambda: self.show_images(()))

    def _show_help(self) -> None:
        popup = FilterHelp(self)
        popup.chosen.connect(self.where.setText)
        popup.adjustSize()
        popup.move(self.where.mapToGlobal(self.where.rect().bottomLeft()))
        popup.show()

    def _ask_images(self) -> None:
        name, _ = QFileDialog.getOpenFileName(
            self,
            self.tr("A file with one image a line"),
            str(Path.home()),
            self.tr("Text (*.txt *.csv);;All files (*)"),
        )
        if name:
            self.list_wanted.emit(Path(name))


def _describe_draw(people: PeopleRule) -> tuple[str, int, str, int]:
    return people.where.strip(), people.count, people.stratify, people.seed
