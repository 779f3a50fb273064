"""What people type is kept as it is where a database can keep it, and never stops a task where it cannot."""

import pytest

from duban.ledger import Ledger, LedgerConflict
from duban.supervision.tasks.entries import ReportChange
from tests.ledger.building import at, batch, entry, notice, plan, real, register, task


def test_a_zero_byte_in_what_somebody_typed_does_not_stop_the_task(ledger: Ledger) -> None:
    """PostgreSQL has no text with U+0000, and a write that it refuses is tried again for ever."""
    register(ledger, plan(task("P-1")))
    said = ReportChange(id="r1", body="统计局", person="张\0三", reported_at=at(2), note="已\0印发", milestones=(1,))
    told = notice("a\0b").model_copy(update={"facts": {"text": "文号\0一", "note": r"C:\u0000"}})
    own = batch("P-1", entry(2, said, told, text="报告\0进展"), next_moment_text="\0")

    assert ledger.tasks.record(own).version == 2
    assert ledger.tasks.record(own).version == 2
    assert ledger.tasks.record(batch("P-1", entry(3))).version == 3

    shown = "\0" if ledger.engine.dialect.name == "sqlite" else "\ufffd"
    assert [row.text for row in ledger.timelines.timeline("P-1", after=1)] == [f"报告{shown}进展", "登记"]
    assert ledger.timelines.verify_chain("P-1") is None
    delivery = ledger.deliveries.claim("统计局", real(9))
    assert delivery is not None
    assert delivery.notices[0].intent.facts == {"text": f"文号{shown}一", "note": r"C:\u0000"}


@pytest.mark.parametrize(
    "typed", ["𠮷", "👩‍🔧", "x" * 4_000, "'; DROP TABLE tasks; --", "%s :name {}", "\\", "\u2028\r\n"]
)
def test_other_text_comes_back_as_it_was_typed(ledger: Ledger, typed: str) -> None:
    register(ledger, plan(task("P-1", title=typed)))
    ledger.tasks.record(batch("P-1", entry(2, notice("a", to=typed[:200]), text=typed)))

    assert [row.title for row in ledger.rows.ledger_rows(real(1))] == [typed]
    assert ledger.timelines.timeline("P-1")[-1].text == typed
    delivery = ledger.deliveries.claim(typed[:200], real(9))
    assert delivery is not None
    assert delivery.recipient == typed[:200]


def test_a_value_that_does_not_fit_is_refused_in_words_and_not_tried_for_ever(ledger: Ledger) -> None:
    """On SQLite everything fits."""
    unlike = "".join(chr(0x4E00 + number) for number in range(5_000))  # compression would make it fit
    if ledger.engine.dialect.name == "sqlite":
        register(ledger, plan(task("P-1", lead_body=unlike)))
        return
    with pytest.raises(LedgerConflict, match="太长"):
        register(ledger, plan(task("P-1", lead_body=unlike)))
    register(ledger, plan(task("P-1")))
    with pytest.raises(LedgerConflict, match="太大"):
        ledger.tasks.record(batch("P-1", entry(2), percent=2**31))
