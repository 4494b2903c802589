"""The open regressor: a lifter that also looks at the picture.

The keypoints go as a vector into a residual MLP (:mod:`fitting.regressor.lifter`); a small trunk looks at the crop
(:mod:`fitting.regressor.sight`), and what it sees is added behind the MLP's first layer. That new part starts at zero,
so training begins as the lifter that was there before, and whatever the picture adds it has earned.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar, Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from fitting.regressor.base import RegressorInput, RegressorOutput
from fitting.regressor.card import RegressorCard
from fitting.regressor.lifter import JOINTS, Lifter
from fitting.regressor.sight import Sight, Trunk

ARCHITECTURE: Final = "sighted_lifter"
_JOINED: Final = 512


class SightedLifter(Lifter):
    """Lifter with a trunk. Without a picture it is the lifter alone."""

    uses_picture = True
    layer_subsets: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "all": ("",),
        "lifter": ("stem", "blocks", "norm", "head"),
        "head": ("head",),
    }

    def __init__(self, card: RegressorCard, width: int = 1024, blocks: int = 3, trunk: int = 16) -> None:
        super().__init__(card, width, blocks)
        self.trunk = Trunk(trunk)
        self.belief = nn.Linear(width, JOINTS)
        self.joined = nn.Linear(self.trunk.feature_count, _JOINED)
        self.entry = nn.Linear(_JOINED, width)
        nn.init.zeros_(self.entry.weight)
        nn.init.zeros_(self.entry.bias)

    def forward(self, inputs: RegressorInput) -> RegressorOutput:
        """Predict bodies; only the last 24 joints of spin49 are looked at."""
        sight = None if inputs.picture is None else self.look(inputs)
        return self.predict(inputs, sight)

    def believe(self, inputs: RegressorInput) -> Tensor:
        """Depths behind the pelvis ``(B, 24)``, metres, that the keypoints alone suggest."""
        with torch.no_grad():
            features = self.norm(self._through_blocks(inputs, None))
        belief: Tensor = self.belief(features)
        return belief

    def look(self, inputs: RegressorInput) -> Sight:
        """What the trunk sees; the input must have a picture."""
        assert inputs.picture is not None
        keypoints = inputs.keypoints[:, -JOINTS:]
        given = keypoints[..., 2:] > 0
        known = torch.where(given, keypoints[..., :2], torch.zeros_like(keypoints[..., :2]))
        belief = self.believe(inputs).float().detach()
        sight: Sight = self.trunk(inputs.picture, torch.cat((known, keypoints[..., 2:]), -1), belief)
        return sight

    def predict(self, inputs: RegressorInput, sight: Sight | None) -> RegressorOutput:
        """Bodies of keypoints and what was seen."""
        return self._regress(self._through_blocks(inputs, None if sight is None else self._enter(sight)))

    def prepare(self, inputs: RegressorInput, layers: str) -> Callable[[], RegressorOutput]:
        """Before the lifter, or the head alone, everything else is computed once."""
        if layers == "all":
            return lambda: self(inputs)
        with torch.no_grad():
            entry = None if inputs.picture is None else self._enter(self.look(inputs))
            if layers == "head":
                features = self._through_blocks(inputs, entry)
                return lambda: self._regress(features)
        return lambda: self._regress(self._through_blocks(inputs, entry))

    def _enter(self, sight: Sight) -> Tensor:
        entry: Tensor = self.entry(functional.relu(self.joined(sight.features)))
        return entry

    def _through_blocks(self, inputs: RegressorInput, entry: Tensor | None) -> Tensor:
        features = self._stem(inputs.keypoints[:, -JOINTS:])
        if entry is not None:
            features = features + entry.float()
        for block in self.blocks:
            features = block(features)
        return features
