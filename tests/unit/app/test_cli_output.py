"""Progress where stderr is a file."""

from __future__ import annotations

import json

import pytest

from app.cli.output import progress_bar, tell_in_lines
from app.cli.program import run_program
from app.cli.windows import Windows


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


@pytest.mark.parametrize("command", ["doctor", "body"])
def test_ctrl_c_is_said_on_stderr_and_in_json(
    command: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(f"app.cli.{command}.report_result", interrupt)
    words = {"doctor": ["doctor", "--json"], "body": ["body", "info", "--json"]}[command]
    assert run_program(words, Windows(lambda folder: 0, lambda package, rater, full_screen: 0)) == 130
    captured = capsys.readouterr()
    assert json.loads(captured.out) == {"cancelled": True}
    assert captured.err == "cancelled; what was stored stays\n"
