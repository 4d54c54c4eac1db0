"""Screens that a clerk meets, as docs/clerk.md shows them: played on the unchanged terminal."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final
from unittest.mock import patch

from hw_sim.bench import identity, show
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.site import Setting
from worlds import returned, typed
from worlds.counter import CASH, report, sell, tell
from worlds.told_outcomes import file_of, take_in

from pos_terminal.core.people import Role
from pos_terminal.core.receipt_code import encode_voucher
from pos_terminal.core.words import say
from pos_terminal.ports import Frame, Taking
from pos_terminal.texts import Language, render


class Album:
    """Keeps screens by the names that the pages have for them."""

    def __init__(self, clerk: SimClerk, kept: dict[str, Frame]) -> None:
        self.clerk = clerk
        self._kept = kept

    async def see(self, prompt: str, name: str = "", text: str = "") -> None:
        """Wait for the prompt, and for a text on it; its screen is kept."""
        await self.clerk.wait(prompt)
        await self.clerk.wait_text(text)
        frame = self.clerk.site.terminal.screen.frame
        assert frame is not None
        self._kept[name or prompt] = frame

    async def go(self, *keys: str, to: str, name: str = "") -> None:
        self.clerk.press(*keys)
        await self.see(to, name)


Walk = Callable[[SimClerk, Album], Awaitable[None]]


def screens(language: Language) -> Mapping[str, Frame]:
    """Each by its name in the pages."""
    kept: dict[str, Frame] = {}
    for walk, options in WALKS:

        async def story(clerk: SimClerk, walk: Walk = walk) -> None:
            await walk(clerk, Album(clerk, kept))

        tell(story, Setting(language=language, **options))
    return kept


def as_text(frame: Frame) -> str:
    """As the pages show it."""
    return "\n".join(show.without_gaps(frame.texts()))


async def a_refund(clerk: SimClerk, album: Album) -> None:
    """From the log-in to the outcome, with a wrong PIN on the way."""
    me, boss = (clerk.site.shop.person(role) for role in (Role.CLERK, Role.SUPERVISOR))
    await album.see("login.number")
    await album.go(me.number, "enter", to="login.pin")
    await album.go(wrong(me.pin), "enter", to="login.failed")
    await clerk.at("login.failed: enter", "login.number")
    clerk.press(me.number, "enter", me.pin, "enter")
    await album.see("home")
    clerk.scan(clerk.site.shop.sale("visa-older").receipt_no)
    await album.see("sale")
    await album.go("enter", to="refund.amount")
    await clerk.at(": enter", "refund.reason")
    await album.see("refund.reason")
    await album.go("1", to="supervisor.number")
    await clerk.at(f": {boss.number} enter", f"supervisor.pin: {wrong(boss.pin)} enter")
    await album.see("supervisor.number", "supervisor.wrong")
    await album.go(boss.number, "enter", to="supervisor.pin")
    await album.go(boss.pin, "enter", to="card.present")
    await album.go("menu", to="card.absent.none")
    await clerk.at(": enter", "card.present")
    clerk.tap("mastercard")
    await clerk.wait("card.reading")
    await album.see("card.present", "card.other")
    clerk.take_away()
    clerk.tap("visa")
    await album.see("card.reading")
    await album.see("host.wait")
    clerk.take_away()
    await album.see("result")
    await album.go("menu", to="case.kind")
    await album.go("1", to="case.opened")
    await album.go("enter", to="case.facts", name="case.of_refund")
    await album.go("1", to="case.step")
    await clerk.go("1", to="case.text")
    await clerk.at("case.text: enter", "evidence.kind: menu", "case.next")
    await album.see("case.next")
    await clerk.go("enter", to="case.noted")
    await clerk.go("enter", to="case.facts")
    await album.go("3", to="case.printing")
    await clerk.go("enter", to="case.facts")
    await clerk.at("case.facts: enter", "case.reference: 2 0 2 6 enter")
    await album.see("case.close")
    await album.go("1", to="case.loss")
    await clerk.at("case.loss: enter")
    await clerk.approve()
    await album.see("case.confirm_closing")
    await album.go("enter", to="case.closed")
    await clerk.home()


async def a_complaint(clerk: SimClerk, album: Album) -> None:
    """Of a refund that is late, too: the customer gets a slip, and its code leads to the case."""
    await clerk.log_in()
    await clerk.give_back(clerk.site.shop.sale("visa-older"), 100)
    await clerk.at("result: menu", "case.kind: 5", "case.opened: enter", "case.facts: 2")
    await clerk.at("case.remedy: 2")
    await album.see("case.certificate")
    await clerk.home()
    await clerk.at("home: menu", "menu: 4 4")
    clerk.scan(clerk.site.ledger.slips.of_refund(1)[0].slip.head.barcode)
    await album.see("case.kind", "case.kind.again")
    await album.go("6", to="case.opened", name="case.complaint")
    await clerk.at("case.opened: enter", "case.facts: cancel")
    await clerk.home()
    await clerk.at("home: menu", "menu: 4 1")
    await album.see("case.list")
    await clerk.home()


async def ways_to_a_sale(clerk: SimClerk, album: Album) -> None:
    await clerk.log_in()
    await album.go("9", to="find.trace")
    await album.go("99998", "enter", to="failure", name="failure.no_sale")
    await clerk.home()
    await album.go("menu", to="menu")
    await album.go("1", "2", to="find.rrn")
    await album.go("123456789012", "enter", to="find.date")
    await clerk.home()
    await by_what_is_known(clerk, album)
    await from_a_card_slip(clerk, album)
    same = clerk.site.shop.sale("same-trace")
    clerk.press(*same.trace.lstrip("0"), "enter")
    await album.see("find.choose")
    await clerk.home()
    clerk.scan(clerk.site.shop.sale("two-cards-today").receipt_no)
    await album.see("sale", "sale.two_cards")
    await album.go("menu", to="sale.more")
    await album.go("2", to="proof.confirm")
    await album.go("enter", to="proof.done")
    await clerk.home()
    clerk.scan(clerk.site.shop.sale("two-cards-today").receipt_no)
    await clerk.wait("sale")
    await album.go("enter", to="refund.leg")
    await clerk.at(": 3", "refund.amount: enter", "refund.reason: 1")
    await album.see("ticket.plan")
    await album.go("2", to="ticket.amount")
    await clerk.at(": cancel", "ticket.plan: enter", "supervisor.number")
    await album.see("supervisor.number", "supervisor.number.plan")
    await clerk.approve()
    await album.see("card.present", "card.present.two")
    clerk.site.acquirer.set_mode("code:05", 1)
    await clerk.show_card("visa", tapped=False)
    await clerk.at("result: enter", "card.present")
    await clerk.show_card("unionpay-debit", tapped=False)
    await clerk.at("result: enter")
    await album.see("ticket.left")
    await clerk.at(": enter")
    await album.see("home", "home.to_do")
    await clerk.at(": menu", "menu: 3 6")
    await album.see("ticket.todo")
    await album.go("1", to="ticket.left", name="ticket.left.again")
    await clerk.home()
    await sell(clerk, "OPEN-1", {"kind": "cash", "amount": 500}, state="unconfirmed", **CASH)
    clerk.scan("OPEN-1")
    await album.see("sale.unconfirmed")
    await clerk.home()
    await several_receipts(clerk, album)


async def several_receipts(clerk: SimClerk, album: Album) -> None:
    """In one ticket, whose rest is given up."""
    await sell(clerk, "NOTES-1", {"kind": "cash", "amount": 500}, **CASH)
    clerk.scan("NOTES-1")
    await clerk.at("sale: menu", "sale.more: 1", "sale: enter", "refund.amount: enter")
    await clerk.at("refund.reason: 4", "ticket.plan")
    await album.go("menu", to="ticket.add")
    clerk.scan(clerk.site.shop.sale("visa-older").receipt_no)
    await clerk.at("sale: enter", "refund.amount: enter", "refund.reason: 4")
    await album.see("ticket.plan", "ticket.plan.several", "129.00")
    await clerk.at(": enter")
    await clerk.approve()
    await clerk.at("card.present: cancel", "refund.confirm: cancel", "ticket.left: enter", "home")
    await clerk.at(": menu", "menu: 3 6", "ticket.todo: 2", "ticket.left: menu")
    await album.see("ticket.withdraw")
    await clerk.home()


async def by_what_is_known(clerk: SimClerk, album: Album) -> None:
    await album.go("menu", "1", "3", to="find.by")
    await album.go("1", to="find.amount")
    await clerk.at(": 129 . enter", "find.by: 2")
    await album.see("find.sold_on")
    await clerk.at(": 1 2 3 1 enter", "find.list")
    await album.see("find.list", "find.list.none")
    await clerk.at(": enter", "find.by: 1", "find.amount: enter", "find.by: 3")
    await album.see("find.last4")
    await clerk.at(": cancel", "find.by: 4")
    await album.see("find.goods")
    clerk.scan("6901028075763")
    await clerk.at("find.list: enter", "find.by: 2", "find.sold_on: 1 1 2 0 enter")
    await album.see("find.list")
    tea = {"sku": "6901028075763", "name": "绿茶 500ml", "quantity": "1", "unit_price": 450}
    await sell(clerk, "CASH-0", {"kind": "cash", "amount": 450}, lines=[tea], **CASH)
    await clerk.at(": cancel", "find.by: 2", "find.sold_on: 1 1 2 0 enter")
    await album.see("find.by", "find.by.many", "10")
    await clerk.home()


async def from_a_card_slip(clerk: SimClerk, album: Album) -> None:
    bare = {"kind": "card", "amount": 12_900, "masked": "************0010", "scheme": ""}
    at = "2026-11-19T10:00:00+08:00"
    await sell(clerk, "BARE-1", bare, **CASH, sold_at=at)
    await album.go("menu", "1", "4", to="typed.terminal")
    await album.go("enter", to="typed.rrn")
    await album.go("632313000951", "enter", to="typed.date")
    await album.go("1119", "enter", to="typed.amount")
    await clerk.at(": 1 2 9 . enter", "typed.batch: enter", "typed.trace: 9 5 1 enter")
    await album.see("typed.last4")
    await clerk.at(": 0 0 1 0 enter")
    await album.see("typed.offered")
    await clerk.at(": 2")
    await album.see("typed.review")
    await clerk.at(": enter")
    await album.see("sale", "sale.typed")
    await sell(clerk, "BARE-2", bare, **CASH, sold_at=at)
    await clerk.at(": enter")
    await album.see("typed.same")
    await clerk.home()
    await album.go("menu", "1", "4", to="typed.terminal")
    await clerk.at(
        ": enter", "typed.rrn: 6 3 2 3 1 3 0 0 0 9 5 1 enter", "typed.date: 1 1 1 9 enter"
    )
    await clerk.at("typed.amount: 2 1 9 . enter")
    await album.see("typed.otherwise")
    await clerk.at(": enter", "sale: menu", "sale.more: 4")
    await album.see("supervisor.number", "supervisor.typed_wrong")
    await clerk.approve()
    await album.see("typed.withdrawn")
    await clerk.at(
        ": enter", "home: menu", "menu: 1 4", "typed.terminal: enter",
        "typed.rrn: 6 3 2 3 1 3 0 0 0 9 5 2 enter", "typed.date: 1 1 1 9 enter",
        "typed.amount: 1 2 9 . enter", "typed.batch: enter", "typed.trace: enter",
        "typed.last4: enter", "typed.offered: 2", "typed.review: enter",
    )  # fmt: skip
    await album.see("sale", "sale.reference")
    await clerk.at(": menu", "sale.more: 4")
    await album.see("supervisor.number", "supervisor.reference_wrong")
    await clerk.home()


async def of_two_sales(clerk: SimClerk, album: Album) -> None:
    """The till tells two with the reference that was typed."""
    await clerk.log_in()
    typed.purchase(clerk)
    await typed.type_in(clerk)
    await typed.give(clerk, 4_000)
    await typed.tell(clerk, "S-1", terminal_id=identity.OTHER_TERMINAL_ID, trace="000777")
    await typed.tell(clerk, "S-2")
    await clerk.at(": menu", "menu: 4", "menu.mistakes: 1", "case.list: 2", "case.facts: enter")
    await album.see("case.whose")
    await clerk.home()


async def goods(clerk: SimClerk, album: Album) -> None:
    await clerk.log_in()
    await clerk.find(clerk.site.shop.sale("promotion-older"))
    await clerk.at("sale: enter", "refund.amount: menu")
    await album.see("refund.lines")
    await album.go("1", to="refund.quantity")
    await clerk.at(": 1 enter", "refund.lines")
    await album.see("refund.lines", "refund.lines.one")
    clerk.scan("4006381333931")
    foreign = render(say("goods.not_of_sale"), clerk.site.setting.language)
    await album.see("refund.lines", "refund.lines.foreign", foreign)
    await album.go("menu", to="refund.amount", name="refund.amount.goods")
    await clerk.home()
    towel = {"sku": "TW", "name": "毛巾", "quantity": "1", "unit_price": 1_990, "returnable": False}
    soap = {"sku": "SO", "name": "香皂", "quantity": "1", "unit_price": 590}
    lines = [towel | {"not_returnable_because": "个人护理"}, soap]
    await sell(clerk, "SN-6", {"kind": "cash", "amount": 2_580}, lines=lines, **CASH)
    clerk.scan("SN-6")
    await clerk.at("sale: enter", "refund.amount: menu", "refund.lines: 1")
    again = render(say("goods.if_defective"), clerk.site.setting.language)
    await album.see("refund.lines", "refund.lines.shut", again)
    await album.go("1", to="goods.defective")
    await clerk.home()
    phone = {"sku": "IP", "name": "手机 256G", "quantity": "2", "unit_price": 399_900}
    phone["serials"] = ["490154203237518", "356938035643809"]
    whole = {"kind": "cash", "amount": 799_800}
    await sell(clerk, "SN-8", whole, lines=[phone], **CASH)
    clerk.scan("SN-8")
    await clerk.at("sale: enter", "refund.amount: menu", "refund.lines: 1")
    await clerk.at("refund.quantity: 1 enter")
    await album.see("goods.serial")
    clerk.scan("868683020000000")
    await album.see("goods.serial_other")
    await clerk.home()
    scarf, kettle = (
        {"sku": name, "name": name, "quantity": "1", "unit_price": price}
        for name, price in (("围巾", 5_900), ("电水壶", 19_900))
    )
    card = {"kind": "card", "masked": "476173******0010", "amount": 20_000, "batch": "1"}
    cash = {"kind": "cash", "amount": 5_800}
    paid = [card | {"trace": "917", "rrn": "632413000917"}, cash]
    await sell(clerk, "SN-7", *paid, lines=[scarf, kettle], gift_receipt_no="GN-7", **CASH)
    clerk.scan("GN-7")
    await album.see("sale", "sale.gift")
    await clerk.at("sale: enter")
    await album.see("gift.way")
    await clerk.at(": 1", "refund.lines: 1", "refund.quantity: enter")
    await album.see("refund.lines", "refund.lines.gift", "59.00")
    await clerk.at(": 2", "refund.quantity: enter", "refund.lines: menu", "refund.amount: enter")
    await clerk.at("refund.reason: 4")
    await album.see("ticket.plan", "ticket.plan.gift")
    await album.go("enter", to="supervisor.number", name="supervisor.number.gift")
    await clerk.home()


async def for_other_goods(clerk: SimClerk, album: Album) -> None:
    """For a shirt of another size, whose price nobody here knows but the clerk."""
    await clerk.log_in()
    shirt = {"sku": "S-M", "name": "衬衫 M", "quantity": 1, "unit_price": 12_900,
             "barcodes": ["6901028075763"]}  # fmt: skip
    paid = {"kind": "cash", "amount": 12_900}
    await sell(clerk, "SHIRT-1", paid, lines=[shirt], **CASH)
    clerk.scan("SHIRT-1")
    await clerk.at("sale: menu", "sale.more: 5", "refund.reason: 4")
    await album.see("goods.scan")
    clerk.scan("6901028075770")
    await album.see("exchange.price")
    await clerk.at("exchange.price: 15900 enter")
    await album.see("exchange.as_credit")
    await clerk.at("exchange.as_credit: cancel", "goods.scan")
    clerk.scan("6901028075770")
    await clerk.at("exchange.price: 12900 enter")
    await album.see("supervisor.number", "supervisor.number.exchange")
    await clerk.approve()
    await album.see("result", "result.exchange")
    await clerk.home()


async def for_goods_at_the_till(clerk: SimClerk, album: Album) -> None:
    """An exchange credit, and what the till left of it."""
    with patch("pos_terminal.services.ledger.books.vouchers.draw_number", _drawn):
        await _for_goods_at_the_till(clerk, album)


async def _for_goods_at_the_till(clerk: SimClerk, album: Album) -> None:
    lines = [{"sku": "S-M", "name": "衬衫 M", "quantity": 1, "unit_price": 12_900}]
    await sell(clerk, "SHIRT-1", {"kind": "cash", "amount": 12_900}, lines=lines, **CASH)
    await clerk.log_in()
    clerk.scan("SHIRT-1")
    await clerk.at("sale: menu", "sale.more: 5", "refund.reason: 4", "goods.scan: menu")
    await clerk.at("exchange.as_credit: enter")
    await album.see("supervisor.number", "supervisor.number.exchange_credit")
    await clerk.approve()
    await album.see("result", "result.exchange_credit")
    await clerk.home()
    (credit,) = clerk.site.ledger.exchange_credits.open_ones()
    taking = Taking(credit.number, 9_900, request="till-2/000481")
    await clerk.site.ledger.take_exchange_credit(taking)
    clerk.scan(credit.number)
    await album.see("exchange.credit")
    await clerk.at("exchange.credit: 1")
    await album.see("supervisor.number", "supervisor.number.exchange_rest")
    await clerk.approve()
    await clerk.pay_out()
    await clerk.at("cash.hand_over: enter")
    await clerk.home()
    clerk.scan(credit.number)
    await album.see("exchange.credit_closed")
    await clerk.home()
    line = {"sku": "S-X", "name": "围巾", "quantity": 1, "unit_price": 9_900}
    by_credit = {"kind": "exchange", "amount": 9_900, "exchange_no": credit.number}
    await sell(clerk, "SCARF-1", by_credit, lines=[line], **CASH)
    clerk.scan("SCARF-1")
    await clerk.at("sale: enter", "refund.amount: enter", "refund.reason: 4")
    await clerk.approve()
    await album.see("exchange.back")


async def what_tills_say_of_a_credit(clerk: SimClerk, album: Album) -> None:
    """A sale that it is said to have paid; taken for it, and the sale voided."""
    with patch("pos_terminal.services.ledger.books.vouchers.draw_number", _drawn):
        lines = [{"sku": "S-M", "name": "衬衫 M", "quantity": 1, "unit_price": 12_900}]
        await sell(clerk, "SHIRT-1", {"kind": "cash", "amount": 12_900}, lines=lines, **CASH)
        await clerk.log_in()
        clerk.scan("SHIRT-1")
        await clerk.at("sale: menu", "sale.more: 5", "refund.reason: 4", "goods.scan")
        clerk.scan("S-M")
        await album.see("exchange.even")
        await clerk.at("exchange.even: cancel", "goods.scan: menu")
        await clerk.at("exchange.as_credit: enter", "result: enter")
        await clerk.home()
    (credit,) = clerk.site.ledger.exchange_credits.open_ones()
    clerk.scan(credit.number)
    await clerk.at("exchange.credit: 1")
    await album.see("exchange.rest_back")
    await clerk.home()
    by_credit = {"kind": "exchange", "amount": 12_900, "exchange_no": credit.number}
    await sell(clerk, "SCARF-0", by_credit | {"exchange_no": credit.number[:-1]}, **CASH)
    clerk.scan(credit.number)
    await clerk.at("exchange.credit: 1")
    await album.see("supervisor.number", "supervisor.number.exchange_unclear")
    await clerk.home()
    await clerk.at(": menu", "menu: 4 1", "case.list: 1")
    await album.see("case.facts", "case.exchange_unclear")
    await clerk.home()
    void = {"kind": "sale_voided", "sale_id": "SCARF-0", "at": "2026-11-20T12:00:00+08:00"}
    await report(clerk, json.dumps(void))
    await sell(clerk, "SCARF-1", by_credit, **CASH)
    clerk.scan(credit.number)
    await clerk.at("exchange.credit: 1")
    await album.see("supervisor.number", "supervisor.number.exchange_told")
    await clerk.home()
    await clerk.at(": menu", "menu: 4 1", "case.list: 1")
    await album.see("case.facts", "case.exchange_not_redeemed")
    await clerk.home()
    taking = Taking(credit.number, 12_900, request="till-2/000481")
    await clerk.site.ledger.take_exchange_credit(taking)
    void = {"kind": "sale_voided", "sale_id": "SCARF-1", "at": "2026-11-20T12:00:00+08:00"}
    await report(clerk, json.dumps(void))
    await clerk.at(": menu", "menu: 4 1", "case.list: 1")
    await album.see("case.facts", "case.exchange_not_told")
    await clerk.at("case.facts: 2")
    await album.see("exchange.back", "exchange.back.of_void")
    await clerk.at("exchange.back: enter")
    await album.see("supervisor.number", "supervisor.number.of_void")
    await clerk.home()


async def how_goods_come_back(clerk: SimClerk, album: Album) -> None:
    """Asked once, changed line by line, taken for less."""
    lines = [
        {"sku": "9", "name": "保温杯 Cup", "quantity": 2, "unit_price": 1_500},
        {"sku": "11", "name": "茶 Tea", "quantity": 1, "unit_price": 900},
    ]
    paid = {"kind": "cash", "amount": 3_900}
    await sell(clerk, "GOODS-1", paid, lines=lines, **CASH)
    await clerk.log_in()
    clerk.scan("GOODS-1")
    await clerk.at("sale: enter", "refund.amount: enter")
    await album.see("goods.condition")
    await clerk.at("goods.condition: 1", "refund.reason: menu")
    await album.see("goods.or_note")
    await clerk.at("goods.or_note: 2")
    await album.see("goods.lines")
    await clerk.at("goods.lines: 1")
    await album.see("goods.line")
    await clerk.at("goods.line: 3")
    await album.see("goods.deduct")
    await clerk.at("goods.deduct: 1", "goods.deduct_amount: 5 0 0")
    await clerk.wait_text("5.00")
    await album.see("goods.deduct_amount")
    await clerk.at(": enter", "goods.line: 1", "goods.condition: 4")
    await album.see("goods.refuse")
    await clerk.at("goods.refuse: cancel", "goods.condition: cancel", "goods.line: menu")
    await clerk.at("goods.lines: menu", "refund.reason: 4")
    await album.see("supervisor.number", "supervisor.deduction")
    await clerk.home()
    clerk.scan("GOODS-1")
    await clerk.at("sale: enter", "refund.amount: 1 0 0 0 enter")
    await album.see("refund.reason", "refund.reason.typed")
    await clerk.at("refund.reason: menu", "goods.or_note: 2")
    await album.see("goods.back")
    await clerk.home()


async def what_was_deducted_stays(clerk: SimClerk, album: Album) -> None:
    """One cup came back for less, and more is typed than the other goods bring."""
    cups = {"sku": "9", "name": "保温杯 Cup", "quantity": 2, "unit_price": 1_500}
    await sell(clerk, "GOODS-2", {"kind": "cash", "amount": 3_000}, lines=[cups], **CASH)
    await clerk.log_in()
    clerk.scan("GOODS-2")
    await clerk.at("sale: enter", "refund.amount: menu", "refund.lines: 1")
    await clerk.at("refund.quantity: 1 enter", "refund.lines: menu", "refund.amount: enter")
    await clerk.at("refund.reason: menu", "goods.or_note: 2", "goods.line: 3", "goods.deduct: 1")
    await clerk.at("goods.deduct_amount: 5 0 0 enter", "goods.line: menu", "refund.reason: 4")
    await clerk.approve()
    await clerk.pay_out()
    await clerk.at("cash.hand_over: enter", "result: enter", "home")
    clerk.scan("GOODS-2")
    await album.see("sale", "sale.deducted")
    await clerk.at("sale: enter", "refund.amount: 2 0 0 0 enter", "refund.reason: 4")
    await album.see("supervisor.number", "supervisor.deducted_back")
    await clerk.home()


async def an_invoice_is_out(clerk: SimClerk, album: Album) -> None:
    """Neither back nor taken back by a red-letter one."""
    paid = {"kind": "cash", "amount": 3_900}
    out = {"invoice": "issued", "invoice_no": "24312000000012345678"}
    await sell(clerk, "INVOICE-1", paid, **CASH, **out)
    await clerk.log_in()
    clerk.scan("INVOICE-1")
    await clerk.at("sale: enter", "refund.amount: enter")
    await album.see("invoice.ask")
    await clerk.at("invoice.ask: 2")
    await album.see("invoice.number")
    await clerk.at("invoice.number: cancel", "invoice.ask: 3", "refund.reason: 4")
    await album.see("supervisor.number", "supervisor.invoice")
    await clerk.home()


async def a_void_and_cash(clerk: SimClerk, album: Album) -> None:
    """A card that is inserted, cash, and store credit above the shop's limit."""
    await clerk.log_in()
    await clerk.to_card(clerk.site.shop.sale("visa-today"))
    clerk.insert("visa")
    await album.see("card.remove")
    clerk.take_away()
    await clerk.home()
    await sell(clerk, "CASH-1", {"kind": "cash", "amount": 500}, **CASH)
    clerk.scan("CASH-1")
    await clerk.at("sale: enter", "refund.amount: enter", "refund.reason: 4")
    await clerk.approve()
    await album.see("refund.confirm")
    await album.go("enter", to="cash.hand_over")
    await album.go("enter", to="result", name="result.cash")
    await clerk.home()
    await album.go("menu", "2", "1", to="reprint.refund")
    await clerk.home()
    with patch("pos_terminal.services.ledger.books.vouchers.draw_number", _drawn):
        await credits(clerk, album)


def _drawn(merchant_id: str, terminal_id: str) -> str:
    """The one voucher's number, which is another one each time otherwise."""
    return encode_voucher(merchant_id, terminal_id, 703_141)


async def credits(clerk: SimClerk, album: Album) -> None:
    """What store credit and points had paid, the voucher, and one that a till did not redeem."""
    await sell(clerk, "POINTS-1", {"kind": "points", "amount": 3_000}, **CASH)
    clerk.scan("POINTS-1")
    await clerk.at("sale: enter")
    await album.see("refund.amount", "refund.amount.points")
    await clerk.home()
    by_voucher = {"kind": "voucher", "amount": 5_000, "voucher_no": "2900017"}
    await sell(clerk, "VOUCHER-1", by_voucher, **CASH)
    clerk.scan("VOUCHER-1")
    await clerk.at("sale: enter")
    await album.see("refund.amount", "refund.amount.voucher")
    await clerk.at(": enter", "refund.reason: 4")
    await clerk.approve()
    await clerk.at("refund.confirm: enter")
    await album.see("result", "result.voucher")
    await clerk.home()
    (refund,) = clerk.site.ledger.refunds.recent(1)
    voucher = clerk.site.ledger.vouchers.of_refund(refund.refund_id)
    assert voucher is not None
    clerk.scan(voucher.number)
    await album.see("voucher")
    await clerk.home()
    await sell(clerk, "VOUCHER-2", by_voucher | {"voucher_no": voucher.number}, **CASH)
    clerk.scan("VOUCHER-2")
    await album.see("sale", "sale.not_redeemed")
    await clerk.at(": enter")
    await album.see("failure", "failure.not_redeemed")
    await clerk.home()


async def trouble(clerk: SimClerk, album: Album) -> None:
    """A decline, an outcome that nobody knows, a line that is dead, paper, and the lock."""
    site = clerk.site
    await clerk.log_in()
    site.acquirer.set_mode("code:14", 1)
    await clerk.give_back(site.shop.sale("visa-older"), 100)
    await album.see("result", "result.declined")
    await clerk.home()
    site.acquirer.set_mode("swallow")
    await clerk.give_back(site.shop.sale("visa-older"), 100)
    await album.see("result", "result.unknown")
    await clerk.home()
    await album.see("home", "home.unknown")
    clerk.scan(site.shop.sale("visa-older").receipt_no)
    await album.see("sale", "sale.open")
    await clerk.home()
    await album.go("menu", "3", to="menu.to_do")
    await clerk.home()
    site.parts.printer.printer.change(paper_out=True)
    site.acquirer.set_mode("normal")
    await clerk.give_back(site.shop.sale("mastercard-older"), 100, card="mastercard")
    await album.see("result", "result.no_paper")
    site.parts.printer.printer.change(paper_out=False)
    await clerk.home()
    site.parts.printer.printer.after(20, site.parts.printer.power_cycle)
    await clerk.give_back(site.shop.sale("mastercard-older"), 200, card="mastercard")
    await clerk.at("result: enter")
    await album.see("print.unsure")
    await clerk.home()
    await clerk.to_card(site.shop.sale("jcb-older"), 100)
    site.acquirer.set_mode("refuse")
    await clerk.show_card("jcb")
    await album.see("failure", "failure.line")
    await clerk.home()
    site.acquirer.set_mode("normal")
    await the_line_goes(clerk, album)
    await clerk.wait("lock.pin", seconds=2_000)
    await album.see("lock.pin")


async def the_line_goes(clerk: SimClerk, album: Album) -> None:
    """Over a sale on the screen; then the page of what is broken, and a reader that is out."""
    site = clerk.site
    await site.until(lambda: not re.search("offline|离线", clerk.text), 60, "line")
    await clerk.find(site.shop.sale("jcb-older"))
    site.acquirer.set_mode("refuse")
    await site.until(lambda: clerk.site.terminal.wire.last == "refused", 30, "probe")
    await album.see("sale", "sale.line")
    await clerk.at("sale: enter", "refund.amount: 1 0 0 enter", "refund.reason: 1")
    await album.see("line.down")
    await clerk.at("line.down: cancel", "home: .")
    site.parts.printer.unplug()
    await album.see("devices")
    await clerk.home()
    site.acquirer.set_mode("normal")
    site.parts.printer.plug()


async def cannot_be(clerk: SimClerk, album: Album) -> None:
    await clerk.log_in()
    clerk.scan(clerk.site.shop.sale("beyond-window").receipt_no)
    await album.see("sale", "sale.beyond-window")
    await clerk.home()


async def a_payout(clerk: SimClerk, album: Album) -> None:
    """Freight, from the case."""
    await clerk.log_in()
    await clerk.give_back(clerk.site.shop.sale("visa-older"), 100)
    await clerk.at("result: menu", "case.kind: 3", "case.opened: enter")
    await clerk.at("case.facts: 2")
    await album.see("case.remedy")
    await album.go("1", to="case.form")
    await clerk.at("case.form: enter", "case.form_done: enter", "case.facts: 2", "case.remedy: 2")
    await album.see("recovery.amount")
    await clerk.at(": 4 0 enter")
    await album.see("recovery.done")
    await clerk.at("recovery.done: enter", "case.facts: .")
    await album.see("case.facts", "case.with_papers")
    await clerk.at("case.facts: 2", "case.remedy: 3")
    await album.see("payout.what")
    await album.go("1", to="payout.kind")
    await album.go("1", to="payout.amount")
    clerk.site.parts.printer.printer.change(paper_out=True)
    await clerk.at(": 1 2 0 0 enter")
    await clerk.approve()
    await clerk.approve(1)
    await album.see("payout.slip")
    clerk.site.parts.printer.printer.change(paper_out=False)
    await album.go("enter", to="payout.hand_over")
    await clerk.home()


async def a_claim(clerk: SimClerk, album: Album) -> None:
    """Of goods that came back, and of the freight."""
    tea = {"sku": "9", "name": "红茶 Tea", "quantity": 3, "unit_price": 1_500}
    await sell(clerk, "GOODS", {"kind": "cash", "amount": 4_500}, lines=[tea], **CASH)
    await clerk.log_in()
    clerk.scan("GOODS")
    await clerk.at("sale: enter", "refund.amount: enter", "refund.reason: 4")
    await clerk.approve()
    await clerk.pay_out()
    await clerk.at("cash.hand_over: enter", "result: menu", "case.kind: 4", "case.opened: enter")
    await clerk.at("case.facts: 2", "case.remedy")
    clerk.choose(
        "供应商索赔" if clerk.site.setting.language is Language.ZH_CN else "Supplier claim"
    )
    await clerk.at("claim.goods: enter", "claim.freight: 1 2 0 0 enter", "evidence.kind: 5")
    await clerk.at("evidence.reference: 4711 enter", "evidence.kind: menu")
    await album.see("claim.confirm")
    await clerk.home()


async def not_confirmed(clerk: SimClerk, album: Album) -> None:
    """Of two refunds the acquirer's file has the first; a week later."""
    await clerk.log_in()
    await clerk.give_back(clerk.site.shop.sale("visa-older"), 123)
    await clerk.home()
    confirmed = file_of(clerk)
    await clerk.give_back(clerk.site.shop.sale("mastercard-older"), 100, card="mastercard")
    await clerk.home()
    await take_in(clerk, confirmed)
    await asyncio.sleep(7 * 86_400)  # virtual time
    await clerk.home()
    await clerk.at("home: menu", "menu: 3 8")
    await album.see("unconfirmed.list")
    await album.go("1", to="unconfirmed.refund")
    await clerk.home()


async def it_came_back(clerk: SimClerk, album: Album) -> None:
    """What the acquirer's file said came back from the account: its case, the sale, the list."""
    await clerk.log_in()
    await returned.refund(clerk)
    await take_in(clerk, returned.told(clerk, "returned", happened_on="2026-11-22"))
    await clerk.at("home: menu", "menu: 4 1")
    await album.see("case.list", "case.list.returned")
    await clerk.at(": 1", "case.facts")
    await album.see("case.facts", "case.returned")
    await album.go("5", to="exception", name="exception.returned")
    await album.go("1", to="refund.amount", name="refund.amount.returned")
    await clerk.home()


async def by_a_form(clerk: SimClerk, album: Album) -> None:
    """What was paid by a wallet, until somebody tells that it was paid back."""
    await clerk.log_in()
    clerk.scan(clerk.site.shop.sale("qr-wallet-today").receipt_no)
    await clerk.at("sale: enter")
    await album.see("refund.amount", "refund.amount.form")
    await clerk.at(": enter", "refund.reason: 4")
    await clerk.approve()
    await album.see("refund.confirm", "refund.confirm.form")
    await album.go("enter", to="result", name="result.form")
    await clerk.at("result: enter")
    await album.see("home", "home.form")
    await clerk.at("home: menu", "menu: 3 7", "manual.list: 1")
    await album.see("manual.form")
    await album.go("1", to="manual.reference")
    await clerk.home()


async def another_way(clerk: SimClerk, album: Album) -> None:
    """An exception with its evidence, and an answer that leads to the form."""
    await clerk.log_in()
    sale = clerk.site.shop.sale("unionpay-credit-older")
    await clerk.find(sale)
    await clerk.at("sale: menu", "sale.more: 3")
    await album.see("exception")
    await clerk.at("exception: 1", "refund.amount: 500 enter", "evidence.kind: 1")
    await album.see("evidence.reference")
    await clerk.at("evidence.reference: 4711 enter")
    await clerk.wait_text("4711")
    await album.see("evidence.kind")
    await clerk.home()
    clerk.site.acquirer.set_mode("code:43", 1)
    await clerk.give_back(sale, 100, card="unionpay-credit")
    await album.see("result", "result.to_form")
    await clerk.home()
    await clerk.find(sale)
    await album.see("sale", "sale.to_form")
    await clerk.home()
    await clerk.find(clerk.site.shop.sale("two-cards-older"))
    await clerk.at("sale: enter", "refund.leg: 3", "refund.amount: enter", "refund.reason: 1")
    await clerk.at("ticket.plan: 1")
    await album.see("ticket.amount", "ticket.amount.another")
    await clerk.at("ticket.amount: menu", "exception: 2", "evidence.kind: 3")
    await clerk.at("evidence.reference: 4711 enter", "evidence.kind: menu")
    await album.see("ticket.plan", "ticket.plan.form")


async def by_reference(clerk: SimClerk, album: Album) -> None:
    """Of an acquirer that refunds without the card."""
    await clerk.log_in()
    await clerk.to_card(clerk.site.shop.sale("visa-older"))
    await album.go("menu", to="card.absent")
    await clerk.home()


async def without_a_receipt(clerk: SimClerk, album: Album) -> None:
    await clerk.log_in()
    await album.go("menu", "1", "5", to="blind.card")
    await clerk.at(": enter", "find.by: cancel")
    await album.see("blind.begin")
    await clerk.at(": enter")
    await album.see("blind.customer")
    clerk.press("13800138000", "enter")
    await clerk.wait("blind.goods")
    clerk.scan(clerk.site.shop.sale("visa-older").lines[0].sku)
    await album.see("blind.price")
    await clerk.at(": enter")
    await album.see("blind.goods")
    await clerk.at(": enter", "refund.reason: 4", "supervisor.number")
    await clerk.approve(0)
    await album.see("supervisor.number", "supervisor.blind")
    await clerk.approve(1)
    await clerk.pay_out()
    await album.see("result", "result.blind")
    await clerk.home()


def wrong(pin: str) -> str:
    return pin[:-1] + str((int(pin[-1]) + 1) % 10)


CLOSED: Final = {
    "paid": "card",
    "back": "cash",
    "exception": "account_closed",
    "approvals": 2,
}
LOST: Final = {"paid": "card", "back": "manual", "exception": "card_lost"}


async def booked_wrong(clerk: SimClerk, album: Album) -> None:
    """Goods came back as new, and one of them was broken."""
    lines = [
        {"sku": "9", "name": "红茶 Tea", "quantity": 3, "unit_price": 1_500},
        {"sku": "11", "name": "茶杯 Cup", "quantity": 1, "unit_price": 900},
    ]
    await sell(clerk, "GOODS", {"kind": "cash", "amount": 5_400}, lines=lines, **CASH)
    await clerk.log_in()
    clerk.scan("GOODS")
    await clerk.at("sale: enter", "refund.amount: enter", "refund.reason: 4")
    await clerk.approve()
    await clerk.pay_out()
    await clerk.at("cash.hand_over: enter")
    await clerk.home()
    await album.go("menu", "4", "3", to="stock.slip")
    clerk.scan(clerk.site.ledger.slips.of_refund(1)[0].slip.head.barcode)
    await album.see("stock.line")
    await album.go("2", to="stock.correct")
    await album.go("4", to="supervisor.number", name="stock.supervisor")
    await clerk.approve()
    await album.see("stock.corrected")


async def where_the_money_is(clerk: SimClerk, album: Album) -> None:
    await clerk.log_in()
    await clerk.give_back(clerk.site.shop.sale("visa-older"), 123)
    await clerk.home()
    await album.go("menu", "1", "6", to="status.ask")
    clerk.scan(clerk.site.ledger.slips.of_refund(1)[0].slip.head.barcode)
    await album.see("status.result")


WALKS: Final[tuple[tuple[Walk, dict[str, Any]], ...]] = (
    (a_refund, {}),
    (ways_to_a_sale, {}),
    (of_two_sales, {}),
    (goods, {}),
    (booked_wrong, {}),
    (where_the_money_is, {}),
    (for_other_goods, {}),
    (for_goods_at_the_till, {}),
    (what_tills_say_of_a_credit, {"policy": {"supervisor": "by-rule"}}),
    (how_goods_come_back, {"policy": {"inspection": "once"}}),
    (what_was_deducted_stays, {}),
    (an_invoice_is_out, {}),
    (a_void_and_cash, {}),
    (a_complaint, {}),
    (a_payout, {"policy": {"payouts": {"per_case": 5_000, "per_day": 50_000}}}),
    (a_claim, {}),
    (not_confirmed, {}),
    (trouble, {"repeat": "never"}),
    (cannot_be, {}),
    (by_a_form, {}),
    (it_came_back, {"policy": returned.SHOP.policy, "repeat": "never"}),
    (another_way, {"policy": {"tenders": [CLOSED, LOST]}}),
    (by_reference, {"profile": "generic"}),
    (without_a_receipt, {"rules": {"no_receipt": {"enabled": True}}}),
)
