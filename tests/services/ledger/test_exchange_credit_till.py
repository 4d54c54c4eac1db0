"""What a till is told of an exchange credit, by the verbs of vouchers (R37)."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any, cast

import pytest
from worlds.exchange_credits import made, sell, settle, take
from worlds.failures import failure_of
from worlds.ledger import World

from pos_terminal.control.voucher import voucher_verbs
from pos_terminal.core.case_end import CaseCause
from pos_terminal.core.exchange_credit import ExchangeCredit
from pos_terminal.core.refund import Kind
from pos_terminal.core.voucher import draw_number
from pos_terminal.core.words import Words, say
from pos_terminal.ports import Approval, Closing, TrustedClock
from pos_terminal.services.proof.verify import verify_store


class Clock:
    """The world's, proven or not."""

    doubt: Words | None = None

    def __init__(self, world: World) -> None:
        self.now = world.clock.now


@pytest.fixture
def credit(world: World) -> ExchangeCredit:
    return made(sell(world))


@pytest.fixture
def clock(world: World) -> Clock:
    return Clock(world)


@pytest.fixture
def verbs(world: World, clock: Clock) -> dict[str, Any]:
    proven = cast(TrustedClock, clock)
    return dict(voucher_verbs(world.store, proven, world.merchant, world.terminal))


def ask(verbs: dict[str, Any], verb: str, **request: Any) -> dict[str, Any]:
    answer: dict[str, Any] = asyncio.run(verbs[verb](request))
    return answer


OPEN = {
    "state": "open",
    "amount": 1_500,
    "left": 1_500,
    "currency": "156",
    "issued_at": "2026-01-05T10:00:00+08:00",
    "kind": "exchange",
    "sale_id": "S1",
    "expires_at": "2026-01-05T12:00:00+08:00",
}


def test_a_till_looks_takes_and_repeats(
    world: World, verbs: dict[str, Any], credit: ExchangeCredit
) -> None:
    number = credit.number
    assert ask(verbs, "voucher", number=number) == OPEN
    asked = {"number": number, "amount": 1_200, "request": "till-1/88", "currency": "156"}
    first = ask(verbs, "redeem", **asked)
    told = {name: OPEN[name] for name in ("kind", "sale_id", "expires_at")}
    assert first == {
        "amount": 1_200,
        "left": 300,
        "currency": "156",
        "again": False,
        **told,
    }
    assert ask(verbs, "redeem", **asked) == first | {"again": True}
    assert ask(verbs, "voucher", number=number) == OPEN | {"left": 300}
    assert (world.tender(leg=1), world.tender(leg=2)) == ((1_000, 0), (200, 300))
    verify_store(world.store)


def test_one_that_expired_or_was_settled_is_told_and_not_taken(
    world: World, verbs: dict[str, Any], credit: ExchangeCredit
) -> None:
    number = credit.number
    world.clock.moment += timedelta(hours=2, seconds=1)
    assert ask(verbs, "voucher", number=number) == OPEN | {"state": "expired", "left": 0}
    asked = {"number": number, "amount": 1, "request": "T1"}
    assert failure_of(ask, verbs, "redeem", **asked) == "voucher.expired"
    settle(world, credit, (1, Kind.REFUND, 1_000), (2, Kind.CASH, 500))
    assert ask(verbs, "voucher", number=number) == OPEN | {"state": "settled", "left": 0}
    assert failure_of(ask, verbs, "redeem", **asked) == "voucher.settled"


def test_what_is_refused_takes_nothing(
    world: World, verbs: dict[str, Any], credit: ExchangeCredit
) -> None:
    asked: tuple[tuple[dict[str, Any], str], ...] = (
        ({"amount": 1_501}, "too_much"),
        ({"amount": 0}, "zero"),
        ({"currency": "840"}, "other_currency"),
        ({"number": draw_number("898310012340002", world.terminal)}, "foreign"),
    )
    whole = {"number": credit.number, "amount": 1, "request": "T1"}
    for changed, cause in asked:
        wrong = whole | changed
        assert failure_of(ask, verbs, "redeem", **wrong) == f"voucher.{cause}"
    assert world.store.exchange_credits.by_number(credit.number) == credit


def test_whoever_guesses_is_kept_from_credits_as_from_vouchers(
    world: World, verbs: dict[str, Any], credit: ExchangeCredit
) -> None:
    for _ in range(5):
        guess = draw_number(world.merchant, world.terminal)
        assert failure_of(ask, verbs, "voucher", number=guess) == "voucher.unknown"
    assert failure_of(ask, verbs, "voucher", number=credit.number) == "voucher.locked"
    asked = {"number": credit.number, "amount": 1, "request": "T1"}
    assert failure_of(ask, verbs, "redeem", **asked) == "voucher.locked"


def test_without_a_proven_clock_only_what_was_taken_before_is_told(
    world: World, verbs: dict[str, Any], clock: Clock, credit: ExchangeCredit
) -> None:
    """The till got no answer, and the terminal that comes up again has no line yet."""
    take(world, credit, 400, "T1")
    clock.doubt = say("clock.unproven")
    asked = {"number": credit.number, "amount": 400, "request": "T1"}
    assert ask(verbs, "redeem", **asked)["again"] is True
    assert failure_of(ask, verbs, "redeem", **asked | {"amount": 1}) == "voucher.reused"
    assert failure_of(ask, verbs, "redeem", **asked | {"request": "T2"}) == "clock.unproven"


@pytest.mark.parametrize("locks", [False, True])
def test_nothing_is_taken_of_one_whose_sale_is_voided_or_locked(
    world: World, verbs: dict[str, Any], credit: ExchangeCredit, *, locks: bool
) -> None:
    """Its money may be back already, and the goods would go out for nothing."""
    asked = {"number": credit.number, "amount": 100, "request": "till-1/1"}
    first = ask(verbs, "redeem", **asked)
    at = world.clock.now().isoformat()
    void = {"kind": "sale_voided", "sale_id": "S1", "at": at}
    less = {"kind": "adjusted", "reference": "T3", "sale_id": "S1", "leg": 2, "amount": 0, "at": at}
    report = world.take_in(less if locks else void)
    assert report.refused == 0
    (case,) = world.store.cases.open_ones()
    assert world.sale("S1").locked
    stopped = ask(verbs, "voucher", number=credit.number)
    assert (stopped["state"], stopped["left"]) == ("stopped", 0)
    more = asked | {"request": "till-1/2"}
    assert failure_of(ask, verbs, "redeem", **more) == "voucher.stopped"
    assert ask(verbs, "redeem", **asked) == first | {"again": True}
    if not locks:  # of a sale that is voided nothing is taken either when the case is closed
        pair = tuple(Approval(n, "", world.clock.now(), 0, Closing.RULE) for n in ("201", "202"))
        world.do(
            world.store.cases.close(
                case.case_id, Closing("REF-1", "102", pair, cause=CaseCause.TRAINING)
            )
        )
        assert not world.sale("S1").locked
        assert failure_of(ask, verbs, "redeem", **more) == "voucher.stopped"
    verify_store(world.store)
