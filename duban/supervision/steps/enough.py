"""Whether what is stated is enough and not too much: how many there are, and how much of another number one is."""

from collections.abc import Mapping
from decimal import Decimal
from math import ceil

from duban.supervision.rules.procedures import Fact


def why_not_enough(fact: Fact, stated: Mapping[str, tuple[str, ...]]) -> str | None:
    """Why a fact falls short or goes too far, in words; None where it does neither, or is not stated.

    Args:
        stated: By name; numbers have been read as such before.
    """
    values = stated.get(fact.name, ())
    if not values:
        return None
    if len(values) < fact.at_least:
        return f"{fact.title}（{fact.name}）至少写{fact.at_least}个，现为{len(values)}个"
    if len(values) > fact.at_most:
        return f"{fact.title}（{fact.name}）最多写{fact.at_most}个，现为{len(values)}个"
    if fact.share is None or not (whole := stated.get(fact.share.of)):
        return None
    part, of = (Decimal(number.removesuffix("%")) for number in (values[-1], whole[-1]))
    if part * 100 >= of * fact.share.percent:
        return None
    least = ceil(of * fact.share.percent / 100)
    return f"{fact.title}（{fact.name}）应不少于{fact.share.percent}%，即不少于{least}，现为{part}"
