"""``python -m tests.bench.progress``: the questions of the Progress page on a project of a hundred thousand people."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

from app.services.progress import L2D_EDGES, LATEST, RMS_EDGES, local_now, read_pace, read_progress
from app.services.project import Project
from db.records import AnnotatorId
from db.transactions import Reading
from tests.bench.crowd import prepare_crowd
from tests.bench.measure import Figure, time_ms

_TARGET = "<= 200"


def measure_progress() -> Iterator[Figure]:
    """Each question by itself, then all of them as the page asks them."""
    week_ago = local_now() - timedelta(days=7)
    with Project.open(prepare_crowd(), with_files=False) as project, project.store.read() as reader:
        annotators = [annotator.id for annotator in reader.annotators.list_all()]
        questions: dict[str, Callable[[Reading], object]] = {
            "states": lambda reader: reader.progress.counts(),
            "states by dataset": lambda reader: reader.progress.by_dataset(),
            "reasons": lambda reader: reader.progress.reasons(),
            "histogram of L2d": lambda reader: reader.progress.l2d_counts(L2D_EDGES),
            "histogram of RMS": lambda reader: reader.progress.rms_crop_counts(RMS_EDGES),
            "verdicts by annotator": lambda reader: reader.work.verdicts(),
            "latest decisions of everybody": lambda reader: [reader.work.latest(one, LATEST) for one in annotators],
            "people of a week": lambda reader: reader.work.people_since(annotators, week_ago),
            "edits by annotator": lambda reader: reader.work.edits(),
            "an annotator's day": lambda reader: read_pace(reader, AnnotatorId(annotators[0]), local_now()),
        }
        for name, ask in questions.items():
            yield time_ms(f"progress: {name}", lambda ask=ask: ask(reader), runs=5, warm_up=1, target=_TARGET)
        yield time_ms("progress: the page", lambda: read_progress(reader, local_now()), runs=5, warm_up=1)


if __name__ == "__main__":
    for figure in measure_progress():
        print(f"{figure.name:45s} {figure.median:8.1f} {figure.p95:8.1f}  {figure.target}")
