"""The goods that come back are chosen from the sale's lines (R11, R14)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from hw_sim.bench import identity
from hw_sim.proofs.simulation.clerk import SimClerk

from pos_terminal.core.items import Item
from pos_terminal.core.refund import Kind, State
from pos_terminal.core.sale import Sale
from pos_terminal.services.proof.verify import verify_store
from pos_terminal.wire.feed.lines import Format

Counter = Callable[..., None]
TEA = {"sku": "9", "name": "Tea", "quantity": 3, "unit_price": 1_500}
RICE = {"sku": "10", "name": "Rice", "quantity": "0.75", "unit_price": 1_067}
CUP = {"sku": "11", "name": "Cup", "quantity": 1, "unit_price": 900}


async def sold(clerk: SimClerk, *lines: dict[str, Any], amount: int = 6_200) -> None:
    """A cash sale of these lines, on the screen."""
    record = {
        "sale_id": "GOODS",
        "merchant_id": identity.MERCHANT_ID,
        "terminal_id": identity.TERMINAL_ID,
        **dict.fromkeys(("batch", "trace", "rrn", "auth_code"), ""),
        "sold_at": "2026-11-20T10:00:00+08:00",
        "currency": "156",
        "amount": amount,
        "receipt_no": "GOODS",
        "tenders": [{"kind": "cash", "amount": amount}],
        "lines": list(lines),
    }
    report = await clerk.site.ledger.feed.take_in(
        [json.dumps(record)], source="test", form=Format.JSONL, allow_pan=False
    )
    assert report.added == 1, report
    await clerk.log_in()
    await to_amount(clerk)


async def to_amount(clerk: SimClerk) -> None:
    await clerk.wait("home")
    clerk.scan("GOODS")
    await clerk.answer("sale", "")
    await clerk.wait("refund.amount")


async def take(clerk: SimClerk, digit: str, quantity: str = "") -> None:
    """One line of the list, and so much of it."""
    await clerk.wait("refund.lines")
    clerk.press(digit)
    await clerk.answer("refund.quantity", quantity)
    await clerk.wait("refund.lines")


async def pay_out(clerk: SimClerk, amount: str = "") -> None:
    """From the amount to the home screen, by cash."""
    await clerk.answer("refund.amount", amount)
    await clerk.wait("refund.reason")
    clerk.press("1")
    await clerk.approve()
    await clerk.answer("cash.hand_over", "")
    await clerk.wait("result")
    await clerk.home()


def text(clerk: SimClerk) -> str:
    return clerk.site.terminal.screen.text


def sale_of(clerk: SimClerk) -> Sale:
    sale = clerk.site.ledger.sales.by_id("GOODS")
    assert sale is not None
    return sale


def returned(clerk: SimClerk) -> list[int]:
    return [line.returned for line in sale_of(clerk).lines]


def test_chosen_goods_bring_what_they_are_worth(at_the_counter: Counter) -> None:
    async def story(clerk: SimClerk) -> None:
        await sold(clerk, TEA, RICE, CUP)
        clerk.press("menu")
        await clerk.wait("refund.lines")
        assert "1 Tea ×3" in text(clerk)
        assert "45.00" in text(clerk)
        await take(clerk, "1", "2")
        assert "Tea 2 of 3" in text(clerk)
        await take(clerk, "2", "500")
        assert "Rice 0.5 of 0.75" in text(clerk)
        assert "¥35.34" in text(clerk)
        clerk.press("menu")
        await clerk.wait_text("Chosen goods")
        await pay_out(clerk)
        assert returned(clerk) == [2_000, 500, 0]
        assert sale_of(clerk).done == 3_534
        application = clerk.site.ledger.applications.by_number(1)
        assert application is not None
        assert application.items == (Item(1, 2_000, 3_000), Item(2, 500, 534))
        # what is left of the lines, and no more, is offered next
        clerk.scan("GOODS")
        await clerk.wait("sale")
        assert "of it returned ×2" in " ".join(text(clerk).split())
        clerk.press("enter")
        await clerk.wait("refund.amount")
        clerk.press("menu")
        await clerk.wait("refund.lines")
        assert "1 Tea ×1" in text(clerk)
        assert "2 Rice ×0.25" in text(clerk)
        verify_store(clerk.site.ledger)

    at_the_counter(story)


def test_less_may_be_typed_for_them_and_never_more(at_the_counter: Counter) -> None:
    async def story(clerk: SimClerk) -> None:
        await sold(clerk, TEA, RICE, CUP)
        clerk.press("menu")
        await take(clerk, "3")
        clerk.press("menu")
        await clerk.answer("refund.amount", "901")
        await clerk.wait_text("More than the chosen goods: 9.00")
        clerk.press("enter")  # a slip of the finger is no “all of it”
        await clerk.wait_text("At least 1")
        await pay_out(clerk, "850")
        assert returned(clerk) == [0, 0, 1_000]
        assert sale_of(clerk).done == 850

    at_the_counter(story)


def test_more_than_remains_of_a_line_is_asked_again(at_the_counter: Counter) -> None:
    async def story(clerk: SimClerk) -> None:
        await sold(clerk, TEA, RICE, CUP)
        clerk.press("menu")
        await clerk.wait("refund.lines")
        clerk.press("2")
        await clerk.answer("refund.quantity", "751")
        await clerk.wait_text("Only 0.75 left of Rice")
        clerk.press("enter")
        await clerk.wait_text("At least 1")
        clerk.press("750", "enter")
        await clerk.wait_text("Rice 0.75 of 0.75")

    at_the_counter(story)


def test_a_point_parts_what_is_weighed_and_pieces_have_none(at_the_counter: Counter) -> None:
    async def story(clerk: SimClerk) -> None:
        await sold(clerk, TEA, RICE | {"quantity": "1.75"})
        clerk.press("menu")
        await clerk.wait("refund.lines")
        clerk.press("2")
        await clerk.wait("refund.quantity")
        clerk.press("1.5")
        await clerk.wait_text("> 1.500_")
        clerk.press("enter")
        await clerk.wait_text("Rice 1.5 of 1.75")
        clerk.press("1")
        await clerk.wait("refund.quantity")
        beeps = clerk.site.terminal.screen.beeps
        clerk.press(".2")
        assert clerk.site.terminal.screen.beeps == beeps + 1
        clerk.press("enter")
        await clerk.wait_text("Tea 2 of 3")
        clerk.press("menu")
        await pay_out(clerk, "45.5")
        assert returned(clerk) == [2_000, 1_500]
        assert sale_of(clerk).done == 4_550

    at_the_counter(story)


def test_a_line_is_taken_out_again_and_nothing_chosen_is_all_that_remains(
    at_the_counter: Counter,
) -> None:
    async def story(clerk: SimClerk) -> None:
        await sold(clerk, TEA, RICE, CUP)
        clerk.press("menu")
        await take(clerk, "1")
        await take(clerk, "1", "0")
        assert "Tea ×3" in text(clerk)
        clerk.press("menu")
        await clerk.wait_text("ENTER alone: all that remains")
        await pay_out(clerk)
        assert returned(clerk) == [3_000, 750, 1_000], "the whole sale names all of it"

    at_the_counter(story)


def test_a_typed_amount_names_no_goods(at_the_counter: Counter) -> None:
    async def story(clerk: SimClerk) -> None:
        await sold(clerk, TEA, RICE, CUP)
        await pay_out(clerk, "1000")
        await to_amount(clerk)
        await pay_out(clerk)
        assert returned(clerk) == [0, 0, 0]
        assert sale_of(clerk).remaining == 0

    at_the_counter(story)


def test_a_discounted_sale_brings_no_more_than_was_paid(at_the_counter: Counter) -> None:
    async def story(clerk: SimClerk) -> None:
        await sold(clerk, TEA, RICE, CUP, amount=2_000)
        clerk.press("menu")
        await take(clerk, "1")
        clerk.press("menu")
        await clerk.wait_text("¥20.00")
        await pay_out(clerk)
        assert returned(clerk) == [3_000, 0, 0]
        assert sale_of(clerk).done == 2_000

    at_the_counter(story)


def test_every_line_of_a_long_sale_is_reached(at_the_counter: Counter) -> None:
    async def story(clerk: SimClerk) -> None:
        lines = [CUP | {"name": f"Cup {n}", "sku": str(n)} for n in range(1, 24)]
        await sold(clerk, *lines, amount=23 * 900)
        clerk.press("menu")
        await clerk.wait("refund.lines")
        clerk.press("0", "0")
        await clerk.wait_text("Cup 23")
        await take(clerk, "5")
        assert ">5 Cup 23 1 of 1" in text(clerk), "the mark stays where it was"
        clerk.press("down")
        await clerk.wait_text(">1 Cup 1")
        clerk.press("menu")
        await pay_out(clerk)
        assert returned(clerk) == [0] * 22 + [1_000]

    at_the_counter(story)


def test_a_sale_without_lines_has_no_list(at_the_counter: Counter) -> None:
    async def story(clerk: SimClerk) -> None:
        await sold(clerk)
        assert "MENU" not in text(clerk)
        clerk.press("menu", "1", "enter")
        await clerk.wait("refund.reason")

    at_the_counter(story)


def test_an_unknown_refund_holds_its_goods_until_it_is_known(at_the_counter: Counter) -> None:
    async def story(clerk: SimClerk) -> None:
        ledger = clerk.site.ledger
        await clerk.log_in()
        sale = clerk.site.shop.sale("visa-older")
        clerk.site.acquirer.set_mode("swallow")
        await clerk.find(sale)
        clerk.press("enter")
        await clerk.wait("refund.amount")
        clerk.press("menu")
        await take(clerk, "1", "1")
        clerk.press("menu")
        await clerk.answer("refund.amount", "")
        await clerk.wait("refund.reason")
        clerk.press("1")
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

    at_the_counter(story)


def test_a_void_names_everything(at_the_counter: Counter) -> None:
    async def story(clerk: SimClerk) -> None:
        ledger = clerk.site.ledger
        await clerk.log_in()
        today = clerk.site.shop.sale("visa-today")
        await clerk.ask_for(today)
        await clerk.approve()
        await clerk.show_card("visa")
        await clerk.home()
        (void,) = ledger.refunds.of_sale(today.sale_id)
        assert (void.kind, void.state) == (Kind.VOID, State.ACCEPTED)
        voided = ledger.sales.by_id(today.sale_id)
        assert voided is not None
        assert all(line.returned == line.quantity for line in voided.lines)
        verify_store(ledger)

    at_the_counter(story)


def test_cancel_leaves_the_list_and_the_quantity(at_the_counter: Counter) -> None:
    async def story(clerk: SimClerk) -> None:
        await sold(clerk, TEA, RICE)
        clerk.press("menu")
        await clerk.wait("refund.lines")
        clerk.press("cancel")
        await to_amount(clerk)
        clerk.press("menu")
        await clerk.wait("refund.lines")
        clerk.press("1")
        await clerk.wait("refund.quantity")
        clerk.press("cancel")
        await clerk.wait("home")
        assert clerk.site.ledger.applications.by_number(1) is None

    at_the_counter(story)
