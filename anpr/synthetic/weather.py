"""What light, weather and the camera do to a frame. Every function takes and returns an RGB array."""

import cv2
import numpy as np


def _noise(shape: tuple[int, int], rng, blur: float, small: int = 8) -> np.ndarray:
    """Soft noise of unit spread, drawn small and enlarged since it is smooth anyway."""
    rows, columns = max(2, shape[0] // small), max(2, shape[1] // small)
    sheet = cv2.GaussianBlur(rng.normal(0, 1, (rows, columns)).astype(np.float32), (0, 0), blur)
    sheet /= sheet.std() + 1e-6
    return cv2.resize(sheet, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR)


def glow(frame: np.ndarray, lights, rng, strength: float = 1.0) -> np.ndarray:
    """Halos around lights, each (x, y, radius in pixels, colour)."""
    rows, columns = frame.shape[:2]
    scale = 4
    halo = np.zeros((rows // scale + 1, columns // scale + 1, 3), np.float32)
    for x, y, radius, colour in lights:
        cv2.circle(halo, (int(x / scale), int(y / scale)), max(1, int(radius / scale)), colour, -1)
    spread = max(2.0, max((radius for *_, radius, _ in lights), default=4) / scale * 1.6)
    halo = halo * 0.55 + cv2.GaussianBlur(halo, (0, 0), spread) * 1.2
    halo = cv2.resize(halo, (columns, rows), interpolation=cv2.INTER_LINEAR)
    return np.clip(frame + halo * strength, 0, 255).astype(np.uint8)


def night(frame: np.ndarray, rng, level: float = 0.3, pools=()) -> np.ndarray:
    """Darkness of the given level (1 is day), lit again around `pools` of lamp light, each (x, y, radius)."""
    rows, columns = frame.shape[:2]
    light = np.full((rows // 8 + 1, columns // 8 + 1), level, np.float32)
    y, x = np.mgrid[: light.shape[0], : light.shape[1]].astype(np.float32) * 8
    for px, py, radius in pools:
        light += 0.75 * np.exp(-((x - px) ** 2 + ((y - py) * 1.3) ** 2) / (2 * radius**2))
    light = cv2.resize(light, (columns, rows), interpolation=cv2.INTER_LINEAR)[..., None]
    warm = np.float32([1.06, 0.97, 0.80]) if rng.random() < 0.6 else np.float32([0.86, 0.96, 1.10])
    return np.clip(frame * np.minimum(light, 1.05) * warm, 0, 255).astype(np.uint8)


def infrared(frame: np.ndarray, rng) -> np.ndarray:
    """Seen by an infrared camera: no colour, dark surroundings, contrast of its own."""
    weights = rng.dirichlet([4, 4, 2]).astype(np.float32)
    grey = frame.astype(np.float32) @ weights
    grey = 255 * (grey / 255) ** rng.uniform(0.8, 1.6)
    return np.repeat(np.clip(grey, 0, 255).astype(np.uint8)[..., None], 3, axis=2)


def rain(frame: np.ndarray, rng, amount: float = 0.5) -> np.ndarray:
    """Streaks of rain, a little mist, softer contrast."""
    rows, columns = frame.shape[:2]
    streaks = np.zeros((rows, columns), np.uint8)
    slant = rng.uniform(-0.25, 0.25)
    for _ in range(int(rows * columns / 9000 * (0.3 + amount))):
        x, y = rng.uniform(0, columns), rng.uniform(0, rows)
        length = rng.uniform(0.012, 0.05) * rows
        end = (int(x + slant * length), int(y + length))
        cv2.line(streaks, (int(x), int(y)), end, int(rng.integers(60, 150)), 1, cv2.LINE_AA)
    mist = frame * (1 - 0.18 * amount) + 34 * amount
    return np.clip(mist + cv2.blur(streaks, (2, 3))[..., None] * (0.35 + 0.3 * amount), 0, 255).astype(np.uint8)


def fog(frame: np.ndarray, rng, amount: float = 0.5) -> np.ndarray:
    """Fog, thicker towards the top of the frame, where things are farther."""
    rows, columns = frame.shape[:2]
    depth = np.linspace(1.15, 0.6, rows, dtype=np.float32)[:, None]
    veil = np.clip(amount * (depth + 0.12 * _noise((rows, columns), rng, 6)), 0, 0.85)[..., None]
    return np.clip(frame * (1 - veil) + rng.uniform(170, 225) * veil, 0, 255).astype(np.uint8)


def shadow(frame: np.ndarray, rng) -> np.ndarray:
    """The hard edge of a shadow across the frame."""
    rows, columns = frame.shape[:2]
    mask = np.zeros((rows // 4 + 1, columns // 4 + 1), np.uint8)
    angle, offset = rng.uniform(0, np.pi), rng.uniform(-0.3, 0.3)
    centre = np.array([mask.shape[1], mask.shape[0]]) / 2 + offset * mask.shape[0]
    along = np.array([np.cos(angle), np.sin(angle)])
    across = np.array([-along[1], along[0]])
    reach = mask.shape[1] * 3
    quad = np.stack(
        [
            centre - along * reach,
            centre + along * reach,
            centre + (along + across) * reach,
            centre + (across - along) * reach,
        ]
    )
    cv2.fillPoly(mask, [quad.astype(np.int32)], 255, cv2.LINE_AA)
    dark = cv2.resize(cv2.GaussianBlur(mask, (0, 0), rng.uniform(0.5, 3)), (columns, rows))
    return (frame * (1 - dark[..., None] / 255 * rng.uniform(0.25, 0.6))).astype(np.uint8)


def glare(frame: np.ndarray, rng) -> np.ndarray:
    """The sun or a head lamp into the lens: a bright veil around one spot."""
    rows, columns = frame.shape[:2]
    spot = (rng.uniform(0, columns), rng.uniform(-0.1, 0.7) * rows, rng.uniform(0.02, 0.07) * rows)
    frame = glow(frame, [(*spot, (255, 248, 225))], rng)
    return np.clip(frame * 0.82 + rng.uniform(15, 45), 0, 255).astype(np.uint8)


def lens_dirt(frame: np.ndarray, rng) -> np.ndarray:
    """Spots and drops on the lens, blurred since they are out of focus."""
    rows, columns = frame.shape[:2]
    mask = np.zeros((rows // 4 + 1, columns // 4 + 1), np.float32)
    for _ in range(rng.integers(3, 18)):
        centre = (int(rng.integers(mask.shape[1])), int(rng.integers(mask.shape[0])))
        cv2.circle(mask, centre, int(rng.uniform(0.004, 0.03) * rows), float(rng.uniform(0.2, 0.8)), -1)
    mask = cv2.resize(cv2.GaussianBlur(mask, (0, 0), rng.uniform(1, 4)), (columns, rows))[..., None]
    return (frame * (1 - mask) + cv2.blur(frame, (9, 9)) * mask * rng.uniform(0.7, 1.15)).clip(0, 255).astype(np.uint8)


def motion(frame: np.ndarray, rng, pixels: float) -> np.ndarray:
    """Blur along one direction, `pixels` long."""
    size = max(3, int(pixels) | 1)
    kernel = np.zeros((size, size), np.float32)
    angle = rng.normal(0, 0.4) + (np.pi / 2 if rng.random() < 0.4 else 0)
    middle, reach = size // 2, size / 2
    step = np.array([np.cos(angle), np.sin(angle)]) * reach
    start, end = np.array([middle, middle]) - step, np.array([middle, middle]) + step
    cv2.line(kernel, tuple(start.astype(int).tolist()), tuple(end.astype(int).tolist()), 1.0, 1, cv2.LINE_AA)
    return cv2.filter2D(frame, -1, kernel / max(kernel.sum(), 1e-6))


def sensor(frame: np.ndarray, rng, spread: float = 4.0) -> np.ndarray:
    """Sensor noise of the given spread, partly in blotches as cheap cameras make them."""
    rows, columns = frame.shape[:2]
    fine = rng.standard_normal((rows, columns), np.float32) * spread
    if rng.random() < 0.4:
        half = rng.standard_normal((rows // 2 + 1, columns // 2 + 1), np.float32) * spread * 1.3
        fine += cv2.resize(half, (columns, rows), interpolation=cv2.INTER_LINEAR)
    return np.clip(frame + fine[..., None], 0, 255).astype(np.uint8)


def exposure(frame: np.ndarray, rng) -> np.ndarray:
    """Gain, contrast and white balance as cameras differ in them."""
    gain = rng.uniform(0.7, 1.3) * rng.normal(1, 0.05, 3)
    lifted = 255 * (np.clip(frame / 255 * gain, 0, 1)) ** rng.uniform(0.7, 1.45)
    grey = lifted.mean(axis=2, keepdims=True)
    return np.clip(grey + (lifted - grey) * rng.uniform(0.35, 1.35), 0, 255).astype(np.uint8)


def jpeg(frame: np.ndarray, quality: int) -> np.ndarray:
    """Through JPEG and back."""
    _, data = cv2.imencode(".jpg", frame[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, int(quality)])
    return cv2.cvtColor(cv2.imdecode(data, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)


def camera_faults(frame: np.ndarray, rng, harsh: float = 1.0) -> np.ndarray:
    """A random draw of everything above that any photo may suffer, mild or strong."""
    rows = frame.shape[0]
    if rng.random() < 0.75:
        frame = exposure(frame, rng)
    if rng.random() < 0.25:
        frame = shadow(frame, rng)
    if rng.random() < 0.10 * harsh:
        frame = rain(frame, rng, rng.uniform(0.2, 1))
    if rng.random() < 0.08 * harsh:
        frame = fog(frame, rng, rng.uniform(0.1, 0.5))
    if rng.random() < 0.08 * harsh:
        frame = glare(frame, rng)
    if rng.random() < 0.06 * harsh:
        frame = lens_dirt(frame, rng)
    if rng.random() < 0.10:
        frame = infrared(frame, rng)
    if rng.random() < 0.15 * harsh:
        frame = motion(frame, rng, rng.uniform(2, 0.012 * rows + 3))
    elif rng.random() < 0.3:
        frame = cv2.GaussianBlur(frame, (0, 0), rng.uniform(0.3, 1.3))
    if rng.random() < 0.5:
        frame = sensor(frame, rng, rng.uniform(1, 9) * harsh)
    if rng.random() < 0.6:
        frame = jpeg(frame, rng.integers(35, 92))
    return frame
