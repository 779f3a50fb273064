"""What bodies read, word for word, and that no notice is without words."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from duban.calendars import compile_zone
from duban.contracts import Delivery, PaperNumber
from duban.notices.forms import Matter, form_of
from duban.notices.wording import write_letter
from duban.supervision.plans.plan import Level
from duban.supervision.rules.owed import Duty
from duban.supervision.tasks.entries import Explanation, NoticeKind
from tests.notices import samples, step_samples
from tests.notices.samples import delivery, morning, notice, why

LETTERS = Path(__file__).parent / "letters"
TEMPLATES = Path(__file__).parents[2] / "duban" / "notices" / "templates"

WORDED = {
    "phone": delivery(samples.PHONE),
    "call_record": delivery(samples.CALL_RECORD),
    "written": delivery(samples.WRITTEN),
    "written_to_lead": delivery(samples.WRITTEN_TO_LEAD),
    "onsite": delivery(samples.ONSITE),
    "confirmation": delivery(samples.CONFIRMATION),
    "circular": delivery(samples.CIRCULAR),
    "grounds": delivery(samples.GROUNDS),
    "interview": delivery(samples.INTERVIEW),
    "assignment": delivery(samples.ASSIGNMENT),
    "assignment_to_lead": delivery(samples.ASSIGNMENT_TO_LEAD),
    "advance_notice": delivery(samples.ADVANCE),
    "chase": delivery(samples.CHASE),
    "returned": delivery(samples.RETURNED),
    "step": delivery(step_samples.STEP),
    "step_to_decide": delivery(step_samples.STEP_TO_DECIDE),
    "step_advance": delivery(step_samples.STEP_ADVANCE),
    "step_chased": delivery(step_samples.STEP_CHASED),
    "step_moved": delivery(step_samples.STEP_MOVED),
    "step_result": delivery(step_samples.STEP_RESULT),
    "several": delivery(samples.WRITTEN, samples.RETURNED, samples.INTERVIEW),
}


@pytest.mark.parametrize("name", WORDED)
def test_the_letter_reads_exactly_as_agreed(name: str) -> None:
    assert write_letter(WORDED[name]).text == (LETTERS / f"{name}.txt").read_text(encoding="utf-8")


def test_no_agreed_letter_is_left_without_a_test() -> None:
    assert {file.stem for file in LETTERS.iterdir()} == set(WORDED)


def test_a_phone_reminder_due_on_a_saturday_bears_the_date_of_the_monday() -> None:
    letter = write_letter(delivery(samples.PHONE))
    assert letter.dated_on == date(2016, 7, 18)
    assert "自2016年6月30日起连续滞后16天（07-16 − 06-30 = 16，扣除暂停0天）。" in letter.text


def test_a_letter_is_dated_in_the_office_s_zone() -> None:
    # One in the morning in Kunming is still the day before in UTC.
    late = notice(why(date(2016, 8, 15), "现场提醒"), level="onsite", deliver_not_before=morning(8, 15).replace(hour=0))
    assert write_letter(delivery(late)).dated_on == date(2016, 8, 15)
    midnight = morning(8, 14).replace(hour=17)
    assert write_letter(delivery(notice(why(date(2016, 8, 15), "现场提醒"), deliver_not_before=midnight))).dated_on == (
        date(2016, 8, 15)
    )


def test_a_letter_of_an_office_elsewhere_is_dated_in_the_zone_of_that_office() -> None:
    at_night = notice(why(date(2016, 8, 15), "现场提醒"), deliver_not_before=morning(8, 14).replace(hour=19))
    dated = {
        name: write_letter(delivery(at_night.model_copy(update={"zone": compile_zone(name, 2015, 2018)}))).dated_on
        for name in ("Asia/Shanghai", "Europe/Berlin")
    }
    assert dated == {"Asia/Shanghai": date(2016, 8, 15), "Europe/Berlin": date(2016, 8, 14)}


def test_a_numbered_paper_carries_its_number_at_the_head_and_in_the_foot() -> None:
    letter = write_letter(delivery(samples.WRITTEN))
    assert letter.numbers == ("催办通知〔2016〕1号",)
    head, _, foot = letter.text.partition("────")
    assert "催办通知〔2016〕1号" in head
    assert "催办通知〔2016〕1号" in foot


def test_several_notices_make_one_letter_with_all_their_numbers() -> None:
    letter = write_letter(delivery(samples.WRITTEN, samples.CIRCULAR))
    assert letter.title == "改革督办通知（共2件）"
    assert letter.numbers == ("催办通知〔2016〕1号", "通报〔2016〕1号")
    assert letter.dated_on == date(2016, 9, 2)
    assert letter.text.count("依据与计算：") == 2
    assert "\n一、催办通知（催办通知〔2016〕1号）\n" in letter.text
    assert "\n二、通报（通报〔2016〕1号）\n" in letter.text


def test_a_letter_is_the_same_at_every_attempt() -> None:
    first = delivery(samples.PHONE, samples.RETURNED)
    again = first.model_copy(
        update={"attempt": 7, "uncertain": True, "claimed_at": first.claimed_at + timedelta(days=3)}
    )
    assert write_letter(again) == write_letter(first)


def test_a_double_is_recognised_by_what_stands_in_the_foot() -> None:
    text = write_letter(delivery(samples.PHONE)).text
    assert text.endswith(f"通知标识：{samples.PHONE.idempotency_key}\n送达标识：送达/2016-07-18/1\n")


def test_only_the_body_that_owes_the_explanation_is_asked_for_it() -> None:
    demand = "请于2016年8月8日前提交书面说明"
    assert demand in write_letter(delivery(samples.WRITTEN_TO_LEAD)).text
    assert "请于" not in write_letter(delivery(samples.WRITTEN)).text


def test_the_lead_body_is_told_that_it_leads_and_the_handling_body_that_it_does_the_work() -> None:
    def reads(recipient: str) -> str:
        told = notice(
            samples.WRITTEN.intent.explanation,
            key="e1/written",
            level="written",
            recipient=recipient,
            facts={"handling_body": samples.HANDLING},
        )
        return write_letter(delivery(told)).text

    assert "你单位牵头的改革事项" in reads(samples.LEAD)
    assert "你单位承担的改革事项" in reads(samples.HANDLING)


@pytest.mark.parametrize("duty", [Duty.CONFIRMATION, Duty.DECISION, Duty.CONSENT])
def test_what_is_submitted_for_a_decision_ends_like_a_submission(duty: Duty) -> None:
    asked = notice(why(date(2016, 8, 30), "通报提醒"), kind=NoticeKind.DECISION, duty=duty, recipient=samples.GROUP)
    letter = write_letter(delivery(asked))
    assert letter.title.endswith("的请示")
    assert "不予" in letter.text
    assert "。\n　　妥否，请批示。\n" in letter.text


def test_an_office_that_is_chased_in_its_own_name_is_chased_through_its_head() -> None:
    chased = samples.CHASE.intent.model_copy(update={"facts": {**samples.CHASE.intent.facts, "head": "李四"}})
    text = write_letter(delivery(samples.CHASE.model_copy(update={"intent": chased}))).text
    assert "现予第2次催报，请立即办理。请主要负责人李四亲自督促办理。\n" in text
    assert "主要负责人：" not in text


def test_an_assignment_shows_which_of_the_six_fields_the_plan_leaves_open() -> None:
    assert "牵头领导：方案未写明\n" in write_letter(delivery(samples.ASSIGNMENT)).text


def test_a_fact_that_has_no_name_here_is_told_under_its_key() -> None:
    told = notice(why(date(2016, 8, 15), "现场提醒"), level="onsite", facts={"meeting_room": "三号会议室", "empty": ""})
    text = write_letter(delivery(told)).text
    assert "　　meeting_room：三号会议室\n" in text
    assert "empty" not in text


def test_the_period_of_an_open_ended_task_is_told_in_words() -> None:
    told = notice(
        Explanation(due_on=date(2016, 9, 23), citation=samples.ADVANCE.intent.explanation.citation),
        kind=NoticeKind.REPORT_DUE,
        duty=Duty.CYCLE_REPORT,
        respond_by=date(2016, 9, 30),
        facts={"cycle": "quarterly", "period_ends_on": "2016-09-30"},
    )
    text = write_letter(delivery(told)).text
    assert "　　报告周期：每季度\n　　本期截止：2016年9月30日\n" in text
    assert "请于2016年9月30日前报送定期进展报告" in text


def test_a_level_of_another_regime_is_told_under_the_name_that_its_regime_gives_it() -> None:
    transfer = notice(
        why(date(2016, 8, 15), "移交监察部门"),
        level="transfer",
        paper="移交函",
        number=3,
        facts={"title": "移交监察部门"},
    )
    letter = write_letter(delivery(transfer))
    assert letter.title == "移交监察部门"
    assert letter.numbers == ("移交函〔2016〕3号",)


def test_a_message_without_a_notice_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="at least one notice"):
        write_letter(Delivery(id="d", recipient=samples.OFFICE, claimed_at=morning(7, 18), notices=()))


LEVELS = [None, *Level, "transfer"]
FACTS = [{}, *({"what": matter.value, "text": "请办理", "occurrence": "1"} for matter in Matter)]
EXPLAINED = {
    "with a lag": samples.ONSITE.intent.explanation,
    "without": samples.CHASE.intent.explanation,
    "without a milestone": samples.ONSITE.intent.explanation.model_copy(
        update={"milestone_due_on": None, "milestone_phrase": ""}
    ),
}


@pytest.mark.parametrize("explained", EXPLAINED)
@pytest.mark.parametrize("kind", NoticeKind)
def test_every_notice_that_can_be_given_has_words(kind: NoticeKind, explained: str) -> None:
    for level in LEVELS:
        for duty in [None, *Duty]:
            for facts in FACTS:
                given = notice(
                    EXPLAINED[explained],
                    kind=kind,
                    level=level,
                    duty=duty,
                    facts=facts,
                    respond_by=date(2016, 9, 1) if duty else None,
                )
                text = write_letter(delivery(given)).text
                assert "工程建设项目审批提速" in text
                assert "None" not in text
                assert "\n\n\n" not in text.partition("────")[0]
                assert not [clash for clash in ("，，", "。。", "，。", "于前", "{{", "%}") if clash in text]


def test_no_template_is_without_a_notice_that_uses_it() -> None:
    used = {
        form_of(notice(EXPLAINED["without"], kind=kind, level=level, duty=duty, facts=facts).intent).template
        for kind in NoticeKind
        for level in LEVELS
        for duty in [None, *Duty]
        for facts in FACTS
    }
    written = {file.relative_to(TEMPLATES).as_posix() for file in TEMPLATES.rglob("*.txt")}
    assert written - used == {"letter.txt", "notice.txt"}


def test_a_paper_number_is_printed_as_offices_write_it() -> None:
    assert str(PaperNumber(series="催办通知", year=2016, number=1)) == "催办通知〔2016〕1号"
