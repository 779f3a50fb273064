"""What the ledger says of deliveries against what the gateway saw: complete, in both directions."""

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import TypeAdapter

from duban.notices.payload import NoticeData, WebhookMessage
from duban.supervision.days.clock import TaskClock
from duban.supervision.tasks.entries import NoticeIntent
from tests.faults.gateway import Seen
from tests.faults.house import GATEWAY_WITHIN
from tests.faults.tables import Row, Tables

SUCCESS = range(200, 300)
_INTENT = TypeAdapter(NoticeIntent)


def differences(real: Tables, seen: Sequence[Seen]) -> list[str]:
    """Where ledger and gateway part, a sentence for each place; empty where they agree."""
    ledger = _Delivered(real)
    return [
        *(text for one in seen for text in ledger.of_one(one)),
        *ledger.of_attempts(seen),
        *ledger.of_notices(seen),
        *ledger.of_messages(),
    ]


def webhook_id(delivery_id: str) -> str:
    """The name of a delivery in the header, reckoned here on its own."""
    return f"duban_{hashlib.sha256(delivery_id.encode()).hexdigest()[:32]}"


class _Delivered:
    """The ledger's word on messages, their attempts, and what each carried."""

    def __init__(self, real: Tables) -> None:
        self.deliveries = {row["id"]: row for row in real["deliveries"]}
        self.attempts = {(row["delivery_id"], row["attempt"]): row for row in real["delivery_attempts"]}
        self.notices = {row["id"]: row for row in real["notices"]}
        self.carried: dict[str, list[Row]] = defaultdict(list)
        self.carriers: dict[int, list[str]] = defaultdict(list)
        self.titles = {row["code"]: row["title"] for row in [*real["tasks"], *real["plans"]]}
        self.clocks = {
            row["code"]: TaskClock(**{name: row[name] for name in TaskClock.model_fields}) for row in real["plans"]
        }
        for row in real["delivery_notices"]:
            self.carried[row["delivery_id"]].append(row)
            self.carriers[row["notice_id"]].append(row["delivery_id"])

    def of_one(self, seen: Seen) -> Iterator[str]:
        """Of one delivery at the gateway: the ledger knows it, and it says what the ledger says."""
        envelope = WebhookMessage.model_validate(seen.body)
        message = envelope.data
        where = f"gateway {message.id} attempt {message.attempt}"
        if not seen.signed:
            yield f"{where}: the signature does not hold"
        if seen.webhook_id != webhook_id(message.id):
            yield f"{where}: travelled under {seen.webhook_id}"
        attempt, delivery = self.attempts.get((message.id, message.attempt)), self.deliveries.get(message.id)
        if attempt is None or delivery is None:
            yield f"{where}: the ledger knows nothing of it"
            return
        if delivery["recipient"] != message.recipient:
            yield f"{where}: went to {message.recipient} and is on record for {delivery['recipient']}"
        if delivery["claimed_at"] != envelope.timestamp:
            yield f"{where}: dated {envelope.timestamp}, and claimed at {delivery['claimed_at']}"
        if message.uncertain != self._was_lost_before(message.id, message.attempt):
            yield f"{where}: says uncertain={message.uncertain}"
        expected = {row["idempotency_key"]: self._data(row) for row in self._carried_by(message.id, message.attempt)}
        found = {notice.idempotency_key: notice for notice in message.notices}
        if len(found) != len(message.notices):
            yield f"{where}: a notice stands in it twice"
        for key in sorted(set(expected) | set(found)):
            if expected.get(key) != found.get(key):
                yield f"{where}: of {key} it says {found.get(key)}, and the ledger {expected.get(key)}"

    def of_attempts(self, seen: Sequence[Seen]) -> Iterator[str]:
        """Of the ledger's attempts: what came of each is what the gateway answered, and no attempt was made twice."""
        answers: dict[tuple[str, int], list[int | None]] = defaultdict(list)
        for one in seen:
            answers[one.body["data"]["id"], one.body["data"]["attempt"]].append(one.status)
        for (delivery_id, number), row in self.attempts.items():
            where, given = f"attempt {delivery_id}/{number}", answers.get((delivery_id, number), [])
            if len(given) > 1:
                yield f"{where}: the gateway saw it {len(given)} times"
            accepted = bool(given) and given[0] in SUCCESS
            if row["ended_at"] is not None and row["ended_at"] < row["begun_at"]:
                yield f"{where}: begun at {row['begun_at']} and ended at {row['ended_at']}"
            match row["outcome"]:
                case "delivered" if not accepted:
                    yield f"{where}: delivered, says the ledger; the gateway answered {given}"
                case None if self.deliveries[delivery_id]["attempt"] == number:
                    yield f"{where}: the last attempt never ended"
                case None if not row["uncertain"]:
                    yield f"{where}: without outcome, and not marked as uncertain"
                case "retry" | "undeliverable" if accepted and not self._may_have_been_lost(row):
                    yield f"{where}: {row['outcome']}, says the ledger; the gateway answered {given}"

    def of_notices(self, seen: Sequence[Seen]) -> Iterator[str]:
        """Of every notice: one message in its life, delivered where and only where the gateway took it."""
        accepted: dict[str, set[tuple[str, int]]] = defaultdict(set)
        travelled: dict[str, set[str]] = defaultdict(set)
        for one in seen:
            for notice in one.body["data"]["notices"]:
                travelled[notice["idempotency_key"]].add(one.webhook_id)
                if one.status in SUCCESS:
                    accepted[notice["idempotency_key"]].add((one.body["data"]["id"], one.body["data"]["attempt"]))
        for row in self.notices.values():
            key, where = row["idempotency_key"], f"notices {row['idempotency_key']}"
            if len(self.carriers[row["id"]]) > 1:
                yield f"{where}: in {len(self.carriers[row['id']])} messages"
            if len(travelled[key]) > 1:
                yield f"{where}: travelled under {sorted(travelled[key])}"
            if row["status"] == "delivered" and not accepted[key]:
                yield f"{where}: delivered, says the ledger; the gateway never took it"
            yield from self._of_delivery(row)
            if travelled[key] and not self.carriers[row["id"]]:
                yield f"{where}: the gateway saw it, and no message carries it"
            # Withdrawn after an attempt of which nobody recorded the end: it may have arrived, and the ledger says so.
            if accepted[key] and row["status"] != "delivered" and not self._all_uncertain(accepted[key]):
                yield f"{where}: the gateway took it, and it is {row['status']}"

    def _of_delivery(self, notice: Row) -> Iterator[str]:
        """A delivered notice bears the moment and the channel of the attempt that brought it, by its plan's clock."""
        where = f"notices {notice['idempotency_key']}"
        if notice["status"] != "delivered":
            if (notice["delivered_at"], notice["delivered_at_real"], notice["channel"]) != (None, None, ""):
                yield f"{where}: {notice['status']}, and has a delivery"
            return
        brought = [
            row
            for delivery_id in self.carriers[notice["id"]]
            for row in self.attempts.values()
            if row["delivery_id"] == delivery_id and row["outcome"] == "delivered"
        ]
        moment = notice["delivered_at_real"]
        if not any((row["ended_at"], row["channel"]) == (moment, notice["channel"]) for row in brought):
            yield f"{where}: delivered at {moment} by {notice['channel']}, and no attempt says so"
        elif notice["plan_code"] not in self.clocks:
            yield f"{where}: nobody knows its plan"
        elif notice["delivered_at"] != self.clocks[notice["plan_code"]].business(moment):
            yield f"{where}: delivered at {notice['delivered_at']} of business time, which is not {moment}"

    def of_messages(self) -> Iterator[str]:
        """Of every message: it has come to an end, as its last attempt and its notices have."""
        for row in self.deliveries.values():
            where = f"deliveries {row['id']}"
            ended = [
                a["ended_at"] for (i, _), a in self.attempts.items() if i == row["id"] and a["outcome"] == "delivered"
            ]
            carried = [
                self.notices[one["notice_id"]] for one in self.carried[row["id"]] if one["notice_id"] in self.notices
            ]
            statuses = {notice["status"] for notice in carried}
            clocks = [self.clocks[n["plan_code"]] for n in carried if n["plan_code"] in self.clocks]
            if all(clock.business(row["claimed_at_real"]) != row["claimed_at"] for clock in clocks):
                yield f"{where}: claimed at {row['claimed_at']}, which is not {row['claimed_at_real']} of business time"
            if row["status"] not in ("delivered", "withdrawn") or row["lease_until"] or row["retry_at"]:
                yield f"{where}: {row['status']}, lease until {row['lease_until']}, again at {row['retry_at']}"
            if row["status"] not in statuses:
                yield f"{where}: {row['status']}, and its notices are {sorted(statuses)}"
            if row["status"] == "delivered" and row["ended_at"] not in ended:
                yield f"{where}: ended at {row['ended_at']}, and its attempts at {ended}"
            if row["ended_at"] is None:
                yield f"{where}: has no end"
            numbers = sorted(number for delivery_id, number in self.attempts if delivery_id == row["id"])
            if numbers != list(range(1, row["attempt"] + 1)):
                yield f"{where}: attempts {numbers} of {row['attempt']}"
            if row["uncertain"] != self._was_lost_before(row["id"], row["attempt"]):
                yield f"{where}: uncertain={row['uncertain']}"

    def _all_uncertain(self, attempts: set[tuple[str, int]]) -> bool:
        return all(attempt in self.attempts and self.attempts[attempt]["uncertain"] for attempt in attempts)

    def _may_have_been_lost(self, attempt: Row) -> bool:
        """An answer that never arrived is a failure to the sender, who has then waited for all the time it had."""
        waited: float = (attempt["ended_at"] - attempt["begun_at"]).total_seconds()
        return waited >= GATEWAY_WITHIN

    def _was_lost_before(self, delivery_id: str, attempt: int) -> bool:
        return any(self.attempts[delivery_id, n]["uncertain"] for n in range(1, attempt))

    def _carried_by(self, delivery_id: str, attempt: int) -> Iterator[Row]:
        for row in self.carried[delivery_id]:
            goes_out = row["left_out_from"] is None or row["left_out_from"] > attempt
            if goes_out and row["notice_id"] in self.notices:
                yield self.notices[row["notice_id"]]

    def _data(self, row: Row) -> NoticeData:
        intent = _INTENT.validate_python(row["intent"])
        number = None
        if row["paper_number"] is not None:
            number = f"{row['paper_series']}〔{row['paper_year']}〕{row['paper_number']}号"
        shared: dict[str, Any] = {
            name: getattr(intent, name) for name in NoticeData.model_fields if name in NoticeIntent.model_fields
        }
        return NoticeData(
            **shared,
            idempotency_key=row["idempotency_key"],
            task_code=row["task_code"],
            task_title=self.titles.get(row["task_code"], ""),
            plan_title=self.titles.get(row["plan_code"], ""),
            number=number,
        )
