"""Left and right are never exchanged: told from the geometry of bodies, not from any table of joints."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from app.services.batch import fit_people
from app.services.importing import import_dataset
from app.services.person_view import load_person_view
from app.services.project import Project
from db.formats import FORMATS
from fitting.runners import InlineRunner
from fitting.spec import BodyFit
from resources.skeleton import get_skeleton
from tests.helpers.builders import people_of
from tests.helpers.published_people import PUBLISHED, KnownPerson, Points, look_left, make_known_person

NEAR_PX = 1.6
"""Datasets of whole pixels, and of pixels counted from 1."""
KNOWN = [variant for variant, (name, _) in PUBLISHED.items() if name in FORMATS and FORMATS[name].imports]


@pytest.fixture(scope="module")
def known() -> KnownPerson:
    return make_known_person()


def test_the_known_person_faces_us(known: KnownPerson) -> None:
    """Camera frame, x right: the left of somebody who looks at us is on our right."""
    assert known.leftward[0] > 0.9
    assert known.points_px["left wrist"][0] > known.points_px["right wrist"][0] + 50


@pytest.mark.parametrize("variant", KNOWN)
def test_a_published_file_gives_a_body_that_is_not_mirrored(variant: str, known: KnownPerson, tmp_path: Path) -> None:
    with Project.create(tmp_path / "project") as project:
        import_published(project, variant, known.points_px, tmp_path)
        check_places(project, known)
        assert float(fit_and_look_left(project) @ known.leftward) > 0.8


def test_an_exchange_of_left_and_right_would_be_seen(known: KnownPerson, tmp_path: Path) -> None:
    words = {"left": "right", "right": "left"}
    exchanged = {" ".join(words.get(word, word) for word in name.split()): at for name, at in known.points_px.items()}
    with Project.create(tmp_path / "project") as project:
        import_published(project, "coco", exchanged, tmp_path)
        with pytest.raises(AssertionError, match="left_"):
            check_places(project, known)
        assert float(fit_and_look_left(project) @ known.leftward) < 0


def import_published(project: Project, variant: str, points: Points, tmp_path: Path) -> None:
    name, write = PUBLISHED[variant]
    folder = tmp_path / "published"
    folder.mkdir()
    report = import_dataset(project, name, write(points, folder), folder)
    assert report.problems == ()
    assert report.people.new == 1


def fit_and_look_left(project: Project) -> NDArray[np.float64]:
    (person,) = people_of(project)
    assert fit_people(project, [person], InlineRunner).failed == []
    fit = load_person_view(project, person).fit
    assert fit is not None
    return look_left(BodyFit(fit.rotations, fit.betas, fit.camera))


def check_places(project: Project, known: KnownPerson) -> None:
    """Every joint with a side lies where the body has that part on that side, and nowhere near the other."""
    (person,) = people_of(project)
    revision = load_person_view(project, person).revision
    skeleton = get_skeleton(revision.skeleton)
    checked = 0
    for place in np.flatnonzero(revision.keypoints[:, 2] > 0).tolist():
        side, part = skeleton.side(place), skeleton.part(place).replace("_", " ")
        if side == "middle" or f"left {part}" not in known.points_px:
            continue
        other = "left" if side == "right" else "right"
        found = revision.keypoints[place, :2]
        assert np.abs(found - known.points_px[f"{side} {part}"]).max() < NEAR_PX, skeleton.joints[place]
        assert np.linalg.norm(found - known.points_px[f"{other} {part}"]) > 2 * NEAR_PX, skeleton.joints[place]
        checked += 1
    assert checked >= 12
