from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import binary_dilation

from fitting.body.model import BodyModel, load_body
from fitting.errors import JobError, RenderError
from fitting.geometry.camera import project_to_image
from fitting.render.pyrender_backend import PyrenderRenderer, get_renderer
from fitting.render.shading import NormalOperator, shade_clay
from fitting.render.surface import locate_surface
from fitting.render.view import MARGIN, frame_body, place_in_window, place_on_layer, turn_to_view, viewpoint_of
from fitting.runners.worker import perform
from fitting.spec import BodyFit, Box, JobId, RenderJob, RenderManyJob, Viewpoint, Window

BODY = Path(__file__).parents[3] / "resources" / "body" / "mannequin.npz"
BOX = Box(np.array([210.0, 180.0]), 1.6)
WINDOW = Window(20.0, -10.0, 380.0, 370.0)


def standing(arms_down=1.2):
    rotations = np.tile(np.eye(3), (24, 1, 1))
    rotations[0] = np.diag([1.0, -1.0, -1.0])
    for joint, angle in ((16, -arms_down), (17, arms_down / 2)):
        c, s = np.cos(angle), np.sin(angle)
        rotations[joint] = [[c, -s, 0], [s, c, 0], [0, 0, 1]]
    return BodyFit(rotations, np.zeros(10), np.array([0.82, 0.03, 0.12]))


def job(view="camera", size_px=(380, 370), window=WINDOW, fit=None, **options):
    return RenderJob(
        JobId("job"), fit or standing(), BOX, view, size_px, BODY, window if view == "camera" else None, **options
    )


coordinates = st.floats(-2, 2, allow_nan=False)
points = st.lists(st.tuples(coordinates, coordinates, coordinates), min_size=1, max_size=8).map(np.array)


@given(points, st.floats(0.2, 2), coordinates, coordinates)
def test_the_layer_shows_exactly_the_window(points_cam, s, tx, ty):
    camera = np.array([s, tx, ty])
    placed = place_in_window(points_cam, camera, BOX, WINDOW, (760, 740))
    image_px = project_to_image(points_cam, camera, BOX)
    assert np.allclose(placed[:, :2] / 2 + [WINDOW.x, WINDOW.y], image_px)
    assert np.allclose(placed[:, 2], points_cam[:, 2] * 100 * BOX.scale * s * 2)


def test_views_are_rotations_with_the_documented_directions():
    towards_viewer, left_of_image = np.array([[0.0, 0.0, -1.0]]), np.array([[-1.0, 0.0, 0.0]])
    assert turn_to_view(towards_viewer, "side").tolist() == [[-1.0, 0.0, 0.0]]  # points to the left
    assert turn_to_view(left_of_image, "side").tolist() == [[0.0, 0.0, 1.0]]  # is farthest from the eye
    assert turn_to_view(left_of_image, "back").tolist() == [[1.0, 0.0, 0.0]]
    assert turn_to_view(towards_viewer, "top").tolist() == [[0.0, 1.0, 0.0]]  # points down
    for view in ("front", "side", "back", "top"):
        matrix = turn_to_view(np.eye(3), view)
        assert np.allclose(matrix @ matrix.T, np.eye(3))
        assert np.linalg.det(matrix) == pytest.approx(1.0)


@given(points, st.tuples(st.integers(40, 400), st.integers(40, 400)))
def test_framed_bodies_stay_inside_and_share_scale_and_height(points_cam, size_px):
    placed = {view: frame_body(points_cam, view, size_px) for view in ("front", "side", "back", "top")}
    for layer in placed.values():
        assert (layer[:, :2] >= np.array(size_px) * MARGIN - 1e-6).all()
        assert (layer[:, :2] <= np.array(size_px) * (1 - MARGIN) + 1e-6).all()
    for view in ("side", "back"):
        assert np.allclose(placed["front"][:, 1], placed[view][:, 1])
    assert np.allclose(np.ptp(placed["front"][:, 0]), np.ptp(placed["top"][:, 0]))


@pytest.mark.parametrize("window", [None, Window(0, 0, 0, 5), Window(0, 0, float("nan"), 5)])
def test_a_camera_view_needs_a_window(window):
    with pytest.raises(JobError, match=r"window|rectangle"):
        place_on_layer(np.zeros((3, 3)), job(window=window))


def test_a_broken_fit_is_refused_with_a_sentence():
    broken = BodyFit(np.full((24, 3, 3), np.nan), np.zeros(10), np.ones(3))
    with pytest.raises(JobError, match="NaN"):
        get_renderer().render(job(fit=broken))


@pytest.mark.parametrize("size_px", [(0, 10), (10, 100_000)])
def test_absurd_sizes_are_refused(size_px):
    with pytest.raises(JobError, match="pixels"):
        get_renderer().render(job(size_px=size_px))


@pytest.mark.parametrize("multisample", [True, False])
@pytest.mark.parametrize("view", ["camera", "side", "front", "back", "top"])
def test_the_silhouette_ends_where_the_projected_vertices_end(view, multisample):
    drawn = get_renderer().render(job(view, multisample=multisample)).rgba
    covered = drawn[..., 3] / 255.0
    placed = place_on_layer(load_body(BODY).vertices_of(standing()), job(view))
    for axis, profile in ((0, covered.max(axis=0)), (1, covered.max(axis=1))):
        shown = np.flatnonzero(profile > 0)
        low, high = placed[:, axis].min(), placed[:, axis].max()
        # One sample a pixel can miss the point of a finger: 2 pixels wide here, less than 1 at its round end.
        limit = 1.0 if multisample else 1.25
        assert shown[0] + 0.5 - low == pytest.approx(0, abs=limit)
        assert shown[-1] + 0.5 - high == pytest.approx(0, abs=limit)


def test_joints_by_parameters_land_where_the_renderer_draws_within_half_a_pixel():
    """Each sampled vertex neighbourhood, drawn alone, has its centre where the camera formula puts it."""
    body, renderer, fit = load_body(BODY), get_renderer(), standing()
    vertices = body.vertices_of(fit).astype(np.float64)
    for vertex in body.asset.landmark_vertices[:11]:
        marker = vertices[vertex] + 0.02 * np.array(
            [[1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1]]
        )
        faces = np.array([(a, b, c) for a in (0, 1) for b in (2, 3) for c in (4, 5)])
        placed = place_in_window(marker, fit.camera, BOX, WINDOW, (380, 370))
        rows, columns = np.nonzero(renderer.draw_face_ids(placed, faces, (380, 370)) >= 0)
        expected = project_to_image(vertices[vertex][None], fit.camera, BOX)[0] - [WINDOW.x, WINDOW.y]
        assert np.abs([columns.mean() + 0.5, rows.mean() + 0.5] - expected).max() < 0.5


def test_a_renderer_belongs_to_its_thread():
    renderer = get_renderer()
    with ThreadPoolExecutor(1) as pool, pytest.raises(RuntimeError, match="thread"):
        pool.submit(renderer.render, job()).result()


def test_a_machine_without_opengl_is_told_which_packages_to_install(monkeypatch):
    monkeypatch.setenv("EGL_DEVICE_ID", "99")
    with pytest.raises(RenderError, match="libegl1 libgl1 libgl1-mesa-dri libgles2"):
        PyrenderRenderer()


def test_layers_are_straight_alpha_and_empty_around_the_body():
    rgba = get_renderer().render(job(color_rgb=(0.6, 0.6, 0.6))).rgba
    assert rgba[0, 0].tolist() == [0, 0, 0, 0]
    edge = rgba[(rgba[..., 3] > 0) & (rgba[..., 3] < 255)]
    assert len(edge) > 100
    assert np.median(edge[:, :3]) > 60  # premultiplied edges would be dark


def test_the_second_picture_does_not_depend_on_the_first():
    renderer = get_renderer()
    first = renderer.render(job()).rgba
    renderer.render(job("side", (64, 200), multisample=False))
    assert np.array_equal(renderer.render(job()).rgba, first)


def test_normals_of_a_sphere_point_outward_and_face_the_light():
    longitude, latitude = np.meshgrid(np.linspace(0, 2 * np.pi, 24, endpoint=False), np.linspace(0.2, np.pi - 0.2, 12))
    sphere = np.stack(
        (np.sin(latitude) * np.cos(longitude), np.cos(latitude), np.sin(latitude) * np.sin(longitude)), -1
    ).reshape(-1, 3)
    grid = np.arange(12 * 24).reshape(12, 24)
    right = np.roll(grid, -1, axis=1)
    quads = np.stack((grid[:-1], right[:-1], right[1:], grid[1:]), -1).reshape(-1, 4)
    faces = np.concatenate((quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]))
    normals = NormalOperator(faces, len(sphere))(sphere)
    inner = slice(24, -24)
    assert (normals * sphere).sum(1)[inner].min() > 0.98
    brightness = shade_clay(normals, (0.5, 0.5, 0.5)).sum(1)
    lit, dark = sphere @ [-0.5, -0.62, -0.6], sphere @ [0.5, 0.62, 0.6]
    assert brightness[np.argmax(lit)] > 1.6 * brightness[np.argmax(dark)]


@given(st.integers(0, 10_000))
@settings(max_examples=15, deadline=None)
def test_the_surface_of_a_pixel_is_found_again(seed):
    rng = np.random.default_rng(seed)
    placed = rng.uniform(2, 38, (3, 3))
    faces = np.array([[0, 1, 2]])
    ids = get_renderer().draw_face_ids(placed, faces, (40, 40))
    surface = locate_surface(ids, placed, faces)
    found = surface.interpolate(placed)
    centers = np.stack((surface.columns + 0.5, surface.rows + 0.5), axis=1)
    assert np.abs(found[:, :2] - centers).max(initial=0) < 0.1
    assert surface.spread(found[:, 2], -1.0).shape == (40, 40)
    assert not mismatches(placed[:, :2], ids >= 0)


def mismatches(triangle, covered):
    """Pixels drawn with their centre outside the triangle or left out with it inside, by more than 0.05 px."""
    columns, rows = np.meshgrid(np.arange(covered.shape[1]) + 0.5, np.arange(covered.shape[0]) + 0.5)
    edges = np.roll(triangle, -1, axis=0) - triangle
    turn = np.sign(edges[0, 0] * edges[1, 1] - edges[0, 1] * edges[1, 0])
    depth = np.min(
        [
            turn * (ex * (rows - y) - ey * (columns - x)) / np.hypot(ex, ey)
            for (x, y), (ex, ey) in zip(triangle, edges, strict=True)
        ],
        axis=0,
    )
    return int(((depth > 0.05) & ~covered).sum() + ((depth < -0.05) & covered).sum())


def test_the_nearer_face_hides_the_farther_one():
    square = np.array([[5.0, 5, 0], [35, 5, 0], [35, 35, 0], [5, 35, 0]])
    placed = np.concatenate((square + np.array([0, 0, 9.0]), square))
    faces = np.array([[0, 1, 2], [0, 2, 3], [4, 5, 6], [4, 6, 7]])
    ids = get_renderer().draw_face_ids(placed, faces, (40, 40))
    assert set(np.unique(ids)) == {-1, 2, 3}


def covered_px(**options):
    return int((get_renderer().render(job("side", (200, 240), **options)).rgba[..., 3] > 0).sum())


def test_mesh_and_wire_are_layers_of_their_own():
    mesh, wire = covered_px(), covered_px(mesh=False, wire=True)
    assert covered_px(mesh=False) == 0
    assert 0.3 * mesh < wire < 1.2 * mesh
    plain = get_renderer().render(job("side", (200, 240))).rgba
    wired = get_renderer().render(job("side", (200, 240), wire=True)).rgba
    assert np.array_equal(get_renderer().render(job("side", (200, 240))).rgba, plain)
    covered, grown = plain[..., 3] > 0, wired[..., 3] > 0
    assert (grown >= covered).all()
    # Lines lie on the surface and stand out by a pixel at most.
    assert (grown <= binary_dilation(covered, np.ones((3, 3)))).all()
    inside = (plain[..., 3] == 255) & (wired[..., 3] == 255)
    assert wired[inside][:, :3].mean() < plain[inside][:, :3].mean() - 5


@pytest.mark.parametrize("view", ["side", "top", Viewpoint("side", 33.0, 20.0, 1.4, (0.1, -0.05))])
def test_the_scene_says_where_joints_and_floor_are(view):
    drawn = get_renderer().render(job(view, multisample=False))
    placed = place_on_layer(load_body(BODY).vertices_of(standing()), job(view))
    scene, turn = drawn.scene, viewpoint_of(view).matrix()
    assert scene.joints_m.shape == (24, 3)
    assert np.allclose(scene.joints_m[0], 0)
    joints_px = scene.joints_m @ turn.T[:, :2] * scene.pixels_per_metre + scene.pelvis_px
    low, high = placed[:, :2].min(0), placed[:, :2].max(0)
    assert (joints_px > low).all()
    assert (joints_px < high).all()
    vertices = load_body(BODY).vertices_of(standing())
    floor = np.array([0.0, vertices[:, 1].max() - vertices[:, 1].min(), 0.0])  # from the highest to the lowest point
    assert scene.floor_m < floor[1]
    assert vertices[:, 1].max() == pytest.approx(
        load_body(BODY).kinematics.bones(*parameters(standing())).joints_cam[0, 0, 1].item() + scene.floor_m, abs=1e-6
    )


def parameters(fit):
    return torch.tensor(fit.rotations[None], dtype=torch.float32), torch.tensor(fit.betas[None], dtype=torch.float32)


def test_a_turned_body_is_lit_as_if_it_stood_so():
    turned = get_renderer().render(job(Viewpoint("front", 90.0, 0.0), (300, 300))).rgba
    named = get_renderer().render(job("side", (300, 300))).rgba
    assert (turned[..., 3] > 0).sum() == pytest.approx((named[..., 3] > 0).sum(), rel=0.02)
    assert turned[turned[..., 3] == 255][:, :3].mean() == pytest.approx(
        named[named[..., 3] == 255][:, :3].mean(), abs=1
    )


def test_a_body_is_posed_once_for_all_its_pictures(monkeypatch):
    posed = []
    original = BodyModel.vertices_of
    monkeypatch.setattr(BodyModel, "vertices_of", lambda self, fit: posed.append(1) or original(self, fit))
    fit = standing(arms_down=0.77)
    for view in ("camera", "side", Viewpoint("side", 10.0, 10.0), Viewpoint("side", 20.0, 10.0)):
        get_renderer().render(job(view, fit=BodyFit(fit.rotations.copy(), fit.betas.copy(), fit.camera)))
    assert len(posed) == 1


def test_layers_wanted_together_come_together():
    events = []
    perform(RenderManyJob(JobId("two"), (job(), job("side"))), events.append, lambda: False)
    layers = events[-1].result.layers
    assert [layer.view for layer in layers] == ["camera", "side"]
    assert np.array_equal(layers[0].rgba, get_renderer().render(job()).rgba)
