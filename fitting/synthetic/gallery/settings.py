"""What a gallery of synthetic pictures is made of; all shares are probabilities."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from fitting.synthetic.visibility import VisibilitySettings

CHUNK = 32
"""Pictures that share one source of chance, and are written and resumed together."""


@dataclass(frozen=True, slots=True)
class GallerySettings:
    """How pictures are made.

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
        backgrounds: Pictures (or a folder of them) to take backgrounds from besides the painted ones.
        background_share: Share of pictures that take one, where there are any.
        labelled_when_hidden: Share of hidden joints that an annotator places all the same.
        noise_px: Standard deviation of the annotated keypoints' error.
        visibility: How people are cut, and which keypoints are not labelled.
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
    backgrounds: tuple[Path, ...] = ()
    background_share: float = 0.6
    labelled_when_hidden: float = 0.8
    noise_px: float = 0.0
    visibility: VisibilitySettings = field(default_factory=VisibilitySettings)
