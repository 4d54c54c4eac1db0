"""R34: another tender than the sale's only by a listed exception; after “stolen” the form alone."""

from __future__ import annotations

import re
from typing import Final

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from worlds.counter import CASH, logged_in, sell, tell
from worlds.other_tenders import CARD, SALE, shop, to_the_list, way
from worlds.typed import AMOUNT, give, purchase, type_in
from worlds.typed import tell as told

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


@pytest.mark.parametrize(
    ("code", "opens"),
    [
        *((code, False) for code in ("14", "12", "13", "25", "30", "51", "58", "61", "64", "94")),
        *((code, True) for code in ("05", "54")),
    ],
)
def test_only_what_is_said_of_the_account_opens_another_tender(code: str, opens: bool) -> None:
    """R27: a wrong card never does; nor does a wrong message, or a merchant short of funds."""

    async def story(clerk: SimClerk) -> None:
        await clerk.log_in()
        await declined(clerk, code)
        await clerk.home()
        await to_the_list(clerk)
        await clerk.at("sale.more: 3", "exception")
        assert ("Refund declined" in clerk.text) is opens

    tell(story, CASH_TOO)


@logged_in(CASH_TOO)
async def test_nor_where_the_card_was_called_stolen_for_another_sale(clerk: SimClerk) -> None:
    """The other payment of this sale has its ways."""
    clerk.site.acquirer.set_mode("code:43", 1)
    await clerk.give_back(clerk.site.shop.sale("visa-older"), 100, card="visa")
    await clerk.home()
    clerk.scan(clerk.site.shop.sale("two-cards-older").receipt_no)
    await clerk.at("sale: menu", "sale.more: 3", "refund.leg: 1", "exception")
    assert "Manual form" in clerk.text
    assert "In cash" not in clerk.text
    await clerk.at("exception: cancel", "refund.leg: 2", "exception")
    assert "In cash" in clerk.text


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


BUYERS: Final = r"\*0010|\*9999|\b7\.00|66\.00|SCARF|63241300090|90[12]\b|VISA"
"""What who holds the gift receipt is told nothing of."""


@logged_in(shop(way("cash", "gift", evidence=False), way("manual", "gift", evidence=False)))
async def test_what_the_shop_lists_for_a_gift_is_there_by_the_gift_receipt_alone(
    clerk: SimClerk,
) -> None:
    """It is all that this shop lists. Nothing that who holds it sees or gets tells of the buyer."""
    card = {"kind": "card", "masked": "476173******0010", "amount": 5_900}
    card |= {"batch": "1", "trace": "901", "rrn": "632413000901", "scheme": "VISA"}
    other = {"kind": "card", "masked": "541333******9999", "amount": 700}
    other |= {"batch": "1", "trace": "902", "rrn": "632413000902"}
    await sell(clerk, "SCARF", other, card, **CASH, gift_receipt_no="G-77")
    clerk.scan("SCARF")
    await clerk.at("sale: menu", "sale.more")
    assert "Back another way" not in clerk.text
    await clerk.home()
    clerk.scan("G-77")
    await clerk.at("sale: menu", "sale.more: 3", "exception: 1")
    # no goods are known: neither enter nor too much tells what is left of the sale
    for said, keys in (
        ("Type what the goods cost", "enter"),
        ("must be above zero", "6 6 0 1 enter"),
        ("More than can go back", "5 9 0 0 enter"),
    ):
        await clerk.wait("refund.amount")
        await clerk.wait_text(said)
        assert not re.search(BUYERS, clerk.text), "the buyer's own affair"
        assert re.search(r"Gift +In cash", clerk.text), "which exception it is"
        clerk.press(*keys.split())
    await clerk.at("evidence.kind: menu", "refund.reason")
    assert not re.search(BUYERS, clerk.text)
    await clerk.go("1", to="supervisor.number")
    # whose balance it is the supervisor sees, and that it goes to whoever stands here
    shown = " ".join(clerk.text.split())
    assert "Who holds the gift receipt G-77" in shown
    assert "Counted on this payment: 476173******0010" in shown
    assert "who paid" not in shown
    await clerk.approve()
    await clerk.at("refund.confirm")
    assert not re.search(BUYERS, clerk.text)
    await clerk.at(": enter", "cash.hand_over: enter", "result: enter", "home")
    (refund,) = clerk.site.ledger.refunds.recent(1)
    assert (refund.kind, refund.done) == (Kind.CASH, 5_900)
    basis = clerk.site.ledger.exceptions.of_application(refund.application)
    assert basis is not None
    assert basis.exception is Exceptional.GIFT
    # by the form, and its record once somebody has paid it
    clerk.scan("G-77")
    await clerk.at("sale: menu", "sale.more: 3", "exception: 2", "refund.amount: 5 0 0 enter")
    await clerk.at("evidence.kind: menu", "refund.reason: 1")
    await clerk.approve()
    await clerk.at("refund.confirm: enter", "result: enter", "home: menu", "menu: 3 7")
    await clerk.at("manual.list: 1", "manual.form")
    assert re.search(r"G-77\nWho holds the gift receipt", clerk.text)
    assert not re.search(BUYERS, clerk.text)
    await clerk.at(": 1", "manual.reference: 4 7 1 1 enter")
    await clerk.approve()
    await clerk.at("manual.confirm: enter", "manual.done: enter", "home")
    await clerk.site.until(lambda: len(clerk.papers) == 5, 60, "slips")
    for paper in clerk.papers:
        assert "G-77" in paper
        assert not re.search(BUYERS, paper)
    verify_store(clerk.site.ledger)


@logged_in(shop(way("cash", "card_lost", evidence=False)))
async def test_the_reference_of_a_stolen_card_typed_with_another_day_opens_no_cash(
    clerk: SimClerk,
) -> None:
    """R35: after 43 none at all, also in another ticket. The supervisor of the form reads it."""
    purchase(clerk)
    await told(clerk)
    clerk.site.acquirer.set_mode("code:43", 1)
    await clerk.home()
    clerk.scan("LATE")
    await clerk.wait("sale")
    await give(clerk, 100)
    await type_in(clerk, on="1116", to="typed.offered")
    await clerk.at("typed.offered: 2", "typed.review: enter", "sale: 1", "exception")
    await clerk.wait_text("Manual form")
    assert "In cash" not in clerk.text
    await clerk.at("exception: 1", "refund.amount: enter", "evidence.kind: menu")
    await clerk.at("refund.reason: 1", "supervisor.number")
    assert "Same reference as LATE: card refused there" in " ".join(clerk.text.split())
    await clerk.approve(0)
    await clerk.approve(1)
    await clerk.at("refund.confirm: enter", "result: enter", "home")
    (form,) = clerk.site.ledger.refunds.recent(1)
    assert (form.kind, form.amount) == (Kind.MANUAL, AMOUNT)
    verify_store(clerk.site.ledger)


@logged_in(shop(way("cash", "card_lost", evidence=False)))
async def test_cash_for_what_only_a_clerk_has_typed_takes_two_supervisors(
    clerk: SimClerk,
) -> None:
    """Whatever the shop's list says of that way."""
    await type_in(clerk)
    await clerk.at("sale: menu", "sale.more: 3", "exception: 1", "refund.amount: enter")
    await clerk.at("evidence.kind: menu", "refund.reason: 1", "supervisor.number")
    assert "Typed, and not back to its card: two supervisors" in " ".join(clerk.text.split())
    await clerk.approve(0)
    await clerk.approve(1)
    await clerk.at("refund.confirm: enter", "cash.hand_over: enter", "result: enter", "home")
    (refund,) = clerk.site.ledger.refunds.recent(1)
    assert (refund.kind, refund.done) == (Kind.CASH, AMOUNT)
    assert len(clerk.site.ledger.applications.approvals(refund.application)) == 2
    verify_store(clerk.site.ledger)
