"""Secrets by name, as the channels file refers to them: a variable of the environment, or a file of the folder.

Never in the channels file itself: it is written, copied and shown by people. The environment wins over a file.
"""

import os
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, SecretStr

from duban.secret_files import fault_of

_TAKEN = ("DUBAN_", "TEMPORAL_")


class SecretMissing(Exception):
    """A secret cannot be had; the text says why and what to do, in Chinese, without a full stop."""


def _name(text: str) -> str:
    if "://" in text:
        raise ValueError(
            "地址里有机器人的口令，不能写在文件里。请把地址存入 DUBAN_SECRETS_DIR 目录下的一个文件（如 WECOM_ROBOT），"
            "这里只写文件名"
        )
    if not text.isascii() or not text.isidentifier() or not 3 <= len(text) <= 64:
        raise ValueError(
            "这里只写机密的名称（字母、数字和下划线，如 WECOM_ROBOT），机密本身存入 DUBAN_SECRETS_DIR 目录下的同名文件"
        )
    if text.upper().startswith(_TAKEN):
        raise ValueError("DUBAN_ 和 TEMPORAL_ 开头的名称另有用途，请换一个名称")
    return text


SecretName = Annotated[str, AfterValidator(_name)]


class NamedSecrets:
    """Where secrets are looked up."""

    def __init__(self, folder: Path | None) -> None:
        """Takes `DUBAN_SECRETS_DIR`, if there is one."""
        self._folder = folder

    def get(self, name: str) -> SecretStr:
        """A secret by its name.

        Raises:
            SecretMissing: There is none, or its file cannot be used.
        """
        if value := os.environ.get(name, "").strip():
            return SecretStr(value)
        if self._folder is None:
            raise SecretMissing(f"没有环境变量 {name}，也没有设置 DUBAN_SECRETS_DIR。请建立机密目录，放入文件 {name}")
        path = self._folder / name
        if not path.exists():
            raise SecretMissing(
                f"没有环境变量 {name}，目录 {self._folder} 中也没有文件 {name}。请核对名称，或放入该文件"
            )
        if fault := fault_of(path):
            raise SecretMissing(f"机密文件 {path} {fault.removesuffix('。')}")
        return SecretStr(path.read_text("utf-8").strip())
