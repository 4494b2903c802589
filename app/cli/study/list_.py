"""``study list``."""

from __future__ import annotations

from app.cli.choosing import ProjectOption
from app.cli.output import AsJson, report_result
from app.services.project import Project
from app.services.study.overview import StudyOverview, list_studies


def list_(project: ProjectOption, as_json: AsJson = False) -> None:
    """Tell which studies the project has, and how far each is."""
    with Project.open(project, with_files=False) as opened:
        studies = list_studies(opened)
    text = "\n".join(map(_in_words, studies)) or "There is no study; make one with 'study new'."
    report_result({"studies": [study.as_dict() for study in studies]}, as_json, text)


def _in_words(study: StudyOverview) -> str:
    methods = " | ".join(study.methods)
    begun = "not open yet" if study.planned is None else f"{study.votes:,} of {study.planned:,} votes collected"
    return f"{study.name}: {study.state}, {methods}, {begun}"
