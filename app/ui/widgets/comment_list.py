"""The threads of a person, and the line in which a comment is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QScrollArea, QToolButton, QVBoxLayout, QWidget

from app.services.comments import TEXT_LIMIT, CommentLine, PersonComments, Thread
from app.ui.fit_texts import describe_time
from app.ui.keymap import key_hint
from db.comments import CommentId

_ACTS = {"resolve": "resolved this", "reopen": "reopened this"}


class CommentList(QWidget):
    """Threads to read, answer, resolve and reopen; a line to write in at the foot.

    Signals:
        written: ``str``, something to say; :attr:`answering` tells in which thread, None begins one.
        resolve_wanted: ``CommentId``, a thread is done.
        reopen_wanted: ``CommentId``, a thread is not done after all.
        thread_chosen: ``CommentId``, somebody looks at this thread.
        left: The line is done with; the focus belongs to the picture again.
    """

    written = Signal(str)
    resolve_wanted = Signal(object)
    reopen_wanted = Signal(object)
    thread_chosen = Signal(object)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.answering: CommentId | None = None
        self._comments = PersonComments()
        self._joint_titles: Mapping[str, str] = {}
        self._target = ""
        self._cards: dict[CommentId, _ThreadCard] = {}
        self._marked: CommentId | None = None
        self._empty = QLabel(self)
        self._empty.setWordWrap(True)
        self._empty.setProperty("quiet", True)
        self._empty.setContentsMargins(2, 4, 2, 8)
        content = QWidget(self)
        self._content = QVBoxLayout(content)
        self._content.setContentsMargins(0, 8, 8, 4)
        self._content.setSpacing(8)
        self._content.addWidget(self._empty)
        self._content.addStretch(1)
        self.area = QScrollArea(self)
        self.area.setObjectName("commentArea")
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setAccessibleName(self.tr("Comments on this person"))
        self.area.setWidget(content)
        self.entry = _Entry(self)
        self.entry.setMaxLength(TEXT_LIMIT)
        self.entry.setAccessibleName(self.tr("Write a comment"))
        self.entry.returnPressed.connect(self._on_returned)
        self.entry.left.connect(self._on_left)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self.area, 1)
        layout.addWidget(self.entry)
        self.set_comments(PersonComments(), {})
        self.set_target("")

    def set_comments(self, comments: PersonComments, joint_titles: Mapping[str, str]) -> None:
        """Show the threads, open ones first; ``joint_titles`` are the joints' names for people."""
        self._comments = comments
        self._joint_titles = joint_titles
        for card in self._cards.values():
            self._content.removeWidget(card)
            card.hide()
            card.deleteLater()
        self._cards = {}
        for place, thread in enumerate(sorted(comments.threads, key=lambda row: not row.is_open), 1):
            card = self._build_card(thread)
            self._cards[thread.id] = card
            self._content.insertWidget(place, card)
            card.show()
        if self.answering not in self._cards:
            self.answering = None
        if self._marked in self._cards:
            self._cards[self._marked].set_marked(True)
        self._empty.setText(self._describe_empty())
        self._empty.setVisible(bool(self._empty.text()))
        self._name_entry()

    def set_target(self, joint_title: str) -> None:
        """What a new comment would be pinned at: a joint, or empty for the person."""
        self._target = joint_title
        self._name_entry()

    def write(self, answering: CommentId | None = None) -> None:
        """Let people type."""
        self.answering = answering
        self._name_entry()
        self.entry.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def clear_entry(self) -> None:
        """What was typed is stored."""
        self.entry.clear()
        self.answering = None
        self._name_entry()

    def mark(self, thread_id: CommentId) -> None:
        """Show a thread among the others."""
        if self._marked in self._cards:
            self._cards[self._marked].set_marked(False)
        self._marked = thread_id
        card = self._cards.get(thread_id)
        if card is not None:
            card.set_marked(True)
            self.area.ensureWidgetVisible(card)

    def marked(self) -> CommentId | None:
        """The thread shown among the others."""
        return self._marked

    def texts(self) -> Sequence[str]:
        """What is on show, a text for each thread."""
        return [card.text for card in self._cards.values()]

    def notice(self) -> str:
        """What is said in place of, or over, the threads."""
        return self._empty.text()

    def _build_card(self, thread: Thread) -> _ThreadCard:
        title = self.tr("the person") if thread.joint is None else self._joint_titles.get(thread.joint, thread.joint)
        card = _ThreadCard(thread, title, self)
        card.answer.clicked.connect(lambda: self.write(thread.id))
        wanted = self.resolve_wanted if thread.is_open else self.reopen_wanted
        card.settle.clicked.connect(lambda: wanted.emit(thread.id))
        card.chosen.connect(lambda: self.thread_chosen.emit(thread.id))
        return card

    def _describe_empty(self) -> str:
        if self._comments.withheld:
            return self.tr("Comments of another reviewer are shown once you have decided: {0}.").format(
                self._comments.withheld
            )
        if self._comments.threads:
            return ""
        return self.tr("No comments. Select a joint to write one there, then press {0}.").format(
            key_hint("comment.write")
        )

    def _name_entry(self) -> None:
        thread = next((row for row in self._comments.threads if row.id == self.answering), None)
        if thread is not None:
            text = self.tr("Answer {0}").format(f"#{thread.number}")
        else:
            text = self.tr("Comment on {0}").format(self._target or self.tr("the person"))
        self.entry.setPlaceholderText(self.tr("{0}  (K, then Enter)").format(text))
        self.entry.setAccessibleDescription(text)

    def _on_returned(self) -> None:
        if self.entry.text().strip():
            self.written.emit(self.entry.text().strip())
        self.left.emit()

    def _on_left(self) -> None:
        self.answering = None
        self._name_entry()
        self.left.emit()


class _Entry(QLineEdit):
    """Line edit that says when Esc leaves it; what was typed stays."""

    left = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt's name)
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
            return
        super().keyPressEvent(event)


class _ThreadCard(QFrame):
    """One thread.

    Signals:
        chosen: It was clicked.
    """

    chosen = Signal()

    def __init__(self, thread: Thread, about: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("card", True)
        self.setAccessibleName(self.tr("Comment {0} on {1}").format(thread.number, about))
        name = QLabel(f"<b>{thread.number}</b>&nbsp;&nbsp;{about}", self)
        status = QLabel("" if thread.is_open else self.tr("✓ resolved"), self)
        status.setProperty("quiet", True)
        self.answer = self._build_button(self.tr("Answer"))
        self.settle = self._build_button(self.tr("Resolve") if thread.is_open else self.tr("Reopen"))
        top = QHBoxLayout()
        top.setSpacing(4)
        top.addWidget(name)
        top.addWidget(status)
        top.addStretch(1)
        top.addWidget(self.answer)
        top.addWidget(self.settle)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 5, 6, 8)
        layout.setSpacing(3)
        layout.addLayout(top)
        self._lines = [self._build_line(line, quiet=not thread.is_open) for line in thread.lines]
        for line in self._lines:
            layout.addWidget(line)
        self._head = f"{thread.number} {about}{'' if thread.is_open else ' (resolved)'}"

    @property
    def text(self) -> str:
        """The thread in words."""
        return "\n".join([self._head, *(line.accessibleName() for line in self._lines)])

    def set_marked(self, marked: bool) -> None:
        """Set it apart from the others."""
        self.setProperty("marked", marked)
        self.style().unpolish(self)
        self.style().polish(self)

    def mousePressEvent(self, _event: object) -> None:  # noqa: N802 (Qt's name)
        """Say that it was chosen."""
        self.chosen.emit()

    def _build_button(self, title: str) -> QToolButton:
        button = QToolButton(self)
        button.setText(title)
        button.setProperty("flat", True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return button

    def _build_line(self, line: CommentLine, *, quiet: bool) -> QWidget:
        row = QWidget(self)
        said = line.text or self.tr(_ACTS[line.action])
        row.setAccessibleName(f"{line.who}: {said}")
        who = QLabel(f"{line.who}  ·  {describe_time(line.moment)}" + ("" if line.text else f"  ·  {said}"), row)
        who.setTextFormat(Qt.TextFormat.PlainText)
        who.setProperty("quiet", True)
        layout = QVBoxLayout(row)
        layout.setContentsMargins(0, 2, 4, 0)
        layout.setSpacing(1)
        if line.text:
            text = QLabel(line.text, row)
            text.setTextFormat(Qt.TextFormat.PlainText)
            text.setWordWrap(True)
            text.setProperty("quiet", quiet)
            layout.addWidget(text)
        layout.addWidget(who)
        return row
