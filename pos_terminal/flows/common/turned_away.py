"""Nothing can be given back, found before an amount is asked: an application too (R67)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from pos_terminal.core.badge import mask_badges
from pos_terminal.core.decision import Answer, Verdict
from pos_terminal.core.pan import mask_card_numbers
from pos_terminal.core.rules.state import verdict_on
from pos_terminal.core.sale import Sale
from pos_terminal.core.sales_home import SalesHome
from pos_terminal.core.unfit import RULE, Unfit
from pos_terminal.core.words import Failure, Value, Words
from pos_terminal.texts.domain import of_verdict

MOST: Final = 64
"""Characters of what was typed or scanned that are kept."""
_TRACK: Final = r"(?a)(\d(?:[ -]?\d){11,18})[=D^].*"
"""A card's track: number, mark, expiry and the rest (ISO/IEC 7813)."""


class TurnedAway(Failure):
    """``given``: what was typed or scanned, where it led to no sale. ``more``: what else the clerk
    must know of it, beside the one line and what to do next."""

    def __init__(
        self,
        verdict: Verdict,
        sale: Sale | None = None,
        given: str = "",
        more: Sequence[Words] = (),
    ) -> None:
        words = of_verdict(verdict)
        super().__init__(words.code, **words.values)
        self.verdict, self.sale = verdict, sale
        self.doubt = words
        """What people may have to look at: more than this one may be told of it."""
        self.given = harmless(given)
        self.more = tuple(more)
        self.by_gift = False
        """The sale was found by its gift receipt."""


def harmless(given: str) -> str:
    """Printable, without a card number or what a card's track has behind it (R54), or a badge."""
    number = re.sub(_TRACK, r"\1…", given, flags=re.DOTALL)
    seen = "".join(filter(str.isprintable, number))
    return mask_badges(mask_card_numbers(seen))[:MOST]


def no_sale(against: Unfit, given: str) -> TurnedAway:
    """Nothing was found by what was typed, scanned or shown."""
    return TurnedAway(Verdict(RULE, Answer.DENY, against, {}), given=given)


def unfit(
    sale: Sale, against: Unfit, more: Sequence[Words] = (), /, **figures: Value
) -> TurnedAway:
    """The sale is there, and nothing of it can go back here."""
    verdict = Verdict(RULE, Answer.DENY, against, figures, told=figures)
    return TurnedAway(verdict, sale, more=more)


def at_home_here(sale: Sale, home: SalesHome) -> None:
    """TurnedAway with another terminal's sale (R66)."""
    terminal_at_home(sale.terminal_id, home, sale)


def terminal_at_home(terminal_id: str, home: SalesHome, sale: Sale | None = None) -> None:
    """The same before there is a sale: by the terminal on its receipt."""
    if (against := home.against(terminal_id)) is not None:
        why, told = against
        verdict = Verdict(RULE, Answer.DENY, why, {"terminal": terminal_id}, told)
        raise TurnedAway(verdict, sale, given="" if sale is not None else terminal_id)


def by_state(sale: Sale) -> TurnedAway:
    """What the sale has become is against it. ValueError where nothing is."""
    return TurnedAway(verdict_on(sale), sale)
