"""What a gateway's answer means."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duban.contracts import DeliveryOutcome
from duban.notices.status import LONGEST_WAIT, result_of, waiting_time

NOW = datetime(2016, 7, 18, 1, 0, tzinfo=UTC)

DELIVERED, RETRY, UNDELIVERABLE = DeliveryOutcome.DELIVERED, DeliveryOutcome.RETRY, DeliveryOutcome.UNDELIVERABLE


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        *((status, DELIVERED) for status in (200, 201, 202, 204, 299)),
        *((status, RETRY) for status in (408, 425, 429, 500, 502, 503, 504, 599)),
        *((status, UNDELIVERABLE) for status in (101, 300, 301, 302, 303, 307, 308)),
        *((status, UNDELIVERABLE) for status in (400, 401, 403, 404, 405, 409, 410, 413, 422, 451)),
    ],
)
def test_every_status_has_its_outcome(status: int, outcome: DeliveryOutcome) -> None:
    assert result_of(status, None, NOW).outcome is outcome


def test_an_address_that_is_gone_says_so() -> None:
    assert result_of(410, None, NOW).reason == "接收地址已停用（gone），请停止推送或更换网关地址（HTTP 410）"


def test_a_redirect_names_the_remedy() -> None:
    assert result_of(302, "5", NOW).reason == (
        "网关要求转到其他地址，本系统不跟随转址，请把网关地址改为最终地址（HTTP 302）"
    )
    assert result_of(302, "5", NOW).retry_after is None


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        ("120", timedelta(minutes=2)),
        (" 0 ", timedelta()),
        ("Mon, 18 Jul 2016 01:00:30 GMT", timedelta(seconds=30)),
        ("Mon, 18 Jul 2016 01:00:30 -0000", timedelta(seconds=30)),
        ("Mon, 18 Jul 2016 00:00:00 GMT", timedelta()),
        ("999999999", LONGEST_WAIT),
        ("Tue, 18 Jul 2017 01:00:00 GMT", LONGEST_WAIT),
        (None, None),
        ("", None),
        ("-5", None),
        ("soon", None),
        ("٣", None),
        ("9" * 5000, None),
        ("Mon, 99 Jul 2016 01:00:00 GMT", None),
    ],
)
def test_retry_after_is_read_in_both_forms_and_bounded(header: str | None, wait: timedelta | None) -> None:
    assert waiting_time(header, NOW) == wait
    assert result_of(503, header, NOW).retry_after == wait


@given(st.integers(0, 100_000), st.none() | st.text())
def test_whatever_a_gateway_answers_it_has_an_outcome(status: int, header: str | None) -> None:
    result = result_of(status, header, NOW)
    assert result.reason.endswith(f"（HTTP {status}）")
    assert result.retry_after is None or timedelta() <= result.retry_after <= LONGEST_WAIT
