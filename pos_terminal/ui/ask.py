"""The questions that flows ask, all made of ``Ui.prompt``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from pos_terminal.core.badge import badge_of
from pos_terminal.core.money import format_amount, minor_digits
from pos_terminal.core.pan import holds_card_number
from pos_terminal.core.words import Words, say
from pos_terminal.ports import InputEvent, Key, KeyPressed, Scanned, Style
from pos_terminal.ui.page import Line, Page
from pos_terminal.ui.point import fits, units
from pos_terminal.ui.prompt import Ui

DIGITS = "0123456789"
PER_PAGE = len(DIGITS) - 1
"""Options that are numbered on one page: 0 turns it."""
MOST_OF_MONEY = 10
"""Digits of an amount in minor units."""
T = TypeVar("T")


class Entry(Struct, frozen=True):
    """What may be typed at a prompt."""

    least: int
    most: int
    secret: bool = False
    """Shown as stars."""
    show: Callable[[str], str] = str
    """How the digits typed so far are shown, e.g. as an amount."""
    decimals: int = 0
    """Digits that may follow a decimal point. The answer is in the smallest unit either way."""


def money_entry(least: int, currency: str) -> Entry:
    """An amount: minor units, or with a point. Shown as it is understood."""

    def show(typed: str) -> str:
        return format_amount(int(typed), currency) if typed else ""

    return Entry(least, MOST_OF_MONEY, show=show, decimals=minor_digits(currency))


async def digits(
    ui: Ui,
    page: Page,
    entry: Entry,
    *,
    first: str = "",
    fresh: bool = False,
    cancellable: bool = True,
) -> str:
    """Digits ended by enter, between ``entry.least`` and ``entry.most`` of them.

    What looks like a card number is not taken: whatever is typed may be stored (R54).
    """
    return await digits_or(
        ui, page, entry, _nothing, first=first, fresh=fresh, cancellable=cancellable
    )


def _nothing(_: InputEvent) -> str | None:
    return None


async def digits_or(
    ui: Ui,
    page: Page,
    entry: Entry,
    other: Callable[[InputEvent], T | None],
    *,
    first: str = "",
    fresh: bool = False,
    cancellable: bool = True,
) -> str | T:
    """As ``digits``, or what ``other`` makes of an event that types nothing, such as a key."""
    typed = first

    def shown() -> Page:
        seen = "*" * len(typed) if entry.secret else entry.show(units(typed, entry.decimals))
        return replace(page, entry=seen)

    def accept(event: InputEvent) -> str | T | Page | None:
        nonlocal typed
        match event:
            case KeyPressed(Key.ENTER):
                least = max(entry.least, len(typed[:1]))  # a point alone is no number
                if len(typed.replace(Key.DOT, "")) < least:
                    ui.beep()
                    return replace(shown(), hint=say("ui.too_short", least=least))
                return _unless_card_number(ui, shown(), units(typed, entry.decimals))
            case KeyPressed(Key.CLEAR):
                typed = typed[:-1]
                return shown()
            case KeyPressed(key) if key is Key.DOT or key.value.isdigit():
                if not fits(typed + key.value, entry.most, entry.decimals):
                    return None
                typed += key.value
                return shown()
            case _:
                return other(event)

    return await ui.prompt(shown(), accept, fresh=fresh, cancellable=cancellable)


async def text(ui: Ui, page: Page, most: int) -> str:
    """Characters of a reference: digits from the keypad, or anything scanned; enter ends it.

    As for ``digits``, no card number is taken; nor is a person's badge.
    """
    typed = ""

    def accept(event: InputEvent) -> str | Page | None:
        nonlocal typed
        match event:
            case KeyPressed(Key.ENTER):
                return _unless_card_number(ui, replace(page, entry=typed), typed)
            case KeyPressed(Key.CLEAR):
                typed = typed[:-1]
            case KeyPressed(key) if set(key.value) <= set(DIGITS) and len(typed) < most:
                typed += key.value
            case Scanned(code) if badge_of(code) is not None:
                ui.beep()
                return replace(page, entry=typed, hint=say("ui.no_badge"))
            case Scanned(code) if code.isprintable() and len(typed + code) <= most:
                typed += code
            case _:
                return None
        return replace(page, entry=typed)

    return await ui.prompt(replace(page, entry=""), accept)


def _unless_card_number(ui: Ui, page: Page, typed: str) -> str | Page:
    """What was typed, or the page with a word against card numbers."""
    if not holds_card_number(typed):
        return typed
    ui.beep()
    return replace(page, hint=say("ui.no_card_number"))


async def choose(ui: Ui, page: Page, options: Sequence[Line], *, fresh: bool = True) -> int:
    """The index of an option: by its digit, or up, down and enter. More than nine stand on
    several pages, each numbered from 1; 0 turns to the next."""
    return await choose_or(ui, page, options, lambda _: None, fresh=fresh)


async def choose_or(
    ui: Ui,
    page: Page,
    options: Sequence[Line],
    other: Callable[[InputEvent], T | None],
    *,
    first: int | None = 0,
    fresh: bool = True,
) -> int | T:
    """As ``choose``, or what ``other`` makes of an event that chooses nothing, such as a scan.

    The mark begins at the option ``first``. None: nothing is preselected, and enter means nothing
    until an option is.
    """
    at, marked = first or 0, first is not None
    pages = -(-len(options) // PER_PAGE)

    def shown() -> Page:
        top = at // PER_PAGE * PER_PAGE
        here = options[top : top + PER_PAGE]
        lines = [
            _numbered(ui, option, n, marked and top + n == at) for n, option in enumerate(here)
        ]
        more = say("ui.more", page=top // PER_PAGE + 1, pages=pages) if pages > 1 else None
        chosen = len(page.lines) + at - top if marked else None
        return replace(page, lines=(*page.lines, *lines), chosen=chosen, more=more)

    def accept(event: InputEvent) -> int | T | Page | None:
        nonlocal at, marked
        match event:
            case KeyPressed(Key.ENTER):
                if not marked:
                    ui.beep()
                return at if marked else None
            case KeyPressed(Key.UP | Key.DOWN as key):
                if marked:
                    at = (at + (1 if key is Key.DOWN else -1)) % len(options)
                marked = True
                return shown()
            case KeyPressed(Key.D0) if pages > 1:
                at, marked = (at // PER_PAGE + 1) % pages * PER_PAGE, first is not None
                return shown()
            case KeyPressed(key) if len(key.value) == 1 and key.value in DIGITS[1:]:
                index = at // PER_PAGE * PER_PAGE + int(key.value) - 1
                return index if index < len(options) else None
            case _:
                return other(event)

    return await ui.prompt(shown(), accept, fresh=fresh)


async def choose_digit(
    ui: Ui, page: Page, options: Mapping[int, Line], *, fresh: bool = False
) -> int:
    """One of options that keep their digits, 1 to 9, though others are missing: by its digit, or
    up, down and enter. What was typed ahead counts: nothing is committed by it."""
    digits = sorted(options)
    at = 0

    def shown() -> Page:
        lines = [_numbered(ui, options[n], n - 1, n == digits[at]) for n in digits]
        return replace(page, lines=(*page.lines, *lines), chosen=len(page.lines) + at)

    def accept(event: InputEvent) -> int | Page | None:
        nonlocal at
        match event:
            case KeyPressed(Key.ENTER):
                return digits[at]
            case KeyPressed(Key.UP | Key.DOWN as key):
                at = (at + (1 if key is Key.DOWN else -1)) % len(digits)
                return shown()
            case KeyPressed(key) if key.value in DIGITS:
                if int(key.value) in options:
                    return int(key.value)
                ui.beep()
                return replace(shown(), hint=say("ui.nothing_there"))
            case _:
                return None

    return await ui.prompt(shown(), accept, fresh=fresh)


def _numbered(ui: Ui, option: Line, index: int, marked: bool) -> Line:
    from pos_terminal.texts import render  # only here

    words = option.words
    text = words if isinstance(words, str) else render(words, ui.language)
    return replace(option, words=f"{'>' if marked else ' '}{index + 1} {text}")


async def confirm(
    ui: Ui, page: Page | Callable[[], Page], *, fresh: bool = True, cancellable: bool = True
) -> None:
    """Enter goes on, cancel raises Cancelled."""

    def accept(event: InputEvent) -> bool | None:
        return True if event == KeyPressed(Key.ENTER) else None

    await ui.prompt(page, accept, fresh=fresh, cancellable=cancellable)


async def tell(
    ui: Ui, name: str, title: Words, *lines: Words | Line | str, alert: bool = True
) -> None:
    """Say something that must be read; enter or cancel goes on."""
    body = tuple(line if isinstance(line, Line) else Line(line) for line in lines)
    page = Page(name, title, body, hint=say("ui.enter"), alert=alert)

    def accept(event: InputEvent) -> bool | None:
        return True if event in (KeyPressed(Key.ENTER), KeyPressed(Key.CANCEL)) else None

    await ui.prompt(page, accept, fresh=True, cancellable=False)


def heading(words: Words | str, value: str = "") -> Line:
    """A line that stands out."""
    return Line(words, value, Style.ALERT)
