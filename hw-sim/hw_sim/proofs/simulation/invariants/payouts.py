"""What was paid beside sales: by whom, how much, and how often the drawer was opened for it (R47a).

Read off the tables and the log; the shop's own ceilings are what the day drew.
"""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Final

from hw_sim.bench import identity
from hw_sim.proofs.simulation.site import Site
from pos_terminal.core import receipt_code
from pos_terminal.core.payout import PayoutKind, PayoutState
from pos_terminal.core.people import Role

_HOME: Final = (identity.MERCHANT_ID, identity.TERMINAL_ID)

_VOUCHERS: Final = "SELECT amount FROM vouchers WHERE payout_id = ? ORDER BY amount DESC"


def payouts(site: Site) -> Iterator[str]:
    """Never above a ceiling, never over the line, never by fewer than three people."""
    rows = site.ledger.db.execute("SELECT * FROM payouts ORDER BY payout_id").fetchall()
    limits = site.setting.policy.get("payouts", {"per_case": 0, "per_day": 0})
    of_case: Counter[int] = Counter()
    of_day: Counter[str] = Counter()
    for row in rows:
        of_case[row["case_id"]] += row["amount"]
        of_day[row["at"][:10]] += row["amount"]
        yield from _of_three(site, row)
        yield from _on_paper(site, row)
    for sums, most in ((of_case, "per_case"), (of_day, "per_day")):
        for what, paid in sums.items():
            if paid > limits[most]:
                yield f"{paid} paid out of {most} {what}, the ceiling is {limits[most]}"
    yield from _drawer(site, rows)


def opened_for_payouts(site: Site) -> int:
    """How often the log says that the drawer was opened for one."""
    sql = "SELECT count(*) FROM audit WHERE kind = 'payout_drawer'"
    return int(site.ledger.db.execute(sql).fetchone()[0])


def _of_three(site: Site, row: sqlite3.Row) -> Iterator[str]:
    supervisors = {one.number for one in site.shop.staff if one.role == Role.SUPERVISOR}
    second = {row["first"], row["second"]} - {row["operator"]}
    if len(second) != 2 or not second <= supervisors:
        yield f"payout {row['payout_id']} was approved by {row['first']} and {row['second']}"


def _on_paper(site: Site, row: sqlite3.Row) -> Iterator[str]:
    """Its slips say what it is; it has both copies, and no second set but by a reprint. As store
    credit the merchant's has its code, for each number that the voucher had."""
    number, code = row["payout_id"], receipt_code.remedy_code(*_HOME, row["payout_id"])
    slips = site.ledger.slips.of_case(row["case_id"])
    own = [job for job in slips if job.slip.head.barcode == code and not job.duplicate]
    if row["kind"] == PayoutKind.CREDIT:
        worth = [amount for (amount,) in site.ledger.db.execute(_VOUCHERS, (number,))]
        if [job.slip.head.amount for job in own] != worth:
            yield f"payout {number}: its slips are not of {worth}"
        return
    if len({job.slip.copy for job in own}) != 2 or len(own) != 2:
        yield f"payout {number} has {len(own)} slips"
    if any(job.slip.head.amount != row["amount"] for job in own):
        yield f"payout {number} is of another amount on its slips"


def _drawer(site: Site, rows: list[sqlite3.Row]) -> Iterator[str]:
    """Once by itself, then only with a supervisor each time; never but for cash."""
    cash = {row["payout_id"] for row in rows if row["kind"] == PayoutKind.CASH}
    log: dict[str, Counter[int]] = defaultdict(Counter)
    for kind, number in site.ledger.db.execute(
        """SELECT kind, facts ->> 'payout' FROM audit
        WHERE kind IN ('payout_drawer', 'payout_again')"""
    ):
        log[kind][int(number)] += 1
    for number, times in log["payout_drawer"].items():
        if number not in cash:
            yield f"the drawer was opened for payout {number}, which is no cash"
        if times > 1 + log["payout_again"][number]:
            yield f"the drawer was opened {times} times for payout {number}"
    for row in rows:
        lying = row["state"] == PayoutState.TO_HAND_OVER
        if row["payout_id"] in cash and not lying and not log["payout_drawer"][row["payout_id"]]:
            yield f"payout {row['payout_id']} was handed over, and no drawer opened"
