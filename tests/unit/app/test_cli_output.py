"""Progress where stderr is a file."""

from __future__ import annotations

import pytest

from app.cli.output import progress_bar, tell_in_lines


def test_a_log_gets_a_line_every_half_minute(capsys: pytest.CaptureFixture[str]) -> None:
    seconds = iter([0.0, 10.0, 31.0, 31.0, 40.0, 61.0, 61.0])
    advance = tell_in_lines("Fitting people", 20, lambda: next(seconds))
    for done in (1, 2, 3, 4):
        advance(done)
    assert capsys.readouterr().err == "Fitting people: 2 of 20\nFitting people: 4 of 20\n"


def test_short_work_leaves_a_log_alone(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_bar("Fitting", None) as advance:
        advance(1)
    assert capsys.readouterr().err == ""
