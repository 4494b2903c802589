"""EFT on the open regressor: a re-fit as the window sees it, and an iteration against a plain loop."""

from __future__ import annotations

import queue
import time
from collections.abc import Iterator

import numpy as np
import torch

from fitting.body.model import load_body
from fitting.fit import run_fit_job
from fitting.geometry.camera import project_to_crop
from fitting.losses import eft_losses
from fitting.optimise import set_tuning_mode
from fitting.preprocess import build_exemplar
from fitting.regressor.loading import load_regressor
from fitting.runners import ProcessRunner
from fitting.spec import EftOptions, Event, JobFailed, JobFinished, JobProgressed
from resources import default_body, default_regressor
from tests.bench.measure import Figure, time_ms
from tests.helpers.fits import fit_job

ITERATIONS = 20
FULL = EftOptions(max_iterations=ITERATIONS, stop_l2d=1e-12)


def measure_fits() -> Iterator[Figure]:
    """Rows about fits. Time grows linearly with iterations and with people; workers divide it."""
    yield from _through_the_runner()
    ours = time_ms("EFT, 20 iterations, in one process", lambda: run_fit_job(fit_job(options=FULL)), runs=8)
    yield ours
    peer = time_ms("  peer: plain loop, unfused Adam, mesh in the loop", _plain_loop, runs=4, warm_up=1)
    yield peer
    yield Figure("  ratio peer / ours", peer.median / ours.median, peer.p95 / ours.p95)


def _through_the_runner() -> Iterator[Figure]:
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    runner = ProcessRunner(events.put)
    first, whole = [], []
    try:
        for run in range(8):
            job = fit_job(options=FULL)
            started = time.perf_counter()
            runner.submit(job)
            seen = False
            while not isinstance(event := events.get(), JobFinished):
                if isinstance(event, JobFailed):
                    raise RuntimeError(event.message + event.details)
                if isinstance(event, JobProgressed) and not seen:
                    seen = True
                    if run:
                        first.append(1000 * (time.perf_counter() - started))
            if run:  # the first run loads torch, body and network
                whole.append(1000 * (time.perf_counter() - started))
    finally:
        runner.close()
    yield Figure("re-fit, 20 iterations, through the worker", float(np.median(whole)), max(whole), "<= 1000")
    yield Figure("  first iteration seen after", float(np.median(first)), max(first), "<= 300")


def _plain_loop() -> None:
    """What the released code does on the same network: default Adam, the whole mesh at each iteration."""
    regressor, body = load_regressor(default_regressor()), load_body(default_body())
    set_tuning_mode(regressor)
    exemplar = build_exemplar(fit_job(options=FULL), FULL, uses_picture=True)
    state = {name: tensor.clone() for name, tensor in regressor.state_dict().items()}
    adam = torch.optim.Adam(regressor.parameters(), lr=3e-5)
    for _ in range(ITERATIONS):
        output = regressor(exemplar.inputs)
        body.vertices(output.rotations, output.betas)
        joints = project_to_crop(body.joints(output.rotations, output.betas), output.camera)
        losses = eft_losses(joints, output.betas, output.camera, exemplar.targets, FULL.weights)
        adam.zero_grad()
        losses.total.sum().backward()
        adam.step()
    regressor.load_state_dict(state)
