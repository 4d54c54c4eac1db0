"""The purge: what goes, what stays, no trace of it, and a chain that still holds (R54)."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hw_sim.virtual import VirtualLoop, run_virtual
from worlds.failures import failure_of
from worlds.ledger import MERCHANT, TERMINAL, World
from worlds.purge import KEEP, later, next_batch, printed, purge, purger
from worlds.steps import Go, around_steps
from worlds.stories import beside

from pos_terminal.config import Retention
from pos_terminal.core import receipt_code
from pos_terminal.core.case import CaseKind
from pos_terminal.core.case_paper import PaperKind
from pos_terminal.core.cause import Cause
from pos_terminal.core.effect import Effect
from pos_terminal.core.items import Item
from pos_terminal.core.refund import Kind, State
from pos_terminal.core.words import Failure, say
from pos_terminal.ports import Approval, Conclusion, Evidence, NewPaper
from pos_terminal.ports.books.outcomes import Judged, OutcomeReport
from pos_terminal.services.ledger import purges
from pos_terminal.services.ledger.books import shelf
from pos_terminal.services.ledger.steps.rebuild import statements
from pos_terminal.services.ledger.store import LedgerStore
from pos_terminal.services.proof.verify import verify_store
from pos_terminal.services.retention.purging import due
from pos_terminal.wire.feed.outcome import Outcome, OutcomeFile
from pos_terminal.wire.receipt.kinds.proof import Proof
from pos_terminal.wire.receipt.kinds.refund import Refunded
from pos_terminal.wire.receipt.parts.decided import Decided
from pos_terminal.wire.receipt.parts.request import Request

PAR = "V0010013019339000000000000001"
NAME, NOTE = "王小明主管", "customer's phone is 555-0199"


def approved(world: World, amount: int, sale_id: str = "S1", **more: Any) -> int:
    """A refund with everything that says who and which card; its number. All of it is over."""
    goods = (Item(1, 100, amount, amount),)
    number = world.apply_for(amount, sale_id, note=NOTE, items=goods, **more).number
    approval = Approval("201", NAME, world.clock.now(), amount, "policy")
    world.do(world.store.applications.approve(number, [approval]))
    refund_id: int = world.seal_again(number, amount).refund.refund_id
    decided = Decided(approvals=(f"201 {NAME}",))
    slip = world.slip(body=Refunded(Request(world.visa.masked), decided=decided))
    world.conclude(refund_id, State.ACCEPTED, amount, slips=(slip,), answer=world.answer())
    printed(world)
    next_batch(world)
    return refund_id


def everything(world: World) -> bytes:
    """Every byte of every file in the folder, as a thief would read it."""
    return b"".join(file.read_bytes() for file in sorted(world.folder.rglob("*")) if file.is_file())


def rows(world: World, sql: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in world.store.db.execute(sql)]


def counts(world: World) -> dict[str, int]:
    """How many rows each table has that belongs to a sale."""
    tables = {gone.table for gone in shelf.goes()}
    sql = "SELECT count(*) FROM "
    return {table: rows(world, sql + table)[0][0] for table in tables}


@pytest.fixture
def sold(world: World) -> World:
    """One sale by card with its PAR and two lines, and the next batch begun."""
    tender = {"kind": "card", "amount": 10_000, "pan": world.visa.reveal(), "par": PAR}
    world.sell("S1", tenders=[tender | {"scheme": "VISA"}])
    next_batch(world)
    return world


# --- by age --------------------------------------------------------------------------------


def test_nothing_goes_before_its_time_and_then_nothing_is_written(sold: World) -> None:
    approved(sold, 4000)
    later(sold, 50)
    before = sold.kinds()
    assert purge(sold) == {}
    assert sold.kinds() == before


@pytest.mark.parametrize("turned", [False, True])
def test_slips_then_persons_then_the_sale_then_the_facts(
    sold: World, turned: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In whatever order the tables are gone through."""
    if turned:
        order = shelf.goes()[::-1]
        monkeypatch.setattr(shelf, "goes", lambda: order)
    refund_id = approved(sold, 4000)
    later(sold, 51)
    assert purge(sold) == {"slips": 1}
    assert sold.refund(refund_id).masked == sold.visa.masked
    later(sold, 50)
    assert purge(sold) == {"refunds": 1}
    refund = sold.refund(refund_id)
    assert (refund.masked, refund.done, refund.rrn) == (None, 4000, "600510000099")
    assert sold.store.applications.approvals(refund.application)[0].name == ""
    assert sold.sale("S1").done == 4000
    later(sold, 100)
    assert purge(sold) == {"sales": 1}
    assert sold.store.sales.by_id("S1") is None
    assert set(counts(sold).values()) == {0}
    assert rows(sold, "SELECT count(*) FROM imports") == [(0,)]
    later(sold, 100)
    assert purge(sold)["audit"] > 5
    verify_store(sold.store)
    verify_store(sold.reopen())
    later(sold, 1)
    assert purge(sold) == {}


def test_what_was_erased_is_in_no_file(sold: World) -> None:
    """In the database, its WAL and whatever else lies there; each canary was there before."""
    approved(sold, 4000)
    sold.do(sold.store.tidy.once())
    token = sold.tokens.token(sold.visa).encode()
    canaries = [NAME.encode(), NOTE.encode(), sold.visa.masked.encode(), token]
    in_sale = [PAR.encode(), b"R-S1", b'"note.canary"']
    sold.do(sold.store.journal.note("login", {"x": "note.canary"}))
    assert all(canary in everything(sold) for canary in [*canaries, *in_sale])
    later(sold, 101)
    purge(sold)
    found = everything(sold)
    assert [canary for canary in canaries[:2] if canary in found] == []
    # the sale itself still names the card
    assert sold.visa.masked.encode() in found
    later(sold, 400)
    purge(sold)
    found = everything(sold)
    assert [canary for canary in [*canaries, *in_sale] if canary in found] == []
    verify_store(sold.store)


def test_a_reader_in_the_way_delays_the_emptying_only(sold: World) -> None:
    approved(sold, 4000)
    later(sold, 101)
    reader = sqlite3.connect(sold.path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM sales").fetchone()
    purge(sold)
    assert sold.store.tidy.owes_empty_wal
    assert NOTE.encode() in everything(sold)
    reader.execute("COMMIT")
    reader.close()
    sold.do(sold.store.tidy.once())
    assert not sold.store.tidy.owes_empty_wal
    assert NOTE.encode() not in everything(sold)


# --- what must stay --------------------------------------------------------------------------


def unknown(world: World) -> None:
    world.refunded(100, State.UNKNOWN, slips=(world.slip(),))
    printed(world)


def kept(world: World) -> None:
    world.refunded(100, State.DECLINED, keep=True)


def with_case(world: World) -> None:
    world.do(world.store.cases.open(approved(world, 100), CaseKind.SLIP_DISPUTED, "101"))


def unprinted(world: World) -> None:
    world.refunded(100, State.DECLINED, slips=(world.slip(),))


def unprinted_refusal(world: World) -> None:
    number = world.apply_for(100, refused=True).number
    world.do(world.store.slips.queue([world.slip()], number))


def younger(world: World) -> None:
    later(world, 395)
    approved(world, 100)
    later(world, -395)


def cash_to_hand_over(world: World) -> None:
    cash = {"kind": "cash", "amount": 500}
    world.sell("S2", trace="000018", batch="000009", tenders=[cash], amount=500)
    world.do(world.store.commit_cash(world.apply_for(500, "S2", Kind.CASH).number, []))


OPEN = [unknown, kept, with_case, unprinted, unprinted_refusal, younger]


@pytest.mark.parametrize("story", OPEN, ids=lambda story: story.__name__)
def test_a_sale_with_anything_open_stays(sold: World, story: Callable[[World], None]) -> None:
    story(sold)
    next_batch(sold)
    whole = counts(sold)
    later(sold, 400)
    purge(sold)
    assert counts(sold) == whole
    assert sold.store.sales.by_id("S1") is not None
    verify_store(sold.store)


def test_cash_that_was_not_handed_over_keeps_its_sale(world: World) -> None:
    cash_to_hand_over(world)
    later(world, 400)
    purge(world)
    assert [refund.state for refund in world.store.refunds.to_hand_over()] == [State.TO_HAND_OVER]
    assert world.store.sales.by_id("S2") is not None


def test_what_is_open_keeps_its_card_and_its_slip_until_it_is_over(sold: World) -> None:
    sold.sell("S2")
    refund_id = sold.seal(100).refund.refund_id
    slip = sold.slip(body=Refunded(Request(sold.visa.masked)))
    sold.conclude(refund_id, State.UNKNOWN, slips=(slip,))
    printed(sold)
    later(sold, 120)
    approved(sold, 200, "S2")
    later(sold, 120)
    assert purge(sold) == {"refunds": 1, "slips": 1, "sales": 1}
    assert sold.store.sales.by_id("S1") is not None, "its refund is open"
    assert sold.refund(refund_id).masked == sold.visa.masked
    assert sold.store.slips.of_refund(refund_id)[0].slip == slip
    assert sold.store.messages.reopen(refund_id).get(2) == sold.visa.reveal()
    sold.conclude(refund_id, State.DECLINED)
    later(sold, 101)
    assert purge(sold)["refunds"] == 1, "the gap is looked at again"
    assert sold.store.sales.by_id("S1") is None
    verify_store(sold.store)


def test_traces_of_the_current_batch_stay_taken(world: World) -> None:
    world.sell("S1", trace="000001")
    later(world, 400)
    assert "sales" not in purge(world)
    assert world.do(world.store.counter.draw()) == "000002"
    next_batch(world)
    assert purge(world)["sales"] == 1


def test_a_stolen_card_stays_refused_for_as_long_as_its_sale_is_known(sold: World) -> None:
    token = sold.tokens.token(sold.visa)
    sold.refunded(100, State.DECLINED, cause=Cause.CARD_REFUSED)
    next_batch(sold)
    later(sold, 150)
    assert purge(sold) == {"refunds": 1}
    assert sold.store.refunds.card_refused(token, None)
    later(sold, 150)
    purge(sold)
    assert not sold.store.refunds.card_refused(token, None)


# --- what is gone stays gone ------------------------------------------------------------------


def test_a_purged_sale_does_not_come_in_again(sold: World) -> None:
    approved(sold, 10_000)
    later(sold, 400)
    purge(sold)
    fresh = sold.record("S9", sold_at=sold.clock.now().isoformat())
    elsewhere = {"kind": "refunded_elsewhere", "reference": "HQ1", "sale_id": "S1", "amount": 700}
    report = sold.take_in(
        sold.record("S1"),
        elsewhere | {"at": "2026-01-05T09:30:00+08:00"},
        {"kind": "sale_voided", "sale_id": "S7", "at": "2026-01-05T09:30:00+08:00"},
        fresh,
    )
    assert (report.imported, report.added, report.events, report.expired) == (True, 1, 0, 3)
    assert sold.store.sales.by_id("S1") is None
    assert sold.store.sales.by_id("S9") is not None
    verify_store(sold.store)


def test_a_longer_retention_lets_no_purged_sale_in_again(sold: World) -> None:
    later(sold, 400)
    purge(sold)
    bound = purges.horizon(sold.store.db)
    sold.sell("S8", sold_at=sold.clock.now().isoformat(), batch="000001")
    later(sold, 600)
    later(sold, -300)
    purge(sold, keep=Retention(sales_days=590, refunds_days=30, audit_days=900))
    assert bound is not None
    assert purges.horizon(sold.store.db) == bound
    assert sold.take_in(sold.record("S1")).expired == 1


def test_what_is_still_known_goes_on_as_before(sold: World) -> None:
    """A sale that is kept takes its events, however old both are."""
    sold.sell("S2", trace="000018", rrn="600510000018")
    sold.refunded(100, State.UNKNOWN, sale_id="S2")
    later(sold, 400)
    assert purge(sold)["sales"] == 1
    elsewhere = {"kind": "refunded_elsewhere", "reference": "HQ1", "sale_id": "S2", "amount": 700}
    report = sold.take_in(
        sold.record("S2", trace="000018", rrn="600510000018"),
        elsewhere | {"at": "2026-01-05T09:30:00+08:00"},
    )
    assert (report.known, report.events, report.expired) == (1, 1, 0)
    assert sold.tender("S2") == (700, 100)
    verify_store(sold.store)


def test_events_that_wait_for_a_sale_go_with_their_age(world: World) -> None:
    closed = {"kind": "batch_closed", "terminal_id": world.terminal, "batch": "000007"}
    world.take_in(
        {"kind": "sale_voided", "sale_id": "S7", "at": "2026-01-05T09:30:00+08:00"},
        closed | {"at": "2026-01-05T23:30:00+08:00"},
    )
    later(world, 201)
    assert purge(world) == {"sales": 2}
    assert rows(world, "SELECT count(*) FROM feed_events") == [(0,)]
    verify_store(world.store)


def test_proofs_of_purchase_are_counted_though_they_say_nothing_any_more(sold: World) -> None:
    store, key = sold.store, sold.sale().key

    def prove() -> int:
        made = store.slips.prove(key, lambda n: sold.slip(body=Proof(number=n)), "101")
        return sold.do(made)

    assert [prove(), prove()] == [1, 2]
    assert [job.slip.body for job in store.slips.before(None, 9)] == [Proof(2), Proof(1)]
    sold.do(store.slips.reprint(1, "101"))  # a copy of it is none
    printed(sold)
    later(sold, 51)
    assert purge(sold) == {"slips": 3}
    assert (store.slips.proofs_of(key), prove()) == (2, 3)
    verify_store(store)
    changed = store.slips.before(None, 1)[0]
    with sold.store.writer.db as db:
        db.execute("UPDATE print_jobs SET slip = replace(slip, '\"number\":3', '\"number\":4')")
    assert failure_of(lambda: verify_store(store)) == "ledger.tampered"
    with sold.store.writer.db as db:
        db.execute("UPDATE print_jobs SET slip = replace(slip, '\"number\":4', '\"number\":3')")
    assert store.slips.before(None, 1) == [changed]
    printed(sold)
    later(sold, 200)
    assert purge(sold)["sales"] == 1
    assert set(counts(sold).values()) == {0}


def test_a_slip_that_is_gone_is_not_printed_again(sold: World) -> None:
    refund_id = approved(sold, 4000)
    (job,) = sold.store.slips.of_refund(refund_id)
    later(sold, 51)
    purge(sold)
    (bare,) = sold.store.slips.before(None, 9)
    assert (bare.slip.kind, bare.slip.copy) == (job.slip.kind, job.slip.copy)
    assert (bare.slip.head.amount, bare.slip.head.at) == (job.slip.head.amount, job.slip.head.at)
    assert bare.slip.body == Refunded()
    with pytest.raises(Failure, match=r"ledger\.slip_gone"):
        sold.do(sold.store.slips.reprint(job.job_id, "101"))


def test_numbers_are_never_given_again(sold: World) -> None:
    refund_id = approved(sold, 4000)
    later(sold, 400)
    purge(sold)
    sold.sell("S2", sold_at=sold.clock.now().isoformat())
    sealed = sold.seal(100, "S2").refund
    assert (sealed.refund_id, sealed.application) == (refund_id + 1, 2)
    verify_store(sold.store)


# --- when ------------------------------------------------------------------------------------


def test_without_a_trusted_clock_nothing_goes(sold: World) -> None:
    later(sold, 400)
    with pytest.raises(Failure, match=r"clock\.unproven"):
        run_virtual(lambda _: purger(sold, say("clock.unproven")).once())
    assert sold.store.sales.by_id("S1") is not None


def test_a_clock_that_leapt_ahead_without_ntp_puts_it_off(sold: World) -> None:
    """A sign-on tells no year: what a wrong one would erase is kept until people noticed."""
    later(sold, 400)
    for _ in range(2):
        before = sold.kinds()
        assert failure_of(purge, sold, ntp=False) == "clock.leapt"
        assert sold.store.sales.by_id("S1") is not None
    assert (sold.kinds(), before[-1]) == (before, "purge_put_off"), "written down once"
    later(sold, 6)
    assert failure_of(purge, sold, ntp=False) == "clock.leapt"
    later(sold, 2)
    assert purge(sold, ntp=False)["sales"] == 1
    verify_store(sold.store)


def test_a_leap_is_one_whatever_was_written_after_it(sold: World) -> None:
    later(sold, 400)
    next_batch(sold)
    with pytest.raises(Failure, match=r"clock\.leapt") as caught:
        purge(sold, ntp=False)
    until = sold.clock.now() + timedelta(days=7)
    assert caught.value.words.values["until"] == f"{until:%Y-%m-%d}"
    assert sold.kinds()[-1] != "purge_put_off"


def test_where_nothing_is_due_a_leap_is_not_written_down(sold: World) -> None:
    later(sold, 90)
    before = sold.kinds()
    assert failure_of(purge, sold, ntp=False) == "clock.leapt"
    assert sold.kinds() == before


def test_without_ntp_a_shop_that_works_is_purged_as_ever(sold: World) -> None:
    for _ in range(8):
        later(sold, 50)
        next_batch(sold)
    assert purge(sold, ntp=False)["sales"] == 1


def test_it_runs_soon_after_the_start_and_then_once_a_day(sold: World) -> None:
    later(sold, 199.5)

    async def scene(loop: VirtualLoop) -> None:
        async with beside(purger(sold).run()):
            await asyncio.sleep(60)
            assert sold.store.sales.by_id("S1") is not None
            before = sold.kinds()
            later(sold, 1)
            await asyncio.sleep(23 * 3600)
            assert sold.kinds() == before
            await asyncio.sleep(3600)
            assert sold.store.sales.by_id("S1") is None

    run_virtual(scene)


def test_it_waits_for_a_refund_on_its_way(sold: World) -> None:
    later(sold, 201)
    sold.sell("S2", trace="000018", sold_at="2026-07-20T09:00:00+08:00")
    number = sold.apply_for(100, "S2").number

    async def scene(loop: VirtualLoop) -> None:
        sealed = await sold.store.seal(number, sold.card(), sold.request(100))
        async with beside(purger(sold).run()):
            await asyncio.sleep(90)
            assert sold.store.sales.by_id("S1") is not None
            await sold.store.conclude(sealed.refund.refund_id, Conclusion(State.DECLINED))
            await asyncio.sleep(30)
            assert sold.store.sales.by_id("S1") is None

    run_virtual(scene)


def test_a_day_s_work_goes_between_its_commits(world: World) -> None:
    """However much is due, whoever writes waits for one commit, and the purge for quiet."""
    world.take_in(*(world.record(f"S{n}", trace=f"{n:06d}") for n in range(1, 301)))
    next_batch(world)
    later(world, 201)
    steps: list[str] = []
    real = world.store.step

    async def step(name: str, go: Go) -> Any:
        if name == "purge.sales" and steps.count(name) == 2:
            steps.append("note")
            await real("note.login", lambda step: step.log("login"))
        steps.append(name)
        return await go()

    around_steps(world.store, step)

    async def scene(loop: VirtualLoop) -> float:
        begun = loop.time()
        await purger(world).once()
        return float(loop.time() - begun)

    seconds = run_virtual(scene)
    assert steps == ["purge.sales"] * 2 + ["note"] + ["purge.sales"] * 13
    assert 5 < seconds < 7
    assert rows(world, "SELECT count(*) FROM sales") == [(0,)]


def test_a_full_disk_stops_it_until_later(sold: World) -> None:
    later(sold, 201)

    async def full(name: str, go: Go) -> Any:
        raise Failure("ledger.full", file="x", cause="SQLITE_FULL")

    async def scene(loop: VirtualLoop) -> None:
        end = around_steps(sold.store, full)
        async with beside(purger(sold).run()) as running:
            await asyncio.sleep(60)
            assert not running.done()
            end()
            await asyncio.sleep(3600)
            assert sold.store.sales.by_id("S1") is None

    run_virtual(scene)


def test_what_would_go_is_counted_without_writing(sold: World) -> None:
    approved(sold, 4000)
    later(sold, 201)
    before = sold.kinds()
    found = due(sold.store.db, KEEP, sold.clock.now())
    assert found == {"refunds": 1, "slips": 1, "sales": 1, "cases": 0, "audit": 0}
    assert sold.kinds() == before


# --- killed ----------------------------------------------------------------------------------


class SimulatedKillError(BaseException):
    """Nothing after it runs."""


STEPS = ["purge.refunds", "purge.slips", "purge.sales", "purge.audit"]


@pytest.mark.parametrize("when", ["before", "inside", "after"])
@pytest.mark.parametrize("name", STEPS)
def test_a_kill_at_each_commit_leaves_a_ledger_that_verifies(
    sold: World, name: str, when: str
) -> None:
    approved(sold, 4000)
    later(sold, 400)
    real = sold.store.step

    async def step(step_name: str, work: Any) -> Any:
        def die(step: Any) -> Any:
            work(step)
            sold.copy("dead")
            raise SimulatedKillError

        if step_name != name:
            return await real(step_name, work)
        if when == "inside":
            return await real(step_name, die)
        if when == "after":
            await real(step_name, work)
        sold.copy("dead")
        raise SimulatedKillError

    sold.store.step = step  # type: ignore[method-assign, assignment] # what it does changes
    with pytest.raises(SimulatedKillError):
        purge(sold)
    sold.store.close()
    sold.store = sold.open(sold.folder / "dead" / "ledger.db")
    verify_store(sold.store)
    purge(sold)
    assert sold.store.sales.by_id("S1") is None
    assert rows(sold, "SELECT count(*) FROM audit WHERE facts IS NULL")[0][0] > 5
    verify_store(sold.store)


# --- files -----------------------------------------------------------------------------------


def test_old_files_of_the_feed_go(world: World) -> None:
    folder = world.folder / "done"
    folder.mkdir()
    for name, days in (("old.jsonl", 11), ("new.jsonl", 9)):
        (folder / name).write_text("4761739001010010")
        then = (world.clock.now() - timedelta(days=days)).timestamp()
        os.utime(folder / name, (then, then))
    done = run_virtual(lambda _: purger(world, folder=folder).once())
    assert done["files"] == 1
    assert [file.name for file in folder.iterdir()] == ["new.jsonl"]
    assert world.kinds()[-1] == "purge"
    verify_store(world.store)


def test_what_the_acquirer_s_file_told_goes_with_its_refund(sold: World) -> None:
    file = OutcomeFile("1121.jsonl", "0" * 64, ())
    refund_id = sold.refunded(500, State.UNKNOWN).refund_id
    judged = (
        Judged(told(1, "000099"), Effect.UNMATCHED, reason="not here"),
        Judged(told(2, "000098"), Effect.CONCLUDED, refund_id, by_file(file, 2)),
    )
    sold.do(sold.store.outcomes.take_in(OutcomeReport(file, judged)))
    verify_store(sold.store)
    next_batch(sold)
    later(sold, 800)
    purge(sold)
    for table in ("outcomes", "outcome_files"):
        assert rows(sold, f"SELECT count(*) FROM {table}") == [(0,)]  # noqa: S608
    verify_store(sold.store)


def told(line: int, stan: str) -> Outcome:
    return Outcome(
        line=line,
        batch="000001",
        stan=stan,
        kind=Kind.REFUND,
        amount=500,
        done=500,
        rrn="",
        auth_code="",
        happened_on="",
        reference="P1",
        content=stan,
    )


def by_file(file: OutcomeFile, line: int) -> Conclusion:
    evidence = Evidence(500, "P1", "", "", file.source, line, file.digest)
    return Conclusion(State.ACCEPTED, 500, evidence=evidence)


# --- the tables ------------------------------------------------------------------------------


def test_a_sale_that_paid_a_recovery_slip_stays_as_long_as_the_slip(sold: World) -> None:
    """An open case keeps the slip: it would be called unpaid once its sale had gone."""
    refund_id = approved(sold, 4000)
    case = sold.do(sold.store.cases.open(refund_id, CaseKind.AMOUNT_MUCH, "101"))
    paper = NewPaper(case, PaperKind.RECOVERY, 400, "156", "101", "told")
    number = sold.do(sold.store.case_papers.add(paper, lambda _: ()))
    code = receipt_code.remedy_code(MERCHANT, TERMINAL, number)
    cash = {"kind": "cash", "amount": 400}
    others = receipt_code.remedy_code(MERCHANT, "87654321", number)
    for name, told in (("PAYS", code), ("OTHER", ""), ("ANOTHER_TERMINALS", others)):
        numbers = dict.fromkeys(("trace", "rrn", "auth_code"), "")
        sold.sell(name, tenders=[cash], amount=400, recovery_no=told, **numbers)
    later(sold, 2000)
    purge(sold)
    assert rows(sold, "SELECT sale_id FROM sales ORDER BY 1") == [("PAYS",), ("S1",)]
    assert len(sold.store.sales.by_recovery(code)) == 1
    verify_store(sold.store)


def test_everything_that_hangs_on_a_sale_goes_with_it(world: World) -> None:
    """And all that refers to what hangs on it."""
    tables = [row[0] for row in rows(world, "SELECT name FROM sqlite_schema WHERE type = 'table'")]
    refers = {
        table: {row[2] for row in rows(world, f"PRAGMA foreign_key_list({table})")}
        for table in tables
    }
    hanging = {"sales"}
    while more := {table for table in tables if refers[table] & hanging} - hanging:
        hanging |= more
    assert hanging - {gone.table for gone in shelf.goes()} == set()
    assert {names.table for names in shelf.names()} & hanging == set()


def work_of(store: LedgerStore, statement: Callable[[], object]) -> int:
    """Instructions of SQLite's machine, in hundreds."""
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    store.writer.db.set_progress_handler(count, 100)
    try:
        statement()
    finally:
        store.writer.db.set_progress_handler(None, 0)
    return steps


FILL = """
CREATE TEMP TABLE n AS WITH RECURSIVE n (i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n
    WHERE i < :count + 9) SELECT i, 'N' || i AS id FROM n;
INSERT INTO sales SELECT i, id, origin, merchant_id, terminal_id, batch, 9000 + i, rrn, auth_code,
    :now, unixepoch(:now), sold_on, currency, amount, id, state, told_state, gift_receipt_no,
    invoice, invoice_no, recovery_no, locked, content, 99 FROM sales, n WHERE sale_id = 'old';
INSERT INTO tenders SELECT i, leg, kind, amount, told, done, held, masked, token, token_key_id, par,
    scheme, funding, sold_ts, terminal_id, batch, 9000 + i, rrn, auth_code, :now, unixepoch(:now),
    paid_on, batch_closed, order_no, voucher_no, exchange_no, typed, as_told FROM tenders,
    n WHERE sale_key = 1;
INSERT INTO lines SELECT i, line, sku, name, quantity, returned, held, unit_price, category, kind,
    paid, promotion, barcodes, serials, returnable, not_returnable_because
    FROM lines, n WHERE sale_key = 1;
INSERT INTO feed_events (event_key, kind, sale_id, at, at_ts, content, import_id)
    SELECT id, 'sale_voided', id, :now, unixepoch(:now), '', 99 FROM n;
INSERT INTO applications (number, ticket, place, sale_key, leg, kind, amount, owed, reason, note,
    operator, state, opened_at, changed_at)
    SELECT i, i, 1, i, 1, 'refund', 1, 0, '1', '', '101', 'done', :now, :now FROM n;
INSERT INTO application_items (application, sale_key, line, quantity, amount, worth)
    SELECT i, i, 1, 1, 1, 1 FROM n;
INSERT INTO refunds (refund_id, application, sale_key, leg, seq, kind, state, amount, done,
    currency, operator, match, stan, batch, sealed_at, sealed_ts, sealed_on, concluded_at)
    SELECT i, i, i, 1, 1, 'refund', 'accepted', 1, 1, '156', '101', 'exact', i, '000009', :now,
    unixepoch(:now), :now, :now FROM n;
INSERT INTO cases (case_id, kind, sale_key, refund_id, state, opened_at, closed_at, due_on, facts)
    SELECT i, 'contradiction', i, i, 'closed', :now, :now, '', '{}' FROM n;
INSERT INTO print_jobs (refund_id, slip, state, queued_at, changed_at)
    SELECT i, '{}', 'confirmed', :now, :now FROM n;
INSERT INTO print_jobs (application, sale_key, slip, state, queued_at, changed_at)
    SELECT i, i, '{}', 'confirmed', :now, :now FROM n;
INSERT INTO print_jobs (case_id, sale_key, original, slip, state, queued_at, changed_at)
    SELECT i, i, i, '{}', 'confirmed', :now, :now FROM n;
DROP TABLE n;
"""
"""Rows of every table that hangs on a sale, all of them young."""


def cost(world: World, size: int) -> int:
    """SQLite's work, in hundreds of its instructions, for a run that purges one sale of many."""
    world.sell("old", trace="000999")
    world.do(world.store.cases.open(approved(world, 100, "old"), CaseKind.UNKNOWN_OUTCOME, "101"))
    world.store.writer.db.execute("UPDATE cases SET state = 'closed', closed_at = opened_at")
    later(world, 160)
    now = world.clock.now().isoformat()
    for statement in statements(FILL):
        world.store.writer.db.execute(statement, {"count": size, "now": now})
    for number in range(200):
        world.do(world.store.journal.note("login", {"operator": number}))
    later(world, 41)
    steps = work_of(world.store, lambda: purge(world))
    assert world.store.sales.by_id("old") is None
    assert rows(world, "SELECT count(*) FROM sales") == [(size,)]
    return steps


def test_a_run_costs_no_more_in_a_ledger_with_much_in_it(tmp_path: Path) -> None:
    """No index is missing, neither for the questions nor for the foreign keys."""
    found = []
    for size in (200, 2000):
        (tmp_path / str(size)).mkdir()
        world = World(tmp_path / str(size))
        found.append(cost(world, size))
        world.close()
    assert found[1] < found[0] + 5
