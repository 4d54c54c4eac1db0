"""What came back by the acquirer's file is free once, however late, often and in what order."""

from __future__ import annotations

from typing import Final

import pytest
from hw_sim.proofs.simulation import afterwards
from hw_sim.proofs.simulation.day import Report, run_day

from pos_terminal.services.ledger.books import cases

A_DAY: Final = 145
"""One whose acquirer tells what became of what it paid."""
OPEN: Final = 3067
"""A day whose refund is open on the line when it comes back."""
LONG_LIST: Final = 2414
"""A day whose morning looks for a form behind the first page of its list."""


def told(report: Report) -> str:
    return "\n".join(report.problems)


@pytest.mark.parametrize("way", afterwards.WAYS)
def test_what_became_of_a_payment_is_as_its_lines_say(
    way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(afterwards, "WAYS", (way,))
    report = run_day(A_DAY)
    assert report.problems == []
    assert report.faults[f"acquirer tells: {way}"]


def test_what_the_line_left_open_can_come_back() -> None:
    assert run_day(OPEN).problems == []


def test_a_terminal_that_opens_no_case_of_it_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cases, "open_of_refund", lambda *_, **__: 0)
    assert "came back by the acquirer's files, in cases []" in told(run_day(A_DAY))


def test_a_form_is_found_behind_the_first_page_of_its_list() -> None:
    assert run_day(LONG_LIST).problems == []
