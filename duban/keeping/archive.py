"""The archive: a tar file with the manifest first. Whole or not there, for its owner alone, never trusted when read."""

import os
import re
import tarfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

from pydantic import ValidationError

from duban.keeping.manifest import FORMAT, LEDGER, MANIFEST, REGIMES, TEMPORAL, KeepingError, Manifest, part_of
from duban.ledger.database.sqlite_files import keep_entries

OWNER_ONLY = 0o600
_MOST_BYTES_OF_MANIFEST = 1 << 20
_CHUNK = 1 << 20
_REGIME = re.compile(rf"{REGIMES}[^/\\\x00-\x1f]+\.ya?ml")


def write_archive(target: Path, manifest: Manifest, files: Mapping[str, Path]) -> None:
    """Write an archive beside its place, and move it there when it is whole.

    Args:
        files: The parts by their names.
    """
    unfinished = target.with_name(f".{target.name}.part")
    try:
        handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, OWNER_ONLY)
        with os.fdopen(handle, "wb") as opened:
            with tarfile.open(fileobj=opened, mode="w", format=tarfile.PAX_FORMAT) as tar:
                said = manifest.model_dump_json(indent=1).encode()
                tar.addfile(_member(MANIFEST, len(said)), BytesIO(said))
                for part in manifest.parts:
                    with files[part.name].open("rb") as content:
                        tar.addfile(_member(part.name, part.size), content)
            opened.flush()
            os.fsync(opened.fileno())
        # A link, not a move: it does not replace a file that has come to be there meanwhile.
        os.link(unfinished, target)
    except FileExistsError:
        raise KeepingError(f"“{target}”已经存在，没有覆盖。请另写文件名。") from None
    finally:
        unfinished.unlink(missing_ok=True)
    keep_entries(target.parent)


def read_manifest(archive: Path) -> Manifest:
    """What an archive says that it holds.

    Raises:
        KeepingError: It is no backup, or one of a later release.
    """
    try:
        with tarfile.open(archive, mode="r:") as tar:
            return _manifest(tar, archive)
    except tarfile.TarError:
        raise _no_backup(archive) from None


def unpack(archive: Path, folder: Path) -> Manifest:
    """Write the parts of an archive into a folder, each compared with what the manifest says of it.

    Raises:
        KeepingError: It is no backup, or one that is damaged.
    """
    try:
        with tarfile.open(archive, mode="r:") as tar:
            manifest = _manifest(tar, archive)
            wanted = {part.name: part for part in manifest.parts}
            while (member := tar.next()) is not None:
                part = wanted.pop(member.name, None)
                if part is None or not member.isreg() or member.size != part.size:
                    raise KeepingError(f"备份“{archive}”的内容与清单不符（{member.name}），已损坏或被改动，不能使用。")
                file = folder / part.name
                file.parent.mkdir(parents=True, exist_ok=True)
                _extract(tar, member, file)
                if part_of(part.name, file) != part:
                    raise KeepingError(f"备份“{archive}”中的 {part.name} 与清单不符，已损坏或被改动，不能使用。")
    except tarfile.TarError:
        raise KeepingError(f"备份“{archive}”已损坏或不完整，不能使用。") from None
    if wanted:
        raise KeepingError(f"备份“{archive}”不完整，缺少 {'、'.join(wanted)}，不能使用。")
    return manifest


def _manifest(tar: tarfile.TarFile, archive: Path) -> Manifest:
    first = tar.next()
    if first is None or first.name != MANIFEST or not first.isreg() or first.size > _MOST_BYTES_OF_MANIFEST:
        raise _no_backup(archive)
    content = tar.extractfile(first)
    try:
        manifest = Manifest.model_validate_json(content.read() if content else b"")
    except ValidationError:
        raise KeepingError(f"“{archive}”的清单无法读取：可能由更新的版本写成，请用该版本恢复。") from None
    if manifest.format != FORMAT:
        raise KeepingError(f"备份“{archive}”由更新的版本写成（格式 {manifest.format}），请用该版本恢复。")
    names = [part.name for part in manifest.parts]
    if len(set(names)) != len(names) or LEDGER not in names or not all(map(_is_ours, names)):
        raise _no_backup(archive)
    return manifest


def _is_ours(name: str) -> bool:
    """Nothing else is written anywhere, whatever an archive says."""
    return name in (LEDGER, TEMPORAL) or _REGIME.fullmatch(name) is not None


def _no_backup(archive: Path) -> KeepingError:
    return KeepingError(f"“{archive}”不是督办的备份。请使用 starter.py backup 写出的文件。")


def _member(name: str, size: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, OWNER_ONLY
    return member


def _extract(tar: tarfile.TarFile, member: tarfile.TarInfo, file: Path) -> None:
    content = tar.extractfile(member)
    if content is None:
        raise tarfile.TarError(member.name)
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
    with content, os.fdopen(handle, "wb") as written:
        while chunk := content.read(_CHUNK):
            written.write(chunk)
        written.flush()
        os.fsync(written.fileno())
