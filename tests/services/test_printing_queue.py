"""The print queue with the emulated printer, on the virtual loop."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import cast

import pytest
from hw_sim.printer.inprocess import SimPrinter
from hw_sim.printer.models import MODELS
from hw_sim.printer.sample_slip import SLIP
from hw_sim.virtual import VirtualLoop, run_inline, run_virtual
from msgspec.structs import replace
from worlds.stories import told_by

from pos_terminal.ports import JobState, PrinterLost, PrintJob, SlipsEnd, Upset
from pos_terminal.services.paper.queue import PrintQueue
from pos_terminal.services.paper.slip_bytes import receipt_tongues, slip_renderer
from pos_terminal.texts import Language
from pos_terminal.wire.receipt.head import Copy
from pos_terminal.wire.receipt.kinds.refund import Refunded


class Journal:
    """The ledger's print jobs as a journal of commits; fulfils the queue's ``Jobs``."""

    def __init__(self) -> None:
        self.rows: dict[int, PrintJob] = {}
        self.commits: list[str] = []
        self.before_bytes: list[int] = []
        self.sim: SimPrinter | None = None

    def add(self, refund_id: int | None, *copies: Copy) -> list[int]:
        made = []
        for copy in copies:
            number = len(self.rows) + 1
            slip = SLIP.copy_for(copy)
            self.rows[number] = PrintJob(number, refund_id, slip, JobState.READY, 0, 0)
            made.append(number)
        return made

    def in_state(self, *states: JobState) -> Sequence[PrintJob]:
        return tuple(job for job in self.rows.values() if job.state in states)

    def of_refund(self, refund_id: int) -> Sequence[PrintJob]:
        return tuple(job for job in self.rows.values() if job.refund_id == refund_id)

    def of_case(self, case_id: int) -> Sequence[PrintJob]:
        """Those of no refund, here."""
        return tuple(job for job in self.rows.values() if job.refund_id is None)

    async def _commit(self, what: str, job_ids: Sequence[int], state: JobState) -> None:
        await asyncio.sleep(0.001)
        self.commits.append(f"{what} {' '.join(map(str, job_ids))}")
        for job_id in job_ids:
            self.rows[job_id] = replace(self.rows[job_id], state=state)

    async def sending(self, job_id: int) -> PrintJob:
        assert self.rows[job_id].state is JobState.READY
        assert self.sim is not None
        self.before_bytes.append(self.sim.printer.raw.count(b"\x1b@"))
        attempt = self.rows[job_id].attempt + 1
        self.rows[job_id] = replace(self.rows[job_id], attempt=attempt)
        await self._commit("sending", [job_id], JobState.SENDING)
        return self.rows[job_id]

    async def done(self, jobs: Mapping[int, JobState]) -> None:
        self.commits.append(f"done {' '.join(f'{job} {end}' for job, end in jobs.items())}")
        await asyncio.sleep(0.001)
        for job_id, end in jobs.items():
            self.rows[job_id] = replace(self.rows[job_id], state=end)

    async def unknown(self, job_id: int, upset: Upset) -> None:
        await self._commit(f"unknown {upset}", [job_id], JobState.UNKNOWN)

    async def unsent(self, job_id: int) -> None:
        attempt = self.rows[job_id].attempt - 1
        self.rows[job_id] = replace(self.rows[job_id], attempt=attempt)
        await self._commit("unsent", [job_id], JobState.READY)

    async def ready_again(self, job_id: int, operator: str) -> None:
        assert self.rows[job_id].state is JobState.UNKNOWN
        await self._commit("ready", [job_id], JobState.READY)

    async def dropped(self, job_id: int, operator: str) -> None:
        assert self.rows[job_id].state is JobState.UNKNOWN
        await self._commit("dropped", [job_id], JobState.DROPPED)

    async def reprint(self, job_id: int, operator: str) -> PrintJob:
        old = self.rows[job_id]
        (number,) = self.add(old.refund_id, old.slip.copy)
        self.rows[number] = replace(self.rows[number], duplicate=old.duplicate + 1)
        return self.rows[number]


class Shop:
    def __init__(self) -> None:
        self.journal = Journal()
        self.sim = self.journal.sim = SimPrinter()
        render = slip_renderer(Language.ZH_CN, bilingual=False, columns=32)
        self.driver = self.sim.driver(lambda _: None)
        self.queue = PrintQueue(self.journal, self.driver, render, off_loop=run_inline)


Scene = Callable[[Shop], Awaitable[None]]


def in_shop(scene: Scene, prepare: Callable[[Shop], object] = lambda _: None) -> None:
    async def main(loop: VirtualLoop) -> None:
        shop = Shop()
        prepare(shop)
        runs = (shop.sim.run(), shop.driver.run(), shop.queue.run())
        tasks = [asyncio.create_task(run) for run in runs]
        try:
            async with asyncio.timeout(10_000):
                await scene(shop)
        finally:
            for task in tasks:
                task.cancel()
            ends = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(isinstance(end, asyncio.CancelledError) for end in ends), ends

    run_virtual(main)


BOTH = (Copy.MERCHANT, Copy.CUSTOMER)


@told_by(in_shop)
async def test_both_slips_are_sent_after_their_commit_and_confirmed_in_one(shop: Shop) -> None:
    shop.journal.add(1, *BOTH)
    assert await shop.queue.slips_done(1) is SlipsEnd.PRINTED
    assert shop.journal.commits == ["sending 1", "sending 2", "done 1 confirmed 2 confirmed"]
    assert shop.journal.before_bytes == [1, 2], "READY to SENDING is durable before a byte"
    assert ["商户存根" in text for text in shop.sim.texts()] == [True, False]
    assert shop.queue.waiting == 0


def test_nothing_begins_while_a_flow_holds_the_slips() -> None:
    async def held(shop: Shop) -> None:
        with shop.queue.hold():
            with shop.queue.hold():
                shop.journal.add(1, *BOTH)
                shop.queue.wake()
            await asyncio.sleep(100)
            assert shop.journal.commits == [], "the outer hold lasts"
            raise TimeoutError

    async def scene(shop: Shop) -> None:
        with pytest.raises(TimeoutError):
            await held(shop)
        assert await shop.queue.slips_done(1) is SlipsEnd.PRINTED

    in_shop(scene)


@told_by(in_shop)
async def test_refunds_print_in_their_order_and_are_confirmed_each_for_itself(shop: Shop) -> None:
    shop.journal.add(1, *BOTH)
    shop.journal.add(None, Copy.MERCHANT)
    shop.journal.add(2, *BOTH)
    assert await shop.queue.slips_done(2) is SlipsEnd.PRINTED
    done = [line for line in shop.journal.commits if line.startswith("done")]
    assert done == [
        "done 1 confirmed 2 confirmed",
        "done 3 confirmed",
        "done 4 confirmed 5 confirmed",
    ]


@told_by(in_shop)
async def test_paper_out_in_mid_slip_is_waited_for_and_the_flow_is_told(shop: Shop) -> None:
    shop.sim.printer.after(5, lambda: shop.sim.printer.change(paper_out=True))
    shop.journal.add(1, *BOTH)
    assert await shop.queue.slips_done(1) is SlipsEnd.WAITING
    assert shop.queue.trouble is not None
    assert shop.queue.trouble.code == "printer.paper_out"
    assert shop.queue.waiting == 2
    shop.sim.printer.change(paper_out=False)
    assert await shop.queue.slips_done(1) is SlipsEnd.PRINTED
    assert shop.queue.trouble is None
    assert [job.attempt for job in shop.journal.rows.values()] == [1, 1]
    assert len(shop.sim.texts()) == 2


@pytest.mark.parametrize("fault", ["unplug", "power_cycle"])
@told_by(in_shop)
async def test_an_interrupted_slip_waits_for_the_clerk_and_is_printed_whole_and_marked(
    shop: Shop, fault: str
) -> None:
    shop.sim.printer.after(5, getattr(shop.sim, fault))
    shop.journal.add(1, *BOTH)
    if fault == "unplug":
        assert await shop.queue.slips_done(1) is SlipsEnd.WAITING
        shop.sim.plug()
    assert await shop.queue.slips_done(1) is SlipsEnd.UNSURE
    assert [job.job_id for job in shop.journal.in_state(JobState.UNKNOWN)] == [1]
    assert shop.journal.rows[2].state is JobState.CONFIRMED, "the other slip is printed"
    await asyncio.sleep(5000)
    assert shop.journal.rows[1].state is JobState.UNKNOWN, "never again by itself"
    await shop.queue.print_again(1, "101")
    assert await shop.queue.slips_done(1) is SlipsEnd.PRINTED
    texts, receipts = shop.sim.texts(), shop.sim.printer.roll.all()
    assert ["第2次" in text for text in texts] == [False, False, True]
    arrived = fault == "unplug"  # the whole slip was in the printer's buffer by then
    assert [receipt.complete for receipt in receipts] == [arrived, True, True]


@told_by(in_shop)
async def test_slips_that_a_printer_took_up_are_done_and_not_called_printed(shop: Shop) -> None:
    shop.sim.become(MODELS["no-end"])
    shop.journal.add(1, *BOTH)
    assert await shop.queue.slips_done(1) is SlipsEnd.TAKEN
    assert shop.journal.commits[-1] == "done 1 taken 2 taken"
    assert shop.queue.waiting == 0
    assert [receipt.complete for receipt in shop.sim.printer.roll.all()] == [True, True]


@told_by(in_shop)
async def test_a_slip_of_which_no_byte_left_goes_out_again_by_itself(shop: Shop) -> None:
    """The cable went after the commit and before the first byte: nothing happened to the slip."""
    sending = shop.journal.sending

    async def unplugged(job_id: int) -> PrintJob:
        shop.journal.sending = sending  # type: ignore[method-assign] # put back
        job = await sending(job_id)
        shop.sim.unplug()
        return job

    shop.journal.sending = unplugged  # type: ignore[method-assign] # put in its place
    shop.journal.add(1, Copy.MERCHANT)
    assert await shop.queue.slips_done(1) is SlipsEnd.WAITING
    assert shop.journal.commits == ["sending 1", "unsent 1"]
    shop.sim.plug()
    assert await shop.queue.slips_done(1) is SlipsEnd.PRINTED
    assert shop.journal.rows[1].attempt == 1
    (text,) = shop.sim.texts()
    assert "重新完整打印" not in text


@told_by(in_shop)
async def test_a_slip_that_the_clerk_holds_is_dropped(shop: Shop) -> None:
    shop.sim.printer.after(5, shop.sim.power_cycle)
    shop.journal.add(1, Copy.MERCHANT)
    assert await shop.queue.slips_done(1) is SlipsEnd.UNSURE
    await shop.queue.drop(1, "101")
    assert await shop.queue.slips_done(1) is SlipsEnd.PRINTED
    assert len(shop.sim.texts()) == 1


def test_jobs_found_sending_at_start_are_unknown_and_not_printed() -> None:
    def crashed(shop: Shop) -> None:
        shop.journal.add(1, *BOTH)
        shop.journal.rows[1] = replace(shop.journal.rows[1], state=JobState.SENDING, attempt=1)

    async def scene(shop: Shop) -> None:
        assert await shop.queue.slips_done(1) is SlipsEnd.UNSURE
        assert shop.journal.commits == ["unknown crash 1", "sending 2", "done 2 confirmed"]
        assert len(shop.sim.texts()) == 1

    in_shop(scene, crashed)


@told_by(in_shop)
async def test_a_reprint_is_marked_and_counted(shop: Shop) -> None:
    shop.journal.add(1, Copy.CUSTOMER)
    await shop.queue.slips_done(1)
    job = await shop.queue.reprint(1, "101")
    job = await shop.queue.reprint(job.job_id, "101")
    assert await shop.queue.slips_done(1) is SlipsEnd.PRINTED
    marks = ["DUPLICATE 1" in text or "DUPLICATE 2" in text for text in shop.sim.texts()]
    assert marks == [False, True, True]


@told_by(in_shop)
async def test_a_slip_that_cannot_be_made_does_not_hold_up_the_others(shop: Shop) -> None:
    (bad,) = shop.journal.add(1, Copy.MERCHANT)
    slip = replace(shop.journal.rows[bad].slip, body=cast(Refunded, "unheard of"))
    shop.journal.rows[bad] = replace(shop.journal.rows[bad], slip=slip)
    shop.journal.add(2, Copy.MERCHANT)
    assert await shop.queue.slips_done(1) is SlipsEnd.UNSURE
    assert await shop.queue.slips_done(2) is SlipsEnd.PRINTED


@told_by(in_shop)
async def test_nothing_stirs_while_there_is_nothing_to_print(shop: Shop) -> None:
    await asyncio.sleep(9000)
    assert shop.journal.commits == []


@told_by(in_shop)
async def test_the_drawer_and_the_printers_state_are_passed_on(shop: Shop) -> None:
    await shop.driver.wait_ready()
    await shop.queue.kick_drawer()
    assert shop.sim.printer.kicks == 1
    assert not shop.queue.near_end
    shop.sim.change(near_end=True)
    await shop.driver.status_changed()
    assert shop.queue.near_end
    shop.sim.unplug()
    assert not shop.queue.connected
    with pytest.raises(PrinterLost):
        await shop.queue.kick_drawer()


def test_the_languages_of_a_receipt() -> None:
    assert receipt_tongues(Language.ZH_CN, bilingual=False) == ("zh",)
    assert receipt_tongues(Language.ZH_CN, bilingual=True) == ("zh", "en")
    assert receipt_tongues(Language.EN, bilingual=True) == ("en", "zh")
    assert receipt_tongues(Language.EN, bilingual=False) == ("en",)
