"""A small file of every format of people, for the contract suite and the fuzzer: a module for each family."""

from __future__ import annotations

from tests.helpers.people_examples import coco, folders, like_coco, matlab, openpose, tools, truth
from tests.helpers.people_examples.example import Example

EXAMPLES: dict[str, Example] = {
    **coco.EXAMPLES,
    **like_coco.EXAMPLES,
    **matlab.EXAMPLES,
    **openpose.EXAMPLES,
    **tools.EXAMPLES,
    **truth.EXAMPLES,
    **folders.EXAMPLES,
}
"""By format, or by format and variant (``mpii/json``)."""

__all__ = ["EXAMPLES", "Example"]
