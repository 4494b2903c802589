"""The fits of a person as a list to choose from, and the button that makes the chosen one current."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPaintEvent, QWheelEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyleOptionComboBox,
    QStylePainter,
    QVBoxLayout,
    QWidget,
)

from app.ui.keymap import key_hint
from app.ui.widgets.canvas_notices import NOTICE_COLOR, NOTICE_TEXT
from db.records import FitId

_OTHER_SHEET: Final = (
    f"background: {NOTICE_COLOR.name()}; color: {NOTICE_TEXT.name()}; border-radius: 4px; padding: 2px 9px;"
    " font-weight: 600;"
)

_TEXT_INSET: Final = 6
"""Qt leaves this much of the field free around its text."""


@dataclass(frozen=True, slots=True)
class FitVersion:
    """One line of the list, and the sentence that is its tooltip."""

    fit_id: FitId
    text: str
    tip: str


class FitSelector(QWidget):
    """A person's fits, newest first, and whether the one chosen is the current one.

    Its height is always the same: whoever goes to and fro between two fits must not see the column jump.

    Signals:
        chosen: ``FitId``, people want to look at another fit.
        use_wanted: The fit chosen shall become the current one.
    """

    chosen = Signal(object)
    use_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.box = QuietBox(self)
        self.box.setAccessibleName(self.tr("Fits of this person"))
        self._notice = QLabel(self)
        self._notice.setObjectName("fitNotice")
        self.use = QPushButton(self.tr("Use this fit"), self)
        self.use.setObjectName("useFit")
        self.use.setAutoDefault(False)
        self.use.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        row = QHBoxLayout()
        row.addWidget(self._notice)
        row.addStretch(1)
        row.addWidget(self.use)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self.box)
        layout.addLayout(row)
        self.box.activated.connect(lambda place: self.chosen.emit(self.box.itemData(place)))
        self.use.clicked.connect(self.use_wanted)
        self.set_versions((), None)
        self.set_notice("", is_current=True, obstacle="")

    @property
    def notice(self) -> str:
        """What is said of the fit chosen."""
        return self._notice.text()

    def set_versions(self, versions: Sequence[FitVersion], shown: FitId | None) -> None:
        """List fits and choose one without telling anybody; ``shown`` is None without fits."""
        self.box.clear()
        for place, version in enumerate(versions):
            self.box.addItem(version.text, version.fit_id)
            self.box.setItemData(place, version.tip, Qt.ItemDataRole.ToolTipRole)
        if not versions:
            self.box.addItem(self.tr("No fit yet"), None)
        place = max(0, self.box.findData(shown))
        self.box.setCurrentIndex(place)
        self.box.setToolTip(self.box.itemData(place, Qt.ItemDataRole.ToolTipRole) or "")
        self.box.setEnabled(len(versions) > 1)

    def set_notice(self, text: str, *, is_current: bool, obstacle: str | None) -> None:
        """Say what the fit chosen is.

        Args:
            text: In a few words.
            is_current: Whether it is the fit that decisions are about; another one must not be overlooked.
            obstacle: Why it cannot become the current one, a sentence or empty; None when it can.
        """
        self._notice.setText(text)
        self._notice.setStyleSheet("" if is_current else _OTHER_SHEET)
        key = key_hint("compare.use")
        self.use.setText(self.tr("Use this fit ({0})").format(key))
        self.use.setEnabled(obstacle is None)
        self.use.setToolTip(
            self.tr("<b>Use this fit</b>&nbsp;&nbsp;({0})<br>Stored again as the newest one; can be undone.").format(
                key
            )
            if obstacle is None
            else obstacle
        )


class QuietBox(QComboBox):
    """A box that cuts long lines with dots, and that a wheel rolled over it does not change."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        """Paint the box with as much of its line as there is room for."""
        painter, option = QStylePainter(self), QStyleOptionComboBox()
        self.initStyleOption(option)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        room = self.style().subControlRect(
            QStyle.ComplexControl.CC_ComboBox, option, QStyle.SubControl.SC_ComboBoxEditField, self
        )
        option.currentText = self.fontMetrics().elidedText(
            self.currentText(), Qt.TextElideMode.ElideRight, room.width() - _TEXT_INSET
        )
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)
        painter.end()

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 (Qt's name)
        """Leave the wheel to the column."""
        event.ignore()
