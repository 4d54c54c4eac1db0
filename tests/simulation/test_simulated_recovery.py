"""Recovery slips are paid at the till in every way, and what the ledger says of it is held against
what that till told (R46)."""

from __future__ import annotations

from collections import Counter
from contextlib import AbstractContextManager, nullcontext
from random import Random
from unittest.mock import patch

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.credit_till import CreditTill
from hw_sim.proofs.simulation.invariants import violations
from hw_sim.proofs.simulation.recovery_till import RecoveryTill
from hw_sim.proofs.simulation.rest import come_to_rest
from hw_sim.proofs.simulation.site import Setting, Site, run_site
from worlds.stories import told_by

from pos_terminal.core.listed import ListedSale
from pos_terminal.services.ledger import recovery_told
from pos_terminal.services.ledger.books.sales.reads import SaleReads
from pos_terminal.texts import Language

_SLIPS = 20
"""Of 0.50 each: so many customers come with one that each way is seen."""


def _forgets_who_paid() -> AbstractContextManager[object]:
    def none(_: SaleReads, code: str) -> list[ListedSale]:
        return []

    return patch.object(SaleReads, "by_recovery", none)


def _asks_nobody_about_a_strange_number() -> AbstractContextManager[object]:
    return patch.object(recovery_told, "look", lambda *_: None)


MUTANTS = {
    "forgets who paid": (_forgets_who_paid, "and the ledger has []"),
    "asks nobody about a strange number": (_asks_nobody_about_a_strange_number, "it has 0 cases"),
}


async def _story(site: Site) -> tuple[Counter[str], str]:
    """What the till did, and what does not hold."""
    clerk, counts = SimClerk(site), Counter[str]()
    recovers = RecoveryTill(site, CreditTill(site, 0, Counter()), Random(2), counts)
    await clerk.log_in()
    clerk.scan(site.shop.sale("visa-older").receipt_no)
    await clerk.at("sale: enter", "refund.amount: 1000 enter", "refund.reason: 4")
    await clerk.approve()
    await clerk.show_card("visa")
    await clerk.at("result: menu", "case.kind: 2", "case.opened: enter")
    for _ in range(_SLIPS):
        await clerk.at("case.facts: 2", "case.remedy")
        clerk.choose("Recovery slip")
        await clerk.at("recovery.amount: 50 enter", "recovery.done: enter")
    await clerk.at("case.facts: cancel")
    await recovers.tell_the_rest()
    assert recovers.sell() == 0, "each slip is brought once"
    await come_to_rest(site, clerk)
    return counts, "\n".join(violations(site))


@pytest.mark.parametrize("name", [None, *MUTANTS])
@told_by(lambda story: run_site(story, Setting(language=Language.EN)))
async def test_what_the_till_sold_for_slips_is_known(site: Site, name: str | None) -> None:
    """None: without a mutant nothing is noticed."""
    site.start()
    mutant, expected = MUTANTS[name] if name else (nullcontext, "")
    with mutant():
        counts, found = await _story(site)
    assert expected in found if name else found == expected
    ways = ("as asked", "less", "more", "in two sales", "under a number that nobody printed")
    assert all(counts[f"recovery slip is paid {way}"] for way in (*ways, "never")), counts
