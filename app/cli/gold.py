"""``gold``: people with known answers, hidden among the others, and how annotators do on them."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.choosing import ProjectOption
from app.cli.output import AsJson, report_result
from app.services.agreement import PCK_SHARE
from app.services.errors import ServiceError
from app.services.gold import GoldReport, add_gold, list_gold, remove_gold, take_gold
from app.services.gold_score import score_gold
from app.services.project import Project
from db.records import PersonId, Verdict

group = typer.Typer(
    help="People with known answers, hidden among the others, and how annotators do on them.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
_LISTED = 20


class VerdictName(StrEnum):
    """What an annotator should decide."""

    accept = "accept"
    reject = "reject"


Expected = Annotated[
    VerdictName | None,
    typer.Option("--verdict", help="What an annotator should decide on them; by default only keypoints are compared."),
]


@group.command("add")
def add(
    source: Annotated[Path, typer.Argument(metavar="FILE", help="COCO keypoint file with the true keypoints.")],
    project: ProjectOption,
    images: Annotated[
        Path | None,
        typer.Option(help="Folder its pictures lie in; by default the one that holds most of the project's."),
    ] = None,
    verdict: Expected = None,
    as_json: AsJson = False,
) -> int:
    """Take the keypoints of a COCO file as the truth for the people they match, by picture and annotation id or box."""
    with Project.open(project, with_files=False) as opened:
        report = add_gold(opened, source, images, _verdict(verdict))
    report_result(report.as_dict(), as_json, _in_words(report))
    return 1 if report.listed else 0


@group.command("take")
def take(
    people: Annotated[list[int], typer.Argument(metavar="PERSON...", help="Numbers of people, as 'status' has them.")],
    project: ProjectOption,
    verdict: Expected = None,
    as_json: AsJson = False,
) -> None:
    """Take the current keypoints of people as the truth: you have looked at them and they are right."""
    with Project.open(project, with_files=False) as opened:
        report = take_gold(opened, [PersonId(person) for person in people], _verdict(verdict))
    report_result(report.as_dict(), as_json, _in_words(report))


@group.command("list")
def list_(project: ProjectOption, as_json: AsJson = False) -> None:
    """Tell who is gold."""
    with Project.open(project, with_files=False) as opened:
        rows = list_gold(opened)
    report_result({"gold": rows}, as_json, "\n".join(map(_row_in_words, rows)) or "Nobody is gold.")


@group.command("remove")
def remove(
    project: ProjectOption,
    people: Annotated[list[int] | None, typer.Argument(metavar="PERSON...", help="Numbers of people.")] = None,
    everybody: Annotated[bool, typer.Option("--all", help="Everybody.")] = False,
    as_json: AsJson = False,
) -> None:
    """Take people off the list; what annotators did stays."""
    if bool(people) == everybody:
        raise ServiceError("Name the people to take off the list, or everybody with --all.")
    with Project.open(project, with_files=False) as opened:
        removed = remove_gold(opened, None if people is None else [PersonId(person) for person in people])
    report_result({"removed": removed}, as_json, f"{removed} people are gold no longer.")


@group.command("score")
def score(
    project: ProjectOption,
    pck: Annotated[
        float, typer.Option(min=0, max=1, help="A joint is right within this share of the longer side of the box.")
    ] = PCK_SHARE,
    as_json: AsJson = False,
) -> None:
    """Compare annotators with the truth: OKS, right joints, verdicts; by annotator and joint."""
    with Project.open(project, with_files=False) as opened:
        result = score_gold(opened, pck)
    report_result(result, as_json, _scores_in_words(result))


def _verdict(name: VerdictName | None) -> Verdict | None:
    return None if name is None else ("accept" if name is VerdictName.accept else "reject")


def _in_words(report: GoldReport) -> str:
    counts = report.counts
    summary = (
        f"{counts['new']} new gold people, {counts['changed']} changed, {counts['same']} were there already, "
        f"{counts['unmatched']} match nobody."
    )
    lines = [f"  {problem}" for problem in report.listed[:_LISTED]]
    if len(report.listed) > _LISTED:
        lines.append(f"  … and {len(report.listed) - _LISTED} more (--json lists all)")
    return "\n".join([summary, *lines])


def _row_in_words(row: dict[str, Any]) -> str:
    expected = "" if row["verdict"] is None else f", {row['verdict']}"
    return (
        f"{row['person']:7d}  {row['image']}, annotation {row['annotation']}: {row['joints']} joints{expected} "
        f"({row['source']}, {row['set_by'] or 'not named'}, {row['set_at']})"
    )


def _scores_in_words(result: dict[str, Any]) -> str:
    if not result["annotators"]:
        return f"{result['gold_people']} gold people; nobody has decided on one yet."
    lines = [f"{result['gold_people']} gold people; a joint is right within {result['pck_share']:g} of the box"]
    for row in result["annotators"]:
        lines.append(f"{row['annotator']}: {row['people']} people, OKS {_share(row['oks'])}, PCK {_share(row['pck'])}")
        if row["verdicts"]:
            lines.append(f"  verdicts: {row['agreed']} of {row['verdicts']} as expected, kappa {_share(row['kappa'])}")
        lines += [
            f"  {joint['joint']:15s} similarity {_share(joint['similarity'])}, PCK {_share(joint['pck'])} "
            f"of {joint['compared']}"
            + (f", {joint['missing']} missing" if joint["missing"] else "")
            + (f", {joint['extra']} extra" if joint["extra"] else "")
            for joint in row["joints"]
            if joint["compared"] or joint["extra"]
        ]
    return "\n".join(lines)


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
