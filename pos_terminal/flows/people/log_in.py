"""A person logs in with number or badge, and PIN; a PIN that others know is changed first (R22)."""

from __future__ import annotations

from pos_terminal.core.people import LockedOut, Person, Who
from pos_terminal.core.words import Failure, Words, say
from pos_terminal.flows.common.credentials import PIN, ask_who, pin_of
from pos_terminal.flows.common.desk import Desk, LogOut
from pos_terminal.ports import InputEvent, Key, KeyPressed
from pos_terminal.ui.ask import digits, heading, tell
from pos_terminal.ui.page import Line, Page
from pos_terminal.ui.prompt import Cancelled


async def log_in(desk: Desk) -> Person:
    """Until somebody is logged in; that person becomes the desk's operator."""
    desk.operator = None
    first = ""
    while desk.operator is None:
        try:
            person = await _try_once(desk, first)
        except Cancelled:
            first = ""
            continue
        except Failure as failure:
            await desk.ledger.journal.note("login_refused", {"cause": failure.code})
            first = await _say_failed(desk, failure.words)
            continue
        await desk.ledger.journal.note("login", {"number": person.number})
        desk.operator = person
    return desk.operator


async def _say_failed(desk: Desk, words: Words) -> str:
    """A digit begins the next number at once: a PIN typed too early must not become one."""
    page = Page(
        "login.failed", say("flows.login"), (Line(words),), hint=say("ui.enter"), alert=True
    )

    def accept(event: InputEvent) -> str | None:
        match event:
            case KeyPressed(Key.ENTER | Key.CANCEL):
                return ""
            case KeyPressed(key) if key.value.isdigit():
                return key.value
            case _:
                return None

    return await desk.ui.prompt(page, accept, fresh=True, cancellable=False)


async def _try_once(desk: Desk, first: str) -> Person:
    page = Page("login.number", say("flows.login"), (Line(say("flows.your_number")),))
    who = await ask_who(desk.ui, page, first=first, cancellable=False)
    pin = await ask_pin(desk, "login.pin", who)
    person = await desk.people.log_in(who, pin)
    await _tell_news(desk, person)
    if person.must_change:
        from pos_terminal.flows.people.change_pin import change_pin

        person = await change_pin(desk, person, pin)
    return person


async def _tell_news(desk: Desk, person: Person) -> None:
    """That somebody tried this person's PIN, and who ended the lock; once it was read, no more."""
    news = await desk.people.news(person.number)
    if news is not None:
        await tell(desk.ui, "login.news", say("flows.login"), *_news(news))
        await desk.ledger.journal.note("told_of_tries", {"number": person.number})
    await desk.people.heard(person.number)


def _news(news: LockedOut) -> list[Line]:
    lines = [heading(say("flows.wrong_pins", count=news.wrong))]
    if news.locked:
        lines.append(Line(say("flows.was_locked")))
    if news.unlocked_by:
        lines.append(Line(say("flows.unlocked_by"), " ".join(news.unlocked_by)))
    return [*lines, Line(say("flows.not_you"))]


async def ask_pin(desk: Desk, name: str, who: Who) -> str:
    """The PIN of this person, shown as stars; the screen says that it is being checked."""
    page = Page(name, say("flows.login"), (pin_of(who),))
    pin = await digits(desk.ui, page, PIN)
    desk.ui.show(Page("login.wait", say("flows.login"), (Line(say("flows.checking")),)))
    return pin


async def unlock(desk: Desk) -> None:
    """The idle lock: the operator's own PIN, and the flow goes on where it was (R26).

    Where the operator has gone, a supervisor frees the terminal: LogOut, which cancels what was
    not sealed yet and leaves alone what was.
    """
    with desk.authoriser.elsewhere():
        await _unlock(desk)


async def _unlock(desk: Desk) -> None:
    person = desk.operator
    while person is not None:
        try:
            await _own_pin(desk, person)
        except Cancelled:
            await _freed_by_supervisor(desk, person)
        except Failure as failure:
            await tell(desk.ui, "lock.failed", say("flows.locked"), failure.words)
        else:
            return


async def _own_pin(desk: Desk, person: Person) -> None:
    page = Page(
        "lock.pin", say("flows.locked"), (pin_of(person.number),), hint=say("flows.lock_hint")
    )
    await desk.people.log_in(person.number, await digits(desk.ui, page, PIN, fresh=True))


async def _freed_by_supervisor(desk: Desk, person: Person) -> None:
    """LogOut once a supervisor has said so; back to the lock otherwise."""
    ask = say("flows.free_terminal", number=person.number)
    page = Page("lock.number", say("flows.locked"), (Line(ask),))
    try:
        who = await ask_who(desk.ui, page)
        page = Page("lock.supervisor", say("flows.locked"), (pin_of(who),))
        supervisor = await desk.people.approve(who, await digits(desk.ui, page, PIN))
    except Cancelled:
        return
    except Failure as failure:
        await tell(desk.ui, "lock.failed", say("flows.locked"), failure.words)
        return
    await desk.ledger.journal.note(
        "freed", {"operator": person.number, "supervisor": supervisor.number}
    )
    raise LogOut
