"""Every cable pulled and put back while the terminal works: nothing is lost, nothing paid twice."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hw_sim.bench.client import ask
from hw_sim.bench.files import read_bench
from hw_sim.bench.running import until
from hw_sim.bench.shop import Shop
from worlds.shop import ask_card, give_back, outcome

USABLE_SECONDS = 2.0
"""After a device came back; the measure of assurance.md, with a busy machine's allowance below."""
ALLOWANCE = 4.0


def device(shop: Shop, name: str) -> dict[str, Any]:
    answer = ask(read_bench(shop.bench.folder)["control"], {"verb": "state"}, seconds=10)
    return dict(answer["devices"][name])


def wait_device(shop: Shop, name: str, *, up: bool, seconds: float = 20) -> dict[str, Any]:
    return until(
        lambda: device(shop, name), lambda now: now["up"] is up, seconds, f"{name} up={up}"
    )


@pytest.mark.parametrize(
    ("cable", "name"),
    [
        ("keypad", "keypad"),
        ("scanner", "scanner"),
        ("reader", "reader.contact"),
        ("printer", "printer"),
    ],
)
def test_a_device_is_missed_with_words_and_usable_soon_after_its_return(
    shop: Shop, cable: str, name: str
) -> None:
    shop.hands.do("unplug", cable)
    lost = wait_device(shop, name, up=False)
    assert lost["text"]
    assert lost["tech"]
    shop.hands.do("plug", cable)
    back = time.monotonic()
    wait_device(shop, name, up=True)
    assert time.monotonic() - back < USABLE_SECONDS + ALLOWANCE
    shop.clerk.type_trace(shop.hands.sample("visa-older")["trace"])
    shop.clerk.see("sale")


def test_keys_after_the_keypads_return(shop: Shop) -> None:
    shop.clerk.scan(shop.hands.sample("visa-older"))
    shop.clerk.see("sale")
    shop.hands.press("enter")
    shop.clerk.see("refund.amount")
    shop.hands.press("4")
    shop.clerk.see_text("0.04")
    shop.hands.do("unplug", "keypad")
    wait_device(shop, "keypad", up=False)
    shop.hands.do("plug", "keypad")
    wait_device(shop, "keypad", up=True)
    shop.hands.press("2", "enter")
    shop.clerk.see("refund.reason")
    shop.clerk.see_text("1 质量问题")


def test_a_card_after_the_readers_return(shop: Shop) -> None:
    ask_card(shop, "visa-older", "101")
    shop.hands.do("unplug", "reader")
    wait_device(shop, "reader.tap", up=False)
    shop.hands.do("plug", "reader")
    wait_device(shop, "reader.tap", up=True)
    shop.hands.tap("visa")
    outcome(shop, "退货成功")


def test_a_card_pulled_in_mid_read_is_asked_for_again(shop: Shop) -> None:
    ask_card(shop, "visa-older", "102")
    shop.hands.tap("pulled")
    shop.clerk.see_text("卡片移开过早")
    shop.hands.do("card", "remove")
    shop.hands.tap("visa")
    outcome(shop, "退货成功")


def test_no_paper_delays_the_slips_not_the_money(shop: Shop) -> None:
    before = len(shop.hands.receipts())
    ask_card(shop, "visa-older", "103")
    shop.hands.do("printer", "paper-out")
    shop.hands.tap("visa")
    shop.clerk.see("print.wait|result", 60)
    until(shop.books, lambda books: books.terminal["refunds"][-1]["state"] == "accepted", 20, "it")
    assert shop.differences() == []
    shop.hands.do("printer", "paper-in")
    slips = shop.hands.wait_receipts(before + 2)[before:]
    assert all("1.03" in slip["text"] for slip in slips)
    outcome(shop)


def test_an_open_cover_delays_the_slips_not_the_money(shop: Shop) -> None:
    before = len(shop.hands.receipts())
    ask_card(shop, "visa-older", "104")
    shop.hands.do("printer", "cover-open")
    shop.hands.tap("visa")
    shop.clerk.see("print.wait|result", 60)
    shop.hands.do("printer", "cover-close")
    assert len(shop.hands.wait_receipts(before + 2)[before:]) == 2
    outcome(shop)


@pytest.mark.parametrize("mishap", ["unplug", "power-cycle"])
def test_a_slip_that_was_cut_off_is_asked_about_and_printed_whole_and_marked(
    shop: Shop, mishap: str
) -> None:
    refunds = len(shop.hands.ledger()["refunds"])
    amount = {"unplug": "105", "power-cycle": "106"}[mishap]
    ask_card(shop, "visa-older", amount)
    shop.hands.do("printer", mishap, "--after", "9")
    shop.hands.tap("visa")
    if mishap == "unplug":
        wait_device(shop, "printer", up=False)
        shop.hands.do("printer", "plug")
    shop.clerk.see("result", 60)
    shop.hands.press("enter")
    marked = [print_again(shop)]
    while shop.clerk.see("print.unsure|home", 60)["prompt"] == "print.unsure":
        marked.append(print_again(shop))
    assert all("重新完整打印 第2次" in slip["text"] for slip in marked)
    assert len(shop.hands.ledger()["refunds"]) == refunds + 1


def print_again(shop: Shop) -> dict[str, Any]:
    """Answer the question about an interrupted slip; the slip that comes out then."""
    shop.clerk.see("print.unsure", 60)
    whole = [slip for slip in shop.hands.receipts() if slip["complete"]]
    shop.hands.press("1")
    return shop.hands.wait_receipts(len(whole) + 1)[-1]


def test_the_acquirer_out_of_reach_is_said_and_nothing_is_held(shop: Shop) -> None:
    refunds = shop.hands.ledger()["refunds"]
    ask_card(shop, "visa-older", "107")
    shop.hands.do("unplug", "acquirer")
    shop.hands.tap("visa")
    shop.clerk.see("failure|result", 60)
    shop.clerk.see_text("未发送,未退款")
    shop.hands.press("enter")
    shop.clerk.see("home")
    assert shop.hands.state()["host"]["line"] == "down"
    shop.hands.do("plug", "acquirer")
    assert shop.hands.ledger()["refunds"] == refunds
    shop.hands.remove()
    give_back(shop, "visa-older", "visa", "107")
    outcome(shop, "退货成功")
    assert shop.hands.state()["host"]["line"] == "up"


def test_a_scanner_that_types_otherwise_is_read_or_told(shop: Shop) -> None:
    """On real evdev records: by Alt codes with an F-key before and Ctrl+J behind; as AZERTY."""
    sale = shop.hands.sample("visa-older")
    try:
        shop.hands.do("scanner", "alt", "f8", "crlf")
        shop.hands.scan(sale["receipt_no"])
        shop.clerk.see("sale")
        shop.hands.press("cancel")
        shop.clerk.see("home")
        shop.hands.do("scanner", "azerty")
        shop.hands.scan("]E04006381333931")
        shop.clerk.see("failure")
        shop.clerk.see_text("扫描枪键盘设置不符")
    finally:
        shop.hands.do("scanner")
        shop.hands.press("enter")
        shop.clerk.see("home")


def test_garbage_on_every_port_is_no_crash(shop: Shop) -> None:
    shop.hands.scan("\\ ~!@#$%^&*(){}[]|;:'\"<>,.?/")
    shop.clerk.see("failure")
    shop.hands.press("enter")
    shop.clerk.see("home")
    shop.hands.press("feed", ".", "00", "up", "down", "clear")
    assert shop.clerk.see("devices")
    shop.hands.press("enter")
    assert shop.terminal.status is None
    assert shop.clerk.see("home")
