"""Places under the sky: a park, a beach, a court, an evening in town."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.random import Generator

from fitting.spec import FloatArray
from fitting.synthetic.lighting import Light
from fitting.synthetic.noise import LatticeNoise, smooth_step
from fitting.synthetic.vista import Backdrop, Vista, from_a_side, paint_over

_LAMPS: Final = np.array(
    [[1.0, 0.78, 0.42], [1.0, 0.55, 0.32], [0.98, 0.90, 0.72], [0.52, 0.74, 1.0], [0.95, 0.38, 0.42]]
)


def _sky(vista: Vista, noise: LatticeNoise, low: FloatArray, high: FloatArray, clouds: float) -> FloatArray:
    columns, rows = vista.pixels()
    height = np.clip((vista.horizon - rows) / vista.size_px[1], 0.0, 1.0) * np.ones_like(columns)
    ramp = smooth_step(0.0, 0.85, height)[..., None]
    sky = low * (1 - ramp) + high * ramp
    cells = 3.0 / vista.size_px[0]
    cover = noise.layered(columns * cells, rows * cells * 2.6 + 0 * columns, 5)
    cloud = clouds * smooth_step(0.50, 0.72, cover) * smooth_step(0.02, 0.25, height)
    return sky + cloud[..., None] * (np.array([1.0, 0.99, 0.97]) - sky)


def paint_park(vista: Vista, rng: Generator) -> Backdrop:
    """A lawn before rows of trees."""
    noise = LatticeNoise(rng)
    sky = _sky(vista, noise, np.array([0.86, 0.92, 0.95]), np.array([0.47, 0.69, 0.89]), 0.9)
    columns, rows = vista.pixels()
    picture = sky
    meadow = np.array([[0.52, 0.62, 0.34], [0.45, 0.57, 0.36], [0.60, 0.65, 0.40]])[rng.integers(3)]
    for layer, (beyond, tallest) in enumerate(((60.0, 8.0), (30.0, 4.2))):
        right, up = vista.wall(beyond)
        crown = tallest * (0.35 + 0.75 * noise.layered(right / tallest * 0.8 + 40 * layer, 0 * right + layer, 4))
        leaf = noise.layered(right * 0.9, up * 0.9, 4)
        green = meadow * (0.72 + 0.8 * (leaf - 0.45))[..., None] + 0.14 * (1 - layer)
        picture = paint_over(picture, (up < crown) & (up > -0.2), green)
    right, away = vista.ground()
    fade = np.clip(0.05 / np.maximum(vista.grain(), 1e-6), 0.15, 1.0)
    blades = noise.layered(right * 26, away * 14, 3)
    patches = noise.layered(right * 0.8, away * 0.5, 3)
    lawn = (0.86 + 0.30 * fade * (blades - 0.5) + 0.30 * (patches - 0.5))[..., None] * meadow
    if rng.random() < 0.6:
        bend = np.abs(away + 0.9 * np.sin(right * 0.5 + rng.uniform(0, 6)) - rng.uniform(1.5, 4.0))
        path = 1.0 - smooth_step(0.75, 0.85, bend)
        pebbles = 0.93 + 0.14 * (noise.layered(right * 18, away * 18, 2) - 0.5)
        gravel = np.array([0.80, 0.73, 0.62]) * pebbles[..., None]
        lawn = lawn + path[..., None] * (gravel - lawn)
    picture = np.where((rows > vista.horizon)[..., None] & (columns > 0)[..., None], lawn, picture)
    light = Light(
        from_a_side(rng, 20, 65), float(rng.uniform(38, 55)), 1.2,
        (2.3, 2.12, 1.80), (0.40, 0.48, 0.58), (0.18, 0.22, 0.10),
    )  # fmt: skip
    return Backdrop(np.clip(picture, 0, 1), light, vista.horizon)


def paint_beach(vista: Vista, rng: Generator) -> Backdrop:
    """Sand, a strip of sea, sky; by day or at sunset."""
    noise = LatticeNoise(rng)
    evening = rng.random() < 0.4
    low, high = (
        (np.array([0.99, 0.82, 0.62]), np.array([0.58, 0.64, 0.82]))
        if evening
        else (np.array([0.88, 0.94, 0.97]), np.array([0.42, 0.67, 0.90]))
    )
    picture = _sky(vista, noise, low, high, 0.55)
    right, away = vista.ground()
    _, rows = vista.pixels()
    fade = np.clip(0.05 / np.maximum(vista.grain(), 1e-6), 0.1, 1.0)
    ripple = noise.layered(right * 5, away * 16, 3)
    sand = (0.96 + 0.10 * fade * (ripple - 0.5) + 0.07 * (noise.layered(right, away, 3) - 0.5))[..., None]
    sand = sand * (np.array([0.90, 0.76, 0.60]) if evening else np.array([0.91, 0.83, 0.68]))
    shore = 7.0 + 1.2 * noise(right * 0.25, 0 * right)
    wet = smooth_step(shore - 2.2, shore - 1.2, away)[..., None]
    sand = sand * (1 - 0.20 * wet)
    water = np.array([0.24, 0.52, 0.62]) if not evening else np.array([0.42, 0.46, 0.58])
    glint = noise.layered(right * 0.6, np.log(np.maximum(away, 1.0)) * 26, 3)
    sea = water * (0.85 + 0.40 * (glint - 0.4))[..., None] + 0.12 * smooth_step(20.0, 90.0, away)[..., None]
    shown = np.where((away > shore)[..., None], sea, sand)
    foam = np.exp(-(((away - shore) / 0.35) ** 2))[..., None]
    shown = shown + 0.75 * foam * (np.array([0.98, 0.98, 0.97]) - shown)
    picture = np.where((rows > vista.horizon)[..., None], shown, picture)
    sun = (2.3, 1.75, 1.20) if evening else (2.4, 2.25, 1.95)
    light = Light(from_a_side(rng, 25, 70), 26 if evening else 50, 1.2, sun, (0.42, 0.48, 0.58), (0.28, 0.24, 0.18))
    return Backdrop(np.clip(picture, 0, 1), light, vista.horizon)


def paint_court(vista: Vista, rng: Generator) -> Backdrop:
    """A ball court with its lines, a fence and a hedge."""
    noise = LatticeNoise(rng)
    inner, outer = [
        (np.array([0.32, 0.48, 0.62]), np.array([0.40, 0.56, 0.46])),
        (np.array([0.70, 0.38, 0.27]), np.array([0.42, 0.52, 0.38])),
        (np.array([0.80, 0.60, 0.38]), np.array([0.34, 0.42, 0.56])),
    ][rng.integers(3)]
    right, away = vista.ground()
    shift = rng.uniform(-1.2, 1.2)
    x = right - shift
    inside = (np.abs(x) < 2.6) & (away < 3.0)
    floor = np.where(inside[..., None], inner, outer)
    width = np.maximum(0.05, 0.5 * vista.grain())
    lines = ((np.abs(np.abs(x) - 2.6) < 0.05) & (away < 3.0)) | ((np.abs(away - 3.0) < width) & (np.abs(x) < 2.6))
    lines = lines | ((np.abs(away - 0.9) < width) & (np.abs(x) < 2.6))
    floor = paint_over(floor, lines, np.array([0.94, 0.93, 0.90]))
    floor = floor * (0.96 + 0.08 * noise.layered(right * 12, away * 12, 3))[..., None]
    beyond = float(rng.uniform(5.0, 7.0))
    wall_right, up = vista.wall(beyond)
    sky = _sky(vista, noise, np.array([0.84, 0.90, 0.95]), np.array([0.45, 0.66, 0.87]), 0.7)
    hedge = np.array([0.34, 0.44, 0.30]) * (0.6 + 0.9 * noise.layered(wall_right * 3, up * 3, 4))[..., None]
    picture = paint_over(sky, up < 1.9 + 0.25 * noise.layered(wall_right, 0 * up, 3), hedge)
    picture = paint_over(picture, up < 0.9, outer * 0.75)
    picture = paint_over(picture, (up < 0.9) & (up > 0.84), np.array([0.92, 0.92, 0.90]))
    picture = np.where((up < 0)[..., None], floor, picture)
    light = Light(from_a_side(rng, 20, 60), 52, 1.2, (2.3, 2.15, 1.90), (0.40, 0.47, 0.57), (0.16, 0.17, 0.15))
    return Backdrop(np.clip(picture, 0, 1), light, vista.row_at(beyond))


def paint_evening(vista: Vista, rng: Generator) -> Backdrop:
    """A street at dusk: lights far out of focus over wet asphalt."""
    noise = LatticeNoise(rng)
    columns, rows = vista.pixels()
    low, high = np.array([0.50, 0.38, 0.42]), np.array([0.13, 0.17, 0.31])
    picture = _sky(vista, noise, low, high, 0.0)
    right, away = vista.ground()
    asphalt = 0.23 + 0.07 * (noise.layered(right * 14, away * 14, 4) - 0.5) + 0.05 * smooth_step(2, 20, away)
    picture = np.where((rows > vista.horizon)[..., None], asphalt[..., None] * np.array([1.0, 1.0, 1.12]), picture)
    unit = vista.size_px[0] / 480
    for _ in range(34):
        u, v = rng.uniform(0, vista.size_px[0]), vista.horizon - rng.exponential(75) * unit + 12 * unit
        radius, strength = rng.uniform(7, 19) * unit, rng.uniform(0.18, 0.55)
        gap = np.hypot(columns - u, rows - v) - radius
        disc = 1.0 - smooth_step(-1.2, 1.2, gap)
        disc = disc * (0.75 + 0.25 * smooth_step(-4.0 * unit, 0.0, gap))
        hue = _LAMPS[rng.integers(len(_LAMPS))]
        picture = picture + (strength * disc)[..., None] * hue * (1.0 - 0.5 * picture)
        below = np.maximum(rows - vista.horizon, 0)
        mirror = np.exp(-(((columns - u) / (radius * 0.8)) ** 2)) * np.exp(-below / (60 * unit))
        picture = picture + (0.10 * strength * mirror * (rows > vista.horizon))[..., None] * hue
    light = Light(from_a_side(rng, 35, 70), 42, 9, (1.75, 1.42, 1.05), (0.34, 0.36, 0.50), (0.14, 0.13, 0.16))
    return Backdrop(np.clip(picture, 0, 1), light, vista.horizon)
