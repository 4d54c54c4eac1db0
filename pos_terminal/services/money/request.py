"""The request for one refund or void, from the application, the sale and the presented card."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import Any, Final

from pos_terminal.config import Config
from pos_terminal.core.interface import Interface
from pos_terminal.core.pan import last_four_match, mask_matches
from pos_terminal.core.refund import CardMatch, Kind
from pos_terminal.core.sale import Sale
from pos_terminal.core.words import Failure
from pos_terminal.ports import Application, ByReference, Drawn, Payee
from pos_terminal.wire.iso8583 import requests
from pos_terminal.wire.iso8583.errors import FrameError
from pos_terminal.wire.iso8583.message import Message
from pos_terminal.wire.iso8583.profile import Profile

_ENTRY: Final = {
    Interface.CONTACT: requests.EntryMode.CHIP,
    Interface.TAP: requests.EntryMode.TAP,
}
CARD_FIELDS: Final = frozenset({2, 14, 23})
"""What a request has of the card."""
Build = Callable[[Drawn], Message]


def builder(
    config: Config,
    profile: Profile,
    application: Application,
    sale: Sale,
    card: Payee,
    *,
    fits: Callable[[Message], object],
) -> Build:
    """For ``Ledger.seal``. The message is held against the card and the frame rules before the
    commit: nothing is sealed that can't be sent. Failure ``host.unsendable``.

    ``fits`` packs the message and raises FrameError. The day of the payment is the shop's.
    """
    make = requests.void if application.kind is Kind.VOID else requests.refund
    payment = sale.tender(application.leg).payment
    if payment is None:
        raise Failure("host.wrong_card")

    def build(drawn: Drawn) -> Message:
        try:
            request = requests.RefundRequest(
                terminal_id=config.terminal.terminal_id,
                merchant_id=config.terminal.merchant_id,
                batch=drawn.batch,
                tpdu=config.acquirer.tpdu,
                reader=requests.reader_digit(contactless=config.reader.tap is not None),
                **_of_card(card),
                amount=application.amount,
                stan=drawn.stan,
                currency=sale.currency,
                original_rrn=payment.rrn,
                original_batch=payment.batch,
                original_trace=payment.trace,
                original_mmdd=payment.paid_at.strftime("%m%d"),
                original_auth=payment.auth_code or None,
            )
            message = make(profile, request)
            fits(message)
        except (FrameError, ValueError) as error:
            raise Failure("host.unsendable", cause=str(error)) from None
        _guard(message, application, card)
        return message

    return build


def _of_card(card: Payee) -> dict[str, Any]:
    """Fields 2, 14, 22 and 23; of no card 22 alone."""
    if isinstance(card, ByReference):
        return {"pan": None, "entry": requests.EntryMode.NONE}
    return {
        "pan": card.pan,
        "entry": _ENTRY[card.interface],
        "expiry": card.expiry,
        "card_sequence": card.sequence,
    }


def guard_card(
    application: Application,
    sale: Sale,
    card: Payee | None,
    *,
    checked: bool,
    by_reference: bool,
) -> Payee:
    """A second look at the first guard's answer (R27). Failure ``host.wrong_card``, also without
    any card: what goes over the acquirer's line goes to one, or by a reference to its account."""
    known = sale.tender(application.leg).card
    if isinstance(card, ByReference):
        _guard_reference(application, sale, by_reference=by_reference)
        return card
    if known is None or card is None:
        raise Failure("host.wrong_card")
    match card.match:
        case CardMatch.EXACT:
            good = known.token is not None and any(
                hmac.compare_digest(known.token.lower(), token.lower()) for token in card.tokens
            )
        case CardMatch.PAR:
            good = known.par is not None
        case CardMatch.MASKED:
            good = known.masked is not None and mask_matches(known.masked, card.pan)
        case CardMatch.LAST_FOUR:
            masked = known.masked or ""
            good = checked and masked.startswith("*") and last_four_match(masked, card.pan)
        case CardMatch.ACQUIRER:
            good = checked and known.unseen
        case _:
            good = False
    if not good:
        raise Failure("host.wrong_card")
    return card


def _guard_reference(application: Application, sale: Sale, *, by_reference: bool) -> None:
    """Failure ``host.no_reference_refund``."""
    payment = sale.tender(application.leg).payment
    refers = payment is not None and payment.whole and application.kind is Kind.REFUND
    if not (by_reference and refers):
        raise Failure("host.no_reference_refund")


def _guard(message: Message, application: Application, card: Payee) -> None:
    """What leaves is the presented card's number, or no card's, and the approved amount, nothing
    else."""
    number = None if card.pan is None else card.pan.reveal()
    alone = number is not None or not set(message.fields) & CARD_FIELDS
    right = message.get(2) == number and int(message.get(4) or 0) == application.amount
    if not (right and alone):
        raise Failure("host.unsendable", cause="the message is not the application's")
