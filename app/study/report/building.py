"""Puts a report together: the same results and facts, the same report."""

from __future__ import annotations

from app.study.report.answer import answer_in_words, head_in_words, interim_in_words
from app.study.report.document import Report, number_sections
from app.study.report.facts import StudyFacts
from app.study.report.parts.definitions import build_definitions, build_remarks, build_software
from app.study.report.parts.exclusions import build_exclusions
from app.study.report.parts.method import build_method
from app.study.report.parts.preference import build_preference
from app.study.report.parts.raters import build_raters, build_times
from app.study.report.parts.sides import build_sides
from app.study.report.parts.strengths import build_strengths
from app.study.report.parts.subgroups import build_subgroups
from app.study.results import StudyResults


def build_report(results: StudyResults, facts: StudyFacts) -> Report:
    """The whole report of a study."""
    sections = (
        build_preference(results),
        build_strengths(results, facts),
        build_sides(results),
        build_exclusions(results, facts),
        build_raters(results, facts),
        build_times(results),
        build_subgroups(results),
        build_method(results, facts),
        build_remarks(results, facts),
        build_definitions(results, facts),
        build_software(results, facts),
    )
    return Report(
        title=f"Preference study “{facts.design.name}”",
        question=facts.design.question,
        facts=head_in_words(facts),
        interim=interim_in_words(results, facts),
        answer=answer_in_words(results, facts),
        sections=number_sections(sections),
    )
