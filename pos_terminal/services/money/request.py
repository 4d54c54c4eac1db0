"""The request for one refund or void, from the application, the sale and the presented card."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import Final

from pos_terminal.config import Config
from pos_terminal.core.interface import Interface
from pos_terminal.core.pan import last_four_match, mask_matches
from pos_terminal.core.refund import CardMatch, Kind
from pos_terminal.core.sale import Sale
from pos_terminal.core.words import Failure
from pos_terminal.ports import Application, CardFacts, Drawn
from pos_terminal.wire.iso8583 import requests
from pos_terminal.wire.iso8583.errors import FrameError
from pos_terminal.wire.iso8583.message import Message
from pos_terminal.wire.iso8583.profile import Profile

_ENTRY: Final = {
    Interface.CONTACT: requests.EntryMode.CHIP,
    Interface.TAP: requests.EntryMode.TAP,
}
Build = Callable[[Drawn], Message]


def builder(
    config: Config,
    profile: Profile,
    application: Application,
    sale: Sale,
    card: CardFacts,
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
                pan=card.pan,
                amount=application.amount,
                stan=drawn.stan,
                entry=_ENTRY[card.interface],
                currency=sale.currency,
                expiry=card.expiry,
                card_sequence=card.sequence,
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


def guard_card(
    application: Application, sale: Sale, card: CardFacts | None, *, checked: bool
) -> CardFacts:
    """A second look at the first guard's answer (R27). Failure ``host.wrong_card``, also without
    any card: what goes over the acquirer's line goes to one."""
    known = sale.tender(application.leg).card
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
        case _:
            good = False
    if not good:
        raise Failure("host.wrong_card")
    return card


def _guard(message: Message, application: Application, card: CardFacts) -> None:
    """What leaves is the presented card's number and the approved amount, nothing else."""
    right = message.get(2) == card.pan.reveal() and int(message.get(4) or 0) == application.amount
    if not right:
        raise Failure("host.unsendable", cause="the message is not the application's")
