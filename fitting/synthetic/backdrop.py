"""Places painted by formula: what is behind and below the person, and the light that belongs there.

A painter gets a :class:`Vista`, which knows where each pixel's ray meets the ground or a wall, and returns display RGB.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from scipy.ndimage import gaussian_filter

from fitting.spec import FloatArray
from fitting.synthetic.lighting import Light
from fitting.synthetic.noise import LatticeNoise, smooth_step


@dataclass(frozen=True, slots=True, eq=False)
class Vista:
    """A level camera's view of a flat world, matched to the person.

    Attributes:
        size_px: Width and height.
        contact_px: Pixel ``(2,)`` of the ground under the person.
        pixels_per_metre: At the person.
        camera_height: Above the ground, metres.
        distance: From the camera to the person, metres.
    """

    size_px: tuple[int, int]
    contact_px: FloatArray
    pixels_per_metre: float
    camera_height: float
    distance: float

    @property
    def horizon(self) -> float:
        """Row of the horizon."""
        return float(self.contact_px[1]) - self.pixels_per_metre * self.camera_height

    def pixels(self) -> tuple[FloatArray, FloatArray]:
        """Columns ``(1, W)`` and rows ``(H, 1)`` of the pixel centres."""
        return np.arange(self.size_px[0])[None] + 0.5, np.arange(self.size_px[1])[:, None] + 0.5

    def row_at(self, beyond: float) -> float:
        """Row where the ground lies ``beyond`` metres behind the person."""
        drop = self.pixels_per_metre * self.camera_height
        return self.horizon + drop * self.distance / (self.distance + beyond)

    def ground(self) -> tuple[FloatArray, FloatArray]:
        """Metres right of and behind the person where each pixel's ray meets the ground, ``(H, W)``; far if above."""
        columns, rows = self.pixels()
        drop = np.maximum(rows - self.horizon, 0.5)
        away = self.pixels_per_metre * self.camera_height * self.distance / drop
        right = (columns - self.contact_px[0]) * away / (self.pixels_per_metre * self.distance)
        return right, np.broadcast_to(away - self.distance, right.shape)

    def wall(self, beyond: float) -> tuple[FloatArray, FloatArray]:
        """Metres right of the person and above the ground on an upright wall ``beyond`` metres behind, ``(H, W)``."""
        columns, rows = self.pixels()
        scale = self.pixels_per_metre * self.distance / (self.distance + beyond)
        right, up = (columns - self.contact_px[0]) / scale, (self.row_at(beyond) - rows) / scale
        return np.broadcast_to(right, (self.size_px[1], self.size_px[0])), np.broadcast_to(
            up, (self.size_px[1], self.size_px[0])
        )

    def grain(self) -> FloatArray:
        """Metres of ground a pixel covers in depth, ``(H, W)``: textures finer than this must fade."""
        _, rows = self.pixels()
        drop = np.maximum(rows - self.horizon, 0.5)
        depth = self.pixels_per_metre * self.camera_height * self.distance / drop**2
        return np.broadcast_to(depth, (self.size_px[1], self.size_px[0]))


@dataclass(frozen=True, slots=True, eq=False)
class Backdrop:
    """A painted place: display RGB ``(H, W, 3)`` in 0-1, its light, and the row where the floor ends."""

    picture: FloatArray
    light: Light
    floor_top: float


def paint_backdrop(vista: Vista, rng: Generator) -> Backdrop:
    """One of the places, by lot."""
    painter = _PAINTERS[rng.integers(len(_PAINTERS))]
    backdrop = painter(vista, rng)
    return Backdrop(_defocus(vista, backdrop.picture), backdrop.light, backdrop.floor_top)


def _defocus(vista: Vista, picture: FloatArray) -> FloatArray:
    """Blur that grows with the distance behind (and before) the person, as a lens does it."""
    width = vista.size_px[0] / 480
    soft = gaussian_filter(picture, (1.0 * width, 1.0 * width, 0))
    softer = gaussian_filter(picture, (3.0 * width, 3.0 * width, 0))
    _, away = vista.ground()
    depth = np.abs(away) / vista.distance
    near = smooth_step(0.02, 0.25, depth)[..., None]
    far = smooth_step(0.25, 0.8, depth)[..., None]
    mixed = picture * (1 - near) + soft * near
    blurred: FloatArray = mixed * (1 - far) + softer * far
    return blurred


def _studio(vista: Vista, rng: Generator) -> Backdrop:
    tones = np.array(
        [[0.83, 0.80, 0.76], [0.72, 0.78, 0.82], [0.86, 0.74, 0.68], [0.75, 0.80, 0.72], [0.80, 0.76, 0.84]]
    )
    tone = tones[rng.integers(len(tones))]
    columns, rows = vista.pixels()
    bend = vista.row_at(2.2)
    wall = 0.86 + 0.14 * np.exp(-(((columns - vista.contact_px[0]) / vista.size_px[0] / 0.45) ** 2)) + 0 * rows
    fall = smooth_step(bend - 0.25 * vista.size_px[1], bend + 0.10 * vista.size_px[1], rows)
    value = wall * (0.90 + 0.14 * fall)
    picture = np.clip(value[..., None] * tone, 0, 1)
    light = Light(float(rng.uniform(-60, -25)), 48, 14, (1.9, 1.85, 1.75), (0.42, 0.44, 0.48), (0.26, 0.24, 0.22))
    return Backdrop(picture, light, bend)


def _room(vista: Vista, rng: Generator) -> Backdrop:
    beyond = float(rng.uniform(1.2, 2.2))
    noise = LatticeNoise(rng)
    paints = np.array([[0.80, 0.82, 0.78], [0.90, 0.84, 0.74], [0.66, 0.74, 0.78], [0.86, 0.72, 0.64], [0.74, 0.78, 0.66]])
    paint = paints[rng.integers(len(paints))]
    right, up = vista.wall(beyond)
    shade = 0.93 + 0.09 * noise.layered(right * 0.7, up * 0.7)
    picture = shade[..., None] * paint * (1.0 - 0.10 * smooth_step(1.0, 3.2, np.abs(right))[..., None])
    if rng.random() < 0.7:
        picture = _hang_frames(picture, right, up, rng)
    picture = _over(picture, (up < 0.10), np.array([0.93, 0.92, 0.89]))
    floor_right, floor_away = vista.ground()
    floor = _planks(noise, floor_right, floor_away, vista.grain(), rng)
    picture = np.where((up < 0)[..., None], floor, picture)
    light = Light(
        float(rng.choice((-1, 1)) * rng.uniform(35, 70)), 40, 12, (1.75, 1.68, 1.50), (0.42, 0.41, 0.40), (0.24, 0.19, 0.14)
    )
    return Backdrop(picture, light, vista.row_at(beyond))


def _hang_frames(picture: FloatArray, right: FloatArray, up: FloatArray, rng: Generator) -> FloatArray:
    inks = np.array([[0.78, 0.36, 0.28], [0.22, 0.36, 0.48], [0.90, 0.72, 0.36], [0.36, 0.48, 0.38], [0.90, 0.86, 0.78]])
    for side in (-1, 1):
        x, y = side * rng.uniform(0.7, 1.3), rng.uniform(1.35, 1.65)
        half_width, half_height = rng.uniform(0.20, 0.32), rng.uniform(0.22, 0.36)
        inside = np.maximum(np.abs(right - x) - half_width, np.abs(up - y) - half_height)
        shadow = np.clip(1.0 - np.maximum(inside - 0.0, 0.0) / 0.09, 0.0, 1.0) * (up < y + half_height)
        picture = picture * (1.0 - 0.16 * shadow)[..., None]
        picture = _over(picture, inside < 0, np.array([0.24, 0.19, 0.15]) if side < 0 else np.array([0.93, 0.92, 0.90]))
        picture = _over(picture, inside < -0.025, np.array([0.95, 0.93, 0.88]))
        art = inside < -0.075
        first, second = inks[rng.permutation(len(inks))[:2]]
        wave = up - y < 0.08 * np.sin((right - x) * 9 + rng.uniform(0, 6))
        picture = _over(picture, art, first)
        picture = _over(picture, art & wave, second)
        sun = np.hypot(right - x - 0.05, up - y - 0.09) < 0.05
        picture = _over(picture, art & sun, np.array([0.97, 0.90, 0.72]))
    return picture


def _planks(
    noise: LatticeNoise, right: FloatArray, away: FloatArray, grain: FloatArray, rng: Generator
) -> FloatArray:
    wood = np.array([[0.66, 0.49, 0.33], [0.55, 0.39, 0.26], [0.74, 0.60, 0.44]])[rng.integers(3)]
    plank = 0.16
    row = np.floor(away / plank)
    tint = noise.cells(right / 1.4 + 7.3 * noise.cells(row, row * 0), row)
    fibre = noise.layered(right * 1.2 + 11 * row, away * 22.0, 3)
    fade = np.clip(0.06 / np.maximum(grain, 1e-6), 0.0, 1.0)
    gap = np.abs(np.mod(away, plank) - plank / 2) > plank / 2 - np.maximum(0.006, 0.4 * grain)
    value = 0.92 + fade * (0.22 * (tint - 0.5) + 0.12 * (fibre - 0.5)) - 0.18 * fade * gap
    return np.clip(value[..., None] * wood, 0, 1)


def _street(vista: Vista, rng: Generator) -> Backdrop:
    beyond = float(rng.uniform(1.6, 3.0))
    noise = LatticeNoise(rng)
    right, up = vista.wall(beyond)
    brick = np.array([[0.66, 0.36, 0.28], [0.72, 0.55, 0.42], [0.80, 0.78, 0.74], [0.48, 0.42, 0.42]])[rng.integers(4)]
    course = np.floor(up / 0.085)
    along = right / 0.25 + 0.5 * np.mod(course, 2)
    tint = noise.cells(along, course)
    joint_y = np.abs(np.mod(up / 0.085, 1) - 0.5) > 0.43
    joint_x = np.abs(np.mod(along, 1) - 0.5) > 0.475
    wall = (0.86 + 0.26 * (tint - 0.5) + 0.14 * (noise.layered(right * 9, up * 9, 3) - 0.5))[..., None] * brick
    wall = _over(wall, joint_x | joint_y, brick * 0.45 + 0.40)
    wall = wall * (0.78 + 0.22 * smooth_step(0.0, 0.5, up))[..., None]
    ground_right, away = vista.ground()
    slab_x, slab_z = ground_right / 0.6 + 0.5 * np.mod(np.floor(away / 0.6), 2), away / 0.6
    slab = 0.66 + 0.09 * (noise.cells(slab_x, slab_z) - 0.5) + 0.07 * (noise.layered(ground_right * 8, away * 8) - 0.5)
    edge = np.maximum(0.025, 0.5 * vista.grain() / 0.6)
    gap = (np.abs(np.mod(slab_z, 1) - 0.5) > 0.5 - edge) | (np.abs(np.mod(slab_x, 1) - 0.5) > 0.48)
    floor = np.repeat((slab - 0.12 * gap)[..., None], 3, axis=2) * np.array([1.0, 0.98, 0.95])
    picture = np.where((up < 0)[..., None], floor, wall)
    light = Light(
        float(rng.choice((-1, 1)) * rng.uniform(25, 60)), 45, 1.5, (2.1, 1.95, 1.70), (0.40, 0.45, 0.54), (0.20, 0.18, 0.16)
    )
    return Backdrop(np.clip(picture, 0, 1), light, vista.row_at(beyond))


def _sky(vista: Vista, noise: LatticeNoise, low: FloatArray, high: FloatArray, clouds: float) -> FloatArray:
    columns, rows = vista.pixels()
    height = np.clip((vista.horizon - rows) / vista.size_px[1], 0.0, 1.0) * np.ones_like(columns)
    ramp = smooth_step(0.0, 0.85, height)[..., None]
    sky = low * (1 - ramp) + high * ramp
    cells = 3.0 / vista.size_px[0]
    cover = noise.layered(columns * cells, rows * cells * 2.6 + 0 * columns, 5)
    cloud = clouds * smooth_step(0.50, 0.72, cover) * smooth_step(0.02, 0.25, height)
    return sky + cloud[..., None] * (np.array([1.0, 0.99, 0.97]) - sky)


def _park(vista: Vista, rng: Generator) -> Backdrop:
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
        picture = _over(picture, (up < crown) & (up > -0.2), green)
    right, away = vista.ground()
    fade = np.clip(0.05 / np.maximum(vista.grain(), 1e-6), 0.15, 1.0)
    blades = noise.layered(right * 26, away * 14, 3)
    patches = noise.layered(right * 0.8, away * 0.5, 3)
    lawn = (0.86 + 0.30 * fade * (blades - 0.5) + 0.30 * (patches - 0.5))[..., None] * meadow
    if rng.random() < 0.6:
        bend = np.abs(away + 0.9 * np.sin(right * 0.5 + rng.uniform(0, 6)) - rng.uniform(1.5, 4.0))
        path = 1.0 - smooth_step(0.75, 0.85, bend)
        gravel = np.array([0.80, 0.73, 0.62]) * (0.93 + 0.14 * (noise.layered(right * 18, away * 18, 2) - 0.5))[..., None]
        lawn = lawn + path[..., None] * (gravel - lawn)
    picture = np.where((rows > vista.horizon)[..., None] & (columns > 0)[..., None], lawn, picture)
    light = Light(
        float(rng.choice((-1, 1)) * rng.uniform(20, 65)), float(rng.uniform(38, 55)), 1.2,
        (2.3, 2.12, 1.80), (0.40, 0.48, 0.58), (0.18, 0.22, 0.10),
    )  # fmt: skip
    return Backdrop(np.clip(picture, 0, 1), light, vista.horizon)


def _beach(vista: Vista, rng: Generator) -> Backdrop:
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
    light = Light(
        float(rng.choice((-1, 1)) * rng.uniform(25, 70)), 26 if evening else 50, 1.2, sun, (0.42, 0.48, 0.58), (0.28, 0.24, 0.18)
    )
    return Backdrop(np.clip(picture, 0, 1), light, vista.horizon)


def _court(vista: Vista, rng: Generator) -> Backdrop:
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
    floor = _over(floor, lines, np.array([0.94, 0.93, 0.90]))
    floor = floor * (0.96 + 0.08 * noise.layered(right * 12, away * 12, 3))[..., None]
    beyond = float(rng.uniform(5.0, 7.0))
    wall_right, up = vista.wall(beyond)
    sky = _sky(vista, noise, np.array([0.84, 0.90, 0.95]), np.array([0.45, 0.66, 0.87]), 0.7)
    hedge = np.array([0.34, 0.44, 0.30]) * (0.6 + 0.9 * noise.layered(wall_right * 3, up * 3, 4))[..., None]
    picture = _over(sky, up < 1.9 + 0.25 * noise.layered(wall_right, 0 * up, 3), hedge)
    picture = _over(picture, up < 0.9, outer * 0.75)
    picture = _over(picture, (up < 0.9) & (up > 0.84), np.array([0.92, 0.92, 0.90]))
    picture = np.where((up < 0)[..., None], floor, picture)
    light = Light(
        float(rng.choice((-1, 1)) * rng.uniform(20, 60)), 52, 1.2, (2.3, 2.15, 1.90), (0.40, 0.47, 0.57), (0.16, 0.17, 0.15)
    )
    return Backdrop(np.clip(picture, 0, 1), light, vista.row_at(beyond))


def _evening(vista: Vista, rng: Generator) -> Backdrop:
    """A street at dusk: lights far out of focus over wet asphalt."""
    noise = LatticeNoise(rng)
    columns, rows = vista.pixels()
    low, high = np.array([0.50, 0.38, 0.42]), np.array([0.13, 0.17, 0.31])
    picture = _sky(vista, noise, low, high, 0.0)
    right, away = vista.ground()
    asphalt = (0.23 + 0.07 * (noise.layered(right * 14, away * 14, 4) - 0.5) + 0.05 * smooth_step(2, 20, away))[..., None]
    picture = np.where((rows > vista.horizon)[..., None], asphalt * np.array([1.0, 1.0, 1.12]), picture)
    hues = np.array([[1.0, 0.78, 0.42], [1.0, 0.55, 0.32], [0.98, 0.90, 0.72], [0.52, 0.74, 1.0], [0.95, 0.38, 0.42]])
    unit = vista.size_px[0] / 480
    for _ in range(34):
        u, v = rng.uniform(0, vista.size_px[0]), vista.horizon - rng.exponential(75) * unit + 12 * unit
        radius, strength = rng.uniform(7, 19) * unit, rng.uniform(0.18, 0.55)
        gap = np.hypot(columns - u, rows - v) - radius
        disc = 1.0 - smooth_step(-1.2, 1.2, gap)
        disc = disc * (0.75 + 0.25 * smooth_step(-4.0 * unit, 0.0, gap))
        hue = hues[rng.integers(len(hues))]
        picture = picture + (strength * disc)[..., None] * hue * (1.0 - 0.5 * picture)
        mirror = np.exp(-(((columns - u) / (radius * 0.8)) ** 2)) * np.exp(-np.maximum(rows - vista.horizon, 0) / (60 * unit))
        picture = picture + (0.10 * strength * mirror * (rows > vista.horizon))[..., None] * hue
    light = Light(
        float(rng.choice((-1, 1)) * rng.uniform(35, 70)), 42, 9, (1.75, 1.42, 1.05), (0.34, 0.36, 0.50), (0.14, 0.13, 0.16)
    )
    return Backdrop(np.clip(picture, 0, 1), light, vista.horizon)


def _over(picture: FloatArray, mask: FloatArray, color: FloatArray) -> FloatArray:
    """``color`` where the mask says so."""
    return np.where(mask[..., None], color, picture)


_PAINTERS: tuple[Callable[[Vista, Generator], Backdrop], ...] = (
    _studio, _room, _room, _street, _park, _park, _beach, _court, _evening,
)  # fmt: skip
