"""EFT on the paper's ResNet-50: exact and fast mode against a plain loop and against the arithmetic floor.

Time grows linearly with iterations and with people; workers of one thread each divide the people. Everything is on a
network of random weights: what it predicts does not change what it costs.
"""

from __future__ import annotations

import dataclasses
import queue
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch
from torch import nn

from fitting.body.model import load_body
from fitting.eft import ExemplarFineTuner
from fitting.preprocess import Exemplar, build_exemplar
from fitting.regressor.base import RegressorInput
from fitting.regressor.hmr import Hmr
from fitting.regressor.loading import load_regressor
from fitting.runners import ProcessRunner
from fitting.spec import EftOptions, Event, FitJob, JobFailed, JobFinished
from resources import default_body
from tests.bench.measure import Figure
from tests.helpers import released
from tests.helpers.fits import fit_job

ITERATIONS = 20
EXACT = EftOptions(max_iterations=ITERATIONS, stop_l2d=0)
FAST = EftOptions(stop_l2d=0, mode="fast")


def measure_hmr() -> Iterator[Figure]:
    """Rows about the ResNet-50; about two minutes."""
    with tempfile.TemporaryDirectory() as folder:
        checkpoint = released.random_checkpoint(Path(folder) / "random.pt")
        yield from _one_person(checkpoint)
        yield from _many_people(checkpoint)
        yield _peak_memory(checkpoint)


def picture_job(checkpoint: Path, options: EftOptions) -> FitJob:
    """A job with a picture of noise."""
    picture = np.random.default_rng(0).integers(0, 256, (480, 640, 3), dtype=np.uint8)
    return fit_job(regressor=checkpoint, picture_rgb=picture, image_size_px=(640, 480), options=options)


def _one_person(checkpoint: Path) -> Iterator[Figure]:
    regressor = load_regressor(checkpoint)
    assert isinstance(regressor, Hmr)
    tuner = ExemplarFineTuner(regressor, load_body(default_body()).kinematics)
    exact, fast = tuner.resolve(EXACT), tuner.resolve(FAST)
    exemplar = build_exemplar(picture_job(checkpoint, EXACT), exact.as_options(), uses_picture=True)
    plain = _plain_loop(checkpoint, exemplar)
    ways: dict[tuple[str, int], Callable[[], object]] = {
        ("ResNet-50, exact EFT", ITERATIONS): lambda: tuner.tune(exemplar, exact),
        (f"ResNet-50, fast EFT ({fast.layers})", fast.max_iterations): lambda: tuner.tune(exemplar, fast),
        ("  peer: plain loop as released", ITERATIONS): plain,
    }
    for way in ways.values():
        way()
    # In turn, so that a busy machine slows all of them alike.
    rounds = [[_seconds(way) for way in ways.values()] for _ in range(5)]
    taken = np.array(rounds)
    for column, (name, iterations) in enumerate(ways):
        figures = 1000 * taken[:, column]
        yield Figure(f"{name}, {iterations} iterations", float(np.median(figures)), float(figures.max()))
        yield Figure("  an iteration", float(np.median(figures)) / iterations, float(figures.max()) / iterations)
    for column, target in ((0, ">= 1.3, aim 2"), (1, ">= 3, aim 6")):
        ratio = taken[:, 2] / taken[:, column]
        name = "exact" if column == 0 else "fast"
        yield Figure(f"  ratio peer / {name}, a person", float(np.median(ratio)), float(ratio.min()), target)
    floor = 1000 * _multiply_adds(regressor) * 3 / _multiply_adds_per_second()
    yield Figure("  floor of an iteration: multiply-adds over matrix speed", floor, floor)


def _plain_loop(checkpoint: Path, exemplar: Exemplar) -> Callable[[], object]:
    state = torch.load(checkpoint, weights_only=True)["model"]
    body = released.Body(default_body())
    targets, picture = exemplar.targets, exemplar.inputs.picture
    assert picture is not None
    keypoints = torch.cat((targets.keypoints_crop[0], targets.confidence[0][:, None]), 1)
    return lambda: released.run(state, body, picture, keypoints, ITERATIONS, stop=0)


def _many_people(checkpoint: Path) -> Iterator[Figure]:
    """People a minute through the worker processes: one of one thread, then two."""
    rates = []
    for workers in (1, 2):
        rate = _people_per_minute(checkpoint, workers)
        rates.append(rate)
        yield Figure(f"ResNet-50, exact EFT, people a minute, {workers} workers of one thread", rate, rate)
    yield Figure("  ratio two / one", rates[1] / rates[0], rates[1] / rates[0], ">= 1.8")


def _people_per_minute(checkpoint: Path, workers: int, people_each: int = 3) -> float:
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    runner = ProcessRunner(events.put, workers=workers, threads=1)
    job = picture_job(checkpoint, EXACT)
    try:
        for warm in (True, False):
            people = workers * (1 if warm else people_each)
            started = time.perf_counter()
            for number in range(people):
                runner.submit(dataclasses.replace(job, job_id=f"{warm}-{number}"))  # type: ignore[arg-type]
            left = people
            while left:
                event = events.get()
                if isinstance(event, JobFailed):
                    raise RuntimeError(event.message + event.details)
                left -= isinstance(event, JobFinished)
        return 60 * people / (time.perf_counter() - started)
    finally:
        runner.close()


def _peak_memory(checkpoint: Path) -> Figure:
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.peak_memory", str(checkpoint)], capture_output=True, text=True, check=True
    )
    megabytes = float(done.stdout)
    return Figure("ResNet-50, exact EFT, peak memory of a worker, MB", megabytes, megabytes)


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _multiply_adds(regressor: Hmr) -> float:
    """Multiply-adds of one forward pass; the backward pass takes about two more."""
    total = 0.0

    def count(module: nn.Module, _inputs: object, output: torch.Tensor) -> None:
        nonlocal total
        weight = module.get_parameter("weight")
        total += weight.numel() * output.shape[-1] * output.shape[-2] if output.ndim == 4 else weight.numel()

    layers = [module for module in regressor.modules() if isinstance(module, nn.Conv2d | nn.Linear)]
    hooks = [module.register_forward_hook(count) for module in layers]
    with torch.no_grad():
        regressor(RegressorInput(torch.zeros(1, 49, 3), torch.zeros(1, 3, 224, 224)))
    for hook in hooks:
        hook.remove()
    return total


def _multiply_adds_per_second(size: int = 1536) -> float:
    left, right = torch.randn(size, size), torch.randn(size, size)
    return size**3 / min(_seconds(lambda: left @ right) for _ in range(8))
