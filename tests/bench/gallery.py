"""Synthetic pictures by the thousand, as one worker of ``main.py synth`` draws and writes them."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from fitting.spec import GalleryOrder
from fitting.synthetic.gallery.produce import begin_gallery, draw_chunk
from resources import default_body
from tests.bench.measure import Figure

_CHUNKS = 5
_FLOOR = 20
"""People a second on two cores."""


def measure_gallery() -> Iterator[Figure]:
    """Rows about ``synth``: chunks of 32 pictures at the default size, one thread. Two workers make twice as many."""
    with tempfile.TemporaryDirectory() as folder:
        order = GalleryOrder(Path(folder) / "gallery", 10_000, 1, default_body())
        begin_gallery(order)
        draw_chunk(order, 0)  # the body, the renderer and the wardrobe are made once
        rates = []
        for chunk in range(1, _CHUNKS + 1):
            started = time.perf_counter()
            people = draw_chunk(order, chunk)
            rates.append(people / (time.perf_counter() - started))
    yield Figure(
        "synth: people a second, one worker (median, slowest chunk)",
        float(np.median(rates)),
        min(rates),
        f">= {_FLOOR} a second on two cores",
    )
