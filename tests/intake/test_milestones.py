"""From the phrase of a deadline to the kind of its milestone."""

import pytest

from duban.intake.rows.milestones import kind_of
from duban.supervision.plans.plan import MilestoneKind


@pytest.mark.parametrize(
    ("phrase", "kind"),
    [
        ("5月底前上报方案", MilestoneKind.SUBMIT_PLAN),
        ("5月底前形成工作方案", MilestoneKind.SUBMIT_PLAN),
        ("6月底前印发", MilestoneKind.DOCUMENT_ISSUED),
        ("6月底前出台办法", MilestoneKind.DOCUMENT_ISSUED),
        ("7月启动", MilestoneKind.LAUNCHED),
        ("印发之日起30日内", MilestoneKind.OTHER),
        ("8月底取得明显成效", MilestoneKind.OTHER),
    ],
)
def test_the_words_of_a_phrase_tell_the_key_milestone(phrase: str, kind: MilestoneKind) -> None:
    assert kind_of(phrase) is kind
