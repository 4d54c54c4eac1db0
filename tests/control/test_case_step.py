"""A step of a case in free words, by a technician (R45)."""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest
from hw_sim.virtual import run_virtual
from worlds.ledger import World
from worlds.stories import as_test

from pos_terminal.control.case_step import case_step_verbs
from pos_terminal.control.requests import BadRequest
from pos_terminal.core.case import CaseKind
from pos_terminal.core.words import Failure
from pos_terminal.services.proof.verify import verify_store

TECHNICIAN = 1_000
TOLD = {"kind": "letter", "text": "The bank wrote: 还没有入账"}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    world.close()


class Desk:
    def __init__(self, world: World) -> None:
        world.sell()
        self.world = world
        cases = world.store.cases
        opened = cases.open_of_sale(world.sale().key, CaseKind.TIME, "101", lambda _: ())
        self.case = int(world.do(opened))
        self._verb = case_step_verbs(world.store, world.merchant)["case-step"]

    async def note(self, **told: Any) -> dict[str, Any]:
        return dict(await self._verb({"case": self.case, "uid": TECHNICIAN, **TOLD, **told}))


def told(story: Callable[[Desk], Coroutine[Any, Any, None]]) -> Callable[..., None]:
    def run(begin: Any, world: World) -> None:
        desk = Desk(world)
        run_virtual(lambda _: begin(desk))

    return as_test(story, run, needs=("world",))


@told
async def test_it_is_kept_with_its_evidence_and_day_and_is_in_the_log(desk: Desk) -> None:
    evidence = ["bank_letter:L-4711", "photo: P-1 "]
    answer = await desk.note(evidence=evidence, next_on="2026-03-04")
    assert answer == {"case": desk.case, "step": 1}
    (step,) = desk.world.store.cases.steps(desk.case)
    assert (step.kind.value, step.text, step.operator) == ("letter", TOLD["text"], "uid 1000")
    assert [(one.kind.value, one.reference) for one in step.evidence] == [
        ("bank_letter", "L-4711"),
        ("photo", "P-1"),
    ]
    assert str(step.next_on) == "2026-03-04"
    (facts,) = desk.world.store.db.execute("SELECT facts FROM audit WHERE kind = 'case_step'")
    assert json.loads(facts[0])["operator"] == "uid 1000"
    assert "bank wrote" not in facts[0], "the log has a mark of the text, not the text"
    verify_store(desk.world.store)


@pytest.mark.parametrize(
    "wrong",
    [
        {"case": "1"},
        {"case": True},
        {"kind": "refund"},
        {"kind": None},
        {"text": "x" * 501},
        {"text": "a\x1b[2Jb"},
        {"text": "", "evidence": []},
        {"evidence": "photo:1"},
        {"evidence": ["photo:1"] * 6},
        {"evidence": ["picture:1"]},
        {"evidence": ["photo:"]},
        {"next_on": "soon"},
        {"next_on": 20260304},
    ],
)
def test_what_is_no_step_is_told_and_nothing_kept(world: World, wrong: dict[str, Any]) -> None:
    desk = Desk(world)

    async def story() -> None:
        with pytest.raises(BadRequest):
            await desk.note(**wrong)

    run_virtual(lambda _: story())
    assert not world.store.cases.steps(desk.case)


@pytest.mark.parametrize(
    "secret",
    [
        "card 4761730000000010 of hers",
        "4761 7300 0000 0010",
        "voucher 8210703141579",
    ],
)
def test_no_number_of_a_card_or_voucher_is_kept(world: World, secret: str) -> None:
    desk = Desk(world)
    from pos_terminal.core.receipt_code import encode_voucher

    voucher = encode_voucher(world.merchant, world.terminal, 314_157)
    text = secret.replace("8210703141579", voucher)

    async def story() -> None:
        for wrong in ({"text": text}, {"evidence": [f"other:{text[:40]}"]}):
            with pytest.raises(Failure, match=r"cases\.secret"):
                await desk.note(**wrong)

    run_virtual(lambda _: story())
    assert not world.store.cases.steps(desk.case)
    assert all(text not in str(row[0]) for row in world.store.db.execute("SELECT facts FROM audit"))


@told
async def test_of_an_unknown_case_and_too_often(desk: Desk) -> None:
    with pytest.raises(Failure, match=r"cases\.none_such"):
        await desk.note(case=77)
    for _ in range(59):
        await desk.note()
    with pytest.raises(Failure, match=r"cases\.too_often"):
        await desk.note()
    assert len(desk.world.store.cases.steps(desk.case)) == 59
