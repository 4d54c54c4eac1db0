"""Refunds and voids over the counter: found every way, paid to the right card, printed."""

from __future__ import annotations

import json
import re
import subprocess
from datetime import datetime
from typing import Any

import pytest
from hw_sim.bench.shop import Shop
from hw_sim.cards import catalogue
from worlds.shop import COMMAND, ask_card, give_back, last, to_card

PROMPTS = (
    *("sale", "refund.amount", "refund.reason"),
    *("supervisor.number", "supervisor.pin", "card.present"),
)


def at_acquirer(shop: Shop, refund: dict[str, Any]) -> dict[str, Any]:
    rows = [row for row in shop.hands.acquirer("ledger") if row["kind"] != "sale"]
    return next(row for row in rows if row["stan"] == refund["stan"])


def finish(shop: Shop) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The result is read; the refund and its slips."""
    shop.clerk.see("result", 60)
    slips = shop.hands.receipts()[-2:]
    shop.clerk.accept()
    return last(shop), slips


def test_part_of_a_sale_by_its_receipt_to_a_tapped_card(shop: Shop) -> None:
    sale = shop.hands.sample("visa-older")
    give_back(shop, "visa-older", "visa", "123")
    refund, slips = finish(shop)
    assert (refund["kind"], refund["state"], refund["done"]) == ("refund", "accepted", 123)
    assert refund["sale_id"] == sale["sale_id"]
    paid = at_acquirer(shop, refund)
    assert (paid["paid"], paid["original_rrn"]) == (123, sale["rrn"])
    assert [slip["complete"] for slip in slips] == [True, True]
    for slip in slips:
        for fact in ("1.23", refund["rrn"], sale["rrn"], refund["stan"], "476173******0010"):
            assert fact in slip["text"]
        assert "4761739001010010" not in slip["text"]


def test_the_command_lists_the_ledger_beside_the_running_terminal(shop: Shop) -> None:
    config = str(shop.files.config)
    done = subprocess.run(
        [*COMMAND, "ledger", "--config", config, "--json"], capture_output=True, check=True
    )
    assert json.loads(done.stdout) == json.loads(json.dumps(shop.hands.ledger()))


def goods(shop: Shop, sale_id: str) -> dict[str, Any]:
    """The first line of a sale, as the ledger's listing has it."""
    sales = shop.hands.ledger()["sales"]
    return dict(next(sale for sale in sales if sale["sale_id"] == sale_id)["lines"][0])


def test_one_piece_of_a_line_is_chosen_named_and_counted(shop: Shop) -> None:
    sale = shop.hands.sample("jcb-older")
    shop.clerk.scan(sale)
    shop.clerk.ask_for_goods("1")
    shop.clerk.approve()
    shop.clerk.see("card.present")
    shop.hands.tap("jcb")
    refund, slips = finish(shop)
    line = goods(shop, sale["sale_id"])
    assert (refund["state"], refund["done"]) == ("accepted", line["unit_price"])
    assert (line["returned"], line["held"]) == ("1", "0")
    price = line["unit_price"]
    named = {"line": 1, "name": line["name"], "quantity": "1", "amount": price, "worth": price}
    (item,) = refund["items"]
    assert item | named | {"condition": "3", "disposition": "vendor"} == item
    assert all(f"{line['name']} ×1" in slip["text"] for slip in slips)


def test_a_sale_of_today_by_its_trace_is_voided(shop: Shop) -> None:
    sale = shop.hands.sample("unionpay-debit-today")
    shop.clerk.type_trace(sale["trace"])
    to_card(shop)
    shop.hands.insert("unionpay-debit")
    shop.clerk.see("card.remove", 60)
    shop.hands.remove()
    refund, slips = finish(shop)
    assert (refund["kind"], refund["state"], refund["done"]) == ("void", "accepted", sale["amount"])
    assert at_acquirer(shop, refund)["kind"] == "void"
    assert all("撤销" in slip["text"] for slip in slips)


def test_the_card_finds_its_sale_without_a_receipt(shop: Shop) -> None:
    shop.hands.insert("amex")
    shop.clerk.see("find.choose")
    shop.hands.press("2")
    sale = shop.hands.sample("amex-older")
    assert any(sale["trace"] in row for row in shop.clerk.see("sale")["rows"])
    shop.clerk.ask_for("77")
    shop.clerk.approve()  # the card is in the reader already: nobody asks for it again
    shop.clerk.see("card.remove", 60)
    shop.hands.remove()
    refund, _ = finish(shop)
    assert (refund["sale_id"], refund["done"]) == (sale["sale_id"], 77)


def test_by_reference_number_and_date(shop: Shop) -> None:
    sale = shop.hands.sample("jcb-older")
    shop.hands.press("menu")
    shop.clerk.see("menu")
    shop.hands.press("1", "2")
    shop.clerk.answer("find.rrn", sale["rrn"])
    shop.clerk.answer("find.date", f"{datetime.fromisoformat(sale['sold_at']):%m%d}")
    shop.clerk.see("sale")
    shop.hands.press("cancel")
    shop.clerk.see("home")


def test_the_phone_of_the_same_account(shop: Shop) -> None:
    plastic = catalogue()["phone"].account_of
    give_back(shop, f"{plastic}-older", "phone", ".5")
    refund, _ = finish(shop)
    assert (refund["state"], refund["done"], refund["match"]) == ("accepted", 50, "par")


def test_another_terminals_sale_of_today_is_refunded_not_voided(shop: Shop) -> None:
    sale = shop.hands.sample("other-terminal-today")
    give_back(shop, "other-terminal-today", sale["cards"][0], "")
    refund, _ = finish(shop)
    assert (refund["kind"], refund["done"]) == ("refund", sale["amount"])


def test_more_than_is_left_is_refused_at_the_keypad(shop: Shop) -> None:
    sale = shop.hands.sample("mastercard-older")
    shop.clerk.scan(sale)
    shop.clerk.see("sale")
    shop.hands.press("enter")
    shop.clerk.answer("refund.amount", str(sale["amount"] + 1))
    shop.clerk.see_text("累计退货金额大于原交易金额")
    shop.clerk.answer("refund.amount", "0")
    shop.clerk.see_text("退货金额必须大于零")


def hand_over(shop: Shop, sale: dict[str, Any]) -> dict[str, Any]:
    """All that is left of it in cash; the refund."""
    shop.clerk.scan(sale)
    shop.clerk.ask_for()
    shop.clerk.approve()
    shop.clerk.pay_out()
    shop.clerk.see("cash.hand_over")
    shop.hands.press("enter")
    return finish(shop)[0]


def test_cash_opens_the_drawer_once(shop: Shop) -> None:
    kicks = shop.hands.do("drawer")["drawer_kicks"]
    refund = hand_over(shop, shop.hands.sample("cash-today"))
    assert (refund["kind"], refund["state"]) == ("cash", "handed_over")
    assert shop.hands.do("drawer")["drawer_kicks"] == kicks + 1


def test_the_card_leg_of_a_split_sale_comes_before_the_cash(shop: Shop) -> None:
    sale = shop.hands.sample("split-today")
    kicks = shop.hands.do("drawer")["drawer_kicks"]
    shop.clerk.scan(sale)
    shop.clerk.ask_for()
    shop.clerk.see("ticket.plan")
    shop.hands.press("enter")
    shop.clerk.approve()
    shop.clerk.see("card.present")
    shop.hands.tap(sale["cards"][0])
    shop.clerk.see("result", 60)
    shop.hands.press("enter")
    refund = last(shop)
    assert refund["kind"] == "void"  # the acquirer's sale is the card's leg, all of it
    shop.clerk.pay_out()
    shop.clerk.see("cash.hand_over")
    shop.hands.press("enter")
    cash, _ = finish(shop)
    assert (cash["kind"], cash["done"]) == ("cash", sale["amount"] - refund["done"])
    assert shop.hands.do("drawer")["drawer_kicks"] == kicks + 1


def test_a_rule_refuses_with_a_slip(shop: Shop) -> None:
    text = "退货金额超限"
    slips = len(shop.hands.receipts())
    shop.clerk.scan(shop.hands.sample("large"))
    shop.clerk.see("sale")
    shop.hands.press("enter")
    shop.clerk.answer("refund.amount", "")
    shop.clerk.answer("refund.reason", "4", enter=False)
    shop.clerk.see("result")
    shop.clerk.see_text(text)
    found = shop.hands.wait_receipts(slips + 2)  # both copies: none is left to the next one
    assert text in "".join(slip["text"].replace("\n", "") for slip in found[slips:])
    shop.clerk.accept()


def test_a_large_part_needs_two_different_supervisors(shop: Shop) -> None:
    sale = shop.hands.sample("large")
    shop.clerk.scan(sale)
    shop.clerk.ask_for("2100000")
    shop.clerk.approve_by_badge()  # through the scanner's own cable
    shop.clerk.approve()
    shop.clerk.see_text("需另一位主管")
    shop.clerk.approve(1)
    shop.clerk.see("card.present")
    shop.hands.tap(sale["cards"][0])
    refund, slips = finish(shop)
    assert refund["done"] == 2_100_000
    for supervisor in (shop.hands.person("supervisor", place) for place in (0, 1)):
        assert supervisor["name"] in slips[0]["text"]


def test_a_qr_wallet_is_sent_to_its_own_channel(shop: Shop) -> None:
    shop.clerk.scan(shop.hands.sample("qr-wallet-today"))
    shop.clerk.see("sale")
    shop.hands.press("enter")
    shop.clerk.see("refund.amount")
    shop.clerk.see_text("请在原收款渠道退款")


def test_a_wrong_card_never_opens_another_way(shop: Shop) -> None:
    before = shop.hands.ledger()["refunds"]
    ask_card(shop, "mastercard-older", "100")
    for left in (2, 1):
        shop.hands.tap("visa")
        shop.clerk.see_text(f"卡号与原交易不符,还可试{left}次")
        shop.hands.remove()
    shop.hands.tap("visa")
    shop.clerk.see("result")
    shop.clerk.see_text("未退款")
    shop.clerk.accept()
    assert shop.hands.ledger()["refunds"] == before


@pytest.mark.parametrize(
    ("code", "text"),
    [("NONSENSE", "原交易不存在"), ("2000000000000", "条码有误"), ("9" * 70, "原交易不存在")],
)
def test_a_scan_of_nonsense(shop: Shop, code: str, text: str) -> None:
    shop.hands.scan(code)
    shop.clerk.see("failure")
    shop.clerk.see_text(text)


@pytest.mark.parametrize("until", PROMPTS)
def test_cancel_at_each_prompt_leads_home_and_leaves_no_refund(shop: Shop, until: str) -> None:
    """By one question as long as the clerk alone is asked; then by the supervisor's number, at
    once."""
    before = shop.hands.ledger()["refunds"]
    supervisor = shop.hands.person("supervisor")
    number, pin = (*supervisor["number"], "enter"), (*supervisor["pin"], "enter")
    answers = (("enter",), ("enter",), ("1",), number, pin, ())
    shop.clerk.scan(shop.hands.sample("mastercard-older"))
    for prompt, keys in zip(PROMPTS, answers, strict=True):
        shop.clerk.see(prompt)
        if prompt == until:
            break
        shop.hands.press(*keys)
    alone = PROMPTS[: PROMPTS.index("supervisor.number")]
    for earlier in reversed(alone[: alone.index(until)] if until in alone else ()):
        shop.hands.press("cancel")
        shop.clerk.see(earlier)
    if until == "supervisor.pin":
        shop.hands.press("cancel")
        shop.clerk.see("supervisor.number")
    shop.hands.press("cancel")
    shop.clerk.see("home")
    assert shop.hands.ledger()["refunds"] == before


def reprint(shop: Shop) -> None:
    """To the list of slips."""
    shop.hands.press("menu")
    shop.clerk.see("menu")
    shop.hands.press("2", "1")
    shop.clerk.see("reprint.refund")


def reprinted(shop: Shop, before: int) -> str:
    shop.clerk.see("reprint.done")
    shop.hands.press("enter")
    shop.clerk.see("home")
    [copy] = shop.hands.wait_receipts(before + 1)[before:]
    return str(copy["text"])


def test_a_reprint_is_marked_and_counted(shop: Shop) -> None:
    slips = len(shop.hands.receipts())
    reprint(shop)
    shop.hands.press("1")
    copy = reprinted(shop, slips)
    assert "重打印" in copy
    assert "DUPLICATE 1" in copy


def test_our_own_receipt_leads_to_its_reprint(shop: Shop) -> None:
    codes = [re.search(r"CODE128 (\d{13})", slip["text"]) for slip in shop.hands.receipts()]
    code = next(found for found in codes if found is not None)[1]
    slips = len(shop.hands.receipts())
    reprint(shop)
    shop.hands.scan(code)
    shop.clerk.see("reprint.slip")
    shop.hands.press("2")
    copy = reprinted(shop, slips)
    assert code in copy
    assert "DUPLICATE" in copy
