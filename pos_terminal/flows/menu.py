"""The menu: what is not begun by a scan, a trace number or a card.

Nine groups at most, of nine entries at most. Each keeps its digit, whoever looks and whatever
waits: a way of keys that was learned stays. What leads nowhere now is not shown.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Final

from msgspec import Struct

from pos_terminal.core.people import Role
from pos_terminal.core.words import Words, say
from pos_terminal.flows.common.desk import Desk, LogOut
from pos_terminal.flows.common.found import Found
from pos_terminal.flows.common.to_do import tickets_to_do
from pos_terminal.flows.common.unconfirmed import unconfirmed
from pos_terminal.flows.find.find_by_facts import find_by_facts
from pos_terminal.flows.find.find_by_rrn import find_by_rrn
from pos_terminal.flows.find.find_by_trace import find_by_any, find_by_trace, find_matter
from pos_terminal.flows.hand_over_later import hand_over_later, hand_overs
from pos_terminal.flows.paper.print_anyway import print_anyway
from pos_terminal.flows.paper.reprint import reprint
from pos_terminal.flows.people.change_pin import ask_old_pin, change_pin
from pos_terminal.flows.refund.give_back import give_back
from pos_terminal.flows.refund.kept_applications import show_kept
from pos_terminal.flows.trouble.confirm_outcomes import see_waiting
from pos_terminal.flows.trouble.see_devices import see_devices
from pos_terminal.flows.trouble.show_pending import show_pending
from pos_terminal.flows.trouble.try_line import echo, sign_on
from pos_terminal.ui.ask import choose_digit
from pos_terminal.ui.page import Line, Page
from pos_terminal.ui.prompt import Cancelled

CLERK: Final = frozenset({Role.CLERK, Role.SUPERVISOR})
TECHNICIAN: Final = frozenset({Role.TECHNICIAN})
ALL: Final = CLERK | TECHNICIAN


class Entry(Struct, frozen=True):
    """What one digit of a group begins."""

    text: str
    begin: Callable[[Desk], Awaitable[None]]
    roles: frozenset[Role] = CLERK
    waiting: Callable[[Desk], int] | None = None
    """How many wait for somebody; None: it is no list, and always there."""
    remind: str = ""
    """What the home screen says of those that wait."""
    leads: Callable[[Desk], bool] | None = None
    """Whether it leads somewhere though nothing waits; None: a list does not, all else does."""

    def count(self, desk: Desk) -> int:
        """How many wait for this person."""
        if self.waiting is None or desk.clerk.role not in self.roles:
            return 0
        return self.waiting(desk)

    def is_there(self, desk: Desk, count: int) -> bool:
        if desk.clerk.role not in self.roles:
            return False
        if count:
            return True
        return self.waiting is None if self.leads is None else self.leads(desk)


Counts = Mapping[int, int]
"""Entries that are there, by their digit, with how many wait."""


class Group(Struct, frozen=True):
    name: str
    """Of its prompt, ``menu.NAME``, and of its text."""
    entries: Mapping[int, Entry]

    def there(self, desk: Desk) -> Counts:
        counts = {digit: one.count(desk) for digit, one in self.entries.items()}
        return {n: count for n, count in counts.items() if self.entries[n].is_there(desk, count)}


async def menu(desk: Desk) -> None:
    """A group, an entry, then back to where the menu was opened. Cancel goes back one step."""
    while True:
        there = {digit: found for digit, one in GROUPS.items() if (found := one.there(desk))}
        options = {
            digit: _line(f"menu.{GROUPS[digit].name}", sum(counts.values()))
            for digit, counts in there.items()
        }
        # a technician comes back here from whatever was begun: no key pressed meanwhile chooses
        fresh = desk.clerk.role is Role.TECHNICIAN
        page = Page("menu", say("menu.title"))
        chosen = await choose_digit(desk.ui, page, options, absent=_others(desk), fresh=fresh)
        try:
            entry = await _entry_of(desk, GROUPS[chosen], there[chosen])
        except LogOut:
            raise
        except Cancelled:
            continue
        await entry.begin(desk)
        return


def _others(desk: Desk) -> Mapping[int, Words]:
    """Groups in which this person has nothing, whatever waits."""
    told = say("ui.for_clerk" if desk.clerk.role in TECHNICIAN else "ui.for_technician")
    roles = {n: [one.roles for one in group.entries.values()] for n, group in GROUPS.items()}
    return {n: told for n, of in roles.items() if not any(desk.clerk.role in one for one in of)}


async def _entry_of(desk: Desk, group: Group, there: Counts) -> Entry:
    options = {digit: _line(group.entries[digit].text, count) for digit, count in there.items()}
    page = Page(f"menu.{group.name}", say(f"menu.{group.name}"))
    return group.entries[await choose_digit(desk.ui, page, options)]


def _line(text: str, count: int) -> Line:
    return Line(say(text), str(count) if count else "")


def reminders(desk: Desk) -> Iterator[Words]:
    """What waits for somebody, each with the digits that lead to it from the menu: the keys stay
    together on a row."""
    for first, group in GROUPS.items():
        for second, entry in group.entries.items():
            if entry.remind and (count := entry.count(desk)):
                yield say(entry.remind, count=count, way=f"{first}\u00a0{second}")


async def _by_rrn(desk: Desk) -> None:
    await give_back(desk, await find_by_rrn(desk))


async def _by_trace(desk: Desk) -> None:
    await give_back(desk, await find_by_trace(desk))


async def _by_facts(desk: Desk) -> None:
    await give_back(desk, await find_by_facts(desk))


async def _prove(desk: Desk) -> None:
    from pos_terminal.flows.paper.prove_purchase import prove_purchase

    await prove_purchase(desk, await find_by_any(desk))


async def _typed(desk: Desk) -> None:
    from pos_terminal.flows.find.type_sale import type_sale

    await give_back(desk, await type_sale(desk))


async def _status(desk: Desk) -> None:
    from pos_terminal.flows.find.ask_status import ask_status

    await ask_status(desk)


async def _no_receipt(desk: Desk) -> None:
    from pos_terminal.flows.find.without_receipt import look_for_it

    found = await look_for_it(desk)
    if isinstance(found, Found):
        await give_back(desk, found)
        return
    from pos_terminal.flows.refund.give_blind import give_blind

    await give_blind(desk, found)


async def _own_pin(desk: Desk) -> None:
    await change_pin(desk, desk.clerk, await ask_old_pin(desk))


async def _refused(desk: Desk) -> None:
    from pos_terminal.flows.trouble.see_refused import see_refused

    await see_refused(desk)


async def _forms(desk: Desk) -> None:
    from pos_terminal.flows.trouble.show_forms import show_forms

    await show_forms(desk)


async def _to_do(desk: Desk) -> None:
    from pos_terminal.flows.refund.go_on import see_to_do

    await see_to_do(desk)


async def _unlock(desk: Desk) -> None:
    from pos_terminal.flows.people.unlock_person import unlock_person

    await unlock_person(desk)


async def _cases(desk: Desk) -> None:
    from pos_terminal.flows.case.see_cases import see_cases

    await see_cases(desk)


async def _went_wrong(desk: Desk) -> None:
    from pos_terminal.flows.case.open_case import open_case_of_any

    await open_case_of_any(desk, await find_matter(desk))


async def _unconfirmed(desk: Desk) -> None:
    from pos_terminal.flows.case.chase import see_unconfirmed

    await see_unconfirmed(desk)


async def _clear_card(desk: Desk) -> None:
    from pos_terminal.flows.trouble.clear_card import clear_card

    await clear_card(desk)


async def _correct_stock(desk: Desk) -> None:
    from pos_terminal.flows.trouble.correct_stock import correct_stock

    await correct_stock(desk)


async def _log_out(desk: Desk) -> None:
    raise LogOut


REPRINT: Final = Entry(
    "flows.menu_reprint", reprint, leads=lambda desk: len(desk.ledger.slips.before(None, 1)) > 0
)
ANYWAY: Final = Entry(
    "flows.menu_anyway",
    print_anyway,
    waiting=lambda desk: desk.printing.waiting if desk.printing.says_offline else 0,
    remind="flows.remind_anyway",
    leads=lambda desk: desk.printing.says_offline,
)
PENDING: Final = Entry(
    "flows.menu_pending",
    show_pending,
    ALL,
    lambda desk: len(desk.ledger.refunds.open_ones()),
    "flows.remind_pending",
    leads=lambda desk: (
        desk.clerk.role in CLERK and len(desk.ledger.refunds.recently_given_up()) > 0
    ),
)
CASH: Final = Entry(
    "flows.menu_cash",
    hand_over_later,
    waiting=hand_overs,
    remind="flows.remind_cash",
)
KEPT: Final = Entry(
    "flows.menu_kept",
    show_kept,
    waiting=lambda desk: len(desk.ledger.applications.kept()),
    remind="flows.remind_kept",
)
FILES: Final = Entry(
    "outcomes.list",
    see_waiting,
    waiting=lambda desk: desk.outcomes().waiting,
    remind="outcomes.remind",
)
REFUSED: Final = Entry(
    "feed.list",
    _refused,
    waiting=lambda desk: desk.ledger.feed.refused(),
    remind="flows.remind_refused",
)
MANUAL: Final = Entry(
    "manual.list",
    _forms,
    waiting=lambda desk: len(desk.ledger.manual.open_ones()),
    remind="flows.remind_manual",
    leads=lambda desk: len(desk.ledger.manual.withdrawn()) > 0,
)
TO_DO: Final = Entry(
    "flows.menu_to_do",
    _to_do,
    waiting=lambda desk: len(tickets_to_do(desk)),
    remind="flows.remind_to_do",
)
UNCONFIRMED: Final = Entry(
    "unconfirmed.list",
    _unconfirmed,
    waiting=lambda desk: len(unconfirmed(desk)),
    remind="unconfirmed.remind",
)
CASES: Final = Entry(
    "cases.list",
    _cases,
    waiting=lambda desk: desk.ledger.cases.due(desk.clock.now().date()),
    remind="flows.remind_cases",
    leads=lambda desk: len(desk.ledger.cases.open_ones()) > 0,
)
CALLED_STOLEN: Final = Entry(
    "cleared.list",
    _clear_card,
    leads=lambda desk: len(desk.ledger.cleared.still_called(1)) > 0,
)
GOODS: Final = Entry(
    "stock.list",
    _correct_stock,
    leads=lambda desk: desk.ledger.stock.any_of_it(),
)
WRONG: Final = Entry("cases.menu", _went_wrong)
GROUPS: Final[Mapping[int, Group]] = {
    1: Group(
        "find",
        {
            1: Entry("flows.menu_trace", _by_trace),
            2: Entry("flows.menu_rrn", _by_rrn),
            3: Entry("flows.menu_facts", _by_facts),
            4: Entry("flows.menu_typed", _typed),
            5: Entry("flows.menu_no_receipt", _no_receipt),
            6: Entry("status.menu", _status),
        },
    ),
    2: Group("print", {1: REPRINT, 2: ANYWAY, 3: Entry("flows.menu_proof", _prove)}),
    3: Group(
        "to_do",
        {
            1: PENDING,
            2: CASH,
            3: KEPT,
            4: FILES,
            5: REFUSED,
            6: TO_DO,
            7: MANUAL,
            8: UNCONFIRMED,
        },
    ),
    4: Group("mistakes", {1: CASES, 2: CALLED_STOLEN, 3: GOODS, 4: WRONG}),
    5: Group("shift", {1: Entry("flows.menu_log_out", _log_out, ALL)}),
    6: Group("own", {1: Entry("flows.menu_pin", _own_pin, ALL)}),
    7: Group(
        "manage",
        {
            1: Entry("flows.menu_sign_on", sign_on, TECHNICIAN),
            2: Entry("flows.menu_echo", echo, TECHNICIAN),
            3: Entry("devices.title", see_devices, TECHNICIAN),
        },
    ),
    8: Group("people", {1: Entry("flows.menu_unlock", _unlock, ALL)}),
}
