"""Invoices: what clerks say became of them is held against the ledger (R69)."""

from __future__ import annotations

from collections import Counter
from contextlib import nullcontext
from random import Random

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.invariants import violations
from hw_sim.proofs.simulation.invoice_mutants import INVOICES
from hw_sim.proofs.simulation.invoice_till import InvoiceTill
from hw_sim.proofs.simulation.people.hands import Hands
from hw_sim.proofs.simulation.people.invoices import Invoices
from hw_sim.proofs.simulation.rest import come_to_rest
from hw_sim.proofs.simulation.site import Setting, Site, run_site
from worlds.stories import told_by

from pos_terminal.texts import Language

MUTANTS = {
    "nobody is asked": "nobody was asked what became of its invoice",
    "stays out unseen": "nobody approved that an invoice stays out",
    "another number": "somebody said",
}
BY_RULE = Setting(language=Language.EN, policy={"supervisor": "by-rule"})


class _Desk:
    """A till that issues an invoice for what was paid in cash, and a clerk."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.clerk = SimClerk(site)
        self.sale = site.shop.sale("cash-today")
        self.person = Invoices(Hands(site, Random(1), Counter()))

    async def story(self) -> str:
        """Of one sale in three parts: returned, red-letter, neither; what does not hold."""
        till = InvoiceTill(self.site, Random(1), Counter(), [])
        till.issue([self.sale])
        await till.tell_the_rest()
        for way in ("takes an invoice back", "has a red-letter invoice", "has no invoice back"):
            self.clerk.scan(self.sale.receipt_no)
            await self.clerk.at("sale: enter", "refund.amount: 1 0 0 enter")
            if await self.clerk.wait("invoice.ask", "refund.reason") == "invoice.ask":
                self.act("invoice.ask", way)
                if way == "has a red-letter invoice":
                    await self.clerk.wait("invoice.number")
                    self.act("invoice.number", "scans a red-letter invoice")
            await self.clerk.at("refund.reason: 4")
            if await self.clerk.wait("refund.confirm", "supervisor.number") != "refund.confirm":
                await self.clerk.approve()
                await self.clerk.wait("refund.confirm")
            await self.clerk.at(": enter", "cash.hand_over: enter", "result: enter", "home")
        await come_to_rest(self.site, self.clerk)
        return "\n".join(violations(self.site))

    def act(self, prompt: str, name: str) -> None:
        choices = self.person.screens()[prompt]()
        next(act for _, one, act in choices if one == name)()


def test_every_mutant_of_invoices_is_tried() -> None:
    assert MUTANTS.keys() == INVOICES.keys()


@pytest.mark.parametrize("name", [None, *MUTANTS])
@told_by(lambda story: run_site(story, BY_RULE))
async def test_a_mutant_of_invoices_is_noticed(site: Site, name: str | None) -> None:
    """None: without a mutant nothing is."""
    site.start()
    desk = _Desk(site)
    await desk.clerk.log_in()
    with INVOICES[name]() if name else nullcontext():
        found = await desk.story()
    assert (MUTANTS[name] in found) if name else found == ""
