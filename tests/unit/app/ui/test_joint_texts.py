"""What is said of a joint in one line."""

from __future__ import annotations

import pytest

from app.ui.widgets.joint_texts import JointFacts, describe_joint, describe_source
from db.records import KeypointSource


def test_everything_is_said_and_the_name_comes_first() -> None:
    facts = JointFacts(
        visibility=1,
        residual_px=3.24,
        source="detector",
        confidence=0.874,
        outside=True,
        pinned=True,
        ignored=True,
        depth=("away",),
    )
    assert describe_joint("left wrist", facts) == (
        "left wrist · 3.2 px · occluded · outside the picture · pinned · ignored · detector 0.87"
        " · goes away from the camera"
    )
    assert describe_joint("nose", JointFacts()) == "nose"


@pytest.mark.parametrize(
    ("source", "confidence", "text"),
    [
        ("imported", 1.0, "imported"),
        ("imported", 0.5, "imported 0.50"),
        ("detector", 1.0, "detector 1.00"),
        ("detector", float("nan"), "detector"),
        ("human", 0.3, "human"),
        ("projected", 1.0, "projected"),
        ("synthetic", 1.0, "synthetic"),
    ],
)
def test_only_what_a_machine_found_has_a_confidence(source: KeypointSource, confidence: float, text: str) -> None:
    assert describe_source(source, confidence) == text
