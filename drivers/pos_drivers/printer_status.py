"""From a printer's answers to the status and the words that people see."""

from __future__ import annotations

from typing import Final

from pos_drivers.serial_port import PortError
from pos_terminal.core.words import Words, say
from pos_terminal.ports import DeviceState, Paper, PrinterStatus
from pos_terminal.wire.escpos_status import AutomaticStatus, RealTimeStatus

NAME: Final = "printer"


def away(words: Words) -> PrinterStatus:
    """No printer on the line, or none that answers."""
    return PrinterStatus(
        connected=False, online=False, paper=Paper.UNKNOWN, cover_open=False, error=words
    )


def port_words(error: PortError) -> Words:
    return say(f"printer.{error.trouble.value}", port=error.address, detail=error.detail)


def from_automatic(seen: AutomaticStatus) -> PrinterStatus:
    """The status after four bytes of ``GS a``."""
    return _status(
        offline=seen.offline,
        cover_open=seen.cover_open,
        paper=_paper(seen.paper_out, seen.near_end),
        error=_error(seen.cutter_error, seen.unrecoverable, seen.recoverable),
    )


def from_real_time(answers: dict[int, RealTimeStatus]) -> PrinterStatus:
    """The status after ``DLE EOT`` 1, 2, 4 and, where 2 tells of an error, 3.

    A printer that answers only some of them leaves the paper unknown.
    """
    first, second, third, fourth = (answers.get(n) for n in (1, 2, 3, 4))
    error = None
    if second is not None and second.error:
        cutter = third is not None and third.cutter_error
        fatal = third is not None and third.unrecoverable
        error = _error(cutter, fatal, not (cutter or fatal))
    return _status(
        offline=first is not None and first.offline,
        cover_open=second is not None and second.cover_open,
        paper=Paper.UNKNOWN if fourth is None else _paper(fourth.paper_out, fourth.near_end),
        error=error,
    )


def device_state(status: PrinterStatus) -> DeviceState:
    """For the status row: what is wrong, or that the paper is near its end."""
    words = status.error
    if words is None and status.paper is Paper.NEAR_END:
        words = say("printer.near_end")
    return DeviceState(NAME, status.ready, words)


def _paper(out: bool, near_end: bool) -> Paper:
    if out:
        return Paper.OUT
    return Paper.NEAR_END if near_end else Paper.OK


def _error(cutter: bool, unrecoverable: bool, recoverable: bool) -> Words | None:
    if unrecoverable:
        return say("printer.broken")
    if cutter:
        return say("printer.cutter")
    return say("printer.hot") if recoverable else None


def _status(*, offline: bool, cover_open: bool, paper: Paper, error: Words | None) -> PrinterStatus:
    """With the words for the first thing that a person should mend."""
    fault = error is not None
    if error is None and cover_open:
        error = say("printer.cover_open")
    elif error is None and paper is Paper.OUT:
        error = say("printer.paper_out")
    elif error is None and offline:
        error = say("printer.offline")
    elif error is None and paper is Paper.UNKNOWN:
        error = say("printer.not_ready")
    return PrinterStatus(
        connected=True,
        online=not offline,
        paper=paper,
        cover_open=cover_open,
        error=error,
        fault=fault,
    )
