"""The text of a VietQR code, and that a camera reads it back from the picture."""

import io

import cv2
import numpy as np
import pytest
import segno
from hypothesis import given
from hypothesis import strategies as st

from fees.codes import new_code
from fees.payments.vietqr import Transfer, VietQRError, checksum, decode, encode, plain
from tests.fees.banks import read_off

PUBLISHED = (
    (
        "00020101021238570010A00000072701270006970415011300110019324180208QRIBFTTA"
        "530370454061200005802VN62170813ung ho lu lut6304C15C",
        Transfer("970415", "0011001932418", 120_000, "ung ho lu lut"),
    ),
    (
        "00020101021138540010A00000072701240006970423011000999999990208QRIBFTTA53037045802VN6304CBB4",
        Transfer("970423", "0099999999"),
    ),
)


@pytest.mark.parametrize(("text", "transfer"), PUBLISHED)
def test_the_published_codes_come_out_and_are_read(text, transfer):
    assert encode(transfer) == text
    assert decode(text) == transfer


transfers = st.builds(
    Transfer,
    bin=st.text("0123456789", min_size=6, max_size=6),
    account=st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=1, max_size=19),
    amount=st.none() | st.integers(1, 10**13 - 1),
    purpose=st.builds(lambda: f"NP {new_code()}") | st.just(""),
)


@given(transfers)
def test_what_is_written_is_read(transfer):
    assert decode(encode(transfer)) == transfer


def test_a_camera_reads_the_picture_back_to_the_same_fields():
    transfer = Transfer("970436", "1023020330000", 3_000_000, f"NOP PHI {new_code()}")
    picture = io.BytesIO()
    segno.make(encode(transfer), error="m").save(picture, kind="png", scale=6, border=4)
    pixels = cv2.imdecode(np.frombuffer(picture.getvalue(), np.uint8), cv2.IMREAD_GRAYSCALE)
    assert read_off([pixels]) == transfer


@given(st.integers(0, len(PUBLISHED[0][0]) - 1), st.sampled_from("0123456789ABCDEF"))
def test_one_wrong_character_is_found(place, sign):
    text = PUBLISHED[0][0]
    if text[place] != sign:
        with pytest.raises(VietQRError):
            decode(text[:place] + sign + text[place + 1 :])


@pytest.mark.parametrize(
    "wrong",
    [
        {"bin": "97041"},
        {"bin": "97041x"},
        {"account": ""},
        {"account": "1" * 20},
        {"account": "12 34"},
        {"amount": 0},
        {"amount": -1},
        {"amount": 10**13},
        {"purpose": "nộp phí"},
        {"purpose": "x" * 26},
    ],
)
def test_what_does_not_fit_is_refused(wrong):
    with pytest.raises(VietQRError):
        Transfer(**{"bin": "970415", "account": "123", "amount": 1} | wrong)


@pytest.mark.parametrize(
    "body", ["", "0002", "000201", "99", "00XX01", "000201010212", "00020153037045404", "0002015303840"]
)
def test_what_is_no_transfer_is_refused(body):
    with pytest.raises(VietQRError):
        decode(f"{body}6304{checksum(body + '6304')}")


def test_words_are_made_plain():
    assert plain("  Nộp phí  cửa khẩu Đông/Khê 桂F") == "Nop phi cua khau DongKhe F"
