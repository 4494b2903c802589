"""Clothes for the thousands: the demo's wardrobe with free colours and loose cuts, fast enough to wear once."""

from __future__ import annotations

import colorsys
from dataclasses import dataclass, replace

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags

from fitting.body.assets import BodyAsset
from fitting.render.shading import NormalOperator
from fitting.spec import FloatArray
from fitting.synthetic.appearance import color_places
from fitting.synthetic.figure import Figure, measure_figure
from fitting.synthetic.garments import along_leg, smoothness, thickness
from fitting.synthetic.noise import smooth_step
from fitting.synthetic.outfit import Color, Outfit, draw_outfit

_ROUNDS = 3


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """One person's clothes.

    Attributes:
        outfit: Cut and colours.
        offset: ``(V,)`` how far they stand off the skin, metres.
        soft: ``(V,)`` how far they hide the body's relief, 0-1.
        weave: ``(4, 4)`` waves of the cloth's pattern: direction and phase at rest places.
        weave_strength: Of the pattern in brightness.
    """

    outfit: Outfit
    offset: FloatArray
    soft: FloatArray
    weave: FloatArray
    weave_strength: float


class Wardrobe:
    """Dresses bodies of one file."""

    def __init__(self, asset: BodyAsset) -> None:
        self.figure: Figure = measure_figure(asset)
        self.normals_of = NormalOperator(asset.faces, len(asset.v_template))
        self._mean = _neighbour_mean(asset.faces, len(asset.v_template))
        leg = along_leg(self.figure, self.figure.vertices[:, 1])
        self._skirt = smooth_step(-0.3, 0.4, leg) * (1.0 - smooth_step(0.85, 1.15, leg))

    def draw_look(self, rng: Generator) -> Look:
        """Clothes by lot: a third as the demo wears them, the others in any colour and cut."""
        outfit = draw_outfit(rng)
        if rng.random() < 0.65:
            top, bottom, accent, shoes, socks = (_any_color(rng) for _ in range(5))
            outfit = replace(outfit, top=top, bottom=bottom, accent=accent, shoes=shoes, socks=socks)
        if rng.random() < 0.3:
            outfit = replace(outfit, sleeve=float(rng.uniform(0.1, 1.95)), leg=float(rng.uniform(0.3, 1.95)))
        loose = rng.uniform(0.4, 2.6)
        offset = thickness(outfit, self.figure) * np.where(self.figure.head_weights > 0.5, 1.0, loose)
        if rng.random() < 0.12:  # a skirt or a coat's tails
            offset = offset + rng.uniform(0.02, 0.06) * self._skirt
        weave = np.concatenate((rng.normal(0, 40, (4, 3)), rng.uniform(0, 6, (4, 1))), axis=1)
        return Look(outfit, offset, smoothness(outfit, self.figure), weave, float(rng.uniform(0, 0.25)))

    def wear(self, skin: FloatArray, look: Look) -> tuple[FloatArray, FloatArray]:
        """Outer surface and its normals, both ``(V, 3)``, of a posed body's vertices."""
        soft = skin
        for _ in range(_ROUNDS):
            soft = soft + (0.7 * look.soft)[:, None] * (self._mean @ soft - soft)
        outer = soft + look.offset[:, None] * self.normals_of(soft)
        return outer, self.normals_of(outer)

    def color(self, look: Look, places: FloatArray, edge: float) -> FloatArray:
        """Display RGB ``(N, 3)`` at rest places ``(N, 3)``; ``edge`` is a pixel's width in metres."""
        color = color_places(look.outfit, self.figure, places, edge)
        waves = np.sin(places @ look.weave[:, :3].T + look.weave[:, 3]).mean(1)
        painted: FloatArray = np.clip(color * (1.0 + look.weave_strength * waves)[:, None], 0.0, 1.0)
        return painted


def _any_color(rng: Generator) -> Color:
    return colorsys.hsv_to_rgb(rng.random(), rng.random() ** 1.5, rng.uniform(0.08, 1.0))


def _neighbour_mean(faces: NDArray[np.int64], count: int) -> csr_matrix:
    edges = np.concatenate((faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]))
    pairs = np.concatenate((edges, edges[:, ::-1]))
    ones = np.ones(len(pairs), dtype=np.float32)
    neighbours = csr_matrix((ones, (pairs[:, 0], pairs[:, 1])), shape=(count, count))
    return csr_matrix(diags(1.0 / np.maximum(np.asarray(neighbours.sum(1)).ravel(), 1.0)) @ neighbours)
