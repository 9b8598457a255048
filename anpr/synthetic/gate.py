"""The place: sky and hills, lanes, the gate's canopy, the guard's booth and the barrier, painted onto a stage."""

from dataclasses import dataclass

import cv2
import numpy as np

from anpr.synthetic import trucks
from anpr.synthetic.camera import Pinhole, fill, floor, paste, side, upright


@dataclass(frozen=True)
class Look:
    """How a scene looks: the hour, the weather, who stands beside."""

    night: bool = False
    infrared: bool = False
    rain: float = 0.0
    fog: float = 0.0
    words: bool = True
    font: str | None = None


class Stage:
    """A frame being painted, far things first, and what the later steps must know of it."""

    def __init__(self, camera: Pinhole, look: Look, rng):
        self.camera, self.look, self.rng = camera, look, rng
        self.frame = np.empty((camera.size[1], camera.size[0], 3), np.uint8)
        self.lights: list[tuple] = []
        self.pools: list[tuple] = []
        self.plates: list[tuple] = []
        """Design, corners, the plate's place in the frame and how it looked when just laid there."""

    def face(self, texture, quad, shade: float = 1.0) -> None:
        paste(self.frame, texture, self.camera.project(quad), shade)

    def plain(self, quad, colour) -> None:
        fill(self.frame, self.camera.project(quad), colour)

    def width_at(self, point, metres: float = 1.0) -> float:
        """How many pixels a length across the road takes at a place."""
        left, right = self.camera.project([point, np.add(point, [metres, 0, 0])])
        return float(np.linalg.norm(right - left))


def surroundings(stage: Stage) -> None:
    """Everything behind and beside the vehicles."""
    _sky_and_hills(stage)
    _ground(stage)
    _gate_house(stage)


def _sky_and_hills(stage: Stage) -> None:
    """Sky, and the karst hills that stand around Cao Bằng, paler with distance."""
    rng, (width, height) = stage.rng, stage.camera.size
    horizon = float(stage.camera.project([[0, 1.5, 4000.0]])[0, 1])
    top, low = [
        ((120, 164, 208), (206, 220, 228)),
        ((176, 186, 194), (214, 216, 214)),
        ((138, 150, 166), (204, 200, 190)),
    ][rng.integers(3)]
    ramp = np.clip(np.arange(height, dtype=np.float32) / max(horizon, 1), 0, 1)[:, None, None]
    stage.frame[:] = (np.float32(top) * (1 - ramp) + np.float32(low) * ramp).astype(np.uint8)
    x = np.linspace(0, 1, 90)
    for layer in range(3):
        ridge = np.zeros_like(x)
        for _ in range(9):
            peak = np.exp(-(np.abs((x - rng.uniform(-0.1, 1.1)) / rng.uniform(0.03, 0.10)) ** 2.4))
            ridge = np.maximum(ridge, rng.uniform(0.35, 1.0) * peak)
        ridge = (ridge * (0.30 - 0.06 * layer) + 0.02) * height
        near = 0.35 + 0.25 * layer
        colour = np.array([74, 104, 84]) * near + np.array(low) * 0.92 * (1 - near)
        outline = np.stack([x * width, horizon - ridge], axis=1)
        fill(stage.frame, np.concatenate([outline, [[width, horizon + 2], [0, horizon + 2]]]), colour)


def _ground(stage: Stage) -> None:
    """Asphalt or concrete with its lane lines, a stop line and yellow hatching."""
    rng = stage.rng
    tone = rng.uniform(88, 150)
    metre, x_half, near, far = 24, 14, -9, 45
    texture = np.empty(((far - near) * metre, 2 * x_half * metre, 3), np.uint8)
    sheet = trucks.grain()
    rough = cv2.resize(sheet, (texture.shape[1], texture.shape[0]), interpolation=cv2.INTER_LINEAR)
    texture[:] = np.clip(tone + rough[..., None] * np.float32([9, 9, 8.4]), 0, 255).astype(np.uint8)

    def strip(x0, x1, z0, z1, colour) -> None:
        a, b = (
            (int((x0 + x_half) * metre), int((far - z1) * metre)),
            (int((x1 + x_half) * metre), int((far - z0) * metre)),
        )
        cv2.rectangle(texture, a, b, colour, -1)

    for edge in (-1.9, 1.9, 5.6, -5.6):
        for z in np.arange(near, far, 3.0):
            strip(edge - 0.07, edge + 0.07, z, z + (3.0 if abs(edge) < 2 else 1.6), (214, 214, 206))
    strip(-1.9, 1.9, -2.6, -2.2, (220, 220, 212))
    for edge in (-1.0, 1.0):
        wheel = texture[:, int((edge - 0.3 + x_half) * metre) : int((edge + 0.3 + x_half) * metre)]
        wheel[...] = (wheel * 0.86).astype(np.uint8)
    for edge in (-2.5, 2.15):
        for i, z in enumerate(np.arange(-6, 14, 0.8)):
            strip(edge, edge + 0.35, z, z + 0.8, ((226, 188, 40), (44, 44, 46))[i % 2])
    horizon = stage.camera.project([[0, 0, 3000.0]])[0, 1]
    stage.frame[max(0, int(horizon)) :] = int(tone * 0.96)
    stage.face(texture, floor(-x_half, x_half, near, far))


def _gate_house(stage: Stage) -> None:
    """The canopy over the lanes with its sign, on pillars, and the guard's booth."""
    rng = stage.rng
    concrete, roof = (186, 188, 186), [(150, 36, 34), (44, 82, 138), (92, 102, 110)][rng.integers(3)]
    z = float(rng.uniform(15, 24))
    for x in (-6.6, 6.2):
        stage.plain(side(x + 0.25, z, z + 0.7, 0, 5.6), np.multiply(concrete, 0.7))
        stage.plain(upright(x - 0.25, x + 0.25, 0, 5.6, z), concrete)
    stage.plain(upright(-9.5, 9.5, 5.3, 5.7, z), np.multiply(concrete, 0.55))
    sign = trucks.blank(19, 1.5, roof)
    trucks.write(
        sign,
        "CUA KHAU QUOC TE" if rng.random() < 0.5 else "CHECKPOINT",
        9.5 * trucks.SCALE,
        0.75 * trucks.SCALE,
        110,
        (250, 224, 120),
    )
    stage.face(sign, upright(-9.5, 9.5, 5.6, 7.1, z))
    edge = -1 if rng.random() < 0.5 else 1
    x0, x1 = (3.0, 4.7) if edge > 0 else (-4.7, -3.0)
    inner = x0 if edge > 0 else x1
    wall = [(222, 224, 220), (196, 208, 214), (216, 200, 168)][rng.integers(3)]
    stage.plain(side(inner, 0.6, 2.8, 0, 2.7), np.multiply(wall, 0.72))
    stage.plain(side(inner, 0.9, 2.5, 1.1, 2.1), (58, 76, 88))
    stage.plain(upright(x0, x1, 0, 2.7, 0.6), wall)
    stage.plain(upright(x0 + 0.2, x1 - 0.2, 1.1, 2.15, 0.6), (66, 88, 102))
    stage.plain(upright(x0 + 0.22, x0 + 0.8, 1.12, 2.13, 0.6), (96, 122, 136))
    stage.plain(upright(x0 - 0.2, x1 + 0.2, 2.65, 2.95, 0.55), roof)
    stage.pools = [(*stage.camera.project([[0, 3.0, 2.0]])[0], stage.width_at([0, 1.5, 0], 2.6))]


def barrier(stage: Stage, *, careless: bool) -> None:
    """The barrier's post and its red and white arm, lowered where it hides no plate, else raised.

    A careless one may lie across a plate.
    """
    rng, camera = stage.rng, stage.camera
    edge = 1 if rng.random() < 0.5 else -1
    z, x = -1.5, 2.45 * edge
    pivot = np.array([x, 1.05, z])
    for angle in (0.0, 0.5, 0.95, 1.3):
        along = np.array([-edge * np.cos(angle), np.sin(angle), 0.0])
        ends = camera.project([pivot + along * -0.5, pivot + along * 4.6])
        thick = stage.width_at(pivot, 0.055)
        if careless or all(_clear_of(ends, quad, thick + 8) for _, quad, *_ in stage.plates):
            break
    else:
        return
    up = np.array([edge * np.sin(angle), np.cos(angle), 0.0]) * 0.055
    for i in range(10):
        a, b = pivot + along * (-0.5 + i * 0.51), pivot + along * (-0.5 + (i + 1) * 0.51)
        stage.plain(np.array([a + up, b + up, b - up, a - up]), ((226, 226, 222), (204, 36, 38))[i % 2])
        stage.plain(np.array([a, b, b - up, a - up]), ((190, 190, 188), (166, 26, 28))[i % 2])
    stage.plain(side(x - 0.2 * np.sign(x), z - 0.2, z + 0.2, 0, 1.2), (170, 104, 24))
    stage.plain(upright(x - 0.2, x + 0.2, 0, 1.2, z - 0.2), (232, 148, 34))
    stage.plain(upright(x - 0.2, x + 0.2, 1.02, 1.10, z - 0.2), (60, 60, 62))
    lamp = camera.project([[x, 1.28, z]])[0]
    stage.lights.append((*lamp, stage.width_at(pivot, 0.05), (250, 40, 30)))


def _clear_of(ends: np.ndarray, quad: np.ndarray, margin: float) -> bool:
    """Whether the segment between two points keeps its distance from a quadrilateral's box."""
    steps = ends[0] + (ends[1] - ends[0]) * np.linspace(0, 1, 60)[:, None]
    low, high = quad.min(axis=0) - margin, quad.max(axis=0) + margin
    return not ((steps > low) & (steps < high)).all(axis=1).any()
