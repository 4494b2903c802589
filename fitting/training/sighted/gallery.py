"""People of a gallery (:mod:`fitting.synthetic.gallery`) to train with, finished or still growing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from fitting.errors import AssetError
from fitting.spec import ByteImage
from fitting.synthetic.gallery.files import Truth, image_path, read_order, read_truth

_USED = ("annotated", "image_id", "rotations", "betas", "center_px", "scale", "keypoints_px", "visibility")


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """B people of a gallery.

    Attributes:
        image_id: ``(B,)`` numbers of their pictures.
        rotations, betas: ``(B, 24, 3, 3)`` and ``(B, 10)``.
        center_px, half_px: ``(B, 2)`` and ``(B,)`` their boxes, image pixels.
        points_px: ``(B, 49, 2)`` exact projections.
        visibility: ``(B, 49)`` 0 outside, 1 hidden, 2 visible.
    """

    image_id: NDArray[np.int64]
    rotations: Tensor
    betas: Tensor
    center_px: Tensor
    half_px: Tensor
    points_px: Tensor
    visibility: Tensor


class Gallery:
    """Truth in memory, pictures on disk.

    Args:
        folder: Where it lies.
        body_sha256: The body it has to be of; any by default.

    Raises:
        AssetError: There is no gallery, it is of another body, or a file of it is damaged.
    """

    def __init__(self, folder: Path, body_sha256: str | None = None) -> None:
        self.folder = folder
        self._chunks = 0
        self._truth: Truth = {}
        self.grow()
        made_of = read_order(folder).get("body_sha256")
        if body_sha256 not in (None, made_of):
            raise AssetError(
                f"The people of {folder} are of another body than the one to train for; name theirs with --body, or"
                " make pictures of this one with 'python main.py synth'."
            )

    def __len__(self) -> int:
        return len(self._truth["scale"]) if self._truth else 0

    def grow(self) -> None:
        """Take in what has been drawn since the last look.

        Raises:
            AssetError: There is no gallery, or a file of it is damaged.
        """
        whole = self.folder / "truth.npz"
        if whole.exists():
            if self._chunks >= 0:
                self._take([read_truth(whole)], replace=True)
                self._chunks = -1
            return
        if not (self.folder / "chunks").is_dir():
            raise AssetError(f"{self.folder} holds no synthetic pictures; make some with 'python main.py synth'.")
        fresh = []
        while (path := self.folder / "chunks" / f"{self._chunks:05d}.npz").exists():
            fresh.append(read_truth(path))
            self._chunks += 1
        self._take(fresh, replace=False)

    def read(self, rows: NDArray[np.int64]) -> Row:
        """Truth of some people."""
        part = {name: self._truth[name][rows] for name in _USED}
        return Row(
            part["image_id"],
            torch.from_numpy(part["rotations"]),
            torch.from_numpy(part["betas"]),
            torch.from_numpy(part["center_px"].astype(np.float32)),
            torch.from_numpy(100 * part["scale"].astype(np.float32)),
            torch.from_numpy(part["keypoints_px"]),
            torch.from_numpy(part["visibility"].astype(np.int64)),
        )

    def annotated(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """What an annotator would have given of some people: ``(B, 17, 3)`` image pixels and COCO's v."""
        keypoints: NDArray[np.float32] = self._truth["annotated"][rows]
        return keypoints

    def picture(self, number: int) -> ByteImage:
        """One picture, RGB.

        Raises:
            AssetError: It is missing or damaged.
        """
        path = image_path(self.folder, number)
        try:
            encoded = np.fromfile(path, dtype=np.uint8)
        except OSError as error:
            raise AssetError(f"Picture {path} cannot be read ({error.strerror}); make the gallery again.") from error
        read = cv2.imdecode(encoded, cv2.IMREAD_COLOR) if len(encoded) else None
        if read is None:
            raise AssetError(f"Picture {path} is damaged; make the gallery again.")
        picture: ByteImage = cv2.cvtColor(read, cv2.COLOR_BGR2RGB).astype(np.uint8, copy=False)
        return picture

    def _take(self, truths: list[Truth], *, replace: bool) -> None:
        if not truths:
            return
        pieces = truths if replace or not self._truth else [self._truth, *truths]
        self._truth = {name: np.concatenate([piece[name] for piece in pieces]) for name in _USED}
