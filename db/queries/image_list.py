"""The images of the project as a list: those without anybody, those of a name, how many people are in each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import ColumnElement, case, exists, func, select

from db.chunks import iter_chunks
from db.models import HeadRow, ImageRow, PersonRow
from db.presence import absent_people
from db.queries.id_lists import read_ids
from db.records import UNDECIDED_STATES, ImageId, ImageSummary
from db.repositories.base import Repository


class ImageList(Repository):
    """Reads images for lists; the order is that of import."""

    def ids(self, *, without_people: bool = False, text: str = "") -> list[ImageId]:
        """Ids of the images wanted.

        Args:
            without_people: Only images that nobody is in.
            text: Only images whose path contains it, in whatever case.
        """
        statement = select(ImageRow.id).order_by(ImageRow.id)
        if without_people:
            statement = statement.where(_is_empty())
        if text:
            statement = statement.where(ImageRow.path.icontains(text, autoescape=True))
        return [ImageId(row_id) for row_id in read_ids(self._session, statement)]

    def without_people_of(self, ids: Sequence[ImageId]) -> set[ImageId]:
        """Those of these images that nobody is in; meant for some hundreds."""
        return {
            ImageId(row) for row in self._session.scalars(select(ImageRow.id).where(ImageRow.id.in_(ids), _is_empty()))
        }

    def has_any(self) -> bool:
        """Whether there is an image at all."""
        return self._session.scalar(select(ImageRow.id).limit(1)) is not None

    def summaries(self, ids: Sequence[ImageId]) -> list[ImageSummary]:
        """What a list shows of these images, in their order; unknown ids are left out. Meant for one screenful."""
        found = {summary.image_id: summary for chunk in iter_chunks(ids) for summary in self._iter_summaries(chunk)}
        return [found[image_id] for image_id in ids if image_id in found]

    def _iter_summaries(self, ids: Sequence[ImageId]) -> Iterator[ImageSummary]:
        waits = func.sum(case((HeadRow.state.in_(UNDECIDED_STATES), 1), else_=0))
        statement = (
            select(ImageRow, func.count(HeadRow.person_id), waits)
            .outerjoin(PersonRow, PersonRow.image_id == ImageRow.id)
            .outerjoin(HeadRow, HeadRow.person_id == PersonRow.id)
            .where(ImageRow.id.in_(ids))
            .group_by(ImageRow.id)
        )
        for image, people, undecided in self._session.execute(statement):
            yield ImageSummary(
                image_id=ImageId(image.id),
                image_path=image.path,
                image_root=image.root,
                width=image.width,
                height=image.height,
                exif_honoured=image.exif_honoured,
                people=people,
                undecided=undecided,
            )


def _is_empty() -> ColumnElement[bool]:
    return ~exists().where(PersonRow.image_id == ImageRow.id, PersonRow.id.not_in(absent_people()))
