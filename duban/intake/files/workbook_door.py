"""The door of a workbook: what it would unpack to is measured before anything reads it.

An .xlsx is an archive of XML. A few kilobytes of it can stand for gigabytes, a single row for millions of cells; what
is let in here has bounds, and whoever reads it afterwards fills no more memory than these allow.
"""

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, NamedTuple

from defusedxml.ElementTree import fromstring

from duban.intake.problems import IntakeError

MOST_SHEETS = 100
_MOST_PARTS = 2_000
_MOST_UNPACKED = 100 * 1024 * 1024
_MOST_TAGS = 4_000_000
_MOST_TAGS_IN_A_ROW = 80_000
"""Excel's 16,384 columns, each with what a cell can have."""
_LONGEST_TEXT = 4 * 1024 * 1024
_LONGEST_DIRECTORY = 4 * 1024 * 1024
"""Of the parts that say where the others are."""
_XML_DECLARATION_WITHIN = 8
_CHUNK = 1024 * 1024
_DIRECTORY_ENTRY = b"PK\x01\x02"
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_ROW = re.compile(rb"<row[\s/>]")
_ROW_OF_ANY_PREFIX = re.compile(rb"<(?:[^\s<>/:]+:)?row[\s/>]")
"""Some programs write ``<x:row>``; looking for that at every tag takes several times as long."""
_FORMULA = re.compile(rb"<(?:[^\s<>/:]+:)?f[\s/>]")
_WORKBOOK_TYPES = (
    "spreadsheetml.sheet.main+xml",
    "spreadsheetml.template.main+xml",
    "ms-excel.sheet.macroEnabled.main+xml",
    "ms-excel.template.macroEnabled.main+xml",
)
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_STRICT = "{http://purl.oclc.org/ooxml/spreadsheetml/main}"
_SHEET_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_SAVE_AGAIN = "请用表格软件打开它，另存为“Excel 工作簿（.xlsx）”后再试。"


class Sheet(NamedTuple):
    """A sheet of a workbook.

    Attributes:
        part: Its XML within the archive; empty for a sheet of charts.
        has_layout: It may have merged cells, hidden rows or columns, or formulas.
        tags: How many there are in its XML.
    """

    name: str
    hidden: bool
    part: str
    has_layout: bool = False
    tags: int = 0


class AdmittedWorkbook(NamedTuple):
    """An archive that has passed the door, and its sheets in their order."""

    archive: zipfile.ZipFile
    sheets: tuple[Sheet, ...]


def admit(path: Path, content: bytes) -> AdmittedWorkbook:
    """Measures a workbook and lets it in.

    Raises:
        IntakeError: It is damaged, locked, or would unpack to more than a plan can be.
    """
    if content.count(_DIRECTORY_ENTRY) > _MOST_PARTS:
        raise IntakeError(f"工作簿“{path.name}”里的部件超过{_MOST_PARTS}个，不像是一份方案。{_SAVE_AGAIN}")
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        _measure(path, archive)
        sheets = tuple(_inspected(path, archive, sheet) for sheet in _sheets(path, archive))
        _inspect_together(path, archive, sheets)
    except IntakeError:
        raise
    except Exception as error:  # a damaged archive breaks zipfile, zlib and expat, each in its own ways
        raise damaged(path, error) from error
    return AdmittedWorkbook(archive, sheets)


def damaged(path: Path, error: BaseException, place: str = "") -> IntakeError:
    """What is said of a workbook that cannot be read to its end."""
    where = f"，{place}读不下去" if place else ""
    return IntakeError(f"工作簿“{path.name}”已损坏或不完整{where}（{type(error).__name__}）。{_SAVE_AGAIN}")


def _measure(path: Path, archive: zipfile.ZipFile) -> None:
    """What the archive states is what unpacking gives at most: Python stops there."""
    parts = archive.infolist()
    if any(part.flag_bits & 0x1 for part in parts):
        raise IntakeError(f"工作簿“{path.name}”里有加密的部件，不能读取。请取消密码，另存后再试。")
    if any(part.compress_type not in _METHODS for part in parts):
        raise IntakeError(f"工作簿“{path.name}”的压缩方式不是 Excel 所用的。{_SAVE_AGAIN}")
    unpacked = sum(part.file_size for part in _xml_parts(archive))
    if unpacked > _MOST_UNPACKED:
        megabytes, most = unpacked // 1024 // 1024, _MOST_UNPACKED // 1024 // 1024
        raise IntakeError(
            f"工作簿“{path.name}”解开后有{megabytes}兆字节，超过{most}兆字节的上限，不像是一份方案。"
            "请删去无关的工作表和大片空白格式后再试。"
        )


def _inspect_together(path: Path, archive: zipfile.ZipFile, sheets: Sequence[Sheet]) -> None:
    inspected = {sheet.part for sheet in sheets}
    tags = sum(sheet.tags for sheet in sheets)
    if tags > _MOST_TAGS:
        raise _too_many_cells(path, "")
    for part in _xml_parts(archive):
        if part.filename in inspected:
            continue
        with archive.open(part) as stream:
            while chunk := stream.read(_CHUNK):
                tags += chunk.count(b"<")
                if tags > _MOST_TAGS:
                    raise _too_many_cells(path, "")


def _xml_parts(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """Those that a reader would open; of two with one name it opens the last."""
    return [archive.getinfo(name) for name in set(archive.namelist()) if _is_xml(name)]


def _is_xml(name: str) -> bool:
    return name.lower().endswith((".xml", ".rels", ".vml"))


def _too_many_cells(path: Path, place: str) -> IntakeError:
    return IntakeError(
        f"工作簿“{path.name}”{place}的单元格多得不像是一份方案。请删去无关的工作表、表格以外的空白行列后再试。"
    )


def _sheets(path: Path, archive: zipfile.ZipFile) -> list[Sheet]:
    book = _workbook_part(path, archive)
    root = fromstring(_directory(path, archive, book), forbid_dtd=True)
    if root.tag.startswith(_STRICT):
        raise IntakeError(
            f"工作簿“{path.name}”存成了“Strict Open XML”格式，不能读取。请另存为普通的“Excel 工作簿（.xlsx）”后再试。"
        )
    folder, _, file = book.rpartition("/")
    targets = {
        relation.get("Id"): (relation.get("Type", ""), relation.get("Target", ""))
        for relation in fromstring(_directory(path, archive, f"{folder}/_rels/{file}.rels"), forbid_dtd=True)
    }
    names = set(archive.namelist())
    sheets: list[Sheet] = []
    for entry in root.iterfind(f"{_MAIN}sheets/{_MAIN}sheet"):
        kind, target = targets.get(entry.get(_SHEET_ID), ("", ""))
        part = target[1:] if target.startswith("/") else f"{folder}/{target}"
        is_table = kind.endswith("/worksheet") and part in names
        sheets.append(Sheet(entry.get("name", ""), entry.get("state", "visible") != "visible", part * is_table))
    if len(sheets) > MOST_SHEETS or len({sheet.name for sheet in sheets}) < len(sheets):
        raise IntakeError(f"工作簿“{path.name}”的工作表超过{MOST_SHEETS}张，或有同名的，不像是一份方案。{_SAVE_AGAIN}")
    return sheets


def _workbook_part(path: Path, archive: zipfile.ZipFile) -> str:
    types = fromstring(_directory(path, archive, "[Content_Types].xml"), forbid_dtd=True)
    for override in types:
        kind = override.get("ContentType", "")
        if "sheet.binary" in kind:
            raise IntakeError(f"工作簿“{path.name}”是二进制格式（.xlsb），不能读取。{_SAVE_AGAIN}")
        if kind.endswith(_WORKBOOK_TYPES):
            # Some programs state its type as the default of all XML, without naming the part.
            return override.get("PartName", "/xl/workbook.xml").removeprefix("/")
    raise IntakeError(f"文件“{path.name}”不是 Excel 工作簿。{_SAVE_AGAIN}")


def _directory(path: Path, archive: zipfile.ZipFile, name: str) -> bytes:
    if archive.getinfo(name).file_size > _LONGEST_DIRECTORY:
        raise IntakeError(f"工作簿“{path.name}”的目录大得不像是一份方案。{_SAVE_AGAIN}")
    return archive.read(name)


def _inspected(path: Path, archive: zipfile.ZipFile, sheet: Sheet) -> Sheet:
    """The sheet, once none of its rows is too wide and nothing in it hides from counting.

    Without comments, CDATA and instructions every ``<`` is a tag, so that counting them is exact.
    """
    if not sheet.part:
        return sheet
    place = f"的工作表“{sheet.name}”"
    total, in_row, has_layout = 0, 0, False
    with archive.open(sheet.part) as stream:
        for piece in _up_to_tags(path, stream, place):
            if b"<!" in piece or b"<?" in piece[_XML_DECLARATION_WITHIN:]:
                raise IntakeError(f"工作簿“{path.name}”{place}里有 Excel 不会写的标记。{_SAVE_AGAIN}")
            first, *rows = (_ROW_OF_ANY_PREFIX if b":row" in piece else _ROW).split(piece)
            of_rows = [in_row + first.count(b"<"), *(1 + row.count(b"<") for row in rows)]
            total += sum(of_rows) - in_row
            in_row = of_rows[-1]
            if max(of_rows) > _MOST_TAGS_IN_A_ROW or total > _MOST_TAGS:
                raise _too_many_cells(path, place)
            has_layout = has_layout or _has_layout(piece)
    return sheet._replace(has_layout=has_layout, tags=total)


def _has_layout(piece: bytes) -> bool:
    if b"mergeCell" in piece or b"hidden" in piece:
        return True
    return (b"<f" in piece or b":f" in piece) and _FORMULA.search(piece) is not None


def _up_to_tags(path: Path, stream: IO[bytes], place: str) -> Iterator[bytes]:
    """The stream in pieces that each begin with a tag, so that none is cut in two."""
    rest = b""
    while chunk := stream.read(_CHUNK):
        whole = rest + chunk
        cut = max(whole.rfind(b"<"), 0)
        yield whole[:cut]
        rest = whole[cut:]
        if len(rest) > _LONGEST_TEXT:
            raise IntakeError(f"工作簿“{path.name}”{place}里有长得读不下去的单元格。请缩短后再试。")
    yield rest
