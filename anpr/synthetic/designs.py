"""Which plate to draw: its text, colours and shape. Drawing is in `plates`."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from declarations.plates import (
    CN_ENERGY_LETTERS,
    CN_PROVINCES,
    VN_LOCAL_CODES,
    VN_MILITARY_PREFIXES,
    VN_SERIES,
    VN_SPECIAL_SERIES,
    Kind,
    parse,
)

Shape = Literal["vn_long", "vn_short", "vn_moto", "cn_long", "cn_double", "cn_energy", "cn_moto", "cn_farm"]

SIZES: dict[Shape, tuple[int, int]] = {
    "vn_long": (520, 110),
    "vn_short": (330, 165),
    "vn_moto": (190, 140),
    "cn_long": (440, 140),
    "cn_double": (440, 220),
    "cn_energy": (480, 140),
    "cn_moto": (220, 140),
    "cn_farm": (300, 165),
}
"""Width and height in millimetres."""

_BORDER_CODES = ("11", "12", "14", "20", "22", "24", "29", "15", "34", "98", "99")
_BORDER_PROVINCES = "桂桂桂云云粤粤湘贵琼"
_CN_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_CN_SIGNS = _CN_LETTERS + "0123456789"


@dataclass(frozen=True, slots=True)
class PlateDesign:
    """A plate to draw. `text` is in the normal form; `colour` is that of the ground, in the words of readings."""

    text: str
    country: Literal["VN", "CN"]
    lines: Literal[1, 2]
    colour: str
    kind: Kind | None
    shape: Shape

    @property
    def size_mm(self) -> tuple[int, int]:
        return SIZES[self.shape]

    @property
    def rows(self) -> tuple[str, ...]:
        """The text as it stands on the plate, a row each."""
        return (self.text,) if self.lines == 1 else _split(self.text, self.shape)


def design_for(text: str, *, colour: str | None = None, lines: int | None = None) -> PlateDesign:
    """A fitting design for any plate text; a text of no known form becomes a long white Vietnamese plate.

    Trucks' plates are meant where the text leaves it open: Vietnamese ones are yellow, Chinese ones blue unless two
    lines or yellow are asked for.
    """
    plate = parse(text)
    if plate.country == "CN":
        ground = colour or ("yellow" if lines == 2 else plate.likely_colour)
        double = lines == 2 or (lines is None and (plate.kind in {Kind.TRAILER, Kind.FARM}))
        if plate.kind is Kind.FARM:
            return PlateDesign(plate.text, "CN", 2, "green", plate.kind, "cn_farm")
        if plate.kind in {Kind.NEW_ENERGY_SMALL, Kind.NEW_ENERGY_LARGE} and not double:
            return PlateDesign(plate.text, "CN", 1, "green", plate.kind, "cn_energy")
        shape: Shape = "cn_double" if double else "cn_long"
        return PlateDesign(plate.text, "CN", 2 if double else 1, ground or "blue", plate.kind, shape)
    motorbike = plate.kind is Kind.MOTORBIKE
    two = lines == 2 or (lines is None and (motorbike or plate.kind is Kind.TRAILER))
    shape = "vn_moto" if motorbike and two else "vn_short" if two else "vn_long"
    return PlateDesign(plate.text, "VN", 2 if two else 1, colour or plate.likely_colour or "white", plate.kind, shape)


def random_plate(rng: np.random.Generator, *, country: str | None = None) -> PlateDesign:
    """A plate drawn by chance, the trucks of this border well present and every kind of both countries possible."""
    country = country or ("VN" if rng.random() < 0.5 else "CN")
    return _random_vn(rng) if country == "VN" else _random_cn(rng)


def _digits(rng: np.random.Generator, count: int) -> str:
    return "".join(rng.choice(list("0123456789"), count))


def _letters(rng: np.random.Generator, letters: str, count: int = 1) -> str:
    return "".join(rng.choice(list(letters), count))


def _pick(rng: np.random.Generator, table: dict) -> str:
    weights = np.array(list(table.values()), float)
    return list(table)[rng.choice(len(table), p=weights / weights.sum())]


_VN_KINDS = {
    "truck": 34,
    "car": 20,
    "state": 4,
    Kind.TRAILER: 15,
    Kind.MOTORBIKE: 12,
    Kind.SPECIAL: 5,
    Kind.FOREIGN: 4,
    Kind.MILITARY: 4,
    Kind.TEMPORARY: 2,
}

_CN_KINDS = {
    "blue": 27,
    "truck": 24,
    Kind.TRAILER: 14,
    Kind.NEW_ENERGY_SMALL: 9,
    Kind.NEW_ENERGY_LARGE: 8,
    Kind.DRIVING_SCHOOL: 3,
    Kind.POLICE: 3,
    Kind.HONG_KONG: 3,
    Kind.MACAU: 2,
    Kind.CONSULAR: 2,
    Kind.EMBASSY: 2,
    Kind.FARM: 3,
    Kind.MOTORBIKE: 4,
}


def _random_vn(rng: np.random.Generator) -> PlateDesign:
    kind = _pick(rng, _VN_KINDS)
    code = str(rng.choice(_BORDER_CODES if rng.random() < 0.35 else VN_LOCAL_CODES))
    number = _digits(rng, rng.choice([5, 4, 3], p=[0.86, 0.13, 0.01]))
    five = _digits(rng, 5)
    long_share = 0.5
    colours: tuple[str, ...] = ("white",)
    match kind:
        case "truck":
            text = code + (_letters(rng, "CCCCH") if rng.random() < 0.6 else _letters(rng, VN_SERIES)) + number
            long_share, colours = 0.35, ("yellow", "yellow", "yellow", "white")
        case "car":
            text, long_share = code + _letters(rng, VN_SERIES) + number, 0.7
        case "state":
            text, colours = code + _letters(rng, "ABCDEFGHKLM") + number, ("blue",)
        case Kind.TRAILER:
            text = code + ("RM" if rng.random() < 0.5 else "R") + (five if rng.random() < 0.85 else number)
            long_share, colours = 0.25, ("yellow", "yellow", "white")
        case Kind.MOTORBIKE:
            series = _letters(rng, VN_SERIES) + _letters(rng, "123456789123456789" + VN_SERIES)
            text, long_share = code + series + (five if rng.random() < 0.6 else five[:4]), 0.0
        case Kind.SPECIAL:
            text, colours = code + str(rng.choice(VN_SPECIAL_SERIES)) + five, ("white", "white", "yellow")
        case Kind.FOREIGN:
            mark = str(rng.choice(["NG", "NN", "QT", "CV"]))
            long = rng.random() < 0.5
            text = code + five[:3] + mark + five[3:] if long else code + mark + five
            long_share = 1.0 if long else 0.0
        case Kind.MILITARY:
            text, colours = str(rng.choice(VN_MILITARY_PREFIXES)) + five[:4], ("red",)
        case _:
            text = "T" + code + five
    if kind == Kind.MOTORBIKE:
        shape: Shape = "vn_moto"
    else:
        shape = "vn_long" if rng.random() < long_share else "vn_short"
    return PlateDesign(
        text,
        "VN",
        1 if shape == "vn_long" else 2,
        str(rng.choice(colours)),
        parse(text, country="VN").kind,
        shape,
    )


def _random_cn(rng: np.random.Generator) -> PlateDesign:
    kind = _pick(rng, _CN_KINDS)
    province = _letters(rng, _BORDER_PROVINCES if rng.random() < 0.3 else CN_PROVINCES)
    head = province + _letters(rng, _CN_LETTERS)
    colour = "blue"
    shape: Shape = "cn_long"
    match kind:
        case "blue":
            text = (province + "O" if rng.random() < 0.06 else head) + _serial(rng, 5)
        case "truck":
            text, colour = head + _serial(rng, 5), "yellow"
            shape = "cn_double" if rng.random() < 0.6 else "cn_long"
        case Kind.TRAILER:
            text, colour, shape = head + _serial(rng, 4) + "挂", "yellow", "cn_double"
        case Kind.NEW_ENERGY_SMALL:
            mark = _letters(rng, "DDDFFF" + CN_ENERGY_LETTERS)
            text, colour, shape = (
                head + mark + _letters(rng, _CN_SIGNS) + _digits(rng, 4),
                "green",
                "cn_energy",
            )
        case Kind.NEW_ENERGY_LARGE:
            text, colour = head + _digits(rng, 5) + _letters(rng, "DDDFFF" + CN_ENERGY_LETTERS), "green"
            shape = "cn_energy"
        case Kind.DRIVING_SCHOOL:
            text, colour = head + _serial(rng, 4) + "学", "yellow"
        case Kind.POLICE:
            text, colour = head + _serial(rng, 4) + "警", "white"
        case Kind.HONG_KONG | Kind.MACAU:
            text, colour = "粤Z" + _serial(rng, 4) + ("港" if kind == Kind.HONG_KONG else "澳"), "black"
        case Kind.CONSULAR:
            text, colour = head + _serial(rng, 4) + "领", "black"
        case Kind.EMBASSY:
            text, colour = "使" + _digits(rng, 6), "black"
        case Kind.FARM:
            text, colour, shape = province + _digits(rng, 7), "green", "cn_farm"
        case _:
            text, colour, shape = head + _serial(rng, 5), str(rng.choice(["yellow", "blue"])), "cn_moto"
    lines: Literal[1, 2] = 2 if shape in {"cn_double", "cn_moto", "cn_farm"} else 1
    return PlateDesign(text, "CN", lines, colour, parse(text, country="CN").kind, shape)


def _serial(rng: np.random.Generator, count: int) -> str:
    """Mostly digits, up to two letters at any place, as they are issued."""
    signs = list(_digits(rng, count))
    for place in rng.permutation(count)[: rng.choice([0, 1, 2], p=[0.35, 0.4, 0.25])]:
        signs[place] = _letters(rng, _CN_LETTERS)
    return "".join(signs)


def _split(text: str, shape: Shape) -> tuple[str, str]:
    """The two rows of a two-line plate."""
    if shape in {"cn_double", "cn_moto"}:
        return text[:2], text[2:]
    if shape == "cn_farm":
        return text[:3], text[3:]
    if text[:1].isalpha():
        head = 3 if text[:1] == "T" and text[1:].isdigit() else 2
    else:
        head = next((i for i in range(len(text) - 1, 0, -1) if text[i].isalpha()), 1) + 1
        if shape == "vn_moto" or len(text) - head > 5:
            head = max(head, 4 if len(text) >= 8 else 3)
    return text[:head], text[head:]
