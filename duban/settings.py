"""Everything that a deployment may set, in one place, read from the environment.

The variables are the fields' names in capitals with `DUBAN_` in front. How to reach Temporal is not among them: that is
said in Temporal's own variables (`TEMPORAL_ADDRESS`, `TEMPORAL_NAMESPACE`, `TEMPORAL_PROFILE` …), read by
`temporalio.envconfig`.

An empty variable counts as unset. A variable that begins with `DUBAN_` and is none of ours is an error, because a
mistyped `DUBAN_DATABASE_URL` would otherwise open an empty ledger without a word.
"""

import base64
import difflib
import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Self

from platformdirs import user_data_path
from pydantic import AfterValidator, Field, HttpUrl, SecretStr, ValidationError, model_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "DUBAN_"


class SettingsError(Exception):
    """The environment cannot be used as it is; the text names each variable and its remedy, in Chinese."""


class NoticeChannel(StrEnum):
    """Where notices are delivered."""

    OUTBOX = "outbox"
    """Written as files into `outbox_dir`: complete without any gateway."""
    WEBHOOK = "webhook"
    """Posted to `webhook_url`."""


class LogFormat(StrEnum):
    """How log lines are written."""

    AUTO = "auto"
    """`CONSOLE` on a terminal, `JSON` elsewhere."""
    JSON = "json"
    CONSOLE = "console"


class LogLevel(StrEnum):
    """The least severe log line that is written."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


def _usable_database(url: str) -> str:
    scheme, separator, rest = url.partition("://")
    match scheme if separator else "":
        case "postgres" | "postgresql":
            # What every hosting panel shows; SQLAlchemy would take it for a driver that is not installed.
            return f"postgresql+psycopg://{rest}"
        case "postgresql+psycopg":
            return url
        case "sqlite" if rest.strip("/") and ":memory:" not in rest:
            return url
        case "sqlite":
            raise PydanticCustomError("database_in_memory", "内存数据库不能由各进程共用，请写明文件")
        case _:
            raise PydanticCustomError("database_unknown", "不支持这种数据库")


def _signing_secret(secret: SecretStr) -> SecretStr:
    try:
        key = base64.b64decode(secret.get_secret_value().removeprefix("whsec_"), validate=True)
    except ValueError:  # binascii.Error among them
        key = b""
    if not key:
        raise PydanticCustomError("webhook_secret", "不是 Base64 编码的密钥")
    return secret


Folder = Annotated[Path, AfterValidator(lambda path: path.expanduser().absolute())]


class Settings(BaseSettings):
    """The settings of one process. Descriptions are Chinese: an error shows them to the person who mends it."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,
        frozen=True,
        extra="forbid",
        validate_default=True,
        hide_input_in_errors=True,
    )

    home: Folder = Field(
        default_factory=lambda: user_data_path("duban", appauthor=False),
        description="内置默认方式下存放台账、待发文件和日志的目录",
    )
    """Files of the embedded default: the SQLite ledger, the outbox, the dev server's state and log."""

    database_url: Annotated[str, AfterValidator(_usable_database)] = Field(
        default_factory=lambda chosen: f"sqlite:///{chosen['home'] / 'duban.db'}",
        repr=False,  # it may hold a password
        description="台账数据库，如 sqlite:////var/lib/duban/duban.db 或 postgresql://user:password@host/duban",
    )
    """SQLAlchemy URL of the ledger: SQLite in `home` unless set, or PostgreSQL (psycopg 3)."""

    regime_dir: Folder | None = Field(default=None, description="存放本地制度文件（*.yaml）的目录")
    """A folder of regime files of one's own, read besides those that come with Duban."""

    task_queue: str = Field(default="duban", min_length=1, max_length=1000, description="Temporal 任务队列名称")
    """The Temporal task queue that workers poll and clients start on."""

    build_id: str | None = Field(default=None, max_length=255, description="工作进程的版本号，设置后启用版本管理")
    """Turns on worker versioning (auto-upgrade) under this id; unset, the worker is unversioned."""

    max_concurrent_activities: int = Field(
        default=50, ge=1, le=1000, description="一个工作进程同时执行的活动数，1 至 1000 的整数"
    )
    """Activities that one worker runs at once, which is also the size of its thread pool."""

    channel: NoticeChannel = Field(
        default=NoticeChannel.OUTBOX, description="通知的送达渠道：outbox（写成文件）或 webhook（推送到网关）"
    )
    """Where notices are delivered."""

    outbox_dir: Folder = Field(
        default_factory=lambda chosen: chosen["home"] / "outbox", description="outbox 渠道写入通知文件的目录"
    )
    """Folder of the `outbox` channel."""

    webhook_url: HttpUrl | None = Field(
        default=None,
        repr=False,  # a group robot's token stands in its URL
        description="webhook 渠道的网关地址，以 http:// 或 https:// 开头",
    )
    """Gateway of the `webhook` channel; required by it."""

    webhook_secret: Annotated[SecretStr, AfterValidator(_signing_secret)] | None = Field(
        default=None, description="webhook 签名密钥：Base64 编码，可带 whsec_ 前缀"
    )
    """Standard-Webhooks signing secret; deliveries are unsigned without it."""

    webhook_timeout_seconds: float = Field(
        default=10.0, gt=0, le=300, description="等待网关答复的秒数，大于 0 且不超过 300"
    )
    """Seconds that one delivery waits for the gateway's answer."""

    log_format: LogFormat = Field(default=LogFormat.AUTO, description="日志格式：auto、json 或 console")
    """Format of log lines on stderr."""

    log_level: LogLevel = Field(default=LogLevel.INFO, description="日志级别：debug、info、warning 或 error")
    """The least severe log line that is written."""

    @model_validator(mode="after")
    def _webhook_has_an_address(self) -> Self:
        if self.channel is NoticeChannel.WEBHOOK and self.webhook_url is None:
            raise PydanticCustomError(
                "webhook_url_missing", "DUBAN_CHANNEL 为 webhook，但没有设置 DUBAN_WEBHOOK_URL：请设置网关地址"
            )
        return self


def load_settings(**overrides: Any) -> Settings:
    """Reads the settings from the environment.

    Args:
        overrides: Fields given on the command line; they win over the environment.

    Raises:
        SettingsError: A value cannot be used, or a variable beginning with `DUBAN_` is unknown.
    """
    problems = [_unknown(name) for name in sorted(os.environ) if _is_foreign(name)]
    try:
        settings = Settings(**overrides)
    except ValidationError as error:
        problems += _explained(error)
    else:
        if not problems:
            return settings
    raise SettingsError("设置有误：\n" + "\n".join(f"  {problem}" for problem in problems)) from None


def variable(field: str) -> str:
    """The name of the environment variable of a field."""
    return PREFIX + field.upper()


def _is_foreign(name: str) -> bool:
    return name.startswith(PREFIX) and name.removeprefix(PREFIX).lower() not in Settings.model_fields


def _unknown(name: str) -> str:
    near = difflib.get_close_matches(name, [variable(field) for field in Settings.model_fields], n=1)
    return f"{name}：没有这个变量。" + (f"是否应为 {near[0]}？" if near else "请删除它，或核对名称。")


def _explained(error: ValidationError) -> list[str]:
    lines = []
    for problem in error.errors(include_url=False, include_input=False, include_context=False):
        if problem["type"] == "default_factory_not_called":  # a default that waits for a field named in another line
            continue
        fields = [part for part in problem["loc"] if isinstance(part, str) and part in Settings.model_fields]
        if not fields:
            lines.append(problem["msg"])
            continue
        reason = problem["msg"] if problem["type"] in _OUR_REASONS else "值无效"
        lines.append(f"{variable(fields[0])}：{reason}。应为：{Settings.model_fields[fields[0]].description}。")
    return lines


_OUR_REASONS = frozenset({"database_in_memory", "database_unknown", "webhook_secret"})
