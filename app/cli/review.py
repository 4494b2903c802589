"""``review``: how many people decide about a person, and where their decisions stand."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from app.cli.choosing import ProjectOption
from app.cli.output import AsJson, report_result
from app.services.project import Project
from app.services.review import reviews_per_person, set_reviews_per_person
from app.services.states import STATE_TITLES


def review(
    project: ProjectOption,
    reviewers: Annotated[
        int | None,
        typer.Option(
            help="How many people must decide the same about a fit before it counts: 1 or 2; without it, tell."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Have people reviewed by one person or by two, who decide without knowing of each other."""
    with Project.open(project, with_files=False) as opened:
        if reviewers is not None and reviewers != reviews_per_person(opened):
            set_reviews_per_person(opened, reviewers)
        with opened.store.read() as reader:
            counts = reader.progress.counts()
        result: dict[str, Any] = {
            "project": str(opened.folder),
            "reviews_per_person": reviews_per_person(opened),
            "states": {str(state): people for state, people in counts.items()},
        }
    report_result(result, as_json, _in_words(result))


def _in_words(result: dict[str, Any]) -> str:
    who = "two people, who do not know of each other" if result["reviews_per_person"] == 2 else "one person"
    lines = [f"{result['project']}: everybody is reviewed by {who}"]
    lines += [f"  {people:7d} {STATE_TITLES[state]}" for state, people in result["states"].items() if people]
    return "\n".join(lines)
