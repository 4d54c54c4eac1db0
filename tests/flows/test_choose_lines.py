"""The goods that come back are chosen from the sale's lines (R11, R14)."""

from __future__ import annotations

from typing import Any

from hw_sim.proofs.simulation.clerk import SimClerk
from worlds.counter import CASH, at_the_counter, sell

from pos_terminal.core.items import Item
from pos_terminal.core.looked import Disposition, Looked
from pos_terminal.core.refund import Kind, State
from pos_terminal.core.sale import Sale
from pos_terminal.ports import Scanned
from pos_terminal.services.proof.verify import verify_store

TEA = {"sku": "9", "name": "Tea", "quantity": 3, "unit_price": 1_500}
RICE = {"sku": "10", "name": "Rice", "quantity": "0.75", "unit_price": 1_067}
CUP = {"sku": "11", "name": "Cup", "quantity": 1, "unit_price": 900}


async def sold(clerk: SimClerk, *lines: dict[str, Any], amount: int = 6_200) -> None:
    """A cash sale of these lines, on the screen."""
    await sell(clerk, "GOODS", {"kind": "cash", "amount": amount}, lines=lines, **CASH)
    await clerk.log_in()
    await to_amount(clerk)


async def to_amount(clerk: SimClerk) -> None:
    await clerk.wait("home")
    clerk.scan("GOODS")
    await clerk.at("sale: enter", "refund.amount")


async def take(clerk: SimClerk, digit: str, quantity: str = "") -> None:
    """One line of the list, and so much of it."""
    await clerk.at(f"refund.lines: {digit}", f"refund.quantity: {quantity} enter", "refund.lines")


async def pay_out(clerk: SimClerk, amount: str = "", *, less: bool = False) -> None:
    """From the amount to the home screen, by cash; ``less`` than the goods bring as agreed."""
    await clerk.at(f"refund.amount: {amount} enter", *(["goods.deduct: 4"] if less else []))
    await clerk.at(f"refund.reason: {4 if less else 1}")
    await clerk.approve()
    await clerk.pay_out()
    await clerk.at("cash.hand_over: enter", "result")
    await clerk.home()


def sale_of(clerk: SimClerk) -> Sale:
    return clerk.site.sale("GOODS")


def returned(clerk: SimClerk) -> list[int]:
    return [line.returned for line in sale_of(clerk).lines]


@at_the_counter()
async def test_chosen_goods_bring_what_they_are_worth(clerk: SimClerk) -> None:
    await sold(clerk, TEA, RICE, CUP)
    await clerk.go("menu", to="refund.lines")
    assert "1 Tea ×3" in clerk.text
    assert "45.00" in clerk.text
    await take(clerk, "1", "2")
    assert "Tea 2 of 3" in clerk.text
    await take(clerk, "2", "500")
    assert "Rice 0.5 of 0.75" in clerk.text
    assert "¥35.33" in clerk.text
    clerk.press("menu")
    await clerk.wait_text("Chosen goods")
    await pay_out(clerk)
    assert returned(clerk) == [2_000, 500, 0]
    assert sale_of(clerk).done == 3_533
    application = clerk.site.application(1)
    found = Looked("1", "3", Disposition.VENDOR)
    items = (Item(1, 2_000, 3_000, 3_000, found), Item(2, 500, 533, 533, found))
    assert application.items == items
    # what is left of the lines, and no more, is offered next
    clerk.scan("GOODS")
    await clerk.wait("sale")
    assert "of it returned ×2" in " ".join(clerk.text.split())
    await clerk.at(": enter", "refund.amount: menu", "refund.lines")
    assert "1 Tea ×1" in clerk.text
    assert "2 Rice ×0.25" in clerk.text
    verify_store(clerk.site.ledger)


@at_the_counter()
async def test_less_may_be_typed_for_them_and_never_more(clerk: SimClerk) -> None:
    await sold(clerk, TEA, RICE, CUP)
    clerk.press("menu")
    await take(clerk, "3")
    clerk.press("menu")
    await clerk.answer("refund.amount", "901")
    await clerk.wait_text("The amount is above the goods: 9.00")
    clerk.press("enter")  # a slip of the finger is no “all of it”
    await clerk.wait_text("at least 1")
    await pay_out(clerk, "850", less=True)
    assert returned(clerk) == [0, 0, 1_000]
    assert sale_of(clerk).done == 850


@at_the_counter()
async def test_the_quantity_is_asked_beside_what_it_brings_and_not_its_price_tag(
    clerk: SimClerk,
) -> None:
    """The second one was free: a clerk who reads 9.00 to the customer pays 4.50."""
    cups = [CUP | {"paid": paid, "group": "1+1"} for paid in (900, 0)]
    await sold(clerk, *cups, amount=900)
    await clerk.at(": menu", "refund.lines: 1", "refund.quantity")
    assert "4.50" in clerk.text
    assert "9.00" not in clerk.text


@at_the_counter()
async def test_more_than_remains_of_a_line_is_asked_again(clerk: SimClerk) -> None:
    await sold(clerk, TEA, RICE, CUP)
    await clerk.at(": menu", "refund.lines: 2", "refund.quantity: 751 enter")
    await clerk.wait_text("Only 0.75 left of Rice")
    clerk.press("enter")
    await clerk.wait_text("at least 1")
    clerk.press("750", "enter")
    await clerk.wait_text("Rice 0.75 of 0.75")


@at_the_counter()
async def test_a_point_parts_what_is_weighed_and_pieces_have_none(clerk: SimClerk) -> None:
    await sold(clerk, TEA, RICE | {"quantity": "1.75"}, amount=6_367)
    await clerk.at(": menu", "refund.lines: 2", "refund.quantity: 1.5")
    await clerk.wait_text("> 1.500_")
    clerk.press("enter")
    await clerk.wait_text("Rice 1.5 of 1.75")
    await clerk.go("1", to="refund.quantity")
    beeps = clerk.site.terminal.screen.beeps
    clerk.press(".2")
    assert clerk.site.terminal.screen.beeps == beeps + 1
    clerk.press("enter")
    await clerk.wait_text("Tea 2 of 3")
    clerk.press("menu")
    await pay_out(clerk, "45.5", less=True)
    assert returned(clerk) == [2_000, 1_500]
    assert sale_of(clerk).done == 4_550


@at_the_counter()
async def test_a_line_is_taken_out_again_and_nothing_chosen_is_all_that_remains(
    clerk: SimClerk,
) -> None:
    await sold(clerk, TEA, RICE, CUP)
    clerk.press("menu")
    await take(clerk, "1")
    await take(clerk, "1", "0")
    assert "Tea ×3" in clerk.text
    clerk.press("menu")
    await clerk.wait_text("ENTER alone: all that remains")
    await pay_out(clerk)
    assert returned(clerk) == [3_000, 750, 1_000], "the whole sale names all of it"


@at_the_counter()
async def test_a_typed_amount_names_no_goods(clerk: SimClerk) -> None:
    await sold(clerk, TEA, RICE, CUP)
    await pay_out(clerk, "1000")
    await to_amount(clerk)
    await pay_out(clerk)
    assert returned(clerk) == [0, 0, 0]
    assert sale_of(clerk).remaining == 0


@at_the_counter()
async def test_two_of_three_for_270_bring_180_and_the_last_one_90(clerk: SimClerk) -> None:
    await sold(clerk, CUP | {"quantity": 3, "unit_price": 10_000}, amount=27_000)
    clerk.press("menu")
    await take(clerk, "1", "2")
    clerk.press("menu")
    await clerk.wait_text("¥180.00")
    await pay_out(clerk)
    await to_amount(clerk)
    clerk.press("menu")
    await take(clerk, "1")
    clerk.press("menu")
    await clerk.wait_text("¥90.00")
    await pay_out(clerk)
    assert (sale_of(clerk).done, returned(clerk)) == (27_000, [3_000])


@at_the_counter()
async def test_goods_that_came_back_for_less_are_settled(clerk: SimClerk) -> None:
    """What was kept of them is not offered again: not with the last goods, and not by enter."""
    await sold(clerk, TEA, CUP, amount=5_400)
    clerk.press("menu")
    await take(clerk, "1")
    clerk.press("menu")
    await pay_out(clerk, "3000", less=True)
    await to_amount(clerk)
    assert "¥9.00" in clerk.text, "what is left of the sale"
    assert "¥15.00" in clerk.text, "what was taken off"
    clerk.press("menu")
    await take(clerk, "1")
    clerk.press("menu")
    await clerk.wait_text("ENTER alone: the chosen goods")
    assert "Chosen goods ¥9.00" in " ".join(clerk.text.split())
    await clerk.go("cancel", to="sale")
    await clerk.go("cancel", to="home")
    await to_amount(clerk)
    assert "Remaining ¥9.00" in " ".join(clerk.text.split())
    await pay_out(clerk)
    assert sale_of(clerk).done == 3_900
    assert returned(clerk) == [3_000, 1_000], "enter alone names the rest"


FEE = {"sku": "", "name": "Delivery", "quantity": 1, "unit_price": 800, "kind": "fee"}
OFF = {"sku": "", "name": "Member", "quantity": 1, "unit_price": 500, "kind": "discount"}
OPENED = CUP | {"returnable": False, "not_returnable_because": "Seal broken"}


@at_the_counter()
async def test_what_can_not_be_chosen_says_why(clerk: SimClerk) -> None:
    """Tea for 45.00 and a cup for 9.00 less 5.00; its delivery for 8.00 beside them."""
    await sold(clerk, TEA, OPENED, FEE, OFF, amount=5_700)
    assert "ENTER alone: all that remains" in clerk.text
    await clerk.go("menu", to="refund.lines")
    assert "2 Cup ×1 (no return)" in clerk.text
    assert "3 Delivery ×1 (fee)" in clerk.text
    assert "4 Member (discount)" in clerk.text
    assert "-5.00" in clerk.text
    clerk.press("2")
    await clerk.wait_text("Not returnable: Cup Seal broken")
    clerk.press("4")
    await clerk.wait_text("A discount is in what the goods bring")
    await take(clerk, "1")
    await clerk.wait_text("¥40.83")
    await take(clerk, "3")
    await clerk.wait_text("¥48.83")
    clerk.press("menu")
    await pay_out(clerk)
    assert returned(clerk) == [3_000, 0, 1_000, 0]
    assert sale_of(clerk).done == 4_883


@at_the_counter()
async def test_the_rest_with_goods_that_are_not_taken_back_is_refused(clerk: SimClerk) -> None:
    await sold(clerk, TEA, OPENED, amount=5_400)
    await clerk.at("refund.amount: enter", "refund.reason: 4", "result")
    assert "Not returnable: Cup Seal broken" in " ".join(clerk.text.split())
    await clerk.home()
    assert sale_of(clerk).done == 0


@at_the_counter()
async def test_every_line_of_a_long_sale_is_reached(clerk: SimClerk) -> None:
    lines = [CUP | {"name": f"Cup {n}", "sku": str(n)} for n in range(1, 24)]
    await sold(clerk, *lines, amount=23 * 900)
    await clerk.at(": menu", "refund.lines: 0 0")
    await clerk.wait_text("Cup 23")
    await take(clerk, "5")
    assert ">5 Cup 23 1 of 1" in clerk.text, "the mark stays where it was"
    clerk.press("down")
    await clerk.wait_text(">1 Cup 1")
    clerk.press("menu")
    await pay_out(clerk)
    assert returned(clerk) == [0] * 22 + [1_000]


@at_the_counter()
async def test_a_sale_without_lines_has_no_list(clerk: SimClerk) -> None:
    await sold(clerk)
    assert "MENU" not in clerk.text
    await clerk.go("menu", "1", "enter", to="refund.reason")


@at_the_counter()
async def test_an_unknown_refund_holds_its_goods_until_it_is_known(clerk: SimClerk) -> None:
    ledger = clerk.site.ledger
    await clerk.log_in()
    sale = clerk.site.shop.sale("visa-older")
    clerk.site.acquirer.set_mode("swallow")
    await clerk.find(sale)
    await clerk.at(": enter", "refund.amount: menu")
    await take(clerk, "1", "1")
    await clerk.at(": menu", "refund.amount: enter", "refund.reason: 1")
    await clerk.approve()
    await clerk.show_card("visa")
    await clerk.home()
    found = ledger.sales.by_id(sale.sale_id)
    assert found is not None
    assert found.lines[0].held == 1_000
    assert found.held == sale.lines[0].unit_price
    clerk.site.acquirer.set_mode("normal")
    await clerk.site.until(lambda: not ledger.refunds.open_ones(), 4 * 3600, "the late answer")
    found = ledger.sales.by_id(sale.sale_id)
    assert found is not None
    assert (found.lines[0].returned, found.lines[0].held) == (1_000, 0)
    verify_store(ledger)


@at_the_counter()
async def test_a_void_names_everything(clerk: SimClerk) -> None:
    ledger = clerk.site.ledger
    await clerk.log_in()
    today = clerk.site.shop.sale("visa-today")
    await clerk.ask_for(today)
    await clerk.approve()
    await clerk.show_card("visa")
    await clerk.home()
    (void,) = clerk.site.refunds_of(today.sale_id)
    assert (void.kind, void.state) == (Kind.VOID, State.ACCEPTED)
    voided = ledger.sales.by_id(today.sale_id)
    assert voided is not None
    assert all(line.returned == line.quantity for line in voided.lines)
    verify_store(ledger)


@at_the_counter()
async def test_goods_scanned_for_a_receipt_are_called_goods(clerk: SimClerk) -> None:
    await clerk.log_in()
    clerk.scan("2100123007998")
    await clerk.at("failure")
    assert "of goods" in clerk.text
    await clerk.home()
    clerk.scan("6901234567892")  # by chance its last digit is a good one of our receipts, too
    await clerk.at("failure")
    assert "of goods" in clerk.text
    await clerk.home()
    for scanned in (
        Scanned("036000291452", "]E0"),
        Scanned("96385074", "]E4"),
        Scanned("010950600013435217260805", "]d2"),
        Scanned("https://id.gs1.org/01/09506000134352"),
    ):
        clerk.site.post(scanned)
        await clerk.at("failure")
        assert "of goods" in clerk.text
        await clerk.home()
    assert clerk.site.ledger.applications.by_number(1) is None
    clerk.scan("2100123007990")
    await clerk.at("failure")
    assert "Misread" in clerk.text


@at_the_counter()
async def test_cancel_goes_back_by_one_question_and_keeps_what_was_chosen(clerk: SimClerk) -> None:
    await sold(clerk, TEA, RICE)
    await clerk.at(": menu", "refund.lines: 1", "refund.quantity: 1 enter", "refund.lines: 2")
    await clerk.at("refund.quantity: 5 cancel", "refund.lines")
    assert "Tea 1 of 3" in clerk.text
    await clerk.at(": cancel", "refund.amount")
    chosen = " ".join(clerk.text.split())
    assert "Chosen goods ¥" in chosen
    await clerk.at(": enter", "refund.reason: cancel", "refund.amount")
    assert " ".join(clerk.text.split()) == chosen
    await clerk.at(": cancel", "sale: enter", "refund.amount")
    assert " ".join(clerk.text.split()) == chosen
    await clerk.at(": cancel", "sale: cancel", "home")
    assert clerk.site.ledger.applications.by_number(1) is None
