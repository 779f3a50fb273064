"""What cannot be taken back by `changes undo` is refused with the way that there is."""

from duban.commands.undoing import OTHERWISE
from duban.orders import OrderKind


def test_every_other_kind_of_order_has_a_way_back_of_its_own() -> None:
    assert set(OTHERWISE) == set(OrderKind) - {OrderKind.REGIME}
