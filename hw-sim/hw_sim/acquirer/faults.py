"""Faults on demand: what goes wrong, for which messages, how often."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Final

from pos_terminal.wire.iso8583.profile import Function

CONNECTION: Final = "connection"
NORMAL: Final = "normal"
MONEY: Final = frozenset({Function.REFUND.value, Function.VOID.value})
_ALL: Final = frozenset(function.value for function in Function)
_AFTER_SIGN_ON: Final = _ALL - {Function.SIGN_ON.value}
_CONNECTIONS: Final = frozenset({CONNECTION})
_SIGN_ON: Final = frozenset({Function.SIGN_ON.value})


class ModeError(ValueError):
    """No such mode, or a value that it can't have."""


def _seconds(text: str) -> str:
    if not 0 <= float(text) <= 3600:
        raise ValueError
    return text


def _count(text: str) -> str:
    if not 0 <= int(text) <= 999_999_999_999:
        raise ValueError
    return text


def _code(text: str) -> str:
    if not (len(text) == 2 and text.isascii() and text.isalnum()):
        raise ValueError
    return text.upper()


def _digit(text: str) -> str:
    if not (len(text) == 1 and text.isascii() and text.isdigit()):
        raise ValueError
    return text


@dataclass(frozen=True, slots=True)
class _Mode:
    about: str
    on: frozenset[str] = MONEY
    value: Callable[[str], str] | None = None


MODES: Final = {
    "refuse": _Mode(
        "nobody listens and lines are cut; with a count, connections are reset", _CONNECTIONS
    ),
    "close-after-accept": _Mode("connections are taken and closed at once", _CONNECTIONS),
    "swallow": _Mode("the request is neither processed nor answered"),
    "drop-answer": _Mode("processed, then the line is cut instead of an answer"),
    "delay": _Mode("delay:SECONDS  processed at once, answered late", MONEY, _seconds),
    "wrong-mac": _Mode("the answer's MAC is made with another key"),
    "no-mac": _Mode("the answer has no field 64"),
    "half-frame": _Mode("half of the answer, then the line is cut"),
    "cut": _Mode("cut:BYTES  so many bytes of the answer, then the line is cut", MONEY, _count),
    "two-answers": _Mode("the answer comes twice"),
    "other-stan": _Mode("only an answer with the next STAN comes"),
    "other-terminal": _Mode("only an answer for another terminal comes"),
    "other-batch": _Mode("only an answer for another batch comes"),
    "other-card": _Mode("only an answer for another card comes"),
    "wrong-amount": _Mode("the answer's amount is one minor unit more"),
    "code": _Mode(
        "code:XX  answers XX and processes nothing; 11 and A2, A4-A6 in place of 00",
        _AFTER_SIGN_ON,
        _code,
    ),
    "as-reversal": _Mode(
        "as-reversal:XX  processed, and a 0410 with XX comes as if it had been reversed",
        frozenset({Function.VOID.value}),
        _code,
    ),
    "partial": _Mode(
        "partial:AMOUNT  pays at most so much of a refund and answers 10",
        frozenset({Function.REFUND.value}),
        _count,
    ),
    "lie": _Mode("lie:XX  processed and paid; the answer says XX and no amount", MONEY, _code),
    "regret": _Mode(
        "regret:SECONDS  processed and paid; answers 05 (or the lie), and so much later the truth",
        MONEY,
        _seconds,
    ),
    "forgetful": _Mode("remembers no answer: an identical message is paid again"),
    "demand": _Mode("demand:D  the header's host demand", _AFTER_SIGN_ON, _digit),
    "bad-kcv": _Mode("the sign-on's keys have wrong check values", _SIGN_ON),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One mode that is on. ``count``: so many more messages; None: until ``normal``."""

    name: str
    value: str | None
    on: frozenset[str]
    count: int | None = None


def make_fault(text: str, count: int | None = None, on: Iterable[str] = ()) -> Fault | None:
    """From ``name`` or ``name:value``; ``normal`` is none. ModeError says what is wrong."""
    kinds = _kinds(on)
    if count is not None and count < 1:
        raise ModeError("a count is 1 or more")
    if text == NORMAL:
        return None
    name, _, value = text.partition(":")
    mode = MODES.get(name)
    if mode is None:
        raise ModeError(f"no mode {name!r}; there are {NORMAL}, {', '.join(MODES)}")
    return Fault(name, _value(name, mode, value), kinds or mode.on, count)


def _value(name: str, mode: _Mode, value: str) -> str | None:
    if mode.value is None:
        if value:
            raise ModeError(f"{name} takes no value")
        return None
    try:
        return mode.value(value)
    except ValueError:
        raise ModeError(f"{mode.about.split('  ')[0]}, not {value!r}") from None


def _kinds(on: Iterable[str]) -> frozenset[str]:
    kinds = frozenset(kind.replace("-", "_") for kind in on)
    unknown = kinds - _ALL - {CONNECTION}
    if unknown:
        raise ModeError(f"no kind of message {min(unknown)!r}; there are {', '.join(sorted(_ALL))}")
    return kinds


class Faults:
    """The modes that are on."""

    def __init__(self) -> None:
        self._active: list[Fault] = []

    def set(self, fault: Fault | None, *, also: bool = False) -> None:
        """``fault`` alone, or beside what is on already; None is back to normal."""
        if fault is None or not also:
            self._active.clear()
        if fault is not None:
            self._active.append(fault)

    @property
    def active(self) -> tuple[Fault, ...]:
        return tuple(self._active)

    @property
    def refusing(self) -> bool:
        """Nobody is to listen at all."""
        return any(fault.name == "refuse" and fault.count is None for fault in self._active)

    def take(self, kind: str) -> dict[str, str | None]:
        """The modes for one message (or connection) of this kind, by name; counts go down."""
        taken = [fault for fault in self._active if kind in fault.on]
        self._active = [left for fault in self._active if (left := _used(fault, kind)) is not None]
        return {fault.name: fault.value for fault in taken}


def _used(fault: Fault, kind: str) -> Fault | None:
    if kind not in fault.on or fault.count is None:
        return fault
    return replace(fault, count=fault.count - 1) if fault.count > 1 else None
