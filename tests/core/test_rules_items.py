"""The balance of goods as a rule (R11, R14), and the window of those that are named (R12)."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from worlds.past import NOTHING
from worlds.sales import a_sale

from pos_terminal.core.decision import Answer, Phase, Verdict
from pos_terminal.core.items import Item, most_for, name_items, what_remains
from pos_terminal.core.refund import Kind
from pos_terminal.core.rules import window as window_rule
from pos_terminal.core.rules.balance import Against
from pos_terminal.core.rules.book import make_book
from pos_terminal.core.rules.facts import Facts
from pos_terminal.core.sale import Sale, SaleLine, Tender, TenderKind

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=timezone(timedelta(hours=8)))
LEG = Tender(1, TenderKind.CARD, 5_300, done=500)
TEA = SaleLine(1, "9", "Tea", 3_000, 1_500, "drinks", returned=1_000)
RICE = SaleLine(2, "10", "Rice", 750, 1_067, "food", held=250)
SALE = a_sale(LEG, sold_at=NOW - timedelta(days=2), batch_closed=True, lines=(TEA, RICE))


def strictest(amount: int, *items: Item, sale: Sale = SALE, **options: Any) -> Verdict | None:
    facts = Facts(sale, sale.tenders[0], Kind.REFUND, amount, NOW, "4", False, items=items)
    return make_book(options).decide(Phase.BEFORE_CARD, facts, NOTHING).strictest


@pytest.mark.parametrize("quantity", [2_001, 0, -1])
def test_a_quantity_above_what_remains_of_the_line_is_denied(quantity: int) -> None:
    verdict = strictest(1, Item(1, quantity, 1))
    assert verdict is not None
    assert (verdict.answer, verdict.against) == (Answer.DENY, Against.LINE)
    assert (verdict.figures["line"], verdict.figures["left"]) == (1, "2")


def test_as_much_as_remains_of_it_is_allowed() -> None:
    assert strictest(3_000, Item(1, 2_000, 3_000)) is None


def test_more_money_than_the_goods_are_worth_is_denied() -> None:
    assert strictest(1_500, Item(1, 1_000, 1_500)) is None
    verdict = strictest(1_501, Item(1, 1_000, 1_501))
    assert verdict is not None
    assert (verdict.answer, verdict.against) == (Answer.DENY, Against.WORTH)
    assert verdict.figures["worth"] == 1_500


def test_all_that_is_left_of_the_goods_brings_all_that_is_left_of_the_money() -> None:
    assert strictest(4_800, Item(1, 2_000, 4_000), Item(2, 500, 800)) is None
    verdict = strictest(4_801, Item(1, 2_000, 4_000), Item(2, 500, 801))
    assert verdict is not None
    assert verdict.against == Against.BALANCE


def test_only_the_goods_that_are_named_have_a_window() -> None:
    """Rice can't go back after a day; tea of the same sale can."""
    window = {"categories": {"food": {"free_days": 0, "supervisor_days": 1}}}
    assert strictest(100, Item(1, 1_000, 100), window=window) is None
    for items in ([Item(2, 500, 100)], []):
        verdict = strictest(100, *items, window=window)
        assert verdict is not None
        assert verdict.against is window_rule.Against.TOO_OLD


LINES = st.lists(
    st.tuples(st.integers(0, 5_000), st.integers(0, 3_000)), min_size=1, max_size=4
).map(
    lambda sold: tuple(
        SaleLine(n, "s", "n", quantity, price, "") for n, (quantity, price) in enumerate(sold, 1)
    )
)


@given(LINES, st.data())
def test_any_order_of_holds_and_releases_stays_within_what_was_sold(
    lines: tuple[SaleLine, ...], data: st.DataObject
) -> None:
    """What the rule lets pass is held; each ends as returned or free, in any order."""
    sale = replace(SALE, lines=lines, amount=9_000, tenders=(replace(LEG, amount=9_000, done=0),))
    held: list[tuple[int, tuple[Item, ...]]] = []
    coin = st.booleans()
    for _ in range(data.draw(st.integers(1, 8))):
        if data.draw(coin) and held:
            amount, items = held.pop(data.draw(st.integers(0, len(held) - 1)))
            sale = moved(sale, amount, items, -1, data.draw(coin))
        amount = data.draw(st.integers(1, 9_000))
        chosen = {
            line.line: data.draw(st.integers(1, line.quantity + 1))
            for line in lines
            if line.quantity
        }
        items = name_items(sale, Kind.REFUND, amount, chosen)
        if strictest(amount, *items, sale=sale, ceiling={"enabled": False}) is None:
            held.append((amount, items))
            sale = moved(sale, amount, items, 1, False)
        for line in sale.lines:
            assert 0 <= line.held + line.returned <= line.quantity
        assert 0 <= sale.held + sale.done <= sale.amount


@given(LINES)
def test_what_remains_is_never_denied(lines: tuple[SaleLine, ...]) -> None:
    sale = replace(SALE, lines=lines)
    left = sale.tenders[0].remaining
    items = name_items(sale, Kind.REFUND, left, what_remains(sale))
    assert most_for(sale, left, what_remains(sale)) == left
    assert strictest(left, *items, sale=sale) is None


def moved(sale: Sale, amount: int, items: tuple[Item, ...], sign: int, returned: bool) -> Sale:
    """As the ledger does it: held or no longer held, and then perhaps returned."""
    quantities = {item.line: item.quantity for item in items}
    lines = tuple(
        replace(
            line,
            held=line.held + sign * quantities.get(line.line, 0),
            returned=line.returned + returned * quantities.get(line.line, 0),
        )
        for line in sale.lines
    )
    leg = sale.tenders[0]
    leg = replace(leg, held=leg.held + sign * amount, done=leg.done + returned * amount)
    return replace(sale, lines=lines, tenders=(leg,))
