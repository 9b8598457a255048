"""A pinhole camera and flat pictures in space: enough geometry to put trucks and plates in true perspective.

The world is in metres: x to the right as the camera sees it, y up from the ground, z away from the camera.
"""

from dataclasses import dataclass

import cv2
import numpy as np

Quad = np.ndarray
"""4 x 3 (world) or 4 x 2 (picture), clockwise from top left."""


@dataclass(frozen=True)
class Pinhole:
    """A camera at `eye` looking at `target`; `focal` and the picture's `size` (width, height) in pixels."""

    eye: np.ndarray
    target: np.ndarray
    focal: float
    size: tuple[int, int]
    roll: float = 0.0

    def project(self, points) -> np.ndarray:
        """World points (n x 3) to picture points (n x 2). What lies behind the camera is kept just before it."""
        forward = self.target - self.eye
        forward = forward / np.linalg.norm(forward)
        right = np.cross([0.0, 1.0, 0.0], forward)
        right /= np.linalg.norm(right)
        up = np.cross(forward, right)
        right, up = (
            right * np.cos(self.roll) + up * np.sin(self.roll),
            up * np.cos(self.roll) - right * np.sin(self.roll),
        )
        rel = np.asarray(points, float) - self.eye
        depth = np.maximum(rel @ forward, 0.1)
        x = self.size[0] / 2 + self.focal * (rel @ right) / depth
        y = self.size[1] / 2 - self.focal * (rel @ up) / depth
        return np.stack([x, y], axis=-1)


def upright(x0: float, x1: float, y0: float, y1: float, z: float = 0.0) -> Quad:
    """A wall facing the camera, from its left to its right edge and from y0 up to y1."""
    return np.array([[x0, y1, z], [x1, y1, z], [x1, y0, z], [x0, y0, z]], float)


def side(x: float, z0: float, z1: float, y0: float, y1: float) -> Quad:
    """A wall along the road at x; its left edge is at z0, its right edge at z1."""
    return np.array([[x, y1, z0], [x, y1, z1], [x, y0, z1], [x, y0, z0]], float)


def floor(x0: float, x1: float, z0: float, z1: float) -> Quad:
    """A piece of ground, its far edge on top."""
    return np.array([[x0, 0, z1], [x1, 0, z1], [x1, 0, z0], [x0, 0, z0]], float)


def paste(frame: np.ndarray, texture: np.ndarray, corners: Quad, shade: float = 1.0) -> None:
    """Lay a texture (RGB or RGBA) on the frame, in place, so that its corners come to lie on `corners`.

    A texture much larger than its place is shrunk first, since warping alone would alias.
    """
    height, width = frame.shape[:2]
    corners = np.asarray(corners, np.float32)
    left, top = np.floor(corners.min(axis=0)).astype(int).clip(0, [width, height])
    right, bottom = (np.ceil(corners.max(axis=0)).astype(int) + 1).clip(0, [width, height])
    if right - left < 2 or bottom - top < 2:
        return
    across = max(np.linalg.norm(corners[1] - corners[0]), np.linalg.norm(corners[2] - corners[3]))
    down = max(np.linalg.norm(corners[3] - corners[0]), np.linalg.norm(corners[2] - corners[1]))
    rows, columns = texture.shape[:2]
    fit = (max(2, min(columns, round(across))), max(2, min(rows, round(down))))
    if fit[0] < columns * 0.8 or fit[1] < rows * 0.8:
        texture = cv2.resize(texture, fit, interpolation=cv2.INTER_AREA)
        columns, rows = fit
    source = np.array([[0, 0], [columns, 0], [columns, rows], [0, rows]], np.float32) - 0.5
    matrix = cv2.getPerspectiveTransform(source, corners - np.float32([left, top]) - 0.5)
    if texture.shape[2] == 3:
        texture = np.dstack([texture, np.full((rows, columns), 255, np.uint8)])
    elif texture[..., 3].min() < 255:
        # premultiplied, so that no dark rim appears where opaque meets transparent
        ink = texture[..., :3].astype(np.uint16) * texture[..., 3:] // 255
        texture = np.dstack([ink.astype(np.uint8), texture[..., 3]])
    warped = cv2.warpPerspective(texture, matrix, (int(right - left), int(bottom - top)), flags=cv2.INTER_LINEAR)
    place = frame[top:bottom, left:right]
    ink = warped[..., :3] * np.float32(shade)
    place[...] = np.clip(ink + place * (1 - warped[..., 3:] / np.float32(255)), 0, 255).astype(np.uint8)


def fill(frame: np.ndarray, corners, colour) -> None:
    """A plain polygon, smooth at the rim, in place. `corners` n x 2 in pixels."""
    points = np.round(np.clip(corners, -20000, 20000) * 16).astype(np.int32)
    cv2.fillPoly(frame, [points], tuple(int(c) for c in colour), cv2.LINE_AA, shift=4)
