"""What a customer is told of a refund (R50): of every kind, in every state that it can have."""

from __future__ import annotations

import pytest

from pos_terminal.core.refund import HOLDING, PAID, STATES, Kind, State
from pos_terminal.core.status import Status, status_of
from pos_terminal.core.words import say
from pos_terminal.texts import Language, known, render

ALL = [(kind, state) for kind, states in STATES.items() for state in sorted(states)]
IN_WORDS = {"processing": "处理中", "accepted": "已受理", "credited": "已到账", "failed": "失败",
            "returned": "已退回"}  # fmt: skip


@pytest.mark.parametrize(("kind", "state"), ALL)
def test_every_kind_and_state_has_one(kind: Kind, state: State) -> None:
    told = status_of(state)
    if state in HOLDING:
        assert told is Status.PROCESSING, "what is still held may yet be paid"
    if state is State.RETURNED:
        assert told is Status.RETURNED
    elif state in PAID - {State.TO_HAND_OVER}:
        assert told in (Status.ACCEPTED, Status.CREDITED), "what was given back has not failed"
    if kind in (Kind.REFUND, Kind.VOID, Kind.MANUAL):
        assert told is not Status.CREDITED, "nobody has said that the account has it"


def test_only_the_file_or_cash_in_the_hand_says_that_the_money_arrived() -> None:
    assert {state for state in State if status_of(state) is Status.CREDITED} == {State.HANDED_OVER}
    by_file = {state for state in State if status_of(state, credited=True) is Status.CREDITED}
    assert by_file == {
        *(State.HANDED_OVER, State.ACCEPTED, State.CONFIRMED, State.OVERPAID),
        State.RETURNED,  # on the account after all
    }


def test_nothing_is_called_failed_of_which_money_went_out() -> None:
    failed = {state for state in State if status_of(state) is Status.FAILED}
    assert not failed & (PAID | HOLDING)
    assert failed == {
        *(State.NOT_SENT, State.DECLINED, State.REVERSED, State.GIVEN_UP, State.WITHDRAWN)
    }


@pytest.mark.parametrize("status", Status)
def test_it_is_said_in_both_languages(status: Status) -> None:
    words = say(f"status.is_{status.value}")
    assert render(words, Language.ZH_CN) == IN_WORDS[status.value]
    assert render(words, Language.EN)
    assert known(f"status.means_{status.value}")
