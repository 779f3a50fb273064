"""The data converter that every client, worker and replay of ours uses."""

import dataclasses

from pydantic import SecretStr
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.converter import DataConverter, DefaultFailureConverter, DefaultFailureConverterWithEncodedAttributes

from duban.encryption.codec import PayloadEncryption
from duban.encryption.keys import KeyRing
from duban.unreadable import ForgivingConverter


def data_converter(keys: SecretStr | None) -> DataConverter:
    """Pydantic models as JSON, encrypted under these keys; the texts and stack traces of failures as well.

    Without keys nothing is encrypted, but what others encrypted is refused instead of misread.

    Raises:
        KeyRingError: The text is no key ring.
    """
    ring = KeyRing.parse(keys.get_secret_value()) if keys is not None else KeyRing()
    return dataclasses.replace(
        pydantic_data_converter,
        payload_converter_class=ForgivingConverter,
        payload_codec=PayloadEncryption(ring),
        failure_converter_class=DefaultFailureConverterWithEncodedAttributes if ring else DefaultFailureConverter,
    )
