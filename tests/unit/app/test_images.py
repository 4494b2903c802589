"""The image loader on the kinds of files people have, and on files that are broken."""

import struct
import threading
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageCms

from app.services.errors import ImageError
from app.services.images import ImageCache, load_image, read_size

Pixels = NDArray[np.uint8]


def make_picture(width: int = 32, height: int = 24) -> Pixels:
    """A picture in which every corner differs."""
    ramp_x, ramp_y = np.meshgrid(np.linspace(0, 255, width), np.linspace(0, 255, height))
    return np.stack((ramp_x, ramp_y, 255 - ramp_x), axis=2).astype(np.uint8)


@pytest.mark.parametrize("suffix", ["png", "bmp", "ppm", "tiff", "webp", "gif", "jpg", "jp2"])
def test_common_kinds_give_their_pixels(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"picture.{suffix}"
    expected = make_picture()
    Image.fromarray(expected).save(path)
    loaded = load_image(path)
    assert (loaded.dtype, loaded.shape) == (np.dtype(np.uint8), (24, 32, 3))
    assert read_size(path) == (32, 24)
    assert np.abs(loaded.astype(int) - expected).mean() < 8
    if suffix in ("png", "bmp", "ppm", "tiff"):
        np.testing.assert_array_equal(loaded, expected)


def test_the_ending_does_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "picture.jpg"
    Image.fromarray(make_picture()).save(path, format="PNG")
    np.testing.assert_array_equal(load_image(path), make_picture())


def test_sixteen_bits_become_eight(tmp_path: Path) -> None:
    path = tmp_path / "deep.png"
    Image.fromarray(np.array([[0, 257, 257 * 128, 65535]], dtype=np.uint16)).save(path)
    np.testing.assert_array_equal(load_image(path), np.repeat([[[0], [1], [128], [255]]], 3, axis=2))


def test_grey_and_black_and_white(tmp_path: Path) -> None:
    grey = np.arange(24, dtype=np.uint8).reshape(4, 6)
    Image.fromarray(grey).save(tmp_path / "grey.png")
    np.testing.assert_array_equal(load_image(tmp_path / "grey.png"), np.repeat(grey[:, :, None], 3, axis=2))
    Image.fromarray(grey > 11).save(tmp_path / "bits.png")
    np.testing.assert_array_equal(load_image(tmp_path / "bits.png")[:, :, 0], np.where(grey > 11, 255, 0))


def test_a_palette_is_resolved(tmp_path: Path) -> None:
    palette = Image.fromarray(make_picture()).quantize(16)
    palette.save(tmp_path / "palette.png")
    np.testing.assert_array_equal(load_image(tmp_path / "palette.png"), np.asarray(palette.convert("RGB")))


def test_transparency_shows_white(tmp_path: Path) -> None:
    rgba = np.zeros((1, 3, 4), dtype=np.uint8)
    rgba[0, :, 3] = (0, 128, 255)
    Image.fromarray(rgba).save(tmp_path / "alpha.png")
    np.testing.assert_allclose(load_image(tmp_path / "alpha.png")[0, :, 0], (255, 127, 0), atol=1)
    Image.fromarray(rgba[:, :, [0, 3]]).save(tmp_path / "grey_alpha.png")
    np.testing.assert_allclose(load_image(tmp_path / "grey_alpha.png")[0, :, 0], (255, 127, 0), atol=1)


def test_a_transparent_palette_colour_shows_white(tmp_path: Path) -> None:
    palette = Image.fromarray(np.array([[0, 1, 2]], dtype=np.uint8)).convert("P")
    palette.putpalette([9, 9, 9, 50, 60, 70, 80, 90, 100])
    palette.save(tmp_path / "one.png", transparency=0)
    palette.save(tmp_path / "each.png", transparency=bytes([0, 255, 255]))
    for name in ("one.png", "each.png"):
        np.testing.assert_array_equal(load_image(tmp_path / name)[0], [(255,) * 3, (50, 60, 70), (80, 90, 100)])


def test_cmyk_becomes_rgb(tmp_path: Path) -> None:
    ink = Image.new("CMYK", (16, 16), (0, 255, 255, 0))
    ink.save(tmp_path / "ink.jpg", quality=95)
    red = load_image(tmp_path / "ink.jpg")[8, 8]
    assert red[0] > 240
    assert max(red[1], red[2]) < 15


def test_a_colour_profile_is_applied(tmp_path: Path) -> None:
    """A profile under which the first channel is blue and the last is red."""
    plain = make_picture()
    Image.fromarray(plain).save(tmp_path / "profile.png", icc_profile=build_swapping_profile())
    loaded = load_image(tmp_path / "profile.png")
    assert np.abs(loaded.astype(int) - plain[:, :, ::-1]).mean() < 3
    assert np.abs(loaded.astype(int) - plain).mean() > 50


def build_swapping_profile() -> bytes:
    """sRGB's profile with the colorants of red and blue exchanged, under another name."""
    content = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    (count,) = struct.unpack_from(">I", content, 128)
    tags = {bytes(content[132 + 12 * i : 136 + 12 * i]): 132 + 12 * i for i in range(count)}
    red, blue = tags[b"rXYZ"], tags[b"bXYZ"]
    content[red + 4 : red + 12], content[blue + 4 : blue + 12] = (
        content[blue + 4 : blue + 12],
        content[red + 4 : red + 12],
    )
    return bytes(content).replace("sRGB".encode("utf-16-be"), "sBGR".encode("utf-16-be")).replace(b"sRGB", b"sBGR")


def test_a_broken_colour_profile_is_said_and_the_picture_shown(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    Image.fromarray(make_picture()).save(tmp_path / "profile.png", icc_profile=b"no profile at all")
    np.testing.assert_array_equal(load_image(tmp_path / "profile.png"), make_picture())
    assert "the colour profile cannot be used" in caplog.text


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_honoured_on_request(tmp_path: Path, orientation: int) -> None:
    stored = make_picture()
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / "turned.png"
    Image.fromarray(stored).save(path, exif=exif)
    # Row 0 and column 0 of the stored picture are, by the standard, which edges of the scene.
    upright = {
        1: stored,
        2: stored[:, ::-1],
        3: stored[::-1, ::-1],
        4: stored[::-1],
        5: stored.transpose(1, 0, 2),
        6: np.rot90(stored, -1),
        7: stored[::-1, ::-1].transpose(1, 0, 2),
        8: np.rot90(stored, 1),
    }[orientation]
    np.testing.assert_array_equal(load_image(path), stored)
    np.testing.assert_array_equal(load_image(path, honour_exif=True), upright)
    assert read_size(path) == (32, 24)
    assert read_size(path, honour_exif=True) == upright.shape[1::-1]


def write_png_header(path: Path, width: int, height: int) -> None:
    """A PNG that claims a size and has no pixels."""
    content = b"\x89PNG\r\n\x1a\n"
    for kind, data in ((b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)), (b"IDAT", b"")):
        content += struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    path.write_bytes(content)


def test_absurd_sizes_are_declined_before_a_pixel_is_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.png"
    write_png_header(path, 60_000, 60_000)
    for read in (load_image, read_size):
        with pytest.raises(ImageError, match=r"huge\.png has 60000 x 60000 pixels, more than 300 million"):
            read(path)


def test_what_is_no_picture_is_a_sentence(tmp_path: Path) -> None:
    text = tmp_path / "text.jpg"
    text.write_text("This is a letter, not a picture.")
    empty = tmp_path / "empty.jpg"
    empty.touch()
    script = tmp_path / "script.jpg"
    script.write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n%%EndComments\nshowpage\n")
    for path in (text, empty, script):
        for read in (load_image, read_size):
            with pytest.raises(ImageError, match=rf"{path.name} is not a picture of a known kind"):
                read(path)
    with pytest.raises(ImageError, match=r"nothing\.jpg does not exist"):
        load_image(tmp_path / "nothing.jpg")
    with pytest.raises(ImageError, match="is a folder, expected a picture"):
        load_image(tmp_path)


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp", "tiff", "gif", "bmp"])
def test_a_cut_off_file_is_a_sentence(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"cut.{suffix}"
    random = np.random.default_rng(0).integers(0, 256, (64, 64, 3)).astype(np.uint8)
    Image.fromarray(random).save(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(ImageError, match=rf"cut\.{suffix} is "):
        load_image(path)


def test_floating_point_is_declined(tmp_path: Path) -> None:
    Image.fromarray(np.zeros((2, 2), dtype=np.float32)).save(tmp_path / "depth.tiff")
    with pytest.raises(ImageError, match="holds floating-point values"):
        load_image(tmp_path / "depth.tiff")
    Image.fromarray(np.full((2, 2), 70_000, dtype=np.int32)).save(tmp_path / "labels.tiff")
    with pytest.raises(ImageError, match="has more than 16 bits a channel"):
        load_image(tmp_path / "labels.tiff")


def test_the_file_is_left_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    Image.fromarray(make_picture()).save(path)
    before = (path.read_bytes(), path.stat().st_mtime_ns)
    loaded = load_image(path)
    loaded[:] = 0
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before


def save_pictures(folder: Path, count: int) -> list[Path]:
    paths = [folder / f"{i}.png" for i in range(count)]
    for i, path in enumerate(paths):
        Image.new("RGB", (10, 10), (i, 0, 0)).save(path)
    return paths


def test_the_cache_keeps_the_latest_within_its_bytes(tmp_path: Path) -> None:
    first, second, third = save_pictures(tmp_path, 3)
    cache = ImageCache(max_bytes=600)
    kept = cache.get(first)
    cache.get(second)
    assert cache.get(first) is kept
    cache.get(third)
    assert cache.find(first) is kept
    assert cache.find(second) is None
    assert cache.used_bytes == 600
    assert cache.find(first, honour_exif=True) is None
    with pytest.raises(ValueError, match="read-only"):
        kept[:] = 0
    cache.clear()
    assert cache.find(first) is None
    assert cache.used_bytes == 0


def test_a_picture_larger_than_the_cache_is_given_but_not_kept(tmp_path: Path) -> None:
    (path,) = save_pictures(tmp_path, 1)
    cache = ImageCache(max_bytes=299)
    assert cache.get(path).shape == (10, 10, 3)
    assert cache.find(path) is None


def test_a_changed_file_is_read_anew(tmp_path: Path) -> None:
    (path,) = save_pictures(tmp_path, 1)
    cache = ImageCache(max_bytes=10_000)
    assert cache.get(path).shape == (10, 10, 3)
    Image.new("RGB", (20, 10)).save(path)
    assert cache.get(path).shape == (10, 20, 3)


def test_a_failure_is_not_kept(tmp_path: Path) -> None:
    path = tmp_path / "0.png"
    cache = ImageCache(max_bytes=10_000)
    with pytest.raises(ImageError, match="does not exist"):
        cache.get(path)
    path.write_bytes(b"broken")
    with pytest.raises(ImageError, match="is not a picture"):
        cache.get(path)
    save_pictures(tmp_path, 1)
    assert cache.get(path).shape == (10, 10, 3)


def test_many_threads_share_one_reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = save_pictures(tmp_path, 3)
    read: list[Path] = []
    all_wait = threading.Barrier(8)

    def count_and_load(path: Path, *, honour_exif: bool) -> Pixels:
        read.append(path)
        return load_image(path, honour_exif=honour_exif)

    monkeypatch.setattr("app.services.images.load_image", count_and_load)
    cache = ImageCache(max_bytes=10_000)

    def get_all(_: int) -> list[int]:
        all_wait.wait()
        return [id(cache.get(path)) for path in paths]

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(get_all, range(8)))
    assert sorted(read) == paths
    assert all(result == results[0] for result in results)
