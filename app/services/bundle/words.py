"""What was bundled or restored, in sentences for people: the same in the terminal and in the window."""

from __future__ import annotations

from typing import Final

from app.services.bundle.manifest import NeededFile
from app.services.bundle.restoring import RestoreReport
from app.services.bundle.writing import BundleReport

_LISTED: Final = 20


def describe_bundle(report: BundleReport) -> list[str]:
    """What a bundle holds and what it does not, a line each."""
    counts = report.counts
    lines = [
        f"Wrote {report.path} ({_size(report.size_bytes)}): {counts['people']:,} people in {counts['images']:,} images,"
        f" {counts['keypoint_revisions']:,} sets of keypoints, {counts['fits']:,} fits, {counts['decisions']:,}"
        " decisions.",
        f"The pictures ({_size(report.image_bytes)}) are not in it; take them along yourself.",
    ]
    if report.missing_images:
        lines.append(f"{report.missing_images:,} pictures could not be read: {', '.join(report.examples)}.")
    if report.packed:
        lines.append(f"With it: {', '.join(report.packed)}.")
    lines += [_describe_needed(needed) for needed in report.needed]
    if counts.get("studies"):
        lines.append(
            f"With it: {counts['studies']:,} studies, {counts['study_votes']:,} votes; the packages of their raters are"
            " not in it, and raters go on in the project at its old place."
        )
    lines += [f"Not taken in: {problem}" for problem in report.votes_left]
    return lines


def describe_restored(report: RestoreReport, *, with_lists: bool = True) -> list[str]:
    """What was restored, what of the pictures was found and what is missing, a line each.

    Args:
        report: Of the restoring.
        with_lists: Name pictures; otherwise they are only counted.
    """
    counts, pictures = report.manifest.counts, report.pictures
    lines = [
        f"Restored {report.folder}: {counts.get('people', 0):,} people, {counts.get('fits', 0):,} fits,"
        f" {counts.get('decisions', 0):,} decisions."
    ]
    if report.upgraded_from is not None:
        lines.append(f"The bundle is of schema {report.upgraded_from}; the project was brought up to date.")
    lines.append(f"{report.there:,} of {pictures.total:,} pictures are there.")
    parts = [
        f"{count:,} {words}"
        for count, words in (
            (pictures.by_name, "under their names with the content they had"),
            (pictures.unverified, "under their names, not compared by content"),
            (len(pictures.by_content), "under another name, by their content"),
        )
        if count
    ]
    if parts:
        lines.append(f"Found: {'; '.join(parts)}.")
    if pictures.missing:
        lines.append(
            f"Not found below the new folder: {len(pictures.missing):,}; they stay where the project knew them."
        )
    if with_lists:
        lines += _listed("Now under another name:", [f"{old} is {new}" for old, new in pictures.by_content])
        lines += _listed("Not what they were:", pictures.changed)
        lines += _listed("Not found below the new folder:", pictures.missing)
    if report.there < pictures.total:
        lines.append(f"Name their folder with 'python main.py relink --project {report.folder} --to FOLDER'.")
    for one in report.needed:
        if one.found is None:
            word = "regressor" if one.file.kind == "regressor" else "body"
            lines.append(
                f"{_describe_needed(one.file)} Copy it here, then 'python main.py {word} use FILE --project"
                f" {report.folder}'."
            )
        else:
            lines.append(f"The {one.file.kind} is {one.found}.")
    return lines


def is_complete(report: RestoreReport) -> bool:
    """Whether every picture and every file is there, as it was."""
    return (
        report.there == report.pictures.total
        and not report.pictures.changed
        and all(one.found is not None for one in report.needed)
    )


def _describe_needed(needed: NeededFile) -> str:
    size = "" if needed.size_bytes is None else f", {_size(needed.size_bytes)}"
    digest = "" if needed.sha256 is None else f", SHA-256 {needed.sha256}"
    return f"Not in the bundle: the {needed.kind} {needed.path} ({needed.why}{size}{digest})."


def _listed(title: str, items: list[str]) -> list[str]:
    if not items:
        return []
    more = [f"  … and {len(items) - _LISTED:,} more (--json lists all)"] if len(items) > _LISTED else []
    return [title, *(f"  {item}" for item in items[:_LISTED]), *more]


def _size(size_bytes: int) -> str:
    for unit, factor in (("GB", 1e9), ("MB", 1e6)):
        if size_bytes >= factor:
            return f"{size_bytes / factor:.1f} {unit}"
    return f"{max(1, round(size_bytes / 1e3)):,} kB"
