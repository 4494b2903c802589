"""Places with a wall: a studio, a room, a street of bricks."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.random import Generator

from fitting.spec import FloatArray
from fitting.synthetic.lighting import Light
from fitting.synthetic.noise import LatticeNoise, smooth_step
from fitting.synthetic.vista import Backdrop, Vista, from_a_side, paint_over

_WALL_PAINTS: Final = np.array(
    [[0.80, 0.82, 0.78], [0.90, 0.84, 0.74], [0.66, 0.74, 0.78], [0.86, 0.72, 0.64], [0.74, 0.78, 0.66]]
)
_INKS: Final = np.array(
    [[0.78, 0.36, 0.28], [0.22, 0.36, 0.48], [0.90, 0.72, 0.36], [0.36, 0.48, 0.38], [0.90, 0.86, 0.78]]
)


def paint_studio(vista: Vista, rng: Generator) -> Backdrop:
    """A paper backdrop that bends into the floor."""
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


def paint_room(vista: Vista, rng: Generator) -> Backdrop:
    """A painted wall with pictures above a wooden floor."""
    beyond = float(rng.uniform(1.2, 2.2))
    noise = LatticeNoise(rng)
    paint = _WALL_PAINTS[rng.integers(len(_WALL_PAINTS))]
    right, up = vista.wall(beyond)
    shade = 0.93 + 0.09 * noise.layered(right * 0.7, up * 0.7)
    picture = shade[..., None] * paint * (1.0 - 0.10 * smooth_step(1.0, 3.2, np.abs(right))[..., None])
    if rng.random() < 0.7:
        picture = _hang_frames(picture, right, up, rng)
    picture = paint_over(picture, (up < 0.10), np.array([0.93, 0.92, 0.89]))
    floor_right, floor_away = vista.ground()
    floor = _planks(noise, floor_right, floor_away, vista.grain(), rng)
    picture = np.where((up < 0)[..., None], floor, picture)
    light = Light(from_a_side(rng, 35, 70), 40, 12, (1.75, 1.68, 1.50), (0.42, 0.41, 0.40), (0.24, 0.19, 0.14))
    return Backdrop(picture, light, vista.row_at(beyond))


def _hang_frames(picture: FloatArray, right: FloatArray, up: FloatArray, rng: Generator) -> FloatArray:
    for side in (-1, 1):
        x, y = side * rng.uniform(0.7, 1.3), rng.uniform(1.35, 1.65)
        half_width, half_height = rng.uniform(0.20, 0.32), rng.uniform(0.22, 0.36)
        inside = np.maximum(np.abs(right - x) - half_width, np.abs(up - y) - half_height)
        shadow = np.clip(1.0 - np.maximum(inside - 0.0, 0.0) / 0.09, 0.0, 1.0) * (up < y + half_height)
        picture = picture * (1.0 - 0.16 * shadow)[..., None]
        picture = paint_over(
            picture, inside < 0, np.array([0.24, 0.19, 0.15]) if side < 0 else np.array([0.93, 0.92, 0.90])
        )
        picture = paint_over(picture, inside < -0.025, np.array([0.95, 0.93, 0.88]))
        art = inside < -0.075
        first, second = _INKS[rng.permutation(len(_INKS))[:2]]
        wave = up - y < 0.08 * np.sin((right - x) * 9 + rng.uniform(0, 6))
        picture = paint_over(picture, art, first)
        picture = paint_over(picture, art & wave, second)
        sun = np.hypot(right - x - 0.05, up - y - 0.09) < 0.05
        picture = paint_over(picture, art & sun, np.array([0.97, 0.90, 0.72]))
    return picture


def _planks(noise: LatticeNoise, right: FloatArray, away: FloatArray, grain: FloatArray, rng: Generator) -> FloatArray:
    wood = np.array([[0.66, 0.49, 0.33], [0.55, 0.39, 0.26], [0.74, 0.60, 0.44]])[rng.integers(3)]
    plank = 0.16
    row = np.floor(away / plank)
    tint = noise.cells(right / 1.4 + 7.3 * noise.cells(row, row * 0), row)
    fibre = noise.layered(right * 1.2 + 11 * row, away * 22.0, 3)
    fade = np.clip(0.06 / np.maximum(grain, 1e-6), 0.0, 1.0)
    gap = np.abs(np.mod(away, plank) - plank / 2) > plank / 2 - np.maximum(0.006, 0.4 * grain)
    value = 0.92 + fade * (0.22 * (tint - 0.5) + 0.12 * (fibre - 0.5)) - 0.18 * fade * gap
    planks: FloatArray = np.clip(value[..., None] * wood, 0, 1)
    return planks


def paint_street(vista: Vista, rng: Generator) -> Backdrop:
    """A brick wall above paving slabs."""
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
    wall = paint_over(wall, joint_x | joint_y, brick * 0.45 + 0.40)
    wall = wall * (0.78 + 0.22 * smooth_step(0.0, 0.5, up))[..., None]
    ground_right, away = vista.ground()
    slab_x, slab_z = ground_right / 0.6 + 0.5 * np.mod(np.floor(away / 0.6), 2), away / 0.6
    slab = 0.66 + 0.09 * (noise.cells(slab_x, slab_z) - 0.5) + 0.07 * (noise.layered(ground_right * 8, away * 8) - 0.5)
    edge = np.maximum(0.025, 0.5 * vista.grain() / 0.6)
    gap = (np.abs(np.mod(slab_z, 1) - 0.5) > 0.5 - edge) | (np.abs(np.mod(slab_x, 1) - 0.5) > 0.48)
    floor = np.repeat((slab - 0.12 * gap)[..., None], 3, axis=2) * np.array([1.0, 0.98, 0.95])
    picture = np.where((up < 0)[..., None], floor, wall)
    light = Light(from_a_side(rng, 25, 60), 45, 1.5, (2.1, 1.95, 1.70), (0.40, 0.45, 0.54), (0.20, 0.18, 0.16))
    return Backdrop(np.clip(picture, 0, 1), light, vista.row_at(beyond))
