"""What a person sees while the demonstration runs."""

import io
from datetime import date

from rich.console import Console

from duban.commands.demo_view import Lines, News, Picture, drawn
from duban.ledger.questions.rows import ReminderRow
from duban.supervision.tasks.entries import Citation
from duban.supervision.tasks.state import RungStatus


def given(code: str, level: str, status: RungStatus = RungStatus.ISSUED) -> News:
    row = ReminderRow(
        task_code=code,
        plan_code="BT",
        level=level,
        episode=1,
        status=status,
        due_on=date(2022, 4, 16),
        lag_days=16,
        milestone_due_on=date(2022, 3, 31),
        issued_at=None,
        issuer="市委改革办",
        reason="",
        citation=Citation(rule="电话提醒"),
    )
    return News(seen_on=date(2022, 4, 18), reminder=row)


def picture(today: date, *news: News) -> Picture:
    return Picture(
        today=today,
        share=0.25,
        by_status={"assigned": 60, "struck_off": 4},
        behind=3,
        news=news,
        delivered=7,
        waiting=2,
    )


def test_elsewhere_than_on_a_terminal_there_is_a_line_for_each_reminder_and_each_week() -> None:
    console = Console(file=io.StringIO(), width=200)
    lines = Lines(console)
    phone, written = given("BT-09", "phone"), given("BT-09", "written", RungStatus.AWAITING_APPROVAL)
    lines.show(picture(date(2022, 4, 18), phone))
    lines.show(picture(date(2022, 4, 19), phone))
    lines.show(picture(date(2022, 4, 20), phone, written))
    lines.show(picture(date(2022, 4, 25), phone, written))
    assert isinstance(console.file, io.StringIO)
    assert console.file.getvalue().splitlines() == [
        "2022-04-18  BT-09 电话提醒：发出（04-16到期，滞后16天）",
        "2022-04-18  已交办 60，已销号 4；滞后 3；通知已送达 7，待发 2",
        "2022-04-18  BT-09 书面提醒：提请审批（04-16到期，滞后16天）",
        "2022-04-25  已交办 60，已销号 4；滞后 3；通知已送达 7，待发 2",
    ]


def test_on_a_terminal_date_states_and_the_last_ten_reminders_are_shown() -> None:
    console = Console(file=io.StringIO(), width=100, force_terminal=True, color_system=None)
    console.print(drawn(picture(date(2022, 4, 18), *(given(f"BT-{n:02}", "phone") for n in range(1, 13)))))
    assert isinstance(console.file, io.StringIO)
    shown = console.file.getvalue()
    assert "2022年4月18日 星期一" in shown
    assert "25%" in shown
    assert "已销号" in shown
    assert "BT-02" not in shown
    assert [f"BT-{n:02}" in shown for n in range(3, 13)] == [True] * 10
