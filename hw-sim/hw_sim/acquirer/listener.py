"""Where terminals connect: a TCP port that can stop listening, or a pair of in-process sockets."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
from pathlib import Path
from typing import Final

from hw_sim.acquirer.faults import CONNECTION
from hw_sim.acquirer.server import Acquirer, Taken

_HANDSHAKE_SECONDS: Final = 10.0
_RESET: Final = struct.pack("ii", 1, 0)
"""SO_LINGER that makes ``close`` a reset."""


def server_tls(certificate: Path, key: Path, client_authority: Path) -> ssl.SSLContext:
    """Mutual TLS: clients without a certificate of ``client_authority`` are refused."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, key)
    context.load_verify_locations(client_authority)
    context.verify_mode = ssl.CERT_REQUIRED
    return context


class Listener:
    """The acquirer's port. The address stays the same when it stops and listens again."""

    def __init__(
        self, acquirer: Acquirer, host: str, port: int, tls: ssl.SSLContext | None = None
    ) -> None:
        self._acquirer = acquirer
        self._host = host
        self._port = port
        self._tls = tls
        self._plugged = False
        self._socket: socket.socket | None = None
        self._accepting: asyncio.Task[None] | None = None
        self._connections: set[asyncio.Task[None]] = set()

    @property
    def address(self) -> str:
        return f"{self._host}:{self._port}"

    async def plug(self) -> None:
        """Listen, unless the mode is ``refuse``. OSError where the port is taken."""
        self._plugged = True
        await self.follow()

    async def unplug(self) -> None:
        """Stop listening and cut every line."""
        self._plugged = False
        await self.follow()

    async def follow(self) -> None:
        """Listen or not, as cable and mode are now."""
        wanted = self._plugged and not self._acquirer.faults.refusing
        if wanted and self._socket is None:
            self._listen()
        elif not wanted and self._socket is not None:
            await self._hush()

    def _listen(self) -> None:
        sock = socket.create_server((self._host, self._port))
        sock.setblocking(False)
        self._port = sock.getsockname()[1]
        self._socket = sock
        self._accepting = asyncio.create_task(self._accept(sock))

    async def _hush(self) -> None:
        tasks = [*self._connections]
        if self._accepting is not None:
            tasks.append(self._accepting)
        for task in tasks:
            task.cancel()
        self._acquirer.drop_connections()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    async def _accept(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            sock, _ = await loop.sock_accept(listening)
            # before TLS, so that a refused terminal has surely sent nothing
            faults = self._acquirer.faults.take(CONNECTION)
            if "refuse" in faults:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                sock.close()
                continue
            task = asyncio.create_task(self._connected(sock, faults))
            self._connections.add(task)
            task.add_done_callback(self._connections.discard)

    async def _connected(self, sock: socket.socket, faults: Taken) -> None:
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader()
        protocol = asyncio.StreamReaderProtocol(reader)
        handshake = None if self._tls is None else _HANDSHAKE_SECONDS
        try:
            transport, _ = await loop.connect_accepted_socket(
                lambda: protocol, sock, ssl=self._tls, ssl_handshake_timeout=handshake
            )
        except OSError as error:
            self._acquirer.log.event(0, f"no TLS with a client: {error}")
            sock.close()
            return
        writer = asyncio.StreamWriter(transport, protocol, reader, loop)
        await self._acquirer.serve(reader, writer, faults)


class InProcess:
    """Lines to an acquirer in the same loop, virtual time included; ``connect`` opens one."""

    def __init__(self, acquirer: Acquirer) -> None:
        self._acquirer = acquirer
        self._serving: set[asyncio.Task[None]] = set()
        self.plugged = True

    async def connect(
        self, host: str = "", port: int = 0
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """The terminal's end of a new line. ConnectionRefusedError where nobody listens."""
        faults = self._acquirer.faults.take(CONNECTION) if self.plugged else {"refuse": None}
        if "refuse" in faults:
            raise ConnectionRefusedError(f"nobody listens on {host}:{port}")
        ours, theirs = socket.socketpair()
        reader, writer = await asyncio.open_connection(sock=theirs)
        task = asyncio.create_task(self._acquirer.serve(reader, writer, faults))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)
        return await asyncio.open_connection(sock=ours)

    async def close(self) -> None:
        """Cut all lines and wait for their ends."""
        self._acquirer.drop_connections()
        await asyncio.gather(*self._serving, return_exceptions=True)
