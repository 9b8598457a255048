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
    texture[..., :3] = np.clip(colour * (1 - dirt) + np.float32([122, 104, 82]) * dirt, 0, 255).astype(
        np.uint8
    )


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


def _poly(texture, points, colour) -> None:
    cv2.fillPoly(texture, [np.array([_px(*p) for p in points], np.int32)], (*colour, 255), cv2.LINE_AA)


def _shaded(texture, x0, y0, x1, y1, top: float, bottom: float) -> None:
    """Multiply a region by a vertical ramp, in place."""
    x0, y0, x1, y1 = _px(x0, y0, x1, y1)
    place = texture[y0:y1, x0:x1, :3]
    ramp = np.linspace(top, bottom, place.shape[0], dtype=np.float32)[:, None, None]
    place[...] = np.clip(place * ramp, 0, 255).astype(np.uint8)


def _lamp(texture, x, y, w, h, rng, lit: bool) -> None:
    _box(texture, x - w / 2 - 0.02, y - h / 2 - 0.02, x + w / 2 + 0.02, y + h / 2 + 0.02, (34, 36, 40), 0.05)
    _box(
        texture,
        x - w / 2,
        y - h / 2,
        x + w / 2,
        y + h / 2,
        (196, 204, 210) if not lit else (255, 252, 236),
        0.04,
    )
    for step in (-0.25, 0.25):
        centre, radius = _px(x + w * step, y), round(h * 0.36 * SCALE)
        cv2.circle(texture, centre, radius, (120, 128, 136, 255), 2, cv2.LINE_AA)
        cv2.circle(
            texture,
            centre,
            radius - 2,
            (236, 240, 244, 255) if not lit else (255, 255, 250, 255),
            -1,
            cv2.LINE_AA,
        )
    _box(texture, x - w / 2, y + h / 2 - 0.04, x + w / 2, y + h / 2, (226, 132, 30))


CAB_WIDTH, CAB_HEIGHT, MARGIN = 2.5, 3.05, 0.35
"""Metres; the front's texture is wider by the margin on both sides, for the mirrors."""


def cab_front(rng, *, paint=None, lit: bool = False, words: bool = True) -> tuple[np.ndarray, dict]:
    """A truck's face. Returns the texture and where things are, in metres from the face's centre at the ground:
    `plate` (x, y of the plate's centre), `lamps` (x, y of the head lamps), `top`."""
    paint = paint or PAINTS[rng.integers(len(PAINTS))]
    tall = rng.random() < 0.65
    height = CAB_HEIGHT if tall else 2.45
    t = blank(CAB_WIDTH + 2 * MARGIN, height, alpha=0)
    cx, w = CAB_WIDTH / 2 + MARGIN, CAB_WIDTH / 2

    def y(up: float) -> float:
        return height - up

    glass0, glass1 = (1.62, 2.52) if tall else (1.30, 2.10)
    trim = (40, 43, 48) if rng.random() < 0.6 else _tone(paint, 0.55)
    for edge in (-1, 1):
        _box(t, cx + edge * 0.93 - 0.17, y(0.62), cx + edge * 0.93 + 0.17, y(0.0), (22, 22, 24), 0.05)
    _box(t, cx - 0.7, y(0.5), cx + 0.7, y(0.2), (26, 27, 30))
    _poly(t, [(cx - w, y(0.6)), (cx - w, y(glass0)), (cx - w * 0.95, y(height - 0.12)), (cx - w * 0.85, y(height - 0.02)),
              (cx + w * 0.85, y(height - 0.02)), (cx + w * 0.95, y(height - 0.12)), (cx + w, y(glass0)), (cx + w, y(0.6))],
          paint)  # fmt: skip
    _shaded(t, 0, 0, CAB_WIDTH + 2 * MARGIN, height, 1.12, 0.82)
    # windscreen, with the sky in its upper half and a driver behind it
    _poly(t, [(cx - w * 0.93, y(glass0)), (cx - w * 0.87, y(glass1)), (cx + w * 0.87, y(glass1)), (cx + w * 0.93, y(glass0))],
          (22, 24, 28))  # fmt: skip
    _poly(t, [(cx - w * 0.90, y(glass0 + 0.05)), (cx - w * 0.845, y(glass1 - 0.04)), (cx + w * 0.845, y(glass1 - 0.04)),
              (cx + w * 0.90, y(glass0 + 0.05))], (74, 88, 98))  # fmt: skip
    seat = cx + 0.55
    _box(t, seat - 0.28, y(glass0 + 0.42), seat + 0.28, y(glass0 + 0.06), (44, 52, 62), 0.1)
    cv2.circle(t, _px(seat, y(glass0 + 0.52)), round(0.12 * SCALE), (92, 74, 64, 255), -1, cv2.LINE_AA)
    _box(t, cx - 1.02, y(glass0 + 0.16), cx + 1.02, y(glass0 + 0.05), (36, 38, 42), 0.04)
    _shaded(t, cx - w * 0.9, y(glass1), cx + w * 0.9, y(glass0 + 0.05), 1.75, 0.7)
    for start in (-0.75, 0.15):
        cv2.line(
            t,
            _px(cx + start, y(glass0 + 0.03)),
            _px(cx + start + 0.55, y(glass0 + 0.36)),
            (16, 16, 18, 255),
            3,
            cv2.LINE_AA,
        )
    for i in range(rng.integers(1, 4)):
        left = cx - 0.95 + 0.2 * i
        _box(
            t,
            left,
            y(glass0 + 0.24),
            left + 0.15,
            y(glass0 + 0.08),
            [(214, 196, 70), (196, 60, 54), (90, 160, 110)][i],
        )
    # sun visor
    _box(
        t,
        cx - w * 0.9,
        y(glass1 + 0.10),
        cx + w * 0.9,
        y(glass1 - 0.06),
        (30, 32, 36) if rng.random() < 0.6 else _tone(paint, 0.7),
        0.04,
    )
    if words and rng.random() < 0.7:
        write(t, str(rng.choice(WORDS)), cx * SCALE, y(glass1 + 0.02) * SCALE, 18, (230, 214, 120))
    for step in (-0.7, -0.25, 0.25, 0.7):
        _box(t, cx + step - 0.05, y(height - 0.05), cx + step + 0.05, y(height - 0.10), (240, 160, 40), 0.02)
    # grille with slats and a badge
    low, high, half = 0.88, glass0 - 0.12, float(rng.uniform(0.72, 0.98))
    _box(
        t,
        cx - half - 0.03,
        y(high + 0.02),
        cx + half + 0.03,
        y(low - 0.02),
        (176, 180, 184) if rng.random() < 0.5 else trim,
        0.07,
    )
    _box(t, cx - half, y(high), cx + half, y(low), (26, 28, 32), 0.06)
    slat = float(rng.uniform(0.08, 0.14))
    bright = (150, 154, 160) if rng.random() < 0.6 else paint
    level = low + slat * 0.6
    while level < high - slat * 0.3:
        _box(
            t,
            cx - half + 0.05,
            y(level + slat * 0.22),
            cx + half - 0.05,
            y(level - slat * 0.22),
            bright,
            0.015,
        )
        level += slat
    badge = y(high - 0.12)
    cv2.circle(t, _px(cx, badge), round(0.11 * SCALE), (210, 212, 216, 255), -1, cv2.LINE_AA)
    cv2.circle(t, _px(cx, badge), round(0.08 * SCALE), (*_tone(paint, 0.6), 255), -1, cv2.LINE_AA)
    if words and rng.random() < 0.5:
        write(
            t,
            "".join(rng.choice(list("ADEGHNORSTUW"), rng.integers(3, 6))),
            cx * SCALE,
            y(high + 0.08) * SCALE,
            17,
            (224, 226, 230),
        )
    # bumper, lamps, recess for the plate
    bumper = paint if rng.random() < 0.5 else trim
    _box(t, cx - w, y(0.86), cx + w, y(0.30), bumper, 0.07)
    _shaded(t, cx - w, y(0.86), cx + w, y(0.30), 1.12, 0.66)
    cv2.line(t, _px(cx - w, y(0.86)), _px(cx + w, y(0.86)), (18, 18, 20, 255), 3)
    lamp_y = 0.66 if tall else 0.78
    for edge in (-1, 1):
        _lamp(t, cx + edge * 0.93, y(lamp_y), 0.46, 0.22, rng, lit)
        _box(t, cx + edge * 0.86 - 0.12, y(0.46), cx + edge * 0.86 + 0.12, y(0.37), (214, 216, 210), 0.03)
    plate_y = float(rng.uniform(0.50, 0.60))
    _box(t, cx - 0.33, y(plate_y + 0.13), cx + 0.33, y(plate_y - 0.13), _tone(bumper, 0.5), 0.03)
    # doors' seams and mirrors
    for edge in (-1, 1):
        cv2.line(
            t,
            _px(cx + edge * w * 0.965, y(0.9)),
            _px(cx + edge * w * 0.93, y(glass1)),
            (*_tone(paint, 0.5), 255),
            2,
            cv2.LINE_AA,
        )
        cv2.line(
            t,
            _px(cx + edge * w * 0.92, y(glass1 - 0.1)),
            _px(cx + edge * (w + 0.17), y(glass1 - 0.22)),
            (24, 24, 26, 255),
            5,
            cv2.LINE_AA,
        )
        left = cx + edge * (w + 0.17)
        _box(t, left - 0.11, y(glass1 - 0.12), left + 0.11, y(glass1 - 0.66), (28, 29, 32), 0.05)
    weather_beaten(t, rng, float(rng.uniform(0.05, 0.6)))
    return t, {"plate": (0.0, plate_y), "lamps": ((-0.93, lamp_y), (0.93, lamp_y)), "top": height}


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
    t_doors = cargo_wall(
        w, height - deck, rng, kind="container" if rng.random() < 0.7 else "tarpaulin", paint=paint
    )
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
