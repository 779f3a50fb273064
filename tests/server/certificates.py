"""Certificates of a test's own authorities, and the profile file that names them."""

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme

NAME = "worker@office.test"


@dataclass
class Authority:
    """Vouches for a server and for its clients."""

    ca: trustme.CA

    def server(self, name: str = "localhost", *, expired: bool = False) -> ssl.SSLContext:
        """A server's side: speaks HTTP/2, and wants a certificate that this authority has signed."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.issue(name, expired=expired).configure_cert(context)
        self.ca.configure_trust(context)
        context.verify_mode = ssl.CERT_REQUIRED
        context.set_alpn_protocols(["h2"])
        return context

    def issue(self, name: str = NAME, *, expired: bool = False) -> trustme.LeafCert:
        """A certificate; one that has expired was good until yesterday."""
        now = datetime.now(UTC)
        if expired:
            return self.ca.issue_cert(name, not_before=now - timedelta(days=9), not_after=now - timedelta(days=1))
        return self.ca.issue_cert(name)


def new_authority() -> Authority:
    return Authority(trustme.CA())


def profile(
    folder: Path, address: str, *, trusts: Authority, shows: trustme.LeafCert | None = None, more: str = ""
) -> Path:
    """A profile file `office` as an administrator writes it, with its certificates beside it."""
    (folder / "ca.pem").write_bytes(trusts.ca.cert_pem.bytes())
    lines = ["[profile.office]", f'address = "{address}"', more, "[profile.office.tls]"]
    lines.append(f'server_ca_cert_path = "{folder / "ca.pem"}"')
    if shows is not None:
        (folder / "client.pem").write_bytes(b"".join(blob.bytes() for blob in shows.cert_chain_pems))
        (folder / "client.key").write_bytes(shows.private_key_pem.bytes())
        lines.append(f'client_cert_path = "{folder / "client.pem"}"')
        lines.append(f'client_key_path = "{folder / "client.key"}"')
    file = folder / "temporal.toml"
    file.write_text("\n".join(lines), encoding="utf-8")
    return file
