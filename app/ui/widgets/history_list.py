"""What happened to a person as text to scroll through: decisions stand out, edits and fits stay quiet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QTextBrowser, QWidget

from app.services.person_history import EventKind, HistoryEvent
from app.ui.fit_texts import describe_time
from app.ui.widgets.state_badge import STATE_STYLES, state_colors
from app.ui.widgets.tones import is_dark, muted_text
from db.records import PersonState

_CHIPS: Mapping[EventKind, PersonState] = {
    "accept": "accepted",
    "reject": "rejected",
    "second_look": "second_look",
    "reopen": "fitted",
    "withheld": "in_review",
}
"""Kinds of events that stand out, and the state whose colours and symbol they share."""


class HistoryList(QTextBrowser):
    """Events, the newest first."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("historyList")
        self.setAccessibleName(self.tr("History of this person"))
        self.setOpenLinks(False)
        # A click leaves the keyboard with the picture; a text field would take the keys of the review.
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        self.document().setDocumentMargin(10)
        self._events: tuple[HistoryEvent, ...] | None = None

    def set_events(self, events: Sequence[HistoryEvent] | None) -> None:
        """Show what happened; None while nobody is on screen."""
        fresh = None if events is None else tuple(events)
        if fresh != self._events:
            self._events = fresh
            self._write()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 (Qt's name)
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            self._write()

    def _write(self) -> None:
        place = self.verticalScrollBar().value()
        events = () if self._events is None else self._events
        if not events:
            text = self.tr("Nothing has happened to this person yet.")
            self.setHtml(f'<p style="color:{self._muted()}">{escape(text)}</p>' if self._events is not None else "")
            return
        self.setHtml("".join(self._describe(event) for event in events))
        self.verticalScrollBar().setValue(place)

    def _describe(self, event: HistoryEvent) -> str:
        muted = self._muted()
        words = [event.who] if event.who else []
        if event.kind != "withheld":
            words.append(describe_time(event.moment))
        aside = f'<span style="color:{muted}">&nbsp; {escape("  ·  ".join(words))}</span>'
        if event.kind not in _CHIPS:
            details = f" · {' · '.join(event.details)}" if event.details else ""
            return f'<p style="margin:0 0 7px 0">{escape(event.title + details)}{aside}</p>'
        details = "  ·  ".join(event.details)
        if not event.counts and event.kind in ("accept", "reject", "second_look"):
            details += "  ·  " + self.tr("no longer counts")
        return (
            f'<p style="margin:0 0 1px 0">{self._chip(event)}{aside}</p>'
            f'<p style="margin:0 0 9px 0;color:{muted}">{escape(details)}</p>'
        )

    def _chip(self, event: HistoryEvent) -> str:
        state = _CHIPS[event.kind]
        symbol = "○" if event.kind == "reopen" else STATE_STYLES[state].symbol
        look = state if event.counts or event.kind in ("reopen", "withheld") else "unfitted"
        background, text = state_colors(look, is_dark(self.palette()))
        title = escape(f"{symbol} {event.title}").replace(" ", "&nbsp;")
        return f'<span style="background:{background.name()};color:{text.name()}">&nbsp;{title}&nbsp;</span>'

    def _muted(self) -> str:
        return muted_text(self.palette()).name()
