"""The bench's end of the umockdev controller."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from typing import Any, Final

from hw_sim.device import BenchError, Place
from hw_sim.inputs.packets import Packet, encode
from hw_sim.inputs.umockdev_testbed import BY_PATH
from hw_sim.inputs.wiring import Unavailable, nobody_reads

_ANSWER_SECONDS: Final = 10.0
_PRELOAD: Final = "libumockdev-preload.so.0"


class UmockdevWiring:
    """Emulated kernel devices for the one process that has ``environment()``.

    ``path`` is a by-path link inside the testbed: it exists for that process only, and is the
    same after a replug, while the node behind it gets a new number.
    """

    how = "umockdev"

    def __init__(self) -> None:
        self._process: Process | None = None
        self._root = ""

    async def start(self, place: Place) -> None:
        # the root becomes part of sockets' paths (108 bytes): it must be short
        environment = {**os.environ, "TMPDIR": str(place.runtime)}
        try:
            self._process = await asyncio.create_subprocess_exec(
                "umockdev-wrapper",
                sys.executable,
                "-m",
                "hw_sim.inputs.umockdev_controller",
                stdin=PIPE,
                stdout=PIPE,
                stderr=PIPE,
                env=environment,
                start_new_session=True,  # Ctrl-C is for the bench, which closes things in order
            )
        except OSError as error:
            raise Unavailable(f"umockdev-wrapper: {error.strerror}") from None
        try:
            self._root = (await self._answer())["root"]
        except BenchError as error:
            await self.stop()
            raise Unavailable(str(error)) from None

    async def stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin is not None  # asked for above
        process.stdin.close()
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()

    def path(self, name: str) -> str:
        return BY_PATH.format(name=name)

    def environment(self) -> dict[str, str]:
        return {"LD_PRELOAD": _PRELOAD, "UMOCKDEV_DIR": self._root}

    async def plug(self, name: str) -> None:
        await self._ask(do="plug", name=name)

    async def unplug(self, name: str) -> None:
        await self._ask(do="unplug", name=name)

    async def type(self, name: str, packets: Sequence[Packet]) -> None:
        error = await self._ask(do="type", name=name, records=encode(packets).hex())
        if error == "unread":
            raise BenchError(nobody_reads(name))
        if error is not None:
            raise BenchError(f"the {name} is {error}")

    async def _ask(self, **order: str) -> str | None:
        if self._process is None or self._process.stdin is None:
            raise BenchError("the inputs are not started")
        with contextlib.suppress(ConnectionError):  # the answer tells that it is gone
            self._process.stdin.write(json.dumps(order).encode() + b"\n")
            await self._process.stdin.drain()
        error: str | None = (await self._answer())["error"]
        return error

    async def _answer(self) -> dict[str, Any]:
        assert self._process is not None and self._process.stdout is not None  # noqa: PT018
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                line = await self._process.stdout.readline()
        except TimeoutError:
            raise BenchError("the umockdev controller does not answer") from None
        if not line:
            raise BenchError(f"the umockdev controller ended: {await self._last_words()}")
        answer: dict[str, Any] = json.loads(line)
        return answer

    async def _last_words(self) -> str:
        """Of a controller that has ended."""
        assert self._process is not None and self._process.stderr is not None  # noqa: PT018
        said = (await self._process.stderr.read()).decode("utf-8", "replace").strip()
        return said.rpartition("\n")[2] or "no reason given"
