"""Exports every format of a project once: run as a program it does so at another time, in another place of the clock.

``python -m tests.helpers.twice PROJECT OUT``
"""

from __future__ import annotations

import datetime as datetime_module
import sys
import time
from pathlib import Path

A_YEAR_S = 366 * 24 * 3600.5


def move_clock() -> None:
    """Let everything that is imported from now on see another time and date."""
    now, real = time.time, datetime_module.datetime

    class Moved(real):  # type: ignore[misc, valid-type]
        @classmethod
        def now(cls, tz: datetime_module.tzinfo | None = None) -> Moved:
            return cls.fromtimestamp(now() + A_YEAR_S, tz)

    for name in ("gmtime", "localtime"):
        tell = getattr(time, name)
        setattr(time, name, lambda seconds=None, tell=tell: tell(now() + A_YEAR_S if seconds is None else seconds))
    time.time = lambda: now() + A_YEAR_S
    datetime_module.datetime = Moved  # type: ignore[misc]


def export_all(project_folder: Path, out: Path, annotator: str | None = None) -> None:
    """Write every format into a folder of its own in ``out``."""
    from app.services.exports import export_project
    from app.services.project import Project
    from db.formats import FORMATS
    from fitting.runners import InlineRunner

    with Project.open(project_folder, annotator=annotator) as project:
        for row in FORMATS.values():
            if row.can_be_written:
                folder = out / row.name
                folder.mkdir(parents=True)
                place = folder / f"export{row.suffix}"
                export_project(project, row.name, place, decision="any", make_runner=InlineRunner)


if __name__ == "__main__":
    # pyarrow imports pandas where it is installed, and its compiled parts crash on a datetime that is not C's.
    import pandas  # noqa: F401

    move_clock()
    export_all(Path(sys.argv[1]), Path(sys.argv[2]), "somebody else")
