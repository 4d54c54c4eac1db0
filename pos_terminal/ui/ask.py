"""The questions that flows ask, all made of ``Ui.prompt``."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Final, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from pos_terminal.core.badge import holds_badge
from pos_terminal.core.money import format_amount, minor_digits
from pos_terminal.core.pan import holds_card_number, repeats
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
_NOTHING_THERE: Final = say("ui.nothing_there")
T = TypeVar("T")


LETTERS: Final = ("2ABC", "3DEF", "4GHI", "5JKL", "6MNO", "7PQRS", "8TUV", "9WXYZ")


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
    large: bool = False
    """Typed in large figures where there is room."""
    letters: bool = False
    """The down key makes a letter of the last digit, as a telephone's keys have them: the keypad
    has none of its own."""


class Typed(Struct):
    """What was typed at a prompt, kept where it was left by cancel."""

    text: str = ""


class Remark(Struct, frozen=True):
    """Said of an event that is no answer, with a beep; the question and what was typed stay."""

    words: Words


def money_entry(least: int, currency: str) -> Entry:
    """An amount: minor units, or with a point. Shown as it is understood."""

    def show(typed: str) -> str:
        return format_amount(int(typed), currency) if typed else ""

    return Entry(least, MOST_OF_MONEY, show=show, decimals=minor_digits(currency), large=True)


def next_on_key(sign: str) -> str:
    """What follows on the same key of a telephone (ITU-T E.161), the digit first and last; empty
    where the key has no letters."""
    key = next((key for key in LETTERS if sign and sign in key), "")
    return key[(key.index(sign) + 1) % len(key)] if key else ""


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
    other: Callable[[InputEvent], T | Remark | None],
    *,
    first: str = "",
    kept: Typed | None = None,
    fresh: bool = False,
    cancellable: bool = True,
) -> str | T:
    """As ``digits``, or what ``other`` makes of an event that types nothing, such as a key.

    It begins with ``first``, or with what is ``kept`` from an earlier time, and keeps it on.
    """
    so_far = Typed(first) if kept is None else kept
    no_card = _NoCardNumber(ui)

    def shown() -> Page:
        typed = so_far.text
        seen = "*" * len(typed) if entry.secret else entry.show(units(typed, entry.decimals))
        return replace(page, entry=seen, large_entry=entry.large)

    def sign(typed: str) -> str:
        return next_on_key(typed[-1:]) if entry.letters else ""

    def remark(said: Remark) -> Page:
        ui.beep()
        return replace(shown(), hint=said.words)

    def accept(event: InputEvent) -> str | T | Page | None:
        typed = so_far.text
        match event:
            case KeyPressed(Key.ENTER):
                least = max(entry.least, len(typed[:1]))  # a point alone is no number
                if len(typed.replace(Key.DOT, "")) < least:
                    ui.beep()
                    return replace(shown(), hint=say("ui.too_short", least=least))
                if no_card.refuses(given := units(typed, entry.decimals)):
                    so_far.text = ""
                    return replace(shown(), hint=say("ui.no_card_number"))
                return given
            case KeyPressed(key) if key is Key.CLEAR or (key is Key.DOWN and sign(typed)):
                so_far.text = typed[:-1] + (sign(typed) if key is Key.DOWN else "")
            case KeyPressed(key) if key is Key.DOT or key.value.isdigit():
                if not fits(typed + key.value, entry.most, entry.decimals):
                    return None
                so_far.text += key.value
            case _:
                answer = other(event)
                return remark(answer) if isinstance(answer, Remark) else answer
        return shown()

    return await ui.prompt(shown(), accept, fresh=fresh, cancellable=cancellable)


async def text(
    ui: Ui,
    page: Page,
    most: int,
    first: str = "",
    *,
    cards: Collection[str] = (),
    against: Callable[[str], Words | None] = lambda _: None,
) -> str:
    """Characters of a reference: digits from the keypad, or anything scanned; enter ends it. It
    begins with ``first``.

    As for ``digits``, no card number is taken; nor is a person's badge. What has more digits around
    it is known for the number of one of these ``cards``, which are masked. ``against``: why
    something else is not taken.
    """
    typed = first
    no_card = _NoCardNumber(ui, cards)

    def accept(event: InputEvent) -> str | Page | None:
        nonlocal typed
        match event:
            case KeyPressed(Key.ENTER):
                why = against(typed)
                if why is None and not no_card.refuses(typed):
                    return typed
                if why is not None:
                    ui.beep()
                typed = ""
                return replace(page, entry=typed, hint=why or say("ui.no_card_number"))
            case KeyPressed(Key.CLEAR):
                typed = typed[:-1]
            case KeyPressed(key) if set(key.value) <= set(DIGITS) and len(typed) < most:
                typed += key.value
            case Scanned(code) if holds_badge(typed + code):
                ui.beep()
                return replace(page, entry=typed, hint=say("ui.no_badge"))
            case Scanned(code) if (why := against(typed + code)) is not None:
                ui.beep()
                return replace(page, entry=typed, hint=why)
            case Scanned(code) if code.isprintable() and len(typed + code) <= most:
                typed += code
            case _:
                return None
        return replace(page, entry=typed)

    return await ui.prompt(replace(page, entry=typed), accept)


class _NoCardNumber:
    """What was refused for a card number is none with more digits around it either. It goes from
    the screen, and nobody has to take it back digit by digit."""

    def __init__(self, ui: Ui, cards: Collection[str] = ()) -> None:
        self._ui = ui
        self._cards = cards
        self._refused: set[str] = set()

    def refuses(self, typed: str) -> bool:
        """With a beep."""
        if holds_card_number(typed) or any(repeats(typed, card) for card in self._cards):
            self._refused.add(typed)
        elif not any(one in typed for one in self._refused):
            return False
        self._ui.beep()
        return True


async def choose(ui: Ui, page: Page, options: Sequence[Line], *, first: int | None = 0) -> int:
    """The index of an option of a list that leads on: by its digit, or up, down and enter. More
    than nine stand on several pages, each numbered from 1; 0 turns to the next.

    What was typed ahead counts: nothing is committed by it. ``first`` as for ``choose_or``.
    """
    return await choose_or(ui, page, options, _no_other, first=first)


async def decide(ui: Ui, page: Page, options: Sequence[Line]) -> int:
    """The index of an option, where it decides: none is marked before up or down was pressed, and
    no key that was pressed before the question was there answers it."""
    return await choose_or(ui, page, options, _no_other, first=None, fresh=True)


async def choose_or(
    ui: Ui,
    page: Page,
    options: Sequence[Line],
    other: Callable[[InputEvent], T | None],
    *,
    first: int | None = 0,
    fresh: bool = False,
    options_first: bool = False,
) -> int | T:
    """As ``choose``, or what ``other`` makes of an event that chooses nothing, such as a scan.

    The mark begins at the option ``first``; None: enter alone is no answer. ``options_first``:
    where what stands above them would take most of the screen, up leads there.
    """
    at, above = first, False
    pages = -(-len(options) // PER_PAGE)
    leaf = 0 if first is None else first // PER_PAGE
    looked = 0

    def shown() -> Page:
        top = leaf * PER_PAGE
        here = options[top : top + PER_PAGE]
        lines = [_numbered(ui, option, n, top + n == at) for n, option in enumerate(here)]
        more = say("ui.more", page=leaf + 1, pages=pages) if pages > 1 else None
        chosen = None if at is None else len(page.lines) + at - top
        whole = replace(page, lines=(*page.lines, *lines), chosen=chosen, more=more)
        if above:
            return replace(whole, chosen=None, top=looked)
        return replace(whole, top=begin(whole)) if options_first else whole

    def begin(whole: Page) -> int:
        return ui.row_of(whole, len(page.lines))

    def turn(key: Key) -> bool:
        """Up, to what stands above the options, or down to them again; none is marked there."""
        nonlocal above, at, looked
        if not options_first or (key is Key.UP and at not in (None, 0)):
            return False
        whole = shown()
        options_at = begin(whole)
        if key is Key.DOWN and not above:
            return False
        if key is Key.UP and whole.top == 0:
            return above
        looked = ui.turned(replace(whole, chosen=None), down=key is Key.DOWN)
        above, at = looked < options_at, None
        return True

    def mark(index: int) -> Page:
        nonlocal above, at, leaf
        above, at = False, index % len(options)
        leaf = at // PER_PAGE
        return shown()

    def accept(event: InputEvent) -> int | T | Page | None:
        nonlocal above, leaf
        match event:
            case KeyPressed(Key.ENTER) if at is None:
                ui.beep()
                # the other ways that a page names stay on it
                return replace(shown(), hint=page.hint or say("ui.by_digit"))
            case KeyPressed(Key.ENTER):
                return at
            case KeyPressed(Key.UP | Key.DOWN as key):
                return shown() if turn(key) else mark(_beside(at, key))
            case KeyPressed(Key.D0) if pages > 1:
                above, leaf = False, (leaf + 1) % pages
                return shown() if at is None else mark(leaf * PER_PAGE)
            case KeyPressed(key) if len(key.value) == 1 and key.value in DIGITS[1:]:
                index = leaf * PER_PAGE + int(key.value) - 1
                return index if index < len(options) else None
            case _:
                return other(event)

    return await ui.prompt(shown(), accept, fresh=fresh)


def _beside(at: int | None, key: Key) -> int:
    """From no option, down leads to the first and up to the last."""
    if at is None:
        return 0 if key is Key.DOWN else -1
    return at + (1 if key is Key.DOWN else -1)


def _no_other(_: InputEvent) -> int | None:
    return None


async def choose_digit(
    ui: Ui,
    page: Page,
    options: Mapping[int, Line],
    *,
    absent: Mapping[int, Words] = MappingProxyType({}),
    fresh: bool = False,
) -> int:
    """One of options that keep their digits, 1 to 9, though others are missing: by its digit, or
    up, down and enter. What was typed ahead counts: nothing is committed by it.

    ``absent``: what is said of digits that are missing, where it is not that nothing waits there.
    """
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
                if (why := absent.get(int(key.value))) is not None:
                    ui.beep()
                # that nothing waits there is no mistake
                return replace(shown(), hint=_NOTHING_THERE if why is None else why)
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


async def tell_empty(ui: Ui, name: str, title: Words, nothing: Words) -> None:
    """A list with nothing in it is no trouble: said plainly, and nobody did anything wrong."""
    await tell(ui, name, title, nothing, alert=False)


def heading(words: Words | str, value: str = "") -> Line:
    """A line that stands out."""
    return Line(words, value, Style.ALERT)


def large(words: Words | str, value: str = "") -> Line:
    """A heading twice as large where there is room: the amount, or what the customer must do."""
    return Line(words, value, Style.ALERT, large=True)
