"""A ticket's legs carried out: cards one after the other, then the others, cash last (R35, R36).

What can't be done leaves what comes after it free, and is left to do; its amount goes nowhere else.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from contextlib import suppress
from types import MappingProxyType

from pos_terminal.core.refund import Kind
from pos_terminal.core.rules import card_match
from pos_terminal.core.rules.state import refusal
from pos_terminal.core.words import Failure, Words, say
from pos_terminal.flows.common.another_way import AnotherWay, read_or_form, sends_to_form
from pos_terminal.flows.common.ask_rules import ask_rules
from pos_terminal.flows.common.desk import Desk, LogOut
from pos_terminal.flows.common.keep_doubt import keep_doubt
from pos_terminal.flows.common.next_search import NextSearch
from pos_terminal.flows.common.of_gift import leg_of, named_once, to_holder, told
from pos_terminal.flows.refund.confirm_amount import confirm_cash
from pos_terminal.flows.refund.going import Going, left_of_ticket
from pos_terminal.flows.refund.hand_out_cash import hand_out_cash
from pos_terminal.flows.refund.leg_to_form import leg_to_form
from pos_terminal.flows.refund.open_again import open_again
from pos_terminal.flows.refund.present_card import (
    TRIES,
    CardLeg,
    card_away,
    present_one_of,
)
from pos_terminal.flows.refund.to_card import go_to_card, to_card
from pos_terminal.flows.refund.ways import WAYS
from pos_terminal.ports import Application, Payee
from pos_terminal.texts import next_step
from pos_terminal.texts.domain import of_verdict
from pos_terminal.ui.ask import heading, tell
from pos_terminal.ui.page import Line
from pos_terminal.ui.prompt import Cancelled


async def carry_out(
    desk: Desk, going: Sequence[Going], against: Mapping[int, Words] = MappingProxyType({})
) -> None:
    """All that can be done now; then what is left, on the screen and on a slip. ``against``: why
    some of it surely can't. NextSearch where the last outcome was left by a scan."""
    grounds, left = dict(against), list(going)
    ticket = going[0].application.ticket
    search: NextSearch | None = None
    while left:
        try:
            left, another = await _one_turn(desk, left, grounds)
        except LogOut:  # a supervisor freed the terminal: the customer has it on paper all the same
            await _print_what_is_left(desk, left_of_ticket(desk, ticket))
            raise
        search = another or search
        if not left and (number := await _say_what_is_left(desk, ticket, grounds)) is not None:
            left = await _by_form(desk, number, [], grounds)
    if search is not None:
        raise search


async def carry_out_opened(desk: Desk, one: Going) -> None:
    """What an exchange credit had spent, and alone goes back of its ticket. Failure or Cancelled
    where nothing was opened."""
    await carry_out_what_opened(desk, one.application.ticket, await open_again(desk, one))


async def carry_out_what_opened(
    desk: Desk, ticket: int, again: tuple[Sequence[Going], Mapping[int, Words]]
) -> None:
    """Or say why nothing of it can go now."""
    opened, against = again
    if opened:
        await carry_out(desk, opened, against)
    else:
        await _say_what_is_left(desk, ticket, dict(against))


async def _one_turn(
    desk: Desk, left: Sequence[Going], grounds: dict[int, Words]
) -> tuple[list[Going], NextSearch | None]:
    """What is to be tried after it, and what the last outcome was left for."""
    again = next((one for one in left if one.application.kind is Kind.EXCHANGE_BACK), None)
    if again is not None:  # first: of what it opens a card may be presented with the others
        opened = await _open_again(desk, again, grounds)
        return [one for one in left if one is not again] + opened, None
    try:
        done = await _next(desk, left, grounds)
    except AnotherWay as wish:
        rest = [one for one in left if one.application.number != wish.application]
        return [*rest, *await _by_form(desk, wish.application, rest, grounds)], None
    except NextSearch as another:  # from the last one alone
        return [], another
    return [one for one in left if one not in done], None


async def _next(desk: Desk, left: Sequence[Going], grounds: dict[int, Words]) -> Sequence[Going]:
    """Which of them were tried: one after the other, cards first, cash last and together."""
    more = len(left) > 1
    cards = [one for one in left if WAYS.get(one.application.kind) is to_card]
    if cards:
        return [await _one_card(desk, cards, grounds, more=more)]
    others = [one for one in left if one.application.kind is not Kind.CASH]
    if others:
        one = min(others, key=lambda one: one.application.kind is Kind.MANUAL)
        if _free(desk, one, grounds):
            doing = WAYS[one.application.kind](desk, one.application, one.wanted, more=more)
            await _unless_left(desk, one.application, grounds, doing)
        return [one]
    free = [one for one in left if _free(desk, one, grounds)]
    if free:
        await _unless_left(desk, free[0].application, grounds, _in_one_sum(desk, free))
    return left


async def _open_again(desk: Desk, one: Going, grounds: dict[int, Words]) -> list[Going]:
    """What goes on in its place: on the payments of the first sale."""
    opened: Sequence[Going] = ()
    if not _free(desk, one, grounds):
        return []
    try:
        opened, against = await open_again(desk, one)
    except LogOut:
        raise
    except Cancelled:
        return []
    except Failure as failure:
        with suppress(AnotherWay):
            await _left_to_do(desk, one.application, grounds, failure.words)
        return []
    grounds.update(against)
    return list(opened)


async def _by_form(
    desk: Desk, number: int, rest: Sequence[Going], grounds: dict[int, Words]
) -> list[Going]:
    """The leg of this application by its form, in its turn; or it stays as it was."""
    try:
        form = await leg_to_form(desk, number, rest)
    except LogOut:
        raise
    except Cancelled:
        return []
    except Failure as failure:
        grounds.pop(number, None)
        await tell(desk.ui, "ticket.failed", say("flows.not_possible"), failure.words)
        return []
    grounds.pop(number, None)
    return [form]


def _free(desk: Desk, one: Going, grounds: dict[int, Words]) -> bool:
    """Whether nothing has come up against its sale: a leg whose outcome is not known, say."""
    sale = desk.ledger.sales.by_key(one.application.sale_key)
    against = None if sale is None else refusal(sale)
    if against is not None:
        grounds[one.application.number] = say(f"rules.{against.value}")
    return against is None


async def _one_card(
    desk: Desk, cards: Sequence[Going], grounds: dict[int, Words], *, more: bool
) -> Going:
    """The leg whose card was presented, tried; or the first one, which is left to do."""
    first = cards[0]
    if not _free(desk, first, grounds):
        return first
    free = [one for one in cards if _free(desk, one, grounds)]
    found: tuple[CardLeg, Payee] | None = None
    legs = [CardLeg(one.application, one.wanted.sale, one.wanted.tender) for one in free]
    try:
        found = await present_one_of(desk, legs, "flows.absent_or_leaves")
    except LogOut:
        raise
    except Cancelled:
        return first
    if found is None:
        denied = card_match.other_cards(TRIES)
        await desk.ledger.applications.add_decision(first.application.number, denied, False)
        await _left_to_do(desk, first.application, grounds, of_verdict(denied.verdicts[0]))
        return first
    leg, card = found
    tried = next(one for one in free if one.application.number == leg.application.number)
    await _unless_left(
        desk, tried.application, grounds, _pay(desk, tried, card, grounds, more=more)
    )
    return tried


async def _pay(
    desk: Desk, one: Going, card: Payee, grounds: dict[int, Words], *, more: bool
) -> None:
    decision = ask_rules(desk, one.wanted, card)
    if decision.refuses and decision.strictest is not None:
        words = of_verdict(decision.strictest)
        await desk.ledger.applications.add_decision(one.application.number, decision, False)
        await card_away(desk, heading(say("flows.not_refunded")), heading(words))
        await _left_to_do(desk, one.application, grounds, words)
        return
    await go_to_card(desk, one.application, one.wanted, card, decision, more=more)


async def _unless_left(
    desk: Desk, application: Application, grounds: dict[int, Words], doing: Awaitable[None]
) -> None:
    """What is cancelled or fails before it is sealed is left to do, and said."""
    try:
        await doing
    except LogOut:
        raise
    except Cancelled:
        return
    except Failure as failure:
        await _left_to_do(desk, application, grounds, failure.words)


async def _left_to_do(
    desk: Desk, application: Application, grounds: dict[int, Words], words: Words
) -> None:
    """AnotherWay by the key that leads to the form, where a text here names it."""
    await keep_doubt(desk, application.sale_key, words)
    words = told(words, holder=to_holder(desk, application))
    grounds[application.number] = words
    following = next_step(words)
    more = () if following is None else (following,)
    said = (words, *more, say("flows.leg_waits"))
    if await read_or_form(desk, "ticket.failed", say("flows.not_refunded"), said, more=True):
        raise AnotherWay(application.number)


async def _in_one_sum(desk: Desk, cash: Sequence[Going]) -> None:
    applications = [one.application for one in cash]
    await confirm_cash(desk, applications, cash[0].wanted.sale.currency)
    await hand_out_cash(desk, applications)


async def _say_what_is_left(desk: Desk, ticket: int, grounds: dict[int, Words]) -> int | None:
    """The application that is to go by its form, where the key for that was pressed."""
    left = left_of_ticket(desk, ticket)
    if not left:
        return None
    await _print_what_is_left(desk, left)
    lines: list[Line | Words] = []
    for one in left:
        sale = desk.ledger.sales.by_key(one.sale_key)
        if sale is not None:
            lines += named_once(desk, one, sale, lines)
            lines.append(leg_of(desk, one, sale))
        if one.number in grounds:
            lines.append(grounds[one.number])

    def slip() -> Sequence[Words]:
        waits = desk.printing.trouble is not None
        return [say("flows.to_do_slip_waits" if waits else "flows.to_do_slip")]

    if await read_or_form(desk, "ticket.left", say("flows.left_to_do"), lines, now=slip):
        return next(one.number for one in left if sends_to_form(grounds.get(one.number)))
    return None


async def _print_what_is_left(desk: Desk, left: Sequence[Application]) -> None:
    if not left:
        return
    with suppress(Failure):  # a ledger that can't be written: the menu has it all the same
        await desk.ledger.slips.queue(desk.papers().to_do(left), left[0].number)
        desk.printing.wake()
