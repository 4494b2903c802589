"""Strips and sheets: what cannot be drawn is listed, what is written is whole."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from app.services.errors import ServiceError
from app.services.images import load_image
from app.services.project import Project
from app.services.sheets import render_people
from db.formats.errors import FormatError
from fitting.runners import OnEvent
from fitting.spec import Job, JobFailed, JobFinished, JobId, RenderJob, RenderResult
from tests.helpers.builders import add_fit, build_project, people_of


class GreyPainter:
    """A runner that draws grey squares, and nothing for the jobs whose numbers it was told."""

    def __init__(self, on_event: OnEvent, failing: tuple[int, ...] = ()) -> None:
        self._on_event = on_event
        self._failing = failing
        self._count = 0

    def submit(self, job: Job) -> None:
        assert isinstance(job, RenderJob)
        self._count += 1
        if self._count in self._failing:
            self._on_event(JobFailed(job.job_id, f"Job {self._count} cannot be drawn."))
            return
        rgba = np.full((job.size_px[1], job.size_px[0], 4), 128, dtype=np.uint8)
        self._on_event(JobFinished(job.job_id, RenderResult(job.job_id, job.view, rgba, job.window)))

    def cancel(self, job_id: JobId) -> None:
        raise AssertionError(f"nobody cancels {job_id}")

    def close(self) -> None:
        pass


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with build_project(tmp_path, 3) as made:
        for person in people_of(made):
            add_fit(made, person)
        yield made


def test_everybody_with_a_fit_gets_a_strip(project: Project, tmp_path: Path) -> None:
    report = render_people(project, tmp_path / "new" / "out", GreyPainter)
    assert len(report.strips) == 3
    assert report.failed == []
    assert all(load_image(path).shape == (320, 960, 3) for path in report.strips)
    assert sorted((tmp_path / "new" / "out").iterdir()) == sorted(report.strips + report.sheets)


def test_a_lost_picture_and_a_failed_drawing_are_listed_and_the_rest_goes_on(project: Project, tmp_path: Path) -> None:
    first, second, third = people_of(project)
    (tmp_path / "pictures" / "002.jpg").unlink()
    report = render_people(project, tmp_path / "out", lambda on_event: GreyPainter(on_event, failing=(1, 2)))
    assert [person for person, _ in report.failed] == [first, second]
    assert report.failed[0][1] == "Job 1 cannot be drawn."
    assert "002.jpg does not exist" in report.failed[1][1]
    assert [path.name for path in report.strips] == [f"person_{third:06d}.png"]


def test_a_place_that_cannot_be_written_is_a_sentence(project: Project, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    with pytest.raises(ServiceError, match="cannot be used"):
        render_people(project, tmp_path / "file", GreyPainter)
    out = tmp_path / "out"
    (out / f"person_{people_of(project)[1]:06d}.png").mkdir(parents=True)
    with pytest.raises(FormatError, match="is a folder"):
        render_people(project, out, GreyPainter)
    assert load_image(out / f"person_{people_of(project)[0]:06d}.png").shape == (320, 960, 3)
