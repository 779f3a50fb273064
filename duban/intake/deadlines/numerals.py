"""Chinese numerals as they occur in dates: ``十二``, ``二〇二〇``, ``廿五``, ``二0二0``."""

HANZI_NUMERALS = "〇○零一二两三四五六七八九十百廿卅"

_DIGITS = {"〇": 0, "○": 0, "零": 0, "0": 0, "O": 0, "两": 2} | {
    char: value for value, char in enumerate("一二三四五六七八九", start=1)
}
_TENS = {"廿": "二十", "卅": "三十"}
_LONGEST = 6


def hanzi_number(text: str) -> int | None:
    """The value of a Chinese numeral, or None where it is none (``十十``, ``百``) or longer than any date needs."""
    if not text or len(text) > _LONGEST:
        return None
    for short, full in _TENS.items():
        text = text.replace(short, full)
    if "十" in text or "百" in text:
        return _with_places(text)
    return int("".join(str(_DIGITS[char]) for char in text)) if all(char in _DIGITS for char in text) else None


def _with_places(text: str) -> int | None:
    hundreds, has_hundreds, rest = text.rpartition("百")
    tens, has_tens, ones = rest.partition("十")
    total = 0
    for written, present, worth in ((hundreds, has_hundreds, 100), (tens, has_tens, 10)):
        if not present:
            continue
        count = 1 if not written or written == "零" else _DIGITS.get(written)
        if not count:
            return None
        total += count * worth
    if not has_tens:
        ones = rest
    ones = ones.lstrip("零")
    if len(ones) > 1 or (ones and ones not in _DIGITS):
        return None
    return total + (_DIGITS[ones] if ones else 0)
