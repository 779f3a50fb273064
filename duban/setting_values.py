"""What the values of settings must be, beyond their type: each says in words what is wrong with one that is not.

Lists stay the text that they were written as, in one form: a worker that `serve` starts gets them as variables again.
"""

import base64
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, SecretStr
from pydantic_core import PydanticCustomError

from duban.encryption.keys import KeyRing, KeyRingError
from duban.encryption.origins import OriginError, exact_origins
from duban.notices.addresses import NetworkError, networks_of
from duban.notices.clock_times import TimeError, quiet_hours, times_of_day
from duban.transport import HostError, exact_hosts, host_and_port

UNUSABLE = "unusable"
"""Type of an error whose message is our own sentence, without a full stop."""
SHORTEST_CODEC_TOKEN = 32


def _unusable(reason: str) -> PydanticCustomError:
    return PydanticCustomError(UNUSABLE, "{reason}", {"reason": reason})


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
            raise _unusable("内存数据库不能由各进程共用，请写明文件")
        case _:
            raise _unusable("不支持这种数据库")


def _signing_secret(secret: SecretStr) -> SecretStr:
    try:
        key = base64.b64decode(secret.get_secret_value().removeprefix("whsec_"), validate=True)
    except ValueError:  # binascii.Error among them
        key = b""
    if not key:
        raise _unusable("不是 Base64 编码的密钥")
    return secret


def _payload_keys(keys: SecretStr) -> SecretStr:
    try:
        KeyRing.parse(keys.get_secret_value())
    except KeyRingError as error:
        raise _unusable(str(error)) from None
    return keys


def _codec_token(token: SecretStr) -> SecretStr:
    value = token.get_secret_value()
    # It stands in a header; and nobody remembers, or guesses, 32 letters.
    if len(value) < SHORTEST_CODEC_TOKEN or not value.isascii() or not value.isprintable() or " " in value:
        raise _unusable("太短，或含有空格、汉字等不能用的字符")
    return token


def _metrics_address(address: str) -> str:
    if host_and_port(address) is None:
        raise _unusable("不是 主机:端口")
    return address


def _listed(read: Callable[[str], Iterable[object]]) -> AfterValidator:
    """A comma-separated list that `read` can read."""

    def written(text: str) -> str:
        try:
            return ",".join(map(str, read(text)))
        except (OriginError, HostError, NetworkError) as error:
            raise _unusable(str(error)) from None

    return AfterValidator(written)


def _readable(read: Callable[[str], object]) -> AfterValidator:
    """A text that `read` can read; it stays as it is written."""

    def written(text: str) -> str:
        try:
            read(text)
        except TimeError as error:
            raise _unusable(str(error)) from None
        return text

    return AfterValidator(written)


Folder = Annotated[Path, AfterValidator(lambda path: path.expanduser().absolute())]
DatabaseUrl = Annotated[str, AfterValidator(_usable_database)]
SigningSecret = Annotated[SecretStr, AfterValidator(_signing_secret)]
PayloadKeys = Annotated[SecretStr, AfterValidator(_payload_keys)]
CodecToken = Annotated[SecretStr, AfterValidator(_codec_token)]
Origins = Annotated[str, _listed(exact_origins)]
Hosts = Annotated[str, _listed(exact_hosts)]
MetricsAddress = Annotated[str, AfterValidator(_metrics_address)]
Networks = Annotated[str, _listed(networks_of)]
Quiet = Annotated[str, _readable(quiet_hours)]
Times = Annotated[str, _readable(times_of_day)]
