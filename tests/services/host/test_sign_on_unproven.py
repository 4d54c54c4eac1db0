"""“Sign on again” without a MAC: believed once, and never under another STAN (issue 7, 13)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from worlds.host import World, told

from pos_terminal.core.cause import Cause
from pos_terminal.core.refund import Kind, Refund, State

CODES = ["77", "99", "A0"]


async def give(world: World, kind: Kind) -> Refund:
    await world.host.prepare()
    work = world.void() if kind is Kind.VOID else world.give_back(5_000)
    return (await work).refund


def unsigned(world: World, code: str, count: int | None = 1) -> None:
    """The next so many refunds and voids are not processed and answered so, without field 64."""
    world.acquirer.set_mode(f"code:{code}", count)
    world.acquirer.set_mode("no-mac", count, also=True)


def differing(first: dict[str, Any], second: dict[str, Any]) -> set[str]:
    names = first["fields"].keys() | second["fields"].keys()
    return {n for n in names if first["fields"].get(n) != second["fields"].get(n)}


@pytest.mark.parametrize("kind", [Kind.REFUND, Kind.VOID])
@pytest.mark.parametrize("code", CODES)
@told(repeat="never")
async def test_it_is_believed_once_and_the_same_goes_out_with_a_fresh_mac(
    world: World, code: str, kind: Kind
) -> None:
    await world.host.prepare()
    unsigned(world, code)
    refund = await give(world, kind)
    assert refund.state is State.ACCEPTED
    first, second = world.sent(kind.value)
    assert differing(first, second) == {"64"}
    assert first["mac"] == second["mac"] == "valid"
    assert len(world.sent("sign_on")) == 2
    assert world.paid() == refund.amount
    assert [one.refund_id for one in world.ledger.refunds.recent(9)] == [refund.refund_id]


@told(repeat="never")
async def test_a_host_that_lost_its_keys_is_signed_on_to_and_pays(world: World) -> None:
    await world.host.prepare()
    world.acquirer.book.forget()
    assert (await give(world, Kind.REFUND)).state is State.ACCEPTED
    assert world.paid() == 5_000


@pytest.mark.parametrize("code", CODES)
@told(repeat="never")
async def test_a_second_time_its_outcome_is_unknown(world: World, code: str) -> None:
    unsigned(world, code, 2)
    refund = await give(world, Kind.REFUND)
    assert (refund.state, refund.cause) == (State.UNKNOWN, Cause.BAD_MAC)
    assert len(world.sent("refund")) == 2
    assert world.held() == 5_000
    assert world.open_cases() == ["unknown_outcome"]


@pytest.mark.parametrize("code", CODES)
@told()
async def test_a_void_of_which_it_is_said_twice_is_reversed(world: World, code: str) -> None:
    unsigned(world, code, 2)
    refund = await give(world, Kind.VOID)
    assert refund.state is State.REVERSED
    assert len(world.sent("void")) == 2
    (reversal,) = world.sent("reversal")
    assert reversal["fields"]["39"] == "A0"


@pytest.mark.parametrize("kind", [Kind.REFUND, Kind.VOID])
@pytest.mark.parametrize("code", CODES)
@told(repeat="identical")
async def test_a_sign_on_that_brings_another_batch_leaves_it_unknown(
    world: World, code: str, kind: Kind
) -> None:
    """A new STAN in the new batch would pay twice what only seemed not to be taken."""
    await world.host.prepare()
    unsigned(world, code)
    world.acquirer.begin_batch("10000001", "000002")
    refund = await give(world, kind)
    assert refund.state is (State.REVERSING if kind is Kind.VOID else State.UNKNOWN)
    assert refund.cause is Cause.BATCH_CLOSED
    assert len(world.sent(kind.value)) == 1
    assert world.sent("reversal") == []
    assert world.open_cases() == ["batch_closed"]
    assert len(world.ledger.refunds.recent(9)) == 1


@pytest.mark.parametrize("code", CODES)
@told(repeat="never")
async def test_with_a_wrong_mac_it_is_not_believed(world: World, code: str) -> None:
    world.acquirer.set_mode(f"code:{code}", 1)
    world.acquirer.set_mode("wrong-mac", 1, also=True)
    refund = await give(world, Kind.REFUND)
    assert (refund.state, len(world.sent("refund"))) == (State.UNKNOWN, 1)


@pytest.mark.parametrize("code", ["94", "77", "99", "A0"])
@told(repeat="never")
async def test_what_then_speaks_for_the_first_leaves_it_unknown(
    world: World, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """94: this STAN was posted. The first may have been, whatever its answer said."""
    unsigned(world, "A0")
    exchange = world.acquirer.exchange

    def then_another_code(body: bytes, link: int = 0) -> Any:
        delivery = exchange(body, link)
        if len(world.sent("refund")) == 1:
            world.acquirer.set_mode(f"code:{code}", 1)
        return delivery

    monkeypatch.setattr(world.acquirer, "exchange", then_another_code)
    refund = await give(world, Kind.REFUND)
    assert (refund.state, len(world.sent("refund"))) == (State.UNKNOWN, 2)


@told(repeat="never")
async def test_where_no_sign_on_can_be_had_it_is_unknown(world: World) -> None:
    await world.host.prepare()
    unsigned(world, "A0")
    world.acquirer.set_mode("swallow", on=["sign_on"], also=True)
    refund = await give(world, Kind.REFUND)
    assert (refund.state, len(world.sent("refund"))) == (State.UNKNOWN, 1)


@told(profile="generic")
async def test_a_copy_of_the_first_answer_is_none_to_the_second(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With its MAC: on one line for all messages it may come when the second is waited for."""
    await world.host.prepare()
    world.acquirer.set_mode("code:A0", 1)
    exchange, first = world.acquirer.exchange, [b""]

    def twice(body: bytes, link: int = 0) -> Any:
        delivery = exchange(body, link)
        if len(world.sent("refund")) == 1 and not first[0]:
            first[0] = delivery.data
        elif len(world.sent("refund")) == 2:
            return replace(delivery, data=first[0] + delivery.data)
        return delivery

    monkeypatch.setattr(world.acquirer, "exchange", twice)
    refund = await give(world, Kind.REFUND)
    assert (refund.state, len(world.sent("refund"))) == (State.ACCEPTED, 2)
    assert world.paid() == 5_000
