"""Synthetic pictures by the thousand: what is wanted, and the jobs that make it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from fitting.spec.body import JobId


@dataclass(frozen=True, slots=True)
class GallerySettings:
    """How pictures are made; shares are probabilities.

    Attributes:
        person_px: Smallest and largest square box of the main person, pixels.
        largest_px: Longest side of a picture, pixels.
        weak_share: Share of pictures without perspective.
        close_share: Share with the camera at ``close_m`` (strong foreshortening); the others at ``distance_m``.
        distance_m, close_m: Nearest and farthest camera, metres before the main person's pelvis.
        company: Share of pictures with one, and with two, further people.
        occluder: Share with something in front of the main person.
        blank: Share of plain backgrounds.
        grey: Share without colour.
        backgrounds: Folder of pictures to take backgrounds from besides the painted ones.
        background_share: Share of pictures that take one, where there are any.
        labelled_when_hidden: Share of hidden joints that an annotator places all the same.
        noise_px: Standard deviation of the annotated keypoints' error.
        least_keypoints: People with fewer of the 17 are in the pictures but not annotated.
    """

    person_px: tuple[int, int] = (120, 200)
    largest_px: int = 300
    weak_share: float = 0.2
    close_share: float = 0.1
    distance_m: tuple[float, float] = (2.5, 14.0)
    close_m: tuple[float, float] = (1.5, 2.5)
    company: tuple[float, float] = (0.22, 0.08)
    occluder: float = 0.3
    blank: float = 0.12
    grey: float = 0.06
    backgrounds: Path | None = None
    background_share: float = 0.6
    labelled_when_hidden: float = 0.8
    noise_px: float = 0.0
    least_keypoints: int = 0


@dataclass(frozen=True, slots=True)
class GalleryOrder:
    """A gallery to make.

    Attributes:
        folder: Where it goes.
        people: Annotated people.
        seed: Of everything.
        body: Body file.
        settings: How pictures are made.
    """

    folder: Path
    people: int
    seed: int
    body: Path
    settings: GallerySettings = field(default_factory=GallerySettings)


@dataclass(frozen=True, slots=True)
class GalleryJob:
    """One step towards a gallery: ``begin``, each ``chunk`` in any order and process, ``finish``.

    Attributes:
        order: The gallery.
        step: What to do.
        number: Of the chunk; for ``finish`` how many chunks there are.
    """

    job_id: JobId
    order: GalleryOrder
    step: Literal["begin", "chunk", "finish"]
    number: int = 0


@dataclass(frozen=True, slots=True)
class GalleryResult:
    """What a step left.

    Attributes:
        people: After ``begin`` the people of a gallery that is finished already, else 0; after ``chunk`` those of the
            chunk; after ``finish`` all.
        images: Pictures of the finished gallery, else 0.
    """

    job_id: JobId
    people: int
    images: int = 0
