"""What other programs on this machine ask of the ledger, over the control socket's verbs."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from hw_sim.virtual import run_virtual
from worlds.ledger import World

from pos_terminal.control.feed import feed_verbs
from pos_terminal.control.outcomes import outcome_verbs
from pos_terminal.control.pace import Pace
from pos_terminal.control.server import BadRequest
from pos_terminal.control.stan import stan_verbs
from pos_terminal.core.words import Failure
from pos_terminal.ports.books.outcomes import OutcomeReport
from pos_terminal.services.intake.refused import ERRORS
from pos_terminal.services.intake.taking import Intake
from pos_terminal.wire.feed.lines import Format


def test_a_sale_application_gets_stans_that_we_never_use(world: World) -> None:
    draw = stan_verbs(world.store)["draw-stan"]
    first = world.do(draw({}))
    second = world.do(draw({}))
    assert int(second["stan"]) == int(first["stan"]) + 1
    assert first["batch"] == world.store.counter.batch()
    world.sell()
    ours = world.seal(1_000).refund.stan
    assert ours is not None
    assert int(ours) > int(second["stan"])
    world.reopen()
    assert int(world.do(stan_verbs(world.store)["draw-stan"]({}))["stan"]) > int(ours)


def test_a_till_that_draws_without_end_leaves_the_terminal_its_own(world: World) -> None:
    draw = stan_verbs(world.store)["draw-stan"]
    got: list[Any] = []

    async def mad(uid: int) -> str:
        while True:
            try:
                got.append(await draw({"uid": uid}))
            except Failure as failure:
                return failure.code

    async def minutes(loop: Any) -> None:
        before = world.store.db.execute("SELECT max(seq) FROM audit").fetchone()[0]
        assert await mad(44) == "control.too_often"
        assert len(got) == 60
        assert await mad(45) == "control.too_often"
        assert len(got) == 120, "another caller has its own"
        await asyncio.sleep(10)
        await mad(44)
        assert len(got) == 130
        await asyncio.sleep(3_600)
        await mad(44)
        assert len(got) == 190, "no more than a minute's at once"
        after = world.store.db.execute("SELECT max(seq) FROM audit").fetchone()[0]
        assert after - before == len(got)

    run_virtual(minutes)


def test_callers_without_number_share_one_pace() -> None:
    pace = Pace(a_minute=1)
    taken = sum(pace.take(uid, 0.0) for uid in range(10_000))
    assert taken == 65


def test_a_feed_with_full_numbers_comes_in_by_the_socket_only_as_tokens(world: World) -> None:
    take = feed_verbs(lambda: Intake(world.store, world.folder / "refused"))["import-sales"]
    lines = [json.dumps(world.record("S1"), ensure_ascii=False)]
    answer = world.do(take({"lines": lines, "format": "jsonl", "source": "till"}))
    assert answer["ok"] is True
    assert answer["report"]["added"] == 1
    card = world.sale("S1").tenders[0].card
    assert card is not None
    assert card.token == world.tokens.token(world.visa)
    assert world.visa.reveal().encode() not in world.path.read_bytes()
    again = world.do(take({"lines": [*lines, "nonsense"], "source": "till/3"}))
    report = again["report"]
    assert (again["ok"], report["imported"], report["known"], report["refused"]) == (
        *(True, True, 1, 1),
    )
    (problem,) = report["problems"]
    assert (problem["line"], problem["code"]) == (2, "json")
    assert (world.folder / "refused" / "till_3").read_text("utf-8") == "nonsense"
    none = world.do(take({"lines": ["nonsense", "rubbish"], "source": "till 4"}))
    kept = (world.folder / "refused" / "till 4").read_text("utf-8")
    assert kept == "nonsense\nrubbish", "lines that came without their ends are lines again"
    assert (none["ok"], none["report"]["imported"]) == (False, False)


def test_bad_lines_of_one_name_replace_none(world: World) -> None:
    """A till that calls itself alike each day, and two that do so at once."""
    take = feed_verbs(lambda: intake)["import-sales"]
    intake = Intake(world.store, world.folder / "refused")

    async def in_turns(function: Callable[[], Any]) -> Any:
        await asyncio.sleep(0)
        return function()

    async def at_once() -> None:
        await asyncio.gather(*(take({"lines": [line], "source": "till"}) for line in "ab"))

    world.store._runner = in_turns
    world.do(at_once())
    world.do(take({"lines": ["c"], "source": "till"}))
    there = sorted((world.folder / "refused").iterdir())
    kept = [one.read_text("utf-8") for one in there if not one.name.endswith(ERRORS)]
    assert sorted(kept) == ["a", "b", "c"]


def test_what_lines_are_called_keeps_no_card_number(world: World) -> None:
    """Whoever brings them chooses it: it stands in the ledger, in its log, and in refused/."""
    take = feed_verbs(lambda: Intake(world.store, world.folder / "refused"))["import-sales"]
    number = world.visa.reveal()
    lines = [json.dumps(world.masked(), ensure_ascii=False), "nonsense"]
    answer = world.do(take({"lines": lines, "source": f"{number}.jsonl"}))
    assert answer["report"]["source"] == "….jsonl"
    assert (world.folder / "refused" / "….jsonl").read_text("utf-8") == "nonsense"
    world.store.close()
    assert number.encode() not in world.path.read_bytes()


@pytest.mark.parametrize(
    "request_",
    [
        {},
        {"lines": "x"},
        {"lines": [1]},
        {"lines": [], "format": "xml"},
        {"lines": [], "source": 1},
    ],
)
def test_a_request_of_another_form_is_refused(world: World, request_: dict[str, Any]) -> None:
    with pytest.raises(BadRequest):
        world.do(
            feed_verbs(lambda: Intake(world.store, world.folder / "refused"))["import-sales"](
                request_
            )
        )


async def nobody(text: str, form: Format, source: str) -> OutcomeReport:
    raise AssertionError(source)


@pytest.mark.parametrize(
    "request_",
    [
        {},
        {"text": ["x"]},
        {"text": "", "format": "xml"},
        {"text": "", "source": 1},
        {"text": "\ud800"},
    ],
)
def test_outcomes_of_another_form_are_refused(world: World, request_: dict[str, Any]) -> None:
    take = outcome_verbs(nobody)["import-outcomes"]
    with pytest.raises(BadRequest):
        world.do(take(request_))
