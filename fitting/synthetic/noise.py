"""Seeded smooth noise that can be asked anywhere: the grain of lawns, planks and cloth."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from fitting.spec import FloatArray


class LatticeNoise:
    """Value noise on a repeating square lattice, smoothly interpolated, in 0-1."""

    def __init__(self, rng: Generator, size: int = 64) -> None:
        self._table = rng.random((size, size))
        self._size = size

    def __call__(self, x: FloatArray, y: FloatArray) -> FloatArray:
        """Noise at lattice coordinates of any shape; one cell a unit."""
        x0, y0 = np.floor(x), np.floor(y)
        fx, fy = _smooth(x - x0), _smooth(y - y0)
        ix, iy = x0.astype(np.int64) % self._size, y0.astype(np.int64) % self._size
        jx, jy = (ix + 1) % self._size, (iy + 1) % self._size
        top = self._table[iy, ix] * (1 - fx) + self._table[iy, jx] * fx
        bottom = self._table[jy, ix] * (1 - fx) + self._table[jy, jx] * fx
        value: FloatArray = top * (1 - fy) + bottom * fy
        return value

    def cells(self, x: FloatArray, y: FloatArray) -> FloatArray:
        """One constant value for each cell: the tint of a brick or plank."""
        value: FloatArray = self._table[
            np.floor(y).astype(np.int64) % self._size, np.floor(x).astype(np.int64) % self._size
        ]
        return value

    def layered(self, x: FloatArray, y: FloatArray, octaves: int = 4) -> FloatArray:
        """Sum of octaves, each twice as fine and half as strong, in 0-1."""
        total, weight = np.zeros(np.broadcast(x, y).shape), 0.0
        for octave in range(octaves):
            scale, share = 2.0**octave, 0.5**octave
            total += share * self(x * scale + 17.0 * octave, y * scale + 31.0 * octave)
            weight += share
        return total / weight


def smooth_step(low: float | FloatArray, high: float | FloatArray, value: FloatArray) -> FloatArray:
    """0 below ``low``, 1 above ``high``, a smooth ramp between."""
    return _smooth(np.clip((value - low) / (np.asarray(high) - low), 0.0, 1.0))


def _smooth(fraction: FloatArray) -> FloatArray:
    return fraction * fraction * (3.0 - 2.0 * fraction)
