"""The rater's window: welcome, practice, comparisons, breaks, thanks; one package, one rater, one seat."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, Literal, TypeAlias

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QMainWindow, QStackedWidget, QWidget

from app.settings import SettingsFile
from app.ui.action_set import ActionSet
from app.ui.keymap import Keymap
from app.ui.session.card import CardPage, WordsPage
from app.ui.session.clock import Looked
from app.ui.session.keys import SessionKeys
from app.ui.session.pages import RaterWelcome, ThanksPage
from app.ui.session.pictures import LoadedTrial
from app.ui.session.rating import Rating
from app.ui.session.trial_page import TrialPage, key_sign
from app.ui.shortcuts_sheet import ShortcutsSheet
from db.rater_package.package import RaterPackage
from db.rater_package.records import PackageTrial, Place
from db.records.studies import VoteChoice

log = logging.getLogger(__name__)

Stage: TypeAlias = Literal["welcome", "back", "trial", "feedback", "counts", "break", "thanks", "over"]
"""Which page is on screen; ``trial`` also while pictures are hidden by a pause or a fault."""

_FIRST_SIZE: Final = (1440, 900)
_SMALLEST: Final = (800, 500)
_ACTIONS: Final = ("help.handbook", "help.shortcuts", "view.full_screen", "program.quit")
_SHEET: Final = ("vote.left", "vote.right", "vote.neither", "session.enlarge", "session.pause", "session.go_on",
                 "view.full_screen", "program.quit")  # fmt: skip


class SessionWindow(QMainWindow):
    """Opens on the welcome page.

    Args:
        package: Open; the window closes it.
        settings: Of this user.
        rater: Pseudonym to begin with; None takes the one remembered for the package, or suggests one.
        now: Monotonic seconds.
        parent: Window it belongs to.

    Signals:
        closed: The window is gone and the package is closed.
        crashed: ``Exception``, a bug.
    """

    closed = Signal()
    crashed = Signal(object)

    def __init__(
        self,
        package: RaterPackage,
        settings: SettingsFile,
        rater: str | None = None,
        now: Callable[[], float] = time.perf_counter,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("sessionWindow")
        self.setWindowTitle(self.tr("Study"))
        self.setMinimumSize(*_SMALLEST)
        self.resize(*_FIRST_SIZE)
        self._settings = settings
        self._stage: Stage = "welcome"
        self._since_break = 0
        self._close_anyway = False
        self._close_when_stored = False
        keymap = Keymap.of_settings(settings.values)
        self.actions_table = ActionSet(self, keymap, _ACTIONS)
        name = rater or settings.values.rater_names.get(str(package.folder), "")
        self.welcome = RaterWelcome(package.info, keymap, name, self)
        self.words = WordsPage(self)
        self.trial_page = TrialPage(keymap, self, now)
        self.trial_page.set_info(package.info)
        self.thanks = ThanksPage(package.folder, self)
        self.rating = Rating(package, self.trial_page.tile_px, self)
        self._pages = QStackedWidget(self)
        for page in (self.welcome, self.words, self.trial_page, self.thanks):
            self._pages.addWidget(page)
        self.setCentralWidget(self._pages)
        self._keys = SessionKeys(self, keymap, self._on_key, self._on_key_up)
        self._keys.watch([self.trial_page, self.trial_page.go_on_button, self.trial_page.cover.button])
        for card in (self.welcome, self.words, self.thanks):
            self._keys.watch(card.focus_widgets())
        self._unwatch = settings.watch(self._on_settings_changed)
        self._connect()
        self._show("welcome", self.welcome)

    @property
    def stage(self) -> Stage:
        """Which page is on screen."""
        return self._stage

    @property
    def trial(self) -> PackageTrial | None:
        """The trial on screen."""
        loaded = self.trial_page.loaded
        return loaded.trial if loaded is not None and self._stage in ("trial", "feedback") else None

    @property
    def place(self) -> Place | None:
        """Whoever sits here, and where."""
        return self.rating.place

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 -- Qt's name
        """Count that the window is left; follow the desktop's full screen."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.WindowStateChange:
            self.actions_table.set_checked("view.full_screen", self.isFullScreen())
        elif event.type() == QEvent.Type.ActivationChange and not self.isActiveWindow():
            self.trial_page.clock.note_focus_lost()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 -- Qt's name
        """Store what is on its way and leave the seat to its rater; an answer that cannot be stored is told first."""
        if self.rating.unstored and self.rating.busy:
            self._close_when_stored = True
            event.ignore()
            return
        if self.rating.unstored and not self._close_anyway:
            self._close_anyway = True
            self.trial_page.cover.show_words(
                self.tr("Your last answer is not stored yet"),
                self.tr("Try again, or close the window once more: this comparison will then be asked again."),
                self.tr("Try again"),
            )
            event.ignore()
            return
        self._unwatch()
        self.rating.close()
        super().closeEvent(event)
        self.closed.emit()

    def _connect(self) -> None:
        self.actions_table.set_handlers(
            "window",
            {
                "help.handbook": self._show_help,
                "help.shortcuts": self._show_help,
                "view.full_screen": lambda full: self.showFullScreen() if full else self.showNormal(),
                "program.quit": self.close,
            },
        )
        self.welcome.continued.connect(self._on_begin)
        self.words.continued.connect(self._on_continued)
        self.thanks.continued.connect(self.close)
        self.thanks.votes_wanted.connect(self._on_votes_wanted)
        self.trial_page.answered.connect(self._on_answered)
        self.trial_page.continued.connect(self._on_continued)
        self.rating.seated.connect(self._on_seated)
        self.rating.refused.connect(self._on_refused)
        self.rating.arrived.connect(self._on_arrived)
        self.rating.stored.connect(self._on_stored)
        self.rating.not_stored.connect(self._on_not_stored)
        self.rating.pictures_missing.connect(self._on_pictures_missing)
        self.rating.over.connect(self._on_over)
        self.rating.done.connect(self._on_done)
        self.rating.crashed.connect(self.crashed)

    def _show(self, stage: Stage, page: QWidget) -> None:
        self._stage = stage
        self._pages.setCurrentWidget(page)
        if isinstance(page, CardPage):
            page.take_focus()
        else:
            page.setFocus()

    def _on_key(self, action_id: str) -> bool:
        """A fresh press of a key of the session; whether it was for something here."""
        if action_id == "session.go_on":
            return self._go_on()
        if self._stage != "trial":
            return False
        if action_id == "session.pause":
            if self.trial_page.paused:
                self._on_continued()
            else:
                self._pause()
        elif action_id == "session.enlarge":
            self.trial_page.enlarge(True)
        elif action_id.startswith("vote."):
            choice: VoteChoice = _CHOICES[action_id]
            self.trial_page.answer(choice)
        return True

    def _on_key_up(self, action_id: str) -> None:
        if action_id == "session.enlarge":
            self.trial_page.enlarge(False)

    def _go_on(self) -> bool:
        """What Enter does on a page that waits."""
        page = self._pages.currentWidget()
        if isinstance(page, CardPage) and page.button.isVisible() and page.button.isEnabled():
            page.continued.emit()
        elif self._stage == "feedback" or self.trial_page.cover.isVisible():
            self._on_continued()
        return True

    def _on_begin(self) -> None:
        name = self.welcome.name.text().strip()
        if name and self.rating.place is None and not self.rating.busy:
            self.welcome.set_working(True)
            self.welcome.show_fault("")
            self.rating.sit_down(name)

    def _on_refused(self, sentence: str) -> None:
        self.welcome.set_working(False)
        self.welcome.show_fault(sentence)
        self.welcome.take_focus()

    def _on_seated(self, place: Place) -> None:
        self._settings.remember_rater(self.rating.package.folder, place.rater)
        self._settings.save()
        if 0 < place.done < place.trials:
            done, total = place.done - self.rating.practice, place.trials - self.rating.practice
            if done < 0:
                done, total = place.done, place.trials
            self.words.show_words(
                self.tr("Welcome back, {0}").format(place.rater),
                [
                    self.tr("{0} of {1} comparisons are done; all your answers are stored.").format(done, total),
                    self.tr("You go on with the next one."),
                ],
                self.tr("Continue"),
            )
            self._show("back", self.words)
        else:
            self.rating.ask_next()

    def _on_arrived(self, loaded: LoadedTrial) -> None:
        place, practice = self.rating.place, self.rating.practice
        assert place is not None
        position = loaded.trial.position
        self._show("trial", self.trial_page)
        if position < practice:
            self.trial_page.show_trial(loaded, position, practice)
        else:
            self.trial_page.show_trial(loaded, position - practice, place.trials - practice)

    def _on_answered(self, looked: Looked, choice: VoteChoice) -> None:
        loaded = self.trial_page.loaded
        assert loaded is not None
        self._close_anyway = False
        if loaded.trial.practice_answer is None:
            self.trial_page.hide_pictures()
            self._since_break += 1
        self._choice = choice
        self.rating.vote(loaded.trial, choice, looked)

    def _on_stored(self) -> None:
        loaded, place = self.trial_page.loaded, self.rating.place
        assert loaded is not None
        assert place is not None
        self.trial_page.cover.hide()
        if self._close_when_stored:
            self.close()
            return
        trial = loaded.trial
        done = trial.position + 1
        if trial.practice_answer is not None:
            self._stage = "feedback"
            self.trial_page.show_feedback(self._feedback(trial), trial.practice_answer)
        elif self._since_break >= self.rating.package.info.break_every and done < place.trials:
            self._since_break = 0
            self._show_break(done - self.rating.practice, place.trials - self.rating.practice)
        else:
            self.trial_page.setFocus()
            self.rating.ask_next()

    def _feedback(self, trial: PackageTrial) -> str:
        side = self.tr("left") if trial.practice_answer == "left" else self.tr("right")
        if self._choice == trial.practice_answer:
            verdict = self.tr("Right: the {0} body is better.")
        elif self._choice == "neither":
            verdict = self.tr("Here the {0} body is better.")
        else:
            verdict = self.tr("Not this time: the {0} body is better.")
        why = self.tr("It was fitted to this person; for practice, the other one is wrong on purpose.")
        return f"<b>{verdict.format(side)}</b><br>{why}"

    def _show_break(self, done: int, total: int) -> None:
        self.words.show_words(
            self.tr("Time for a break"),
            [
                self.tr("{0} of {1} comparisons are done; all your answers are stored.").format(done, total),
                self.tr("Take your time. Look out of the window, stretch; go on whenever you are ready, or close this"
                        " window and go on another day."),
            ],
            self.tr("Continue"),
        )  # fmt: skip
        self._show("break", self.words)

    def _on_continued(self) -> None:
        if self._stage == "feedback":
            self._after_feedback()
        elif self._stage in ("back", "counts", "break"):
            self.words.button.setVisible(False)
            self.rating.ask_next()
        elif self.trial_page.paused:
            log.info("%s: goes on", self._where())
            self.trial_page.go_on()
        elif self.trial_page.cover.isVisible():
            self.trial_page.cover.hide()
            self.trial_page.setFocus()
            self.rating.retry()

    def _after_feedback(self) -> None:
        loaded = self.trial_page.loaded
        assert loaded is not None
        self.trial_page.hide_pictures()
        if loaded.trial.position + 1 < self.rating.practice:
            self._stage = "trial"
            self.rating.ask_next()
            return
        trials, apart = self._main_trials(), self.rating.package.info.break_every
        course = (
            self.tr("Answers are final. There are {0} comparisons, with a break every {1}.")
            if 0 < apart < trials
            else self.tr("Answers are final. There are {0} comparisons.")
        )
        self.words.show_words(
            self.tr("Now it counts"),
            [
                self.tr("That was the practice. From here on nobody tells you which side is better: your view is"
                        " what is asked for."),
                course.format(trials, apart),
            ],
            self.tr("Begin"),
        )  # fmt: skip
        self._show("counts", self.words)

    def _main_trials(self) -> int:
        assert self.rating.place is not None
        return self.rating.place.trials - self.rating.practice

    def _pause(self) -> None:
        sign = key_sign(self.actions_table.keymap, "session.pause")
        words = self.tr(
            "The pictures are hidden and the clock has stopped. All answers so far are stored. {0} goes on."
        )
        if self.trial_page.pause(words.format(sign)):
            log.info("%s: paused", self._where())

    def _on_not_stored(self, sentence: str) -> None:
        self._stage = "trial"
        self._close_when_stored = False
        self.trial_page.hide_pictures()
        self._pages.setCurrentWidget(self.trial_page)
        self.trial_page.cover.show_words(
            self.tr("Your answer is not stored yet"),
            self.tr("{0} Nothing is lost: the answer is kept here until it can be stored.").format(sentence),
            self.tr("Try again"),
        )

    def _on_pictures_missing(self, sentence: str) -> None:
        self._stage = "trial"
        self.trial_page.hide_pictures()
        self._pages.setCurrentWidget(self.trial_page)
        self.trial_page.cover.show_words(self.tr("This comparison cannot be shown"), sentence, self.tr("Try again"))

    def _on_over(self, sentence: str) -> None:
        self.trial_page.hide_pictures()
        self.trial_page.cover.hide()
        self.words.show_words(self.tr("This window takes no answers any more"), [sentence])
        self._show("over", self.words)

    def _on_done(self) -> None:
        self.thanks.show_count(self._main_trials())
        self._show("thanks", self.thanks)

    def _on_votes_wanted(self, path: Path) -> None:
        self.rating.write_votes(
            path,
            lambda: self.thanks.show_outcome(self.tr("Written: {0}").format(path)),
            lambda error: self.thanks.show_outcome(str(error)),
        )

    def _on_settings_changed(self, names: frozenset[str]) -> None:
        if names & {"shortcuts", "shortcut_preset"}:
            keymap = Keymap.of_settings(self._settings.values)
            self.actions_table.apply_keys(keymap)
            self._keys.apply_keys(keymap)
            self.trial_page.apply_keys(keymap)
            self.welcome.apply_keys(keymap)

    def _show_help(self) -> None:
        """The keys of a session; the pictures are hidden meanwhile."""
        if self._stage == "trial":
            self._pause()
        note = self.tr("An answer is final: there is no key to take it back. Every answer is stored at once.")
        sheet = ShortcutsSheet(self, self.actions_table.keymap, _SHEET, note)
        sheet.setWindowModality(Qt.WindowModality.WindowModal)
        sheet.show()

    def _where(self) -> str:
        trial = self.trial
        return "no trial" if trial is None else f"seat {trial.seat + 1}, trial {trial.position + 1}"


_CHOICES: Final[dict[str, VoteChoice]] = {"vote.left": "left", "vote.right": "right", "vote.neither": "neither"}
