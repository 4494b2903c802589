"""The one place where pictures are read. Never writes.

Whatever the file holds (16 bits, a palette, transparency, CMYK, a colour profile), what comes out is ``(H, W, 3)``
uint8 sRGB. Datasets are annotated on the stored pixels, so the orientation in the EXIF data is honoured only on
request.
"""

from __future__ import annotations

import io
import logging
import threading
from collections import OrderedDict
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, UnidentifiedImageError

from app.services.errors import ImageError

logger = logging.getLogger(__name__)

ByteImage: TypeAlias = NDArray[np.uint8]

MAX_PIXELS: Final = 300_000_000

# Photographs only (JPEG includes MPO): Pillow would also hand PostScript to an interpreter.
_FORMATS = ("BMP", "GIF", "JPEG", "JPEG2000", "PNG", "PPM", "TIFF", "WEBP")
_ORIENTATION_TAG = 0x0112
# What to do to the stored pixels, for each EXIF orientation (CIPA DC-008, tag Orientation).
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SIDEWAYS = frozenset({5, 6, 7, 8})
_DEEP_MODES = frozenset({"I", "I;16", "I;16B", "I;16L", "I;16N"})

# Pillow's own limit warns at a quarter and raises at half of ours; _open checks the size before any pixel is read.
Image.MAX_IMAGE_PIXELS = None


class ImageSize(NamedTuple):
    """Size of a picture in pixels."""

    width: int
    height: int


def load_image(path: Path, *, honour_exif: bool = False, convert_colours: bool = True) -> ByteImage:
    """Read a picture as ``(H, W, 3)`` uint8 sRGB; transparent parts appear over white.

    Args:
        path: The file.
        honour_exif: Turn the picture upright as its EXIF data says. Off for annotated datasets.
        convert_colours: Follow the colour profile. Off for numbers that must be those of the published networks,
            which were fed the stored values.

    Raises:
        ImageError: The file is missing, damaged, larger than :data:`MAX_PIXELS`, or no picture.
    """
    with _open(path) as picture:
        with _translated(path):
            orientation = _read_orientation(picture) if honour_exif else 1
            picture.load()
        try:
            if not convert_colours:
                picture.info.pop("icc_profile", None)
            upright = _to_rgb(picture, path)
            if orientation in _TURNS:
                upright = upright.transpose(_TURNS[orientation])
            return np.array(upright, dtype=np.uint8)
        except MemoryError as error:
            raise _too_large(path) from error


def load_thumbnail(
    path: Path, area_xywh: tuple[float, float, float, float], side_px: int, *, honour_exif: bool = False
) -> ByteImage:
    """A square part of a picture, ``(side, side, 3)`` uint8, read as coarsely as the format allows.

    Args:
        path: The file.
        area_xywh: Rectangle, pixels of the picture as annotated; the square around it is shown, moved into the picture
            where it reaches beyond.
        side_px: Of the result.
        honour_exif: As in :func:`load_image`.

    Raises:
        ImageError: As in :func:`load_image`.
    """
    with _open(path) as picture, _translated(path):
        orientation = _read_orientation(picture) if honour_exif else 1
        width, height = picture.size
        x, y, w, h = area_xywh
        side = min(max(w, h, 1.0), width, height)
        # A JPEG is decoded at an eighth, a quarter or half of its size for a fraction of the time.
        picture.draft("RGB", (int(width * side_px / side), int(height * side_px / side)))
        picture.load()
        coarse = picture.size[0] / width
        small = _to_rgb(picture, path)
    if orientation in _TURNS:
        small = small.transpose(_TURNS[orientation])
    left = min(max(x + w / 2 - side / 2, 0.0), small.width / coarse - side)
    top = min(max(y + h / 2 - side / 2, 0.0), small.height / coarse - side)
    corners = (coarse * left, coarse * top, coarse * (left + side), coarse * (top + side))
    shrunk = small.resize((side_px, side_px), Image.Resampling.BILINEAR, box=corners, reducing_gap=2.0)
    return np.array(shrunk, dtype=np.uint8)


def read_size(path: Path, *, honour_exif: bool = False) -> ImageSize:
    """Size of a picture from its header; the pixels themselves may still turn out damaged.

    Args:
        path: The file.
        honour_exif: As in :func:`load_image`.

    Raises:
        ImageError: As in :func:`load_image`.
    """
    with _open(path) as picture, _translated(path):
        width, height = picture.size
        if honour_exif and _read_orientation(picture) in _SIDEWAYS:
            width, height = height, width
        return ImageSize(width, height)


class ImageCache:
    """Recently used pictures, up to a number of bytes. Any thread may ask; each picture is read once at a time.

    Arrays are shared and therefore read-only. A file that has changed on the disk is read anew.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._pictures: OrderedDict[_Key, ByteImage] = OrderedDict()
        self._pending: dict[_Key, Future[ByteImage]] = {}
        self._bytes = 0
        self._lock = threading.Lock()

    @property
    def used_bytes(self) -> int:
        """Memory the kept pictures take."""
        return self._bytes

    def find(self, path: Path, *, honour_exif: bool = False) -> ByteImage | None:
        """The picture if it is kept already, without touching its pixels on the disk.

        Raises:
            ImageError: The file is missing.
        """
        with self._lock:
            return self._find(_build_key(path, honour_exif))

    def get(self, path: Path, *, honour_exif: bool = False) -> ByteImage:
        """The picture, ``(H, W, 3)`` uint8 sRGB, read now unless it is kept. To prefetch, call it from a worker.

        Raises:
            ImageError: As in :func:`load_image`; a failure is not kept.
        """
        key = _build_key(path, honour_exif)
        with self._lock:
            kept = self._find(key)
            if kept is not None:
                return kept
            pending = self._pending.get(key)
            mine: Future[ByteImage] = Future()
            if pending is None:
                self._pending[key] = mine
        return self._load(key, mine) if pending is None else pending.result()

    def clear(self) -> None:
        """Forget all pictures."""
        with self._lock:
            self._pictures.clear()
            self._bytes = 0

    def _load(self, key: _Key, result: Future[ByteImage]) -> ByteImage:
        try:
            picture = load_image(key.path, honour_exif=key.honour_exif)
        except BaseException as error:
            # Whoever waits for this picture must wake up, whatever went wrong.
            with self._lock:
                del self._pending[key]
            result.set_exception(error)
            raise
        picture.setflags(write=False)
        with self._lock:
            del self._pending[key]
            self._keep(key, picture)
        result.set_result(picture)
        return picture

    def _find(self, key: _Key) -> ByteImage | None:
        picture = self._pictures.get(key)
        if picture is not None:
            self._pictures.move_to_end(key)
        return picture

    def _keep(self, key: _Key, picture: ByteImage) -> None:
        if picture.nbytes > self._max_bytes:
            return
        self._pictures[key] = picture
        self._bytes += picture.nbytes
        while self._bytes > self._max_bytes:
            _, dropped = self._pictures.popitem(last=False)
            self._bytes -= dropped.nbytes


class _Key(NamedTuple):
    path: Path
    honour_exif: bool
    modified_ns: int
    size: int


def _build_key(path: Path, honour_exif: bool) -> _Key:
    with _translated(path):
        status = path.stat()
    return _Key(path, honour_exif, status.st_mtime_ns, status.st_size)


@contextmanager
def _open(path: Path) -> Iterator[Image.Image]:
    with _translated(path):
        picture = Image.open(path, formats=_FORMATS)
    with picture:
        width, height = picture.size
        if width * height > MAX_PIXELS:
            raise ImageError(
                f"{path} has {width} x {height} pixels, more than {MAX_PIXELS // 1_000_000} million; "
                "make a smaller copy and use that"
            )
        if width * height == 0:
            raise ImageError(f"{path} has no pixels ({width} x {height}); replace the file")
        yield picture


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    """Turn whatever Pillow raises into one sentence; its decoders raise almost anything on damaged files."""
    try:
        yield
    except ImageError:
        raise
    except FileNotFoundError as error:
        raise ImageError(
            f"{path} does not exist; put the picture back there, or re-link the images to the folder they are in now"
        ) from error
    except IsADirectoryError as error:
        raise ImageError(f"{path} is a folder, expected a picture") from error
    except PermissionError as error:
        raise ImageError(f"{path} may not be read; change its permissions") from error
    except UnidentifiedImageError as error:
        raise ImageError(f"{path} is not a picture of a known kind; convert it to JPEG or PNG") from error
    except MemoryError as error:
        raise _too_large(path) from error
    except Exception as error:
        raise ImageError(f"{path} is damaged or cut off ({error}); copy or download it again") from error


def _too_large(path: Path) -> ImageError:
    return ImageError(f"{path} does not fit into memory; make a smaller copy and use that")


def _read_orientation(picture: Image.Image) -> int:
    orientation = picture.getexif().get(_ORIENTATION_TAG, 1)
    return orientation if isinstance(orientation, int) else 1


def _to_rgb(picture: Image.Image, path: Path) -> Image.Image:
    if picture.mode in _DEEP_MODES:
        picture = _to_8_bit(picture, path)
    if picture.mode == "F":
        raise ImageError(f"{path} holds floating-point values, not a photograph; convert it to 8 or 16 bit")
    if picture.has_transparency_data:
        rgba = picture.convert("RGBA")
        color = _to_srgb(rgba.convert("RGB"), picture, path)
        white = Image.new("RGB", color.size, "white")
        white.paste(color, mask=rgba.getchannel("A"))
        return white
    if picture.mode in ("L", "RGB", "CMYK"):
        return _to_srgb(picture, picture, path)
    try:
        return _to_srgb(picture.convert("RGB"), picture, path)
    except ValueError as error:
        raise ImageError(f"{path} has the colour mode {picture.mode}; convert it to RGB") from error


def _to_8_bit(picture: Image.Image, path: Path) -> Image.Image:
    values = np.asarray(picture)
    if values.size and (values.min() < 0 or values.max() > 65535):
        raise ImageError(f"{path} has more than 16 bits a channel; convert it to 8 or 16 bit")
    reduced = Image.fromarray(((values.astype(np.uint32) + 128) // 257).astype(np.uint8))
    if "icc_profile" in picture.info:
        reduced.info["icc_profile"] = picture.info["icc_profile"]
    return reduced


def _to_srgb(pixels: Image.Image, original: Image.Image, path: Path) -> Image.Image:
    """``pixels`` (L, RGB or CMYK) in sRGB, by the colour profile of the file they come from."""
    content = original.info.get("icc_profile")
    if not content:
        return pixels.convert("RGB")
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(content))
        if "sRGB" in ImageCms.getProfileDescription(profile):
            return pixels.convert("RGB")
        converted = ImageCms.profileToProfile(pixels, profile, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError) as error:
        # A photograph with a broken profile is still worth looking at; its colours may be a little off.
        logger.warning("%s: the colour profile cannot be used (%s); sRGB is assumed", path, error)
        return pixels.convert("RGB")
    return pixels.convert("RGB") if converted is None else converted
