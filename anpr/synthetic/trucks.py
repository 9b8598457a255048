"""The faces of trucks, drawn flat: cab fronts, rears, containers and tarpaulins, with the writing they carry.

Every face is an RGBA picture at `SCALE` pixels a metre; `scenes` puts them in perspective. All writing here is
made up, and none of it is a number plate.
"""

from functools import lru_cache

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

SCALE = 200
PAINTS = (
    (196, 28, 32), (212, 60, 24), (232, 232, 228), (206, 210, 214), (24, 74, 150), (36, 104, 178), (18, 120, 88),
    (236, 190, 30), (60, 66, 74), (146, 24, 38), (94, 150, 190), (228, 120, 20),
)  # fmt: skip
CARGO_PAINTS = (
    (150, 52, 40), (28, 84, 130), (60, 110, 70), (200, 204, 206), (190, 110, 40), (90, 94, 100), (36, 60, 96),
    (168, 38, 48), (222, 222, 216), (40, 120, 130),
)  # fmt: skip
WORDS = (
    "VAN TAI", "LOGISTICS", "CAO BANG", "TA LUNG", "CONTAINER", "EXPRESS", "TRANSPORT", "CO., LTD", "GUANGXI",
    "LONGZHOU", "FRUIT", "COLD CHAIN", "MINH PHAT", "HOANG LONG", "THANH CONG", "SHIPPING", "PINGXIANG",
)  # fmt: skip


@lru_cache(maxsize=128)
def _font(path: str | None, size: int):
    return ImageFont.truetype(path, size) if path else ImageFont.load_default(size)


def lettering(text: str, height: int, colour, *, font: str | None = None) -> np.ndarray:
    """The text on a transparent ground, RGBA, its capitals about `height` pixels high."""
    face = _font(font, max(8, int(height * 1.35)))
    left, top, right, bottom = face.getbbox(text)
    image = Image.new("RGBA", (max(2, int(right - left)), max(2, int(bottom - top))), (*colour, 0))
    ImageDraw.Draw(image).text((-left, -top), text, fill=(*colour, 255), font=face)
    return np.asarray(image)


def write(texture: np.ndarray, text: str, x: float, y: float, height: int, colour, **kind) -> None:
    """Put lettering on an RGBA texture in place, centred at pixel (x, y), as far as it fits."""
    letters = lettering(text, height, colour, **kind)
    room = texture.shape[1] * 0.96
    if letters.shape[1] > room:
        factor = room / letters.shape[1]
        letters = cv2.resize(letters, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    rows, columns = letters.shape[:2]
    top, left = int(y - rows / 2), int(x - columns / 2)
    top, left = max(0, top), max(0, left)
    place = texture[top : top + rows, left : left + columns]
    letters = letters[: place.shape[0], : place.shape[1]]
    alpha = letters[..., 3:] / 255
    place[..., :3] = (letters[..., :3] * alpha + place[..., :3] * (1 - alpha)).astype(np.uint8)


def random_words(rng) -> str:
    """Writing as trucks carry it: a company, a telephone number, a container number, weights."""
    kind = rng.integers(6)
    if kind == 0:
        return " ".join(rng.choice(WORDS, 2))
    if kind == 1:
        return f"0{rng.integers(20, 99)}{rng.integers(0, 999):03d}.{rng.integers(0, 9999):04d}"
    if kind == 2:
        letters = "".join(rng.choice(list("ABCEGHKLMNPRST"), 3))
        return f"{letters}U {rng.integers(100000, 999999)} {rng.integers(10)}"
    if kind == 3:
        return f"TT: {rng.integers(5, 18)}.{rng.integers(0, 999):03d} KG"
    if kind == 4:
        return f"MAX GROSS {rng.integers(20, 39)}.{rng.integers(0, 999):03d}"
    return str(rng.choice(WORDS))


@lru_cache(maxsize=4)
def grain(rows: int = 512, columns: int = 512) -> np.ndarray:
    """One fixed sheet of soft and fine noise around 0, float32, shared by all textures."""
    rng = np.random.default_rng(1)
    fine = rng.normal(0, 1, (rows, columns)).astype(np.float32)
    soft = cv2.GaussianBlur(rng.normal(0, 1, (rows, columns)).astype(np.float32), (0, 0), 18) * 18
    streaks = cv2.GaussianBlur(rng.normal(0, 1, (rows, columns)).astype(np.float32), (0, 0), 2, sigmaY=40) * 9
    return fine * 0.35 + soft + streaks * 0.5


def blank(width: float, height: float, colour=(0, 0, 0), alpha: int = 255) -> np.ndarray:
    """A plain RGBA texture of width x height metres."""
    texture = np.empty((max(2, round(height * SCALE)), max(2, round(width * SCALE)), 4), np.uint8)
    texture[...] = (*colour, alpha)
    return texture


def weather_beaten(texture: np.ndarray, rng, amount: float) -> None:
    """Dirt that gathers towards the lower edge, streaks and uneven paint, in place. `amount` 0 to 1."""
    rows, columns = texture.shape[:2]
    sheet = grain()
    y, x = rng.integers(0, 512, 2)
    noise = np.roll(sheet, (int(y), int(x)), (0, 1))
    noise = cv2.resize(noise, (columns, rows), interpolation=cv2.INTER_LINEAR)
    level = np.linspace(0, 1, rows, dtype=np.float32)[:, None] ** 2
    dirt = np.clip((level * 0.9 + noise * 0.18) * amount, 0, 0.75)[..., None]
    colour = texture[..., :3].astype(np.float32)
    colour += noise[..., None] * 5
    texture[..., :3] = np.clip(colour * (1 - dirt) + np.float32([122, 104, 82]) * dirt, 0, 255).astype(np.uint8)


def _px(*metres: float) -> tuple[int, ...]:
    return tuple(round(m * SCALE) for m in metres)


def _tone(colour, factor: float):
    return tuple(int(min(255, c * factor)) for c in colour)


def _box(texture, x0, y0, x1, y1, colour, radius: float = 0.0) -> None:
    """A filled rectangle with round corners; metres, y down from the texture's top."""
    (x0, y0, x1, y1, r), ink = _px(x0, y0, x1, y1, radius), (*colour, 255)
    if r <= 0:
        cv2.rectangle(texture, (x0, y0), (x1, y1), ink, -1)
        return
    cv2.rectangle(texture, (x0 + r, y0), (x1 - r, y1), ink, -1)
    cv2.rectangle(texture, (x0, y0 + r), (x1, y1 - r), ink, -1)
    for centre in ((x0 + r, y0 + r), (x1 - r, y0 + r), (x0 + r, y1 - r), (x1 - r, y1 - r)):
        cv2.circle(texture, centre, r, ink, -1, cv2.LINE_AA)


def _shaded(texture, x0, y0, x1, y1, top: float, bottom: float) -> None:
    """Multiply a region by a vertical ramp, in place."""
    x0, y0, x1, y1 = _px(x0, y0, x1, y1)
    place = texture[y0:y1, x0:x1, :3]
    ramp = np.linspace(top, bottom, place.shape[0], dtype=np.float32)[:, None, None]
    place[...] = np.clip(place * ramp, 0, 255).astype(np.uint8)


CAB_WIDTH, CAB_HEIGHT, MARGIN = 2.5, 3.05, 0.35
"""Metres; the front's texture is wider by the margin on both sides, for the mirrors."""


def cab_front(rng, *, paint=None, lit: bool = False, words: bool = True) -> tuple[np.ndarray, dict]:
    """A truck's face. Returns the texture and where things are, in metres from the face's centre at the ground:
    `plate` (x, y of the plate's centre), `lamps` (x, y of the head lamps), `top`."""
    paint = paint or PAINTS[rng.integers(len(PAINTS))]
    tall = rng.random() < 0.65
    cab = _Cab(rng, paint, CAB_HEIGHT if tall else 2.45, (1.62, 2.52) if tall else (1.30, 2.10), words)
    for edge in (-1, 1):
        cab.box(edge * 0.93 - 0.17, 0.62, edge * 0.93 + 0.17, 0.0, (22, 22, 24), 0.05)
    cab.box(-0.7, 0.5, 0.7, 0.2, (26, 27, 30))
    half, top, sill = CAB_WIDTH / 2, cab.height, cab.glass[0]
    cab.both(((half, 0.6), (half, sill), (half * 0.95, top - 0.12), (half * 0.85, top - 0.02)), paint)
    _shaded(cab.texture, 0, 0, CAB_WIDTH + 2 * MARGIN, top, 1.12, 0.82)
    _windscreen(cab)
    _grille(cab)
    lamps, plate_y = _bumper(cab, 0.66 if tall else 0.78, lit)
    _mirrors(cab)
    weather_beaten(cab.texture, rng, float(rng.uniform(0.05, 0.6)))
    return cab.texture, {"plate": (0.0, plate_y), "lamps": lamps, "top": top}


class _Cab:
    """A cab's front being drawn; places are metres from the middle at the ground, y upwards."""

    def __init__(self, rng, paint, height: float, glass: tuple[float, float], words: bool):
        self.rng, self.paint, self.height, self.glass, self.words = rng, paint, height, glass, words
        self.trim = (40, 43, 48) if rng.random() < 0.6 else _tone(paint, 0.55)
        self.texture = blank(CAB_WIDTH + 2 * MARGIN, height, alpha=0)
        self._middle = CAB_WIDTH / 2 + MARGIN

    def at(self, x: float, y: float) -> tuple[int, ...]:
        return _px(self._middle + x, self.height - y)

    def box(self, x0: float, y1: float, x1: float, y0: float, colour, radius: float = 0.0) -> None:
        """From its upper left to its lower right corner."""
        _box(self.texture, self._middle + x0, self.height - y1, self._middle + x1, self.height - y0, colour, radius)

    def both(self, right, colour) -> None:
        """A polygon given by its right half, upwards."""
        left = [(-x, y) for x, y in reversed(right)]
        points = np.array([self.at(x, y) for x, y in [*right, *left]], np.int32)
        cv2.fillPoly(self.texture, [points], (*colour, 255), cv2.LINE_AA)

    def shade(self, x0: float, y1: float, x1: float, y0: float, top: float, bottom: float) -> None:
        m, h = self._middle, self.height
        _shaded(self.texture, m + x0, h - y1, m + x1, h - y0, top, bottom)

    def line(self, start, end, colour, thick: int) -> None:
        cv2.line(self.texture, self.at(*start), self.at(*end), (*colour, 255), thick, cv2.LINE_AA)

    def disc(self, x: float, y: float, radius: float, colour) -> None:
        cv2.circle(self.texture, self.at(x, y), round(radius * SCALE), (*colour, 255), -1, cv2.LINE_AA)

    def write(self, text: str, y: float, height: int, colour) -> None:
        write(self.texture, text, *self.at(0, y), height, colour)


def _windscreen(cab: _Cab) -> None:
    """The screen with the sky in its upper half, a driver, wipers, papers, and the visor above it."""
    rng, (low, high), half = cab.rng, cab.glass, CAB_WIDTH / 2
    cab.both(((half * 0.93, low), (half * 0.87, high)), (22, 24, 28))
    cab.both(((half * 0.90, low + 0.05), (half * 0.845, high - 0.04)), (74, 88, 98))
    cab.box(0.27, low + 0.42, 0.83, low + 0.06, (44, 52, 62), 0.1)
    cab.disc(0.55, low + 0.52, 0.12, (92, 74, 64))
    cab.box(-1.02, low + 0.16, 1.02, low + 0.05, (36, 38, 42), 0.04)
    cab.shade(-half * 0.9, high, half * 0.9, low + 0.05, 1.75, 0.7)
    for start in (-0.75, 0.15):
        cab.line((start, low + 0.03), (start + 0.55, low + 0.36), (16, 16, 18), 3)
    for i in range(rng.integers(1, 4)):
        paper = ((214, 196, 70), (196, 60, 54), (90, 160, 110))[i]
        cab.box(0.2 * i - 0.95, low + 0.24, 0.2 * i - 0.80, low + 0.08, paper)
    visor = (30, 32, 36) if rng.random() < 0.6 else _tone(cab.paint, 0.7)
    cab.box(-half * 0.9, high + 0.10, half * 0.9, high - 0.06, visor, 0.04)
    if cab.words and rng.random() < 0.7:
        cab.write(str(rng.choice(WORDS)), high + 0.02, 18, (230, 214, 120))
    for x in (-0.7, -0.25, 0.25, 0.7):
        cab.box(x - 0.05, cab.height - 0.05, x + 0.05, cab.height - 0.10, (240, 160, 40), 0.02)


def _grille(cab: _Cab) -> None:
    """Slats in a frame, a badge, perhaps a maker's letters."""
    rng, low, high = cab.rng, 0.88, cab.glass[0] - 0.12
    half = float(rng.uniform(0.72, 0.98))
    frame = (176, 180, 184) if rng.random() < 0.5 else cab.trim
    cab.box(-half - 0.03, high + 0.02, half + 0.03, low - 0.02, frame, 0.07)
    cab.box(-half, high, half, low, (26, 28, 32), 0.06)
    gap, bright = float(rng.uniform(0.08, 0.14)), (150, 154, 160) if rng.random() < 0.6 else cab.paint
    for y in np.arange(low + gap * 0.6, high - gap * 0.3, gap):
        cab.box(-half + 0.05, y + gap * 0.22, half - 0.05, y - gap * 0.22, bright, 0.015)
    cab.disc(0, high - 0.12, 0.11, (210, 212, 216))
    cab.disc(0, high - 0.12, 0.08, _tone(cab.paint, 0.6))
    if cab.words and rng.random() < 0.5:
        cab.write("".join(rng.choice(list("ADEGHNORSTUW"), rng.integers(3, 6))), high + 0.08, 17, (224, 226, 230))


def _bumper(cab: _Cab, lamp_y: float, lit: bool) -> tuple[tuple, float]:
    """Bumper, lamps and the recess for the plate. Returns the lamps' places and the plate's height."""
    rng, half = cab.rng, CAB_WIDTH / 2
    colour = cab.paint if rng.random() < 0.5 else cab.trim
    cab.box(-half, 0.86, half, 0.30, colour, 0.07)
    cab.shade(-half, 0.86, half, 0.30, 1.12, 0.66)
    cab.line((-half, 0.86), (half, 0.86), (18, 18, 20), 3)
    for edge in (-1, 1):
        _lamp(cab, edge * 0.93, lamp_y, 0.46, 0.22, lit)
        cab.box(edge * 0.86 - 0.12, 0.46, edge * 0.86 + 0.12, 0.37, (214, 216, 210), 0.03)
    plate_y = float(rng.uniform(0.50, 0.60))
    cab.box(-0.33, plate_y + 0.13, 0.33, plate_y - 0.13, _tone(colour, 0.5), 0.03)
    return ((-0.93, lamp_y), (0.93, lamp_y)), plate_y


def _lamp(cab: _Cab, x: float, y: float, width: float, height: float, lit: bool) -> None:
    w, h = width / 2, height / 2
    cab.box(x - w - 0.02, y + h + 0.02, x + w + 0.02, y - h - 0.02, (34, 36, 40), 0.05)
    cab.box(x - w, y + h, x + w, y - h, (255, 252, 236) if lit else (196, 204, 210), 0.04)
    for step in (-0.25, 0.25):
        cab.disc(x + width * step, y, height * 0.37, (120, 128, 136))
        cab.disc(x + width * step, y, height * 0.34, (255, 255, 250) if lit else (236, 240, 244))
    cab.box(x - w, y - h + 0.04, x + w, y - h, (226, 132, 30))


def _mirrors(cab: _Cab) -> None:
    """The doors' seams, and mirrors on their arms."""
    half, high = CAB_WIDTH / 2, cab.glass[1]
    for edge in (-1, 1):
        cab.line((edge * half * 0.965, 0.9), (edge * half * 0.93, high), _tone(cab.paint, 0.5), 2)
        x = edge * (half + 0.17)
        cab.line((edge * half * 0.92, high - 0.1), (x, high - 0.22), (24, 24, 26), 5)
        cab.box(x - 0.11, high - 0.12, x + 0.11, high - 0.66, (28, 29, 32), 0.05)


def cargo_wall(
    width: float, height: float, rng, *, kind: str, paint, words: int = 0, font: str | None = None
) -> np.ndarray:
    """A wall of a container (corrugated) or of a tarpaulin (folds and ropes), with `words` pieces of writing."""
    t = blank(width, height, paint)
    rows, columns = t.shape[:2]
    x = np.arange(columns, dtype=np.float32) / SCALE
    if kind == "container":
        wave = np.clip(np.sin(x * 2 * np.pi / 0.28) * 2.2, -1, 1) * 0.10
    else:
        wave = (
            np.sin(x * 2 * np.pi / 0.9 + rng.uniform(0, 6)) * 0.06
            + np.sin(x * 2 * np.pi / 0.37 + rng.uniform(0, 6)) * 0.05
        )
    t[..., :3] = np.clip(t[..., :3] * (1 + wave[None, :, None]), 0, 255).astype(np.uint8)
    for _ in range(words):
        ink = (240, 240, 236) if sum(paint) < 480 else (40, 44, 60)
        size = int(rng.uniform(0.08, 0.45) * SCALE * min(1.0, height / 2.4))
        write(
            t,
            random_words(rng),
            rng.uniform(0.2, 0.8) * columns,
            rng.uniform(0.12, 0.85) * rows,
            size,
            ink,
            font=font,
        )
    if kind == "container":
        for y0, y1 in ((0, 0.12), (height - 0.14, height)):
            _box(t, 0, y0, width, y1, _tone(paint, 0.78))
        for x0, x1 in ((0, 0.10), (width - 0.10, width)):
            _box(t, x0, 0, x1, height, _tone(paint, 0.85))
    else:
        for step in np.arange(0.3, width, 0.55):
            cv2.line(t, _px(step, 0.0), _px(step + 0.2, height), (*_tone(paint, 0.62), 255), 3, cv2.LINE_AA)
    weather_beaten(t, rng, float(rng.uniform(0.1, 0.6)))
    return t


def rear(
    rng, *, paint=None, height: float = 3.9, lit: bool = False, words: bool = True, font: str | None = None
) -> tuple[np.ndarray, dict]:
    """The back of a truck or trailer, 2.5 m wide: doors with their rods over a beam with lamps and wheels.

    Returns the texture and where things are, as `cab_front` does.
    """
    paint = paint or CARGO_PAINTS[rng.integers(len(CARGO_PAINTS))]
    w, deck = CAB_WIDTH, 1.2
    t = blank(w, height, alpha=0)

    def y(up: float) -> float:
        return height - up

    for edge in (0.12, w - 0.72):
        _box(t, edge, y(0.98), edge + 0.28, y(0.0), (24, 24, 26), 0.06)
        _box(t, edge + 0.32, y(0.98), edge + 0.6, y(0.0), (20, 20, 22), 0.06)
    _box(t, 0.05, y(0.9), 0.68, y(0.28), (32, 32, 34))
    _box(t, w - 0.68, y(0.9), w - 0.05, y(0.28), (32, 32, 34))
    t_doors = cargo_wall(w, height - deck, rng, kind="container" if rng.random() < 0.7 else "tarpaulin", paint=paint)
    t[: t_doors.shape[0]] = t_doors[: t.shape[0]]
    _box(t, w / 2 - 0.012, 0.1, w / 2 + 0.012, height - deck - 0.1, _tone(paint, 0.45))
    for x in (0.35, 0.95, w - 0.95, w - 0.35):
        _box(t, x - 0.02, 0.08, x + 0.02, height - deck - 0.06, (150, 152, 154), 0.01)
        _box(t, x - 0.05, y(deck + 0.95), x + 0.22, y(deck + 0.90), (120, 122, 126), 0.01)
    if words:
        ink = (240, 240, 236) if sum(paint) < 480 else (40, 44, 60)
        for _ in range(rng.integers(1, 5)):
            size = int(rng.uniform(0.06, 0.2) * SCALE)
            write(
                t,
                random_words(rng),
                rng.choice([0.3, 0.7]) * t.shape[1],
                rng.uniform(0.08, 0.55) * t.shape[0],
                size,
                ink,
                font=font,
            )
    _box(t, 0, y(deck), w, y(deck - 0.16), (48, 50, 54))
    for i in range(10):
        _box(
            t,
            i * w / 10 + 0.01,
            y(deck - 0.04),
            (i + 1) * w / 10 - 0.01,
            y(deck - 0.10),
            ((198, 34, 36), (232, 232, 228))[i % 2],
        )
    beam = 0.62
    _box(t, 0.05, y(beam + 0.14), w - 0.05, y(beam - 0.12), (58, 60, 64), 0.03)
    red = (250, 70, 60) if lit else (168, 26, 30)
    for edge in (0.1, w - 0.58):
        _box(t, edge, y(beam + 0.09), edge + 0.48, y(beam - 0.07), (40, 20, 20), 0.03)
        _box(t, edge + 0.02, y(beam + 0.07), edge + 0.24, y(beam - 0.05), red, 0.02)
        _box(t, edge + 0.26, y(beam + 0.07), edge + 0.36, y(beam - 0.05), (232, 140, 40), 0.02)
        _box(t, edge + 0.37, y(beam + 0.07), edge + 0.46, y(beam - 0.05), (226, 226, 222), 0.02)
    weather_beaten(t, rng, float(rng.uniform(0.1, 0.8)))
    plate_x = float(rng.choice([0.0, 0.0, -0.4, 0.4]))
    lamps = ((-1.0, beam), (1.0, beam))
    return t, {"plate": (plate_x, float(rng.uniform(0.55, 0.72))), "lamps": lamps, "top": height}
