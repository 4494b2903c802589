"""The review queue: which people, in which order, and what a list shows of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Literal, cast

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from db.chunks import iter_chunks
from db.errors import NotFoundError
from db.heads import build_head
from db.models import AnnotatorRow, HeadRow, ImageRow, PersonRow
from db.records import (
    UNDECIDED_STATES,
    AnnotatorId,
    ImageId,
    PersonHead,
    PersonId,
    PersonState,
    PersonSummary,
    QueueOrder,
)
from db.repositories.base import Repository

_ORDERS: dict[QueueOrder, InstrumentedAttribute[float | None] | None] = {
    "import": None,
    "suspicion": HeadRow.suspicion,
    "l2d": HeadRow.l2d,
    "rms": HeadRow.rms_px,
    "beta": HeadRow.max_abs_beta,
}


class Queue(Repository):
    """Reads the queue from the derived heads."""

    def get_head(self, person_id: PersonId) -> PersonHead:
        """What is current for a person; raises NotFoundError."""
        row = self._session.get(HeadRow, person_id)
        if row is None:
            raise NotFoundError(f"There is no person {person_id} in the project; reload the list.")
        return build_head(row)

    def heads(self, ids: Iterable[PersonId]) -> dict[PersonId, PersonHead]:
        """What is current for these people; unknown ids are left out."""
        return {
            PersonId(row.person_id): build_head(row)
            for chunk in iter_chunks(ids)
            for row in self._session.scalars(select(HeadRow).where(HeadRow.person_id.in_(chunk)))
        }

    def ids(
        self,
        states: Collection[PersonState] | None = None,
        text: str | None = None,
        order: QueueOrder = "import",
        flagged: bool | None = None,
        waiting_for: AnnotatorId | None = None,
    ) -> list[PersonId]:
        """Ids of the people wanted.

        Args:
            states: Only these; None for all.
            text: Only people whose image path or annotation id contains it, in whatever case.
            order: ``import``, or the worst first by ``l2d``, ``rms`` or ``beta`` with people without a fit last.
            flagged: Only people whose current fit has flags, or has none; None for all.
            waiting_for: Leave out people ``in_review`` whom this annotator has decided on: they wait for another.
        """
        statement = select(HeadRow.person_id)
        if states is not None:
            statement = statement.where(HeadRow.state.in_(states))
        if waiting_for is not None:
            statement = statement.where(
                or_(HeadRow.state != "in_review", HeadRow.decided_by.is_(None), HeadRow.decided_by != waiting_for)
            )
        if flagged is not None:
            statement = statement.where(HeadRow.flags != "" if flagged else HeadRow.flags == "")
        if text:
            statement = (
                statement.join(PersonRow, PersonRow.id == HeadRow.person_id)
                .join(ImageRow, ImageRow.id == PersonRow.image_id)
                .where(
                    or_(
                        ImageRow.path.icontains(text, autoescape=True),
                        PersonRow.external_id.icontains(text, autoescape=True),
                    )
                )
            )
        column = _ORDERS[order]
        if column is not None:
            statement = statement.order_by(column.desc().nulls_last())
        statement = statement.order_by(HeadRow.person_id)
        return [PersonId(person_id) for person_id in self._session.scalars(statement)]

    def summaries(self, ids: Sequence[PersonId]) -> list[PersonSummary]:
        """What a list shows of these people, in their order; unknown ids are left out. Meant for one screenful."""
        found = {summary.person_id: summary for chunk in iter_chunks(ids) for summary in self._iter_summaries(chunk)}
        return [found[person_id] for person_id in ids if person_id in found]

    def next_undecided(
        self,
        after: PersonId | None,
        direction: Literal[1, -1] = 1,
        *,
        wrap: bool = False,
        annotator_id: AnnotatorId | None = None,
    ) -> PersonId | None:
        """The next person who waits for a decision, in order of import.

        Args:
            after: Where to start, itself excluded; None for the beginning (or the end).
            direction: Forward or backward.
            wrap: Go on from the other end; the answer is still never ``after`` itself.
            annotator_id: Who asks: a person ``in_review`` does not wait for whoever has decided on it.
        """
        forward = direction > 0
        found = self._find_undecided(
            None if after is None else HeadRow.person_id > after if forward else HeadRow.person_id < after,
            forward,
            annotator_id,
        )
        if found is None and wrap and after is not None:
            behind = HeadRow.person_id < after if forward else HeadRow.person_id > after
            found = self._find_undecided(behind, forward, annotator_id)
        return found

    def _iter_summaries(self, ids: Sequence[PersonId]) -> Iterator[PersonSummary]:
        others = aliased(PersonRow)
        people_in_image = (
            select(func.count()).where(others.image_id == PersonRow.image_id).correlate(PersonRow).scalar_subquery()
        )
        statement = (
            select(HeadRow, PersonRow, ImageRow.path, people_in_image)
            .join(PersonRow, PersonRow.id == HeadRow.person_id)
            .join(ImageRow, ImageRow.id == PersonRow.image_id)
            .where(HeadRow.person_id.in_(ids))
        )
        for head, person, path, count in self._session.execute(statement):
            yield PersonSummary(
                person_id=PersonId(head.person_id),
                image_id=ImageId(person.image_id),
                image_path=path,
                ordinal=person.ordinal,
                people_in_image=count,
                state=cast(PersonState, head.state),
                labelled_count=head.labelled_count,
                l2d=head.l2d,
                max_abs_beta=head.max_abs_beta,
                rms_px=head.rms_px,
                external_id=person.external_id,
                flags=tuple(head.flags.split()),
                suspicion=head.suspicion,
                suspects=tuple(head.suspects.items()),
                open_comments=head.open_comments,
            )

    def _find_undecided(
        self, where: ColumnElement[bool] | None, forward: bool, annotator_id: AnnotatorId | None
    ) -> PersonId | None:
        # One seek in an index for each state and each other reviewer; IN with ORDER BY would sort the whole project.
        pick, nearest = (func.min, min) if forward else (func.max, max)
        kinds = [HeadRow.state == state for state in UNDECIDED_STATES if state != "in_review"]
        others: list[ColumnElement[bool]] = [HeadRow.decided_by.is_(None)]
        for other in self._session.scalars(select(AnnotatorRow.id)):
            if other != annotator_id:
                others.append(HeadRow.decided_by == other)
        kinds += [and_(HeadRow.state == "in_review", by) for by in others]
        found: list[int] = []
        for kind in kinds:
            statement = select(pick(HeadRow.person_id)).where(kind)
            person_id = self._session.scalar(statement if where is None else statement.where(where))
            if person_id is not None:
                found.append(person_id)
        return PersonId(nearest(found)) if found else None
