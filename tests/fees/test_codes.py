"""Payment codes find themselves in a bank's text, and nothing else does."""

import pytest

from fees.codes import ALPHABET, check_character, find_code, new_code


def test_a_code_is_found_whatever_surrounds_it():
    code = new_code()
    assert len(code) == 12
    for text in (
        code,
        code.lower(),
        f"MBVCB.4215.{code[:5]} {code[5:9]} {code[9:]}.CT tu 001",
        f"nop phi cks {code}",
        f"CKSCKS{code[3:]}",
        "-".join(code),
    ):
        assert find_code(text) == code


def test_a_prefix_written_twice_does_not_make_another_code():
    # With the first prefix too these letters are a code, by the chance of one in thirty-six.
    assert find_code("CKSCKS3HY4DHVH4") == "CKS3HY4DHVH4"


def test_letters_misread_as_digits_are_the_digits():
    body = "10010A7Z"
    code = f"CKS{body}{check_character(body)}"
    assert find_code(f"CKSIOOLOA7Z{code[-1]}") == code


def test_a_wrong_or_exchanged_character_is_found():
    body = "7QK2M9XA"
    code = f"CKS{body}{check_character(body)}"
    for place in range(len(body)):
        for sign in ALPHABET:
            wrong = body[:place] + sign + body[place + 1 :]
            assert (find_code(f"CKS{wrong}{code[-1]}") == code) is (wrong == body)
        if place:
            swapped = body[: place - 1] + body[place] + body[place - 1] + body[place + 1 :]
            assert find_code(f"CKS{swapped}{code[-1]}") is None


@pytest.mark.parametrize("text", ["", "CKS", "chuyen tien", "CKS12345678", "CKS123456789"])
def test_other_texts_hold_no_code(text):
    assert find_code(text) is None
