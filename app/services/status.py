"""Where a project stands, in numbers."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np

from app.services.filters import COCO_ACTIVE_JOINTS, CROP_PX, FILTERS, judge, rms_crop_px
from app.services.fit_samples import count_iterations
from app.services.project import Project
from app.services.selecting import EVERYTHING, ChosenFit, Selection, iter_chosen
from db.transactions import Reading

_PIECE: Final = 200


def build_status(project: Project, selection: Selection = EVERYTHING) -> dict[str, Any]:
    """Counts by state, and the figures and filters of every selected fit, as plain types for JSON."""
    refused: Counter[str] = Counter()
    with project.store.read() as reader:
        counts = reader.progress.counts()
        images = sum(1 for _ in reader.images.iter_all())
        methods = reader.methods.counts()
        flags = reader.progress.flags()
        with_truth = reader.truth.count()
        chosen = [_describe(one) for one in iter_chosen(reader, selection, refused=refused)]
        fits = list(_name_people(reader, chosen))
    return {
        "project": str(project.folder),
        "body": str(project.body),
        "regressor": str(project.regressor),
        "images": images,
        "people": sum(counts.values()),
        "states": {str(state): people for state, people in counts.items()},
        "people_by_method": methods,
        "people_by_flag": flags,
        "people_with_truth": with_truth,
        "selection": dict(selection.describe()),
        "filters": {name: {"title": row.title} | row.limits() for name, row in FILTERS.items()},
        "rms_crop_px_of_filters": {
            "joints": COCO_ACTIVE_JOINTS,
            **{name: row.max_rms_crop_px for name, row in FILTERS.items() if not row.by_rms},
        },
        "fits": len(fits),
        "refused": dict(refused),
        "summary": _summarise(fits),
        "people_with_fits": fits,
    }


def _name_people(reader: Reading, fits: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The fits with the person they are of, as the source file names them: for joining with other tables."""
    for start in range(0, len(fits), _PIECE):
        piece = fits[start : start + _PIECE]
        people = reader.people.get_many([fit["person"] for fit in piece])
        images = reader.images.get_many({person.image_id for person in people.values()})
        for fit in piece:
            person = people[fit["person"]]
            yield {"image": images[person.image_id].path, "annotation": person.external_id, **fit}


def _describe(chosen: ChosenFit) -> dict[str, Any]:
    fit = chosen.fit
    return {
        "person": fit.person_id,
        "fit": fit.id,
        "method": fit.method,
        **dataclasses.asdict(chosen.figures),
        "iterations": count_iterations(fit),
        "seconds": fit.seconds,
        "filters": judge(chosen.figures),
        "l2d_limits_as_rms": _limits_in_pixels(chosen),
    }


def _limits_in_pixels(chosen: ChosenFit) -> dict[str, dict[str, float]]:
    """What each published limit on L2d means for this fit's joints: RMS pixels of the crop and of the picture."""
    zoom = 200 * chosen.fit.box_scale / CROP_PX
    limits: dict[str, dict[str, float]] = {}
    for name, row in FILTERS.items():
        crop_px = None if row.max_l2d is None else rms_crop_px(row.max_l2d, chosen.figures.active_joints)
        if crop_px is not None and not row.by_rms:
            limits[name] = {"crop_px": crop_px, "image_px": zoom * crop_px}
    return limits


def _summarise(fits: list[dict[str, Any]]) -> dict[str, Any]:
    if not fits:
        return {}
    by_method: dict[str, list[dict[str, Any]]] = {}
    for fit in fits:
        by_method.setdefault(fit["method"], []).append(fit)
    return {**_summarise_some(fits), "methods": {name: _summarise_some(rows) for name, rows in by_method.items()}}


def _summarise_some(fits: list[dict[str, Any]]) -> dict[str, Any]:
    l2d = np.array([fit["l2d"] for fit in fits], dtype=float)
    initial = np.array([fit["l2d_initial"] for fit in fits], dtype=float)
    rms_px = [fit["rms_px"] for fit in fits if fit["rms_px"] is not None]
    return {
        "fits": len(fits),
        "median_l2d": float(np.median(l2d)),
        "median_l2d_initial": float(np.median(initial)),
        "median_rms_px": float(np.median(rms_px)) if rms_px else None,
        "share_improved": float((l2d < initial).mean()),
        "passing": {name: sum(fit["filters"][name] for fit in fits) for name in FILTERS},
    }
