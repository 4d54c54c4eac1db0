"""The line's state is true: probed while a sale is on the screen, and never in a refund's way
(issue 8, 7; R82)."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from hw_sim.acquirer.probes import during_money, probes, too_close
from worlds.host import World, tell, told
from worlds.stories import beside

from pos_terminal.core.line_state import LineState
from pos_terminal.core.refund import State
from pos_terminal.wire.iso8583.profile import Probe

EVERY = 15
"""Seconds: the issue's "at most every 15 s"."""
WAYS: list[tuple[str, Probe]] = [
    ("cup", "connect"),
    ("cup", "echo"),
    ("generic", "connect"),
    ("generic", "echo"),
]
each_way = pytest.mark.parametrize(("profile", "probe"), WAYS)


@asynccontextmanager
async def signed_on(world: World) -> AsyncIterator[None]:
    async with beside(world.host.run()):
        await world.until(lambda: world.host.state.signed_on, 30)
        yield


def probed(world: World) -> list[Any]:
    return probes(world.acquirer.log.entries())


@each_way
def test_a_line_that_dies_and_comes_back_while_a_sale_is_on_the_screen(
    profile: str, probe: Probe, tmp_path: Any
) -> None:
    async def story(world: World) -> None:
        async with signed_on(world):
            with world.host.sale():
                await asyncio.sleep(20)
                up = world.host.state
                assert up.line is LineState.UP
                assert up.probed_at is not None
                assert (world.clock.now() - up.probed_at).total_seconds() <= EVERY + 1

                world.wires.plugged = False
                world.acquirer.drop_connections()
                cut_at = world.clock.now()
                await world.until(lambda: world.host.line is LineState.DOWN, EVERY + 6)
                down = world.host.state
                assert 0 <= (down.since - cut_at).total_seconds() <= EVERY + 6
                assert world.host.trouble is not None
                assert not world.host.ready
                await asyncio.sleep(100)
                assert world.host.state.since == down.since
                assert world.host.line is LineState.DOWN

                world.wires.plugged = True
                await world.until(lambda: world.host.line is LineState.UP, EVERY + 6)
                assert world.host.trouble is None
                assert world.host.ready
        assert too_close(probed(world), EVERY - 0.01) == []
        assert len(world.sent("sign_on")) == 1  # nothing else began behind the sale

    tell(story, profile, folder=tmp_path / "data", probe=probe)


@each_way
def test_no_probe_while_no_sale_is_on_the_screen(profile: str, probe: Probe, tmp_path: Any) -> None:
    async def story(world: World) -> None:
        async with signed_on(world):
            await asyncio.sleep(1_000)
            assert probed(world) == []
            with world.host.sale():
                await asyncio.sleep(100)
                assert 6 <= len(probed(world)) <= 8
                with world.host.elsewhere():
                    before = len(probed(world))
                    await asyncio.sleep(1_000)
                    assert len(probed(world)) <= before + 1
            await asyncio.sleep(1_000)
            assert len(probed(world)) <= before + 2
            with world.host.watched():
                await asyncio.sleep(40)
                assert len(probed(world)) > before + 2
                with world.host.elsewhere():
                    before = len(probed(world))
                    await asyncio.sleep(1_000)
                    assert len(probed(world)) <= before + 1
            assert too_close(probed(world), EVERY - 0.01) == []

    tell(story, profile, folder=tmp_path / "data", probe=probe)


@told(probe="none")
async def test_none_asks_nothing(world: World) -> None:
    async with signed_on(world):
        with world.host.sale():
            await asyncio.sleep(200)
    assert probed(world) == []
    assert world.host.line is LineState.UP


@each_way
def test_a_refund_waits_for_no_probe(profile: str, probe: Probe, tmp_path: Any) -> None:
    """The echo is not answered, or the connection does not come about, and the refund wants the
    line in that moment: it goes out at once, with the next STAN."""

    async def story(world: World) -> None:
        async with signed_on(world):
            before = int((await world.give_back(100)).refund.stan or 0)
            await asyncio.sleep(20)
            with world.host.sale():
                world.acquirer.set_mode("swallow", on=["echo"])
                hold_up(world)
                await world.until(lambda: world.host.probing > 0, EVERY + 1)
                assert world.host.line is LineState.UP
                at = world.loop.time()
                let_through(world)
                result = await world.give_back(200)
                assert world.loop.time() == at
                assert result.refund.state is State.ACCEPTED
                assert result.refund.stan == f"{before + 1:06d}"
                assert world.host.probing == 0
        assert during_money(world.acquirer.log.entries()) == []

    tell(story, profile, folder=tmp_path / "data", probe=probe)


def hold_up(world: World) -> None:
    """Connections are not refused, and do not come about."""

    async def never(host: str, port: int) -> Any:
        await asyncio.Event().wait()

    world.host._link._connect = never


def let_through(world: World) -> None:
    world.host._link._connect = world._connect


@pytest.mark.parametrize("profile", ["cup", "generic"])
def test_the_refund_uses_the_connection_that_was_proven(profile: str, tmp_path: Any) -> None:
    async def story(world: World) -> None:
        async with signed_on(world):
            with world.host.sale():
                await world.until(lambda: len(probed(world)) > 0, EVERY + 2)
                await asyncio.sleep(1)
                opened = world.connections
                await world.give_back(100)
                assert world.connections == opened

    tell(story, profile, folder=tmp_path / "data")


@told("generic")
async def test_on_a_persistent_line_that_died_in_silence_nothing_is_sent(world: World) -> None:
    """Nothing says that the old connection is dead. What is written to it is an unknown outcome;
    the probe finds it out, and the refund is surely not sent."""
    async with signed_on(world):
        with world.host.sale():
            await world.until(lambda: len(probed(world)) > 0, EVERY + 2)
            world.acquirer.set_mode("swallow")
            world.dead_addresses |= {
                one.rpartition(":")[0] for one in world.config.acquirer.address
            }
            await world.until(lambda: world.host.line is LineState.DOWN, EVERY + 6)
            with pytest.raises(Exception, match=r"host\.not_sent"):
                await world.give_back(100)
    assert world.sent("refund") == []


@told()
async def test_at_home_a_dead_line_is_asked_until_it_is_back(world: World) -> None:
    """And then the sign-on that was waiting for it is made at once."""
    world.wires.plugged = False
    async with beside(world.host.run()):
        await asyncio.sleep(700)
        assert world.host.line is LineState.DOWN
        world.wires.plugged = True
        await world.until(lambda: world.host.ready, EVERY + 1)
        count = len(probed(world))
        await asyncio.sleep(1_000)
        assert len(probed(world)) == count


@told()
async def test_a_silent_acquirer_is_no_dead_line(world: World) -> None:
    async with signed_on(world):
        world.acquirer.set_mode("swallow", on=["sign-on"])
        world.host._session.needed = True
        with world.host.sale():
            with pytest.raises(Exception, match=r"host\.silent"):
                await world.host.prepare()
            assert world.host.line is LineState.SILENT
            assert world.host.trouble is not None
            assert world.host.trouble.code == "host.no_reply"
            await asyncio.sleep(60)
            assert world.host.line is LineState.SILENT  # a connection says nothing against it
            world.acquirer.set_mode("normal")
            await world.host.prepare()
            assert world.host.state.line is LineState.UP


@told(probe="echo")
async def test_an_echo_finds_the_silence_and_its_end(world: World) -> None:
    async with signed_on(world):
        batch = world.ledger.counter.batch()
        with world.host.sale():
            world.acquirer.set_mode("swallow", on=["echo"])
            await world.until(lambda: world.host.line is LineState.SILENT, EVERY + 6)
            world.acquirer.set_mode("code:96", on=["echo"])  # any answer is one
            await world.until(lambda: world.host.line is LineState.UP, EVERY + 6)
    assert world.ledger.counter.batch() == batch
    assert all(11 not in one["fields"] and "11" not in one["fields"] for one in world.sent("echo"))
    assert not [e for e in world.acquirer.log.entries() if "answered 30" in e.get("note", "")]


@told("generic")
async def test_what_is_under_way_behind_the_sale_keeps_its_connection(world: World) -> None:
    """A repeat that had begun before the sale came to the screen: its answer comes all the same,
    on the connection that is not the newest any more."""
    async with signed_on(world):
        world.acquirer.set_mode("drop-answer", on=["refund"])
        refund = (await world.give_back()).refund
        world.acquirer.set_mode("delay:40", on=["refund"])
        await world.sent_again("refund")
        with world.host.sale():
            await asyncio.sleep(20)
            assert len(probed(world)) >= 1
            await world.until(lambda: not world.ledger.refunds.open_ones(), 25)
            assert world.refund(refund.refund_id).state is State.ACCEPTED
            assert world.host.line is LineState.UP


@pytest.mark.parametrize("profile", ["cup", "generic"])
def test_the_silence_of_an_old_message_puts_no_probe_off(profile: str, tmp_path: Any) -> None:
    """Seeds 90166 and 100110: a repeat that had left before the sale came to the screen was given
    up half way to the next probe, which came 15 seconds after that: nobody had tried the line for
    half a minute."""

    async def story(world: World) -> None:
        async with signed_on(world):
            world.acquirer.set_mode("swallow", on=["refund"])
            await world.give_back()
            await world.sent_again("refund")
            sent_at = world.clock.now()
            silent_at = sent_at + timedelta(seconds=world.profile.timing.answer_seconds)
            with world.host.sale():
                await asyncio.sleep(120)
            seen = [one.at for one in probed(world) if one.at > sent_at]
            assert seen[0] < silent_at < seen[-1]
            gaps = [(b - a).total_seconds() for a, b in itertools.pairwise(seen)]
            assert max(gaps) <= EVERY + 1
            assert too_close(probed(world), EVERY - 0.01) == []

    tell(story, profile, folder=tmp_path / "data")


@told()
async def test_a_connection_that_is_closed_at_once_proves_no_line(world: World) -> None:
    """A front takes it while its host is down; it is not said to be up in between, either."""
    async with signed_on(world):
        world.acquirer.set_mode("close-after-accept")
        with world.host.sale():
            await world.until(lambda: world.host.line is LineState.DOWN, EVERY + 6)
            since = world.host.state.since
            assert world.host.trouble is not None
            assert world.host.trouble.code == "host.dropped_at_once"
            await asyncio.sleep(100)
            assert world.host.state.since == since
            world.acquirer.set_mode("normal")
            await world.until(lambda: world.host.ready, EVERY + 2)


@told()
async def test_who_answers_something_else_is_not_silent(world: World) -> None:
    async with signed_on(world):
        assert (await world.give_back(fault="other-stan")).refund.state is not State.SEALED
        assert world.host.state.line is LineState.UP
        world.acquirer.set_mode("swallow")
        await world.give_back(10, "S-2")
        assert world.host.line is LineState.SILENT


@told("generic")
async def test_a_probe_is_under_way_until_it_has_said_what_it_found(world: World) -> None:
    """A front that takes nearly all of the time to connect, and then drops it: nobody is let go on
    to a supervisor in between."""

    async def slow_front(host: str, port: int) -> Any:
        await asyncio.sleep(4.9)
        world.loop.call_later(0.3, world.acquirer.drop_connections)
        return await world._connect(host, port)

    async with signed_on(world):
        await asyncio.sleep(20)
        world.host._link._connect = slow_front
        with world.host.sale():
            await world.until(lambda: world.host.probing > 0, EVERY + 1)
            while world.host.line is LineState.UP:
                assert world.host.probing > 0
                await asyncio.sleep(0.01)


def one_at_a_time(world: World) -> list[asyncio.StreamWriter]:
    """An acquirer that takes one connection of a terminal only; those that it took."""
    taken: list[asyncio.StreamWriter] = []

    async def connect(host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if any(not one.is_closing() for one in taken):
            raise ConnectionRefusedError(111, "one connection only")
        streams = await world._connect(host, port)
        taken.append(streams[1])
        return streams

    world.host._link._connect = connect
    return taken


@pytest.mark.parametrize("profile", ["cup", "generic"])
def test_an_echo_leaves_no_connection_beside_the_next(profile: str, tmp_path: Any) -> None:
    """It is for an acquirer that takes one connection of a terminal only: what was asked in vain,
    or dropped for a refund, is in nobody's way."""

    async def story(world: World) -> None:
        taken = one_at_a_time(world)
        async with signed_on(world):
            with world.host.sale():
                world.acquirer.set_mode("swallow", on=["echo"])
                await world.until(lambda: world.host.line is LineState.SILENT, EVERY + 6)
                await asyncio.sleep(40)
                assert world.host.line is LineState.SILENT  # and not down, by our own doing
                world.acquirer.set_mode("normal")
                await world.until(lambda: world.host.line is LineState.UP, EVERY + 6)
                world.acquirer.set_mode("swallow", on=["echo"])
                await world.until(lambda: world.host.probing > 0, EVERY + 1)
                result = await world.give_back(200)
                assert result.refund.state is State.ACCEPTED
                assert [one.is_closing() for one in taken].count(False) <= 1

    tell(story, profile, folder=tmp_path / "data", probe="echo")


@told("generic", probe="echo")
async def test_an_answer_that_is_owed_keeps_no_other_connection_out(world: World) -> None:
    """The acquirer that takes one alone was silent to a refund and to an echo; once it is back, it
    is reached again with the next probe, and the repeat has its outcome."""
    taken = one_at_a_time(world)
    async with signed_on(world):
        world.acquirer.set_mode("swallow", on=["refund", "echo"])
        refund = (await world.give_back(200)).refund
        assert refund.state is State.UNKNOWN
        with world.host.sale():
            await world.until(lambda: world.host.line is LineState.DOWN, 2 * EVERY)
            world.acquirer.set_mode("normal")
            await world.until(lambda: world.host.line is LineState.UP, EVERY + 6)
        await world.sent_again("refund", 310)
        await world.until(lambda: world.refund(refund.refund_id).state is State.ACCEPTED, 5)
        assert [one.is_closing() for one in taken].count(False) <= 1
