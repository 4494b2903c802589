"""Drawing a body, software or not: what the machine's EGL gives."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator

import numpy as np

from fitting.render.pyrender_backend import get_renderer
from fitting.spec import JobId, RenderJob, View, Window
from resources import default_body
from tests.bench.measure import Figure, time_ms
from tests.helpers.fits import BOX, standing_body


def measure_drawing() -> Iterator[Figure]:
    """Rows about rendering. Time grows with pixels, and hardly with the mesh."""
    renderer = get_renderer()

    def job(view: View, side: int, multisample: bool) -> RenderJob:
        x, y = (float(value) for value in BOX.center_px)
        half = BOX.side_px / 2
        window = Window(x - half, y - half, 2 * half, 2 * half) if view == "camera" else None
        return RenderJob(
            JobId("bench"), standing_body(), BOX, view, (side, side), default_body(), window, multisample=multisample
        )

    for title, view, side, smooth in (
        ("overlay 720 px, smooth", "camera", 720, True),
        ("overlay 360 px, live preview", "camera", 360, False),
        ("side view 360 px, smooth", "side", 360, True),
        ("side view 240 px, live preview", "side", 240, False),
    ):
        drawn = job(view, side, smooth)  # type: ignore[arg-type]
        yield time_ms(title, lambda drawn=drawn: renderer.render(drawn))


def measure_turning() -> Iterator[Figure]:
    """Rows about the body on screen, in a process of its own: the window must not share ours with torch."""
    done = subprocess.run([sys.executable, "-m", "tests.bench.turning"], capture_output=True, text=True, check=True)
    rows = {
        "small": ("orbiting beside the picture: between two frames", "p95 <= 50 (20 a second)"),
        "large": ("orbiting in the middle: between two frames", "p95 <= 50 (20 a second)"),
        "pair": ("orbiting two bodies side by side: between two frames", "<= 50 (20 a second)"),
        "preview": ("a running fit on screen, 25 iterations a second: between two", "p95 <= 125 (8 a second)"),
        "preview_wait": ("the same: from the newest iteration to its paint", ""),
    }
    for name, values in json.loads(done.stdout).items():
        title, target = rows[name]
        yield Figure(title, float(np.median(values)), float(np.percentile(values, 95)), target)
