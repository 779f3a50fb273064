"""Where a gateway may be, told by a resolver of the test's own."""

import ipaddress
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duban.notices.addresses import (
    AddressRefused,
    NetworkError,
    Resolver,
    checked_addresses,
    literal_refusal,
    networks_of,
    refusal_of,
)

NAME = "gateway.example.test"
PUBLIC = ("93.184.216.34", "2606:2800:220:1::1")


def answering(*addresses: str) -> Resolver:
    async def resolve(_host: str, _port: int) -> Sequence[str]:
        return addresses

    return resolve


async def checked(*addresses: str, host: str = NAME, allowed: str = "") -> list[str]:
    found = await checked_addresses(host, 443, networks_of(allowed), answering(*addresses))
    return [str(address) for address in found]


INSIDE = [
    "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1",  # private
    "100.64.0.1", "192.0.0.8", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "192.88.99.1", "240.0.0.1",
    "127.0.0.1", "127.9.9.9", "::1",  # this machine, reached by a name that does not say so
    "fc00::1", "fd12:3456::1", "fec0::1", "2001:db8::1", "100::1", "64:ff9b:1::1", "2001::1",
    "::ffff:10.1.2.3", "::ffff:127.0.0.1", "::10.1.2.3", "2002:a01:203::1", "64:ff9b::a01:203", "64:ff9b::7f00:1",
]  # fmt: skip
NOWHERE = [
    "0.0.0.0", "0.1.2.3", "::",  # noqa: S104 - nothing is bound to it
    "169.254.169.254", "169.254.1.1", "fe80::1", "fe80::1%eth0", "224.0.0.1", "239.1.1.1",
    "255.255.255.255", "ff02::1", "100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:ec2::254",
    "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1",
]  # fmt: skip


@pytest.mark.parametrize("address", PUBLIC)
async def test_a_public_address_may_be_a_gateway_s(address: str) -> None:
    assert await checked(address) == [address]
    assert literal_refusal(address, ()) is None


@pytest.mark.parametrize("address", INSIDE)
async def test_a_name_that_leads_inside_is_refused_with_the_setting_that_would_allow_it(address: str) -> None:
    with pytest.raises(AddressRefused, match=r"内部地址.*写入 DUBAN_WEBHOOK_NETWORKS$"):
        await checked(address)


@pytest.mark.parametrize("address", NOWHERE)
async def test_where_no_gateway_can_be_nothing_is_sent_whatever_is_allowed(address: str) -> None:
    with pytest.raises(AddressRefused, match="它不可能是网关"):
        await checked(address, allowed="0.0.0.0/1,128.0.0.0/1,::/1,8000::/1")


@pytest.mark.parametrize("bad", ["10.1.2.3", "169.254.169.254"])
@pytest.mark.parametrize("order", [1, -1])
async def test_one_bad_address_among_good_ones_refuses_the_name(bad: str, order: int) -> None:
    with pytest.raises(AddressRefused, match=bad):
        await checked(*[PUBLIC[0], bad, PUBLIC[1]][::order])


async def test_a_listed_network_is_allowed_and_no_other() -> None:
    assert await checked("10.1.2.3", "10.1.255.255", allowed="10.1.0.0/16") == ["10.1.2.3", "10.1.255.255"]
    assert len(await checked("::ffff:10.1.2.3", allowed="10.1.0.0/16")) == 1
    assert await checked("127.0.0.1", allowed="127.0.0.0/8") == ["127.0.0.1"]
    with pytest.raises(AddressRefused, match=r"10\.2\.0\.1"):
        await checked("10.2.0.1", allowed="10.1.0.0/16")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1"])
async def test_this_machine_needs_no_listing_where_it_is_written_as_such(host: str) -> None:
    assert await checked("127.0.0.1", host=host) in (["127.0.0.1"], ["::1"])


@pytest.mark.parametrize("elsewhere", ["10.1.2.3", *PUBLIC])
async def test_the_name_of_this_machine_must_lead_here(elsewhere: str) -> None:
    with pytest.raises(AddressRefused, match="应为本机，却解析为"):
        await checked(elsewhere, host="localhost", allowed="10.0.0.0/8")


async def test_an_address_inside_another_is_shown_with_what_it_means() -> None:
    with pytest.raises(AddressRefused, match=r"64:ff9b::a01:203（即 10\.1\.2\.3）"):
        await checked("64:ff9b::a01:203")


async def test_a_name_that_cannot_be_asked_for_is_one_that_is_not_found() -> None:
    async def unspeakable(_host: str, _port: int) -> Sequence[str]:
        raise UnicodeError("label too long")

    for resolve in (unspeakable, answering()):
        with pytest.raises(OSError, match=r"^(not a host name|no address)$"):
            await checked_addresses("x" * 70, 443, (), resolve)


@pytest.mark.parametrize("listed", ["10.1.2.3/16", "intranet", "0.0.0.0/0", "10.0.0.0/8,::/0", "10.0.0.0/33"])
def test_a_list_of_networks_that_is_none_or_allows_everything_is_refused(listed: str) -> None:
    with pytest.raises(NetworkError):
        networks_of(listed)


@given(st.ip_addresses(v=4, network="10.0.0.0/8"), st.sampled_from(["::ffff:0:0", "64:ff9b::", "2002::"]))
def test_no_wrapping_of_a_private_address_lets_it_pass(inside: ipaddress.IPv4Address, wrapping: str) -> None:
    base = int(ipaddress.IPv6Address(wrapping))
    wrapped = ipaddress.IPv6Address(base | int(inside) << (80 if wrapping == "2002::" else 0))
    assert refusal_of(NAME, wrapped, ()) is not None
    assert refusal_of(NAME, wrapped, networks_of("10.0.0.0/8")) is None
