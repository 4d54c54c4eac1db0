"""A small bench for crashes: quick to set up, one for each test, with nothing left between them.

Keys, people, certificates and sales are those of a shop that ``hw-sim up`` made once; its folder
is copied. The acquirer is a process of its own, or a fork; the printer stands behind its pty,
keypad and scanner are FIFOs; cards are put into the terminal by order (``devices.Orders``), so that
no card service is needed. The devices live on a loop in a thread, because the hands that work them
wait.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import threading
import tomllib
from collections.abc import Coroutine, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

from hw_sim.acquirer.process import AcquirerDevice, launched
from hw_sim.bench.files import Files, write_json, write_private
from hw_sim.bench.lock import RUNTIME_PREFIX
from hw_sim.bench.running import RunningBench
from hw_sim.bench.switchboard import Switchboard
from hw_sim.bench.terminal_config import toml
from hw_sim.device import Device, Place
from hw_sim.inputs.device import InputsDevice
from hw_sim.printer.device import PrinterDevice
from hw_sim.printer.engine import Printer
from hw_sim.proofs.crash.far_cards import FarCards
from hw_sim.proofs.crash.forked import forked
from hw_sim.proofs.crash.forks import Forks

T = TypeVar("T")

PAPER_SPEED: Final = 5000.0
"""Millimetres of paper a second: nobody waits for this mechanism."""
QUICK: Final[dict[str, Any]] = {
    "answer_seconds": 1.0,
    "connect_seconds": 2.0,
    "customer_seconds": 8.0,
    "repeat_seconds": 0.1,
    "background_seconds": 0.5,
}
"""Waits of the terminal for the acquirer; all of them are shorter than in a shop."""
_BEGIN_SECONDS: Final = 30.0


def make_shop(folder: Path) -> None:
    """A provisioned shop with its sales, for stages to copy."""
    with RunningBench(folder, "--no-card-service"):
        pass


class Stage:
    """The devices around one terminal. A context manager; ``folder`` is a copy of ``shop``."""

    def __init__(
        self,
        shop: Path,
        folder: Path,
        *,
        acquirer: Mapping[str, Any] = QUICK,
        terminal: Mapping[str, Any] | None = None,
        options: Sequence[str] = (),
        forks: Forks | None = None,
    ) -> None:
        """``acquirer`` and ``terminal`` replace options of these sections of terminal.toml;
        ``options`` are the acquirer's own (``--forgetful``), which is one of ``forks``."""
        shutil.copytree(shop, folder, symlinks=True)
        self.files = Files(folder)
        self.runtime = Path(tempfile.mkdtemp(prefix=RUNTIME_PREFIX, dir="/tmp"))
        self._changes = {"acquirer": dict(acquirer), "terminal": dict(terminal or {})}
        self._printer = PrinterDevice(speed=PAPER_SPEED)
        self._devices: list[Device] = [
            InputsDevice("fifo"),
            self._printer,
            _acquirer(self.files, tuple(options), forks),
            FarCards(self.orders),
        ]
        self._board = Switchboard(self._devices)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    @property
    def orders(self) -> Path:
        """Where a terminal that stops takes orders."""
        return self.runtime / "orders.sock"

    @property
    def printer(self) -> Printer:
        """The emulated printer; its loop is another thread's."""
        return self._printer.printer

    def __enter__(self) -> Stage:
        self._thread.start()
        try:
            self._do(self._start())
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._do(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_BEGIN_SECONDS)
        self._loop.close()
        shutil.rmtree(self.runtime, ignore_errors=True)

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(_BEGIN_SECONDS)

    async def _start(self) -> None:
        place = Place(self.files.folder, self.runtime)
        await asyncio.gather(*(device.start(place) for device in self._devices))
        ends = self._endpoints()
        self._write_config(ends)
        write_private(self.files.environment, "")
        await self._board.open(Path(ends["bench"]))
        write_json(self.files.bench, ends)

    async def _stop(self) -> None:
        await self._board.close()
        stopping = (device.stop() for device in self._devices)
        await asyncio.gather(*stopping, return_exceptions=True)

    def _endpoints(self) -> dict[str, Any]:
        ends: dict[str, Any] = {
            "control": str(self.runtime / "control.sock"),
            "bench": str(self.runtime / "bench.sock"),
        }
        for device in self._devices:
            ends |= device.endpoints()
        return ends

    def _write_config(self, ends: dict[str, Any]) -> None:
        """The shop's own, with this stage's ends of the cables."""
        tables = flat(tomllib.loads(self.files.config.read_text("utf-8")))
        tables["acquirer"]["address"] = [ends["acquirer"]]
        tables["control"]["socket"] = ends["control"]
        tables["printer"]["port"] = ends["printer"]["port"]
        for name in ("keypad", "scanner"):
            tables[name]["device"] = ends["inputs"][name]
        for section, changes in self._changes.items():
            tables.setdefault(section, {}).update(changes)
        write_private(self.files.config, toml(tables))

    def change_config(self, section: str, **options: Any) -> None:
        """For the next start of the terminal."""
        self._changes.setdefault(section, {}).update(options)
        self._write_config(self._endpoints())

    def fresh_inputs(self) -> None:
        """Keys that a terminal did not read before it died are not kept for the next one."""
        for name in ("keypad", "scanner"):
            for verb in ("unplug", "plug"):
                self._do(self._board.do(verb, [name]))


def flat(tables: Mapping[str, Any]) -> dict[str, Any]:
    """Tables within tables under their own names, as ``toml`` writes them."""
    found: dict[str, Any] = {}
    for name, options in tables.items():
        inner = {key: value for key, value in options.items() if isinstance(value, dict)}
        found[name] = {key: value for key, value in options.items() if key not in inner}
        found |= flat({f"{name}.{key}": value for key, value in inner.items()})
    return found


def _acquirer(files: Files, options: tuple[str, ...], forks: Forks | None) -> AcquirerDevice:
    tls = files.tls
    launch = launched if forks is None else partial(forked, forks)
    return AcquirerDevice(
        keys=files.acquirer_keys,
        sales=files.acquirer_sales,
        tls_cert=tls / "server.pem",
        tls_key=tls / "server.key",
        client_ca=tls / "ca.pem",
        options=options,
        launch=launch,
    )
