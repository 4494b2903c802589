"""What every number of a report is, what else a reader must know, and the programs that made it."""

from __future__ import annotations

import tomllib

from app.study.report.document import Bullets, Section, Terms, Text
from app.study.report.facts import StudyFacts
from app.study.report.words import level
from app.study.results import StudyResults
from resources import report_definitions


def build_definitions(results: StudyResults, facts: StudyFacts) -> Section:
    """One sentence for each number; those of ties only where there can be some."""
    terms = tomllib.loads(report_definitions().read_text(encoding="utf-8"))["term"]
    interval = level(results.confidence)
    pairs = tuple(
        (term["name"], term["text"].replace("{interval}", interval))
        for term in terms
        if facts.design.cannot_decide or not term.get("ties")
    )
    return Section("What the numbers are", (Terms(pairs),))


def build_remarks(results: StudyResults, facts: StudyFacts) -> Section:
    """What a reader must know."""
    remarks = tuple(dict.fromkeys((*results.remarks, *facts.plan.notes)))
    return Section("Remarks", (Bullets(remarks) if remarks else Text("None."),))


def build_software(results: StudyResults, facts: StudyFacts) -> Section:
    """Program and libraries."""
    libraries = ", ".join(f"{name} {version}" for name, version in sorted(results.versions.items()))
    return Section("Software", (Text(f"Exemplar {facts.tool_version}; {libraries or 'no library is named'}."),))
