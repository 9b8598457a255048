"""Draws number plates of both countries to their true proportions.

Measures are millimetres of the real plate until the last step. One drawing takes a few milliseconds; the same design
and generator state give the same picture.
"""

from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from anpr.synthetic.designs import PlateDesign, design_for, random_plate
from declarations.plates import Kind

__all__ = ["FONTS", "HAN_FONTS", "PlateDesign", "design_for", "draw_plate", "han_glyph", "random_plate"]

_FOLDER = Path(__file__).parent / "fonts"
HAN_FONTS = tuple(sorted(path.name for path in _FOLDER.glob("han-*")))
"""Files of the fonts with the Han characters of plates."""

FONTS = tuple(sorted(path.stem for path in _FOLDER.glob("*.ttf") if path.name not in HAN_FONTS))
"""Latin fonts by name; a plate is drawn in one of them."""

_VN_FONTS = ("barlow-condensed-600", "barlow-semi-condensed-600", "roboto-condensed-600", "overpass-600")
_GLYPH_PX = 128

_GROUNDS = {
    "white": (232, 232, 228),
    "yellow": (238, 184, 22),
    "blue": (28, 72, 168),
    "red": (178, 24, 32),
    "green": (64, 190, 120),
    "black": (24, 24, 28),
}
_VN_BLUE = (20, 98, 190)
_INK = {"white": (24, 24, 28), "yellow": (20, 20, 22), "green": (18, 20, 20)}
_WHITE_INK = (236, 236, 236)
_RED_INK = (190, 26, 30)


def draw_plate(design: PlateDesign, rng: np.random.Generator, *, height_px: int) -> np.ndarray:
    """The plate, seen straight from the front in even light, slightly worn: RGB, `height_px` high."""
    width_mm, height_mm = design.size_mm
    scale = max(height_px, 96) / height_mm
    size = (round(width_mm * scale), round(height_mm * scale))
    ground = _ground(design, rng, size)
    ink, accent = _inks(design, rng)
    masks = _Masks(size, scale, _font_for(design, rng), int(rng.integers(-1, 3)), rng)
    _LAYOUTS[design.shape](design, rng, masks)
    _border(design, rng, masks)
    picture = _inked(ground, masks.ink, ink)
    picture = _inked(picture, masks.accent, accent)
    picture = _relief(picture, np.maximum(masks.ink, masks.accent), rng, scale)
    picture = _worn(picture, rng, scale)
    picture = _bolts(picture, design, rng, scale)
    picture = _rounded(picture, rng, scale, 10 if design.country == "VN" else 8)
    width = max(1, round(width_mm * height_px / height_mm))
    return cv2.resize(picture.astype(np.uint8), (width, height_px), interpolation=cv2.INTER_AREA)


class _Masks:
    """The ink laid on a plate, as two coverages 0 to 1: the main ink and that of red marks."""

    def __init__(self, size: tuple[int, int], scale: float, font: str, weight: int, rng: np.random.Generator) -> None:
        self.scale, self.font, self.weight, self.rng = scale, font, weight, rng
        self.ink = np.zeros((size[1], size[0]), np.float32)
        self.accent = np.zeros_like(self.ink)

    def sign(self, sign: str, x: float, y: float, width: float, height: float, *, accent: bool = False) -> None:
        """Draws one character filling the given box."""
        glyph = _glyph(self.font + ".ttf", sign, self.weight) if sign.isascii() else han_glyph(sign, self.rng)
        self._paste(glyph, x, y, width, height, accent)

    def bar(self, x: float, y: float, width: float, height: float) -> None:
        self._paste(np.ones((8, 8), np.float32), x, y, width, height, False)

    def dot(self, x: float, y: float, diameter: float) -> None:
        disc = np.zeros((32, 32), np.float32)
        cv2.circle(disc, (16, 16), 15, 1.0, -1, cv2.LINE_AA)
        self._paste(disc, x - diameter / 2, y - diameter / 2, diameter, diameter, False)

    def frame(self, inset: float, thickness: float, radius: float, *, accent: bool = False) -> None:
        """A line along the edge."""
        layer = self.accent if accent else self.ink
        height, width = layer.shape
        outer = _rounded_box(width, height, inset * self.scale, radius * self.scale)
        inner = _rounded_box(width, height, (inset + thickness) * self.scale, radius * self.scale)
        np.maximum(layer, np.clip(outer - inner, 0, 1), out=layer)

    def _paste(self, glyph: np.ndarray, x: float, y: float, width: float, height: float, accent: bool) -> None:
        layer = self.accent if accent else self.ink
        x0, y0, x1, y1 = (round(v * self.scale) for v in (x, y, x + width, y + height))
        x0, y0 = max(x0, 0), max(y0, 0)
        x1, y1 = min(x1, layer.shape[1]), min(y1, layer.shape[0])
        if x1 > x0 and y1 > y0:
            placed = cv2.resize(glyph, (x1 - x0, y1 - y0), interpolation=cv2.INTER_AREA)
            np.maximum(layer[y0:y1, x0:x1], placed, out=layer[y0:y1, x0:x1])


def han_glyph(sign: str, rng: np.random.Generator) -> np.ndarray:
    """Coverage of a Han character cut to its box, in one of the fonts, of any stroke weight and a little bent.

    No free font has the shapes of Chinese plates; bending stands for their differences.
    """
    glyph = _glyph(str(rng.choice(HAN_FONTS)), sign, int(rng.integers(-1, 5)))
    rows, columns = glyph.shape
    sheets = rng.normal(0, rng.uniform(0, 0.035), (2, 4, 4)).astype(np.float32)
    across, down = (cv2.resize(sheet, (columns, rows), interpolation=cv2.INTER_CUBIC) for sheet in sheets)
    x, y = np.meshgrid(np.arange(columns, dtype=np.float32), np.arange(rows, dtype=np.float32))
    return cv2.remap(glyph, x + across * columns, y + down * rows, cv2.INTER_LINEAR)


@lru_cache(maxsize=2048)
def _glyph(font: str, sign: str, weight: int) -> np.ndarray:
    """Coverage of one character cut to its own box; `weight` thickens or thins the strokes in pixels of 128."""
    face = ImageFont.truetype(str(_FOLDER / font), _GLYPH_PX)
    image = Image.new("L", (_GLYPH_PX * 2, _GLYPH_PX * 2))
    ImageDraw.Draw(image).text((_GLYPH_PX // 2, _GLYPH_PX // 4), sign, fill=255, font=face)
    mask = np.asarray(image)
    if weight:
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * abs(weight) + 1,) * 2)
        mask = (cv2.dilate if weight > 0 else cv2.erode)(mask, kernel)
    rows, columns = np.flatnonzero(mask.max(1) > 60), np.flatnonzero(mask.max(0) > 60)
    return mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].astype(np.float32) / 255


@lru_cache(maxsize=1024)
def _share(font: str, sign: str) -> float:
    """Width of a character as a share of the font's ordinary width: 1 and I are narrower, M and W wider."""
    glyph, usual = _glyph(font + ".ttf", sign, 0), _glyph(font + ".ttf", "8", 0)
    return float(np.clip(glyph.shape[1] / glyph.shape[0] / (usual.shape[1] / usual.shape[0]), 0.3, 1.35))


def _font_for(design: PlateDesign, rng: np.random.Generator) -> str:
    usual = _VN_FONTS if design.country == "VN" else FONTS
    return str(rng.choice(usual if rng.random() < 0.7 else FONTS))


def _row(masks: _Masks, row: str, box: tuple, sign_width: float, gap: float, *, red: str = "") -> None:
    """Sets a row centred in `box` (x, y, width, height), narrowed where it would not fit.

    In `row`, "-" is a hyphen, "." a dot at the foot, "·" a dot at mid-height, " " a wider gap; characters in `red`
    are drawn in the accent's colour.
    """
    x, y, width, height = box
    widths = [_sign_width(masks.font, sign, sign_width, gap) for sign in row]
    total = sum(widths) + gap * (len(row) - 1)
    squeeze = min(1.0, width / total)
    left = x + (width - total * squeeze) / 2
    for sign, natural in zip(row, widths, strict=True):
        own = natural * squeeze
        if sign == "-":
            masks.bar(left, y + height * 0.44, own, height * 0.14)
        elif sign in ".·":
            masks.dot(left + own / 2, y + height * (0.9 if sign == "." else 0.5), max(8.0, height * 0.13))
        elif sign != " ":
            masks.sign(sign, left, y, own, height, accent=sign in red)
        left += own + gap * squeeze


def _sign_width(font: str, sign: str, sign_width: float, gap: float) -> float:
    if sign == "-":
        return sign_width * 0.36
    if sign in ".·":
        return sign_width * 0.26
    if sign == " ":
        return gap * 1.5
    return sign_width * (_share(font, sign) if sign.isascii() else 1.0)


def _dotted(number: str, rng: np.random.Generator) -> str:
    return f"{number[:3]}.{number[3:]}" if len(number) == 5 and rng.random() < 0.92 else number


def _vn_long(design: PlateDesign, rng: np.random.Generator, masks: _Masks) -> None:
    head, tail = _vn_groups(design)
    hyphen = str(rng.choice(["-", "-", "-", " "]))
    if design.kind is Kind.FOREIGN and len(head) == 2:
        row = f"{head}{hyphen}{tail[:3]}{hyphen}{tail[3:5]}{hyphen}{tail[5:]}"
    elif design.kind is Kind.MILITARY:
        row = f"{head}{hyphen}{tail[:2]}-{tail[2:]}"
    else:
        row = f"{head}{hyphen}{_dotted(tail, rng)}"
    height = rng.uniform(66, 80)
    margin = rng.uniform(14, 32)
    box = (margin, 55 - height / 2 + rng.uniform(-2, 2), 520 - 2 * margin, height)
    _row(masks, row, box, height * rng.uniform(0.54, 0.68), rng.uniform(7, 13), red=_red(design))


def _vn_short(design: PlateDesign, rng: np.random.Generator, masks: _Masks) -> None:
    head, tail = design.rows
    if len(head) > 2 and rng.random() < (0.3 if design.shape == "vn_short" else 0.85):
        head = f"{head[:2]}-{head[2:]}"
    if design.kind is Kind.MILITARY:
        tail = f"{tail[:2]}-{tail[2:]}"
    elif design.kind is Kind.FOREIGN and len(tail) == 5:
        tail = f"{tail[:3]}-{tail[3:]}"
    else:
        tail = _dotted(tail, rng)
    width, plate_height = design.size_mm
    height = plate_height * rng.uniform(0.37, 0.425)
    space = plate_height * rng.uniform(0.03, 0.08)
    top = (plate_height - 2 * height - space) / 2
    margin = width * rng.uniform(0.045, 0.1)
    sign_width = height * (rng.uniform(0.54, 0.74) if design.shape == "vn_short" else rng.uniform(0.48, 0.58))
    gap = sign_width * rng.uniform(0.15, 0.34)
    inner = width - 2 * margin
    _row(masks, head, (margin, top, inner, height), sign_width, gap * 1.2, red=_red(design))
    _row(masks, tail, (margin, top + height + space, inner, height), sign_width, gap)


def _vn_groups(design: PlateDesign) -> tuple[str, str]:
    """Head and number of a one-line Vietnamese plate."""
    text = design.text
    if design.kind is Kind.FOREIGN and text[2].isdigit():
        return text[:2], text[2:]
    if text[:1] == "T" and text[1:].isdigit():
        return text[:3], text[3:]
    head = next((i for i in range(len(text) - 1, -1, -1) if text[i].isalpha()), 1) + 1
    return text[:head], text[head:]


def _red(design: PlateDesign) -> str:
    return "NGQTCV" if design.kind is Kind.FOREIGN else ""


def _cn_long(design: PlateDesign, rng: np.random.Generator, masks: _Masks) -> None:
    step, gap_after = (57.0, 34.0) if design.shape == "cn_long" else (52.0, 49.0)
    left = 15.5
    top = 25 + rng.uniform(-2, 2)
    dotted = design.shape == "cn_long" and design.kind is not Kind.EMBASSY
    width, height = 45.0 if design.shape == "cn_long" else 43.0, 90.0
    dot_after = 3 if design.kind is Kind.EMBASSY else 1
    for place, sign in enumerate(design.text):
        _cell(masks, sign, left, top, 45.0 if place == 0 else width, height, accent=sign in "警使领")
        if place == dot_after:
            if dotted or design.kind is Kind.EMBASSY:
                masks.dot(left + width + gap_after / 2, 70, 10)
            left += width + gap_after
        else:
            left += step + (2 if place == 0 and design.shape == "cn_energy" else 0)


def _cn_double(design: PlateDesign, rng: np.random.Generator, masks: _Masks) -> None:
    width, height = design.size_mm
    fx, fy = width / 440, height / 220
    head, tail = design.rows
    top, bottom = 15 * fy, 90 * fy
    top_height, bottom_height = 60 * fy, 110 * fy
    if design.shape == "cn_farm":
        _row(masks, f"{head[0]} {head[1:]}", (40, top, width - 80, top_height + 6), 42, 16)
    else:
        _cell(masks, head[0], 110 * fx, top, 80 * fx, top_height)
        _cell(masks, head[1], 250 * fx, top, 80 * fx, top_height)
        masks.dot(220 * fx, top + top_height / 2, 11 * fx)
    step = (440 - 54) * fx / len(tail)
    for place, sign in enumerate(tail):
        _cell(masks, sign, 27 * fx + step * place + (step - 65 * fx) / 2, bottom, 65 * fx, bottom_height)


def _cell(masks: _Masks, sign: str, x: float, y: float, width: float, height: float, *, accent: bool = False) -> None:
    """A Chinese plate's characters have fixed cells, which 1 and I do not fill; its 1 is a plain bar."""
    if sign == "1" and masks.rng.random() < 0.9:
        bar = width * masks.rng.uniform(0.2, 0.34)
        masks.bar(x + (width - bar) / 2, y, bar, height)
        return
    own = width * (min(1.0, _share(masks.font, sign) + 0.04) if sign.isascii() else 1.0)
    masks.sign(sign, x + (width - own) / 2, y, own, height, accent=accent)


_LAYOUTS = {
    "vn_long": _vn_long,
    "vn_short": _vn_short,
    "vn_moto": _vn_short,
    "cn_long": _cn_long,
    "cn_energy": _cn_long,
    "cn_double": _cn_double,
    "cn_moto": _cn_double,
    "cn_farm": _cn_double,
}


def _border(design: PlateDesign, rng: np.random.Generator, masks: _Masks) -> None:
    if design.country == "VN":
        if rng.random() < 0.75:
            masks.frame(rng.uniform(1.0, 5.0), rng.uniform(1.5, 3.5), 10)
    elif design.shape != "cn_energy":
        masks.frame(rng.uniform(2.5, 4.5), rng.uniform(1.5, 2.8), 7)
    else:
        masks.frame(1.5, 1.2, 8)


def _ground(design: PlateDesign, rng: np.random.Generator, size: tuple[int, int]) -> np.ndarray:
    base = np.array(_VN_BLUE if design.country == "VN" and design.colour == "blue" else _GROUNDS[design.colour])
    faded = base + (235 - base) * rng.beta(1, 6)
    colour = faded * rng.uniform(0.82, 1.05) + rng.normal(0, 6, 3)
    ground = np.empty((size[1], size[0], 3), np.float32)
    ground[:] = colour
    if design.kind is Kind.NEW_ENERGY_SMALL:
        down = np.linspace(1, 0, size[1], dtype=np.float32)[:, None, None] ** rng.uniform(0.7, 1.3)
        ground = ground * (1 - down) + np.array((226, 240, 232), np.float32) * down
    elif design.kind is Kind.NEW_ENERGY_LARGE:
        ground[:, : round(size[0] * 0.25)] = np.array(_GROUNDS["yellow"]) * rng.uniform(0.85, 1.05)
    return np.clip(ground, 0, 255)


def _inks(design: PlateDesign, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    faded = rng.beta(1, 8) * 120
    dark = design.colour in _INK and design.kind is not Kind.FARM
    ink = np.array(_INK[design.colour] if dark else _WHITE_INK, np.float32)
    accent = np.array(_RED_INK if design.colour == "white" else _WHITE_INK, np.float32)
    shift = faded if dark else -faded
    return np.clip(ink + shift, 0, 255), np.clip(accent + rng.normal(0, 10, 3), 0, 255)


def _inked(picture: np.ndarray, mask: np.ndarray, ink: np.ndarray) -> np.ndarray:
    return picture + (ink - picture) * mask[..., None]


def _relief(picture: np.ndarray, mask: np.ndarray, rng: np.random.Generator, scale: float) -> np.ndarray:
    """The pressed characters catch light on one edge and shade on the other."""
    strength = rng.uniform(0, 40)
    shift = max(1, round(rng.uniform(0.6, 1.6) * scale))
    soft = cv2.GaussianBlur(mask, (0, 0), max(0.5, 0.6 * scale))
    edge = soft - np.roll(soft, (shift, shift if rng.random() < 0.5 else -shift), (0, 1))
    return np.clip(picture + (edge * strength)[..., None], 0, 255)


def _worn(picture: np.ndarray, rng: np.random.Generator, scale: float) -> np.ndarray:
    """Uneven fading, a little grime and a few chips of paint."""
    height, width = picture.shape[:2]
    clouds = cv2.resize(rng.normal(0, 1, (4, 9)).astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
    picture = picture * (1 + clouds * rng.uniform(0, 0.06))[..., None]
    for _ in range(rng.poisson(1.2)):
        centre = (int(rng.integers(width)), int(rng.integers(height)))
        tone = float(rng.uniform(60, 190))
        cv2.circle(picture, centre, max(1, round(rng.uniform(0.6, 2.5) * scale)), (tone,) * 3, -1, cv2.LINE_AA)
    return np.clip(picture, 0, 255)


def _bolts(picture: np.ndarray, design: PlateDesign, rng: np.random.Generator, scale: float) -> np.ndarray:
    if rng.random() < 0.35:
        return picture
    width, height = design.size_mm
    if design.country == "VN" and design.lines == 1:
        places = [
            (width * rng.uniform(0.02, 0.06), height / 2),
            (width * rng.uniform(0.94, 0.98), height / 2),
        ]
    elif design.country == "VN":
        places = [(width * x, height * y) for x in (0.25, 0.75) for y in (0.06, 0.94)]
    else:
        edges = (0.075, 0.925) if design.shape != "cn_moto" else (0.09, 0.91)
        places = [(width * x, height * y) for x in (0.27, 0.73) for y in edges]
    for x, y in places:
        if rng.random() < 0.85:
            centre = (round(x * scale), round(y * scale))
            radius = max(1, round(rng.uniform(3, 6.5) * scale))
            tone = rng.uniform(40, 215)
            cv2.circle(picture, centre, radius, (tone * 0.6,) * 3, -1, cv2.LINE_AA)
            cv2.circle(picture, centre, max(1, round(radius * 0.75)), (tone,) * 3, -1, cv2.LINE_AA)
    return picture


def _rounded(picture: np.ndarray, rng: np.random.Generator, scale: float, radius: float) -> np.ndarray:
    height, width = picture.shape[:2]
    inside = _rounded_box(width, height, 0, radius * scale)[..., None]
    return picture * inside + rng.uniform(10, 90) * (1 - inside)


def _rounded_box(width: int, height: int, inset: float, radius: float) -> np.ndarray:
    """Coverage of a box with round corners, from its signed distance."""
    y, x = np.ogrid[:height, :width]
    dx = np.abs(x + 0.5 - width / 2) - (width / 2 - inset - radius)
    dy = np.abs(y + 0.5 - height / 2) - (height / 2 - inset - radius)
    outside = np.hypot(np.maximum(dx, 0), np.maximum(dy, 0)) + np.minimum(np.maximum(dx, dy), 0)
    return np.clip(0.5 - (outside - radius), 0, 1).astype(np.float32)
