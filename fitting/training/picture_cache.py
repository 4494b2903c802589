"""Drawn people on disk: pictures to train on, made once and read at random.

    python -m fitting.training.picture_cache --out CACHE --people 50000

A cache is a folder of numbered chunks; chunk n always holds the same people. An interrupted run continues with the
first missing chunk, and training may read what is there while the rest is drawn.
"""

from __future__ import annotations

import argparse
import io
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from fitting.body.model import BodyModel, load_body
from fitting.errors import AssetError, FittingError
from fitting.geometry.rotations import axis_angle_to_matrix, matrix_to_axis_angle
from fitting.regressor.card import write_whole
from fitting.spec import ByteImage
from fitting.synthetic.people import PeopleSettings, sample_people
from fitting.synthetic.visibility import NOTHING_HIDDEN
from fitting.training.picture_drawing import SuitArtist
from resources import default_body

CHUNK: Final = 512
"""People in each chunk of a cache."""
PICTURED_PEOPLE: Final = PeopleSettings(
    perspective_share=0.0, keypoint_box_share=0.0, layouts={"coco17": 1.0}, visibility=NOTHING_HIDDEN
)
"""Whole people through a weak-perspective camera, in jittered boxes."""
_TRUTH: Final = ("axis_angles", "betas", "camera")


@dataclass(frozen=True, slots=True, eq=False)
class PicturedPeople:
    """B people with pictures.

    Attributes:
        pictures: ``(B, S, S, 3)`` RGB bytes, each exactly its person's box.
        rotations: ``(B, 24, 3, 3)``, the root's in the camera frame.
        betas: ``(B, 10)``.
        camera: ``(B, 3)`` ``[s, tx, ty]`` in the box.
    """

    pictures: Tensor
    rotations: Tensor
    betas: Tensor
    camera: Tensor

    def __len__(self) -> int:
        return len(self.betas)

    def part(self, people: slice) -> PicturedPeople:
        """Some of the people."""
        return PicturedPeople(self.pictures[people], self.rotations[people], self.betas[people], self.camera[people])


def draw_people(body: BodyModel, artist: SuitArtist, count: int, seed: int) -> PicturedPeople:
    """``count`` people and their pictures; the same seed gives the same ones."""
    people = sample_people(body.kinematics, count, torch.Generator().manual_seed(seed), PICTURED_PEOPLE)
    pictures = artist.draw(people, np.random.default_rng(seed))
    return PicturedPeople(torch.from_numpy(pictures), people.rotations, people.betas, people.camera)


def draw_cache(
    folder: Path, body: BodyModel, count: int, seed: int, say: Callable[[str], None], *, chunk: int = CHUNK
) -> None:
    """Draw the missing chunks, of ``chunk`` people each, of at least ``count`` people into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    artist = SuitArtist(body)
    for number in range(-(-count // chunk)):
        truth_path, picture_path = _chunk_paths(folder, number)
        if truth_path.exists():
            continue
        people = draw_people(body, artist, chunk, seed + number)
        write_whole(picture_path, _encode_array(people.pictures.numpy()))
        # The truth goes last: a chunk counts as there when its truth is.
        write_whole(truth_path, _encode_truth(people))
        say(f"{(number + 1) * chunk} people drawn")


class PictureCache:
    """The chunks of a folder, read by index; :meth:`refresh` finds those drawn since."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._pictures: list[ByteImage] = []
        self._truth: list[dict[str, Tensor]] = []
        self.refresh()
        if not self._truth:
            raise AssetError(
                f"There are no drawn people in {folder}; draw some with 'python -m fitting.training.picture_cache'."
            )
        self._chunk = len(self._truth[0]["betas"])

    def __len__(self) -> int:
        return self._chunk * len(self._truth)

    def refresh(self) -> None:
        """Take in the chunks that have been completed since.

        Raises:
            AssetError: A chunk cannot be read.
        """
        while True:
            truth_path, picture_path = _chunk_paths(self._folder, len(self._truth))
            if not truth_path.exists():
                return
            try:
                self._pictures.append(np.load(picture_path, mmap_mode="r", allow_pickle=False))
                with np.load(io.BytesIO(truth_path.read_bytes()), allow_pickle=False) as archive:
                    self._truth.append({key: torch.from_numpy(archive[key]) for key in _TRUTH})
            except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
                raise AssetError(f"Chunk {truth_path} cannot be read ({error}); delete it and draw again.") from error

    def read(self, indices: Tensor) -> PicturedPeople:
        """The people of indices ``(B,)`` below ``len(self)``."""
        places = [divmod(int(index), self._chunk) for index in indices]
        pictures = np.stack([self._pictures[chunk][row] for chunk, row in places])
        truth = {key: torch.stack([self._truth[chunk][key][row] for chunk, row in places]) for key in _TRUTH}
        rotations = axis_angle_to_matrix(truth["axis_angles"])
        return PicturedPeople(torch.from_numpy(pictures), rotations, truth["betas"], truth["camera"])


def _chunk_paths(folder: Path, number: int) -> tuple[Path, Path]:
    """Truth and pictures of a chunk."""
    return folder / f"{number:05d}_truth.npz", folder / f"{number:05d}_pictures.npy"


def _encode_array(array: NDArray[Any]) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


def _encode_truth(people: PicturedPeople) -> bytes:
    buffer = io.BytesIO()
    np.savez(
        buffer,
        axis_angles=matrix_to_axis_angle(people.rotations).numpy(),
        betas=people.betas.numpy(),
        camera=people.camera.numpy(),
    )
    return buffer.getvalue()


def main(arguments: list[str] | None = None) -> int:
    """Command line; 0 done, 2 bad input."""
    parser = argparse.ArgumentParser(
        prog="python -m fitting.training.picture_cache", description="Draw people to train a picture regressor with."
    )
    parser.add_argument("--out", type=Path, required=True, help="folder of the cache; 77 MB for 512 people")
    parser.add_argument("--people", type=int, required=True)
    parser.add_argument("--seed", type=int, default=1_000_000, help="seed of the first chunk")
    parser.add_argument("--body", type=Path, default=default_body())
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    try:
        draw_cache(options.out, load_body(options.body), options.people, options.seed, lambda t: print(t, flush=True))
    except (FittingError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
