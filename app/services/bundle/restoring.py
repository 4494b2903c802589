"""A project out of a bundle: into a new folder, checked before it gets its name, or nothing at all."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from app.services.bundle.container import Bundle, opened_bundle
from app.services.bundle.finding import Findings, NewRoot, find_pictures, parse_roots
from app.services.bundle.hashing import read_facts
from app.services.bundle.manifest import DATABASE, FILES, IMAGES, ImageEntry, Manifest, NeededFile, iter_image_entries
from app.services.bundle.scratch import held_folder, sweep_leftovers
from app.services.bundle.writing import OnStage, no_stage
from app.services.errors import ServiceError
from app.services.places import resolve_place, usable
from app.services.project import DATABASE_NAME, holds_project
from db.copying import settle_database
from db.file_faults import find_file_faults
from db.records import ImageId, ImageRecord
from db.safe_paths import is_safe_path
from db.schema import MIGRATIONS
from db.store import Store

_MB: Final = 1 << 20
_SPARE: Final = 64 * _MB
_MODEL_ENDINGS: Final = frozenset({".npz", ".safetensors", ".json"})


@dataclass(frozen=True, slots=True)
class NeededReport:
    """A file that the project fits with and that was not in the bundle, and where it is now (None: to be found)."""

    file: NeededFile
    found: Path | None


@dataclass(frozen=True, slots=True)
class RestoreReport:
    """What was restored.

    Attributes:
        folder: The project.
        manifest: Of the bundle.
        pictures: What was found of the images.
        there: Images whose file is where the project now says.
        needed: Files that were not in the bundle.
        upgraded_from: Schema of the bundle, if this program's is newer.
    """

    folder: Path
    manifest: Manifest
    pictures: Findings
    there: int
    needed: tuple[NeededReport, ...]
    upgraded_from: str | None


def restore_bundle(
    bundle: Path,
    folder: Path,
    roots: Sequence[str] = (),
    *,
    image_hashes: bool = True,
    models: Path | None = None,
    on_stage: OnStage = no_stage,
) -> RestoreReport:
    """Make a project of a bundle.

    Args:
        bundle: The file.
        folder: Folder of the project, which must not exist or be empty.
        roots: Where the pictures lie now: a folder for all, or ``OLD=NEW`` for each root.
        image_hashes: Compare the content of each picture found; otherwise its size has to do.
        models: Folder with the researcher's own files, where what was not packed is looked for.
        on_stage: For progress; what it raises cancels, and nothing is left.

    Raises:
        ServiceError: The folder is in use, the bundle is damaged, newer or made to do harm, or the disk refuses.
        StoreError: The database in it is none.
    """
    bundle, folder = resolve_place(bundle), resolve_place(folder)
    _check_folder(folder)
    with opened_bundle(bundle) as opened:
        _check_bundle(opened)
        with _new_folder(folder) as making:
            with usable(making):
                _check_room(opened, making)
                _extract(opened, making, on_stage)
            report = _bring_up(opened, making, folder, roots, image_hashes, models, on_stage)
    return report


def _check_folder(folder: Path) -> None:
    if holds_project(folder):
        raise ServiceError(f"{folder} holds a project already; restore into a new folder.")
    with usable(folder):
        if folder.exists() and not folder.is_dir():
            raise ServiceError(f"{folder} is a file; restore into a new folder.")
        if folder.exists() and any(folder.iterdir()):
            raise ServiceError(f"{folder} is not empty; restore into a new folder.")


def _check_bundle(bundle: Bundle) -> None:
    manifest = bundle.manifest
    if manifest.schema not in MIGRATIONS.revisions:
        raise ServiceError(
            f"{bundle.path} was made by a newer version of this program (schema {manifest.schema:.20}, this one knows"
            f" up to {MIGRATIONS.head}); restore it with that version."
        )
    for name in manifest.members:
        # Whatever else lies in a project folder would change what the project is: another database, for one.
        if name.startswith(FILES) and PurePosixPath(name).suffix.lower() not in _MODEL_ENDINGS:
            raise ServiceError(f"{bundle.path} holds {name!r:.80}, which is no model file; it is not opened.")


def _check_room(bundle: Bundle, folder: Path) -> None:
    free = shutil.disk_usage(folder).free
    if bundle.unpacked_bytes + _SPARE > free:
        raise ServiceError(
            f"{bundle.path} unpacks to {bundle.unpacked_bytes / 1e6:,.0f} MB, the disk of {folder.parent} has"
            f" {free / 1e6:,.0f} MB free; free some space or choose another disk."
        )


@contextmanager
def _new_folder(folder: Path) -> Iterator[Path]:
    """A folder beside the one wanted, which gets its name when the block ends well, and else goes away."""
    made: list[Path] = []
    making = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}.part")
    try:
        with usable(folder):
            for parent in reversed(folder.parents):
                if not parent.exists():
                    parent.mkdir()
                    made.append(parent)
            sweep_leftovers(folder)
        with usable(folder), held_folder(making):
            yield making
        with usable(folder):
            if folder.exists():
                folder.rmdir()  # fails unless it is still empty
            making.rename(folder)
    except BaseException:
        shutil.rmtree(making, ignore_errors=True)
        for parent in reversed(made):
            parent.rmdir()
        raise


def _extract(bundle: Bundle, folder: Path, on_stage: OnStage) -> None:
    total = max(bundle.unpacked_bytes // _MB, 1)
    done = 0
    for name, member in bundle.manifest.members.items():
        if name == IMAGES:
            bundle.check(name)
        else:
            target = folder / (DATABASE_NAME if name == DATABASE else name.removeprefix(FILES))
            target.parent.mkdir(parents=True, exist_ok=True)
            bundle.extract(name, target, _counting_from(done, total, on_stage))
        done += member.size_bytes


def _counting_from(before: int, total: int, on_stage: OnStage) -> Callable[[int], None]:
    return lambda done: on_stage("Unpacking (MB)", (before + done) // _MB, total)


def _bring_up(
    bundle: Bundle,
    making: Path,
    folder: Path,
    roots: Sequence[str],
    image_hashes: bool,
    models: Path | None,
    on_stage: OnStage,
) -> RestoreReport:
    """Check the database, bring it to this schema, and let it know where its files are."""
    database = making / DATABASE_NAME
    _check_file(bundle, database, on_stage)
    with Store.open(database) as store:
        with store.read() as reader:
            images = list(reader.images.iter_all())
            counts = reader.tables.counts()
            known = reader.images.count_roots()
        _check_content(bundle, images, counts)
        pictures = Findings(total=len(images), kept=len(images))
        if roots:
            pictures = _find(bundle, images, parse_roots(roots, known), image_hashes, on_stage)
            if pictures.places:
                with store.change("Re-link images", undoable=False) as change:
                    change.images.move_many(pictures.places)
        needed = tuple(_look_for(needed, folder, models) for needed in bundle.manifest.needed)
        moved = [one for one in needed if one.found is not None and str(one.found) != one.file.path]
        if moved:
            with store.change("Use model files of this machine", undoable=False) as change:
                for one in moved:
                    change.settings.set(one.file.kind, str(one.found))
        there = _count_there(images, pictures, on_stage)
    settle_database(database)
    for backup in making.glob(f"{DATABASE_NAME}.backup-*"):
        backup.unlink()  # the bundle itself is what was before the upgrade
    schema = bundle.manifest.schema
    return RestoreReport(
        folder, bundle.manifest, pictures, there, needed, None if schema == MIGRATIONS.head else schema
    )


def _check_file(bundle: Bundle, database: Path, on_stage: OnStage) -> None:
    on_stage("Checking the database", 0, 1)
    faults = find_file_faults(database)
    if faults:
        raise ServiceError(f"The database in {bundle.path} is damaged ({faults[0].item}: {faults[0].reason}).")
    on_stage("Checking the database", 1, 1)


def _check_content(bundle: Bundle, images: Sequence[ImageRecord], counts: dict[str, int]) -> None:
    manifest = bundle.manifest
    if manifest.schema == MIGRATIONS.head and dict(manifest.counts) != counts:
        table = next(
            name for name in sorted(counts | dict(manifest.counts)) if manifest.counts.get(name) != counts.get(name)
        )
        raise ServiceError(
            f"The database in {bundle.path} has {counts.get(table, 0):,} rows of {table}, its manifest says"
            f" {manifest.counts.get(table, 0):,}; use another copy of it."
        )
    for image in images:
        if not is_safe_path(image.path):
            raise ServiceError(
                f"The image {image.path!r:.80} of {bundle.path} would lie outside the folder of the pictures; it is not"
                " restored."
            )


def _find(
    bundle: Bundle, images: Sequence[ImageRecord], roots: Sequence[NewRoot], image_hashes: bool, on_stage: OnStage
) -> Findings:
    by_id = {image.id: image for image in images}
    entries: dict[ImageId, ImageEntry] = {}
    with bundle.open(IMAGES) as file:
        for entry in iter_image_entries(file, str(bundle.path)):
            image = by_id.get(ImageId(entry.id))
            if image is not None and (image.root, image.path) == (entry.root, entry.path):
                entries[image.id] = entry
    return find_pictures(
        images,
        entries,
        roots,
        verify=image_hashes,
        on_checked=lambda done, total: on_stage("Checking the pictures", done, total),
        on_searched=lambda done, total: on_stage("Looking for moved pictures", done, total),
    )


def _count_there(images: Sequence[ImageRecord], pictures: Findings, on_stage: OnStage) -> int:
    there = 0
    for done, image in enumerate(images, start=1):
        root, path = pictures.places.get(image.id, (image.root, image.path))
        there += os.access(Path(root) / path, os.R_OK)
        if done % 500 == 0:
            on_stage("Looking for the pictures", done, len(images))
    return there


def _look_for(needed: NeededFile, folder: Path, models: Path | None) -> NeededReport:
    """The same file where the project says, or among the researcher's own files."""
    own = folder / needed.path
    if _is_same(own, needed):
        return NeededReport(needed, own)
    if models is not None and needed.sha256 is not None:
        with usable(models):
            files = sorted(file for file in models.iterdir() if file.is_file()) if models.is_dir() else []
        for file in files:
            if _is_same(file, needed):
                return NeededReport(needed, file)
    return NeededReport(needed, None)


def _is_same(file: Path, needed: NeededFile) -> bool:
    size = read_facts(file, with_hash=False).size_bytes
    return size is not None and size == needed.size_bytes and read_facts(file, with_hash=True).sha256 == needed.sha256
