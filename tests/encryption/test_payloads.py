"""What leaves is ciphertext, what comes back is what was given; and what cannot be read is said so."""

from datetime import date

import pytest
from google.protobuf.json_format import MessageToDict
from hypothesis import given
from hypothesis import strategies as st
from temporalio.api.common.v1 import Payload
from temporalio.contrib.pydantic import pydantic_data_converter

from duban.encryption.codec import ENCODING, KEY_ID, PayloadEncryption
from duban.encryption.errors import PayloadUnreadable
from duban.encryption.keys import KeyRing, PayloadKey

DAY = date(2026, 3, 2)
OLD, NEW, FOREIGN = (PayloadKey.new(DAY) for _ in range(3))
BEFORE, ROTATED = PayloadEncryption(KeyRing((OLD, NEW))), PayloadEncryption(KeyRing((NEW, OLD)))
KEYLESS = PayloadEncryption(KeyRing())
SENTENCE = "市医保局说明：因主要负责人调整，方案未报送"
PLAIN = Payload(metadata={"encoding": b"json/plain", "messageType": b"x"}, data=SENTENCE.encode())

payloads = st.builds(
    Payload, metadata=st.dictionaries(st.text(max_size=20), st.binary(max_size=20), max_size=3), data=st.binary()
)


@given(payload=payloads.filter(lambda payload: payload.metadata.get("encoding") != ENCODING))
async def test_whatever_is_encrypted_comes_back_as_it_was_metadata_included(payload: Payload) -> None:
    assert await ROTATED.decode(await ROTATED.encode([payload])) == [payload]


async def test_only_the_encoding_and_the_keys_id_stay_readable() -> None:
    [sealed] = await BEFORE.encode([PLAIN])
    assert dict(sealed.metadata) == {"encoding": ENCODING, KEY_ID: OLD.id.encode()}
    for part in (SENTENCE.encode(), b"json/plain", b"messageType"):
        assert part not in sealed.SerializeToString()


async def test_the_same_content_never_looks_the_same_twice() -> None:
    first, second = await BEFORE.encode([PLAIN, PLAIN])
    assert first.data[:12] != second.data[:12]
    assert first.data != second.data


async def test_the_first_key_writes_and_every_key_reads() -> None:
    by_old, by_new = await BEFORE.encode([PLAIN]), await ROTATED.encode([PLAIN])
    assert (by_old[0].metadata[KEY_ID], by_new[0].metadata[KEY_ID]) == (OLD.id.encode(), NEW.id.encode())
    for codec in (BEFORE, ROTATED):
        assert await codec.decode([*by_old, PLAIN, *by_new]) == [PLAIN, PLAIN, PLAIN]


async def test_what_was_written_before_encryption_is_left_as_it_is() -> None:
    assert await ROTATED.decode([PLAIN]) == [PLAIN]


async def test_without_keys_nothing_is_encrypted_and_no_ciphertext_passes_for_a_message() -> None:
    assert await KEYLESS.encode([PLAIN]) == [PLAIN]
    with pytest.raises(PayloadUnreadable, match=f"密钥“{OLD.id}”.*DUBAN_PAYLOAD_KEYS"):
        await KEYLESS.decode(await BEFORE.encode([PLAIN]))


async def test_a_key_that_we_do_not_have_is_named() -> None:
    sealed = await PayloadEncryption(KeyRing((FOREIGN,))).encode([PLAIN])
    with pytest.raises(PayloadUnreadable, match=FOREIGN.id):
        await ROTATED.decode(sealed)


async def test_a_key_id_written_by_somebody_else_cannot_repaint_a_terminal() -> None:
    with pytest.raises(PayloadUnreadable) as unreadable:
        await ROTATED.decode([Payload(metadata={"encoding": ENCODING, KEY_ID: b"\x1b[2J\xff" + b"x" * 500})])
    assert str(unreadable.value).isprintable()
    assert len(str(unreadable.value)) < 400


async def test_another_key_under_the_same_id_is_not_taken_for_ours() -> None:
    sealed = await PayloadEncryption(KeyRing((PayloadKey(OLD.id, FOREIGN.material),))).encode([PLAIN])
    with pytest.raises(PayloadUnreadable, match=f"“{OLD.id}”.*同名"):
        await ROTATED.decode(sealed)


@pytest.mark.parametrize("length", [0, 5, 11, 12, 20, 27])
async def test_ciphertext_that_is_cut_off_is_refused(length: int) -> None:
    [sealed] = await BEFORE.encode([PLAIN])
    sealed.data = sealed.data[:length]
    with pytest.raises(PayloadUnreadable, match="无法解密"):
        await BEFORE.decode([sealed])


async def test_a_single_changed_bit_anywhere_is_refused() -> None:
    [sealed] = await BEFORE.encode([PLAIN])
    for place in range(len(sealed.data)):
        changed = bytearray(sealed.data)
        changed[place] ^= 1
        with pytest.raises(PayloadUnreadable, match="无法解密"):
            await BEFORE.decode([Payload(metadata=sealed.metadata, data=bytes(changed))])


async def test_the_keys_id_is_bound_to_what_it_encrypted() -> None:
    twins = PayloadEncryption(KeyRing((OLD, PayloadKey("renamed", OLD.material))))
    [sealed] = await twins.encode([PLAIN])
    sealed.metadata[KEY_ID] = b"renamed"
    with pytest.raises(PayloadUnreadable, match="renamed"):
        await twins.decode([sealed])


async def test_what_is_given_is_not_changed() -> None:
    given_in = Payload.FromString(PLAIN.SerializeToString())
    sealed = await BEFORE.encode([given_in])
    await BEFORE.decode(sealed)
    assert given_in == PLAIN
    assert MessageToDict(sealed[0])["metadata"].keys() == {"encoding", KEY_ID}


async def test_pydantic_models_are_what_is_encrypted() -> None:
    payloads = await pydantic_data_converter.encode([DAY])
    assert await pydantic_data_converter.decode(await ROTATED.decode(await ROTATED.encode(payloads)), [date]) == [DAY]
