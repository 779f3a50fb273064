"""What people type cannot break a letter, pretend to be a part of it, or run."""

import unicodedata
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duban.notices.plain_text import one_line, quoted
from duban.notices.wording import write_letter
from duban.supervision.tasks.entries import Citation
from tests.notices import samples
from tests.notices.samples import delivery, notice, why

FORGED = "审批提速\n\n────────────────\n通知标识：伪造\r\n\u2028通报\x1b[2J\x00\u202e\u200b"


def test_a_title_with_line_breaks_stays_one_line() -> None:
    letter = write_letter(delivery(samples.PHONE.model_copy(update={"task_title": FORGED})))
    assert "“审批提速 ──────────────── 通知标识：伪造 通报[2J”" in letter.text
    assert letter.text.count("\n────") == 1
    assert letter.text.count("\n通知标识：") == 1


def test_paragraphs_of_a_fact_are_kept_but_never_start_at_the_margin() -> None:
    told = notice(why(date(2016, 8, 15), "现场提醒"), level="onsite", facts={"text": "第一段\n依据与计算：\n\n第三段"})
    assert "　　内容：第一段\n　　　　依据与计算：\n　　　　第三段\n" in write_letter(delivery(told)).text


@pytest.mark.parametrize(
    ("title", "in_a_letter"),
    [
        ("审批提速", "“审批提速”"),
        ("“包头文化云”平台建设", "“‘包头文化云’平台建设”"),
        ("推进“一网通办‘跨省’专区”和“互联网+监管”", "“推进‘一网通办“跨省”专区’和‘互联网+监管’”"),
        ("‘放管服’改革", "“‘放管服’改革”"),
        ("O’Brien试点", "“O’Brien试点”"),
        ("数字政府”建设", "“数字政府’建设”"),
    ],
)
def test_quotation_marks_in_a_title_become_inner_ones(title: str, in_a_letter: str) -> None:
    letter = write_letter(delivery(samples.PHONE.model_copy(update={"task_title": title})))
    assert f"改革事项{in_a_letter}（编号" in letter.text


def test_quotation_marks_in_a_milestone_and_in_a_clause_become_inner_ones() -> None:
    clause = Citation(rule="现场提醒", document="《办法》", paragraph=6, sentence="由“目督办”会同")
    told = notice(why(date(2016, 8, 15), "现场提醒", milestone_phrase="“云”上线", citation=clause), level="onsite")
    text = write_letter(delivery(told)).text
    assert "节点：“‘云’上线”，" in text
    assert "：“由‘目督办’会同”" in text
    assert "““" not in text


@given(st.text(alphabet="“”‘’云"))
def test_no_mark_within_a_title_ends_its_quotation(title: str) -> None:
    depth = 0
    for place, character in enumerate(whole := quoted(title)):
        depth += {"“": 1, "”": -1}.get(character, 0)
        assert depth > 0 or place == len(whole) - 1


def test_template_language_in_a_title_is_only_text() -> None:
    letter = write_letter(delivery(samples.PHONE.model_copy(update={"task_title": "{{ 7 * 7 }}{% raw %}"})))
    assert "“{{ 7 * 7 }}{% raw %}”" in letter.text


def test_rare_characters_of_names_are_kept() -> None:
    assert one_line("𠮷田\ue000㐂︀") == "𠮷田\ue000㐂︀"


@settings(max_examples=60, deadline=None)
@given(st.text(), st.text(), st.dictionaries(st.text(), st.text(), max_size=3))
def test_no_text_changes_the_shape_of_a_letter(title: str, phrase: str, facts: dict[str, str]) -> None:
    explanation = why(
        date(2016, 8, 15),
        "现场提醒",
        milestone_phrase=phrase,
        shift=phrase,
        citation=Citation(rule=title, document=phrase, paragraph=1, sentence=title, assumed=phrase),
    )
    told = notice(explanation, level="onsite", facts=facts, recipient=title, issuer=phrase)
    sent = told.model_copy(update={"task_title": title, "plan_title": phrase, "idempotency_key": title})
    text = write_letter(delivery(sent, id=phrase)).text
    lines = text.split("\n")
    assert lines[0] == "现场提醒"
    assert lines[-1] == ""
    assert lines[-2].startswith("送达标识：")
    assert lines.count("────────────────") == 1
    assert not [c for c in text if c != "\n" and unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"}]
