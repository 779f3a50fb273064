"""A text file as a table: its encoding, its delimiter, its rows.

Offices save CSV as UTF-8, GB18030 or UTF-16, with commas, tabs or semicolons. All that is settled here; what
leaves this module is rows of text, or an ``IntakeError`` in words.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from pathlib import Path

from duban.intake.files.tables import MOST_COLUMNS, MOST_ROWS, Row, Table
from duban.intake.problems import IntakeError
from duban.intake.sheets.columns import fields_in
from duban.intake.spelling import without_invisible

SAVE_AS_CSV = "请在表格软件里另存为“Excel 工作簿（.xlsx）”或“CSV UTF-8（逗号分隔）”后再试。"
_MARKUP = ("<!doctype", "<html", "<?xml", "<table", "{", "[")
_PLAIN_CONTROLS = frozenset("\t\n\r\f\v\x1a")
_FEW_CONTROLS = 20
"""A text holds one or the other pasted control character; a program or picture holds them everywhere."""
_DELIMITERS = ",\t;，|"
_HEADING_WITHIN = 20
_UTF_16_WITHOUT_MARK = ("utf-16-le", "utf-16-be")


def read_delimited(path: Path, content: bytes) -> Table:
    """Reads a delimited text.

    Args:
        path: Of the file, for what is said about it.
        content: Its bytes, which are none of another kind of file.

    Raises:
        IntakeError: It is empty, not text, or too large.
    """
    text = decoded(path, content)
    if not text.strip():
        raise IntakeError(f"文件“{path.name}”是空的，没有任务。")
    if text.lstrip()[:200].lower().startswith(_MARKUP):
        raise IntakeError(f"文件“{path.name}”是网页或程序数据，不是方案表格。{SAVE_AS_CSV}")
    return _rows_of(path, text, _delimiter_of(text))


def decoded(path: Path, content: bytes) -> str:
    """The text of a file in one of the encodings that offices use, without marks that nobody sees.

    Raises:
        IntakeError: It is no text, or holds control characters.
    """
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
            return without_invisible(text)
        if sum(text.count(char) for char in controls) <= _FEW_CONTROLS:
            raise IntakeError(_control_found(path, text, controls))
    raise IntakeError(f"文件“{path.name}”不是文本，或编码认不出来（可用 UTF-8、GB18030、UTF-16）。{SAVE_AS_CSV}")


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
            if len(cells) > MOST_COLUMNS:
                raise IntakeError(f"文件“{path.name}”第{number}行有{len(cells)}栏，不像是一份方案，请检查分隔符。")
            if any(cell.strip() for cell in cells):
                rows.append(Row(number, tuple(cells)))
            if len(rows) > MOST_ROWS:
                raise IntakeError(f"文件“{path.name}”超过{MOST_ROWS}行，不像是一份方案，请分开导入。")
    except csv.Error as error:
        raise IntakeError(
            f"文件“{path.name}”第{number + 1}行读不下去：单元格过长，或引号没有成对。请在表格软件里检查这一行。"
        ) from error
    return Table(tuple(rows), unclosed_row=number if _is_unclosed(last_record, delimiter) else None)


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
