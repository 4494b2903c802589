"""Studies of a project: who can take part, designs made, changed, copied, exported, done again elsewhere."""

from __future__ import annotations

import hashlib
import io
import json
import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from PIL import Image

from app.cli.study.new import BEGIN
from app.services.errors import ServiceError
from app.services.project import Project
from app.services.study import candidates as who
from app.services.study.candidates import find_candidates
from app.services.study.designing import (
    change_design,
    copy_study,
    export_study,
    find_design_warnings,
    new_study,
    read_design,
)
from app.services.study.records import design_of, get_study, package_of
from app.study.design import PeopleRule, StudyDesign
from app.study.drawing import draw_people
from app.study.errors import StudyError
from app.study.files import encode_plan, hash_arrangement, hash_plan, read_study_file
from app.study.plan import StudyPlan
from app.study.planning import build_plan
from app.study.presets import get_preset
from db.errors import StaleWriteError
from db.rater_package.package import RaterPackage
from db.rater_package.records import PackageInfo, PackageTrial
from db.records import NewRevision, StudyRecord
from main import main
from tests.helpers.builders import add_fit, people_of, person_keypoints
from tests.helpers.study_people import build_design, build_study_project

DESIGN = build_design(4, raters=3)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("study") / "project"
    build_study_project(folder, range(14)).close()
    return folder


@pytest.fixture
def project(template: Path, tmp_path: Path) -> Iterator[Project]:
    with Project.open(shutil.copytree(template, tmp_path / "project"), with_files=False) as opened:
        yield opened


def open_by_hand(project: Project, study: StudyRecord) -> StudyPlan:
    """Draw, plan and store, without pictures."""
    drawn = draw_people(design_of(study), find_candidates(project, design_of(study)).people)
    plan = build_plan(design_of(study), drawn.people, drawn.checks, drawn.notes)
    with project.store.change("Open", undoable=False) as change:
        change.studies.set_plan(study, encode_plan(plan), hash_plan(plan))
    return plan


def test_whoever_has_fresh_fits_by_every_method_can_take_part(project: Project) -> None:
    people = people_of(project)
    revised = person_keypoints(1)
    revised[0, 0] += 5
    with project.store.change("Move nose") as change:
        change.keypoints.add(NewRevision(people[1], "coco17", revised, ("human",) * 17))
    add_fit(project, people[1], method="eft")
    add_fit(project, people[2], signs={"swap_legs": 6.0})
    newest = add_fit(project, people[3], method="smplify")
    found = find_candidates(project, DESIGN)
    assert [person.person for person in found.people] == [people[0], *people[3:]]
    assert found.left_out == {"with a fit by smplify to older keypoints": 1, who.SWAPPED: 1}
    first = next(person for person in found.people if person.person == people[3])
    assert first.fits["smplify"] == newest.id
    assert (first.image, first.dataset, first.annotation) == ("photos/00003.jpg", "set1", "A3")
    assert "12 people can take part (left out: 1 with a fit" in found.in_words()
    lenient = msgspec.structs.replace(DESIGN, people=PeopleRule(exclude_suspected_swaps=False))
    assert people[2] in [person.person for person in find_candidates(project, lenient).people]


def test_filter_excluded_pictures_and_lacking_fits_are_reasons(project: Project) -> None:
    rule = PeopleRule(where="-dataset:set1", exclude_images=("00004.JPG",))
    found = find_candidates(project, msgspec.structs.replace(DESIGN, people=rule))
    assert {person.dataset for person in found.people} == {"set0"}
    assert found.left_out == {who.NOT_SELECTED: 7, who.EXCLUDED: 1}
    add_fit(project, people_of(project)[0], method="plain")
    found = find_candidates(project, msgspec.structs.replace(DESIGN, methods=("eft", "plain")))
    assert (len(found.people), found.left_out) == (1, {"without a fit by plain": 13})
    with pytest.raises(ServiceError, match="no fits by 'theirs'"):
        find_candidates(project, msgspec.structs.replace(DESIGN, methods=("eft", "theirs")))


def test_difficulty_comes_from_the_annotation(tmp_path: Path) -> None:
    with build_study_project(tmp_path / "project", range(3)) as project:
        people = people_of(project)
        for person, visibility in zip(people[1:], (1.0, 0.0), strict=True):
            points = person_keypoints(0)
            points[[9, 10, 13, 14, 15, 16], 2] = visibility  # wrists, knees, ankles
            with project.store.change("Edit") as change:
                change.keypoints.add(
                    NewRevision(person, "coco17", np.where(points[:, 2:] > 0, points, 0), ("human",) * 17)
                )
            for method in DESIGN.methods:
                add_fit(project, person, method=method)
        found = find_candidates(project, DESIGN)
        assert [person.difficulty for person in found.people] == ["easy", "hard", "hard"]


def test_designs_are_stored_changed_and_copied(project: Project) -> None:
    study = new_study(project, DESIGN)
    assert design_of(get_study(project, "small")) == DESIGN
    other = msgspec.structs.replace(DESIGN, raters=7)
    assert design_of(change_design(project, study, other)) == other
    copied = copy_study(project, "small", "second")
    assert design_of(copied) == msgspec.structs.replace(other, name="second")
    assert copied.uid != study.uid
    with pytest.raises(StaleWriteError, match="a study 'second' already"):
        copy_study(project, "small", "second")
    with pytest.raises(StaleWriteError, match="changed elsewhere"):
        change_design(project, study, DESIGN)
    with pytest.raises(ServiceError, match="keeps its name"):
        change_design(project, get_study(project, "small"), msgspec.structs.replace(DESIGN, name="third"))


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        (
            {"methods": ("eft", "theirs"), "primary": ("eft", "theirs")},
            ServiceError,
            "no fits by 'theirs'.*eft, smplify",
        ),
        ({"raters": 1}, StudyError, "different raters"),
        ({"people": PeopleRule(where="colour:red")}, ServiceError, "colour"),
    ],
)
def test_a_design_the_project_cannot_serve_is_not_stored(
    project: Project, changes: dict[str, Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        new_study(project, msgspec.structs.replace(DESIGN, **changes))
    with pytest.raises(ServiceError, match="no study"):
        get_study(project, "small")


def test_too_few_people_are_told_beforehand(project: Project) -> None:
    def told(count: int) -> str:
        design = msgspec.structs.replace(build_design(count), raters=20)
        return " ".join(find_design_warnings(design, find_candidates(project, design)))

    assert "20 people are wanted, and 14 people can take part" in told(20)
    assert "Nobody is left for practice and catch trials" in told(20)
    assert "Besides the 10 people of the study, 4 are left for 7 practice and catch trials" in told(10)
    assert "are wanted" not in told(6)
    assert "are left" not in told(6)


def make_package(project: Project, study: StudyRecord, plan: StudyPlan) -> RaterPackage:
    info = PackageInfo(study.uid, hash_plan(plan), "Which?", ("overlay",), False, 0.0, 50)
    stored = io.BytesIO()
    Image.new("RGB", (8, 8)).save(stored, "PNG")
    picture = stored.getvalue()
    name = f"{hashlib.sha256(picture).hexdigest()}.png"
    trials = [
        PackageTrial(seat, position, (name,), (name,), "left" if trial.kind == "practice" else None)
        for seat, position, trial in plan.iter_trials()
    ]
    folder = package_of(project, study)
    folder.parent.mkdir(parents=True)
    return RaterPackage.create(folder, info, trials, [picture])


def test_a_new_design_forgets_the_plan_and_stops_its_package(project: Project) -> None:
    plan = open_by_hand(project, new_study(project, DESIGN))
    study = get_study(project, "small")
    with make_package(project, study, plan) as package:
        assert not package.is_stopped
        changed = change_design(project, study, msgspec.structs.replace(DESIGN, raters=7))
        assert package.is_stopped
    assert (changed.plan, changed.plan_hash, changed.opened_at) == (None, "", None)


def test_votes_in_the_package_and_seats_away_keep_a_design(project: Project, tmp_path: Path) -> None:
    plan = open_by_hand(project, new_study(project, DESIGN))
    study, other = get_study(project, "small"), msgspec.structs.replace(DESIGN, raters=7)
    with make_package(project, study, plan) as package:
        package.take_out([2], tmp_path / "away")
        with pytest.raises(ServiceError, match=r"handed out \(3\)"):
            change_design(project, study, other)
        package.take_back([2])
        place = package.sit_down("heron")
        trial = package.next_trial(place)
        assert trial is not None
        now = datetime.now(UTC)
        package.vote(place, trial, "left", response_s=1.0, focus_losses=0, enlarged_s=0.0, shown_at=now)
        with pytest.raises(ServiceError, match=r"has 1 votes.*copy its design"):
            change_design(project, study, other)
        assert not package.is_stopped
    frozen = get_study(project, "small")
    assert (frozen.plan_hash, frozen.frozen_at is None) == (hash_plan(plan), False)
    with pytest.raises(StaleWriteError, match="has votes since"):
        change_design(project, frozen, other)


def test_the_file_does_the_study_again_in_a_project_imported_otherwise(tmp_path: Path, project: Project) -> None:
    plan = open_by_hand(project, new_study(project, DESIGN))
    file = export_study(project, "small", tmp_path / "study.json")
    assert read_study_file(file) == plan
    with build_study_project(tmp_path / "other", [*range(20, 13, -1), *range(13, -1, -1)]) as other:
        study = new_study(other, read_design(file, "again"))
        again = open_by_hand(other, study)
    assert hash_arrangement(again) == hash_arrangement(plan)
    assert {person.person for person in again.people} != {person.person for person in plan.people}


def test_an_export_never_takes_the_projects_place(project: Project) -> None:
    new_study(project, DESIGN)
    with pytest.raises(ServiceError, match="the project itself"):
        export_study(project, "small", project.folder / "project.db")


def test_an_export_never_takes_the_place_of_another_file(project: Project, tmp_path: Path) -> None:
    new_study(project, DESIGN)
    file = export_study(project, "small", tmp_path / "study.json")
    content = file.read_bytes()
    with pytest.raises(ServiceError, match=r"study\.json is there already; name another file"):
        export_study(project, "small", file)
    assert file.read_bytes() == content


def command(project: Project, capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> dict[str, Any]:
    assert main(["study", *words, "--project", str(project.folder), "--json"]) == code
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    return told


def test_commands_from_a_new_study_to_its_file(
    project: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = [*("--methods", "eft,smplify", "--people", "6", "--raters", "5", "--practice", "2", "--catches", "5")]
    options += ["--pass", "5", "--where", "-dataset:none", "--seed", "9", "--views", "photo,overlay,side"]
    options += ["--repeats", "0.2", "--gap", "3", "--question", "Which one?"]
    told = command(project, capsys, "new", "first", *options)
    assert (told["state"], told["candidates"], told["left_out"]) == ("design", 14, {})
    design = msgspec.convert(told["design"], StudyDesign)
    assert design_of(get_study(project, "first")) == design
    assert (design.people.count, design.people.seed, design.catches.pass_at_least) == (6, 9, 5)
    assert design.stimuli.views == ("photo", "overlay", "side")
    assert told["power"]["votes"] == 18
    assert any("With 5 raters" in warning for warning in told["warnings"])
    told = command(project, capsys, "edit", "first", "--raters", "7", "--primary", "smplify,eft", "--cannot-decide")
    assert (told["design"]["raters"], told["design"]["primary"]) == (7, ["smplify", "eft"])
    assert told["design"]["cannot_decide"] is True
    told = command(project, capsys, "copy", "first", "second")
    assert told["design"]["raters"] == 7
    plan = open_by_hand(project, get_study(project, "first"))
    told = command(project, capsys, "show", "first")
    assert (told["state"], told["people"], sum(told["trials_by_seat"])) == ("open", 6, sum(map(len, plan.seats)))
    file = tmp_path / "first.json"
    assert command(project, capsys, "export", "first", str(file)) == {"file": str(file)}
    told = command(project, capsys, "new", "third", "--from", str(file))
    assert len(told["design"]["people"]["listed"]) == 6
    told = command(project, capsys, "new", "fourth", "--from", str(file), "--seed", "4")
    assert (told["design"]["people"]["listed"], told["design"]["people"]["seed"]) == ([], 4)


def test_catch_trials_without_a_rule_take_one_that_clicking_does_not_pass(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    begin = ("--methods", "eft,smplify")
    for count, needed in {5: 5, 8: 7, 12: 10, 20: 15}.items():
        told = command(project, capsys, "new", f"with {count}", *begin, "--catches", str(count))
        assert told["design"]["catches"] == {"count": count, "pass_at_least": needed}
    told = command(project, capsys, "edit", "with 20", "--catches", "10", "--pass", "10")
    assert told["design"]["catches"] == {"count": 10, "pass_at_least": 10}
    told = command(project, capsys, "new", "four", *begin, "--catches", "4", code=2)
    assert "plant at least 5" in told["error"]


def test_options_that_say_who_is_left_out(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    options = ("--exclude", "a.jpg, b.jpg", "--include-swaps", "--min-exposure", "2.5")
    design = command(project, capsys, "new", "chosen", "--methods", "eft,smplify", *options)["design"]
    assert design["people"]["exclude_images"] == ["a.jpg", "b.jpg"]
    assert (design["people"]["exclude_suspected_swaps"], design["min_exposure_s"]) == (False, 2.5)


def test_help_tells_the_numbers_that_a_design_begins_with() -> None:
    design = get_preset("default", ["a", "b"])
    numbers = [design.people.count, design.raters, design.raters_per_item, design.practice, design.catches.count]
    numbers += [design.catches.pass_at_least, round(100 * design.repeat_share), design.stimuli.size_px]
    assert [int(number) for number in re.findall(r"\d+", BEGIN)] == numbers
    assert design.stimuli.views == ("keypoints", "overlay", "side")


def test_commands_in_words(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    place = ("--project", str(project.folder))
    assert main(["study", "new", "papers", "--methods", "eft,smplify", "--preset", "paper", *place]) == 0
    words = capsys.readouterr().out
    for part in ("papers: design.", "500 people, from one pool, seed 1", "672 px", "14 people can take part", "± "):
        assert part in words
    assert main(["study", "show", "papers", *place]) == 0
    assert capsys.readouterr().out == words


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("new", "x"), "Name the methods"),
        (("new", "x", "--methods", "eft"), "at least two methods"),
        (("new", "x", "--methods", "eft,smplify", "--views", "left"), "no view 'left'"),
        (("new", "x", "--methods", "eft,smplify", "--primary", "eft"), "two methods, not 1"),
        (("new", "x", "--methods", "eft,smplify", "--raters-per-item", "2"), "split evenly"),
        (("new", "x", "--methods", "eft,smplify", "--repeats", "nan"), "is nan"),
        (("new", "x", "--preset", "paper", "--from", "none.json"), "leave one out"),
        (("new", "x", "--from", "none.json"), "does not exist"),
        (("edit", "none", "--raters", "3"), "no study 'none'"),
        (("edit", "none"), "Nothing was named"),
        (("show", "none"), "no study 'none'"),
    ],
)
def test_commands_refuse_in_one_sentence(
    template: Path, words: tuple[str, ...], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["study", *words, "--project", str(template), "--json"]) == 2
    assert sentence in json.loads(capsys.readouterr().out)["error"]
