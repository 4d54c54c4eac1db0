"""Who may say what of a refund: the acquirer's answer, its file, or people (R32)."""

from __future__ import annotations

from itertools import product

import pytest

from pos_terminal.core.refund import HOLDING, OPEN, PAID, SPENT, IllegalMove, State, move

TOLD = {
    (State.UNKNOWN, State.ACCEPTED),
    (State.UNKNOWN, State.GIVEN_UP),
    (State.REVERSING, State.ACCEPTED),
    (State.REVERSING, State.GIVEN_UP),
    (State.GIVEN_UP, State.OVERPAID),
    (State.FORM_PRINTED, State.CONFIRMED),
    (State.FORM_PRINTED, State.WITHDRAWN),
    (State.WITHDRAWN, State.OVERPAID),
    (State.ACCEPTED, State.RETURNED),
    (State.CONFIRMED, State.RETURNED),
}


@pytest.mark.parametrize(("old", "new"), list(product(State, State)))
def test_what_is_told_ends_what_is_unknown_or_was_given_up(old: State, new: State) -> None:
    if (old, new) in TOLD:
        assert move(old, new, told=True) is new
    else:
        with pytest.raises(IllegalMove):
            move(old, new, told=True)


@pytest.mark.parametrize("old", State)
def test_nothing_is_given_up_without_people(old: State) -> None:
    with pytest.raises(IllegalMove):
        move(old, State.GIVEN_UP)


@pytest.mark.parametrize("old", State)
def test_only_what_was_given_up_is_overpaid(old: State) -> None:
    if old is State.GIVEN_UP:
        assert move(old, State.OVERPAID) is State.OVERPAID
    else:
        with pytest.raises(IllegalMove):
            move(old, State.OVERPAID)


def test_nothing_comes_after_an_overpayment() -> None:
    for new, told in product(State, (False, True)):
        with pytest.raises(IllegalMove):
            move(State.OVERPAID, new, told=told)


def test_what_is_given_up_holds_nothing_and_what_is_overpaid_is_paid() -> None:
    assert State.GIVEN_UP not in HOLDING | SPENT | PAID | OPEN
    assert State.OVERPAID in PAID - SPENT - HOLDING - OPEN
