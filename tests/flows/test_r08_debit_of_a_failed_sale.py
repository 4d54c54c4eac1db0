"""A customer debited for a sale that was not confirmed: the screen, the form, the case (R8)."""

from __future__ import annotations

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from worlds.counter import in_each_language, logged_in, sell

from pos_terminal.core import receipt_code
from pos_terminal.core.case import CaseKind
from pos_terminal.core.sale import SaleState
from pos_terminal.services.proof.verify import verify_store
from pos_terminal.texts import Language
from pos_terminal.wire.receipt.kinds.enquiry import Enquiry

PHONE = "13800138000"
RECEIPT = "FAILED1"


async def sell_unconfirmed(clerk: SimClerk, state: str = "unconfirmed") -> str:
    """A sale that the till reported so; its receipt number."""
    card = {"kind": "card", "amount": 8_800, "masked": "622848*********0018"}
    await sell(clerk, RECEIPT, card | {"scheme": "unionpay", "funding": "debit"}, state=state)
    return RECEIPT


async def see(clerk: SimClerk, text: str) -> None:
    clerk.scan(text)
    await clerk.wait("sale.unconfirmed")


SAID = {
    Language.ZH_CN: ("原交易未确认", "已登记差错 {}", "单边账查询单", "单边账回执"),
    Language.EN: ("The sale is not confirmed", "Case {} opened", "DEBIT ENQUIRY", "DEBIT REPORTED"),
}
"""The sale, the case, the enquiry form and the customer's slip."""


@pytest.mark.parametrize("language", Language)
@in_each_language()
async def test_it_is_registered_and_both_slips_print(clerk: SimClerk, language: Language) -> None:
    unconfirmed, registered, enquiry_form, customers = SAID[language]
    await clerk.log_in()
    await see(clerk, await sell_unconfirmed(clerk))
    screen = clerk.text
    for fact in (unconfirmed, "000917", "88.00", "622848*********0018"):
        assert fact in screen
    await clerk.at(": menu", f"enquiry.phone: {PHONE} enter", "case.opened")
    case = clerk.site.ledger.cases.of_sale(clerk.site.sale(RECEIPT).key, CaseKind.UNILATERAL_DEBIT)
    assert case is not None
    assert registered.format(case.case_id) in clerk.text
    await clerk.go("enter", to="home")
    await clerk.site.until(lambda: len(clerk.papers) == 2, 60, "slips")
    form, slip = clerk.papers
    assert customers in slip
    for fact in (enquiry_form, "632413000917", "000917", "622848*********0018", "88.00", PHONE):
        assert fact in form
    enquiry = clerk.site.ledger.slips.of_case(case.case_id)[0].slip.body
    assert isinstance(enquiry, Enquiry)
    assert enquiry.check_code in slip
    assert PHONE not in slip
    assert clerk.site.ledger.refunds.recent(1) == []
    verify_store(clerk.site.ledger)


@logged_in()
async def test_only_the_menu_key_registers_it(clerk: SimClerk) -> None:
    receipt = await sell_unconfirmed(clerk)
    for keys in (["enter"], ["cancel"], ["menu", "cancel"]):
        await see(clerk, receipt)
        for key in keys:
            before = clerk.prompt
            clerk.press(key)
            while clerk.prompt == before:
                await clerk.site.terminal.screen.changed()
        await clerk.wait("home")
    assert (
        clerk.site.ledger.cases.of_sale(clerk.site.sale(RECEIPT).key, CaseKind.UNILATERAL_DEBIT)
        is None
    )
    assert clerk.papers == []


@logged_in()
async def test_the_refusal_is_a_request_of_its_own_with_a_slip_for_who_asks(
    clerk: SimClerk,
) -> None:
    """R67; and the debit can be reported all the same."""
    receipt = await sell_unconfirmed(clerk)
    await see(clerk, receipt)
    assert "Application 1" in clerk.text
    await clerk.at(": 1", "refusal.printed: enter", "home")
    await clerk.site.until(lambda: len(clerk.papers) == 2, 60, "slips")
    assert all("The sale is not confirmed" in paper for paper in clerk.papers)
    await see(clerk, receipt)
    assert "Application 2" in clerk.text
    await clerk.at(": menu", "enquiry.phone: enter", "case.opened: enter", "home")
    assert [clerk.site.application(n).state for n in (1, 2)] == ["refused", "refused"]
    verify_store(clerk.site.ledger)


@logged_in()
async def test_the_customers_slip_leads_back_and_prints_again_marked(clerk: SimClerk) -> None:
    await see(clerk, await sell_unconfirmed(clerk))
    await clerk.at(": menu", "enquiry.phone: enter", "case.opened: enter", "home")
    code = clerk.site.ledger.slips.of_case(1)[0].slip.head.barcode
    await see(clerk, code)
    await clerk.wait_text("Reported: case 1")
    await clerk.at(": menu", "case.opened: enter")
    await clerk.site.until(lambda: len(clerk.papers) == 4, 60, "copies")
    assert all("DUPLICATE 1" in text for text in clerk.papers[2:])
    assert clerk.site.ledger.cases.by_id(2) is None


@logged_in()
async def test_once_the_sale_is_confirmed_it_is_refunded_like_any_other(clerk: SimClerk) -> None:
    """Not before: nothing that ENTER leads to asks for an amount."""
    receipt = await sell_unconfirmed(clerk)
    await see(clerk, receipt)
    await clerk.at(": menu", "enquiry.phone: enter", "case.opened: enter", "home")
    code = clerk.site.ledger.slips.of_case(1)[0].slip.head.barcode
    for text in (receipt, code):
        await see(clerk, text)
        await clerk.at(": enter", "home")
    assert clerk.site.ledger.refunds.recent(1) == []
    await sell_unconfirmed(clerk, "approved")
    assert clerk.site.sale(RECEIPT).state is SaleState.APPROVED
    clerk.scan(receipt)
    await clerk.at("sale: cancel", "home")
    clerk.scan(code)
    await clerk.at("sale: enter", "refund.amount: enter", "refund.reason: 1")
    await clerk.approve()
    await clerk.at("card.present: cancel")
    await clerk.home()
    verify_store(clerk.site.ledger)


@logged_in()
async def test_the_code_of_a_case_that_never_was_is_an_unknown_receipt(clerk: SimClerk) -> None:
    await see(clerk, await sell_unconfirmed(clerk))
    await clerk.at(": menu", "enquiry.phone: enter", "case.opened")
    await clerk.home()

    terminal = clerk.site.terminal.config.terminal
    code = receipt_code.encode_case(terminal.merchant_id, terminal.terminal_id, 2)
    clerk.scan(code)
    await clerk.wait("failure")
    await clerk.wait_text("No such sale")
