"""Circular authority: bodies that supervise each other in a ring, or decide on what they themselves propose.

Asked of a regime with an organisation before either is used; every reason at once, each a sentence for people.
"""

from collections.abc import Iterator

from duban.supervision.bodies.organisation import Organisation
from duban.supervision.rules.authority import Act
from duban.supervision.rules.owed import Duty
from duban.supervision.rules.parts import HANDLING_BODY, LEAD_BODY, SUPERVISING_BODY, SUPPORTING_BODIES, Role
from duban.supervision.rules.regime import Regime
from duban.supervision.words import ACT_WORDS, DUTY_WORDS, role_words

OF_THE_WORK: tuple[Role, ...] = (HANDLING_BODY, LEAD_BODY, SUPPORTING_BODIES)
DECIDED_FOR_OTHERS = (Act.VERIFY, Act.SUSPEND, Act.CARRY_OVER, Act.TERMINATE, Act.AMEND)
"""What one side does for, or to, the side that does the work."""


def circular_authority(regime: Regime, organisation: Organisation | None = None) -> tuple[str, ...]:
    """All that goes round in a circle; empty for a usable pair.

    Args:
        organisation: By default nobody but the offices that the regime itself names.
    """
    who = organisation or Organisation()
    return (*_rings(who), *_inverted(who), *_self_decided(regime, who), *_no_higher(regime, who))


def _rings(organisation: Organisation) -> Iterator[str]:
    """Each ring once, told from its body that stands first in the file."""
    names = organisation.names()
    above = {b.name: names.get(b.supervised_by, b.supervised_by) for b in organisation.bodies if b.supervised_by}
    told: set[str] = set()
    for start in above:
        path: list[str] = []
        body: str | None = start
        while body is not None and body not in path and body not in told:
            path.append(body)
            body = above.get(body)
        if body in path:
            ring = path[path.index(body) :]
            if len(ring) == 1:
                yield f"{ring[0]}的 supervised_by 写的是它自己：单位不能督察自己，请改正"
            else:
                yield f"督察关系成环：{'由'.join([*ring, ring[0]])}督察，请改正其中一个 supervised_by"
        told.update(path)


def _inverted(organisation: Organisation) -> Iterator[str]:
    names = organisation.names()
    tiers = {body.name: body.tier for body in organisation.bodies}
    for body in organisation.bodies:
        above = names.get(body.supervised_by or "", "")
        if above and tiers[above] > body.tier:
            yield (
                f"{body.name}（第{body.tier}级）由{above}（第{tiers[above]}级）督察：督察单位的层级低于被督察单位，"
                "请核对 tier 或 supervised_by"
            )


def _self_decided(regime: Regime, organisation: Organisation) -> Iterator[str]:
    """What the body concerned, or the one that proposes it, would decide itself."""
    offices = organisation.offices(regime)
    for rung in regime.ladder.rungs:
        stating = [approval.by for approval in rung.approvals if approval.duty is Duty.GROUNDS]
        proposing = [rung.issuers[0], *stating]
        for approval in rung.approvals:
            what = f"{rung.title}的{DUTY_WORDS[approval.duty]}"
            decides = _body(offices, approval.by)
            if approval.by in OF_THE_WORK:
                yield f"{what}由{role_words(approval.by)}办理：单位不能决定对自己的提醒，请另定一方"
            elif approval.duty is not Duty.GROUNDS and (
                approval.by in proposing or (decides and decides in [_body(offices, role) for role in proposing])
            ):
                yield f"{what}由提出它的{decides or role_words(approval.by)}自己决定，请另定一方"
    for act in DECIDED_FOR_OTHERS:
        for role in regime.authority.of(act):
            if role in OF_THE_WORK:
                yield f"“{ACT_WORDS[act]}”的权限给了{role_words(role)}：承办的一方不能对自己作出决定，请去掉"


def _no_higher(regime: Regime, organisation: Organisation) -> Iterator[str]:
    """A decision that is to go to a higher body, and stays where it would be decided anyway or below it."""
    offices = organisation.offices(regime)
    usual = _body(offices, SUPERVISING_BODY)
    tiers = {body.name: body.tier for body in organisation.bodies}
    for grant in regime.authority.granted:
        decides = _body(offices, grant.by[0])
        if grant.act is not Act.DECIDE:
            continue
        if grant.by[0] in (SUPERVISING_BODY, LEAD_BODY) or (decides and decides == usual):
            yield f"{grant.title}：仍由{decides or role_words(grant.by[0])}决定，没有提交更高一级，请改正 by"
        elif decides in tiers and usual in tiers and tiers[decides] > tiers[usual]:
            yield f"{grant.title}：由{decides}决定，而它的层级低于交办单位{usual}，请改正 by 或 tier"


def _body(offices: dict[Role, tuple[str, ...]], role: Role) -> str:
    return next(iter(offices.get(role, ())), "")
