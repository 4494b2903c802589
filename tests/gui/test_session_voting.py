"""When an answer counts in the rater's window: the rules of keys, clicks, paints and time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.settings import SettingsFile
from app.ui.session.pair import TURN_S
from app.ui.session.window import SessionWindow
from db.rater_package.package import RaterPackage
from db.records.studies import StudyVote
from tests.helpers.session_packages import make_session_package
from tests.helpers.session_rater import HandClock, ScriptedRater

LEFT, RIGHT, DOWN = Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Down


class Desk:
    """A rater at the first trial of a package, on a clock moved by hand."""

    def __init__(self, qtbot: QtBot, folder: Path, **package: object) -> None:
        self.package: RaterPackage = make_session_package(folder / "package", **package)  # type: ignore[arg-type]
        self.clock = HandClock()
        self.settings = SettingsFile(folder / "settings.json")
        self.window = SessionWindow(self.package, self.settings, "anna", self.clock)
        self.window.show()
        self.rater = ScriptedRater(qtbot, self.window, self.clock)
        self.rater.begin()
        self.rater.until_painted()

    @property
    def votes(self) -> list[StudyVote]:
        return self.package.votes()

    def settle(self) -> None:
        """Let everything that is under way happen."""
        self.rater.until(lambda: not self.window.rating.busy and not self.window.rating.unstored)

    def press(self, key: Qt.Key) -> None:
        QTest.keyPress(self.window.trial_page, key)

    def release(self, key: Qt.Key) -> None:
        QTest.keyRelease(self.window.trial_page, key)

    def repeat(self, key: Qt.Key) -> None:
        """What a keyboard sends again and again while a key is held."""
        for kind in (QEvent.Type.KeyRelease, QEvent.Type.KeyPress):
            event = QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier, "", True)
            QApplication.sendEvent(self.window.trial_page, event)

    def until_trial(self, position: int) -> None:
        trial = self.window.trial_page
        self.rater.until(
            lambda: trial.loaded is not None and trial.loaded.trial.position == position and trial.clock.running
        )


@pytest.fixture
def sit(qtbot: QtBot, tmp_path: Path) -> Iterator[Callable[..., Desk]]:
    desks: list[Desk] = []

    def sit_down(**package: object) -> Desk:
        desks.append(Desk(qtbot, tmp_path, **package))
        return desks[-1]

    yield sit_down
    for desk in desks:
        desk.window.close()
        desk.window.deleteLater()


@pytest.mark.parametrize(
    ("key", "choice"),
    [(LEFT, "left"), (Qt.Key.Key_1, "left"), (RIGHT, "right"), (Qt.Key.Key_2, "right"), (DOWN, "neither"),
     (Qt.Key.Key_0, "neither")],
)  # fmt: skip
def test_a_key_is_logged_with_the_time_since_the_later_first_paint(
    sit: Callable[..., Desk], key: Qt.Key, choice: str
) -> None:
    desk = sit(min_exposure_s=0.3, cannot_decide=True)
    desk.clock.pass_by(0.5)
    desk.press(key)
    desk.until_trial(1)
    (vote,) = desk.votes
    assert vote.choice == choice
    assert vote.response_s == pytest.approx(0.5, abs=0.02)
    assert (vote.seat, vote.position, vote.rater, vote.focus_losses, vote.enlarged_s) == (0, 0, "anna", 0, 0)


def test_no_key_counts_before_both_sides_are_painted(sit: Callable[..., Desk]) -> None:
    desk = sit(min_exposure_s=0.0)
    desk.window.trial_page.pair.right.setUpdatesEnabled(False)
    desk.press(LEFT)
    desk.release(LEFT)
    trial_page = desk.window.trial_page
    desk.rater.until(lambda: trial_page.pair.left.shows and trial_page.clock._awaited == {"right"})
    desk.clock.pass_by(60.0)
    for key in (LEFT, RIGHT):
        desk.press(key)
        desk.release(key)
    desk.settle()
    assert [vote.position for vote in desk.votes] == [0]
    trial_page.pair.right.setUpdatesEnabled(True)
    desk.until_trial(1)
    desk.press(RIGHT)
    desk.until_trial(2)
    assert [(vote.choice, vote.response_s) for vote in desk.votes] == [("left", 0.0), ("right", 0.0)]


def test_no_key_counts_before_the_least_exposure_and_none_is_kept_for_later(sit: Callable[..., Desk]) -> None:
    desk = sit(min_exposure_s=1.0)
    desk.clock.pass_by(0.99)
    desk.press(LEFT)
    assert not desk.window.rating.unstored
    desk.clock.pass_by(1.0)
    desk.repeat(LEFT)  # held since it was too early
    desk.settle()
    assert desk.votes == []
    desk.release(LEFT)
    desk.press(LEFT)
    desk.until_trial(1)
    assert [vote.response_s for vote in desk.votes] == [pytest.approx(1.99)]


def test_a_key_held_from_the_last_trial_votes_only_after_it_was_let_go(sit: Callable[..., Desk]) -> None:
    desk = sit(min_exposure_s=0.5)
    desk.clock.pass_by(0.6)
    desk.press(LEFT)
    desk.until_trial(1)
    desk.clock.pass_by(5.0)
    desk.repeat(LEFT)
    desk.press(LEFT)  # as a keyboard that does not mark its repeats
    desk.settle()
    assert [vote.position for vote in desk.votes] == [0]
    desk.release(LEFT)
    desk.press(LEFT)
    desk.until_trial(2)
    assert [vote.position for vote in desk.votes] == [0, 1]


def test_two_keys_at_once_give_one_answer(sit: Callable[..., Desk]) -> None:
    desk = sit(min_exposure_s=0.0)
    desk.press(LEFT)
    desk.press(RIGHT)
    desk.until_trial(1)
    desk.repeat(RIGHT)
    desk.press(RIGHT)
    desk.settle()
    assert [(vote.position, vote.choice) for vote in desk.votes] == [(0, "left")]


@pytest.mark.parametrize("key", [DOWN, Qt.Key.Key_0])
def test_cannot_decide_is_no_answer_where_the_study_forbids_it(sit: Callable[..., Desk], key: Qt.Key) -> None:
    desk = sit(min_exposure_s=0.0)
    desk.press(key)
    desk.settle()
    assert desk.votes == []
    assert not desk.window.trial_page.buttons["neither"].isVisible()


@pytest.mark.parametrize("key", [Qt.Key.Key_Backspace, Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Tab])
def test_other_keys_answer_nothing_and_take_nothing_back(sit: Callable[..., Desk], key: Qt.Key) -> None:
    desk = sit(min_exposure_s=0.0)
    desk.rater.answer("left")
    desk.until_trial(1)
    desk.press(key)
    desk.release(key)
    desk.settle()
    assert [(vote.position, vote.choice) for vote in desk.votes] == [(0, "left")]
    assert desk.window.trial is not None
    assert desk.window.trial.position == 1


def test_a_modifier_makes_another_key(sit: Callable[..., Desk]) -> None:
    desk = sit(min_exposure_s=0.0)
    QTest.keyClick(desk.window.trial_page, LEFT, Qt.KeyboardModifier.ControlModifier)
    desk.settle()
    assert desk.votes == []
    QTest.keyClick(desk.window.trial_page, Qt.Key.Key_1, Qt.KeyboardModifier.KeypadModifier)
    desk.until_trial(1)
    assert [vote.choice for vote in desk.votes] == ["left"]


def test_changed_keys_are_heard_and_shown(sit: Callable[..., Desk]) -> None:
    desk = sit(min_exposure_s=0.0)
    desk.settings.update(shortcuts={"vote.left": ("A",), "vote.right": ("L", "Right")})
    desk.press(LEFT)
    desk.release(LEFT)
    desk.settle()
    assert desk.votes == []
    desk.press(Qt.Key.Key_L)
    desk.until_trial(1)
    assert [vote.choice for vote in desk.votes] == ["right"]
    assert desk.window.trial_page.buttons["left"].text() == "A  Left"


def test_clicks_obey_the_same_rules(sit: Callable[..., Desk], qtbot: QtBot) -> None:
    desk = sit(min_exposure_s=0.1)
    button = desk.window.trial_page.buttons["right"]
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert not button.isEnabled()
    desk.clock.pass_by(1.2)
    desk.rater.until(button.isEnabled)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    desk.until_trial(1)
    assert [(vote.choice, vote.response_s) for vote in desk.votes] == [("right", pytest.approx(1.2))]


def test_a_double_click_gives_one_answer(sit: Callable[..., Desk]) -> None:
    desk = sit(min_exposure_s=0.0)
    button = desk.window.trial_page.buttons["left"]
    desk.rater.until(button.isEnabled)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    desk.until_trial(1)
    desk.rater.until(button.isEnabled)  # as quick as can be: the next trial is ready between the two clicks
    QTest.mouseDClick(button, Qt.MouseButton.LeftButton)  # what Qt sends in place of a second press
    QTest.mouseRelease(button, Qt.MouseButton.LeftButton)
    desk.settle()
    assert [vote.position for vote in desk.votes] == [0]
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    desk.until_trial(2)
    assert [vote.position for vote in desk.votes] == [0, 1]


def test_a_button_held_from_before_answers_nothing(sit: Callable[..., Desk]) -> None:
    desk = sit(min_exposure_s=0.1)
    button = desk.window.trial_page.buttons["left"]
    QTest.mousePress(button, Qt.MouseButton.LeftButton)
    desk.clock.pass_by(2.0)
    desk.rater.until(button.isEnabled)
    QTest.mouseRelease(button, Qt.MouseButton.LeftButton)
    desk.settle()
    assert desk.votes == []


def test_v_enlarges_both_sides_at_once_while_it_is_held(sit: Callable[..., Desk]) -> None:
    desk = sit(min_exposure_s=0.0, views=("keypoints", "overlay", "side"))
    pair = desk.window.trial_page.pair
    desk.press(Qt.Key.Key_V)
    assert [panel.enlarged for panel in pair.panels] == [2, 2]
    assert [len(panel.places()) for panel in pair.panels] == [1, 1]
    desk.clock.pass_by(0.75)
    desk.repeat(Qt.Key.Key_V)
    assert [panel.enlarged for panel in pair.panels] == [2, 2]
    desk.release(Qt.Key.Key_V)
    assert [panel.enlarged for panel in pair.panels] == [None, None]
    desk.clock.pass_by(1.0)
    desk.press(Qt.Key.Key_V)
    desk.clock.pass_by(0.25)
    desk.press(LEFT)
    desk.until_trial(1)
    assert [panel.enlarged for panel in pair.panels] == [None, None]
    (vote,) = desk.votes
    assert (vote.enlarged_s, vote.response_s) == (pytest.approx(1.0), pytest.approx(2.0))


def test_esc_hides_the_pictures_and_stops_the_clock(sit: Callable[..., Desk], caplog: pytest.LogCaptureFixture) -> None:
    desk = sit(min_exposure_s=0.5)
    page = desk.window.trial_page
    desk.clock.pass_by(0.4)
    with caplog.at_level("INFO"):
        desk.press(Qt.Key.Key_Escape)
        desk.release(Qt.Key.Key_Escape)
        assert page.paused
        assert page.cover.isVisible()
        assert not any(panel.shows for panel in page.pair.panels)
        desk.clock.pass_by(1000.0)
        for key in (LEFT, RIGHT, Qt.Key.Key_V):
            desk.rater.press(key)
        assert desk.votes == []
        desk.rater.press(Qt.Key.Key_Escape)
    assert not page.cover.isVisible()
    desk.until_trial(0)
    assert page.clock.seconds == pytest.approx(0.4)
    desk.clock.pass_by(0.2)
    desk.press(LEFT)
    desk.until_trial(1)
    assert [vote.response_s for vote in desk.votes] == [pytest.approx(0.6)]
    assert "seat 1, trial 1: paused" in caplog.text
    assert "seat 1, trial 1: goes on" in caplog.text


def test_leaving_the_window_is_counted_and_lets_go_of_every_key(sit: Callable[..., Desk], qtbot: QtBot) -> None:
    desk = sit(min_exposure_s=0.0)
    desk.press(Qt.Key.Key_V)
    other = QWidget()
    qtbot.addWidget(other)
    for _ in range(2):
        other.show()
        other.activateWindow()
        desk.rater.until(lambda: not desk.window.isActiveWindow())
        desk.rater.take_place()
    assert desk.window.trial_page.pair.left.enlarged is None
    desk.rater.answer("right")
    desk.until_trial(1)
    desk.rater.answer("right")
    desk.until_trial(2)
    assert [vote.focus_losses for vote in desk.votes] == [2, 0]


def test_what_turns_turns_in_step(sit: Callable[..., Desk]) -> None:
    desk = sit(min_exposure_s=0.0, views=("overlay", "turntable"))
    pair = desk.window.trial_page.pair
    seen = set()
    for _ in range(6):
        desk.clock.pass_by(TURN_S / 6)
        pair._turn()
        left, right = pair.panels
        assert left.frame == right.frame
        seen.add(left.frame)
    assert seen == set(range(6))
    desk.clock.pass_by(TURN_S / 6)
    at = desk.window.trial_page.pair.left.frame
    desk.rater.until(lambda: pair.left.frame != at)  # by itself, without the test's help
    assert pair.left.frame == pair.right.frame


SIZES = ((1600, 1000), (1281, 733), (800, 500))


@pytest.mark.parametrize(
    "views", [("overlay",), ("photo", "overlay", "side"), ("keypoints", "overlay", "side", "turntable")]
)
def test_both_sides_are_the_same_to_the_pixel(sit: Callable[..., Desk], views: tuple[str, ...]) -> None:
    desk = sit(min_exposure_s=0.0, views=views, side_px=300)
    pair = desk.window.trial_page.pair
    left, right = pair.panels
    loaded = desk.window.trial_page.loaded
    assert loaded is not None
    for size in SIZES:
        desk.window.resize(*size)
        desk.rater.until(lambda size=size: (desk.window.width(), desk.window.height()) == size)
        desk.rater.until(lambda: left.height() == pair.height() - 2 * left.y())
        assert left.size() == right.size()
        assert left.places() == right.places()
        assert left.y() == right.y()
        assert left.x() == pair.width() - right.geometry().right() - 1
        assert all(place.width() <= 300 for place in left.places())
        for panel in pair.panels:
            picture = panel.grab().toImage()
            for view, place in zip(loaded.tiles(panel.side), panel.places(), strict=True):
                assert picture.pixelColor(place.center()) == view.frames[panel.frame].pixelColor(5, 5)
    for panel in pair.panels:
        panel.clear()
    assert left.grab().toImage() == right.grab().toImage()
