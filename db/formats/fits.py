"""What every format of fits speaks: one fitted body as a file holds it, and what a reader and a writer promise.

Rotations map body to camera axes (metres, x right, y down, z forward). A weak-perspective camera ``[s, tx, ty]``
belongs to a box: ``u = cx + 100 b (s X + tx)``, ``v = cy + 100 b (s Y + ty)`` (eft_method.md section 4).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from db.formats.base import ImportProblem
from db.formats.parts.boxes import Bbox
from db.formats.parts.checks import ItemError
from db.formats.parts.manifest import WrittenExport

FloatArray: TypeAlias = NDArray[np.float64]
Gender: TypeAlias = Literal["neutral", "male", "female"]

_ORTHONORMAL_TOLERANCE = 1e-5
_LARGEST = 1e6
"""Betas, cameras and boxes beyond it are no body in a picture, and overflow once they are multiplied."""


def _no_keypoints() -> FloatArray:
    return np.zeros((49, 3))


@dataclass(frozen=True, slots=True, eq=False)
class FitStart:
    """The body before fine-tuning, where a format keeps it; the fields are those of :class:`FitSample`."""

    rotations: FloatArray
    betas: FloatArray
    camera: FloatArray
    l2d: float | None = None
    loss: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class FitSample:
    """One fitted body of a file.

    Attributes:
        image_name: Name of the picture, posix; published files hold the base name, sequences keep their folder.
        rotations: ``(24, 3, 3)`` rotation matrices, root in the camera frame.
        betas: ``(10,)`` shape.
        annotation_id: The dataset's id of the person, None if the file has none.
        camera: ``(3,)`` ``[s, tx, ty]`` relative to the box; None in formats without one.
        box_center_px: ``(2,)`` centre of the box, pixels of the picture.
        box_scale: Side of the box / 200.
        keypoints_px: ``(49, 3)`` x, y in pixels and validity, order spin49; zeros where nothing is known.
        validity: ``(18,)`` 0 or 1 for each joint of openpose18; None derives it from the keypoints.
        subject_id: Person of a sequence.
        gender: Body model the parameters belong to.
        bbox_xywh: Annotated box, pixels.
        image_size_px: ``(width, height)`` of the picture.
        translation_cam: ``(3,)`` metres, of formats with a perspective camera (see the format for its focal length).
        initial: The body before fine-tuning.
        l2d: Unweighted 2D keypoint loss as the file states it.
        loss: Weighted total as the file states it.
        iterations: Iterations that were run.
        item: What a message calls it (``data[3]``).
    """

    image_name: str
    rotations: FloatArray
    betas: FloatArray
    annotation_id: int | None = None
    camera: FloatArray | None = None
    box_center_px: FloatArray | None = None
    box_scale: float | None = None
    keypoints_px: FloatArray = field(default_factory=_no_keypoints)
    validity: FloatArray | None = None
    subject_id: str | None = None
    gender: Gender = "neutral"
    bbox_xywh: Bbox | None = None
    image_size_px: tuple[int, int] | None = None
    translation_cam: FloatArray | None = None
    initial: FitStart | None = None
    l2d: float | None = None
    loss: float | None = None
    iterations: int | None = None
    item: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Mesh:
    """A posed body: ``vertices_cam`` ``(V, 3)`` metres, x right, y down, z forward; ``faces`` ``(F, 3)``."""

    vertices_cam: FloatArray
    faces: NDArray[np.int64]


MakeMesh: TypeAlias = Callable[[FitSample], Mesh]


@dataclass(frozen=True, slots=True)
class ExportContext:
    """What a writer is told besides the samples.

    Attributes:
        dataset_name: Name of the project.
        raw_name: Names of the datasets the pictures came with.
        tool_version: Version of this tool.
        focal_px: Focal length for formats with a perspective camera, pixels of the picture.
        make_mesh: Poses a body; for formats of meshes.
    """

    dataset_name: str
    raw_name: str
    tool_version: str
    focal_px: float = 5000.0
    make_mesh: MakeMesh | None = None


FitRecord: TypeAlias = FitSample | ImportProblem


class FitReader(Protocol):
    """Reads a file (or folder) of fits."""

    def __call__(self, source: Path) -> Iterator[FitRecord]:
        """Read ``source`` one sample at a time; a faulty one yields an :class:`ImportProblem`, the rest goes on.

        Raises:
            FormatError: At the call, if nothing can be read at all.
        """
        ...


class FitWriter(Protocol):
    """Writes a file (or folder) of fits."""

    def __call__(self, path: Path, samples: Iterable[FitSample], context: ExportContext) -> WrittenExport:
        """Write samples as they come, read the file again, compare, and only then put it in place.

        Raises:
            FormatError: A sample is not what the format holds, or the disk refuses; an older file stays as it was.
        """
        ...


def check_sample(sample: FitSample) -> None:
    """Take nothing on trust: shapes, finite numbers, rotations that rotate.

    Raises:
        ItemError: Says which field is wrong and how.
    """
    check_array("rotations", sample.rotations, (24, 3, 3))
    check_array("betas", sample.betas, (10,))
    check_array("keypoints", sample.keypoints_px, (49, 3))
    for name, array, shape in (
        ("camera", sample.camera, (3,)),
        ("box centre", sample.box_center_px, (2,)),
        ("translation", sample.translation_cam, (3,)),
    ):
        if array is not None:
            check_array(name, array, shape)
    if sample.box_scale is not None and not 1 / _LARGEST <= sample.box_scale <= _LARGEST:
        raise ItemError(f"the scale of the box is {sample.box_scale:g}, expected a positive number up to {_LARGEST:g}")
    for name, array in (("betas", sample.betas), ("camera", sample.camera), ("box centre", sample.box_center_px)):
        if array is not None and np.abs(array).max() > _LARGEST:
            raise ItemError(f"{name} has a number beyond {_LARGEST:g}")
    if sample.validity is not None:
        check_array("validity", sample.validity, (18,))
        if not np.isin(sample.validity, (0, 1)).all():
            raise ItemError("validity has a value other than 0 and 1")
    check_rotations("rotations", sample.rotations)
    if not sample.image_name:
        raise ItemError("the name of the picture is empty")


def check_array(name: str, array: FloatArray, shape: tuple[int, ...]) -> None:
    """Raise ItemError unless ``array`` has this shape and finite values."""
    if array.shape != shape:
        raise ItemError(f"{name} has the shape {array.shape}, expected {shape}")
    if not np.isfinite(array).all():
        raise ItemError(f"{name} has a value that is not a finite number")


def check_rotations(name: str, rotations: FloatArray) -> None:
    """Raise ItemError unless each of ``(24, 3, 3)`` is a rotation to 1e-5."""
    exact = np.asarray(rotations, dtype=np.float64)
    # Entries of a rotation are within [-1, 1]; a bound first keeps absurd numbers from overflowing the products.
    residual = np.full(len(exact), np.inf)
    small = np.abs(exact).max(axis=(1, 2)) <= 2
    products = exact[small].transpose(0, 2, 1) @ exact[small] - np.eye(3)
    residual[small] = np.abs(products).max(axis=(1, 2))
    worst = int(residual.argmax())
    if residual[worst] > _ORTHONORMAL_TOLERANCE:
        raise ItemError(f"{name}[{worst}] is no rotation: its columns are off orthonormal by {residual[worst]:.1g}")
    mirrored = np.flatnonzero(np.linalg.det(exact) < 0)
    if len(mirrored):
        raise ItemError(f"{name}[{int(mirrored[0])}] is no rotation: it mirrors (determinant -1)")
