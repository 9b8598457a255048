"""Whether anything happens before a camera, so that a still scene is not read again and again."""

import cv2
import numpy as np

WIDTH, HEIGHT = 160, 90
DIFFERS = 18
"""Of 255: a smaller change of a point is noise."""
LEAST_SHARE = 0.008
"""The share of the picture that must change: about a plate's width, an arm of the barrier, a person."""
EVERY_SECONDS = 0.7
"""A moving scene is passed on no more often,"""
STILL_SECONDS = 240.0
"""and a still one every so often, so that a standing vehicle does not seem to have gone."""
BLANK = 6.0
"""A picture whose points hardly differ shows nothing: a lens cap, a lost signal."""


class Scene:
    """Decides frame by frame which are worth reading."""

    def __init__(self) -> None:
        self._passed: np.ndarray | None = None
        self._before: np.ndarray | None = None
        self._passed_at = 0.0
        self._was_moving = False

    def is_worth_it(self, frame: np.ndarray, at: float) -> bool:
        """Whether this frame, taken `at` that many seconds, is to be passed on; it then counts as passed on.

        Frames in which something moved since the last one passed on, and the first one when it came to a rest.
        """
        small = cv2.cvtColor(cv2.resize(frame, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA), cv2.COLOR_BGR2GRAY)
        small = cv2.GaussianBlur(small, (3, 3), 0)
        moving = self._before is not None and _differ(small, self._before)
        rested, self._was_moving, self._before = self._was_moving and not moving, moving, small
        if float(small.std()) < BLANK:
            return False
        if self._passed is not None:
            waited = at - self._passed_at
            changed = _differ(small, self._passed)
            if waited < EVERY_SECONDS or not (changed or (rested and moving is False) or waited >= STILL_SECONDS):
                # What came to rest too soon after the last frame is still to be passed on.
                self._was_moving = self._was_moving or rested
                return False
        self._passed, self._passed_at = small, at
        return True


def _differ(one: np.ndarray, other: np.ndarray) -> bool:
    # A cloud or a lamp changes the whole picture alike; that alone is no motion.
    shift = float(np.median(one)) - float(np.median(other))
    change = np.abs(one.astype(np.float32) - other.astype(np.float32) - shift)
    return float((change > DIFFERS).mean()) >= LEAST_SHARE
