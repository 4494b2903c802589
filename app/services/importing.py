"""Datasets into a project. Importing again adds what is new, leaves what is the same, and never overwrites unasked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

from app.services.dataset_import.comparing import Outcome, Piece, compare
from app.services.dataset_import.pictures import check_person, find_stored, measure_picture
from app.services.dataset_import.writing import write_piece
from app.services.errors import ImageError, ServiceError
from app.services.places import resolve_place
from app.services.project import Project
from db.formats import get_reader, sniff_people
from db.formats.base import (
    DatasetDetails,
    ImportedImage,
    ImportedPerson,
    ImportProblem,
    ImportRecord,
    ImportReport,
    ImportTally,
    OnShare,
)
from db.formats.errors import FormatError
from db.formats.parts.checks import ItemError
from db.records import NewImage

OnConflict: TypeAlias = Literal["keep", "update"]
OnProgress: TypeAlias = Callable[[int, float], None]
"""Called with the people read so far (the pictures, where nobody is in them), and the share of the file."""

AUTO = "auto"
"""In place of a format's name: found by what is in the file."""
UNREADABLE = "the picture cannot be read"
PIECE = 2000
"""Records a transaction stores."""


def import_dataset(
    project: Project,
    format_name: str,
    source: Path,
    images: Path,
    *,
    dry_run: bool = False,
    on_conflict: OnConflict = "keep",
    on_progress: OnProgress = lambda people, share: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> ImportReport:
    """Import people and their keypoints, a piece of about two thousand a transaction.

    Stopped or interrupted, what is stored is whole, and importing again goes on from there. Nobody is held up for
    longer than a piece takes, and memory grows with the pictures of the file (about 300 bytes each), not with its
    people.

    Args:
        project: Open project.
        format_name: Name in ``db.formats``, or :data:`AUTO`.
        source: Annotation file or folder.
        images: Folder the pictures lie in; they are referenced, never copied or changed.
        dry_run: Count only.
        on_conflict: People whose keypoints in the file are none that the project has ever had of them: ``keep`` leaves
            them alone, ``update`` stores the file's as their newest; fits and decisions stay in the history.
        on_progress: Called now and then.
        should_stop: Asked now and then; True, or Ctrl-C, ends the import early.

    Raises:
        FormatError: The file cannot be read at all.
        ServiceError: The folder of images is missing.
    """
    images = resolve_place(images)
    if not images.is_dir():
        raise ServiceError(f"The folder of images {images} does not exist; name the folder the pictures lie in.")
    name, records = _open(format_name, source, images, share := _Share())
    tally = ImportTally(str(source), name, dry_run)
    work = _Import(project, images, source.name, source.stem, tally, on_conflict)
    try:
        for record in records:
            work.take(record)
            if work.records % 200 == 0:
                on_progress(work.people or work.records, share.value)
                if should_stop():
                    tally.cancelled = True
                    break
        work.flush()
        on_progress(work.people or work.records, share.value)
    except KeyboardInterrupt:
        tally.cancelled = True
    return tally.build_report()


@dataclass(slots=True)
class _Share:
    value: float = 0.0

    def __call__(self, share: float) -> None:
        self.value = share


def _open(format_name: str, source: Path, images: Path, on_share: OnShare) -> tuple[str, Iterator[ImportRecord]]:
    """Begin to read; of a file in another format say in which.

    Raises:
        FormatError: There is no such format, or the file cannot be read at all.
    """
    if format_name == AUTO:
        format_name = sniff_people(source)
        return format_name, get_reader(format_name)(source, images, on_share)
    read = get_reader(format_name)
    try:
        return format_name, read(source, images, on_share)
    except FormatError as error:
        try:
            found = sniff_people(source)
        except FormatError:
            raise error from None  # nothing is known of it that the reader has not said
        if found == format_name:
            raise
        raise FormatError(f"{error}; it looks like {found}, import it as that") from error


@dataclass(slots=True)
class _Known:
    """A picture met in the file: its size as annotated, whether the file gave it, and why its people are left out."""

    width: int
    height: int
    as_said: bool = False
    fault: str = ""


@dataclass(slots=True)
class _Import:
    """One import while it goes on: records are gathered into pieces, and each piece is compared and stored."""

    project: Project
    root: Path
    source: str
    dataset: str
    tally: ImportTally
    on_conflict: OnConflict
    people: int = 0
    records: int = 0
    details: bytes | None = None
    _pictures: dict[str, _Known] = field(default_factory=dict)
    _listed: list[ImportedImage] = field(default_factory=list)
    _read: list[ImportedPerson] = field(default_factory=list)

    def take(self, record: ImportRecord) -> None:
        self.records += 1
        match record:
            case DatasetDetails():
                self.details = record.content
            case ImportProblem():
                self.tally.add_problem(record)
            case ImportedImage():
                self._listed.append(record)
            case ImportedPerson():
                self._read.append(record)
                self.people += 1
        if len(self._listed) + len(self._read) >= PIECE:
            self.flush()

    def _take_person(self, record: ImportedPerson, piece: Piece) -> None:
        picture = self._pictures[record.image_path]
        if picture.fault:
            self.tally.add_skipped("people", picture.fault)
            return
        try:
            checked = record if picture.as_said else check_person(record, picture.width, picture.height)
            piece.people.append(checked)
        except ItemError as error:
            self.tally.add_problem(ImportProblem(_name(record), str(error), "people"))

    def _look_at_pictures(self, piece: Piece) -> None:
        """Tell stored pictures from new ones, of which the header is read."""
        with self.project.store.read() as reader:
            stored = find_stored(reader, self.root, [image.path for image in self._listed])
        for image in self._listed:
            if (known := stored.get(image.path)) is not None:
                as_said = (known.width, known.height) == (image.width, image.height)
                self._pictures[image.path] = _Known(known.width, known.height, as_said)
                self.tally.add("images", "same")
            else:
                self._take_picture(image, piece)
        self._listed.clear()

    def _take_picture(self, image: ImportedImage, piece: Piece) -> None:
        try:
            size, exif_honoured = measure_picture(self.root / image.path, image)
        except ImageError as error:
            self._pictures[image.path] = _Known(0, 0, fault=UNREADABLE)
            self.tally.add_problem(ImportProblem(image.path, str(error), "images", kind=UNREADABLE))
            return
        as_said = size == (image.width, image.height)
        if not as_said and image.width is not None:
            reason = f"it has {size.width} x {size.height} pixels where the file says {image.width} x {image.height}"
            self.tally.add_problem(ImportProblem(image.path, f"{reason}; look whether its keypoints lie right"))
        self._pictures[image.path] = _Known(size.width, size.height, as_said)
        self.tally.add("images", "new")
        piece.images[image.path] = (
            NewImage(
                image.path, str(self.root), size.width, size.height, self.dataset, image.external_id, exif_honoured
            ),
            image.details,
        )

    def flush(self) -> None:
        """Compare what has been read with what is stored, and store what is to be."""
        piece = Piece()
        self._look_at_pictures(piece)
        for person in self._read:
            self._take_person(person, piece)
        self._read.clear()
        if not len(piece):
            return
        store, update = self.project.store, self.on_conflict == "update"
        while True:
            with store.read() as reader:
                made_at = reader.changes.latest_id()
                outcome = compare(reader, piece, self.root, self.source)
            if self.tally.dry_run or not outcome.writes(update=update):
                break
            with store.change(
                f"Import {self.source}", annotator_id=self.project.annotator_id, undoable=False
            ) as change:
                if change.changes.latest_id() == made_at:
                    if self.details is not None:
                        change.details.add_dataset(self.source, self.tally.format, self.details)
                    write_piece(change, piece, outcome, self.source, update=update)
                    break
            # Somebody wrote meanwhile, perhaps the same people: compare again with what is stored now.
        self._count(outcome, update=update)

    def _count(self, outcome: Outcome, *, update: bool) -> None:
        tally = self.tally
        tally.add("people", "new", len(outcome.new))
        tally.add("people", "same", outcome.same)
        for _, person in outcome.conflicting:
            tally.add_conflict(_name(person))
        tally.updated += len(outcome.conflicting) if update else 0
        for person in outcome.twice:
            tally.add_problem(ImportProblem(_name(person), "its id occurs twice; the first was taken", "people"))
        tally.labelled_joints += outcome.labelled_joints


def _name(person: ImportedPerson) -> str:
    return f"annotation {person.external_id} of {person.image_path}"
