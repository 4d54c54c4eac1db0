"""Goods without a receipt: the sale that stands for them, its application and whose it is, in one
commit (R17)."""

from __future__ import annotations

from msgspec.structs import replace

from pos_terminal.core.blind import NoReceipt
from pos_terminal.core.digest import digest
from pos_terminal.core.sale import Sale, SaleOrigin
from pos_terminal.ports import Application, Draft
from pos_terminal.services.ledger.books import applications, blind, sales
from pos_terminal.services.ledger.step import Step
from pos_terminal.wire.feed.entries import SaleEntry


def open_blind(step: Step, sale: Sale, draft: Draft, known: NoReceipt) -> Application:
    """The application. ValueError for a sale that somebody told of."""
    if sale.origin is not SaleOrigin.BLIND:
        raise ValueError("the sale is known")
    (entry,) = sales.with_keys(step, [SaleEntry(0, sale, digest(sale))])
    sales.add(step, [entry], None)
    own = replace(draft, sale_key=entry.sale.key, leg=1)
    (application,) = applications.open_ticket(step, [own])
    blind.add(step, application, known)
    return application
