"""``relink``: the images of a project lie elsewhere now."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Annotated

import typer

from app.cli.output import AsJson, report_result
from app.services.errors import ServiceError
from app.services.project import Project
from app.services.relinking import list_roots, plan_relink, relink


def relink_command(
    project: Annotated[Path, typer.Option(help="Project folder.")],
    new_root: Annotated[Path, typer.Option("--to", metavar="NEW", help="Folder the images lie in now.")],
    old_root: Annotated[
        str | None,
        typer.Option(
            "--from", metavar="OLD", help="Folder the project knows; not needed where all its images lie in one."
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell how many images are there.")] = False,
    as_json: AsJson = False,
) -> int:
    """Tell a project that its images lie in another folder now. No file is moved or changed."""
    with Project.open(project, with_files=False) as opened:
        if old_root is None:
            roots = list(list_roots(opened))
            if len(roots) != 1:
                listed = "; ".join(roots) or "none"
                raise ServiceError(
                    f"The images of the project lie in several folders or none; name one with --from: {listed}"
                )
            old_root = roots[0]
        plan = plan_relink(opened, old_root.rstrip("/"), new_root)
        if not dry_run:
            relink(opened, plan)
    verb = "Would look" if dry_run else "Now looks"
    words = f"{verb} for the images of {plan.old_root} in {plan.new_root}. {plan.in_words()}"
    report_result(dataclasses.asdict(plan) | {"dry_run": dry_run}, as_json, words)
    return 1 if plan.missing else 0
