"""A sale in cash has no trace: its receipt's number says which one it is, on screens and slips."""

from __future__ import annotations

import json
from collections.abc import Callable

from hw_sim.bench import identity
from hw_sim.proofs.simulation.clerk import SimClerk

from pos_terminal.wire.feed.lines import Format
from pos_terminal.wire.receipt.kinds.cash import CashBack

RECEIPT = "POS-0099"


async def sold(clerk: SimClerk) -> None:
    record = {
        "sale_id": "IN-CASH",
        "merchant_id": identity.MERCHANT_ID,
        "terminal_id": identity.TERMINAL_ID,
        **dict.fromkeys(("batch", "trace", "rrn", "auth_code"), ""),
        "sold_at": "2026-11-20T10:00:00+08:00",
        "currency": "156",
        "amount": 6_200,
        "receipt_no": RECEIPT,
        "tenders": [{"kind": "cash", "amount": 6_200}],
        "lines": [],
    }
    report = await clerk.site.ledger.feed.take_in(
        [json.dumps(record)], source="test", form=Format.JSONL, allow_pan=False
    )
    assert report.added == 1, report


def test_the_receipt_names_it(at_the_counter: Callable[..., None]) -> None:
    async def story(clerk: SimClerk) -> None:
        await sold(clerk)
        await clerk.log_in()
        await clerk.wait("home")
        clerk.scan(RECEIPT)
        await clerk.wait("sale")
        shown = clerk.site.terminal.screen.text
        assert "Receipt no." in shown
        assert RECEIPT in shown
        await clerk.answer("sale", "")
        await clerk.answer("refund.amount", "")
        await clerk.wait("refund.reason")
        clerk.press("1")
        await clerk.wait("supervisor.number")
        assert RECEIPT in clerk.site.terminal.screen.text
        await clerk.approve()
        await clerk.answer("cash.hand_over", "")
        await clerk.wait("result")
        await clerk.home()
        (refund,) = clerk.site.ledger.refunds.of_sale("IN-CASH")
        for job in clerk.site.ledger.slips.of_refund(refund.refund_id):
            assert isinstance(job.slip.body, CashBack)
            assert job.slip.body.original.receipt == RECEIPT

    at_the_counter(story)
