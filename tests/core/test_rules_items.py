"""The balance of goods as a rule (R11, R14), and the window of those that are named (R12)."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from worlds.past import NOTHING, Earlier
from worlds.sales import a_sale

from pos_terminal.core.decision import Answer, Phase, Verdict
from pos_terminal.core.exchange import GivenOut
from pos_terminal.core.items import Item, due, most_for, name_items, what_remains
from pos_terminal.core.looked import Looked
from pos_terminal.core.price import SCALE
from pos_terminal.core.refund import Kind
from pos_terminal.core.rules import returnable, serial
from pos_terminal.core.rules import window as window_rule
from pos_terminal.core.rules.balance import Against
from pos_terminal.core.rules.book import make_book
from pos_terminal.core.rules.facts import Facts
from pos_terminal.core.sale import LineKind, Sale, SaleLine, Tender, TenderKind
from pos_terminal.core.serials import PiecesBack

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=timezone(timedelta(hours=8)))
LEG = Tender(1, TenderKind.CARD, 5_300, done=500)
TEA = SaleLine(1, "9", "Tea", 3_000, 1_500 * SCALE, "drinks", returned=1_000)
RICE = SaleLine(2, "10", "Rice", 750, 1_067 * SCALE, "food", held=250)
SALE = a_sale(LEG, sold_at=NOW - timedelta(days=2), batch_closed=True, lines=(TEA, RICE))


def strictest(amount: int, *items: Item, sale: Sale = SALE, **options: Any) -> Verdict | None:
    facts = Facts(sale, sale.tenders[0], Kind.REFUND, amount, NOW, "4", False, items=items)
    return make_book(options).decide(Phase.BEFORE_CARD, facts, NOTHING).strictest


@pytest.mark.parametrize("quantity", [2_001, 0, -1])
def test_a_quantity_above_what_remains_of_the_line_is_denied(quantity: int) -> None:
    verdict = strictest(1, Item(1, quantity, 1, 1))
    assert verdict is not None
    assert (verdict.answer, verdict.against) == (Answer.DENY, Against.LINE)
    assert (verdict.figures["line"], verdict.figures["left"]) == (1, "2")


def test_as_much_as_remains_of_it_is_allowed() -> None:
    assert strictest(3_000, Item(1, 2_000, 3_000, 3_000)) is None


def test_more_money_than_the_goods_are_worth_is_denied() -> None:
    assert strictest(1_500, Item(1, 1_000, 1_500, 1_500)) is None
    verdict = strictest(1_501, Item(1, 1_000, 1_501, 1_501))
    assert verdict is not None
    assert (verdict.answer, verdict.against) == (Answer.DENY, Against.WORTH)
    assert verdict.figures["worth"] == 1_500


def test_the_last_goods_bring_their_own_where_the_first_came_back_for_less() -> None:
    """15.00 of tea and 2.67 of rice are back or on their way for 5.00: they are settled."""
    assert strictest(3_533, Item(1, 2_000, 3_000, 3_000), Item(2, 500, 533, 533)) is None
    verdict = strictest(3_534, Item(1, 2_000, 3_000, 3_000), Item(2, 500, 534, 533))
    assert verdict is not None
    assert (verdict.against, verdict.figures["worth"]) == (Against.WORTH, 3_533)


def test_a_discount_is_no_goods() -> None:
    off = SaleLine(3, "", "Off", 1_000, 0, "", kind=LineKind.DISCOUNT)
    verdict = strictest(1, Item(3, 1_000, 1, 0), sale=replace(SALE, lines=(TEA, RICE, off)))
    assert verdict is not None
    assert verdict.against == Against.LINE


SHUT = replace(RICE, held=0, returnable=False, not_returnable_because="opened")
"""8.00 of 53.00, of which 5.00 were given back."""
KEPT = replace(SALE, lines=(TEA, SHUT))


@pytest.mark.parametrize(
    ("amount", "items"), [(100, (Item(2, 250, 100, 267),)), (4_001, ()), (4_800, ())]
)
def test_what_is_not_taken_back_is_denied_named_or_not(
    amount: int, items: tuple[Item, ...]
) -> None:
    verdict = strictest(amount, *items, sale=KEPT)
    assert verdict is not None
    assert (verdict.answer, verdict.against) == (Answer.DENY, returnable.Against.NOT_RETURNABLE)
    assert verdict.told == {"goods": "Rice opened"}


def test_the_money_of_other_goods_goes_back() -> None:
    assert strictest(4_000, sale=KEPT) is None
    assert strictest(3_000, Item(1, 2_000, 3_000, 3_000), sale=KEPT) is None


def test_a_defect_and_a_void_of_what_is_not_taken_back_ask_a_supervisor() -> None:
    facts = Facts(KEPT, KEPT.tenders[0], Kind.REFUND, 4_800, NOW, "1", True)
    for asked in (facts, replace(facts, kind=Kind.VOID, defect=False)):
        verdict = make_book({}).decide(Phase.BEFORE_CARD, asked, NOTHING).strictest
        assert verdict is not None
        assert verdict.answer is Answer.ASK_SUPERVISOR


def test_only_the_goods_that_are_named_have_a_window() -> None:
    """Rice can't go back after a day; tea of the same sale can."""
    window = {"categories": {"food": {"free_days": 0, "supervisor_days": 1}}}
    assert strictest(100, Item(1, 1_000, 100, 100), window=window) is None
    for items in ([Item(2, 500, 100, 100)], []):
        verdict = strictest(100, *items, window=window)
        assert verdict is not None
        assert verdict.against is window_rule.Against.TOO_OLD


LINES = st.lists(
    st.tuples(st.integers(0, 5_000), st.integers(0, 3_000)), min_size=1, max_size=4
).map(
    lambda sold: tuple(
        SaleLine(n, "s", "n", quantity, price * SCALE, "")
        for n, (quantity, price) in enumerate(sold, 1)
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
def test_what_is_due_is_never_denied(lines: tuple[SaleLine, ...]) -> None:
    leg = replace(LEG, amount=9_000, done=0)
    sale = replace(SALE, lines=lines, amount=9_000, tenders=(leg,))
    items = name_items(sale, Kind.REFUND, 9_000, what_remains(sale))
    assert most_for(sale, leg, what_remains(sale)) == due(sale) == 9_000
    assert strictest(9_000, *items, sale=sale, ceiling={"enabled": False}) is None


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


PHONES = SaleLine(
    *(1, "77", "Phone", 2_000, 500 * SCALE, ""), returned=1_000, serials=("A-1111", "A-2222")
)
WATCH = SaleLine(2, "78", "Watch", 1_000, 500 * SCALE, "", serials=("W-1",))
PIECES = replace(SALE, lines=(PHONES, WATCH))


def of_pieces(known: PiecesBack, *back: tuple[int, str], out: str | None = None) -> Verdict | None:
    items = tuple(
        Item(line, 1_000, 500, 500, Looked(serials=(one,) if one else ())) for line, one in back
    )
    facts = Facts(PIECES, PIECES.tenders[0], Kind.REFUND, 500 * len(back), NOW, "4", False, items)
    if out is not None:
        gone = GivenOut(1, 1_000, "77", "77", "Phone", (out,) if out else ())
        facts = replace(facts, kind=Kind.EXCHANGE, out=(gone,))
    return make_book({}).decide(Phase.BEFORE_CARD, facts, Earlier(pieces=known)).strictest


A_BACK = PiecesBack(frozenset({"A-1111"}))


@pytest.mark.parametrize(
    ("known", "back", "out", "against", "told"),
    [
        (PiecesBack(), [(1, "A-1111")], None, None, {}),
        (A_BACK, [(1, "X")], None, serial.Against.OTHER_SERIAL, {"sold": "…2222", "given": "X"}),
        (A_BACK, [(1, "A-2222")], "", serial.Against.SERIAL_UNSEEN_OUT, {"name": "Phone"}),
        (A_BACK, [(1, "A-2222")], "NEW", None, {}),
        (PiecesBack(), [(1, "")], "", serial.Against.SERIAL_UNSEEN, {"name": "Phone"}),
        (
            PiecesBack(absent={"W-1": 9}),
            [(1, "X"), (2, "W-1")],
            None,
            serial.Against.SERIAL_PAID,
            {"name": "Watch", "given": "W-1", "paid": "9"},
        ),
    ],
)
def test_numbers_of_pieces_are_held_against_what_is_back(
    known: PiecesBack,
    back: list[tuple[int, str]],
    out: str | None,
    against: serial.Against | None,
    told: dict[str, str],
) -> None:
    """What was paid for before is read before all else."""
    verdict = of_pieces(known, *back, out=out)
    assert (verdict.against if verdict else None) is against
    assert verdict is None or verdict.told.items() >= told.items()
    assert verdict is None or verdict.always_read is (against is serial.Against.SERIAL_PAID)
