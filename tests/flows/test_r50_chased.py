"""Accepted refunds that the acquirer's file does not confirm in time are chased (R50)."""

from __future__ import annotations

import asyncio
import json

from hw_sim.proofs.simulation.clerk import SimClerk
from worlds.counter import a_refund, logged_in
from worlds.told_outcomes import file_of, take_in

from pos_terminal.services.ledger.overview import overview
from pos_terminal.services.proof.verify import verify_store

A_DAY = 86_400
REMINDED = "Refunds not confirmed: 1"


async def another(clerk: SimClerk) -> None:
    await clerk.give_back(clerk.site.shop.sale("mastercard-older"), 100, card="mastercard")
    await clerk.home()


async def days_later(clerk: SimClerk, days: float) -> str:
    """What the home screen says then."""
    await asyncio.sleep(days * A_DAY)
    if clerk.prompt != "home":
        await clerk.at(f"lock.pin: {clerk.me.pin} enter", "home")
    return " ".join(clerk.text.split())


@logged_in()
async def test_it_is_on_the_list_after_three_working_days_until_it_is_chased(
    clerk: SimClerk,
) -> None:
    await a_refund(clerk)
    confirmed = file_of(clerk)
    await another(clerk)
    await take_in(clerk, confirmed)
    # made on a Friday: Monday to Wednesday are three working days
    assert f"{clerk.site.time.now():%A}" == "Friday"
    assert REMINDED not in await days_later(clerk, 5)
    assert f"{REMINDED} (MENU 3 8)" in await days_later(clerk, 1)
    await clerk.at(": menu", "menu: 3 8", "unconfirmed.list: 1", "unconfirmed.refund: enter")
    await clerk.at("case.step: 1", "case.text: 4 7 1 1 enter", "evidence.kind: menu")
    await clerk.at("case.next: 3 enter", "case.noted: enter", "home")
    assert REMINDED not in clerk.text
    (case,) = overview(clerk.site.ledger.db)["cases"]
    assert (case["kind"], case["refund_id"], case["state"]) == ("time", 2, "open")
    assert [(one["kind"], one["text"]) for one in case["steps"]] == [("call", "4711")]
    verify_store(clerk.site.ledger)


@logged_in()
async def test_where_no_file_ever_confirmed_one_nothing_is_on_it(clerk: SimClerk) -> None:
    await a_refund(clerk)
    assert "not confirmed" not in await days_later(clerk, 20)


@logged_in()
async def test_a_late_file_takes_it_off(clerk: SimClerk) -> None:
    await a_refund(clerk)
    await take_in(clerk, file_of(clerk))
    await another(clerk)
    assert REMINDED in await days_later(clerk, 10)
    text = file_of(clerk)
    assert len([json.loads(line) for line in text.splitlines()]) == 2
    await take_in(clerk, text, "later.jsonl")
    assert REMINDED not in await days_later(clerk, 1 / 24)
