"""Which of a synthetic person's 17 COCO keypoints an annotator would have placed, and where."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import torch
from numpy.random import Generator

from fitting.spec import FloatArray, GallerySettings
from fitting.synthetic.gallery.artist import SeenPerson
from fitting.synthetic.gallery.settings import VISIBILITY
from fitting.synthetic.visibility import hide_by_chance
from resources.skeleton import build_mapping, get_skeleton

_COCO = get_skeleton("coco17")
_FACE = [index for index, name in enumerate(_COCO.joints) if name.split("_")[-1] in {"nose", "eye", "ear"}]


def annotate_people(people: Sequence[SeenPerson], settings: GallerySettings, rng: Generator) -> FloatArray:
    """Keypoints ``(N, 17, 3)`` x, y, v of COCO: 0 not labelled, 1 hidden, 2 visible.

    Hidden points of the face are not labelled, as in COCO; other hidden joints mostly are. Some go missing at random
    or by limb. Never fewer than what :class:`~fitting.synthetic.visibility.VisibilitySettings` keeps.
    """
    to_49 = _coco_in_spin49()
    keypoints = np.zeros((len(people), 17, 3))
    if not len(people):
        return keypoints
    visibility = np.stack([person.visibility[to_49] for person in people])
    labelled = visibility > 0
    hidden = visibility == 1
    labelled &= ~hidden | (rng.random(labelled.shape) < settings.labelled_when_hidden)
    labelled[:, _FACE] &= ~hidden[:, _FACE]
    kept = torch.zeros(len(people), 24, dtype=torch.bool)
    kept[:, _coco_in_spin24()] = torch.from_numpy(labelled)
    generator = torch.Generator().manual_seed(int(rng.integers(2**62)))
    labelled = hide_by_chance(kept, generator, VISIBILITY)[:, _coco_in_spin24()].numpy()
    places = np.stack([person.joints_px[to_49] for person in people])
    places = places + settings.noise_px * rng.standard_normal(places.shape)
    keypoints[..., :2] = places * labelled[..., None]
    keypoints[..., 2] = visibility * labelled
    return keypoints


@lru_cache(maxsize=1)
def _coco_in_spin49() -> list[int]:
    return [target for _, target in build_mapping(_COCO, get_skeleton("spin49"))]


@lru_cache(maxsize=1)
def _coco_in_spin24() -> list[int]:
    return [target for _, target in build_mapping(_COCO, get_skeleton("spin24"))]
