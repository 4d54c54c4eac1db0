"""A fork as ``asyncio.subprocess`` knows processes, for the acquirer of a stage."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Sequence
from contextlib import suppress

from hw_sim.proofs.crash.forks import Fork, Forks


async def forked(forks: Forks, command: Sequence[str]) -> Forked:
    """As ``hw_sim.acquirer.process.launched``; no exec, and no session of its own."""
    (stdin, keep), (out, stdout), (err, stderr) = os.pipe(), os.pipe(), os.pipe()
    fork = forks.start(command, env=os.environ, stdin=stdin, stdout=stdout, stderr=stderr)
    for end in (stdin, stdout, stderr):
        os.close(end)
    return Forked(fork, keep, await _reader(out), await _reader(err))


class Forked:
    """Fulfils ``hw_sim.acquirer.process.Launched``."""

    def __init__(
        self, fork: Fork, stdin: int, stdout: asyncio.StreamReader, stderr: asyncio.StreamReader
    ) -> None:
        """``stdin``: our end of its standard input."""
        self._fork = fork
        self._stdin = stdin
        self.stdout = stdout
        self.stderr = stderr

    @property
    def returncode(self) -> int | None:
        return self._fork.poll()

    def terminate(self) -> None:
        self._fork.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self._fork.send_signal(signal.SIGKILL)

    async def communicate(self) -> tuple[bytes, bytes]:
        """Its standard input ends; what it said then, to its end."""
        with suppress(OSError):
            os.close(self._stdin)
        said = await asyncio.gather(self.stdout.read(), self.stderr.read())
        await asyncio.to_thread(self._fork.wait)
        return said[0], said[1]


async def _reader(end: int) -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    pipe = os.fdopen(end, "rb", 0)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), pipe)
    return reader
