"""A refund killed between its seal and its outcome: unknown, and never paid twice (R32, R33)."""

from __future__ import annotations

import pytest
from hw_sim.bench.running import until
from hw_sim.proofs.crash.crashing import Crashing
from worlds.crash import SALE, Crash, ask_and_tap


def sent_fields(crash: Crashing) -> list[dict[str, str]]:
    """Of every 0220 that came whole, without the MAC: it is made anew when the key changed."""
    fields = [row["fields"] for row in crash.messages("0220")]
    return [{number: text for number, text in one.items() if number != "64"} for one in fields]


@pytest.mark.parametrize(
    ("point", "sends"),
    [
        ("seal:after", 1),
        ("0220:first-byte", 1),
        ("0220:sent", 2),
        ("0220:answered", 2),
        ("conclude:inside", 2),
    ],
)
def test_an_identical_repeat_is_paid_once(crash: Crashing, point: str, sends: int) -> None:
    crash.dies_at(ask_and_tap, point)
    [sealed] = crash.refunds()
    assert (sealed["state"], crash.tender(crash.hands.sample(SALE))) == ("sealed", (0, 100))
    crash.reopen()
    [refund] = crash.at_rest("accepted")
    assert (refund["stan"], refund["batch"]) == (sealed["stan"], sealed["batch"])
    assert (refund["done"], crash.tender(crash.hands.sample(SALE))) == (100, (100, 0))
    assert crash.differences() == []
    assert [row["paid"] for row in crash.given_back()] == [100]
    assert len(sent_fields(crash)) == sends
    assert all(fields == sent_fields(crash)[0] for fields in sent_fields(crash))
    assert crash.messages("0400") == []
    slips = crash.hands.wait_receipts(2)
    assert [refund["rrn"] in slip["text"] for slip in slips] == [True, True]


@pytest.mark.parametrize(
    ("point", "paid"),
    [("0220:before", []), ("0220:first-byte", []), ("0220:sent", [100]), ("0220:answered", [100])],
)
def test_where_repeats_are_not_allowed_it_is_a_case(
    crashing: Crash, point: str, paid: list[int]
) -> None:
    """The acquirer would pay an identical message again."""
    crash = crashing(repeat="never", options=("--forgetful",))
    crash.open_up()
    crash.dies_at(ask_and_tap, point)
    until(crash.given_back, lambda rows: len(rows) == len(paid), 10, "the acquirer's part")
    crash.open_up()
    [refund] = crash.refunds()
    assert refund["state"] == "unknown"
    assert [case["kind"] for case in crash.hands.ledger()["cases"]] == ["unknown_outcome"]
    slips = crash.hands.wait_receipts(2)
    assert ["待确认凭证" in slip["text"] for slip in slips] == [True, True]
    assert crash.ready()["pending"] == 0
    crash.give_back("amex-older", "50")  # sends what is owed first: nothing is
    assert [fields["11"] for fields in sent_fields(crash)].count(refund["stan"]) == len(paid)
    assert [row["paid"] for row in crash.given_back()] == [*paid, 50]
    assert crash.tender(crash.hands.sample(SALE)) == (0, 100)


def test_an_open_refund_lets_no_other_one_of_its_sale_through(crashing: Crash) -> None:
    crash = crashing(repeat="never")
    crash.open_up()
    crash.dies_at(ask_and_tap, "0220:answered")
    crash.open_up()
    sale = crash.hands.sample(SALE)
    crash.clerk.see_text("1 笔结果未知")
    crash.clerk.scan(sale)
    crash.clerk.see("sale")
    crash.hands.press("enter")
    crash.clerk.see_text("该交易有结果未知的退款")
    assert crash.tender(sale) == (0, 100)


@pytest.mark.parametrize("at", [("conclude:inside",), ("0220:before",), ("0220:answered",)])
def test_a_recovery_that_is_killed_itself_begins_again(
    crash: Crashing, at: tuple[str, ...]
) -> None:
    crash.dies_at(ask_and_tap, "0220:sent")
    crash.start(*at)
    crash.dies()
    crash.start(*at)
    crash.dies()
    crash.reopen()
    [refund] = crash.at_rest("accepted")
    assert [row["paid"] for row in crash.given_back()] == [100]
    assert crash.differences() == []
    assert {row["fields"]["11"] for row in crash.messages("0220")} == {refund["stan"]}


def test_a_line_that_is_down_at_start_up_holds_nothing_up(crash: Crashing) -> None:
    crash.dies_at(ask_and_tap, "0220:sent")
    crash.hands.acquirer("mode", "refuse")
    crash.reopen()
    crash.clerk.see_text("1 笔结果未知")
    crash.hands.acquirer("mode", "normal")
    crash.at_rest("accepted")
    assert crash.differences() == []


@pytest.mark.parametrize(
    ("mode", "point"),
    [("wrong-mac", "0220:answered"), ("no-mac", "0800:before"), ("wrong-mac", "0220#2:before")],
)
def test_an_answer_without_a_valid_mac_is_no_answer(crash: Crashing, mode: str, point: str) -> None:
    crash.ready()
    crash.hands.acquirer("mode", mode, "--count", "1")
    crash.dies_at(ask_and_tap, point)
    assert crash.tender(crash.hands.sample(SALE)) == (0, 100)
    crash.reopen()
    crash.at_rest("accepted")
    assert [row["paid"] for row in crash.given_back()] == [100]
    assert crash.differences() == []


def test_an_answer_without_a_valid_mac_leads_to_a_sign_on(crash: Crashing) -> None:
    crash.ready()
    signed_on = len(crash.messages("0800"))
    crash.hands.acquirer("mode", "wrong-mac", "--count", "1")
    crash.give_back(SALE, "100")
    assert len(crash.messages("0800")) == signed_on + 1
    assert len(crash.messages("0220")) == 2
    assert [row["paid"] for row in crash.given_back()] == [100]
    assert crash.differences() == []


@pytest.mark.parametrize("point", ["conclude#2:before", "conclude#2:inside"])
def test_a_late_answer_that_was_not_written_leaves_it_unknown(crashing: Crash, point: str) -> None:
    crash = crashing(repeat="never")
    crash.open_up()
    crash.ready()
    crash.hands.acquirer("mode", "delay:1.4", "--count", "1")
    crash.dies_at(ask_and_tap, point)
    crash.reopen()
    assert [row["state"] for row in crash.refunds()] == ["unknown"]
    assert crash.tender(crash.hands.sample(SALE)) == (0, 100)


def test_a_late_answer_concludes_it(crashing: Crash) -> None:
    crash = crashing(repeat="never")
    crash.open_up()
    crash.ready()
    crash.hands.acquirer("mode", "delay:1.4", "--count", "1")
    ask_and_tap(crash)
    crash.clerk.see_text("结果未知,勿重复退款")
    crash.at_rest("accepted")
    assert crash.differences() == []
    slips = crash.hands.wait_receipts(3)
    assert "待确认凭证" in slips[0]["text"]


def test_a_new_batch_ends_the_repeats_of_the_old_one(crash: Crashing) -> None:
    crash.dies_at(ask_and_tap, "0220:sent")
    until(crash.given_back, lambda rows: len(rows) == 1, 10, "the acquirer's part")
    crash.hands.acquirer("batch", "000043")
    crash.open_up()
    [refund] = crash.at_rest("unknown")
    until(lambda: crash.hands.ledger()["cases"], bool, 10, "the case")
    assert [case["kind"] for case in crash.hands.ledger()["cases"]] == ["batch_closed"]
    crash.hands.wait_receipts(1)
    crash.give_back("amex-older", "50")
    assert crash.ready()["pending"] == 0
    assert [row["fields"]["11"] for row in crash.messages("0220")].count(refund["stan"]) == 1
    assert crash.tender(crash.hands.sample(SALE)) == (0, 100)
    old, new = crash.refunds()
    assert (old["batch"], new["batch"], new["state"]) == ("000042", "000043", "accepted")


def test_a_decline_that_nobody_saw_gets_its_slip(crash: Crashing) -> None:
    crash.hands.acquirer("mode", "code:05", "--count", "1")
    crash.dies_at(ask_and_tap, "conclude:after")
    crash.reopen()
    [refund] = crash.refunds()
    assert (refund["state"], refund["response"], refund["done"]) == ("declined", "05", 0)
    slips = crash.hands.wait_receipts(2)
    assert ["未退款" in slip["text"] for slip in slips] == [True, True]
    assert crash.tender(crash.hands.sample(SALE)) == (0, 0)
    assert len(crash.messages("0220")) == 1
    assert crash.differences() == []
