"""Whether a project is sound: its database, the files it names, its pictures. Nothing is changed unless asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.services.asset_info import read_body_info, read_card
from app.services.bundle.container import opened_bundle
from app.services.bundle.hashing import FileFacts, iter_facts
from app.services.bundle.manifest import IMAGES, ImageEntry, iter_image_entries
from app.services.bundle.writing import OnStage, no_stage
from app.services.errors import ImageError, ServiceError
from app.services.images import read_size
from app.services.places import resolve_place
from app.services.project import Project, check_project, find_database
from db.engine import find_database_file, parse_place
from db.errors import CorruptStoreError
from db.file_faults import Fault, find_file_faults
from db.records import ImageId, ImageRecord

_EVERY: Final = 200


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What was looked at and what is wrong.

    Attributes:
        folder: The project.
        counts: Rows of every table; empty when the database cannot be read.
        images: Images whose files were looked at.
        repaired: People whose state in the queue was derived anew.
        faults: Everything that is wrong, each with its cure.
    """

    folder: Path
    counts: dict[str, int]
    images: int
    repaired: int
    faults: tuple[Fault, ...]


def check_integrity(
    folder: Path,
    *,
    images: bool = False,
    bundle: Path | None = None,
    repair: bool = False,
    on_stage: OnStage = no_stage,
) -> CheckReport:
    """Look a project through.

    Args:
        folder: Project folder.
        images: Look at every picture as well: is it there, and of the stored size.
        bundle: A bundle of this project: pictures must have the content they had then.
        repair: Derive what the queue shows anew where it is not what the history says.
        on_stage: For progress; what it raises cancels.

    Raises:
        ServiceError: The folder holds no project, or the bundle cannot be read.
        StoreError: The database is of a newer version, locked, or on a server that does not answer.
    """
    folder = check_project(folder)
    file = find_database_file(parse_place(find_database(folder)))
    faults: list[Fault] = []
    if file is not None and file.is_file():
        on_stage("Checking the database file", 0, 1)
        faults += find_file_faults(file)
        on_stage("Checking the database file", 1, 1)
    try:
        with Project.open(folder, with_files=False) as project:
            repaired = len(project.store.repair_heads()) if repair else 0
            faults += project.store.iter_faults(lambda table, rows: on_stage(f"Checking {table}", rows, 0))
            faults += _iter_model_faults(project)
            with project.store.read() as reader:
                counts = reader.tables.counts()
                pictures = list(reader.images.iter_all()) if images or bundle is not None else []
            known = {} if bundle is None else _read_entries(resolve_place(bundle), pictures)
            faults += _iter_image_faults(project, pictures, known, on_stage)
    except CorruptStoreError as error:
        if not faults:
            faults.append(Fault(folder.name, str(error).rstrip("."), "restore the project from a bundle or a backup"))
        return CheckReport(folder, {}, 0, 0, tuple(faults))
    return CheckReport(folder, counts, len(pictures), repaired, tuple(faults))


def _iter_model_faults(project: Project) -> Iterator[Fault]:
    for kind, path in (("body", project.body), ("regressor", project.regressor), ("prior", project.prior)):
        if path is None:
            continue
        word = "regressor" if kind == "regressor" else "body"
        cure = f"choose another with 'python main.py {word} use FILE --project {project.folder}'"
        if not path.is_file():
            yield Fault(f"{kind} {path}", "it is not there", f"put it back, or {cure}")
            continue
        try:
            if kind == "regressor":
                read_card(path)
            else:
                read_body_info(path)
        except ServiceError as error:
            yield Fault(f"{kind} {path}", str(error).rstrip("."), cure)


def _read_entries(bundle: Path, pictures: list[ImageRecord]) -> dict[ImageId, ImageEntry]:
    """What a bundle knows of the pictures of a project.

    Raises:
        ServiceError: It is none, or of another project.
    """
    ids = {picture.id for picture in pictures}
    with opened_bundle(bundle) as opened:
        opened.check(IMAGES)
        with opened.open(IMAGES) as file:
            entries = {ImageId(entry.id): entry for entry in iter_image_entries(file, str(bundle))}
    if pictures and not ids & entries.keys():
        raise ServiceError(f"{bundle} is the bundle of another project; name one of this project.")
    return entries


def _iter_image_faults(
    project: Project, pictures: list[ImageRecord], known: Mapping[ImageId, ImageEntry], on_stage: OnStage
) -> Iterator[Fault]:
    relink = f"find them with 'python main.py relink --project {project.folder} --to FOLDER', or put the file back"
    facts = iter_facts(pictures, lambda picture: Path(picture.root) / picture.path, with_hashes=bool(known))
    for done, (picture, found) in enumerate(facts, start=1):
        file = str(Path(picture.root) / picture.path)
        if found.size_bytes is None:
            yield Fault(file, f"the picture cannot be read ({found.trouble})", relink)
        else:
            yield from _look_into(picture, file, found, known.get(picture.id))
        if done % _EVERY == 0 or done == len(pictures):
            on_stage("Checking the pictures", done, len(pictures))


def _look_into(picture: ImageRecord, file: str, found: FileFacts, entry: ImageEntry | None) -> Iterator[Fault]:
    cure = "put back the file the people were annotated on"
    try:
        size = read_size(Path(file), honour_exif=picture.exif_honoured)
    except ImageError as error:
        yield Fault(file, str(error).rstrip("."), cure)
        return
    if size != (picture.width, picture.height):
        yield Fault(
            file,
            f"it has {size.width} x {size.height} pixels, the project knows {picture.width} x {picture.height}",
            cure,
        )
    elif entry is not None and entry.sha256 is not None and entry.sha256 != found.sha256:
        yield Fault(file, "its content is not what it was when the bundle was made", cure)
    elif entry is not None and entry.size_bytes is not None and entry.size_bytes != found.size_bytes:
        yield Fault(file, f"it has {found.size_bytes:,} bytes, the bundle knows {entry.size_bytes:,}", cure)
