"""A line that misbehaves: an acquirer that others wrote answers what nobody asked, signs nothing,
says "not supported", or says nothing at all. Written from the acquirer's manual alone."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from stranger_bank import Bank, booked, booked_in_silence, taken_back_unasked, unsigned
from stranger_card import TAP_ATR, visa_tap
from stranger_counter import Counter, sale
from stranger_host import Plan, answer_sign_on, says
from stranger_iso import Message

PAN = "4012000033330026"
OWED_SECONDS = 3.0


class Shop:
    """The counter and the bank, with payments that nobody else uses."""

    def __init__(
        self, counter: Counter, bank: Bank, older: list[dict[str, Any]], today: list[dict[str, Any]]
    ) -> None:
        self.counter, self.bank, self.older, self.today = counter, bank, older, today

    def give_back(self, payment: dict[str, Any], *plans: Plan) -> tuple[str, dict[str, Any]]:
        """Its money back to a tapped card while the bank does this."""
        self.counter.home()
        self.bank.plans.extend(plans)
        self.counter.to_card(payment["receipt_no"])
        with self.counter.card("tap", visa_tap(PAN), TAP_ATR):
            shown = self.counter.result()
        return shown, self.counter.last()

    def refund(self, *plans: Plan) -> tuple[str, dict[str, Any]]:
        return self.give_back(self.older.pop(), *plans)

    def void(self, *plans: Plan) -> tuple[str, dict[str, Any]]:
        return self.give_back(self.today.pop(), *plans)

    def state_of(self, refund: dict[str, Any]) -> str:
        row = next(r for r in self.counter.refunds() if r["refund_id"] == refund["refund_id"])
        return str(row["state"])

    def reasons(self) -> list[str]:
        return [one.text(39) for one in self.bank.money() if one.mti == "0400"]


@pytest.fixture(scope="module")
def open_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("bank")
    older = [sale(n, PAN, 2000 + 7 * n) for n in range(1, 20)]
    today = [sale(n, PAN, 2000 + 7 * n, days=0) for n in range(20, 40)]
    feed = folder / "further.jsonl"
    feed.write_text("".join(json.dumps(one) + "\n" for one in [*older, *today]), "utf-8")
    with (
        Bank([*older, *today]) as bank,
        Counter(
            folder / "bench",
            *("--acquirer", bank.address, "--sales", str(feed), "--repeat", "never"),
        ) as counter,
    ):
        bank.keys = counter.json("acquirer-keys.json")
        counter.configure(
            answer_seconds=1.0,
            repeat_seconds=0.1,
            background_seconds=60.0,
            customer_seconds=3.5,
            owed_seconds=OWED_SECONDS,
        )
        counter.start()
        yield Shop(counter, bank, older, today)


@pytest.fixture
def shop(open_shop: Shop) -> Iterator[Shop]:
    open_shop.counter.home()
    open_shop.bank.forget()
    yield open_shop
    assert open_shop.bank.misfits == []


def without_mac(message: Message) -> bytes:
    return message.body[:-8]


def test_each_payment_goes_back_by_its_own_rrn(shop: Shop) -> None:
    """The bank refuses any other: two of one day, one of today."""
    for _ in range(2):
        shown, _ = shop.refund(booked)
        assert "退货成功" in shown
    shown, _ = shop.void(booked)
    assert "撤销成功" in shown
    assert sum(shop.bank.paid.values()) == sum(one.amount for one in shop.bank.money())


@pytest.mark.parametrize("code", ["00", "25"])
def test_a_reversal_answered_unasked_says_nothing_of_the_void(shop: Shop, code: str) -> None:
    shown, refund = shop.void(taken_back_unasked(code), booked)
    assert "撤销未成功,请重做" in shown
    assert refund["state"] == "reversed"
    void, reversal = shop.bank.money()
    assert (void.mti, reversal.mti, reversal.text(39)) == ("0200", "0400", "98")
    assert reversal.text(11) == void.text(11)
    assert (void.batch, void.text(11)) not in shop.bank.paid


def test_not_supported_leaves_the_reversal_open(shop: Shop) -> None:
    """The void may stand: to free its hold would let a refund follow, and pay twice."""
    _, void = shop.void(booked_in_silence, *[says("40")] * 3)
    assert (void["state"], shop.reasons()) == ("reversing", ["98", "06", "06"])
    sold = next(
        one for one in shop.counter.hands.ledger()["sales"] if one["sale_id"] == void["sale_id"]
    )
    assert sold["tenders"][0]["held"] == void["amount"]
    # the next new message brings it to its end, whatever its pause
    shown, _ = shop.refund(booked, booked)
    assert "退货成功" in shown
    assert shop.state_of(void) == "reversed"
    assert [one.mti for one in shop.bank.money()][-2:] == ["0400", "0220"]
    assert (shop.bank.money()[-2].text(39), void["rrn"]) == ("06", None)


@pytest.mark.parametrize("kind", ["refund", "void"])
@pytest.mark.parametrize("code", ["77", "99", "A0"])
def test_sign_on_again_without_a_mac_is_believed_once(shop: Shop, kind: str, code: str) -> None:
    shown, refund = getattr(shop, kind)(unsigned(code), booked)
    assert "成功" in shown
    assert [one.mti for one in shop.bank.seen][1:2] == ["0800"]
    first, second = shop.bank.money()
    assert without_mac(first) == without_mac(second)
    assert first.body != second.body
    assert refund["state"] == "accepted"
    assert shop.bank.paid[second.batch, second.text(11)] == second.amount


@pytest.mark.parametrize("code", ["77", "99", "A0"])
def test_said_twice_its_outcome_is_unknown(shop: Shop, code: str) -> None:
    shown, refund = shop.refund(unsigned(code), unsigned(code))
    assert "结果未知,勿重复退款" in shown
    assert refund["state"] == "unknown"
    assert len(shop.bank.money()) == 2


def test_a_void_to_which_it_is_said_twice_is_reversed(shop: Shop) -> None:
    shown, refund = shop.void(unsigned("77"), unsigned("77"), booked)
    assert "撤销未成功,请重做" in shown
    assert (refund["state"], shop.reasons()) == ("reversed", ["A0"])


def test_a_silent_reversal_holds_up_the_next_sale_for_so_long_and_no_longer(shop: Shop) -> None:
    shop.bank.mute.add("0400")
    _, void = shop.void(booked_in_silence)
    assert void["state"] == "reversing"
    shop.counter.home()
    payment = shop.older.pop()
    shop.counter.to_card(payment["receipt_no"])
    with shop.counter.card("tap", visa_tap(PAN), TAP_ATR):
        shop.counter.hands.wait("owed.wait")
        started = time.monotonic()
        shown = shop.counter.result()
    assert "退货成功" in shown
    assert time.monotonic() - started < OWED_SECONDS + 3
    assert shop.state_of(void) == "reversing"
    sent = [one.mti for one in shop.bank.money()]
    # what is owed goes on behind the outcome that is being read
    assert sent[: sent.index("0220") + 1][-2:] == ["0400", "0220"]
    # and once it answers, the one after that closes it first
    shop.bank.mute.clear()
    shown, _ = shop.refund()
    assert shop.state_of(void) == "reversed"


def test_77_with_its_mac_into_a_new_batch_was_a_void_that_was_sent(shop: Shop) -> None:
    keys = shop.bank.keys
    shop.bank.keys = keys | {"batch": f"{int(keys['batch']) + 1:06d}"}
    shown, refund = shop.void(says("77"))
    assert "批次已更换" in shown
    assert (refund["state"], refund["response"], refund["cause"]) == (
        *("declined", "77"),
        "new_batch",
    )
    assert len(shop.bank.money()) == 1
    assert shop.bank.sign_on is answer_sign_on
