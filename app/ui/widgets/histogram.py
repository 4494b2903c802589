"""Current fits by one figure: bars, with the limits of the filters marked."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent
from PySide6.QtWidgets import QLabel, QToolTip, QVBoxLayout, QWidget

from app.services.progress import Histogram
from app.ui.widgets.tones import muted_text

_HEIGHT_LINES: Final = 15
_ROOM_FOR_NAMES: Final = 1.32
"""Of the highest bar, so that the limits' names stand above all bars."""
_EDGE: Final = 0.8
"""Share of the width from which names stand to the left of their lines."""
_NAME_LEVELS: Final = 3
"""Names of limits that lie close together stand below each other."""


class HistogramPlot(QWidget):
    """A histogram that can be clicked.

    Args:
        title: What is counted.
        unit: Behind the numbers of the axis, or empty.
        log: The edges are spaced by decades.
        clickable: A bar answers to a click.

    Signals:
        bin_chosen: ``(float, float)``, a bar was clicked: from, up to; infinite at the ends.
    """

    bin_chosen = Signal(float, float)

    def __init__(
        self, title: str, unit: str, *, log: bool, clickable: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._log = log
        self._unit = unit
        self._clickable = clickable
        self._histogram = Histogram((), (0,), ())
        self._limits: list[tuple[pg.InfiniteLine, pg.TextItem]] = []
        self._color_of_limits = QColor()
        self._title = QLabel(title, self)
        self._title.setProperty("section", True)
        self._title.setContentsMargins(0, 0, 0, 0)
        self._empty = QLabel(self.tr("There is no fit yet."), self)
        self._empty.setProperty("quiet", True)
        self._plot = _build_plot(self)
        self._bars = pg.BarGraphItem(x=[], height=[], width=1)
        self._plot.addItem(self._bars)
        self._plot.viewport().installEventFilter(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self._title)
        layout.addWidget(self._empty)
        layout.addWidget(self._plot, 1)
        self.setAccessibleName(title)
        self._apply_palette()
        self.show_histogram(self._histogram)

    @property
    def histogram(self) -> Histogram:
        """What is shown."""
        return self._histogram

    def limit_names(self) -> tuple[str, ...]:
        """The limits marked, from left to right."""
        return tuple(str(text.toPlainText()) for _, text in self._limits)

    def colors(self) -> tuple[QColor, QColor]:
        """Colour of the bars, and of the limits and their names."""
        return self._bars.opts["brush"].color(), self._color_of_limits

    def show_histogram(self, histogram: Histogram) -> None:
        """Show other numbers."""
        self._histogram = histogram
        total = histogram.total
        self._empty.setVisible(total == 0)
        self._plot.setVisible(total > 0)
        self.setAccessibleDescription(self._in_words())
        if not total:
            return
        lefts = self._lefts()
        step = lefts[1] - lefts[0]
        self._bars.setOpts(x0=lefts, height=np.array(histogram.counts, dtype=float), width=0.94 * step)
        low, high = self._find_range(lefts, step)
        self._show_limits(low, high)
        item = self._plot.getPlotItem()
        item.setXRange(low, high, padding=0)
        item.setYRange(0, _ROOM_FOR_NAMES * max(histogram.counts), padding=0)
        if self._log:
            decades = range(math.floor(low), math.ceil(high) + 1)
            item.getAxis("bottom").setTicks([[(decade, f"1e{decade}") for decade in decades]])

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """Half a page wide, as high as some lines."""
        return QSize(420, _HEIGHT_LINES * self.fontMetrics().height())

    def minimumSizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """Readable when the page is narrow."""
        return QSize(240, _HEIGHT_LINES * self.fontMetrics().height())

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 (Qt's name)
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self._apply_palette()

    def eventFilter(self, watched: Any, event: QEvent) -> bool:  # noqa: N802 (Qt's name)
        """Clicks and tooltips of the bars."""
        if event.type() == QEvent.Type.MouseButtonRelease and self._clickable:
            place = self.find_bin(event.position())  # type: ignore[attr-defined]  # a mouse event has it
            if place is not None and self._histogram.counts[place]:
                self.bin_chosen.emit(*self.bounds(place))
                return True
        if isinstance(event, QHelpEvent):
            place = self.find_bin(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), "" if place is None else self._bin_in_words(place), self._plot)
            return True
        return super().eventFilter(watched, event)

    def find_bin(self, position: QPointF) -> int | None:
        """The bar at a place of the plot, counted from the first; None beside all of them."""
        if not self._histogram.total:
            return None
        x = self._plot.getPlotItem().vb.mapSceneToView(self._plot.mapToScene(position.toPoint())).x()
        lefts = self._lefts()
        place = int(np.searchsorted(lefts, x, side="right")) - 1
        inside = 0 <= place < len(lefts) and x < lefts[-1] + (lefts[1] - lefts[0])
        return place if inside else None

    def bin_center(self, place: int) -> QPointF:
        """Where the foot of a bar is, in pixels of the plot."""
        lefts = self._lefts()
        view = QPointF(lefts[place] + (lefts[1] - lefts[0]) / 2, 0.0)
        return QPointF(self._plot.mapFromScene(self._plot.getPlotItem().vb.mapViewToScene(view)))

    def bounds(self, place: int) -> tuple[float, float]:
        """From where to where a bar counts."""
        edges = (-np.inf, *self._histogram.edges, np.inf)
        return float(edges[place]), float(edges[place + 1])

    def viewport(self) -> QWidget:
        """What is clicked."""
        viewport: QWidget = self._plot.viewport()
        return viewport

    def _lefts(self) -> np.ndarray[Any, np.dtype[np.float64]]:
        """Left side of every bar on the axis; the first and the last, which have no end, are as wide as the others."""
        edges = np.array(self._histogram.edges, dtype=np.float64)
        places = np.log10(edges) if self._log else edges
        return np.concatenate([[2 * places[0] - places[1]], places])

    def _find_range(self, lefts: np.ndarray[Any, np.dtype[np.float64]], step: float) -> tuple[float, float]:
        """Both ends of the axis: every fit and every limit lies between them."""
        used = np.flatnonzero(self._histogram.counts)
        marks = [place for _, place in self._places_of_limits()]
        low = min(float(lefts[used[0]]), *marks) if self._log else float(lefts[1])
        high = max(float(lefts[used[-1]]) + step, *marks)
        return low - step, high + step

    def _places_of_limits(self) -> list[tuple[str, float]]:
        limits = sorted(self._histogram.limits, key=lambda limit: limit[1])
        return [(name, float(np.log10(value)) if self._log else value) for name, value in limits]

    def _show_limits(self, low: float, high: float) -> None:
        for line, text in self._limits:
            self._plot.removeItem(line)
            self._plot.removeItem(text)
        self._limits = []
        highest = max(self._histogram.counts)
        for level, (name, place) in enumerate(self._places_of_limits()):
            # Near the right edge the name stands on the other side of its line.
            at_the_edge = place > low + _EDGE * (high - low)
            line = pg.InfiniteLine(pos=place, angle=90)
            text = pg.TextItem(name.removesuffix("-rms"), anchor=(int(at_the_edge), 0))
            text.setPos(place, highest * (_ROOM_FOR_NAMES - 0.095 * (level % _NAME_LEVELS)))
            self._plot.addItem(line, ignoreBounds=True)
            self._plot.addItem(text, ignoreBounds=True)
            self._limits.append((line, text))
        self._color_limits()

    def _apply_palette(self) -> None:
        palette = self.palette()
        text, grid = muted_text(palette), palette.mid().color()
        self._plot.setBackground(None)
        for side in ("left", "bottom"):
            axis = self._plot.getPlotItem().getAxis(side)
            axis.setPen(pg.mkPen(grid))
            axis.setTextPen(text)
            axis.setStyle(tickFont=self.font(), maxTickLevel=0)
        self._bars.setOpts(brush=pg.mkBrush(palette.highlight().color()), pen=pg.mkPen(None))
        self._color_limits()

    def _color_limits(self) -> None:
        self._color_of_limits = color = self.palette().text().color()
        for line, text in self._limits:
            line.setPen(pg.mkPen(color, width=1, style=Qt.PenStyle.DashLine))
            text.setColor(color)
            text.setFont(self.font())

    def _bin_in_words(self, place: int) -> str:
        low, high = self.bounds(place)
        fits = self.tr("{0:,} fits").format(self._histogram.counts[place])
        unit = f" {self._unit}" if self._unit else ""
        if not np.isfinite(low):
            return self.tr("{0} below {1}{2}").format(fits, self._number(high), unit)
        if not np.isfinite(high):
            return self.tr("{0} from {1}{2} on").format(fits, self._number(low), unit)
        return self.tr("{0} from {1} to {2}{3}").format(fits, self._number(low), self._number(high), unit)

    def _number(self, value: float) -> str:
        return f"{value:.1e}" if self._log else f"{value:g}"

    def _in_words(self) -> str:
        if not self._histogram.total:
            return self._empty.text()
        bins = (self._bin_in_words(place) for place, fits in enumerate(self._histogram.counts) if fits)
        return "; ".join(bins)


def _build_plot(parent: QWidget) -> pg.PlotWidget:
    plot = pg.PlotWidget(parent)
    plot.setMenuEnabled(False)
    plot.setMouseEnabled(x=False, y=False)
    plot.hideButtons()
    plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    # A wheel over the plot belongs to the page it lies in.
    plot.wheelEvent = lambda event: event.ignore()
    plot.getPlotItem().showGrid(x=False, y=True, alpha=0.2)
    return plot
