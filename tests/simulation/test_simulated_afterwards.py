"""What came back by the acquirer's file is free once, however late, often and in what order."""

from __future__ import annotations

from typing import Final

import pytest
from hw_sim.proofs.simulation.day import Report, run_day
from worlds.simulated_days import day

from pos_terminal.services.ledger.books import cases

TOLD: Final = {
    145: ("returned by two references", "returned, and credited before that", "returned"),
    148: ("returned in part",),
    192: ("credited, then returned",),
    199: ("returned, told twice",),
    204: ("credited after it had come back",),
    3067: (),  # its refund is open on the line when it comes back
}
LONG_LIST: Final = 2414
"""A day whose morning looks for a form behind the first page of its list."""


def told(report: Report) -> str:
    return "\n".join(report.problems)


@pytest.mark.parametrize("seed", TOLD)
def test_what_became_of_a_payment_is_as_its_lines_say(seed: int) -> None:
    report = day(seed)
    assert report.problems == []
    assert [one for one in TOLD[seed] if not report.faults[f"acquirer tells: {one}"]] == []


def test_a_terminal_that_opens_no_case_of_it_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cases, "open_of_refund", lambda *_, **__: 0)
    assert "came back by the acquirer's files, in cases []" in told(run_day(148))


def test_a_form_is_found_behind_the_first_page_of_its_list() -> None:
    assert run_day(LONG_LIST).problems == []
