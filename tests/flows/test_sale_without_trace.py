"""A sale in cash has no trace: its receipt's number says which one it is, on screens and slips."""

from __future__ import annotations

from hw_sim.proofs.simulation.clerk import SimClerk
from worlds.counter import CASH, at_the_counter, sell

from pos_terminal.wire.receipt.kinds.cash import CashBack

RECEIPT = "POS-0099"


@at_the_counter()
async def test_the_receipt_names_it(clerk: SimClerk) -> None:
    await sell(clerk, RECEIPT, {"kind": "cash", "amount": 6_200}, **CASH)
    await clerk.log_in()
    await clerk.wait("home")
    clerk.scan(RECEIPT)
    await clerk.wait("sale")
    shown = clerk.text
    assert "Receipt no." in shown
    assert RECEIPT in shown
    await clerk.at("sale: enter", "refund.amount: enter", "refund.reason: 1", "supervisor.number")
    assert RECEIPT in clerk.text
    await clerk.approve()
    await clerk.pay_out()
    await clerk.at("cash.hand_over: enter", "result")
    await clerk.home()
    (refund,) = clerk.site.refunds_of(RECEIPT)
    for job in clerk.site.ledger.slips.of_refund(refund.refund_id):
        assert isinstance(job.slip.body, CashBack)
        assert job.slip.body.original.receipt == RECEIPT
