"""The held-out synthetic people: a folder that ``main.py synth`` has written, frozen by the hashes of its manifest.

Nothing of it is made anew, so no change to the generator moves it; what differs from the manifest is refused, because a
figure measured on a changed set compares with nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from fitting.errors import AssetError
from fitting.evaluation.annotations import Annotation, read_annotations
from fitting.evaluation.people_sets import EvaluatedPerson, PeopleSet
from fitting.spec import BodyFit, Box
from resources.plain_npz import PlainNpzError, read_plain_npz_bytes

FORMAT: Final = "exemplar-synthetic 1"
NAME: Final = "synthetic"
_MANIFEST: Final = "manifest.json"
_ANNOTATIONS: Final = "annotations.json"
_TRUTH: Final = "truth.npz"
_CURE: Final = "restore it from the release or make another by 'main.py synth'"
_SHAPES: Final[Mapping[str, tuple[int, ...]]] = {
    "annotation_id": (),
    "rotations": (24, 3, 3),
    "betas": (10,),
    "camera": (3,),
    "center_px": (2,),
    "scale": (),
}
"""What is read of the truth: numbers a person. Its exact projections are for whoever trains on such a set."""
_WORDS: Final = ("tags", "family")


@dataclass(frozen=True, slots=True)
class _Manifest:
    files: Mapping[str, str]
    body_sha256: str
    sha256: str


def read_synthetic(folder: Path, body_sha256: str) -> PeopleSet:
    """People of a held-out set, after every file has been found to be the one of the manifest.

    Args:
        folder: The set.
        body_sha256: Body that methods fit with; the truth is of one body and no other.

    Raises:
        AssetError: The folder is no such set, it has been changed, or it is of another body.
    """
    manifest = _read_manifest(folder)
    if manifest.body_sha256 != body_sha256:
        raise AssetError(
            f"The people of {folder} are of another body (its hash begins with {manifest.body_sha256[:12]}), so their"
            " truth is not this body's; name the body they were made with, or make another set by 'main.py synth'."
        )
    contents = {name: _read_unchanged(folder, name, digest, manifest) for name, digest in _kept_files(manifest, folder)}
    annotations = read_annotations(contents[_ANNOTATIONS], folder / _ANNOTATIONS, everybody=True)
    truth = _read_truth(contents[_TRUTH], folder / _TRUTH, annotations)
    people = tuple(_build_person(folder, row, annotation, truth) for row, annotation in enumerate(annotations))
    for person in people:
        if person.picture.relative_to(folder).as_posix() not in manifest.files:
            raise AssetError(f"{person.picture} is not in the manifest of its set; {_CURE}.")
    return PeopleSet(NAME, manifest.sha256, people)


def _read_manifest(folder: Path) -> _Manifest:
    content = _read(folder / _MANIFEST)
    try:
        document = json.loads(content)
        if document["format"] != FORMAT:
            raise AssetError(
                f"{folder} is a set of the format {document['format']!r}, known is {FORMAT!r}; update the program or"
                " name another folder."
            )
        files = {str(name): str(digest) for name, digest in document["files"].items()}
        body = str(document["body_sha256"])
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise AssetError(f"{folder / _MANIFEST} is no manifest of a set ({error!r}); {_CURE}.") from error
    for name in (_ANNOTATIONS, _TRUTH):
        if name not in files:
            raise AssetError(f"{folder / _MANIFEST} does not list {name}; {_CURE}.")
    return _Manifest(files, body, hashlib.sha256(content).hexdigest())


def _kept_files(manifest: _Manifest, folder: Path) -> list[tuple[str, str]]:
    """The files whose content is read here; the pictures are only hashed, one after the other."""
    for name, digest in manifest.files.items():
        if Path(name).is_absolute() or ".." in Path(name).parts:
            raise AssetError(f"{folder / _MANIFEST} lists {name!r}, which is not in the folder; {_CURE}.")
        if name not in (_ANNOTATIONS, _TRUTH):
            _read_unchanged(folder, name, digest, manifest)
    return [(name, manifest.files[name]) for name in (_ANNOTATIONS, _TRUTH)]


def _read_unchanged(folder: Path, name: str, digest: str, manifest: _Manifest) -> bytes:
    content = _read(folder / name)
    if hashlib.sha256(content).hexdigest() != digest:
        raise AssetError(
            f"{folder / name} is not the file of the set's manifest ({len(manifest.files)} files): the set has been"
            f" changed and figures on it would compare with nothing; {_CURE}."
        )
    return content


def _read(path: Path) -> bytes:
    try:
        if path.exists() and not path.is_file():
            raise AssetError(f"{path} is no file; {_CURE}.")
        return path.read_bytes()
    except OSError as error:
        raise AssetError(f"{path} cannot be read ({error.strerror}); name a folder of 'main.py synth'.") from error


def _read_truth(content: bytes, path: Path, annotations: list[Annotation]) -> dict[str, NDArray[Any]]:
    try:
        arrays = read_plain_npz_bytes(content, path)
    except PlainNpzError as error:
        raise AssetError(f"{error} The set is broken; {_CURE}.") from error
    count = len(annotations)
    for name, shape in _SHAPES.items():
        array = arrays.get(name)
        if array is None or array.shape != (count, *shape):
            have = "nothing" if array is None else f"shape {array.shape}"
            raise AssetError(f"Of '{name}' {path} has {have}, expected shape {(count, *shape)}; {_CURE}.")
        if array.dtype.kind not in "fiu" or not np.isfinite(array).all():
            raise AssetError(f"'{name}' in {path} holds something that is no number; {_CURE}.")
    for name in _WORDS:
        array = arrays.get(name)
        if array is None or array.shape != (count,) or array.dtype.kind != "U":
            raise AssetError(f"{path} has no words '{name}' for its {count} people; {_CURE}.")
    if arrays["annotation_id"].tolist() != [annotation.annotation_id for annotation in annotations]:
        raise AssetError(f"{path} is not in the order of {_ANNOTATIONS}; {_CURE}.")
    return arrays


def _build_person(folder: Path, row: int, annotation: Annotation, truth: Mapping[str, NDArray[Any]]) -> EvaluatedPerson:
    fit = BodyFit(truth["rotations"][row], truth["betas"][row], truth["camera"][row])
    return EvaluatedPerson(
        person_id=annotation.annotation_id,
        label=f"person {annotation.annotation_id}",
        keypoints_px=annotation.keypoints_px,
        box=Box(truth["center_px"][row].astype(np.float64), float(truth["scale"][row])),
        extent_px=max(annotation.rectangle[2:]),
        picture=folder / "images" / annotation.file_name.removeprefix("images/"),
        picture_size_px=annotation.picture_size_px,
        truth=fit,
        tags=frozenset(str(truth["tags"][row]).split()),
        family=str(truth["family"][row]),
    )
