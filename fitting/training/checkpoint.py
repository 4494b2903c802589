"""State of an unfinished run: everything that decides what the next step does."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch
from torch import Generator, Tensor, nn

from fitting.errors import AssetError
from fitting.regressor.card import write_whole

FILE_NAME = "checkpoint.pt"


@dataclass(slots=True)
class Progress:
    """What a run has used so far."""

    step: int = 0
    seconds: float = 0.0


def write_checkpoint(
    folder: Path, network: nn.Module, optimiser: torch.optim.Optimizer, generator: Generator, progress: Progress
) -> None:
    """Write the state whole or not at all; only tensors and plain values, nothing pickled of our own."""
    buffer = io.BytesIO()
    state = {
        "network": network.state_dict(),
        "optimiser": optimiser.state_dict(),
        "generator": generator.get_state(),
        "step": progress.step,
        "seconds": progress.seconds,
    }
    torch.save(state, buffer)
    write_whole(folder / FILE_NAME, buffer.getvalue())


def read_checkpoint(
    folder: Path, network: nn.Module, optimiser: torch.optim.Optimizer, generator: Generator
) -> Progress:
    """Put a run back to where its checkpoint left it.

    Raises:
        AssetError: No checkpoint, a broken one, or one of another network.
    """
    path = folder / FILE_NAME
    try:
        state: dict[str, Any] = torch.load(path, weights_only=True)
        network.load_state_dict(state["network"])
        optimiser.load_state_dict(state["optimiser"])
        generator_state: Tensor = state["generator"]
        generator.set_state(generator_state)
        return Progress(int(state["step"]), float(state["seconds"]))
    except FileNotFoundError as error:
        raise AssetError(f"There is no run to resume in {folder}; start it without --resume.") from error
    except OSError as error:
        raise AssetError(f"Checkpoint {path} cannot be read ({error.strerror}); check its permissions.") from error
    except (RuntimeError, KeyError, ValueError, EOFError, TypeError, AttributeError, UnpicklingError) as error:
        raise AssetError(
            f"Checkpoint {path} is damaged or of another network; resume with the preset it was begun with, or train in"
            " another folder."
        ) from error
