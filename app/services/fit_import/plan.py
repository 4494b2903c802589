"""What an import of fits would write: each sample compared with what is stored, nothing decided by guessing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import numpy as np

from app.services.fit_import.newcomers import Newcomer, build_newcomer
from app.services.fit_import.report import FitImportTally
from app.services.keypoint_layouts import to_spin49
from app.services.matching import Candidate, Match, Matcher
from app.services.whom_to_fit import DECIDED_STATES
from db.formats.fits import FitSample
from db.formats.parts.boxes import Bbox
from db.formats.parts.checks import ItemError
from db.records import ChangeId, FitRecord, FloatArray, ImageId, PersonHead, PersonId
from db.standings import Standing
from db.transactions import Reading

_PIECE = 500


@dataclass(frozen=True, slots=True, eq=False)
class KnownFit:
    """A sample of a person of the project, with what was current when it was compared."""

    number: int
    sample: FitSample
    head: PersonHead
    keypoints_px: FloatArray
    box_center_px: tuple[float, float]
    box_scale: float
    rectangle_px: Bbox
    image_size_px: tuple[int, int]


@dataclass(frozen=True, slots=True, eq=False)
class NewcomersFit:
    """A sample that brings its person along."""

    number: int
    sample: FitSample
    newcomer: Newcomer
    keypoints_px: FloatArray

    @property
    def box_center_px(self) -> tuple[float, float]:
        """Centre of the person's box."""
        return self.newcomer.box_center_px

    @property
    def box_scale(self) -> float:
        """Scale of the person's box."""
        return self.newcomer.box_scale

    @property
    def rectangle_px(self) -> Bbox:
        """The person's rectangle."""
        return self.newcomer.bbox_xywh

    @property
    def image_size_px(self) -> tuple[int, int]:
        """Width and height of the picture."""
        return self.newcomer.size.width, self.newcomer.size.height


PlannedFit: TypeAlias = KnownFit | NewcomersFit


@dataclass(slots=True)
class Plan:
    """What is to be written.

    Attributes:
        made_at: The newest change when it was made.
        fits: New fits, of people known and new.
        known_images: Stored pictures of the folder of images, by path.
        people_in_image: Number of people each stored picture has.
    """

    made_at: ChangeId | None
    fits: list[PlannedFit] = field(default_factory=list)
    known_images: dict[str, ImageId] = field(default_factory=dict)
    people_in_image: dict[ImageId, int] = field(default_factory=dict)


def build_plan(
    reader: Reading,
    samples: Sequence[FitSample],
    tally: FitImportTally,
    images: Path | None,
    *,
    replace_decided: bool,
) -> Plan:
    """Compare samples with what is stored; what comes to nothing is counted and listed in ``tally``.

    Args:
        reader: Transaction to read in.
        samples: Fits of the file.
        tally: Counts; its ``method`` is the label of the fits.
        images: Folder whose pictures may bring new people.
        replace_decided: A new fit may take the place of one that was decided on.
    """
    return _Planner(reader, tally, images, replace_decided).plan(samples)


class _Planner:
    def __init__(self, reader: Reading, tally: FitImportTally, images: Path | None, replace_decided: bool) -> None:
        self._reader = reader
        self._tally = tally
        self._images = images
        self._replace_decided = replace_decided
        self._surroundings: dict[PersonId, tuple[Bbox, tuple[int, int]]] = {}
        self._plan = Plan(reader.changes.latest_id())
        self._candidates = self._read_people()
        self._standings: dict[PersonId, Standing] = reader.methods.standings(tally.method)

    def plan(self, samples: Sequence[FitSample]) -> Plan:
        matcher = Matcher(self._candidates.values(), self._find_keypoints)
        claims: dict[PersonId, list[int]] = defaultdict(list)
        strangers: list[tuple[int, Match]] = []
        for number, sample in enumerate(samples):
            match = matcher.match(sample)
            if match.person_id is not None:
                claims[match.person_id].append(number)
            elif match.ambiguous:
                self._tally.add("ambiguous", _name(sample), match.reason)
            else:
                strangers.append((number, match))
        for piece in _pieces(claims.items()):
            self._plan_known(samples, dict(piece))
        self._plan_strangers(samples, strangers)
        return self._plan

    def _read_people(self) -> dict[PersonId, Candidate]:
        paths: dict[ImageId, str] = {}
        sizes: dict[ImageId, tuple[int, int]] = {}
        root = None if self._images is None else str(self._images)
        for image in self._reader.images.iter_all():
            paths[image.id] = image.path
            sizes[image.id] = (image.width, image.height)
            if image.root == root:
                self._plan.known_images[image.path] = image.id
        people: dict[PersonId, Candidate] = {}
        counts = self._plan.people_in_image
        for person in self._reader.people.iter_all():
            counts[person.image_id] = max(counts.get(person.image_id, 0), person.ordinal + 1)
            self._surroundings[person.id] = (person.bbox_xywh, sizes[person.image_id])
            people[person.id] = Candidate(
                person.id, person.external_id, paths[person.image_id], person.box_center_px, person.box_scale
            )
        return people

    def _find_keypoints(self, person_id: PersonId) -> FloatArray | None:
        revision = self._reader.keypoints.current(person_id)
        return None if revision is None else to_spin49(revision)

    def _plan_known(self, samples: Sequence[FitSample], claims: dict[PersonId, list[int]]) -> None:
        heads = self._reader.queue.heads(claims)
        revisions = self._reader.keypoints.get_many(
            [head.revision_id for head in heads.values() if head.revision_id is not None]
        )
        stored = self._find_stored(claims, heads)
        for person_id, numbers in claims.items():
            number = self._settle(samples, numbers)
            head = heads[person_id]
            if number is None:
                continue
            sample = samples[number]
            if head.revision_id is None:
                self._tally.add("skipped", _name(sample), "its person has no keypoints to measure it on; label some")
            elif person_id in stored and _is_same(sample, stored[person_id]):
                self._tally.add("same")
            elif head.state in DECIDED_STATES and not self._replace_decided:
                reason = f"person {person_id} has been decided on ({head.state.replace('_', ' ')}); --replace-decided"
                self._tally.add("decided", _name(sample), f"{reason} stores it all the same")
            else:
                keypoints_px = to_spin49(revisions[head.revision_id])
                person = self._candidates[person_id]
                self._accept(
                    KnownFit(
                        number,
                        sample,
                        head,
                        keypoints_px,
                        person.box_center_px,
                        person.box_scale,
                        *self._surroundings[person_id],
                    )
                )

    def _find_stored(self, claims: Iterable[PersonId], heads: dict[PersonId, PersonHead]) -> dict[PersonId, FitRecord]:
        """The newest fit under the label, of people whose keypoints have not changed since it came."""
        standings = (self._standings[person] for person in claims if person in self._standings)
        fresh = [row.fit_id for row in standings if row.revision_id == heads[row.person_id].revision_id]
        return {fit.person_id: fit for fit in self._reader.fits.get_many(fresh)}

    def _settle(self, samples: Sequence[FitSample], numbers: Sequence[int]) -> int | None:
        """The one of several samples of the same person that counts; none if they differ."""
        first, *others = numbers
        if all(_equal(samples[first], samples[other]) for other in others):
            for _ in others:
                self._tally.add("same")
            return first
        for number in numbers:
            self._tally.add("ambiguous", _name(samples[number]), f"{len(numbers)} samples are of the same person")
        return None

    def _plan_strangers(self, samples: Sequence[FitSample], strangers: Sequence[tuple[int, Match]]) -> None:
        """People nobody knows: made from the sample if its picture is there, listed otherwise."""
        groups: dict[object, list[tuple[int, Newcomer]]] = defaultdict(list)
        for number, match in strangers:
            sample = samples[number]
            if self._images is None:
                self._tally.add("unmatched", _name(sample), match.reason)
                continue
            try:
                newcomer = build_newcomer(sample, self._images)
            except ItemError as error:
                self._tally.add("unmatched", _name(sample), f"{match.reason}, and {error}")
                continue
            identity = sample.annotation_id if sample.annotation_id is not None else sample.keypoints_px.tobytes()
            groups[newcomer.image_path, identity].append((number, newcomer))
        for group in groups.values():
            settled = self._settle(samples, [number for number, _ in group])
            if settled is not None:
                newcomer = next(person for number, person in group if number == settled)
                self._accept(NewcomersFit(settled, samples[settled], newcomer, newcomer.spin49_px))

    def _accept(self, planned: PlannedFit) -> None:
        self._plan.fits.append(planned)
        self._tally.add("new")
        if isinstance(planned, NewcomersFit):
            self._tally.new_people += 1


def _is_same(sample: FitSample, fit: FitRecord) -> bool:
    """Whether the stored fit is the sample; a camera that was solved is not the file's to compare."""
    if not (_same(sample.rotations, fit.rotations) and _same(sample.betas, fit.betas)):
        return False
    if sample.box_center_px is None or sample.box_scale is None:
        return True
    same_box = _same(sample.box_center_px, fit.box_center_px) and sample.box_scale == fit.box_scale
    return same_box and (sample.camera is None or _same(sample.camera, fit.camera))


def _equal(first: FitSample, second: FitSample) -> bool:
    return (
        _same(first.rotations, second.rotations)
        and _same(first.betas, second.betas)
        and _same(first.camera, second.camera)
        and _same(first.box_center_px, second.box_center_px)
        and first.box_scale == second.box_scale
    )


def _same(one: FloatArray | None, other: FloatArray | None) -> bool:
    return one is other or (one is not None and other is not None and np.array_equal(one, other))


def _name(sample: FitSample) -> str:
    return f"{sample.item} ({sample.image_name})" if sample.item else sample.image_name


def _pieces(
    claims: Iterable[tuple[PersonId, list[int]]], size: int = _PIECE
) -> Iterator[list[tuple[PersonId, list[int]]]]:
    rows = list(claims)
    return (rows[start : start + size] for start in range(0, len(rows), size))
