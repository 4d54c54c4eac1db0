"""A customer debited for a sale that was not confirmed: the screen, the form, the case (R8)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from hw_sim.proofs.simulation.clerk import SimClerk

from pos_terminal.core import receipt_code
from pos_terminal.core.case import CaseKind
from pos_terminal.core.sale import SaleState
from pos_terminal.services.proof.verify import verify_store
from pos_terminal.wire.feed.lines import Format
from pos_terminal.wire.receipt.kinds.enquiry import Enquiry

Counter = Callable[..., None]
PHONE = "13800138000"


async def sell_unconfirmed(clerk: SimClerk, state: str = "unconfirmed") -> str:
    """A sale that the till reported so; its receipt number."""
    terminal = clerk.site.terminal.config.terminal
    card: dict[str, Any] = {"kind": "card", "amount": 8_800, "masked": "622848*********0018"}
    record = {
        "kind": "sale",
        "sale_id": "FAILED-1",
        "merchant_id": terminal.merchant_id,
        "terminal_id": terminal.terminal_id,
        "batch": "000001",
        "trace": "000917",
        "rrn": "632413000917",
        "auth_code": "",
        "sold_at": "2026-11-20T12:10:00+08:00",
        "currency": "156",
        "amount": 8_800,
        "receipt_no": "FAILED1",
        "tenders": [card | {"scheme": "unionpay", "funding": "debit"}],
        "lines": [],
        "state": state,
    }
    report = await clerk.site.ledger.feed.take_in(
        [json.dumps(record)], source="till", form=Format.JSONL, allow_pan=False
    )
    assert report.imported, report.problems
    return "FAILED1"


async def see(clerk: SimClerk, text: str) -> None:
    clerk.scan(text)
    await clerk.wait("sale.unconfirmed")


def papers(clerk: SimClerk) -> list[str]:
    return clerk.site.parts.printer.texts()


def test_it_is_registered_and_both_slips_print(at_the_counter: Counter) -> None:
    async def story(clerk: SimClerk) -> None:
        await clerk.log_in()
        await see(clerk, await sell_unconfirmed(clerk))
        screen = clerk.site.terminal.screen.text
        for fact in ("The sale is not confirmed", "000917", "88.00", "622848*********0018"):
            assert fact in screen
        clerk.press("menu")
        await clerk.answer("enquiry.phone", PHONE)
        await clerk.wait("case.opened")
        case = clerk.site.ledger.cases.of_sale("FAILED-1", CaseKind.UNILATERAL_DEBIT)
        assert f"Case {case.case_id} opened" in clerk.site.terminal.screen.text
        clerk.press("enter")
        await clerk.wait("home")
        await clerk.site.until(lambda: len(papers(clerk)) == 2, 60, "slips")
        form, slip = papers(clerk)
        for fact in ("632413000917", "000917", "622848*********0018", "88.00", PHONE):
            assert fact in form
        form = clerk.site.ledger.slips.of_case(case.case_id)[0].slip.body
        assert isinstance(form, Enquiry)
        code = form.check_code
        assert code in slip
        assert PHONE not in slip
        assert clerk.site.ledger.refunds.recent(1) == []
        verify_store(clerk.site.ledger)

    at_the_counter(story)


def test_only_the_menu_key_registers_it(at_the_counter: Counter) -> None:
    async def story(clerk: SimClerk) -> None:
        await clerk.log_in()
        receipt = await sell_unconfirmed(clerk)
        for keys in (["enter"], ["cancel"], ["menu", "cancel"]):
            await see(clerk, receipt)
            for key in keys:
                before = clerk.prompt
                clerk.press(key)
                while clerk.prompt == before:
                    await clerk.site.terminal.screen.changed()
            await clerk.wait("home")
        assert clerk.site.ledger.cases.of_sale("FAILED-1", CaseKind.UNILATERAL_DEBIT) is None
        assert papers(clerk) == []

    at_the_counter(story)


def test_the_customers_slip_leads_back_and_prints_again_marked(at_the_counter: Counter) -> None:
    async def story(clerk: SimClerk) -> None:
        await clerk.log_in()
        await see(clerk, await sell_unconfirmed(clerk))
        clerk.press("menu")
        await clerk.answer("enquiry.phone", "")
        await clerk.wait("case.opened")
        clerk.press("enter")
        await clerk.wait("home")
        code = clerk.site.ledger.slips.of_case(1)[0].slip.head.barcode
        await see(clerk, code)
        await clerk.wait_text("Reported: case 1")
        clerk.press("menu")
        await clerk.wait("case.opened")
        clerk.press("enter")
        await clerk.site.until(lambda: len(papers(clerk)) == 4, 60, "copies")
        assert all("DUPLICATE 1" in text for text in papers(clerk)[2:])
        assert clerk.site.ledger.cases.by_id(2) is None

    at_the_counter(story)


def test_once_the_sale_is_confirmed_it_is_refunded_like_any_other(at_the_counter: Counter) -> None:
    async def story(clerk: SimClerk) -> None:
        await clerk.log_in()
        receipt = await sell_unconfirmed(clerk)
        await see(clerk, receipt)
        clerk.press("menu")
        await clerk.answer("enquiry.phone", "")
        await clerk.wait("case.opened")
        clerk.press("enter")
        await clerk.wait("home")
        code = clerk.site.ledger.slips.of_case(1)[0].slip.head.barcode
        await sell_unconfirmed(clerk, "approved")
        assert clerk.site.ledger.sales.by_id("FAILED-1").state is SaleState.APPROVED
        for text in (receipt, code):
            clerk.scan(text)
            await clerk.wait("sale")
            clerk.press("cancel")
            await clerk.wait("home")

    at_the_counter(story)


def test_the_code_of_a_case_that_never_was_is_an_unknown_receipt(at_the_counter: Counter) -> None:
    async def story(clerk: SimClerk) -> None:
        await clerk.log_in()
        await see(clerk, await sell_unconfirmed(clerk))
        clerk.press("menu")
        await clerk.answer("enquiry.phone", "")
        await clerk.wait("case.opened")
        await clerk.home()

        terminal = clerk.site.terminal.config.terminal
        code = receipt_code.encode_case(terminal.merchant_id, terminal.terminal_id, 2)
        clerk.scan(code)
        await clerk.wait("failure")
        await clerk.wait_text("No such sale")

    at_the_counter(story)
