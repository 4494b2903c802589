"""Comments about people: append-only threads; resolving and reopening one are rows of their own."""

from __future__ import annotations

from typing import cast

from sqlalchemy import select

from db.comments import CommentAction, CommentId, CommentRecord, NewComment
from db.errors import NotFoundError
from db.models import CommentRow
from db.records import AnnotatorId, PersonId
from db.repositories.base import Repository, WriteScope, check_person, insert_many


class Comments(Repository):
    """Reads comments."""

    def get(self, comment_id: CommentId) -> CommentRecord:
        """The row, unless it was taken back; raises NotFoundError."""
        row = self._session.get(CommentRow, comment_id, populate_existing=True)
        if row is None or row.retracted:
            raise NotFoundError(f"There is no comment {comment_id} in the project any more; reload the person.")
        return _build_record(row)

    def history(self, person_id: PersonId) -> list[CommentRecord]:
        """All rows about a person that were not taken back, oldest first."""
        statement = (
            select(CommentRow)
            .where(CommentRow.person_id == person_id, CommentRow.retracted.is_(False))
            .order_by(CommentRow.id)
        )
        return [_build_record(row) for row in self._session.scalars(statement)]


class CommentsWriter(Comments):
    """Adds rows to threads."""

    def __init__(self, scope: WriteScope) -> None:
        super().__init__(scope.session)
        self._scope = scope

    def add(self, comment: NewComment) -> CommentRecord:
        """Store one row.

        Raises:
            NotFoundError: No such person, or the thread was taken back.
            ValueError: An empty comment, a thread of somebody else, a joint within a thread: the caller's mistake.
        """
        check_person(self._session, comment.person_id)
        self._check(comment)
        annotator_id = comment.annotator_id if comment.annotator_id is not None else self._scope.annotator_id
        values = {
            "person_id": comment.person_id,
            "created_at": self._scope.now,
            "thread_id": comment.thread_id,
            "action": comment.action,
            "text": comment.text,
            "joint": comment.joint,
            "annotator_id": annotator_id,
        }
        (row_id,) = insert_many(self._session, CommentRow, [values])
        self._scope.note(CommentRow.__tablename__, [row_id], [comment.person_id])
        return self.get(CommentId(row_id))

    def _check(self, comment: NewComment) -> None:
        if comment.action == "say" and not comment.text.strip():
            raise ValueError("a comment says something")
        if comment.thread_id is None:
            if comment.action != "say":
                raise ValueError("only a thread can be resolved or reopened")
            return
        first = self.get(comment.thread_id)
        if first.person_id != comment.person_id or first.thread_id is not None or comment.joint is not None:
            raise ValueError("an answer belongs to the first row of a thread about the same person, and has its joint")


def _build_record(row: CommentRow) -> CommentRecord:
    return CommentRecord(
        id=CommentId(row.id),
        person_id=PersonId(row.person_id),
        text=row.text,
        joint=row.joint,
        thread_id=None if row.thread_id is None else CommentId(row.thread_id),
        action=cast(CommentAction, row.action),
        annotator_id=None if row.annotator_id is None else AnnotatorId(row.annotator_id),
        created_at=row.created_at,
    )
