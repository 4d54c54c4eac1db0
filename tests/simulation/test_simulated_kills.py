"""The whole terminal, killed at every step of a refund, a void and a cash leg."""

from __future__ import annotations

from functools import cache

import pytest
from hw_sim.proofs.simulation.crash import Ending, killed_at, moments_of
from hw_sim.proofs.simulation.mutants import TICKETS
from hw_sim.proofs.simulation.site import Setting
from hw_sim.proofs.simulation.stories import (
    CASH,
    CREDIT,
    LOST_VOUCHER,
    REFUND,
    REFUND_UNANSWERED,
    TICKET,
    VOID,
    VOID_UNANSWERED,
    Story,
)

SWEEPS = [
    (REFUND, "identical"),
    (REFUND, "never"),
    (REFUND_UNANSWERED, "identical"),
    (REFUND_UNANSWERED, "never"),
    (VOID, "identical"),
    (VOID, "never"),
    (VOID_UNANSWERED, "identical"),
    (CASH, "identical"),
]


STORIES = {
    story.name: story for story in (*(story for story, _ in SWEEPS), CREDIT, LOST_VOUCHER, TICKET)
}


@cache
def _passed(name: str, repeat: str) -> list[str]:
    story = STORIES[name]
    return moments_of(story, Setting(repeat=repeat, rules=story.rules))


@cache
def _killed(name: str, repeat: str, place: int) -> Ending:
    story = STORIES[name]
    return killed_at(story, Setting(repeat=repeat, rules=story.rules), place)


def passed(story: Story, repeat: str = "identical") -> list[str]:
    """The moments that it passes; told once, however many tests ask."""
    return _passed(story.name, repeat)


def killed(story: Story, place: int, repeat: str = "identical") -> Ending:
    """What becomes of it; told once, too."""
    return _killed(story.name, repeat, place)


def at(story: Story, repeat: str, moment: str) -> Ending:
    return killed(story, passed(story, repeat).index(moment), repeat)


@pytest.mark.parametrize(
    ("story", "repeat"), SWEEPS, ids=lambda value: getattr(value, "name", value)
)
def test_killed_at_every_moment_the_money_goes_back_once(story: Story, repeat: str) -> None:
    bad = []
    for place, moment in enumerate(passed(story, repeat)):
        ending = killed(story, place, repeat)
        assert (ending.moment, ending.kills) == (moment, 1)
        if ending.problems:
            bad.append((place, moment, ending.problems))
    assert bad == []


def test_the_moments_are_those_of_the_journal_and_the_line() -> None:
    moments = passed(REFUND)
    money = [
        "seal",
        "send.refund",
        "heard.0230",
        "conclude",
        "print",
        "jobs_done",
        "checkpoint",
    ]
    places = [moments.index(f"{name}:before") for name in money]
    assert places == sorted(places)
    for name in (
        "open_application",
        "approve",
        "seal",
        "conclude",
        "job_sending",
        "jobs_done",
    ):
        assert {f"{name}:before", f"{name}:after"} <= set(moments)


@pytest.mark.parametrize(
    ("moment", "found", "sent"),
    [
        ("seal:before", [], ["refund"]),
        ("seal:after", ["sealed"], ["refund"]),
        ("send.refund:half", ["sealed"], ["refund"]),
        ("send.refund:after", ["sealed"], ["refund", "refund"]),
        ("heard.0230:before", ["sealed"], ["refund", "refund"]),
        ("conclude:before", ["sealed"], ["refund", "refund"]),
        ("conclude:after", ["accepted"], ["refund"]),
    ],
)
def test_what_the_next_process_finds_of_a_refund(
    moment: str, found: list[str], sent: list[str]
) -> None:
    ending = at(REFUND, "identical", moment)
    assert (ending.found, ending.sent, ending.problems) == (found, sent, [])


@pytest.mark.parametrize("moment", ["seal:after", "send.refund:after", "conclude:before"])
def test_without_the_acquirers_promise_nothing_is_sent_again(moment: str) -> None:
    ending = at(REFUND, "never", moment)
    assert ending.sent.count("refund") <= 1
    (refund,) = ending.refunds
    assert (refund.state, refund.done) == ("unknown", 0)
    assert ending.problems == []


@pytest.mark.parametrize("moment", ["seal:after", "send.void:half", "send.void:after"])
def test_a_sealed_void_is_taken_back_and_made_anew(moment: str) -> None:
    ending = at(VOID, "identical", moment)
    states = [refund.state for refund in reversed(ending.refunds)]
    assert states == ["reversed", "accepted"]
    assert ending.sent[-1] == "void"
    assert "reversal" in ending.sent
    assert ending.problems == []


def test_killed_at_every_moment_a_ticket_gives_all_of_it_back_once() -> None:
    """Two cards and cash, from the plan on. Its slips come out as all others do."""
    bad = []
    moments = passed(TICKET)
    of_slips = ("job", "print")
    for place in range(moments.index("open_application:before"), len(moments)):
        if not moments[place].startswith(of_slips):
            ending = killed(TICKET, place)
            assert (ending.moment, ending.kills, ending.drawer <= 1) == (moments[place], 1, True)
            if ending.problems:
                bad.append((place, moments[place], ending.problems))
    assert bad == []


@pytest.mark.parametrize(
    ("moment", "found"),
    [
        ("approve:before", []),
        ("approve:after", []),
        ("seal:after", ["sealed"]),
        ("conclude:after", ["accepted"]),
        ("commit_cash:before", ["accepted", "accepted"]),
        ("commit_cash:after", ["accepted", "accepted", "to_hand_over"]),
    ],
)
def test_a_ticket_goes_on_where_it_was(moment: str, found: list[str]) -> None:
    """Its story would not get past a supervisor's prompt once the plan was approved."""
    ending = at(TICKET, "identical", moment)
    assert (ending.found, ending.problems) == (found, [])
    assert (ending.sent.count("refund"), len(ending.refunds)) == (2, 3)
    # what was committed is handed over by the menu, with a supervisor
    assert ending.drawer == (moment != "commit_cash:after")


@pytest.mark.parametrize("name", TICKETS)
def test_a_ticket_that_is_lost_or_pays_twice_is_noticed(name: str) -> None:
    moments = passed(TICKET)
    place = len(moments) - 1 if "drawer" in name else moments.index("seal:before")
    with TICKETS[name]():
        assert killed_at(TICKET, Setting(), place).problems


def test_the_drawer_is_not_opened_again_by_itself() -> None:
    for moment in ("drawer_opened:after", "drawer:before", "drawer:after", "handed_over:before"):
        ending = at(CASH, "identical", moment)
        (refund,) = ending.refunds
        assert refund.state == "to_hand_over"
        assert ending.drawer == (moment in ("drawer:after", "handed_over:before"))


def test_killed_at_every_moment_a_lost_voucher_has_one_living_number() -> None:
    """From the supervisor's yes on; what came before is the same as without a loss."""
    moments = passed(LOST_VOUCHER)
    first = moments.index("replace_voucher:before")
    assert moments[first + 1] == "replace_voucher:after"
    bad = []
    for place in range(first - 2, len(moments)):
        ending = killed(LOST_VOUCHER, place)
        (refund,) = ending.refunds
        assert (refund.kind, refund.state, ending.drawer) == ("credit", "issued", 0)
        if ending.problems:
            bad.append((place, moments[place], ending.problems))
    assert bad == []


def test_killed_at_every_moment_there_is_one_voucher_or_none_and_no_cash() -> None:
    moments = passed(CREDIT)
    steps = [
        f"{step}:{side}" for step in ("issue_credit", "redeem") for side in ("before", "after")
    ]
    assert [moment for moment in moments if moment in steps] == steps
    bad = []
    for place, moment in enumerate(moments):
        ending = killed(CREDIT, place)
        (refund,) = ending.refunds
        assert (refund.kind, refund.state, ending.drawer) == ("credit", "issued", 0)
        if ending.problems:
            bad.append((place, moment, ending.problems))
    assert bad == []
    assert at(CREDIT, "identical", "issue_credit:after").found == ["issued"]
