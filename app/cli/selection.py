"""Options that select fits, the same for every command."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from app.services.selecting import Selection


class FilterName(StrEnum):
    """Filters by name, those of ``app.services.filters``."""

    export = "export"
    normal = "normal"
    strict = "strict"
    export_rms = "export-rms"
    normal_rms = "normal-rms"
    strict_rms = "strict-rms"
    unflagged = "unflagged"
    flagged = "flagged"


Method = Annotated[
    str | None,
    typer.Option(
        "--method",
        metavar="NAME",
        help="Take each person's newest fit by this method (eft, smplify, regressor or the label of imported fits) "
        "that belongs to the current keypoints, instead of the current fit.",
    ),
]
Filters = Annotated[
    list[FilterName] | None,
    typer.Option(
        "--filter",
        help="Only fits that pass this filter; may be repeated. Those ending in -rms apply the limit on L2d as RMS "
        "pixels over the labelled joints; unflagged and flagged look at the body's size and trunk.",
    ),
]
MaxRms = Annotated[
    float | None, typer.Option("--max-rms-px", min=0, help="Only fits up to this RMS distance, pixels of the picture.")
]
MaxL2d = Annotated[float | None, typer.Option("--max-l2d", min=0, help="Only fits up to this L2d.")]
MaxBeta = Annotated[
    float | None, typer.Option("--max-beta", min=0, help="Only fits whose shape coefficients are all within ± this.")
]

Where = Annotated[
    str | None,
    typer.Option(
        "--where",
        metavar="TEXT",
        help="Only people who match this filter of the window, such as 'state:fitted suspicion>0.7 -by:anna'.",
    ),
]


def build_selection(
    method: str | None, filters: list[FilterName] | None, max_rms_px: float | None, max_l2d: float | None,
    max_beta: float | None, where: str | None = None,
) -> Selection:  # fmt: skip
    """The selection that a command's options ask for.

    Raises:
        ServiceError: A limit is no number, or the filter is not understood.
    """
    return Selection(method, tuple(row.value for row in filters or ()), max_rms_px, max_l2d, max_beta, where or "")
