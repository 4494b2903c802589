"""Who works at this window?"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QDialog, QLabel, QPushButton, QVBoxLayout, QWidget

from app.services.project import NAME_LIMIT
from app.ui.titled_dialog import build_ends


class AnnotatorDialog(QDialog):
    """A name to choose or to type; Enter takes it, Esc leaves everything as it is.

    Signals:
        chosen: ``str``, a name that is not empty.
    """

    chosen = Signal(str)

    def __init__(self, names: Sequence[str], current: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Working as"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(True)
        title = QLabel(self.tr("Who edits and decides from now on?"), self)
        hint = QLabel(
            self.tr(
                "Every change is stored with this name, and the project remembers it on this computer. Undo reaches no"
                " further back than the change of names."
            ),
            self,
        )
        hint.setWordWrap(True)
        hint.setProperty("quiet", True)
        self.box = QComboBox(self)
        self.box.setEditable(True)
        self.box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.box.addItems(list(names))
        self.box.setCurrentText(current)
        self.box.setAccessibleName(self.tr("Name of the annotator"))
        edit = self.box.lineEdit()
        assert edit is not None
        edit.setMaxLength(NAME_LIMIT)
        edit.setPlaceholderText(self.tr("Name"))
        edit.selectAll()
        edit.textChanged.connect(self._on_typed)
        self.take = QPushButton(self.tr("Work as this person"), self)
        self.take.setProperty("primary", True)
        self.take.setDefault(True)
        self.take.clicked.connect(self._finish)
        cancel = QPushButton(self.tr("Cancel"), self)
        cancel.setAutoDefault(False)
        cancel.clicked.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 16, 18, 16)
        layout.setSpacing(8)
        for widget in (title, self.box, hint):
            layout.addWidget(widget)
        layout.addSpacing(6)
        layout.addLayout(build_ends(cancel, self.take))
        self.setMinimumWidth(420)
        self.box.setFocus()

    def _on_typed(self, text: str) -> None:
        self.take.setEnabled(bool(text.strip()))

    def _finish(self) -> None:
        name = self.box.currentText().strip()
        if name:
            self.accept()
            self.chosen.emit(name)
