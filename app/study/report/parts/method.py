"""How it was done: design, people, trials, and the words for a paper's section on methods."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Final

from app.study.design import CameraRule, ColourRule, StudyDesign, ViewName
from app.study.report.document import Column, Section, Table, Terms, Text, cells
from app.study.report.facts import KINDS, StudyFacts
from app.study.report.words import count, level, listing, moment, percent_sign
from app.study.results import StudyResults

_VIEWS: Final[Mapping[ViewName, str]] = {
    "photo": "photograph",
    "keypoints": "photograph with 2D keypoints",
    "overlay": "body over the photograph",
    "side": "body from the side (90°)",
    "other_side": "body from the other side",
    "front": "body from the front",
    "back": "body from behind",
    "top": "body from above",
    "turntable": "turntable",
}
_CAMERAS: Final[Mapping[CameraRule, str]] = {
    "solved": "every method through its own best camera, found the same way for all (least squares on the keypoints)",
    "released": "all methods through the first method's camera, as the released generator draws; the others may look "
    "shifted through no fault of their own",
}
_COLOURS: Final[Mapping[ColourRule, str]] = {
    "equal": "one colour for all methods",
    "released": "the first method blue, the others red, as the released generator draws; colour can tell the method",
}
_DIFFICULTIES: Final = ("easy", "medium", "hard")


def build_method(results: StudyResults, facts: StudyFacts) -> Section:
    """Design and numbers of trials."""
    blocks = (
        Terms((*_design_terms(facts.design), *_course_terms(results, facts))),
        _people_table(facts),
        _trial_table(facts),
        Text("How raters were recruited, paid and instructed is not known to the program; say it in the paper."),
    )
    return Section("How it was done", blocks)


def _design_terms(design: StudyDesign) -> tuple[tuple[str, str], ...]:
    people, stimuli = design.people, design.stimuli
    source = f"those that match “{people.where}”" if people.where else "everybody with a fit of every method"
    drawn = "stratified by dataset" if people.stratify == "dataset" else "from one pool, not stratified"
    asked = f"{people.count:,} asked for, from {source}, drawn {drawn}, seed {people.seed}"
    if people.listed:
        asked = f"the {len(people.listed):,} that the study file lists: a study done again, seed {people.seed}"
    left_out = []
    if people.exclude_suspected_swaps:
        left_out.append("people whose keypoints are suspected of exchanged sides")
    if people.exclude_images:
        left_out.append(f"people of {count(len(people.exclude_images), 'listed image')}")
    answers = "“left”, “right” or “cannot decide”" if design.cannot_decide else "“left” or “right” (forced choice)"
    paused = f", breaks every {count(design.break_every, 'trial')}" if design.break_every else ""
    background = "" if stimuli.background else ", without the photograph behind the body"
    return (
        ("Methods", listing(design.methods)),
        ("Primary pair", f"{design.primary[0]} over {design.primary[1]}"),
        ("People", asked),
        ("Left out of the draw", listing(left_out) if left_out else "nobody"),
        ("Question", f"“{design.question}” Answers: {answers}"),
        (
            "Raters",
            f"{count(design.raters, 'seat')}, {design.raters_per_item} different raters for each person and pair",
        ),
        ("Views", f"{', '.join(_VIEWS[view] for view in stimuli.views)}; {stimuli.size_px} px a picture{background}"),
        ("Crop", f"square around the person's box, {stimuli.margin:g} times its longer side, the same for both"),
        ("Camera", _CAMERAS[stimuli.camera]),
        ("Colours", _COLOURS[stimuli.colours]),
        (
            "Trials",
            f"sides balanced and order shuffled for each rater, {count(design.same_person_gap, 'trial')} or more "
            "between two of the same person wherever people were enough, no answer before "
            f"{design.min_exposure_s:g} s{paused}, repeats with sides exchanged: "
            f"{percent_sign(design.repeat_share)} of the main trials",
        ),
        ("Intervals", level(design.confidence)),
    )


def _course_terms(results: StudyResults, facts: StudyFacts) -> tuple[tuple[str, str], ...]:
    catches = facts.design.catches
    rule = f"at least {catches.pass_at_least} of {catches.count} catch trials right" if catches.count else "none"
    frozen = f"design, plan and this rule frozen {moment(facts.frozen_at)}, at the first vote"
    ended = f"closed {moment(facts.closed_at)}" if facts.closed_at else "not closed"
    incomplete = results.planned_items - results.complete_items
    return (
        ("Exclusion rule", f"{rule}; {frozen}"),
        ("Course", f"opened {moment(facts.opened_at)}, newest vote {moment(facts.newest_vote_at)}, {ended}"),
        ("Votes", f"{results.cast:,} cast of {results.planned:,} planned"),
        (
            "Items",
            f"{results.complete_items:,} of {count(results.planned_items, 'item')} (one person by one pair) have all "
            f"their votes, {incomplete:,} lack some",
        ),
        ("Bootstrap", f"{results.rounds:,} rounds, seed {results.seed}"),
        ("Plan", f"SHA-256 {facts.plan_hash}"),
    )


def _people_table(facts: StudyFacts) -> Table:
    people = facts.plan.people
    counts = Counter((one.dataset, one.difficulty) for one in people)
    bands = [*_DIFFICULTIES, *sorted({one.difficulty for one in people} - set(_DIFFICULTIES))]
    rows = [
        cells(name, *(f"{counts[name, band]:,}" for band in bands), f"{sum(counts[name, band] for band in bands):,}")
        for name in sorted({one.dataset for one in people})
    ]
    totals = (sum(counts[key] for key in counts if key[1] == band) for band in bands)
    rows.append(cells("All", *(f"{total:,}" for total in totals), f"{len(people):,}"))
    columns = (Column("Dataset", 2.0, "text"), *(Column(band.capitalize()) for band in bands), Column("All"))
    return Table("People drawn, by dataset and difficulty.", columns, tuple(rows))


def _trial_table(facts: StudyFacts) -> Table:
    planned, cast = facts.count_planned(), facts.count_cast()
    used = {
        "practice": "feedback; never analysed",
        "main": "the result",
        "catch": "who is left out",
        "repeat": "consistency of raters",
    }
    rows = tuple(cells(kind, f"{planned[kind]:,}", f"{cast[kind]:,}", used[kind]) for kind in KINDS)
    columns = (
        Column("Kind of trial", 1.5, "text"),
        Column("Planned"),
        Column("Answered"),
        Column("Used for", 2.0, "text"),
    )
    return Table("Trials planned and answered.", columns, rows)
