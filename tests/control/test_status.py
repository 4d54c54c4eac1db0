"""What the shop's website is told of a refund, and that it can't be used to find one out (R50)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine, Iterator
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest
from hw_sim.virtual import run_virtual
from worlds.ledger import World
from worlds.stories import as_test

from pos_terminal.control.requests import BadRequest
from pos_terminal.control.status import MOST_CODES, TRIES_AN_HOUR, Tries, status_verbs
from pos_terminal.core.receipt_code import encode
from pos_terminal.core.refund import Kind, State
from pos_terminal.core.words import Failure

WEBSITE = 33


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    world.close()


class Website:
    def __init__(self, world: World) -> None:
        world.sell()
        self.world = world
        self.refund = world.refunded(1_234, State.ACCEPTED, 1_234)
        zone = UTC
        self._verb = status_verbs(world.store, world.merchant, world.terminal, zone)["status"]

    def code(self, kind: Kind = Kind.REFUND, serial: int = 0, terminal: str = "") -> str:
        serial = serial or self.refund.refund_id
        return encode(kind, self.world.merchant, terminal or self.world.terminal, serial)

    async def ask(self, code: str, amount: object, uid: int = WEBSITE) -> dict[str, Any]:
        return dict(await self._verb({"code": code, "amount": amount, "uid": uid}))

    async def refused(self, code: str, amount: object, uid: int = WEBSITE) -> tuple[str, Any]:
        with pytest.raises(Failure) as failed:
            await self.ask(code, amount, uid)
        return failed.value.code, dict(failed.value.words.values)

    def notes(self) -> list[Any]:
        sql = "SELECT facts FROM audit WHERE kind = 'status_refused' ORDER BY seq"
        return [json.loads(row[0]) for row in self.world.store.db.execute(sql)]


def told(story: Callable[[Website], Coroutine[Any, Any, None]]) -> Callable[..., None]:
    def run(begin: Any, world: World) -> None:
        site = Website(world)
        run_virtual(lambda _: begin(site))

    return as_test(story, run, needs=("world",))


@told
async def test_it_answers_state_day_and_number_and_nothing_else(site: Website) -> None:
    assert site.refund.state is State.ACCEPTED
    answer = await site.ask(site.code(), 1_234)
    assert answer == {"state": "accepted", "date": "2026-01-05", "arn": None}


@told
async def test_a_wrong_code_and_a_wrong_amount_are_answered_alike(site: Website) -> None:
    code = site.code()
    wrong = {
        await tuple_of(site.refused(code, 1_235)),
        await tuple_of(site.refused(site.code(serial=99), 1_234)),
        await tuple_of(site.refused(site.code(Kind.VOID), 1_234)),
        await tuple_of(site.refused(site.code(terminal="99999999"), 1_234)),
        await tuple_of(site.refused(code[:-1] + str((int(code[-1]) + 1) % 10), 1_234)),
        await tuple_of(site.refused("hello", 1_234)),
        await tuple_of(site.refused(code, -1)),
    }
    assert wrong == {("status.none", ())}


async def tuple_of(refused: Coroutine[Any, Any, tuple[str, Any]]) -> tuple[str, Any]:
    code, values = await refused
    return code, tuple(values)


@told
async def test_ten_tries_an_hour_of_a_code_whoever_asks(site: Website) -> None:
    for wrong in range(TRIES_AN_HOUR):
        assert (await site.refused(site.code(), 1 + wrong, uid=wrong))[0] == "status.none"
    assert (await site.refused(site.code(), 1_234))[0] == "status.too_often"
    assert (await site.refused(site.code(serial=99), 1_234))[0] == "status.none", "another code"
    await asyncio.sleep(3_599)
    assert (await site.refused(site.code(), 1_234))[0] == "status.too_often"
    await asyncio.sleep(1)
    assert (await site.ask(site.code(), 1_234))["state"] == "accepted"


@told
async def test_a_code_that_nobody_has_is_counted_as_one_that_somebody_has(site: Website) -> None:
    for code in (site.code(), site.code(serial=99)):
        causes = [(await site.refused(code, 7))[0] for _ in range(12)]
        assert causes == ["status.none"] * 10 + ["status.too_often"] * 2


@told
async def test_a_caller_may_ask_sixty_times_a_minute(site: Website) -> None:
    causes = [(await site.refused(site.code(serial=n), 7))[0] for n in range(100, 170)]
    assert causes == ["status.none"] * 60 + ["status.too_often"] * 10
    assert (await site.ask(site.code(), 1_234, uid=34))["state"] == "accepted", "somebody else"


@told
async def test_the_log_has_no_whole_code_and_no_amount(site: Website) -> None:
    for serial in range(900, 1_015):
        await site.refused(site.code(serial=serial), 567_891)
        await asyncio.sleep(2)
    notes = site.notes()
    assert [one["times"] for one in notes] == [1, 10, 100]
    assert {tuple(sorted(one)) for one in notes} == {("code", "times", "uid")}
    said = json.dumps(notes)
    assert "567891" not in said
    assert all(one["code"].count("*") >= 6 for one in notes)


@pytest.mark.parametrize(
    ("code", "amount"), [(7, 1), ("", 1), ("1" * 65, 1), ("1", True), ("1", 1.5), ("1", None)]
)
def test_what_is_no_question_is_told_so(world: World, code: object, amount: object) -> None:
    site = Website(world)

    async def ask(_: object) -> None:
        with pytest.raises(BadRequest):
            await site._verb({"code": code, "amount": amount})

    run_virtual(ask)


def test_codes_that_are_tried_fill_no_memory() -> None:
    tries = Tries()
    for number in range(MOST_CODES):
        assert tries.take(str(number), 0.0)
    assert not tries.take("one more", 3_599.0)
    assert tries.take("0", 3_599.0), "who was there before goes on"
    assert tries.take("one more", 3_601.0), "an hour later there is room"
