"""The acquirer's file of outcomes over the control socket (R32)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pos_terminal.control.server import BadRequest, Verb
from pos_terminal.ports import Authoriser
from pos_terminal.services.ledger.store import LedgerStore

if TYPE_CHECKING:
    from pos_terminal.wire.feed.lines import Format


def outcome_verbs(authoriser: Authoriser, ledger: LedgerStore) -> dict[str, Verb]:
    """``import-outcomes``: the text of one file, taken in whole or not at all."""

    async def import_outcomes(request: dict[str, Any]) -> dict[str, Any]:
        from pos_terminal.wire.feed import outcomes

        text, form, source = _wanted(request)
        file = await ledger.blocking(lambda: outcomes.parse(text, form, source, ledger.home))
        report = await authoriser.conclude_by_file(file)
        return {"ok": report.imported, "report": report.as_json()}

    return {"import-outcomes": import_outcomes}


def _wanted(request: dict[str, Any]) -> tuple[str, Format, str]:
    from pos_terminal.wire.feed.lines import Format

    text, source = request.get("text"), request.get("source", "control socket")
    if not isinstance(text, str) or not isinstance(source, str):
        raise BadRequest("import-outcomes needs text, the whole file, and may have a source")
    try:
        text.encode("utf-8", "surrogateescape")
        return text, Format(request.get("format", "jsonl")), source
    except UnicodeEncodeError:
        raise BadRequest("text has half a character") from None
    except ValueError:
        raise BadRequest("format is jsonl or csv") from None
