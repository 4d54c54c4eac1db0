"""What went out without a card: to the account of its own payment, with a supervisor's word."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from hw_sim.proofs.simulation.invariants.messages import asked
from hw_sim.proofs.simulation.site import Site
from pos_terminal.core.refund import CardMatch

_ABSENT: Final = f"""SELECT r.refund_id, r.application, r.batch, r.stan, r.kind, r.masked, t.rrn,
    t.auth_code, t.batch || t.trace || strftime('%m%d', substr(t.paid_at, 1, 10)) AS original,
    (SELECT count(*) FROM approvals p WHERE p.application = r.application
    AND p.rule = 'card_absent') AS agreed,
    (SELECT count(*) FROM decisions d WHERE d.application = r.application
    AND d.facts ->> 'code' = 'card_absent') AS told
    FROM refunds r JOIN tenders t USING (sale_key, leg)
    WHERE r.match = '{CardMatch.BY_REFERENCE}'"""  # noqa: S608 - our own words
_AFTER_OTHERS: Final = f"""SELECT r.refund_id FROM refunds r JOIN applications a
    ON a.sale_key = r.sale_key AND a.leg = r.leg AND a.number < r.application
    JOIN decisions d ON d.application = a.number AND d.facts ->> 'code' = 'wrong_card'
    WHERE r.match = '{CardMatch.BY_REFERENCE}'"""  # noqa: S608 - our own words
_OF_A_CARD: Final = frozenset({2, 14, 23, 35, 36, 45, 52, 55})


def card_absent(site: Site) -> Iterator[str]:
    """R29: only where the acquirer does it, never after nothing but other cards (R27); the message
    names its own payment and nothing of a card, and every other one names one."""
    absent = {(row["batch"], row["stan"]): row for row in site.ledger.db.execute(_ABSENT)}
    for row in absent.values():
        about = f"refund {row['refund_id']}"
        if not site.profile.by_reference or row["kind"] != "refund" or row["masked"]:
            yield f"{about} went without a card: {row['kind']}, {row['masked']}"
        if not row["told"] or not row["agreed"]:
            yield f"{about} went without a card, and nobody agreed to it"
    for row in site.ledger.db.execute(_AFTER_OTHERS):
        yield f"refund {row['refund_id']} went without a card after nothing but other cards"
    for function, key, fields in asked(site):
        about = f"{function} {key}"
        if key in absent:
            row = absent[key]
            named = (fields.get(37), fields.get(38), fields.get(61))
            if named != (row["rrn"], row["auth_code"], row["original"]):
                yield f"{about} named {named}"
            if _OF_A_CARD & set(fields) or fields.get(22) != "002":
                yield f"{about} named a card, and none was there"
        elif 2 not in fields:
            yield f"{about} named no card"
