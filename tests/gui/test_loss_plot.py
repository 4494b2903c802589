"""The live plot of the loss."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
import pytest
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from app.ui.widgets.loss_plot import EXPORT_LIMIT, LossPlot


@pytest.fixture
def plot(qtbot: QtBot) -> LossPlot:
    plot = LossPlot()
    qtbot.addWidget(plot)
    plot.resize(340, 170)
    with qtbot.waitExposed(plot):
        plot.show()
    return plot


def visible_range(plot: LossPlot) -> tuple[tuple[float, float], tuple[float, float]]:
    x, y = plot.findChild(pg.PlotWidget).getPlotItem().viewRange()
    return tuple(x), tuple(y)


def test_iterations_arrive_one_by_one_and_stay_in_sight(plot: LossPlot) -> None:
    for iteration in range(30):
        plot.append(iteration, 1e-2 * 0.7**iteration)
    assert plot.values()[0] == (0, 1e-2)
    assert len(plot.values()) == 30
    (left, right), (low, high) = visible_range(plot)
    assert left <= 0 and right >= 29
    assert low <= np.log10(1e-2 * 0.7**29) and high >= -2


def test_whole_trace_replaces_what_was_shown(plot: LossPlot) -> None:
    plot.append(0, 1.0)
    plot.set_trace(np.array([3e-3, 1e-3, 2e-4]))
    assert plot.values() == ((0, 3e-3), (1, 1e-3), (2, 2e-4))
    plot.clear()
    assert plot.values() == ()


def test_thresholds_are_always_in_sight(plot: LossPlot) -> None:
    plot.set_stop_value(2e-6)
    plot.set_trace(np.array([0.5, 0.1]))
    _, (low, high) = visible_range(plot)
    assert low < np.log10(2e-6) < np.log10(EXPORT_LIMIT) < high
    lines = [
        item
        for item in plot.findChild(pg.PlotWidget).getPlotItem().items
        if isinstance(item, pg.InfiniteLine) and item.isVisible()
    ]
    assert sorted(line.value() for line in lines) == pytest.approx([np.log10(2e-6), np.log10(EXPORT_LIMIT)])
    plot.set_stop_value(None)
    assert sum(line.isVisible() for line in lines) == 1


def test_thresholds_are_named_beside_the_plot_where_no_curve_runs(plot: LossPlot) -> None:
    plot.set_stop_value(5e-5)
    plot.set_trace(np.full(20, EXPORT_LIMIT))
    item = plot.findChild(pg.PlotWidget).getPlotItem()
    names = dict(item.getAxis("right")._tickLevels[0])
    assert names == {np.log10(EXPORT_LIMIT): "export limit", np.log10(5e-5): "stop"}
    area = item.getAxis("right").geometry()
    assert area.left() >= item.getViewBox().geometry().right()
    metrics = plot.fontMetrics()
    assert area.width() >= max(metrics.horizontalAdvance(name) for name in names.values())


def test_a_loss_of_zero_or_nan_does_not_break_the_axis(plot: LossPlot) -> None:
    for iteration, value in enumerate([1e-3, 0.0, float("nan"), 2e-4]):
        plot.append(iteration, value)
    _, (low, high) = visible_range(plot)
    assert np.isfinite([low, high]).all()


def test_a_fit_that_never_stops_has_no_line_for_it(plot: LossPlot) -> None:
    plot.set_stop_value(5e-5)
    plot.set_stop_value(0.0)
    plot.set_trace(np.array([3e-4, 2e-4]))
    right = plot.findChild(pg.PlotWidget).getPlotItem().getAxis("right")
    assert [name for names in right._tickLevels for _, name in names] == ["export limit"]


def test_colours_follow_the_theme(plot: LossPlot) -> None:
    plot.set_trace(np.array([1e-2, 1e-3]))
    dark = plot.grab().toImage()
    plot.set_palette(QColor("#ff0000"), QColor("#00ff00"), QColor("#0000ff"))
    assert plot.grab().toImage() != dark
    assert plot.accessibleName()
