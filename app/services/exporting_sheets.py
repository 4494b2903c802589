"""Contact sheets out of a project: pages of people with their fits, for print and for whoever has no window."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

import numpy as np

from app.services.batch import RunnerFactory
from app.services.blocking import BlockingJobs
from app.services.export_parts import (
    STATES,
    DecisionFilter,
    ExportReport,
    build_provenance,
    check_place,
    count_states,
)
from app.services.flags import title_of
from app.services.person_view import PersonView
from app.services.pictures import SIDE_COLORS
from app.services.places import resolve_place
from app.services.project import Project
from app.services.review import REASONS
from app.services.selecting import EVERYTHING, Selection
from app.services.sheets import choose_fits, iter_strips
from db.formats.contact_sheet import CONVENTIONS, check_sheet_place, write_sheet
from db.formats.parts.manifest import manifest_path, reserving_manifest
from db.formats.parts.sheet_page import Paper, SheetEntry, SheetInfo
from db.records import ChangeRecord, FitId, PersonId, PersonState
from db.transactions import Reading
from fitting import CODE_VERSION
from fitting.runners import ProcessRunner
from fitting.spec import ByteImage

TILE_PX: Final = 320
"""Side of each picture: 270 dots an inch on A4."""

_WHOSE: Mapping[DecisionFilter, str] = {
    "accepted": "accepted fits",
    "rejected": "rejected fits",
    "any": "every fit that is not stale",
}
_SETTLED = frozenset({"accepted", "rejected", "second_look"})
"""States in which everybody may know what was decided last."""
_REASON_TITLES = {reason.code: reason.title for reason in REASONS}


def export_sheet(
    project: Project,
    out: Path,
    selection: Selection = EVERYTHING,
    *,
    decision: DecisionFilter = "any",
    make_runner: RunnerFactory = ProcessRunner,
    paper: Paper = "a4",
    on_done: Callable[[int, int], None] = lambda done, total: None,
) -> ExportReport:
    """Draw selected fits on pages, with a manifest beside them.

    Stale fits are never shown. Who cannot be drawn keeps a place, with the reason in it.

    Args:
        project: Open project.
        out: ``.pdf``, ``.png`` for up to ten people, or a folder for a PNG a page; the manifest goes beside it.
        selection: Which fits.
        decision: Whose fits.
        make_runner: Draws bodies.
        paper: Size of the pages.
        on_done: Called with the number of people drawn and of those there are.

    Raises:
        ServiceError: No fit has the method, or the file would take the project's place.
        FormatError: Nothing can be written there, or more people than the file can hold are asked for; what was there
            stays.
    """
    out = resolve_place(out)
    check_place(project, out)
    chosen = choose_fits(project, selection, STATES[decision])
    check_sheet_place(out, len(chosen))
    asked = {"decision": decision, "stale": "left out", **selection.describe(), "paper": paper}
    with project.store.read() as reader, reserving_manifest(manifest_path(out)) as write_manifest:
        states = _find_states(reader, selection, [person for person, _ in chosen])
        counts = count_states(reader) | {"exported": len(chosen)}
        newest = reader.changes.find_newest()
        failed = list[tuple[PersonId, str]]()
        info = SheetInfo(
            title=project.name,
            lines=(_describe(selection, decision), _count(states, newest)),
            paper=paper,
            left_color=SIDE_COLORS["left"],
            right_color=SIDE_COLORS["right"],
            middle_color=SIDE_COLORS["middle"],
        )
        with BlockingJobs(make_runner) as jobs:
            entries = _iter_entries(project, jobs, chosen, states, failed, on_done)
            written = write_sheet(out, entries, len(chosen), info)
        if failed:
            counts["not drawn"] = len(failed)
        write_manifest(written, CONVENTIONS, build_provenance(reader, asked, counts))
    return ExportReport(written.path, manifest_path(out), written.count, written.sha256, {}, failed=tuple(failed))


def _find_states(reader: Reading, selection: Selection, people: list[PersonId]) -> dict[PersonId, PersonState]:
    if selection.method is None:
        return {person: head.state for person, head in reader.queue.heads(people).items()}
    standings = reader.methods.standings(selection.method)
    return {person: standings[person].state for person in people}


def _describe(selection: Selection, decision: DecisionFilter) -> str:
    method = "" if selection.method is None else f" by {selection.method}"
    parts = [f"{_WHOSE[decision].capitalize()}{method}"]
    parts += [f"filter {name}" for name in selection.filters]
    limits = {"RMS": selection.max_rms_px, "L2d": selection.max_l2d, "|β|": selection.max_abs_beta}
    units = {"RMS": " px"}
    parts += [f"{name} up to {limit:g}{units.get(name, '')}" for name, limit in limits.items() if limit is not None]
    if selection.where:
        parts.append(f"where {selection.where}")
    return " · ".join(parts)


def _count(states: Mapping[PersonId, PersonState], newest: ChangeRecord | None) -> str:
    counts = Counter(states.values())
    kinds = ", ".join(f"{counts[state]} {_in_words(state)}" for state in STATES["any"] if counts[state])
    people = f"{len(states)} {'person' if len(states) == 1 else 'people'}"
    shown = people if not kinds else f"{people}: {kinds}"
    changed = "" if newest is None else f" · project as of {newest.created_at:%Y-%m-%d %H:%M} UTC, change {newest.id}"
    return f"{shown}{changed} · Exemplar {CODE_VERSION}"


def _iter_entries(
    project: Project,
    jobs: BlockingJobs,
    chosen: list[tuple[PersonId, FitId]],
    states: Mapping[PersonId, PersonState],
    failed: list[tuple[PersonId, str]],
    on_done: Callable[[int, int], None],
) -> Iterator[SheetEntry]:
    drawn = iter_strips(project, jobs, chosen, side=True, tile_px=TILE_PX)
    for done, ((person_id, _), (who, strip)) in enumerate(zip(chosen, drawn, strict=True), 1):
        state = _in_words(states[person_id])
        if isinstance(strip, str):
            failed.append((person_id, strip))
        if isinstance(who, PersonView):
            notes = strip if isinstance(strip, str) else _note(who, states[person_id])
            yield SheetEntry(_find_pixels(strip), _name(who), _measure(who), state, notes)
        else:
            yield SheetEntry(None, f"person {person_id}", "", state, str(strip))
        on_done(done, len(chosen))


def _find_pixels(strip: ByteImage | str) -> ByteImage | None:
    return None if isinstance(strip, str) else np.ascontiguousarray(strip)


def _name(view: PersonView) -> str:
    return view.image.path if view.people_in_image == 1 else f"{view.image.path} #{view.place}"


def _measure(view: PersonView) -> str:
    fit, annotation = view.fit, view.person.external_id
    assert fit is not None
    who = f"person {view.person.id}" if annotation is None else f"annotation {annotation}"
    rms = "no active joint" if fit.rms_px is None else f"RMS {fit.rms_px:.1f} px"
    return f"{who} · {fit.method} · L2d {fit.l2d:.1e} · {rms} · max |β| {fit.max_abs_beta:.1f}"


def _note(view: PersonView, state: PersonState) -> str:
    """What was said when it was decided, as far as the fit's state is the person's, and what is odd about the fit."""
    assert view.fit is not None
    notes = [_REASON_TITLES.get(code, code) for code in view.reasons] if view.state == state else []
    said = view.decision
    if said is not None and said.comment and said.fit_id == view.fit.id and state in _SETTLED:
        notes.append(f"“{said.comment}”")
    return " · ".join((*notes, *(f"flag: {title_of(name)}" for name in sorted(view.fit.flags))))


def _in_words(state: PersonState) -> str:
    return state.replace("_", " ")
