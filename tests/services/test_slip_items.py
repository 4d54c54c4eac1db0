"""The goods that stand on slips (R14, R39)."""

from __future__ import annotations

from worlds.sales import AT, a_sale

from pos_terminal.core.application import ApplicationState
from pos_terminal.core.items import Item
from pos_terminal.core.refund import Kind
from pos_terminal.core.sale import SaleLine, Tender, TenderKind
from pos_terminal.ports import Application, Grounds
from pos_terminal.services.paper.facts import MOST_ITEMS, goods_of

LINES = tuple(SaleLine(n, str(n), f"Cup {n}", 1_000, 900_000_000, "") for n in range(1, 41))
SALE = a_sale(Tender(1, TenderKind.CASH, 36_000), lines=LINES)


def grounds(*items: Item) -> Grounds:
    amount = sum(item.amount for item in items)
    application = Application(7, 1, 1, Kind.CASH, amount, "1", "101", ApplicationState.OPEN, items)
    return Grounds(application, SALE, (), (), AT)


def test_goods_are_named_with_what_falls_to_each() -> None:
    goods = goods_of(grounds(Item(2, 1_000, 900, 900), Item(3, 500, 450, 450)), 1_350).items
    assert [(g.name, g.quantity, g.amount) for g in goods] == [
        ("Cup 2", "1", 900),
        ("Cup 3", "0.5", 450),
    ]


def test_of_a_part_that_was_approved_less_falls_to_each() -> None:
    goods = goods_of(grounds(Item(2, 1_000, 900, 900), Item(3, 500, 450, 450)), 100).items
    assert [g.amount for g in goods] == [67, 33]


def test_a_trolley_full_is_named_in_part_and_the_rest_keeps_its_amount() -> None:
    everything = [Item(line.line, 1_000, 900, 900) for line in LINES]
    goods = goods_of(grounds(*everything), 36_000).items
    assert len(goods) == MOST_ITEMS
    assert sum(g.amount for g in goods) == MOST_ITEMS * 900
