"""Something went wrong: a case from the first doubt to the closed record (R45, R75, R77)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.site import Setting
from worlds.counter import logged_in

from pos_terminal.services.ledger.overview import overview
from pos_terminal.services.proof.verify import verify_store
from pos_terminal.texts import Language

SETTING = Setting(language=Language.EN)


async def refund(clerk: SimClerk, amount: str = "1000") -> str:
    """Part of a card's payment went back; the receipt."""
    receipt = clerk.site.shop.sale("visa-older").receipt_no
    clerk.scan(receipt)
    await clerk.at("sale: enter", f"refund.amount: {amount} enter", "refund.reason: 1")
    await clerk.approve()
    await clerk.show_card("visa")
    await clerk.wait("result")
    return receipt


def case_of(clerk: SimClerk) -> dict[str, Any]:
    (case,) = overview(clerk.site.ledger.db)["cases"]
    return dict(case)


@pytest.mark.parametrize("way", ["result", "sale", "menu"])
@logged_in(SETTING)
async def test_it_is_opened_from_wherever_somebody_sees_it(clerk: SimClerk, way: str) -> None:
    receipt = await refund(clerk)
    if way == "result":
        await clerk.at("result: menu", "case.kind: 1")
    else:
        await clerk.at("result: enter", "home")
        if way == "sale":
            clerk.scan(receipt)
            await clerk.at("sale: menu", "sale.more: 8")
        else:
            await clerk.at(": menu", "menu: 4 4")
            clerk.scan(receipt)
        await clerk.at("case.kind: 1")
    await clerk.at("case.opened: enter", "case.facts: cancel", "home")
    case = case_of(clerk)
    assert (case["kind"], case["state"], case["refund_id"]) == ("amount_little", "open", 1)
    tomorrow = clerk.site.time.now().date() + timedelta(days=1)
    assert case["due_on"] == tomorrow.isoformat()


@logged_in(SETTING)
async def test_steps_are_kept_and_it_is_closed_with_cause_and_loss(clerk: SimClerk) -> None:
    await refund(clerk)
    await clerk.at("result: menu", "case.kind: 3", "case.opened: enter")
    await clerk.at("case.facts: 1", "case.step: 1", "case.text: 4 7 1 1 enter")
    await clerk.at("evidence.kind: 1", "evidence.reference: 8 8 1 1 enter", "evidence.kind: menu")
    await clerk.at("case.next: 5 enter", "case.noted: enter", "case.facts: enter")
    await clerk.at("case.reference: 2 0 2 6 enter", "case.close: 1", "case.loss: 1")
    await clerk.at("case.loss_amount: 250 enter", "case.loss: enter")
    await clerk.approve()
    await clerk.at("case.confirm_closing: enter", "case.closed: enter", "home")
    case = case_of(clerk)
    (step,) = case["steps"]
    assert (step["kind"], step["text"], step["by"]) == ("call", "4711", "101")
    assert step["evidence"] == [{"kind": "bank_letter", "reference": "8811"}]
    assert (case["state"], case["cause"]) == ("closed", "typing")
    assert case["loss"] == {"shop": 250, "customer": 0, "acquirer": 0}
    verify_store(clerk.site.ledger)
