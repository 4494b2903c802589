"""Frozen pictured people: pictures, annotations and truth in one file, to compare ways of fitting on.

python -m fitting.training.picture_frozen --out eval_people.npz --people 100
"""

from __future__ import annotations

import argparse
import io
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch import Tensor

from fitting.body.model import BodyModel, load_body
from fitting.errors import AssetError, FittingError
from fitting.geometry.camera import crop_to_image, image_to_crop
from fitting.regressor.hmr import PICTURE_SIDE
from fitting.spec import Box
from fitting.synthetic.people import sample_people
from fitting.training.picture_cache import PICTURED_PEOPLE, PicturedPeople
from fitting.training.picture_drawing import SuitArtist
from resources import default_body

FROZEN_SEED: Final = 20_261_122
"""Far from the seeds of caches and of training's test people."""
PICTURE_BOX: Final = Box(np.full(2, PICTURE_SIDE / 2), PICTURE_SIDE / 200)
"""Each picture is its person's box, so the crop of a fit is the picture itself."""


@dataclass(frozen=True, slots=True, eq=False)
class FrozenPictures:
    """N pictured people and their keypoints ``(N, 49, 3)`` as annotators give them, normalised crop coordinates."""

    people: PicturedPeople
    keypoints: Tensor

    def first(self, count: int | None) -> FrozenPictures:
        """The first ``count`` people; all with None."""
        return FrozenPictures(self.people.part(slice(count)), self.keypoints[:count])


def freeze_pictures(path: Path, body: BodyModel, count: int, seed: int = FROZEN_SEED) -> None:
    """Draw people, twice as fine as for training, with noisy COCO keypoints, and keep them.

    The file also holds ``keypoints_px`` and ``joints_cam`` (metres), for programs that know no body.
    """
    people = sample_people(body.kinematics, count, torch.Generator().manual_seed(seed), PICTURED_PEOPLE)
    pictures = SuitArtist(body, oversampling=2).draw(people, np.random.default_rng(seed))
    keypoints_px = people.keypoints.numpy().copy()
    labelled = keypoints_px[..., 2] > 0
    keypoints_px[..., :2] = crop_to_image(keypoints_px[..., :2], PICTURE_BOX) * labelled[..., None]
    np.savez_compressed(
        path,
        pictures=pictures,
        keypoints_px=keypoints_px,
        joints_cam=people.joints_cam.numpy(),
        rotations=people.rotations.numpy(),
        betas=people.betas.numpy(),
        camera=people.camera.numpy(),
        box_center_px=np.tile(PICTURE_BOX.center_px, (count, 1)),
        box_scale=np.full(count, PICTURE_BOX.scale),
    )


def read_frozen_pictures(path: Path) -> FrozenPictures:
    """Read pictured people.

    Raises:
        AssetError: The file is missing or not one of :func:`freeze_pictures`.
    """
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as archive:
            keypoints = np.array(archive["keypoints_px"])
            people = PicturedPeople(
                *(torch.from_numpy(archive[key]) for key in ("pictures", "rotations", "betas", "camera"))
            )
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise AssetError(f"Pictured people {path} cannot be read ({error}); freeze them again.") from error
    labelled = keypoints[..., 2:] > 0
    keypoints[..., :2] = image_to_crop(keypoints[..., :2], PICTURE_BOX) * labelled
    return FrozenPictures(people, torch.as_tensor(keypoints, dtype=torch.float32))


def main(arguments: list[str] | None = None) -> int:
    """Command line; 0 done, 2 bad input."""
    parser = argparse.ArgumentParser(
        prog="python -m fitting.training.picture_frozen", description="Draw people to compare ways of fitting on."
    )
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--people", type=int, default=100)
    parser.add_argument("--body", type=Path, default=default_body())
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    try:
        freeze_pictures(options.out, load_body(options.body), options.people)
    except (FittingError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
