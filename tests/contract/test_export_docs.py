"""docs/exports.md: a section for every format, and examples that run on what the formats write."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.services import review
from app.services.exports import export_project
from db.formats import FORMATS
from db.formats.parts.decision_table import COLUMNS
from fitting.runners import InlineRunner
from tests.helpers.builders import add_fit, build_project, people_of

PAGE = (Path(__file__).parents[2] / "docs" / "exports.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## `([a-z-]+)`\n(.*?)(?=^## |\Z)", PAGE, flags=re.MULTILINE | re.DOTALL))
NAMES = {
    "coco": "people.json",
    "eft-json": "fits.json",
    "eft-pickle": "pickles",
    "spin-npz": "spin.npz",
    "static-fits": "street_fits.npy",
    "humandata": "human.npz",
    "smplx-npz": "parameters.npz",
    "amass-npz": "sequences",
    "obj": "meshes",
    "gltf": "glb",
    "decisions-csv": "decisions.csv",
    "decisions-parquet": "decisions.parquet",
    "contact-sheet": "sheet.pdf",
}
"""What the examples call the exports."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("exports")
    with build_project(place, 2) as project:
        for person in people_of(project):
            add_fit(project, person)
        review.reject(project, people_of(project)[0], ["wrong_pose"], "=1", 1)
        for number, (name, file) in enumerate(NAMES.items()):
            (place / str(number)).mkdir()
            export_project(project, name, place / str(number) / file, decision="any", make_runner=InlineRunner)
    return place


def test_every_format_has_its_section() -> None:
    written = {row.name for row in FORMATS.values() if row.can_be_written}
    assert set(NAMES) == written
    assert written <= set(SECTIONS)


def test_every_column_of_the_table_of_decisions_is_named() -> None:
    rows = SECTIONS["decisions-csv"]
    assert re.findall(r"`([a-z_0-9]+)`", " ".join(re.findall(r"^\| (`.*?) \|", rows, flags=re.MULTILINE))) == [
        column.name for column in COLUMNS
    ]


@pytest.mark.parametrize("name", list(NAMES))
def test_the_example_runs(
    name: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", SECTIONS[name], flags=re.DOTALL)
    monkeypatch.chdir(folder / str(list(NAMES).index(name)))
    exec(compile(example, f"example of {name}", "exec"), {})
    assert capsys.readouterr().out
