"""A void killed on its way: reversed until the acquirer says so, and then done again (R32)."""

from __future__ import annotations

from typing import Any

import pytest
from hw_sim.bench.running import until
from hw_sim.proofs.crash.crashing import Crashing

SALE = "visa-today"


def ask_and_tap(crash: Crashing) -> None:
    sale = crash.ask_card(SALE)
    crash.hands.tap(sale["cards"][0])
    crash.clerk.see("result")


def assert_reversed(crash: Crashing, *, stan: str) -> dict[str, Any]:
    """Nothing was given back, the sale stands, and every 0400 bore the void's STAN."""
    sale = crash.hands.sample(SALE)
    [refund] = crash.at_rest("reversed")
    assert (refund["stan"], refund["done"], crash.tender(sale)) == (stan, 0, (0, 0))
    assert [row["paid"] for row in crash.given_back()] in ([], [0])
    reversals = crash.messages("0400")
    assert reversals
    assert {row["fields"]["11"] for row in reversals} == {stan}
    assert crash.hands.ledger()["pending"] == []
    return dict(sale)


def assert_done_again(crash: Crashing, sale: dict[str, Any]) -> None:
    """A second void of the same sale, under another STAN."""
    crash.give_back(SALE)
    first, second = crash.refunds()
    assert (second["state"], second["done"]) == ("accepted", sale["amount"])
    assert second["stan"] != first["stan"]
    assert sum(row["paid"] for row in crash.given_back()) == sale["amount"]
    assert crash.differences() == []


@pytest.mark.parametrize(
    "point", ["seal:after", "0200:first-byte", "0200:sent", "0200:answered", "conclude:inside"]
)
def test_a_void_of_unknown_outcome_is_reversed_and_done_again(crash: Crashing, point: str) -> None:
    crash.dies_at(ask_and_tap, point)
    [sealed] = crash.refunds()
    [pending] = crash.hands.ledger()["pending"]
    assert (sealed["kind"], pending["message"]) == ("void", "reversal")
    assert crash.tender(crash.hands.sample(SALE))[1] == sealed["amount"]
    crash.open_up()
    sale = assert_reversed(crash, stan=sealed["stan"])
    assert {row["fields"]["39"] for row in crash.messages("0400")} == {"98"}
    [slip, *_] = crash.hands.wait_receipts(1)
    assert "未退款" in slip["text"]
    assert_done_again(crash, sale)


@pytest.mark.parametrize(
    "point",
    [
        "conclude:after",
        "0400:before",
        "0400:first-byte",
        "0400:sent",
        "0400:answered",
        "conclude#2:inside",
    ],
)
def test_a_crash_in_the_middle_of_a_reversal(crash: Crashing, point: str) -> None:
    """The void was processed, its answer was lost; the 0400 goes on after the restart."""
    crash.hands.acquirer("mode", "drop-answer", "--count", "1", "--on", "void")
    crash.dies_at(ask_and_tap, point)
    [reversing] = crash.refunds()
    assert reversing["state"] == "reversing"
    assert crash.tender(crash.hands.sample(SALE))[1] == reversing["amount"]
    crash.reopen()
    assert_reversed(crash, stan=reversing["stan"])
    assert len(crash.messages("0200")) == 1


def test_an_acknowledged_reversal_is_over(crash: Crashing) -> None:
    crash.hands.acquirer("mode", "drop-answer", "--count", "1", "--on", "void")
    crash.dies_at(ask_and_tap, "conclude#2:after")
    assert [row["state"] for row in crash.refunds()] == ["reversed"]
    crash.open_up()
    assert crash.ready()["pending"] == 0
    assert_done_again(crash, crash.hands.sample(SALE))
    assert len(crash.messages("0400")) == 1


def test_a_committed_void_is_never_reversed(crash: Crashing) -> None:
    crash.dies_at(ask_and_tap, "conclude:after")
    crash.open_up()
    sale = crash.hands.sample(SALE)
    [refund] = crash.refunds()
    assert (refund["state"], crash.tender(sale)) == ("accepted", (sale["amount"], 0))
    assert crash.hands.ledger()["pending"] == []
    crash.give_back("amex-older", "50")
    assert crash.messages("0400") == []
    assert crash.differences() == []
    assert len(crash.hands.wait_receipts(4)) == 4


def test_a_reversal_survives_an_acquirer_that_is_out_of_reach(crash: Crashing) -> None:
    crash.dies_at(ask_and_tap, "0200:sent")
    [sealed] = crash.refunds()
    crash.hands.acquirer("mode", "refuse")
    crash.reopen()
    assert [row["state"] for row in crash.refunds()] == ["reversing"]
    crash.kill()
    crash.reopen()
    crash.hands.acquirer("mode", "normal")
    assert_reversed(crash, stan=sealed["stan"])


def test_a_bad_mac_is_named_as_the_reason(crash: Crashing) -> None:
    crash.ready()
    crash.hands.acquirer("mode", "wrong-mac", "--count", "1", "--on", "void")
    crash.dies_at(ask_and_tap, "0400:before")
    [reversing] = crash.refunds()
    crash.reopen()
    assert_reversed(crash, stan=reversing["stan"])
    assert [row["fields"]["39"] for row in crash.messages("0400")] == ["A0"]


def test_a_late_approval_after_the_reversal_is_ignored(crash: Crashing) -> None:
    crash.ready()
    crash.hands.acquirer("mode", "delay:1.4", "--count", "1", "--on", "void")
    ask_and_tap(crash)
    crash.clerk.see_text("撤销未成功,请重做")
    until(lambda: answers(crash, "0210"), bool, 10, "the late answer")
    crash.hands.remove()
    crash.clerk.accept()
    sale = assert_reversed(crash, stan=crash.refunds()[0]["stan"])
    assert_done_again(crash, sale)


def answers(crash: Crashing, mti: str) -> list[dict[str, Any]]:
    log = crash.hands.acquirer("log")
    return [row for row in log if row["direction"] == "out" and row["mti"] == mti]


def test_a_reversal_is_never_sent_into_another_batch(crash: Crashing) -> None:
    crash.dies_at(ask_and_tap, "0200:sent")
    until(crash.given_back, lambda rows: len(rows) == 1, 10, "the acquirer's part")
    crash.hands.acquirer("batch", "000043")
    crash.open_up()
    until(lambda: crash.hands.ledger()["cases"], bool, 10, "the case")
    assert [case["kind"] for case in crash.hands.ledger()["cases"]] == ["batch_closed"]
    crash.give_back("amex-older", "50")
    assert crash.messages("0400") == []
    assert crash.refunds()[0]["state"] == "reversing"
    assert crash.tender(crash.hands.sample(SALE))[1] > 0


@pytest.mark.parametrize("at", [("conclude:inside",), ("0400:answered",), ("conclude#2:inside",)])
def test_a_recovery_that_is_killed_itself_begins_again(
    crash: Crashing, at: tuple[str, ...]
) -> None:
    crash.dies_at(ask_and_tap, "0200:answered")
    crash.start(*at)
    crash.dies()
    crash.reopen()
    assert_reversed(crash, stan=crash.refunds()[0]["stan"])
