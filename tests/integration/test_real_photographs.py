"""The main job on the development photographs: import, fit, export, and the numbers it must reach."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from app.services.batch import fit_people
from app.services.blocking import BlockingJobs
from app.services.exporting import export_fits
from app.services.importing import import_dataset
from app.services.overlays import body_fit_of, build_window_job
from app.services.project import Project
from app.services.whom_to_fit import choose_people
from fitting.runners import InlineRunner, ProcessRunner
from fitting.spec import RenderResult, Window

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def fitted(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("real") / "project"
    with Project.create(folder) as project:
        source = real_data / "annotations" / "person_keypoints_dev.json"
        report = import_dataset(project, "coco", source, real_data / "images")
        assert report.people.new == 46
        assert report.problems == ()
        chosen = choose_people(project, "unfitted")
        assert len(chosen.people) == 20
        assert len(chosen.unfittable) == 26
        batch = fit_people(project, chosen.people, ProcessRunner)
        assert batch.failed == []
    return folder


def test_numbers(fitted: Path) -> None:
    with Project.open(fitted) as project, project.store.read() as reader:
        counts = reader.progress.counts()
        fits = list(reader.fits.iter_current())
    assert counts["unfittable"] == 26
    assert len(fits) == 20
    l2d = np.array([fit.l2d for fit in fits])
    initial = np.array([fit.l2d_initial for fit in fits])
    assert max(len(fit.trace) for fit in fits) <= 20
    assert (l2d < initial).mean() >= 0.95
    assert np.median(l2d) <= 5e-5
    assert (l2d < 5e-4).sum() >= 19
    assert max(fit.max_abs_beta for fit in fits) < 3


def test_the_exported_numbers_alone_give_the_overlay(fitted: Path, tmp_path: Path) -> None:
    """Vertices from json and numpy alone, projected, against the pixels that the renderer drew."""
    from resources import default_body

    with Project.open(fitted) as project:
        export_fits(project, "eft-json", tmp_path / "fits.json", decision="any")
        samples = json.loads((tmp_path / "fits.json").read_text(encoding="utf-8"))["data"]
        with project.store.read() as reader:
            fits = list(reader.fits.iter_current())
        with np.load(default_body()) as body, BlockingJobs(InlineRunner) as jobs:
            arrays = {key: body[key] for key in body.files}
            for fit, sample in zip(fits, samples, strict=True):
                rotations = np.array(sample["parm_pose"])
                assert np.abs(rotations @ rotations.transpose(0, 2, 1) - np.eye(3)).max() < 1e-5
                assert sample["annotId"] > 0
                vertices = pose_by_numpy(arrays, rotations, np.array(sample["parm_shape"]))
                scale, tx, ty = sample["parm_cam"]
                side = 100 * sample["bbox_scale"]
                drawn_px = np.array(sample["bbox_center"]) + side * (scale * vertices[:, :2] + (tx, ty))
                window = window_around(drawn_px)
                layer = jobs.run(build_window_job(project, *body_fit_of(fit), window, DRAWN_PX), RenderResult).rgba
                check_silhouette(layer[..., 3] > 127, drawn_px, window)


DRAWN_PX = 2400


def window_around(points_px: np.ndarray) -> Window:
    """A square window that holds the whole body with a margin."""
    low, high = points_px.min(0), points_px.max(0)
    side = 1.1 * (high - low).max()
    x, y = (low + high - side) / 2
    return Window(float(x), float(y), float(side), float(side))


def check_silhouette(mask: np.ndarray, vertices_px: np.ndarray, window: Window) -> None:
    """The drawn body ends, on each side, within half a pixel of the picture from where the outermost vertex is."""
    zoom = window.width / mask.shape[1]
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    drawn = np.array(
        [
            window.x + zoom * columns[0],
            window.y + zoom * rows[0],
            window.x + zoom * (columns[-1] + 1),
            window.y + zoom * (rows[-1] + 1),
        ]
    )
    expected = np.concatenate((vertices_px.min(0), vertices_px.max(0)))
    assert np.abs(drawn - expected).max() <= 0.5, (drawn, expected)


def pose_by_numpy(body: dict[str, np.ndarray], rotations: np.ndarray, betas: np.ndarray) -> np.ndarray:
    """Linear blend skinning written anew from SMPL's definition, ``(V, 3)`` metres."""
    shaped = body["v_template"] + body["shapedirs"].astype(float) @ betas
    rest = body["J_regressor"] @ shaped
    feature = (rotations[1:] - np.eye(3)).ravel()
    shaped = shaped + body["posedirs"].astype(float) @ feature
    turns, places = [rotations[0]], [rest[0]]
    for joint in range(1, 24):
        parent = int(body["kintree_table"][0, joint])
        places.append(places[parent] + turns[parent] @ (rest[joint] - rest[parent]))
        turns.append(turns[parent] @ rotations[joint])
    posed = np.stack([(shaped - rest[j]) @ turns[j].T + places[j] for j in range(24)])
    vertices: np.ndarray = np.einsum("vj,jvc->vc", body["weights"], posed)
    return vertices
