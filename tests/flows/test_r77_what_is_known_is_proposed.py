"""Closing a case proposes what the ledger knows of its cause and of what the shop bears (R77)."""

from __future__ import annotations

from typing import Any

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.site import Setting
from worlds.counter import CASH, in_each_language, logged_in, one_line, sell

from pos_terminal.core.case import CaseKind
from pos_terminal.core.case_end import CaseCause
from pos_terminal.flows.case.case_end import likely_cause
from pos_terminal.services.ledger.overview import overview
from pos_terminal.services.proof.verify import verify_store
from pos_terminal.texts import Language

LIMITS = {"per_case": 2_000, "per_day": 3_000}
SETTING = Setting(language=Language.EN, policy={"payouts": LIMITS})


CHINESE = {"Recovery slip": "多退追回单", "Pay freight or goodwill": "另付运费、补偿"}


async def remedied(clerk: SimClerk, name: str) -> None:
    """By its words on the screen."""
    await clerk.at("case.facts: 2", "case.remedy")
    clerk.choose(name if clerk.site.setting.language is Language.EN else CHINESE[name])


async def asked_back(clerk: SimClerk) -> str:
    """4.00 of a card's refund, by a slip of the case; the code on that slip."""
    clerk.scan(clerk.site.shop.sale("visa-older").receipt_no)
    await clerk.at("sale: enter", "refund.amount: 1000 enter", "refund.reason: 4")
    await clerk.approve()
    await clerk.show_card("visa")
    await clerk.at("result: menu", "case.kind: 2", "case.opened: enter")
    await remedied(clerk, "Recovery slip")
    await clerk.at("recovery.amount: 400 enter", "recovery.done: enter", "case.facts")
    return clerk.site.ledger.slips.of_case(1)[0].slip.head.barcode


async def closed(
    clerk: SimClerk, *, losing: str, cause: str = "", loss: str = ""
) -> dict[str, Any]:
    """By enter alone, but for what is pressed where the loss is asked for; what is proposed there
    is read."""
    await clerk.at("case.facts: enter", "case.reference: 2 0 2 6 enter", "case.close")
    assert cause in one_line(clerk)
    await clerk.at("case.close: enter", "case.loss")
    assert loss in one_line(clerk)
    await clerk.at(*losing.split(", "))
    await clerk.approve()
    await clerk.at("case.confirm_closing: enter", "case.closed: enter", "home")
    ledger = clerk.site.ledger
    (case,) = overview(ledger.db)["cases"]
    ledger.db.execute("COMMIT")  # it looks at one state of the ledger
    verify_store(ledger)
    return dict(case)


async def paid_out(clerk: SimClerk, amount: int) -> None:
    await remedied(clerk, "Pay freight or goodwill")
    await clerk.at("payout.what: 1", "payout.kind: 1", f"payout.amount: {amount} enter")
    await clerk.approve()
    await clerk.approve(1)
    await clerk.at("payout.hand_over: enter", "payout.done: enter")


PROPOSED = {
    Language.ZH_CN: (">1 输入错误", "1 商户 ¥16.00 2 顾客 ¥0.00"),
    Language.EN: (">1 Typing", "1 Shop ¥16.00 2 Customer ¥0.00"),
}


@pytest.mark.parametrize("language", Language)
@in_each_language(policy=SETTING.policy)
async def test_shop_bears_what_it_paid_out_and_what_nobody_paid_back(
    clerk: SimClerk, language: Language
) -> None:
    cause, loss = PROPOSED[language]
    await clerk.log_in()
    await asked_back(clerk)
    await paid_out(clerk, 1_200)
    case = await closed(clerk, losing="case.loss: enter", cause=cause, loss=loss)
    assert case["cause"] == "typing"
    assert case["loss"] == {"shop": 1_600, "customer": 0, "acquirer": 0}


@logged_in(SETTING)
async def test_what_a_sale_paid_back_is_no_loss(clerk: SimClerk) -> None:
    code = await asked_back(clerk)
    await clerk.at("case.facts: cancel", "home")
    await sell(clerk, "NEW", {"kind": "cash", "amount": 300}, recovery_no=code, **CASH)
    clerk.scan(code)
    case = await closed(clerk, losing="case.loss: enter")
    assert case["loss"] == {"shop": 100, "customer": 0, "acquirer": 0}


@logged_in(SETTING)
async def test_who_closes_may_say_otherwise(clerk: SimClerk) -> None:
    await asked_back(clerk)
    customer = "case.loss: 2, case.loss_amount: 400 enter"
    shop = "case.loss: 1, case.loss_amount: 0 enter"
    case = await closed(clerk, losing=f"{shop}, {customer}, case.loss: enter")
    assert case["loss"] == {"shop": 0, "customer": 400, "acquirer": 0}


_KNOWN: dict[CaseCause | None, tuple[str, ...]] = {
    CaseCause.TYPING: ("amount_little", "amount_much"),
    CaseCause.WRONG_GOODS: ("goods",),
    CaseCause.ACQUIRER: (
        *("account", "time", "returned", "overpayment", "contradiction", "paid_twice"),
        *("paid_unknown", "unilateral_debit", "unknown_outcome", "batch_closed"),
    ),
    CaseCause.SYSTEM: (
        *("elsewhere", "typed_differs", "card_data_gone", "voucher_not_redeemed"),
        *("exchange_not_redeemed", "exchange_not_told", "recovery_unknown"),
    ),
    None: ("complaint", "slip_disputed"),
}
"""What each kind comes from by itself; of the last only people know."""


def test_each_kind_has_its_cause_or_none() -> None:
    assert {one for kinds in _KNOWN.values() for one in kinds} == set(CaseKind)
    for cause, kinds in _KNOWN.items():
        assert {kind: likely_cause(CaseKind(kind)) for kind in kinds} == dict.fromkeys(kinds, cause)


@logged_in(SETTING)
async def test_cause_of_one_that_came_late_is_marked_and_of_a_complaint_none(
    clerk: SimClerk,
) -> None:
    clerk.scan(clerk.site.shop.sale("visa-older").receipt_no)
    await clerk.at("sale: enter", "refund.amount: 1000 enter", "refund.reason: 4")
    await clerk.approve()
    await clerk.show_card("visa")
    await clerk.at("result: menu", "case.kind: 5", "case.opened: enter")
    case = await closed(clerk, losing="case.loss: enter")
    assert case["cause"] == "acquirer"
    clerk.press("menu", "4", "4")
    await clerk.wait("find.trace")
    clerk.scan(clerk.site.ledger.slips.of_refund(1)[0].slip.head.barcode)
    await clerk.at("case.kind: 6", "case.opened: enter", "case.facts: enter")
    await clerk.at("case.reference: 2 0 2 6 enter", "case.close: enter", "case.close: 5")
    await clerk.wait("case.loss")


@pytest.mark.parametrize("language", Language)
def test_who_closes_it_reads_what_is_not_done_yet(language: Language) -> None:
    """Cash that lies there and a slip that nobody paid: each with its sum, at every question."""
    zh = language is Language.ZH_CN
    owed = "补付现金尚未交付 ¥3.00" if zh else "Cash of payouts not handed over ¥3.00"
    unpaid = "追回单尚未付款 ¥4.00" if zh else "Recovery slips not paid ¥4.00"

    @logged_in(Setting(language=language, policy={"payouts": LIMITS}))
    async def story(clerk: SimClerk) -> None:
        await asked_back(clerk)
        await remedied(clerk, "Pay freight or goodwill")
        await clerk.at("payout.what: 1", "payout.kind: 1", "payout.amount: 300 enter")
        await clerk.approve()
        await clerk.approve(1)
        await clerk.at("payout.hand_over: cancel", "case.facts: enter", "case.reference")
        assert owed in one_line(clerk)
        assert unpaid in one_line(clerk)
        await clerk.at(": 4 7 1 1 enter", "case.close: enter", "case.loss: enter")
        await clerk.wait("supervisor.number")
        assert owed in one_line(clerk)

    story()
