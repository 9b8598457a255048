"""Frames of trucks at a barrier with the plates known: to train the detector, to test it, and for the simulator.

Seeded: one seed, one frame. Everything is drawn here, no photo is used.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from anpr.synthetic import gate, trucks, weather
from anpr.synthetic.camera import Pinhole, floor, paste, side, upright
from anpr.synthetic.gate import Look, Stage
from anpr.synthetic.plates import design_for, draw_plate, random_plate
from anpr.types import Colour, Corners, Country


@dataclass(frozen=True, slots=True)
class ScenePlate:
    """A plate in a rendered frame: what it says and where its corners lie, clockwise from its top left."""

    text: str
    country: Country
    lines: int
    colour: Colour
    corners: Corners


@dataclass(frozen=True, slots=True)
class Scene:
    """A rendered RGB frame and its plates."""

    picture: np.ndarray
    plates: tuple[ScenePlate, ...]


def _body(stage: Stage, x: float, z: float, *, start: float, top: float, paint, bare: bool = False) -> None:
    """The long side and the front of what a truck carries from `start` metres behind its face on, its wheels and
    its shadow."""
    rng, camera, deck, length = stage.rng, stage.camera, 1.2, float(stage.rng.uniform(5, 12))
    kind = "container" if rng.random() < 0.55 else "tarpaulin"
    seen = 1 if camera.eye[0] > x else -1
    wall_x = x + seen * 1.22
    stage.plain(floor(x - 1.5, x + 1.5, z - 0.2, z + start + length), (46, 47, 50))
    stage.plain(side(wall_x, z + start, z + start + length, 0.55, deck), (38, 40, 44))
    for along in (0.72, 0.81, 0.90):
        hub = camera.project([[wall_x, 0.5, z + start + length * along]])[0]
        radius = stage.width_at([wall_x, 0.5, z + start + length * along], 0.5)
        cv2.ellipse(
            stage.frame,
            tuple(hub.astype(int).tolist()),
            (max(1, int(radius * 0.45)), max(1, int(radius))),
            0,
            0,
            360,
            (24, 24, 26),
            -1,
            cv2.LINE_AA,
        )
    if bare:
        return
    words = int(rng.integers(1, 4)) if stage.look.words else 0
    wall = trucks.cargo_wall(
        min(length, 6.0), top - deck, rng, kind=kind, paint=paint, words=words, font=stage.look.font
    )
    if seen > 0:
        stage.face(wall, side(wall_x, z + start, z + start + length, deck, top), 0.74)
    else:
        stage.face(wall, side(wall_x, z + start + length, z + start, deck, top), 0.74)
    front = trucks.cargo_wall(
        2.44, top - deck, rng, kind=kind, paint=paint, words=int(stage.look.words), font=stage.look.font
    )
    stage.face(front, upright(x - 1.22, x + 1.22, deck, top, z + start), 0.93)


def _put_plate(stage: Stage, design, centre) -> None:
    """Lay a plate on a face, its centre there, a little turned and leaning as screws hold it."""
    rng = stage.rng
    width, height = (mm / 1000 for mm in design.size_mm)
    pixels = stage.width_at(centre) * height
    picture = draw_plate(design, rng, height_px=int(np.clip(pixels * 1.6, 40, 220)))
    half_w, half_h = width / 2, height / 2
    turn, lean = rng.normal(0, 0.02), rng.normal(0.0, 0.08)
    corners = []
    for dx, dy in ((-half_w, half_h), (half_w, half_h), (half_w, -half_h), (-half_w, -half_h)):
        corners.append(
            [
                centre[0] + dx * np.cos(turn) - dy * np.sin(turn),
                centre[1] + dx * np.sin(turn) + dy * np.cos(turn),
                centre[2] + dy * lean,
            ]
        )
    quad = stage.camera.project(corners)
    paste(stage.frame, picture, quad)
    x0, y0, x1, y1 = _bounds(quad, stage.frame.shape)
    place = (slice(y0, max(y0, y1)), slice(x0, max(x0, x1)))
    stage.plates.append((design, quad, place, stage.frame[place].copy()))


def _truck(stage: Stage, design, x: float, z: float, *, backwards: bool = False) -> None:
    """One truck at (x, z) with its plate, seen from the front or from behind."""
    rng, lit = stage.rng, stage.look.night
    cargo = trucks.CARGO_PAINTS[rng.integers(len(trucks.CARGO_PAINTS))]
    top = float(rng.uniform(3.3, 4.1))
    if backwards:
        texture, places = trucks.rear(
            rng, paint=cargo, height=top, lit=lit, words=stage.look.words, font=stage.look.font
        )
        _body(stage, x, z, start=0.0, top=top, paint=cargo)
        stage.face(texture, upright(x - 1.25, x + 1.25, 0, top, z))
    else:
        paint = trucks.PAINTS[rng.integers(len(trucks.PAINTS))]
        texture, places = trucks.cab_front(rng, paint=paint, lit=lit, words=stage.look.words)
        _body(stage, x, z, start=2.3, top=top, paint=cargo, bare=rng.random() < 0.1)
        seen = 1 if stage.camera.eye[0] > x else -1
        wall_x = x + seen * 1.2
        stage.plain(side(wall_x, z, z + 1.9, 0.45, places["top"] - 0.1), np.multiply(paint, 0.6))
        stage.plain(side(wall_x, z + 0.25, z + 1.3, places["top"] * 0.56, places["top"] * 0.83), (52, 62, 70))
        wide = trucks.CAB_WIDTH / 2 + trucks.MARGIN
        stage.face(texture, upright(x - wide, x + wide, 0, places["top"], z))
    for lamp_x, lamp_y in places["lamps"]:
        place = [x + lamp_x, lamp_y, z]
        spot = stage.camera.project([place])[0]
        stage.lights.append((*spot, stage.width_at(place, 0.10), (255, 60, 40) if backwards else (255, 244, 214)))
    if design is not None:
        plate_x, plate_y = places["plate"]
        _put_plate(stage, design, [x + plate_x, plate_y, z - 0.06])


def _light_and_weather(stage: Stage) -> np.ndarray:
    """Hour and weather over the painted frame; plates are reflective and stay the brightest at night."""
    rng, look, frame = stage.rng, stage.look, stage.frame
    if look.night:
        bright = frame
        frame = weather.night(frame, rng, float(rng.uniform(0.16, 0.32)), stage.pools)
        for _, quad, *_ in stage.plates:
            mask = np.zeros(frame.shape[:2], np.uint8)
            cv2.fillPoly(mask, [quad.astype(np.int32)], 255, cv2.LINE_AA)
            x0, y0, x1, y1 = _bounds(quad, frame.shape, 3)
            shine = mask[y0:y1, x0:x1, None] / 255 * rng.uniform(0.75, 1.0)
            frame[y0:y1, x0:x1] = (frame[y0:y1, x0:x1] * (1 - shine) + bright[y0:y1, x0:x1] * shine).astype(np.uint8)
        frame = weather.glow(frame, stage.lights, rng, float(rng.uniform(0.7, 1.0)))
    if look.rain:
        frame = weather.rain(frame, rng, look.rain)
    if look.fog:
        frame = weather.fog(frame, rng, look.fog)
    if look.infrared:
        frame = weather.infrared(frame, rng)
    return frame


def _uncovered(stage: Stage, place, before: np.ndarray) -> float:
    """The share of a plate's place that nothing was painted over since."""
    return float((stage.frame[place] == before).all(axis=2).mean()) if before.size else 0.0


def _bounds(quad: np.ndarray, shape, margin: int = 0) -> tuple[int, int, int, int]:
    low = np.floor(quad.min(axis=0)).astype(int) - margin
    high = np.ceil(quad.max(axis=0)).astype(int) + 1 + margin
    return max(0, low[0]), max(0, low[1]), min(shape[1], high[0]), min(shape[0], high[1])


def _scene(camera: Pinhole, look: Look, rng, vehicles, *, barrier: str | None = "careful") -> Scene:
    """Paint a scene; `vehicles` lists (design or None, x, z, backwards). Plates that got covered are not listed."""
    stage = Stage(camera, look, rng)
    gate.surroundings(stage)
    for design, x, z, backwards in sorted(vehicles, key=lambda vehicle: -vehicle[2]):
        _truck(stage, design, x, z, backwards=backwards)
    if barrier:
        gate.barrier(stage, careless=barrier == "careless")
    plates = tuple(
        ScenePlate(d.text, d.country, d.lines, d.colour, tuple((float(px), float(py)) for px, py in quad))
        for d, quad, place, before in stage.plates
        if _uncovered(stage, place, before) > 0.7
    )
    return Scene(_light_and_weather(stage), plates)


def random_scene(rng, *, size: tuple[int, int] = (1280, 720), font: str | None = None) -> Scene:
    """A random scene of one to three vehicles, any hour and weather; harsher than a gate's usual frame.

    Plates that another vehicle covers or that lie outside the frame are not listed.
    """
    night = rng.random() < 0.3
    look = Look(
        night=night,
        infrared=rng.random() < (0.35 if night else 0.05),
        rain=rng.uniform(0.2, 1) if rng.random() < 0.15 else 0.0,
        fog=rng.uniform(0.1, 0.5) if rng.random() < 0.08 else 0.0,
        font=font,
    )
    distance = rng.uniform(3.5, 14)
    eye = np.array([rng.uniform(-0.55, 0.55) * distance, rng.uniform(0.9, 5.0), -distance])
    target = np.array([rng.uniform(-0.8, 0.8), rng.uniform(0.5, 1.8), 0])
    camera = Pinhole(eye, target, float(rng.uniform(0.55, 1.5) * size[0]), size, float(rng.normal(0, 0.03)))
    vehicles = [(random_plate(rng), rng.uniform(-0.4, 0.4), 0.0, rng.random() < 0.45)]
    for lane in (-3.9, 3.9):
        if rng.random() < 0.4:
            vehicles.append(
                (random_plate(rng), lane + rng.uniform(-0.4, 0.4), rng.uniform(-1, 12), rng.random() < 0.45)
            )
    barrier = rng.choice([None, "careful", "careless"], p=[0.4, 0.5, 0.1])
    scene = _scene(camera, look, rng, vehicles, barrier=barrier)
    return Scene(scene.picture, tuple(p for p in scene.plates if _visible(p, size, eye)))


def _visible(plate: ScenePlate, size: tuple[int, int], eye) -> bool:
    corners = np.array(plate.corners)
    inside = (corners >= 1).all() and (corners <= np.array(size) - 2).all()
    x, y = corners[:, 0], corners[:, 1]
    area = 0.5 * np.sum(x * np.roll(y, -1) - y * np.roll(x, -1))
    return bool(inside and area > 60)


def render_passage(
    plate_text: str,
    *,
    trailer_plate: str | None = None,
    seed: int,
    night: bool = False,
    size: tuple[int, int] = (1280, 720),
) -> bytes:
    """A gate camera's frame (JPEG) of the truck with this plate standing at the barrier.

    A trailer's plate is only behind: with `trailer_plate` the frame carries the rear camera's picture in its
    upper corner, as gate cameras that work in pairs send it. The plates are always whole and in sight.
    """
    rng = np.random.default_rng(seed)
    look = Look(night=night, rain=float(rng.uniform(0.1, 0.4)) if rng.random() < 0.15 else 0.0)
    edge = 1 if rng.random() < 0.5 else -1
    eye = np.array([edge * rng.uniform(1.0, 2.6), rng.uniform(2.3, 3.2), -rng.uniform(6.2, 8.0)])
    target = np.array([edge * rng.uniform(-0.1, 0.2), rng.uniform(1.15, 1.4), 0])
    camera = Pinhole(eye, target, size[0] * rng.uniform(1.15, 1.3), size)
    frame = _scene(camera, look, rng, [(design_for(plate_text), rng.uniform(-0.15, 0.15), 0.0, False)]).picture
    if trailer_plate:
        inset = _rear_view(design_for(trailer_plate), rng, look, (size[0] * 3 // 8, size[1] * 3 // 8))
        rows, columns = inset.shape[:2]
        frame[: rows + 3, -columns - 3 :] = 235
        frame[:rows, -columns:] = inset
    frame = weather.sensor(frame, rng, 3.5 if night else 2.2)
    _, data = cv2.imencode(".jpg", np.ascontiguousarray(frame[..., ::-1]), [cv2.IMWRITE_JPEG_QUALITY, 86])
    return data.tobytes()


def _rear_view(design, rng, look: Look, size: tuple[int, int]) -> np.ndarray:
    """What the camera behind the lane sees: the trailer's back, close."""
    eye = np.array([rng.uniform(-0.8, 0.8), rng.uniform(1.3, 1.8), -rng.uniform(3.6, 4.4)])
    camera = Pinhole(eye, np.array([0, 0.95, 0]), size[0] * rng.uniform(1.1, 1.3), size)
    return _scene(camera, look, rng, [(design, 0.0, 0.0, True)], barrier=None).picture
