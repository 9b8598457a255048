"""What is shown of a picture that was tried."""

import numpy as np

from anpr.trial import Trial
from anpr.types import PlateRead


def plate(text: str, confidence: float) -> PlateRead:
    corners = ((10.0, 20.0), (30.0, 20.0), (30.0, 28.0), (10.0, 28.0))
    return PlateRead(text, "VN", 1, "yellow", True, confidence, (confidence,) * len(text), (), corners)


def test_scraps_are_not_shown_and_doubtful_plates_are():
    trial = Trial.of([plate("11C12345", 0.97), plate("12C0", 0.2), plate("9", 0.004)], 0.5, 640, 360, "", 40.0)
    assert [row["text"] for row in trial.plates] == ["11C12345", "12C0"]
    assert np.allclose(trial.boxes[0][2], (15.0, 14.0))
