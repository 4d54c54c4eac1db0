"""Slips, drawer and vouchers: what people have in their hands."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Sequence

from hw_sim.proofs.simulation.invariants.payouts import opened_for_payouts
from hw_sim.proofs.simulation.site import Site
from pos_terminal.core.print_job import DONE
from pos_terminal.core.refund import Kind, Refund
from pos_terminal.core.voucher import VoucherState
from pos_terminal.ports import JobState, PrintJob, Upset
from pos_terminal.wire.receipt.head import Copy
from pos_terminal.wire.receipt.kinds.credit import StoreCredit


def papers(site: Site, refunds: list[Refund]) -> Iterator[str]:
    """Every ending has its slips; what counts as printed lies whole on the counter (R42)."""
    newest: dict[int, int] = {}
    for refund in refunds:
        newest[refund.application] = max(refund.refund_id, newest.get(refund.application, 0))
    whole = list(_whole_receipts(site))
    for refund in refunds:
        jobs = site.ledger.slips.of_refund(refund.refund_id)
        copies = {job.slip.copy for job in jobs if not job.duplicate}
        last = newest[refund.application] == refund.refund_id
        if copies != set(Copy) and last and not _of_another_leg(site, refund):
            yield f"refund {refund.refund_id} ({refund.state}) lacks a slip"
        yield from _printed(refund, jobs, whole)


def _of_another_leg(site: Site, refund: Refund) -> bool:
    """An exchange credit has one number, and its slips are those of its first payment."""
    credit = site.ledger.exchange_credits.of_refund(refund.refund_id)
    legs = () if credit is None else site.ledger.exchange_credits.legs(credit.ticket)
    return any(leg.refund_id < refund.refund_id for leg in legs)


def _printed(refund: Refund, jobs: Sequence[PrintJob], whole: list[str]) -> Iterator[str]:
    for job in jobs:
        if job.state not in DONE:
            yield f"job {job.job_id} is {job.state}"
    confirmed = sum(job.state is JobState.CONFIRMED for job in jobs)
    if refund.stan is not None and confirmed > sum(refund.stan in text for text in whole):
        yield f"{confirmed} slips of refund {refund.refund_id} count as printed and are not there"


def _whole_receipts(site: Site) -> Iterator[str]:
    texts = site.parts.printer.texts()
    for text, receipt in zip(texts, site.parts.printer.printer.roll.all(), strict=True):
        if receipt.complete:
            yield text


def questions(site: Site) -> Iterator[str]:
    """R42: asked is only about a slip to which something happened; by the log, since answered
    questions leave no trace elsewhere."""
    yield from site.parts.groundless
    rows = site.ledger.db.execute("SELECT facts FROM audit WHERE kind = 'job' AND facts NOT NULL")
    for facts in (json.loads(row["facts"]) for row in rows):
        upset = facts.get("upset")
        if facts["state"] == JobState.UNKNOWN and upset in (None, Upset.DEFECT):
            yield f"slip {facts['job']} is in doubt for {upset or 'no reason'}"


def drawer(site: Site) -> Iterator[str]:
    """The drawer was never opened without a durable entry before it (R36)."""
    allowed = sum(row["drawer"] for row in site.ledger.db.execute("SELECT drawer FROM refunds"))
    for row in site.ledger.db.execute(
        "SELECT refund_id FROM refunds WHERE kind != 'cash' AND drawer"
    ):
        yield f"the drawer was opened for refund {row['refund_id']}, which is no cash"
    allowed += opened_for_payouts(site)
    if site.parts.drawer > allowed:
        yield f"the drawer was opened {site.parts.drawer} times, {allowed} are in the ledger"


def vouchers(site: Site, refunds: list[Refund]) -> Iterator[str]:
    """R36, R37: one living number for each refund as store credit, on paper, none on two papers,
    and all its numbers together never above its worth."""
    printed = site.parts.printer.texts()
    issued = {one.refund_id: one for one in refunds if one.kind is Kind.CREDIT}
    kept: dict[int, list[sqlite3.Row]] = defaultdict(list)
    for row in site.ledger.db.execute("SELECT * FROM vouchers"):
        kept[row["refund_id"]].append(row)
    if issued.keys() != kept.keys():
        yield f"vouchers {sorted(kept)} for refunds {sorted(issued)}"
    taken = dict(
        site.ledger.db.execute("SELECT number, sum(amount) FROM redemptions GROUP BY number")
    )
    for refund_id, rows in kept.items():
        refund = issued.get(refund_id)
        dead = [row for row in rows if row["state"] == VoucherState.REPLACED]
        living = [row for row in rows if row["state"] != VoucherState.REPLACED]
        if len(living) != 1:
            yield f"refund {refund_id} has {len(living)} living numbers"
        worth = sum(row["redeemed"] for row in dead) + sum(row["amount"] for row in living)
        if refund is not None and worth != refund.done:
            yield f"refund {refund_id}: {refund.done}, its vouchers {worth}"
        if {row["replaces"] for row in rows} != {None, *(row["number"] for row in dead)}:
            yield f"the numbers of refund {refund_id} are no chain"
        for row in rows:
            if not taken.get(row["number"], 0) == row["redeemed"] <= row["amount"]:
                yield f"voucher of refund {refund_id}: {row['redeemed']} of {row['amount']} taken"
            if sum(row["number"] in text for text in printed) > 1:
                yield f"a number of refund {refund_id} is on two papers"
        slips = [job.slip for job in site.ledger.slips.of_refund(refund_id)]
        bodies = [slip.body for slip in slips if slip.copy is Copy.CUSTOMER]
        vouchers = [body.voucher if isinstance(body, StoreCredit) else "" for body in bodies]
        if set(vouchers) != {row["number"] for row in rows}:
            yield f"voucher of refund {refund_id} is not what its slips say"


def cash_limit(site: Site, refunds: list[Refund]) -> Iterator[str]:
    """R36: of no sale more goes back in notes than the shop's limit."""
    limit = site.setting.rules.get("cash_limit", {}).get("limit", 0)
    notes: dict[int, int] = defaultdict(int)
    for refund in refunds:
        if refund.kind is Kind.CASH:
            notes[refund.sale_key] += refund.done
    for sale_key, amount in notes.items():
        if limit and amount > limit:
            yield f"sale {sale_key}: {amount} in notes, the limit is {limit}"
