"""What a client certificate of ours says of itself: a server that refuses it only breaks the connection off."""

from datetime import UTC, datetime

from cryptography import x509


def fault_of_certificate(chain: bytes, now: datetime | None = None) -> str | None:
    """What is wrong with our certificate by itself, in Chinese; None where nothing is.

    Args:
        chain: PEM, our own certificate first.
        now: Real time, aware; the present unless given.
    """
    try:
        own = x509.load_pem_x509_certificates(chain)[0]
    except ValueError:
        return "客户端证书不是 PEM 格式的证书，请核对文件"
    moment = now or datetime.now(UTC)
    if moment > own.not_valid_after_utc:
        return f"客户端证书已于 {own.not_valid_after_utc:%Y-%m-%d %H:%M}（UTC）过期，请更换证书"
    if moment < own.not_valid_before_utc:
        return f"客户端证书自 {own.not_valid_before_utc:%Y-%m-%d %H:%M}（UTC）起才有效，请核对证书和本机时间"
    return None


def end_of_certificate(chain: bytes) -> datetime:
    """The moment at which the first certificate of a PEM chain ends.

    Raises:
        ValueError: It is no certificate.
    """
    return x509.load_pem_x509_certificates(chain)[0].not_valid_after_utc
