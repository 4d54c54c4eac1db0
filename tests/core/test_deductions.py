"""Goods that bring less than they are worth (R74): what is taken off never comes back by itself."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from worlds.past import NOTHING
from worlds.sales import a_sale

from pos_terminal.core.decision import Answer, Phase, Verdict
from pos_terminal.core.items import (
    Item,
    brings,
    deductions_of,
    due,
    most_of,
    owed,
    share_out,
    still_owed,
    what_remains,
    worths_of,
)
from pos_terminal.core.looked import Deducted, Disposition, Looked
from pos_terminal.core.price import SCALE
from pos_terminal.core.refund import Kind
from pos_terminal.core.rules import inspection
from pos_terminal.core.rules.balance import Against as Balance
from pos_terminal.core.rules.book import make_book
from pos_terminal.core.rules.facts import Facts, Together
from pos_terminal.core.sale import LineKind, Sale, SaleLine, Tender, TenderKind
from pos_terminal.core.ticket import fill
from pos_terminal.core.worth import worths
from pos_terminal.texts import Language, render
from pos_terminal.texts.domain import of_verdict

TEA = SaleLine(1, "9", "Tea", 3_000, 1_500 * SCALE, "food")
CUP = SaleLine(2, "11", "Cup", 1_000, 800 * SCALE, "home")
CARD = Tender(1, TenderKind.CARD, 3_000)
CASH = Tender(2, TenderKind.CASH, 2_300)
SALE = a_sale(CARD, CASH, lines=(TEA, CUP))
NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


def found(off: int, condition: str = "2") -> Looked:
    kind = Deducted.USED if off else None
    return Looked("4", condition, Disposition.QUARANTINE, off, kind)


def test_goods_bring_their_worth_less_what_is_taken_off() -> None:
    assert most_of(SALE, 5_300, {1: 2_000}) == 3_000
    assert most_of(SALE, 5_300, {1: 2_000}, {1: 400}) == 2_600
    assert most_of(SALE, 2_300, {1: 2_000}, {1: 400}) == 2_300, "and no more than a leg has"
    assert most_of(SALE, 5_300, {}, {}) == 5_300


def test_what_a_leg_has_not_is_owed_but_for_what_is_taken_off() -> None:
    assert still_owed(SALE, 2_300, 2_300, {1: 2_000}, {1: 400}) == 300
    assert still_owed(SALE, 2_600, 2_600, {1: 2_000}, {1: 400}) == 0
    assert still_owed(SALE, 3_000, 2_600, {1: 2_000}, {1: 400}) == 0


def test_the_amount_is_shared_out_by_what_is_left_of_each() -> None:
    items = share_out(SALE, {1: 2_000, 2: 1_000}, 2_900, {1: 900})
    assert [(one.amount, one.worth) for one in items] == [(2_100, 3_000), (800, 800)]
    assert [one.amount for one in share_out(SALE, {1: 1_000, 2: 1_000}, 1_500, {2: 800})] == [
        *(1_500, 0)
    ]


def test_what_was_taken_off_is_not_due_with_the_rest() -> None:
    back = replace(TEA, returned=3_000)
    sale = replace(SALE, lines=(back, CUP), tenders=(replace(CARD, done=3_000), CASH))
    sale = replace(sale, tenders=(sale.tenders[0], replace(CASH, done=500)))  # 10.00 taken off
    assert sale.remaining == 1_800
    sale = replace(sale, deducted=1_000)
    assert (sale.withheld, sale.offered) == (1_000, 800)
    assert (due(sale), brings(sale, {2: 1_000}), owed(sale)) == (800, 800, 0)


def judged(amount: int, *items: Item, **facts: object) -> Verdict | None:
    whole = Facts(SALE, CARD, Kind.REFUND, amount, NOW, "4", False, items=items)
    book = make_book({"window": {"enabled": False}})
    return book.decide(Phase.BEFORE_CARD, replace(whole, **facts), NOTHING).strictest


@pytest.mark.parametrize(
    ("amount", "beside", "again"),
    [(800, 0, None), (801, 0, "0.01"), (1_800, 0, "10.00"), (400, 400, None), (400, 401, "0.01")],
)
def test_who_gives_back_what_was_deducted_is_asked_for(
    amount: int, beside: int, again: str | None
) -> None:
    """18.00 are not back, 10.00 of them were deducted; ``beside``: another payment of the plan."""
    cash = replace(CASH, done=500)
    sale = replace(SALE, tenders=(replace(CARD, done=3_000), cash), deducted=1_000)
    together = Together(legs=1, amount=beside + 99, of_sale=beside)
    verdict = judged(amount, sale=sale, tender=cash, together=together)
    if again is None:
        assert verdict is None
        return
    assert verdict is not None
    assert (verdict.rule, verdict.answer) == ("deduction", Answer.ASK_SUPERVISOR)
    assert verdict.told == {"again": again}
    figures = {"deduction": 1_000, "amount": amount + beside, "most": 800}
    assert verdict.figures == figures
    exchanged = judged(amount, sale=sale, tender=cash, together=together, kind=Kind.EXCHANGE)
    assert exchanged is None, "no money goes back"


def test_who_gives_less_than_the_worth_is_asked_for() -> None:
    assert judged(1_500, Item(1, 1_000, 1_500, 1_500, found(0))) is None
    verdict = judged(1_300, Item(1, 1_000, 1_300, 1_500, found(200)))
    assert verdict is not None
    assert (verdict.rule, verdict.answer) == ("inspection", Answer.ASK_SUPERVISOR)
    assert verdict.against is inspection.Against.DEDUCTED
    assert verdict.told == {"deduction": "2.00"}
    assert (verdict.figures["deduction"], verdict.figures["worth"]) == (200, 1_500)


def test_more_than_the_goods_bring_so_is_denied() -> None:
    verdict = judged(1_301, Item(1, 1_000, 1_301, 1_500, found(200)))
    assert verdict is not None
    assert (verdict.answer, verdict.against) == (Answer.DENY, Balance.WORTH)


@pytest.mark.parametrize("amount", [1, 1_300])
def test_nothing_is_taken_off_defective_goods(amount: int) -> None:
    verdict = judged(
        *(amount, Item(1, 1_000, amount, 1_500, found(200))), defect=True, defects=frozenset({1})
    )
    assert verdict is not None
    assert (verdict.answer, verdict.against) == (Answer.DENY, inspection.Against.DEFECT_FOR_LESS)
    assert verdict.told == {"goods": "Tea"}
    other = judged(1_300, Item(1, 1_000, 1_300, 1_500, found(200)), defects=frozenset({2}))
    assert other is not None
    assert other.answer is Answer.ASK_SUPERVISOR, "another line's defect"


def test_a_condition_that_refuses_denies_unless_it_is_for_less() -> None:
    called = {1: {"condition_zh": "人为损坏", "condition_en": "Damaged by the buyer"}}
    verdict = judged(1_500, Item(1, 1_000, 1_500, 1_500, found(0, "4")), refused=called)
    assert verdict is not None
    assert (verdict.answer, verdict.against) == (Answer.DENY, inspection.Against.CONDITION)
    assert verdict.told == {"goods": "Tea"} | called[1]
    assert render(of_verdict(verdict), Language.ZH_CN) == "人为损坏,不予退货:Tea"
    assert render(of_verdict(verdict), Language.EN) == "Damaged by the buyer, not taken back: Tea"
    less = judged(1_000, Item(1, 1_000, 1_000, 1_500, found(500, "4")), refused=called)
    assert less is not None
    assert less.answer is Answer.ASK_SUPERVISOR


@st.composite
def sales(draw: st.DrawFn) -> Sale:
    """Of up to four lines, one of them perhaps a fee, paid by up to three legs."""
    lines = tuple(
        SaleLine(
            number,
            *("s", "n", draw(st.integers(1, 5_000)), 0, ""),
            kind=draw(st.sampled_from([LineKind.GOODS, LineKind.GOODS, LineKind.FEE])),
            paid=draw(st.integers(0, 20_000)),
        )
        for number in range(1, draw(st.integers(1, 4)) + 1)
    )
    total = sum(one.paid or 0 for one in lines) or 1
    if not any(one.paid for one in lines):
        lines = (replace(lines[0], paid=1), *lines[1:])
    cuts = sorted(draw(st.lists(st.integers(1, total), max_size=2)))
    parts = [b - a for a, b in zip([0, *cuts], [*cuts, total], strict=True) if b > a]
    legs = (Tender(leg, TenderKind.CARD, part) for leg, part in enumerate(parts, 1))
    return a_sale(*legs, lines=lines)


@settings(deadline=None)
@given(sales(), st.data())
def test_no_order_of_returns_and_deductions_gives_back_more_than_was_paid(
    sale: Sale, data: st.DataObject
) -> None:
    """Parts of lines in any order, some for less, to all legs or to one that has not enough."""
    whole, kinds = worths(sale), {one.line: one.kind for one in sale.lines}
    given_for, off_for = dict.fromkeys(whole, 0), dict.fromkeys(whole, 0)
    given_back, left_owed, always_all = 0, 0, data.draw(st.booleans())
    while left := what_remains(sale):
        chosen = {n: data.draw(st.integers(1, most)) for n, most in left.items()
                  if data.draw(st.booleans())} or left  # fmt: skip
        worth = worths_of(sale, chosen)
        off = {n: data.draw(st.integers(0, most)) for n, most in worth.items()
               if kinds[n] is LineKind.GOODS and data.draw(st.booleans())}  # fmt: skip
        one_leg = [] if always_all else [(leg,) for leg in sale.tenders]
        legs = data.draw(st.sampled_from([sale.tenders, *one_leg]))
        room = {leg.leg: leg.remaining for leg in legs}
        amount = most_of(sale, sum(room.values()), chosen, off)
        assert amount <= max(0, brings(sale, chosen) - sum(off.values()))
        blind = replace(sale, deducted=0)
        assert amount == most_of(blind, sum(room.values()), chosen, off), "nor less for the others"
        items = share_out(sale, chosen, amount, off)
        assert sum(one.amount for one in items) == amount
        of_it = still_owed(sale, sum(room.values()), amount, chosen, off)
        for one in items:
            given_for[one.line] += one.amount
            off_for[one.line] += off.get(one.line, 0)
        parts = fill(amount, room)
        last = what_remains(sale) == chosen
        sale = replace(
            sale,
            tenders=tuple(replace(leg, done=leg.done + parts.get(leg.leg, 0))
                          for leg in sale.tenders),
            lines=tuple(replace(one, returned=one.returned + chosen.get(one.line, 0))
                        for one in sale.lines),
            owed=(0 if last else sale.owed) + of_it,
            deducted=sale.deducted + sum(off.values()),
        )  # fmt: skip
        given_back += amount
        left_owed = sale.owed
        assert all(0 <= leg.done <= leg.amount for leg in sale.tenders), "no leg"
        assert sale.done == given_back <= sale.amount, "nor the sale"
        assert sale.withheld == sum(off_for.values()), "all of it stays"
    deducted = sum(off_for.values())
    assert given_back + deducted + left_owed <= sum(whole.values())
    if always_all:
        assert given_back + deducted == sum(whole.values()), "nor is anything lost"
    assert all(off <= whole[n] for n, off in off_for.items()), "no line loses more than it is worth"
    assert due(sale) == owed(sale) <= left_owed, "what was taken off is settled"


def test_deductions_are_those_of_goods_that_bring_less() -> None:
    items = (Item(1, 1, 1, 9, found(3)), Item(2, 1, 1, 1, found(0)), Item(3, 1, 1, 1))
    assert deductions_of(items) == {1: 3}
