"""Images of the project."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any

from sqlalchemy import func, select, update

from db.chunks import iter_chunks
from db.errors import NotFoundError, StoreError
from db.models import ImageRow
from db.records import ImageId, ImageRecord, NewImage
from db.repositories.base import Repository, WriteScope, insert_many


class Images(Repository):
    """Reads images."""

    def get(self, image_id: ImageId) -> ImageRecord:
        """The image; raises NotFoundError."""
        row = self._session.get(ImageRow, image_id)
        if row is None:
            raise NotFoundError(f"There is no image {image_id} in the project; reload the list.")
        return _build_record(row)

    def get_many(self, ids: Collection[ImageId]) -> dict[ImageId, ImageRecord]:
        """These images by id; unknown ids are left out. Meant for some hundreds."""
        rows = self._session.scalars(select(ImageRow).where(ImageRow.id.in_(ids)))
        return {ImageId(row.id): _build_record(row) for row in rows}

    def find(self, root: str, path: str) -> ImageRecord | None:
        """The image at a posix path below an absolute folder."""
        row = self._session.scalar(select(ImageRow).where(ImageRow.root == root, ImageRow.path == path))
        return None if row is None else _build_record(row)

    def find_many(self, root: str, paths: Collection[str]) -> dict[str, ImageRecord]:
        """Those of these images that are stored, by their posix path below an absolute folder."""
        found: dict[str, ImageRecord] = {}
        for chunk in iter_chunks(paths):
            statement = select(*_COLUMNS).where(ImageRow.root == root, ImageRow.path.in_(chunk))
            for row_id, path, width, height, dataset, external_id, exif_honoured in self._session.execute(statement):
                found[path] = ImageRecord(
                    ImageId(row_id), path, root, width, height, dataset, external_id, exif_honoured
                )
        return found

    def count_roots(self) -> dict[str, int]:
        """Folders that images lie below, with the number of images of each."""
        rows = self._session.execute(
            select(ImageRow.root, func.count()).group_by(ImageRow.root).order_by(ImageRow.root)
        )
        return {str(root): int(count) for root, count in rows}

    def list_paths(self, root: str) -> list[str]:
        """Posix paths of the images below a folder, in order of import."""
        return list(self._session.scalars(select(ImageRow.path).where(ImageRow.root == root).order_by(ImageRow.id)))

    def iter_all(self) -> Iterator[ImageRecord]:
        """Every image in order of import, fetched in pieces."""
        rows = self._session.scalars(select(ImageRow).order_by(ImageRow.id).execution_options(yield_per=500))
        return (_build_record(row) for row in rows)


class ImagesWriter(Images):
    """Adds images and moves their root; only in a change that is not undoable."""

    def __init__(self, scope: WriteScope) -> None:
        super().__init__(scope.session)
        self._scope = scope

    def add(self, image: NewImage) -> ImageRecord:
        """Store an image."""
        (image_id,) = self.add_many([image])
        return ImageRecord(id=image_id, **asdict(image))

    def add_many(self, images: Sequence[NewImage]) -> list[ImageId]:
        """Store many images; their ids in the same order."""
        self._scope.forbid_undo("images")
        ids = insert_many(self._session, ImageRow, [_build_values(image) for image in images])
        self._scope.note(ImageRow.__tablename__, ids)
        return [ImageId(row_id) for row_id in ids]

    def move_root(self, old: str, new: str) -> int:
        """Say that every image below one folder lies below another now; how many that are.

        Raises:
            StoreError: One of them is in the project with the new folder already.
        """
        self._scope.forbid_undo("images")
        ids = list(self._session.scalars(select(ImageRow.id).where(ImageRow.root == old)))
        twice = self._session.scalar(
            select(func.count())
            .select_from(ImageRow)
            .where(ImageRow.root == new, ImageRow.path.in_(select(ImageRow.path).where(ImageRow.root == old)))
        )
        if twice:
            raise StoreError(f"{twice} of the images below {old} are in the project below {new} as well.")
        self._session.execute(update(ImageRow).where(ImageRow.root == old).values(root=new))
        self._scope.note(ImageRow.__tablename__, ids)
        return len(ids)

    def move_many(self, places: Mapping[ImageId, tuple[str, str]]) -> None:
        """Say where many images lie now: root and posix path of each.

        Raises:
            StoreError: Two images would lie at one place.
        """
        self._scope.forbid_undo("images")
        wanted = list(places.values())
        if len(set(wanted)) != len(wanted):
            raise StoreError("Two images of the project would be one file; give each a file of its own.")
        # Out of the way first: images may have exchanged their names, and each place is unique at every step.
        if not places:
            return
        self._session.execute(update(ImageRow), [{"id": row_id, "path": f"\n{row_id}"} for row_id in places])
        for chunk in iter_chunks(places.items()):
            held = self._session.execute(
                select(ImageRow.root, ImageRow.path).where(ImageRow.path.in_([path for _, (_, path) in chunk]))
            )
            taken = {(str(root), str(path)) for root, path in held}
            for root, path in (place for _, place in chunk if place in taken):
                raise StoreError(f"{path} below {root} is another image of the project already.")
            values = [{"id": row_id, "root": root, "path": path} for row_id, (root, path) in chunk]
            self._session.execute(update(ImageRow), values)
        self._scope.note(ImageRow.__tablename__, list(places))


# Plain rows: a hundred thousand of them would be as many tracked objects.
_COLUMNS = (
    ImageRow.id,
    ImageRow.path,
    ImageRow.width,
    ImageRow.height,
    ImageRow.dataset,
    ImageRow.external_id,
    ImageRow.exif_honoured,
)


def _build_values(image: NewImage) -> dict[str, Any]:
    return {field: getattr(image, field) for field in _FIELDS}


_FIELDS = tuple(field.name for field in fields(NewImage))


def _build_record(row: ImageRow) -> ImageRecord:
    return ImageRecord(
        id=ImageId(row.id),
        path=row.path,
        root=row.root,
        width=row.width,
        height=row.height,
        dataset=row.dataset,
        external_id=row.external_id,
        exif_honoured=row.exif_honoured,
    )
