"""R17: a customer without a receipt: the card, two facts, and then store credit for the goods."""

from __future__ import annotations

from typing import Any, Final

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.invariants import violations
from hw_sim.proofs.simulation.site import Setting
from worlds.counter import CASH, in_each_language, sell

from pos_terminal.core.refund import Kind, State
from pos_terminal.core.sale import SaleOrigin
from pos_terminal.services.ledger.overview import overview
from pos_terminal.texts import Language

PHONE: Final = "13800138000"
CUP: Final = "6901234567892"
SOAP: Final = "6909876543210"
RULES: Final[dict[str, Any]] = {
    "no_receipt": {
        "enabled": True,
        "ceiling": 10_000,
        "unknown_goods": 2_000,
        "customer_count": 2,
        "card_count": 1,
    },
    "window": {"free_days": 30, "supervisor_days": 90},
}
ON: Final = Setting(language=Language.EN, rules=RULES)


def line(sku: str, price: int, quantity: str = "1", **more: object) -> dict[str, object]:
    return {"sku": sku, "name": f"Name {sku}", "quantity": quantity, "unit_price": price, **more}


async def sells(clerk: SimClerk) -> None:
    """Cups for 35.00, two of a promotion for 60.00, and one long ago for 10.00."""
    cash = {"kind": "cash"}
    cup = line(CUP, 3_500)
    await sell(clerk, "one", cash | {"amount": 3_500}, lines=[cup], **CASH)
    two = [
        line(CUP, 3_500, "2", paid=7_000, group="2for60"),
        line("off", 1_000, kind="discount", paid=-1_000, group="2for60"),
    ]
    await sell(clerk, "two", cash | {"amount": 6_000}, lines=two, **CASH)
    old = {"sold_at": "2026-07-01T10:00:00+08:00", "lines": [line(CUP, 1_000)]}
    await sell(clerk, "old", cash | {"amount": 1_000}, **old, **CASH)
    cake = line("6900000000014", 500, returnable=False)
    kiwi = line("kiwi", 1_000, "0.5")
    await sell(clerk, "food", cash | {"amount": 1_000}, lines=[cake, kiwi], **CASH)


async def to_goods(clerk: SimClerk, number: str = PHONE) -> None:
    """Without a card, and no sale is found by two facts."""
    await clerk.at(": menu", "menu: 1 5", "blind.card: enter", "find.by: cancel")
    await clerk.at("blind.begin: enter", f"blind.customer: {number} enter", "blind.goods")


async def bring(clerk: SimClerk, code: str, price: str = "") -> None:
    clerk.scan(code)
    await clerk.at(f"blind.price: {price} enter", "blind.goods")


async def approved_by_two(clerk: SimClerk) -> None:
    await clerk.at("blind.goods: enter", "refund.reason: 1", "supervisor.number")
    await clerk.approve(0)
    await clerk.wait("supervisor.number")
    await clerk.approve(1)


async def given(clerk: SimClerk, number: str = PHONE) -> None:
    """A cup for all that can be given for it."""
    await to_goods(clerk, number)
    await bring(clerk, CUP)
    await approved_by_two(clerk)
    await clerk.pay_out()
    await clerk.at("result: enter", "home")


def at_rest(clerk: SimClerk) -> None:
    """With the ledger held against its log."""
    assert violations(clerk.site) == []


@pytest.mark.parametrize("language", Language)
@in_each_language(rules=RULES)
async def test_from_no_card_and_no_sale_to_store_credit(
    clerk: SimClerk, language: Language
) -> None:
    zh = language is Language.ZH_CN
    await clerk.log_in()
    await sells(clerk)
    await to_goods(clerk)
    clerk.scan(CUP)
    await clerk.wait("blind.price")
    assert "30.00" in clerk.text, "the promotion's, and not what it cost before the window"
    await clerk.go("3001", "enter", to="blind.price")
    await clerk.wait_text("高于可退价格" if zh else "Above what can be given")
    await clerk.at("blind.price: clear clear clear clear 0 enter")
    await clerk.wait_text("必须大于零" if zh else "above zero")
    await clerk.at("blind.price: clear 2 5 0 0 enter", "blind.goods")
    clerk.scan(CUP)  # one more, of the same price
    await clerk.wait_text("50.00")
    await bring(clerk, SOAP, "1500")
    await clerk.wait_text("65.00")
    await clerk.at("blind.goods: enter", "refund.reason: 1", "supervisor.number")
    assert ("需两位主管" if zh else "two supervisors") in clerk.text
    await clerk.approve(0)
    await clerk.wait("supervisor.number")
    await clerk.approve(0)  # the same person again is nobody else
    await clerk.wait_text("需另一位主管" if zh else "nother supervisor")
    await clerk.approve(1)
    await clerk.pay_out()
    await clerk.at("result: enter", "home")
    (refund,) = clerk.site.ledger.refunds.recent(1)
    assert (refund.kind, refund.state, refund.done) == (Kind.CREDIT, State.ISSUED, 6_500)
    voucher = clerk.site.ledger.vouchers.of_refund(refund.refund_id)
    assert voucher is not None
    assert voucher.amount == 6_500
    sale = clerk.site.ledger.sales.by_key(refund.sale_key)
    assert sale is not None
    assert (sale.origin, sale.remaining) == (SaleOrigin.BLIND, 0)
    application = clerk.site.ledger.applications.by_number(refund.application)
    assert application is not None
    assert [item.amount for item in application.items] == [5_000, 1_500]
    approvals = clerk.site.ledger.applications.approvals(refund.application)
    assert len({one.supervisor for one in approvals}) == 2
    await clerk.site.until(lambda: len(clerk.papers) == 2, 60, "slips")
    merchant, customer = clerk.papers
    for paper in (merchant, customer):
        assert ("无小票退货" if zh else "No receipt") in paper
    assert all(f"{one.supervisor} {one.name}" in merchant for one in approvals)
    at_rest(clerk)
    shown = overview(clerk.site.ledger.db)
    assert [one["origin"] for one in shown["sales"] if one["sale_key"] == sale.key] == ["blind"]
    (listed,) = shown["blind"]
    assert [(one["pieces"], one["amount"], one["lowest"]) for one in listed["lines"]] == [
        (2, 5_000, 3_000),
        (1, 1_500, None),
    ]
