"""The ways the window can re-fit, and which of them a project has."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import get_args

import pytest

from app.services.errors import ServiceError
from app.services.fitting import build_fit_job
from app.services.refit_methods import REFIT_METHODS, has_fast_mode
from app.settings import RefitChoice
from tests.helpers.builders import build_project, people_of


def test_every_choice_of_the_settings_has_a_recipe() -> None:
    assert tuple(REFIT_METHODS) == get_args(RefitChoice)
    assert len({method.title for method in REFIT_METHODS.values()}) == len(REFIT_METHODS)


def test_recipes_become_jobs(tmp_path: Path) -> None:
    with build_project(tmp_path, people=1) as project:
        (person_id,) = people_of(project)
        jobs = {
            name: build_fit_job(project, person_id, recipe=method.recipe).job for name, method in REFIT_METHODS.items()
        }
    assert {name: (job.method, job.options.mode) for name, job in jobs.items()} == {
        "eft": ("eft", "exact"),
        "eft_fast": ("eft", "fast"),
        "smplify": ("smplify", "exact"),
        "regressor": ("regressor", "exact"),
    }


def test_the_card_says_whether_there_is_a_fast_mode(tmp_path: Path) -> None:
    with build_project(tmp_path, people=1) as project:
        weights = tmp_path / "own.safetensors"
        shutil.copy(project.regressor, weights)
        card = json.loads(project.regressor.with_suffix(".json").read_text(encoding="utf-8"))
        project.use_file("regressor", weights)
        with pytest.raises(ServiceError, match=r"own\.json"):
            has_fast_mode(project)
        for fast in (None, {"layers": "late", "learning_rate": 1e-4, "max_iterations": 8}):
            weights.with_suffix(".json").write_text(json.dumps(card | {"fast": fast}), encoding="utf-8")
            assert has_fast_mode(project) == (fast is not None)
