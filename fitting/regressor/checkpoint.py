"""Published checkpoints of SPIN and EFT: a pickled dict whose ``model`` is the state of an HMR ResNet-50.

``torch.load(weights_only=True)`` reads it; of what the file carries besides tensors (eft_method.md 2.4: optimiser
state, counters, a permutation of the data) numpy's scalars and arrays are let through, and nothing else that is not
a plain container. Anything a pickle could call is refused by its name before it runs.
"""

from __future__ import annotations

import hashlib
import importlib
import pickle
import re
import warnings
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
import torch
from torch import Tensor

from fitting.errors import AssetError
from fitting.regressor.card import FastTuning, RegressorCard, TrainingRecord
from fitting.regressor.checkpoint_pickles import check_crashes_nobody
from fitting.regressor.hmr import ARCHITECTURE, Hmr
from fitting.spec import CameraConvention
from resources.plain_pickle import PlainPickleError

SUFFIXES: Final = (".pt", ".pth", ".tar", ".ckpt")
"""Endings of published checkpoints; everything else is taken for ``.safetensors``."""

_PUBLISHED: Final = RegressorCard(
    name="published",
    architecture=ARCHITECTURE,
    settings={},
    learning_rate=5e-6,
    max_iterations=20,
    stop_l2d=1e-4,  # defaults of the released code (eft_method.md 1.4)
    body_name="SMPL",
    body_sha256="",
    licence="as the checkpoint's publisher says",
    weights_sha256="",
    training=TrainingRecord(
        data="unknown (a published checkpoint)", preset="", steps=0, people_seen=0, seconds=0, machine=""
    ),
    input="picture",
    crop="exact",
    keep="last",
    fast=FastTuning(layers="layer4.2+head", learning_rate=2e-5, max_iterations=24),
)
_WRAPPER = "module."  # what DataParallel puts before every name
_UNREADABLE = (OSError, EOFError, RuntimeError, ValueError, TypeError, KeyError, AttributeError, IndexError)


def read_state(path: Path) -> dict[str, Tensor]:
    """State of the network in a checkpoint, 331 entries, checked name by name; float32, on the CPU.

    Raises:
        AssetError: Missing, no checkpoint, one that wants to run something, or one of another network.
    """
    state = _find_state(_read(path), path)
    own = _expected_shapes()
    missing = [name for name in own if name not in state]
    if missing:
        raise AssetError(
            f"Checkpoint {path.name} has no '{missing[0]}' ({len(missing)} of {len(own)} entries are missing);"
            " give one of HMR's ResNet-50, as SPIN and EFT publish it."
        )
    extra = [name for name in state if name not in own]
    if extra:
        raise AssetError(
            f"Checkpoint {path.name} holds '{extra[0]}', which HMR's ResNet-50 does not have; give one of that network."
        )
    for name, tensor in state.items():
        if tuple(tensor.shape) != own[name]:
            raise AssetError(
                f"'{name}' in checkpoint {path.name} has the shape {tuple(tensor.shape)}, expected {own[name]};"
                " give one of HMR's ResNet-50."
            )
        if not torch.isfinite(tensor).all():
            raise AssetError(f"'{name}' in checkpoint {path.name} holds NaN; download the file again.")
    return {
        name: tensor if tensor.dtype == torch.int64 else tensor.float().contiguous() for name, tensor in state.items()
    }


def load_checkpoint(path: Path, camera: CameraConvention) -> Hmr:
    """Network of a published checkpoint with the released code's defaults on its card, ready to predict or to tune.

    Args:
        path: Checkpoint.
        camera: What its camera triple means: ``eft`` for EFT's own, ``spin`` for SPIN's.

    Raises:
        AssetError: As :func:`read_state`.
    """
    state = read_state(path)
    regressor = Hmr(build_card(path, camera))
    regressor.load_state_dict(state)
    return regressor.eval()


def convert_checkpoint(source: Path, target: Path | None, camera: CameraConvention) -> tuple[RegressorCard, str]:
    """Write a checkpoint as ``.safetensors`` with a card; without a target only check it.

    Returns:
        The card, and one sentence that says what the file is.

    Raises:
        AssetError: As :func:`read_state`.
    """
    from fitting.regressor.loading import save_regressor

    regressor = load_checkpoint(source, camera)
    card = regressor.card if target is None else save_regressor(regressor, target)
    parameters = sum(parameter.numel() for parameter in regressor.parameters())
    return card, f"HMR ResNet-50 with {parameters:,} parameters, its camera taken as {camera.upper()}'s"


def build_card(path: Path, camera: CameraConvention) -> RegressorCard:
    """Card of a published checkpoint: nothing is known of its training, and EFT treats it as the released code does."""
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    name = re.sub(r"[^\w.-]+", "_", path.stem)
    return msgspec.structs.replace(_PUBLISHED, name=name, camera=camera, weights_sha256=sha256)


@lru_cache(maxsize=1)
def _expected_shapes() -> dict[str, tuple[int, ...]]:
    with torch.device("meta"):
        return {name: tuple(tensor.shape) for name, tensor in Hmr(_PUBLISHED).state_dict().items()}


def _read(path: Path) -> object:
    """Whatever the file holds, with only tensors, numpy numbers and plain containers allowed in it."""
    try:
        check_crashes_nobody(path)
        with torch.serialization.safe_globals(_numpy_globals()), warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # what cannot be read is refused by name
            return torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError as error:
        raise AssetError(f"Checkpoint {path} is missing; check the name.") from error
    except PlainPickleError as error:
        raise AssetError(f"Checkpoint {path.name} is refused: {error}.") from error
    except pickle.UnpicklingError as error:
        named = re.search(r"(?:GLOBAL|global|class|function) (?:`?)([\w.]+\.[\w.]+)", str(error))
        wants = f" (it wants to run '{named.group(1)}')" if named else ""
        raise AssetError(
            f"Checkpoint {path.name} is refused{wants}: only tensors, numbers and plain containers are read;"
            " nothing of it was run."
        ) from error
    except _UNREADABLE as error:
        # Only the first sentence: those behind it advise to read the file without care.
        first = str(error).splitlines()[0].partition(". ")[0] if str(error) else type(error).__name__
        raise AssetError(f"Checkpoint {path.name} cannot be read ({first}); download it again.") from error


def _numpy_globals() -> list[Any]:
    """Counters may be numpy scalars and the data permutation a numpy array, under the names of numpy 1 and 2."""
    core = importlib.import_module("numpy._core.multiarray" if hasattr(np, "_core") else "numpy.core.multiarray")
    kinds = {type(np.dtype(kind)) for kind in ("i4", "i8", "f4", "f8", "u1", "?")}
    named = [
        (function, f"{module}.{name}")
        for module in ("numpy.core.multiarray", "numpy._core.multiarray")
        for function, name in ((core.scalar, "scalar"), (core._reconstruct, "_reconstruct"))
    ]
    return [*named, np.ndarray, np.dtype, *kinds]


def _find_state(content: object, path: Path) -> dict[str, Tensor]:
    state = content
    if isinstance(content, Mapping):
        state = next((content[key] for key in ("model", "state_dict") if key in content), content)
    if not isinstance(state, Mapping) or not state:
        raise AssetError(
            f"Checkpoint {path.name} has no 'model' with the weights of a network; give a checkpoint of SPIN or EFT."
        )
    for name, value in state.items():
        if not isinstance(name, str) or not isinstance(value, Tensor):
            raise AssetError(
                f"'{name}' in checkpoint {path.name} is no tensor; give a checkpoint of SPIN or EFT with a 'model'."
            )
    return {name.removeprefix(_WRAPPER): value for name, value in state.items()}
