"""Organisation, regime and script files made to harm: refused in words, whatever reads them."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from duban.commands.demo_script import read_script
from duban.office_files import OfficeFileError
from duban.organisations import load_organisation
from duban.regimes import load_regime
from duban.regimes.loading import BUNDLED

KUNMING = (BUNDLED / "kunming.yaml").read_text(encoding="utf-8")
READERS: list[Callable[[Path], object]] = [load_organisation, load_regime, read_script]
LAUGHS = "a: &a [x, x]\n" + "".join(
    f"{b}: &{b} [*{a}, *{a}, *{a}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)

FILES: dict[str, tuple[bytes, str]] = {
    "aliases of aliases": (LAUGHS.encode(), "不允许使用别名"),
    "an alias of itself": (b"a: &a [*a]\n", "不允许使用别名"),
    "a merge": (b"a: &a {x: 1}\nb:\n  <<: *a\n", "不允许使用别名|键必须是一个词"),
    "an object of Python": (b"name: !!python/object/apply:os.system ['true']\n", "不允许使用标签"),
    "a tag of its own": (b"name: !secret x\n", "不允许使用标签"),
    "bytes": (b"name: !!binary aGVsbG8=\n", "不允许使用标签"),
    "nested without end": (b"name: " + b"[" * 50_000, "嵌套过深"),
    "nested by columns": (b"".join(b" " * n + b"a:\n" for n in range(1_000)), "嵌套过深"),
    "a key twice": (b"name: a\nname: b\n", "写了两次"),
    "a list as a key": (b"? [a]\n: b\n", "键必须是一个词"),
    "a number of 10,000 digits": (b"tier: " + b"9" * 10_000, "数值过长"),
    "sixty by sixty": (b"name: 1" + b":59" * 3_000, "数值过长"),
    "a text of 900 KB": (b"name: " + b"a" * 900_000, "过长|缺少"),
    "too large": (b"#" * 1_000_001, "超过 1000 KB"),
    "NUL": (b"name: a\x00b\n", "不允许的字符"),
    "an escape sequence": (b"name: \x1b[31m\n", "不允许的字符"),
    "GB18030": ("name: 市委".encode("gb18030"), "不是 UTF-8 编码"),
    "UTF-16": ("name: 市委".encode("utf-16"), "不是 UTF-8 编码"),
    "half a surrogate pair": (b'name: "\\ud800"\n', "无法保存的字符|没有这一项"),
    "two documents": (b"name: a\n---\nname: b\n", "不是正确的 YAML"),
    "nothing": (b"", ""),
    "a list": (b"- a\n", "键: 值"),
    "a workbook": (b"PK\x03\x04" + b"\xff" * 100, "不是 UTF-8 编码|不允许的字符"),
}


@pytest.mark.parametrize("read", READERS, ids=["organisation", "regime", "script"])
@pytest.mark.parametrize(("content", "why"), FILES.values(), ids=FILES)
def test_it_is_refused_in_words(tmp_path: Path, read: Callable[[Path], object], content: bytes, why: str) -> None:
    file = tmp_path / "x.yaml"
    file.write_bytes(content)
    if not why and read is load_organisation and not content:
        return  # an organisation of nobody is one
    with pytest.raises(OfficeFileError, match=why or None) as refusal:
        read(file)
    assert len(str(refusal.value)) < 20_000
    str(refusal.value).encode()


@pytest.mark.parametrize("read", READERS, ids=["organisation", "regime", "script"])
def test_what_is_no_file_is_refused_at_once(tmp_path: Path, read: Callable[[Path], object]) -> None:
    pipe = tmp_path / "pipe.yaml"
    os.mkfifo(pipe)
    for path, why in (
        (pipe, "管道或设备"),
        (Path("/dev/zero"), "管道或设备"),
        (tmp_path, "文件夹"),
        (tmp_path / "无.yaml", "没有这个文件"),
        (Path("a\x00b.yaml"), "文件名不能用"),
        (tmp_path / ("长" * 300), "无法读取"),
    ):
        with pytest.raises(OfficeFileError, match=why):
            read(path)


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("days: 5", "days: 99999999", "不大于 3660"),
        ("days: 5", "days: .inf", "应为整数"),
        ("days: 5", "days: .nan", "应为整数"),
        ("above: 60", "above: 100000", "不大于 3660"),
        ("zone: Asia/Shanghai", "zone: ../../../etc/passwd", ""),
        ("title: 电话提醒", "title: " + "电" * 101, "过长，最多 100 字"),
    ],
)
def test_a_regime_that_could_not_be_carried_out_is_refused(tmp_path: Path, old: str, new: str, why: str) -> None:
    if old not in KUNMING:
        pytest.fail(f"{old} is not in the bundled regime any more")
    file = tmp_path / "kunming.yaml"
    file.write_text(KUNMING.replace(old, new, 1), encoding="utf-8")
    if not why:
        assert load_regime(file).zone.startswith("..")  # refused where the zone is looked up
        return
    with pytest.raises(OfficeFileError, match=why):
        load_regime(file)
