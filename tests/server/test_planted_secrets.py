"""Secrets are planted wherever one can be set, a run is made with real processes, and all that it leaves is searched.

Whatever somebody may read without being meant to: files of the home folder with the server's database, logs, histories
and answers of the server, the list of processes. The control is in the same test: the sentence that a person wrote is
found in the server's database when encryption is off.
"""

import asyncio
import base64
import json
import secrets
import signal
import sqlite3
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import ExitStack, asynccontextmanager, closing
from datetime import date
from pathlib import Path
from urllib.parse import quote, quote_plus
from uuid import uuid4

import httpx
import pytest
from google.protobuf.json_format import MessageToDict, MessageToJson
from temporalio.client import Client

from duban.commands.connecting import connect_to_server
from duban.encryption.keys import PayloadKey
from duban.settings import load_settings
from tests.conftest import MISSING
from tests.encryption.conftest import endpoint_running
from tests.notices.gateway import Gateway, running_gateway
from tests.postgres import NoPostgres, private_postgres
from tests.supervision.supervised import HANDLING, LEAD
from tests.workflows.installation import InFastTime, eventually

STARTER = Path(__file__).resolve().parents[2] / "starter.py"
SENTENCE = "因主要负责人调整，方案送审中遇阻"
READY_WITHIN_SECONDS = 60.0


class Planted:
    """The secrets of one run, by where they were planted."""

    def __init__(self, gateway: Gateway) -> None:
        chance = secrets.token_urlsafe
        self.keys = [PayloadKey.new(date(2026, 3, 2)) for _ in range(2)]
        self.values = {
            "webhook secret": base64.b64encode(secrets.token_bytes(32)).decode(),
            "token in the gateway's path": f"path{chance(24)}",
            "token in the gateway's query": f"query/{chance(24)}+=",
            "database password": f"pass word/{chance(12)}%",
            "API key": f"api.{chance(24)}",
            "codec token": f"codec-{chance(32)}",
            "wrong codec token": f"wrong-{chance(32)}",
            "token in a robot's address": f"robot{chance(24)}",
            "secret of a robot": f"SEC{chance(24)}",
            "key of the SMS provider": f"sms.{chance(24)}",
            **{f"payload key {key.id}": key.line.partition(":")[2] for key in self.keys},
        }
        path, query = self.values["token in the gateway's path"], self.values["token in the gateway's query"]
        self.gateway_port = gateway.port
        token = self.values["token in a robot's address"]
        self.robot_address = f"http://127.0.0.1:{gateway.port}/robot/send?access_token={token}"
        self.gateway_url = f"http://127.0.0.1:{gateway.port}/hook/{path}?key={quote_plus(query)}"

    def channels_file(self) -> str:
        """Channels of two bodies; what is secret in them stands elsewhere."""
        return f"""\
channels:
  群: {{kind: dingtalk, address: ROBOT_ADDRESS, secret: ROBOT_SECRET}}
  短信:
    kind: sms
    url: http://127.0.0.1:{self.gateway_port}/sms
    headers: {{Authorization: "Bearer {{secret:SMS_KEY}}"}}
    body: {{to: "{{phone}}", number: "{{number}}"}}
    success: {{path: errcode, equals: "0"}}
bodies:
  {HANDLING}: {{channel: 群}}
  {LEAD}: {{channel: 短信, phones: ["13800001111"]}}
"""

    def forms(self) -> dict[str, bytes]:
        """Each secret in the forms in which it may hide."""
        return {
            f"{where} ({form})": needle
            for where, value in self.values.items()
            for form, needle in forms_of(value).items()
        }


def forms_of(text: str) -> dict[str, bytes]:
    """A text as it is, as URLs and JSON write it, in UTF-16, and in Base64 wherever it may begin."""
    raw = text.encode()
    forms = {
        "plain": raw,
        "quoted": quote(text, safe="").encode(),
        "form": quote_plus(text).encode(),
        "JSON": json.dumps(text)[1:-1].encode(),
        "UTF-16": text.encode("utf-16-le"),
        "hex": raw.hex().encode(),
    }
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + raw)
        # What stands at either end mixes with the neighbours.
        middle = encoded[4 if shift else 0 : -4]
        forms[f"Base64+{shift}"] = middle
        forms[f"Base64url+{shift}"] = middle.translate(bytes.maketrans(b"+/", b"-_"))
    return forms


def found_in(places: Mapping[str, bytes], needles: Mapping[str, bytes]) -> list[str]:
    """What was found where."""
    return [
        f"{what} in {place}"
        for place, content in places.items()
        for what, needle in needles.items()
        if needle in content
    ]


def _database(stack: ExitStack, password: str, request: pytest.FixtureRequest) -> str:
    """A database that is asked for with a password, where PostgreSQL is to be had; else the ledger in the home."""
    try:
        url = stack.enter_context(private_postgres())
    except NoPostgres as reason:
        request.config.stash[MISSING]["台账数据库口令的查找"] = str(reason)
        return ""
    return url.replace("@", f":{quote(password, safe='')}@", 1)


def _for_codec(planted: Planted) -> dict[str, str]:
    """Instead of the secrets that other tests start the endpoint with."""
    return {
        "DUBAN_PAYLOAD_KEYS": ",".join(key.line for key in planted.keys),
        "DUBAN_CODEC_TOKEN": planted.values["codec token"],
    }


@asynccontextmanager
async def _serving(home: Path, log: Path) -> AsyncIterator[None]:
    """`starter.py serve` until the block ends."""
    with log.open("w") as output:
        child = await asyncio.create_subprocess_exec(
            sys.executable, STARTER, "serve", "--port", "0", "--ui-port", "0", stdout=output, stderr=output
        )
    try:
        end = time.monotonic() + READY_WITHIN_SECONDS
        while not (home / "serving.json").exists() or "正在运行" not in log.read_text():
            assert child.returncode is None, log.read_text()
            assert time.monotonic() < end, log.read_text()
            await asyncio.sleep(0.1)
        yield
    finally:
        child.send_signal(signal.SIGTERM)
        code = await child.wait()
    assert code == 0, log.read_text()


async def _histories(client: Client) -> dict[str, bytes]:
    """Every history, description and answer to a query that the server gives, raw and as JSON."""
    places = {}
    async for found in client.list_workflows():
        handle = client.get_workflow_handle(found.id, run_id=found.run_id)
        history = await handle.fetch_history()
        places[f"history of {found.id}"] = b"".join(event.SerializeToString() for event in history.events)
        places[f"history of {found.id} as JSON"] = history.to_json().encode()
        described = (await handle.describe()).raw_description
        places[f"description of {found.id}"] = described.SerializeToString() + MessageToJson(described).encode()
        if found.workflow_type in ("ReformTask", "ReformPlan"):
            answer = await handle.query("status")
            places[f"status of {found.id}"] = json.dumps(answer, ensure_ascii=False).encode()
    return places


def _files(*roots: Path) -> dict[str, bytes]:
    return {str(file): file.read_bytes() for root in roots for file in root.rglob("*") if file.is_file()}


def _processes() -> dict[str, bytes]:
    """The command lines of all processes of this machine."""
    lines = {}
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            lines[str(entry)] = entry.read_bytes()
        except OSError:  # it has ended
            continue
    return lines


async def _supervise(office: InFastTime, gateway: Gateway) -> dict[str, bytes]:
    """A late task, its written reminder, a report, a refused one and an explanation with the sentence in it."""
    gateway.status = 500
    await office.start(office.prepare(office.task("2016-06-30"), entered="2016-08-05", day_seconds=10.0))
    await office.under_way()

    async def has_been_tried() -> bool:
        return bool(gateway.received) and bool(office.reminders())

    await eventually(has_been_tried)
    gateway.status, gateway.answer = 200, b'{"errcode":0,"errmsg":"ok"}'
    await office.tell("report_progress", HANDLING, note=SENTENCE)
    await office.tell("submit_explanation", LEAD, text=SENTENCE)
    await office.handle().signal("progress", await office.said(HANDLING, percent=900, note=SENTENCE))
    await office.recorded()
    assert any(SENTENCE in row.text for row in office.timeline())
    return await _histories(office.client)


async def _ask_codec(url: str, planted: Planted, client: Client) -> None:
    """Ask the codec endpoint with a wrong token, and with the right one."""
    sealed = await client.data_converter.encode([SENTENCE])
    body = {"payloads": [MessageToDict(payload) for payload in sealed]}
    async with httpx.AsyncClient(base_url=url) as caller:
        for token, status in (("wrong codec token", 401), ("codec token", 200)):
            bearer = {"Authorization": f"Bearer {planted.values[token]}"}
            assert (await caller.post("/decode", json=body, headers=bearer)).status_code == status


def _plant(planted: Planted, folder: Path, *, encrypted: bool) -> dict[str, str]:
    """The environment of the run; what may stand in a file stands in one."""
    folder.mkdir()
    files = {
        "DUBAN_WEBHOOK_SECRET": f"whsec_{planted.values['webhook secret']}",
        "ROBOT_ADDRESS": planted.robot_address,
        "ROBOT_SECRET": planted.values["secret of a robot"],
    }
    channels = folder.parent / "channels.yaml"
    channels.write_text(planted.channels_file(), encoding="utf-8")
    if encrypted:
        files["DUBAN_PAYLOAD_KEYS"] = "\n".join(key.line for key in planted.keys)
    for name, value in files.items():
        (folder / name).write_text(f"{value}\n")
        (folder / name).chmod(0o600)
    return {
        "DUBAN_SECRETS_DIR": str(folder),
        "DUBAN_CHANNEL": "webhook",
        "DUBAN_CHANNELS_FILE": str(channels),
        "SMS_KEY": planted.values["key of the SMS provider"],
        "DUBAN_WEBHOOK_URL": planted.gateway_url,
        "DUBAN_CODEC_TOKEN": planted.values["codec token"],
        "DUBAN_LOG_LEVEL": "debug",
        "TEMPORAL_API_KEY": planted.values["API key"],
    }


@pytest.mark.parametrize("encrypted", [True, False], ids=["encrypted", "not encrypted"])
async def test_a_run_leaves_no_planted_secret_anywhere_and_no_written_word_with_the_server_once_it_is_encrypted(
    temporal_program: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
    encrypted: bool,
) -> None:
    assert temporal_program.exists()
    home, logs, plan = tmp_path / "home", tmp_path / "logs", f"P{uuid4().hex[:6]}"
    logs.mkdir()
    with running_gateway() as gateway, ExitStack() as stack:
        planted = Planted(gateway)
        database = _database(stack, planted.values["database password"], request)
        environment = _plant(planted, tmp_path / "secrets", encrypted=encrypted)
        environment |= {"DUBAN_HOME": str(home), "DUBAN_TASK_QUEUE": plan, "DUBAN_DATABASE_URL": database}
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        async with _serving(home, logs / "serve.log"):
            office = InFastTime(await connect_to_server(load_settings()), home, plan, database_url=database or None)
            places = await _supervise(office, gateway)
            if encrypted:
                with endpoint_running(logs, **_for_codec(planted)) as endpoint:
                    await _ask_codec(endpoint.url, planted, office.client)
                    places |= _processes()
            places |= {f"{place}, while running": content for place, content in _files(home, logs).items()}
            await office.channel.aclose()
            office.ledger.close()
            office.threads.shutdown()
        places |= {f"{place}, stopped": content for place, content in _files(home, logs).items()}
        with closing(sqlite3.connect(home / "temporal.db")) as database_file:
            database_file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        places |= _files(home, logs)
        assert {"/robot/send", "/sms"} <= {received.path.partition("?")[0] for received in gateway.received}

    assert found_in(places, planted.forms()) == []
    unread = {place: content for place, content in places.items() if Path(place).name.partition(".")[0] != "duban"}
    read = found_in(
        {place: content for place, content in unread.items() if not place.startswith("status")},
        forms_of(SENTENCE),
    )
    if encrypted:
        assert read == []
    else:
        assert {str(home / "temporal.db"), f"history of {plan}-1"} <= {line.partition(" in ")[2] for line in read}


def test_what_is_searched_for_is_found_in_every_form() -> None:
    text = "秘密/ä+= ?"
    for shift in range(3):
        assert forms_of(text)[f"Base64+{shift}"] in base64.b64encode(b"x" * shift + text.encode() + b"y" * 7)
    assert all(len(needle) >= len(text) for needle in forms_of(text).values())
