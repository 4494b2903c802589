"""Decisions out of a project as a table, with a manifest beside the file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from app.services.export_parts import (
    DecisionFilter,
    ExportReport,
    OnDone,
    build_provenance,
    check_place,
    count_states,
    ignore_done,
    tell_done,
)
from app.services.filters import build_figures
from app.services.places import resolve_place
from app.services.project import Project
from app.services.selecting import EVERYTHING, Selection, check_method
from db.formats import get_conventions, get_decision_writer
from db.formats.parts.decision_table import DecisionEntry
from db.formats.parts.manifest import manifest_path, reserving_manifest
from db.records import (
    AnnotatorId,
    DecisionRecord,
    FitFacts,
    FitId,
    ImageId,
    ImageRecord,
    PersonId,
    PersonRecord,
    Verdict,
)
from db.transactions import Reading

_PIECE = 500
"""Decisions in memory at once, with what they are about."""
_VERDICTS: Mapping[DecisionFilter, frozenset[Verdict]] = {
    "accepted": frozenset({"accept"}),
    "rejected": frozenset({"reject"}),
    "any": frozenset({"accept", "reject", "second_look", "reopen"}),
}


def export_decisions(
    project: Project,
    format_name: str,
    out: Path,
    selection: Selection = EVERYTHING,
    *,
    decision: DecisionFilter = "any",
    on_done: OnDone = ignore_done,
) -> ExportReport:
    """Write the decisions about selected fits, one row each, oldest first.

    A method or a limit takes the decisions about fits by it or within it, whether these fits are current or not; then
    decisions about people without a fit are left out. What was taken back is never written, nor what a first reviewer
    decided while the second has yet to.

    Args:
        project: Open project.
        format_name: Name in ``db.formats``.
        out: File to write; the manifest goes beside it.
        selection: Decisions about which people and fits.
        decision: Which verdicts.
        on_done: Called with the decisions written so far and 0; what it raises ends the export.

    Raises:
        ServiceError: No fit has the method, or the file would take the project's place.
        FormatError: There is no such format, something else than an earlier export is in the place, or the file or its
            manifest cannot be written; an older file stays whole.
    """
    out = resolve_place(out)
    check_place(project, out)
    writer, conventions = get_decision_writer(format_name), get_conventions(format_name)
    with project.store.read() as reader, reserving_manifest(manifest_path(out)) as write_manifest:
        check_method(reader, selection.method)
        states = count_states(reader)
        table = _Table(reader, selection, _VERDICTS[decision], selection.find_people(reader))
        written = writer(out, tell_done(table.iter_entries(), 0, on_done))
        left_out = dict(sorted(table.left_out.items()))
        taken_back = reader.decisions.count_taken_back()
        if taken_back:
            left_out["taken back"] = taken_back
        counts = {
            **{f"people {state}": people for state, people in states.items()},
            "exported": written.count,
            **{f"left out: {reason}": rows for reason, rows in left_out.items()},
        }
        asked = {"decision": decision, **selection.describe()}
        write_manifest(written, conventions, build_provenance(reader, asked, counts))
    return ExportReport(written.path, manifest_path(out), written.count, written.sha256, left_out)


def count_decisions(
    reader: Reading, selection: Selection = EVERYTHING, decision: DecisionFilter = "any"
) -> tuple[int, dict[str, int]]:
    """How many decisions :func:`export_decisions` would write, and how many it would leave out, by the reason.

    Raises:
        ServiceError: No fit has the method.
    """
    check_method(reader, selection.method)
    table = _Table(reader, selection, _VERDICTS[decision], selection.find_people(reader))
    count = sum(1 for _ in table.iter_entries())
    return count, dict(sorted(table.left_out.items()))


@dataclass(frozen=True, slots=True)
class _Table:
    """Decisions of a transaction on their way into a table; what is passed over is counted."""

    reader: Reading
    selection: Selection
    verdicts: frozenset[Verdict]
    people: frozenset[PersonId] | None
    left_out: Counter[str] = field(default_factory=Counter)

    def iter_entries(self) -> Iterator[DecisionEntry]:
        """Rows in order, fetched in pieces."""
        names = {annotator.id: annotator.name for annotator in self.reader.annotators.list_all()}
        decisions = self.reader.decisions.iter_all()
        while piece := list(islice(decisions, _PIECE)):
            yield from self._iter_piece([row for row in piece if self._is_asked_for(row)], names)

    def _is_asked_for(self, row: DecisionRecord) -> bool:
        if self.people is not None and row.person_id not in self.people:
            self.left_out["person not selected"] += 1
            return False
        if row.verdict not in self.verdicts:
            self.left_out[f"verdict {row.verdict}"] += 1
            return False
        return True

    def _iter_piece(self, decisions: list[DecisionRecord], names: Mapping[AnnotatorId, str]) -> Iterator[DecisionEntry]:
        weighed = self.reader.decisions.weigh_people({row.person_id for row in decisions})
        people = self.reader.people.get_many([row.person_id for row in decisions])
        images = self.reader.images.get_many({person.image_id for person in people.values()})
        fits = self._fetch_fits(decisions)
        for row in decisions:
            fit = None if row.fit_id is None else fits[row.fit_id][0]
            reason = "second reviewer has yet to decide" if row.id in weighed.secret else self._find_refusal(row, fits)
            if reason is not None:
                self.left_out[reason] += 1
                continue
            yield _build_entry(row, people[row.person_id], images, fit, names, row.id in weighed.counting)

    def _fetch_fits(self, decisions: list[DecisionRecord]) -> dict[FitId, tuple[FitFacts, str | None]]:
        """The fits the decisions are about, each with what speaks against it."""
        fits = self.reader.fits.get_facts({row.fit_id for row in decisions if row.fit_id is not None})
        if not self.selection.has_limits:
            return {fit_id: (fit, None) for fit_id, fit in fits.items()}
        revisions = self.reader.keypoints.get_many({fit.revision_id for fit in fits.values()})
        return {
            fit_id: (fit, self.selection.find_refusal(build_figures(fit, revisions[fit.revision_id])))
            for fit_id, fit in fits.items()
        }

    def _find_refusal(self, row: DecisionRecord, fits: Mapping[FitId, tuple[FitFacts, str | None]]) -> str | None:
        method = self.selection.method
        if row.fit_id is None:
            return "no fit" if method is not None or self.selection.has_limits else None
        fit, reason = fits[row.fit_id]
        return "another method" if method is not None and fit.method != method else reason


def _build_entry(
    row: DecisionRecord,
    person: PersonRecord,
    images: Mapping[ImageId, ImageRecord],
    fit: FitFacts | None,
    names: Mapping[AnnotatorId, str],
    is_current: bool,
) -> DecisionEntry:
    image = images[person.image_id]
    left, top, width, height = map(float, person.bbox_xywh)
    return DecisionEntry(
        decision_id=row.id,
        person_id=row.person_id,
        annotation_id=person.external_id,
        image=image.path,
        dataset=image.dataset,
        bbox_x=left,
        bbox_y=top,
        bbox_width=width,
        bbox_height=height,
        verdict=row.verdict,
        reasons=row.reasons,
        comment=row.comment,
        annotator=None if row.annotator_id is None else names[row.annotator_id],
        role=row.role,
        seconds_spent=float(row.seconds_spent),
        decided_at=row.created_at,
        is_current=is_current,
        fit_id=row.fit_id,
        method=None if fit is None else fit.method,
        l2d=None if fit is None else float(fit.l2d),
        rms_px=None if fit is None or fit.rms_px is None else float(fit.rms_px),
        max_abs_beta=None if fit is None else fit.max_abs_beta,
        flags=() if fit is None else tuple(sorted(fit.flags)),
        code_version=None if fit is None else fit.code_version,
        body_hash=None if fit is None else fit.body_hash,
    )
