"""Scans while a ticket is under way, and of the slip of what is left of it (R35)."""

from __future__ import annotations

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from worlds.counter import CASH, in_each_language, sell

from pos_terminal.core.receipt_code import encode_application
from pos_terminal.core.refund import Kind
from pos_terminal.texts import Language


@pytest.mark.parametrize("language", Language)
@in_each_language(policy={"supervisor": "by-rule"})
async def test_a_scan_in_the_middle_waits_and_the_slip_leads_to_the_rest(
    clerk: SimClerk, language: Language
) -> None:
    """The ticket's first application is a form, which has the slip's number too."""
    zh = language is Language.ZH_CN
    await clerk.log_in()
    wallet = {"kind": "wallet", "amount": 2_000}
    voucher = {"kind": "voucher", "amount": 1_000, "voucher_no": "2900017"}
    await sell(clerk, "MIX", wallet, voucher, {"kind": "cash", "amount": 500}, **CASH)
    await sell(clerk, "NEXT", {"kind": "cash", "amount": 700}, **CASH)
    clerk.scan("MIX")
    await clerk.at("sale: enter")
    if await clerk.wait("refund.leg", "refund.amount") == "refund.leg":
        clerk.press("3")
    await clerk.at("refund.amount: enter", "refund.reason: 1", "ticket.plan: enter")
    if await clerk.wait("supervisor.number", "refund.confirm") == "supervisor.number":
        await clerk.approve()
    await clerk.at("refund.confirm: enter", "result")
    for _ in range(2):
        clerk.scan("NEXT")
        await clerk.wait_text("先办完这张票" if zh else "This ticket first")
        assert clerk.prompt == "result"
        await clerk.at("result: enter", "refund.confirm")
        if len(clerk.site.ledger.refunds.recent(9)) < 2:
            await clerk.at(": enter", "result")
    clerk.site.parts.printer.printer.change(paper_out=True)
    await clerk.wait_text("⚠" if zh else "!printer")
    await clerk.at("refund.confirm: cancel", "ticket.left")
    await clerk.wait_text("待办凭条待打印" if zh else "The slip waits for the printer")
    clerk.site.parts.printer.printer.change(paper_out=False)
    await clerk.wait_text("待办凭条已打印" if zh else "A slip says so")
    await clerk.at("ticket.left: enter", "home")
    forms = [one for one in clerk.site.ledger.refunds.recent(9) if one.kind is Kind.MANUAL]
    assert [one.application for one in forms] == [1]
    home = clerk.site.terminal.config.terminal
    clerk.scan(encode_application(home.merchant_id, home.terminal_id, 1))
    await clerk.wait("find.form_or_rest")
    assert "5.00" in clerk.text
    assert "20.00" in clerk.text
    await clerk.go("1", to="ticket.left")
    await clerk.at(": enter", "refund.confirm: enter", "cash.hand_over: enter", "result")
    # after the last one the next receipt is welcome
    clerk.scan("NEXT")
    await clerk.at("sale: cancel", "home")
    clerk.scan(encode_application(home.merchant_id, home.terminal_id, 1))
    await clerk.wait("manual.form")
