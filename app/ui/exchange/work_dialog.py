"""What the dialogs of long work share: a form, progress with rate and time left, and then what came of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, TypeVar

from PySide6.QtWidgets import (
    QFileDialog,
    QGridLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.ui.exchange.long_work import LongWork, WorkProgress
from app.ui.exchange.outcome_panel import Outcome, OutcomePanel
from app.ui.titled_dialog import TitledDialog

Found = TypeVar("Found")
_STEPS: Final = 1000
_MINUTE, _HOUR = 60, 3600


class WorkDialog(TitledDialog):
    """A form that begins work, and a page that shows what came of it.

    Whoever derives from it fills :attr:`form`, says in :meth:`missing` what is still to be named, and begins the work
    in :meth:`start`.

    Args:
        title: Of the dialog.
        work: Does the work; one dialog at a time uses it.
        start_text: On the button that begins.
        cancel_text: On the button that stops.
        size: Wanted, in logical pixels.

    Attributes:
        form: Layout of the form.
        problem: What is still to be named, or why it did not work.
        outcome: What came of it.
        start_button: Begins.
        cancel_button: Stops; there while work goes on.
        back_button: Back to the form.
    """

    def __init__(
        self,
        title: str,
        work: LongWork,
        start_text: str,
        cancel_text: str,
        size: tuple[int, int],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(title, size, parent)
        self.work = work
        self._is_mine = False
        self._refusal = ""
        self._is_closed = False
        self.finished.connect(lambda _result: self._on_finished())
        self._pages = QStackedWidget(self)
        self._form_page = QWidget(self)
        self.form = QVBoxLayout(self._form_page)
        self.form.setContentsMargins(0, 0, 0, 0)
        self.form.setSpacing(10)
        self.outcome = OutcomePanel(self)
        self._pages.addWidget(self._form_page)
        self._pages.addWidget(self.outcome)
        self.problem = QLabel(self)
        self.problem.setObjectName("settingProblem")
        self.problem.setWordWrap(True)
        self.bar = QProgressBar(self)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(self.tr("Progress"))
        self.stage = QLabel(self)
        self.start_button = QPushButton(start_text, self)
        self.start_button.setProperty("primary", True)
        self.start_button.clicked.connect(self.start)
        self.cancel_button = QPushButton(cancel_text, self)
        self.cancel_button.setAutoDefault(False)
        self.cancel_button.clicked.connect(self._on_cancel)
        self.back_button = QPushButton(self.tr("Back"), self)
        self.back_button.setAutoDefault(False)
        self.back_button.clicked.connect(self.show_form)
        self.content.addWidget(self._pages, 1)
        self.content.addWidget(self.problem)
        self.content.addWidget(self.stage)
        self.content.addWidget(self.bar)
        self.buttons.addWidget(self.back_button)
        self.buttons.addStretch(1)
        self.buttons.addWidget(self.cancel_button)
        self.buttons.addWidget(self.start_button)
        work.progressed.connect(self._on_progressed)
        work.done.connect(self._on_done)
        work.failed.connect(self._on_failed)
        work.crashed.connect(self._on_crashed)
        self.show_form()
        self.show_working(False)

    def missing(self) -> str:
        """What is still to be named or cannot be right, a sentence; empty when all is well."""
        raise NotImplementedError

    def start(self) -> None:
        """Begin, if everything is named."""
        raise NotImplementedError

    def take_result(self, result: object) -> None:
        """Show what came of the work; called on the window's thread."""
        raise NotImplementedError

    def reject(self) -> None:
        """Esc and the cross: work under way is stopped first."""
        if self.work.busy:
            self._on_cancel()
            return
        super().reject()

    def show_form(self) -> None:
        """Back to what is asked for."""
        self._pages.setCurrentWidget(self._form_page)
        self.back_button.hide()
        self.start_button.show()

    def show_outcome(self, outcome: Outcome, *, can_start: bool = False, can_go_back: bool = True) -> None:
        """Show what came of it; the dialog stays until it is closed."""
        self.outcome.show_outcome(outcome)
        self._pages.setCurrentWidget(self.outcome)
        self.back_button.setVisible(can_go_back)
        self.start_button.setVisible(can_start)
        self.say("")
        (self.start_button if can_start else self.close_button).setFocus()

    @property
    def shows_outcome(self) -> bool:
        """Whether the page with what came of it is on show."""
        return self._pages.currentWidget() is self.outcome

    def begin(self, work: Callable[..., object], stage: str) -> None:
        """Run work, unless some goes on."""
        if self.work.busy:
            return
        self._refusal = ""
        self.say("")
        self.show_working(True)
        self.stage.setText(stage)
        self._is_mine = True  # what a dialog before has begun and left is told to all
        self.work.run(work)

    def while_open(self, take: Callable[[Found], None]) -> Callable[[Found], None]:
        """The same function, for what is told later: it does nothing once the dialog is closed."""
        return lambda found: None if self._is_closed else take(found)

    def edited(self) -> None:
        """People have changed the form: why it did not work before is not said any more."""
        self._refusal = ""
        self.check()

    def check(self) -> None:
        """Say what is still to be named, else why it did not work."""
        missing = self.missing()
        self.start_button.setEnabled(not missing and not self.work.busy)
        self.say(missing or self._refusal)

    def show_working(self, working: bool) -> None:
        """Show the bar and lock the form, or the other way round."""
        for widget in (self.bar, self.stage, self.cancel_button):
            widget.setVisible(working)
        for other in (self._form_page, self.start_button, self.close_button, self.back_button):
            other.setEnabled(not working)
        self.bar.setRange(0, 0)
        self.cancel_button.setEnabled(True)

    def add_path_row(
        self,
        grid: QGridLayout,
        line: int,
        title: str,
        field: QLineEdit,
        choices: Sequence[tuple[str, Callable[[], None]]],
    ) -> list[QPushButton]:
        """A row of the form that names a file or a folder; the buttons that ask for one."""
        label = QLabel(title, self)
        label.setBuddy(field)
        field.setAccessibleName(title)
        grid.addWidget(label, line, 0)
        grid.addWidget(field, line, 1)
        buttons = []
        for column, (text, ask) in enumerate(choices, start=2):
            button = QPushButton(text, self)
            button.setAutoDefault(False)
            button.setAccessibleName(f"{text.rstrip('…')}: {title}")
            button.clicked.connect(ask)
            grid.addWidget(button, line, column, 1, 2 if len(choices) == 1 else 1)
            buttons.append(button)
        return buttons

    def ask_folder(self, field: QLineEdit, beside: str = "") -> None:
        """Let people choose a folder."""
        start = field.text() or (str(Path(beside).parent) if beside else str(Path.home()))
        folder = QFileDialog.getExistingDirectory(self, self.tr("Choose a folder"), start)
        if folder:
            field.setText(folder)

    def say(self, sentence: str) -> None:
        """Show a sentence below the form; an empty one takes no room."""
        self.problem.setText(sentence)
        self.problem.setVisible(bool(sentence))

    def _on_finished(self) -> None:
        self._is_closed = True

    def _on_cancel(self) -> None:
        self.work.cancel()
        self.cancel_button.setEnabled(False)
        self.stage.setText(self.tr("Stopping…"))

    def _on_progressed(self, progress: WorkProgress) -> None:
        if not self._is_mine or not self.cancel_button.isEnabled():
            return
        if progress.share is None:
            self.bar.setRange(0, 0)
        else:
            self.bar.setRange(0, _STEPS)
            self.bar.setValue(round(_STEPS * progress.share))
        self.stage.setText(self._describe(progress))

    def _describe(self, progress: WorkProgress) -> str:
        count = f"{progress.done:,}"
        if progress.total is not None:
            count = self.tr("{0} of {1}").format(count, f"{progress.total:,}")
        parts = [f"{self.tr(progress.stage)}: {count}"]
        if progress.rate is not None:
            parts.append(
                self.tr("{0} a second").format(
                    f"{progress.rate:,.0f}" if progress.rate >= 10 else f"{progress.rate:.1f}"
                )
            )
        if progress.left_s is not None:
            parts.append(self._describe_left(progress.left_s))
        return "  ·  ".join(parts)

    def _describe_left(self, seconds: float) -> str:
        if seconds < _MINUTE:
            return self.tr("{0} s left").format(f"{seconds:.0f}")
        if seconds < _HOUR:
            return self.tr("{0} min left").format(f"{seconds / _MINUTE:.0f}")
        return self.tr("{0} h left").format(f"{seconds / _HOUR:.1f}")

    def _on_done(self, result: object) -> None:
        if not self._is_mine:
            return
        self._is_mine = False
        self.show_working(False)
        self.check()
        self.take_result(result)

    def _on_failed(self, sentence: str) -> None:
        if not self._is_mine:
            return
        self._is_mine = False
        self._refusal = sentence
        self.show_working(False)
        self.check()

    def _on_crashed(self, _error: Exception) -> None:
        self._on_failed(self.tr("This met an error of the program; what was stored before is as it was."))
