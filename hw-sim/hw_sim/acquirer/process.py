"""The acquirer as a device of the bench: a process, started, spoken to and stopped."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, NoReturn, Protocol

from hw_sim.acquirer.admin import LINE_LIMIT
from hw_sim.arguments import seconds, whole
from hw_sim.device import BenchError, Place, Verb, WrongWords

_START_SECONDS: Final = 20.0
_STOP_SECONDS: Final = 5.0
_ANSWER_SECONDS: Final = 10.0


class Launched(Protocol):
    """What is asked of ``asyncio.subprocess.Process`` here."""

    @property
    def stdout(self) -> asyncio.StreamReader | None: ...
    @property
    def stderr(self) -> asyncio.StreamReader | None: ...
    @property
    def returncode(self) -> int | None: ...
    def terminate(self) -> None: ...
    def kill(self) -> None: ...
    async def communicate(self) -> tuple[bytes, bytes]: ...


async def launched(command: Sequence[str]) -> Launched:
    """A process in a session of its own: Ctrl-C at the bench reaches it through ``stop`` only. Its
    standard input ends with the bench, however the bench ends."""
    return await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )


class AcquirerDevice:
    """Fulfils ``hw_sim.device.Device``. Plain TCP where no certificate is given."""

    name = "acquirer"

    def __init__(
        self,
        *,
        keys: Path,
        sales: Path | None = None,
        tls_cert: Path | None = None,
        tls_key: Path | None = None,
        client_ca: Path | None = None,
        profile: str = "cup",
        listen: str = "127.0.0.1:0",
        options: tuple[str, ...] = (),
        launch: Callable[[Sequence[str]], Awaitable[Launched]] = launched,
    ) -> None:
        given = {
            "--keys": keys,
            "--sales": sales,
            "--tls-cert": tls_cert,
            "--tls-key": tls_key,
            "--client-ca": client_ca,
            "--profile": profile,
        }
        self._arguments = [
            text
            for name, value in given.items()
            if value is not None
            for text in (name, str(value))
        ]
        self._arguments += options
        self._keys = keys
        self._listen = listen
        self._admin = Path()
        self._launch = launch
        self._process: Launched | None = None

    async def start(self, place: Place) -> None:
        """Returns when the port listens. BenchError says why it does not."""
        self._admin = place.runtime / "acquirer.sock"
        module = [sys.executable, "-m", "hw_sim.acquirer", "--with-parent"]
        book = place.runtime / "acquirer.sqlite"
        where = ["--listen", self._listen, "--admin", str(self._admin), "--book", str(book)]
        self._process = await self._launch([*module, *where, *self._arguments])
        self._listen = await self._ready(self._process)

    async def _ready(self, process: Launched) -> str:
        assert process.stdout is not None  # asked for above
        assert process.stderr is not None
        try:
            async with asyncio.timeout(_START_SECONDS):
                line = await process.stdout.readline()
                word, _, address = line.decode().strip().partition(" ")
                if word == "ready":
                    return address
                why = (await process.stderr.read()).decode(errors="replace").strip()
        except TimeoutError:
            why = f"it did not start within {_START_SECONDS:.0f} s"
        await self.stop()
        raise BenchError(f"the acquirer can't be started: {why}")

    async def stop(self) -> None:
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        with suppress(ProcessLookupError):
            process.terminate()
            try:
                await asyncio.wait_for(process.communicate(), _STOP_SECONDS)
            except TimeoutError:
                process.kill()
                await process.communicate()

    async def restart(self, place: Place) -> None:
        """Kill the process and start it again on the same port, with its memory."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            await process.communicate()
        await self.start(place)

    def endpoints(self) -> dict[str, object]:
        return {"acquirer": self._listen}

    def environment(self) -> dict[str, str]:
        return {}

    def verbs(self) -> Mapping[str, Verb]:
        return {"acquirer": self._acquirer, "plug": self._plug, "unplug": self._unplug}

    async def ask(self, order: Mapping[str, Any]) -> Any:
        """One order of ``hw_sim.acquirer.admin``; BenchError with its reason where refused."""
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                found = await self._exchange(order)
        except (OSError, ValueError, TimeoutError) as error:
            raise BenchError(f"the acquirer does not answer: {error}") from None
        if not found.get("ok"):
            kind = WrongWords if found.get("usage") else BenchError
            raise kind(str(found.get("error")))
        return found.get("answer")

    async def _exchange(self, order: Mapping[str, Any]) -> dict[str, Any]:
        reader, writer = await asyncio.open_unix_connection(self._admin, limit=LINE_LIMIT)
        try:
            writer.write(json.dumps(order).encode() + b"\n")
            await writer.drain()
            found: dict[str, Any] = json.loads(await reader.readline())
            return found
        finally:
            writer.close()

    async def _plug(self, words: list[str]) -> object:
        return await self.ask({"verb": "plug"})

    async def _unplug(self, words: list[str]) -> object:
        return await self.ask({"verb": "unplug"})

    async def _acquirer(self, words: list[str]) -> object:
        args = _words().parse_args(words)
        order = {name: value for name, value in vars(args).items() if name != "json"}
        if args.verb == "batch":
            order["terminal_id"] = order["terminal_id"] or self._terminal_id()
        return await self.ask(order)

    def _terminal_id(self) -> str:
        found = json.loads(self._keys.read_text("utf-8"))
        entry = found[0] if isinstance(found, list) else found
        return str(entry["terminal_id"])


class _Words(argparse.ArgumentParser):
    """Wrong words are the verb's error, not the end of the bench."""

    def error(self, message: str) -> NoReturn:
        raise WrongWords(f"acquirer: {message}")


def _words() -> argparse.ArgumentParser:
    """What may stand behind ``hw-sim acquirer DIR``."""
    parser = _Words(prog="acquirer", add_help=False)
    verbs = parser.add_subparsers(dest="verb", required=True, parser_class=_Words)
    mode = verbs.add_parser("mode", add_help=False)
    mode.add_argument("name")
    mode.add_argument("--count", type=whole(1))
    mode.add_argument("--on", action="append", default=[])
    mode.add_argument("--also", action="store_true")
    batch = verbs.add_parser("batch", add_help=False)
    batch.add_argument("number")
    batch.add_argument("--terminal-id", default="")
    clock = verbs.add_parser("clock", add_help=False)
    clock.add_argument("ahead", type=seconds(-1e9, 1e9))
    file = verbs.add_parser("file", add_help=False)
    file.add_argument("--since", default="")
    file.add_argument("--csv", action="store_true")
    for name in ("ledger", "log", "probes", "modes", "amnesia"):
        verbs.add_parser(name, add_help=False).add_argument("--json", action="store_true")
    return parser
