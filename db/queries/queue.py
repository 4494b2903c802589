"""The review queue: which people, in which order, and what a list shows of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, Literal, cast

import numpy as np
from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from db.chunks import iter_chunks
from db.conditions import Condition, Contains, OneOf
from db.errors import NotFoundError
from db.heads import build_head
from db.models import AnnotatorRow, FitRow, HeadRow, ImageRow, PersonRow
from db.presence import absent_people
from db.queries.id_lists import read_ids
from db.queries.where import build_clause
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

_ORDERS: dict[QueueOrder, InstrumentedAttribute[Any]] = {
    "suspicion": HeadRow.suspicion,
    "l2d": HeadRow.l2d,
    "rms": HeadRow.rms_px,
    "beta": HeadRow.max_abs_beta,
    "newest": HeadRow.change_id,
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
        where: Iterable[Condition] = (),
        seed: int = 0,
        waiting_for: AnnotatorId | None = None,
    ) -> list[PersonId]:
        """Ids of the people wanted.

        Args:
            states: Only these; None for all.
            text: Only people whose image path or annotation id contains it, in whatever case.
            order: ``import``; the worst first by ``suspicion``, ``l2d``, ``rms`` or ``beta`` with people without a fit
                last; ``newest`` change first; ``random``, the same for the same seed whoever else is in the list.
            flagged: Only people whose current fit has flags, or has none; None for all.
            where: Further conditions, all of which have to be met.
            seed: Of the random order.
            waiting_for: Leave out people ``in_review`` whom this annotator has decided on: they wait for another.
        """
        wanted = [*where]
        if states is not None:
            wanted.append(OneOf("state", tuple(states)))
        if flagged is not None:
            wanted.append(OneOf("has", ("flag",), negated=not flagged))
        if text:
            wanted.append(Contains(text))
        statement = select(HeadRow.person_id).where(*map(build_clause, wanted))
        if waiting_for is not None:
            statement = statement.where(_waits_for(waiting_for))
        column = _ORDERS.get(order)
        if column is not None:
            # Of a filtered list the few are sorted; walking an index would fetch every row in a random order instead.
            key = column + 0 if wanted else column
            statement = statement.order_by(key.desc().nulls_last())
        statement = statement.order_by(HeadRow.person_id)
        ids = cast(list[PersonId], read_ids(self._session, statement))
        return _shuffled(ids, seed) if order == "random" else ids

    def undecided_of(self, ids: Sequence[PersonId], waiting_for: AnnotatorId | None = None) -> set[PersonId]:
        """Those of these people who wait for a decision, of this annotator if one is given; meant for some hundreds."""
        statement = select(HeadRow.person_id).where(HeadRow.person_id.in_(ids), HeadRow.state.in_(UNDECIDED_STATES))
        if waiting_for is not None:
            statement = statement.where(_waits_for(waiting_for))
        return {PersonId(person_id) for person_id in self._session.scalars(statement)}

    def words(self) -> dict[str, tuple[str, ...]]:
        """Values that conditions on people can name, by key (:data:`db.conditions.WordKey`): those in use."""
        columns = {"by": AnnotatorRow.name, "dataset": ImageRow.dataset, "method": FitRow.method}
        return {
            key: tuple(self._session.scalars(select(column).distinct().order_by(column)))
            for key, column in columns.items()
        }

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
        in_image = (
            select(func.count())
            .where(others.image_id == PersonRow.image_id, others.id.not_in(absent_people()))
            .correlate(PersonRow)
        )
        # The place is counted, for people of the image may have been taken away again.
        ahead = or_(
            others.ordinal < PersonRow.ordinal, and_(others.ordinal == PersonRow.ordinal, others.id < PersonRow.id)
        )
        statement = (
            select(HeadRow, PersonRow, ImageRow, in_image.scalar_subquery(), in_image.where(ahead).scalar_subquery())
            .join(PersonRow, PersonRow.id == HeadRow.person_id)
            .join(ImageRow, ImageRow.id == PersonRow.image_id)
            .where(HeadRow.person_id.in_(ids))
        )
        for head, person, image, count, place in self._session.execute(statement):
            yield PersonSummary(
                person_id=PersonId(head.person_id),
                image_id=ImageId(person.image_id),
                image_path=image.path,
                ordinal=place,
                people_in_image=count,
                state=cast(PersonState, head.state),
                labelled_count=head.labelled_count,
                l2d=head.l2d,
                max_abs_beta=head.max_abs_beta,
                rms_px=head.rms_px,
                external_id=person.external_id,
                image_root=image.root,
                exif_honoured=image.exif_honoured,
                bbox_xywh=(person.bbox_x, person.bbox_y, person.bbox_width, person.bbox_height),
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


def _waits_for(annotator_id: AnnotatorId) -> ColumnElement[bool]:
    """A person ``in_review`` does not wait for whoever has decided on it."""
    return or_(HeadRow.state != "in_review", HeadRow.decided_by.is_(None), HeadRow.decided_by != annotator_id)


def _shuffled(ids: list[PersonId], seed: int) -> list[PersonId]:
    """In an order of a hash of seed and id (splitmix64), so that nobody's place depends on who else is there."""
    start = (seed * 0x9E3779B97F4A7C15) & 0xFFFFFFFFFFFFFFFF
    mixed = np.array(ids, dtype=np.uint64) + np.uint64(start)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    return [ids[place] for place in np.argsort(mixed ^ (mixed >> np.uint64(31)), kind="stable")]
