"""What can be done about a case is one key from it (R46)."""

from __future__ import annotations

from typing import Any

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.site import Setting
from worlds.counter import CASH, in_each_language, logged_in, one_line, sell

from pos_terminal.core.case import MISTAKES, CaseKind
from pos_terminal.core.remedy import Remedy, remedies
from pos_terminal.services.ledger.overview import overview
from pos_terminal.services.proof.verify import verify_store
from pos_terminal.texts import Language

SETTING = Setting(language=Language.EN)
PAYS_OUT = Setting(language=Language.EN, policy={"payouts": {"per_case": 5_000, "per_day": 50_000}})


async def refunded(clerk: SimClerk, kind: int) -> str:
    """Part of a card's payment went back, and this kind of case is open; the sale's receipt."""
    receipt = clerk.site.shop.sale("visa-older").receipt_no
    clerk.scan(receipt)
    await clerk.at("sale: enter", "refund.amount: 1000 enter", "refund.reason: 4")
    await clerk.approve()
    await clerk.show_card("visa")
    await clerk.at("result: menu", f"case.kind: {kind}", "case.opened: enter")
    return receipt


def steps_of_case(clerk: SimClerk) -> list[dict[str, Any]]:
    ledger = clerk.site.ledger
    (case,) = overview(ledger.db)["cases"]
    ledger.db.execute("COMMIT")  # it looks at one state of the ledger
    return list(case["steps"])


def test_each_mistake_has_its_own() -> None:
    own = {kind: [one for one in remedies(kind) if one is not Remedy.PAYOUT] for kind in MISTAKES}
    assert own[CaseKind.AMOUNT_LITTLE] == [Remedy.REFUND]
    assert own[CaseKind.AMOUNT_MUCH] == [Remedy.RECOVERY]
    assert own[CaseKind.ACCOUNT] == [Remedy.CORRECTION, Remedy.RECOVERY]
    assert own[CaseKind.GOODS] == [Remedy.STOCK, Remedy.EXCHANGE, Remedy.CLAIM]
    assert own[CaseKind.TIME] == [Remedy.ENQUIRY, Remedy.CERTIFICATE]
    assert Remedy.REFUND not in remedies(CaseKind.AMOUNT_MUCH)
    assert all(Remedy.PAYOUT in remedies(kind) for kind in MISTAKES)
    for kind in (CaseKind.PAID_TWICE, CaseKind.OVERPAYMENT, CaseKind.TYPED_DIFFERS):
        assert remedies(kind) == (Remedy.RECOVERY,)
    assert remedies(CaseKind.RETURNED) == (Remedy.REFUND, Remedy.PAYOUT), "the shop has it back"


@logged_in(SETTING)
async def test_too_little_a_second_refund_within_the_balance_is_a_step(clerk: SimClerk) -> None:
    await refunded(clerk, 1)
    assert not steps_of_case(clerk), "its own refund is what is wrong"
    await clerk.at("case.facts: 2", "sale: enter", "refund.amount: 250 enter", "refund.reason: 4")
    await clerk.approve()
    await clerk.show_card("visa")
    await clerk.at("result: enter", "home")
    (step,) = steps_of_case(clerk)
    assert (step["kind"], step["text"], step["by"]) == ("refund", "¥2.50 #2", "101")
    verify_store(clerk.site.ledger)


@logged_in(SETTING)
async def test_a_second_refund_that_was_declined_is_no_step(clerk: SimClerk) -> None:
    await refunded(clerk, 1)
    clerk.site.acquirer.set_mode("code:14", 1)
    await clerk.at("case.facts: 2", "sale: enter", "refund.amount: 250 enter", "refund.reason: 4")
    await clerk.approve()
    await clerk.show_card("visa")
    await clerk.at("result: enter", "home")
    assert not steps_of_case(clerk)
    verify_store(clerk.site.ledger)


OFFERED = {
    Language.ZH_CN: {
        1: "如何处理 少退了 1 1 补退差额 2 另付运费、补偿",
        5: "如何处理 迟到或未到账 1 1 查询单(收单机构) 2 补打顾客凭证 3 另付运费、补偿",
    },
    Language.EN: {
        1: "What to do Too little went back 1 1 Refund what is missing 2 Pay freight or goodwill",
        5: "What to do Late, or not there 1 1 Enquiry form 2 Customer's slips 3 Pay freight",
    },
}
"""By the key of the kind."""


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("kind", [1, 5])
@in_each_language(policy=PAYS_OUT.policy)
async def test_one_of_several_is_chosen(clerk: SimClerk, language: Language, kind: int) -> None:
    await clerk.log_in()
    await refunded(clerk, kind)
    await clerk.at("case.facts: 2", "case.remedy")
    assert OFFERED[language][kind] in one_line(clerk)
    clerk.choose("另付运费" if language is Language.ZH_CN else "Pay freight")
    await clerk.at("payout.what: cancel", "case.facts")


CORRECTED = {
    Language.ZH_CN: ("更正商品入库", "已更正,不涉及金额"),
    Language.EN: ("Correct the goods", "Corrected; no money moved"),
}


@pytest.mark.parametrize("language", Language)
@in_each_language()
async def test_wrong_goods_are_corrected_from_the_case_and_no_money_moves(
    clerk: SimClerk, language: Language
) -> None:
    remedy, corrected = CORRECTED[language]
    await clerk.log_in()
    tea = {"sku": "9", "name": "Tea", "quantity": 3, "unit_price": 1_500}
    await sell(clerk, "GOODS", {"kind": "cash", "amount": 4_500}, lines=[tea], **CASH)
    clerk.scan("GOODS")
    await clerk.at("sale: enter", "refund.amount: enter", "refund.reason: 4")
    await clerk.approve()
    await clerk.pay_out()
    await clerk.at("cash.hand_over: enter", "result: menu", "case.kind: 4", "case.opened: enter")
    await clerk.at("case.facts: 2", "case.remedy")
    assert f"1 {remedy}" in one_line(clerk)
    await clerk.at("case.remedy: 1", "stock.line: 1", "stock.correct: 4")
    await clerk.approve()
    await clerk.wait("stock.corrected")
    assert corrected in one_line(clerk)
    await clerk.at("stock.corrected: enter", "home")
    booked = clerk.site.ledger.stock.after(0, 100)
    assert [(one.n, one.quantity, one.condition) for one in booked] == [
        (1, 3_000, "1"),
        (2, -3_000, "1"),
        (3, 3_000, "4"),
    ]
    (step,) = steps_of_case(clerk)
    assert (step["kind"], step["text"]) == ("decision", "#1: 2-3")
    (refund,) = clerk.site.ledger.refunds.recent(9)
    assert refund.done == 4_500
    verify_store(clerk.site.ledger)
