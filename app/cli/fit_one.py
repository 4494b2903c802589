"""``fit-one``: one fit without a project."""

from __future__ import annotations

import dataclasses
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from app.cli.choosing import Camera
from app.cli.fit_options import (
    AnkleWeight,
    HipWeight,
    Iterations,
    KeepOption,
    Layers,
    LearningRate,
    Mode,
    ModeOption,
    Paper,
    Prior,
    ReleasedFaults,
    SmplifyIterations,
    StopL2d,
    build_recipe,
)
from app.cli.output import AsJson, progress_bar, report_result
from app.services.errors import ServiceError
from app.services.fit_one import check_trace_place, describe, fit_one, write_trace
from app.services.fitting import new_job_id
from app.services.images import load_image
from app.services.keypoint_files import read_keypoints
from db.formats.parts.boxes import coco_box, find_keypoint_bbox
from fitting.runners import InlineRunner
from fitting.spec import Box, FitJob, FitResult, FloatArray, MethodName
from resources import default_body, default_regressor

_LARGEST_BOX = 1e6


class Crop(StrEnum):
    """How picture and keypoints are brought into the crop."""

    exact = "exact"
    continuous = "continuous"


def fit_one_command(
    image: Annotated[Path, typer.Argument(help="Picture.")],
    keypoints: Annotated[Path, typer.Option(help="JSON file with the person's keypoints: rows of x, y, confidence.")],
    skeleton: Annotated[str, typer.Option(help="Layout of the keypoints: spin49, coco17, openpose25 …")] = "spin49",
    box: Annotated[
        str | None, typer.Option(metavar="CX,CY,SCALE", help="Square crop: centre in pixels, side / 200.")
    ] = None,
    regressor: Annotated[
        Path | None, typer.Option(help="Checkpoint of SPIN or EFT, or a converted one; by default the open regressor.")
    ] = None,
    body: Annotated[Path | None, typer.Option(help="Body, .npz or SMPL's .pkl; by default the mannequin.")] = None,
    trace: Annotated[
        Path | None, typer.Option(metavar="OUT.npz", help="Write every iteration: losses, body, projected joints.")
    ] = None,
    smplify: Annotated[bool, typer.Option("--smplify", help="The SMPLify baseline instead of EFT.")] = False,
    plain: Annotated[bool, typer.Option("--plain", help="The regressor's plain prediction instead of EFT.")] = False,
    camera: Camera = None,
    crop: Annotated[
        Crop | None, typer.Option(help="exact repeats the released rounding, the default for checkpoints.")
    ] = None,
    learning_rate: LearningRate = None,
    iterations: Iterations = None,
    stop_l2d: StopL2d = None,
    mode: ModeOption = Mode.exact,
    layers: Layers = None,
    keep: KeepOption = None,
    hips: HipWeight = None,
    ankles: AnkleWeight = None,
    paper: Paper = False,
    prior: Prior = None,
    released_faults: ReleasedFaults = False,
    smplify_iterations: SmplifyIterations = None,
    exif: Annotated[bool, typer.Option("--exif", help="Turn the picture as its EXIF data says.")] = False,
    as_json: AsJson = False,
) -> None:
    """Fit one body to one person of a picture, without a project."""
    method = _choose_method(smplify, plain)
    recipe = build_recipe(
        method,
        learning_rate,
        iterations,
        stop_l2d,
        mode,
        layers,
        keep,
        hips,
        ankles,
        paper,
        prior,
        released_faults,
        smplify_iterations,
    )
    options = dataclasses.replace(recipe.options, crop=None if crop is None else crop.value)
    if trace is not None:
        check_trace_place(trace, (image, keypoints, regressor, body, prior))
    picture = load_image(image, honour_exif=exif, convert_colours=False)
    keypoints_px = read_keypoints(keypoints, skeleton)
    job = FitJob(
        job_id=new_job_id(),
        method=method,
        keypoints_px=keypoints_px,
        box=_parse_box(box) if box else _box_around(keypoints_px, keypoints),
        body=body or default_body(),
        regressor=regressor or default_regressor(),
        options=options,
        smplify=recipe.choose_smplify(recipe.prior),
        prior=recipe.prior,
        camera=camera.value if camera else "eft",
        image_size_px=(picture.shape[1], picture.shape[0]),
        picture_rgb=picture,
        label=image.name,
    )
    with progress_bar("Fitting", None) as advance:
        result, steps = fit_one(job, InlineRunner, lambda step: advance(step.iteration + 1))
    if trace is not None:
        write_trace(trace, job, result, steps)
    report_result({"trace": trace, **describe(result)}, as_json, _in_words(result, trace))


def _choose_method(smplify: bool, plain: bool) -> MethodName:
    if smplify and plain:
        raise ServiceError("--smplify and --plain are two methods; give one of them.")
    return "smplify" if smplify else "regressor" if plain else "eft"


def _parse_box(text: str) -> Box:
    try:
        x, y, scale = (float(word) for word in text.split(","))
    except ValueError as error:
        raise ServiceError(f"The box '{text}' is not CX,CY,SCALE; write for example 320,240,1.25.") from error
    if not (max(abs(x), abs(y), scale) <= _LARGEST_BOX and scale >= 1 / _LARGEST_BOX):
        raise ServiceError(
            f"The box '{text}' needs numbers up to {_LARGEST_BOX:g} and a positive scale (side in pixels / 200)."
        )
    return Box(np.array([x, y]), scale)


def _box_around(keypoints_px: FloatArray, source: Path) -> Box:
    rectangle = find_keypoint_bbox(np.asarray(keypoints_px, dtype=np.float64))
    if rectangle is None:
        raise ServiceError(f"{source} has too few labelled keypoints to draw a box around; give --box CX,CY,SCALE.")
    center, scale = coco_box(rectangle)
    return Box(np.array(center), scale)


def _in_words(result: FitResult, trace: Path | None) -> str:
    before, after = result.initial_losses.l2d, result.final_losses.l2d
    rms = "" if result.rms_px is None else f", RMS {result.rms_px:.1f} px"
    if result.stop_reason == "plain":
        words = f"{result.method}: L2d {after:.3g}{rms} ({result.seconds:.2f} s)."
    else:
        why = "converged" if result.stop_reason == "converged" else "not converged"
        words = (
            f"{result.method}: L2d {before:.3g} -> {after:.3g}{rms}; {why} in {len(result.trace)} iterations"
            f" ({result.seconds:.2f} s)."
        )
    return words if trace is None else f"{words} Wrote {trace}."
