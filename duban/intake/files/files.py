"""What a plan file really is, whatever its name says, and then its rows: CSV, a workbook, or YAML."""

from pathlib import Path

from duban.intake.files.delimited import SAVE_AS_CSV, read_delimited
from duban.intake.files.tables import Source
from duban.intake.files.workbooks import read_workbook
from duban.intake.problems import IntakeError
from duban.intake.yaml_plans import read_yaml_plan
from duban.regular_files import NotRegular, TooLarge, read_regular_file

WORKBOOK_SUFFIXES = frozenset({".xlsx", ".xlsm"})
YAML_SUFFIXES = frozenset({".yaml", ".yml"})
_MOST_BYTES = 32 * 1024 * 1024
_OTHER_SUFFIXES = frozenset({*WORKBOOK_SUFFIXES, ".xls", ".xlsb", ".et", ".ods", ".doc", ".docx", ".pdf"})
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
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"
_LOCKED = "EncryptedPackage".encode("utf-16-le")
_OPEN_DOCUMENT = b"mimetypeapplication/vnd.oasis.opendocument"


def read_source(path: Path) -> Source:
    """Reads a plan file as rows of text.

    Raises:
        IntakeError: It is missing, empty, too large, or nothing that holds a plan.
    """
    content = content_of(path)
    suffix = path.suffix.lower()
    if _is_office_document(content):
        if suffix not in WORKBOOK_SUFFIXES:
            raise IntakeError(
                f"文件“{path.name}”其实是 Office 文档（如 Excel 工作簿），与扩展名不符。"
                "如果是 Excel 工作簿，请把扩展名改为 .xlsx 后再试。"
            )
        return read_workbook(path, content)
    _refuse_other_kinds(path, content)
    if suffix in YAML_SUFFIXES:
        return read_yaml_plan(path, content)
    return Source(path.stem, (read_delimited(path, content),))


def content_of(path: Path) -> bytes:
    """The bytes of a plan file.

    Raises:
        IntakeError: It cannot be opened, or is too large.
    """
    try:
        return read_regular_file(path, _MOST_BYTES)
    except IsADirectoryError:
        raise IntakeError(f"“{path.name}”是文件夹，请给出方案文件。") from None
    except NotRegular:
        raise IntakeError(f"“{path}”是管道或设备，不是文件。请先存为文件再试。") from None
    except TooLarge:
        raise IntakeError(f"文件“{path.name}”超过{_MOST_BYTES // 1024 // 1024}兆字节，不像是一份方案。") from None
    except FileNotFoundError:
        raise IntakeError(f"找不到文件“{path}”，请核对文件名和所在位置。") from None
    except (OSError, ValueError) as error:
        raise IntakeError(f"打不开文件“{path}”，请核对权限和磁盘（{type(error).__name__}）。") from error


def _is_office_document(content: bytes) -> bool:
    return content.startswith(b"PK") and (b"xl/" in content or b"[Content_Types].xml" in content)


def _refuse_other_kinds(path: Path, content: bytes) -> None:
    if not content:
        raise IntakeError(f"文件“{path.name}”是空的（0字节）。")
    if content.startswith(b"PK") and _OPEN_DOCUMENT in content[:200]:
        raise IntakeError(f"文件“{path.name}”是 OpenDocument 文件（.ods 等），不能直接读取。{SAVE_AS_CSV}")
    if content.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        raise IntakeError(f"文件“{path.name}”其实是压缩文件，不是方案表格。{SAVE_AS_CSV}")
    if content.startswith(_OLD_OFFICE) and _LOCKED in content:
        raise IntakeError(f"文件“{path.name}”设有打开密码，不能读取。请在表格软件里取消密码，另存后再试。")
    for signature, kind in _SIGNATURES:
        if content.startswith(signature):
            raise IntakeError(f"文件“{path.name}”其实是{kind}，不是方案表格。{SAVE_AS_CSV}")
    if path.suffix.lower() in _OTHER_SUFFIXES:
        raise IntakeError(
            f"文件“{path.name}”的内容与扩展名“{path.suffix}”不符。如果它本来就是 CSV 文本，请把扩展名改为 .csv 后再试。"
        )
