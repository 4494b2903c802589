"""What a study compares: its name, methods, primary pair and question."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import msgspec
from PySide6.QtWidgets import QLineEdit, QWidget

from app.study.design import StudyDesign
from app.ui.study.check_list import CheckList, Choice
from app.ui.study.design_section import DesignSection
from app.ui.study.form_parts import QuietBox


class ComparedSection(DesignSection):
    """Fields of a study's name, methods, primary pair and question."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.set_heading(self.tr("What is compared"))
        self._counts: Mapping[str, int] = {}
        self.name = QLineEdit(self)
        self.name.setMaxLength(80)
        self.methods = CheckList(self.tr("Methods"), self)
        self.primary = QuietBox(self)
        self.question = QLineEdit(self)
        self.question.setMaxLength(300)
        tr = self.tr
        self.notes["name"] = self.add_row(tr("Name"), self.name, stretches=True)
        self.notes["methods"] = self.add_row(tr("Methods"), self.methods, stretches=True)
        self.notes["primary"] = self.add_row(tr("Primary pair"), self.primary)
        self.notes["primary"].show_note(tr("The one the study is about. It is chosen before anybody votes."))
        self.notes["question"] = self.add_row(tr("Question"), self.question, stretches=True)
        self.name.textEdited.connect(self.tell)
        self.question.textEdited.connect(self.tell)
        self.methods.edited.connect(self._on_methods_edited)
        self.primary.currentIndexChanged.connect(self.tell)

    def set_methods(self, counts: Mapping[str, int]) -> None:
        """Say which methods have fits, of how many people."""
        self._counts = counts

    def fill(self, design: StudyDesign) -> None:
        """Show the part of a design."""
        _show_text(self.name, design.name)
        _show_text(self.question, design.question)
        names = [*design.methods, *(name for name in self._counts if name not in design.methods)]
        self.methods.show_choices([self._build_choice(name) for name in names], design.methods)
        self._show_pairs(design.methods, design.primary)

    def apply(self, design: StudyDesign) -> StudyDesign:
        """The design with what the fields say."""
        pair = self.primary.currentData()
        primary = ("", "") if pair is None else cast(tuple[str, str], tuple(pair))
        return msgspec.structs.replace(
            design,
            name=self.name.text().strip(),
            question=self.question.text().strip(),
            methods=self.methods.chosen(),
            primary=design.primary if set(primary) == set(design.primary) else primary,
        )

    def _build_choice(self, name: str) -> Choice:
        people = self._counts.get(name, 0)
        words = self.tr("{0:,} people").format(people) if people else self.tr("nobody has a fit by it")
        return Choice(name, f"{name}   ·   {words}")

    def _on_methods_edited(self) -> None:
        with self.quiet():
            self._show_pairs(self.methods.chosen(), self.primary.currentData())
        self.tell()

    def _show_pairs(self, methods: tuple[str, ...], chosen: object) -> None:
        pairs = [(first, second) for place, first in enumerate(methods) for second in methods[place + 1 :]]
        self.primary.clear()
        for first, second in pairs:
            self.primary.addItem(self.tr("{0} against {1}").format(first, second), [first, second])
        wanted = set(chosen) if isinstance(chosen, tuple | list) else set()
        places = [place for place, pair in enumerate(pairs) if set(pair) == wanted]
        self.primary.setCurrentIndex(places[0] if places else min(0, len(pairs) - 1))
        self.primary.setEnabled(len(pairs) > 1)


def _show_text(field: QLineEdit, text: str) -> None:
    if field.text() != text:
        field.setText(text)
        field.setCursorPosition(0)
