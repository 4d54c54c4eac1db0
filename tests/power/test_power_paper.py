"""Committed and not printed: the host is left alone, the paper comes whole (R42)."""

from __future__ import annotations

import pytest
from hw_sim.proofs.crash.crashing import Crashing
from worlds.crash import ask_and_tap


def refund_dies(crash: Crashing, point: str) -> None:
    crash.dies_at(ask_and_tap, point)


def assert_host_left_alone(crash: Crashing) -> None:
    assert [row["state"] for row in crash.refunds()] == ["accepted"]
    assert len(crash.messages("0220")) == 1
    assert crash.messages("0400") == []
    assert crash.differences() == []


@pytest.mark.parametrize("point", ["conclude:after", "job_sending:inside"])
def test_slips_whose_printing_had_not_begun_come_by_themselves(crash: Crashing, point: str) -> None:
    refund_dies(crash, point)
    crash.reopen()
    slips = crash.hands.wait_receipts(2)
    assert [slip["complete"] for slip in slips] == [True, True]
    assert not [slip for slip in slips if "重新完整打印" in slip["text"]]
    assert crash.unsure == 0
    assert_host_left_alone(crash)


@pytest.mark.parametrize(
    ("point", "asked", "marked", "cut"),
    [
        ("print:before", 1, 1, 2),
        ("print:inside", 1, 1, 2),
        ("print#2:before", 2, 2, 3),
        ("jobs_done:inside", 2, 2, 4),
    ],
)
def test_a_slip_that_was_cut_off_is_printed_whole_again_and_marked(
    crash: Crashing, point: str, asked: int, marked: int, cut: int
) -> None:
    """``cut``: whole slips that hang from the printer in the end. The clerk says each time that
    none came out, which the terminal cannot know better."""
    refund_dies(crash, point)
    crash.reopen()
    slips = crash.hands.wait_receipts(cut)
    assert crash.unsure == asked
    again = [slip["text"] for slip in slips if "重新完整打印 第2次" in slip["text"]]
    assert len(again) == marked
    assert all(crash.refunds()[0]["rrn"] in text for text in again)
    assert_host_left_alone(crash)


def test_a_slip_that_came_out_is_not_printed_again(crash: Crashing) -> None:
    refund_dies(crash, "jobs_done:inside")
    crash.start_ordinary()
    person = crash.hands.person("clerk")
    crash.clerk.answer("login.number", person["number"])
    crash.clerk.answer("login.pin", person["pin"])
    for left in (1, 0):
        crash.clerk.see("print.unsure")
        crash.hands.press("2")
        crash.wait_unsure(left)
    crash.clerk.see("home")
    assert {row["state"] for row in crash.hands.ledger()["print_jobs"]} == {"dropped"}
    assert len(crash.hands.receipts()) == 2
    assert_host_left_alone(crash)


def test_confirmed_slips_are_over(crash: Crashing) -> None:
    refund_dies(crash, "jobs_done:after")
    crash.reopen()
    assert crash.unsure == 0
    assert {row["state"] for row in crash.hands.ledger()["print_jobs"]} == {"confirmed"}
    assert len(crash.hands.receipts()) == 2
    assert_host_left_alone(crash)
