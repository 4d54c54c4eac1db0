"""The printer as a device of the bench: a pty at ``DIR/printer`` and a TCP port, and its verbs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from hw_sim.device import BenchError, Place, Verb, WrongWords
from hw_sim.printer.as_picture import as_picture
from hw_sim.printer.as_text import as_text
from hw_sim.printer.engine import BOOT_SECONDS, Printer
from hw_sim.printer.lines import PtyLine, TcpLine
from hw_sim.printer.machine import Abilities
from hw_sim.printer.models import MODELS
from hw_sim.printer.roll import Receipt

MECHANISM: Final[dict[str, dict[str, bool]]] = {
    "paper-out": {"paper_out": True},
    "paper-in": {"paper_out": False, "near_end": False},
    "near-end": {"near_end": True},
    "cover-open": {"cover_open": True},
    "cover-close": {"cover_open": False},
    "cutter-jam": {"cutter_error": True},
    "cutter-free": {"cutter_error": False},
    "claims-offline": {"claims_offline": True},
    "claims-nothing": {"claims_offline": False},
}
"""What hands do to the mechanism, by verb."""
CABLES: Final = ("unplug", "plug", "power-off", "power-on", "power-cycle")


class PrinterDevice:
    """Fulfils ``hw_sim.device.Device``."""

    name = "printer"

    def __init__(
        self, *, columns: int = 32, speed: float = 250.0, abilities: Abilities | None = None
    ) -> None:
        """``speed`` in millimetres of paper a second."""
        self._columns, self._speed, self._abilities = columns, speed, abilities
        self._started: tuple[Printer, PtyLine, TcpLine, asyncio.Task[None]] | None = None
        self._link = Path()
        self._booting: asyncio.TimerHandle | None = None

    # --- hw_sim.device.Device ------------------------------------------------------------------

    async def start(self, place: Place) -> None:
        self._link = place.folder / "printer"
        printer = Printer(columns=self._columns, speed=self._speed, abilities=self._abilities)
        pty, tcp = PtyLine(printer, self._link), TcpLine(printer)
        pty.plug()
        await tcp.plug()
        self._started = printer, pty, tcp, asyncio.create_task(printer.run())

    async def stop(self) -> None:
        if self._started is None:
            return
        _, pty, tcp, task = self._started
        self._started = None
        if self._booting is not None:
            self._booting.cancel()
        pty.unplug()
        await tcp.unplug()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    def endpoints(self) -> dict[str, object]:
        return {"printer": {"port": str(self._link), "tcp": self._parts()[2].address}}

    def environment(self) -> dict[str, str]:
        return {}

    def verbs(self) -> Mapping[str, Verb]:
        return {
            "printer": self._do,
            "receipts": self._receipts,
            "printer-bytes": self._bytes,
            "drawer": self._drawer,
            "unplug": self._unplug,
            "plug": self._plug,
        }

    # --- verbs ---------------------------------------------------------------------------------

    @property
    def printer(self) -> Printer:
        """The emulated printer, for tests in the same process."""
        return self._parts()[0]

    def _parts(self) -> tuple[Printer, PtyLine, TcpLine, asyncio.Task[None]]:
        if self._started is None:
            raise BenchError("the printer is not started")
        return self._started

    async def _do(self, words: list[str]) -> object:
        """``printer WHAT [--after ROWS]``: now, or when so many more rows are on paper.
        ``printer model NAME``: another one in its place.
        """
        if words[:1] == ["model"]:
            return await self._another(words[1:])
        what, rows = _when(words)
        if what in ("unplug", "plug") and rows == 0:
            await (self._unplug([]) if what == "unplug" else self._plug([]))
        else:
            if what not in MECHANISM and (what not in CABLES or what == "plug"):
                raise WrongWords(f"the printer knows {', '.join((*MECHANISM, *CABLES))}")
            self.printer.after(rows, self._action(what))
        return {"printer": what} if rows == 0 else {"printer": what, "after": rows}

    async def _another(self, words: list[str]) -> object:
        if len(words) != 1 or words[0] not in MODELS:
            raise WrongWords(f"printer model {'|'.join(MODELS)}")
        await self._unplug([])
        self.printer.become(MODELS[words[0]])
        await self._plug([])
        return {"printer": words[0]}

    def _action(self, what: str) -> Callable[[], None]:
        if what in MECHANISM:
            return lambda: self.printer.change(**MECHANISM[what])
        actions = {
            "unplug": self._pull,
            "power-off": self.printer.power_off,
            "power-on": self._power_on,
            "power-cycle": self._power_cycle,
        }
        return actions[what]

    def _power_cycle(self) -> None:
        """Silence, and after a second the power-on status."""
        self.printer.power_off()
        loop = asyncio.get_running_loop()
        self._booting = loop.call_later(BOOT_SECONDS, self._power_on)

    def _power_on(self) -> None:
        if self._started is not None:
            self.printer.power_on()

    def _pull(self) -> None:
        _, pty, tcp, _ = self._parts()
        pty.unplug()
        tcp.pull()

    async def _unplug(self, words: list[str]) -> object:
        """The USB adapter goes: hang-up, and the path is gone. The printer stays on."""
        del words
        self._pull()
        return {"printer": "unplugged"}

    async def _plug(self, words: list[str]) -> object:
        del words
        _, pty, tcp, _ = self._parts()
        pty.plug()
        await tcp.plug()
        return {"printer": "plugged"}

    async def _bytes(self, words: list[str]) -> object:
        """Everything received since the start, in hex."""
        del words
        return self.printer.raw.hex()

    async def _drawer(self, words: list[str]) -> object:
        """``drawer``, or ``drawer close``."""
        if words == ["close"]:
            self.printer.change(drawer_open=False)
        elif words:
            raise WrongWords("drawer [close]")
        state = self.printer.mechanism
        return {"drawer_kicks": self.printer.kicks, "open": state.drawer_open}

    async def _receipts(self, words: list[str]) -> object:
        """``receipts [--png FOLDER]``: each with its text and where its picture is, if wanted."""
        folder = _folder(words)
        receipts = self.printer.roll.all()
        pictures: list[str | None] = [None] * len(receipts)
        if folder is not None:
            pictures = list(await asyncio.to_thread(_draw, receipts, folder))
        return [
            {"text": as_text(receipt), "complete": receipt.complete, "png": picture}
            for receipt, picture in zip(receipts, pictures, strict=True)
        ]


def _when(words: list[str]) -> tuple[str, int]:
    if len(words) == 1:
        return words[0], 0
    if len(words) == 3 and words[1] == "--after" and words[2].isdecimal():
        return words[0], int(words[2])
    raise WrongWords("printer WHAT [--after ROWS]")


def _folder(words: list[str]) -> Path | None:
    if not words:
        return None
    if len(words) == 2 and words[0] == "--png":
        return Path(words[1])
    raise WrongWords("receipts [--png FOLDER]")


def _draw(receipts: list[Receipt], folder: Path) -> list[str]:
    """Writes ``receipt-001.png`` and so on. An unfinished one is drawn as far as it is."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        paths = [folder / f"receipt-{number:03d}.png" for number in range(1, len(receipts) + 1)]
        for receipt, path in zip(receipts, paths, strict=True):
            as_picture(receipt).save(path)
    except OSError as error:
        if error.errno is None:  # Pillow's, which found no font
            raise BenchError(f"no pictures: {error} (the font is in fonts-unifont)") from None
        raise BenchError(f"no pictures in {folder}: {error.strerror}") from None
    return [str(path) for path in paths]
