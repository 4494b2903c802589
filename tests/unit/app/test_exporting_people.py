"""COCO into a project and out again: every field as it came, but for what people have changed."""

import copy
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.services import annotation, review
from app.services.exporting_people import export_people
from app.services.importing import import_dataset
from app.services.people_source import StoredPeople
from app.services.person_view import load_person_view
from app.services.project import Project
from app.services.selecting import Selection
from db.formats.errors import FormatError
from db.formats.parts.coco_entries import build_annotation
from db.formats.parts.coco_header import Header
from db.formats.parts.files import hash_file
from resources.skeleton import get_skeleton
from tests.helpers.builders import add_fit, people_of, write_picture
from tests.helpers.odd_values import ONE_FOLDER

Document = dict[str, Any]
SIZE = (100, 80)


def points(labelled: int = 17, visibility: int = 2, joints: int = 17) -> list[float]:
    row = [value for joint in range(joints) for value in (10 + 2.5 * joint, 20 + joint, visibility)]
    return row[: 3 * labelled] + [0] * 3 * (joints - labelled)


def person(number: int, image: int, **changes: Any) -> Document:
    row = {"segmentation": [[10.5, 20, 30, 40.25, 11, 50]], "num_keypoints": 17, "area": 1234.5678, "iscrowd": 0}
    row |= {"keypoints": points(), "image_id": image, "bbox": [10.25, 20, 60.5, 40], "category_id": 1, "id": number}
    return {**row, **changes}


def picture(number: int, name: str) -> Document:
    row = {"license": 4, "file_name": name, "coco_url": f"http://images/{name}", "height": SIZE[1], "width": SIZE[0]}
    return {**row, "date_captured": "2013-11-14 16:28:13", "flickr_url": "http://flickr/ü", "id": number}


def category(number: int = 1, layout: str = "coco17", **changes: Any) -> Document:
    row = {"supercategory": "person", "id": number, "name": "person", "keypoints": list(get_skeleton(layout).joints)}
    return {**row, "skeleton": [[16, 14], [14, 12]], **changes}


def build_quirky() -> Document:
    """Everything COCO's files have that could get lost."""
    crowd = {"counts": [272, 2, 4], "size": [80, 100]}
    coded = {"counts": 'q"\\{}[]x', "size": [80, 100]}
    return {
        "annotations": [
            person(900100000042, 42, iscrowd=1, segmentation=crowd, keypoints=[0] * 51, num_keypoints=0),
            person(7, 3, keypoints=points(5, 1), num_keypoints=5, score=0.75, extra={"deep": [1, None, True]}),
            person(5, 42, iscrowd=1, segmentation=coded, num_keypoints=99),
            person(6, 3, keypoints=[1e300, 5, 0, *points()[3:]], num_keypoints=16),
            person(8, 42, bbox=[10, 20, 0, 0]),
            person(9, 42, foot_kpts=points(6, 2, 6), face_kpts=[0] * 204, foot_valid=True, num_keypoints=17),
        ],
        "info": {"description": "Quirks", "year": 2017, "version": "1.0"},
        "my_key": [{"a": 1.5}],
        "images": [picture(42, "b.jpg"), picture(3, "a.jpg"), picture(1, "nobody.jpg")],
        "licenses": [{"url": "http://x", "id": 4, "name": "CC-BY"}, {"id": 1, "name": "other"}],
        "categories": [category(), {"id": 18, "name": "dog", "supercategory": "animal"}],
    }


def write_source(folder: Path, document: Document, name: str = "people.json") -> Path:
    folder.mkdir(exist_ok=True)
    for row in document["images"]:
        if not (folder / row["file_name"]).exists():
            write_picture(folder / row["file_name"], 1, SIZE)
    (folder / name).write_text(json.dumps(document))
    return folder / name


def export(project: Project, out: Path, **options: Any) -> Document:
    export_people(project, "coco", out, **options)
    document: Document = json.loads(out.read_text())
    return document


@pytest.fixture
def project(tmp_path: Path) -> Any:
    with Project.create(tmp_path / "project") as made:
        yield made


def test_everything_comes_out_as_it_came_in(project: Project, tmp_path: Path) -> None:
    document = build_quirky()
    report = import_dataset(project, "coco", write_source(tmp_path / "data", document), tmp_path / "data")
    assert report.problems == ()
    assert export(project, tmp_path / "out.json") == document


def test_the_same_bytes_every_time(project: Project, tmp_path: Path) -> None:
    import_dataset(project, "coco", write_source(tmp_path / "data", build_quirky()), tmp_path / "data")
    first = export_people(project, "coco", tmp_path / "one.json")
    second = export_people(project, "coco", tmp_path / "two.json")
    assert first.sha256 == second.sha256 == hash_file(tmp_path / "one.json")
    assert first.samples == 6


def test_what_was_written_reads_back_as_the_same_people(project: Project, tmp_path: Path) -> None:
    import_dataset(project, "coco", write_source(tmp_path / "data", build_quirky()), tmp_path / "data")
    export(project, tmp_path / "people.json")
    report = import_dataset(project, "coco", tmp_path / "people.json", tmp_path / "data", on_conflict="update")
    assert (report.people.same, report.images.same, report.updated) == (6, 3, 0)


def test_edited_keypoints_are_written_and_counted_anew(project: Project, tmp_path: Path) -> None:
    document = build_quirky()
    import_dataset(project, "coco", write_source(tmp_path / "data", document), tmp_path / "data")
    edited = people_of(project)[1]
    revision = load_person_view(project, edited).revision
    change = annotation.move_joints(revision, get_skeleton("coco17"), {0: (33.25, 44)})
    assert change is not None
    annotation.apply_edit(project, edited, revision.id, change)
    view = load_person_view(project, edited).revision
    hidden = annotation.set_visibility(view, get_skeleton("coco17"), 4, 0)
    assert hidden is not None
    annotation.apply_edit(project, edited, view.id, hidden)
    written = export(project, tmp_path / "out.json")
    expected = copy.deepcopy(document["annotations"][1])
    expected["keypoints"][:2] = [33.25, 44]
    expected["keypoints"][12:15] = [0, 0, 0]
    expected["num_keypoints"] = 4
    assert written["annotations"][1] == expected
    assert [row for place, row in enumerate(written["annotations"]) if place != 1] == [
        row for place, row in enumerate(document["annotations"]) if place != 1
    ]


def test_fits_and_decisions_go_under_one_key_or_stay_at_home(project: Project, tmp_path: Path) -> None:
    document = build_quirky()
    import_dataset(project, "coco", write_source(tmp_path / "data", document), tmp_path / "data")
    fitted = people_of(project)[1]
    fit = add_fit(project, fitted)
    review.accept(project, fitted, fit.id, 1.0)
    ours = export(project, tmp_path / "out.json")["annotations"][1].pop("exemplar")
    assert (ours["state"], ours["fit"]["method"], len(ours["fit"]["pose"])) == ("accepted", "eft", 72)
    np.testing.assert_allclose(ours["fit"]["camera"], fit.camera)
    assert export(project, tmp_path / "plain.json", with_fits=False) == document


def test_a_decision_takes_its_people_and_their_pictures(project: Project, tmp_path: Path) -> None:
    document = build_quirky()
    import_dataset(project, "coco", write_source(tmp_path / "data", document), tmp_path / "data")
    fitted = people_of(project)[1]
    review.accept(project, fitted, add_fit(project, fitted).id, 1.0)
    written = export(project, tmp_path / "out.json", decision="accepted", with_fits=False)
    assert written["annotations"] == [document["annotations"][1]]
    assert written["images"] == [document["images"][1]]
    report = export_people(project, "coco", tmp_path / "rejected.json", decision="rejected")
    assert (report.samples, report.left_out) == (0, {"not rejected": 6})
    chosen = export_people(project, "coco", tmp_path / "some.json", Selection(where="state:accepted"))
    assert (chosen.samples, chosen.left_out) == (1, {"person not selected": 5})


def test_ids_of_two_files_that_clash_are_told_apart(project: Project, tmp_path: Path) -> None:
    first, second = build_quirky(), build_quirky()
    second["images"] = [picture(42, "c.jpg"), picture(77, "d.jpg")]
    second["annotations"] = [person(5, 42), person(70, 77), person(71, 42)]
    second["licenses"] = [{"id": 4, "name": "another"}]
    second["categories"] = [category(1, name="human"), category(2, "lsp14", name="lsp")]
    second["annotations"].append(person(72, 77, category_id=2, keypoints=points(14, 2, 14)))
    import_dataset(project, "coco", write_source(tmp_path / "data", first), tmp_path / "data")
    import_dataset(project, "coco", write_source(tmp_path / "data", second, "more.json"), tmp_path / "data")
    report = export_people(project, "coco", tmp_path / "out.json")
    written = json.loads((tmp_path / "out.json").read_text())
    assert report.renumbered == 2
    assert written["annotations"][:6] == first["annotations"]
    assert written["images"][:3] == first["images"]
    image, kept = written["images"][3:]
    assert (image["id"], image["exemplar"], kept["id"]) == (78, {"id": "42"}, 77)
    others = written["annotations"][6:]
    assert [row["image_id"] for row in others] == [78, 77, 78, 77]
    assert (others[0]["exemplar"], others[0]["id"] > 900100000042, others[1]["id"]) == ({"id": "5"}, True, 70)
    licences = {row["id"]: row["name"] for row in written["licenses"]}
    assert (licences[image["license"]], licences[written["images"][0]["license"]]) == ("another", "CC-BY")
    names = {row["id"]: row["name"] for row in written["categories"]}
    assert [names[row["category_id"]] for row in others] == ["human", "human", "human", "lsp"]
    assert len({row["id"] for row in written["annotations"]}) == 10
    manifest = json.loads((tmp_path / "out.manifest.json").read_text())
    assert (manifest["counts"]["images with another id"], manifest["counts"]["people with another id"]) == (1, 1)
    assert written["exemplar"] == {"info": {"people.json": first["info"], "more.json": second["info"]}}


def test_people_of_other_layouts_get_a_category_of_their_own(project: Project, tmp_path: Path) -> None:
    document = build_quirky()
    document["categories"] = [category(3, "mpii16", name="climber")]
    document["annotations"] = [person(1, 42, category_id=3, keypoints=points(16, 2, 16))]
    source = write_source(tmp_path / "data", document)
    import_dataset(project, "coco", source, tmp_path / "data")
    with project.store.read() as reader:
        (row,) = StoredPeople(reader, None, with_ours=False).iter_people()
    header = Header(())
    bare = build_annotation(
        type(row)(row.image_key, "1", row.bbox_xywh, None, False, "mpii16", row.keypoints), 1, 42, header,
        renumbered=False,
    )  # fmt: skip
    (made,) = header.tail()["categories"]
    assert (made["name"], made["keypoints"]) == ("person_mpii16", list(get_skeleton("mpii16").joints))
    alone = {**document, "annotations": [json.loads(bare)], "categories": [made]}
    with Project.create(tmp_path / "other") as other:
        report = import_dataset(other, "coco", write_source(tmp_path / "again", alone), tmp_path / "again")
        assert (report.problems, report.people.new) == ((), 1)
        (again,) = people_of(other)
        assert load_person_view(other, again).revision.skeleton == "mpii16"
    assert export(project, tmp_path / "out.json") == document


def test_feet_that_came_later_are_written_in_a_category_with_feet(project: Project, tmp_path: Path) -> None:
    document = build_quirky()
    document["annotations"] = [person(5, 42)]
    import_dataset(project, "coco", write_source(tmp_path / "data", document), tmp_path / "data")
    document["annotations"] = [person(5, 42, foot_kpts=points(6, 2, 6))]
    feet = write_source(tmp_path / "data", document, "wholebody.json")
    assert import_dataset(project, "coco", feet, tmp_path / "data").people.conflicting == 1
    assert import_dataset(project, "coco", feet, tmp_path / "data", on_conflict="update").updated == 1
    written = export(project, tmp_path / "out.json")
    (row,) = written["annotations"]
    names = {entry["id"]: entry["keypoints"] for entry in written["categories"] if "keypoints" in entry}
    assert names[row["category_id"]][17:] == [
        *("left_big_toe", "left_small_toe", "left_heel", "right_big_toe", "right_small_toe", "right_heel")
    ]
    assert (len(row["keypoints"]), row["num_keypoints"], row["keypoints"][51:54]) == (69, 23, [10, 20, 2])


def test_a_file_of_somebody_else_is_not_replaced(project: Project, tmp_path: Path) -> None:
    (tmp_path / "out.json").write_text("mine")
    with pytest.raises(FormatError, match="no earlier export"):
        export_people(project, "coco", tmp_path / "out.json")
    assert (tmp_path / "out.json").read_text() == "mine"


_NUMBERS = st.one_of(st.integers(-5, 99), st.floats(0, 99, allow_nan=False).map(lambda value: round(value, 3)))
_JOINT = st.tuples(_NUMBERS, _NUMBERS, st.sampled_from([0, 1, 2])).map(list)
_ANYTHING = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(2**53), 2**53), st.floats(-1e9, 1e9), st.text()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=9), inner, max_size=3)),
    max_leaves=6,
)
_EXTRAS = st.dictionaries(
    st.text(max_size=8).filter(lambda key: key not in {*person(1, 1), "exemplar", "foot_kpts", "keypoints_21"}),
    _ANYTHING,
    max_size=3,
)


@settings(ONE_FOLDER, max_examples=25)  # a project each
@given(data=st.data())
def test_any_people_come_out_as_they_came_in(tmp_path: Path, data: st.DataObject) -> None:
    document = build_quirky()
    ids = data.draw(st.lists(st.integers(-(2**53), 2**53), unique=True, min_size=1, max_size=4))
    document["annotations"] = [
        {
            **data.draw(_EXTRAS),
            **person(number, data.draw(st.sampled_from([42, 3, 1]))),
            "keypoints": [value for _ in range(17) for value in data.draw(_JOINT)],
            "area": data.draw(st.one_of(st.none(), _NUMBERS)),
            "iscrowd": data.draw(st.sampled_from([0, 1, True])),
        }
        for number in ids
    ]
    source = write_source(tmp_path / "data", document)
    with _fresh(tmp_path) as project:
        assert import_dataset(project, "coco", source, tmp_path / "data").problems == ()
        assert export(project, tmp_path / "out.json") == document


def _fresh(tmp_path: Path) -> Project:
    number = sum(1 for _ in tmp_path.glob("fresh*"))
    (tmp_path / "out.json").unlink(missing_ok=True)
    (tmp_path / "out.manifest.json").unlink(missing_ok=True)
    return Project.create(tmp_path / f"fresh{number}")
