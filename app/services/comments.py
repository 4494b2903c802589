"""What people say about a person, pinned at a joint or not: threads that can be resolved and reopened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from app.services.errors import ServiceError
from app.services.known_decisions import find_known_decisions
from app.services.project import Project
from db.comments import CommentAction, CommentId, CommentRecord, NewComment
from db.records import AnnotatorId, ChangeSet, PersonId
from resources.skeleton import Skeleton

TEXT_LIMIT = 2000
"""Characters of one comment."""
UNKNOWN = "somebody"
"""Who wrote what carries no name."""


@dataclass(frozen=True, slots=True)
class CommentLine:
    """One row of a thread: who did what, when, and what they said."""

    who: str
    moment: datetime
    action: CommentAction
    text: str


@dataclass(frozen=True, slots=True)
class Thread:
    """A thread about a person.

    Attributes:
        id: Its first row.
        number: Its number among the person's threads, from 1; it stays when others are resolved.
        joint: Name of the joint it is pinned at; None for the person.
        is_open: Whether nobody has resolved it.
        lines: Oldest first.
    """

    id: CommentId
    number: int
    joint: str | None
    is_open: bool
    lines: tuple[CommentLine, ...]


@dataclass(frozen=True, slots=True)
class PersonComments:
    """The threads about a person that the annotator may read, and how many rows are withheld until they decide."""

    threads: tuple[Thread, ...] = ()
    withheld: int = 0


def load_comments(project: Project, person_id: PersonId) -> PersonComments:
    """Threads about a person, oldest first.

    What a reviewer has said is withheld, like what they decided, from whoever is to decide independently of them.
    """
    with project.store.read() as reader:
        rows = reader.comments.history(person_id)
        names = {record.id: record.name for record in reader.annotators.list_all()}
        withheld = find_known_decisions(reader, person_id, project.annotator_id).withheld
    threads: dict[CommentId, list[CommentRecord]] = {}
    for row in rows:
        threads.setdefault(row.thread_id or row.id, []).append(row)
    known = [
        _build_thread(number, thread, names, withheld)
        for number, thread in enumerate(threads.values(), 1)
        if thread[0].annotator_id not in withheld
    ]
    said = sum(row.annotator_id in withheld and row.action == "say" for row in rows)
    return PersonComments(tuple(known), said)


def say(project: Project, person_id: PersonId, text: str, skeleton: Skeleton, joint: int | None) -> ChangeSet:
    """Begin a thread, pinned at a joint or about the person as a whole.

    Raises:
        ServiceError: The text is empty or too long.
    """
    label = "Comment" if joint is None else f"Comment on {skeleton.titles[joint]}"
    name = None if joint is None else skeleton.joints[joint]
    return _add(project, label, NewComment(person_id, _checked(text), name))


def answer(project: Project, person_id: PersonId, thread_id: CommentId, text: str) -> ChangeSet:
    """Say something more in a thread.

    Raises:
        ServiceError: The text is empty or too long.
    """
    return _add(project, "Answer comment", NewComment(person_id, _checked(text), thread_id=thread_id))


def resolve(project: Project, person_id: PersonId, thread_id: CommentId) -> ChangeSet:
    """Close a thread: what it was about is done."""
    return _add(project, "Resolve comment", NewComment(person_id, thread_id=thread_id, action="resolve"))


def reopen_thread(project: Project, person_id: PersonId, thread_id: CommentId) -> ChangeSet:
    """Open a resolved thread again."""
    return _add(project, "Reopen comment", NewComment(person_id, thread_id=thread_id, action="reopen"))


def _add(project: Project, label: str, comment: NewComment) -> ChangeSet:
    with project.store.change(label, annotator_id=project.annotator_id) as change:
        change.comments.add(comment)
    return change.changeset


def _checked(text: str) -> str:
    stripped = text.strip()
    if not stripped:
        raise ServiceError("The comment is empty; write what is to be looked at.")
    if len(stripped) > TEXT_LIMIT:
        raise ServiceError(f"The comment has {len(stripped)} characters; shorten it to {TEXT_LIMIT}.")
    return stripped


def _build_thread(
    number: int,
    rows: list[CommentRecord],
    names: Mapping[AnnotatorId, str],
    withheld: frozenset[AnnotatorId | None],
) -> Thread:
    closings = [row.action for row in rows if row.action != "say"]
    lines = tuple(
        CommentLine(name_of(names, row.annotator_id), row.created_at, row.action, row.text)
        for row in rows
        if row.annotator_id not in withheld
    )
    return Thread(rows[0].id, number, rows[0].joint, not closings or closings[-1] == "reopen", lines)


def name_of(names: Mapping[AnnotatorId, str], annotator_id: AnnotatorId | None) -> str:
    """Name of an annotator for people."""
    return UNKNOWN if annotator_id is None else names.get(annotator_id, UNKNOWN)
