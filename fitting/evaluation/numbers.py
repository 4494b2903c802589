"""Files of results: for each person of a set what a method made of them, kept beside the report and used again.

The file's name carries a hash of everything that could change a figure (weights, body, prior, options, set, code); a
file that is there under the name is therefore the answer, and half of one is half the answer. Everything is written
whole, beside its place.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from fitting.errors import AssetError
from fitting.evaluation.people_sets import TOO_FEW, EvaluatedPerson
from fitting.evaluation.scores import COLUMNS, Numbers
from fitting.regressor.card import write_whole
from fitting.spec import BodyFit
from resources.plain_npz import PlainNpzError, read_plain_npz

FORMAT: Final = "exemplar-evaluation 1"
"""Raised whenever a figure is computed differently: earlier files are then left alone."""
_BODY: Final = {"rotations": (24, 3, 3), "betas": (10,), "camera": (3,)}


@dataclass(frozen=True, slots=True, eq=False)
class PersonNumbers:
    """Results for the first K people of a set.

    Attributes:
        about: What was measured: set, method, hashes, options, as plain data.
        people: ``(K,)`` each: ``id`` of the annotation, ``label`` for messages, ``labelled`` keypoints, ``tags``
            separated by spaces, ``family`` of poses, ``failure``: a sentence, empty where there is a fit.
        columns: Figures ``(K,)`` by name, NaN where there is no fit.
        fits: ``rotations``, ``betas`` and ``camera`` of the fits, NaN where there is none.
    """

    about: Mapping[str, Any]
    people: dict[str, NDArray[Any]]
    columns: Numbers
    fits: dict[str, NDArray[np.float32]]

    def __len__(self) -> int:
        return len(self.people["id"])

    @property
    def failures(self) -> list[tuple[str, str]]:
        """Label and sentence of everybody for whom the method failed."""
        pairs = zip(self.people["label"], self.people["failure"], strict=True)
        return [(str(label), str(why)) for label, why in pairs if why and TOO_FEW not in str(why)]

    @property
    def too_few(self) -> int:
        """People who were not fitted because next to nothing of them is labelled."""
        return sum(TOO_FEW in str(why) for why in self.people["failure"])

    def first(self, count: int | None) -> PersonNumbers:
        """The same of the first people only."""
        people, columns, fits = (
            {name: values[:count] for name, values in arrays.items()}
            for arrays in (self.people, self.columns, self.fits)
        )
        return PersonNumbers(self.about, people, columns, fits)

    def then(self, more: PersonNumbers) -> PersonNumbers:
        """These people and the next ones."""
        people, columns, fits = (
            {name: np.concatenate((values, theirs[name])) for name, values in ours.items()}
            for ours, theirs in ((self.people, more.people), (self.columns, more.columns), (self.fits, more.fits))
        )
        return PersonNumbers(self.about, people, columns, fits)


_PEOPLE: Final = ("id", "label", "labelled", "tags", "family", "failure")


def numbers_path(folder: Path, about: Mapping[str, Any]) -> Path:
    """Where the results of ``about`` lie."""
    digest = hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()
    name = f"{about['set']}-{about['method']}".replace(" ", "-")
    return folder / f"{name}-{digest[:16]}.npz"


def build_numbers(
    about: Mapping[str, Any],
    people: Sequence[EvaluatedPerson],
    failures: Sequence[str],
    columns: Numbers,
    fits: Sequence[BodyFit | None],
) -> PersonNumbers:
    """Results of some people; ``columns`` has a row for everybody, ``fits`` None and ``failures`` a sentence."""
    kept = {name: np.full((len(people), *shape), np.nan, dtype=np.float32) for name, shape in _BODY.items()}
    for row, fit in enumerate(fits):
        if fit is not None:
            for name in _BODY:
                kept[name][row] = getattr(fit, name)
    described = {
        "id": np.array([person.person_id for person in people], dtype=np.int64),
        "label": np.array([person.label for person in people], dtype=np.str_),
        "labelled": np.array([person.labelled for person in people], dtype=np.int64),
        "tags": np.array([" ".join(sorted(person.tags)) for person in people], dtype=np.str_),
        "family": np.array([person.family for person in people], dtype=np.str_),
        "failure": np.array(failures, dtype=np.str_),
    }
    return PersonNumbers(about, described, columns, kept)


def write_numbers(path: Path, numbers: PersonNumbers) -> None:
    """Write results, whole or not at all.

    Raises:
        AssetError: The disk refuses.
    """
    arrays: dict[str, Any] = {"about": np.array(json.dumps(numbers.about, sort_keys=True))}
    arrays |= {f"person_{name}": values for name, values in numbers.people.items()}
    arrays |= {f"column_{name}": values for name, values in numbers.columns.items()}
    arrays |= {f"fit_{name}": values for name, values in numbers.fits.items()}
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, buffer.getvalue())
    except OSError as error:
        raise AssetError(f"{path} cannot be written ({error.strerror}); free space or name another folder.") from error


def read_numbers(path: Path) -> PersonNumbers:
    """Read results.

    Raises:
        AssetError: It is no file of :func:`write_numbers`.
    """
    try:
        arrays = read_plain_npz(path)
        about = json.loads(str(arrays["about"]))
        people = {name: arrays[f"person_{name}"] for name in _PEOPLE}
        columns = {name: arrays[f"column_{name}"] for name in COLUMNS}
        fits = {name: arrays[f"fit_{name}"] for name in _BODY}
        if len({len(array) for array in (*people.values(), *columns.values(), *fits.values())}) != 1:
            raise ValueError("arrays of different lengths")
        if about["format"] != FORMAT:
            raise ValueError(f"format {about['format']!r}")
    except (PlainNpzError, ValueError, LookupError, TypeError) as error:
        raise AssetError(
            f"{path} holds no results of an evaluation ({error}); remove it, then evaluate again."
        ) from error
    return PersonNumbers(about, people, columns, fits)
