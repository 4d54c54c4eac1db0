"""Every fault of the acquirer and of its line: the money is the same on both sides in the end."""

from __future__ import annotations

import pytest
from hw_sim.bench.shop import Shop
from worlds.shop import give_back, last, outcome, to_card

SALE = "amex-older"
CARD = "amex"
_AMOUNTS = iter(range(201, 299))


@pytest.fixture
def amount() -> int:
    """Another one each time, so that no refund looks like the last one's duplicate."""
    return next(_AMOUNTS)


def refund(shop: Shop, amount: int, sale: str = SALE, card: str = CARD) -> None:
    give_back(shop, sale, card, str(amount))


def void(shop: Shop, sale: str, card: str) -> None:
    shop.clerk.type_trace(shop.hands.sample(sale)["trace"])
    to_card(shop)
    shop.hands.tap(card)


UNTRUSTED = (
    *("swallow", "drop-answer", "wrong-mac", "no-mac", "half-frame", "cut:9"),
    *("other-stan", "other-terminal", "other-batch", "wrong-amount"),
)


@pytest.mark.parametrize("mode", UNTRUSTED)
def test_a_refund_without_a_trusted_answer_is_repeated_and_paid_once(
    shop: Shop, mode: str, amount: int
) -> None:
    shop.hands.acquirer("mode", mode, "--count", "1")
    refund(shop, amount)
    outcome(shop)
    books = shop.at_rest()
    found = last(shop)
    assert (found["state"], found["done"]) == ("accepted", amount)
    rows = [row for row in books.acquirer if row["stan"] == found["stan"]]
    assert [row["paid"] for row in rows if row["kind"] == "refund"] == [amount]


def test_two_answers_are_one_refund(shop: Shop, amount: int) -> None:
    shop.hands.acquirer("mode", "two-answers", "--count", "1")
    refund(shop, amount)
    assert outcome(shop, "退货成功")["done"] == amount


def test_a_late_answer_is_waited_for(shop: Shop, amount: int) -> None:
    shop.hands.acquirer("mode", "delay:0.7", "--count", "1")
    refund(shop, amount)
    shop.clerk.see("host.wait")
    shop.hands.press("cancel")  # from the seal on it can't be cancelled
    assert outcome(shop, "退货成功")["state"] == "accepted"


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("05", "持卡人认证失败"),
        ("51", "余额不足"),
        ("14", "无效卡号"),
        ("25", "没有原始交易"),
        ("61", "金额超限"),
    ],
)
def test_a_decline_is_shown_with_its_slip_and_holds_nothing(
    shop: Shop, code: str, text: str, amount: int
) -> None:
    slips = len(shop.hands.receipts())
    shop.hands.acquirer("mode", f"code:{code}", "--count", "1")
    refund(shop, amount)
    found = outcome(shop, text)
    assert (found["state"], found["response"], found["done"]) == ("declined", code, 0)
    printed = shop.hands.wait_receipts(slips + 1)[slips:]
    assert "未退款" in printed[0]["text"]
    sale = next(s for s in shop.hands.ledger()["sales"] if s["sale_id"] == found["sale_id"])
    assert sale["held"] == 0


def test_a_stolen_card_gets_nothing_any_more(shop: Shop, amount: int) -> None:
    shop.hands.acquirer("mode", "code:43", "--count", "1")
    refund(shop, amount, "mastercard-older", "mastercard")
    assert outcome(shop, "被窃卡")["state"] == "declined"
    refunds = shop.hands.ledger()["refunds"]
    shop.hands.remove()
    shop.clerk.scan(shop.hands.sample("mastercard-older"))
    shop.clerk.see("sale")  # which says so before anything is asked
    shop.hands.press("enter")
    shop.clerk.see("failure")
    shop.hands.press("enter")
    shop.clerk.see("home")
    assert shop.hands.ledger()["refunds"] == refunds


def test_a_partly_accepted_refund_counts_what_was_paid(shop: Shop, amount: int) -> None:
    shop.hands.acquirer("mode", "partial:100", "--count", "1")
    refund(shop, amount)
    found = outcome(shop)
    assert (found["state"], found["done"]) == ("accepted", 100)


def test_an_unknown_code_is_never_guessed(shop: Shop, amount: int) -> None:
    shop.hands.acquirer("mode", "code:96", "--count", "1")
    refund(shop, amount)
    outcome(shop)
    shop.at_rest()
    assert last(shop)["state"] == "accepted"  # the repeat told


def test_a_terminal_that_must_sign_on_again_does(shop: Shop, amount: int) -> None:
    shop.hands.acquirer("mode", "code:A0", "--count", "1")
    refund(shop, amount)
    assert outcome(shop, "退货成功")["done"] == amount
    signed = [row for row in shop.hands.acquirer("log") if "0800" in str(row)]
    assert len(signed) >= 2


def test_the_customer_may_leave_while_it_is_unknown(shop: Shop, amount: int) -> None:
    """Nothing answers for a whole round: a certificate prints, the sale is held; then it heals."""
    slips = len(shop.hands.receipts())
    shop.hands.acquirer("mode", "swallow")
    refund(shop, amount)
    found = outcome(shop, "结果未知,勿重复退款")
    assert found["state"] == "unknown"
    certificate = shop.hands.wait_receipts(slips + 1)[slips]
    assert "结果未知" in certificate["text"].replace("\n", "")
    sale = next(s for s in shop.hands.ledger()["sales"] if s["sale_id"] == found["sale_id"])
    assert sale["held"] == amount
    shop.hands.acquirer("mode", "normal")
    books = shop.at_rest()
    assert last(shop)["state"] == "accepted"
    assert books.returned == books.paid


@pytest.mark.parametrize(
    ("mode", "card"),
    [("swallow", "unionpay-credit"), ("drop-answer", "amex"), ("wrong-mac", "jcb")],
)
def test_a_void_without_a_trusted_answer_is_reversed_and_the_sale_stands(
    shop: Shop, mode: str, card: str
) -> None:
    sale = shop.hands.sample(f"{card}-today")
    shop.hands.acquirer("mode", mode, "--count", "1", "--on", "void")
    void(shop, f"{card}-today", card)
    found = outcome(shop)
    shop.at_rest()
    found = last(shop)
    assert (found["kind"], found["state"], found["done"]) == ("void", "reversed", 0)
    shop.hands.remove()
    void(shop, f"{card}-today", card)
    again = outcome(shop, "撤销成功")
    assert (again["kind"], again["done"]) == ("void", sale["amount"])


def test_a_sign_on_with_wrong_check_values_keeps_the_old_keys(shop: Shop, amount: int) -> None:
    shop.hands.acquirer("mode", "bad-kcv", "--count", "1")
    shop.hands.acquirer("mode", "code:A0", "--count", "1", "--also")
    refund(shop, amount)
    outcome(shop)
    shop.at_rest()
    assert last(shop)["state"] in ("accepted", "declined", "not_sent")


def test_no_log_and_no_answer_shows_a_card_number(shop: Shop) -> None:
    number = "6250947000000014"
    log = (shop.bench.folder / "terminal.log").read_text("utf-8", "replace")
    assert number not in log
    assert number not in str(shop.hands.acquirer("log"))
    assert number not in shop.terminal.painted.decode("utf-8", "replace")
    assert not [slip for slip in shop.hands.receipts() if number in slip["text"]]
