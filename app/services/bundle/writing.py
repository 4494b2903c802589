"""A project into one file: its database as it is at one moment, its settings, and what its pictures were.

Pictures are not packed: they are referenced, as everywhere. Model files are packed only where they say that they may
be passed on; of the others the bundle keeps name and hash.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from app.services.asset_info import read_body_info, read_card
from app.services.bundle.container import BundleWriter, is_bundle
from app.services.bundle.hashing import FileFacts, iter_facts, read_facts
from app.services.bundle.manifest import DATABASE, FILES, IMAGES, MANIFEST, ImageEntry, Manifest, NeededFile
from app.services.bundle.scratch import WORK, held_folder, sweep_leftovers
from app.services.errors import ServiceError
from app.services.places import resolve_place, usable
from app.services.project import Project
from app.services.study.collecting import collect_all
from db.formats.errors import FormatError
from db.formats.parts.files import replacing
from db.records import ImageRecord
from db.schema import MIGRATIONS
from db.store import Store
from db.transactions import Reading
from fitting import CODE_VERSION
from resources import default_body, default_regressor

OnStage = Callable[[str, int, int], None]
"""Called with the stage in words, the number done and the number in all; what it raises cancels."""

_OURS: Final = ("Apache-2.0",)
"""Licences under which a model file may be passed on without asking anybody."""
_EXAMPLES: Final = 5
_MB: Final = 1 << 20


def no_stage(_stage: str, _done: int, _total: int) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class BundleReport:
    """What a bundle holds.

    Attributes:
        path: The bundle.
        size_bytes: Its size.
        counts: Rows of every table of the database.
        images: Images of the project.
        missing_images: Of these, how many had no readable file.
        examples: Some of those, with the reason.
        image_bytes: Bytes of the pictures together; none of them is in the bundle.
        packed: Files of the project folder that are in it.
        needed: Files that the project fits with and that are not in it.
        votes_left: Votes of studies that could not be taken in before, in sentences; raters' packages are not packed.
    """

    path: Path
    size_bytes: int
    counts: dict[str, int]
    images: int
    missing_images: int
    examples: tuple[str, ...]
    image_bytes: int
    packed: tuple[str, ...]
    needed: tuple[NeededFile, ...]
    votes_left: tuple[str, ...] = ()


def bundle_project(
    project: Project,
    out: Path,
    *,
    image_hashes: bool = True,
    replace: bool = False,
    on_stage: OnStage = no_stage,
) -> BundleReport:
    """Write a project as one file, whole or not at all; the project may be written to meanwhile.

    Votes that lie in the packages of its studies are taken in before.

    Args:
        project: Open project.
        out: File to write.
        image_hashes: Read every picture for its SHA-256; without, only sizes are kept.
        replace: An earlier bundle at the place is replaced; anything else never is.
        on_stage: For progress; what it raises cancels, and nothing is left.

    Raises:
        ServiceError: The place is none for a bundle, or the disk refuses.
        StoreError: The database is on a server, or cannot be read.
    """
    out = resolve_place(out)
    _check_place(project, out, replace)
    sweep_leftovers(out)
    votes_left = collect_all(project)
    tally = _ImageTally()
    try:
        with replacing(out) as (file, temporary), _folder_beside(temporary) as scratch, BundleWriter(file) as writer:
            manifest, packed = _fill(writer, project, scratch / DATABASE, tally, image_hashes, on_stage)
    except FormatError as error:
        raise ServiceError(f"{error}.") from error
    return BundleReport(
        path=out,
        size_bytes=out.stat().st_size,
        counts=dict(manifest.counts),
        images=tally.images,
        missing_images=tally.missing,
        examples=tuple(tally.examples),
        image_bytes=tally.bytes,
        packed=packed,
        needed=manifest.needed,
        votes_left=tuple(votes_left),
    )


def _fill(
    writer: BundleWriter, project: Project, copy: Path, tally: _ImageTally, image_hashes: bool, on_stage: OnStage
) -> tuple[Manifest, tuple[str, ...]]:
    project.store.copy_to(copy, lambda done, total: on_stage("Copying the database", done, total))
    size = max(copy.stat().st_size // _MB, 1)
    writer.add_file(DATABASE, copy, lambda done: on_stage("Packing the database (MB)", done // _MB, size))
    # From here on the copy is read, so that what the manifest says is what the bundle holds.
    with Store.open(copy) as store, store.read() as reader:
        _add_images(writer, reader, tally, image_hashes, on_stage)
        packed, needed = _add_model_files(writer, project)
        manifest = _build_manifest(project, reader, writer, image_hashes, needed)
    with writer.open(MANIFEST) as write:
        write(manifest.to_bytes())
    return manifest, packed


@dataclass(slots=True)
class _ImageTally:
    images: int = 0
    missing: int = 0
    bytes: int = 0
    examples: list[str] = field(default_factory=list)

    def add(self, image: ImageRecord, facts: FileFacts) -> None:
        self.images += 1
        if facts.size_bytes is None:
            self.missing += 1
            if len(self.examples) < _EXAMPLES:
                self.examples.append(f"{image.path} ({facts.trouble})")
        else:
            self.bytes += facts.size_bytes


def _check_place(project: Project, out: Path, replace: bool) -> None:
    database = project.store.database_file
    if database is not None and out.parent == database.parent and out.name.startswith(database.name):
        raise ServiceError(f"{out} is the database of the project; name another file for the bundle.")
    with usable(out):
        if not out.parent.is_dir():
            raise ServiceError(f"The folder {out.parent} does not exist; make it, or choose another place.")
        if not out.exists():
            return
        if out.is_dir():
            raise ServiceError(f"{out} is a folder; name a file for the bundle.")
    if not is_bundle(out):
        raise ServiceError(f"{out} exists and is no bundle; name another file.")
    if not replace:
        raise ServiceError(f"{out} exists already; name another file, or replace it with --force.")


@contextmanager
def _folder_beside(temporary: Path) -> Iterator[Path]:
    """A folder for the copy of the database, on the disk that has room for the bundle."""
    with held_folder(temporary.with_name(temporary.name + WORK)) as folder:
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _add_images(writer: BundleWriter, reader: Reading, tally: _ImageTally, hashes: bool, on_stage: OnStage) -> None:
    stage = "Hashing the pictures" if hashes else "Looking for the pictures"
    total = sum(reader.images.count_roots().values())
    found = iter_facts(reader.images.iter_all(), lambda image: Path(image.root) / image.path, with_hashes=hashes)
    with writer.open(IMAGES) as write:
        for image, facts in found:
            entry = ImageEntry(image.id, image.root, image.path, facts.size_bytes, facts.sha256)
            write(entry.to_line())
            tally.add(image, facts)
            on_stage(stage, tally.images, total)


def _add_model_files(writer: BundleWriter, project: Project) -> tuple[tuple[str, ...], tuple[NeededFile, ...]]:
    """Pack what may be passed on; tell of the rest."""
    packed: list[str] = []
    needed: list[NeededFile] = []
    for kind, path in _iter_models(project):
        licence, companions = _look_into(kind, path)
        inside = path.is_relative_to(project.folder)
        name = path.relative_to(project.folder).as_posix() if inside else str(path)
        if not path.is_file():
            needed.append(NeededFile(kind, name, licence, None, None, "it is not there"))
        elif inside and licence in _OURS:
            for file in (path, *companions):
                inner = file.relative_to(project.folder).as_posix()
                writer.add_file(f"{FILES}{inner}", file)
                packed.append(inner)
        else:
            why = "its licence does not let us pass it on" if licence not in _OURS else "it lies outside the project"
            facts = read_facts(path, with_hash=True)
            needed.append(NeededFile(kind, name, licence, facts.size_bytes, facts.sha256, why))
    return tuple(packed), tuple(needed)


def _iter_models(project: Project) -> Iterator[tuple[str, Path]]:
    """The files the project fits with, those that come with the program left out."""
    shipped = {default_body(), default_regressor()}
    for kind, path in (("body", project.body), ("regressor", project.regressor), ("prior", project.prior)):
        if path is not None and path not in shipped:
            yield kind, path


def _look_into(kind: str, path: Path) -> tuple[str, tuple[Path, ...]]:
    """The licence a file states, and the files that belong to it."""
    try:
        if kind == "regressor":
            return str(read_card(path).get("licence", "unknown")), (path.with_suffix(".json"),)
        return read_body_info(path).licence, ()
    except ServiceError:
        return "unknown", ()  # whether it can be fitted with is for the fit to tell; unknown files stay where they are


def _build_manifest(
    project: Project, reader: Reading, writer: BundleWriter, image_hashes: bool, needed: tuple[NeededFile, ...]
) -> Manifest:
    newest = reader.changes.latest_at()
    return Manifest(
        schema=MIGRATIONS.head,
        tool_version=CODE_VERSION,
        project=project.folder.name,
        changed_at=None if newest is None else newest.isoformat(),
        settings=reader.settings.read_all(),
        counts=reader.tables.counts(),
        states={str(state): people for state, people in reader.progress.counts().items()},
        images_hashed=image_hashes,
        members=dict(writer.members),
        needed=needed,
    )
