"""How a connection is opened: mutual TLS with a pinned certificate, or plain on a private line."""

from __future__ import annotations

import asyncio
import hashlib
import socket
import ssl
from asyncio import StreamReader, StreamWriter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from pos_terminal.config import Config, Tls
from pos_terminal.core.words import Failure

if TYPE_CHECKING:
    from pos_terminal.services.host.ports import Connect

#: after a minute of silence ask every 10 seconds, and give the line up after three
_KEEP_ALIVE: Final = (
    (socket.TCP_KEEPIDLE, 60),
    (socket.TCP_KEEPINTVL, 10),
    (socket.TCP_KEEPCNT, 3),
)

_GOOD_BYE_SECONDS: Final = 1.0
"""For the other side to answer the end of TLS. One that stalls would hold the connection for half
a minute beside the next one, and may take one of a terminal only."""


class PinMismatch(ssl.SSLError):
    """The server's certificate is valid and is not the pinned one."""

    def __init__(self) -> None:
        super().__init__(ssl.SSL_ERROR_SSL, "the server's certificate is not a pinned one")


async def connect_plain(host: str, port: int) -> tuple[StreamReader, StreamWriter]:
    """Plain TCP, for a private line only (R56a)."""
    return _kept_alive(await asyncio.open_connection(host, port))


def make_connect(config: Config) -> Connect:
    """The way that the configuration asks for. Failure ``host.tls_files`` for bad PEM files."""
    tls = config.acquirer.tls
    if tls is None:
        return connect_plain
    return pinned(client_context(config, tls), tls.server_name, tls.pins)


def client_context(config: Config, tls: Tls) -> ssl.SSLContext:
    """TLS 1.2 or later, our certificate, and only the acquirer's authority."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    option = "authority"
    try:
        context.load_verify_locations(config.path(tls.authority))
        option = "certificate, key"
        context.load_cert_chain(
            config.path(tls.certificate), config.path(tls.key), password=_no_password
        )
    except (OSError, ValueError) as error:
        cause = str(getattr(error, "strerror", None) or error)
        raise Failure("host.tls_files", option=option, cause=cause) from None
    return context


def pinned(context: ssl.SSLContext, server_name: str, pins: Sequence[str]) -> Connect:
    """TLS whose server certificate is one of ``pins`` (SHA-256 of its DER, lower-case hex)."""

    async def connect(host: str, port: int) -> tuple[StreamReader, StreamWriter]:
        streams = await asyncio.open_connection(
            host,
            port,
            ssl=context,
            server_hostname=server_name,
            ssl_shutdown_timeout=_GOOD_BYE_SECONDS,
        )
        shown = streams[1].get_extra_info("ssl_object").getpeercert(binary_form=True)
        digest = hashlib.sha256(shown or b"").hexdigest()
        if digest not in pins:
            streams[1].transport.abort()
            raise PinMismatch
        return _kept_alive(streams)

    return connect


def _kept_alive(streams: tuple[StreamReader, StreamWriter]) -> tuple[StreamReader, StreamWriter]:
    """The kernel finds a line that died in silence, before a refund is written to it."""
    line = streams[1].get_extra_info("socket")
    line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in _KEEP_ALIVE:
        line.setsockopt(socket.IPPROTO_TCP, option, value)
    return streams


def _no_password() -> str:
    """Called for an encrypted key file: a terminal starts by itself, so there is nobody to ask."""
    raise ValueError("the key file is encrypted; store it without a pass phrase, mode 0600")
