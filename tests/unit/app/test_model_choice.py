"""Choosing what a project fits with: published files are converted into it, others are used where they lie."""

from __future__ import annotations

import pickle
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from app.services.blocking import BlockingJobs
from app.services.errors import ServiceError
from app.services.model_choice import create_project, name_converted, prepare_file, use_file
from app.services.project import Project
from fitting.runners import InlineRunner
from fitting.spec import AssetKind
from resources import default_body, default_regressor
from tests.helpers.builders import add_fit, build_project, people_of
from tests.helpers.published import pickle_smpl, prior_arrays, smpl_arrays, write_companions


@pytest.fixture
def jobs() -> Iterator[BlockingJobs]:
    with BlockingJobs(InlineRunner) as made:
        yield made


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A small body with its regressors, and a prior, as they are published."""
    folder = tmp_path / "files"
    folder.mkdir()
    body = {**smpl_arrays(vertices=300), "landmark_vertices": np.arange(21)}
    (folder / "small.pkl").write_bytes(pickle_smpl(body))
    (folder / "gmm_08.pkl").write_bytes(pickle.dumps(prior_arrays()))
    write_companions(folder, 300)
    return folder


def test_a_published_body_is_converted_into_the_project(jobs: BlockingJobs, files: Path, tmp_path: Path) -> None:
    before = sorted(files.iterdir())
    with Project.create(tmp_path / "mine") as project:
        choice = prepare_file(jobs, "body", files / "small.pkl", project.folder)
        assert use_file(project, choice) == ()
        assert project.body == project.folder / "models" / "small.npz"
    assert sorted(files.iterdir()) == before
    (tmp_path / "mine").rename(tmp_path / "moved")  # what lies in the project moves with it
    with Project.open(tmp_path / "moved") as project:
        assert project.body == tmp_path / "moved" / "models" / "small.npz"


def test_a_safe_file_is_used_where_it_lies(jobs: BlockingJobs, tmp_path: Path) -> None:
    body = tmp_path / "elsewhere.npz"
    shutil.copy(default_body(), body)
    with Project.create(tmp_path / "mine") as project:
        use_file(project, prepare_file(jobs, "body", body, project.folder))
        assert project.body == body
        assert not (project.folder / "models").exists()


def test_a_prior_given_as_a_body_becomes_the_prior(jobs: BlockingJobs, files: Path, tmp_path: Path) -> None:
    with Project.create(tmp_path / "mine") as project:
        assert project.prior is None
        choice = prepare_file(jobs, "body", files / "gmm_08.pkl", project.folder)
        use_file(project, choice)
        assert (project.prior, project.body) == (project.folder / "models" / "gmm_08.npz", default_body())


def test_a_body_that_cannot_be_fitted_with_is_refused_and_leaves_nothing(
    jobs: BlockingJobs, files: Path, tmp_path: Path
) -> None:
    (files / "J_regressor_extra.npy").unlink()
    with Project.create(tmp_path / "mine") as project:
        with pytest.raises(ServiceError, match="J_regressor_extra"):
            prepare_file(jobs, "body", files / "small.pkl", project.folder)
        assert not (project.folder / "models").exists()
        assert project.body == default_body()


def test_fits_made_with_another_body_are_spoken_of(jobs: BlockingJobs, files: Path, tmp_path: Path) -> None:
    with build_project(tmp_path, 1) as project:
        add_fit(project, people_of(project)[0])
        choice = prepare_file(jobs, "body", files / "small.pkl", project.folder)
        (note,) = use_file(project, choice)
        assert "1 by eft" in note
        assert "another body" in note
        assert use_file(project, choice) == ()  # the same body again


def test_a_changed_source_needs_to_be_told(jobs: BlockingJobs, files: Path, tmp_path: Path) -> None:
    prepare_file(jobs, "body", files / "small.pkl", tmp_path)
    write_companions(files, 300, seed=9)
    with pytest.raises(ServiceError, match="--force"):
        prepare_file(jobs, "body", files / "small.pkl", tmp_path)
    prepare_file(jobs, "body", files / "small.pkl", tmp_path, replace=True)


def test_a_checkpoint_is_converted_and_looks_at_the_picture(
    jobs: BlockingJobs, published_checkpoint: Path, tmp_path: Path
) -> None:
    with Project.create(tmp_path / "mine") as project:
        assert project.regressor == default_regressor()
        choice = prepare_file(jobs, "regressor", published_checkpoint, project.folder, camera="spin")
        use_file(project, choice)
        assert project.regressor.parent == project.folder / "models"
        assert project.regressor.suffix == ".safetensors"
        assert project.uses_picture
        with pytest.raises(ServiceError, match="leave --camera out"):
            prepare_file(jobs, "regressor", project.regressor, project.folder, camera="eft")


def test_files_that_are_none_are_refused(jobs: BlockingJobs, files: Path, tmp_path: Path) -> None:
    with pytest.raises(ServiceError, match=r"lost\.pkl"):
        prepare_file(jobs, "body", files / "lost.pkl", tmp_path)
    (files / "bad.pt").write_bytes(b"hello")
    with pytest.raises(ServiceError, match=r"bad\.pt"):
        prepare_file(jobs, "regressor", files / "bad.pt", tmp_path)
    assert prepare_file(jobs, "regressor", default_regressor(), tmp_path).path == default_regressor()


def test_a_new_project_with_files_of_its_own(files: Path, tmp_path: Path) -> None:
    given: dict[AssetKind, Path] = {"body": files / "small.pkl", "prior": files / "gmm_08.pkl"}
    project, choices = create_project(tmp_path / "mine", None, given, None, InlineRunner)
    with project:
        assert [choice.kind for choice in choices] == ["body", "prior"]
        assert project.body.name == "small.npz"
        assert project.prior == project.folder / "models" / "gmm_08.npz"
    with pytest.raises(ServiceError, match="already"):
        create_project(tmp_path / "mine", None, given, None, InlineRunner)


def test_no_project_is_made_when_a_file_is_refused(files: Path, tmp_path: Path) -> None:
    with pytest.raises(ServiceError, match="--prior"):
        create_project(tmp_path / "mine", None, {"body": files / "gmm_08.pkl"}, None, InlineRunner)
    with pytest.raises(ServiceError, match="holds no project"):
        Project.open(tmp_path / "mine")


@pytest.mark.parametrize(
    ("kind", "source", "name"),
    [
        ("body", "SMPL_NEUTRAL.pkl", "SMPL_NEUTRAL.npz"),
        ("body", "basicModel_f_lbs_10_207_0_v1.0.0.pkl", "basicModel_f_lbs_10_207_0_v1.0.0.npz"),
        ("body", "SMPL_MALE.npz", "SMPL_MALE_converted.npz"),
        ("regressor", "2020-best-51.74.pt", "2020-best-51.74.safetensors"),
        ("regressor", "model.pth.tar", "model.safetensors"),
    ],
)
def test_a_converted_file_keeps_its_name(kind: AssetKind, source: str, name: str) -> None:
    assert name_converted(kind, Path("from") / source, Path("to")) == Path("to") / name
