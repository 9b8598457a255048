"""The committed reader on drawn plates, and on real ones where the folder of photos is at hand."""

import csv
from pathlib import Path

import cv2
import numpy as np
import pytest

from anpr.reader import MARGIN, Reader, agreed
from anpr.synthetic.plates import design_for, draw_plate, random_plate
from anpr.types import TextRead

PHOTOS = Path(__file__).parents[2].parent / "shared" / "plates" / "dev"


@pytest.fixture(scope="module")
def reader():
    return Reader(threads=1)


def framed(plate: np.ndarray, margin: float = MARGIN) -> np.ndarray:
    height, width = plate.shape[:2]
    y, x = round(height * margin), round(width * margin)
    return cv2.copyMakeBorder(plate, y, y, x, x, cv2.BORDER_CONSTANT, value=(60, 60, 66))


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("11C12345", {"lines": 1}),
        ("11C12345", {"lines": 2}),
        ("12A6789", {"lines": 1, "colour": "white"}),
        ("15R01234", {"lines": 2}),
        ("34RM05678", {"lines": 2}),
        ("80123NG45", {"lines": 1}),
        ("TH1234", {"lines": 1}),
        ("桂F12345", {"lines": 1}),
        ("桂F12345", {"lines": 2}),
        ("桂L1234挂", {}),
        ("云AD12345", {}),
        ("粤ZR066港", {}),
    ],
)
def test_a_drawn_plate_of_every_layout_is_read(reader, text, asked):
    plate = draw_plate(design_for(text, **asked), np.random.default_rng(8), height_px=90)
    reading = reader.read([framed(plate)])[0]
    assert reading.text == text
    assert reading.known_form
    assert reading.country == ("VN" if text.isascii() else "CN")
    assert len(reading.char_confidences) == len(text)
    assert all(0 < sure <= 1.0001 for sure in reading.char_confidences)
    assert reading.confidence > 0.5


def test_nearly_all_drawn_plates_are_read_and_sure_ones_are_right(reader):
    rng = np.random.default_rng(21)
    designs = [random_plate(rng) for _ in range(200)]
    readings = reader.read([framed(draw_plate(design, rng, height_px=72)) for design in designs])
    right = [reading.text == design.text for reading, design in zip(readings, designs, strict=True)]
    assert sum(right) >= 190
    sure = [ok for ok, reading in zip(right, readings, strict=True) if reading.confidence > 0.95]
    assert sum(sure) >= 0.99 * len(sure)


def test_a_crop_may_be_loose_tight_and_small(reader):
    plate = draw_plate(design_for("11C98765", lines=2), np.random.default_rng(2), height_px=80)
    loose, tight = framed(plate, 0.15), plate[2:-2, 3:-3]
    small = cv2.resize(framed(plate), (90, 48), interpolation=cv2.INTER_AREA)
    assert [reading.text for reading in reader.read([loose, tight, small])] == ["11C98765"] * 3


def test_what_is_no_plate_is_not_surely_read(reader):
    noise = np.random.default_rng(0).integers(0, 256, (40, 120, 3), np.uint8)
    plain = np.full((30, 100, 3), 128, np.uint8)
    one_pixel = np.zeros((1, 1, 3), np.uint8)
    for reading in reader.read([noise, plain, one_pixel]):
        assert reading.text == "" or reading.confidence < 0.6


def test_a_text_of_no_known_form_is_returned_and_marked(reader):
    plate = draw_plate(design_for("9999999", lines=1, colour="white"), np.random.default_rng(4), height_px=80)
    reading = reader.read([framed(plate)])[0]
    assert not reading.known_form
    assert reading.country is None
    assert set(reading.text) == {"9"}


def test_agreed_takes_what_is_likely_in_all_cuts():
    one = TextRead("51F1234", 0.9, (0.9,) * 7, (("51F12345", 0.1),))
    other = TextRead("51F12345", 0.95, (0.99,) * 8, (("51E12345", 0.05),))
    both = agreed([one, other])
    assert both.text == "51F12345"
    assert both.confidence == pytest.approx(0.525)
    assert both.char_confidences == other.char_confidences
    assert [text for text, _ in both.alternatives] == ["51F1234", "51E12345"]
    assert (both.country, both.known_form) == ("VN", True)


def test_a_temperature_moves_confidences_and_no_text():
    reads = [TextRead("51F12345", 0.6, (0.9,) * 8, (("51F12346", 0.3),))]
    sharp, plain, doubting = (agreed(reads, temperature=temperature) for temperature in (0.5, 1, 2))
    assert sharp.text == plain.text == doubting.text == "51F12345"
    assert sharp.confidence == pytest.approx(0.36 / 0.46)
    assert plain.confidence == pytest.approx(0.6)
    assert doubting.confidence < 0.6


@pytest.mark.parametrize(
    ("common", "rare"),
    [
        ("50E13188", "50E1318"),
        ("51F12345", "13F12345"),
        ("59X112345", "59XA12345"),
        ("桂F12345", "F12345"),
        ("11C12345", "1IC12345"),
    ],
)
def test_of_equally_likely_texts_the_commoner_form_is_chosen(common, rare):
    assert agreed([TextRead(rare, 0.4, (), ((common, 0.4),))]).text == common
    assert agreed([TextRead(rare, 0.9, (), ((common, 0.01),))]).text == rare


def test_agreed_on_nothing_is_nothing():
    assert agreed([TextRead("", 0.0), TextRead("", 0.0)]).confidence == 0


def test_no_crops_no_readings(reader):
    assert reader.read([]) == []


@pytest.mark.skipif(not PHOTOS.exists(), reason="the folder of real plate photos is not beside the repository")
def test_real_plates_are_read(reader):
    right = total = 0
    for row in csv.DictReader((PHOTOS / "boxes.csv").read_text().splitlines()):
        photo = cv2.cvtColor(cv2.imread(str(PHOTOS / row["file"])), cv2.COLOR_BGR2RGB)
        x0, y0, x1, y1 = (float(row[side]) for side in ("x0", "y0", "x1", "y1"))
        dx, dy = (x1 - x0) * MARGIN, (y1 - y0) * MARGIN
        crop = photo[max(0, round(y0 - dy)) : round(y1 + dy), max(0, round(x0 - dx)) : round(x1 + dx)]
        total += 1
        right += reader.read([crop])[0].text == row["plate"]
    assert total == 97
    assert right >= 85
