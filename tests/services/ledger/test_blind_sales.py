"""Goods without a receipt in the ledger: what ``verify`` holds them to (R17)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import pytest
from worlds.failures import failure_of
from worlds.ledger import MERCHANT, SHOP, TERMINAL, World
from worlds.purge import later, purge

from pos_terminal.core.blind import BroughtBack, NoReceipt, SoldBefore, lowest_of, sale_of
from pos_terminal.core.items import name_items
from pos_terminal.core.refund import Kind, State
from pos_terminal.core.sale import SaleLine
from pos_terminal.core.words import Failure
from pos_terminal.ports import Approval, Draft
from pos_terminal.services.ledger import concluding, issuing
from pos_terminal.services.ledger.books import sales
from pos_terminal.services.ledger.step import Step
from pos_terminal.services.proof.verify import verify_store

KNOWN = SoldBefore(SaleLine(1, "CUP", "Cup", 1_000, 1, ""), 3_000)


def bring(world: World, price: int = 3_000) -> int:
    """A cup that was sold for 30.00 at least; the application's number."""
    goods = [BroughtBack("CUP", 1, price, KNOWN)]
    now = world.clock.now().astimezone(SHOP)
    sale = sale_of(goods, merchant_id=MERCHANT, terminal_id=TERMINAL, currency="156", at=now)
    draft = Draft(
        sale_key=None,
        leg=0,
        kind=Kind.CREDIT,
        amount=sale.amount,
        reason="1",
        note="",
        operator="101",
        items=name_items(sale, Kind.CREDIT, sale.amount, {}),
    )
    known = NoReceipt(("c" * 64,), ("k" * 64,), lowest_of(goods))
    return world.do(world.store.open_blind(sale, draft, known)).number


def give(world: World, number: int, *supervisors: str) -> None:
    """Past the terminal, which asks for two."""
    now = world.clock.now()
    said = [Approval(one, one, now, 3_000, "no_receipt") for one in supervisors]
    if said:
        world.do(world.store.applications.approve(number, said))

    def issue(step: Step) -> None:
        refund = concluding.commit_at_once(step, number, Kind.CREDIT, State.ISSUED)
        issuing.add_voucher(step, refund, lambda *_: ())

    world.do(world.store.step("issue", issue))


def give_beside(world: World) -> None:
    """By another application than its own, which no commit takes; two approve each."""
    own = bring(world)
    ours = world.store.applications.by_number(own)
    assert ours is not None
    facts: dict[str, Any] = {"reason": "1", "note": "", "operator": "101", "decisions": ()}
    facts |= {
        "refused": False,
        "sale_key": ours.sale_key,
        "leg": 1,
        "kind": Kind.CREDIT,
        "amount": 1_000,
    }
    number = world.do(world.store.applications.open(**facts)).number
    said = [Approval(one, one, world.clock.now(), 3_000, "no_receipt") for one in ("201", "202")]
    world.do(world.store.applications.approve(own, said))
    assert failure_of(lambda: give(world, number, "201", "202")) == "ledger.balance"
    with patch.object(sales, "check_balance"):
        give(world, number)


PAST: dict[str, Callable[[World], None]] = {
    "approvals without a receipt of sale": lambda world: give(world, bring(world), "201"),
    "refunds without a receipt of sale": give_beside,
    "price without a receipt of sale": lambda world: give(world, bring(world, 3_001), "201", "202"),
}


@pytest.mark.parametrize("what", PAST)
def test_what_the_terminal_never_does_is_found(world: World, what: str) -> None:
    PAST[what](world)
    with pytest.raises(Failure, match=rf"ledger\.tampered.*{what}"):
        verify_store(world.store)


def test_whose_it_was_is_erased_with_its_age_and_does_not_come_back(world: World) -> None:
    give(world, bring(world), "201", "202")
    whose = "SELECT customer, card FROM blind_sales"
    assert tuple(world.store.db.execute(whose).fetchone()) == ("c" * 64, "k" * 64)
    later(world, 101)
    assert purge(world)["refunds"] == 1
    assert tuple(world.store.db.execute(whose).fetchone()) == (None, None)
    verify_store(world.store)
    with world.store.writer.db as db:
        db.execute("UPDATE blind_sales SET customer = ?", ("c" * 64,))
    with pytest.raises(Failure, match=r"ledger\.tampered.*without a receipt"):
        verify_store(world.store)


def test_one_approval_is_not_enough_for_a_voucher(world: World) -> None:
    number = bring(world)
    with pytest.raises(ValueError, match="two supervisors"):
        world.do(world.store.issue_credit(number, lambda *_: ()))
    verify_store(world.store)
