"""Doing a :class:`ConvertJob`: a published file becomes a safe one, whole or not at all."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from fitting.body.convert import convert_published
from fitting.errors import AssetError
from fitting.regressor.card import card_path, write_whole
from fitting.spec import ConvertJob, ConvertResult


def run_convert_job(job: ConvertJob) -> ConvertResult:
    """Check a published file and, with a target, write it anew.

    Raises:
        AssetError: The source is no such file or wants to run something; the target is taken or cannot be written.
    """
    if job.kind == "regressor":
        return _convert_regressor(job)
    converted = convert_published(job.source, job.kind)
    sha256 = _hash_file(job.source)
    if job.target is not None:
        sha256 = hashlib.sha256(converted.content).hexdigest()
        with _staging(job.target) as folder:
            write_whole(folder / job.target.name, converted.content)
            _publish([folder / job.target.name], job)
    notes = tuple(f"{note}." for note in converted.notes)
    return ConvertResult(job.job_id, converted.kind, job.target, sha256, f"{converted.summary}.", notes)


def _convert_regressor(job: ConvertJob) -> ConvertResult:
    from fitting.regressor.checkpoint import convert_checkpoint
    from fitting.regressor.loading import load_regressor

    if job.source.suffix == ".safetensors":
        if job.target is not None:
            raise AssetError(f"{job.source} is converted already; use it as it is.")
        card = load_regressor(job.source).card
        summary = f"{card.name}: a network of the kind {card.architecture}"
    elif job.target is None:
        card, summary = convert_checkpoint(job.source, None, job.camera)
    else:
        with _staging(job.target) as folder:
            staged = folder / job.target.name
            card, summary = convert_checkpoint(job.source, staged, job.camera)
            # The weights first: a pair that does not match is refused when it is loaded, never used.
            _publish([staged, card_path(staged)], job)
    return ConvertResult(job.job_id, "regressor", job.target, card.weights_sha256, f"{summary}.", ())


@contextmanager
def _staging(target: Path) -> Iterator[Path]:
    """A hidden folder beside the target, gone after the block; what the disk says within becomes a sentence."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".converting-") as folder:
            yield Path(folder)
    except OSError as error:
        raise AssetError(
            f"{target} cannot be written ({error.strerror or error}); choose another place or free the disk."
        ) from error


def _publish(staged: Sequence[Path], job: ConvertJob) -> None:
    """Move files that belong together to the target's folder, unless something else is in the place of one."""
    assert job.target is not None
    places = {path: job.target.parent / path.name for path in staged}
    for path, place in places.items():
        if place.resolve() == job.source.resolve():
            raise AssetError(f"{place} is the source itself; name another file to write.")
        if place.exists() and not job.replace and _hash_file(place) != _hash_file(path):
            raise AssetError(
                f"{place} is there already with other content; name another file to write, or add --force."
            )
    for path, place in places.items():
        path.replace(place)


def _hash_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
