"""The program behind ``python main.py COMMAND``: the table of commands and the exit codes.

0 done, 1 some items failed (they are listed), 2 bad input (one clear sentence), 130 cancelled.
"""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException

from app.cli import (
    body,
    bundle,
    check,
    demo,
    doctor,
    evaluate,
    export,
    fit,
    fit_one,
    gold,
    import_,
    new,
    progress,
    regressor,
    relink,
    render,
    restore,
    review,
    status,
    synth,
    train,
)
from app.cli.output import report_cancelled, report_error
from app.cli.study import group as study_group
from app.cli.windows import Windows
from app.services.errors import ServiceError
from app.study.errors import StudyError
from db.errors import StoreError
from db.formats.errors import FormatError
from fitting.errors import FittingError

KNOWN_ERRORS = (ServiceError, StudyError, StoreError, FormatError, FittingError)


class Interrupted(Exception):  # noqa: N818 - not an error, an answer
    """Ctrl-C, under a name that typer does not turn into a silent exit code."""


class Program(TyperGroup):
    """The table of commands; Ctrl-C in one of them comes out as :class:`Interrupted`."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that the words name."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as interrupt:
            raise Interrupted from interrupt


def build_program() -> typer.Typer:
    """The table of commands."""
    program = typer.Typer(
        name="exemplar",
        cls=Program,
        help="Photographs with 2D keypoints become trusted 3D body annotations. Without a command the window opens: "
        "python main.py [PROJECT] [--as NAME].",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    program.command("demo")(demo.demo)
    program.command("new")(new.new)
    program.command("import")(import_.import_)
    program.command("fit")(fit.fit)
    program.command("fit-one")(fit_one.fit_one_command)
    program.command("status")(status.status)
    program.command("progress")(progress.progress)
    program.command("relink")(relink.relink_command)
    program.command("bundle")(bundle.bundle_command)
    program.command("restore")(restore.restore_command)
    program.command("check")(check.check_command)
    program.command("review")(review.review)
    program.command("render")(render.render)
    program.command("export")(export.export)
    program.command("synth")(synth.synth)
    program.command("train")(train.train)
    program.command("evaluate")(evaluate.evaluate)
    program.command("doctor")(doctor.doctor)
    program.add_typer(body.group, name="body")
    program.add_typer(gold.group, name="gold")
    program.add_typer(regressor.group, name="regressor")
    program.add_typer(study_group, name="study")
    return program


def run_program(arguments: list[str], windows: Windows) -> int:
    """Run one command.

    Args:
        arguments: Words after ``main.py``.
        windows: What a command may open; commands know no window.

    Returns:
        The exit code. Errors of the program itself are raised as they are.
    """
    as_json = "--json" in arguments
    try:
        code = build_program()(arguments, standalone_mode=False, prog_name="python main.py", obj=windows)
    except KNOWN_ERRORS as error:
        report_error(str(error), as_json)
        return 2
    except TyperException as error:
        report_error(error.format_message(), as_json)
        return 2
    except (Interrupted, KeyboardInterrupt, typer.Abort):
        report_cancelled(as_json)
        return 130
    return code if isinstance(code, int) else 0
