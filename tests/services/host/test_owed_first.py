"""What is owed goes before a new message, for 20 seconds at most (issue 7, 12)."""

from __future__ import annotations

import asyncio
import json
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import pytest
from worlds.host import AMOUNT, World, sale_record, sales, told
from worlds.stories import beside

from pos_terminal.core.refund import State
from pos_terminal.ports import Awaited
from pos_terminal.wire.feed.lines import Format

OWED_SECONDS = 20.0


def owed_left(world: World) -> int | None:
    """Seconds, while what is owed is waited for."""
    waiting = world.host.waiting
    return waiting.left if waiting is not None and waiting.what is Awaited.OWED else None


def messages(world: World) -> list[str]:
    """All that was asked; a probe without a message is nothing that begins."""
    entries = world.acquirer.log.entries()
    return [entry["mti"] for entry in entries if entry["direction"] == "in"]


def sent(world: World) -> list[tuple[str, str]]:
    """Function and STAN of each message of money, in the order in which they arrived."""
    return [
        (entry["function"], entry["fields"]["11"])
        for entry in world.acquirer.log.entries()
        if entry["direction"] == "in" and entry.get("function") in ("refund", "void", "reversal")
    ]


async def more_sales(world: World, count: int) -> list[str]:
    """So many sales of last month, at the till and at the acquirer."""
    names = []
    token, pattern = world.tokens.token(world.card().pan), sales()[0]
    for number in range(count):
        one = pattern | {
            "sale_id": f"M-{number}",
            "receipt_no": f"M-{number}",
            "trace": f"{500 + number:06d}",
            "rrn": f"6300{number:08d}",
        }
        world.acquirer.add_sales([sale_record(world.config.terminal, one)])
        card = {
            "kind": "card",
            "amount": AMOUNT,
            "token": token,
            "token_key_id": world.tokens.key_id,
            "masked": world.card().pan.masked,
            "scheme": "visa",
            "funding": "credit",
        }
        record = {name: value for name, value in one.items() if name not in ("pan", "par")}
        line = json.dumps(record | {"tenders": [card], "lines": []})
        report = await world.ledger.feed.take_in(
            [line], source="test", form=Format.JSONL, allow_pan=False
        )
        assert not report.problems, report.problems
        names.append(str(one["sale_id"]))
    return names


async def owed_void(world: World) -> None:
    """A void whose reversals nobody answers."""
    world.acquirer.set_mode("swallow", on=["void", "reversal"])
    assert (await world.void()).refund.state is State.REVERSING


@told()
async def test_it_is_tried_whatever_its_pause(world: World) -> None:
    await owed_void(world)
    world.acquirer.set_mode("normal")
    mark = len(sent(world))
    started = world.loop.time()
    assert (await world.give_back(1_000)).refund.state is State.ACCEPTED
    assert [function for function, _ in sent(world)[mark:]] == ["reversal", "refund"]
    assert world.loop.time() - started < 1
    assert world.ledger.refunds.open_ones() == []


@told()
async def test_what_is_silent_is_waited_for_no_longer_than_that_and_stays_open(
    world: World,
) -> None:
    await owed_void(world)
    mark, started = len(sent(world)), world.loop.time()
    assert (await world.give_back(1_000)).refund.state is State.ACCEPTED
    assert world.loop.time() - started == pytest.approx(OWED_SECONDS, abs=1)
    assert [function for function, _ in sent(world)[mark:]] == ["reversal", "refund"]
    assert [one.state for one in world.ledger.refunds.open_ones()] == [State.REVERSING]


@told(owed_seconds=7.0)
async def test_the_configuration_says_how_long(world: World) -> None:
    await owed_void(world)
    started = world.loop.time()
    await world.give_back(1_000)
    assert world.loop.time() - started == pytest.approx(7.0, abs=1)


@told()
async def test_its_late_answer_still_closes_it(world: World) -> None:
    await owed_void(world)
    world.acquirer.set_mode("delay:30", on=["reversal"])
    await world.give_back(1_000)
    assert len(world.ledger.refunds.open_ones()) == 1
    await world.until(lambda: not world.ledger.refunds.open_ones(), 30)


@told()
async def test_all_reversals_and_the_two_repeats_longest_untried_go_in_turn(world: World) -> None:
    names = await more_sales(world, 6)
    world.acquirer.set_mode("drop-answer", on=["refund"])
    owed = [str((await world.unknown("", 100, name)).stan) for name in names[:5]]
    order = [[stan for _, stan in sent(world)][-1]]
    for _ in range(5):
        mark = len(sent(world))
        await world.host.prepare()
        tried = [stan for _, stan in sent(world)[mark:]]
        assert len(tried) == 2
        assert not set(tried) & set(order[-1:] if len(order) < 2 else order[-2:])
        order += tried
        world.host._cleared = False
    # each of the five had its turn, twice, before any had a third one
    assert sorted(order[1:11]) == sorted(owed * 2)


@told()
async def test_a_message_that_nobody_made_ready_for_waits_for_them_too(world: World) -> None:
    """``prepare`` was not called: between two new messages they go all the same."""
    await owed_void(world)
    world.acquirer.set_mode("normal")
    mark = len(sent(world))
    application = await world.apply()
    await world.host.authorise(application, world.sale(), world.card())
    assert [function for function, _ in sent(world)[mark:]] == ["reversal", "refund"]


@told()
async def test_what_is_under_way_is_waited_for_as_long_and_one_goes_at_a_time(
    world: World,
) -> None:
    (name,) = await more_sales(world, 1)
    world.acquirer.set_mode("drop-answer")
    await world.unknown("", 100, name)
    world.acquirer.set_mode("swallow", on=["refund"])
    async with beside(world.host.run()):
        await world.sent_again("refund")
        left: list[int | None] = []

        async def look() -> None:
            while True:
                left.append(owed_left(world))
                await asyncio.sleep(1)

        async with beside(look()):
            started = world.loop.time()
            work = asyncio.create_task(world.host.prepare())
            await asyncio.sleep(5)
            assert owed_left(world) == 15
            await work
        assert world.loop.time() - started == pytest.approx(OWED_SECONDS, abs=1)
        counted = [one for one in left if one is not None]
        assert counted == sorted(counted, reverse=True)
        assert counted[0] >= 19
        world.acquirer.set_mode("normal")
        assert world.host.waiting is None


@pytest.mark.parametrize("behind_the_lock", [False, True])
@told()
async def test_nothing_begins_in_the_background_while_a_sale_is_on_the_screen(
    world: World, behind_the_lock: bool
) -> None:
    world.acquirer.set_mode("drop-answer", on=["refund"])
    await world.unknown()
    world.acquirer.set_mode("normal")
    mark = len(messages(world))
    locked: AbstractContextManager[None] = nullcontext()
    if behind_the_lock:
        locked = world.host.elsewhere()
    with world.host.sale(), locked:
        async with beside(world.host.run()):
            await asyncio.sleep(7200)
            assert (len(messages(world)) > mark) == behind_the_lock
    async with beside(world.host.run()):
        await world.until(lambda: not world.ledger.refunds.open_ones())


@told()
async def test_nor_does_the_next_one_where_a_sale_comes_meanwhile(world: World) -> None:
    world.acquirer.set_mode("drop-answer", on=["refund"])
    for name in await more_sales(world, 2):
        await world.unknown(amount=100, sale_id=name)
    world.acquirer.set_mode("delay:5", on=["refund"])
    world.host = world.new_host()
    async with beside(world.host.run()):
        await world.sent_again("refund")
        mark = len(sent(world))
        with world.host.sale():
            await asyncio.sleep(600)
            assert len(sent(world)) == mark
        await world.until(lambda: not world.ledger.refunds.open_ones())


@told()
async def test_no_sign_on_begins_behind_a_sale_either(world: World) -> None:
    async with beside(world.host.run()):
        with world.host.sale():
            await asyncio.sleep(0)
        await world.until(lambda: world.host.state.signed_on)
    fresh = world.new_host()
    before = len(world.sent("sign_on"))
    with fresh.sale():
        async with beside(fresh.run()):
            await asyncio.sleep(600)
            assert len(world.sent("sign_on")) == before
            await fresh.prepare()
            assert len(world.sent("sign_on")) == before + 1


@told()
async def test_one_message_of_a_terminal_is_under_way_at_a_time(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = await more_sales(world, 8)
    exchange, under_way, most = world.host._link.exchange, [0], [0]

    async def counted(*what: Any, **how: Any) -> Any:
        under_way[0] += 1
        most[0] = max(most[0], under_way[0])
        try:
            return await exchange(*what, **how)
        finally:
            under_way[0] -= 1

    monkeypatch.setattr(world.host._link, "exchange", counted)
    world.acquirer.set_mode("delay:15", on=["sign_on"])
    async with beside(world.host.run()):
        await world.until(lambda: world.host.state.signed_on)
        world.acquirer.set_mode("delay:70", on=["refund", "void", "reversal"])
        for name in names:
            await world.give_back(100, name)
            await asyncio.sleep(37)
        echoes = [asyncio.create_task(world.host.echo()) for _ in range(3)]
        await asyncio.gather(*echoes, return_exceptions=True)
        world.acquirer.set_mode("normal")
        await world.until(lambda: not world.ledger.refunds.open_ones())
    assert most == [1]
    assert world.paid() == 800


@told()
async def test_a_clerk_who_gives_up_leaves_the_tries_to_their_end(world: World) -> None:
    await owed_void(world)
    work = asyncio.create_task(world.host.prepare())
    await world.sent_again("reversal")
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
    mark, started = len(sent(world)), world.loop.time()
    await world.host.prepare()
    # the one under way is waited for, then it goes once more: 20 s in all, again
    assert world.loop.time() - started <= OWED_SECONDS + 1
    assert len(sent(world)) <= mark + 1


@told()
async def test_once_the_clerk_gave_up_no_other_try_begins_behind_the_sale(world: World) -> None:
    await owed_void(world)
    world.acquirer.set_mode("drop-answer", on=["refund"], also=True)
    await world.unknown()
    world.acquirer.set_mode("delay:5", on=["reversal", "refund"])
    with world.host.sale():
        work = asyncio.create_task(world.host.prepare())
        await world.sent_again("reversal")
        work.cancel()
        mark = len(sent(world))
        await asyncio.sleep(60)
        assert len(sent(world)) == mark
        assert [one.state for one in world.ledger.refunds.open_ones()] == [State.UNKNOWN]
    await world.in_background(lambda: not world.ledger.refunds.open_ones())
