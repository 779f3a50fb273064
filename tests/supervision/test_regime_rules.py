"""Rules that could not be carried out are refused when a regime is read, not years later when they bite."""

from typing import Any

import pytest
from pydantic import ValidationError

from duban.supervision.rules.regime import Regime
from tests.supervision.supervised import policy_of

Data = dict[str, Any]
ASSUMED = {"assumed": True}


def kunming() -> Data:
    data: Data = policy_of().regime.model_dump(mode="json")
    return data


def rung(data: Data, level: str) -> Data:
    return next(rung for rung in data["ladder"]["rungs"] if rung["level"] == level)


def asks_twice(data: Data) -> None:
    rung(data, "circular")["approvals"] *= 2


def owes_twice(data: Data) -> None:
    second = {"duty": "explanation", "by": "handling_body", "source": ASSUMED}
    rung(data, "written")["answers"].append(second)


def approval_that_is_a_record(data: Data) -> None:
    rung(data, "circular")["approvals"][0]["duty"] = "explanation"


def answer_that_is_a_decision(data: Data) -> None:
    rung(data, "phone")["answers"][0]["duty"] = "confirmation"


def interview_without_grounds(data: Data) -> None:
    del rung(data, "interview")["approvals"][0]


def grounds_after_the_decision(data: Data) -> None:
    rung(data, "interview")["approvals"].reverse()


def nobody_addressed(data: Data) -> None:
    rung(data, "phone")["recipients"] = []


def nobody_issues(data: Data) -> None:
    rung(data, "phone")["issuers"] = []


def owed_by_whoever_supports(data: Data) -> None:
    rung(data, "phone")["answers"][0]["by"] = "supporting_bodies"


def highest_first(data: Data) -> None:
    data["ladder"]["rungs"].reverse()


def confirmation_by_whom_may_not_decide(data: Data) -> None:
    data["authority"]["acts"]["decide"] = ["reform_office", "supervising_body"]


def call_recorded_by_whom_may_not_record(data: Data) -> None:
    data["authority"]["acts"]["record_action"] = ["reform_office", "handling_body"]


def joint_visit_recorded_by_whom_may_not_record(data: Data) -> None:
    data["authority"]["acts"]["record_action"] = ["supervising_body", "handling_body"]
    rung(data, "interview")["answers"] = []


def explanation_by_whom_may_not_explain(data: Data) -> None:
    data["authority"]["acts"]["submit_explanation"] = ["handling_body"]


def verified_by_nobody_who_is_asked(data: Data) -> None:
    data["authority"]["acts"]["verify"] = ["leading_group"]


REFUSED = [
    (asks_twice, "通报提醒：同一事项（confirmation）在 approvals、answers 中只能写一次"),
    (owes_twice, "书面提醒：同一事项（explanation）在 approvals、answers 中只能写一次"),
    (
        approval_that_is_a_record,
        "approvals 的 duty 只能是 grounds、confirmation、decision、consent，不能是 explanation",
    ),
    (answer_that_is_a_decision, "不能是 confirmation"),
    (interview_without_grounds, "约谈提醒：以 grounds 触发的一级，approvals 的第一项须是 duty: grounds"),
    (grounds_after_the_decision, "约谈提醒：以 grounds 触发的一级，approvals 的第一项须是 duty: grounds"),
    (nobody_addressed, "at least 1 item"),
    (nobody_issues, "at least 1 item"),
    (owed_by_whoever_supports, "by 不能是 supporting_bodies：任务可能没有配合单位"),
    (highest_first, "须由低到高排列"),
    (confirmation_by_whom_may_not_decide, "confirmation 由 leading_group 办理，但 authority 的 decide 中没有它"),
    (call_recorded_by_whom_may_not_record, "call_record 由 supervising_body 办理，但 authority 的 record_action 中"),
    (joint_visit_recorded_by_whom_may_not_record, "visit_record 由 reform_office 办理，但 authority 的 record_action"),
    (explanation_by_whom_may_not_explain, "explanation 由 lead_body 办理，但 authority 的 submit_explanation 中没有它"),
    (verified_by_nobody_who_is_asked, "verification 由 supervising_body 办理，但 authority 的 verify 中没有它"),
]


@pytest.mark.parametrize(("spoil", "why"), REFUSED, ids=[case[0].__name__ for case in REFUSED])
def test_a_regime_that_could_not_be_carried_out_is_refused_with_the_reason(spoil: Any, why: str) -> None:
    data = kunming()
    Regime.model_validate(data)
    spoil(data)
    with pytest.raises(ValidationError) as refused:
        Regime.model_validate(data)
    assert why in str(refused.value)
