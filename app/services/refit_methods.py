"""What the window can re-fit with: one table for menu, button and tooltip."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.services.asset_info import read_card
from app.services.fitting import FitRecipe
from app.services.project import Project
from app.settings import RefitChoice
from fitting.spec import EftOptions


@dataclass(frozen=True, slots=True)
class RefitMethod:
    """One way to re-fit.

    Attributes:
        title: For people.
        tip: What it does, one sentence without its full stop.
        recipe: How the job is built.
    """

    title: str
    tip: str
    recipe: FitRecipe


REFIT_METHODS: Mapping[RefitChoice, RefitMethod] = {
    "eft": RefitMethod("EFT", "Exemplar fine-tuning: the regressor is tuned to this person", FitRecipe("eft")),
    "eft_fast": RefitMethod(
        "EFT fast",
        "Exemplar fine-tuning of the late layers only; where the regressor has settings for it",
        FitRecipe("eft", EftOptions(mode="fast")),
    ),
    "smplify": RefitMethod(
        "SMPLify", "The baseline: pose and shape are optimised themselves, held by priors", FitRecipe("smplify")
    ),
    "regressor": RefitMethod("plain regressor", "The prediction as it is, without tuning", FitRecipe("regressor")),
}


def has_fast_mode(project: Project) -> bool:
    """Whether the project's regressor has settings for EFT's fast mode.

    Raises:
        ServiceError: Its card is missing or none.
    """
    return read_card(project.regressor).get("fast") is not None
