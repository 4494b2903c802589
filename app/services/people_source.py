"""Pictures and people of a project as formats of people write them, fetched in pieces."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import PurePath

import numpy as np

from db.formats.parts.rotations import matrix_to_axis_angle
from db.formats.people_export import ExportedImage, ExportedPerson
from db.records import FitRecord, ImageId, ImageRecord, PersonHead, PersonId, PersonRecord
from db.transactions import Reading

_PIECE = 500
_AS_IT_CAME = "coco"
"""Format whose entries are complete as they are; its relatives leave fields of COCO out."""


class StoredPeople:
    """What a selection of people is written from (a :class:`~db.formats.people_export.PeopleSource`)."""

    def __init__(
        self,
        reader: Reading,
        chosen: Collection[PersonId] | None,
        *,
        with_ours: bool,
        on_person: Callable[[int], None] = lambda done: None,
    ) -> None:
        """Read ids.

        Args:
            reader: Transaction to read in.
            chosen: Whom; None for everybody, with all pictures of the project.
            with_ours: Decisions and fits go with them.
            on_person: Called with the number of people on their way.
        """
        self._reader = reader
        self._chosen = chosen
        self._with_ours = with_ours
        self._on_person = on_person
        self._formats = reader.details.list_sources()
        self._sources = {PurePath(source).stem: source for source in reversed(self._formats)}
        self._image_ids: frozenset[ImageId] | None = None
        if chosen is not None:
            self._image_ids = frozenset(person.image_id for person in self._iter_records())

    @property
    def datasets(self) -> Sequence[tuple[str, bytes]]:
        """Files people came with, and what each said of itself, if it is of COCO's shape."""
        found: list[tuple[str, bytes]] = []
        for source in self._list_sources():
            content = self._reader.details.of_dataset(source)
            if content is not None and b'"categories"' in content:
                found.append((source, content))
        return found

    def _list_sources(self) -> list[str]:
        """Sources in the order of import."""
        met = dict.fromkeys(person.source for person in self._iter_records())
        return [source for source in met if source in self._formats]

    def iter_image_ids(self) -> Iterator[tuple[int, str | None]]:
        """Key and id of every picture."""
        return ((image.id, image.external_id) for image in self._iter_image_records())

    def iter_person_ids(self) -> Iterator[str | None]:
        """Id of everybody."""
        return (person.external_id for person in self._iter_records())

    def iter_images(self) -> Iterator[ExportedImage]:
        """Every picture."""
        images = self._iter_image_records()
        while piece := list(islice(images, _PIECE)):
            details = self._reader.details.of_images([image.id for image in piece])
            for image in piece:
                yield ExportedImage(
                    key=image.id,
                    path=image.path,
                    width=image.width,
                    height=image.height,
                    external_id=image.external_id,
                    source=self._sources.get(image.dataset, ""),
                    details=details.get(image.id),
                )

    def iter_people(self) -> Iterator[ExportedPerson]:
        """Everybody, with the newest keypoints."""
        people, done = self._iter_records(), 0
        while piece := list(islice(people, _PIECE)):
            for person in self._build_piece(piece):
                done += 1
                self._on_person(done)
                yield person

    def _build_piece(self, piece: list[PersonRecord]) -> Iterator[ExportedPerson]:
        ids = [person.id for person in piece]
        details = self._reader.details.of_people(ids)
        arrays = self._reader.keypoints.arrays_of(ids)
        ours = self._find_ours(ids) if self._with_ours else {}
        for person in piece:
            if not arrays[person.id]:
                continue
            (first_layout, first), (skeleton, keypoints) = arrays[person.id][0], arrays[person.id][-1]
            yield ExportedPerson(
                image_key=person.image_id,
                external_id=person.external_id,
                bbox_xywh=person.bbox_xywh,
                area=person.area,
                is_crowd=person.is_crowd,
                skeleton=skeleton,
                keypoints=keypoints,
                is_edited=first_layout != skeleton or not np.array_equal(first, keypoints),
                source=person.source,
                details=details.get(person.id),
                is_completed=self._formats.get(person.source, _AS_IT_CAME) != _AS_IT_CAME,
                ours=ours.get(person.id),
            )

    def _find_ours(self, ids: list[PersonId]) -> Mapping[PersonId, Mapping[str, object]]:
        """State and fit of those who have been fitted or decided on."""
        heads = self._reader.queue.heads(ids)
        fits = {
            fit.person_id: fit
            for fit in self._reader.fits.get_many([head.fit_id for head in heads.values() if head.fit_id is not None])
        }
        return {
            person_id: _describe(head, fits.get(person_id))
            for person_id, head in heads.items()
            if head.fit_id is not None or head.decision_id is not None
        }

    def _iter_records(self) -> Iterator[PersonRecord]:
        everybody = self._reader.people.iter_all()
        if self._chosen is None:
            return everybody
        return (person for person in everybody if person.id in (self._chosen or ()))

    def _iter_image_records(self) -> Iterator[ImageRecord]:
        images = self._reader.images.iter_all()
        if self._image_ids is None:
            return images
        return (image for image in images if image.id in (self._image_ids or ()))


def _describe(head: PersonHead, fit: FitRecord | None) -> dict[str, object]:
    said: dict[str, object] = {"state": head.state}
    if head.reasons:
        said["reasons"] = list(head.reasons)
    # A stale fit belongs to other keypoints than the ones it would stand beside.
    if fit is not None and fit.revision_id == head.revision_id:
        said["fit"] = {
            "method": fit.method,
            "pose": matrix_to_axis_angle(fit.rotations).ravel().tolist(),
            "betas": fit.betas.tolist(),
            "camera": fit.camera.tolist(),
            "box_center_px": fit.box_center_px.tolist(),
            "box_scale": fit.box_scale,
            "l2d": fit.l2d,
            "rms_px": fit.rms_px,
            "body_sha256": fit.body_hash,
        }
    return said
