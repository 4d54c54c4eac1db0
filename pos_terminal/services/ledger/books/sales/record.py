"""What stands for a sale in the log."""

from __future__ import annotations

from datetime import datetime, tzinfo
from functools import lru_cache
from typing import Final

from pos_terminal.core.local_time import local
from pos_terminal.core.sale import Sale
from pos_terminal.services.ledger.audit import keyed

RECORD: Final = """s.sale_key || ' ' || s.content || ' ' || s.told_state || ' ' || s.sold_on
    || (SELECT coalesce(group_concat(' ' || coalesce(t.paid_on, '-'), ''), '') FROM tenders t
    WHERE t.sale_key = s.sale_key)"""
"""SQL: what stands for the sale ``s`` in the log: its key, the digest of what was told, and what
that leaves out: whether it was confirmed, and the days that its moments had in the shop's zone. The
legs come in their order, which is that of their table."""


def record(sale: Sale, content: str, zone: tzinfo) -> str:
    """The same of one that is told by the feed."""
    paid = (None if leg.payment is None else leg.payment.paid_at for leg in sale.tenders)
    days = ("-" if at is None else day_of(at, zone) for at in paid)
    told = (str(sale.key), content, sale.state.value, day_of(sale.sold_at, zone), *days)
    return " ".join(told)


@lru_cache(1024)
def day_of(moment: datetime, zone: tzinfo) -> str:
    """The shop's day, ISO 8601. A sale that comes in asks for the same one half a dozen times."""
    return local(moment, zone).date().isoformat()


def mark(key: bytes, told: str) -> str:
    """Stands for the ``record`` of a sale that no import brought, under the key of the log."""
    return keyed(key, "sale", told)
