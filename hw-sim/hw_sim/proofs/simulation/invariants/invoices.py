"""What became of the invoices of sales that went back is what clerks said (R69)."""

from __future__ import annotations

from collections.abc import Iterator
from sqlite3 import Row
from typing import Final

from hw_sim.proofs.simulation.invariants.credits import later
from hw_sim.proofs.simulation.invoice_book import Said
from hw_sim.proofs.simulation.site import Site
from pos_terminal.core.invoice import InvoiceBack
from pos_terminal.core.refund import Kind

_ROWS: Final = """SELECT a.number, a.ticket, a.kind, a.invoice, a.invoice_no, s.sale_id,
    s.invoice_no AS of_sale, (SELECT refund_id FROM refunds r
        WHERE r.application = a.number) AS begun,
    (SELECT count(*) FROM approvals p WHERE p.application = a.number) AS approvals,
    NOT EXISTS (SELECT 1 FROM applications e WHERE e.ticket = a.ticket
        AND e.sale_key = a.sale_key AND e.number < a.number) AS first,
    EXISTS (SELECT 1 FROM decisions d WHERE d.application = a.number
        AND d.facts ->> 'rule' = 'gift' AND d.facts ->> 'answer' = 'allow') AS to_holder,
    coalesce((SELECT min(c.number) FROM reopened o JOIN refunds b USING (refund_id)
        JOIN applications x ON x.number = b.application
        JOIN refunds f ON f.refund_id = o.of_refund JOIN applications c ON c.number = f.application
        WHERE x.ticket = a.ticket AND x.sale_key != a.sale_key AND f.sale_key = a.sale_key
        AND a.opened_at >= b.sealed_at AND c.invoice IS NOT NULL), a.number) AS asked
    FROM applications a JOIN sales s USING (sale_key) ORDER BY a.number"""
"""``asked``: at this application, or where goods that an exchange credit paid for opened it, at the
credit's: nobody is asked twice. Goods of the first sale that came in the same visit are asked for
before anything is opened."""


def invoices(site: Site) -> Iterator[str]:
    """Nothing of a sale with one goes back unasked, but to a gift's holder, or for other goods; and
    where it stays out a supervisor said so. Nobody is asked of a sale without one."""
    book = site.invoices
    since = dict(book.surely)
    since |= {one.sample.sale_id: -1 for one, _ in later(site) if one.has_invoice}
    told = {*book.told, *since}
    for row in site.ledger.db.execute(_ROWS):
        about = f"application {row['number']}"
        answer, number = row["invoice"], row["invoice_no"]
        unasked = row["to_holder"] or row["kind"] == Kind.EXCHANGE
        if answer is not None and (unasked or row["sale_id"] not in told):
            yield f"{about}: an invoice that nobody told of was answered {answer}"
        if row["begun"] and answer is None and not unasked and _knew(row, since):
            yield f"{about}: nobody was asked what became of its invoice"
        if row["begun"] and answer == "neither" and not row["approvals"]:
            yield f"{about}: nobody approved that an invoice stays out"
        if (answer == "red_letter") is not (number != ""):
            yield f"{about}: {answer}, and a red-letter invoice with the number {number!r}"
        said = _said(row, book.said)
        if answer is not None and row["first"] and said not in (None, _back(row)):
            yield f"{about}: somebody said {said} of its invoice, and it has {answer} {number}"


def _knew(row: Row, since: dict[str, int]) -> bool:
    """When its money began to go."""
    heard = since.get(row["sale_id"])
    return heard is not None and row["begun"] > heard


def _said(row: Row, said: list[Said]) -> InvoiceBack | None:
    """What somebody last said of this sale's before it was opened; None where that is in doubt, or
    its till told no number of it."""
    for one in reversed(said):
        if one.since < row["asked"] and (one.back is None or one.of == row["of_sale"] != ""):
            return one.back
    return None


def _back(row: Row) -> InvoiceBack | None:
    return InvoiceBack.stored(row["invoice"], row["invoice_no"])
