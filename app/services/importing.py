"""Datasets into a project. Importing again adds what is new, leaves what is the same, and never overwrites."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from app.services.errors import ImageError, ServiceError
from app.services.images import read_size
from app.services.project import Project
from db.formats import get_reader
from db.formats.base import ImportedImage, ImportedPerson, ImportProblem, ImportRecord, ImportReport, ImportTally
from db.records import ImageId, KeypointSource, NewImage, NewPerson, NewRevision
from db.transactions import Change

_IMPORTED: KeypointSource = "imported"
_FLUSH_PEOPLE = 2000


def import_dataset(
    project: Project,
    format_name: str,
    source: Path,
    images: Path,
    *,
    dry_run: bool = False,
    on_progress: Callable[[int], None] = lambda people: None,
) -> ImportReport:
    """Import people and their keypoints in one transaction: everything or, on an error or Ctrl-C, nothing.

    Args:
        project: Open project.
        format_name: Name in ``db.formats``.
        source: Annotation file.
        images: Folder the pictures lie in; they are referenced, never copied or changed.
        dry_run: Count only.
        on_progress: Called with the number of people read so far.

    Raises:
        FormatError: The file cannot be read at all.
        ServiceError: The folder of images is missing.
    """
    images = images.expanduser().resolve()
    if not images.is_dir():
        raise ServiceError(f"The folder of images {images} does not exist; name the folder the pictures lie in.")
    records = get_reader(format_name)(source, images)
    dataset = source.stem
    tally = ImportTally(str(source), dry_run)
    with project.store.change(f"Import {source.name}", annotator_id=project.annotator_id, undoable=False) as change:
        importer = _Importer(change, images, dataset, source.name, tally, dry_run)
        importer.run(records, on_progress)
    return tally.build_report()


class _Importer:
    """One import: remembers the images met so far and the people already stored."""

    def __init__(
        self, change: Change, images: Path, dataset: str, source: str, tally: ImportTally, dry_run: bool
    ) -> None:
        self._change = change
        self._root = images
        self._dataset = dataset
        self._source = source
        self._tally = tally
        self._dry_run = dry_run
        self._images: dict[str, ImageId | None] = {}
        self._unreadable: set[str] = set()
        self._new_people: list[NewPerson] = []
        self._new_keypoints: list[np.ndarray] = []

    def run(self, records: Iterator[ImportRecord], on_progress: Callable[[int], None]) -> None:
        people = 0
        for record in records:
            if isinstance(record, ImportProblem):
                self._tally.add_problem(record)
            elif isinstance(record, ImportedImage):
                self._image(record)
            else:
                self._person(record)
                people += 1
                if people % 200 == 0:
                    on_progress(people)
            if len(self._new_people) >= _FLUSH_PEOPLE:
                self._flush()
        self._flush()
        on_progress(people)

    def _image(self, record: ImportedImage) -> None:
        stored = self._change.images.find(str(self._root), record.path)
        if stored is not None:
            self._images[record.path] = stored.id
            self._tally.add("images", "same")
            return
        try:
            size = read_size(self._root / record.path, honour_exif=False)
        except ImageError as error:
            self._unreadable.add(record.path)
            self._tally.add("images", "skipped", "the picture cannot be read")
            self._tally.add_problem(ImportProblem(record.path, str(error)))
            return
        self._tally.add("images", "new")
        # The file knows its size better than the annotation does.
        image = NewImage(record.path, str(self._root), size.width, size.height, self._dataset, record.external_id)
        self._images[record.path] = None if self._dry_run else self._change.images.add(image).id

    def _person(self, record: ImportedPerson) -> None:
        if record.image_path in self._unreadable:
            self._tally.add("people", "skipped", "the picture cannot be read")
            return
        if record.external_id is not None:
            stored = self._change.people.find_external(self._source, record.external_id)
            if stored is not None:
                first = self._change.keypoints.history(stored.id)
                same = any(np.array_equal(revision.keypoints, record.keypoints) for revision in first)
                self._tally.add("people", "same" if same else "conflicting")
                return
        self._tally.add("people", "new")
        image_id = self._images[record.image_path]
        if image_id is None:
            return
        self._new_people.append(
            NewPerson(
                image_id=image_id,
                ordinal=record.ordinal,
                bbox_xywh=record.bbox_xywh,
                box_center_px=record.box_center_px,
                box_scale=record.box_scale,
                skeleton=record.skeleton,
                source=self._source,
                external_id=record.external_id,
                is_crowd=record.is_crowd,
                area=record.area,
            )
        )
        self._new_keypoints.append(record.keypoints)

    def _flush(self) -> None:
        ids = self._change.people.add_many(self._new_people)
        self._change.keypoints.add_many(
            [
                NewRevision(
                    person_id=person_id,
                    skeleton=person.skeleton,
                    keypoints=keypoints,
                    sources=(_IMPORTED,) * len(keypoints),
                    label=f"Import {self._source}",
                )
                for person_id, person, keypoints in zip(ids, self._new_people, self._new_keypoints, strict=True)
            ]
        )
        self._new_people, self._new_keypoints = [], []
