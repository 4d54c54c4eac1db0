"""Finding the sale: receipt, trace, reference and date, card (R1–R4, R6, R8)."""

from __future__ import annotations

import asyncio
import json
import logging

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from worlds.counter import CASH, at_the_counter, logged_in, sell, tell

from pos_terminal.core.dropped import Drop
from pos_terminal.core.receipt_code import encode
from pos_terminal.core.refund import Kind
from pos_terminal.core.words import say
from pos_terminal.ports import ScanDropped
from pos_terminal.texts import Language, render, technician
from pos_terminal.wire.feed.lines import Format


async def refused(clerk: SimClerk, text: str) -> None:
    await clerk.wait("failure")
    assert text in clerk.text
    await clerk.go("enter", to="home")


@logged_in()
async def test_scans_that_lead_nowhere_say_why(clerk: SimClerk) -> None:
    ours = clerk.site.terminal.config.terminal
    ids = (ours.merchant_id, ours.terminal_id)
    unknown = encode(Kind.REFUND, *ids, 77)
    misread = unknown[:-1] + str((int(unknown[-1]) + 1) % 10)
    foreign = encode(Kind.REFUND, "999999999999999", ids[1], 77)
    for code, text in (
        ("nonsense", "No such sale"),
        ("x" * 500, "No such sale"),
        (misread, "scan again"),
        (foreign, "Another merchant's receipt"),
        (unknown, "No such sale"),
        (encode(Kind.REFUND, ids[0], "99999999", 77), "terminal that printed it"),
    ):
        clerk.scan(code)
        await refused(clerk, text)


@pytest.mark.parametrize("why", Drop)
def test_a_dropped_scan_says_what_was_wrong(caplog: pytest.LogCaptureFixture, why: Drop) -> None:
    words = say(f"scan.{why}")

    async def story(clerk: SimClerk) -> None:
        await clerk.log_in()
        clerk.site.post(ScanDropped(why))
        await refused(clerk, render(words, Language.EN))

    with caplog.at_level(logging.INFO):
        tell(story)
    assert technician(words) in caplog.text


@logged_in()
async def test_our_own_receipt_leads_back_to_its_sale(clerk: SimClerk) -> None:
    sale = clerk.site.shop.sale("visa-older")
    await clerk.give_back(sale, 100)
    await clerk.home()
    (refund,) = clerk.site.refunds_of(sale.sale_id)
    ours = clerk.site.terminal.config.terminal
    clerk.scan(encode(Kind.REFUND, ours.merchant_id, ours.terminal_id, refund.refund_id))
    await clerk.wait("sale")
    text = clerk.text
    assert "¥1.00" in text  # done
    assert f"¥{(sale.amount - 100) / 100:.2f}" in text
    other = encode(Kind.VOID, ours.merchant_id, ours.terminal_id, refund.refund_id)
    clerk.scan(other)
    assert clerk.prompt == "sale"  # a scan does not confirm
    await clerk.home()
    clerk.scan(other)  # nor leads a slip of another kind to it: somebody made that one up
    await clerk.wait("failure")
    assert "No such sale" in clerk.text


@logged_in()
async def test_a_trace_is_padded_and_the_first_digit_counts(clerk: SimClerk) -> None:
    sale = clerk.site.shop.sale("visa-older")
    clerk.press(sale.trace.lstrip("0"), "enter")
    shown = await clerk.wait("sale", "find.choose")
    assert sale.trace in clerk.text
    await clerk.at(": cancel", "home: 999998 enter")
    await refused(clerk, "No such sale")
    assert shown == "sale"


@logged_in()
async def test_two_sales_with_one_trace_are_chosen_from(clerk: SimClerk) -> None:
    sale = clerk.site.shop.sale("same-trace")
    clerk.press(sale.trace, "enter")
    await clerk.at("find.choose: down down up enter", "sale")


@logged_in()
async def test_two_sales_with_one_receipt_number_are_chosen_from(clerk: SimClerk) -> None:
    """Tills begin their numbers anew: the newest is no better than the other."""
    cash = {"kind": "cash", "amount": 700}
    for day in ("01", "02"):
        sold_at = f"2026-11-{day}T10:00:00+08:00"
        await sell(clerk, "T1-0001", cash, **CASH, sale_id=f"on {day}", sold_at=sold_at)
    clerk.scan("T1-0001")
    await clerk.wait("find.choose")
    assert clerk.text.index("2026-11-02") < clerk.text.index("2026-11-01")
    await clerk.at("find.choose: 2", "sale")
    assert "2026-11-01" in clerk.text


@logged_in()
async def test_of_several_a_voided_one_is_named_and_not_what_it_was_worth(
    clerk: SimClerk,
) -> None:
    cash = {"kind": "cash", "amount": 700}
    for day in ("01", "02"):
        sold_at = f"2026-11-{day}T10:00:00+08:00"
        await sell(clerk, "T1-0001", cash, **CASH, sale_id=f"on {day}", sold_at=sold_at)
    event = {"kind": "sale_voided", "sale_id": "on 02", "at": "2026-11-03T10:00:00+08:00"}
    report = await clerk.site.ledger.feed.take_in(
        [json.dumps(event)], source="till", form=Format.JSONL, allow_pan=False
    )
    assert report.events == 1
    clerk.scan("T1-0001")
    await clerk.wait("find.choose")
    (voided,) = [row for row in clerk.text.splitlines() if "2026-11-02" in row]
    (stands,) = [row for row in clerk.text.splitlines() if "2026-11-01" in row]
    assert ("voided" in voided, "7.00" in voided) == (True, False)
    assert ("voided" in stands, "7.00" in stands) == (False, True)


@logged_in()
async def test_reference_and_date_with_their_errors(clerk: SimClerk) -> None:
    sale = clerk.site.shop.sale("visa-older")
    await clerk.from_menu("Find by reference")
    await clerk.wait("find.rrn")
    clerk.press(sale.rrn[:11], "enter")
    await clerk.wait_text("Too short")
    clerk.press(sale.rrn[11], "enter")
    await clerk.at("find.date: 1340 enter")
    await clerk.wait_text("Not a date")
    clerk.press(sale.sold_at.strftime("%m%d"), "enter")
    await clerk.at("sale: cancel", "home")


@pytest.mark.parametrize("tapped", [True, False])
@logged_in()
async def test_the_card_finds_its_sales_without_a_receipt(clerk: SimClerk, tapped: bool) -> None:
    (clerk.tap if tapped else clerk.insert)("jcb")
    await clerk.wait("find.choose")
    text = clerk.text
    newest, older = (clerk.site.shop.sale(f"jcb-{age}") for age in ("today", "older"))
    assert text.index(newest.trace) < text.index(older.trace)
    clerk.take_away()
    await clerk.go("2", to="sale")
    assert older.trace in clerk.text


@logged_in()
async def test_a_card_without_a_sale_and_one_that_cannot_be_read(clerk: SimClerk) -> None:
    clerk.insert("blocked")
    await clerk.wait("failure")
    clerk.take_away()
    await clerk.go("enter", to="home")


@logged_in()
async def test_a_wallet_sale_goes_back_where_it_was_paid(clerk: SimClerk) -> None:
    await clerk.find(clerk.site.shop.sale("qr-wallet-today"))
    await clerk.at("sale: enter", "refund.amount")
    assert "Refund where it was paid: form" in clerk.text


@pytest.mark.parametrize(
    ("name", "hours", "said"),
    [
        ("visa-today", 8.5, "Void until settlement at 23:00"),
        ("visa-today", 7.5, ""),
        ("visa-today", 11, ""),
        ("visa-older", 0, ""),
        ("visa-older", 24 * 23, "Return period ends in"),
    ],
)
@at_the_counter()
async def test_what_is_about_to_close_is_said_in_time(
    clerk: SimClerk, name: str, hours: float, said: str
) -> None:
    await asyncio.sleep(hours * 3600)
    await clerk.log_in()
    await clerk.find(clerk.site.shop.sale(name))
    text = clerk.text
    assert said in text
    assert said or ("until settlement" not in text and "Return period" not in text)


@logged_in()
async def test_a_scan_or_a_card_on_a_failure_begins_the_next_search(clerk: SimClerk) -> None:
    clerk.scan("nonsense")
    await clerk.wait("failure")
    clerk.scan(clerk.site.shop.sale("visa-older").receipt_no)
    await clerk.at("sale: cancel", "home")
    clerk.scan("nonsense")
    await clerk.wait("failure")
    clerk.tap("jcb")
    await clerk.wait("find.choose")
