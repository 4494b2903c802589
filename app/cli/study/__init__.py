"""``study``: preference studies, from the design to the report; one module a command."""

from __future__ import annotations

import typer

from app.cli.study.collecting import collect, votes
from app.cli.study.edit import edit
from app.cli.study.handing_out import close, free, package, progress, take_back_
from app.cli.study.list_ import list_
from app.cli.study.new import new
from app.cli.study.open_ import open_
from app.cli.study.rate import rate
from app.cli.study.report import report, results
from app.cli.study.show import copy, export, show
from app.cli.study.simulate import simulate

group = typer.Typer(
    help="Blinded preference studies between fitting methods: design, open, rate, collect, report.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
group.command("new")(new)
group.command("list")(list_)
group.command("show")(show)
group.command("edit")(edit)
group.command("copy")(copy)
group.command("export")(export)
group.command("open")(open_)
group.command("rate")(rate)
group.command("package")(package)
group.command("votes")(votes)
group.command("collect")(collect)
group.command("progress")(progress)
group.command("free")(free)
group.command("take-back")(take_back_)
group.command("close")(close)
group.command("simulate")(simulate)
group.command("report")(report)
group.command("results")(results)
