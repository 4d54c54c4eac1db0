"""What the system does for a serial line: opening, locking, dialling, closing off the loop."""

from __future__ import annotations

import array
import asyncio
import contextlib
import errno
import fcntl
import os
import socket
import termios
import threading
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Final, Literal

Flow = Literal["xonxoff", "rtscts", "none"]
DIAL_SECONDS: Final = 5.0
"""How long a TCP address may take to answer."""


class PortTrouble(StrEnum):
    MISSING = "missing"
    """No such device: unplugged, or a wrong path."""
    BUSY = "busy"
    """Another program has the port."""
    DENIED = "denied"
    NOT_A_PORT = "not_a_port"
    UNREACHABLE = "unreachable"
    """Nobody answers at the TCP address."""
    LOST = "lost"
    """The line was there and is gone: hang-up, cable pulled, connection closed."""


class PortError(Exception):
    """A line that can't be opened, or was lost. ``detail`` is the system's own text."""

    def __init__(self, trouble: PortTrouble, address: str, detail: str) -> None:
        super().__init__(f"{address}: {trouble}: {detail}")
        self.trouble, self.address, self.detail = trouble, address, detail


async def off_loop(call: Callable[[], int]) -> int:
    """Run ``call`` in a thread of its own that nothing waits for when the program ends."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[int] = loop.create_future()

    def work() -> None:
        try:
            result = call()
        except BaseException as error:
            _post(loop, future, None, error)
        else:
            _post(loop, future, result, None)

    threading.Thread(target=work, name="serial-port", daemon=True).start()
    return await asyncio.shield(future)


def _post(
    loop: asyncio.AbstractEventLoop,
    future: asyncio.Future[int],
    result: int | None,
    error: BaseException | None,
) -> None:
    def settle() -> None:
        if future.done():
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result or 0)

    with contextlib.suppress(RuntimeError):  # the loop ended meanwhile
        loop.call_soon_threadsafe(settle)


async def dial(address: str) -> int:
    """A connected socket's descriptor for ``tcp://HOST:PORT``. Raises PortError."""
    host, _, number = address.removeprefix("tcp://").rpartition(":")
    if not host or not number.isdecimal() or int(number) > 65535:
        raise PortError(PortTrouble.NOT_A_PORT, address, "expected tcp://HOST:PORT")
    try:
        return (await _connect(host.strip("[]"), int(number))).detach()
    except OSError as error:
        raise PortError(PortTrouble.UNREACHABLE, address, error_text(error)) from None


async def _connect(host: str, number: int) -> socket.socket:
    loop = asyncio.get_running_loop()
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    link = socket.socket(family, socket.SOCK_STREAM)
    link.setblocking(False)
    try:
        async with asyncio.timeout(DIAL_SECONDS):
            await loop.sock_connect(link, (host, number))
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        link.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    except BaseException:
        link.close()
        raise
    return link


def open_tty(address: str, baud: int, flow: Flow) -> int:
    """A serial port's descriptor: exclusive, raw, 8N1, not blocking. Raises PortError."""
    import serial

    try:
        port = serial.Serial(
            address,
            baud,
            timeout=0,
            write_timeout=0,
            xonxoff=False,
            rtscts=flow == "rtscts",
            exclusive=True,
        )
    except (serial.SerialException, OSError, ValueError) as error:
        raise _port_error(address, error) from None
    fd = os.dup(port.fileno())  # shares the lock; pyserial's own close must not run on ours
    os.set_blocking(fd, False)
    port.close()
    return fd


def close_late(opening: asyncio.Future[int]) -> None:
    if not opening.cancelled() and opening.exception() is None:
        close_tty(opening.result())


def close_tty(fd: int) -> int:
    """Throw away what was not sent, so that the close has nothing to wait for."""
    with contextlib.suppress(termios.error):
        termios.tcflush(fd, termios.TCIOFLUSH)
    os.close(fd)
    return 0


def output_queue(fd: int) -> int:
    """Bytes that the kernel still has to send; 0 where it can't tell (a pty, an emulated node)."""
    count = array.array("i", [0])
    try:
        fcntl.ioctl(fd, termios.TIOCOUTQ, count)
    except OSError:
        return 0
    return count[0]


def _port_error(address: str, error: Exception) -> PortError:
    number = getattr(error, "errno", None)
    if number is None and not Path(address).exists():
        number = errno.ENOENT
    return PortError(_TROUBLES.get(number, PortTrouble.NOT_A_PORT), address, error_text(error))


_TROUBLES: Final[dict[int | None, PortTrouble]] = {
    errno.ENOENT: PortTrouble.MISSING,
    errno.ENXIO: PortTrouble.MISSING,
    errno.ENODEV: PortTrouble.MISSING,
    errno.EIO: PortTrouble.MISSING,
    errno.EBUSY: PortTrouble.BUSY,
    errno.EAGAIN: PortTrouble.BUSY,
    errno.EACCES: PortTrouble.DENIED,
    errno.EPERM: PortTrouble.DENIED,
}


def error_text(error: BaseException) -> str:
    """The system's text of an error, without the call around it."""
    number = getattr(error, "errno", None)
    return os.strerror(number) if isinstance(number, int) else str(error) or type(error).__name__
