"""Forms: each is what the paper and people say, and of no payment more is back than was paid."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

from hw_sim.proofs.simulation.form import Fate, Form, Said
from hw_sim.proofs.simulation.invariants.balances import Sold
from hw_sim.proofs.simulation.invariants.opened import opened
from hw_sim.proofs.simulation.site import Site
from pos_terminal.core.print_job import JobState
from pos_terminal.core.refund import PAID, Kind, Refund, State

Place = tuple[int, int]
"""The ledger's key of a sale, and the leg."""
_FINDINGS: Final = """SELECT refund_id, f.paid, f.operator, first, second, second_at
    FROM findings f JOIN refunds r USING (refund_id) WHERE r.kind = 'manual'"""
_CASES: Final = """SELECT refund_id, sale_key, over, state = 'open' AS open FROM cases
    WHERE kind = 'overpayment' AND refund_id NOT NULL"""
_SEALED: Final = """SELECT seq, kind, facts FROM audit
    WHERE kind IN ('refund', 'case', 'closing') ORDER BY seq"""
_HERE: Final = (Kind.CASH, Kind.CREDIT, Kind.POINTS, Kind.EXCHANGE_CREDIT)
"""What the customer has without anybody else; of an exchange credit what the till took, less
what of it goods that it paid for open again."""
_SAID: Final = {
    State.CONFIRMED: Said.PAID,
    State.WITHDRAWN: Said.WITHDRAWN,
    State.OVERPAID: Said.PAID_LATE,
}


def forms(
    site: Site, sales: Iterable[Sold], refunds: Iterable[Refund], *, lied: bool
) -> Iterator[str]:
    """R38. Whoever has no book of what is paid elsewhere has none of it looked at."""
    if site.forms is None:
        return
    own = [one for one in refunds if one.kind is Kind.MANUAL]
    yield from _as_people_say(site, own, site.forms)
    yield from _by_two(site, own)
    yield from _late(site, own)
    yield from () if lied else _no_more_than_paid(site, sales, site.forms)


def _as_people_say(site: Site, own: Iterable[Refund], known: Mapping[int, Form]) -> Iterator[str]:
    listed = {one.application for one in site.ledger.manual.open_ones()}
    for refund in own:
        about = f"form {refund.application} ({refund.state})"
        if (refund.state is State.FORM_PRINTED) != (refund.application in listed):
            yield f"{about}: the list of open forms has {sorted(listed)}"
        form = known.get(refund.application)
        if form is None:
            if refund.state is not State.FORM_PRINTED or not _said_to_be_there(site, refund):
                yield f"{about} lies on no counter"
            continue
        if refund.amount != form.amount:
            yield f"{about}: {refund.amount} here, {form.amount} on the paper"
        if (said := _SAID.get(refund.state)) is not None and said not in form.said:
            yield f"{about}: nobody said so"
        if refund.state in PAID and not (form.paid and refund.done == form.amount):
            yield f"{about}: {refund.done} here, {form.amount * form.paid} paid elsewhere"
        if form.paid and form.fate is Fate.LATE and Said.WITHDRAWN not in form.said:
            yield f"{about}: let go before anybody withdrew it"


def _said_to_be_there(site: Site, refund: Refund) -> bool:
    """Whether somebody, asked about its copies, said that they had come out: nobody has it then
    until it is printed again, and nobody pays by it."""
    jobs = site.ledger.slips.of_refund(refund.refund_id)
    return bool(jobs) and all(job.state is JobState.DROPPED for job in jobs)


def _by_two(site: Site, own: Iterable[Refund]) -> Iterator[str]:
    """Two people withdraw, none of them who asked, and a card's after the acquirer's cut-off."""
    of = {one.refund_id: one for one in own}
    for row in site.ledger.db.execute(_FINDINGS):
        refund = of[row["refund_id"]]
        about = f"form {refund.application}"
        if len({row["first"], row["second"]} - {row["operator"], refund.operator}) < 2:
            yield f"{about} was ended by {row['first']} and {row['second']}"
        sale = site.ledger.sales.by_key(refund.sale_key)
        if row["paid"] or sale is None or sale.tender(refund.leg).kind != "card":
            continue
        ended = datetime.fromisoformat(row["second_at"])
        if ended < (over := cut_off(site, refund.sealed_at)):
            yield f"{about} was withdrawn at {ended}, the acquirer's day ends at {over}"


def cut_off(site: Site, sealed_at: datetime) -> datetime:
    """The first one behind a moment, on the clock of a shop where it never changes."""
    hour, minute = map(int, site.profile.cut_off.split(":"))
    there = sealed_at.astimezone(site.time.now().tzinfo)
    over = there.replace(hour=hour, minute=minute, second=0, microsecond=0)
    return over if there < over else over + timedelta(days=1)


def _late(site: Site, own: Iterable[Refund]) -> Iterator[str]:
    """What is paid after it was withdrawn has its case, and until that is closed nothing goes."""
    cases = {row["refund_id"]: row for row in site.ledger.db.execute(_CASES)}
    for refund in own:
        if refund.state is not State.OVERPAID:
            continue
        about = f"form {refund.application} was paid late"
        case = cases.get(refund.refund_id)
        sale = site.ledger.sales.by_key(refund.sale_key)
        if case is None or case["over"] != refund.done:
            yield f"{about} without a case of {refund.done}"
        elif case["open"] and sale is not None and not sale.locked:
            yield f"{about}, and its sale is not locked"
    yield from _begun_while_locked(site, {one.refund_id for one in own})


def _begun_while_locked(site: Site, own: set[int]) -> Iterator[str]:
    """By the log: no refund of a sale whose form was paid late, before people closed the case."""
    locked: dict[int, int] = {}
    begun: set[int] = set()
    for _, kind, text in site.ledger.db.execute(_SEALED):
        facts = json.loads(text)
        match kind:
            case "refund" if facts["refund"] not in begun:
                begun.add(facts["refund"])
                if facts["sale_key"] in locked.values():
                    yield f"refund {facts['refund']} was begun after a form was paid late"
            case "case" if facts["over"] and facts["refund"] in own:
                locked[facts["number"]] = facts["sale_key"]
            case "closing":
                locked.pop(facts["number"], None)


def _no_more_than_paid(
    site: Site, sales: Iterable[Sold], known: Mapping[int, Form]
) -> Iterator[str]:
    """Of each leg, all that the customer really has: the acquirer's book, forms, cash, credit and
    points; above the payment only by a form that was paid late, and then it stands in a case."""
    again = opened(site)
    theirs = {r["rrn"]: r["given_back"] for r in site.acquirer.ledger() if r["kind"] == "sale"}
    for sample, sale, refunds in sales:
        most = {leg: tender.amount for leg, tender in enumerate(sample.tenders, 1)}
        for one in site.adjustments:
            if one.sale == sample:
                most[one.leg] = max(most[one.leg], one.total)
        has: dict[int, int] = defaultdict(int)
        late: dict[int, int] = defaultdict(int)
        for refund in refunds:
            form = known.get(refund.application)
            if form is not None and form.paid:
                late[refund.leg] += form.amount * (refund.state is State.OVERPAID)
                late[refund.leg] += form.amount * (refund.state is State.WITHDRAWN)
                has[refund.leg] += form.amount
            elif refund.kind in _HERE:
                has[refund.leg] += refund.done - again.get(refund.refund_id, 0)
        for leg, tender in enumerate(sample.tenders, 1):
            if tender.card is not None:
                has[leg] += theirs[sample.numbers(tender).rrn]
            if has[leg] > most[leg] + late[leg]:
                yield (
                    f"{sale.sale_id}, leg {leg}: {has[leg]} went to the customer, {most[leg]}"
                    f" was paid, {late[leg]} of it by forms that were withdrawn"
                )
