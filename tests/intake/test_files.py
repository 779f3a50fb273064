"""Files as they arrive: encodings, delimiters, and files that are not what their name says."""

import io
import zipfile
from pathlib import Path

import pytest

from duban.intake.files.files import read_source
from duban.intake.files.tables import MOST_ROWS, Table
from duban.intake.problems import IntakeError

HEADING = "编号,事项,牵头单位,完成时限"
PLAN = f"{HEADING}\r\nA-1,统一收件窗口,市财政局,6月底\r\n"
CELLS = ("A-1", "统一收件窗口", "市财政局", "6月底")


def written(folder: Path, content: bytes, name: str = "方案.csv") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def read_table(path: Path) -> Table:
    (table,) = read_source(path).tables
    return table


def workbook() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return packed.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_file_is_read_in_every_encoding_that_offices_save(tmp_path: Path, encoding: str) -> None:
    assert read_table(written(tmp_path, PLAN.encode(encoding))).rows[1].cells == CELLS


@pytest.mark.parametrize("delimiter", ["\t", ";", "，", "|"])
def test_a_file_is_read_whatever_parts_its_columns(tmp_path: Path, delimiter: str) -> None:
    content = PLAN.replace(",", delimiter).encode()
    assert read_table(written(tmp_path, content)).rows[1].cells == CELLS


def test_a_row_has_the_number_that_a_spreadsheet_shows(tmp_path: Path) -> None:
    text = f'{HEADING}\n\nA-1,"跨\n三\n行",市财政局,6月底\n,,,\nA-2,"称""好差评""制度",市财政局,6月底\n'
    rows = read_table(written(tmp_path, text.encode())).rows
    assert [row.number for row in rows] == [1, 3, 5]
    assert rows[2].cells[1] == '称"好差评"制度'


def test_a_quotation_mark_that_is_never_closed_is_found_in_its_row(tmp_path: Path) -> None:
    text = f'{HEADING}\nA-1,"统一收件窗口,市财政局,6月底\nA-2,另一项,市财政局,7月底\n'
    assert read_table(written(tmp_path, text.encode())).unclosed_row == 2


def test_an_inch_mark_inside_a_cell_is_no_open_quotation(tmp_path: Path) -> None:
    text = f'{HEADING}\nA-1,换装55"大屏,市财政局,6月底\n'
    assert read_table(written(tmp_path, text.encode())).unclosed_row is None


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("方案.csv", b"", "是空的"),
        ("方案.csv", b" \r\n \n", "是空的"),
        ("方案.csv", workbook(), "其实是 Office 文档"),
        ("方案.xlsx", workbook(), "不完整"),
        ("方案.xlsx", PLAN.encode(), "扩展名"),
        ("方案.csv", b"PK\x03\x04 packed", "压缩文件"),
        ("方案.csv", b"%PDF-1.7\n", "PDF"),
        ("方案.csv", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "旧版 Office"),
        ("方案.csv", b"\x89PNG\r\n\x1a\n", "图片"),
        ("方案.csv", b"<html><table></table></html>", "网页"),
        ("方案.csv", bytes(range(256)) * 8, "不是文本"),
        ("方案.csv", PLAN.encode().replace(b"A", b"\x00"), "不是文本"),
        ("方案.csv", b"\xff\xfe\x00", "不是文本"),
    ],
    ids=lambda value: value if isinstance(value, str) else "内容",
)
def test_a_file_that_is_not_what_its_name_says_is_refused_in_words(
    tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    with pytest.raises(IntakeError, match=said):
        read_table(written(tmp_path, content, name))


def test_a_missing_file_and_a_folder_are_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(IntakeError, match="找不到文件"):
        read_table(tmp_path / "没有.csv")
    with pytest.raises(IntakeError, match="是文件夹"):
        read_table(tmp_path)


def test_a_file_of_too_many_rows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(IntakeError, match=f"超过{MOST_ROWS}行"):
        read_table(written(tmp_path, f"{HEADING}\n".encode() + b"1,a,b,c\n" * (MOST_ROWS + 1)))


def test_a_cell_too_long_for_the_reader_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(IntakeError, match="第2行"):
        read_table(written(tmp_path, f"{HEADING}\nA-1,{'长' * 200_000},市财政局,6月底\n".encode()))


def test_a_pasted_control_character_is_refused_with_its_line(tmp_path: Path) -> None:
    text = f"{HEADING}\nA-1,统一收件\x07窗口,市财政局,6月底\n"
    with pytest.raises(IntakeError, match="第2行含有看不见的控制字符（U\\+0007）"):
        read_table(written(tmp_path, text.encode()))


def test_marks_that_nobody_sees_are_left_out(tmp_path: Path) -> None:
    text = f"{HEADING}\nA-1,统一\u200b收件窗口,\u202e市财政局\u202c,6月\ufeff底\n"
    assert read_table(written(tmp_path, text.encode())).rows[1].cells == CELLS
