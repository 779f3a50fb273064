"""Log lines say what they are about, and never a secret."""

import io
import json
import logging
import re
from enum import StrEnum
from typing import Any

import pytest
import structlog
from pydantic import BaseModel, SecretStr

from duban.logging import configure_logging, keep_secret, logged_about
from duban.redaction import REDACTED, Redactor, secrets_of
from duban.settings import LogFormat, LogLevel, Settings

PLANTED = "c0rrect-horse/battery+staple"


class Lines(io.StringIO):
    """A stream of log lines, on a terminal or not."""

    def __init__(self, *, terminal: bool = False) -> None:
        super().__init__()
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.getvalue().splitlines()]


@pytest.fixture
def lines() -> Lines:
    stream = Lines()
    configure_logging(Settings(), stream=stream)
    return stream


def test_an_event_is_one_json_line_with_its_moment_level_logger_and_chinese_as_it_is(lines: Lines) -> None:
    structlog.stdlib.get_logger("duban.ledger").info("已登记", tasks=90)
    (event,) = lines.events
    assert event.pop("timestamp").endswith("Z")
    assert event == {"event": "已登记", "tasks": 90, "level": "info", "logger": "duban.ledger"}
    assert "已登记" in lines.getvalue()


def test_what_the_standard_library_logs_goes_the_same_way(lines: Lines) -> None:
    logging.getLogger("alembic").warning("升级到 %s", "0002")
    (event,) = lines.events
    assert (event["event"], event["level"], event["logger"]) == ("升级到 0002", "warning", "alembic")


def test_a_line_says_which_plan_and_task_it_is_about_as_long_as_that_is_so(lines: Lines) -> None:
    log = structlog.stdlib.get_logger()
    with logged_about(plan="KM", task="KM-01"), logged_about(workflow="KM-01", run="r1"):
        log.info("inside")
        logging.getLogger("duban").info("inside too")
    log.info("outside")
    inside, inside_too, outside = lines.events
    for event in (inside, inside_too):
        assert (event["plan"], event["task"], event["workflow"], event["run"]) == ("KM", "KM-01", "KM-01", "r1")
    assert "task" not in outside


def test_what_temporal_adds_to_a_workflows_record_is_kept_in_the_line(lines: Lines) -> None:
    logging.getLogger("temporalio.workflow").info("等待", extra={"temporal_workflow": {"attempt": 1}})
    assert lines.events[0]["temporal_workflow"] == {"attempt": 1}


@pytest.mark.parametrize("library", ["httpx", "httpcore", "temporalio.worker"])
def test_chatty_libraries_are_heard_from_warning_on_even_when_debugging(library: str) -> None:
    stream = Lines()
    configure_logging(Settings(log_level=LogLevel.DEBUG), stream=stream)
    logging.getLogger(library).info("HTTP Request: POST https://gateway/hook")
    logging.getLogger(library).warning("慢")
    logging.getLogger("duban").debug("细节")
    assert [event["event"] for event in stream.events] == ["慢", "细节"]


def test_only_what_is_as_severe_as_chosen_is_written() -> None:
    stream = Lines()
    configure_logging(Settings(log_level=LogLevel.WARNING), stream=stream)
    log = structlog.stdlib.get_logger()
    log.info("轻")
    logging.getLogger("temporalio.workflow").info("轻")
    log.error("重")
    assert [event["event"] for event in stream.events] == ["重"]


def test_setting_up_twice_writes_each_line_once() -> None:
    first, second = Lines(), Lines()
    configure_logging(Settings(), stream=first)
    configure_logging(Settings(), stream=second)
    structlog.stdlib.get_logger().info("一次")
    assert (len(first.events), len(second.events)) == (0, 1)


@pytest.mark.parametrize(
    ("chosen", "terminal", "is_json"),
    [
        (LogFormat.AUTO, False, True),
        (LogFormat.AUTO, True, False),
        (LogFormat.JSON, True, True),
        (LogFormat.CONSOLE, False, False),
    ],
)
def test_lines_are_for_people_on_a_terminal_and_json_elsewhere_unless_chosen(
    chosen: LogFormat, terminal: bool, is_json: bool
) -> None:
    stream = Lines(terminal=terminal)
    configure_logging(Settings(log_format=chosen), stream=stream)
    structlog.stdlib.get_logger().info("你好")
    assert stream.getvalue().startswith("{") is is_json
    assert "你好" in stream.getvalue()


@pytest.mark.parametrize("log_format", [LogFormat.JSON, LogFormat.CONSOLE])
def test_a_secret_told_beforehand_reaches_no_line_by_any_way(log_format: LogFormat) -> None:
    stream = Lines()
    configure_logging(Settings(log_format=log_format), stream=stream)
    keep_secret(PLANTED)
    log = structlog.stdlib.get_logger()
    text = f"text with {PLANTED}"
    log.info(text)
    log.info("positional %s", PLANTED)
    log.info("field", note=PLANTED, deep=[{"list": (PLANTED,)}], raw=PLANTED.encode(), thing=Opaque(PLANTED))
    log.info("name of a field", **{PLANTED: 1})
    log.info("in a url", url="https://gateway/?x=c0rrect-horse%2Fbattery%2Bstaple")
    logging.getLogger("duban").info("stdlib %s", PLANTED)
    try:
        _fails_with(PLANTED)
    except ValueError:
        log.exception("failed")
        logging.getLogger("duban").exception("failed")
    with logged_about(task=PLANTED):
        log.info("context")
    written = stream.getvalue()
    assert PLANTED not in written
    assert "c0rrect-horse" not in written
    assert written.count(REDACTED) >= 12
    assert "Traceback" in written


def _fails_with(text: str) -> None:
    raise ValueError(text)


class Opaque:
    def __init__(self, value: str) -> None:
        self.value = value

    def __repr__(self) -> str:
        return f"Opaque({self.value})"


def test_secrets_of_the_settings_and_of_temporals_variables_are_kept_without_being_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TEMPORAL_API_KEY", "temporal-planted")
    settings = Settings(
        database_url="postgresql://duban:p%40ss-planted@host/duban",
        webhook_url="https://gateway.example/v1/path-token-0123456789?access=query-token-0123456789",  # type: ignore[arg-type] # parsed
        webhook_secret=SecretStr("whsec_c2VjcmV0LXBsYW50ZWQ="),
    )
    stream = Lines()
    configure_logging(settings, stream=stream)
    for text in (
        "temporal-planted", "p@ss-planted", "path-token-0123456789", "query-token-0123456789", "c2VjcmV0LXBsYW50ZWQ=",
    ):  # fmt: skip
        structlog.stdlib.get_logger().info(f"<{text}>")
    assert [event["event"] for event in stream.events] == [f"<{REDACTED}>"] * 5


def test_a_password_is_kept_wherever_a_database_s_address_holds_it() -> None:
    settings = Settings(database_url="postgresql://host/duban?user=duban&password=p%40ss-planted&sslmode=require")
    assert "p@ss-planted" in {*secrets_of(settings, {})}
    assert "require" not in {*secrets_of(settings, {})}


def test_a_path_to_a_key_is_no_secret_and_what_is_too_short_would_blacken_every_line() -> None:
    environment = {"TEMPORAL_TLS_CLIENT_KEY_PATH": "/etc/key.pem", "TEMPORAL_ADDRESS": "host:7233"}
    assert {*secrets_of(Settings(), environment)} <= {""}
    redactor = Redactor()
    redactor.keep("abc")
    assert redactor.text("abc") == "abc"


@pytest.mark.parametrize(
    "name",
    ["secret", "webhook_secret", "token", "accessToken", "api_key", "X-Api-Key", "password", "Authorization", "key"],
)
def test_a_field_named_like_a_secret_shows_none_at_any_depth(name: str) -> None:
    event = Redactor()(None, "info", {"event": "e", name: "planted", "headers": [{name: "planted"}]})
    assert event == {"event": "e", name: REDACTED, "headers": [{name: REDACTED}]}


@pytest.mark.parametrize("name", ["idempotency_key", "monkey", "tokenizer", "task", "keyboard", "secretary"])
def test_a_field_that_only_looks_like_a_secret_is_shown(name: str) -> None:
    assert Redactor()(None, "info", {name: "shown"}) == {name: "shown"}


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        (
            "POST https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=planted 200",
            "POST https://qyapi.weixin.qq.com/cgi-bin/webhook/send?*** 200",
        ),
        ("https://oapi.dingtalk.com/robot/send?access_token=planted", "https://oapi.dingtalk.com/robot/send?***"),
        (
            "（https://open.feishu.cn/open-apis/bot/v2/hook/planted）",
            "（https://open.feishu.cn/open-apis/bot/v2/hook/***）",
        ),
        ("https://hooks.slack.com/services/T0/B0/planted", "https://hooks.slack.com/services/***"),
        ("https://api.telegram.org/bot1:planted/sendMessage", "https://api.telegram.org/bot***"),
        ("postgresql+psycopg://duban:planted@host/duban", "postgresql+psycopg://***@host/duban"),
        ("https://gateway/a#planted", "https://gateway/a#***"),
        ("GET /send?access_token=planted&n=1", "GET /send?access_token=***&n=1"),
        ("Authorization: Bearer planted.planted", "Authorization: Bearer ***"),
        ("Basic cGxhbnRlZA==", "Basic ***"),
        ("password=planted host=db", "password=*** host=db"),
        ("{'api_key': 'planted', 'n': 1}", "{'api_key': ***, 'n': 1}"),
    ],
)
def test_what_has_the_shape_of_a_secret_is_cut_out_of_a_text(text: str, redacted: str) -> None:
    assert Redactor().text(text) == redacted


@pytest.mark.parametrize(
    "text",
    [
        "KM-01/1/e1/phone/1/市发改委",
        "http://127.0.0.1:8233/namespaces/default/workflows/KM-01",
        "催办通知〔2016〕1号：连续“塌进度”16天",
        "https://example.org/bottom/line",
    ],
)
def test_what_is_no_secret_stays_readable(text: str) -> None:
    assert Redactor().text(text) == text


def test_the_longer_of_two_secrets_is_cut_out_whole() -> None:
    redactor = Redactor()
    redactor.keep("planted")
    redactor.keep("planted-and-more")
    assert redactor.text("planted-and-more, planted") == f"{REDACTED}, {REDACTED}"


def test_redacting_changes_nothing_of_what_the_caller_holds() -> None:
    headers = {"token": "planted"}
    Redactor()(None, "info", {"event": "e", "headers": headers})
    assert headers == {"token": "planted"}


def test_values_are_shown_by_what_they_mean() -> None:
    class Level(StrEnum):
        PHONE = "phone"

    class Model(BaseModel):
        secret: SecretStr

    event = Redactor()(None, "info", {"level": Level.PHONE, "lag": 16, "none": None, "m": Model(secret=SecretStr("x"))})
    assert event["level"] == "phone"
    assert (event["lag"], event["none"]) == (16, None)
    assert event["m"].startswith("Model(secret=")
    json.dumps(event)


def test_hundreds_of_secrets_are_made_into_one_net_when_the_first_line_is_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[str] = []

    def counted(pattern: str) -> re.Pattern[str]:
        made.append(pattern)
        return compiled(pattern)

    compiled = re.compile
    monkeypatch.setattr("duban.redaction.re.compile", counted)
    redactor = Redactor()
    for number in range(400):
        redactor.keep(f"first-{number:04}")
    assert redactor.text("a first-0007 b") == "a *** b"
    redactor.keep("later-secret")
    assert redactor.text("a first-0399 later-secret b") == "a *** *** b"
    assert len(made) == 2
