"""Killed or cut off before the first byte: nothing was promised, nothing is paid."""

from __future__ import annotations

import pytest
from hw_sim.proofs.crash.crashing import Crashing
from worlds.crash import SALE, ask_and_tap


@pytest.mark.parametrize(
    "point",
    ["open_application:inside", "approve:after", "card:before", "seal:before", "seal:inside"],
)
def test_a_crash_before_the_seal_leaves_a_draft_that_is_forgotten(
    crash: Crashing, point: str
) -> None:
    crash.dies_at(ask_and_tap, point)
    crash.reopen()
    assert crash.refunds() == []
    assert crash.given_back() == []
    assert crash.tender(crash.hands.sample(SALE)) == (0, 0)
    assert crash.messages("0220") == []
    applications = crash.hands.ledger()["applications"]
    assert [row["state"] for row in applications] in ([], ["cancelled"])
    assert crash.hands.receipts() == []


def test_an_acquirer_out_of_reach_costs_neither_stan_nor_hold(crash: Crashing) -> None:
    crash.ready()
    sale = crash.ask_card(SALE, "100")
    stan = crash.hands.ledger()["stan"]
    crash.hands.acquirer("mode", "refuse")
    crash.hands.tap("visa")
    crash.clerk.see("failure")
    crash.clerk.see_text("未发送,未退款")
    assert crash.hands.ledger()["stan"] == stan
    assert (crash.refunds(), crash.tender(sale)) == ([], (0, 0))
    crash.kill()
    crash.hands.acquirer("mode", "normal")
    crash.open_up()
    assert (crash.refunds(), crash.tender(sale)) == ([], (0, 0))
    crash.give_back(SALE, "100")
    assert crash.tender(sale) == (100, 0)
    assert crash.differences() == []


def test_a_line_lost_between_seal_and_first_byte_is_surely_not_sent(crash: Crashing) -> None:
    sale = crash.ask_card(SALE, "100")
    crash.arm("seal:after=drop-line")
    crash.hands.tap("visa")
    crash.clerk.see("result")
    crash.clerk.see_text("未发送,未退款")
    [refund] = crash.refunds()
    assert (refund["state"], refund["done"]) == ("not_sent", 0)
    assert crash.tender(sale) == (0, 0)
    assert crash.messages("0220") == []
    crash.hands.remove()
    crash.clerk.accept()
    crash.give_back(SALE, "100")
    burnt, paid = crash.refunds()
    assert paid["state"] == "accepted"
    assert paid["stan"] > burnt["stan"]
    assert crash.differences() == []


def test_a_crash_before_not_sent_is_written_counts_as_unknown(crash: Crashing) -> None:
    crash.dies_at(ask_and_tap, "seal:after=drop-line", "conclude:inside")
    assert crash.messages("0220") == []
    crash.reopen()
    [refund] = crash.at_rest("accepted")
    assert refund["done"] == 100
    assert crash.differences() == []
    assert len(crash.messages("0220")) == 1


def test_a_crash_after_not_sent_is_written_prints_its_slip(crash: Crashing) -> None:
    crash.dies_at(ask_and_tap, "seal:after=drop-line", "conclude:after")
    crash.reopen()
    assert [row["state"] for row in crash.refunds()] == ["not_sent"]
    slips = crash.hands.wait_receipts(2)
    assert ["未退款" in slip["text"] for slip in slips] == [True, True], "ours and the customer's"
    assert len({slip["text"] for slip in slips}) == 2
    assert [job["copy"] for job in crash.hands.ledger()["print_jobs"]] == ["merchant", "customer"]
    assert crash.messages("0220") == []
