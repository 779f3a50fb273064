"""What a hostile or careless hand puts in at a door: made once, tried at every entrance."""

import io
import zipfile
from typing import Any

from temporalio.api.common.v1 import Payload
from temporalio.common import RawValue

BIG = 1_900_000
"""Bytes, or characters of one byte: just below what the server takes."""


def raw(data: bytes = b"", encoding: bytes | None = b"json/plain", **metadata: bytes) -> RawValue:
    """A payload as it goes over the wire."""
    stated = {"encoding": encoding} if encoding is not None else {}
    return RawValue(Payload(metadata={**stated, **metadata}, data=data))


UNREADABLE: dict[str, RawValue] = {
    "half a surrogate pair": raw(b'{"body": "\\ud800", "person": "x"}'),
    "half a surrogate pair as a field": raw(b'{"\\udfff": 1}'),
    "not UTF-8": raw(b'{"body": "\xff\xfe"}'),
    "GB18030": raw('{"body": "市医保局"}'.encode("gb18030")),
    "a byte order mark": raw(b'\xef\xbb\xbf{"body": "x"}'),
    "cut off": raw(b'{"body": "x'),
    "nothing": raw(b""),
    "two values": raw(b"{} {}"),
    "nested 5,000 deep": raw(b"[" * 5_000 + b"]" * 5_000),
    "a number of 5,000 digits": raw(b'{"percent": 1' + b"0" * 5_000 + b"}"),
    "protobuf": raw(b"\x08\x01", b"binary/protobuf", messageType=b"no.such.Message"),
    "JSON of a protobuf": raw(b"{}", b"json/protobuf", messageType=b"no.such.Message"),
    "an unknown encoding": raw(b"x", "密文".encode()),
    "an encoding with a control character": raw(b"x", b"\x1b[31m\x00"),
    "no encoding": raw(b"{}", None),
    "an encoding that goes on and on": raw(b"x", b"e" * 10_000),
}
"""Payloads that nobody can decode."""

NO_OBJECT: dict[str, Any] = {
    "null": None,
    "the null encoding": raw(b"", b"binary/null"),
    "bytes": raw(b"{}", b"binary/plain"),
    "a protobuf": raw(b"", b"binary/protobuf", messageType=b"temporal.api.common.v1.Payload"),
    "text": "80%",
    "a number": 80,
    "a list": [{"body": "x"}],
    "many lists": [[]] * 300_000,
    "text of 1.9 MB": "长" * (BIG // 3),
    "NaN": raw(b"NaN"),
}
"""Values that are no JSON object."""

UNFIT: dict[str, dict[str, Any]] = {
    "nothing in it": {},
    "an unknown field": {"procent": 80},
    "a field whose name has 1.9 MB": {"z" * BIG: 1},
    "150,000 unknown fields": {f"k{n}": 1 for n in range(150_000)},
    "a value of 1.9 MB": {"note": "a" * BIG},
    "a name that goes on and on": {"person": "张" * 10_000},
    "a control character": {"person": "张\x00三"},
    "an escape sequence": {"person": "\x1b]0;x\x07"},
    "lists in lists": {"note": eval("[" * 90 + "]" * 90)},  # noqa: S307 - brackets only
    "a list of 300,000 words": {"milestones": ["x"] * 300_000},
    "a list of 300,000 numbers": {"milestones": [1] * 300_000},
    "a number of 4,000 digits": {"milestones": [10**4_000], "evidence": "x"},
    "a negative number of 4,000 digits": {"percent": -(10**4_000)},
    "infinity": {"percent": float("inf")},
    "a fraction": {"percent": 33.3},
    "a word for a number": {"percent": "八成"},
    "another kind of message": {"act": "terminate"},
    "a kind of message of 1.9 MB": {"act": "z" * BIG},
    "a kind of message that is a list": {"act": [["progress"]]},
    "a moment that is none": {"occurred_at": "昨天"},
    "a moment without a zone": {"occurred_at": "2016-06-01T00:00:00"},
    "a moment beyond all numbers": {"occurred_at": 1e300},
    "an id that goes on and on": {"id": "i" * 5_000},
}
"""Objects that are no message: beside these fields, or in their place, stand a body and a person."""

ODD_BUT_FIT: dict[str, dict[str, Any]] = {
    "the first moment there is": {"occurred_at": "0001-01-01T00:00:00+23:59"},
    "the last moment there is": {"occurred_at": "9999-12-31T23:59:59-23:59"},
    "a formula": {"note": '=HYPERLINK("http://example.invalid","x")'},
    "letters beyond the first plane": {"note": "𠀀𠮷🀄" * 100},
    "a text that runs backwards": {"note": "\u202eabc"},
    "SQL": {"note": "'); DROP TABLE task; --"},
    "a template": {"note": "{{ 7 * 7 }}${7*7}%s"},
    "Markdown": {"note": "|a|b|\n|---|---|\n<script>alert(1)</script>"},
}
"""Objects that look dangerous and are a message like any other."""


def zip_of(**members: bytes) -> bytes:
    """An archive with these members, compressed."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as file:
        for name, content in members.items():
            file.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return archive.getvalue()
