"""Contact sheets: who is on them, what stands beside each, and what happens to people who cannot be drawn."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app.services import annotation, exporting_sheets, review
from app.services.errors import ServiceError
from app.services.exporting_sheets import export_sheet
from app.services.exports import export_project
from app.services.person_view import load_person_view
from app.services.project import Project
from app.services.selecting import Selection
from db.formats import contact_sheet
from db.formats.errors import FormatError
from db.formats.parts.sheet_page import SheetEntry, SheetInfo
from db.records import PersonId
from fitting.runners import InlineRunner
from resources.skeleton import get_skeleton
from tests.helpers.builders import add_fit, build_project, people_of

Written = tuple[list[SheetEntry], SheetInfo]


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with build_project(tmp_path, 4, per_image=2) as made:
        for person in people_of(made):
            add_fit(made, person)
        yield made


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Callable[[], Written]:
    """What was handed to the writer last, which writes it all the same."""
    kept: list[Written] = []

    def write(path: Path, entries: Iterator[SheetEntry], count: int, info: SheetInfo) -> object:
        people = list(entries)
        kept.append((people, info))
        return contact_sheet.write_sheet(path, iter(people), count, info)

    monkeypatch.setattr(exporting_sheets, "write_sheet", write)
    return lambda: kept[-1]


def accept(project: Project, person: PersonId) -> None:
    view = load_person_view(project, person)
    assert view.fit is not None
    review.accept(project, person, view.fit.id, 1)


def test_each_person_has_pictures_a_name_figures_state_and_reasons(
    project: Project, tmp_path: Path, written: Callable[[], Written]
) -> None:
    first, second, third, fourth = people_of(project)
    accept(project, first)
    review.reject(project, second, ["wrong_depth", "other"], "legs", 1)
    add_fit(project, third, flags={"too_large": 1.5}, rms_px=None)
    revision = load_person_view(project, fourth).revision
    edit = annotation.move_joints(revision, get_skeleton("coco17"), {9: (1.0, 2.0)})
    assert edit is not None
    annotation.apply_edit(project, fourth, revision.id, edit)
    told: list[tuple[int, int]] = []
    report = export_project(
        project, "contact-sheet", tmp_path / "out.pdf", make_runner=InlineRunner,
        on_done=lambda done, total: told.append((done, total)),
    )  # fmt: skip
    assert (report.samples, report.failed, told) == (3, (), [(1, 3), (2, 3), (3, 3)])
    people, info = written()
    assert [person.title for person in people] == ["001.jpg #1", "001.jpg #2", "002.jpg #1"]
    assert [person.state for person in people] == ["accepted", "rejected", "fitted"]
    assert [person.notes for person in people] == [
        "", "Other (see comment) · Wrong in depth (side view) · “legs”", "flag: body too large"
    ]  # fmt: skip
    assert people[0].figures.startswith("annotation 1000 · eft · L2d 1.0e-04 · RMS 2.0 px · max |β| ")
    assert "no active joint" in people[2].figures
    assert {person.strip.shape for person in people if person.strip is not None} == {(320, 960, 3)}
    assert info.title == "project"
    assert info.lines[0] == "Every fit that is not stale"
    assert info.lines[1].startswith("3 people: 1 fitted, 1 accepted, 1 rejected · project as of 2")
    manifest = json.loads(report.manifest.read_text(encoding="utf-8"))
    assert (manifest["samples"], manifest["counts"]["exported"], manifest["counts"]["stale"]) == (3, 3, 1)
    assert manifest["filters"] == {"decision": "any", "stale": "left out", "paper": "a4"}
    assert manifest["sha256"] == hashlib.sha256(report.path.read_bytes()).hexdigest()


def test_the_selection_is_obeyed_and_written_at_the_head(
    project: Project, tmp_path: Path, written: Callable[[], Written]
) -> None:
    first, second, *_ = people_of(project)
    add_fit(project, second, method="smplify", l2d=2e-4)
    accept(project, first)
    selection = Selection("smplify", ("strict",), max_l2d=3e-4, where="-state:rejected")
    export_sheet(project, tmp_path / "one.png", selection, make_runner=InlineRunner)
    people, info = written()
    assert [person.title for person in people] == ["001.jpg #2"]
    assert info.lines[0] == (
        "Every fit that is not stale by smplify · filter strict · L2d up to 0.0003 · where -state:rejected"
    )
    export_sheet(project, tmp_path / "two.png", decision="accepted", make_runner=InlineRunner)
    people, info = written()
    assert [person.title for person in people] == ["001.jpg #1"]
    assert info.lines[1].startswith("1 person: 1 accepted · ")


def test_the_picture_shows_the_person_and_the_body(
    project: Project, tmp_path: Path, written: Callable[[], Written]
) -> None:
    report = export_sheet(project, tmp_path / "pages", paper="letter", make_runner=InlineRunner)
    assert sorted(file.name for file in report.path.iterdir()) == ["contents.json", "page_0001.png"]
    page = np.asarray(Image.open(report.path / "page_0001.png").convert("RGB")).astype(int)
    assert page.shape == (2200, 1700, 3)
    people, _ = written()
    strip = people[0].strip
    assert strip is not None
    left, top, side = round(36 / 72 * 200), round(88 / 72 * 200), round((612 - 72 - 16) / 2 / 72 * 200)
    shown = page[top : top + side // 3, left : left + side]
    drawn = np.asarray(Image.fromarray(strip).resize((side, side // 3))).astype(int)
    gaps = (shown == 255).all(axis=(0, 2))
    assert 6 <= gaps.sum() <= 12  # the two white lines between the pictures
    assert np.abs(shown - drawn)[:, ~gaps].mean() < 4
    assert np.abs(shown - drawn[:, ::-1])[:, ~gaps].mean() > 10
    assert np.abs(strip[:, :320].astype(int) - strip[:, 320:640]).max() > 60  # the body lies on the second


def test_who_cannot_be_drawn_keeps_a_place_and_the_rest_goes_on(
    project: Project, tmp_path: Path, written: Callable[[], Written]
) -> None:
    (tmp_path / "pictures" / "001.jpg").unlink()
    report = export_sheet(project, tmp_path / "out.pdf", make_runner=InlineRunner)
    first, second, *_ = people_of(project)
    assert [person for person, _ in report.failed] == [first, second]
    people, _ = written()
    assert [person.strip is None for person in people] == [True, True, False, False]
    assert "001.jpg" in people[0].notes
    assert people[0].figures.startswith("annotation 1000")
    assert json.loads(report.manifest.read_text(encoding="utf-8"))["counts"]["not drawn"] == 2


def test_a_verdict_that_must_not_be_known_is_not_shown(
    project: Project, tmp_path: Path, written: Callable[[], Written]
) -> None:
    review.set_reviews_per_person(project, 2)
    review.reject(project, people_of(project)[0], ["wrong_pose"], "secret", 1)
    export_sheet(project, tmp_path / "out.pdf", make_runner=InlineRunner)
    people, _ = written()
    assert (people[0].state, people[0].notes) == ("in review", "")


def test_places_that_will_not_do_are_refused_before_anything_is_drawn(project: Project, tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"out\.jpg is no name for a contact sheet; name a \.pdf, a \.png, or a fold"):
        export_sheet(project, tmp_path / "out.jpg")
    with pytest.raises(ServiceError, match="is the project itself"):
        export_sheet(project, project.folder)
    (tmp_path / "mine.pdf").write_bytes(b"mine")
    with pytest.raises(FormatError, match="no earlier export"):
        export_sheet(project, tmp_path / "mine.pdf")
    assert not list(tmp_path.glob("*.manifest.json"))


def test_nobody_is_one_page(tmp_path: Path) -> None:
    with build_project(tmp_path, 1) as project:
        report = export_sheet(project, tmp_path / "out.png", make_runner=InlineRunner)
        assert report.samples == 0
        assert Image.open(io.BytesIO(report.path.read_bytes())).size == (1654, 2339)
