"""The sales feed over the control socket: the one way in for full card numbers (R9)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pos_terminal.control.server import BadRequest, Verb
from pos_terminal.services.ledger.store import LedgerStore

if TYPE_CHECKING:
    from pos_terminal.wire.feed.lines import Format


def feed_verbs(ledger: LedgerStore) -> dict[str, Verb]:
    """``import-sales``: lines of one file, taken in whole or not at all."""

    async def import_sales(request: dict[str, Any]) -> dict[str, Any]:
        lines, form, source = _wanted(request)
        report = await ledger.feed.take_in(lines, source=source, form=form, allow_pan=True)
        return {"ok": report.imported, "report": report.as_json()}

    return {"import-sales": import_sales}


def _wanted(request: dict[str, Any]) -> tuple[list[str], Format, str]:
    from pos_terminal.wire.feed.lines import Format

    lines, source = request.get("lines"), request.get("source", "control socket")
    if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
        raise BadRequest("import-sales needs lines, a list of texts")
    if not isinstance(source, str):
        raise BadRequest("source is a text")
    try:
        return lines, Format(request.get("format", "jsonl")), source
    except ValueError:
        raise BadRequest("format is jsonl or csv") from None
