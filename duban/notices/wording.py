"""Words a delivery: the one door from notices to letters.

The text depends on the delivery's identifier and its notices alone, never on the attempt or the hour of it: sent twice,
it is the same letter. All that people typed passes through `plain_text` before a template sees it.
"""

from dataclasses import dataclass

from jinja2 import PackageLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from duban.contracts import Delivery, NoticeToSend
from duban.notices.chinese_dates import ordinal
from duban.notices.facts import Fact, FactLine, fact_lines, woven_facts
from duban.notices.forms import Form, form_of
from duban.notices.letter import Letter
from duban.notices.plain_text import in_book_marks, one_line, quoted
from duban.notices.reckoning import reckoning
from duban.supervision.rules.owed import Duty
from duban.supervision.rules.parts import HANDLING_BODY
from duban.supervision.tasks.entries import Explanation, NoticeIntent, NoticeKind
from duban.supervision.tasks.turn import day_text
from duban.supervision.words import DUTY_WORDS

_TEMPLATES = ImmutableSandboxedEnvironment(
    loader=PackageLoader("duban.notices"),
    undefined=StrictUndefined,  # a template that asks for what is not there fails a test, not a reader
    autoescape=False,  # plain text, not markup; what may not stand in it is taken out by `plain_text`
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)
_TEMPLATES.filters["quoted"] = quoted


@dataclass(frozen=True)
class Part:
    """A notice as the templates see it: every text is safe to print and every date is in words.

    Attributes:
        place: Its ordinal within the letter (一, 二 …).
        item: The task with its code and plan; goes into a sentence.
        standing: Milestone and lag, begun with a comma; empty where there is nothing to say.
        owed: What the recipient owes; empty for nothing.
        said: Every known fact, for the sentences that weave it in.
    """

    place: str
    heading: str
    number: str
    template: str
    salutation: str
    recipient: str
    issuer: str
    dated: str
    key: str
    item: str
    standing: str
    milestone: str
    rule: str
    owed: str
    respond_by: str
    said: dict[str, str]
    facts: tuple[FactLine, ...]
    reckoning: tuple[str, ...]


@dataclass(frozen=True)
class _Sheet:
    title: str
    salutation: str
    parts: tuple[Part, ...]
    id: str


def write_letter(delivery: Delivery) -> Letter:
    """Writes the letter of a delivery.

    Args:
        delivery: At least one notice to one body.

    Raises:
        ValueError: The delivery holds no notice.
    """
    if not delivery.notices:
        raise ValueError("a delivery carries at least one notice")
    parts = tuple(_part(place, notice) for place, notice in enumerate(delivery.notices, start=1))
    recipient = one_line(delivery.recipient)
    single = parts[0] if len(parts) == 1 else None
    sheet = _Sheet(
        title=single.heading if single else f"改革督办通知（共{len(parts)}件）",
        salutation=single.salutation if single else recipient,
        parts=parts,
        id=one_line(delivery.id),
    )
    return Letter(
        title=sheet.title,
        text=_TEMPLATES.get_template("letter.txt").render(letter=sheet),
        recipient=recipient,
        numbers=tuple(part.number for part in parts if part.number),
        dated_on=max(notice.intent.dated_on(notice.zone) for notice in delivery.notices),
    )


def _part(place: int, notice: NoticeToSend) -> Part:
    intent = notice.intent
    form = form_of(intent)
    recipient = one_line(intent.recipient)
    return Part(
        place=ordinal(place),
        heading=form.heading,
        number=one_line(str(notice.paper)) if notice.paper else "",
        template=form.template,
        salutation=f"{recipient}主要负责人" if form.to_the_head else recipient,
        recipient=recipient,
        issuer=one_line(intent.issuer),
        dated=day_text(intent.dated_on(notice.zone)),
        key=one_line(notice.idempotency_key),
        item=_item(notice),
        standing=_standing(intent.explanation),
        milestone=_milestone(intent.explanation),
        rule=one_line(intent.explanation.citation.rule),
        owed=one_line(intent.facts.get(Fact.OWED, "")) or (DUTY_WORDS[intent.duty] if intent.duty else ""),
        respond_by=day_text(intent.respond_by) if intent.respond_by else "",
        said=woven_facts(intent.facts),
        facts=_facts(intent, form),
        reckoning=reckoning(intent.explanation),
    )


def _facts(intent: NoticeIntent, form: Form) -> tuple[FactLine, ...]:
    facts = dict(intent.facts)
    if intent.kind is NoticeKind.OTHER and intent.duty is Duty.ACCEPTANCE:
        # An assignment: who has to accept it is the body that does the work.
        facts.setdefault(HANDLING_BODY, intent.recipient)
    return fact_lines(facts, woven=form.woven, expected=form.expected)


def _item(notice: NoticeToSend) -> str:
    plan = f"，载于{in_book_marks(notice.plan_title)}" if one_line(notice.plan_title) else ""
    return f"改革事项{quoted(notice.task_title)}（编号{one_line(notice.task_code)}{plan}）"


def _milestone(why: Explanation) -> str:
    if why.milestone_due_on is None:
        return ""
    phrase = one_line(why.milestone_phrase)
    return f"节点{quoted(phrase) if phrase else ''}（期限{day_text(why.milestone_due_on)}）"


def _standing(why: Explanation) -> str:
    """How the item stands on the day on which the notice became due, as a clause; the count belongs to the item."""
    if why.lag_days is None:
        return ""
    node, until = _milestone(why), day_text(why.due_on)
    unmet = f"{node}至{until}未见完成" if node else f"至{until}未见完成"
    return f"，{unmet}，已连续滞后{why.lag_days}天"
