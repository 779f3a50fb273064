"""A letter for receivers that take little at once and know no identifiers: numbered parts, or one line a notice.

Whatever goes out says what it belongs to: the message's number stands in every part, and so does the number of each
notice in the line that stands for it. A message that is repeated is repeated whole, under the same number.
"""

import json
from collections.abc import Iterator

from duban.contracts import Delivery, NoticeToSend
from duban.notices.forms import form_of
from duban.notices.identity import printed_id
from duban.notices.letter import Letter
from duban.notices.plain_text import one_line
from duban.supervision.tasks.turn import day_text

MOST_PARTS = 8
"""A letter that takes more is sent as one line a notice: nobody reads the ninth message of one morning."""
LONGEST_TITLE = 40
MARK = "督办"
_ROOM_FOR_HEAD = 240
"""Bytes kept for the first line of a part."""


def weight(text: str) -> int:
    """Bytes that a text takes in a request: as JSON, which is never less than the text's own."""
    return len(json.dumps(text, ensure_ascii=False).encode("utf-8", "replace")) - 2


def parts_of(delivery: Delivery, letter: Letter, *, most_bytes: int, keyword: str = "") -> tuple[str, ...]:
    """What is sent of a letter, in order.

    Args:
        most_bytes: What one part may weigh.
        keyword: Must stand in every part.
    """
    room = most_bytes - _ROOM_FOR_HEAD
    pieces = tuple(split(_plain(letter.text.strip("\n")), room))
    if len(pieces) > MOST_PARTS:
        pieces = tuple(split(_plain(in_lines(delivery, letter, room * (MOST_PARTS - 2))), room))
    return tuple(
        f"{_head(delivery, place, len(pieces), keyword)}\n{piece}" for place, piece in enumerate(pieces, start=1)
    )


def split(text: str, most: int) -> Iterator[str]:
    """A text in pieces that weigh no more than `most`, broken between lines where that can be; nothing is lost."""
    piece = ""
    for line in text.split("\n"):
        longer = f"{piece}\n{line}" if piece else line
        if weight(longer) <= most:
            piece = longer
            continue
        if piece:
            yield piece
        *whole, piece = _broken(line, most)
        yield from whole
    if piece:
        yield piece


def in_lines(delivery: Delivery, letter: Letter, most: int) -> str:
    """A letter with one line for each notice; what has no room is counted."""
    said = [letter.title, f"{letter.recipient}："]
    for place, notice in enumerate(delivery.notices):
        line = f"{place + 1}. {notice_line(notice)}"
        if weight("\n".join([*said, line])) > most:
            said.append(f"……另有{len(delivery.notices) - place}件，请向交办单位索取全文。")
            break
        said.append(line)
    return "\n".join([*said, "全文较长，此处只列要点；请逐件办理。"])


def notice_line(notice: NoticeToSend) -> str:
    """A notice in one line: what it is, its number, the task, and by when an answer is owed."""
    intent = notice.intent
    number = f"（{one_line(str(notice.paper))}）" if notice.paper else ""
    title = one_line(notice.task_title)
    title = title if len(title) <= LONGEST_TITLE else f"{title[:LONGEST_TITLE]}…"
    by = f"，{day_text(intent.respond_by)}前" if intent.respond_by else ""
    return f"{form_of(intent).heading}{number}：{title}（{one_line(notice.task_code)}）{by}"


def _head(delivery: Delivery, place: int, count: int, keyword: str) -> str:
    of = f"（第{place}部分，共{count}部分）" if count > 1 else ""
    # Without the vendor's word for it: of several parts some may have come with an attempt that then failed.
    again = "（可能重复，同一编号以一份为准）" if delivery.uncertain or (count > 1 and delivery.attempt > 1) else ""
    return f"【{one_line(keyword) or MARK}】编号 {printed_id(delivery)}{of}{again}"


def _plain(text: str) -> str:
    """Without what calls people: WeCom reads `<@…>` and Feishu `<at …>` in a text as a call, whoever typed it."""
    return text.replace("<", "＜")


def _broken(line: str, most: int) -> list[str]:
    """A line that is too long, in pieces."""
    pieces, piece, weighs = [], "", 0
    for character in line:
        more = weight(character)
        if piece and weighs + more > most:
            pieces.append(piece)
            piece, weighs = "", 0
        piece, weighs = piece + character, weighs + more
    return [*pieces, piece]
