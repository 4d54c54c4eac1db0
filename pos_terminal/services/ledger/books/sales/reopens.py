"""What an exchange credit spent on the payments of one sale, and what of that goods of another that
were bought with it open again (R37); columns of a leg ``t``."""

from __future__ import annotations

from typing import Final

from pos_terminal.core.effect import Effect
from pos_terminal.core.refund import Kind
from pos_terminal.core.sale import SaleState, TenderKind

REOPENED: Final = """(SELECT coalesce(sum(o.amount), 0) FROM refunds r
    JOIN reopened o ON o.of_refund = r.refund_id
    WHERE r.sale_key = t.sale_key AND r.leg = t.leg)"""
RETURNED: Final = f"""(SELECT coalesce(sum(o.free), 0) FROM refunds r
    JOIN outcomes o ON o.refund_id = r.refund_id AND o.effect = '{Effect.RETURNED}'
    WHERE r.sale_key = t.sale_key AND r.leg = t.leg)"""
"""What was given back of it, came back from the account, and is free again (R50)."""
REOPENS: Final = f"""iif(t.kind = '{TenderKind.EXCHANGE}' AND t.exchange_no != '', max(0,
    (SELECT coalesce(min(sum(l.done - (SELECT coalesce(sum(o.amount), 0) FROM reopened o
        WHERE o.of_refund = l.refund_id)), max(c.taken) - (SELECT sum(x.done + x.held)
        FROM tenders x WHERE x.exchange_no = t.exchange_no AND x.exchange_no != '')), 0)
    FROM exchange_credits c JOIN refunds f ON f.refund_id = c.refund_id
    JOIN sales s ON s.sale_key = f.sale_key JOIN applications a ON a.number = f.application
    JOIN applications b ON b.ticket = a.ticket
    JOIN refunds l ON l.application = b.number AND l.kind = '{Kind.EXCHANGE_CREDIT}'
    WHERE c.number = t.exchange_no AND f.sale_key != t.sale_key
        AND s.state = '{SaleState.APPROVED}' AND NOT s.locked)
    - (SELECT coalesce(sum(x.amount - x.done - x.held), 0) FROM tenders x
        WHERE x.sale_key = t.sale_key AND x.leg < t.leg AND x.exchange_no = t.exchange_no)), 0)"""
"""What went back otherwise of what it paid, of any sale, is not open again. Legs of one credit
share it in their order."""
