"""A receipt through the printer's driver to the emulated printer, against what physics allows."""

from __future__ import annotations

import asyncio
import tempfile
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from pos_drivers.printer import EscposPrinter

from hw_sim.device import BenchError, Place
from hw_sim.printer.device import PrinterDevice
from hw_sim.printer.engine import Printer, paper_seconds
from hw_sim.proofs.measure.figures import Check, Row, p50
from hw_sim.proofs.measure.stand import Stand
from pos_terminal.ports import Confirmation, JobState, PrintJob
from pos_terminal.services.paper.slip_bytes import slip_renderer
from pos_terminal.texts import Language
from pos_terminal.wire.receipt.head import Copy, Head
from pos_terminal.wire.receipt.kinds.refund import Refunded
from pos_terminal.wire.receipt.pair import Pair
from pos_terminal.wire.receipt.parts.decided import Decided
from pos_terminal.wire.receipt.parts.original import Original
from pos_terminal.wire.receipt.parts.request import Request
from pos_terminal.wire.receipt.slip import Slip

GOAL: Final = 1.05
TIMES: Final = 5
BAUDS: Final = (9600, 115200)
COLUMNS: Final = 32
SPEED: Final = 250.0
"""Millimetres of paper a second."""
_FLOOR: Final = "the longer of line and paper, computed"
_BITS: Final = 10
"""Of a byte on the line, start and stop bit included."""


def measure(stand: Stand) -> list[Row]:
    """A row for each baud rate."""
    data = _slip_bytes()
    rows = []
    for baud in BAUDS:
        folder = stand.folder / f"printer-{baud}"
        folder.mkdir()
        rows.append(asyncio.run(_row(folder, baud, data)))
    return rows


async def _row(folder: Path, baud: int, data: bytes) -> Row:
    device = PrinterDevice(columns=COLUMNS, speed=SPEED)
    with tempfile.TemporaryDirectory(prefix="hwsim-", dir="/tmp") as runtime:
        await device.start(Place(folder, Path(runtime)))
        driver = EscposPrinter(
            port=str(folder / "printer"), baud=baud, columns=COLUMNS, sink=lambda _: None
        )
        running = asyncio.create_task(driver.run())
        try:
            times = [await _printed(driver, device.printer, data, n) for n in range(1, TIMES + 1)]
            receipt = device.printer.roll.all()[-1]
        finally:
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running
            await device.stop()
    link = len(data) * _BITS / baud
    paper = sum(paper_seconds(item, SPEED) for item in receipt.items)
    last_byte, confirmed = (p50(one) * 1e3 for one in zip(*times, strict=True))
    check = Check("p50", last_byte, GOAL, "ms", max(link, paper) * 1e3)
    note = (
        f"{len(data)} bytes: {link:.2f} s on the line; {paper:.2f} s of paper at {SPEED:g} mm/s; "
        f"cut and confirmed after {confirmed:.0f} ms"
    )
    return Row(f"receipt at {baud} baud: last byte on the line", _FLOOR, (check,), note)


async def _printed(
    driver: EscposPrinter, printer: Printer, data: bytes, fence: int
) -> tuple[float, float]:
    """Seconds to the last byte, and to the printer's word that the slip is on paper."""
    await driver.wait_ready()
    started = time.perf_counter()
    arrived = started
    wake = printer.wake

    def heard() -> None:
        nonlocal arrived
        arrived = time.perf_counter()
        wake()

    setattr(printer, "wake", heard)  # noqa: B010 - called for every byte that came
    try:
        confirmed = await driver.print(data, fence)
    finally:
        setattr(printer, "wake", wake)  # noqa: B010
    if confirmed is not Confirmation.PRINTED:
        raise BenchError("the printer did not confirm the slip")
    return arrived - started, time.perf_counter() - started


def _slip_bytes() -> bytes:
    """A merchant's copy with everything on it."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    head = Head(
        copy=Copy.MERCHANT,
        merchant_name="样板便利店",
        merchant_id="898310053310001",
        terminal_id="10020001",
        operator="101",
        application=17,
        at=now,
        currency="156",
        amount=12345,
        stan="000017",
        contact="400-800-0000",
        barcode="1234567890128",
    )
    body = Refunded(
        request=Request(
            masked_card="476173******0010",
            scheme="visa",
            funding="credit",
            batch="000042",
            rrn="632604000017",
            response="00",
        ),
        original=Original("000101", "632604000001", at=now, amount=27150),
        decided=Decided(Pair("质量问题"), "policy", ("201 王主管",)),
        arrival=Pair("预计 3 至 7 个工作日到账"),
    )
    slip = Slip(head, body)
    render = slip_renderer(Language.ZH_CN, bilingual=False, columns=COLUMNS)
    return render(PrintJob(1, 1, slip, JobState.SENDING, 1, 0))
