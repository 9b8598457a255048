from pathlib import Path

import cv2
import numpy as np
import pytest

from anpr.decode import decode
from anpr.detector import WEIGHTS, Detector
from anpr.evaluation import shared_area
from anpr.synthetic.scenes import random_scene, render_passage

DEV = Path(__file__).parents[3] / "shared" / "plates" / "dev"


@pytest.fixture(scope="module")
def detector() -> Detector:
    return Detector(threads=1)


def test_weights_are_small_enough_for_the_repository():
    assert WEIGHTS.stat().st_size < 10_000_000


def test_find_gives_the_corners_of_rendered_plates(detector):
    wanted = found = 0
    for seed in range(24):
        scene = random_scene(np.random.default_rng([77, seed]), size=(1280, 720))
        seen = [np.array(d.corners, np.float32) for d in detector.find(scene.picture, size=960)]
        for plate in scene.plates:
            corners = np.array(plate.corners, np.float32)
            if np.ptp(corners[:, 0]) >= 45:
                wanted += 1
                found += any(shared_area(corners, quad) > 0.6 for quad in seen)
    assert wanted > 15
    assert found / wanted >= 0.9


@pytest.mark.parametrize(("text", "lines"), [("11C12345", 1), ("桂F12345", 1), ("15R01234", 2), ("桂LA123挂", 2)])
def test_find_tells_the_lines(detector, text, lines):
    best = detector.find(decode(render_passage(text, seed=8)))[0]
    assert best.lines == lines
    assert 0.25 <= best.confidence <= 1


@pytest.mark.parametrize(("text", "country"), [("11C12345", "VN"), ("桂F12345", "CN")])
def test_find_tells_the_country(detector, text, country):
    """Of plates with one line; yellow ones with two look much alike, and their text tells."""
    assert detector.find(decode(render_passage(text, seed=8)))[0].country == country


def test_find_gives_the_same_place_at_another_scale(detector):
    picture = decode(render_passage("11C12345", seed=8))
    whole = np.array(detector.find(picture)[0].corners)
    half = np.array(detector.find(cv2.resize(picture, None, fx=0.5, fy=0.5))[0].corners)
    assert np.abs(whole - half * 2).max() < 6


@pytest.mark.parametrize("shape", [(1, 1), (1, 900), (900, 1), (720, 1280)])
def test_find_finds_nothing_in_an_even_picture(detector, shape):
    assert detector.find(np.full((*shape, 3), 128, np.uint8)) == []


def test_find_finds_nothing_in_noise(detector):
    noise = np.random.default_rng(0).integers(0, 255, (480, 640, 3), np.uint8)
    assert detector.find(noise, least=0.5) == []


@pytest.mark.skipif(not DEV.is_dir(), reason="the real photos (../shared/plates) are not on this machine")
def test_find_finds_most_real_plates(detector):
    """A part of the photos only, to be quick; `evaluate_plates` measures all."""
    files = sorted(DEV.glob("*.jpg"))[::6]
    found = sum(bool(detector.find(decode(file.read_bytes()))) for file in files)
    assert found / len(files) >= 0.9


def test_a_second_look_gives_the_corners_of_small_plates_more_exactly(detector):
    plain, closely = [], []
    for seed in range(16):
        scene = random_scene(np.random.default_rng([78, seed]), size=(1920, 1080))
        for plate in scene.plates:
            corners = np.array(plate.corners, np.float32)
            if np.ptp(corners[:, 0]) >= 60:
                for way, shares in ((detector.find, plain), (detector.find_closely, closely)):
                    seen = [np.array(d.corners, np.float32) for d in way(scene.picture, size=640)]
                    shares.append(max((shared_area(corners, quad) for quad in seen), default=0.0))
    assert len(closely) > 10
    assert np.mean(closely) > np.mean(plain) + 0.02


def test_a_plate_looked_at_twice_is_found_once(detector):
    picture = decode(render_passage("11C12345", seed=8))
    small = cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    frame = np.full((1080, 1920, 3), 128, np.uint8)
    frame[: small.shape[0], : small.shape[1]] = small
    found = detector.find_closely(frame)
    assert len(found) == len({tuple(np.round(np.mean(plate.corners, axis=0) / 30)) for plate in found}) >= 1


def test_a_second_look_at_the_rim_of_the_picture_crashes_nothing(detector):
    for y, x in ((0, 0), (1030, 1820), (0, 1820), (1030, 0)):
        frame = np.full((1080, 1920, 3), 90, np.uint8)
        frame[y : y + 50, x : x + 100] = 230
        detector.find_closely(frame, least=0.01)


def test_inputs_come_in_few_shapes_and_hold_the_whole_picture(detector):
    rng = np.random.default_rng(4)
    shapes: dict[int, set[tuple[int, ...]]] = {224: set(), 320: set(), 640: set(), 960: set()}
    for size, seen in shapes.items():
        for height, width in rng.integers(30, 1200, (60, 2)):
            given, scale, offset = detector.prepared(np.zeros((height, width, 3), np.uint8), size)
            assert (offset >= 0).all()
            assert height * scale <= given.shape[0] + 0.5
            assert width * scale <= given.shape[1] + 0.5
            seen.add(given.shape)
    assert {size: len(seen) for size, seen in shapes.items()} == {224: 2, 320: 5, 640: 5, 960: 2}
    assert (384, 640, 3) in shapes[640]
