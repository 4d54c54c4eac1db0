"""A receipt without prices finds its sale, and tells who holds it no more than it must."""

from __future__ import annotations

import re

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from worlds.counter import CASH, in_each_language, logged_in, sell

from pos_terminal.core.refund import Kind
from pos_terminal.texts import Language
from pos_terminal.wire.receipt.kinds.credit import StoreCredit
from pos_terminal.wire.receipt.pair import Pair

SCARF = {"sku": "SCARF", "name": "Scarf", "quantity": "1", "unit_price": 5_900}
WATCH = {"sku": "WATCH", "name": "Watch", "quantity": "1", "unit_price": 19_900}
MASKED = "476173******0010"
PRICE = re.compile(r"\d\.\d\d")


async def bought(clerk: SimClerk, name: str, *lines: dict[str, object], **changes: object) -> None:
    """By a card in parts, and in cash."""
    paid = {"batch": "1", "trace": f"{900 + len(name)}", "rrn": f"6324130{len(name):05d}"}
    card = {"kind": "card", "masked": MASKED, "amount": 20_000, **paid}
    rest = {"kind": "cash", "amount": sum(int(str(one["unit_price"])) for one in lines) - 20_000}
    tenders = [card, rest] if lines == (SCARF, WATCH) else [{"kind": "cash", "amount": 5_900}]
    await sell(clerk, name, *tenders, lines=lines, gift_receipt_no="G-77", **CASH, **changes)


@pytest.mark.parametrize("language", Language)
@in_each_language(policy={"supervisor": "by-rule"})
async def test_from_the_gift_receipt_to_its_goods(clerk: SimClerk, language: Language) -> None:
    await clerk.log_in()
    await bought(clerk, "SALE-1", SCARF, WATCH)
    clerk.scan("G-77")
    await clerk.wait("sale")
    assert ("礼品小票" if language is Language.ZH_CN else "Gift receipt") in clerk.text
    assert "Scarf ×1" in clerk.text
    assert "Watch ×1" in clerk.text
    for told in (MASKED, MASKED[-4:], "SALE-1", "258", "200", "58.00"):
        assert told not in clerk.text
    assert not PRICE.search(clerk.text)
    await clerk.at("sale: enter", "gift.way: 1", "refund.lines")
    assert not PRICE.search(clerk.text.replace("¥0.00", ""))
    await clerk.at("refund.lines: menu", "gift.way: 1", "refund.lines: 1")
    await clerk.at("refund.quantity: enter", "refund.lines")
    assert "59.00" in clerk.text
    assert "199.00" not in clerk.text
    await clerk.go("menu", to="refund.amount")
    assert [one for one in re.findall(r"¥([\d.]+)", clerk.text) if one != "59.00"] == []
    assert MASKED not in clerk.text
    await clerk.at("refund.amount: enter", "refund.reason: 4")
    # to who holds it nobody must be asked: it is store credit, which has nothing of the buyer
    await clerk.at("refund.confirm: enter", "result: enter", "home")
    (refund,) = clerk.site.ledger.refunds.recent(1)
    assert (refund.kind, refund.done) == (Kind.CREDIT, 5_900)
    slips = [job.slip for job in clerk.site.ledger.slips.of_refund(refund.refund_id)]
    assert len(slips) == 2
    for slip in slips:
        assert isinstance(slip.body, StoreCredit)
        assert slip.body.cause == Pair("礼品小票,发储值券", "Gift receipt: store credit")
        assert (slip.body.original.receipt, slip.body.original.amount) == ("G-77", 0)
        assert (slip.body.original.trace, slip.body.original.rrn) == ("", "")
    said = clerk.site.ledger.applications.decisions(refund.application)
    assert [dict(one.figures) for one in said if one.rule == "gift"] == [{"by_gift": 1}]
    # back to who paid: a supervisor, whom no rule of the shop asks for otherwise
    clerk.scan("G-77")
    await clerk.at("sale: enter", "gift.way: 2", "refund.lines: 1", "refund.quantity: enter")
    await clerk.at("refund.lines: menu", "refund.amount: enter", "refund.reason: 4")
    await clerk.wait("supervisor.number")
    zh = language is Language.ZH_CN
    assert ("退给付款人" if zh else "back to who paid") in " ".join(clerk.text.split())
    await clerk.home()
    (last,) = clerk.site.ledger.refunds.recent(1)
    assert last == refund


@logged_in()
async def test_of_two_sales_with_one_number_one_is_chosen_by_day_and_goods(
    clerk: SimClerk,
) -> None:
    await bought(clerk, "SALE-1", SCARF, sold_at="2026-11-19T10:00:00+08:00")
    await bought(clerk, "SALE-2", WATCH | {"unit_price": 5_900})
    clerk.scan("G-77")
    await clerk.wait("find.choose")
    assert ">1 2026-11-20 10:00 Watch" in clerk.text
    assert " 2 2026-11-19 10:00 Scarf" in clerk.text
    assert not PRICE.search(clerk.text)
    await clerk.go("2", to="sale")
    assert "Gift receipt" in clerk.text
    assert "Scarf" in clerk.text
    # with the buyer's own receipt it is the buyer's sale
    await clerk.home()
    clerk.scan("SALE-1")
    await clerk.wait("sale")
    assert "59.00" in clerk.text
    assert "Gift receipt" not in clerk.text
    # and by way of the list of what else can be done it is still a gift
    await clerk.home()
    clerk.scan("G-77")
    await clerk.at("find.choose: 1", "sale: menu", "sale.more")
    assert not PRICE.search(clerk.text)
    await clerk.go("cancel", to="sale")
    assert "Gift receipt" in clerk.text
    # one that is not confirmed says so, and nothing of the buyer's
    await clerk.home()
    cash = {"kind": "cash", "amount": 700}
    await sell(clerk, "OPEN-1", cash, state="unconfirmed", gift_receipt_no="G-8", **CASH)
    clerk.scan("G-8")
    await clerk.wait("failure")
    assert not PRICE.search(clerk.text)
