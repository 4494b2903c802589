"""People and their keypoints out of a project, fitted or not, with a manifest beside the file."""

from __future__ import annotations

from collections import Counter
from functools import partial
from pathlib import Path

from app.services.export_parts import (
    STATES,
    DecisionFilter,
    ExportReport,
    OnDone,
    build_provenance,
    check_place,
    count_states,
    ignore_done,
)
from app.services.people_source import StoredPeople
from app.services.places import resolve_place
from app.services.project import Project
from app.services.selecting import EVERYTHING, Selection, check_method, iter_chosen
from db.formats import get_conventions, get_people_writer
from db.formats.parts.manifest import manifest_path, reserving_manifest
from db.records import PersonId
from db.transactions import Reading


def export_people(
    project: Project,
    format_name: str,
    out: Path,
    selection: Selection = EVERYTHING,
    *,
    decision: DecisionFilter = "any",
    with_fits: bool = True,
    on_done: OnDone = ignore_done,
) -> ExportReport:
    """Write people with their newest keypoints, all else as their datasets said it.

    With nothing selected everybody is written, crowds and people without keypoints too, and every picture of the
    project. A method or a limit on quality takes the people whose fit by it, or within it, is current.

    Args:
        project: Open project.
        format_name: Name in ``db.formats``.
        out: File to write; the manifest goes beside it.
        selection: Whom.
        decision: Whom, by what was decided; ``any`` for the undecided too.
        with_fits: Decisions and fits go along under a key of their own.
        on_done: Called with the people written so far and their number; what it raises ends the export.

    Raises:
        ServiceError: No fit has the method, or the file would take the project's place.
        FormatError: There is no such format, something else than an earlier export is in the place, or the file or its
            manifest cannot be written; an older file stays whole.
    """
    out = resolve_place(out)
    check_place(project, out)
    writer, conventions = get_people_writer(format_name), get_conventions(format_name)
    with project.store.read() as reader, reserving_manifest(manifest_path(out)) as write_manifest:
        states = count_states(reader)
        chosen, left_out = _choose(reader, selection, decision)
        total = len(reader.queue.ids()) if chosen is None else len(chosen)
        on_person = partial(_tell, total, on_done)
        written = writer(out, StoredPeople(reader, chosen, with_ours=with_fits, on_person=on_person))
        counts = {
            **{f"people {state}": people for state, people in states.items()},
            "exported": written.export.count,
            "images": written.images,
            "images with another id": written.renumbered_images,
            "people with another id": written.renumbered_people,
            **{f"left out: {reason}": people for reason, people in left_out.items()},
        }
        asked = {"decision": decision, "fits": with_fits, **selection.describe()}
        write_manifest(written.export, conventions, build_provenance(reader, asked, counts))
    return ExportReport(
        written.export.path,
        manifest_path(out),
        written.export.count,
        written.export.sha256,
        left_out,
        renumbered=written.renumbered_images + written.renumbered_people,
    )


def count_people(
    reader: Reading, selection: Selection = EVERYTHING, decision: DecisionFilter = "any"
) -> tuple[int, dict[str, int]]:
    """How many people :func:`export_people` would write, and how many it would leave out, by the reason.

    Raises:
        ServiceError: No fit has the method.
    """
    chosen, left_out = _choose(reader, selection, decision)
    return len(reader.queue.ids()) if chosen is None else len(chosen), left_out


def _tell(total: int, on_done: OnDone, done: int) -> None:
    on_done(done, total)


def _choose(
    reader: Reading, selection: Selection, decision: DecisionFilter
) -> tuple[frozenset[PersonId] | None, dict[str, int]]:
    """Whom to write, None for everybody, and why others are left out."""
    if decision == "any" and selection == EVERYTHING:
        return None, {}
    check_method(reader, selection.method)
    everybody = reader.queue.ids()
    left_out: Counter[str] = Counter()
    chosen = frozenset(everybody if decision == "any" else reader.queue.ids(STATES[decision]))
    left_out[f"not {decision}"] = len(everybody) - len(chosen)
    if (people := selection.find_people(reader)) is not None:
        left_out["person not selected"] = len(chosen - people)
        chosen &= people
    if selection.method is not None or selection.has_limits:
        refused: Counter[str] = Counter()
        fitted = {row.fit.person_id for row in iter_chosen(reader, selection, STATES[decision], refused)}
        left_out["without such a fit"] = len(chosen - fitted)
        chosen &= fitted
    return chosen, {reason: people for reason, people in left_out.items() if people}
