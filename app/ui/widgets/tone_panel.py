"""Sliders for the tone of the photograph, in a panel that opens over the canvas, and the button that opens it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.ui.theme import DARK, build_icon
from app.ui.widgets.picture_tone import LIMIT, PictureTone

_SLIDER_WIDTH = 190
_PLATE = QColor(14, 17, 22, 205)


class TonePanel(QFrame):
    """Brightness, contrast, gamma; auto, reset, keep. Esc or a click elsewhere closes it.

    Signals:
        tone_chosen: :class:`PictureTone`, a slider was moved.
        auto_wanted: The automatic tone was asked for.
        reset_wanted: The picture as it is was asked for.
        keep_chosen: ``bool``, whether the tone is kept for the next picture.
    """

    tone_chosen = Signal(object)
    auto_wanted = Signal()
    reset_wanted = Signal()
    keep_chosen = Signal(bool)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("tonePanel")
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAccessibleName(self.tr("Brightness and contrast of the picture"))
        self._quiet = False
        self._values: list[QLabel] = []
        grid = QGridLayout()
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(8)
        titles = (self.tr("Brightness"), self.tr("Contrast"), self.tr("Gamma"))
        self.brightness, self.contrast, self.gamma = (
            self._add_slider(grid, row, title) for row, title in enumerate(titles)
        )
        self.keep = QCheckBox(self.tr("Keep for the next picture"), self)
        self.keep.toggled.connect(self.keep_chosen)
        self.auto = self._build_button(self.tr("Auto"), self.auto_wanted.emit)
        self.auto.setToolTip(self.tr("What suits the person's box"))
        self.reset = self._build_button(self.tr("Reset"), self.reset_wanted.emit)
        self.reset.setToolTip(self.tr("The picture as it is"))
        buttons = QHBoxLayout()
        buttons.addWidget(self.keep, 1)
        buttons.addSpacing(12)
        buttons.addWidget(self.auto)
        buttons.addWidget(self.reset)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 12, 14, 12)
        layout.setSpacing(12)
        layout.addLayout(grid)
        layout.addLayout(buttons)
        self.set_tone(PictureTone())

    def set_tone(self, tone: PictureTone) -> None:
        """Show a tone; no signal, the caller knows."""
        self._quiet = True
        self.brightness.setValue(tone.brightness)
        self.contrast.setValue(tone.contrast)
        self.gamma.setValue(tone.gamma)
        self._quiet = False
        texts = (f"{tone.brightness:+d} %", f"× {tone.contrast_factor:.2f}", f"{tone.gamma_value:.2f}")
        for label, text in zip(self._values, texts, strict=True):
            label.setText(text)
        self.reset.setEnabled(not tone.is_neutral)

    def set_keep(self, keep: bool) -> None:
        """Show whether the tone is kept; no signal, the caller knows."""
        self.keep.blockSignals(True)
        self.keep.setChecked(keep)
        self.keep.blockSignals(False)

    def open_above(self, anchor: QWidget) -> None:
        """Open over a widget, the first slider ready for the arrow keys."""
        self.adjustSize()
        corner = anchor.mapToGlobal(QPoint(0, 0))
        self.move(corner.x(), corner.y() - self.height() - 6)
        self.show()
        self.brightness.setFocus(Qt.FocusReason.PopupFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt's name)
        """The key that opens it closes it too."""
        if event.key() == Qt.Key.Key_G and not event.modifiers():
            self.hide()
        else:
            super().keyPressEvent(event)

    def _add_slider(self, grid: QGridLayout, row: int, title: str) -> QSlider:
        caption = QLabel(title, self)
        slider = QSlider(Qt.Orientation.Horizontal, self)
        slider.setRange(-LIMIT, LIMIT)
        slider.setPageStep(10)
        slider.setMinimumWidth(_SLIDER_WIDTH)
        slider.setAccessibleName(title)
        slider.valueChanged.connect(self._on_slider_moved)
        caption.setBuddy(slider)
        value = QLabel(self)
        value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        value.setMinimumWidth(self.fontMetrics().horizontalAdvance("+100 %") + 6)
        self._values.append(value)
        for column, widget in enumerate((caption, slider, value)):
            grid.addWidget(widget, row, column)
        return slider

    def _build_button(self, title: str, act: Callable[[], None]) -> QPushButton:
        button = QPushButton(title, self)
        button.setAutoDefault(False)
        button.clicked.connect(act)
        return button

    def _on_slider_moved(self) -> None:
        if not self._quiet:
            tone = PictureTone(self.brightness.value(), self.contrast.value(), self.gamma.value())
            self.tone_chosen.emit(tone)


class ToneButton(QToolButton):
    """Opens the panel, in the lower left corner of the canvas; says so while the picture is not shown as it is."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("toneButton")
        self.setIcon(build_icon("mdi6.brightness-6", DARK, "#ffffff"))
        self.setIconSize(QSize(16, 16))
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        # It lies on the photograph, so its colours are those of the plates there, in every theme.
        plate = f"rgba({_PLATE.red()}, {_PLATE.green()}, {_PLATE.blue()}, {_PLATE.alpha()})"
        self.setStyleSheet(
            f"#toneButton {{ background: {plate}; color: #ffffff; border: none; border-radius: 5px; padding: 4px 6px }}"
            "#toneButton:hover { background: rgba(48, 54, 62, 235); }"
        )
        self.set_tone(PictureTone())

    def set_tone(self, tone: PictureTone) -> None:
        """Say whether the picture is shown as it is."""
        style = Qt.ToolButtonStyle
        self.setText(self.tr("Adjusted"))
        self.setToolButtonStyle(style.ToolButtonIconOnly if tone.is_neutral else style.ToolButtonTextBesideIcon)
        state = self.tr("the picture as it is") if tone.is_neutral else self.tr("adjusted")
        self.setAccessibleName(self.tr("Brightness and contrast: {0}").format(state))
        self.adjustSize()

    def place(self, height: int) -> None:
        """Go to the lower left corner of a canvas of this height."""
        self.move(12, height - self.height() - 12)
