"""Datasets into a project. Importing again adds what is new, leaves what is the same, and never overwrites."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from app.services.errors import ImageError, ServiceError
from app.services.images import read_size
from app.services.places import resolve_place
from app.services.project import Project
from db.formats import get_reader
from db.formats.base import ImportedImage, ImportedPerson, ImportProblem, ImportRecord, ImportReport, ImportTally
from db.records import ChangeId, FloatArray, ImageId, KeypointSource, NewImage, NewPerson, NewRevision, PersonId
from db.transactions import Change, Reading

_IMPORTED: KeypointSource = "imported"
_CHUNK = 2000
_PROGRESS_EVERY = 200


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

    Files are read and compared first, without holding anybody up; the transaction only writes. Time and memory grow
    with the people of the file (about 1 KB each).

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
    images = resolve_place(images)
    if not images.is_dir():
        raise ServiceError(f"The folder of images {images} does not exist; name the folder the pictures lie in.")
    while True:
        tally = ImportTally(str(source), dry_run)
        with project.store.read() as reader:
            planner = _Planner(reader, images, source, tally)
            plan = planner.plan(get_reader(format_name)(source, images), on_progress)
        if dry_run or not (plan.new_images or plan.new_people):
            return tally.build_report()
        with project.store.change(f"Import {source.name}", annotator_id=project.annotator_id, undoable=False) as change:
            if change.changes.latest_id() == plan.made_at:
                _write(change, plan, source.name)
                return tally.build_report()
        # Somebody wrote meanwhile, perhaps the same people: compare again with what is stored now.


@dataclass(slots=True)
class _Plan:
    """What is to be written: images by path, people with the path of their picture, and their keypoints."""

    made_at: ChangeId | None
    known_images: dict[str, ImageId] = field(default_factory=dict)
    new_images: dict[str, NewImage] = field(default_factory=dict)
    new_people: list[ImportedPerson] = field(default_factory=list)


class _Planner:
    """Compares a dataset with what is stored."""

    def __init__(self, reader: Reading, root: Path, source: Path, tally: ImportTally) -> None:
        self._reader = reader
        self._root = root
        self._dataset = source.stem
        self._tally = tally
        self._unreadable: set[str] = set()
        self._plan = _Plan(reader.changes.latest_id())
        self._stored_images = {image.path: image.id for image in reader.images.iter_all() if image.root == str(root)}
        self._stored_people: dict[str | None, PersonId] = {
            person.external_id: person.id for person in reader.people.iter_all() if person.source == source.name
        }

    def plan(self, records: Iterator[ImportRecord], on_progress: Callable[[int], None]) -> _Plan:
        people = 0
        for record in records:
            if isinstance(record, ImportProblem):
                self._tally.add_problem(record)
            elif isinstance(record, ImportedImage):
                self._image(record)
            else:
                self._person(record)
                people += 1
                if people % _PROGRESS_EVERY == 0:
                    on_progress(people)
        on_progress(people)
        return self._plan

    def _image(self, record: ImportedImage) -> None:
        if record.path in self._stored_images:
            self._plan.known_images[record.path] = self._stored_images[record.path]
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
        self._plan.new_images[record.path] = NewImage(
            record.path, str(self._root), size.width, size.height, self._dataset, record.external_id
        )

    def _person(self, record: ImportedPerson) -> None:
        if record.image_path in self._unreadable:
            self._tally.add("people", "skipped", "the picture cannot be read")
            return
        stored = None if record.external_id is None else self._stored_people.get(record.external_id)
        if stored is not None:
            history = self._reader.keypoints.history(stored)
            same = any(np.array_equal(revision.keypoints, record.keypoints) for revision in history)
            self._tally.add("people", "same" if same else "conflicting")
            return
        self._tally.add("people", "new")
        self._plan.new_people.append(record)


def _write(change: Change, plan: _Plan, source: str) -> None:
    ids = change.images.add_many(list(plan.new_images.values()))
    image_ids = plan.known_images | dict(zip(plan.new_images, ids, strict=True))
    for start in range(0, len(plan.new_people), _CHUNK):
        chunk = plan.new_people[start : start + _CHUNK]
        people = change.people.add_many([_new_person(record, image_ids[record.image_path], source) for record in chunk])
        change.keypoints.add_many(
            [
                _new_revision(person_id, record.skeleton, record.keypoints, source)
                for person_id, record in zip(people, chunk, strict=True)
            ]
        )


def _new_person(record: ImportedPerson, image_id: ImageId, source: str) -> NewPerson:
    return NewPerson(
        image_id=image_id,
        ordinal=record.ordinal,
        bbox_xywh=record.bbox_xywh,
        box_center_px=record.box_center_px,
        box_scale=record.box_scale,
        skeleton=record.skeleton,
        source=source,
        external_id=record.external_id,
        is_crowd=record.is_crowd,
        area=record.area,
    )


def _new_revision(person_id: PersonId, skeleton: str, keypoints: FloatArray, source: str) -> NewRevision:
    return NewRevision(
        person_id=person_id,
        skeleton=skeleton,
        keypoints=keypoints,
        sources=(_IMPORTED,) * len(keypoints),
        label=f"Import {source}",
    )
