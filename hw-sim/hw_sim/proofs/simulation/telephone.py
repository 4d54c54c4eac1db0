"""The acquirer's desk on the telephone: what its book has of the request on the screen."""

from __future__ import annotations

import re
from typing import Final

from hw_sim.proofs.simulation.site import Site
from pos_terminal.core.refund import Kind, Refund

REFERENCE: Final = "20261120017"
_STAN: Final = re.compile(r"(?<!\d)\d{6}(?!\d)")


def paid(site: Site) -> int:
    """Minor units that were surely posted for it; 0 where it was not, or may be undone.

    A void is no matter for the telephone: its reversal may be on its way at this moment.
    """
    refund = _on_screen(site)
    if refund is None or refund.kind is not Kind.REFUND:
        return 0
    rows = site.acquirer.book.entries()
    key = (refund.batch, refund.stan)
    return sum(int(row["paid"]) for row in rows if (row["batch"], row["stan"]) == key)


def _on_screen(site: Site) -> Refund | None:
    shown = set(_STAN.findall(site.terminal.screen.text))
    told = (*site.ledger.refunds.open_ones(), *site.ledger.refunds.recently_given_up())
    found = [refund for refund in told if refund.stan in shown]
    return found[0] if len(found) == 1 else None
