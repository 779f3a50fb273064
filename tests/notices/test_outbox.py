"""The outbox: one whole file per delivery, under a name that every file system takes."""

import os
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duban.contracts import DeliveryOutcome
from duban.notices.letter import Letter
from duban.notices.outbox import OutboxChannel, file_name
from duban.notices.wording import write_letter
from tests.notices import samples
from tests.notices.samples import delivery

SENT = delivery(samples.PHONE)
LETTER = write_letter(SENT)


async def test_a_letter_becomes_a_file_named_by_date_body_and_title(tmp_path: Path) -> None:
    result = await OutboxChannel(tmp_path / "made" / "here").send(SENT, LETTER)
    (file,) = (tmp_path / "made" / "here").iterdir()
    assert file.name == "2016-07-18_市住房城乡建设局_电话提醒单_9d037592fa47.txt"
    assert file.read_bytes() == LETTER.text.encode()
    assert result.outcome is DeliveryOutcome.DELIVERED
    assert result.reason == f"已写入文件 {file.name}"


async def test_a_delivery_written_twice_is_one_file(tmp_path: Path) -> None:
    channel = OutboxChannel(tmp_path)
    await channel.send(SENT, LETTER)
    again = SENT.model_copy(update={"attempt": 2, "uncertain": True, "claimed_at": samples.morning(7, 20)})
    await channel.send(again, write_letter(again))
    assert len(list(tmp_path.iterdir())) == 1


async def test_two_deliveries_of_one_day_to_one_body_are_two_files(tmp_path: Path) -> None:
    channel = OutboxChannel(tmp_path)
    await channel.send(SENT, LETTER)
    await channel.send(SENT.model_copy(update={"id": "送达/2016-07-18/2"}), LETTER)
    assert len(list(tmp_path.iterdir())) == 2


async def test_other_people_of_the_office_may_read_the_file_as_the_system_is_set_up(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        await OutboxChannel(tmp_path).send(SENT, LETTER)
    finally:
        os.umask(before)
    (file,) = tmp_path.iterdir()
    assert file.stat().st_mode & 0o777 == 0o640


async def test_a_name_that_points_elsewhere_stays_in_the_folder(tmp_path: Path) -> None:
    hostile = LETTER.model_copy(update={"recipient": "../../etc/cron.d", "title": "/..\\..:x\0"})
    await OutboxChannel(tmp_path / "outbox").send(SENT, hostile)
    assert [path.name for path in tmp_path.iterdir()] == ["outbox"]
    (file,) = (tmp_path / "outbox").iterdir()
    assert file.name.startswith("2016-07-18_-..-etc-cron.d_-..-..-x_")


async def test_a_folder_that_cannot_be_written_waits_and_says_why(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    result = await OutboxChannel(tmp_path / "taken").send(SENT, LETTER)
    assert result.outcome is DeliveryOutcome.RETRY
    assert result.reason == "无法写入待发文件夹：路径被同名文件占用，请移走该文件或另设文件夹"


async def test_a_write_that_breaks_off_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    result = await OutboxChannel(tmp_path).send(SENT, LETTER)
    assert result.reason == "无法写入待发文件夹：磁盘空间不足，请清理后等待自动重试"
    assert list(tmp_path.iterdir()) == []


@given(st.text(), st.text())
def test_whatever_body_and_title_are_called_the_name_is_plain_and_short(recipient: str, title: str) -> None:
    letter = Letter(title=title, text="", recipient=recipient, dated_on=date(2016, 7, 18))
    name = file_name(SENT, letter)
    assert Path(name).name == name
    assert name.startswith("2016-07-18_")
    assert name.endswith("9d037592fa47.txt")
    assert len(name.encode()) <= 143
    assert not set(name) & set('<>:"/\\|?*\0\n\r\t')
