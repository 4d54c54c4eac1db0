"""The menu key at the sale's screen: what else can be done with this sale."""

from __future__ import annotations

from typing import Final

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from worlds.counter import a_refund, logged_in

from pos_terminal.core.refund import State
from pos_terminal.core.sale import Sale, SaleState
from pos_terminal.core.words import say
from pos_terminal.flows import sale_more
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.found import Found
from pos_terminal.flows.sale_more import MORE, More
from pos_terminal.texts import known
from pos_terminal.ui.ask import tell


async def _begin(desk: Desk, found: Found) -> None:
    sale = desk.ledger.sales.by_key(found.sale_key)
    assert isinstance(sale, Sale)
    await tell(desk.ui, "begun", say("flows.sale"), sale.receipt_no)


WAYS: Final = {
    3: More("flows.sale", _begin),
    5: More(
        "flows.amount",
        _begin,
        leads=lambda _, sale, __: sale.state is SaleState.VOIDED,
    ),
}
"""Of which the second leads nowhere with a sale that stands."""


@pytest.fixture(autouse=True)
def _ways(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sale_more, "MORE", WAYS)


@logged_in()
async def test_the_list_leads_on_with_this_sale_and_back_to_it(clerk: SimClerk) -> None:
    sale = clerk.site.shop.sale("visa-older")
    await clerk.find(sale)
    assert "MENU: more" in clerk.text
    await clerk.go("menu", to="sale.more")
    assert ">3 Original sale" in clerk.text
    assert " 5 " not in clerk.text
    await clerk.at("sale.more: 5 cancel", "sale: menu", "sale.more: 3", "begun")
    assert sale.receipt_no in clerk.text
    await clerk.go("enter", to="home")


@logged_in()
async def test_a_sale_of_which_nothing_goes_back_has_the_list_too(clerk: SimClerk) -> None:
    await clerk.find(clerk.site.shop.sale("beyond-window"))
    await clerk.at(": menu", "sale.more: cancel", "sale: cancel", "home")


@logged_in()
async def test_what_was_kept_is_still_taken_up_after_a_look_at_the_list(clerk: SimClerk) -> None:
    await a_refund(clerk, "code:51")
    await clerk.at(": menu", "menu: 3 3", "kept: enter", "sale: menu", "sale.more: cancel")
    await clerk.at("sale: enter", "refund.amount: 123 enter", "refund.reason: 1")
    await clerk.approve()
    await clerk.show_card("visa")
    await clerk.accept()
    assert clerk.site.ledger.refunds.recent(1)[0].state is State.ACCEPTED
    assert clerk.site.ledger.applications.kept() == []


def test_entries_are_digits_with_texts() -> None:
    assert set(MORE) <= set(range(1, 10))
    assert all(known(one.text) for one in MORE.values())
