"""A screen on a terminal: the Linux console, a serial terminal, or standard output.

Never blocks. While nobody reads, frames are not queued: when there is room again, the newest one
is painted over what was last written.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from typing import Final

from pos_drivers.ansi_paint import (
    BELL,
    OPEN,
    Screen,
    blank,
    knows_double_height,
    leave,
    paint,
    screen_of,
)
from pos_terminal.core.words import Failure, say
from pos_terminal.ports import DeviceState, Frame, Sink

_STANDARD_OUTPUT: Final = 1


class AnsiDisplay:
    """Fulfils ``ports.Display``. Opens at once: Failure ``display.*``."""

    def __init__(
        self, device: str, columns: int, rows: int, *, sink: Sink = lambda _: None
    ) -> None:
        self.columns = columns
        self.rows = rows
        self._device = device
        self._double = knows_double_height(os.environ, device)
        self._sink = sink
        self._fd: int | None = None
        self._written: Screen = blank(columns, rows)
        self._wanted: Screen = self._written
        self._pending = b""
        self._bell = False
        self._waiting = False
        self._open()

    def show(self, frame: Frame) -> None:
        self._wanted = screen_of(frame, self.columns, self.rows, double=self._double)
        if self._fd is None:
            self._reopen()
        self._write()

    def beep(self) -> None:
        self._bell = True
        self._write()

    def close(self) -> None:
        """Gives the terminal back, with its cursor. What it does not take at once is dropped."""
        if self._fd is None:
            return
        with contextlib.suppress(OSError):
            os.write(self._fd, self._pending + leave(self.rows))
        self._close_fd()

    def _open(self) -> None:
        try:
            self._fd = _open_terminal(self._device)
        except OSError as error:
            raise Failure(
                "display.terminal",
                device=self._device or "stdout",
                cause=error.strerror or str(error),
            ) from None
        self._written = blank(self.columns, self.rows)
        self._pending = OPEN

    def _reopen(self) -> None:
        """A terminal that was lost is tried again with the next frame; nothing polls for it."""
        try:
            self._open()
        except Failure:
            return
        self._sink(DeviceState("display", True, say("display.ok")))

    def _write(self) -> None:
        while self._fd is not None and not self._waiting:
            if not self._pending and not self._next():
                return
            try:
                self._pending = self._pending[os.write(self._fd, self._pending) :]
            except (BlockingIOError, InterruptedError):
                self._wait()
            except OSError as error:
                self._lost(error)

    def _next(self) -> bool:
        """Fills ``_pending`` with what the terminal lacks; whether there is anything."""
        self._pending = paint(self._written, self._wanted)
        if self._bell:
            self._pending += BELL
            self._bell = False
        self._written = self._wanted
        return bool(self._pending)

    def _wait(self) -> None:
        assert self._fd is not None  # noqa: S101 - only called with an open terminal
        self._waiting = True
        asyncio.get_running_loop().add_writer(self._fd, self._room)

    def _room(self) -> None:
        assert self._fd is not None  # noqa: S101 - the writer goes with the descriptor
        asyncio.get_running_loop().remove_writer(self._fd)
        self._waiting = False
        self._write()

    def _lost(self, error: OSError) -> None:
        self._close_fd()
        cause = error.strerror or str(error)
        words = say("display.terminal", device=self._device or "stdout", cause=cause)
        self._sink(DeviceState("display", False, words))

    def _close_fd(self) -> None:
        fd, self._fd = self._fd, None
        if fd is None:
            return
        if self._waiting:
            asyncio.get_running_loop().remove_writer(fd)
            self._waiting = False
        os.close(fd)


def _open_terminal(device: str) -> int:
    """A non-blocking descriptor of our own.

    Standard output is opened anew through /proc, as O_NONBLOCK belongs to the open file, which
    the shell and standard error share. Where that is not allowed (after ``su``, a socket, a
    plain file, whose position would be lost) a duplicate must do.
    """
    if device:
        return os.open(device, os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    if not _is_regular(_STANDARD_OUTPUT):
        with contextlib.suppress(OSError):
            return os.open(
                f"/proc/self/fd/{_STANDARD_OUTPUT}",
                os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC,
            )
    fd = os.dup(_STANDARD_OUTPUT)
    os.set_blocking(fd, False)
    return fd


def _is_regular(fd: int) -> bool:
    import stat  # only here

    return stat.S_ISREG(os.fstat(fd).st_mode)
