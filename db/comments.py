"""Comments as they leave the store and as they are handed to it (see :mod:`db.records`)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NewType, TypeAlias

from db.records import AnnotatorId, PersonId

CommentId = NewType("CommentId", int)

CommentAction: TypeAlias = Literal["say", "resolve", "reopen"]


@dataclass(frozen=True, slots=True)
class NewComment:
    """A row of a thread to be stored.

    Attributes:
        person_id: Whom it is about.
        text: What is said; empty only where a thread is resolved or reopened.
        joint: Name of the joint it is pinned at; None for the person. Of the first row of a thread only.
        thread_id: First row of the thread it answers; None begins a thread.
        action: ``say`` something, or ``resolve`` or ``reopen`` the thread.
        annotator_id: Who; None takes the annotator of the change.
    """

    person_id: PersonId
    text: str = ""
    joint: str | None = None
    thread_id: CommentId | None = None
    action: CommentAction = "say"
    annotator_id: AnnotatorId | None = None


@dataclass(frozen=True, slots=True)
class CommentRecord:
    """A stored row of a thread; the fields are those of :class:`NewComment`. ``created_at`` is aware, UTC."""

    id: CommentId
    person_id: PersonId
    text: str
    joint: str | None
    thread_id: CommentId | None
    action: CommentAction
    annotator_id: AnnotatorId | None
    created_at: datetime


def count_open_threads(rows: list[tuple[int, int | None, CommentAction]]) -> int:
    """Number of threads that nobody has resolved.

    Args:
        rows: A person's live rows, oldest first: id, first row of the thread (None where it is itself), action.
    """
    is_open: dict[int, bool] = {}
    for row_id, thread_id, action in rows:
        if thread_id is None:
            is_open[row_id] = True
        elif action != "say":
            is_open[thread_id] = action == "reopen"
    return sum(is_open.values())
