"""Slips, drawer and vouchers: what people have in their hands."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

from hw_sim.proofs.simulation.invariants.payouts import opened_for_payouts
from hw_sim.proofs.simulation.site import Site
from pos_terminal.core.print_job import DONE
from pos_terminal.core.refund import Kind, Refund
from pos_terminal.core.voucher import VoucherState
from pos_terminal.ports import JobState, PrintJob, Upset
from pos_terminal.wire.receipt.head import Copy
from pos_terminal.wire.receipt.kinds.credit import StoreCredit

_PAID_OUT: Final = "SELECT payout_id, amount FROM payouts WHERE kind = 'credit'"


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
    """R36, R37, R47a: one living number for each refund and payout as store credit, on paper, none
    on two papers, and all its numbers together never above its worth."""
    printed = site.parts.printer.texts()
    issued = {f"refund {one.refund_id}": one.done for one in refunds if one.kind is Kind.CREDIT}
    issued |= {f"payout {number}": amount for number, amount in site.ledger.db.execute(_PAID_OUT)}
    kept: dict[str, list[sqlite3.Row]] = defaultdict(list)
    for row in site.ledger.db.execute("SELECT * FROM vouchers"):
        kept[_whose(row)].append(row)
    if issued.keys() != kept.keys():
        yield f"vouchers of {sorted(kept)}, issued were {sorted(issued)}"
    taken = dict(
        site.ledger.db.execute("SELECT number, sum(amount) FROM redemptions GROUP BY number")
    )
    for whose, rows in kept.items():
        dead = [row for row in rows if row["state"] == VoucherState.REPLACED]
        living = [row for row in rows if row["state"] != VoucherState.REPLACED]
        if len(living) != 1:
            yield f"{whose} has {len(living)} living numbers"
        worth = sum(row["redeemed"] for row in dead) + sum(row["amount"] for row in living)
        if worth != issued.get(whose, worth):
            yield f"{whose}: {issued[whose]}, its vouchers {worth}"
        if {row["replaces"] for row in rows} != {None, *(row["number"] for row in dead)}:
            yield f"the numbers of {whose} are no chain"
        for row in rows:
            if not taken.get(row["number"], 0) == row["redeemed"] <= row["amount"]:
                yield f"voucher of {whose}: {row['redeemed']} of {row['amount']} taken"
            if sum(row["number"] in text for text in printed) > 1:
                yield f"a number of {whose} is on two papers"
        bodies = [job.slip.body for job in _slips(site, rows[0]) if job.slip.copy is Copy.CUSTOMER]
        said = {body.voucher for body in bodies if isinstance(body, StoreCredit)}
        if said != {row["number"] for row in rows}:
            yield f"voucher of {whose} is not what its slips say"


def _whose(row: sqlite3.Row) -> str:
    refund, payout = row["refund_id"], row["payout_id"]
    return f"refund {refund}" if payout is None else f"payout {payout}"


def _slips(site: Site, row: sqlite3.Row) -> Sequence[PrintJob]:
    """Of its refund; of a payout those that say so among its case's."""
    slips = site.ledger.slips
    if row["payout_id"] is None:
        return slips.of_refund(row["refund_id"])
    payout = site.ledger.payouts.by_number(row["payout_id"])
    of_case = () if payout is None else slips.of_case(payout.case_id)
    number = str(row["payout_id"])
    return [
        job
        for job in of_case
        if isinstance(job.slip.body, StoreCredit) and job.slip.body.payout == number
    ]


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
