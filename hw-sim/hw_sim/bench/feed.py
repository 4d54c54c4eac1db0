"""A sample sale as the sales feed has it, as the acquirer has it, and as people need it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from hw_sim.bench import identity
from hw_sim.bench.sample_sales import Card, Numbers, SampleSale, SampleTender
from pos_terminal.core.pan import Pan

Record = dict[str, Any]
Token = Callable[[str], str]
"""Card number to its keyed token."""


def feed_record(sale: SampleSale, token: Token, key_id: str) -> Record:
    """One line of the terminal's sales feed (docs/sales-feed.md)."""
    common, several = _common(sale), len(sale.payments) > 1
    if several:  # the fields on the sale are a short form for a single one
        common = {name: value for name, value in common.items() if name not in _NUMBERS}
    return {
        **common,
        "receipt_no": sale.receipt_no,
        "tenders": [
            _tender(tender, token, key_id)
            | (_payment(sale, sale.numbers(tender)) if tender.card and several else {})
            for tender in sale.tenders
        ],
        "lines": [
            {
                "sku": line.sku,
                "name": line.name,
                "quantity": str(line.quantity),
                "unit_price": line.unit_price,
                "category": line.category,
                **line.told,
            }
            for line in sale.lines
        ],
    }


_NUMBERS: Final = ("batch", "trace", "rrn", "auth_code")


def _payment(sale: SampleSale, numbers: Numbers) -> Record:
    own = {"trace": numbers.trace, "rrn": numbers.rrn, "auth_code": numbers.auth_code}
    return {"batch": sale.batch, **own}


def _common(sale: SampleSale) -> Record:
    return {
        "sale_id": sale.sale_id,
        "merchant_id": identity.MERCHANT_ID,
        "terminal_id": sale.terminal_id,
        "batch": sale.batch,
        "trace": sale.trace,
        "rrn": sale.rrn,
        "auth_code": sale.auth_code,
        "sold_at": sale.sold_at.isoformat(),
        "currency": identity.CURRENCY,
        "amount": sale.amount,
    }


def _tender(tender: SampleTender, token: Token, key_id: str) -> Record:
    found: Record = {"kind": tender.kind, "amount": tender.amount}
    card = tender.card
    if card is None:
        return found
    found |= {"masked": Pan(card.pan).masked, "scheme": card.scheme, "funding": card.funding}
    if not tender.masked:
        found |= {"token": token(card.pan), "token_key_id": key_id}
        if card.par is not None:
            found["par"] = card.par
    return found


def acquirer_record(sale: SampleSale) -> list[Record]:
    """What the acquirer knows of it: one record a card leg, with the test card's number."""
    common = _common(sale)
    return [
        common | _payment(sale, sale.numbers(leg)) | {"amount": leg.amount} | _account(leg.card)
        for leg in sale.tenders
        if leg.card
    ]


def _account(card: Card) -> Record:
    return {"pan": card.pan, "par": card.par, "also": [{"pan": pan} for pan in card.also]}


def summary(sale: SampleSale) -> Record:
    """One entry of ``samples.json``."""
    return {
        "name": sale.name,
        "about": sale.about,
        "voidable": sale.voidable,
        "cards": [tender.card.name for tender in sale.tenders if tender.card],
        **_common(sale),
        "receipt_no": sale.receipt_no,
        "goods": [line.sku for line in sale.lines if line.kind == "goods"],
        "payments": [
            {"card": leg.card.name, "amount": leg.amount, **_payment(sale, sale.numbers(leg))}
            for leg in sale.tenders
            if leg.card
        ],
    }
