"""One synthetic photograph with its truth: a clothed body in a place, and the keypoints an annotator would give.

Everything follows from the job's seed, bit for bit on one machine.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from PIL import Image
from scipy.ndimage import gaussian_filter

from fitting.body.model import load_body
from fitting.geometry.boxes import box_around_rectangle
from fitting.geometry.camera import project_to_image
from fitting.render.pyrender_backend import PyrenderRenderer, get_renderer
from fitting.render.surface import Surface, locate_surface
from fitting.spec import BodyFit, Box, ByteImage, FloatArray, SyntheticJob, SyntheticResult
from fitting.synthetic.annotation import annotate, coco_joints
from fitting.synthetic.appearance import color_places
from fitting.synthetic.backdrop import paint_backdrop
from fitting.synthetic.figure import Figure, measure_figure
from fitting.synthetic.garments import is_cloth
from fitting.synthetic.lighting import Light, Mesh, ground_shadow, open_sky, seen_from, sky_directions, sun_directions
from fitting.synthetic.outfit import Outfit, draw_outfit
from fitting.synthetic.person import Person, dress
from fitting.synthetic.scene import draw_staging
from fitting.synthetic.vista import Backdrop, Vista

_OVERSAMPLING = 2
_JPEG_QUALITY = 90


def make_photograph(job: SyntheticJob) -> SyntheticResult:
    """Picture, truth and annotation of one synthetic person.

    Raises:
        AssetError: The body file is missing or malformed.
        RenderError: This machine cannot draw.
    """
    streams = [np.random.default_rng(s) for s in np.random.SeedSequence(job.seed).spawn(5)]
    staging_rng, outfit_rng, place_rng, film_rng, annotation_rng = streams
    body = load_body(job.body)
    renderer = get_renderer()
    staging, outfit = draw_staging(staging_rng), draw_outfit(outfit_rng)
    figure = measure_figure(body.asset)
    person = dress(body, figure, staging, outfit, place_rng)
    framing = _frame(person, job.size_px, staging_rng)
    surface = _visible_surface(renderer, person.mesh, framing)
    vista = Vista(
        job.size_px, framing.to_pixels(person.ground.origin_cam[None])[0], framing.scale,
        1.15, 1.15 / float(np.sin(staging.pitch)),
    )  # fmt: skip
    backdrop = paint_backdrop(vista, place_rng)
    floor = _shade_floor(renderer, person, framing, backdrop)
    layer = _shade_person(renderer, person, figure, outfit, surface, framing, backdrop.light)
    picture = _develop(_composite(floor, layer), film_rng)

    bbox = _visible_box(surface, person.body_vertices)
    box = box_around_rectangle(*bbox)
    fit = BodyFit(staging.rotations, staging.betas, framing.camera_in(box))
    joints_cam = body.joints_of(fit)
    truth = coco_joints(body, joints_cam, project_to_image(joints_cam, fit.camera, box))
    depth_cam = surface.spread(surface.interpolate(person.mesh.points_cam[:, 2]), np.inf)
    true_px, given_px = annotate(truth, depth_cam, job, bbox[3], annotation_rng)
    return SyntheticResult(job.job_id, picture, given_px, true_px, bbox, fit, box)


@dataclass(frozen=True, slots=True, eq=False)
class _Framing:
    """Orthographic framing: ``scale`` pixels a metre, ``origin_px`` the camera frame's origin."""

    size_px: tuple[int, int]
    scale: float
    origin_px: FloatArray

    def to_pixels(self, points_cam: FloatArray) -> FloatArray:
        """Image pixels ``(N, 2)``."""
        pixels: FloatArray = points_cam[:, :2] * self.scale + self.origin_px
        return pixels

    def camera_in(self, box: Box) -> FloatArray:
        """The same camera as EFT's ``[s, tx, ty]`` of a box (eft_method.md section 4)."""
        half = 100.0 * box.scale
        return np.concatenate(([self.scale / half], (self.origin_px - box.center_px) / half))


def _frame(person: Person, size_px: tuple[int, int], rng: Generator) -> _Framing:
    """Fill 66-82 % of the picture with the person, a little off the middle."""
    points = person.mesh.points_cam[:, :2]
    low, high = points.min(0), points.max(0)
    extent = np.maximum(high - low, 0.6)
    share = rng.uniform(0.66, 0.82)
    scale = share * min(size_px[0] / extent[0], size_px[1] / extent[1], size_px[1] / 1.25)
    slack = (np.array(size_px) - scale * (high - low)) / 2
    shift = rng.uniform(-0.45, 0.45, 2) * slack * np.array([1.0, 0.35])
    origin = np.array(size_px) / 2 + shift - scale * (low + high) / 2
    return _Framing(size_px, float(scale), origin)


def _visible_surface(renderer: PyrenderRenderer, mesh: Mesh, framing: _Framing) -> Surface:
    """What each oversampled pixel shows."""
    size = (framing.size_px[0] * _OVERSAMPLING, framing.size_px[1] * _OVERSAMPLING)
    placed = np.concatenate((framing.to_pixels(mesh.points_cam), mesh.points_cam[:, 2:] * framing.scale), axis=1)
    placed *= _OVERSAMPLING
    return locate_surface(renderer.draw_face_ids(placed, mesh.faces, size), placed, mesh.faces)


def _shade_floor(renderer: PyrenderRenderer, person: Person, framing: _Framing, backdrop: Backdrop) -> FloatArray:
    """The backdrop in linear RGB ``(H, W, 3)``, with the person's shadow on its floor."""
    layer = (framing.scale, framing.origin_px)
    light, ground = backdrop.light, person.ground
    sun = ground_shadow(renderer, person.mesh, ground, sun_directions(light, ground), layer, framing.size_px)
    above = [d for d in sky_directions(ground) if d @ ground.up > 0.45]
    sky = ground_shadow(renderer, person.mesh, ground, above, layer, framing.size_px)
    on_floor = (np.arange(framing.size_px[1]) > backdrop.floor_top)[:, None]
    steep = np.sin(np.deg2rad(light.elevation))
    sun_share = np.mean(light.sun) * steep / (np.mean(light.sun) * steep + np.mean(light.sky))
    left = 1.0 - on_floor * (sun_share * sun + (1.0 - sun_share) * np.clip(1.3 * sky, 0.0, 1.0))
    floor: FloatArray = backdrop.picture**2.2 * np.clip(left, 0.06, 1.0)[..., None]
    return floor


def _shade_person(
    renderer: PyrenderRenderer,
    person: Person,
    figure: Figure,
    outfit: Outfit,
    surface: Surface,
    framing: _Framing,
    light: Light,
) -> FloatArray:
    """Premultiplied linear RGBA ``(H, W, 4)`` of the person."""
    mesh, ground = person.mesh, person.ground
    seat_places = np.zeros((len(mesh.points_cam) - person.body_vertices, 3))
    places = surface.interpolate(np.concatenate((figure.vertices, seat_places)))
    is_body = surface.corners[:, 0] < person.body_vertices
    albedo = np.tile(person.seat_color, (len(places), 1))
    edge = 1.2 / (framing.scale * _OVERSAMPLING)
    albedo[is_body] = color_places(outfit, figure, places[is_body], edge)
    normals = surface.interpolate(mesh.normals)
    normals[is_body] += (0.20 * is_cloth(outfit, figure, places[is_body]))[:, None] * _folds(places[is_body])
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)

    points = surface.interpolate(mesh.points_cam)
    directions = sun_directions(light, ground)
    lit = np.mean([seen_from(renderer, mesh, d, points, max(framing.size_px)) for d in directions], axis=0)
    sun = lit * np.clip(normals @ ground.direction(light.azimuth, light.elevation), 0.0, None)
    sky = surface.interpolate(open_sky(renderer, mesh, ground)) ** 1.2 * (0.62 + 0.38 * normals @ ground.up)
    bounce = np.clip(0.5 - 0.5 * normals @ ground.up, 0.0, None) * np.exp(-ground.heights(points) / 1.2)
    lights = sun[:, None] * np.array(light.sun) * 0.57 + sky[:, None] * np.array(light.sky) * 1.15
    lights = lights + bounce[:, None] * np.array(light.bounce)
    rgba = np.concatenate((albedo**2.2 * lights, np.ones((len(lights), 1))), axis=1)
    picture = surface.spread(rgba, 0.0)
    height, width = framing.size_px[1], framing.size_px[0]
    reduced: FloatArray = picture.reshape(height, _OVERSAMPLING, width, _OVERSAMPLING, 4).mean(axis=(1, 3))
    return reduced


def _folds(places: FloatArray) -> FloatArray:
    """Slopes ``(N, 3)`` of the creases of cloth at rest places: a few crossing waves."""
    slopes = np.zeros_like(places)
    for wave, strength in (
        ((38.0, 61.0, 12.0), 0.5), ((-52.0, 47.0, 22.0), 0.5), ((17.0, -90.0, 41.0), 0.45), ((70.0, 18.0, -55.0), 0.35),
    ):  # fmt: skip
        direction = np.array(wave)
        phase = places @ direction + 2.0 * np.sin(places @ direction[::-1] * 0.3)
        slopes += strength * np.cos(phase)[:, None] * direction / np.linalg.norm(direction)
    return slopes


def _composite(floor: FloatArray, layer: FloatArray) -> FloatArray:
    """The person over the place, display RGB 0-1, with a gentle shoulder instead of clipped lights."""
    linear = layer[..., :3] + floor * (1.0 - layer[..., 3:])
    rolled = np.where(linear < 0.7, linear, 0.7 + 0.3 * np.tanh((linear - 0.7) / 0.3))
    grey = rolled @ np.array([0.30, 0.59, 0.11])
    muted = rolled + 0.10 * (grey[..., None] - rolled)
    display: FloatArray = np.clip(muted, 0.0, 1.0) ** (1 / 2.2)
    return display


def _develop(display: FloatArray, rng: Generator) -> ByteImage:
    """Lens and sensor: slight blur, dim corners, grain, JPEG."""
    height, width = display.shape[:2]
    soft = gaussian_filter(display, (0.45, 0.45, 0))
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    soft = soft * (1.0 - 0.09 * np.clip(x**2 + y**2 - 0.5, 0.0, None))[..., None]
    grain = gaussian_filter(rng.normal(0.0, 0.010, (height, width)), 0.6)[..., None]
    grain = grain + rng.normal(0.0, 0.004, soft.shape)
    pixels = np.clip((soft + grain) * 255.0 + 0.5, 0, 255).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=_JPEG_QUALITY, subsampling=0)
    with Image.open(buffer) as developed:
        return np.asarray(developed.convert("RGB"))


def _visible_box(surface: Surface, body_vertices: int) -> tuple[float, float, float, float]:
    """Tight x, y, width, height of the body's visible pixels."""
    is_body = surface.corners[:, 0] < body_vertices
    rows, columns = surface.rows[is_body], surface.columns[is_body]
    left, top = columns.min() / _OVERSAMPLING, rows.min() / _OVERSAMPLING
    right, bottom = (columns.max() + 1) / _OVERSAMPLING, (rows.max() + 1) / _OVERSAMPLING
    return float(left), float(top), float(right - left), float(bottom - top)
