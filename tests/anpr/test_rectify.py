import cv2
import numpy as np
import pytest

from anpr.rectify import MAX_WIDTH, rectify

RED, WHITE = (220, 20, 20), (250, 250, 250)


def _plate(width: int, height: int) -> np.ndarray:
    """White, its left third red."""
    plate = np.full((height, width, 3), WHITE, np.uint8)
    plate[:, : width // 3] = RED
    return plate


def test_rectify_straightens_a_turned_plate():
    quad = np.float32([[100, 80], [280, 130], [270, 190], [92, 128]])
    matrix = cv2.getPerspectiveTransform(np.float32([[0, 0], [240, 0], [240, 60], [0, 60]]), quad)
    picture = cv2.warpPerspective(_plate(240, 60), matrix, (400, 300))
    cut = rectify(picture, tuple(map(tuple, quad.tolist())))
    height, width = cut.shape[:2]
    assert width == pytest.approx(187, abs=4)
    assert height == pytest.approx(55, abs=8)
    assert np.abs(cut[height // 2, width // 6].astype(int) - RED).max() < 25
    assert np.abs(cut[height // 2, width // 2].astype(int) - WHITE).max() < 25


def test_rectify_adds_the_margin_on_each_side():
    picture = np.zeros((200, 400, 3), np.uint8)
    picture[60:140, 100:300] = WHITE
    cut = rectify(picture, ((100, 60), (300, 60), (300, 140), (100, 140)), 0.1)
    assert cut.shape == (96, 240, 3)
    assert cut[48, 5].max() < 40
    assert cut[48, 40].min() > 200


def test_rectify_keeps_large_plates_within_bounds():
    picture = np.full((900, 2000, 3), 128, np.uint8)
    assert rectify(picture, ((50, 50), (1950, 50), (1950, 850), (50, 850))).shape[1] == MAX_WIDTH


@pytest.mark.parametrize("corners", [((5, 5),) * 4, ((-50, -50), (-20, -50), (-20, -40), (-50, -40))])
def test_rectify_takes_corners_without_area_or_outside(corners):
    assert rectify(np.zeros((60, 60, 3), np.uint8), corners).size > 0
