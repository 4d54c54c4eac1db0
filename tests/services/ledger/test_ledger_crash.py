"""The world stops at a step; what the files hold decides what goes on (R33)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from worlds.ledger import World
from worlds.steps import Go, around_steps

from pos_terminal.core.refund import Kind, State
from pos_terminal.ports import JobState
from pos_terminal.services.ledger.store import LedgerStore
from pos_terminal.services.proof.verify import verify_store
from pos_terminal.wire.iso8583.message import Message


class SimulatedKillError(BaseException):
    """Nothing after it runs."""


def stop(store: LedgerStore, name: str, after: bool) -> None:
    """Make the store's step ``name`` the last thing that happens."""

    async def step(step_name: str, go: Go) -> Any:
        if step_name == name and not after:
            raise SimulatedKillError
        result = await go()
        if step_name == name:
            raise SimulatedKillError
        return result

    around_steps(store, step)


@pytest.fixture
def after_restart(world: World) -> Iterator[Callable[[str], LedgerStore]]:
    """Opens a copy of the files as they are now, nothing closed first."""
    opened: list[LedgerStore] = []

    def restart(name: str = "copy") -> LedgerStore:
        store = world.open(world.copy(name))
        opened.append(store)
        return store

    yield restart
    for store in opened:
        store.close()


def one_refund(world: World, kind: Kind, amount: int) -> None:
    number = world.apply_for(amount, kind=kind).number
    refund_id = world.seal_again(number, amount).refund.refund_id
    world.conclude(refund_id, State.ACCEPTED, amount, slips=(world.slip(),))
    job = world.store.slips.of_refund(refund_id)[0].job_id
    world.do(world.store.slips.sending(job))
    world.do(world.store.slips.done({job: JobState.CONFIRMED}))


#: step -> what a restart finds if the world stops before it: refund state, done, held, job state
BEFORE = {
    "open_application": (None, 0, 0, None),
    "seal": (None, 0, 0, None),
    "conclude": ("sealed", 0, 10_000, None),
    "job_sending": ("accepted", 10_000, 0, "ready"),
    "jobs_done": ("accepted", 10_000, 0, "sending"),
    "end": ("accepted", 10_000, 0, "confirmed"),
}
STEPS = list(BEFORE)[:-1]
CASES = [(step, False, step) for step in STEPS] + [
    (step, True, following) for step, following in zip(STEPS, list(BEFORE)[1:], strict=True)
]


@pytest.mark.parametrize("kind", [Kind.REFUND, Kind.VOID])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_stop_at_each_step(
    world: World, after_restart: Callable[..., LedgerStore], kind: Kind, case: tuple[str, bool, str]
) -> None:
    step, after, as_before = case
    world.sell()
    stop(world.store, step, after)
    with pytest.raises(SimulatedKillError):
        one_refund(world, kind, 10_000)
    store = after_restart()
    state, done, held, job = BEFORE[as_before]
    sale = store.sales.by_id("S1")
    assert sale is not None
    refund = store.refunds.by_id(1)
    assert (refund and refund.state, sale.done, sale.held) == (state, done, held)
    assert [j.state for j in store.slips.of_refund(1)] == ([job] if job else [])
    assert sale.state == ("voided" if kind is Kind.VOID and done else "approved")
    verify_store(store)
    if state == "sealed":
        assert [r.refund_id for r in store.refunds.open_ones()] == [1]
        assert store.messages.reopen(1).get(2) == world.visa.reveal()
        armed = store.db.execute("SELECT reversal FROM messages").fetchone()[0]
        assert armed == (kind is Kind.VOID)
    application = store.applications.by_number(1)
    if step == "seal" and not after:
        # what was still being entered is over: nothing was promised
        assert application is not None
        assert application.state == "cancelled"


def test_a_stop_inside_s_leaves_nothing(
    world: World, after_restart: Callable[..., LedgerStore]
) -> None:
    world.sell()
    number = world.apply_for(4000).number

    def die(_drawn: object) -> Message:
        world.copy("inside")
        raise SimulatedKillError

    with pytest.raises(SimulatedKillError):
        world.do(world.store.seal(number, world.card(), die))
    assert world.tender() == (0, 0)
    assert world.application(number).state == "open"
    store = world.open(world.folder / "inside" / "ledger.db")
    sale = store.sales.by_id("S1")
    assert sale is not None
    assert (sale.held, store.refunds.by_id(1)) == (0, None)
    store.close()


def test_every_write_is_a_named_step(world: World) -> None:
    """Nothing reaches the writer but through ``step``: a test can stop the world at any of it."""
    names: list[str] = []

    async def step(name: str, go: Go) -> Any:
        names.append(name)
        return await go()

    around_steps(world.store, step)
    commits: list[str] = []
    world.store.writer.db.set_trace_callback(
        lambda sql: commits.append(sql) if sql == "COMMIT" else None
    )
    world.sell()
    one_refund(world, Kind.REFUND, 100)
    world.do(world.store.counter.resequence())
    world.do(world.store.journal.note("login", {"kind": "x", "operator": "101"}))
    assert names == [
        "import_sales",
        "open_application",
        "seal",
        "conclude",
        "job_sending",
        "jobs_done",
        "resequence",
        "note.login",
    ]
    assert len(commits) == len(names)
