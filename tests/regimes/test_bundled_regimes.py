"""What the bundled regimes say, word for word and day by day."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from duban.regimes import available_regimes, load_regime
from duban.regimes.loading import load_rulebook
from duban.supervision.clauses import Source, Unit
from duban.supervision.rules.authority import Act
from duban.supervision.rules.owed import Duty
from duban.supervision.rules.parts import (
    HANDLING_BODY,
    LEAD_BODY,
    LEADING_GROUP,
    REFORM_OFFICE,
    SUPERIOR_BODY,
    SUPERVISING_BODY,
    SUPPORTING_BODIES,
)
from duban.supervision.rules.regime import Regime
from duban.supervision.rules.rungs import Rung
from duban.supervision.rules.triggers import (
    DemandTrigger,
    GroundsTrigger,
    LagTrigger,
    ReturnTrigger,
    UrgingsTrigger,
)

DOCUMENTS = Path(__file__).resolve().parents[3] / "shared" / "sources"
BUNDLED = available_regimes()
TASKS_OWN = {SUPERVISING_BODY, SUPERIOR_BODY, LEAD_BODY, HANDLING_BODY, SUPPORTING_BODIES}


@pytest.fixture(params=BUNDLED)
def regime(request: pytest.FixtureRequest) -> Regime:
    return load_regime(request.param)


@pytest.fixture
def kunming() -> Regime:
    return load_regime("kunming")


@pytest.fixture
def bozhou() -> Regime:
    return load_regime("bozhou")


def test_kunming_and_bozhou_come_with_duban() -> None:
    assert {"bozhou", "kunming"} <= set(BUNDLED)


@pytest.mark.skipif(not DOCUMENTS.is_dir(), reason="the public documents do not lie beside the checkout")
def test_every_cited_sentence_stands_word_for_word_in_its_paragraph(regime: Regime) -> None:
    document = regime.document
    text = (DOCUMENTS / document.file).read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.strip()]
    assert (document.printed_title or document.title) in [line.strip() for line in lines]
    paragraphs = lines[1:]
    cited = [source for source in _sources(load_rulebook(regime.name)) if source.paragraph]
    assert cited
    for source in cited:
        assert source.paragraph is not None
        assert source.sentence in paragraphs[source.paragraph - 1]


def test_every_rung_rests_on_the_document(regime: Regime) -> None:
    assert all(rung.source.paragraph for rung in regime.ladder.rungs)


def test_every_role_is_one_of_the_tasks_own_or_an_office_of_the_regime(regime: Regime) -> None:
    named = {role for rung in regime.ladder.rungs for role in _roles(rung)}
    named |= {role for roles in regime.authority.acts.values() for role in roles}
    assert named <= TASKS_OWN | set(regime.offices)


def test_every_approval_can_be_decided_and_every_answer_given_by_the_one_who_owes_it(regime: Regime) -> None:
    acts = regime.authority.acts
    for rung in regime.ladder.rungs:
        assert {approval.by for approval in rung.approvals} <= {*acts[Act.DECIDE]}
        for answer in rung.answers:
            act = Act.SUBMIT_EXPLANATION if answer.duty is Duty.EXPLANATION else Act.RECORD_ACTION
            assert answer.by in acts[act]


def test_the_core_finds_a_reform_office_and_a_leading_group_in_every_regime(regime: Regime) -> None:
    assert regime.offices[REFORM_OFFICE]
    assert regime.offices[LEADING_GROUP]


@pytest.mark.parametrize(
    ("level", "first", "last"), [("phone", 16, 30), ("written", 31, 45), ("onsite", 46, 60), ("circular", 61, None)]
)
def test_a_kunming_band_is_exclusive_below_and_inclusive_above_in_calendar_days(
    kunming: Regime, level: str, first: int, last: int | None
) -> None:
    (trigger,) = _rung(kunming, level).triggers
    assert isinstance(trigger, LagTrigger)
    assert (trigger.first, trigger.last, trigger.unit) == (first, last, Unit.CALENDAR)


def test_kunming_asks_the_reform_office_about_an_interview_at_lag_76_on_a_track_of_its_own(kunming: Regime) -> None:
    interview = _rung(kunming, "interview")
    (trigger,) = interview.triggers
    assert isinstance(trigger, GroundsTrigger)
    assert trigger.first == 76
    assert [rung.level for rung in kunming.ladder.rungs if rung.track == interview.track] == ["interview"]
    assert [(a.duty, a.by) for a in interview.approvals] == [
        (Duty.GROUNDS, REFORM_OFFICE),
        (Duty.DECISION, LEADING_GROUP),
    ]


@pytest.mark.parametrize(
    ("level", "issuers", "recipients", "answers"),
    [
        ("phone", ("supervising_body",), ("handling_body",), [("call_record", "supervising_body")]),
        ("written", ("supervising_body",), ("handling_body", "lead_body"), [("explanation", "lead_body")]),
        ("onsite", ("supervising_body",), ("handling_body",), [("visit_record", "supervising_body")]),
        ("circular", ("reform_office",), ("handling_body",), [("rectification", "handling_body")]),
        ("interview", ("reform_office",), ("handling_body",), [("interview_record", "reform_office")]),
    ],
)
def test_each_kunming_reminder_names_who_issues_it_to_whom_and_who_owes_what_answer(
    kunming: Regime, level: str, issuers: tuple[str, ...], recipients: tuple[str, ...], answers: list[tuple[str, str]]
) -> None:
    rung = _rung(kunming, level)
    assert (rung.issuers, rung.recipients) == (issuers, recipients)
    assert [(answer.duty.value, answer.by) for answer in rung.answers] == answers


def test_only_kunmings_circular_waits_for_a_confirmation(kunming: Regime) -> None:
    waiting = [rung.level for rung in kunming.ladder.rungs for a in rung.approvals if a.duty is Duty.CONFIRMATION]
    assert waiting == ["circular"]


def test_a_joint_visit_is_led_by_the_reform_office_with_both_supervision_offices(kunming: Regime) -> None:
    joint = [kunming.offices[role] for role in _rung(kunming, "onsite").joint_issuers]
    assert joint == [("市委改革办",), ("市委目督办", "市政府目督办")]


def test_bozhou_circulates_after_one_urging_or_a_return_then_after_two_or_a_demand_then_transfers(
    bozhou: Regime,
) -> None:
    first, second, third = bozhou.ladder.rungs
    assert _urgings(first) == [1]
    assert any(isinstance(trigger, ReturnTrigger) for trigger in first.triggers)
    assert _urgings(second) == [2]
    assert any(isinstance(trigger, DemandTrigger) for trigger in second.triggers)
    assert _urgings(third) == [3]
    assert len(third.triggers) == 1
    assert [bozhou.offices[rung.issuers[0]] for rung in (first, second)] == [("市政府督查室",), ("市政府办公室",)]


def test_bozhou_transfers_to_the_supervision_department_with_the_municipal_governments_consent(bozhou: Regime) -> None:
    transfer = _rung(bozhou, "transfer")
    assert [(a.duty, bozhou.offices[a.by]) for a in transfer.approvals] == [(Duty.CONSENT, ("市政府",))]
    assert [bozhou.offices[role] for role in transfer.recipients] == [("市监察部门",)]


def test_after_bozhous_second_circular_the_head_explains_and_submits_measures(bozhou: Regime) -> None:
    duties = [answer.duty for answer in _rung(bozhou, "circular_by_government_office").answers]
    assert duties == [Duty.EXPLANATION, Duty.RECTIFICATION]


def test_bozhous_urgings_follow_each_other_late_enough_for_each_rung_to_fall_between(bozhou: Regime) -> None:
    urging = bozhou.ladder.urging
    assert urging is not None
    assert urging.at_most == max(count for rung in bozhou.ladder.rungs for count in _urgings(rung))
    waits = [t.wait for rung in bozhou.ladder.rungs for t in rung.triggers if isinstance(t, UrgingsTrigger)]
    assert all(wait.unit is urging.every.unit is Unit.WORKING for wait in waits)
    assert all(wait.days < urging.every.days for wait in waits)


def _rung(regime: Regime, level: str) -> Rung:
    rung = regime.ladder.rung(level)
    assert rung is not None
    return rung


def _urgings(rung: Rung) -> list[int]:
    return [trigger.count for trigger in rung.triggers if isinstance(trigger, UrgingsTrigger)]


def _roles(rung: Rung) -> Iterator[str]:
    yield from (*rung.issuers, *rung.joint_issuers, *rung.recipients)
    yield from (approval.by for approval in rung.approvals)
    yield from (answer.by for answer in rung.answers)


def _sources(value: object) -> Iterator[Source]:
    match value:
        case Source():
            yield value
        case BaseModel():
            for name in type(value).model_fields:
                yield from _sources(getattr(value, name))
        case dict():
            for item in value.values():
                yield from _sources(item)
        case tuple():
            for item in value:
                yield from _sources(item)
        case _:
            pass
