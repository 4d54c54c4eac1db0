"""The facts that several kinds of slips are made of, out of what the ledger has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from msgspec.structs import replace

from pos_terminal.core.invoice import Invoiced
from pos_terminal.core.items import Item
from pos_terminal.core.quantity import format_quantity
from pos_terminal.core.refund import CardMatch, Kind, Refund
from pos_terminal.core.sale import CardRef, Funding, Sale, SaleOrigin, Tender
from pos_terminal.core.share import share
from pos_terminal.core.sorts import name_back
from pos_terminal.core.tenders import Basis
from pos_terminal.core.voucher import mask
from pos_terminal.core.words import Words, say
from pos_terminal.policy_options import Policy
from pos_terminal.ports import Approval, Evidence, Grounds, Teller
from pos_terminal.texts import Language, render, words_if_known
from pos_terminal.wire.receipt.pair import NO_TEXT, Pair
from pos_terminal.wire.receipt.parts.decided import Shown
from pos_terminal.wire.receipt.parts.goods import Goods, SlipItem
from pos_terminal.wire.receipt.parts.original import Original
from pos_terminal.wire.receipt.parts.request import Request
from pos_terminal.wire.receipt.parts.telling import Telling
from pos_terminal.wire.receipt.parts.why import Why

MOST_ITEMS: Final = 30
"""Goods that are named on a slip; a trolley full of them would use up the roll."""
_NAME: Final = 40
"""Characters of a file's name on paper."""
_ARRIVAL: Final = {
    Funding.DEBIT: "slip.arrival_debit",
    Funding.CREDIT: "slip.arrival_credit",
    Funding.UNKNOWN: "slip.arrival_card",
}


def both(words: Words | None) -> Pair:
    """The text in both languages; the text's name where it is missing."""
    if words is None:
        return NO_TEXT
    return Pair(_text(words, Language.ZH_CN), _text(words, Language.EN))


def why(cause: Words, advice: Words | None) -> Why:
    """What the clerk reads; where a slip says it otherwise, there is a text ``<code>_paper``."""
    return Why(both(words_if_known(f"{cause.code}_paper", cause) or cause), both(advice))


def request_of(grounds: Grounds, refund: Refund) -> Request:
    """The card that the refund was made to, and the numbers that it has so far."""
    card = _card(grounds)
    return Request(
        masked_card=refund.masked or "",
        scheme=refund.scheme,
        funding=card.funding.value if card else "",
        batch=refund.batch or "",
        auth_code=refund.auth_code or "",
        rrn=refund.rrn or "",
        response=refund.response or "",
        transaction=refund.kind if refund.stan else "",
        by_reference=refund.match is CardMatch.BY_REFERENCE,
    )


def unsent_request(tender: Tender, *, numbers: bool = False) -> Request:
    """The card of a leg that nothing was sent for; ``numbers``: with those of its payment."""
    card, payment = tender.card, tender.payment
    named = Request() if card is None else Request(card.masked or "", card.scheme, card.funding)
    if payment is None or not numbers:
        return named
    return replace(named, batch=payment.batch, auth_code=payment.auth_code)


def card_request(grounds: Grounds) -> Request:
    """The card of the tender that would have been given back."""
    return unsent_request(grounds.sale.tender(grounds.application.leg))


def original_of(sale: Sale, tender: Tender, *, terminal: bool = False) -> Original:
    """The leg by its own payment, or by the sale where it has none; ``terminal``: with whose."""
    payment = tender.payment
    typed = sale.origin is SaleOrigin.TYPED  # of whose time only the day is known
    at = payment.paid_at if payment else sale.sold_at
    return Original(
        trace=payment.trace if payment else sale.trace,
        rrn=payment.rrn if payment else sale.rrn,
        receipt=sale.receipt_no,
        at=at.date().isoformat() if typed else at.isoformat(timespec="seconds"),
        typed=tender.typed > 0,
        amount=tender.amount,
        terminal=(payment or sale).terminal_id if terminal else "",
    )


def whole_of(sale: Sale) -> Original:
    """The sale as a whole; the numbers of its payment where it has only one."""
    if len(sale.tenders) == 1:
        return original_of(sale, sale.tenders[0])
    return Original(receipt=sale.receipt_no, at=sale.sold, amount=sale.amount)


def of_gift(sale: Sale) -> Original:
    """What who holds its gift receipt knows of it: neither what was paid nor by what."""
    at = sale.sold_at.isoformat(timespec="seconds")
    return Original(receipt=sale.gift_receipt_no, at=at)


def tender_of(grounds: Grounds, *, terminal: bool = False) -> Original:
    """The part of the sale that is given back, and the exchange credit that this is of; nothing
    where goods came without a receipt."""
    if grounds.sale.origin is SaleOrigin.BLIND:
        return Original()
    original = original_of(grounds.sale, grounds.tender, terminal=terminal)
    again = tuple(one.application for one in grounds.again)
    original = replace(original, credit=credit_number(grounds), again=again)
    credit = grounds.credit
    if credit is None or credit.ticket != grounds.application.ticket:
        return original
    return replace(original, credit_amount=credit.amount, credit_taken=credit.taken)


def credit_number(grounds: Grounds) -> str:
    """Of the exchange credit that this is of, as anybody may see it."""
    if grounds.application.kind is Kind.EXCHANGE_BACK:  # which is going to open it
        return mask(grounds.tender.exchange_no)
    return "" if grounds.credit is None else grounds.credit.known_as


def goods_of(grounds: Grounds, amount: int, policy: Policy, *, whole: bool = False) -> Goods:
    """The goods that the application names, with ``amount`` shared out over them, and how they were
    found, in the words of the shop's ``policy``. ``whole``: of all payments, by what each brings;
    the application has but what its own payment gives of each."""
    items = grounds.application.items
    lines = {line.line: line for line in grounds.sale.lines}
    shares = share(amount, [item.brings if whole else item.amount for item in items])
    named = tuple(
        _found(
            SlipItem(
                name_back(lines[item.line], item.quantity, item.sorts),
                format_quantity(item.quantity),
                part,
                serials=() if item.looked is None else item.looked.serials,
            ),
            *(item, policy, grounds.application.reason),
        )
        for item, part in zip(items[:MOST_ITEMS], shares, strict=False)
    )
    return Goods(named, max(0, len(items) - MOST_ITEMS))


def _found(shown: SlipItem, item: Item, policy: Policy, reason: str) -> SlipItem:
    looked = item.looked
    if looked is None:
        return shown
    where = looked.disposition
    told = NO_TEXT if where is None else both(say("goods.nobody_looked"))
    conditions = {
        condition.code: Pair(condition.zh, condition.en) for condition in policy.conditions
    }
    if looked.condition and where is not None:
        name = conditions.get(looked.condition, Pair(looked.condition, looked.condition))
        code = f"goods.found_{where.value}"
        texts = (say(code, condition=name.zh), say(code, condition=name.en))
        told = Pair(_text(texts[0], Language.ZH_CN), _text(texts[1], Language.EN))
    shown = replace(shown, found=told, absent=where is None)
    if looked.reason != reason:
        reasons = {one.code: Pair(one.zh, one.en) for one in policy.reasons}
        own = reasons.get(looked.reason, Pair(looked.reason, looked.reason))
        shown = replace(shown, reason=own)
    if looked.deducted_for is None:
        return shown
    return replace(
        shown,
        worth=item.worth,
        deduction=looked.deduction,
        deducted_for=looked.deducted_for,
    )


def telling_of(told: Teller | None) -> Telling | None:
    if told is None:
        return None
    if isinstance(told, Evidence):
        return Telling(told.reference, (f"{told.source[:_NAME]}:{told.line}",), by_file=True)
    return Telling(told.reference, person_names(told.approvals))


def person_names(approvals: Sequence[Approval]) -> tuple[str, ...]:
    """Number and name of each supervisor, each once: who approved a changed plan anew is no second
    person."""
    return tuple(dict.fromkeys(f"{one.supervisor} {one.name}".strip() for one in approvals))


def basis_of(basis: Basis) -> dict[str, Any]:
    """Why it goes back another way, and what shows it."""
    shown = tuple(
        Shown(both(say(f"tenders.evidence_{one.kind.value}")), one.reference)
        for one in basis.evidence
    )
    why_so = both(say(f"tenders.exception_{basis.exception.value}"))
    return {"exception": why_so, "evidence": shown}


def invoice_of(grounds: Grounds, *, to_holder: bool) -> dict[str, Any]:
    """What became of the sale's invoice; of a gift to its holder, who is not asked, and of goods
    given for others, that there is one."""
    told = grounds.application.invoice
    if told is None:
        unasked = to_holder or grounds.application.kind is Kind.EXCHANGE
        out = unasked and grounds.sale.invoice is Invoiced.ISSUED
        return {"invoice_out": both(say("invoice.issued"))} if out else {}
    return {
        "invoice": NO_TEXT if told.number else both(say(f"invoice.{told.answer.value}")),
        "red_letter": told.number,
    }


def arrival_of(grounds: Grounds, kind: Kind) -> Pair:
    """When the money will be there, by debit or credit (R39)."""
    if kind in (Kind.CASH, Kind.POINTS, Kind.EXCHANGE_BACK):
        return both(say(f"slip.arrival_{kind.value}"))
    if kind is Kind.VOID:
        return both(say("slip.arrival_void"))
    if kind is Kind.MANUAL:
        return both(say("slip.arrival_manual"))
    card = _card(grounds)
    return both(say(_ARRIVAL[card.funding if card else Funding.UNKNOWN]))


def _card(grounds: Grounds) -> CardRef | None:
    return grounds.sale.tender(grounds.application.leg).card


def _text(words: Words, language: Language) -> str:
    try:
        return render(words, language)
    except (KeyError, IndexError, ValueError):
        return words.code
