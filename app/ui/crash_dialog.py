"""What people see of a bug: that nothing is lost, what it was, and a bundle to report it with."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QLabel, QPlainTextEdit, QPushButton, QWidget

from app.services.errors import ServiceError
from app.services.log_bundle import CONTENTS, write_bundle
from app.ui.titled_dialog import TitledDialog

_SIZE = (640, 460)


class CrashDialog(TitledDialog):
    """One error of the program.

    Args:
        details: The traceback.
        log_path: The log, None when there is none.
        list_actions: Says what was asked for lately.
    """

    def __init__(
        self,
        details: str,
        log_path: Path | None,
        list_actions: Callable[[], list[str]],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(self.tr("Something went wrong"), _SIZE, parent)
        self._log_path = log_path
        self._list_actions = list_actions
        self.text = QLabel(
            self.tr(
                "The program has met an error of its own. Everything saved so far is safe, and you can go on. "
                "A bundle to report it with holds {0} Nothing is sent."
            ).format(self.tr(CONTENTS)),
            self,
        )
        self.text.setWordWrap(True)
        self.where = QLabel("" if log_path is None else self.tr("The log: {0}").format(log_path), self)
        self.where.setWordWrap(True)
        self.where.setProperty("quiet", True)
        self.details = QPlainTextEdit(details, self)
        self.details.setReadOnly(True)
        self.details.setAccessibleName(self.tr("The error in detail"))
        self.details.setTabChangesFocus(True)
        self.details.setStyleSheet("QPlainTextEdit { font-family: monospace; }")  # carets stand below what they mark
        self.outcome = QLabel(self)
        self.outcome.setWordWrap(True)
        self.save_button = QPushButton(self.tr("Save bundle…"), self)
        self.save_button.setAutoDefault(False)
        self.save_button.clicked.connect(self._on_save)
        self.content.addWidget(self.text)
        self.content.addWidget(self.details, 1)
        self.content.addWidget(self.where)
        self.content.addWidget(self.outcome)
        self.buttons.addWidget(self.save_button)
        self.buttons.addStretch(1)
        self.close_button.setFocus()

    def save_bundle(self, path: Path) -> None:
        """Write the bundle, and say where or why not."""
        try:
            write_bundle(path, self.details.toPlainText(), self._list_actions(), self._log_path)
        except ServiceError as error:
            self.outcome.setText(str(error))
        else:
            self.outcome.setText(self.tr("Saved as {0}.").format(path))

    def _on_save(self) -> None:
        name = f"exemplar_bug_{datetime.now():%Y%m%d_%H%M%S}.zip"
        chosen, _ = QFileDialog.getSaveFileName(
            self, self.tr("Save bundle"), str(Path.home() / name), self.tr("Zip files (*.zip)")
        )
        if chosen:
            self.save_bundle(Path(chosen))
