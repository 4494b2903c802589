"""Pictures to train a picture regressor with: the mannequin in a suit whose colours tell its parts, before any ground.

The suit paints each place of the body by where it lies at rest, so that a network finds limbs, sides and turns without
first having to learn what clothes are. That makes thousands, not millions, of pictures enough to read poses by
(docs/hmr_training.md); it does not make them photographs.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import torch
from numpy.random import Generator
from numpy.typing import NDArray
from torch.nn import functional

from fitting.body.assets import BodyAsset
from fitting.body.model import BodyModel
from fitting.regressor.hmr import PICTURE_SIDE
from fitting.render.pyrender_backend import get_renderer
from fitting.render.shading import NormalOperator
from fitting.render.surface import locate_surface
from fitting.spec import ByteImage, FloatArray
from fitting.synthetic.people import People

_DARKEST: Final = 0.12
_BACK: Final = 0.5
"""How bright the suit's back is beside its front."""
_GRAIN: Final = 0.015
_AMBIENT: Final = (0.35, 0.65)
_POSED_AT_ONCE: Final = 64


class SuitArtist:
    """Draws people of one body; belongs to the thread that made it, as the renderer does.

    Attributes:
        side: Width and height of the pictures, pixels.
        oversampling: Pictures are drawn this many times as large and shrunk: 1 is fast, 2 has clean edges.
    """

    def __init__(self, body: BodyModel, side: int = PICTURE_SIDE, oversampling: int = 1) -> None:
        self.side = side
        self.oversampling = oversampling
        self._body = body
        self._renderer = get_renderer()
        self._normals = NormalOperator(body.faces, len(body.asset.v_template))
        self._suit = paint_suit(body.asset)

    def draw(self, people: People, rng: Generator) -> ByteImage:
        """Pictures ``(B, side, side, 3)`` of what the people's boxes show, each in its own light."""
        pictures = np.empty((len(people.betas), self.side, self.side, 3), dtype=np.uint8)
        for start in range(0, len(pictures), _POSED_AT_ONCE):
            part = slice(start, start + _POSED_AT_ONCE)
            with torch.no_grad():
                posed = self._body.vertices(people.rotations[part], people.betas[part]).numpy()
            for offset, (points_cam, camera) in enumerate(zip(posed, people.camera[part].numpy(), strict=True)):
                pictures[start + offset] = self._draw_one(points_cam, camera, rng)
        return pictures

    def _draw_one(self, points_cam: FloatArray, camera: FloatArray, rng: Generator) -> ByteImage:
        fine = self.side * self.oversampling
        placed = points_cam * (camera[0] * fine / 2)
        placed[:, :2] += (camera[1:] + 1) * (fine / 2)
        surface = locate_surface(
            self._renderer.draw_face_ids(placed, self._body.faces, (fine, fine)), placed, self._body.faces
        )
        lit = self._suit * _draw_light(self._normals(points_cam), rng)
        picture = np.ascontiguousarray(_draw_ground(fine, rng))
        picture[surface.rows, surface.columns] = surface.interpolate(lit)
        over = self.oversampling
        picture = picture.reshape(self.side, over, self.side, over, 3).mean((1, 3))
        picture += _GRAIN * rng.standard_normal(picture.shape, dtype=np.float32)
        developed: ByteImage = np.clip(picture * 255 + 0.5, 0, 255).astype(np.uint8)
        return developed


def paint_suit(asset: BodyAsset) -> FloatArray:
    """Display colours ``(V, 3)`` of the suit: red grows to the body's left and blue to its right, green upwards.

    A mirrored body with red and blue exchanged wears the same suit, so pictures may be mirrored in training
    (:func:`fitting.training.picture_augmentation.mirror_pictures`). The back is darker than the front.
    """
    rest = asset.v_template.astype(np.float64)
    reach = np.abs(rest[:, 0]).max()
    # The root steepens the change at the midline: a left and a right leg lie close to it.
    aside = np.sign(rest[:, 0]) * np.sqrt(np.abs(rest[:, 0]) / reach)
    height = (rest[:, 1] - rest[:, 1].min()) / np.ptp(rest[:, 1])
    color = np.stack((0.5 + 0.5 * aside, height, 0.5 - 0.5 * aside), axis=1)
    front = NormalOperator(asset.faces, len(rest))(rest)[:, 2:]
    brightness = _BACK + (1 - _BACK) * (0.5 + 0.5 * front)
    painted: FloatArray = (_DARKEST + (1 - _DARKEST) * color) * brightness
    return painted


def _draw_light(normals: FloatArray, rng: Generator) -> FloatArray:
    """Light ``(V, 1)`` on a matt body from one random direction on the camera's side, and from all around."""
    direction = rng.normal(size=3)
    direction[2] = -abs(direction[2]) - 0.3
    ambient = rng.uniform(*_AMBIENT)
    facing = np.clip(normals @ (direction / np.linalg.norm(direction)), 0.0, 1.0)
    light: FloatArray = (ambient + (1.1 - ambient) * facing)[:, None]
    return light


def _draw_ground(side: int, rng: Generator) -> NDArray[np.float32]:
    """A picture ``(side, side, 3)`` of soft random patches, greyer than the suit."""
    cells = int(rng.integers(2, 9))
    grey = rng.uniform(0.1, 0.9) + rng.uniform(0.02, 0.25) * rng.normal(size=(1, cells, cells))
    tint = rng.uniform(0.0, 0.1) * rng.normal(size=(3, cells, cells))
    patches = torch.tensor(grey + tint, dtype=torch.float32)[None]
    ground = functional.interpolate(patches, (side, side), mode="bilinear", align_corners=False)
    picture: NDArray[np.float32] = ground[0].permute(1, 2, 0).clamp(0, 1).numpy()
    return picture
