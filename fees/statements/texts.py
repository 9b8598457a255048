"""Bytes to text: UTF-8 and UTF-16 with or without their mark, and the two old Vietnamese encodings."""

import unicodedata

from fees.payments.vietqr import plain

# TCVN 5712:1993 VN3, the fonts called ABC: Vietnamese letters in the upper half of one byte.
_TCVN3 = dict(
    zip(
        "µ¸¶·¹¨»¾¼½Æ©ÇÊÈÉË®ÌÐÎÏÑªÒÕÓÔÖ×ÝØÜÞßãáâä«åèæçé¬êíëìîïóñòô\xadõøö÷ùúýûüþ¡¢§£¤¥¦",
        "àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵĂÂĐÊÔƠƯ",
        strict=True,
    )
)
_TO_VIETNAMESE = str.maketrans(_TCVN3)
_WORDS = (
    "ngay",
    "so tien",
    "so du",
    "noi dung",
    "dien giai",
    "tham chieu",
    "ghi co",
    "ghi no",
    "giao dich",
    "chung tu",
)


def text_of(data: bytes) -> str:
    """The text of a file in whatever encoding a Vietnamese bank wrote it, composed (NFC), without its mark."""
    return unicodedata.normalize("NFC", _decoded(data)).removeprefix("\ufeff")


def _decoded(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    head = data[:400]
    if head and head.count(0) > len(head) // 4:
        little = head[1::2].count(0) >= head[0::2].count(0)
        return data.decode("utf-16-le" if little else "utf-16-be", errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.end == len(data) and error.reason == "unexpected end of data":
            # A part of a file may end within a letter.
            return data[: error.start].decode("utf-8")
    old = (data.decode("latin-1").translate(_TO_VIETNAMESE), data.decode("cp1258", errors="replace"))
    return max(old, key=lambda text: _vietnamese(text[:8192]))


def _vietnamese(text: str) -> int:
    folded = fold(unicodedata.normalize("NFC", text))
    return sum(folded.count(word) for word in _WORDS)


def fold(text: object) -> str:
    """Lower case without marks, signs and double spaces: how headings are compared."""
    return plain(str(text).replace("_", " ").replace("\n", " ").replace("/", " ")).lower().replace(".", "").strip()


def clean(text: object, most: int = 500) -> str:
    """One line of composed text without control characters."""
    composed = unicodedata.normalize("NFC", str(text))
    return " ".join("".join(sign if sign.isprintable() else " " for sign in composed).split())[:most]
