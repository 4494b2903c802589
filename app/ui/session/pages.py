"""The first and the last page of a session: who are you and how it works; thank you and what to do with the answers."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QLineEdit, QPushButton, QWidget

from app.ui.keymap import Keymap
from app.ui.session.card import CardPage
from app.ui.session.pseudonyms import suggest_pseudonym
from app.ui.session.trial_page import key_signs
from db.rater_package.records import PackageInfo

_LONGEST_NAME = 40


class RaterWelcome(CardPage):
    """What is asked, how it works, the keys, and a name that says nothing about its owner.

    Args:
        info: Of the package.
        keymap: The keys.
        name: To begin with; empty suggests one.
        parent: The window.
    """

    def __init__(self, info: PackageInfo, keymap: Keymap, name: str, parent: QWidget) -> None:
        super().__init__(info.question, "", parent)
        self._info = info
        self.button.setText(self.tr("Begin"))
        self.button.setVisible(True)
        self.add_lines(self._how_it_works())
        self._keys = QGridLayout()
        self._keys.setHorizontalSpacing(14)
        self._keys.setVerticalSpacing(7)
        self._keys.setColumnStretch(1, 1)
        self.inside.addSpacing(2)
        self.inside.addLayout(self._keys)
        self.name = QLineEdit(name or suggest_pseudonym(), self.card)
        self.name.setMaxLength(_LONGEST_NAME)
        self.name.setAccessibleName(self.tr("Your name in this study"))
        self.another = QPushButton(self.tr("Another"), self.card)
        self.another.setToolTip(self.tr("Suggest another name"))
        self.another.clicked.connect(lambda: self.name.setText(suggest_pseudonym()))
        self.fault = QLabel(self.card)
        self.fault.setWordWrap(True)
        self.fault.setObjectName("sessionFault")
        self.fault.hide()
        self._add_name()
        self.apply_keys(keymap)

    def apply_keys(self, keymap: Keymap) -> None:
        """Show the keys as they are."""
        while (item := self._keys.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        rows = [
            ("vote.left", self.tr("the left body fits better")),
            ("vote.right", self.tr("the right body fits better")),
        ]
        if self._info.cannot_decide:
            rows.append(("vote.neither", self.tr("cannot decide")))
        rows += [
            ("session.enlarge", self.tr("hold it: the side view larger, on both sides")),
            ("session.pause", self.tr("pause: the pictures are hidden, the clock stops")),
        ]
        for line, (action_id, words) in enumerate(rows):
            signs = QWidget(self.card)
            row = QHBoxLayout(signs)
            row.setContentsMargins(0, 0, 0, 0)
            row.setSpacing(5)
            row.addStretch(1)
            for sign in key_signs(keymap, action_id):
                label = QLabel(sign, signs)
                label.setProperty("key", True)
                label.setAlignment(Qt.AlignmentFlag.AlignCenter)
                label.setMinimumWidth(26)
                row.addWidget(label)
            self._keys.addWidget(signs, line, 0)
            self._keys.addWidget(QLabel(words, self.card), line, 1)

    def show_fault(self, sentence: str) -> None:
        """Say why it cannot begin."""
        self.fault.setText(sentence)
        self.fault.setVisible(bool(sentence))

    def set_working(self, working: bool) -> None:
        """While the package is asked for a seat."""
        for widget in (self.button, self.name, self.another):
            widget.setEnabled(not working)

    def take_focus(self) -> None:
        """The page has come up."""
        self.name.setFocus()
        self.name.selectAll()

    def _how_it_works(self) -> tuple[str, ...]:
        return (
            self.tr("Each time you see one photographed person, and two bodies that were made to fit that person."),
            self.tr("Look at every picture of both sides: where arms and legs lie, and how the body stands and bends."),
            self.tr("Then choose a side. Take the time you need; an answer is final, there is no way back to it."),
            self.tr("Every answer is stored at once. Close the window whenever you like and go on later by your name."),
        )

    def _add_name(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(10)
        label = QLabel(self.tr("Your &name in this study"), self.card)
        label.setBuddy(self.name)
        row.addWidget(label)
        row.addWidget(self.name, 1)
        row.addWidget(self.another)
        note = QLabel(
            self.tr("Your real name is not needed. Keep this one in mind: it is how you go on where you stopped."),
            self.card,
        )
        note.setWordWrap(True)
        note.setProperty("quiet", True)
        self.inside.addSpacing(4)
        self.inside.addLayout(row)
        self.inside.addWidget(note)
        self.inside.addWidget(self.fault)


class ThanksPage(CardPage):
    """All is answered.

    Args:
        folder: Of the package.
        parent: The window.

    Signals:
        votes_wanted: ``Path``, where to write the votes to.
    """

    votes_wanted = Signal(object)

    def __init__(self, folder: Path, parent: QWidget) -> None:
        super().__init__(self.tr("Thank you!"), self.tr("Close"), parent)
        self._file = folder / "votes.json"
        (self._said,) = self.add_lines([""])
        self.add_lines(
            [
                self.tr(
                    "If somebody gave you this folder, send it back as it is, or only the file with your answers, which"
                    " is written by the button below. Otherwise there is nothing left to do."
                )
            ]
        )
        self.place = QLineEdit(str(folder), self.card)
        self.place.setReadOnly(True)
        self.place.setCursorPosition(0)
        self.place.setAccessibleName(self.tr("Folder of the study"))
        self.inside.addWidget(self.place)
        self.outcome = QLabel(self.card)
        self.outcome.setWordWrap(True)
        self.outcome.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.outcome.hide()
        self.inside.addWidget(self.outcome)
        self.write_button = QPushButton(self.tr("Write the file of answers"), self.card)
        self.write_button.clicked.connect(lambda: self.votes_wanted.emit(self._file))
        self.ends.insertWidget(1, self.write_button)

    def show_count(self, answers: int) -> None:
        """Say how many answers are stored."""
        self._said.setText(self.tr("All {0} answers are stored.").format(answers))

    def show_outcome(self, sentence: str) -> None:
        """Say what became of the file."""
        self.outcome.setText(sentence)
        self.outcome.show()
