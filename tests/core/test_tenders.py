"""Which ways a payment may go, by the shop's list and by what became of it (R34)."""

from __future__ import annotations

from itertools import product
from typing import Final

import pytest

from pos_terminal.core.refund import Kind
from pos_terminal.core.sale import TenderKind
from pos_terminal.core.tenders import Exceptional, Past, Way, ways

CARD: Final = TenderKind.CARD
EVERY: Final = [
    Way(CARD, back, exception)
    for back, exception in product((Kind.CASH, Kind.CREDIT, Kind.MANUAL), Exceptional)
]
"""A shop that allows all that can be listed."""


def backs(past: Past, policy: list[Way] = EVERY, paid: TenderKind = CARD) -> set[Kind]:
    return {one.back for one in ways(policy, paid, past)}


def reasons(past: Past) -> set[Exceptional]:
    return {one.exception for one in ways(EVERY, CARD, past)}


def test_without_a_list_it_is_the_same_tender_alone() -> None:
    assert ways([], CARD, Past()) == ()
    assert ways([], CARD, Past(declined=True)) == ()


@pytest.mark.parametrize("declined", [False, True])
def test_nothing_while_an_outcome_is_open(declined: bool) -> None:
    past = Past(open=True, declined=declined, refused=declined, to_form=declined)
    assert ways(EVERY, CARD, past) == ()


def test_after_stolen_the_form_alone_and_without_any_list() -> None:
    past = Past(declined=True, refused=True, to_form=True)
    assert backs(past) == {Kind.MANUAL}
    (form,) = ways([], CARD, past)
    assert (form.back, form.exception, form.approvals) == (Kind.MANUAL, Exceptional.DECLINED, 1)


def test_declined_and_gift_only_where_it_is_so_and_returned_never() -> None:
    always = {Exceptional.ACCOUNT_CLOSED, Exceptional.CARD_LOST}
    assert reasons(Past()) == always
    assert reasons(Past(declined=True)) == always | {Exceptional.DECLINED}
    assert reasons(Past(by_gift=True)) == always | {Exceptional.GIFT}


def test_an_answer_that_leads_to_the_form_adds_it_once() -> None:
    past = Past(declined=True, to_form=True)
    strict = Way(CARD, Kind.MANUAL, Exceptional.DECLINED, approvals=2)
    assert ways([strict], CARD, past) == (strict,)
    assert len(ways([Way(CARD, Kind.CASH, Exceptional.DECLINED)], CARD, past)) == 2


def test_a_way_is_of_what_was_paid() -> None:
    assert backs(Past(), paid=TenderKind.WALLET) == set()
