"""How far the project is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import cast

from sqlalchemy import case, func, select

from db.models import HeadRow, ImageRow, PersonRow
from db.presence import absent_people
from db.records import PERSON_STATES, PersonState
from db.repositories.base import Repository

_CROP_PX = 224
"""Side of the crop that fits are made in, ``200 box_scale`` pixels of the picture (eft_method.md 6.2)."""


class Progress(Repository):
    """Counts people by state, dataset, reason and flag; what their current fits measure."""

    def counts(self) -> dict[PersonState, int]:
        """Number of people in every state, zeros included."""
        counts: dict[PersonState, int] = dict.fromkeys(PERSON_STATES, 0)
        for state, count in self._session.execute(select(HeadRow.state, func.count()).group_by(HeadRow.state)):
            counts[cast(PersonState, state)] = count
        return counts

    def flags(self) -> dict[str, int]:
        """Number of people whose current fit has each flag, by name; flags of nobody are left out."""
        statement = select(HeadRow.flags, func.count()).where(HeadRow.flags != "").group_by(HeadRow.flags)
        counts: Counter[str] = Counter()
        for names, people in self._session.execute(statement):
            counts.update(dict.fromkeys(names.split(), people))
        return dict(sorted(counts.items()))

    def by_dataset(self) -> dict[str, dict[PersonState, int]]:
        """Number of people in every state, zeros left out, by dataset, in order of name."""
        statement = (
            select(ImageRow.dataset, HeadRow.state, func.count())
            .join(PersonRow, PersonRow.image_id == ImageRow.id)
            .join(HeadRow, HeadRow.person_id == PersonRow.id)
            .group_by(ImageRow.dataset, HeadRow.state)
            .order_by(ImageRow.dataset)
        )
        counts: dict[str, dict[PersonState, int]] = {}
        for dataset, state, people in self._session.execute(statement):
            counts.setdefault(str(dataset), {})[cast(PersonState, state)] = people
        return counts

    def reasons(self) -> dict[str, int]:
        """Number of rejected people by reason code, the commonest first; "" for those without a reason.

        Somebody rejected for two reasons counts for both.
        """
        statement = select(HeadRow.reasons, func.count()).where(HeadRow.state == "rejected").group_by(HeadRow.reasons)
        counts: Counter[str] = Counter()
        for reasons, people in self._session.execute(statement):
            counts.update(dict.fromkeys(reasons.split() or [""], people))
        return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))

    def l2d_counts(self, edges: Sequence[float]) -> list[int]:
        """Number of current fits by L2d: below the first edge, between each two, from the last on.

        An L2d of zero is left out: no joint was active, so it says nothing.
        """
        lows, highs = (None, *edges), (*edges, None)
        # Each range is a run of the index of l2d.
        counts = [
            select(func.count())
            .where(
                HeadRow.l2d > 0 if low is None else HeadRow.l2d >= low, *([] if high is None else [HeadRow.l2d < high])
            )
            .scalar_subquery()
            for low, high in zip(lows, highs, strict=True)
        ]
        return [int(count) for count in self._session.execute(select(*counts)).one()]

    def rms_crop_counts(self, edges: Sequence[float]) -> list[int]:
        """The same by the RMS distance over the active joints, in pixels of the 224 crop of the person's box."""
        value = HeadRow.rms_px * (_CROP_PX / 200) / PersonRow.box_scale
        places = [(value.is_(None), -1), *((value < edge, place) for place, edge in enumerate(edges))]
        place = case(*places, else_=len(edges))
        # The outer join walks the people in order and looks up each head; the other way round, by the index of
        # rms_px, SQLite would jump about in the table of people.
        statement = (
            select(place, func.count())
            .select_from(PersonRow)
            .outerjoin(HeadRow, HeadRow.person_id == PersonRow.id)
            .where(PersonRow.id.not_in(absent_people()))
            .group_by(place)
        )
        found = {int(row[0]): int(row[1]) for row in self._session.execute(statement)}
        return [found.get(number, 0) for number in range(len(edges) + 1)]
