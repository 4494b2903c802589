"""Numbers of a fit and chips of a state."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app.services.filter_verdicts import JUDGED_BY, FilterVerdict
from app.services.flags import FLAG_TITLES, describe_flags, title_of
from app.ui.theme import DARK, LIGHT, Theme, build_palette
from app.ui.widgets.fit_panel import FitNumbers, FitPanel
from app.ui.widgets.state_badge import STATE_STYLES, StateBadge, chip_size, state_colors, state_title
from db.records import PERSON_STATES, PersonState
from fitting.spec import FLAG_NAMES

PASSED = tuple(FilterVerdict(name, True, f"within {name}") for name in JUDGED_BY)
FAILED = tuple(FilterVerdict(name, False, f"beyond {name}") for name in JUDGED_BY)
UNJUDGED = tuple(FilterVerdict(name, None, "stale") for name in JUDGED_BY)
GOOD = FitNumbers(3.1e-4, 2.34, 1.2, 20, 17, 0.84, "converged", PASSED)
BAD = FitNumbers(9.0e-4, None, 3.5, 20, 19, 0.84, "iterations", FAILED)


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
    assert [panel.chips.text(name) for name in JUDGED_BY] == ["✓ export", "✓ normal", "✓ strict"]
    panel.set_numbers(BAD)
    assert panel.text("rms") == "–"
    assert [panel.chips.text(name) for name in JUDGED_BY] == ["✕ export", "✕ normal", "✕ strict"]
    assert panel.chips.reason("normal") == "beyond normal"
    panel.set_numbers(None)
    assert panel.text("l2d") == "–"
    assert panel.chips.text("export") == ""


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_a_chip_is_green_only_for_what_passed(qtbot: QtBot, theme: Theme) -> None:
    panel = FitPanel()
    qtbot.addWidget(panel)
    panel.setPalette(build_palette(theme))
    green = state_colors("accepted", theme is DARK)[0].name()
    for verdicts, expected in ((PASSED, True), (FAILED, False), (UNJUDGED, False)):
        panel.set_numbers(replace(GOOD, verdicts=verdicts))
        assert [green in chip.styleSheet() for chip in panel.chips.findChildren(QLabel)] == [expected] * 3


@pytest.mark.parametrize(
    ("changes", "iterations", "seconds"),
    [
        ({"iterations": None, "seconds": None, "stop_reason": "imported"}, "–", "–"),
        ({"iterations": 7, "seconds": None, "stop_reason": "imported"}, "7, says its file", "–"),
        ({"iterations": 1, "kept_iteration": 0, "stop_reason": "plain"}, "none: the plain prediction", "0.84 s"),
    ],
)
def test_what_nobody_knows_is_not_made_up(qtbot: QtBot, changes: dict[str, Any], iterations: str, seconds: str) -> None:
    panel = FitPanel()
    qtbot.addWidget(panel)
    panel.set_numbers(replace(GOOD, **changes))
    assert (panel.text("iterations"), panel.text("seconds")) == (iterations, seconds)


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
    assert (panel.text("rms"), panel.text("beta"), panel.chips.text("export")) == ("–", "–", "")
    with qtbot.waitExposed(panel):
        panel.show()
    assert all(label.isHidden() for label in panel.findChildren(QLabel) if not label.text())


def test_every_row_explains_itself_and_fits_the_column(qtbot: QtBot) -> None:
    panel = FitPanel()
    qtbot.addWidget(panel)
    panel.set_numbers(BAD)
    assert panel.sizeHint().width() <= 360
    captions = [label for label in panel.findChildren(QLabel) if label.toolTip()]
    assert len(captions) == 12 + len(JUDGED_BY)


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


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_flags_are_said_in_whole_sentences_and_not_clipped(qtbot: QtBot, theme: Theme) -> None:
    panel = FitPanel()
    qtbot.addWidget(panel)
    panel.setPalette(build_palette(theme))
    assert panel.flags.text == ""
    sentences = describe_flags({"trunk_tilted": -31.4, "too_large": 1.62})
    assert sentences == (
        "Body larger than its box and keypoints allow, about 1.6 times",
        "Trunk leans 31° towards the camera against an upright picture",
    )
    panel.set_numbers(replace(GOOD, flags=sentences))
    label = panel.flags.findChild(QLabel)
    assert isinstance(label, QLabel)
    assert state_colors("stale", theme is DARK)[0].name() in label.styleSheet()
    panel.resize(306, panel.heightForWidth(306))
    with qtbot.waitExposed(panel):
        panel.show()
    assert panel.flags.text == "\n".join(f"⚑ {sentence}" for sentence in sentences)
    assert label.height() >= label.heightForWidth(label.width())
    panel.set_numbers(GOOD)
    assert label.isHidden()


def test_every_flag_has_words() -> None:
    for name in FLAG_NAMES:
        assert describe_flags({name: 1.0})
        assert title_of(name) == FLAG_TITLES[name]
    assert title_of("arm_backwards") == "arm backwards"
    assert describe_flags({"arm_backwards": 1.0}) == ()
