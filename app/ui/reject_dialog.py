"""Why is this person rejected? One digit is enough."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from app.services.review import REASONS, RejectReason
from app.ui.titled_dialog import build_ends


class RejectDialog(QDialog):
    """Asks for reasons and a comment.

    A digit rejects at once for that reason. Several reasons: tick them (click, or Tab and Space), then Enter. Enter
    alone rejects without a reason, Esc goes back.

    Signals:
        chosen: ``(tuple[str, ...], str)``, reason codes and comment.
    """

    chosen = Signal(object, str)

    def __init__(self, who: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Reject"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(True)
        self._buttons: dict[str, QPushButton] = {}
        title = QLabel(self.tr("Why is {0} rejected?").format(who), self)
        title.setWordWrap(True)
        hint = QLabel(self.tr("A digit rejects at once. Tick several with the mouse, then Enter."), self)
        hint.setProperty("quiet", True)
        hint.setWordWrap(True)
        self.comment = QLineEdit(self)
        self.comment.setPlaceholderText(self.tr("Comment (optional)"))
        self.comment.setAccessibleName(self.tr("Comment"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 16, 18, 16)
        layout.setSpacing(5)
        layout.addWidget(title)
        layout.addWidget(hint)
        layout.addSpacing(8)
        for reason in REASONS:
            layout.addWidget(self._build_button(reason))
        layout.addSpacing(8)
        layout.addWidget(self.comment)
        layout.addSpacing(8)
        layout.addLayout(self._build_ends())
        self.setMinimumWidth(380)
        self.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 -- Qt's name
        """Digits decide, unless they are typed into the comment, which takes them first."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if not event.isAutoRepeat():
                self._finish()
            return
        if event.isAutoRepeat():
            return
        for reason in REASONS:
            if event.text() == str(reason.digit):
                self._buttons[reason.code].setChecked(True)
                self._finish()
                return
        super().keyPressEvent(event)

    def _build_button(self, reason: RejectReason) -> QPushButton:
        button = QPushButton(f"{reason.digit}    {self.tr(reason.title)}", self)
        button.setProperty("reason", True)
        button.setCheckable(True)
        button.setAutoDefault(False)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setAccessibleName(self.tr(reason.title))
        self._buttons[reason.code] = button
        return button

    def _build_ends(self) -> QHBoxLayout:
        cancel = QPushButton(self.tr("Cancel  (Esc)"), self)
        cancel.setAutoDefault(False)
        cancel.clicked.connect(self.reject)
        confirm = QPushButton(self.tr("Reject  (Enter)"), self)
        confirm.setProperty("primary", True)
        confirm.setAutoDefault(False)
        confirm.clicked.connect(self._finish)
        return build_ends(cancel, confirm)

    def _finish(self) -> None:
        reasons = tuple(code for code, button in self._buttons.items() if button.isChecked())
        self.accept()
        self.chosen.emit(reasons, self.comment.text().strip())
