"""A counter at which something waits in every list of the menu."""

from __future__ import annotations

from pathlib import Path

from hw_sim.proofs.simulation.clerk import SimClerk
from worlds.counter import a_refund, sell
from worlds.told_outcomes import file_of, take_in

from pos_terminal.core.print_job import UNPRINTED
from pos_terminal.services.intake.taking import Intake
from pos_terminal.wire.feed.lines import Format
from pos_terminal.wire.feed.source import of_text


async def something_of_everything(clerk: SimClerk, folder: Path) -> None:
    """Goods that are back; waiting: an unknown outcome, cash, an application without funds, a file,
    a bad record, a case, a card that was called stolen, a form, a ticket."""
    site = clerk.site
    await a_refund(clerk, "code:51")
    await a_refund(clerk, "drop-answer")
    cash = {"kind": "cash", "amount": 500}
    goods = {"sku": "9", "name": "Tea", "quantity": 1, "unit_price": 500}
    await sell(clerk, "CASH-1", cash, lines=[goods], batch="", trace="", rrn="")
    clerk.scan("CASH-1")
    await clerk.at("sale: enter", "refund.amount: enter", "refund.reason: 1")
    await clerk.approve()
    await clerk.pay_out()
    await clerk.at("cash.hand_over: cancel", "home")
    clerk.scan(site.shop.sale("mastercard-older").receipt_no)
    await clerk.at("sale: enter", "refund.amount: 100 enter", "refund.reason: 1")
    await clerk.approve()
    await clerk.show_card("mastercard")
    await clerk.at("result: menu", "case.kind: 7", "case.opened: enter")
    await clerk.at("case.facts: 1", "case.step: 1", "case.text: enter", "evidence.kind: menu")
    await clerk.at("case.next: 0 enter", "case.noted: enter", "case.facts: cancel", "home")
    await sell(clerk, "FORM-1", {"kind": "wallet", "amount": 500}, batch="", trace="", rrn="")
    clerk.scan("FORM-1")
    await clerk.at("sale: enter", "refund.amount: enter", "refund.reason: 1")
    await clerk.approve()
    await clerk.at("refund.confirm: enter", "result: enter", "home")
    lines = [of_text(1, "nonsense")]
    await Intake(site.ledger, folder).lines(
        lines, source="till.jsonl", form=Format.JSONL, allow_pan=False
    )
    site.acquirer.set_mode("code:43", 1)
    await clerk.give_back(site.shop.sale("unionpay-credit-older"), 100, card="unionpay-credit")
    await clerk.home()
    clerk.scan(site.shop.sale("two-cards-older").receipt_no)
    await clerk.at("sale: enter", "refund.leg: 3", "refund.amount: enter", "refund.reason: 1")
    await clerk.at("ticket.plan: enter", "supervisor.number")
    await clerk.approve()
    await clerk.at("card.present: cancel")
    await clerk.wait_text("***0018")
    await clerk.at("card.present: cancel", "ticket.left: enter", "home")
    await site.until(lambda: not site.ledger.slips.in_state(*UNPRINTED), 60, "the slips")
    await take_in(clerk, file_of(clerk))
    await clerk.at("outcomes.confirm: cancel", "home")
