"""Everything that ``hw-sim up`` brings to life, in order, and down again in the other one."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hw_sim.bench import devices, identity, lock, processes
from hw_sim.bench.certificates import Certificates, make_certificates
from hw_sim.bench.feed import acquirer_record, feed_record, summary
from hw_sim.bench.files import Files, write_json, write_lines, write_private
from hw_sim.bench.further_sales import Further, read_further
from hw_sim.bench.keys import BenchKeys, acquirer_keys, make_keys
from hw_sim.bench.options import Options
from hw_sim.bench.people import Staff, staff
from hw_sim.bench.provisioning import import_sales, provision
from hw_sim.bench.sample_sales import SampleSale, make_sales
from hw_sim.bench.switchboard import Switchboard
from hw_sim.bench.terminal_config import Wiring, environment, sections, toml
from hw_sim.device import BenchError, Device, Place
from pos_terminal.core.local_time import local
from pos_terminal.zones import zone_of


class World:
    """A bench: its files, devices, acquirer, provisioned terminal and switchboard."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._files = Files(options.folder)
        # not TMPDIR, which may be long: a Unix socket's path has room for 108 bytes
        self._runtime = Path(tempfile.mkdtemp(prefix=lock.RUNTIME_PREFIX, dir="/tmp"))
        self._devices: Sequence[Device] = ()
        self._started: list[Device] = []
        self._switchboard: Switchboard | None = None

    async def start(self) -> None:
        """Returns when everything can be used. BenchError says what can't."""
        keys, people = make_keys(), staff()
        tls = make_certificates(self._files.tls) if self._options.acquirer is None else None
        sales, further = self._make_sales()
        self._write_shop(keys, people, sales, further)
        self._devices = devices.build(self._options, self._files, tls)
        await self._start_devices()
        self._write_wiring(tls)
        key_id = await provision(self._files, keys, people)
        await self._fill_feed(keys, key_id, sales, further)
        self._switchboard = Switchboard(self._devices)
        await self._switchboard.open(self._bench_socket)
        lock.remember_processes(self._files, self._runtime)
        write_json(self._files.bench, self._endpoints())

    async def stop(self) -> None:
        """Everything down; a device that fails to stop doesn't keep the others up."""
        self._files.bench.unlink(missing_ok=True)
        if self._switchboard is not None:
            await self._switchboard.close()
        stopping = [device.stop() for device in reversed(self._started)]
        results = await asyncio.gather(*stopping, return_exceptions=True)
        processes.end_descendants()
        shutil.rmtree(self._runtime, ignore_errors=True)
        self._files.leftovers.unlink(missing_ok=True)
        for result in results:
            if isinstance(result, BaseException):
                raise result

    @property
    def _bench_socket(self) -> Path:
        return self._runtime / "bench.sock"

    @property
    def _control_socket(self) -> Path:
        return self._runtime / "control.sock"

    def _make_sales(self) -> tuple[list[SampleSale], Further]:
        zone = zone_of(identity.TIMEZONE)
        now = local(datetime.now(UTC), zone)
        sales = make_sales(devices.sample_cards(), now, self._options.seed, zone)
        further = read_further(self._options.sales) if self._options.sales else Further([], [])
        return sales, further

    def _write_shop(
        self, keys: BenchKeys, people: list[Staff], sales: list[SampleSale], further: Further
    ) -> None:
        write_json(self._files.people, [one.shown() for one in people])
        write_json(self._files.acquirer_keys, acquirer_keys(keys))
        known = [record for sale in sales for record in acquirer_record(sale)]
        write_lines(self._files.acquirer_sales, known + further.acquirer)
        write_json(self._files.samples, [summary(sale) for sale in sales])

    async def _start_devices(self) -> None:
        place = Place(self._options.folder, self._runtime)
        starting = [device.start(place) for device in self._devices]
        results = await asyncio.gather(*starting, return_exceptions=True)
        # one that failed may have begun something all the same
        self._started = list(self._devices)
        lock.remember_processes(self._files, self._runtime)
        for device, result in zip(self._devices, results, strict=True):
            if isinstance(result, BenchError):
                raise BenchError(f"{device.name}: {result}")
            if isinstance(result, BaseException):
                raise result

    def _write_wiring(self, tls: Certificates | None) -> None:
        ends = self._endpoints()
        wiring = Wiring(
            acquirer=ends["acquirer"],
            tls=tls,
            printer=ends["printer"]["port"],
            keypad=ends["inputs"]["keypad"],
            scanner=ends["inputs"]["scanner"],
            readers={name: one["name"] for name, one in ends["readers"].items()},
            control=ends["control"],
            language=self._options.language,
            paper=self._options.paper,
            repeat=self._options.repeat,
            profile=self._options.profile,
            tpm=ends.get("tpm"),
        )
        write_private(self._files.config, toml(sections(wiring, self._files)))
        variables: dict[str, str] = {}
        for device in self._devices:
            variables |= device.environment()
        write_private(self._files.environment, environment(variables))

    def _endpoints(self) -> dict[str, Any]:
        """``bench.json``."""
        ends: dict[str, Any] = {
            "readers": {},
            "printer": devices.foreign_printer(self._options.printer),
            "acquirer": self._options.acquirer,
            "inputs": {},
            "control": str(self._control_socket),
            "bench": str(self._bench_socket),
        }
        for device in self._devices:
            ends |= device.endpoints()
        return ends

    async def _fill_feed(
        self, keys: BenchKeys, key_id: str, sales: list[SampleSale], further: Further
    ) -> None:
        """The terminal's sales, imported by its own command."""
        records = [feed_record(sale, keys.token, key_id) for sale in sales]
        records += further.feed(keys.token, key_id)
        write_lines(self._files.sales, records)
        await import_sales(self._files, self._files.sales)
