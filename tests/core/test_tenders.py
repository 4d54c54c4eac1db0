"""Which ways a payment may go, by the shop's list and by what became of it (R34)."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from itertools import product
from typing import Final

import pytest
from msgspec.structs import replace

from pos_terminal.core.cause import Cause
from pos_terminal.core.refund import CardMatch, Kind, Refund, State
from pos_terminal.core.sale import TenderKind
from pos_terminal.core.tenders import Exceptional, Past, Way, past_of, ways

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


def before(leg: int, state: State, response: str = "05", cause: Cause | None = None) -> Refund:
    """An earlier refund of the sale, of this leg."""
    return Refund(
        refund_id=1,
        application=1,
        sale_key=1,
        leg=leg,
        seq=1,
        kind=Kind.REFUND,
        state=state,
        amount=100,
        done=0,
        currency="156",
        operator="101",
        masked=None,
        scheme="",
        match=CardMatch.EXACT,
        stan="000001",
        batch="000001",
        rrn=None,
        auth_code=None,
        response=response,
        cause=cause,
        flagged=False,
        repeats=0,
        sealed_at=datetime(2026, 3, 4, 12, 0, tzinfo=timezone(timedelta(hours=8))),
        concluded_at=None,
    )


FORM_CODES: Final = frozenset({"43", "57"})


@pytest.mark.parametrize(
    ("refunds", "past"),
    [
        ([], Past()),
        ([before(1, State.ACCEPTED, "00")], Past()),
        ([before(1, State.DECLINED)], Past()),
        ([before(1, State.DECLINED, "14")], Past()),
        ([before(1, State.DECLINED, "05", Cause.ACCOUNT_REFUSED)], Past(declined=True)),
        ([before(1, State.DECLINED, "57")], Past(to_form=True)),
        (
            [before(1, State.DECLINED, "57", Cause.ACCOUNT_REFUSED)],
            Past(declined=True, to_form=True),
        ),
        ([before(2, State.DECLINED, "57")], Past()),
        (
            [before(1, State.DECLINED, "43", Cause.CARD_REFUSED)],
            Past(declined=True, refused=True, to_form=True),
        ),
        ([before(2, State.DECLINED, "43", Cause.CARD_REFUSED)], Past()),
        ([before(1, State.UNKNOWN)], Past(open=True)),
        ([before(2, State.UNKNOWN)], Past(open=True)),
        ([before(2, State.SEALED)], Past(open=True)),
    ],
)
def test_a_decline_is_of_its_payment_and_an_open_outcome_of_the_sale(
    refunds: list[Refund], past: Past
) -> None:
    assert past_of(refunds, 1, FORM_CODES) == past


@pytest.mark.parametrize("match", CardMatch)
def test_a_decline_counts_for_the_card_that_surely_paid(match: CardMatch) -> None:
    """R27: of a card that is only believed to be the sale's it opens nothing at the counter."""
    refused = replace(before(1, State.DECLINED, "05", Cause.ACCOUNT_REFUSED), match=match)
    surely = {CardMatch.EXACT, CardMatch.PAR, CardMatch.BY_REFERENCE}
    past = past_of([refused], 1, FORM_CODES)
    assert past == Past(declined=match in surely, believed=match not in surely)
    opens = {Kind.CASH, Kind.CREDIT, Kind.MANUAL} if match in surely else {Kind.MANUAL}
    only = [one for one in EVERY if one.exception is Exceptional.DECLINED]
    assert backs(past, only) == opens, "whoever carries out a form looks whose account it is"
    assert backs(past, []) == set(), "no answer leads there by itself"


def test_the_form_that_an_answer_leads_to_takes_what_the_shop_asks_for_it() -> None:
    strict = Way(CARD, Kind.MANUAL, Exceptional.DECLINED, approvals=2)
    cash = Way(CARD, Kind.CASH, Exceptional.DECLINED)
    assert ways([cash, strict], CARD, Past(to_form=True)) == (strict,)


def test_a_card_that_was_called_stolen_for_another_sale_leaves_the_form_alone() -> None:
    past = past_of([], 1, FORM_CODES, refused_card=True)
    assert backs(past) == {Kind.MANUAL}
