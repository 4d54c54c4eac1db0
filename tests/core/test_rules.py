"""Rules are data: each with its answer, its figures and its text (R11–R13, R18, R19)."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from pos_terminal.core.decision import Answer, Decision, Phase, as_stored
from pos_terminal.core.refund import CardMatch, Kind
from pos_terminal.core.rules.book import ALL, RuleError, approvals_needed, make_book
from pos_terminal.core.rules.facts import Facts, Tally
from pos_terminal.core.sale import Sale, SaleLine, SaleState, Tender, TenderKind
from pos_terminal.texts import Language, catalogue, render

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=timezone(timedelta(hours=8)))
TENDER = Tender(1, TenderKind.CARD, 10_000, done=3_000)
SALE = Sale(
    sale_id="S1",
    merchant_id="123456789012345",
    terminal_id="12345678",
    batch="000001",
    trace="000017",
    rrn="123456789012",
    auth_code="",
    sold_at=NOW - timedelta(days=2),
    currency="156",
    amount=10_000,
    receipt_no="R1",
    state=SaleState.APPROVED,
    batch_closed=True,
    tenders=(TENDER,),
    lines=(),
)
FACTS = Facts(SALE, TENDER, Kind.REFUND, 5_000, NOW, reason="4", defect=False)


def judged(facts: Facts, phase: Phase = Phase.BEFORE_CARD, **options: Any) -> Decision:
    return make_book(options).decide(phase, facts)


def sold(days: int, *categories: str) -> Sale:
    lines = tuple(SaleLine(n, "s", "n", 1000, 1, c) for n, c in enumerate(categories, 1))
    return replace(SALE, sold_at=NOW - timedelta(days=days), lines=lines)


def test_nothing_against_it_allows() -> None:
    decision = judged(FACTS)
    assert decision.verdicts == ()
    assert decision.answer is Answer.ALLOW
    assert decision.strictest is None


@pytest.mark.parametrize(
    ("amount", "key"),
    [(0, "rules.zero"), (-1, "rules.zero"), (7_001, "rules.balance")],
)
def test_balance(amount: int, key: str) -> None:
    verdict = judged(replace(FACTS, amount=amount)).strictest
    assert verdict is not None
    assert (verdict.answer, verdict.words.code) == (Answer.DENY, key)


def test_exactly_what_remains_is_allowed() -> None:
    assert judged(replace(FACTS, amount=7_000)).answer is Answer.ALLOW


@pytest.mark.parametrize("state", [SaleState.UNCONFIRMED, SaleState.VOIDED])
def test_only_approved_sales(state: SaleState) -> None:
    assert judged(replace(FACTS, sale=replace(SALE, state=state))).answer is Answer.DENY


@pytest.mark.parametrize(
    ("days", "answer"),
    [
        (30, Answer.ALLOW),
        (31, Answer.ASK_SUPERVISOR),
        (180, Answer.ASK_SUPERVISOR),
        (181, Answer.DENY),
    ],
)
def test_window_edges(days: int, answer: Answer) -> None:
    assert judged(replace(FACTS, sale=sold(days))).answer is answer


def test_the_strictest_category_counts() -> None:
    window = {"categories": {"food": {"free_days": 1, "supervisor_days": 3}}}
    facts = replace(FACTS, sale=sold(5, "toys", "food"))
    assert judged(facts, window=window).answer is Answer.DENY
    assert judged(replace(FACTS, sale=sold(5, "toys")), window=window).answer is Answer.ALLOW


@pytest.mark.parametrize(
    ("amount", "answer"),
    [
        (100, Answer.ALLOW),
        (101, Answer.ASK_SUPERVISOR),
        (201, Answer.ASK_TWO),
        (301, Answer.DENY),
    ],
)
def test_ceiling_steps(amount: int, answer: Answer) -> None:
    options = {"supervisor_above": 100, "two_above": 200, "deny_above": 300}
    assert judged(replace(FACTS, amount=amount), ceiling=options).answer is answer


@pytest.mark.parametrize(
    ("clerk", "terminal", "who"),
    [
        (Tally(5, 0), Tally(), "clerk"),
        (Tally(0, 5_001), Tally(), "clerk"),
        (Tally(), Tally(9, 0), "terminal"),
    ],
)
def test_daily_ceilings(clerk: Tally, terminal: Tally, who: str) -> None:
    options = {"clerk_count": 5, "clerk_amount": 10_000, "terminal_count": 9}
    facts = replace(FACTS, clerk_today=clerk, terminal_today=terminal)
    verdict = judged(facts, daily=options).strictest
    assert verdict is not None
    assert verdict.figures["who"] == who


def test_duplicate_and_masked_match_ask_after_the_card() -> None:
    facts = replace(FACTS, match=CardMatch.MASKED, same_recently=1)
    rules = [verdict.rule for verdict in judged(facts, Phase.WITH_CARD).verdicts]
    assert rules == ["card_match", "duplicate"]
    assert judged(facts).verdicts == ()


def test_a_defect_within_seven_days_softens_policy_only() -> None:
    ceiling = {"deny_above": 1}
    defect = replace(FACTS, defect=True, sale=sold(7))
    assert judged(defect, ceiling=ceiling).answer is Answer.ASK_SUPERVISOR
    assert judged(replace(defect, sale=sold(8)), ceiling=ceiling).answer is Answer.DENY
    assert judged(replace(defect, amount=8_000)).answer is Answer.DENY


def test_fixed_rules_cannot_be_switched_off() -> None:
    off = {"enabled": False}
    facts = replace(FACTS, amount=8_000, sale=sold(999))
    decision = judged(facts, balance=off, window=off)
    assert [verdict.rule for verdict in decision.verdicts] == ["balance"]


@pytest.mark.parametrize(
    ("options", "option"),
    [
        ({"windw": {}}, "policy.rules.windw"),
        ({"window": {"days": 3}}, "policy.rules.window"),
        ({"window": {"free_days": "x"}}, "policy.rules.window"),
        ({"duplicate": {"minutes": 0}}, "policy.rules.duplicate"),
    ],
)
def test_a_bad_parameter_is_named(options: dict[str, Any], option: str) -> None:
    with pytest.raises(RuleError) as caught:
        make_book(options)
    assert caught.value.option == option


@pytest.mark.parametrize(
    ("answer", "policy", "needed"),
    [
        (Answer.ALLOW, "always", 1),
        (Answer.ALLOW, "by-rule", 0),
        (Answer.ASK_SUPERVISOR, "by-rule", 1),
        (Answer.ASK_TWO, "always", 2),
    ],
)
def test_how_many_supervisors(answer: Answer, policy: str, needed: int) -> None:
    from pos_terminal.core.decision import Verdict
    from pos_terminal.core.words import say

    verdict = Verdict("x", answer, say("rules.zero"), {})
    assert approvals_needed([Decision(Phase.BEFORE_CARD, (verdict,))], policy) == needed


@given(
    amount=st.integers(-10, 20_000),
    days=st.integers(0, 400),
    count=st.integers(0, 300),
    defect=st.booleans(),
)
def test_every_verdict_has_its_texts_and_can_be_stored(
    amount: int, days: int, count: int, defect: bool
) -> None:
    facts = replace(
        FACTS,
        amount=amount,
        sale=sold(days),
        defect=defect,
        clerk_today=Tally(count, count),
        terminal_today=Tally(count, count),
        same_recently=count % 2,
        match=CardMatch.MASKED,
    )
    decisions = [judged(facts, phase) for phase in Phase]
    for decision in decisions:
        for verdict in decision.verdicts:
            assert render(verdict.words, Language.ZH_CN)
            assert render(verdict.words, Language.EN)
    assert all(row.rule in {rule.name for rule in ALL} for row in as_stored(decisions))
    assert (amount <= 0 or amount > 7_000) <= (decisions[0].answer is Answer.DENY)


def test_every_text_is_in_both_languages() -> None:
    for key, entry in catalogue().items():
        assert entry["zh"].strip(), key
        assert entry["en"].strip(), key
