"""The acquirer's file of outcomes over the control socket (R32)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from pos_terminal.control.server import BadRequest, Verb

if TYPE_CHECKING:
    from pos_terminal.ports.books.outcomes import OutcomeReport
    from pos_terminal.wire.feed.lines import Format


class Receive(Protocol):
    """Takes the text of one file in, or keeps it until a supervisor confirms it."""

    async def __call__(self, text: str, form: Format, source: str) -> OutcomeReport: ...


def outcome_verbs(receive: Receive) -> dict[str, Verb]:
    """``import-outcomes``: the text of one file, taken in whole, kept whole, or not at all."""

    async def import_outcomes(request: dict[str, Any]) -> dict[str, Any]:
        text, form, source = _wanted(request)
        report = await receive(text, form, source)
        return {"ok": not report.problems, "report": report.as_json()}

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
