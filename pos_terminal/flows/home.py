"""The home screen: scan, type or present a card, and the terminal knows what is wanted."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterator
from enum import Enum

from pos_terminal.core.dropped import Drop
from pos_terminal.core.exchange_credit import ExchangeCredit
from pos_terminal.core.people import Role
from pos_terminal.core.refund import Refund
from pos_terminal.core.remedy import Remedy
from pos_terminal.core.voucher import Voucher
from pos_terminal.core.words import Failure, Words, say
from pos_terminal.flows.common.another_way import AnotherWay, FormOfSale, sends_to_form
from pos_terminal.flows.common.credit_wanted import CreditWanted
from pos_terminal.flows.common.desk import Desk, LogOut
from pos_terminal.flows.common.found import Found, MoreOfSale
from pos_terminal.flows.common.next_search import NextSearch
from pos_terminal.flows.common.remedied import Remedied
from pos_terminal.flows.common.support import support_line
from pos_terminal.flows.common.turned_away import TurnedAway
from pos_terminal.flows.common.went_wrong import WentWrong
from pos_terminal.flows.common.who_and_when import every_minute, who_and_when
from pos_terminal.flows.credit.show_voucher import show_voucher
from pos_terminal.flows.find.find_by_card import find_by_card
from pos_terminal.flows.find.find_by_scan import find_by_scan
from pos_terminal.flows.find.find_by_trace import find_by_trace
from pos_terminal.flows.menu import menu, reminders
from pos_terminal.flows.paper.answer_open_slips import answer_open_slips
from pos_terminal.flows.refund.back_another_way import back_another_way, form_after
from pos_terminal.flows.refund.give_back import give_back
from pos_terminal.flows.refund.turn_away import print_refusal, turn_away
from pos_terminal.flows.sale_more import sale_more
from pos_terminal.flows.trouble.confirm_outcomes import confirm_outcomes
from pos_terminal.flows.trouble.see_devices import see_devices
from pos_terminal.ports import (
    Application,
    CardArrived,
    Case,
    FileWaits,
    InputEvent,
    Key,
    KeyPressed,
    ScanDropped,
    Scanned,
)
from pos_terminal.texts import next_step, technician
from pos_terminal.ui.ask import heading
from pos_terminal.ui.page import Line, Page
from pos_terminal.ui.prompt import Cancelled

log = logging.getLogger(__name__)

Wish = Callable[[], Awaitable[None]]


class Read(Enum):
    """The clerk has read it and wants nothing else."""

    DONE = "done"


async def work(desk: Desk) -> None:
    """The home screen again and again; whatever ends an action ends here. LogOut leaves.

    A technician moves no money: the menu is all that there is.
    """
    wish: Wish | None = None
    while True:
        doing, wish = wish, None
        try:
            if doing is None:
                doing = await _next_wish(desk)
            else:  # whoever scans from outcome to outcome is asked about paper all the same
                await answer_open_slips(desk)
            await doing()
        except LogOut:
            raise
        except Cancelled:
            continue
        except NextSearch as another:
            wish = _search_of(desk, another.event)
        except (AnotherWay, FormOfSale, MoreOfSale, CreditWanted, Remedied, WentWrong) as leads:
            wish = _where_it_leads(desk, leads)
        except TurnedAway as away:
            # until it is kept the sale is on the screen, and the disk may take its time
            with desk.authoriser.sale():
                application = await turn_away(desk, away)
            wish = await _say_failure(desk, away.words, application, away)
        except Failure as failure:
            wish = await _say_failure(desk, failure.words)
        except Exception:
            log.exception("a flow ended by a defect; the ledger has what was durable")
            wish = await _say_failure(desk, say("flows.defect"))


async def _next_wish(desk: Desk) -> Wish:
    if desk.clerk.role is Role.TECHNICIAN:
        return lambda: menu(desk)
    await answer_open_slips(desk)
    await confirm_outcomes(desk)

    def accept(event: InputEvent) -> Wish | None:
        match event:
            case FileWaits():
                return lambda: confirm_outcomes(desk)
            case KeyPressed(Key.MENU):
                return lambda: menu(desk)
            case KeyPressed(Key.DOT):
                return lambda: see_devices(desk)
            case KeyPressed(key) if key.value.isdigit():
                return lambda: _found(desk, find_by_trace(desk, key.value))
            case _:
                return _search_of(desk, event)

    async with every_minute(desk):
        return await desk.ui.prompt(lambda: _home_page(desk), accept, fresh=True)


def _search_of(desk: Desk, event: InputEvent) -> Wish | None:
    """The search that a scan or a card begins, at home and from a failure's screen alike."""
    match event:
        case Scanned(text, symbology):
            return lambda: _scanned(desk, text, symbology)
        case ScanDropped(why):
            return lambda: _misread(why)
        case CardArrived(reader) if reader in desk.readers.present():
            return lambda: _found(desk, find_by_card(desk, reader))
        case _:
            return None


async def _scanned(desk: Desk, text: str, symbology: str | None) -> None:
    found = await find_by_scan(desk, text, symbology)
    if isinstance(found, Voucher):
        await show_voucher(desk, found)
    elif isinstance(found, ExchangeCredit):
        await see_credit(desk, found)
    elif isinstance(found, Refund):
        await see_form(desk, found)
    elif isinstance(found, Application):
        await go_on(desk, found.ticket)
    elif isinstance(found, Case):
        await of_case(desk, found)
    else:
        await give_back(desk, found)


def _where_it_leads(
    desk: Desk, to: AnotherWay | FormOfSale | MoreOfSale | CreditWanted | Remedied | WentWrong
) -> Wish:
    match to:
        case AnotherWay():
            return lambda: form_after(desk, to.application)
        case FormOfSale():
            return _form_of(desk, to.found)
        case MoreOfSale():
            return lambda: sale_more(desk, to.found)
        case CreditWanted():
            return lambda: see_credit(desk, to.credit)
        case Remedied():
            return lambda: remedy(desk, to)
        case WentWrong():
            return lambda: wrong(desk, to)


def _form_of(desk: Desk, found: Found) -> Wish:
    return lambda: back_another_way(desk, found)


async def wrong(desk: Desk, to: WentWrong) -> None:
    """Loaded when it is wanted: few refunds go wrong."""
    from pos_terminal.flows.case.open_case import open_case

    await open_case(desk, to)


async def remedy(desk: Desk, to: Remedied) -> None:
    """What a case leads to beyond its own screens."""
    if to.remedy is Remedy.STOCK:
        from pos_terminal.flows.trouble.correct_stock import correct_stock

        await correct_stock(desk, to.ticket)
    elif to.remedy is Remedy.EXCHANGE:
        from pos_terminal.flows.refund.exchange import exchange

        await exchange(desk, Found(to.sale_key), from_case=True)
    elif to.remedy is Remedy.CREDIT:
        from pos_terminal.flows.refund.credit_of_void import credit_of_void

        await credit_of_void(desk, to.case_id)
    else:
        await give_back(desk, Found(to.sale_key))


async def of_case(desk: Desk, case: Case) -> None:
    """Loaded when it is wanted, too."""
    from pos_terminal.flows.case.see_cases import see_case

    await see_case(desk, case)


async def go_on(desk: Desk, ticket: int) -> None:
    """Loaded when it is wanted, too."""
    from pos_terminal.flows.refund import go_on as of_ticket

    await of_ticket.go_on(desk, ticket)


async def see_form(desk: Desk, refund: Refund) -> None:
    """Loaded when it is wanted: few forms are printed."""
    from pos_terminal.flows.trouble.show_forms import show_form

    await show_form(desk, refund)


async def see_credit(desk: Desk, credit: ExchangeCredit) -> None:
    """Loaded when it is wanted, too."""
    from pos_terminal.flows.refund.show_exchange_credit import show_exchange_credit

    await show_exchange_credit(desk, credit)


async def _misread(why: Drop) -> None:
    """Failure ``scan.…``, by what the scanner's driver found."""
    raise Failure(f"scan.{why}")


async def _say_failure(
    desk: Desk,
    words: Words,
    application: Application | None = None,
    away: TurnedAway | None = None,
) -> Wish | None:
    """What went wrong and what to do, until it is read; the next scan need not wait for that.

    The technician's line goes to the log. An application that was turned away is told with its
    number, and its slip printed for who asks.
    """
    log.info("said %s: %s", words.code, technician(words))
    clerk = desk.clerk.role is not Role.TECHNICIAN

    def accept(event: InputEvent) -> Wish | Read | None:
        if event in (KeyPressed(Key.ENTER), KeyPressed(Key.CANCEL)):
            return Read.DONE
        if event == KeyPressed(Key.MENU) and application is not None and away is not None:
            return lambda: print_refusal(desk, application, away)
        if event == KeyPressed(Key.D1) and (found := _of_form(away)) is not None:
            return _form_of(desk, found)
        return _search_of(desk, event) if clerk else None

    page = _failure_page(desk, words, application, away)
    answer: Wish | Read = await desk.ui.prompt(page, accept, fresh=True, cancellable=False)
    return None if isinstance(answer, Read) else answer


def _of_form(away: TurnedAway | None) -> Found | None:
    """The sale, where what stands against it leads to the manual form."""
    if away is None or away.sale is None or not sends_to_form(away.words):
        return None
    return Found(away.sale.key, by_gift=away.by_gift)


def _failure_page(
    desk: Desk, words: Words, application: Application | None, away: TurnedAway | None
) -> Page:
    following = next_step(words)
    given = say("flows.given", given=away.given) if away and away.given else None
    more = () if away is None else away.more
    lines = [words, *more, *(one for one in (given, following) if one is not None)]
    if application is not None:
        lines.append(say("flows.turned_away", number=application.number))
    hint = say("ui.enter" if application is None else "flows.turned_away_hint")
    if _of_form(away) is not None:
        hint = say("tenders.turned_away_hint")
    body = (*(Line(one) for one in lines), *support_line(words, desk.shop.support))
    return Page("failure", say("flows.not_possible"), body, hint=hint, alert=True)


def _home_page(desk: Desk) -> Page:
    lines = [
        who_and_when(desk),
        *_stopped(desk),
        *(heading(words) for words in reminders(desk)),
        Line(say("flows.home_scan")),
        Line(say("flows.home_trace")),
        Line(say("flows.home_card")),
    ]
    return Page("home", say("flows.home"), tuple(lines), hint=say("flows.home_hint"))


def _stopped(desk: Desk) -> Iterator[Line]:
    """Why nothing goes back, and what ends that: before somebody stands there with a slip."""
    if (stopped := desk.authoriser.stopped) is not None:
        yield heading(stopped)
        if (following := next_step(stopped)) is not None:
            yield Line(following)


async def _found(desk: Desk, finding: Awaitable[Found]) -> None:
    await give_back(desk, await finding)
