"""The whole terminal, killed at every step of a refund, a void and a cash leg."""

from __future__ import annotations

from functools import cache

import pytest
from hw_sim.proofs.simulation.case_mutants import KILLED
from hw_sim.proofs.simulation.clerk import Lost
from hw_sim.proofs.simulation.counter_stories import COUNTER, CREDITS, FORMS, TYPED, VISIT
from hw_sim.proofs.simulation.crash import Ending, Telling, killed_at, telling
from hw_sim.proofs.simulation.ended_story import ENDED
from hw_sim.proofs.simulation.exchange_story import EXCHANGE
from hw_sim.proofs.simulation.kills import setting_of, sweep
from hw_sim.proofs.simulation.mended_story import MENDED
from hw_sim.proofs.simulation.mutants import FORMS as MANUAL
from hw_sim.proofs.simulation.mutants import TICKETS
from hw_sim.proofs.simulation.site import Setting
from hw_sim.proofs.simulation.stories import (
    CASH,
    CREDIT,
    LOST_VOUCHER,
    REFUND,
    REFUND_UNANSWERED,
    VOID,
    VOID_UNANSWERED,
    Story,
)

BEFORE_IT = "open_application:before"
"""What comes before is the log-in and the sign-on, in each of these stories the same: one of them
is killed there."""
SEALED = "seal:before"
"""Up to here nothing depends on whether the acquirer may be asked again."""
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
    story.name: story
    for story in (*(story for story, _ in SWEEPS), CREDIT, LOST_VOUCHER, *COUNTER, ENDED)
}
FEW = 4


@cache
def _told(name: str, repeat: str) -> Telling:
    story = STORIES[name]
    return telling(story, setting_of(story, repeat))


@cache
def _killed(name: str, repeat: str, place: int) -> Ending:
    story = STORIES[name]
    return killed_at(story, setting_of(story, repeat), place)


def passed(story: Story, repeat: str = "identical") -> list[str]:
    """The moments that it passes; told once, however many tests ask."""
    return _told(story.name, repeat).moments


def apart(story: Story, repeat: str = "identical", first: str = BEFORE_IT) -> list[int]:
    """Its moments from ``first`` on at which a kill leaves something else than at any before.
    All of them: python -m hw_sim.kills."""
    told = _told(story.name, repeat)
    return [place for place in told.apart if place >= told.moments.index(first)]


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
    moments = passed(story, repeat)
    first = moments[0] if story is REFUND else BEFORE_IT
    for place in apart(story, repeat, first if repeat == "identical" else SEALED):
        ending = killed(story, place, repeat)
        assert (ending.moment, ending.kills) == (moments[place], 1)
        if ending.problems:
            bad.append((place, moments[place], ending.problems))
    assert bad == []


def test_where_a_kill_leaves_the_same_it_comes_to_the_same() -> None:
    told = _told(REFUND.name, "identical")
    stands_for = {
        told.moments[place]: told.moments[first]
        for place, first in enumerate(told.same)
        if place != first
    }
    apart = {"seal:after", "send.refund:half", "send.refund:after", "conclude:after", "print:after"}
    assert stands_for["send.refund:before"] == "seal:after"
    assert not apart & stands_for.keys()
    for moment in ("send.refund:before", "conclude:before"):
        one, other = (at(REFUND, "identical", each) for each in (moment, stands_for[moment]))
        assert (one.found, one.sent, one.paid, one.drawer) == (
            *(other.found, other.sent, other.paid, other.drawer),
        )


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


@pytest.mark.parametrize("story", COUNTER, ids=lambda story: story.name)
def test_killed_at_a_moment_the_counter_goes_on_where_it_was(story: Story) -> None:
    """A visit of three receipts, forms, typed sales, goods without a receipt, goods exchanged,
    cases; each fourth moment, of the exchange each fifth.
    All of them: python -m hw_sim.kills."""
    every = FEW + 1 if story is EXCHANGE else FEW
    found = list(sweep(story, "identical", every=every, first=len(story.name) % FEW))
    assert [one for one in found if one[1]] == []
    assert len(found) >= 5


def test_the_moments_are_those_of_every_step_of_the_counter() -> None:
    steps = [
        (VISIT, {"approve", "seal", "conclude", "book_points", "issue_credit", "commit_cash"}),
        (FORMS, {"open_application", "approve", "commit_form", "conclude"}),
        (TYPED, {"type_sale", "type_reference", "add_decision", "seal", "import_sales"}),
        (TYPED, {"withdraw_reference", "typed_is_one"}),
        (CREDITS, {"queue_proof", "open_blind", "approve", "issue_credit"}),
        (EXCHANGE, {"make_exchange_credit", "take_exchange_credit", "settle_exchange_credit"}),
        (EXCHANGE, {"reopen_exchange_credit", "commit_form"}),
        (ENDED, {"end_exchange_credit"}),
        (MENDED, {"open_case", "case_step", "case_paper", "pay_out", "payout_handed_over"}),
        (MENDED, {"note.payout_drawer", "drawer", "close_case"}),
    ]
    for story, names in steps:
        moments = {f"{name}:{side}" for name in names for side in ("before", "after")}
        assert moments <= set(passed(story)), story.name


@pytest.mark.parametrize(
    ("moment", "found"),
    [
        ("approve:before", []),
        ("approve:after", []),
        ("seal:after", ["sealed"]),
        ("conclude:after", ["accepted"]),
        ("book_points:after", ["accepted", "accepted", "booked"]),
        ("commit_cash:before", ["accepted", "accepted", "booked", "issued"]),
        ("commit_cash:after", ["accepted", "accepted", "booked", "issued", *["to_hand_over"] * 2]),
    ],
)
def test_a_ticket_goes_on_where_it_was(moment: str, found: list[str]) -> None:
    """Its story would not get past a supervisor's prompt once the plan was approved."""
    ending = at(VISIT, "identical", moment)
    assert (ending.found, ending.problems) == (found, [])
    assert (ending.sent.count("refund"), len(ending.refunds)) == (2, 6)
    # what was committed is handed over by the menu, with a supervisor
    assert ending.drawer == (moment != "commit_cash:after")


@pytest.mark.parametrize(
    ("moment", "found"),
    [
        ("import_sales:after", ["set_aside"]),
        ("end_exchange_credit:before", ["set_aside"]),
        ("end_exchange_credit:after", ["settled"]),
    ],
)
def test_a_credit_whose_sale_was_voided_is_ended_once(moment: str, found: list[str]) -> None:
    """Before its commit two supervisors are asked again; after it nobody is."""
    places = [n for n, name in enumerate(passed(ENDED)) if name == moment]
    ending = killed(ENDED, places[-1])
    assert (ending.found, ending.problems) == (found, [])


@pytest.mark.parametrize("name", TICKETS)
def test_a_ticket_that_is_lost_or_pays_twice_is_noticed(name: str) -> None:
    moments = passed(VISIT)
    place = len(moments) - 1 if "drawer" in name else moments.index("seal:before")
    with TICKETS[name]():
        assert killed_at(VISIT, Setting(), place).problems


@pytest.mark.parametrize("name", MANUAL)
def test_a_form_that_is_durable_in_two_steps_is_noticed(name: str) -> None:
    place = passed(FORMS).index("commit_form:after")
    assert at(FORMS, "identical", "commit_form:after").problems == []
    with MANUAL[name]():
        try:
            found = killed_at(FORMS, setting_of(FORMS), place).problems
        except Lost as lost:  # the next start finds a ledger that is not as its log says
            found = [str(lost)] if "账本被改动" in str(lost) else []
    assert found


@pytest.mark.parametrize("name", KILLED)
def test_a_payout_that_is_durable_in_two_steps_is_noticed(name: str) -> None:
    mutant, moment = KILLED[name]
    assert at(MENDED, "identical", moment).problems == []
    with mutant():
        place = telling(MENDED, setting_of(MENDED)).moments.index(moment)
        assert killed_at(MENDED, setting_of(MENDED), place).problems


def test_what_a_payout_owes_is_paid_once() -> None:
    """Before its commit two people are asked again; then it lies there; the drawer opens once."""
    for moment in ("pay_out:before", "pay_out:after", "note.payout_drawer:after", "drawer:after"):
        ending = at(MENDED, "identical", moment)
        assert (ending.problems, ending.drawer) == ([], 1), moment


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
    for place in apart(LOST_VOUCHER, first=moments[first - 2]):
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
    for place in apart(CREDIT):
        ending = killed(CREDIT, place)
        (refund,) = ending.refunds
        assert (refund.kind, refund.state, ending.drawer) == ("credit", "issued", 0)
        if ending.problems:
            bad.append((place, moments[place], ending.problems))
    assert bad == []
    assert at(CREDIT, "identical", "issue_credit:after").found == ["issued"]
