"""Rules are data: each with its answer, its figures and its text (R11–R13, R18, R19)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta, timezone
from enum import StrEnum
from typing import Any, Protocol

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from worlds.past import NOTHING, Earlier
from worlds.sales import a_sale

from pos_terminal.core import unfit
from pos_terminal.core.decision import (
    GIFT,
    Answer,
    Decision,
    Objection,
    Phase,
    Supervision,
    Verdict,
    allow,
    as_stored,
    with_policy,
)
from pos_terminal.core.eligibility import Here, VoidScope, choose_kind
from pos_terminal.core.exchange import PRICE_TYPED
from pos_terminal.core.refund import CardMatch, Kind
from pos_terminal.core.rules import balance, ceiling, voucher_paid
from pos_terminal.core.rules.book import ALL, Past, RuleBook, RuleError, approvals_needed, make_book
from pos_terminal.core.rules.facts import Bounds, Facts, Params, Rule, Tally, Together
from pos_terminal.core.rules.typed import Other, asked_about, thought_of
from pos_terminal.core.sale import Sale, SaleLine, SaleOrigin, SaleState, Tender, TenderKind
from pos_terminal.core.words import Value
from pos_terminal.ports import Finding
from pos_terminal.texts import Language, catalogue, known, render
from pos_terminal.texts.domain import of_objection, of_verdict

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=timezone(timedelta(hours=8)))
TENDER = Tender(1, TenderKind.CARD, 10_000, done=3_000)
SALE = a_sale(TENDER, sold_at=NOW - timedelta(days=2), batch_closed=True)
TOKEN = "0" * 64
PAR = "V" + "0" * 28
FACTS = Facts(SALE, TENDER, Kind.REFUND, 5_000, NOW, reason="4", defect=False)


def judged(
    facts: Facts, phase: Phase = Phase.BEFORE_CARD, past: Past = NOTHING, **options: Any
) -> Decision:
    return make_book(options).decide(phase, facts, past)


def against(decision: Decision) -> list[str]:
    """The rules that have something against it."""
    return [verdict.rule for verdict in decision.verdicts if verdict.against is not None]


def sold(days: int, *categories: str) -> Sale:
    lines = tuple(SaleLine(n, "s", "n", 1000, 1, c) for n, c in enumerate(categories, 1))
    return replace(SALE, sold_at=NOW - timedelta(days=days), lines=lines)


def test_nothing_against_it_allows() -> None:
    decision = judged(FACTS)
    assert decision.answer is Answer.ALLOW
    assert decision.strictest is None


@pytest.mark.parametrize(
    ("amount", "against"),
    [(0, balance.Against.ZERO), (-1, balance.Against.ZERO), (7_001, balance.Against.BALANCE)],
)
def test_balance(amount: int, against: balance.Against) -> None:
    verdict = judged(replace(FACTS, amount=amount)).strictest
    assert verdict is not None
    assert (verdict.answer, verdict.against) == (Answer.DENY, against)


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
    verdict = judged(FACTS, past=Earlier(clerk, terminal), daily=options).strictest
    assert verdict is not None
    assert verdict.figures["who"] == who


def test_duplicate_and_masked_match_ask_after_the_card() -> None:
    facts = replace(FACTS, match=CardMatch.MASKED, token=TOKEN)
    decision = judged(facts, Phase.WITH_CARD, Earlier(same=1))
    assert against(decision) == ["card_match", "duplicate"]
    assert against(judged(facts)) == []


@pytest.mark.parametrize("phase", Phase)
def test_every_rule_that_is_on_answers_with_the_figures_that_it_saw(phase: Phase) -> None:
    """An allowed refund, and one that every rule has something against."""
    bad = replace(
        FACTS, amount=6_000_000, sale=sold(999), token=TOKEN, match=CardMatch.MASKED, defect=False
    )
    past = Earlier(Tally(999, 0), Tally(), 1, True, voucher=voucher_paid.Taken(1, 1))
    for facts, earlier in ((replace(FACTS, token=TOKEN), NOTHING), (bad, past)):
        decision = judged(facts, phase, earlier)
        names = [one.name for one in ALL if one.phase is phase and one.params().enabled]
        assert [verdict.rule for verdict in decision.verdicts] == names
        assert all(verdict.figures for verdict in decision.verdicts)
        (*_, last) = as_stored([decision])
        assert last.figures == decision.verdicts[-1].figures
    off: dict[str, Any] = {rule.name: {"enabled": False} for rule in ALL if not rule.fixed}
    fixed = [rule.name for rule in ALL if rule.phase is phase and rule.fixed]
    assert [one.rule for one in make_book(off).decide(phase, FACTS, NOTHING).verdicts] == fixed


def test_the_shops_default_is_an_answer_where_no_rule_asks() -> None:
    allowed = judged(FACTS)
    asked = with_policy(allowed, Supervision.ALWAYS)
    assert asked.strictest is not None
    assert (asked.strictest.rule, asked.answer) == ("policy", Answer.ASK_SUPERVISOR)
    assert asked.strictest.against is Objection.POLICY
    assert asked.verdicts[:-1] == allowed.verdicts
    assert with_policy(allowed, Supervision.BY_RULE) == allowed
    denied = judged(replace(FACTS, amount=0))
    assert with_policy(denied, Supervision.ALWAYS) == denied


@pytest.mark.parametrize(
    ("match", "others", "answer"),
    [
        (CardMatch.EXACT, True, Answer.ALLOW),
        (CardMatch.BY_REFERENCE, False, Answer.ASK_SUPERVISOR),
        (CardMatch.BY_REFERENCE, True, Answer.DENY),
    ],
)
def test_without_the_card(match: CardMatch, others: bool, answer: Answer) -> None:
    """A defect within the statutory days softens none of it: it is about the card (R27, R29)."""
    facts = replace(FACTS, match=match, defect=True, sale=sold(1))
    decision = judged(facts, Phase.WITH_CARD, Earlier(others=others))
    (verdict,) = [one for one in decision.verdicts if one.rule == "card_absent"]
    assert verdict.answer is answer


def test_a_defect_within_seven_days_softens_policy_only() -> None:
    ceiling = {"deny_above": 1}
    defect = replace(FACTS, defect=True, sale=sold(7))
    assert judged(defect, ceiling=ceiling).answer is Answer.ASK_SUPERVISOR
    assert judged(replace(defect, sale=sold(8)), ceiling=ceiling).answer is Answer.DENY
    assert judged(replace(defect, amount=8_000)).answer is Answer.DENY


def test_fixed_rules_cannot_be_switched_off() -> None:
    off = {"enabled": False}
    for rule in ALL:
        if rule.fixed:
            with pytest.raises(RuleError) as refused:
                make_book({rule.name: off})
            assert refused.value.option == f"policy.rules.{rule.name}.enabled"
    facts = replace(FACTS, amount=8_000, sale=sold(999))
    decision = judged(facts, window=off)
    assert against(decision) == ["balance"]
    assert "window" not in [verdict.rule for verdict in decision.verdicts], "it is off"
    past = Earlier(refused=True, leg=True, others=True, voucher=voucher_paid.Taken(0, 0))
    leg = replace(TENDER, typed=1, voucher_no="8" * 13)
    facts = replace(FACTS, tender=leg, token=TOKEN, match=CardMatch.BY_REFERENCE)
    switched: dict[str, Any] = {rule.name: off for rule in ALL if not rule.fixed}
    assert against(judged(facts, past=past, **switched)) == ["leg_refused", "typed", "voucher_paid"]
    with_card = judged(facts, Phase.WITH_CARD, past, **switched)
    assert against(with_card) == ["card_refused", "card_absent"]


@pytest.mark.parametrize(("typed", "answer"), [(1, Answer.ASK_SUPERVISOR), (2, Answer.ASK_TWO)])
def test_what_was_typed_takes_supervisors_in_every_shop(typed: int, answer: Answer) -> None:
    facts = replace(FACTS, tender=replace(TENDER, typed=typed))
    decision = judged(facts)
    assert decision.answer is answer
    assert approvals_needed([decision], Supervision.BY_RULE) == typed


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("origin", SaleOrigin)
def test_what_only_a_clerk_tells_takes_two_where_it_goes_to_another_tender(
    kind: Kind, origin: SaleOrigin
) -> None:
    """As goods without a receipt do; who pays a card or a form looks for the payment first."""
    sale = replace(FACTS.sale, origin=origin)
    facts = replace(FACTS, sale=sale, tender=replace(TENDER, typed=1), kind=kind)
    (verdict,) = [one for one in judged(facts).verdicts if one.rule == "typed"]
    none = {Kind.EXCHANGE, Kind.EXCHANGE_CREDIT, Kind.EXCHANGE_BACK}
    other = kind in {Kind.CASH, Kind.CREDIT, Kind.POINTS} | none
    two = origin is SaleOrigin.TYPED and other
    assert verdict.answer is (Answer.ASK_TWO if two else Answer.ASK_SUPERVISOR)
    assert verdict.against == ("not_to_its_card" if two else "typed")


@pytest.mark.parametrize("typed", [0, 1, 2])
def test_what_may_be_another_sale_s_payment_takes_two_and_names_them(typed: int) -> None:
    facts = replace(FACTS, tender=replace(TENDER, typed=typed))
    others = (Other(7, "LATE"), Other(12, "#12"))
    decision = judged(facts, past=Earlier(told=others))
    (verdict,) = [one for one in decision.verdicts if one.rule == "typed"]
    assert (verdict.answer, verdict.told) == (Answer.ASK_TWO, {"others": "LATE, #12"})
    stored = str(verdict.figures["others"])
    assert thought_of(stored, others)
    assert thought_of(stored, others[:1])
    assert not thought_of(stored, (*others, Other(1, "ONE"))), "told since"
    in_cash = replace(FACTS, tender=replace(TENDER, kind=TenderKind.CASH))
    assert "typed" not in against(judged(in_cash, past=Earlier(told=others)))


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
        (Answer.ALLOW, Supervision.ALWAYS, 1),
        (Answer.ALLOW, Supervision.BY_RULE, 0),
        (Answer.ASK_SUPERVISOR, Supervision.BY_RULE, 1),
        (Answer.ASK_TWO, Supervision.ALWAYS, 2),
    ],
)
def test_how_many_supervisors(answer: Answer, policy: Supervision, needed: int) -> None:
    verdict = Verdict("x", answer, balance.Against.ZERO, {})
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
        FACTS, amount=amount, sale=sold(days), defect=defect, token=TOKEN, match=CardMatch.MASKED
    )
    past = Earlier(Tally(count, count), Tally(count, count), count % 2, count % 3 == 0)
    absent = replace(facts, match=CardMatch.BY_REFERENCE)
    seen = [(Phase.BEFORE_CARD, facts), (Phase.WITH_CARD, facts), (Phase.WITH_CARD, absent)]
    decisions = [judged(of, phase, past) for phase, of in seen]
    for decision in decisions:
        for verdict in decision.verdicts:
            for name, value in verdict.figures.items():
                assert known(f"explain.figure_{name}")
                assert isinstance(value, int) or known(f"explain.value_{value}")
            if verdict.against is not None:
                assert render(of_verdict(verdict), Language.ZH_CN)
                assert render(of_verdict(verdict), Language.EN)
    assert all(row.rule in {rule.name for rule in ALL} for row in as_stored(decisions))
    assert (amount <= 0 or amount > 7_000) <= (decisions[0].answer is Answer.DENY)


def test_all_that_is_found_before_an_amount_has_its_text() -> None:
    for one in unfit.Unfit:
        figures: dict[str, Value] = {"place": "the desk", "terminal": "12345678"}
        told = of_objection(one, figures | {"at": "2030-01-01", "most": 3, "days": 180})
        assert known(told.code)
        assert render(told, Language.EN)


@pytest.mark.parametrize("rule", ALL, ids=lambda rule: rule.name)
def test_all_that_a_rule_may_have_against_it_has_its_text(rule: Rule[Any, Any]) -> None:
    assert {known(of_objection(one).code) for one in rule.against} == {True}


def test_no_two_rules_share_a_text() -> None:
    said = [one.value for rule in ALL for one in rule.against] + [one.value for one in Objection]
    assert len(said) == len(set(said))
    others = ("policy", GIFT, PRICE_TYPED, Finding.RULE, unfit.RULE)
    names = {f"name_{rule}" for rule in (*(rule.name for rule in ALL), *others)}
    texts = {key.partition(".")[2] for key in catalogue() if key.partition(".")[0] == "rules"}
    more = {f"{one}_{what}" for one in said for what in ("paper", "next")} & texts
    assert texts == {*said, *names, *more}


def test_a_card_that_was_refused_is_denied() -> None:
    facts = replace(FACTS, match=CardMatch.EXACT, token=TOKEN)
    assert judged(facts, Phase.WITH_CARD, Earlier(refused=True)).answer is Answer.DENY
    assert judged(facts, Phase.WITH_CARD).answer is Answer.ALLOW


@pytest.mark.parametrize(
    ("amount", "redeemed", "given", "allowed"),
    [(5_000, 5_000, 0, True), (5_000, 4_999, 0, False), (1, 5_000, 5_000, False),
     (2_000, 5_000, 3_000, True), (2_001, 5_000, 3_000, False), (1, 0, 0, False)],
)  # fmt: skip
def test_of_what_our_voucher_paid_no_more_goes_back_than_was_redeemed(
    amount: int, redeemed: int, given: int, allowed: bool
) -> None:
    """R37: whichever way it would go back; a number that is not in the ledger is no matter."""
    tender = Tender(1, TenderKind.VOUCHER, 5_000, voucher_no="8210703141579")
    past = Earlier(voucher=voucher_paid.Taken(redeemed, given))
    for kind in (Kind.CREDIT, Kind.CASH, Kind.MANUAL):
        facts = replace(FACTS, amount=amount, kind=kind, tender=tender)
        assert ("voucher_paid" not in against(judged(facts, past=past))) is allowed
        assert "voucher_paid" not in against(judged(facts, past=NOTHING))
        beside = replace(facts, together=Together(voucher=redeemed - given - amount + 1))
        assert "voucher_paid" in against(judged(beside, past=past)), "the ticket has the rest"
        other = replace(facts, tender=replace(tender, voucher_no=""))
        for verdict in judged(facts, past=past).verdicts:
            assert all(known(f"explain.figure_{name}") for name in verdict.figures)
        assert "voucher_paid" not in against(judged(other, past=past))


def test_a_number_that_may_be_our_voucher_s_takes_a_supervisor() -> None:
    """R37: masked, or misread; one that can't be ours is another scheme's, and no matter."""
    tender = Tender(1, TenderKind.VOUCHER, 5_000, voucher_no="*********1579")
    facts = replace(FACTS, tender=tender)
    for likely in (voucher_paid.Likely(0, 0), voucher_paid.Likely(2, 9_000)):
        decision = judged(facts, past=Earlier(likely=likely))
        (verdict,) = [one for one in decision.verdicts if one.rule == "voucher_paid"]
        assert (verdict.answer, verdict.against) == (
            Answer.ASK_SUPERVISOR,
            voucher_paid.Against.PERHAPS_OURS,
        )
        assert all(known(f"explain.figure_{name}") for name in verdict.figures)
    known_one = Earlier(voucher=voucher_paid.Taken(5_000, 0), likely=voucher_paid.Likely(1, 0))
    assert "voucher_paid" not in against(judged(facts, past=known_one)), "it is, and redeemed"
    assert "voucher_paid" not in against(judged(facts, past=NOTHING))
    unnumbered = replace(facts, tender=replace(tender, voucher_no=""))
    assert "voucher_paid" not in against(judged(unnumbered, past=Earlier(likely=likely)))


def test_a_rule_asks_the_ledger_for_itself() -> None:
    asked: list[Any] = []

    class Recorder(Earlier, frozen=True):
        def counts(self, on: date, operator: str | None, rest_of: int = 0) -> Tally:
            asked.append((on, operator))
            return Tally()

        def same_recently(
            self, token: str, par: str | None, amount: int, since: datetime, *older: str
        ) -> int:
            asked.append((token, par, amount, since, *older))
            return 0

        def leg_refused(self, sale_key: int, leg: int) -> bool:
            return False

        def reference_refused(self, sale_key: int, leg: int) -> Sequence[Other]:
            return ()

        def card_refused(self, token: str, par: str | None, *older: str) -> bool:
            asked.append((token, par, *older))
            return False

    facts = replace(FACTS, operator="101", token=TOKEN, par=PAR)
    judged(facts, past=Recorder())
    assert asked == [(NOW.date(), "101"), (NOW.date(), None)]
    asked.clear()
    judged(facts, Phase.WITH_CARD, Recorder(), duplicate={"minutes": 7})
    since = NOW - timedelta(minutes=7)
    assert asked == [(TOKEN, PAR), (TOKEN, PAR, 5_000, since)]
    asked.clear()
    replaced = replace(facts, older_tokens=("b" * 64,))
    judged(replaced, Phase.WITH_CARD, Recorder(), duplicate={"minutes": 7})
    assert asked == [(TOKEN, PAR, "b" * 64), (TOKEN, PAR, 5_000, since, "b" * 64)]
    asked.clear()
    off = {"enabled": False}
    judged(facts, Phase.BEFORE_CARD, Recorder(), daily=off)
    judged(facts, Phase.WITH_CARD, Recorder(), duplicate=off)
    judged(replace(facts, token=None), Phase.WITH_CARD, Recorder())
    assert asked == [(TOKEN, PAR)], (
        "a rule that is off asks nothing, nor one about a card without any"
    )


def test_what_rules_set_is_asked_of_the_book() -> None:
    food = {"categories": {"food": {"free_days": 1, "supervisor_days": 200}}}
    book = make_book({"window": food, "cash_limit": {"limit": 700}})
    assert (book.cash_limit, book.refundable_days) == (700, 200)
    assert book.free_days(sold(0, "toys").lines) == 30
    assert book.free_days(sold(0, "toys", "food").lines) == 1
    off = {"enabled": False}
    book = make_book({"window": off, "cash_limit": {"limit": 700} | off})
    assert (book.cash_limit, book.refundable_days, book.free_days(())) == (0, None, None)


class Tired(StrEnum):
    TOO_MANY = "daily_clerk"


class Shift(Protocol):
    def shift(self, operator: str) -> int: ...


class ShiftParams(Params, frozen=True):
    most: int = 2


def test_a_new_rule_is_one_file_and_one_line() -> None:
    """It asks what no rule asked before, and the bounds that it sets are heard."""

    def asks(params: ShiftParams, facts: Facts, past: Shift) -> int:
        return past.shift(facts.operator)

    def judge(params: ShiftParams, facts: Facts, refunds: int) -> Verdict:
        figures = {"refunds": refunds}
        if refunds < params.most:
            return allow("shift", figures)
        return Verdict("shift", Answer.ASK_TWO, Tired.TOO_MANY, figures, {"count": refunds})

    def bounds(params: ShiftParams) -> Bounds:
        return Bounds(cash=100 * params.most, refundable_days=3, free_days=lambda _: 2)

    class Shifts(Earlier, frozen=True):
        def shift(self, operator: str) -> int:
            return {"101": 2}[operator]

    rule = Rule("shift", Phase.BEFORE_CARD, ShiftParams, Tired, judge, asks, bounds)
    old = make_book({"cash_limit": {"limit": 500}})
    book = RuleBook((*old.entries, (rule, ShiftParams())))
    facts = replace(FACTS, operator="101")
    verdict = book.decide(Phase.BEFORE_CARD, facts, Shifts()).strictest
    assert verdict is not None
    assert (verdict.rule, verdict.answer) == ("shift", Answer.ASK_TWO)
    assert render(of_verdict(verdict), Language.EN) == "Over the clerk's limit for a day"
    assert (book.cash_limit, book.refundable_days, book.free_days(())) == (200, 3, 2)


def test_every_text_is_in_both_languages() -> None:
    for key, entry in catalogue().items():
        assert entry["zh"].strip(), key
        assert entry["en"].strip(), key


@pytest.mark.parametrize(
    ("own", "together", "answer"),
    [
        (5_000, Together(), Answer.ALLOW),
        (6_000, Together(), Answer.ASK_SUPERVISOR),
        (3_000, Together(legs=1, amount=2_000), Answer.ALLOW),
        (3_000, Together(legs=1, amount=2_001), Answer.ASK_SUPERVISOR),
        (3_000, Together(done=2_001), Answer.ASK_SUPERVISOR),
        (6_000, Together(legs=1, amount=9_001), Answer.DENY),
    ],
)
def test_a_ceiling_is_held_against_the_sum_of_a_ticket(
    own: int, together: Together, answer: Answer
) -> None:
    """R35: of the leg's own amount and of the sum, the stricter."""
    params = ceiling.CeilingParams(supervisor_above=5_000, two_above=15_000, deny_above=15_000)
    verdict = ceiling.judge(params, replace(FACTS, amount=own, together=together), None)
    assert verdict.answer is answer


@pytest.mark.parametrize(("legs", "amount", "over"), [(0, 0, False), (1, 0, True), (0, 1, True)])
def test_a_day_counts_all_legs_of_a_ticket(legs: int, amount: int, over: bool) -> None:
    past = replace(NOTHING, clerk=Tally(9, 90_000))
    facts = replace(FACTS, amount=10_000, together=Together(legs=legs, amount=amount))
    options = {"clerk_count": 10, "clerk_amount": 100_000}
    assert ("daily" in against(judged(facts, past=past, daily=options))) is over


def test_notes_of_a_ticket_are_held_against_the_limit_together() -> None:
    """R36: two legs of which each is below it go back as store credit, both."""
    here = Here("1", "1", NOW, VoidScope.TERMINAL, cash_limit=1_000)
    cash = Tender(1, TenderKind.CASH, 600)
    sale = replace(SALE, tenders=(cash,))
    kinds = [choose_kind(sale, cash, 600, here, beside=beside).kind for beside in (400, 401)]
    assert kinds == [Kind.CASH, Kind.CREDIT]
    facts = replace(FACTS, sale=sale, tender=cash, kind=Kind.CASH, amount=600)
    for cash_beside, denied in ((400, False), (401, True)):
        together = Together(legs=1, amount=cash_beside, cash=cash_beside)
        found = against(judged(replace(facts, together=together), cash_limit={"limit": 1_000}))
        assert ("cash_limit" in found) is denied


def test_of_a_payment_whose_card_is_stolen_nothing_goes_back_but_by_a_form() -> None:
    past = replace(NOTHING, leg=True)
    for kind, refused in ((Kind.REFUND, True), (Kind.VOID, True), (Kind.MANUAL, False)):
        assert ("leg_refused" in against(judged(replace(FACTS, kind=kind), past=past))) is refused


def test_nor_of_one_whose_reference_was_refused_so_in_another_sale() -> None:
    past = replace(NOTHING, elsewhere=(Other(7, "A"),))
    for kind in set(Kind) - {Kind.MANUAL}:
        assert "leg_refused" in against(judged(replace(FACTS, kind=kind), past=past))
    form = judged(replace(FACTS, kind=Kind.MANUAL), past=past)
    (said,) = (one for one in form.verdicts if one.rule == "leg_refused")
    assert (form.answer, said.against) == (Answer.ASK_TWO, "reference_refused")
    assert said.told == {"others": "A"}


@pytest.mark.parametrize("paid_by", ["voucher", "points", "card"])
def test_store_credit_for_what_was_not_paid_in_cash_is_no_matter_of_the_cash_limit(
    paid_by: str,
) -> None:
    tender = Tender(1, TenderKind(paid_by), 10_000)
    sale = replace(SALE, tenders=(tender,))
    facts = replace(FACTS, sale=sale, tender=tender, kind=Kind.CREDIT, amount=9_000)
    assert "cash_limit" not in against(judged(facts, cash_limit={"limit": 1}))
    in_cash = replace(tender, kind=TenderKind.CASH)
    facts = replace(facts, tender=in_cash, sale=replace(SALE, tenders=(in_cash,)))
    assert "cash_limit" in against(judged(facts, cash_limit={"limit": 1}))


def test_who_was_asked_about_last_counts_and_of_this_rule_alone() -> None:
    asked = [Verdict("typed", Answer.ASK_TWO, None, {"others": one}) for one in ("1", "2 3")]
    assert asked_about(asked) == "2 3"
    assert asked_about([*asked, Verdict("balance", Answer.ALLOW, None, {"others": "9"})]) == "2 3"
    assert asked_about([]) == ""
