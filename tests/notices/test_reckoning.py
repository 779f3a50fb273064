"""Every notice explains itself, so that its receiver can check it with a calendar."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from duban.notices.chinese_dates import ordinal
from duban.notices.reckoning import reckoning
from duban.supervision.tasks.entries import Citation, Explanation
from tests.notices.samples import why


def test_pauses_are_subtracted_before_the_reader_s_eyes() -> None:
    lines = reckoning(why(date(2016, 7, 26), "电话提醒", suspended_days=10))
    assert "天数：自2016年6月30日起连续滞后16天（07-26 − 06-30 = 26，扣除暂停10天，余16天）。" in lines


def test_a_count_across_new_year_shows_the_years() -> None:
    lines = reckoning(why(date(2017, 1, 15), "电话提醒", behind_since=date(2016, 12, 30)))
    assert "天数：自2016年12月30日起连续滞后16天（2017-01-15 − 2016-12-30 = 16，扣除暂停0天）。" in lines


def test_the_first_day_overdue_is_the_day_after_the_deadline() -> None:
    assert "逾期首日：2016年7月1日。" in reckoning(why(date(2016, 7, 16), "电话提醒"))


def test_when_the_first_milestone_is_met_meanwhile_it_says_why_the_count_goes_on() -> None:
    lines = reckoning(
        why(date(2016, 8, 11), "书面提醒", milestone_phrase="7月20日前", milestone_due_on=date(2016, 7, 20))
    )
    assert lines[0] == "节点：“7月20日前”，期限为2016年7月20日，当日24时前完成为按期。"
    assert lines[1].startswith("起算：本轮最早逾期的节点期限为2016年6月30日")
    assert "连续滞后42天" in lines[3]


def test_a_count_in_working_days_is_not_shown_as_a_subtraction_that_does_not_come_out() -> None:
    lines = reckoning(why(date(2016, 7, 14), "市政府督查室通报", lag_days=10))
    assert "天数：自2016年6月30日起连续滞后10天（截至2016年7月14日，按规则所定单位计算，扣除暂停0天）。" in lines


def test_the_rule_is_given_with_document_paragraph_and_sentence() -> None:
    citation = Citation(rule="电话提醒", document="《督察办法》", paragraph=6, sentence="电话告知，并记录备案。")
    lines = reckoning(Explanation(due_on=date(2016, 7, 16), citation=citation))
    assert lines == (
        "时间：本件应发日期为2016年7月16日（星期六）。",
        "规则：电话提醒。《督察办法》第6段：“电话告知，并记录备案。”",
    )


def test_a_limit_for_the_answer_is_given_with_its_own_rule() -> None:
    limit = Citation(
        rule="书面说明应在5个工作日内完成", document="《督察办法》", paragraph=6, sentence="作出书面说明。"
    )
    citation = Citation(rule="书面提醒", assumed="系统预设")
    lines = reckoning(Explanation(due_on=date(2016, 7, 31), citation=citation, respond_by_rule=limit))
    assert lines[-1] == "时限：书面说明应在5个工作日内完成。《督察办法》第6段：“作出书面说明。”"


def test_what_no_document_lays_down_is_marked_as_assumed() -> None:
    citation = Citation(rule="催报间隔", assumed="每5个工作日一次")
    assert reckoning(Explanation(due_on=date(2016, 7, 18), citation=citation))[-1] == "〔假定〕每5个工作日一次。"


def test_a_date_in_a_year_without_announced_holidays_is_marked_as_provisional() -> None:
    lines = reckoning(why(date(2016, 7, 16), "电话提醒", provisional=True))
    assert "〔假定〕有关年度的放假调休安排尚未公布，日期暂按周末休息推算。" in lines


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 3000), st.integers(0, 3000))
def test_the_arithmetic_shown_always_comes_out(since: date, elapsed: int, paused: int) -> None:
    day = since + timedelta(days=elapsed)
    lag = max(elapsed - paused, 0)
    shown = next(
        line
        for line in reckoning(why(day, "电话提醒", behind_since=since, suspended_days=paused, lag_days=lag))
        if line.startswith("天数")
    )
    assert f"连续滞后{lag}天" in shown
    assert (f" = {elapsed}，扣除暂停{paused}天" in shown) == (elapsed - paused == lag)


def test_parts_of_a_letter_are_counted_in_chinese() -> None:
    assert [ordinal(n) for n in (1, 10, 11, 20, 35, 99, 100)] == ["一", "十", "十一", "二十", "三十五", "九十九", "100"]
