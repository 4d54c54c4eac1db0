"""Another terminal's sale is given back at its own home, and nowhere else (R66)."""

from __future__ import annotations

import pytest
from hw_sim.bench import identity
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.site import Setting
from worlds.counter import CASH, at_the_counter, logged_in, sell

from pos_terminal.core.application import ApplicationState
from pos_terminal.texts import Language

OWN_ALONE = Setting(language=Language.EN, home=[])
BOTH = Setting(language=Language.EN, home=[identity.OTHER_TERMINAL_ID])
UNSAID = Setting(language=Language.EN, home=None)


@logged_in(OWN_ALONE)
async def test_a_card_sale_of_another_terminal_is_refused_by_name(clerk: SimClerk) -> None:
    clerk.scan(clerk.site.shop.sale("other-terminal-today").receipt_no)
    await clerk.wait("failure", "sale", "refund.amount")
    assert f"Please go to terminal {identity.OTHER_TERMINAL_ID}" in clerk.text
    application = clerk.site.application(1)
    assert (application.state, application.amount) == (ApplicationState.REFUSED, 0)
    assert application.sale_key is not None
    (decision,) = clerk.site.ledger.applications.decisions(1)
    assert (decision.rule, decision.code) == ("sale", "elsewhere_terminal")
    await clerk.home()
    await clerk.give_back(clerk.site.shop.sale("visa-older"), 100)
    await clerk.wait("result")


@pytest.mark.parametrize("state", ["approved", "unconfirmed"])
def test_so_is_one_in_cash_and_one_that_is_not_confirmed(state: str) -> None:
    @logged_in(OWN_ALONE)
    async def story(clerk: SimClerk) -> None:
        cash = {"kind": "cash", "amount": 500}
        other = identity.OTHER_TERMINAL_ID
        await sell(clerk, "FAR-1", cash, terminal_id=other, state=state, **CASH)
        clerk.scan("FAR-1")
        await clerk.wait("failure", "sale", "sale.unconfirmed")
        assert f"Please go to terminal {other}" in clerk.text

    story()


@logged_in(BOTH)
async def test_a_listed_terminals_sale_is_given_back_and_ones_own_is_always_in(
    clerk: SimClerk,
) -> None:
    for name in ("other-terminal-today", "visa-older"):
        sale = clerk.site.shop.sale(name)
        clerk.scan(sale.receipt_no)
        await clerk.wait("sale")
        await clerk.home()


@at_the_counter(UNSAID)
async def test_nothing_is_traded_before_somebody_said_whose_sales_they_are(
    clerk: SimClerk,
) -> None:
    await clerk.log_in()
    clerk.scan(clerk.site.shop.sale("cash-today").receipt_no)
    await clerk.wait("failure", "sale")
    assert "Whose sales are given back here is not\nset" in clerk.text
