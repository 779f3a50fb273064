"""Whole regime files as an office could write them: what Hypothesis draws, and whether such a file loads."""

from datetime import date, timedelta
from itertools import pairwise
from typing import Any, TypeAlias

from hypothesis import assume
from hypothesis import strategies as st
from pydantic import ValidationError

from duban.supervision.days.calendar import MINUTES_PER_DAY, OfficeCalendar
from duban.supervision.flaws import unworkable
from duban.supervision.rules.owed import ANSWERS, APPROVALS, Duty
from duban.supervision.rules.rulebook import Rulebook
from tests.supervision.supervised import policy_of

Data: TypeAlias = dict[str, Any]
ASSUMED = {"assumed": True}
FARTHEST_LEVEL = 90
"""No level drawn comes later, by its days or after the urgings of the clock."""
TRACKS = ("lag", "circulars", "interview")
UNITS = ("calendar", "working")
DECIDERS = ("leading_group", "reform_office", "supervising_body")


def limit(days: int, unit: str) -> Data:
    return {"days": days, "unit": unit, "source": ASSUMED}


limits = st.builds(limit, st.integers(0, 8), st.sampled_from(UNITS))


@st.composite
def bands(draw: st.DrawFn, count: int) -> list[Data]:
    """Mostly one after the other, as offices write them; sometimes anyhow."""
    unit = draw(st.sampled_from(UNITS))
    edges = sorted(draw(st.lists(st.integers(0, 60), min_size=count + 1, max_size=count + 1, unique=True)))
    found = []
    for above, through in pairwise(edges):
        included = draw(st.booleans())
        band: Data = {"kind": "lag", "above": above, "unit": unit, "above_included": included}
        if draw(st.integers(0, 5)):
            band |= {"through": through, "through_included": draw(st.sampled_from([True, True, not included]))}
        if draw(st.integers(0, 9)) == 0:
            band |= {"above": draw(st.integers(0, 60)), "unit": draw(st.sampled_from(UNITS))}
        found.append(band)
    return found


@st.composite
def others(draw: st.DrawFn) -> Data:
    return draw(
        st.one_of(
            st.builds(lambda n, wait: {"kind": "urgings", "count": n, "wait": wait}, st.integers(1, 4), limits),
            st.just({"kind": "return"}),
            st.builds(lambda wait: {"kind": "demand", "wait": wait}, limits),
            st.builds(lambda day: {"kind": "grounds", "ask_above": day}, st.integers(0, 80)),
        )
    )


@st.composite
def rungs(draw: st.DrawFn) -> list[Data]:
    found: list[Data] = []
    for track in draw(st.lists(st.sampled_from(TRACKS), min_size=1, max_size=3, unique=True)):
        count = draw(st.integers(1, 4))
        banded = draw(bands(count))
        for number in range(count):
            kinds = draw(st.sampled_from(["band", "band", "band", "other", "both"]))
            triggers = [banded[number]] if kinds != "other" else []
            triggers += [draw(others())] if kinds != "band" else []
            found.append(draw(rung(f"{track}{number}", track, triggers)))
    return found


@st.composite
def rung(draw: st.DrawFn, level: str, track: str, triggers: list[Data]) -> Data:
    asks = any(trigger["kind"] == "grounds" for trigger in triggers)
    duties = draw(st.lists(st.sampled_from(["confirmation", "decision", "consent"]), max_size=2, unique=True))
    approvals = [{"duty": duty, "by": draw(st.sampled_from(DECIDERS)), "source": ASSUMED} for duty in duties]
    grounds = [{"duty": "grounds", "by": "reform_office", "source": ASSUMED}] if asks else []
    answers = draw(
        st.lists(
            st.sampled_from(
                [
                    ("call_record", "supervising_body"),
                    ("visit_record", "reform_office"),
                    ("explanation", "lead_body"),
                    ("rectification", "handling_body"),
                    ("interview_record", "reform_office"),
                ]
            ),
            max_size=2,
            unique=True,
        )
    )
    return {
        "level": level,
        "title": level,
        "track": track,
        "triggers": triggers,
        "source": ASSUMED,
        "issuers": [draw(st.sampled_from(["supervising_body", "reform_office"]))],
        "recipients": draw(st.sampled_from([["handling_body"], ["handling_body", "lead_body"]])),
        "approvals": grounds + approvals,
        "answers": [{"duty": duty, "by": by, "source": ASSUMED} for duty, by in answers],
    }


@st.composite
def files(draw: st.DrawFn) -> Data:
    """Kunming's file with a ladder, limits, chases and an authority of its own."""
    data: Data = policy_of().regime.model_dump(mode="json")
    urging = st.none() | st.builds(
        lambda after, every, most: {"after": after, "every": every, "at_most": most, "source": ASSUMED},
        limits,
        limits,
        st.integers(1, 4),
    )
    data["ladder"] = {"rungs": draw(rungs()), "urging": draw(urging)}
    data["limits"] = {duty.value: draw(limits) for duty in Duty}
    data["chasing"] = {"every": draw(limits), "at_most": draw(st.integers(1, 3))}
    acts = data["authority"]["acts"]
    owed = [each for rung in data["ladder"]["rungs"] for each in (*rung["approvals"], *rung["answers"])]
    needed = {
        "decide": {"supervising_body", *(each["by"] for each in owed if each["duty"] in APPROVALS)},
        "record_action": {"handling_body", *(each["by"] for each in owed if each["duty"] in ANSWERS)},
        "submit_explanation": {"lead_body", *(each["by"] for each in owed if each["duty"] == "explanation")},
    }
    acts = data["authority"]["acts"]
    for act, roles in needed.items():
        besides = draw(st.permutations(acts[act]))[: draw(st.integers(0, len(acts[act])))]
        acts[act] = sorted({*roles, *besides})
    return data


def loaded(data: Data) -> Rulebook | None:
    """The rules of a file, as ``load_rulebook`` reads it; None where it is refused."""
    try:
        rules = Rulebook.model_validate(data)
    except ValidationError:
        return None
    return None if any(unworkable(rules)) else rules


@st.composite
def rulebooks(draw: st.DrawFn) -> Rulebook:
    """The rules of files that load: of those that do not, as much of the ladder as does."""
    data = draw(files())
    levels = data["ladder"]["rungs"]
    while (found := loaded(data)) is None and len(levels) > 1:
        levels.pop(draw(st.integers(0, len(levels) - 1)))
    assume(found is not None)
    assert found is not None
    return found


def never_closed(first: date, last: date) -> OfficeCalendar:
    """A calendar by which every day is a working day and the office never closes."""
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    weekends = tuple(day for day in days if day.weekday() >= 5)
    return OfficeCalendar(zone=policy_of().calendar.zone, workdays=weekends, opens=0, closes=MINUTES_PER_DAY)
