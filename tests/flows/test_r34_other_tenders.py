"""R34: another tender than the sale's only by a listed exception; after “stolen” the form alone."""

from __future__ import annotations

from typing import Final

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from worlds.counter import logged_in, tell
from worlds.other_tenders import CARD, SALE, shop, to_the_list, way

from pos_terminal.core.refund import Kind, State
from pos_terminal.core.tenders import Exceptional
from pos_terminal.services.proof.verify import verify_store

CASH_TOO: Final = shop(
    way("cash", "account_closed", approvals=2),
    way("cash", "declined", evidence=False),
    way("credit", "gift"),
    repeat="never",
)


async def declined(clerk: SimClerk, code: str) -> None:
    """A refund of 100 that the acquirer answers so; its result is on the screen."""
    clerk.site.acquirer.set_mode(f"code:{code}", 1)
    await clerk.give_back(clerk.site.shop.sale(SALE), 100, card=CARD)
    await clerk.wait("result")


@pytest.mark.parametrize("code", ["43", "57", "55"])
def test_an_answer_that_leads_to_the_form_does_so_by_one_key(code: str) -> None:
    async def story(clerk: SimClerk) -> None:
        await clerk.log_in()
        await declined(clerk, code)
        await clerk.wait_text("MENU: manual form")
        clerk.press("menu")
        await clerk.wait("supervisor.number")
        await clerk.wait_text("Refund declined")
        await clerk.approve()
        await clerk.at("refund.confirm: enter", "result: enter", "home")
        form, refused = clerk.site.ledger.refunds.recent(2)
        assert (refused.state, refused.response) == (State.DECLINED, code)
        assert (form.kind, form.state, form.amount) == (Kind.MANUAL, State.FORM_PRINTED, 100)
        basis = clerk.site.ledger.exceptions.of_application(form.application)
        assert basis is not None
        assert (basis.exception, basis.evidence) == (Exceptional.DECLINED, ())
        verify_store(clerk.site.ledger)

    tell(story)


@logged_in(CASH_TOO)
async def test_after_stolen_there_is_no_cash_whatever_the_shop_allows(clerk: SimClerk) -> None:
    await declined(clerk, "43")
    # the sale again: what stands against it leads to the form by one key as well
    await clerk.home()
    clerk.scan(clerk.site.shop.sale(SALE).receipt_no)
    await clerk.at("sale: enter", "failure: 1", "exception")
    await clerk.wait_text("Manual form")
    assert "In cash" not in clerk.text
    await to_the_list(clerk)
    await clerk.at("sale.more: 3", "exception")
    assert "In cash" not in clerk.text
    await clerk.at("exception: 1", "refund.amount: 200 enter", "evidence.kind: menu")
    await clerk.at("refund.reason: 1")
    await clerk.approve()
    await clerk.at("refund.confirm: enter", "result: enter", "home")
    (form,) = clerk.site.ledger.refunds.recent(1)
    assert (form.kind, form.amount) == (Kind.MANUAL, 200)
    verify_store(clerk.site.ledger)


@logged_in(CASH_TOO)
async def test_cash_by_an_exception_takes_its_supervisors_and_evidence(clerk: SimClerk) -> None:
    await to_the_list(clerk)
    await clerk.at("sale.more: 3", "exception")
    assert "Refund declined" not in clerk.text, "the ledger has none"
    assert "Gift" not in clerk.text, "it was no gift receipt"
    await clerk.at("exception: 1", "refund.amount: 500 enter", "evidence.kind: menu")
    await clerk.wait_text("Evidence is needed")
    clerk.press("1")
    await clerk.answer("evidence.reference", "4711")
    await clerk.wait("evidence.kind")
    await clerk.wait_text("4711")
    await clerk.at("evidence.kind: menu", "refund.reason: 1")
    await clerk.approve(0)
    await clerk.wait_text("Account closed")
    await clerk.approve(1)
    await clerk.at("refund.confirm: enter", "cash.hand_over: enter", "result: enter", "home")
    (refund,) = clerk.site.ledger.refunds.recent(1)
    assert (refund.kind, refund.state, refund.done) == (Kind.CASH, State.HANDED_OVER, 500)
    sale = clerk.site.sale(clerk.site.shop.sale(SALE).sale_id)
    assert (sale.done, sale.cash_back) == (500, 500)
    assert len(clerk.site.ledger.applications.approvals(refund.application)) == 2
    await clerk.site.until(lambda: len(clerk.papers) == 2, 60, "slips")
    merchant, customer = (" ".join(paper.split()) for paper in clerk.papers)
    assert "Account closed" in merchant
    assert "Bank's letter 4711" in merchant
    assert "4711" not in customer
    verify_store(clerk.site.ledger)


@logged_in(CASH_TOO)
async def test_nothing_goes_another_way_while_an_outcome_is_open(clerk: SimClerk) -> None:
    clerk.site.acquirer.set_mode("drop-answer", 1)
    await clerk.give_back(clerk.site.shop.sale(SALE), 100, card=CARD)
    await clerk.wait("result")
    await clerk.wait_text("unknown")
    await clerk.home()
    clerk.scan(clerk.site.shop.sale(SALE).receipt_no)
    await clerk.at("sale: menu", "sale.more")
    assert "Back another way" not in clerk.text


@logged_in()
async def test_by_default_it_goes_back_where_it_came_from(clerk: SimClerk) -> None:
    await clerk.home()
    clerk.scan(clerk.site.shop.sale(SALE).receipt_no)
    await clerk.at("sale: menu")
    await clerk.wait("sale.more", "sale.more.none")
    assert "Back another way" not in clerk.text
