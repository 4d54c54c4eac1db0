"""What the acquirer has accepted nobody calls back: it is said in words that a customer accepts, a
case stands, and no key takes it back (R47)."""

from __future__ import annotations

import asyncio

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from worlds.counter import in_each_language

from pos_terminal.core.refund import State
from pos_terminal.services.proof.verify import verify_store
from pos_terminal.texts import Language

PAYS_OUT = {"payouts": {"per_case": 5_000, "per_day": 50_000}}
MUCH, ACCOUNT = 2, 3
STANDS = {
    Language.ZH_CN: "这笔退款银行已经受理,任何人都不能撤回;已登记差错跟进,有结果会告诉您",
    Language.EN: "The bank has accepted this refund, so nobody can call it back. It is followed"
    " here, and you will be told.",
}
OFFERED = {
    Language.ZH_CN: {MUCH: ["多退追回单", "另付运费、补偿"],
                     ACCOUNT: ["更正单(收单机构)", "多退追回单", "另付运费、补偿"]},
    Language.EN: {MUCH: ["Recovery slip", "Pay freight or goodwill"],
                  ACCOUNT: ["Correction form", "Recovery slip", "Pay freight or goodwill"]},
}  # fmt: skip
"""All that the case offers: papers, and money beside the sale."""
KEYS = (*"0123456789", ".", "menu", "enter")


async def accepted(clerk: SimClerk, kind: int) -> None:
    """A card has 10.00, and this case of it is on the screen."""
    await clerk.log_in()
    await clerk.give_back(clerk.site.shop.sale("visa-older"), 1_000)
    await clerk.at("result: menu", f"case.kind: {kind}", "case.opened: enter", "case.facts")


def options(clerk: SimClerk) -> list[str]:
    rows = (row.lstrip("> ").partition(" ") for row in clerk.text.splitlines())
    return [option.strip() for digit, _, option in rows if digit.isdecimal()]


@pytest.mark.parametrize("kind", [MUCH, ACCOUNT])
@pytest.mark.parametrize("language", Language)
@in_each_language(policy=PAYS_OUT)
async def test_it_is_said_and_only_papers_are_offered(
    clerk: SimClerk, language: Language, kind: int
) -> None:
    await accepted(clerk, kind)
    await clerk.at("case.facts: 2", "case.remedy")
    assert "".join(STANDS[language].split()) in "".join(clerk.text.split())
    assert options(clerk) == OFFERED[language][kind]
    await clerk.at(": cancel", "case.facts: cancel", "home")
    (case,) = clerk.site.ledger.cases.open_ones()
    assert case.refund_id == 1, "it stands until somebody closes it"


@pytest.mark.parametrize("language", Language)
@in_each_language()
async def test_where_nothing_else_can_be_done_that_alone_is_said(
    clerk: SimClerk, language: Language
) -> None:
    """All of it is asked back by a slip already."""
    await accepted(clerk, MUCH)
    await clerk.at("case.facts: 2", "case.remedy: 1", "recovery.amount: 1000 enter")
    await clerk.at("recovery.done: enter", "case.facts: 2", "case.remedy")
    assert "".join(STANDS[language].split()) in "".join(clerk.text.split())
    assert options(clerk) == []


@pytest.mark.parametrize("language", Language)
@in_each_language()
async def test_no_key_of_its_case_takes_it_back(clerk: SimClerk, language: Language) -> None:
    """Each one, and what ENTER then leads to; the acquirer hears of nothing."""
    await accepted(clerk, ACCOUNT)
    heard = clerk.site.acquirer.book.entries()
    for key in KEYS:
        for pressed in (key, "enter", "enter"):
            clerk.press(pressed)
            await asyncio.sleep(2)  # virtual time
        await clerk.home()
        await clerk.at(": menu", "menu: 4 1", "case.list: 1", "case.facts")
    assert clerk.site.refund(1).state is State.ACCEPTED
    assert clerk.site.refund(1).done == 1_000
    assert clerk.site.acquirer.book.entries() == heard
    assert [one.refund_id for one in clerk.site.ledger.refunds.recent(9)] == [1]
    assert [one.refund_id for one in clerk.site.ledger.cases.open_ones()] == [1]
    verify_store(clerk.site.ledger)
