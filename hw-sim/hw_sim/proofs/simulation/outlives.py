"""What outlives a process of the terminal, as it is at a moment."""

from __future__ import annotations

import hashlib
from pathlib import Path

from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.shop import left_on_disk
from hw_sim.proofs.simulation.site import Site


def outlives(site: Site, clerk: SimClerk) -> str:
    """A digest of all that a kill now would leave: the disk, what was written to the line, the
    acquirer, printer, drawer and cards, the clerk, and the time.

    Moments that have the same one can't be told apart by anybody who is left, so that whatever
    becomes of a kill at one of them becomes of a kill at the others.
    """
    terminal, parts = site.terminal, site.parts
    printer = parts.printer.printer
    found = hashlib.sha256()
    found.update(_disk(terminal.config.data_dir))
    outside = (
        site.loop.time(),
        (terminal.lines.opened, terminal.lines.written),
        len(site.acquirer.log.entries()),
        site.acquirer.ledger(),
        (len(printer.raw), printer.rows, printer.kicks, len(printer.roll.all())),
        (parts.drawer, len(parts.groundless), parts.readers.present()),
        (clerk.me, site.sealed_off, site.objections, terminal.objections, site.crashes),
    )
    found.update(repr(outside).encode())
    return found.hexdigest()


def _disk(folder: Path) -> bytes:
    found = hashlib.sha256()
    for path in left_on_disk(folder):
        data = path.read_bytes()
        found.update(f"{path.relative_to(folder)}\0{len(data)}\0".encode())
        found.update(data)
    return found.digest()
