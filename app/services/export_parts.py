"""What every export has in common, whatever it writes: whose work, where it may lie, and what its report says."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias, TypeVar

from app.services.errors import ServiceError
from app.services.project import Project
from db.formats.parts.manifest import Provenance
from db.formats.parts.replaceable import check_replaceable_export
from db.records import FRESH_STATES, PersonId, PersonState
from db.transactions import Reading
from fitting import CODE_VERSION

DecisionFilter: TypeAlias = Literal["accepted", "rejected", "any"]

OnDone: TypeAlias = Callable[[int, int], None]
"""Called with the items on their way into the file and those there are; what it raises ends the export."""
Item = TypeVar("Item")

STATES: Mapping[DecisionFilter, tuple[PersonState, ...]] = {
    "accepted": ("accepted",),
    "rejected": ("rejected",),
    "any": FRESH_STATES,
}
"""States of the people whose fits are meant."""


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What an export wrote and what it left out.

    Attributes:
        path: The file or folder.
        manifest: Its manifest.
        samples: Fits, decisions or people in it.
        sha256: Hash of what was written.
        left_out: What is not in it, by the reason.
        passing: Written fits that pass each published filter (eft_method.md 6.3); empty for other content.
        beyond_published_filter: Written fits that the published export would refuse; what a person accepted is
            written all the same.
        failed: People on a sheet without pictures, with the reason.
        renumbered: Pictures and people in a file of people whose id was another's, and is another now.
    """

    path: Path
    manifest: Path
    samples: int
    sha256: str
    left_out: dict[str, int]
    passing: dict[str, int] = field(default_factory=dict)
    beyond_published_filter: int = 0
    failed: tuple[tuple[PersonId, str], ...] = ()
    renumbered: int = 0


def ignore_done(done: int, total: int) -> None:
    """Nobody wants to know how far an export is."""


def tell_done(items: Iterator[Item], total: int, on_done: OnDone) -> Iterator[Item]:
    """Items on their way into a file, told of one by one; ``total`` is 0 where nobody has counted."""
    for done, item in enumerate(items, start=1):
        on_done(done, total)
        yield item


def check_place(project: Project, out: Path) -> None:
    """Raise ServiceError or FormatError if an export to ``out`` would replace the project or somebody's file."""
    database = project.store.database_file
    # SQLite keeps journals beside its file, named after it.
    in_database = database is not None and out.parent == database.parent and out.name.startswith(database.name)
    if in_database or out == project.folder:
        raise ServiceError(f"{out} is the project itself; name another file for the export.")
    check_replaceable_export(out)


def count_states(reader: Reading) -> dict[str, int]:
    """People by state, for manifests."""
    return {str(state): people for state, people in reader.progress.counts().items()}


def build_provenance(
    reader: Reading,
    filters: Mapping[str, object],
    counts: Mapping[str, int],
    *,
    body: tuple[str, str] | None = None,
    genders: tuple[str, ...] = (),
) -> Provenance:
    """Where an export comes from: the newest change of the project stands for the time.

    Args:
        reader: The transaction that the export reads in.
        filters: What was asked for.
        counts: What is in it and what is not.
        body: Name and hash of the body that the parameters belong to.
        genders: Genders of the bodies.
    """
    newest = reader.changes.find_newest()
    body_name, body_hash = (None, "") if body is None else body
    return Provenance(
        body_name=body_name,
        body_hash=body_hash,
        tool_version=CODE_VERSION,
        filters=filters,
        counts=counts,
        change_id=None if newest is None else newest.id,
        changed_at=None if newest is None else newest.created_at,
        genders=genders,
    )
