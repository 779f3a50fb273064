"""Which hosts are this machine, and which are named."""

import pytest

from duban.transport import HostError, exact_hosts, host_and_port, is_this_machine, refused_in_plain


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.8.9.10", "::1", "localhost", "LocalHost", "/run/postgresql", "@name"]
)
def test_this_machine_is_what_is_written_as_it(host: str) -> None:
    assert is_this_machine(host)
    assert refused_in_plain("台账数据库", host, (), "…") is None


@pytest.mark.parametrize(
    "host",
    [
        "",
        "0.0.0.0",  # noqa: S104 - nothing is bound to it
        "::",
        "10.0.0.1",
        "127.1",
        "2130706433",
        "localhost.example.test",
        "127.0.0.1.example.test",
        "myhost",
    ],
)
def test_a_host_that_may_be_another_machine_is_not_this_one(host: str) -> None:
    assert not is_this_machine(host)
    assert refused_in_plain("台账数据库", host, (), "…") is not None


def test_hosts_are_named_exactly() -> None:
    named = exact_hosts(" DB.intranet , 10.0.0.5,2001:DB8::5, db.intranet. ,")
    assert named == ("db.intranet", "10.0.0.5", "2001:db8::5")
    for host in ("db.intranet", "Db.Intranet.", "10.0.0.5", "2001:db8:0::5"):
        assert refused_in_plain("台账数据库", host, named, "…") is None
    for host in ("intranet", "other.db.intranet", "db.intranet.example.test", "10.0.0.50", "2001:db8::51"):
        assert refused_in_plain("台账数据库", host, named, "…") is not None


def test_a_refusal_names_host_remedy_and_setting() -> None:
    assert refused_in_plain("台账数据库", "db.intranet", ("db",), "加上证书") == (
        "台账数据库 db.intranet 不在本机，而连接没有加密或不验证对方的证书，已拒绝连接。请加上证书。"
        "如确须明文连接（仅限可信的内部网络），请把 db.intranet 写入 DUBAN_PLAINTEXT_HOSTS。"
    )


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        ("*", "通配符"),
        ("*.intranet", "通配符"),
        ("db.intranet:5432", "不带协议、端口和路径"),
        ("http://db.intranet", "不带协议、端口和路径"),
        ("10.0.0.0/8", "不带协议、端口和路径"),
        (".intranet", "不带协议、端口和路径"),
        ("db intranet", "不带协议、端口和路径"),
    ],
)
def test_what_is_no_exact_host_is_refused(entry: str, why: str) -> None:
    with pytest.raises(HostError, match=why):
        exact_hosts(f"db,{entry}")


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("localhost:7233", "localhost"),
        ("[::1]:7233", "::1"),
        ("十堰.example.test:7233", "十堰.example.test"),
        ("localhost", None),
        ("localhost:0", None),
        ("localhost:65536", None),
        ("localhost:7233@evil.test:7233", None),
        ("localhost:7233/x", None),
        ("user@localhost:7233", None),
        ("http://localhost:7233", None),
        ("local%68ost:7233", None),
        ("", None),
    ],
)
def test_the_host_of_an_address_is_read_only_where_nobody_could_read_another(address: str, host: str | None) -> None:
    assert host_and_port(address) == host
