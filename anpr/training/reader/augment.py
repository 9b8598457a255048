"""What cameras and weather do to a plate: grey pictures in, grey 64 x 192 network inputs out."""

import cv2
import numpy as np

HEIGHT, WIDTH = 64, 192


def seen_by_camera(
    picture: np.ndarray, corners: np.ndarray, rng: np.random.Generator, *, mildly: bool = False
) -> np.ndarray:
    """Cuts the plate out as an imperfect detector would, spoils it as a camera would: uint8, 64 x 192.

    `corners` is 4 x 2, clockwise from top left, in pixels of the grey `picture`. `mildly` is for real photos, which
    are spoilt already.
    """
    quad = _jittered(corners.astype(np.float32), rng)
    width, height = _side(quad, 0, 1, 3, 2), _side(quad, 0, 3, 1, 2)
    across, strength = min(width, 230.0), rng.uniform(0.1, 0.7 if mildly else 1.0)
    if rng.random() < (0.5 if mildly else 0.65):
        least = 64.0 if width < 2.6 * height else 48.0
        across = float(np.exp(rng.uniform(np.log(least), np.log(max(across, least + 10)))))
    elif not mildly:
        strength *= 0.3
    size = (max(24, round(across)), max(10, round(across * height / width)))
    seen = _warped(picture, quad, size)
    for spoil, chance in _SPOILS:
        if rng.random() < chance * strength:
            seen = spoil(seen, rng)
    return cv2.resize(np.clip(seen, 0, 255).astype(np.uint8), (WIDTH, HEIGHT), interpolation=cv2.INTER_LINEAR)


def _side(quad: np.ndarray, a: int, b: int, c: int, d: int) -> float:
    return float(np.linalg.norm(quad[b] - quad[a]) + np.linalg.norm(quad[d] - quad[c])) / 2


def _jittered(corners: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The corners as found: too tight or too loose, leaning, each slightly wrong, or only the upright box around."""
    if rng.random() < 0.3:
        (x0, y0), (x1, y1) = corners.min(0), corners.max(0)
        corners = np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], np.float32)
    right, down = corners[1] - corners[0], corners[3] - corners[0]
    left, top, far, bottom = np.clip(rng.normal(0.05, 0.05, 4), -0.045, 0.22)
    wobble = rng.normal(0, 0.015, (4, 2))
    lean, climb = rng.normal(0, 0.04) * np.array((-1, -1, 1, 1)), rng.normal(0, 0.1) * np.array((-1, 1, 1, -1))
    wobble += np.stack((lean, climb / 2), axis=1)
    out = np.array([(-left, -top), (far, -top), (far, bottom), (-left, bottom)]) + wobble
    return (corners + out[:, :1] * right + out[:, 1:] * down).astype(np.float32)


def _warped(picture: np.ndarray, quad: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    target = np.array([(0, 0), (size[0], 0), (size[0], size[1]), (0, size[1])], np.float32)
    shrink = size[0] / max(_side(quad, 0, 1, 3, 2), 1)
    if shrink < 0.6:
        picture = cv2.GaussianBlur(picture, (0, 0), 0.35 / shrink)
    matrix = cv2.getPerspectiveTransform(quad, target)
    seen = cv2.warpPerspective(picture, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return seen.astype(np.float32)


def _shadow(seen: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A straight-edged shadow over a part."""
    height, width = seen.shape
    angle, offset = rng.uniform(0, 2 * np.pi), rng.uniform(-0.35, 0.35)
    y, x = np.ogrid[:height, :width]
    distance = np.cos(angle) * (x / width - 0.5) + np.sin(angle) * (y / height - 0.5) - offset
    inside = np.clip(distance * rng.uniform(6, 60) + 0.5, 0, 1)
    return seen * (1 - inside * rng.uniform(0.2, 0.75))


def _glare(seen: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    height, width = seen.shape
    y, x = np.ogrid[:height, :width]
    cx, cy, rx, ry = (
        rng.uniform(0, width),
        rng.uniform(0, height),
        rng.uniform(0.05, 0.4),
        rng.uniform(0.2, 0.9),
    )
    bright = np.exp(-(((x - cx) / (rx * width)) ** 2 + ((y - cy) / (ry * height)) ** 2))
    return seen + bright * rng.uniform(30, 170)


def _gradient(seen: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    height, width = seen.shape
    angle = rng.uniform(0, 2 * np.pi)
    y, x = np.ogrid[:height, :width]
    slope = np.cos(angle) * (x / width - 0.5) + np.sin(angle) * (y / height - 0.5)
    return seen * (1 + slope * rng.uniform(0, 0.9))


def _dirt(seen: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Splashes and dust: clouds of one tone, thicker here and there."""
    height, width = seen.shape
    grain = (int(rng.integers(3, 12)), int(rng.integers(6, 30)))
    cloud = cv2.resize(rng.random(grain).astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
    cover = np.clip((cloud - rng.uniform(0.45, 0.9)) * rng.uniform(1, 5), 0, rng.uniform(0.3, 0.9))
    return seen + (rng.uniform(50, 170) - seen) * cover


def _specks(seen: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Rain drops, bolts, mud: small discs."""
    height, width = seen.shape
    seen = seen.copy()
    for _ in range(int(rng.integers(1, 9))):
        centre = (int(rng.integers(width)), int(rng.integers(height)))
        cv2.circle(seen, centre, int(rng.integers(1, max(2, height // 10))), float(rng.uniform(20, 235)), -1)
    return seen


def _cover(seen: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A bar or cable across, too thin to hide a character wholly."""
    height, width = seen.shape
    seen = seen.copy()
    start = (int(rng.integers(width)), int(rng.integers(height)))
    end = (int(rng.integers(width)), int(rng.integers(height)))
    cv2.line(seen, start, end, float(rng.uniform(0, 255)), int(rng.integers(1, max(2, height // 14))))
    return seen


def _marks(seen: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """What camera software writes over its picture: thin boxes, brackets, lines."""
    height, width = seen.shape
    seen = seen.copy()
    tone, reach = float(rng.uniform(0, 255)), rng.uniform(0.08, 0.5)
    thick = int(rng.integers(1, max(2, height // 14) + 1))
    x0, x1 = sorted(rng.uniform(-0.3, 1.3, 2) * width)
    y0, y1 = sorted(rng.uniform(-0.3, 1.3, 2) * height)
    for x, y, along, down in ((x0, y0, 1, 1), (x1, y0, -1, 1), (x1, y1, -1, -1), (x0, y1, 1, -1)):
        corner = (round(x), round(y))
        cv2.line(seen, corner, (round(x + along * reach * (x1 - x0)), corner[1]), tone, thick)
        cv2.line(seen, corner, (corner[0], round(y + down * reach * (y1 - y0))), tone, thick)
    return seen


def _motion(seen: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    length = max(2.0, seen.shape[0] * rng.uniform(0.04, 0.2))
    angle = rng.normal(0, 0.5) if rng.random() < 0.6 else rng.uniform(0, np.pi)
    size = int(np.ceil(length)) | 1
    kernel = np.zeros((size, size), np.float32)
    middle, reach = size // 2, length / 2
    ends = [(round(middle + s * reach * np.cos(angle)), round(middle + s * reach * np.sin(angle))) for s in (-1, 1)]
    cv2.line(kernel, ends[0], ends[1], 1.0, 1, cv2.LINE_AA)
    return cv2.filter2D(seen, -1, kernel / max(kernel.sum(), 1e-3))


def _blur(seen: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return cv2.GaussianBlur(seen, (0, 0), max(0.3, seen.shape[0] * rng.uniform(0.005, 0.045)))


def _sharpened(seen: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The halo of a camera that sharpens too much."""
    soft = cv2.GaussianBlur(seen, (0, 0), rng.uniform(0.8, 2.0))
    return np.clip(seen + (seen - soft) * rng.uniform(0.5, 2.5), 0, 255)


def _tones(seen: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    seen = 255 * np.clip(seen / 255, 0, 1) ** np.exp(rng.normal(0, 0.45))
    return (seen - 128) * rng.uniform(0.4, 1.4) + 128 + rng.uniform(-40, 40)


def _low_light(seen: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    dim = np.clip(seen, 0, 255) * rng.uniform(0.06, 0.35)
    noisy = dim + rng.normal(0, 1, seen.shape) * np.sqrt(dim + 1) * rng.uniform(0.1, 0.6)
    return noisy * rng.uniform(2.0, 5.0)


def _infrared(seen: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A lamp beside the camera: the ground blazes, edges bloom."""
    bright = np.clip(seen * rng.uniform(1.2, 1.9), 0, 255)
    return np.maximum(bright, cv2.GaussianBlur(bright, (0, 0), rng.uniform(0.8, 2.5)) * rng.uniform(0.8, 1.0))


def _noise(seen: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return seen + rng.normal(0, rng.uniform(2, 18), seen.shape)


def _interlace(seen: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    seen = seen.copy()
    seen[::2] = np.roll(seen[::2], int(rng.integers(-2, 3)), axis=1)
    return seen


def _jpeg(seen: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(15, 90))]
    _, packed = cv2.imencode(".jpg", np.clip(seen, 0, 255).astype(np.uint8), quality)
    return cv2.imdecode(packed, cv2.IMREAD_GRAYSCALE).astype(np.float32)


_SPOILS = (
    (_dirt, 0.2),
    (_specks, 0.15),
    (_gradient, 0.4),
    (_shadow, 0.2),
    (_glare, 0.12),
    (_tones, 0.6),
    (_infrared, 0.08),
    (_cover, 0.06),
    (_blur, 0.45),
    (_motion, 0.2),
    (_low_light, 0.1),
    (_noise, 0.4),
    (_sharpened, 0.2),
    (_interlace, 0.05),
    (_marks, 0.2),
    (_jpeg, 0.5),
)
"""In the order in which they happen: on the plate, in the light, in the lens, on the sensor, in the camera's
software, in the file."""
