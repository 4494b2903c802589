"""Numbers of a fit and chips of a state."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app.ui.widgets.fit_panel import FitNumbers, FitPanel, within_limits
from app.ui.widgets.state_badge import STATE_STYLES, StateBadge, chip_size, state_colors, state_title
from db.records import PERSON_STATES, PersonState

GOOD = FitNumbers("EFT", 3.1e-4, 2.34, 1.2, 20, 17, 0.84, "converged")
BAD = FitNumbers("EFT", 9.0e-4, None, 3.5, 20, 19, 0.84, "iterations")


def relative_luminance(color: QColor) -> float:
    """Luminance of WCAG 2.2."""
    channels = [color.redF(), color.greenF(), color.blueF()]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_numbers_are_shown_with_their_units_and_verdicts(qtbot: QtBot) -> None:
    panel = FitPanel()
    qtbot.addWidget(panel)
    panel.set_numbers(GOOD)
    assert (panel.text("l2d"), panel.text("rms"), panel.text("beta")) == ("3.10e-04", "2.3 px", "1.20")
    assert panel.text("iterations") == "20, kept no. 18 · converged"
    assert panel.verdict("l2d") == "export limit 5e-4: ok"
    panel.set_numbers(BAD)
    assert panel.text("rms") == "–"
    assert panel.verdict("l2d") == "export limit 5e-4: exceeded"
    assert panel.verdict("beta") == "export limit 3: exceeded"
    panel.set_numbers(None)
    assert panel.text("l2d") == "–"
    assert panel.verdict("l2d") == ""


def test_nothing_is_clipped_in_the_narrowest_column(qtbot: QtBot) -> None:
    panel = FitPanel()
    qtbot.addWidget(panel)
    panel.set_numbers(replace(GOOD, l2d=9e-4, iterations=120, kept_iteration=119))
    panel.resize(306, panel.sizeHint().height())
    with qtbot.waitExposed(panel):
        panel.show()
    for label in panel.findChildren(QLabel):
        assert label.width() >= label.sizeHint().width(), label.text()


def test_a_running_fit_is_counted_and_not_judged(qtbot: QtBot) -> None:
    panel = FitPanel()
    qtbot.addWidget(panel)
    panel.set_numbers(GOOD)
    panel.show_step(4, 2.5e-4)
    assert (panel.text("l2d"), panel.text("iterations")) == ("2.50e-04", "5 so far")
    assert (panel.text("rms"), panel.text("beta"), panel.verdict("l2d")) == ("–", "–", "")
    with qtbot.waitExposed(panel):
        panel.show()
    assert all(label.isHidden() for label in panel.findChildren(QLabel) if not label.text())


@pytest.mark.parametrize(
    ("l2d", "beta", "expected"),
    [(5e-4, 3.0, (True, True)), (5.01e-4, 3.0, (False, True)), (1e-4, 3.01, (True, False))],
)
def test_limits_are_those_of_the_export(l2d: float, beta: float, expected: tuple[bool, bool]) -> None:
    assert within_limits(FitNumbers("EFT", l2d, None, beta, 1, 0, 0.1)) == expected


def test_nan_is_not_within_a_limit() -> None:
    assert within_limits(FitNumbers("EFT", float("nan"), None, float("nan"), 1, 0, 0.1)) == (False, False)


def test_every_row_explains_itself_and_fits_the_column(qtbot: QtBot) -> None:
    panel = FitPanel()
    qtbot.addWidget(panel)
    panel.set_numbers(BAD)
    assert panel.sizeHint().width() <= 360
    captions = [label for label in panel.findChildren(QLabel) if label.toolTip()]
    assert len(captions) == 12


@pytest.mark.parametrize("state", PERSON_STATES)
@pytest.mark.parametrize("dark", [True, False])
def test_chips_are_legible_in_both_themes(state: PersonState, dark: bool) -> None:
    background, text = (relative_luminance(color) for color in state_colors(state, dark))
    contrast = (max(background, text) + 0.05) / (min(background, text) + 0.05)
    assert contrast >= 4.5


def test_every_state_has_its_own_words() -> None:
    assert set(STATE_STYLES) == set(PERSON_STATES)
    assert len({state_title(state) for state in PERSON_STATES}) == len(PERSON_STATES)
    assert len({style.symbol for style in STATE_STYLES.values()}) == len(PERSON_STATES)


def test_badge_takes_the_room_it_needs(qtbot: QtBot) -> None:
    badge = StateBadge()
    qtbot.addWidget(badge)
    badge.set_state("stale")
    assert badge.sizeHint() == chip_size("stale", badge.font())
    assert badge.toolTip()
    assert badge.accessibleDescription() == "stale"
    badge.set_state(None)
    assert badge.sizeHint().isNull()
