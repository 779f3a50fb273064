"""Keys and tokens that a process was given reach no line of its log."""

from datetime import date

import pytest
from pydantic import SecretStr

from duban.encryption.keys import PayloadKey
from duban.redaction import Redactor, secrets_of
from duban.settings import load_settings

KEYS = [PayloadKey.new(date(2026, 3, 2)) for _ in range(3)]
TOKEN = "typed-by-nobody-and-kept-in-a-file"


@pytest.mark.parametrize("between", [",", "\n", " , "])
def test_each_key_of_the_ring_is_kept_out_however_the_ring_is_written(between: str) -> None:
    settings = load_settings(payload_keys=SecretStr(between.join(key.line for key in KEYS)), codec_token=TOKEN)
    redactor = Redactor()
    for secret in secrets_of(settings, {}):
        redactor.keep(secret)
    for secret in (*(key.line.partition(":")[2] for key in KEYS), TOKEN):
        assert secret not in redactor.text(f"ValueError: {secret}!")
    assert KEYS[0].id in redactor.text(f"加密用的密钥：{KEYS[0].id}")
