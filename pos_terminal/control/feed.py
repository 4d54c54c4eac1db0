"""The sales feed over the control socket: the one way in for full card numbers (R9)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from pos_terminal.control.server import BadRequest, Verb

if TYPE_CHECKING:
    from pos_terminal.ports.books.feed import ImportReport
    from pos_terminal.wire.feed.lines import Format
    from pos_terminal.wire.feed.source import Encoding, Line


class TakesLines(Protocol):
    """What takes in a file's lines."""

    async def lines(
        self, lines: Iterator[Line], *, source: str, form: Format, allow_pan: bool
    ) -> tuple[ImportReport, bool]: ...


def feed_verbs(intake: Callable[[], TakesLines]) -> dict[str, Verb]:
    """``import-sales``: lines of one file, or of a part of it. The good records are taken."""

    async def import_sales(request: dict[str, Any]) -> dict[str, Any]:
        lines, form, source = _wanted(request)
        encoding, after, allow_pan = _part(request)
        report, held = await intake().lines(
            _numbered(lines, form, encoding, after), source=source, form=form, allow_pan=allow_pan
        )
        return {"ok": report.imported, "report": report.as_json(), "held_pan": held}

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


def _part(request: dict[str, Any]) -> tuple[Encoding, int, bool]:
    """How the file was written, how many of its lines stand before these, full numbers or not."""
    from pos_terminal.wire.feed.source import Encoding

    after, allow_pan = request.get("after", 0), request.get("full_pan", True)
    if isinstance(after, bool) or not isinstance(after, int) or after < 0:
        raise BadRequest("after is how many lines of the file stand before these")
    if not isinstance(allow_pan, bool):
        raise BadRequest("full_pan is true or false")
    try:
        return Encoding(request.get("encoding", "utf-8")), after, allow_pan
    except ValueError:
        raise BadRequest(f"encoding is one of {', '.join(Encoding)}") from None


def _numbered(lines: Sequence[str], form: Format, encoding: Encoding, after: int) -> Iterator[Line]:
    """A later part of a CSV file begins with the first line again."""
    from pos_terminal.wire.feed.lines import Format
    from pos_terminal.wire.feed.source import of_text

    for at, text in enumerate(lines):
        again = form is Format.CSV and after > 0
        number = 1 if again and at == 0 else after + at + (0 if again else 1)
        yield of_text(number, text.removeprefix("\ufeff") if number == 1 else text, encoding)
