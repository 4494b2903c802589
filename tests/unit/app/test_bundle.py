"""A project in one file and out of it again: the same project, its pictures found, nothing half-done."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest

from app.services.bundle.hashing import iter_facts
from app.services.bundle.restoring import restore_bundle
from app.services.bundle.words import describe_restored, is_complete
from app.services.bundle.writing import BundleReport, bundle_project
from app.services.errors import ServiceError
from app.services.project import Project
from db.formats.parts.files import hash_file
from db.records import DecisionRecord, FitRecord, KeypointRevision
from db.store import Store
from resources import default_body, default_regressor
from tests.helpers.builders import add_fit, build_project, people_of, write_picture
from tests.helpers.worked_projects import build_worked_project


@pytest.fixture(scope="module")
def worked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a project in which people have worked, and its bundle."""
    folder = tmp_path_factory.mktemp("worked")
    with build_worked_project(folder, 24, 16) as project:
        bundle_project(project, folder / "worked.exemplar")
    return folder


def bundle_of(folder: Path, project: Project) -> Path:
    bundle_project(project, folder / "a.exemplar")
    project.close()
    return folder / "a.exemplar"


def everything(store: Store) -> tuple[list[DecisionRecord], list[FitRecord], list[KeypointRevision], dict[str, int]]:
    with store.read() as reader:
        people = reader.queue.ids()
        return (
            [decision for person in people for decision in reader.decisions.history(person)],
            [fit for person in people for fit in reader.fits.history(person)],
            [revision for person in people for revision in reader.keypoints.history(person)],
            reader.tables.counts(),
        )


def test_restored_elsewhere_it_is_the_same_project(worked: Path, tmp_path: Path) -> None:
    shutil.copytree(worked / "pictures", tmp_path / "disk" / "pictures")
    report = restore_bundle(worked / "worked.exemplar", tmp_path / "there" / "copy", [str(tmp_path / "disk")])
    assert is_complete(report)
    assert (report.pictures.by_name, report.there) == (3, 3)
    with Store.open(worked / "project" / "project.db") as old, Store.open(report.folder / "project.db") as new:
        before, after = everything(old), everything(new)
        assert after[0] == before[0]
        assert len(after[0]) > 10
        assert [fit.id for fit in after[1]] == [fit.id for fit in before[1]]
        assert all(np.array_equal(a.rotations, b.rotations) for a, b in zip(after[1], before[1], strict=True))
        assert all(np.array_equal(a.keypoints, b.keypoints) for a, b in zip(after[2], before[2], strict=True))
        relinked = {"change_log": before[3]["change_log"] + 1}  # the new places are a change as well
        assert after[3] == before[3] | relinked
        assert new.verify_heads() == ()
        with new.read() as reader:
            assert reader.images.count_roots() == {str(tmp_path / "disk" / "pictures"): 3}
    with Project.open(report.folder) as project:
        add_fit(project, people_of(project)[0])  # it can be worked in


def test_the_same_project_gives_the_same_bytes(worked: Path, tmp_path: Path) -> None:
    with Project.open(worked / "project") as project:
        first = bundle_project(project, tmp_path / "a.exemplar")
        second = bundle_project(project, tmp_path / "b.exemplar")
    assert hash_file(first.path) == hash_file(second.path)


def test_the_manifest_tells_what_is_inside_and_what_the_pictures_were(worked: Path) -> None:
    with zipfile.ZipFile(worked / "worked.exemplar") as archive:
        manifest = json.loads(archive.read("manifest.json"))
        lines = [json.loads(line) for line in archive.read("images.jsonl").splitlines()]
        assert set(archive.namelist()) == {"manifest.json", *manifest["members"]}
    with Store.open(worked / "project" / "project.db") as store, store.read() as reader:
        assert manifest["counts"] == reader.tables.counts()
        assert manifest["counts"]["people"] == len(reader.queue.ids())
        images = list(reader.images.iter_all())
    for image, line in zip(images, lines, strict=True):
        file = Path(image.root) / image.path
        assert (line["root"], line["path"]) == (image.root, image.path)
        assert (line["size_bytes"], line["sha256"]) == (file.stat().st_size, hash_file(file))


def test_renamed_moved_changed_and_lost_pictures_are_told_apart(tmp_path: Path) -> None:
    bundle = bundle_of(tmp_path, build_project(tmp_path, 5))
    old, new = tmp_path / "pictures", tmp_path / "new"
    (new / "deep" / "er").mkdir(parents=True)
    shutil.copy(old / "001.jpg", new / "001.jpg")
    shutil.copy(old / "002.jpg", new / "deep" / "er" / "ünfug.jpg")
    write_picture(new / "003.jpg", 77)  # another picture of the same size in pixels
    (new / "004.jpg").write_bytes(b"no picture")
    report = restore_bundle(bundle, tmp_path / "copy", [str(new)])
    found = report.pictures
    assert found.by_name == 1
    assert found.by_content == [("002.jpg", "deep/er/ünfug.jpg")]
    assert [line.partition(":")[0] for line in found.changed] == ["003.jpg", "004.jpg"]
    assert "linked, its content is another" in found.changed[0]
    assert "not linked" in found.changed[1]
    assert found.missing == ["005.jpg"]
    assert not is_complete(report)
    words = "\n".join(describe_restored(report))
    assert "002.jpg is deep/er/ünfug.jpg" in words
    assert "005.jpg" in words


def test_pictures_that_exchanged_their_names_follow_their_content(tmp_path: Path) -> None:
    bundle = bundle_of(tmp_path, build_project(tmp_path, 2))
    new = tmp_path / "new"
    new.mkdir()
    shutil.copy(tmp_path / "pictures" / "001.jpg", new / "002.jpg")
    shutil.copy(tmp_path / "pictures" / "002.jpg", new / "001.jpg")
    report = restore_bundle(bundle, tmp_path / "copy", [f"{tmp_path / 'pictures'}={new}"])
    assert report.pictures.by_content == [("001.jpg", "002.jpg"), ("002.jpg", "001.jpg")]
    with Store.open(report.folder / "project.db") as store, store.read() as reader:
        assert [image.path for image in reader.images.iter_all()] == ["002.jpg", "001.jpg"]


def test_without_hashes_name_and_size_have_to_do(tmp_path: Path) -> None:
    project = build_project(tmp_path, 2)
    made = bundle_project(project, tmp_path / "a.exemplar", image_hashes=False)
    project.close()
    new = tmp_path / "new"
    shutil.copytree(tmp_path / "pictures", new)
    (new / "002.jpg").rename(new / "other.jpg")
    report = restore_bundle(made.path, tmp_path / "copy", [str(new)])
    assert (report.pictures.unverified, report.pictures.missing) == (1, ["002.jpg"])


def test_only_the_roots_named_are_looked_for(tmp_path: Path) -> None:
    bundle = bundle_of(tmp_path, build_project(tmp_path, 2))
    with pytest.raises(ServiceError, match="No image of the bundle lies in /data/other"):
        restore_bundle(bundle, tmp_path / "copy", [f"/data/other={tmp_path}"])
    assert not (tmp_path / "copy").exists()
    report = restore_bundle(bundle, tmp_path / "copy")
    assert (report.pictures.kept, report.there) == (2, 2)  # they are where they were


def test_pictures_that_are_gone_are_counted_when_bundling(tmp_path: Path) -> None:
    with build_project(tmp_path, 3) as project:
        (tmp_path / "pictures" / "002.jpg").unlink()
        report = bundle_project(project, tmp_path / "a.exemplar")
    assert (report.images, report.missing_images) == (3, 1)
    assert report.examples[0].startswith("002.jpg (")


def use(project: Project, kind: str, path: Path) -> None:
    project.use_file(kind, path)  # type: ignore[arg-type]


def test_files_that_may_be_passed_on_travel_and_others_are_named(tmp_path: Path) -> None:
    project = build_project(tmp_path, 1)
    models = project.folder / "models"
    models.mkdir()
    shutil.copy(default_regressor(), models / "mine.safetensors")
    shutil.copy(default_regressor().with_suffix(".json"), models / "mine.json")
    with np.load(default_body(), allow_pickle=False) as body:
        np.savez(models / "licensed.npz", **(dict(body) | {"licence": np.array("for research only")}))
    use(project, "regressor", models / "mine.safetensors")
    use(project, "body", models / "licensed.npz")
    made = bundle_project(project, tmp_path / "a.exemplar")
    project.close()
    assert made.packed == ("models/mine.safetensors", "models/mine.json")
    (needed,) = made.needed
    assert (needed.kind, needed.path, needed.licence) == ("body", "models/licensed.npz", "for research only")
    assert needed.sha256 == hash_file(models / "licensed.npz")
    with zipfile.ZipFile(made.path) as archive:
        assert not any("licensed" in name for name in archive.namelist())

    report = restore_bundle(made.path, tmp_path / "copy", models=tmp_path / "nothing")
    assert report.needed[0].found is None
    assert "body use FILE" in "\n".join(describe_restored(report))
    assert hash_file(report.folder / "models" / "mine.safetensors") == hash_file(default_regressor())
    with pytest.raises(ServiceError, match="body of the project"):
        Project.open(report.folder)

    own = tmp_path / "own"
    own.mkdir()
    shutil.copy(models / "licensed.npz", own / "renamed.npz")
    report = restore_bundle(made.path, tmp_path / "again", models=own)
    assert report.needed[0].found == own / "renamed.npz"
    with Project.open(report.folder) as restored:
        assert restored.body == own / "renamed.npz"
        assert restored.regressor == report.folder / "models" / "mine.safetensors"


def leftovers(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.mark.parametrize("stage", ["Copying", "Packing", "Hashing"])
def test_a_cancelled_bundle_leaves_nothing(tmp_path: Path, stage: str) -> None:
    with build_project(tmp_path, 3) as project:
        before = leftovers(tmp_path)

        def stop(now: str, _done: int, _total: int) -> None:
            if now.startswith(stage):
                raise ServiceError("cancelled")

        with pytest.raises(ServiceError, match="cancelled"):
            bundle_project(project, tmp_path / "a.exemplar", on_stage=stop)
        assert leftovers(tmp_path) == before


@pytest.mark.parametrize("stage", ["Unpacking", "Checking the database", "Checking the pictures"])
def test_a_cancelled_restore_leaves_nothing(tmp_path: Path, stage: str) -> None:
    bundle = bundle_of(tmp_path, build_project(tmp_path, 3))
    before = leftovers(tmp_path)

    def stop(now: str, _done: int, _total: int) -> None:
        if now.startswith(stage):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        restore_bundle(bundle, tmp_path / "far" / "away" / "copy", [str(tmp_path / "pictures")], on_stage=stop)
    assert leftovers(tmp_path) == before


def test_places_that_are_taken_are_refused(tmp_path: Path) -> None:
    project = build_project(tmp_path, 1)
    bundle = tmp_path / "a.exemplar"
    made: BundleReport = bundle_project(project, bundle)
    with pytest.raises(ServiceError, match="exists already"):
        bundle_project(project, bundle)
    assert bundle_project(project, bundle, replace=True).size_bytes == made.size_bytes
    (tmp_path / "thesis.txt").write_text("years of work", encoding="utf-8")
    for place, words in (
        (tmp_path / "thesis.txt", "is no bundle"),
        (tmp_path, "is a folder"),
        (tmp_path / "nowhere" / "a.exemplar", "does not exist"),
        (project.folder / "project.db-wal", "is the database"),
    ):
        with pytest.raises(ServiceError, match=words):
            bundle_project(project, place, replace=True)
    project.close()
    for place, words in (
        (tmp_path / "project", "holds a project already"),
        (tmp_path / "pictures", "is not empty"),
        (tmp_path / "thesis.txt", "is a file"),
    ):
        with pytest.raises(ServiceError, match=words):
            restore_bundle(bundle, place)
    (tmp_path / "empty").mkdir()
    assert restore_bundle(bundle, tmp_path / "empty").folder == tmp_path / "empty"


def test_leaving_the_hashing_early_ends_its_threads(tmp_path: Path) -> None:
    for number in range(40):
        write_picture(tmp_path / f"{number}.jpg", number)
    facts = iter_facts(sorted(tmp_path.iterdir()), lambda path: path, with_hashes=True)
    path, first = next(facts)
    facts.close()  # type: ignore[attr-defined]
    assert first.sha256 == hash_file(path)
