"""The words of deadlines, and the cutting of a plain text into them.

One alternation, matched once from left to right. No alternative nests one
repetition in another, so the time is linear in the text whatever it holds.
"""

import re
from enum import StrEnum
from typing import NamedTuple

from duban.intake.deadlines.numerals import HANZI_NUMERALS, hanzi_number


class Kind(StrEnum):
    """What a piece of text is, as far as deadlines go."""

    TIME_OF_DAY = "time_of_day"
    FULL_DATE = "full_date"
    COMPACT_DATE = "compact_date"
    YEAR_MONTH = "year_month"
    MONTH_DAY = "month_day"
    FIVE_YEARS = "five_years"
    CYCLE = "cycle"
    HOLIDAY = "holiday"
    ISSUE_DAY = "issue_day"
    FOREIGN_EVENT = "foreign_event"
    UNTIL_NOW = "until_now"
    OPEN = "open"
    LOOSELY_OPEN = "loosely_open"
    VAGUE = "vague"
    NAMED_YEAR = "named_year"
    WHOLE_YEAR = "whole_year"
    LAST_PERIOD = "last_period"
    BOTH_HALVES = "both_halves"
    HALF = "half"
    QUARTERS_SO_FAR = "quarters_so_far"
    NAMED_QUARTER = "named_quarter"
    NAMED_MONTH = "named_month"
    HALF_YEAR_COUNT = "half_year_count"
    HALF_MONTH_COUNT = "half_month_count"
    MONTH_PART = "month_part"
    MONTH_COUNT = "month_count"
    QUARTER_COUNT = "quarter_count"
    WORKING_DAY_COUNT = "working_day_count"
    WEEK_COUNT = "week_count"
    DAY_COUNT = "day_count"
    LATIN_QUARTER = "latin_quarter"
    QUARTER = "quarter"
    YEAR = "year"
    MONTH = "month"
    DAY = "day"
    ABOUT = "about"
    START = "start"
    BEFORE = "before"
    WITHIN = "within"
    END = "end"
    EARLY = "early"
    MIDDLE = "middle"
    TO = "to"
    STOP = "stop"
    COMMA = "comma"
    LISTING = "listing"
    ORDINAL = "ordinal"
    APOSTROPHE = "apostrophe"
    ARABIC = "arabic"
    HANZI = "hanzi"
    OTHER = "other"


NUMBERS = frozenset({Kind.ARABIC, Kind.HANZI})
LENGTH_UNITS = frozenset(
    {Kind.YEAR, Kind.MONTH_COUNT, Kind.QUARTER_COUNT, Kind.WEEK_COUNT, Kind.DAY_COUNT, Kind.WORKING_DAY_COUNT, Kind.DAY}
)
"""What a number makes a length of time with: ``3个月``, ``30日``."""

_MONTH_DOT_DAY = r"(?:1[0-2]|0?[1-9])[./](?:3[01]|[12][0-9]|0?[1-9])"
_RHYTHM = r"(?:半年|年度?|学年|学期|季度?|双月|双周|月度?|旬|周|星期|工作日|日|天)"

_WORDS: dict[Kind, str] = {
    Kind.TIME_OF_DAY: (
        r"[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?(?:\.[0-9]{1,6})?|(?:上午|下午)?[0-9]{1,2}[时点](?!间|期)整?|下班"
    ),
    Kind.FULL_DATE: (r"(?<![0-9])(?:19|20|21)[0-9]{2}(?:-[0-9]{1,2}-|/[0-9]{1,2}/|\.[0-9]{1,2}\.)[0-9]{1,2}(?![0-9])"),
    Kind.COMPACT_DATE: r"(?<![0-9])(?:19|20)[0-9]{6}(?![0-9])",
    Kind.YEAR_MONTH: r"(?<![0-9])(?:19|20|21)[0-9]{2}[-/.](?:1[0-2]|0?[1-9])(?![0-9年])",
    # Two numbers and a point are a date only before 前, or where nothing else stands beside them: 达到6.5 is none.
    Kind.MONTH_DAY: (
        rf"(?<![0-9.]){_MONTH_DOT_DAY}(?=日?(?:之前|以前|前))"
        rf"|(?:(?<=[;,，；。、~年于(（-])|(?<=[^达]至)|(?<=[^达]到)|(?<![\s\S])){_MONTH_DOT_DAY}(?=日?(?:[;,，；。、~)）至到起-]|$))"
    ),
    Kind.FIVE_YEARS: (
        r"[\"“”'‘’「『《]?十[一二三四五六七]五(?!年|个|日|天)[\"“”'‘’」』》]?"
        r"(?:规划|计划)?(?:期间|时期|期末|末期|期|末|收官)?"
    ),
    Kind.CYCLE: (
        rf"每隔?[0-9一二两双三四五六七八九十]{{0,3}}个?{_RHYTHM}(?:(?:不少于|至少)?[1-4一二两三四]次)?"
        r"|按(?:半年|年度?|季度?|月度?|周)(?!份|底|末)|逐[年季月周]度?|各(?:季度?|月度?|年度)"
        r"|(?:半年|一年|一?个?季度?|[一两]个?月|一周)[一二两三四1-4]次"
        r"|一(?:年|季度?|月|周|旬|日|天)一(?![年季月日号至到~-])"
        r"|月度|季度(?=报|通|调|总|评|督)"
    ),
    Kind.HOLIDAY: (
        r"春节|元旦|清明节?|五一|劳动节|端午节?|中秋节?|国庆节?|七一|八一|双节|两节|暑假|寒假|暑期|汛期|春耕|秋收"
        r"|采暖[季期]?|供[暖热][季期]?|秋冬季?|[春夏秋冬]季|入[春夏秋冬汛]|年关|开学|学期|学年|中考|高考"
        r"|党代会|两会|换届|节前|节后|会前|会后"
    ),
    Kind.ISSUE_DAY: r"印发|下发|制发|发文|发布|公布|颁布|出台|成文|实施之日|施行之日|今后|未来|接下来",
    Kind.FOREIGN_EVENT: (
        r"收到|接到|受理|签订|验收|竣工|开工|投产|批复|批准|审批|获批|挂牌|发生|发现|任务下达|交办|结束|会议"
        r"|上级|国家|国务院|中央|部委|(?<![本全我])省|(?<![本全我])自治区"
    ),
    Kind.UNTIL_NOW: r"至今",
    Kind.OPEN: (
        r"持续|长期|常态|不断|始终|经常|日常|一以贯之|久久为功|不间断|贯穿(?!全年|始终)|永久"
        r"|动态(?:更新|调整|管理)|滚动|(?i:ongoing|continuous(?:ly)?|long-?term)"
    ),
    Kind.LOOSELY_OPEN: (
        r"按(?:照)?(?:工作|项目|工程|序时|时序|时间|既定)?(?:进度|计划|节点|部署)"
        r"|序时|稳步|有序|逐步|分步|分阶段|循序|深入推进|同步推进|全程|全过程"
    ),
    Kind.VAGUE: (
        r"[本下这](?:周|星期)[一二三四五六日天末]?|即日起|限期|限时|及时|适时|尽快|尽早|从速|近期|立即|立行立改|即知即改|即行即改|立查立改|即时|马上|抓紧|待定"
        r"|另行通知|视情|按时(?!间)|按期|如期|按(?:照)?(?:有关|上级|国家|中央|省|市|规定|要求|时限)+|随时|择机|适当时机|条件成熟|短期|远期|到期"
        r"|(?i:tbd|asap|as soon as possible)"
    ),
    Kind.NAMED_YEAR: r"今年|本年度?|当年|明年|来年|下一?年度?|次年|翌年|后年|去年|上年度?",
    Kind.WHOLE_YEAR: r"全年|整年",
    Kind.LAST_PERIOD: r"上个?(?:月|季度?|周)[底末]?",
    Kind.BOTH_HALVES: r"上[、和及]?下半年度?",
    # 印发后半年 is half a year after, not a second half.
    Kind.HALF: r"[上下]半年度?|(?<![^年度;,、\s和及])[前后]半年度?",
    Kind.QUARTERS_SO_FAR: r"前[二两三]个?季度",
    Kind.NAMED_QUARTER: r"(?:本|当|下|次)个?季度?(?!节)",
    Kind.NAMED_MONTH: r"(?:本|当|下|次|这)个?月",
    Kind.HALF_YEAR_COUNT: r"半年",
    Kind.HALF_MONTH_COUNT: r"半个?月",
    Kind.MONTH_PART: r"[上中下][中下]?旬",
    Kind.QUARTER_COUNT: r"个季度",
    Kind.MONTH_COUNT: r"个月",
    Kind.WORKING_DAY_COUNT: r"个?工作[日天]",
    Kind.WEEK_COUNT: r"个?(?:星期|礼拜)|个周|周(?!年|边|期|转|密|末)",
    Kind.DAY_COUNT: r"个?(?:自然日|日历日)|天|个日",
    Kind.LATIN_QUARTER: r"[Qq][1-4](?![0-9])",
    Kind.QUARTER: r"季度?(?!节)",
    Kind.YEAR: r"年度?(?!限|轻|龄|代|级|货|检|会|审)",
    Kind.MONTH: r"月份?",
    Kind.DAY: r"日|号(?![线楼地院文井厂门通公路机馆桥池坝区站码标令房宗仓库坑矿台主干支渠闸])",
    Kind.ABOUT: r"前后|左右|上下",
    Kind.START: (
        r"(?:之日|当日|次日)?起(?!草|步|诉|点|到|来|飞)(?:始|算)?|开始|以来|之后|以后|后(?!续|勤|期|备|台|半|果)"
    ),
    Kind.BEFORE: r"(?:之|(?<![目当事提空超]))前(?!期|置|端|往|沿|移|列|瞻|景|提)|以前",
    Kind.WITHIN: r"之内|以内|内|期间|时间|期限",
    Kind.END: r"底|末|终(?!身|端|止)|尾|的?最后一[天日]",
    Kind.EARLY: r"初(?!稿|步|审|始|期|级)",
    Kind.MIDDLE: r"中(?!心|国|央|共|小|等|层|级|医|学|型|午|标)期?",
    Kind.TO: r"(?:一直)?(?<![达做得])[至到]|[-~]+",
    Kind.STOP: r"[;；。\n！!？?|]",
    Kind.COMMA: r"[,，]",
    Kind.LISTING: r"[、/和及与]|以及",
    Kind.ORDINAL: r"第",
    Kind.APOSTROPHE: r"['’‘`´]",
    Kind.ARABIC: r"[0-9]+",
    Kind.HANZI: rf"[{HANZI_NUMERALS}][{HANZI_NUMERALS}0O]*",
    Kind.OTHER: r"(?s:.)",
}
_PIECES = re.compile("|".join(f"(?P<{kind}>{pattern})" for kind, pattern in _WORDS.items()))
_KINDS = {str(kind): kind for kind in Kind}
_LONGEST_NUMBER = 5


class Token(NamedTuple):
    """A piece of a plain text: ``text[start:end]``, with its value where it is a number."""

    kind: Kind
    text: str
    start: int
    end: int
    value: int | None = None


def tokens_of(text: str) -> list[Token]:
    """The pieces of a plain text, in order and without gaps."""
    return [_token(match) for match in _PIECES.finditer(text)]


def _token(match: re.Match[str]) -> Token:
    kind = _KINDS[match.lastgroup or Kind.OTHER]
    text = match.group()
    value: int | None = None
    if kind is Kind.ARABIC:
        value = int(text) if len(text) <= _LONGEST_NUMBER else None
    elif kind is Kind.HANZI:
        value = hanzi_number(text)
    return Token(kind, text, match.start(), match.end(), value)
