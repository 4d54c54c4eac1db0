"""The control socket for tests: who is in which class, and one connection to it."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hw_sim.virtual import run_inline

from pos_terminal.config import Control, ControlClasses
from pos_terminal.control.classes import Class, Classes
from pos_terminal.control.server import ControlServer, Verb
from pos_terminal.texts import Language

ME = str(os.geteuid())


def in_classes(**members: list[str]) -> Classes:
    """As ``[control.classes]`` says; the terminal's own user is somebody else."""
    return Classes(Control(socket="-", classes=ControlClasses(**members)), own_uid=2**31 - 1)


def everybody() -> Classes:
    """Whoever runs the tests, in every class."""
    return in_classes(**{one.value: [ME] for one in Class})


def serve(path: Path, verbs: Mapping[str, Verb], **options: Any) -> ControlServer:
    """Of somebody who is in every class, where nothing else is said."""
    given: dict[str, Any] = {"classes": everybody(), "off_loop": run_inline} | options
    return ControlServer(path, verbs, Language.EN, **given)


async def listening(path: Path) -> None:
    """Until whoever may connect can."""
    while not path.is_socket() or path.stat().st_mode & 0o777 != 0o660:
        await asyncio.sleep(0)


class Client:
    """One connection to the socket."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def to(cls, path: Path) -> Client:
        return cls(*await asyncio.open_unix_connection(path, limit=1 << 20))

    async def raw(self, line: bytes) -> Any:
        self.writer.write(line)
        return json.loads(await self.reader.readline())

    async def ask(self, **request: object) -> Any:
        return await self.raw(json.dumps(request).encode() + b"\n")

    async def closed(self) -> bool:
        """Whether the other side has nothing more to say."""
        return await self.reader.read() == b""

    def close(self) -> None:
        self.writer.close()
