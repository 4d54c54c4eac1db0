"""R73: a proof of purchase from the ledger, counted and in the log; no money moves by it."""

from __future__ import annotations

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from worlds.counter import CASH, in_each_language, logged_in, sell
from worlds.typed import type_in

from pos_terminal.services.ledger.overview import overview
from pos_terminal.texts import Language

TITLES = {Language.ZH_CN: "消费凭证(补打)", Language.EN: "PROOF OF PURCHASE"}


@pytest.mark.parametrize("language", Language)
@in_each_language()
async def test_from_the_sale_s_screen_and_from_the_menu(
    clerk: SimClerk, language: Language
) -> None:
    await clerk.log_in()
    sale = clerk.site.shop.sale("visa-older")
    refund = await given_back(clerk, 1_000)
    slips = len(clerk.papers)
    paid = clerk.site.acquirer.ledger()

    await clerk.find(sale)
    await clerk.at("sale: menu", "sale.more: 2", "proof.confirm: cancel", "sale.more: 2")
    await clerk.at("proof.confirm: enter", "proof.done: enter", "home")
    await clerk.site.until(lambda: len(clerk.papers) == slips + 1, 60, "the slip")
    paper = " ".join(clerk.papers[-1].split())
    stored = clerk.site.sale(sale.sale_id)
    payment, card = stored.tenders[0].payment, stored.tenders[0].card
    assert payment is not None
    assert card is not None
    wanted = [TITLES[language], payment.trace, payment.rrn, str(card.masked), stored.receipt_no]
    wanted += [line.name for line in stored.lines]
    wanted += [f"{stored.amount / 100:.2f}", "10.00"]
    for told in wanted:
        assert told in paper, told
    assert refund not in paper, "what it is of is the sale"

    # the second one, by way of the menu: found by its trace; and a third by a scan
    await clerk.at(": menu", "menu: 2 3", f"find.trace: {payment.trace.lstrip('0')} enter")
    await clerk.at("proof.confirm: enter", "proof.done")
    assert "2" in clerk.text.splitlines()[1]
    clerk.scan(sale.receipt_no)  # the next customer
    await clerk.wait("sale")
    await clerk.home()
    await clerk.go("menu", "2", "3", to="find.trace")
    clerk.scan(sale.receipt_no)
    await clerk.wait("proof.confirm")
    assert ("已补打 2 次" if language is Language.ZH_CN else "Printed 2 times") in clerk.text
    await clerk.at(": enter", "proof.done: enter", "home")
    await clerk.site.until(lambda: len(clerk.papers) == slips + 3, 60, "the slips")

    assert clerk.site.acquirer.ledger() == paid, "no money moved"
    assert clerk.site.sale(sale.sale_id) == stored
    listed = overview(clerk.site.ledger.db)["sales"]
    (row,) = (one for one in listed if one["sale_id"] == sale.sale_id)
    assert row["proofs"] == 3
    entries = clerk.site.ledger.db.execute("SELECT facts FROM audit WHERE kind = 'proof'")
    facts = [entry["facts"] for entry in entries]
    assert [f'"number":{n}' in one.replace(" ", "") for n, one in enumerate(facts, 1)] == [True] * 3
    assert all(f'"{clerk.me.number}"' in one for one in facts)


async def given_back(clerk: SimClerk, amount: int) -> str:
    """The reference of a refund that is done."""
    await clerk.give_back(clerk.site.shop.sale("visa-older"), amount)
    await clerk.home()
    return str(clerk.site.ledger.refunds.recent(1)[0].rrn)


@logged_in()
async def test_what_has_no_proof(clerk: SimClerk) -> None:
    """A sale that is not confirmed, one that nobody knows, and who has a gift receipt alone."""
    cash = {"kind": "cash", "amount": 700}
    await sell(clerk, "OPEN-1", cash, state="unconfirmed", **CASH)
    await sell(clerk, "SOLD-1", cash, gift_receipt_no="G-1", **CASH)
    for code, said in (
        ("OPEN-1", "The sale is not confirmed"),
        ("R-NONE", "receipt"),
        ("G-1", "Not with a gift receipt"),
    ):
        await clerk.go("menu", "2", "3", to="find.trace")
        clerk.scan(code)
        await clerk.wait("failure")
        assert said in clerk.text
        await clerk.home()
    clerk.scan("G-1")
    await clerk.at("sale: menu", "sale.more")
    assert "roof" not in clerk.text
    assert clerk.site.ledger.slips.proofs_of(clerk.site.sale("SOLD-1").key) == 0


@logged_in()
async def test_what_only_a_clerk_has_told_is_proven_by_nothing(clerk: SimClerk) -> None:
    sale = clerk.site.shop.sale("visa-older")
    await clerk.find(sale)
    await clerk.at("sale: menu", "sale.more")
    assert "Proof of purchase" in clerk.text, "of what a till has told"
    await clerk.home()
    await type_in(clerk)
    await clerk.at("sale: menu", "sale.more")
    assert "roof" not in clerk.text


@logged_in()
async def test_a_printer_without_paper_is_said_and_the_proof_comes_later(clerk: SimClerk) -> None:
    printer = clerk.site.parts.printer.printer
    printer.change(paper_out=True)
    sale = clerk.site.shop.sale("cash-today")
    await clerk.find(sale)
    await clerk.at("sale: menu", "sale.more: 2", "proof.confirm")
    assert "Paper out" in clerk.text
    printer.change(paper_out=False)
    await clerk.site.until(lambda: "Paper out" not in clerk.text, 60, "the line to go")
    printer.change(paper_out=True)
    await clerk.wait_text("Paper out")
    slips = len(clerk.papers)
    await clerk.at("proof.confirm: enter", "proof.done: enter", "home")
    assert len(clerk.papers) == slips
    printer.change(paper_out=False)
    await clerk.site.until(lambda: len(clerk.papers) == slips + 1, 60, "the slip")
    assert "PROOF OF PURCHASE" in " ".join(clerk.papers[-1].split())
