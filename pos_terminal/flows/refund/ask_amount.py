"""How much goes back: typed in minor units, all that remains, or what chosen goods cost (R11)."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from msgspec import Struct, field

from pos_terminal.core.eligibility import Choice, choose_kind
from pos_terminal.core.goods_back import GoodsBack
from pos_terminal.core.items import (
    Quantities,
    brings,
    due,
    most_of,
    owed,
    paid_ahead,
    taken_off,
    what_remains,
)
from pos_terminal.core.money import format_amount, with_symbol
from pos_terminal.core.sale import Sale, Tender
from pos_terminal.core.scan_goods import Chosen, Serials
from pos_terminal.core.sorts import Scanned as Scans
from pos_terminal.core.words import Words, say
from pos_terminal.flows.common.amount_hint import amount_hint
from pos_terminal.flows.common.credit_stays import credit_stays
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.menu_key import menu_key
from pos_terminal.flows.common.name_leg import leg_name, which_leg
from pos_terminal.flows.common.returned import returned_lines, waiting
from pos_terminal.flows.refund.choose_lines import choose_lines, goods_sum
from pos_terminal.flows.refund.inspected import no_deduction
from pos_terminal.ports import Key
from pos_terminal.texts.domain import of_choice
from pos_terminal.ui.ask import Typed, digits_or, heading, large, money_entry
from pos_terminal.ui.page import Line, Page
from pos_terminal.ui.prompt import Cancelled


class Asked(Struct):
    """What the clerk has typed and chosen so far of a sale, kept for who comes back to it."""

    by_gift: bool = False
    """No price is shown but of what was chosen."""

    legs: Sequence[int] = ()
    """To which payments."""
    typed: Typed = field(default_factory=Typed)
    chosen: Quantities = field(default_factory=dict)
    """The goods, none where an amount was typed."""
    serials: Serials = field(default_factory=dict)
    """Of their pieces."""
    sorts: Scans = field(default_factory=dict)
    """What was scanned, of lines of which some were exchanged."""
    defective: frozenset[int] = frozenset()
    """Lines of them that come back for that alone."""
    answered: GoodsBack | None = None
    """Whether goods come back, where none were chosen and the clerk said so."""
    again: bool = False
    """That is so because what came back from the account is given again."""
    amount: int = 0
    """Minor units, once it was taken; of goods that bring less, before that is taken off."""
    less: bool = False
    """What is taken off them comes of the amount that was typed."""
    choice: Choice | None = None
    """How it goes back, where that is not its tender's to say (R34)."""
    way: Line | None = None
    """The exception, and where it leads."""


async def ask_amount(desk: Desk, sale: Sale, legs: Sequence[Tender], asked: Asked) -> None:
    """Minor units, above zero and within what may go back to these legs; asked again until it is.

    The menu key leads to the goods.
    """
    wrong: Words | None = None
    if asked.by_gift and what_remains(sale) and not asked.chosen:
        await _choose(desk, sale, legs, asked)
        if not asked.chosen:
            raise Cancelled
    while True:
        typed = await _ask(desk, sale, legs, asked, wrong)
        if isinstance(typed, Key):
            await _choose(desk, sale, legs, asked)
            asked.typed, wrong = Typed(), None
            continue
        asked.amount = int(typed) if typed else _proposed(desk, sale, legs, asked)
        wrong = _objection(asked.amount, sale, legs, asked)
        if wrong is None:
            _goods_stay(desk, sale, legs, asked)
            return
        asked.typed = Typed()
        desk.ui.beep()


def _goods_stay(desk: Desk, sale: Sale, legs: Sequence[Tender], asked: Asked) -> None:
    """What came back from the account is given again for goods that are back already (R50)."""
    again = not (asked.by_gift or asked.chosen) and asked.amount <= waiting(desk, sale, legs)
    if again and asked.answered is None:
        asked.answered, asked.again = GoodsBack.NONE, True
    elif asked.again and not again:
        asked.answered, asked.again = None, False


async def _choose(desk: Desk, sale: Sale, legs: Sequence[Tender], asked: Asked) -> None:
    before = Chosen(asked.chosen, asked.serials, asked.defective, asked.sorts)
    chosen = await choose_lines(desk, sale, left_of(legs), before, by_gift=asked.by_gift)
    asked.chosen, asked.serials = chosen.quantities, chosen.serials
    asked.sorts = chosen.sorts
    asked.defective = chosen.defective


async def _ask(
    desk: Desk, sale: Sale, legs: Sequence[Tender], asked: Asked, wrong: Words | None
) -> str | Key:
    """What was typed, or the menu key."""
    # after a mistake enter alone is no longer “all of it”
    least = 0 if wrong is None else 1
    entry = money_entry(least, sale.currency)
    goods = bool(what_remains(sale))
    hint = amount_hint(sale.currency, goods=goods)
    lines = _lines(desk, sale, legs, asked, wrong)
    page = Page("refund.amount", say("flows.ask_amount"), lines, hint=hint)
    return await digits_or(
        desk.ui,
        page,
        entry,
        lambda event: menu_key(event) if goods else None,
        kept=asked.typed,
        fresh=wrong is not None,  # what was pressed before the mistake was said does not mend it
    )


def left_of(legs: Sequence[Tender]) -> int:
    """What all of them have left, minor units."""
    return sum(leg.most for leg in legs)


def _proposed(desk: Desk, sale: Sale, legs: Sequence[Tender], asked: Asked) -> int:
    """What enter alone gives: what came back from the account, which is owed before all else; the
    goods that came back for less are settled. Nothing by a gift
    receipt of which no goods are known: what is left of the sale is the buyer's own affair."""
    left = left_of(legs)
    if asked.chosen:
        return goods_sum(sale, left, asked.chosen)
    if asked.by_gift:
        return 0
    return min(left, waiting(desk, sale, legs) or due(sale))


def _objection(amount: int, sale: Sale, legs: Sequence[Tender], asked: Asked) -> Words | None:
    left = left_of(legs)
    if amount <= 0:
        return say("flows.withheld_only" if _only_withheld(sale, asked) else "rules.zero")
    if amount > left and asked.by_gift:
        return say("flows.over_gift")
    if amount > left and left < sale.remaining:
        shown, whole = (format_amount(n, sale.currency) for n in (left, sale.remaining))
        code = "flows.over_leg" if len(legs) == 1 else "flows.over_legs"
        return say(code, left=shown, sale=whole)
    if amount > left:
        return say("rules.balance", left=format_amount(left, sale.currency))
    return of_goods(amount, sale, left, asked.chosen, asked.defective) if asked.chosen else None


def _only_withheld(sale: Sale, asked: Asked) -> bool:
    """Which nobody is owed; a supervisor may give some of it back."""
    return bool(sale.withheld) and not (sale.offered or asked.chosen or asked.by_gift)


def of_goods(
    amount: int, sale: Sale, left: int, chosen: Quantities, defective: Collection[int]
) -> Words | None:
    """What is against so much of ``left`` for these goods, some of them ``defective``."""
    most = most_of(sale, left, chosen)
    if amount > most:
        return say("rules.worth", worth=format_amount(most, sale.currency))
    off = taken_off(sale, left, chosen, amount)
    if off is None:
        return say("flows.under_worth", worth=format_amount(most, sale.currency))
    kept = next((line for line in off if line in defective), None)
    return None if kept is None else no_deduction(sale.line(kept))


def _lines(
    desk: Desk, sale: Sale, legs: Sequence[Tender], asked: Asked, wrong: Words | None
) -> tuple[Line, ...]:
    chosen = asked.chosen
    proposed = _proposed(desk, sale, legs, asked)
    left, one = min(left_of(legs), sale.offered), len(legs) == 1 or asked.choice is not None
    again = not chosen and waiting(desk, sale, legs)
    enter = "returned.whole" if again else "flows.chosen_goods" if chosen else "flows.whole"
    enter = enter if proposed else "flows.gift_amount"
    remaining = [Line(say("flows.remaining"), with_symbol(left, sale.currency))]
    if sale.withheld:
        remaining.append(Line(say("flows.withheld"), with_symbol(sale.withheld, sale.currency)))
    stays, why = credit_stays(desk, sale)
    if stays:
        remaining.append(Line(say("flows.credit_stays"), with_symbol(stays, sale.currency)))
        remaining += [] if why is None else [Line(why)]
    back = returned_lines(desk, sale, legs)
    return (
        *([] if wrong is None else [heading(wrong)]),
        *([] if asked.by_gift else [*back, *_which_legs(sale, legs), *remaining]),
        *([large(say("flows.goods_sum"), with_symbol(proposed, sale.currency))] if chosen else []),
        *_before(sale, chosen),
        *_not_this_way(sale, chosen, proposed),
        *(
            []
            if asked.by_gift
            else _short_of_all(sale, left, left if chosen or again else proposed)
        ),
        *([Line(say(enter))] if wrong is None and (proposed or asked.by_gift) else []),
        *(
            [Line(say("flows.withheld_only"))]
            if wrong is None and _only_withheld(sale, asked)
            else []
        ),
        *([_goes(desk, sale, legs[0], asked, proposed)] if one else []),
    )


def _goes(desk: Desk, sale: Sale, leg: Tender, asked: Asked, proposed: int) -> Line:
    if asked.way is not None:
        return asked.way
    here = desk.here
    choice = asked.choice or choose_kind(sale, leg, proposed or leg.most, here)
    return Line(of_choice(choice))


def _which_legs(sale: Sale, legs: Sequence[Tender]) -> tuple[Line, ...]:
    """The one, or each of them with what is left of it."""
    if len(legs) == 1:
        return which_leg(sale, legs[0])
    return tuple(Line(leg_name(sale, leg), format_amount(leg.most, sale.currency)) for leg in legs)


def _before(sale: Sale, chosen: Quantities) -> list[Line]:
    """Why the chosen goods bring less than they cost."""
    before = paid_ahead(sale, chosen)
    return [Line(say("flows.paid_ahead"), with_symbol(before, sale.currency))] if before else []


def _not_this_way(sale: Sale, chosen: Quantities, proposed: int) -> list[Line]:
    """What the chosen goods bring beyond these legs: it is said, and stays owed."""
    short = brings(sale, chosen) - proposed if chosen else 0
    return [heading(say("flows.not_this_way"), with_symbol(short, sale.currency))] if short else []


def _short_of_all(sale: Sale, left: int, proposed: int) -> list[Line]:
    """What is owed for goods that are back; what enter gives where some settled for less."""
    still = owed(sale)
    shown = [Line(say("flows.owed"), with_symbol(still, sale.currency))] if still else []
    if proposed < left:
        shown.append(Line(say("flows.due"), with_symbol(proposed, sale.currency)))
    return shown
