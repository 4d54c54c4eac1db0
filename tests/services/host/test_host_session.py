"""Sign-on: keys, batch, time; and what a failing one leaves as it was."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from worlds.failures import failure_in
from worlds.host import World, told
from worlds.outcome_files import inbox_of
from worlds.stories import beside

from pos_terminal.control.state import state_verbs
from pos_terminal.core.refund import State
from pos_terminal.core.words import Failure
from pos_terminal.services.process.conditions import ConditionBoard
from pos_terminal.services.process.device_board import DeviceBoard
from pos_terminal.texts import Language


def board_of(world: World) -> ConditionBoard:
    return ConditionBoard(DeviceBoard(), world.host, world.clock)


@told()
async def test_a_sign_on_brings_keys_and_the_batch(world: World) -> None:
    world.acquirer.begin_batch("10000001", "000007")
    assert not world.host.state.signed_on
    await world.host.prepare()
    assert world.host.state.signed_on
    assert world.ledger.counter.batch() == "000007"
    assert set(world.keys.stored) == {"mak", "pik"}


@pytest.mark.parametrize("variant", ["001", "003", "004"])
@told()
async def test_every_variant_of_the_key_exchange(world: World, variant: str) -> None:
    from dataclasses import replace

    terminals = world.acquirer._host._terminals
    (only,) = terminals.values()
    terminals[only.terminal_id] = replace(only, key_exchange=variant)
    world.keys.key_exchange = variant
    assert (await world.give_back(100)).refund.state is State.ACCEPTED
    assert len(world.keys.kept["mak"]) == (8 if variant == "001" else 16)
    assert ("tdk" in world.keys.kept) == (variant == "004")


@told()
async def test_one_sign_on_is_enough_for_many_refunds(world: World) -> None:
    for _ in range(3):
        await world.give_back(100)
    assert len(world.sent("sign_on")) == 1


@told()
async def test_two_who_need_it_share_one_sign_on(world: World) -> None:
    await asyncio.gather(world.host.prepare(), world.host.prepare())
    assert len(world.sent("sign_on")) == 1


@told()
async def test_wrong_check_values_keep_the_old_keys_and_trade_goes_on(world: World) -> None:
    await world.give_back(100)
    old = dict(world.keys.kept)
    world.acquirer.set_mode("bad-kcv")
    await world.host.sign_on()
    assert world.keys.stored == old
    assert world.host.trouble is None, "nothing is wrong with the line, and nobody is told so"
    assert (await world.give_back(200)).refund.state is State.ACCEPTED
    assert world.paid() == 300


@told()
async def test_wrong_check_values_without_older_keys_are_a_failure(world: World) -> None:
    world.acquirer.set_mode("bad-kcv")
    assert await failure_in(world.host.prepare()) == "host.key_check"
    assert world.keys.stored is None
    assert world.ledger.refunds.recent(1) == []
    world.acquirer.set_mode("normal")
    await world.host.prepare()


@told()
async def test_another_tmk_at_the_acquirer_is_found_by_the_check_values(world: World) -> None:
    world.keys.tmk = bytes(reversed(world.keys.tmk))
    assert await failure_in(world.host.prepare()) == "host.key_check"


@told()
async def test_session_keys_outlive_a_restart(world: World) -> None:
    await world.host.prepare()
    world.acquirer.set_mode("bad-kcv")
    world.host = world.new_host()
    assert (await world.give_back(100)).refund.state is State.ACCEPTED


@pytest.mark.parametrize(
    ("mode", "key"),
    [("swallow", "host.silent"), ("drop-answer", "host.silent"), ("half-frame", "host.silent")],
)
@told()
async def test_a_sign_on_without_an_answer_moves_no_money(
    world: World, mode: str, key: str
) -> None:
    world.acquirer.set_mode(mode, on=["sign_on"])
    assert await failure_in(world.give_back(100)) == key
    assert world.ledger.refunds.recent(1) == []


@told()
async def test_a_refused_sign_on_names_the_code(world: World) -> None:
    world.acquirer._host._terminals.clear()
    with pytest.raises(Failure) as caught:
        await world.host.prepare()
    assert caught.value.words.code == "host.sign_on_refused"
    assert caught.value.words.values["code"] == "97"


@told()
async def test_host_demand_three_signs_on_at_the_next_message(world: World) -> None:
    await world.give_back(100, fault="demand:3")
    assert len(world.sent("sign_on")) == 1
    await world.give_back(100)
    assert len(world.sent("sign_on")) == 2
    await world.give_back(100)
    assert len(world.sent("sign_on")) == 2


@told()
async def test_other_host_demands_are_shown(world: World) -> None:
    await world.give_back(100, fault="demand:6")
    assert world.host.state.demand == "6"
    assert len(world.sent("sign_on")) == 1


@told()
async def test_an_echo_goes_there_and_back(world: World) -> None:
    """And takes no number, under which the acquirer might tell of a payment (R50)."""
    assert await world.host.echo() >= 0  # before any sign-on
    await world.host.prepare()
    drawn = "SELECT facts FROM audit WHERE kind = 'draw_stan'"
    of_sign_on = world.ledger.db.execute(drawn).fetchall()
    await world.host.echo()
    assert world.ledger.db.execute(drawn).fetchall() == of_sign_on != []
    assert [entry["mac"] for entry in world.sent("echo")] == ["missing", "missing"]
    world.acquirer.set_mode("code:96", on=["echo"])
    assert await failure_in(world.host.echo()) == "host.echo"
    world.acquirer.set_mode("swallow", on=["echo"])
    assert await failure_in(world.host.echo()) == "host.silent"


@told()
async def test_the_background_signs_on_by_itself_when_the_line_comes(world: World) -> None:
    world.wires.plugged = False
    async with beside(world.host.run()):
        await asyncio.sleep(100)
        assert not world.host.state.signed_on
        world.wires.plugged = True
        await world.until(lambda: world.host.state.signed_on, 301)


@told(profile="generic")
async def test_the_control_socket_says_why_the_line_is_down(world: World) -> None:
    files = inbox_of(world)
    verb = state_verbs(board_of(world), world.host, world.ledger, files, Language.EN)["state"]

    async def host() -> dict[str, Any]:
        told: dict[str, Any] = (await verb({}))["host"]
        return told

    assert "no sign-on" in (await host())["tech"]
    world.wires.plugged = False
    assert await failure_in(world.host.prepare()) == "host.not_sent"
    down = await host()
    assert (down["connected"], down["stopped"]) == (False, "")
    assert "No connection to the acquirer at" in down["tech"]
    assert "nobody listens" in down["tech"]
    world.wires.plugged = True
    terminals = dict(world.acquirer._host._terminals)
    world.acquirer._host._terminals.clear()
    assert await failure_in(world.host.prepare()) == "host.sign_on_refused"
    assert "with 97" in (await host())["tech"]
    world.acquirer._host._terminals.update(terminals)
    await world.host.prepare()
    assert (await host())["tech"] == ""
    world.acquirer.drop_connections()
    await world.until(lambda: not world.host.state.connected)
    assert "ended the connection" in (await host())["tech"]


@told(profile="generic")
async def test_the_control_socket_says_what_the_feed_has(world: World) -> None:
    files = inbox_of(world)
    verb = state_verbs(board_of(world), world.host, world.ledger, files, Language.EN)["state"]
    newest = world.ledger.feed.newest_sale()
    assert newest is not None
    told = (await verb({}))["feed"]
    assert told == {"refused": 0, "newest_sale": newest.isoformat()}


@told()
async def test_the_acquirers_time_proves_the_clock(world: World) -> None:
    world.clock._synchronised = lambda: False
    assert world.clock.doubt is not None
    await world.host.prepare()
    assert world.clock.doubt is None
