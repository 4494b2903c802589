"""The plots of a report: errors by group, labelled keypoints and truncation, all errors, L2d before and after."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from fitting.errors import AssetError
from fitting.evaluation import photographs, testset
from fitting.evaluation.charts import COLOURS, Chart, Series, draw_chart
from fitting.evaluation.numbers import PersonNumbers
from fitting.evaluation.summary import KEYPOINT_BINS, MAIN_GROUPS, METHODS
from fitting.evaluation.truncation import LEVELS
from fitting.regressor.card import write_whole

_SHIFT: Final = 0.08
"""Between the methods of one group, so that intervals do not hide each other."""
_INTERVALS: Final = "means with 95 % intervals over people"
_PA: Final = "PA-MPJPE, mm (H36M-14)"


def write_plots(folder: Path, report: Mapping[str, Any], files: Sequence[PersonNumbers]) -> tuple[Path, ...]:
    """Write every plot that the results allow as PNG.

    Raises:
        AssetError: The disk refuses.
    """
    written = []
    for name, chart in _charts(report, files):
        if not chart.series:
            continue
        buffer = io.BytesIO()
        draw_chart(chart).save(buffer, "PNG")
        path = folder / f"{name}.png"
        try:
            write_whole(path, buffer.getvalue())
        except OSError as error:
            raise AssetError(f"{path} cannot be written ({error.strerror}); free space on the disk.") from error
        written.append(path)
    return tuple(written)


def _charts(report: Mapping[str, Any], files: Sequence[PersonNumbers]) -> Iterator[tuple[str, Chart]]:
    held_out = report["sets"].get(testset.NAME)
    if held_out is not None:
        yield from _group_charts(held_out["groups"])
        yield "pa_cumulative", _cumulative(files)
    levels = {level: report["sets"].get(f"{testset.NAME} level {level}") for level in LEVELS}
    told = {str(level): found["groups"]["all"] for level, found in levels.items() if found}
    if told:
        series = _by_group(list(told.values()), "pa_mm")
        yield "pa_by_level", Chart(_INTERVALS, "truncation level: 0 head, 7 whole body", _PA, series, list(told))
    for name in (testset.NAME, photographs.NAME):
        fitted = [numbers for numbers in _of_set(files, name) if numbers.about["method"] != "regressor"]
        if fitted:
            title = f"{name}: below the line means closer to the keypoints"
            series = [_before_and_after(numbers) for numbers in fitted]
            yield f"l2d_{name}", Chart(title, "L2d of the start", "L2d of the fit", series, log=True, equal=True)


def _group_charts(groups: Mapping[str, Any]) -> Iterator[tuple[str, Chart]]:
    main = {name: groups[name] for name in MAIN_GROUPS if name in groups}
    labels = [f"{name.split(' of ')[0].removesuffix(' keypoints')}, {told['people']}" for name, told in main.items()]
    for figure, title in (("pa_mm", _PA), ("wrong_limbs", "wrong-way limbs of 8 a person")):
        series = _by_group(list(main.values()), figure)
        yield f"{figure}_by_group", Chart(_INTERVALS, "group, people", title, series, labels)
    empty = {"people": 0, "methods": {}}
    bins = {f"{low}-{high}": groups.get(f"{low} to {high} keypoints", empty) for low, high in KEYPOINT_BINS}
    labels = [f"{name}, {told['people']}" for name, told in bins.items()]
    series = _by_group(list(bins.values()), "pa_mm")
    yield "pa_by_keypoints", Chart(_INTERVALS, "labelled keypoints, people", _PA, series, labels)


def _by_group(groups: Sequence[Mapping[str, Any]], figure: str) -> list[Series]:
    series = []
    for place, method in enumerate(METHODS):
        told = [group["methods"].get(method, {}).get(figure) for group in groups]
        if not any(told):
            continue
        value, low, high = (
            np.array([np.nan if each is None or each[key] is None else each[key] for each in told])
            for key in ("value", "low", "high")
        )
        x = np.arange(len(groups)) + _SHIFT * (place - 1.5)
        series.append(Series(method, COLOURS[place], x, value, low, high, line=False))
    return series


def _cumulative(files: Sequence[PersonNumbers]) -> Chart:
    series = []
    for numbers in _of_set(files, testset.NAME):
        errors = np.sort(numbers.columns["pa_mm"])
        errors = errors[np.isfinite(errors)]
        shares = np.arange(1, len(errors) + 1) / max(len(errors), 1)
        series.append(Series(*_named(numbers), errors, shares, marks=False))
    return Chart("", _PA, "share of people with a smaller error", series)


def _before_and_after(numbers: PersonNumbers) -> Series:
    columns = numbers.columns
    return Series(*_named(numbers), columns["l2d_start"], columns["l2d"], line=False)


def _named(numbers: PersonNumbers) -> tuple[str, tuple[int, int, int]]:
    method = str(numbers.about["method"])
    return method, COLOURS[METHODS.index(method)]


def _of_set(files: Sequence[PersonNumbers], name: str) -> list[PersonNumbers]:
    found = [numbers for numbers in files if numbers.about["set"] == name]
    return sorted(found, key=lambda numbers: METHODS.index(numbers.about["method"]))
