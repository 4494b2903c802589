"""The same project gives the same bytes: in another process, hash seed, time zone, day and folder, by somebody else."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.services import review
from app.services.person_view import load_person_view
from db.formats import FORMATS
from tests.helpers.builders import add_fit, build_project, people_of
from tests.helpers.twice import export_all

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """One project exported in every format, here and by another process."""
    folder = tmp_path_factory.mktemp("twice")
    with build_project(folder, 4, per_image=2) as project:
        first, second, third, _ = people_of(project)
        for person in people_of(project)[:3]:
            add_fit(project, person)
        add_fit(project, first, flags={"too_large": 1.25}, options={"gender": "neutral", "subject_id": "walk"})
        view = load_person_view(project, second)
        assert view.fit is not None
        review.accept(project, second, view.fit.id, 0.1 + 0.2)
        review.reject(project, third, ["wrong_pose", "other"], "Füße\nverdreht", 3.5)
        place = project.folder
    one, other = folder / "one", folder / "elsewhere" / "another"
    export_all(place, one)
    environment = os.environ | {"PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "LC_ALL": "C.UTF-8", "OMP_NUM_THREADS": "2"}
    command = [sys.executable, "-m", "tests.helpers.twice", str(place), str(other)]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, timeout=240)
    return one, other


@pytest.mark.parametrize("name", [row.name for row in FORMATS.values() if row.can_be_written])
def test_every_byte_is_the_same(name: str, exports: tuple[Path, Path]) -> None:
    one, other = (
        {str(file.relative_to(root / name)): file.read_bytes() for file in (root / name).rglob("*") if file.is_file()}
        for root in exports
    )
    assert sorted(one) == sorted(other)
    assert any(file.endswith(".manifest.json") for file in one)
    assert [file for file in one if one[file] != other[file]] == []
