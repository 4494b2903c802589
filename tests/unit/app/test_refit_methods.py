"""The ways the window can re-fit, and which of them a project has."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest

from app.services.errors import ServiceError
from app.services.fitting import FitRecipe, build_fit_job
from app.services.refit_methods import REFIT_METHODS, has_fast_mode
from app.settings import RefitChoice
from fitting.spec import OPEN_SMPLIFY, SmplifyOptions
from resources import default_prior
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


def test_smplify_takes_the_options_that_were_tuned_for_its_prior(tmp_path: Path) -> None:
    """The published weights belong to the published prior; what a recipe says goes before either."""
    other, asked = tmp_path / "gmm.npz", SmplifyOptions(body_iterations=7)
    with build_project(tmp_path, people=1) as project:
        (person_id,) = people_of(project)

        def options(**recipe: Any) -> SmplifyOptions:
            return build_fit_job(project, person_id, recipe=FitRecipe("smplify", **recipe)).job.smplify

        assert options() == options(prior=default_prior()) == OPEN_SMPLIFY
        assert options(prior=other) == SmplifyOptions()
        assert options(smplify=asked) == options(prior=other, smplify=asked) == asked
        assert options(smplify_iterations=9) == replace(OPEN_SMPLIFY, camera_iterations=9, body_iterations=9)
        shutil.copy(default_prior(), other)
        project.use_file("prior", other)
        assert options() == SmplifyOptions()
