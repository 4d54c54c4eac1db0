"""``python -m hw_sim.acquirer``: the acquirer as a process of its own."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import ssl
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from hw_sim.acquirer.admin import Admin
from hw_sim.acquirer.book import Book
from hw_sim.acquirer.listener import Listener, server_tls
from hw_sim.acquirer.records import RecordError, read_sales, read_terminals
from hw_sim.acquirer.server import Acquirer
from hw_sim.arguments import listening
from pos_terminal import profiles
from pos_terminal.core.words import Failure
from pos_terminal.texts import technician


def parser() -> argparse.ArgumentParser:
    """The command line."""
    found = argparse.ArgumentParser(prog="python -m hw_sim.acquirer", description=__doc__)
    add = found.add_argument
    add(
        "--listen",
        required=True,
        type=listening,
        metavar="HOST:PORT",
        help="port 0 takes a free one",
    )
    add("--admin", required=True, type=Path, help="Unix socket for modes, ledger and log")
    add("--keys", required=True, type=Path, help="acquirer-keys.json")
    add("--sales", type=Path, help="JSON Lines of the sales it knows")
    add("--book", type=Path, help="SQLite file of its ledger; in memory without")
    add("--profile", default="cup", help="name, or a .toml file")
    add("--tls-cert", type=Path)
    add("--tls-key", type=Path)
    add("--client-ca", type=Path, help="with cert and key: mutual TLS")
    add("--forgetful", action="store_true", help="pays an identical message again")
    add("--single-mak", action="store_true", help="gives single-length MAKs")
    add("--with-parent", action="store_true", help="end when standard input ends")
    return found


def main() -> int:
    args = parser().parse_args()
    try:
        asyncio.run(_run(args))
    except Failure as failure:
        return _fail(technician(failure.words))
    except (RecordError, OSError, ValueError) as error:
        return _fail(str(error))
    return 0


def _fail(why: str) -> int:
    print(f"acquirer: {why}", file=sys.stderr)
    return 1


async def _run(args: argparse.Namespace) -> None:
    stopped = _stopping(args.with_parent)
    acquirer = _make(args)
    host, _, port = args.listen.rpartition(":")
    listener = Listener(acquirer, host, int(port), _tls(args))
    admin = Admin(acquirer, listener)
    await listener.plug()
    await admin.open(args.admin)
    print(f"ready {listener.address}", flush=True)
    await stopped.wait()
    await listener.unplug()
    await admin.close()
    acquirer.book.close()


def _make(args: argparse.Namespace) -> Acquirer:
    acquirer = Acquirer(
        profiles.load(args.profile),
        read_terminals(args.keys, single_mak=args.single_mak),
        lambda: datetime.now(UTC),
        book=Book(args.book),
    )
    if args.sales is not None:
        acquirer.add_sales(read_sales(args.sales))
    if args.forgetful:
        acquirer.set_mode("forgetful")
    return acquirer


def _tls(args: argparse.Namespace) -> ssl.SSLContext | None:
    files = (args.tls_cert, args.tls_key, args.client_ca)
    if not any(files):
        return None
    if not all(files):
        raise ValueError("--tls-cert, --tls-key and --client-ca belong together")
    return server_tls(*files)


def _stopping(with_parent: bool) -> asyncio.Event:
    """Set by a signal, or when the parent is gone."""
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    if with_parent:
        loop.add_reader(sys.stdin.fileno(), _read_parent, loop, stopped)
    return stopped


def _read_parent(loop: asyncio.AbstractEventLoop, stopped: asyncio.Event) -> None:
    with suppress(OSError):
        if os.read(sys.stdin.fileno(), 1):
            return
    loop.remove_reader(sys.stdin.fileno())
    stopped.set()


if __name__ == "__main__":
    sys.exit(main())
