"""Notes up to the shop's limit, store credit above it (R36)."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from worlds.past import NOTHING
from worlds.sales import TERMINAL, a_sale

from pos_terminal.core.decision import Answer, Phase
from pos_terminal.core.eligibility import Here, VoidScope, choose_kind
from pos_terminal.core.refund import Kind
from pos_terminal.core.rules.book import make_book
from pos_terminal.core.rules.facts import Facts
from pos_terminal.core.sale import Sale, Tender, TenderKind
from pos_terminal.texts import Language, render
from pos_terminal.texts.domain import of_choice, of_verdict

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=timezone(timedelta(hours=8)))
LIMIT = 20_000
amounts = st.integers(1, 1_000_000)


def sale_of(*tenders: Tender) -> Sale:
    return a_sale(*tenders, sold_at=NOW)


def cash(amount: int = 1_000_000, done: int = 0, credited: int = 0) -> Tender:
    return Tender(1, TenderKind.CASH, amount, done=done, credited=credited)


def kind_of(sale: Sale, amount: int, limit: int = LIMIT) -> Kind:
    return choose_kind(sale, sale.tenders[0], amount, here(limit)).kind


def here(limit: int = LIMIT) -> Here:
    return Here(TERMINAL, "000001", NOW, VoidScope.TERMINAL, cash_limit=limit)


@pytest.mark.parametrize(
    ("tender", "amount", "limit", "kind"),
    [
        (cash(), LIMIT, LIMIT, Kind.CASH),
        (cash(), LIMIT + 1, LIMIT, Kind.CREDIT),
        (cash(), LIMIT + 1, 0, Kind.CASH),
        (cash(done=LIMIT), 1, LIMIT, Kind.CREDIT),
        (cash(done=LIMIT - 1), 1, LIMIT, Kind.CASH),
        (cash(done=50_000, credited=50_000), LIMIT, LIMIT, Kind.CASH),
        (cash(done=50_001, credited=50_000), LIMIT, LIMIT, Kind.CREDIT),
    ],
)
def test_notes_or_store_credit(tender: Tender, amount: int, limit: int, kind: Kind) -> None:
    assert kind_of(sale_of(tender), amount, limit) is kind


def test_a_card_leg_is_no_business_of_the_cash_limit() -> None:
    card = Tender(1, TenderKind.CARD, 1_000_000)
    sale = sale_of(card)
    assert kind_of(sale, 1_000_000) is Kind.VOID
    book = make_book({"cash_limit": {"limit": LIMIT}})
    facts = Facts(sale, card, Kind.REFUND, 400_000, NOW, reason="4", defect=False)
    assert book.decide(Phase.BEFORE_CARD, facts, NOTHING).strictest is None


def test_what_another_cash_leg_gave_back_counts() -> None:
    second = replace(cash(done=LIMIT), leg=2)
    assert kind_of(sale_of(cash(), second), 1) is Kind.CREDIT


@given(st.lists(amounts, max_size=20), st.integers(1, 500_000))
def test_however_it_is_split_no_more_than_the_limit_goes_back_in_notes(
    parts: list[int], limit: int
) -> None:
    tender = cash(sum(parts) + 1)
    for amount in parts:
        fits = tender.cash_back + amount <= limit
        credit = kind_of(sale_of(tender), amount, limit) is Kind.CREDIT
        assert credit is not fits
        done, credited = tender.done + amount, tender.credited + amount * credit
        tender = replace(tender, done=done, credited=credited)
        assert tender.cash_back <= limit


@given(amounts, st.integers(0, 1_000_000), st.integers(0, 500_000), st.booleans())
def test_the_rule_speaks_where_the_choice_was_store_credit(
    amount: int, before: int, limit: int, enabled: bool
) -> None:
    options = {"limit": limit, "enabled": enabled}
    book = make_book(
        {"cash_limit": options, "ceiling": {"enabled": False}, "daily": {"enabled": False}}
    )
    sale = sale_of(cash(3_000_000, done=before))
    choice = choose_kind(sale, sale.tenders[0], amount, here(book.cash_limit))
    facts = Facts(sale, sale.tenders[0], choice.kind, amount, NOW, reason="4", defect=False)
    decision = book.decide(Phase.BEFORE_CARD, facts, NOTHING)
    if choice.kind is Kind.CREDIT:
        verdict = decision.strictest
        assert verdict is not None
        assert (verdict.rule, verdict.answer) == ("cash_limit", Answer.ASK_SUPERVISOR)
        figures = {"amount": amount, "cash_back": before, "limit": limit, "kind": "credit"}
        assert verdict.figures == figures
        assert before + amount > limit > 0
    else:
        assert decision.strictest is None


def test_notes_above_the_limit_are_denied_whoever_chose_them() -> None:
    sale = sale_of(cash())
    facts = Facts(sale, sale.tenders[0], Kind.CASH, LIMIT + 1, NOW, reason="1", defect=True)
    decision = make_book({"cash_limit": {"limit": LIMIT}}).decide(Phase.BEFORE_CARD, facts, NOTHING)
    assert decision.answer is Answer.DENY
    assert decision.strictest is not None
    assert (
        render(of_verdict(decision.strictest), Language.ZH_CN) == "超出现金限额 200.00,不能付现金"
    )


def test_it_is_off_until_the_shop_names_a_limit() -> None:
    assert make_book({}).cash_limit == 0
    choice = choose_kind(sale_of(cash()), cash(), LIMIT + 1, here())
    assert render(of_choice(choice), Language.ZH_CN) == "超出现金限额,改发储值券"
