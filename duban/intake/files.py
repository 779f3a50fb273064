"""A text file as a table: what it really is, its encoding, its delimiter, its rows.

Offices save CSV as UTF-8, GB18030 or UTF-16, with commas, tabs or semicolons,
and name things ``.csv`` that are workbooks. All that is settled here; what
leaves this module is rows of text, or an ``IntakeError`` in words.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from duban.intake.columns import fields_in
from duban.intake.problems import IntakeError
from duban.regular_files import NotRegular, TooLarge, read_regular_file

MOST_ROWS = 100_000
LONGEST_CELL = 32_767
"""What a cell of Excel can hold, in characters."""

_MOST_BYTES = 32 * 1024 * 1024
_MOST_COLUMNS = 1_000
_SAVE_AS_CSV = "请在表格软件里另存为“CSV UTF-8（逗号分隔）”后再试。"
_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "PDF 文件"),
    (b"\xd0\xcf\x11\xe0", "旧版 Office 文件（.xls、.doc、.wps）"),
    (b"\x89PNG", "图片"),
    (b"\xff\xd8\xff", "图片"),
    (b"GIF8", "图片"),
    (b"\x1f\x8b", "压缩文件"),
    (b"7z\xbc\xaf", "压缩文件"),
    (b"Rar!", "压缩文件"),
    (b"{\\rtf", "RTF 文档"),
    (b"SQLite format 3", "数据库文件"),
    (b"\x7fELF", "程序文件"),
)
_MARKUP = ("<!doctype", "<html", "<?xml", "<table", "{", "[")
_PLAIN_CONTROLS = frozenset("\t\n\r\f\v\x1a")
_FEW_CONTROLS = 20
"""A text holds one or the other pasted control character; a program or picture holds them everywhere."""
_INVISIBLE = dict.fromkeys((0xAD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A), 0xFEFF))
"""Zero-width marks and directions: two spellings of a body that nobody could tell apart, or a text shown backwards."""
_DELIMITERS = ",\t;，|"
_HEADING_WITHIN = 20
_UTF_16_WITHOUT_MARK = ("utf-16-le", "utf-16-be")


class Row(NamedTuple):
    """A row of the file: its number as a spreadsheet shows it, the first being 1, and its cells."""

    number: int
    cells: tuple[str, ...]


class Table(NamedTuple):
    """All rows that hold anything; ``unclosed_row`` is the row in which a quotation mark was never closed."""

    rows: tuple[Row, ...]
    unclosed_row: int | None


def read_table(path: Path) -> Table:
    """Reads a delimited text file.

    Raises:
        IntakeError: It is missing, empty, not text, too large, or something else than its name says.
    """
    content = _content(path)
    _refuse_other_kinds(path, content)
    text = _decoded(path, content)
    if not text.strip():
        raise IntakeError(f"文件“{path.name}”是空的，没有任务。")
    if text.lstrip()[:200].lower().startswith(_MARKUP):
        raise IntakeError(f"文件“{path.name}”是网页或程序数据，不是 CSV 表格。{_SAVE_AS_CSV}")
    return _rows_of(path, text, _delimiter_of(text))


def _content(path: Path) -> bytes:
    try:
        return read_regular_file(path, _MOST_BYTES)
    except IsADirectoryError:
        raise IntakeError(f"“{path.name}”是文件夹，请给出方案文件。") from None
    except NotRegular:
        raise IntakeError(f"“{path}”是管道或设备，不是文件。请先存为 CSV 文件再试。") from None
    except TooLarge:
        raise IntakeError(f"文件“{path.name}”超过{_MOST_BYTES // 1024 // 1024}兆字节，不像是一份方案。") from None
    except FileNotFoundError:
        raise IntakeError(f"找不到文件“{path}”，请核对文件名和所在位置。") from None
    except (OSError, ValueError) as error:
        raise IntakeError(f"打不开文件“{path}”，请核对权限和磁盘（{type(error).__name__}）。") from error


def _refuse_other_kinds(path: Path, content: bytes) -> None:
    if not content:
        raise IntakeError(f"文件“{path.name}”是空的（0字节）。")
    looks_like_workbook = content.startswith(b"PK") and (b"xl/" in content or b"[Content_Types].xml" in content)
    if looks_like_workbook and path.suffix.lower() in {".xlsx", ".xlsm"}:
        raise IntakeError(f"暂不能直接读取 Excel 工作簿“{path.name}”，后续版本会支持。{_SAVE_AS_CSV}")
    if looks_like_workbook:
        raise IntakeError(f"文件“{path.name}”其实是 Office 文档（如 Excel 工作簿），与扩展名不符。{_SAVE_AS_CSV}")
    if content.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        raise IntakeError(f"文件“{path.name}”其实是压缩文件，不是 CSV 表格。{_SAVE_AS_CSV}")
    for signature, kind in _SIGNATURES:
        if content.startswith(signature):
            raise IntakeError(f"文件“{path.name}”其实是{kind}，不是 CSV 表格。{_SAVE_AS_CSV}")
    if path.suffix.lower() in {".xlsx", ".xls", ".xlsm", ".et", ".ods", ".doc", ".docx", ".pdf"}:
        raise IntakeError(
            f"文件“{path.name}”的内容与扩展名“{path.suffix}”不符。如果它本来就是 CSV 文本，请把扩展名改为 .csv 后再试。"
        )


def _decoded(path: Path, content: bytes) -> str:
    for encoding in _encodings(content):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        text = text.removeprefix("\ufeff")
        if encoding in _UTF_16_WITHOUT_MARK and not ("\n" in text and any(mark in text for mark in _DELIMITERS)):
            continue  # the wrong byte order, or no text at all, decodes too, but into characters without rows
        controls = {char for char in set(text) if char < " " and char not in _PLAIN_CONTROLS}
        if not controls:
            return text.translate(_INVISIBLE)
        if sum(text.count(char) for char in controls) <= _FEW_CONTROLS:
            raise IntakeError(_control_found(path, text, controls))
    raise IntakeError(f"文件“{path.name}”不是文本，或编码认不出来（可用 UTF-8、GB18030、UTF-16）。{_SAVE_AS_CSV}")


def _control_found(path: Path, text: str, controls: set[str]) -> str:
    line = next(number for number, line in enumerate(text.split("\n"), start=1) if controls & set(line))
    codes = "、".join(f"U+{ord(char):04X}" for char in sorted(controls))
    return f"文件“{path.name}”不是干净的文本：第{line}行含有看不见的控制字符（{codes}）。请在表格软件里清除后再试。"


def _encodings(content: bytes) -> tuple[str, ...]:
    if content.startswith(b"\xef\xbb\xbf"):
        return ("utf-8-sig",)
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return ("utf-16",)
    if b"\x00" in content[:4096]:
        return _UTF_16_WITHOUT_MARK
    return ("utf-8", "gb18030")


def _delimiter_of(text: str) -> str:
    """The delimiter under which the first rows name most columns; a comma where none does."""
    beginning = "\n".join(text[: 64 * 1024].splitlines()[:_HEADING_WITHIN])

    def columns_named(delimiter: str) -> int:
        return max(
            (len(fields_in(cells)) for cells in _parsed(beginning.splitlines(keepends=True), delimiter)), default=0
        )

    return max(_DELIMITERS, key=lambda delimiter: (columns_named(delimiter), -_DELIMITERS.index(delimiter)))


def _parsed(lines: Iterable[str], delimiter: str) -> Iterator[list[str]]:
    rows = csv.reader(lines, delimiter=delimiter)
    while True:
        try:
            yield next(rows)
        except (StopIteration, csv.Error):
            return


def _rows_of(path: Path, text: str, delimiter: str) -> Table:
    lines = _Lines(io.StringIO(text, newline=""))
    reader = csv.reader(lines, delimiter=delimiter)
    rows: list[Row] = []
    last_record: list[str] = []
    number = 0
    try:
        for number, cells in enumerate(reader, start=1):
            last_record = lines.take()
            if len(cells) > _MOST_COLUMNS:
                raise IntakeError(f"文件“{path.name}”第{number}行有{len(cells)}栏，不像是一份方案，请检查分隔符。")
            if any(cell.strip() for cell in cells):
                rows.append(Row(number, tuple(cells)))
            if len(rows) > MOST_ROWS:
                raise IntakeError(f"文件“{path.name}”超过{MOST_ROWS}行，不像是一份方案，请分开导入。")
    except csv.Error as error:
        raise IntakeError(
            f"文件“{path.name}”第{number + 1}行读不下去：单元格过长，或引号没有成对。请在表格软件里检查这一行。"
        ) from error
    return Table(tuple(rows), number if _is_unclosed(last_record, delimiter) else None)


def _is_unclosed(record: list[str], delimiter: str) -> bool:
    """Only the last record of a file can be left open: an open quotation mark swallows all that follows."""
    if sum(line.count('"') for line in record) % 2 == 0:
        return False
    try:
        list(csv.reader(record, delimiter=delimiter, strict=True))
    except csv.Error:
        return True
    return False


class _Lines:
    """Hands on the lines of a text and keeps those of the record being read."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self._taken: list[str] = []

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self._taken.append(line)
        return line

    def take(self) -> list[str]:
        """The lines since the last record."""
        taken, self._taken = self._taken, []
        return taken
