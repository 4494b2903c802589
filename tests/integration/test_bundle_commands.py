"""Bundles through the real commands: while another program writes, and killed or interrupted in the middle."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from db.records import FitId, RevisionId
from db.store import Store
from main import main
from tests.helpers.builders import build_project

ROOT = Path(__file__).parents[2]

# Stops at a stage, says so and waits to be killed: the moment is certain, without any sleep.
_WAITING = """
import select, signal, sys
import main, app.cli.{module} as command
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's & ignores it
stage = sys.argv.pop(1)
def stop_at(now, done, total):
    if now.startswith(stage):
        print("there", flush=True)
        # Not one endless read: a Ctrl-C that comes just before it would wait for its end.
        while not select.select([sys.stdin], [], [], 0.1)[0]:
            pass
class Told:
    def __enter__(self): return stop_at
    def __exit__(self, *_): return False
command.staged_progress = Told
sys.exit(main.main(sys.argv[1:]))
"""


def start_waiting(module: str, stage: str, *words: object) -> subprocess.Popen[str]:
    """Begin a command that stops at a stage."""
    code = _WAITING.format(module=module)
    return subprocess.Popen(
        [sys.executable, "-c", code, stage, module, *map(str, words)],
        cwd=ROOT,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    with build_project(tmp_path, 4) as made:
        return made.folder


def bundle(project: Path, out: Path, *words: str) -> int:
    return main(["bundle", str(out), "--project", str(project), *words])


def test_a_bundle_taken_while_another_program_writes_is_one_moment(project: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.helpers.store_writer", str(project / "project.db"), "0", "0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        before = [program.stdout.readline().split() for _ in range(30)]
        assert bundle(project, tmp_path / "a.exemplar") == 0
        after = program.stdout.readline()
        program.send_signal(signal.SIGKILL)
        program.stdout.read()
    assert after  # it could go on writing
    assert main(["restore", str(tmp_path / "a.exemplar"), str(tmp_path / "copy")]) == 0
    assert main(["check", "--project", str(tmp_path / "copy"), "--images"]) == 0
    with Store.open(tmp_path / "copy" / "project.db") as store, store.read() as reader:
        for kind, number, x in before:
            if kind == "edit":
                assert reader.keypoints.get(RevisionId(int(number))).keypoints[3, 0] == float(x)
            elif kind == "fit":
                assert reader.fits.get(FitId(int(number)))


@pytest.mark.parametrize("stage", ["Copying", "Hashing"])
def test_a_bundle_that_is_killed_leaves_the_earlier_one(project: Path, tmp_path: Path, stage: str) -> None:
    out = tmp_path / "a.exemplar"
    assert bundle(project, out) == 0
    earlier = out.read_bytes()
    with start_waiting("bundle", stage, out, "--project", project, "--force") as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "there\n"
        program.kill()
    assert out.read_bytes() == earlier
    assert main(["check", "--project", str(project)]) == 0
    assert bundle(project, out, "--force") == 0  # takes away what the killed one left
    assert out.read_bytes() == earlier
    assert names(tmp_path) == {"a.exemplar", "pictures", "project"}


@pytest.mark.parametrize("stage", ["Unpacking", "Checking the pictures"])
def test_a_restore_that_is_killed_makes_no_project(project: Path, tmp_path: Path, stage: str) -> None:
    assert bundle(project, tmp_path / "a.exemplar") == 0
    words = (tmp_path / "a.exemplar", tmp_path / "copy", "--images", tmp_path / "pictures")
    with start_waiting("restore", stage, *words) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "there\n"
        program.kill()
    assert not (tmp_path / "copy").exists()
    assert main(["restore", *map(str, words)]) == 0
    assert main(["check", "--project", str(tmp_path / "copy"), "--images"]) == 0
    assert names(tmp_path) == {"a.exemplar", "copy", "pictures", "project"}


@pytest.mark.parametrize(("module", "stage"), [("bundle", "Hashing"), ("restore", "Checking the pictures")])
def test_ctrl_c_leaves_nothing(project: Path, tmp_path: Path, module: str, stage: str) -> None:
    assert bundle(project, tmp_path / "a.exemplar") == 0
    before = names(tmp_path)
    words: tuple[object, ...] = (tmp_path / "b.exemplar", "--project", project)
    if module == "restore":
        words = (tmp_path / "a.exemplar", tmp_path / "copy", "--images", tmp_path / "pictures")
    with start_waiting(module, stage, *words, "--json") as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "there\n"
        program.send_signal(signal.SIGINT)
        assert json.loads(program.stdout.read()) == {"cancelled": True}
        assert program.wait() == 130
    assert names(tmp_path) == before


def test_the_commands_in_a_row(project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert bundle(project, tmp_path / "a.exemplar", "--json") == 0
    made = json.loads(capsys.readouterr().out)
    assert (made["counts"]["people"], made["images"], made["missing_images"]) == (4, 4, 0)
    shutil.rmtree(project)
    (tmp_path / "pictures").rename(tmp_path / "moved")
    words = ["restore", str(tmp_path / "a.exemplar"), str(project), "--json"]
    assert main([*words[:2], str(tmp_path / "without"), "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["there"], told["pictures"]["kept"]) == (0, 4)
    assert main([*words, "--images", str(tmp_path / "moved")]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["there"], told["pictures"]["by_name"], told["pictures"]["linked"]) == (4, 4, 4)
    assert main(["status", "--project", str(project), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["people"] == 4
    assert bundle(project, tmp_path / "a.exemplar") == 2
    assert "--force" in capsys.readouterr().err
