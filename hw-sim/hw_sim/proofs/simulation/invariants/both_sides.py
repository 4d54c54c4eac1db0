"""What the acquirer paid, and what the terminal knows of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from hw_sim.proofs.simulation.invariants.balances import Sold
from hw_sim.proofs.simulation.site import Site
from pos_terminal.core.refund import HOLDING, Kind, Refund, State

_UNPAID: Final = frozenset({State.NOT_SENT, State.DECLINED, State.REVERSED})
_PAID: Final = frozenset({State.ACCEPTED, State.OVERPAID, State.RETURNED})
_ASKED: Final = (Kind.REFUND, Kind.VOID)
"""What is asked of it on the line."""
_PERHAPS: Final = HOLDING | {State.GIVEN_UP}
"""What the acquirer may have paid without our knowing."""
Key = tuple[str, str]
"""Batch and STAN: what terminal and acquirer know a message by."""


def within_the_payment(site: Site) -> Iterator[str]:
    """Money paid ≤ payment, for each card leg: of its newest total, or what was given back when the
    acquirer heard of that. Both sides are told the same totals."""
    then = {row["rrn"]: row for row in sorted(site.acquirer.book.adjustments(), key=_moment)}
    for row in site.acquirer.ledger():
        if row["kind"] == "sale":
            known = then.get(row["rrn"], {"given_back": 0})
            if row["given_back"] > max(row["amount"], known["given_back"]):
                yield f"sale {row['rrn']}: {row['given_back']} paid of {row['amount']}"


def _moment(row: Mapping[str, Any]) -> str:
    return str(row["at"])


def right_payment(site: Site, sales: Iterable[Sold]) -> Iterator[str]:
    """Of each payment the acquirer gave back what the refunds of its leg say, and may be some of
    what is still open: never on another one, though the card or the amount is the same."""
    paid = {
        row["rrn"]: row["given_back"] for row in site.acquirer.ledger() if row["kind"] == "sale"
    }
    for sample, _, refunds in sales:
        for leg, tender in enumerate(sample.tenders, 1):
            if tender.card is None:
                continue
            own = [one for one in refunds if one.leg == leg and one.kind in _ASKED]
            least = sum(one.done for one in own if one.state in _PAID)
            most = least + sum(one.amount for one in own if one.state in _PERHAPS)
            found = paid[sample.numbers(tender).rrn]
            if not least <= found <= most:
                yield (
                    f"{sample.sale_id}, leg {leg}: the acquirer gave back {found} of"
                    f" {tender.amount}, the refunds say {least} to {most}"
                )


def paid_by_key(book: Iterable[Mapping[str, Any]]) -> dict[Key, list[int]]:
    """What the acquirer paid, and has not taken back, for each message."""
    paid: dict[Key, list[int]] = defaultdict(list)
    for row in book:
        if row["kind"] in ("refund", "void") and row["paid"]:
            paid[row["batch"], row["stan"]].append(row["paid"])
    return paid


def both_agree(book: Iterable[Mapping[str, Any]], refunds: Iterable[Refund]) -> Iterator[str]:
    """Each final refund is worth the same on both sides; nothing was paid without one.

    ``book`` is the acquirer's ledger. Holds at every moment, also while refunds are open.
    """
    paid = paid_by_key(book)
    for refund in refunds:
        if refund.stan is None or refund.batch is None:
            continue
        theirs = paid.pop((refund.batch, refund.stan), [])
        about = f"refund {refund.refund_id} ({refund.kind} {refund.state})"
        if len(theirs) > 1:
            yield f"{about}: paid {len(theirs)} times"
        if refund.state in _PAID and sum(theirs) != refund.done:
            yield f"{about}: {refund.done} here, {sum(theirs)} at the acquirer"
        if refund.state in _UNPAID and theirs:
            yield f"{about}: the acquirer paid {sum(theirs)}"
    for key, amounts in paid.items():
        yield f"batch and trace {key}: the acquirer paid {amounts}, the terminal knows of nothing"
