"""Keys are read strictly, and shown to nobody."""

from datetime import date

import pytest

from duban.encryption.keys import KeyRing, KeyRingError, PayloadKey

DAY = date(2026, 3, 2)
OLD, NEW = PayloadKey.new(DAY), PayloadKey.new(DAY)


@pytest.mark.parametrize("between", [",", " , ", "\n", "\r\n"])
def test_a_ring_is_read_as_written_whatever_stands_between_the_keys(between: str) -> None:
    assert KeyRing.parse(f"{NEW.line}{between}{OLD.line}\n").keys == (NEW, OLD)


def test_a_new_key_has_32_bytes_and_an_id_of_its_own() -> None:
    assert len(OLD.material) == 32
    assert OLD.id.startswith("k20260302-")
    assert (OLD.id, OLD.material) != (NEW.id, NEW.material)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (" , ", "没有任何密钥"),
        ("nokey", "第 1 个密钥应写成"),
        (f"{OLD.line},:{OLD.line}", "第 2 个密钥应写成"),
        (f"督办:{OLD.line.partition(':')[2]}", "第 1 个密钥应写成"),
        ("k1:c2hvcnQ=", "第 1 个密钥不是 32 字节"),
        (f"{OLD.line[:-3]}", "第 1 个密钥不是 32 字节"),
        (f"{OLD.line},k2:{'!' * 44}", "第 2 个密钥不是 32 字节"),
        (f"{OLD.line},{OLD.line}", f"密钥名称 {OLD.id} 出现了不止一次"),
    ],
)
def test_what_is_no_ring_is_told_by_number_without_quoting_it(text: str, told: str) -> None:
    with pytest.raises(KeyRingError, match=told) as wrong:
        KeyRing.parse(text)
    assert OLD.line.partition(":")[2] not in str(wrong.value)


def test_no_key_shows_in_a_repr() -> None:
    shown = repr(KeyRing((OLD, NEW)))
    assert OLD.id in shown
    for key in (OLD, NEW):
        assert key.line.partition(":")[2] not in shown
        assert repr(key.material) not in shown
