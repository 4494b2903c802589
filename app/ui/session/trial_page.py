"""The page of one comparison: the question, two sides, the answers; and the rules of when an answer counts."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from app.ui.keymap import Keymap, native_text
from app.ui.session.clock import TrialClock
from app.ui.session.cover import Cover
from app.ui.session.pair import Pair
from app.ui.session.panel import find_enlarged_view
from app.ui.session.pictures import LoadedTrial
from db.rater_package.records import PackageInfo, ScreenSide
from db.records.studies import VoteChoice

_BUTTON_SIZE: Final = (220, 48)
_FEEDBACK_WIDTH: Final = 560
_LEAST_WAIT_MS: Final = 15
_ARROWS: Final = {"Left": "←", "Right": "→", "Down": "↓", "Up": "↑"}


class VoteButton(QPushButton):
    """An answer to click; never has the keyboard focus, whose ring would set one side off."""

    def __init__(self, text: str, accessible_name: str, parent: QWidget) -> None:
        super().__init__(text, parent)
        self.setAccessibleName(accessible_name)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setProperty("vote", True)
        self.setFixedSize(*_BUTTON_SIZE)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802 -- Qt's name
        """The second click of two is no answer to whatever has come up since the first."""
        event.accept()


class TrialPage(QWidget):
    """Shows trials and hears answers.

    Args:
        keymap: The keys, for the words on the buttons.
        parent: The window.
        now: Monotonic seconds.

    Signals:
        answered: :class:`~app.ui.session.clock.Looked` and the choice; nothing more is answered until the next trial.
        continued: The button under the feedback of practice, or on the cover.
        shown: Both sides of a trial are on screen for the first time.
    """

    answered = Signal(object, str)
    continued = Signal()
    shown = Signal()

    def __init__(self, keymap: Keymap, parent: QWidget, now: Callable[[], float] = time.perf_counter) -> None:
        super().__init__(parent)
        self.setObjectName("trialPage")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Comparison"))
        self.clock = TrialClock(now)
        self._info: PackageInfo | None = None
        self._loaded: LoadedTrial | None = None
        self.paused = False
        self.question = QLabel(self)
        self.question.setObjectName("studyQuestion")
        self.question.setWordWrap(True)
        self.question.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.progress_text = QLabel(self)
        self.progress_text.setProperty("quiet", True)
        self.hint = QLabel(self)
        self.hint.setProperty("quiet", True)
        self.progress = QProgressBar(self)
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName(self.tr("Progress"))
        self.pair = Pair(self, now)
        self.buttons: dict[VoteChoice, VoteButton] = {
            "left": VoteButton("", self.tr("Left is better"), self),
            "neither": VoteButton("", self.tr("Cannot decide"), self),
            "right": VoteButton("", self.tr("Right is better"), self),
        }
        for name, button in self.buttons.items():
            button.setObjectName(f"vote_{name}")
            button.clicked.connect(lambda _checked=False, choice=name: self.answer(choice))
        self.cover = Cover(self.pair)
        self.cover.continued.connect(self.continued)
        self.feedback = QLabel(self)
        self.feedback.setObjectName("practiceFeedback")
        self.feedback.setWordWrap(True)
        self.feedback.setTextFormat(Qt.TextFormat.RichText)
        self.go_on_button = QPushButton(self.tr("Continue"), self)
        self.go_on_button.setProperty("primary", True)
        self.go_on_button.clicked.connect(self.continued)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._enable_when_ready)
        self.pair.painted.connect(self._on_painted)
        self._lay_out()
        self.apply_keys(keymap)
        self._show_answers(None)

    def set_info(self, info: PackageInfo) -> None:
        """Of the package whose trials will be shown."""
        self._info = info
        self.question.setText(info.question)
        self.buttons["neither"].setVisible(info.cannot_decide)

    def apply_keys(self, keymap: Keymap) -> None:
        """Show the keys as they are."""
        words = {"left": self.tr("Left"), "neither": self.tr("Cannot decide"), "right": self.tr("Right")}
        for name, button in self.buttons.items():
            key = key_sign(keymap, f"vote.{name}")
            parts = [key, words[name]] if name == "left" else [words[name], key]
            button.setText("  ".join(part for part in parts if part))
        self._hint = self.tr("Hold {0}: larger side view · {1}: pause").format(
            key_sign(keymap, "session.enlarge"), key_sign(keymap, "session.pause")
        )
        self.hint.setText(self._hint)

    @property
    def loaded(self) -> LoadedTrial | None:
        """The trial on screen."""
        return self._loaded

    def tile_px(self) -> int:
        """Device pixels a tile of the next trial will have, 0 while that is not known."""
        if self._info is None or self._loaded is None:
            return 0
        return self.pair.left.tile_px(len(self._info.views), self._loaded.largest_px)

    def show_trial(self, loaded: LoadedTrial, done: int, total: int) -> None:
        """Show a trial; its answers count once both sides have been seen for long enough."""
        assert self._info is not None
        self._loaded = loaded
        self.paused = False
        self.cover.hide()
        self._show_answers(None)
        practice = loaded.trial.practice_answer is not None
        words = self.tr("Practice · {0} of {1}") if practice else self.tr("{0} of {1}")
        self.progress_text.setText(words.format(done + 1, total))
        self.progress.setRange(0, total)
        self.progress.setValue(done)
        self.clock.start(self._info.min_exposure_s)
        self._enable(False)
        self.pair.show_trial(loaded)

    def show_feedback(self, sentence: str, better: ScreenSide) -> None:
        """After an answer of practice: the pictures stay, with what is known of them."""
        self.pair.mark(better)
        self._show_answers(sentence)
        self.go_on_button.setFocus()

    def hide_pictures(self) -> None:
        """Between two trials."""
        self.pair.clear()
        self._timer.stop()
        self._enable(False)

    def answer(self, choice: VoteChoice) -> bool:
        """Answer, if an answer counts now; whether it did."""
        if self.paused or self._info is None or (choice == "neither" and not self._info.cannot_decide):
            return False
        looked = self.clock.stop()
        if looked is None:
            return False
        self._timer.stop()
        self._enable(False)
        self.pair.enlarge(None)
        self.answered.emit(looked, choice)
        return True

    def enlarge(self, enlarged: bool) -> None:
        """Enlarge the view from the side on both sides, as long as the key is down."""
        if self._info is None or not (self.clock.running or not enlarged):
            return
        self.clock.enlarge(enlarged)
        self.pair.enlarge(find_enlarged_view(self._info.views) if enlarged else None)

    def pause(self, words: str) -> bool:
        """Hide the pictures and stop the clock; False while nothing is to be answered."""
        if self.paused or self._loaded is None or not self.pair.left.shows or not self.clock.is_open:
            return False
        self.paused = True
        self.clock.pause()
        self._timer.stop()
        self._enable(False)
        self.pair.clear()
        self.cover.show_words(self.tr("Paused"), words, self.tr("Continue"))
        return True

    def go_on(self) -> None:
        """Show the pictures again; the clock runs on once both sides are painted."""
        if self.paused and self._loaded is not None:
            self.paused = False
            self.cover.hide()
            self.setFocus()
            self.clock.go_on()
            self.pair.show_trial(self._loaded)

    def _on_painted(self, side: ScreenSide) -> None:
        before = self.clock.running
        self.clock.note_painted(side)
        if self.clock.running and not before:
            self._timer.start(self._wait_ms())
            self.shown.emit()

    def _enable_when_ready(self) -> None:
        if self.clock.ready and not self.paused:
            self._enable(True)
        elif self.clock.running and not self.paused:
            self._timer.start(self._wait_ms())

    def _wait_ms(self) -> int:
        return max(round(1000 * self.clock.remaining_s), _LEAST_WAIT_MS)

    def _enable(self, enabled: bool) -> None:
        for button in self.buttons.values():
            button.setEnabled(enabled)

    def _show_answers(self, feedback: str | None) -> None:
        # One row in the place of the other, and words that are only emptied: the pictures must not move.
        self._rows.setCurrentWidget(self._answers if feedback is None else self._feedback_row)
        self.feedback.setText(feedback or "")
        self.hint.setText(self._hint if feedback is None else " ")

    def _lay_out(self) -> None:
        self._answers = QWidget(self)
        row = QHBoxLayout(self._answers)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(24)
        row.addStretch(1)
        for button in self.buttons.values():
            row.addWidget(button)
        row.addStretch(1)
        self._feedback_row = QWidget(self)
        told = QHBoxLayout(self._feedback_row)
        told.setContentsMargins(6, 0, 6, 0)
        told.setSpacing(24)
        told.addStretch(1)
        told.addWidget(self.feedback)
        told.addWidget(self.go_on_button)
        told.addStretch(1)
        top = QGridLayout()
        top.setContentsMargins(18, 12, 18, 8)
        for column in (0, 2):
            top.setColumnMinimumWidth(column, 150)
        top.setColumnStretch(1, 1)
        top.addWidget(self.question, 0, 1)
        top.addWidget(self.progress_text, 0, 2, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        bottom = QVBoxLayout()
        bottom.setContentsMargins(18, 12, 18, 10)
        bottom.setSpacing(8)
        self._rows = QStackedLayout()
        self._rows.addWidget(self._answers)
        self._rows.addWidget(self._feedback_row)
        bottom.addLayout(self._rows)
        bottom.addWidget(self.hint, 0, Qt.AlignmentFlag.AlignHCenter)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.progress)
        layout.addLayout(top)
        layout.addWidget(self.pair, 1)
        layout.addLayout(bottom)
        self.question.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.feedback.setMinimumWidth(_FEEDBACK_WIDTH)


def key_sign(keymap: Keymap, action_id: str) -> str:
    """The first key of an action, arrows as arrows."""
    keys = keymap.keys(action_id)
    return "" if not keys else _ARROWS.get(keys[0], native_text(keys[0]))


def key_signs(keymap: Keymap, action_id: str) -> list[str]:
    """All keys of an action, arrows as arrows."""
    return list(dict.fromkeys(_ARROWS.get(key, native_text(key)) for key in keymap.keys(action_id)))
