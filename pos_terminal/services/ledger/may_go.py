"""What must hold in the commit in which money begins to go, whatever was known before it."""

from __future__ import annotations

from pos_terminal.core.refund import Kind
from pos_terminal.core.rules import typed
from pos_terminal.core.words import Failure
from pos_terminal.ports import Application
from pos_terminal.services.ledger.books import applications, sales
from pos_terminal.services.ledger.books.applications import serials
from pos_terminal.services.ledger.step import Step


def may_go(step: Step, application: Application) -> None:
    """Its balance covers it, and people have been asked about each sale that may be the same
    payment (R7), about the invoice (R69), and told of what tills say an exchange credit paid that
    they did not take (R37), and of pieces that were paid for and never came (R72): a till, or
    somebody else, may have said so since the rules were asked.

    Failures as ``sales.check_balance`` has them, ``ledger.perhaps_another``, ``.invoice_since``,
    ``.told_since``, ``.serial_back`` or ``.serial_paid``.
    """
    sales.check_balance(step.db, application)
    if application.sale_key is None:
        return
    _check_invoice(step, application, application.sale_key)
    _check_told(step, application, application.sale_key)
    _check_pieces(step, application, application.sale_key)
    place = (application.sale_key, application.leg)
    others = sales.perhaps_another(step.db, *place, step.home.zone)
    if others:
        asked = applications.asked_about(step.db, application.number)
        if not typed.thought_of(asked, others):
            raise Failure("ledger.perhaps_another", sale=others[-1].name)


def _check_invoice(step: Step, application: Application, sale_key: int) -> None:
    if application.invoice is not None or application.kind is Kind.EXCHANGE:
        return
    out = sales.has_invoice(step.db, sale_key)
    if out and not applications.is_for_holder(step.db, application.number):
        raise Failure("ledger.invoice_since")


def _check_told(step: Step, application: Application, sale_key: int) -> None:
    if application.kind is Kind.EXCHANGE:  # no money goes back
        return
    cases = sales.untaken(step.db, step.home, sale_key).cases
    if cases and not applications.told_of(step.db, application.number) >= set(cases):
        raise Failure("ledger.told_since")


def _check_pieces(step: Step, application: Application, sale_key: int) -> None:
    paid = serials.check(step.db, application.number, sale_key)
    told = applications.paid_told_of(step.db, application.number) if paid else None
    if told is not None and not told >= paid:
        raise Failure("ledger.serial_paid", number=min(paid - told))
