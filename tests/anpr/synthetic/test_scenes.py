import cv2
import numpy as np
import pytest

from anpr.rectify import rectify
from anpr.synthetic.scenes import random_scene, render_passage


def _picture(data: bytes) -> np.ndarray:
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)


def test_random_scene_is_the_same_for_the_same_seed():
    first, again = (random_scene(np.random.default_rng(5), size=(640, 360)) for _ in range(2))
    assert (first.picture == again.picture).all()
    assert first.plates == again.plates


def test_random_scene_lists_plates_inside_the_frame_clockwise():
    scenes = [random_scene(np.random.default_rng(seed), size=(640, 360)) for seed in range(20)]
    plates = [plate for scene in scenes for plate in scene.plates]
    assert len(plates) >= 15
    for plate in plates:
        corners = np.array(plate.corners)
        assert (corners >= 0).all()
        assert (corners < [640, 360]).all()
        x, y = corners.T
        assert np.sum(x * np.roll(y, -1) - y * np.roll(x, -1)) > 0
        assert plate.text
        assert plate.country in {"VN", "CN"}


def test_random_scene_plate_lies_where_its_corners_say():
    """A plate's ground shows at its corners' inside: a blue one is blue there."""
    for seed in range(200):
        scene = random_scene(np.random.default_rng(seed), size=(1280, 720))
        blue = [p for p in scene.plates if p.colour == "blue" and np.ptp(np.array(p.corners)[:, 0]) > 60]
        if blue and scene.picture.std(axis=2).mean() > 12:
            red, _, blue_level = rectify(scene.picture, blue[0].corners).reshape(-1, 3).mean(axis=0)
            assert blue_level > red
            return
    pytest.fail("no blue plate was drawn")


@pytest.mark.parametrize("night", [False, True])
def test_render_passage_is_a_jpeg_of_the_asked_size(night):
    data = render_passage("11C12345", seed=3, night=night, size=(960, 540))
    assert data[:2] == b"\xff\xd8"
    assert _picture(data).shape == (540, 960, 3)


def test_render_passage_is_the_same_for_the_same_seed_and_differs_by_plate_and_seed():
    frame = render_passage("11C12345", seed=3)
    assert frame == render_passage("11C12345", seed=3)
    assert frame != render_passage("11C12346", seed=3)
    assert frame != render_passage("11C12345", seed=4)


def test_render_passage_shows_the_trailer_in_the_corner():
    alone, pair = (
        _picture(render_passage("11C12345", seed=3, trailer_plate=trailer)).astype(int)
        for trailer in (None, "15R01234")
    )
    changed = np.abs(alone - pair).max(axis=2) > 40
    assert changed[:270, -480:].mean() > 0.3
