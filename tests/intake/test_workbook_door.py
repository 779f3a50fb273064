"""Workbooks made to harm, or broken on the way: refused at the door, in words, before they fill the memory."""

import io
import tracemalloc
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from duban.intake import IntakeError, IntakeOptions, read_plan
from duban.intake.files.files import read_source
from tests.intake.books import HEADING, ROW, changed, formatted, packed, parts_of, workbook

OPTIONS = IntakeOptions(issued_on=date(2022, 4, 14))
SHEET, STRINGS, BOOK, TYPES = (
    "xl/worksheets/sheet1.xml",
    "xl/sharedStrings.xml",
    "xl/workbook.xml",
    "[Content_Types].xml",
)
BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + "".join(
    f'<!ENTITY {after} "{f"&{before};" * 10}">' for before, after in zip("abcdefgh", "bcdefghi", strict=True)
)
MOST_MEMORY = 64 * 1024 * 1024
"""Half of it is the room that is made for the file itself, before its size is known."""
Parts = dict[str, bytes]


def with_part(name: str, change: Callable[[bytes], bytes]) -> Callable[[Parts], Parts]:
    return lambda parts: {**parts, name: change(parts[name])}


def without(name: str) -> Callable[[Parts], Parts]:
    return lambda parts: {part: content for part, content in parts.items() if part != name}


def rows_instead(rows: bytes) -> Callable[[bytes], bytes]:
    def change(sheet: bytes) -> bytes:
        begin, end = sheet.index(b"<sheetData>"), sheet.index(b"</sheetData>")
        return sheet[:begin] + b"<sheetData>" + rows + sheet[end:]

    return change


def entities(part: bytes) -> bytes:
    declared, _, rest = part.partition(b"?>") if part.startswith(b"<?xml") else (b"", b"", part)
    return (declared + b"?>" if declared else b"") + BOMB.encode() + b"]>" + rest.replace(b"</", b"&i;</", 1)


HOSTILE: dict[str, tuple[Callable[[Parts], Parts], str]] = {
    "a part of a gigabyte": (lambda parts: {**parts, "xl/media/x.xml": b" " * 110_000_000}, "解开后有10.兆字节"),
    "a gigabyte of empty cells in one row": (
        with_part(SHEET, rows_instead(b'<row r="1">' + b"<c/>" * 3_000_000 + b"</row>")),
        "工作表“任务”的单元格多得不像是一份方案",
    ),
    "millions of rows": (with_part(SHEET, rows_instead(b"<row/>" * 5_000_000)), "单元格多得不像是一份方案"),
    "a row far away": (
        with_part(SHEET, rows_instead(b'<row r="99999999999"><c t="inlineStr"><is><t>x</t></is></c></row>')),
        "Excel不会有的行号",
    ),
    "a column far away": (
        with_part(SHEET, rows_instead(b'<row r="1"><c r="XFD1" t="inlineStr"><is><t>x</t></is></c></row>')),
        "第1行直到XFD列都有内容",
    ),
    "a text without end": (
        with_part(SHEET, rows_instead(b'<row><c t="str"><v>' + b"x" * 9_000_000 + b"</v></c></row>")),
        "长得读不下去的单元格",
    ),
    "entities in a sheet": (with_part(SHEET, entities), "工作表“任务”里有 Excel 不会写的标记"),
    "entities in the texts": (with_part(STRINGS, entities), "EntitiesForbidden|ValueError"),
    "entities in the workbook": (with_part(BOOK, entities), "DTDForbidden"),
    "entities in the list of types": (with_part(TYPES, entities), "DTDForbidden"),
    "an outer entity": (
        with_part(
            STRINGS,
            lambda part: (
                b'<!DOCTYPE x [<!ENTITY i SYSTEM "file:///etc/passwd">]>'
                + part.partition(b"?>")[2].replace(b"</", b"&i;</", 1)
            ),
        ),
        "EntitiesForbidden|ValueError",
    ),
    "cells behind a comment": (
        with_part(SHEET, lambda part: part.replace(b"<sheetData>", b"<sheetData><!-- <row> -->")),
        "有 Excel 不会写的标记",
    ),
    "merged cells without end": (
        with_part(
            SHEET,
            lambda part: part.replace(
                b"</sheetData>", b"</sheetData><mergeCells>" + b'<mergeCell ref="A1:A9"/>' * 20_001 + b"</mergeCells>"
            ),
        ),
        "工作表“任务”的合并单元格多得不像是一份方案",
    ),
    "a sheet cut off": (with_part(SHEET, lambda part: part[: len(part) // 2]), "工作表“任务”第.行起读不下去"),
    "a sheet of noise": (with_part(SHEET, lambda _: bytes(range(256)) * 50), "已损坏"),
    "a text that is not there": (
        with_part(SHEET, rows_instead(b'<row r="1"><c r="A1" t="s"><v>999</v></c></row>')),
        "工作表“任务”第1行起读不下去",
    ),
    "a number of 5,000 digits": (
        with_part(SHEET, rows_instead(b'<row r="1"><c r="A1"><v>' + b"9" * 5_000 + b"</v></c></row>")),
        "工作表“任务”第1行起读不下去",
    ),
    "no sheets": (with_part(BOOK, lambda part: part.replace(b"<sheet ", b"<shoot ")), "没有内容"),
    "no workbook": (without(BOOK), "KeyError"),
    "no types": (without(TYPES), "KeyError"),
    "a thousand sheets": (
        with_part(
            BOOK,
            lambda part: part.replace(
                b"</sheets>",
                b"".join(b'<sheet name="s%d" sheetId="%d"/>' % (n, n) for n in range(9, 999)) + b"</sheets>",
            ),
        ),
        "工作表超过100张",
    ),
    "thousands of parts": (lambda parts: parts | {f"xl/{n}.xml": b"" for n in range(2_100)}, "部件超过2000个"),
    "a binary workbook": (
        with_part(TYPES, lambda part: part.replace(b"sheet.main+xml", b"sheet.binary.macroEnabled.main")),
        "二进制格式",
    ),
    "a strict workbook": (
        with_part(
            BOOK,
            lambda part: part.replace(
                b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
                b"http://purl.oclc.org/ooxml/spreadsheetml/main",
            ),
        ),
        "Strict Open XML",
    ),
    "a text document": (
        with_part(TYPES, lambda part: part.replace(b"spreadsheetml.sheet.main", b"wordprocessingml.document.main")),
        "不是 Excel 工作簿",
    ),
}


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Parts:
    """Of a plan as it should be, with its texts apart."""
    return parts_of(formatted(tmp_path_factory.mktemp("book"), "成果形式", "实施方案", "@"))


@pytest.mark.parametrize(("harm", "why"), HOSTILE.values(), ids=HOSTILE)
def test_a_workbook_made_to_harm_is_refused_with_its_place(
    tmp_path: Path, parts: Parts, harm: Callable[[Parts], Parts], why: str
) -> None:
    path = packed(tmp_path / "方案.xlsx", harm(parts))
    with pytest.raises(IntakeError, match=why):
        read_plan(path, OPTIONS)


def test_a_workbook_cut_off_anywhere_is_refused_in_words(tmp_path: Path, parts: Parts) -> None:
    whole = packed(tmp_path / "方案.xlsx", parts).read_bytes()
    for length in range(1, len(whole), len(whole) // 23):
        (tmp_path / "方案.xlsx").write_bytes(whole[:length])
        with pytest.raises(IntakeError):
            read_source(tmp_path / "方案.xlsx")


def test_a_workbook_with_a_wrong_byte_anywhere_is_read_or_refused_in_words(tmp_path: Path, parts: Parts) -> None:
    path = packed(tmp_path / "方案.xlsx", parts)
    whole = path.read_bytes()
    for at in range(0, len(whole), max(1, len(whole) // 101)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
        try:
            read_plan(path, OPTIONS)
        except IntakeError as error:
            assert "方案.xlsx" in str(error)  # noqa: PT017 - whether it is refused is chance


def test_a_zip_bomb_fills_no_memory(tmp_path: Path, parts: Parts) -> None:
    bomb = with_part(SHEET, rows_instead(b'<row r="1">' + b"<c/>" * 3_000_000 + b"</row>"))(parts)
    path = packed(tmp_path / "方案.xlsx", bomb)
    assert path.stat().st_size < 100_000
    del bomb
    tracemalloc.start()
    try:
        with pytest.raises(IntakeError):
            read_source(path)
        assert tracemalloc.get_traced_memory()[1] < MOST_MEMORY
    finally:
        tracemalloc.stop()


def test_a_sheet_of_too_many_rows_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("duban.intake.files.workbooks.MOST_ROWS", 20)
    with pytest.raises(IntakeError, match="工作表“任务”超过20行"):
        read_plan(workbook(tmp_path, ("任务", [HEADING, *[ROW] * 20])), OPTIONS)


def test_a_part_that_is_encrypted_or_packed_in_another_way_is_refused(tmp_path: Path, parts: Parts) -> None:
    path = tmp_path / "方案.xlsx"
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_BZIP2) as file:
        for name, content in parts.items():
            file.writestr(name, content)
    path.write_bytes(archive.getvalue())
    with pytest.raises(IntakeError, match="压缩方式"):
        read_source(path)
    locked = bytearray(packed(path, parts).read_bytes())
    at = locked.index(b"PK\x01\x02")
    locked[at + 8] |= 1
    path.write_bytes(locked)
    with pytest.raises(IntakeError, match="加密"):
        read_source(path)


def test_a_workbook_with_a_password_is_told_apart_from_an_old_one(tmp_path: Path) -> None:
    path = tmp_path / "方案.xlsx"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le"))
    with pytest.raises(IntakeError, match="打开密码"):
        read_source(path)


def test_what_a_sheet_states_of_its_size_is_not_believed(tmp_path: Path) -> None:
    parts = parts_of(workbook(tmp_path, ("任务", [HEADING, ROW])))
    for size in (b'ref="A1:XFD1048576"', b'ref="A1"', b'ref="A1:B1"'):
        sheet = parts[SHEET]
        begin = sheet.index(b'ref="', sheet.index(b"<dimension"))
        end = sheet.index(b'"', begin + 5) + 1
        path = packed(tmp_path / "方案.xlsx", {**parts, SHEET: sheet[:begin] + size + sheet[end:]})
        result = read_plan(path, OPTIONS)
        assert [task.code for task in result.tasks] == ["KG-01"]


def test_formatted_blanks_to_the_end_of_the_sheet_are_no_content(tmp_path: Path) -> None:
    def format_all(book: openpyxl.Workbook) -> None:
        sheet = book.worksheets[0]
        for column in range(8, 3_000):
            sheet.cell(3, column).number_format = "@"

    result = read_plan(changed(tmp_path, format_all, ("任务", [HEADING, ROW, ROW])), OPTIONS)
    assert [task.code for task in result.tasks] == ["KG-01", "KG-01"]


def test_openpyxl_reads_xml_by_what_forbids_entities() -> None:
    assert openpyxl.DEFUSEDXML
    assert not openpyxl.LXML
