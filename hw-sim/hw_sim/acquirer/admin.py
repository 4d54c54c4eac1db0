"""The acquirer's back door for the bench: JSON lines over a Unix socket.

``{"verb": "mode", "name": "delay:5", "count": 1, "on": ["refund"], "also": false}``,
``{"verb": "ledger"}``, ``{"verb": "file", "since": "2026-11-20", "csv": false}``,
``{"verb": "log"}``, ``{"verb": "probes"}``, ``{"verb": "modes"}``,
``{"verb": "sales", "add": [...]}``, ``{"verb": "batch", "terminal_id": …, "number": …}``,
``{"verb": "amnesia"}``, ``{"verb": "clock", "ahead": 86400}``, ``{"verb": "unplug"}``,
``{"verb": "plug"}``. Answers are ``{"ok": true, "answer": …}`` or ``{"ok": false, "error": TEXT}``,
with ``"usage": true`` where the order is wrong.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta, Struct

from hw_sim.acquirer.faults import MODES, ModeError
from hw_sim.acquirer.listener import Listener
from hw_sim.acquirer.outcome_file import outcome_file, since_when
from hw_sim.acquirer.probes import Probe, probes
from hw_sim.acquirer.records import RecordError, parse_sales
from hw_sim.acquirer.server import Acquirer
from pos_terminal.core.batch import is_batch
from pos_terminal.zones import zone_of

LINE_LIMIT: Final = 16 << 20
"""Bytes of one line: a long log, or many sales."""


class Order(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One line to the acquirer."""

    verb: Literal[
        "mode",
        "modes",
        "ledger",
        "file",
        "log",
        "probes",
        "sales",
        "batch",
        "amnesia",
        "clock",
        "plug",
        "unplug",
    ]
    name: str = "normal"
    count: int | None = None
    on: list[str] = msgspec.field(default_factory=list)
    also: bool = False
    add: list[Any] = msgspec.field(default_factory=list)
    terminal_id: str = ""
    number: str = ""
    since: str = ""
    csv: bool = False
    ahead: Annotated[float, Meta(ge=-1e9, le=1e9)] = 0.0
    """Seconds by which its clock is wrong."""


class Admin:
    """Serves the back door until ``close``."""

    def __init__(self, acquirer: Acquirer, listener: Listener) -> None:
        self._acquirer = acquirer
        self._listener = listener
        self._server: asyncio.Server | None = None

    async def open(self, path: Path) -> None:
        self._server = await asyncio.start_unix_server(self._serve, path, limit=LINE_LIMIT)

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()

    async def do(self, order: Order) -> object:
        """Do one order. ModeError, RecordError or OSError where it can't be done."""
        acquirer = self._acquirer
        answer: object = None
        match order.verb:
            case "mode":
                acquirer.set_mode(order.name, order.count, order.on, also=order.also)
                await self._listener.follow()
                answer = [fault.name for fault in acquirer.faults.active]
            case "modes":
                answer = {name: mode.about for name, mode in MODES.items()}
            case "ledger":
                answer = acquirer.ledger()
            case "file":
                answer = self._file(order)
            case "log":
                answer = acquirer.log.entries()
            case "probes":
                answer = [_told(one) for one in probes(acquirer.log.entries())]
            case "sales":
                answer = acquirer.add_sales(parse_sales(order.add))
            case "batch":
                self._begin_batch(order)
            case "amnesia":
                acquirer.book.forget_answers()
            case "clock":
                acquirer.ahead = timedelta(seconds=order.ahead)
            case "plug":
                await self._listener.plug()
            case "unplug":
                await self._listener.unplug()
        return answer

    def _file(self, order: Order) -> str:
        try:
            since = since_when(order.since, zone_of(self._acquirer.profile.timezone))
        except ValueError:
            raise RecordError(f"since {order.since!r} is no ISO 8601 date or moment") from None
        return outcome_file(self._acquirer.book.entries(), since, order.csv)

    def _begin_batch(self, order: Order) -> None:
        if not is_batch(order.number):
            raise RecordError(f"a batch is 000001 to 999999, six digits, not {order.number!r}")
        try:
            self._acquirer.begin_batch(order.terminal_id, order.number)
        except KeyError:
            raise RecordError(f"no terminal {order.terminal_id!r}") from None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, ValueError):  # ValueError: a line over the limit
            while line := await reader.readline():
                writer.write(json.dumps(await self._answer(line)).encode() + b"\n")
                await writer.drain()
        writer.close()

    async def _answer(self, line: bytes) -> dict[str, object]:
        try:
            order = msgspec.json.decode(line, type=Order)
            return {"ok": True, "answer": await self.do(order)}
        except msgspec.DecodeError as error:
            return {"ok": False, "error": f"no order of the acquirer's: {error}", "usage": True}
        except (ModeError, RecordError) as error:
            return {"ok": False, "error": str(error), "usage": True}
        except OSError as error:
            return {"ok": False, "error": str(error)}


def _told(probe: Probe) -> dict[str, object]:
    at = probe.at.isoformat(timespec="milliseconds")
    return {"at": at, "kind": probe.kind, "connection": probe.connection}
