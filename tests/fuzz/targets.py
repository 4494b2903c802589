"""What is attacked, and what must hold whatever the files are."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from app.services.bundle.restoring import restore_bundle
from app.services.bundle.writing import bundle_project
from app.services.errors import ServiceError
from app.services.importing import import_dataset
from app.services.project import Project
from db.errors import StoreError
from db.formats import FORMATS, get_fit_reader, get_reader, sniff_fits, sniff_people
from db.formats.base import DatasetDetails, ImportedImage, ImportedPerson, ImportProblem
from db.formats.errors import FormatError
from db.formats.fits import FitSample
from db.rater_package.names import name_picture
from db.rater_package.package import RaterPackage
from db.rater_package.returning import read_returned
from db.rater_package.votes_file import read_votes
from db.rater_package.voting import find_vote_fault
from resources.skeleton import get_skeleton
from tests.helpers.builders import build_project
from tests.helpers.fit_exports import make_examples, write
from tests.helpers.people_examples import EXAMPLES
from tests.helpers.rater_packages import build_package, cast_vote


@dataclass(frozen=True, slots=True)
class Target:
    """A format under attack.

    Attributes:
        make: Writes a sound source into an empty folder and gives it.
        files: Names of the files below the folder to spoil; the source if empty.
        everything: Spoil any file of the folder.
        attack: Reads the spoilt source, given with the folder of pictures, and imports it too if told; raises whatever
            must not be.
    """

    make: Callable[[Path], Path]
    files: tuple[str, ...]
    attack: Callable[[Path, Path, bool], None]
    everything: bool = False

    def list_files(self, folder: Path, source: Path) -> list[Path]:
        """The files to spoil."""
        if self.files:
            return [folder / name for name in self.files]
        if self.everything or source.is_dir():
            return sorted(path for path in folder.rglob("*") if path.is_file())
        return [source]


def check_people(name: str, source: Path, folder: Path, whole: bool) -> None:
    """A reader gives records fit for use, or refuses in one line that names the file; so does a whole import."""
    try:
        for record in get_reader(name)(source, folder):
            _check_record(record)
    except FormatError as error:
        _check_sentence(str(error))
    _sniff(sniff_people, source)
    if whole:
        _import(name, source, folder)


def _import(name: str, source: Path, folder: Path) -> None:
    with Project.create(folder.parent / "project") as project:
        try:
            report = import_dataset(project, name, source, folder)
        except FormatError as error:
            _check_sentence(str(error))
            return
        assert json.dumps(report.as_dict())
        again = import_dataset(project, name, source, folder)
        assert again.people.new == 0, "importing again stored people"
        assert (again.people.same, again.people.conflicting) == (
            report.people.same + report.people.new,
            report.people.conflicting,
        )
        assert project.store.verify_heads() == ()


def check_fits(name: str, source: Path, _folder: Path, _whole: bool) -> None:
    """A reader of fits gives samples fit for use, or refuses."""
    _sniff(sniff_fits, source)
    try:
        for record in get_fit_reader(name)(source):
            if isinstance(record, FitSample):
                assert np.isfinite(record.rotations).all()
                assert np.isfinite(record.betas).all()
            else:
                _check_sentence(str(record))
    except FormatError as error:
        _check_sentence(str(error))


def _sniff(sniff: Callable[[Path], str], source: Path) -> None:
    try:
        assert sniff(source) in FORMATS
    except FormatError as error:
        _check_sentence(str(error))


def _check_record(record: object) -> None:
    match record:
        case ImportedImage():
            assert ".." not in Path(record.path).parts
            assert not Path(record.path).is_absolute()
        case ImportedPerson():
            assert record.keypoints.shape == (len(get_skeleton(record.skeleton)), 3)
            assert np.isfinite(record.keypoints).all()
            assert np.isin(record.keypoints[:, 2], (0, 1, 2)).all()
            assert np.isfinite((*record.bbox_xywh, *record.box_center_px, record.box_scale)).all()
            assert record.box_scale > 0
        case DatasetDetails():
            assert isinstance(json.loads(record.content), dict)
        case ImportProblem():
            _check_sentence(str(record))
        case _:
            raise AssertionError(f"a reader gave {record!r}")


def _check_sentence(text: str) -> None:
    assert text.strip(), "an empty sentence"
    assert "\n" not in text, f"more than one line: {text!r}"
    assert "Traceback" not in text


def _people_target(name: str) -> Target:
    example, format_name = EXAMPLES[name], name.split("/", maxsplit=1)[0]
    return Target(example.write, example.files, partial(check_people, format_name))


def _fits_target(name: str) -> Target:
    return Target(
        lambda folder: write(name, folder, make_examples(name)).path,
        (),
        partial(check_fits, name),
        everything=True,
    )


def _make_bundle(folder: Path) -> Path:
    with build_project(folder / "project", people=2) as project:
        return bundle_project(project, folder / "project.exemplar").path


def check_bundle(source: Path, folder: Path, _whole: bool) -> None:
    """A project comes out of a bundle as a whole, or nothing does and the sentence says why."""
    restored = folder.parent / "restored"
    try:
        restore_bundle(source, restored, (str(folder / "project" / "pictures"),))
    except (ServiceError, StoreError) as error:
        _check_sentence(str(error))
        assert not restored.exists() or not any(restored.iterdir()), "a refused bundle left something"
        return
    with Project.open(restored) as project:
        assert project.store.verify_heads() == ()


def _make_package(folder: Path) -> Path:
    with build_package(folder / "package", seats=2, trials=5) as package:
        place = package.sit_down("Ann")
        cast_vote(package, place)
        cast_vote(package, place)
    return folder / "package"


def check_package(source: Path, folder: Path, _whole: bool) -> None:
    """A package opens and can be rated in and collected from, or refuses in one line."""
    usual = tempfile.tempdir
    tempfile.tempdir = str(folder.parent)
    try:
        for vote in read_returned(source).votes:
            find_vote_fault(vote)
        with RaterPackage.open(source) as package:
            place = package.sit_down("Ann")
            while (trial := cast_vote(package, place)) is not None:
                for name in (*trial.left, *trial.right):
                    assert name_picture(package.picture(name)) == name
            assert json.dumps([seat.done for seat in package.status()])
    except StoreError as error:
        _check_sentence(str(error))
    finally:
        tempfile.tempdir = usual


def _make_votes(folder: Path) -> Path:
    package = _make_package(folder)
    with RaterPackage.open(package) as opened:
        opened.write_votes(folder / "votes.json")
    shutil.rmtree(package)
    return folder / "votes.json"


def check_votes(source: Path, _folder: Path, _whole: bool) -> None:
    """Votes come out of a file, each with a verdict, or none does."""
    try:
        votes = read_votes(source).votes
    except StoreError as error:
        _check_sentence(str(error))
        return
    for vote in votes:
        fault = find_vote_fault(vote)
        if fault is not None:
            _check_sentence(fault)
        else:
            assert np.isfinite((vote.response_s, vote.enlarged_s)).all()


TARGETS: Mapping[str, Target] = {
    "bundle": Target(_make_bundle, ("project.exemplar",), check_bundle),
    "rater package": Target(_make_package, ("package/package.json", "package/session.db"), check_package),
    "votes": Target(_make_votes, ("votes.json",), check_votes),
    **{name: _people_target(name) for name in EXAMPLES},
    **{f"{name} fits": _fits_target(name) for name, row in FORMATS.items() if row.imports_fits},
}
