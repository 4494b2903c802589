"""Where a project stands, in numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from app.services.project import Project
from app.services.review import EXPORT_L2D, passes_export_filter


def build_status(project: Project) -> dict[str, Any]:
    """Counts by state and the figures of every current fit, as plain types for JSON."""
    with project.store.read() as reader:
        counts = reader.progress.counts()
        images = sum(1 for _ in reader.images.iter_all())
        fits = [
            {
                "person": fit.person_id,
                "fit": fit.id,
                "method": fit.method,
                "l2d_initial": fit.l2d_initial,
                "l2d": fit.l2d,
                "rms_px": fit.rms_px,
                "max_abs_beta": fit.max_abs_beta,
                "iterations": len(fit.trace),
                "seconds": fit.seconds,
                "passes_export_filter": passes_export_filter(fit),
            }
            for fit in reader.fits.iter_current()
        ]
    l2d = np.array([fit["l2d"] for fit in fits], dtype=float)
    initial = np.array([fit["l2d_initial"] for fit in fits], dtype=float)
    summary = {}
    if fits:
        summary = {
            "median_l2d": float(np.median(l2d)),
            "median_l2d_initial": float(np.median(initial)),
            "share_improved": float((l2d < initial).mean()),
            "below_export_limit": int((l2d <= EXPORT_L2D).sum()),
        }
    return {
        "project": str(project.folder),
        "body": str(project.body),
        "regressor": str(project.regressor),
        "images": images,
        "people": sum(counts.values()),
        "states": {str(state): people for state, people in counts.items()},
        "fits": len(fits),
        "summary": summary,
        "people_with_fits": fits,
    }
