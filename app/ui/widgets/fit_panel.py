"""The numbers of a fit, and what the published filters say of them."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QWidget

from app.services.filter_verdicts import FilterVerdict
from app.ui.widgets.filter_chips import FilterChips
from app.ui.widgets.flag_notes import FlagNotes
from app.ui.widgets.tones import muted_text


@dataclass(frozen=True, slots=True)
class FitNumbers:
    """What the panel shows of a fit.

    Attributes:
        l2d: Unweighted reprojection loss of the kept iterate.
        rms_px: RMS distance of the joints in use, image pixels; None without any.
        max_abs_beta: Largest absolute shape coefficient.
        iterations: Iterations run; None where nobody knows.
        kept_iteration: Zero-based iteration whose body was kept.
        seconds: Wall-clock seconds; None where nobody knows.
        stop_reason: Why it stopped, as in ``FitResult.stop_reason``.
        verdicts: What the published filters say.
        flags: A sentence for each flag.
    """

    l2d: float
    rms_px: float | None
    max_abs_beta: float
    iterations: int | None
    kept_iteration: int
    seconds: float | None
    stop_reason: str = ""
    verdicts: tuple[FilterVerdict, ...] = ()
    flags: tuple[str, ...] = ()


class FitPanel(QWidget):
    """Grid of names and numbers; a dash where there is no fit."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.chips = FilterChips(self)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(1)
        self._grid.setColumnStretch(1, 1)
        self._names: list[QLabel] = []
        self._values: dict[str, QLabel] = {}
        for key, title, tip in self._rows():
            self._add_row(key, title, tip)
        self._truth = self._add_truth_row()
        self.flags = FlagNotes(self)
        self._grid.addWidget(self.flags, self._grid.rowCount(), 0, 1, 2)
        self.setAccessibleName(self.tr("Numbers of the fit"))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._show_theme()
        self.set_numbers(None)

    def set_numbers(self, numbers: FitNumbers | None) -> None:
        """Show a fit, or dashes."""
        for key, text in self._texts(numbers).items():
            self._values[key].setText(text)
        self.chips.set_verdicts(() if numbers is None else numbers.verdicts)
        self.flags.set_flags(() if numbers is None else numbers.flags)
        if numbers is None:
            self.set_truth(None)

    def set_truth(self, text: str | None, tip: str = "") -> None:
        """Show how far the body is from the truth of the person's dataset; None takes the row away."""
        self._grid.setRowMinimumHeight(self._truth_row, 0 if text is None else self.fontMetrics().height() + 6)
        for label in self._truth:
            label.setVisible(text is not None)
            label.setToolTip(tip)
        self._truth[1].setText(text or "")

    def truth_text(self) -> str:
        """What :meth:`set_truth` has shown; empty while there is no such row."""
        return self._truth[1].text()

    def show_step(self, iteration: int, l2d: float) -> None:
        """Show the zero-based iteration a running fit has come to; nothing is judged before the fit has ended."""
        self.set_numbers(None)
        self._values["l2d"].setText(f"{l2d:.2e}")
        self._values["iterations"].setText(self.tr("{0} so far").format(iteration + 1))

    def text(self, key: str) -> str:
        """Text beside a row: ``l2d``, ``rms``, ``beta``, ``iterations`` or ``seconds``."""
        return self._values[key].text()

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
            ("filters", self.tr("Filters"), self.tr("The published filters of fits; point at one for its limits")),
            ("iterations", self.tr("Iterations"), self.tr("Iterations run, and the one whose body was kept")),
            ("seconds", self.tr("Time"), self.tr("Seconds in the worker, without loading the model")),
        )

    def _texts(self, numbers: FitNumbers | None) -> dict[str, str]:
        if numbers is None:
            return dict.fromkeys(self._values, "–")
        return {
            "l2d": f"{numbers.l2d:.2e}",
            "rms": "–" if numbers.rms_px is None else self.tr("{0} px").format(f"{numbers.rms_px:.1f}"),
            "beta": f"{numbers.max_abs_beta:.2f}",
            "filters": "",
            "iterations": self._iterations_text(numbers),
            "seconds": "–" if numbers.seconds is None else self.tr("{0} s").format(f"{numbers.seconds:.2f}"),
        }

    def _iterations_text(self, numbers: FitNumbers) -> str:
        if numbers.iterations is None:
            return "–"
        if numbers.stop_reason == "plain":
            return self.tr("none: the plain prediction")
        if numbers.stop_reason not in ("converged", "iterations"):
            return self.tr("{0}, says its file").format(numbers.iterations)
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
        self._grid.addWidget(value, row, 1)
        self._values[key] = value
        if key == "filters":
            self._grid.addWidget(self.chips, row, 1)

    def _add_truth_row(self) -> tuple[QLabel, QLabel]:
        self._truth_row = self._grid.rowCount()
        name, value = QLabel(self.tr("PA-MPJPE"), self), QLabel(self)
        self._names.append(name)
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        value.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._grid.addWidget(name, self._truth_row, 0)
        self._grid.addWidget(value, self._truth_row, 1)
        return name, value

    def _show_theme(self) -> None:
        for name in self._names:
            # A palette of the label's own would be put back by the window's style sheet after a change of theme.
            name.setStyleSheet(f"color: {muted_text(self.palette()).name()};")
