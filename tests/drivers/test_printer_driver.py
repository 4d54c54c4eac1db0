"""The printer driver against the emulated printer over TCP, on the virtual loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from functools import partial

import pytest
from hw_sim.printer.as_text import as_text
from hw_sim.printer.engine import Printer as Emulated
from hw_sim.printer.lines import TcpLine
from hw_sim.printer.machine import Abilities
from hw_sim.printer.models import MODELS
from hw_sim.virtual import VirtualLoop, run_inline, run_virtual
from pos_drivers.printer import EscposPrinter
from worlds.stories import beside, in_virtual_time, told_by

from pos_terminal.ports import Confirmation, DeviceState, Paper, PrinterLost, Upset

SLIP = b"".join(b"row %02d\n" % row for row in range(1, 41)) + b"\x1bd\x06\x1dV\x00"


class Rig:
    """One emulated printer and the driver on its line."""

    def __init__(self, emulated: Emulated, line: TcpLine) -> None:
        self.emulated, self.line = emulated, line
        self.states: list[DeviceState] = []
        self.driver = EscposPrinter(
            port=f"tcp://{line.address}", columns=32, sink=self._note, off_loop=run_inline
        )

    def _note(self, event: object) -> None:
        assert isinstance(event, DeviceState)
        self.states.append(event)

    @property
    def words(self) -> list[str]:
        """The key of each state that was told, ``up`` where there are no words."""
        return [state.words.code if state.words else "up" for state in self.states]

    async def print(self, fence: int = 7, data: bytes = SLIP) -> Confirmation:
        await self.driver.wait_ready()
        return await self.driver.print(data, fence)

    def printing(self) -> asyncio.Task[Confirmation]:
        return asyncio.create_task(self.print())

    async def rows(self, count: int) -> None:
        """Until so many rows are on paper."""
        reached = asyncio.Event()
        self.emulated.after(count - self.emulated.rows, reached.set)
        async with asyncio.timeout(60):
            await reached.wait()

    async def told(self, wanted: Callable[[], bool]) -> None:
        """Until the driver's status is as wanted."""
        async with asyncio.timeout(60):
            while not wanted():
                await self.driver.status_changed()

    def receipts(self) -> list[tuple[int, bool]]:
        """For each receipt its rows, and whether it is whole."""
        return [
            (as_text(receipt).count("row"), receipt.complete)
            for receipt in self.emulated.roll.all()
        ]


@asynccontextmanager
async def rigged(
    abilities: Abilities | None = None, *, paper_out: bool = False
) -> AsyncIterator[Rig]:
    emulated = Emulated(abilities=abilities)
    emulated.mechanism.paper_out = paper_out
    line = TcpLine(emulated)
    await line.plug()
    rig = Rig(emulated, line)
    tasks = [asyncio.create_task(emulated.run()), asyncio.create_task(rig.driver.run())]
    try:
        yield rig
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await line.unplug()


def drive(
    scene: Callable[[Rig], Awaitable[None]],
    abilities: Abilities | None = None,
    *,
    paper_out: bool = False,
) -> None:
    async def main(loop: VirtualLoop) -> None:
        async with asyncio.timeout(10_000), rigged(abilities, paper_out=paper_out) as rig:
            await scene(rig)

    run_virtual(main)


@told_by(drive)
async def test_a_job_is_confirmed_when_it_is_on_paper(rig: Rig) -> None:
    assert await rig.print() is Confirmation.PRINTED
    assert rig.receipts() == [(40, True)]
    assert rig.words == ["up"]


@told_by(partial(drive, abilities=Abilities(fence=False)))
async def test_a_printer_without_the_fence_takes_a_slip_up_and_never_confirms(rig: Rig) -> None:
    assert await rig.print() is Confirmation.TAKEN
    assert rig.receipts() == [(40, True)]


CANNOT_TELL = [name for name in MODELS if name != "full"]
NO_FENCE = [MODELS[name] for name in CANNOT_TELL]


@pytest.mark.parametrize("abilities", NO_FENCE, ids=CANNOT_TELL)
@told_by(drive, needs=("abilities",))
async def test_slips_to_which_nothing_happened_are_taken_up_whatever_the_printer_tells(
    rig: Rig,
) -> None:
    for number in range(1, 6):
        assert await rig.print(number) is Confirmation.TAKEN
        if number == 3:
            await asyncio.sleep(3600)
    assert rig.words[-1] == "up"
    assert set(rig.words) <= {"up", "printer.silent"}, "silent: until the first late answer"
    await asyncio.sleep(30)
    assert rig.receipts() == [(40, True)] * 5


@pytest.mark.parametrize("abilities", NO_FENCE, ids=CANNOT_TELL)
@pytest.mark.parametrize("fault", ["paper_out", "cover_open", "cutter_error"])
def test_what_stopped_in_mid_job_is_said_of_a_printer_that_cannot_confirm(
    abilities: Abilities, fault: str
) -> None:
    async def scene(rig: Rig) -> None:
        await rig.print()
        job = asyncio.create_task(rig.print(8, SLIP * 4))  # more than its buffer holds
        await rig.rows(50)
        rig.emulated.change(**{fault: True})
        await asyncio.sleep(60)
        assert not job.done()
        rig.emulated.change(**{fault: False})
        with pytest.raises(PrinterLost) as lost:
            await job
        assert (lost.value.upset, lost.value.sent) == (Upset.OFFLINE, True)
        assert await rig.print(9) is Confirmation.TAKEN
        await asyncio.sleep(30)
        assert rig.receipts() == [(40, True)] * 6, "nothing is sent twice"

    drive(scene, abilities)


@pytest.mark.parametrize("abilities", NO_FENCE, ids=CANNOT_TELL)
@pytest.mark.parametrize(
    ("fault", "upset"), [("power", Upset.POWER_ON), ("silence", Upset.SILENT), ("cable", None)]
)
def test_an_upset_says_what_happened(abilities: Abilities, fault: str, upset: Upset | None) -> None:
    async def scene(rig: Rig) -> None:
        await rig.print()
        job = asyncio.create_task(rig.print(8, SLIP * 4))
        await rig.rows(50)
        if fault == "cable":
            rig.line.pull()
        else:
            rig.emulated.power_off()
        if fault == "power":
            await asyncio.sleep(0.2 if abilities.sensors else 1.2)  # that one has to be asked
            rig.emulated.power_on()
        with pytest.raises(PrinterLost) as lost:
            async with asyncio.timeout(120):
                await job
        told = {upset} if abilities.notice else {Upset.SILENT, Upset.NO_END}
        assert lost.value.upset in ({Upset.HANG_UP} if fault == "cable" else told)

    drive(scene, abilities)


@told_by(partial(drive, abilities=Abilities(fence=False)))
async def test_the_probe_is_for_the_printer_that_comes_and_never_before_a_slip(rig: Rig) -> None:
    """Whoever waits from the first moment has the slip first, and then its end tells."""
    assert await rig.print() is Confirmation.TAKEN
    raw = bytes(rig.emulated.raw)
    assert raw.index(b"row 01") < raw.index(b"\x1d(H")
    assert await rig.print(8) is Confirmation.TAKEN
    assert bytes(rig.emulated.raw).count(b"\x1d(H") == 1
    rig.line.pull()
    await rig.line.plug()
    await asyncio.sleep(60)
    assert bytes(rig.emulated.raw).count(b"\x1d(H") == 2, "it may be another printer"
    began = asyncio.get_running_loop().time()
    assert await rig.print(9) is Confirmation.TAKEN
    assert asyncio.get_running_loop().time() - began < 2
    assert bytes(rig.emulated.raw).count(b"\x1d(H") == 2


@told_by(partial(drive, abilities=MODELS["real-time"]))
async def test_the_probe_is_made_once_for_a_printer_that_stays(rig: Rig) -> None:
    """New paper has it greeted again: what it can tell is known, and no slip waits for that."""
    await rig.told(lambda: rig.driver.status.ready)
    await asyncio.sleep(30)
    asked = rig.emulated.raw.count(b"\x1d(H")
    assert asked == 1
    for _ in range(3):
        rig.emulated.change(paper_out=True)
        await rig.told(lambda: not rig.driver.status.ready)
        rig.emulated.change(paper_out=False)
        await rig.told(lambda: rig.driver.status.ready)
        await asyncio.sleep(30)
    assert rig.emulated.raw.count(b"\x1d(H") == asked


@told_by(partial(drive, abilities=Abilities(fence=False)))
async def test_a_slip_that_comes_during_the_probe_waits_for_none_of_it(rig: Rig) -> None:
    async with asyncio.timeout(60):
        while b"\x1d(H" not in rig.emulated.raw:
            await asyncio.sleep(0.1)
    began = asyncio.get_running_loop().time()
    assert await rig.print() is Confirmation.TAKEN
    assert asyncio.get_running_loop().time() - began < 2


@told_by(partial(drive, abilities=Abilities(fence=False)))
async def test_an_answer_that_was_lost_at_the_end_of_paper_costs_the_next_slip_nothing(
    rig: Rig,
) -> None:
    """Some don't carry out ``GS r`` there: its answer never comes."""
    await rig.print()
    (port,) = rig.emulated._ports
    port.machine.abilities = replace(port.machine.abilities, sensors=False)
    job = rig.printing()
    await rig.rows(50)
    rig.emulated.change(paper_out=True)
    await asyncio.sleep(60)
    rig.emulated.change(paper_out=False)
    with pytest.raises(PrinterLost) as lost:
        await job
    assert lost.value.upset is Upset.OFFLINE
    port.machine.abilities = replace(port.machine.abilities, sensors=True)
    for number in (8, 9):
        began = asyncio.get_running_loop().time()
        assert await rig.print(number) is Confirmation.TAKEN
        assert asyncio.get_running_loop().time() - began < 3


@told_by(drive)
async def test_a_job_that_could_not_begin_was_none(rig: Rig) -> None:
    await rig.driver.wait_ready()
    rig.line.pull()
    await rig.told(lambda: not rig.driver.status.connected)
    before = len(rig.emulated.raw)
    with pytest.raises(PrinterLost) as lost:
        await rig.driver.print(SLIP, 3)
    assert not lost.value.sent
    assert len(rig.emulated.raw) == before


@told_by(partial(drive, abilities=Abilities(automatic=False)))
async def test_paper_that_ended_with_the_last_slip_is_said_before_the_next(rig: Rig) -> None:
    await rig.print()
    rig.emulated.change(near_end=True)
    async with asyncio.timeout(20):
        await rig.told(lambda: rig.driver.status.paper is Paper.NEAR_END)
    rig.emulated.change(paper_out=True)
    async with asyncio.timeout(20):
        await rig.told(lambda: rig.driver.status.paper is Paper.OUT)


@pytest.mark.parametrize(
    "abilities", [Abilities(automatic=False), Abilities(real_time=False)], ids=["no GS a", "no DLE"]
)
@told_by(drive, needs=("abilities",))
async def test_either_kind_of_status_will_do(rig: Rig) -> None:
    assert await rig.print() is Confirmation.PRINTED
    assert await rig.print(8) is Confirmation.PRINTED


@told_by(partial(drive, abilities=Abilities(automatic=False, real_time=False, fence=False)))
async def test_a_silent_printer_is_never_ready(rig: Rig) -> None:
    await rig.told(lambda: "printer.silent" in rig.words)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(30):
            await rig.driver.wait_ready()
    assert not rig.driver.status.connected


@pytest.mark.parametrize(
    ("fault", "mend", "words"),
    [
        ({"paper_out": True}, {"paper_out": False}, "printer.paper_out"),
        ({"cover_open": True}, {"cover_open": False}, "printer.cover_open"),
        ({"cutter_error": True}, {"cutter_error": False}, "printer.cutter"),
        ({"hot": True}, {"hot": False}, "printer.hot"),
    ],
)
@pytest.mark.parametrize("automatic", [True, False])
def test_a_job_waits_inside_while_the_printer_is_mended(
    fault: dict[str, bool], mend: dict[str, bool], words: str, automatic: bool
) -> None:
    async def scene(rig: Rig) -> None:
        rig.emulated.after(10, lambda: rig.emulated.change(**fault))
        job = rig.printing()
        await rig.told(lambda: words in rig.words)
        sent = len(rig.emulated.raw)
        await asyncio.sleep(120)
        assert not job.done()
        assert b"row" not in rig.emulated.raw[sent:], "nothing is sent twice"
        rig.emulated.change(**mend)
        assert await job is Confirmation.PRINTED
        assert rig.receipts() == [(40, True)]
        assert rig.driver.status.ready

    drive(scene, Abilities(automatic=automatic))


@told_by(drive)
async def test_a_pulled_cable_loses_the_job_and_the_printer_is_back_by_itself(rig: Rig) -> None:
    rig.emulated.after(10, rig.line.pull)
    with pytest.raises(PrinterLost):
        await rig.printing()
    assert not rig.driver.status.connected
    assert rig.words[-1] in ("printer.lost", "printer.unreachable")
    await rig.line.plug()
    async with asyncio.timeout(2):
        await rig.told(lambda: rig.driver.status.ready)
    assert await rig.print(8) is Confirmation.PRINTED
    assert rig.receipts()[-1] == (40, True)


@pytest.mark.parametrize("notice", [True, False])
def test_a_power_cycle_loses_the_job(notice: bool) -> None:
    async def scene(rig: Rig) -> None:
        job = rig.printing()
        await rig.rows(10)
        rig.emulated.power_off()
        await asyncio.sleep(1)
        rig.emulated.power_on()
        with pytest.raises(PrinterLost):
            await job
        assert await rig.print(8) is Confirmation.PRINTED
        assert rig.receipts() == [(10, False), (40, True)]

    drive(scene, Abilities(notice=notice))


@told_by(drive)
async def test_a_printer_that_stays_off_is_found_silent_and_greeted_when_it_is_on(rig: Rig) -> None:
    job = rig.printing()
    await rig.rows(5)
    rig.emulated.power_off()
    with pytest.raises(PrinterLost):
        await job
    assert rig.words[-1] == "printer.silent"
    await asyncio.sleep(300)
    rig.emulated.power_on()
    async with asyncio.timeout(2):
        await rig.told(lambda: rig.driver.status.ready)
    assert await rig.print(8) is Confirmation.PRINTED


@told_by(drive)
async def test_a_printer_switched_off_in_the_pause_gets_no_job(rig: Rig) -> None:
    await rig.print()
    rig.emulated.power_off()
    before = rig.emulated.raw.count(b"row")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(20):
            await rig.print(8)
    assert rig.emulated.raw.count(b"row") == before
    rig.emulated.power_on()
    assert await rig.print(8) is Confirmation.PRINTED


@told_by(partial(drive, paper_out=True))
async def test_paper_out_at_start_is_seen_without_automatic_status(rig: Rig) -> None:
    await rig.told(lambda: rig.words[-1:] == ["printer.paper_out"])
    rig.emulated.change(paper_out=False)
    assert await rig.print() is Confirmation.PRINTED
    assert rig.receipts() == [(40, True)]


@told_by(drive)
async def test_nobody_answers_for_paper_and_a_word_for_it_holds_for_no_offline(rig: Rig) -> None:
    """Only what it says while it says nothing that could be mended is overruled."""
    await rig.driver.wait_ready()
    rig.emulated.change(paper_out=True)
    await rig.told(lambda: not rig.driver.status.ready)
    rig.driver.print_anyway()
    assert not rig.driver.status.ready
    rig.emulated.change(paper_out=False, claims_offline=True)
    await rig.told(lambda: rig.driver.status.says_offline)
    assert not rig.driver.status.ready
    rig.driver.print_anyway()
    await rig.told(lambda: rig.driver.status.ready)


@told_by(drive)
async def test_paper_near_its_end_is_said_and_no_hindrance(rig: Rig) -> None:
    await rig.driver.wait_ready()
    rig.emulated.change(near_end=True)
    await rig.told(lambda: rig.driver.status.paper is Paper.NEAR_END)
    assert rig.states[-1].up
    assert rig.words[-1] == "printer.near_end"
    assert await rig.print() is Confirmation.PRINTED


@told_by(drive)
async def test_the_drawer_opens_once_and_not_on_a_printer_that_could_do_it_later(rig: Rig) -> None:
    await rig.driver.wait_ready()
    await rig.driver.kick_drawer()
    await asyncio.sleep(1)
    assert rig.emulated.kicks == 1
    rig.emulated.change(paper_out=True)
    await rig.told(lambda: not rig.driver.status.ready)
    with pytest.raises(PrinterLost):
        await rig.driver.kick_drawer()
    rig.emulated.change(paper_out=False)
    await asyncio.sleep(60)
    assert rig.emulated.kicks == 1


@pytest.mark.parametrize("abilities", [Abilities(notice=False), MODELS["automatic"]])
@pytest.mark.parametrize("cycled", [True, False])
@pytest.mark.parametrize("fault", ["cover_open", "paper_out"])
def test_a_printer_whose_news_of_its_mending_is_lost_prints_all_the_same(
    abilities: Abilities, fault: str, cycled: bool
) -> None:
    """Switched off and on while it is mended, or noise on the line: it never tells of it."""

    async def scene(rig: Rig) -> None:
        await rig.print()
        rig.emulated.change(**{fault: True})
        await rig.told(lambda: not rig.driver.status.ready)
        await lose_the_news(rig, cycled=cycled)
        rig.emulated.change(**{fault: False})
        async with asyncio.timeout(10):
            await rig.print(8)
        assert rig.receipts() == [(40, True)] * 2

    drive(scene, abilities)


async def lose_the_news(rig: Rig, *, cycled: bool = True) -> None:
    if cycled:
        rig.emulated.power_off()
        await asyncio.sleep(1)
        rig.emulated.power_on()
    for port in rig.emulated._ports:
        port.machine.watching = 0


def test_a_slip_on_a_printer_that_was_switched_off_while_it_waited_for_paper_is_asked_about() -> (
    None
):
    """Nothing but automatic status, and that is off now: the slip waited for ever."""

    async def scene(rig: Rig) -> None:
        await rig.print()
        rig.emulated.after(10, lambda: rig.emulated.change(paper_out=True))
        job = rig.printing()
        await rig.told(lambda: not rig.driver.status.ready)
        await lose_the_news(rig)
        rig.emulated.change(paper_out=False)
        async with asyncio.timeout(60):
            with pytest.raises(PrinterLost) as caught:
                await job
            assert caught.value.upset is Upset.OFFLINE
            assert await rig.print(8) is Confirmation.TAKEN

    drive(scene, MODELS["automatic"])


ONLY_STATUS = [
    Abilities(fence=False, real_time=False, notice=False, sensors=False, late=late)
    for late in (0.0, 1.5)
]


@pytest.mark.parametrize("abilities", ONLY_STATUS)
@pytest.mark.parametrize("off", [True, False])
def test_a_printer_that_tells_its_status_alone_took_nothing_up_while_it_was_off(
    abilities: Abilities, off: bool
) -> None:
    async def scene(rig: Rig) -> None:
        for number in (1, 2):
            assert await rig.print(number) is Confirmation.TAKEN
        if off:
            rig.emulated.after(10, rig.emulated.power_off)
            with pytest.raises(PrinterLost) as caught:
                await rig.print(3)
            assert caught.value.upset is Upset.SILENT
            rig.emulated.power_on()
        assert await rig.print(4) is Confirmation.TAKEN

    drive(scene, abilities)


async def sent_in(rig: Rig, seconds: float) -> int:
    before = len(rig.emulated.raw)
    await asyncio.sleep(seconds)
    return len(rig.emulated.raw) - before


@told_by(partial(drive, abilities=MODELS["automatic"]))
async def test_a_printer_without_paper_overnight_gets_no_buffer_full_of_questions(
    rig: Rig,
) -> None:
    await rig.print()
    rig.emulated.change(paper_out=True)
    assert 0 < await sent_in(rig, 2 * 3600) < 100
    rig.emulated.change(paper_out=False)
    assert await rig.print(8) is Confirmation.TAKEN


@pytest.mark.parametrize(
    ("then", "upset"), [(Abilities(fence=False, notice=False), None), (MODELS["mute-end"], True)]
)
def test_another_printer_in_its_place_is_asked_nothing_about_unless_it_is_dumb(
    then: Abilities, upset: bool | None
) -> None:
    """Exchanged while nothing was printed, behind a line that told nothing of it."""

    async def scene(rig: Rig) -> None:
        assert await rig.print() is Confirmation.PRINTED
        rig.emulated.become(then)
        if upset:
            with pytest.raises(PrinterLost) as caught:
                await rig.print(8)
            assert caught.value.upset is Upset.NO_END
        else:
            assert await rig.print(8) is Confirmation.TAKEN
        assert await rig.print(9) is Confirmation.TAKEN
        assert rig.receipts() == [(40, True)] * 3

    drive(scene, Abilities(notice=False))


@told_by(partial(drive, abilities=Abilities(fence=False)))
async def test_a_line_that_went_while_the_printer_was_asked_what_it_can_owes_no_answer(
    rig: Rig,
) -> None:
    await rig.told(lambda: rig.driver.status.ready)
    await asyncio.sleep(1)
    assert b"\x1d(H" in bytes(rig.emulated.raw), "it is being asked"
    rig.line.pull()
    await asyncio.sleep(0.1)
    printing = rig.printing()  # somebody wants it meanwhile, so nobody waits for what it can
    await asyncio.sleep(10)
    await rig.line.plug()
    assert await printing is Confirmation.TAKEN


@told_by(drive)
async def test_half_a_command_of_a_crashed_terminal_does_not_eat_the_next_slip(rig: Rig) -> None:
    await rig.print()
    for row in (b"row cut off\n\x1dkI\x0f{B21", b"\x1d(H\x06\x00"):
        reader, writer = await asyncio.open_connection("127.0.0.1", rig.line.number)
        writer.write(row)
        await writer.drain()
        writer.close()
        del reader
    await rig.rows(41)
    rig.line.pull()
    await rig.line.plug()
    assert await rig.print(8) is Confirmation.PRINTED
    assert rig.receipts() == [(40, True), (1, False), (40, True)]


@told_by(drive)
async def test_an_idle_printer_is_left_alone(rig: Rig) -> None:
    await rig.print()
    before = len(rig.emulated.raw)
    await asyncio.sleep(3600)
    assert len(rig.emulated.raw) == before


@told_by(drive)
async def test_noise_on_the_line_is_no_crash(rig: Rig) -> None:
    await rig.driver.wait_ready()
    for noise in (bytes(range(256)), b"\x37" * 500, b"\x10\x00", b"\x5f"):
        for port in rig.emulated._ports:
            port.reply(noise)
    await asyncio.sleep(1)
    with suppress(PrinterLost):
        await rig.print()
    assert await rig.print(8) is Confirmation.PRINTED


@in_virtual_time
async def test_the_check_opens_greets_and_closes_and_uses_no_paper() -> None:
    emulated = Emulated()
    line = TcpLine(emulated)
    await line.plug()
    async with beside(emulated.run()):
        driver = EscposPrinter(
            port=f"tcp://{line.address}", columns=32, sink=lambda _: None, off_loop=run_inline
        )
        state = await driver.check()
        assert state.up
        assert state.words is not None
        assert state.words.code == "printer.ready"
        emulated.change(cover_open=True)
        state = await driver.check()
        assert (state.up, state.words and state.words.code) == (False, "printer.cover_open")
        await line.unplug()
        state = await driver.check()
        assert (state.up, state.words and state.words.code) == (False, "printer.unreachable")
        assert emulated.rows == 0


@told_by(partial(drive, abilities=MODELS["late"]))
async def test_what_was_over_before_the_slip_is_not_held_against_it(rig: Rig) -> None:
    """It hears of the cover in mid-job; real time says that it is closed, and was at the start."""
    await rig.print()
    rig.emulated.change(cover_open=True)
    rig.emulated.change(cover_open=False)
    assert await rig.print(8, SLIP * 4) is Confirmation.TAKEN
    assert "printer.cover_open" in rig.words, "so late that the slip had begun"
