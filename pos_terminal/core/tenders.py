"""Which ways the money of a payment may go but back where it came from (R34), and by what (R75).

The default is the same tender alone. Another one takes a listed exception, and what happened to
this payment has the last word: nothing while an outcome is open, and after “stolen” or “fraud” no
tender at all but the form that people carry out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Final

from msgspec import Struct

from pos_terminal.core.cause import Cause
from pos_terminal.core.evidence import EvidenceItem
from pos_terminal.core.refund import OPEN, CardMatch, Kind, Refund, State
from pos_terminal.core.sale import TenderKind


class Exceptional(StrEnum):
    """Why it does not go back where it came from."""

    ACCOUNT_CLOSED = "account_closed"
    CARD_LOST = "card_lost"
    DECLINED = "declined"
    """The acquirer has answered that its account can't take the money."""
    RETURNED = "returned"
    """It came back from the account, as the acquirer's file says (R50)."""
    GIFT = "gift"
    """Who holds the gift receipt is not who paid."""


class Basis(Struct, frozen=True):
    """What an application for another tender rests on."""

    exception: Exceptional
    evidence: tuple[EvidenceItem, ...] = ()


class Way(Struct, frozen=True):
    """One that the shop allows."""

    paid: TenderKind
    back: Kind
    exception: Exceptional
    approvals: int = 1
    evidence: bool = True
    """Whether it takes any."""


class Another(Struct, frozen=True):
    """The way that was chosen for a leg, and what it rests on."""

    way: Way
    basis: Basis


class Past(Struct, frozen=True):
    """What became of a payment so far."""

    open: bool = False
    """A refund of its sale has no outcome."""
    declined: bool = False
    """Its account can't take the money, by the acquirer's answer for its very card."""
    believed: bool = False
    """So it said for a card that was only believed to be its: that opens the form alone."""
    refused: bool = False
    """Its card was called stolen, lost or fraud."""
    to_form: bool = False
    """The acquirer's answer leads to its form, or it takes no refund of this payment."""
    by_gift: bool = False
    returned: int = 0
    """What was given back of it, came back from the account and is not given again; minor units."""


def past_of(
    refunds: Iterable[Refund],
    leg: int,
    form_codes: frozenset[str],
    *,
    refused_card: bool = False,
    by_gift: bool = False,
) -> Past:
    """Out of the refunds of its sale. ``form_codes``: values of field 39 that lead to the form;
    ``refused_card``: whether its card was called stolen, also by the answer for another sale."""
    of_sale = list(refunds)
    declined = [one for one in of_sale if one.leg == leg and one.state is State.DECLINED]
    refused = refused_card or any(one.cause is Cause.CARD_REFUSED for one in declined)
    of_account = [one.match for one in declined if one.cause is Cause.ACCOUNT_REFUSED]
    return Past(
        open=any(one.state in OPEN for one in of_sale),
        declined=refused or any(match in _ITS_OWN for match in of_account),
        believed=any(match not in _ITS_OWN for match in of_account),
        refused=refused,
        to_form=refused or any(one.response in form_codes for one in declined),
        by_gift=by_gift,
    )


_ITS_OWN: Final = frozenset({CardMatch.EXACT, CardMatch.PAR, CardMatch.BY_REFERENCE})
"""A decline is of the account that paid. Of a card that is only believed to be the sale's (R27) it
proves nothing, as a wrong card must open no way to cash; whoever carries out a form looks whose
account it is."""


def ways(policy: Sequence[Way], paid: TenderKind, past: Past) -> tuple[Way, ...]:
    """Those that are open now; the acquirer's form needs no policy where its answer leads there."""
    if past.open:
        return ()
    found = [one for one in policy if one.paid is paid and _is_open(one, past)]
    if past.to_form and not any((one.back, one.exception) == _FORM for one in found):
        found.append(acquirers_form(paid))
    return tuple(found)


def acquirers_form(paid: TenderKind) -> Way:
    """Where its answer leads there it needs no policy of the shop's."""
    return Way(paid, Kind.MANUAL, Exceptional.DECLINED, evidence=False)


_FORM: Final = (Kind.MANUAL, Exceptional.DECLINED)


_OF_ITSELF: Final = {TenderKind.CASH: Kind.CASH, TenderKind.VOUCHER: Kind.CREDIT}


def goes_back_so(way: Way) -> bool:
    """Whether who paid gets it so without any exception (``core/eligibility.py``). Who holds a gift
    receipt is not who paid, and a form with an exception says more than one without."""
    return way.exception is not Exceptional.GIFT and _OF_ITSELF.get(way.paid) is way.back


def _is_open(way: Way, past: Past) -> bool:
    if past.refused and way.back is not Kind.MANUAL:
        return False
    match way.exception:
        case Exceptional.DECLINED:
            by_form = way.back is Kind.MANUAL and (past.to_form or past.believed)
            return past.declined or by_form
        case Exceptional.RETURNED:
            return past.returned > 0
        case Exceptional.GIFT:
            return past.by_gift
        case _:
            return True
