"""All that is measured, in the order in which it is done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hw_sim.proofs.measure import (
    barriers,
    committing,
    early,
    finding,
    growing,
    idling,
    importing,
    packing,
    panel,
    printing,
    refunding,
    resting,
    screen,
    stalling,
    starting,
    whole,
)
from hw_sim.proofs.measure.figures import Row
from hw_sim.proofs.measure.stand import Stand


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that are measured together."""

    name: str
    about: str
    measure: Callable[[Stand], list[Row]]


GROUPS = (
    Group("iso8583", "ISO 8583 pack and unpack", packing.measure),
    Group("commit", "durable commit of one step", committing.measure),
    Group("find", "find a sale, pending queue", finding.measure),
    Group("import", "a day's feed into the ledger", importing.measure),
    Group("start", "start to ready, memory", starting.measure),
    Group("growth", "memory after many refunds", growing.measure),
    Group("early", "keys right after a start", early.measure),
    Group("screen", "key or scan to the new screen", screen.measure),
    Group("panel", "key or scan to the picture on a panel", panel.measure),
    Group("refund", "a refund from the card to the queued receipt", refunding.measure),
    Group("whole", "a refund from the scan to the cut slip", whole.measure),
    Group("barriers", "durable barriers of a refund", barriers.measure),
    Group("stalls", "keys while the disk stalls", stalling.measure),
    Group("receipt", "a receipt on paper", printing.measure),
    Group("wal", "the log at rest", resting.measure),
    Group("idle", "an idle terminal", idling.measure),
)
