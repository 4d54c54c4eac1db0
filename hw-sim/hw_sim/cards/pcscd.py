"""A private pcscd with two virtual readers, a contact one and a contactless one.

It takes its socket as systemd would hand it over (fd 3) and its readers from a folder of its own,
so that several run side by side and none is the system's. Where a mount namespace may be made it
also has a /run/pcscd of its own. vpcd listens on all addresses: for benches, never a terminal.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from hw_sim.device import BenchError
from pos_terminal.core.interface import Interface

READER_NAMES: Final = {
    Interface.CONTACT: "Bench Contact Reader",
    Interface.TAP: "Bench Contactless Reader",
}
_STOP_SECONDS: Final = 3.0
_START_SECONDS: Final = 10.0
_RUN: Final = Path("/run/pcscd")
_LISTEN: Final = "0A"
"""State LISTEN in /proc/net/tcp."""

# Runs between fork and pcscd: the socket becomes fd 3, and pcscd ends when the bench does.
_LAUNCHER: Final = """
import ctypes, os, sys
ctypes.CDLL(None).prctl(1, 15)
os.dup2(int(sys.argv[1]), 3, inheritable=True)
os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
os.execv(sys.argv[2], sys.argv[2:])
"""

_NAMESPACE: Final = {
    True: (
        "unshare -m --propagation private",
        "mkdir -p /run/pcscd && mount -t tmpfs x /run/pcscd",
    ),
    False: ("unshare -Urm --propagation private", "mount -t tmpfs x /run && mkdir /run/pcscd"),
}
"""How root, and how an ordinary user, gets a /run/pcscd of its own."""


def find_driver() -> Path:
    """vpcd's driver: named by $HW_SIM_VPCD, unpacked in the environment, or installed."""
    places = [Path(sys.prefix) / "vpcd", Path("/usr/lib/pcsc"), Path("/usr/lib")]
    named = os.environ.get("HW_SIM_VPCD")
    if named:
        places.insert(0, Path(named))
    for place in places:
        for found in _drivers(place):
            return found
    raise BenchError(
        "no libifdvpcd.so: install vsmartcard-vpcd, or unpack it with "
        f"`apt-get download vsmartcard-vpcd && dpkg -x vsmartcard-vpcd*.deb {places[0]}`, "
        "or leave the card service out with --no-card-service"
    )


def _drivers(place: Path) -> Iterator[Path]:
    if place.is_file():
        yield place
    elif place.is_dir():
        yield from sorted(place.rglob("libifdvpcd.so*"))


def find_pcscd() -> Path:
    found = shutil.which("pcscd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if found is None:
        raise BenchError("no pcscd: install it, or leave it out with --no-card-service")
    return Path(found)


class PrivatePcscd:
    """Start, stop and start again; ports, socket and reader names stay the same."""

    def __init__(self, runtime: Path) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="pcscd-", dir=runtime))
        self._process: asyncio.subprocess.Process | None = None
        self._log = self._folder / "log"
        self.socket = self._folder / "pcscd.comm"
        self.ports = dict(zip(Interface, _free_ports(len(Interface)), strict=True))

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    def reader(self, interface: Interface) -> str:
        """The full PC/SC name; vpcd's second slot, `00 01`, is not used."""
        return f"{READER_NAMES[interface]} 00 00"

    async def start(self, *, readers: bool = True) -> None:
        """Returns when both readers listen for cards, or without them. Raises BenchError."""
        pcscd, driver = find_pcscd(), find_driver()
        self._write_readers(driver if readers else None)
        options = ["-f", "-c", str(self._folder / "readers")]
        if "--disable-polkit" in await _output(str(pcscd), "--help"):
            options.append("--disable-polkit")
        self.socket.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
            listener.bind(str(self.socket))
            listener.listen(16)
            command = await self._command(listener.fileno(), [str(pcscd), *options])
            with self._log.open("ab") as log:
                self._process = await asyncio.create_subprocess_exec(
                    *command,
                    pass_fds=(listener.fileno(),),
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
        if readers:
            await self._listening()

    async def _command(self, fd: int, pcscd: list[str]) -> list[str]:
        launcher = [sys.executable, "-I", "-S", "-c", _LAUNCHER, str(fd), *pcscd]
        unshare, mount = _NAMESPACE[os.geteuid() == 0]
        private = [*unshare.split(), "sh", "-c"]
        hidden = os.geteuid() != 0 and self._folder.is_relative_to("/run")
        if not hidden and await _succeeds(*private, mount):
            return [*private, f'{mount} && exec "$@"', "sh", *launcher]
        if os.geteuid() == 0:
            _RUN.mkdir(exist_ok=True)
        if not _RUN.is_dir():
            raise BenchError("pcscd needs /run/pcscd. Make it with: sudo install -d /run/pcscd")
        return launcher

    def _write_readers(self, driver: Path | None) -> None:
        """One file and one copy of the driver a reader: its state is static."""
        readers = self._folder / "readers"
        shutil.rmtree(readers, ignore_errors=True)
        readers.mkdir()
        if driver is None:
            return
        for interface, port in self.ports.items():
            library = self._folder / f"libifdvpcd-{interface}.so"
            shutil.copyfile(driver, library)
            (readers / str(interface)).write_text(
                f'FRIENDLYNAME "{READER_NAMES[interface]}"\n'
                f"DEVICENAME /dev/null:{port}\n"
                f"LIBPATH {library}\n"
                f"CHANNELID {port}\n"
            )

    async def _listening(self) -> None:
        """Until both ports are open. Looked up in the kernel: to connect is to insert a card."""
        try:
            async with asyncio.timeout(_START_SECONDS):
                while not self._ports_open():
                    if not self.running:
                        raise BenchError(f"pcscd ended at once:\n{self.log()}")
                    await asyncio.sleep(0.01)
        except TimeoutError:
            await self.stop()
            raise BenchError(f"pcscd did not open its readers:\n{self.log()}") from None

    def _ports_open(self) -> bool:
        open_ports = set()
        for table in ("/proc/net/tcp", "/proc/net/tcp6"):
            with contextlib.suppress(FileNotFoundError):
                for line in Path(table).read_text().splitlines()[1:]:
                    fields = line.split()
                    if fields[3] == _LISTEN:
                        open_ports.add(int(fields[1].rpartition(":")[2], 16))
        return open_ports >= set(self.ports.values())

    def log(self) -> str:
        """What pcscd said."""
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    async def stop(self) -> None:
        """End pcscd; clients find nobody at the socket from then on."""
        self.socket.unlink(missing_ok=True)
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            async with asyncio.timeout(_STOP_SECONDS):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()

    async def kill(self) -> None:
        """As a crash: SIGKILL."""
        self.socket.unlink(missing_ok=True)
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            process.send_signal(signal.SIGKILL)
            await process.wait()

    def remove_files(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)


def _free_ports(count: int) -> list[int]:
    """Ports for ``count`` readers; each takes the next one too, for its second slot."""
    with contextlib.ExitStack() as held:
        found: list[int] = []
        while len(found) < count:
            first = held.enter_context(_listener(0))
            port = int(first.getsockname()[1])
            try:
                held.enter_context(_listener(port + 1))
            except (OSError, OverflowError):
                continue
            found.append(port)
        return found


def _listener(port: int) -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        sock.bind(("", port))
    except BaseException:
        sock.close()
        raise
    return sock


async def _output(*command: str) -> str:
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    output, _ = await process.communicate()
    return output.decode(errors="replace")


async def _succeeds(*command: str) -> bool:
    try:
        process = await asyncio.create_subprocess_exec(
            *command, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
        )
    except OSError:
        return False
    return await process.wait() == 0
