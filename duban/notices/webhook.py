"""The webhook: a letter as signed JSON over HTTP (Standard Webhooks)."""

from collections.abc import Collection
from datetime import UTC, datetime

from pydantic import SecretStr
from standardwebhooks import Webhook

from duban.contracts import Delivery
from duban.notices.addresses import Network, Resolver, resolved
from duban.notices.channel import SendResult
from duban.notices.gateway import Gateway
from duban.notices.identity import message_id
from duban.notices.letter import Letter
from duban.notices.payload import payload_of
from duban.notices.signing import SECRET_PREFIX, signing_key


class WebhookChannel:
    """Posts letters to a gateway. Open it where it is used: its connections belong to the running event loop."""

    def __init__(
        self,
        url: str,
        secret: SecretStr | None,
        timeout: float,
        *,
        networks: Collection[Network] = (),
        plaintext_hosts: Collection[str] = (),
        resolve: Resolver = resolved,
    ) -> None:
        """Opens the channel; nothing is sent yet.

        Args:
            url: The gateway, `https://`; `http://` on this machine and for the hosts named.
            secret: Signing secret, Base64, with or without `whsec_`; None sends unsigned.
            timeout: Seconds that one attempt may take altogether.
            networks: Networks inside in which the gateway may be.
            plaintext_hosts: Hosts to which a letter may go unencrypted.
            resolve: Gives the addresses of a name.

        Raises:
            ChannelError: The address or the secret cannot be used.
        """
        self._gateway = Gateway(
            url,
            timeout,
            secrets=[secret.get_secret_value().strip().removeprefix(SECRET_PREFIX)] if secret is not None else [],
            networks=networks,
            plaintext_hosts=plaintext_hosts,
            resolve=resolve,
        )
        self._signer = Webhook(signing_key(secret)) if secret is not None else None

    async def send(self, delivery: Delivery, letter: Letter) -> SendResult:
        """Makes one attempt."""
        body = payload_of(delivery, letter)
        return await self._gateway.post(body.encode(), self._headers(delivery, body))

    async def aclose(self) -> None:
        """Closes the connections."""
        await self._gateway.aclose()

    def _headers(self, delivery: Delivery, body: str) -> dict[str, str]:
        identity, now = message_id(delivery), datetime.now(UTC)
        headers = {
            "Content-Type": "application/json",
            "webhook-id": identity,
            "webhook-timestamp": str(int(now.timestamp())),
        }
        if self._signer is not None:
            headers["webhook-signature"] = self._signer.sign(identity, now, body)
        return headers
