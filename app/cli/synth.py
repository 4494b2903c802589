"""``synth``: pictures of the mannequin with known truth."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated, Final

import typer

from app.cli.output import AsJson, progress_bar, report_result
from app.services.places import resolve_place
from app.services.synthesis import make_gallery
from fitting.runners import ProcessRunner
from fitting.spec import GalleryOrder, GallerySettings
from resources import default_body

MOST_PEOPLE: Final = 10_000_000
"""Their truth, joined in memory at the end, would be 20 GB."""


def synth(
    out: Annotated[Path, typer.Argument(help="Folder to make; the same command finishes an interrupted run.")],
    people: Annotated[int, typer.Option(min=1, max=MOST_PEOPLE, help="Annotated people.")] = 1000,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same pictures and truth.")] = 1,
    backgrounds: Annotated[
        Path | None, typer.Option(help="Folder of pictures to cut backgrounds from, besides painted ones.")
    ] = None,
    person_px: Annotated[
        int,
        typer.Option(
            min=48, max=1000, help="Largest side of the main person's box, pixels; the smallest is 0.6 of it."
        ),
    ] = GallerySettings().person_px[1],
    noise_px: Annotated[
        float, typer.Option(min=0, max=100, help="Error of the annotated keypoints: standard deviation, pixels.")
    ] = 0.0,
    least_keypoints: Annotated[
        int, typer.Option(min=0, max=17, help="People with fewer labelled keypoints are drawn but not annotated.")
    ] = 0,
    body: Annotated[Path | None, typer.Option(help="Body file, by default the mannequin.")] = None,
    workers: Annotated[int, typer.Option(min=1, help="Worker processes; each draws on one core.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Draw synthetic people: pictures, COCO annotations, body parts, and the exact truth of each."""
    settings = GallerySettings(
        person_px=(round(0.6 * person_px), person_px),
        largest_px=round(1.5 * person_px),
        noise_px=noise_px,
        least_keypoints=least_keypoints,
        backgrounds=None if backgrounds is None else resolve_place(backgrounds),
    )
    order = GalleryOrder(resolve_place(out), people, seed, resolve_place(body or default_body()), settings)
    with progress_bar("Drawing people", people) as advance:
        report = make_gallery(order, partial(ProcessRunner, workers=workers, threads=1), workers, advance)
    result = {"folder": str(report.folder), "people": report.people, "images": report.images, "seed": seed}
    already = " They were there already." if report.was_there else ""
    words = f"{report.people} people in {report.images} pictures are in {report.folder}.{already}"
    report_result({**result, "was_there": report.was_there}, as_json, words)
