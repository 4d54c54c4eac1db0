"""What must hold on both ledgers and on paper, whatever happened (``docs/simulation.md``)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from fractions import Fraction
from typing import Any, Final

from hw_sim.bench.sample_sales import SampleSale
from hw_sim.proofs.simulation.site import Site
from pos_terminal.core.case import CaseKind, CaseState
from pos_terminal.core.cause import LEFT_TO_PEOPLE
from pos_terminal.core.items import Item
from pos_terminal.core.refund import HOLDING, OPEN, SPENT, Kind, Refund, State
from pos_terminal.core.words import Failure
from pos_terminal.ports import JobState, PrintJob
from pos_terminal.services.process.trusted_clock import ASK_AFTER
from pos_terminal.services.proof.verify import verify_store
from pos_terminal.wire.iso8583.message import Message
from pos_terminal.wire.receipt.head import Copy
from pos_terminal.wire.receipt.kinds.credit import StoreCredit

_ROUNDED: Final = Fraction(3, 2)
"""Minor units: a line's share of its sale, and its part of what came back."""
MOST_REFUNDS: Final = 10_000
_UNPAID: Final = frozenset({State.NOT_SENT, State.DECLINED, State.REVERSED})
_PAID: Final = frozenset({State.ACCEPTED, State.OVERPAID})
_PERHAPS: Final = HOLDING | {State.GIVEN_UP}
"""What the acquirer may have paid without our knowing."""
_PRINTED: Final = frozenset({JobState.CONFIRMED, JobState.DROPPED})
_REPEATABLE: Final = (2, 3, 4, 11, 37, 41, 42, 60, 61)

_AHEAD: Final = ASK_AFTER + timedelta(hours=2)
"""Believed without a question where no NTP keeps the clock, and what the wall clock may jump."""
_BEHIND: Final = timedelta(hours=-4)
"""A wall clock that NTP is said to keep jumps back so far, in a ledger that is as young."""
Key = tuple[str, str]
"""Batch and STAN: what terminal and acquirer know a message by."""


def violations(site: Site, *, lied: bool = False) -> list[str]:
    """Everything that does not hold, once faults are healed and time has passed.

    ``lied``: the acquirer's answers were not what it did, and its file has been taken in.
    """
    refunds = list(site.ledger.refunds.recent(MOST_REFUNDS))
    return [
        *money(site, lied=lied),
        *_papers(site, refunds),
        *_drawer(site),
        *_vouchers(site, refunds),
        *_cash_limit(site, refunds),
        *_messages(site),
        *_dates(site),
        *_no_card_number(site),
        *(f"the terminal stumbled: {crash}" for crash in site.crashes),
        *site.objections,
        *site.terminal.objections,
    ]


def _dates(site: Site) -> Iterator[str]:
    """R70: whatever clocks say, nothing is sealed under a date that is not today's."""
    for off in site.sealed_off:
        if not _BEHIND <= off <= _AHEAD:
            yield f"a refund was sealed on a clock that was {off} off"


def money(site: Site, *, lied: bool = False) -> list[str]:
    """What does not hold of the two ledgers alone, whatever lies on the counter."""
    refunds = list(site.ledger.refunds.recent(MOST_REFUNDS))
    return [
        *_balances(site),
        *_goods(site),
        *_worth(site),
        *_paid_at_the_acquirer(site),
        *(() if lied else _right_payment(site)),
        *(in_cases(site, refunds) if lied else both_agree(site.acquirer.ledger(), refunds)),
        *_ended(site, refunds),
        *_one_credit(refunds),
        *one_open(refunds),
        *_chain(site),
    ]


def _balances(site: Site) -> Iterator[str]:
    """R11: done and held never exceed the leg, and are the sums of its refunds."""
    for sample in site.shop.sales:
        sale = site.ledger.sales.by_id(sample.sale_id)
        assert sale is not None  # it was imported
        refunds = site.ledger.refunds.of_sale(sale.key)
        for tender in sale.tenders:
            own = [one for one in refunds if one.leg == tender.leg]
            held = sum(one.amount for one in own if one.state in HOLDING)
            done = sum(one.done for one in own if one.state is not State.OVERPAID)
            done += sum(_counted(site, one) for one in own)
            if tender.held != held or tender.done != done:
                yield f"{sale.sale_id}: held {tender.held}, open refunds {held}"
            if tender.held + tender.done > tender.amount:
                yield f"{sale.sale_id}: {tender.held} + {tender.done} of {tender.amount}"


def _counted(site: Site, refund: Refund) -> int:
    """What of an overpayment was counted into its sale when its case was closed."""
    row = site.ledger.db.execute(
        "SELECT sum(counted) FROM closings JOIN cases USING (case_id) WHERE refund_id = ?",
        (refund.refund_id,),
    ).fetchone()
    return int(row[0] or 0)


def _goods(site: Site) -> Iterator[str]:
    """R11, R14: of each line, returned and held never exceed what was sold.

    They are the sums of what its refunds name.
    """
    for sample in site.shop.sales:
        sale = site.ledger.sales.by_id(sample.sale_id)
        assert sale is not None  # it was imported
        held: Counter[int] = Counter()
        returned: Counter[int] = Counter()
        for refund in site.ledger.refunds.of_sale(sale.key):
            for item in _named(site, refund):
                held[item.line] += item.quantity * (refund.state in HOLDING)
                returned[item.line] += item.quantity * (refund.state in SPENT)
        for line in sale.lines:
            about = f"{sale.sale_id}, line {line.line}: goods"
            if (line.held, line.returned) != (held[line.line], returned[line.line]):
                yield f"{about} held {line.held}, by its refunds {held[line.line]}"
            if line.held + line.returned > line.quantity:
                yield f"{about} {line.held} + {line.returned} of {line.quantity}"


def _worth(site: Site) -> Iterator[str]:
    """What goods brought, in whatever steps, is no more than what was paid for them.

    Counted from what the till said, with exact fractions, and not as the terminal counts.
    """
    for sample in site.shop.sales:
        sale = site.ledger.sales.by_id(sample.sale_id)
        assert sale is not None  # it was imported
        brought = 0
        back: Counter[int] = Counter()
        for refund in site.ledger.refunds.of_sale(sale.key):
            items = _named(site, refund) if refund.state in SPENT else ()
            brought += refund.done if items else 0
            for item in items:
                back[item.line] += item.quantity
        exact = exact_worths(sample)
        most = Fraction(0)
        for number, quantity in back.items():
            sold = 1_000 * sample.lines[number - 1].quantity
            most += exact[number] * Fraction(quantity, sold) + _ROUNDED
        if brought > most:
            yield f"{sale.sale_id}: goods brought {brought}, {float(most):.1f} was paid for them"


def exact_worths(sale: SampleSale) -> dict[int, Fraction]:
    """What was paid for each line, minor units, by its number."""
    told = any("paid" in line.told for line in sale.lines)
    found: dict[int, Fraction] = {}
    pools: dict[str, list[int]] = defaultdict(list)
    paid: dict[str, int] = defaultdict(int)
    for number, line in enumerate(sale.lines, 1):
        money = line.told.get("paid", 0) if told else line.listed
        pool = line.told.get("group") or str(number) if told else "all"
        if line.kind == "fee":
            found[number] = Fraction(money)
            continue
        paid[pool] += money
        if line.kind == "goods":
            pools[pool].append(number)
    left = sale.amount - sum(found.values())
    of_goods = sum(paid[pool] for pool in pools)
    for pool, numbers in pools.items():
        listed = {number: sale.lines[number - 1].listed for number in numbers}
        for number in numbers:
            part = Fraction(listed[number], sum(listed.values()))
            found[number] = left * Fraction(paid[pool], of_goods) * part
    return found


def _named(site: Site, refund: Refund) -> tuple[Item, ...]:
    application = site.ledger.applications.by_number(refund.application)
    assert application is not None  # every refund has one
    return application.items


def _paid_at_the_acquirer(site: Site) -> Iterator[str]:
    """Money paid ≤ sale, for each card leg."""
    for row in site.acquirer.ledger():
        if row["kind"] == "sale" and row["given_back"] > row["amount"]:
            yield f"sale {row['rrn']}: {row['given_back']} paid of {row['amount']}"


def _right_payment(site: Site) -> Iterator[str]:
    """Of each payment the acquirer gave back what the refunds of its leg say, and may be some of
    what is still open: never on another one, though the card or the amount is the same."""
    paid = {
        row["rrn"]: row["given_back"] for row in site.acquirer.ledger() if row["kind"] == "sale"
    }
    for sample in site.shop.sales:
        sale = site.ledger.sales.by_id(sample.sale_id)
        assert sale is not None  # it was imported
        refunds = site.ledger.refunds.of_sale(sale.key)
        for leg, tender in enumerate(sample.tenders, 1):
            if tender.card is None:
                continue
            own = [one for one in refunds if one.leg == leg]
            least = sum(one.done for one in own if one.state in _PAID)
            most = least + sum(one.amount for one in own if one.state in _PERHAPS)
            found = paid[sample.numbers(tender).rrn]
            if not least <= found <= most or found > tender.amount:
                yield (
                    f"{sample.sale_id}, leg {leg}: the acquirer gave back {found} of"
                    f" {tender.amount}, the refunds say {least} to {most}"
                )


def _paid_by_key(book: Iterable[Mapping[str, Any]]) -> dict[Key, list[int]]:
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
    paid = _paid_by_key(book)
    for refund in refunds:
        if refund.stan is None or refund.batch is None:
            continue
        theirs = paid.pop((refund.batch, refund.stan), [])
        about = f"refund {refund.refund_id} ({refund.kind} {refund.state})"
        if len(theirs) > 1:
            yield f"{about}: paid {len(theirs)} times"
        if refund.state in (State.ACCEPTED, State.OVERPAID) and sum(theirs) != refund.done:
            yield f"{about}: {refund.done} here, {sum(theirs)} at the acquirer"
        if refund.state in _UNPAID and theirs:
            yield f"{about}: the acquirer paid {sum(theirs)}"
    for key, amounts in paid.items():
        yield f"batch and trace {key}: the acquirer paid {amounts}, the terminal knows of nothing"


def paid_beside(site: Site) -> Iterator[str]:
    """What the acquirer says is what it does: no case of what it paid beside a refund."""
    for row in site.ledger.db.execute(_BESIDE):
        if row["kind"] != CaseKind.OVERPAYMENT:
            yield f"case {row['case_id']}: {row['over']} beside what an honest acquirer paid"


_BESIDE: Final = """SELECT case_id, kind, refund_id, over, coalesce(counted, 0) AS counted, state,
    facts ->> 'batch' AS batch, facts ->> 'stan' AS stan FROM cases
    LEFT JOIN closings USING (case_id) WHERE over > 0"""


def in_cases(site: Site, refunds: list[Refund]) -> Iterator[str]:
    """All that the acquirer paid is given back here, or stands in a case: request by request."""
    paid = _paid_by_key(site.acquirer.ledger())
    cases = site.ledger.db.execute(_BESIDE).fetchall()
    beside: Counter[int | None] = Counter()
    for case in cases:
        if case["kind"] != CaseKind.OVERPAYMENT:
            beside[case["refund_id"]] += case["over"]
    for refund in refunds:
        theirs = sum(paid.pop((refund.batch or "", refund.stan or ""), []))
        ours = refund.done + beside[refund.refund_id] if refund.stan else 0
        if theirs != ours and not left_to_people(site, refund):
            yield f"refund {refund.refund_id}: {ours} here with its cases, {theirs} paid"
    unknown = {(case["batch"], case["stan"]): case["over"] for case in cases if case["batch"]}
    if unknown != {key: sum(amounts) for key, amounts in paid.items()}:
        yield f"paid and unknown here: {dict(paid)}, in cases {unknown}"
    yield from _in_sales(site, refunds, cases)


def _in_sales(site: Site, refunds: list[Refund], cases: list[Any]) -> Iterator[str]:
    """What was counted in is no more than a case, less only where its leg had no more."""
    legs = {one.refund_id: (one.sale_key, one.leg) for one in refunds}
    for case in cases:
        if case["refund_id"] is None or case["state"] == CaseState.OPEN:
            continue
        sale_key, leg = legs[case["refund_id"]]
        sale = site.ledger.sales.by_key(sale_key)
        assert sale is not None  # its refund is there
        rest = sale.tender(leg).remaining
        if case["counted"] > case["over"] or (case["counted"] < case["over"] and rest):
            yield f"case {case['case_id']}: {case['counted']} of {case['over']}, {rest} are left"


def left_to_people(site: Site, refund: Refund) -> bool:
    """Whether only people or the acquirer's file can end it."""
    if refund.state not in OPEN:
        return False
    never = refund.kind is Kind.REFUND and site.setting.repeat == "never"
    return refund.state is not State.SEALED and (never or refund.cause in LEFT_TO_PEOPLE)


def _ended(site: Site, refunds: list[Refund]) -> Iterator[str]:
    """Every intent ends; what is left to people has its case, its hold and its certificate."""
    cases = {
        row["refund_id"]
        for row in site.ledger.db.execute("SELECT refund_id FROM cases WHERE state = 'open'")
    }
    for refund in refunds:
        if refund.state not in OPEN:
            continue
        if not left_to_people(site, refund):
            yield f"refund {refund.refund_id} ({refund.kind}) never ends: {refund.state}"
        elif refund.refund_id not in cases:
            yield f"refund {refund.refund_id} is left to people without a case"


def _one_credit(refunds: list[Refund]) -> Iterator[str]:
    """One net credit for each application; at most one of its refunds is not NOT_SENT."""
    worth: dict[int, list[Refund]] = defaultdict(list)
    for refund in refunds:
        if refund.state is not State.NOT_SENT:
            worth[refund.application].append(refund)
    for application, own in worth.items():
        if len(own) > 1:
            yield f"application {application} has {len(own)} refunds"


def one_open(refunds: Iterable[Refund]) -> Iterator[str]:
    """R32: a refund without an outcome blocks its sale. Holds at every moment."""
    found = Counter(refund.sale_key for refund in refunds if refund.state in OPEN)
    for sale_key, number in found.items():
        if number > 1:
            yield f"sale {sale_key} has {number} open refunds"


def _papers(site: Site, refunds: list[Refund]) -> Iterator[str]:
    """Every ending has its slips; what counts as printed lies whole on the counter (R42)."""
    newest: dict[int, int] = {}
    for refund in refunds:
        newest[refund.application] = max(refund.refund_id, newest.get(refund.application, 0))
    whole = list(_whole_receipts(site))
    for refund in refunds:
        jobs = site.ledger.slips.of_refund(refund.refund_id)
        copies = {job.slip.copy for job in jobs if not job.duplicate}
        last = newest[refund.application] == refund.refund_id
        if copies != set(Copy) and last:
            yield f"refund {refund.refund_id} ({refund.state}) lacks a slip"
        yield from _printed(refund, jobs, whole)


def _printed(refund: Refund, jobs: Sequence[PrintJob], whole: list[str]) -> Iterator[str]:
    for job in jobs:
        if job.state not in _PRINTED:
            yield f"job {job.job_id} is {job.state}"
    confirmed = sum(job.state is JobState.CONFIRMED for job in jobs)
    if refund.stan is not None and confirmed > sum(refund.stan in text for text in whole):
        yield f"{confirmed} slips of refund {refund.refund_id} count as printed and are not there"


def _whole_receipts(site: Site) -> Iterator[str]:
    texts = site.parts.printer.texts()
    for text, receipt in zip(texts, site.parts.printer.printer.roll.all(), strict=True):
        if receipt.complete:
            yield text


def _drawer(site: Site) -> Iterator[str]:
    """The drawer was never opened without a durable entry before it (R36)."""
    allowed = sum(row["drawer"] for row in site.ledger.db.execute("SELECT drawer FROM refunds"))
    for row in site.ledger.db.execute(
        "SELECT refund_id FROM refunds WHERE kind != 'cash' AND drawer"
    ):
        yield f"the drawer was opened for refund {row['refund_id']}, which is no cash"
    if site.parts.drawer > allowed:
        yield f"the drawer was opened {site.parts.drawer} times, {allowed} are in the ledger"


def _vouchers(site: Site, refunds: list[Refund]) -> Iterator[str]:
    """R36, R37: one voucher for each refund as store credit, on paper, never above its worth."""
    issued = {one.refund_id: one for one in refunds if one.kind is Kind.CREDIT}
    kept = {row["refund_id"]: row for row in site.ledger.db.execute("SELECT * FROM vouchers")}
    if issued.keys() != kept.keys():
        yield f"vouchers {sorted(kept)} for refunds {sorted(issued)}"
    taken = dict(
        site.ledger.db.execute("SELECT number, sum(amount) FROM redemptions GROUP BY number")
    )
    for refund_id, row in kept.items():
        refund = issued.get(refund_id)
        if refund is not None and row["amount"] != refund.done:
            yield f"refund {refund_id}: {refund.done}, its voucher {row['amount']}"
        if not taken.get(row["number"], 0) == row["redeemed"] <= row["amount"]:
            yield f"voucher of refund {refund_id}: {row['redeemed']} of {row['amount']} taken"
        slips = [job.slip for job in site.ledger.slips.of_refund(refund_id)]
        bodies = [slip.body for slip in slips if slip.copy is Copy.CUSTOMER]
        vouchers = [body.voucher if isinstance(body, StoreCredit) else "" for body in bodies]
        if set(vouchers) != {row["number"]}:
            yield f"voucher of refund {refund_id} is not what its slips say"


def _cash_limit(site: Site, refunds: list[Refund]) -> Iterator[str]:
    """R36: of no sale more goes back in notes than the shop's limit."""
    limit = site.setting.rules.get("cash_limit", {}).get("limit", 0)
    notes: dict[int, int] = defaultdict(int)
    for refund in refunds:
        if refund.kind is Kind.CASH:
            notes[refund.sale_key] += refund.done
    for sale_key, amount in notes.items():
        if limit and amount > limit:
            yield f"sale {sale_key}: {amount} in notes, the limit is {limit}"


def _messages(site: Site) -> Iterator[str]:
    """A STAN names one message in its batch; a refund is never reversed."""
    seen: dict[tuple[str, Key], dict[int, Any]] = {}
    refunds: set[Key] = set()
    for named, key, fields in asked(site):
        content = {number: fields.get(number) for number in _REPEATABLE}
        function = "reversal" if named == "reversal" else "request"
        if seen.setdefault((function, key), content) != content:
            yield f"batch and trace {key} were used for two messages"
        if named == "refund":
            refunds.add(key)
        elif function == "reversal" and key in refunds:
            yield f"the refund {key} was reversed"


def asked(site: Site) -> Iterator[tuple[str, Key, dict[int, str]]]:
    """Each message of money that reached the acquirer: its function, key and fields."""
    for entry in site.acquirer.log.entries():
        if entry["direction"] == "in" and entry.get("function") in _MONEY:
            fields = {int(number): text for number, text in entry["fields"].items()}
            batch = site.profile.parts_60(Message(entry["mti"], fields)).get("batch", "")
            yield entry["function"], (batch, fields[11]), fields


_MONEY: Final = ("refund", "void", "reversal")


def _chain(site: Site) -> Iterator[str]:
    """The audit chain is whole, and every table is as it says."""
    try:
        verify_store(site.ledger)
    except Failure as failure:
        yield f"the ledger is not whole: {failure}"


def _no_card_number(site: Site) -> Iterator[str]:
    """R54: no full number in any file, neither as digits nor packed."""
    numbers = {
        tender.card.pan for sale in site.shop.sales for tender in sale.tenders if tender.card
    }
    shapes = {number.encode() for number in numbers}
    shapes |= {bytes.fromhex(number + "F" * (len(number) % 2)) for number in numbers}
    for path in site.terminal.config.data_dir.rglob("*"):
        data = path.read_bytes() if path.is_file() else b""
        if any(shape in data for shape in shapes):
            yield f"a card number lies in {path.name}"
