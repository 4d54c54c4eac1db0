"""What a clerk does from prompt to prompt, said once: played on a real bench and in virtual time.

A script is a generator of acts. Whoever plays it answers each ``See`` with the prompt that came.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Final, Protocol


class Person(Protocol):
    """Somebody of the staff."""

    @property
    def number(self) -> str: ...
    @property
    def pin(self) -> str: ...
    @property
    def badge(self) -> str: ...


@dataclass(frozen=True, slots=True)
class See:
    """Wait for one of these prompts."""

    prompts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Type:
    """Digits in a row, which the screen shows as they are typed."""

    digits: str


@dataclass(frozen=True, slots=True)
class Press:
    """One key by its name, or one digit that needs no Enter."""

    key: str


@dataclass(frozen=True, slots=True)
class Scan:
    """A code under the scanner."""

    text: str


Act = See | Type | Press | Scan
Script = Generator[Act, str, str]
"""Gets the prompt that came after each ``See``; returns the last one."""


def see(*prompts: str) -> Script:
    """Wait for one of them."""
    return (yield See(prompts))


def answer(prompt: str, digits: str = "") -> Script:
    """Wait for a prompt, type, and Enter."""
    shown = yield See((prompt,))
    if digits:
        yield Type(digits)
    yield Press("enter")
    return shown


AFTER_LOG_IN: Final = ("home", "print.unsure", "outcomes.confirm")


def log_in(person: Person) -> Script:
    """To the home screen, or to what is asked before it: an interrupted slip, a file that waits."""
    yield from answer("login.number", person.number)
    yield from answer("login.pin", person.pin)
    shown = yield from see(*AFTER_LOG_IN, "login.news")
    if shown == "login.news":
        yield Press("enter")
        shown = yield from see(*AFTER_LOG_IN)
    return shown


def find(receipt_no: str) -> Script:
    """From home to the sale on the screen, by its receipt."""
    yield from see("home")
    yield Scan(receipt_no)
    return (yield from see("sale"))


def type_trace(trace: str) -> Script:
    """At the home screen: the first digit begins the search."""
    yield Press(trace[0])
    return (yield from answer("find.trace", trace[1:]))


def ask_for(amount: str = "", reason: str = "1") -> Script:
    """From the sale on the screen to its reason; no amount: all that remains."""
    yield from answer("sale")
    yield from answer("refund.amount", amount)
    return (yield from _give_reason(reason))


def ask_for_ticket(reason: str = "1") -> Script:
    """From the sale of two cards on the screen to its plan and past it: all of both."""
    yield from answer("sale")
    yield from see("refund.leg")
    yield Press("3")
    yield from answer("refund.amount")
    yield from _give_reason(reason)
    return (yield from answer("ticket.plan"))


def ask_for_goods(quantity: str, reason: str = "1") -> Script:
    """From the sale on the screen to its reason: so much of its first line."""
    yield from answer("sale")
    yield from see("refund.amount")
    yield Press("menu")
    yield from see("refund.lines")
    yield Press("1")
    yield from answer("refund.quantity", quantity)
    yield from see("refund.lines")
    yield Press("menu")
    yield from answer("refund.amount")
    return (yield from _give_reason(reason))


def exchange(code: str, reason: str = "1") -> Script:
    """From a sale of several goods on the screen past what goes out: a piece back by its code,
    another of the same goods for it."""
    yield from see("sale")
    yield Press("menu")
    yield from see("sale.more")
    yield Press("5")
    yield from see("refund.lines")
    yield Scan(code)
    yield Press("menu")
    yield from _give_reason(reason)
    shown = yield from see("goods.scan")
    yield Scan(code)
    return shown


def _give_reason(reason: str) -> Script:
    shown = yield from see("refund.reason")
    yield Press(reason)
    return shown


def approve(person: Person) -> Script:
    """A supervisor's number and PIN."""
    yield from answer("supervisor.number", person.number)
    return (yield from answer("supervisor.pin", person.pin))


def approve_by_badge(person: Person) -> Script:
    """A supervisor's badge, and the PIN behind it."""
    yield from see("supervisor.number")
    yield Scan(person.badge)
    return (yield from answer("supervisor.pin", person.pin))


def pay_out() -> Script:
    """Cash or store credit: the amount, before it is committed."""
    return (yield from answer("refund.confirm"))


def accept() -> Script:
    """The outcome was read; back to the home screen."""
    yield from answer("result")
    return (yield from see("home"))
