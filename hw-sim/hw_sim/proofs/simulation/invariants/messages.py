"""What went over the line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from hw_sim.proofs.simulation.invariants.both_sides import Key
from hw_sim.proofs.simulation.site import Site
from pos_terminal.wire.iso8583.message import Message

_REPEATABLE: Final = (2, 3, 4, 11, 37, 41, 42, 60, 61)
_MONEY: Final = ("refund", "void", "reversal")


def messages(site: Site) -> Iterator[str]:
    """A STAN names one message in its batch; a refund is never reversed."""
    seen: dict[tuple[str, Key], dict[int, Any]] = {}
    refunds: set[Key] = set()
    for named, key, fields in asked(site):
        content = {number: fields.get(number) for number in _REPEATABLE}
        function = "reversal" if named == "reversal" else "request"
        if seen.setdefault((function, key), content) != content:
            yield f"batch and trace {key} were used for two messages"
        if named == "refund":
            refunds.add(key)
        elif function == "reversal" and key in refunds:
            yield f"the refund {key} was reversed"


def asked(site: Site) -> Iterator[tuple[str, Key, dict[int, str]]]:
    """Each message of money that reached the acquirer: its function, key and fields."""
    for entry in site.acquirer.log.entries():
        if entry["direction"] == "in" and entry.get("function") in _MONEY:
            fields = {int(number): text for number, text in entry["fields"].items()}
            batch = site.profile.parts_60(Message(entry["mti"], fields)).get("batch", "")
            yield entry["function"], (batch, fields[11]), fields
