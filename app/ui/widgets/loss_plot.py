"""The reprojection loss of a fit while it runs, and afterwards."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

EXPORT_LIMIT: Final = 5e-4
"""L2d above which EFT's own export drops a fit (eft_method.md section 5)."""

_FLOOR: Final = 1e-8
_SHORTEST_RUN: Final = 10
_STEPS: Final = (2, 5, 10, 20, 50, 100, 200, 500)


class LossPlot(QWidget):
    """L2d by iteration on a logarithmic scale, with the export limit and the value at which the fit stops."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._iterations: list[int] = []
        self._l2d: list[float] = []
        self._stop: float | None = None
        self._plot = pg.PlotWidget(self)
        self._plot.setMenuEnabled(False)
        self._plot.setMouseEnabled(x=False, y=False)
        self._plot.hideButtons()
        self._plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        # A wheel over the plot belongs to the column it lies in.
        self._plot.wheelEvent = lambda event: event.ignore()
        item = self._plot.getPlotItem()
        item.setLogMode(x=False, y=True)
        item.showGrid(x=False, y=True, alpha=0.25)
        item.getAxis("left").setWidth(self.fontMetrics().horizontalAdvance("1e-4") + 14)
        # The thresholds are named beside the plot: wherever a name lay inside, some curve would run through it.
        item.showAxis("right")
        item.getAxis("right").setStyle(tickLength=0)
        item.getAxis("right").setWidth(self.fontMetrics().horizontalAdvance(self._limit_name()) + 12)
        self._curve = item.plot(antialias=True)
        self._limit_line = self._threshold_line()
        self._stop_line = self._threshold_line()
        self._stop_line.hide()
        self._title = QLabel(self.tr("L2d by iteration"), self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self._title)
        layout.addWidget(self._plot)
        self.setMinimumHeight(130)
        self.setAccessibleName(self.tr("Reprojection loss by iteration"))
        self.setToolTip(
            self.tr("L2d of each iteration, logarithmic. Below the export limit 5e-4 a fit may be exported.")
        )
        palette = self.palette()
        self.set_palette(palette.text().color(), palette.highlight().color(), palette.mid().color())
        self.clear()

    def clear(self) -> None:
        """Forget the fit shown."""
        self._iterations, self._l2d = [], []
        self._refresh()

    def append(self, iteration: int, l2d: float) -> None:
        """Add one iteration."""
        self._iterations.append(iteration)
        self._l2d.append(l2d)
        self._refresh()

    def set_trace(self, l2d: NDArray[np.floating]) -> None:
        """Show a whole fit: ``(T,)`` L2d of each iteration."""
        self._iterations = list(range(len(l2d)))
        self._l2d = [float(value) for value in l2d]
        self._refresh()

    def set_stop_value(self, l2d: float | None) -> None:
        """L2d at which the fit stops; None draws no line, nor does 0, at which no fit stops and no logarithm is."""
        if l2d is not None and l2d <= 0:
            l2d = None
        self._stop = l2d
        self._stop_line.setVisible(l2d is not None)
        if l2d is not None:
            self._stop_line.setPos(np.log10(l2d))
        self._refresh()

    def set_palette(self, text: QColor, line: QColor, grid: QColor) -> None:
        """Colours of axes and words, of the curve, and of the grid and threshold lines."""
        self._plot.setBackground(None)
        title = self._title.palette()
        title.setColor(QPalette.ColorRole.WindowText, text)
        self._title.setPalette(title)
        item = self._plot.getPlotItem()
        for side in ("left", "bottom", "right"):
            axis = item.getAxis(side)
            axis.setPen(pg.mkPen(grid) if side != "right" else pg.mkPen(None))
            axis.setTextPen(text)
        self._curve.setPen(pg.mkPen(line, width=2))
        self._curve.setSymbol("o")
        self._curve.setSymbolSize(4)
        self._curve.setSymbolPen(None)
        self._curve.setSymbolBrush(line)
        for threshold in (self._limit_line, self._stop_line):
            threshold.setPen(pg.mkPen(text, width=1, style=Qt.PenStyle.DashLine))

    def values(self) -> tuple[tuple[int, float], ...]:
        """Iterations and L2d shown."""
        return tuple(zip(self._iterations, self._l2d, strict=True))

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """A strip as wide as its column."""
        return QSize(340, 160)

    def _refresh(self) -> None:
        values = np.maximum(np.asarray(self._l2d, dtype=np.float64), _FLOOR)
        finite = np.isfinite(values)
        self._curve.setData(np.asarray(self._iterations, dtype=np.float64)[finite], values[finite])
        marks = [EXPORT_LIMIT, *([self._stop] if self._stop is not None else []), *values[finite].tolist()]
        item = self._plot.getPlotItem()
        last = max(self._iterations, default=0)
        last = max(last, _SHORTEST_RUN)
        item.setXRange(0, last, padding=0.05)
        step = next((step for step in _STEPS if last <= 5 * step), last)
        item.getAxis("bottom").setTicks([[(at, str(at)) for at in range(0, last + 1, step)]])
        low, high = np.log10(min(marks)) - 0.3, np.log10(max(marks)) + 0.4
        item.setYRange(low, high, padding=0)
        decades = range(int(np.ceil(low)), int(np.floor(high)) + 1)
        item.getAxis("left").setTicks([[(decade, f"1e{decade}") for decade in decades]])
        names = [(np.log10(EXPORT_LIMIT), self._limit_name())]
        if self._stop is not None:
            names.append((np.log10(self._stop), self.tr("stop")))
        item.getAxis("right").setTicks([names])

    def _limit_name(self) -> str:
        return self.tr("export limit")

    def _threshold_line(self) -> pg.InfiniteLine:
        line = pg.InfiniteLine(pos=np.log10(EXPORT_LIMIT), angle=0)
        self._plot.addItem(line, ignoreBounds=True)
        return line
