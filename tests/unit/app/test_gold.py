"""Gold people: set from a file, scored by what annotators decided, known to nobody else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from app.services import annotation, review
from app.services.errors import ServiceError
from app.services.gold import add_gold, list_gold, remove_gold, take_gold
from app.services.gold_score import read_scores, score_gold
from app.services.project import Project
from db.formats.base import ImportedImage, ImportedPerson
from db.formats.coco import write_coco
from db.formats.parts.boxes import coco_box
from db.records import KeypointRevision, PersonId
from main import main
from resources.skeleton import get_skeleton
from tests.helpers.builders import SIZE, add_fit, build_project, people_of

COCO = get_skeleton("coco17")


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with build_project(tmp_path, 3) as made:
        yield made


def write_truth(
    project: Project, path: Path, moved_px: float = 0.0, ids: dict[int, str] | None = None, people: int = 3
) -> Path:
    """A COCO file of the project's people, every joint moved to the right."""
    images, persons = [], []
    with project.store.read() as reader:
        for number, person_id in enumerate(reader.queue.ids()[:people]):
            person, revision = reader.people.get(person_id), reader.keypoints.current(person_id)
            assert revision is not None
            image = reader.images.get(person.image_id)
            keypoints = revision.keypoints + np.array([moved_px, 0, 0])
            images.append(ImportedImage(image.path, *SIZE, image.external_id))
            external_id = (ids or {}).get(number, person.external_id)
            center, scale = coco_box(person.bbox_xywh)
            persons.append(
                ImportedPerson(
                    image.path, 0, external_id, person.bbox_xywh, center, scale, 5000.0, False, "coco17", keypoints
                )
            )
    write_coco(path, images, persons)
    return path


def accept(project: Project, person: PersonId) -> None:
    review.accept(project, person, add_fit(project, person).id, 3.0)


def move(project: Project, person: PersonId, joint: str, by_px: float) -> None:
    with project.store.read() as reader:
        revision = reader.keypoints.current(person)
    assert revision is not None
    place = COCO.index(joint)
    x, y = revision.keypoints[place, :2]
    edit = annotation.move_joints(revision, COCO, {place: (x + by_px, y)})
    assert edit is not None
    annotation.apply_edit(project, person, revision.id, edit)


def test_a_file_is_matched_counted_and_matched_again(project: Project, tmp_path: Path) -> None:
    people = people_of(project)
    source = write_truth(project, tmp_path / "truth.json", ids={1: "987"})
    report = add_gold(project, source, verdict="accept")
    assert report.as_dict() | {"source": ""} == {
        "source": "", "new": 3, "changed": 0, "same": 0, "unmatched": 0, "left_out": [],
    }  # fmt: skip
    assert [row["person"] for row in list_gold(project)] == people
    assert list_gold(project)[0] == list_gold(project)[0] | {"joints": 17, "verdict": "accept", "source": "truth.json"}
    assert add_gold(project, source, verdict="accept").counts == {"same": 3}
    assert add_gold(project, write_truth(project, source, moved_px=2.0), verdict="accept").counts == {"changed": 3}


def test_who_matches_nobody_is_named(project: Project, tmp_path: Path) -> None:
    source = write_truth(project, tmp_path / "truth.json")
    text = source.read_text(encoding="utf-8")
    source.write_text(text.replace('"id":1001,', '"id":77,').replace('"bbox":[', '"bbox":[400.0,', 1), encoding="utf-8")
    other = build_project(tmp_path / "other", 1)
    with other:
        report = add_gold(other, source, images=tmp_path / "pictures")
    assert report.counts["new"] + report.counts["unmatched"] == 3
    assert report.counts["unmatched"] >= 2
    assert any("002.jpg is no picture of this project" in str(problem) for problem in report.listed)


def test_the_command_takes_a_file_and_names_who_is_left_out(
    project: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = write_truth(project, tmp_path / "truth.json")
    words = ["gold", "add", str(source), "--project", str(project.folder), "--verdict", "accept"]
    assert main(words) == 0
    assert "3 new gold people, 0 changed, 0 were there already, 0 match nobody." in capsys.readouterr().out
    assert {row["verdict"] for row in list_gold(project)} == {"accept"}
    (tmp_path / "pictures" / "002.jpg").unlink()
    assert main([*words, "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["same"], told["unmatched"]) == (2, len(told["left_out"]))
    assert any("002.jpg" in reason for reason in told["left_out"])
    assert main(["gold", "add", str(tmp_path / "none.json"), "--project", str(project.folder)]) == 2
    assert "none.json" in capsys.readouterr().err


def test_people_are_taken_off_again(project: Project) -> None:
    first, second, third = people_of(project)
    assert take_gold(project, [first, second]).counts == {"new": 2}
    with pytest.raises(ServiceError, match=f"Person {third} is not gold"):
        remove_gold(project, [first, third])
    assert remove_gold(project, [first]) == 1
    assert [row["person"] for row in list_gold(project)] == [second]
    assert remove_gold(project) == 1
    assert list_gold(project) == []


def test_the_annotator_s_keypoints_are_compared_with_the_truth(project: Project) -> None:
    first, second, third = people_of(project)
    take_gold(project, [first, second], "accept")
    with project.store.read() as reader:
        width, height = reader.people.get(first).bbox_xywh[2:]
    move(project, first, "left_wrist", 0.062 * 2 * np.sqrt(width * height))
    accept(project, first)
    accept(project, third)
    review.reject(project, second, ["wrong_pose"], "", 2.0)
    with project.store.read() as reader:
        (score,) = read_scores(reader, share=0.001)
    assert score.annotator_id == project.annotator_id
    assert score.people == 2
    assert score.oks == pytest.approx(1 - (1 - np.exp(-0.5)) / 34)
    assert score.pck == pytest.approx(33 / 34)
    assert (score.verdicts, score.agreed) == (2, 1)
    joints = {joint.joint: joint for joint in score.joints}
    assert joints["left_wrist"].similarity == pytest.approx((1 + np.exp(-0.5)) / 2)
    assert (joints["left_wrist"].pck, joints["left_wrist"].compared) == (0.5, 2)
    assert (joints["nose"].similarity, joints["nose"].missing) == (1.0, 0)
    named = score_gold(project)["annotators"]
    assert len(named) == 1
    assert named[0]["oks"] == score.oks


def test_missing_and_extra_joints_are_counted(project: Project) -> None:
    first = people_of(project)[0]
    with project.store.read() as reader:
        revision = reader.keypoints.current(first)
    assert revision is not None
    take_gold(project, [first])
    edit = annotation.clear_joint(revision, COCO, COCO.index("nose"))
    assert edit is not None
    annotation.apply_edit(project, first, revision.id, edit)
    accept(project, first)
    with project.store.read() as reader:
        (score,) = read_scores(reader)
    nose = score.joints[0]
    assert (nose.similarity, nose.pck, nose.compared, nose.missing, nose.extra) == (0, 0, 1, 1, 0)
    take_gold(project, [first])
    move_back = annotation.place_joint(_current(project, first), COCO, COCO.index("nose"), 50.0, 60.0)
    assert move_back is not None
    annotation.apply_edit(project, first, _current(project, first).id, move_back)
    accept(project, first)
    with project.store.read() as reader:
        (score,) = read_scores(reader)
    nose = score.joints[0]
    assert (nose.similarity, nose.pck, nose.compared, nose.missing, nose.extra) == (None, None, 0, 0, 1)


def test_where_the_truth_is_reject_keypoints_do_not_count(project: Project) -> None:
    first, second, _ = people_of(project)
    take_gold(project, [first, second], "reject")
    move(project, first, "nose", 300.0)
    review.reject(project, first, ["bad_keypoints"], "", 2.0)
    review.second_look(project, second, "", 2.0)
    with project.store.read() as reader:
        (score,) = read_scores(reader)
    assert (score.people, score.oks, score.verdicts, score.agreed, score.kappa) == (0, None, 1, 1, None)


def _current(project: Project, person: PersonId) -> KeypointRevision:
    with project.store.read() as reader:
        revision = reader.keypoints.current(person)
    assert revision is not None
    return revision
