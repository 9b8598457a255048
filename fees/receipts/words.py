"""An amount in Vietnamese words, as it stands on vouchers."""

DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
GROUPS = ("", "nghìn", "triệu")


def in_words(dong: int) -> str:
    """`1250000` as `Một triệu hai trăm năm mươi nghìn đồng`; less than zero with `Âm` before."""
    text = _whole(abs(dong)) if dong else "không"
    text = f"{'âm ' if dong < 0 else ''}{text} đồng"
    return text[0].upper() + text[1:]


def _whole(number: int) -> str:
    billions, rest = divmod(number, 10**9)
    words = [f"{_whole(billions)} tỷ"] if billions else []
    for at in (2, 1, 0):
        group = rest // 1000**at % 1000
        if group:
            words.append(f"{_group(group, full=bool(words))} {GROUPS[at]}".strip())
    return " ".join(words)


def _group(number: int, *, full: bool) -> str:
    """Three digits; `full` after a greater group, where the hundreds are said even if there are none."""
    hundreds, rest = divmod(number, 100)
    words = [f"{DIGITS[hundreds]} trăm"] if hundreds or full else []
    tens, ones = divmod(rest, 10)
    if not rest:
        return " ".join(words)
    if tens == 0:
        return " ".join([*words, "lẻ", DIGITS[ones]] if words else [DIGITS[ones]])
    words.append("mười" if tens == 1 else f"{DIGITS[tens]} mươi")
    if ones == 1 and tens > 1:
        words.append("mốt")
    elif ones == 5:
        words.append("lăm")
    elif ones:
        words.append(DIGITS[ones])
    return " ".join(words)
