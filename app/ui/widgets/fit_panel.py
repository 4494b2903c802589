"""The numbers of a fit, and whether they are within the limits of export."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QWidget

from app.ui.widgets.state_badge import state_colors
from app.ui.widgets.tones import is_dark, muted_text

EXPORT_L2D_LIMIT: Final = 5e-4
EXPORT_BETA_LIMIT: Final = 3.0
"""Limits of EFT's own export: L2d above 5e-4 or max |β| above 3 is dropped (eft_method.md section 5)."""


@dataclass(frozen=True, slots=True)
class FitNumbers:
    """What the panel shows of a fit.

    Attributes:
        method: Name of the method.
        l2d: Unweighted reprojection loss of the kept iterate.
        rms_px: RMS distance of the joints in use, image pixels; None without any.
        max_abs_beta: Largest absolute shape coefficient.
        iterations: Iterations run.
        kept_iteration: Zero-based iteration whose body was kept.
        seconds: Wall-clock seconds.
        stop_reason: Why it stopped, as in ``FitResult.stop_reason``.
    """

    method: str
    l2d: float
    rms_px: float | None
    max_abs_beta: float
    iterations: int
    kept_iteration: int
    seconds: float
    stop_reason: str = ""


def within_limits(numbers: FitNumbers) -> tuple[bool, bool]:
    """Whether L2d and max |β| are within the limits of export; NaN is not."""
    return numbers.l2d <= EXPORT_L2D_LIMIT, numbers.max_abs_beta <= EXPORT_BETA_LIMIT


class FitPanel(QWidget):
    """Grid of names and numbers; a dash where there is no fit."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._numbers: FitNumbers | None = None
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(1)
        self._grid.setColumnStretch(1, 1)
        self._names: list[QLabel] = []
        self._values: dict[str, QLabel] = {}
        self._verdicts: dict[str, QLabel] = {}
        for key, title, tip in self._rows():
            self._add_row(key, title, tip)
        self.setAccessibleName(self.tr("Numbers of the fit"))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._show_theme()
        self.set_numbers(None)

    def set_numbers(self, numbers: FitNumbers | None) -> None:
        """Show a fit, or dashes."""
        self._numbers = numbers
        for key, text in self._texts(numbers).items():
            self._values[key].setText(text)
        self._show_verdicts()

    def show_step(self, iteration: int, l2d: float) -> None:
        """Show the zero-based iteration a running fit has come to; nothing is judged before the fit has ended."""
        self.set_numbers(None)
        self._values["l2d"].setText(f"{l2d:.2e}")
        self._values["iterations"].setText(self.tr("{0} so far").format(iteration + 1))

    def text(self, key: str) -> str:
        """Text beside a row: ``l2d``, ``rms``, ``beta``, ``iterations``, ``seconds`` or ``method``."""
        return self._values[key].text()

    def verdict(self, key: str) -> str:
        """Verdict beside ``l2d`` or ``beta``; empty without a fit."""
        return self._verdicts[key].text()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 (Qt's name)
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._show_theme()

    def _rows(self) -> tuple[tuple[str, str, str], ...]:
        return (
            ("l2d", self.tr("L2d"), self.tr("Unweighted reprojection loss of the kept iteration")),
            ("rms", self.tr("RMS"), self.tr("Root mean square distance of the joints in use, image pixels")),
            ("beta", self.tr("max |β|"), self.tr("Largest shape coefficient; above 3 the body is implausible")),
            ("iterations", self.tr("Iterations"), self.tr("Iterations run, and the one whose body was kept")),
            ("seconds", self.tr("Time"), self.tr("Seconds in the worker, without loading the model")),
            ("method", self.tr("Method"), self.tr("How the body was fitted")),
        )

    def _texts(self, numbers: FitNumbers | None) -> dict[str, str]:
        if numbers is None:
            return dict.fromkeys(self._values, "–")
        return {
            "l2d": f"{numbers.l2d:.2e}",
            "rms": "–" if numbers.rms_px is None else self.tr("{0} px").format(f"{numbers.rms_px:.1f}"),
            "beta": f"{numbers.max_abs_beta:.2f}",
            "iterations": self._iterations_text(numbers),
            "seconds": self.tr("{0} s").format(f"{numbers.seconds:.2f}"),
            "method": numbers.method,
        }

    def _iterations_text(self, numbers: FitNumbers) -> str:
        text = self.tr("{0}, kept no. {1}").format(numbers.iterations, numbers.kept_iteration + 1)
        return text + (self.tr(" · converged") if numbers.stop_reason == "converged" else "")

    def _add_row(self, key: str, title: str, tip: str) -> None:
        row = self._grid.rowCount()
        self._grid.setRowMinimumHeight(row, self.fontMetrics().height() + 6)
        name, value = QLabel(title, self), QLabel(self)
        self._names.append(name)
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        value.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        for label in (name, value):
            label.setToolTip(tip)
        self._grid.addWidget(name, row, 0)
        judged = key in ("l2d", "beta")
        self._grid.addWidget(value, row, 1, 1, 1 if judged else 2)
        self._values[key] = value
        if judged:
            verdict = QLabel(self)
            self._grid.addWidget(verdict, row, 2, Qt.AlignmentFlag.AlignRight)
            self._verdicts[key] = verdict

    def _show_theme(self) -> None:
        for name in self._names:
            # A palette of the label's own would be put back by the window's style sheet after a change of theme.
            name.setStyleSheet(f"color: {muted_text(self.palette()).name()};")
        self._show_verdicts()

    def _show_verdicts(self) -> None:
        passed = (None, None) if self._numbers is None else within_limits(self._numbers)
        self._show_verdict("l2d", self.tr("export limit 5e-4"), passed[0])
        self._show_verdict("beta", self.tr("export limit 3"), passed[1])

    def _show_verdict(self, key: str, limit: str, passed: bool | None) -> None:
        label = self._verdicts[key]
        label.setVisible(passed is not None)
        if passed is None:
            label.setText("")
            return
        label.setText(self.tr("{0}: ok").format(limit) if passed else self.tr("{0}: exceeded").format(limit))
        background, text = state_colors("accepted" if passed else "rejected", is_dark(self.palette()))
        label.setStyleSheet(
            f"background: {background.name()}; color: {text.name()}; border-radius: 4px; padding: 1px 7px;"
        )
