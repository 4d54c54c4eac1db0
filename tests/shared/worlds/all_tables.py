"""A ledger with rows in every table, made in an instant by its own writes."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

from msgspec.structs import replace
from worlds.ledger import SHOP, TERMINAL, World
from worlds.outcome_files import lines
from worlds.purge import later, purge

from pos_terminal.config import Retention
from pos_terminal.core.blind import BroughtBack, NoReceipt, sale_of
from pos_terminal.core.case import CaseKind
from pos_terminal.core.case_end import CaseCause
from pos_terminal.core.case_step import NewStep, StepKind
from pos_terminal.core.cause import Cause
from pos_terminal.core.decision import Decision, Phase, allow
from pos_terminal.core.effect import Effect
from pos_terminal.core.evidence import EvidenceItem, EvidenceKind
from pos_terminal.core.exchange import GivenOut
from pos_terminal.core.home import Home
from pos_terminal.core.items import Item, name_items
from pos_terminal.core.looked import Disposition, Looked
from pos_terminal.core.payout import PayoutFor, PayoutKind, PayoutLimits
from pos_terminal.core.refund import Kind, Refund, State
from pos_terminal.core.said import Said
from pos_terminal.core.tenders import Basis, Exceptional
from pos_terminal.core.voucher import Voucher
from pos_terminal.ports import (
    Approval,
    Closing,
    Conclusion,
    Draft,
    Evidence,
    Finding,
    FormConfirmation,
    JobState,
    NewPayout,
    Taking,
    Upset,
)
from pos_terminal.ports.books.feed import Refused
from pos_terminal.ports.books.outcomes import Judged, OutcomeReport
from pos_terminal.ports.records import Clearing
from pos_terminal.wire.feed.lines import Format
from pos_terminal.wire.feed.outcomes import parse
from pos_terminal.wire.feed.problem import Problem
from pos_terminal.wire.receipt.kinds.credit import StoreCredit
from pos_terminal.wire.receipt.slip import Slip

CASH = {"tenders": [{"kind": "cash", "amount": 10_000}], "rrn": "", "trace": "", "batch": ""}
LATER = {"at": "2026-01-05T12:00:00+08:00"}


def fill(world: World) -> None:
    """All of it, by the ledger's own writes."""
    _sales(world)
    _by_card(world)
    _at_once(world)
    _elsewhere(world)
    _without_receipt(world)
    _cases(world)
    _acquirers_file(world)
    _around(world)


def people(world: World, *numbers: str, rule: str = Closing.RULE) -> tuple[Approval, ...]:
    return tuple(Approval(n, f"P{n}", world.clock.now(), 100, rule) for n in numbers)


def _old(world: World) -> None:
    """A sale that a purge takes away, so that there are purges."""
    world.sell("S0", trace="000001", sold_at="2025-01-05T09:00:00+08:00", batch="000009")


def _sales(world: World) -> None:
    _old(world)
    goods = [
        {"sku": "9", "name": "Tea", "quantity": "2", "unit_price": 3_000, "paid": 6_000}
        | {"barcodes": ["4006381333931"], "serials": ["A-1"], "category": "food"},
        {"sku": "8", "name": "Cup", "quantity": "1", "unit_price": 4_000, "paid": 4_000},
    ]
    world.sell("S1", lines=goods, gift_receipt_no="G-1")
    for number in range(2, 9):
        world.sell(f"S{number}", trace=f"{number:06d}")
    world.sell("C1", **CASH)
    world.sell("C2", **CASH)
    world.sell("U1", trace="000021", state="unconfirmed")
    world.sell("U2", trace="000022", state="unconfirmed")
    world.take_in(world.record("U2", trace="000022"))
    world.take_in(
        {"kind": "refunded_elsewhere", "reference": "HQ-1", "sale_id": "S8", "amount": 700}
        | {"lines": [{"line": 1, "quantity": "0.5"}]}
        | LATER,
        {"kind": "adjusted", "reference": "A-1", "sale_id": "S7", "leg": 1, "amount": 9_000}
        | LATER,
        {"kind": "sale_voided", "sale_id": "S6"} | LATER,
        {"kind": "batch_closed", "terminal_id": "99999999", "batch": "000004"} | LATER,
        {"kind": "refunded_elsewhere", "reference": "HQ-2", "sale_id": "LATER", "amount": 70}
        | LATER,
    )


def _decision(phase: Phase) -> Decision:
    return Decision(phase, (allow("balance", {"left": 1}),))


def _by_card(world: World) -> None:
    """Accepted, declined, a void on its way back, unknown, given up and then paid."""
    number = world.apply_for(
        5_500,
        "S1",
        note="a note",
        items=(Item(1, 1_000, 3_000, 3_000), Item(2, 1_000, 2_500, 4_000)),
        owed=1_500,
        decisions=(_decision(Phase.BEFORE_CARD),),
    ).number
    after = _decision(Phase.WITH_CARD)
    world.do(world.store.applications.add_decision(number, after, refused=False))
    world.do(world.store.applications.approve(number, people(world, "201", "202", rule="policy")))
    refund = world.seal_again(number, 5_500).refund
    world.clock.moment += timedelta(minutes=1)
    slips = (world.slip(),)
    world.conclude(refund.refund_id, State.ACCEPTED, 5_500, answer=world.answer(), slips=slips)
    world.refunded(1_000, State.DECLINED, sale_id="S2", cause=Cause.CARD_REFUSED, flagged=True)
    called = world.store.cleared.still_called(1)[0].refund_id
    first, second = people(world, "201", "202", rule=Clearing.RULE)
    world.do(world.store.cleared.clear(called, Clearing("ISSUER-7", "102", (first, second))))
    reversing = world.seal(10_000, "S3", Kind.VOID).refund.refund_id
    world.conclude(reversing, State.REVERSING, cause=Cause.NO_ANSWER, reversal=world.answer("96"))
    world.do(world.store.refunds.count_repeat(reversing))
    unknown = world.seal(2_000, "S4").refund.refund_id
    world.conclude(unknown, State.UNKNOWN, cause=Cause.NO_ANSWER, case=CaseKind.UNKNOWN_OUTCOME)
    late = world.seal(3_000, "S5").refund.refund_id
    world.conclude(late, State.UNKNOWN, case=CaseKind.UNKNOWN_OUTCOME)
    first, second = people(world, "201", "202", rule=Finding.RULE)
    finding = Finding(0, "REF-1", "102", (first, second))
    world.clock.moment += timedelta(minutes=1)
    world.conclude(late, State.GIVEN_UP, finding=finding)
    world.conclude(late, State.OVERPAID, 3_000, answer=world.answer(), case=CaseKind.OVERPAYMENT)


def _at_once(world: World) -> None:
    """Cash that was handed over, and a voucher that was taken in part."""
    number = world.apply_for(1_000, "C1", kind=Kind.CASH).number
    cash = world.do(world.store.commit_cash(number, (world.slip(),)))
    world.do(world.store.refunds.drawer_opened(cash.refund_id, "101"))
    world.do(world.store.refunds.handed_over(cash.refund_id, "101"))

    def slips(refund: Refund, voucher: Voucher) -> list[Slip]:
        return [world.slip(body=StoreCredit(voucher.number), amount=refund.done)]

    number = world.apply_for(5_000, "C2", kind=Kind.CREDIT).number
    credit = world.do(world.store.issue_credit(number, slips))
    voucher = world.store.vouchers.of_refund(credit.refund_id)
    assert voucher is not None
    world.clock.moment += timedelta(minutes=1)
    world.do(world.store.vouchers.redeem(Taking(voucher.number, 1_000, request="T1")))
    by_hand = Taking(voucher.number, 500, operator="101", supervisor="201")
    world.do(world.store.vouchers.redeem(by_hand))
    for job in world.store.slips.of_refund(credit.refund_id):
        world.do(world.store.slips.sending(job.job_id))
        world.do(world.store.slips.done({job.job_id: JobState.CONFIRMED}))
    new_paper = partial(slips, credit)
    world.do(world.store.replace_voucher(voucher.number, "101", "201", new_paper))
    by_voucher = [{"kind": "voucher", "amount": 2_000, "voucher_no": voucher.number}]
    world.sell("V1", **CASH | {"tenders": by_voucher, "amount": 2_000})
    number = world.apply_for(500, "V1", kind=Kind.CREDIT).number
    world.do(world.store.issue_credit(number, slips))
    by_points = [{"kind": "points", "amount": 2_000}]
    world.sell("P1", **CASH | {"tenders": by_points, "amount": 2_000})
    number = world.apply_for(500, "P1", kind=Kind.POINTS).number
    world.do(world.store.book_points(number, (world.slip(),)))
    cup = {"sku": "E-1", "name": "Cup", "quantity": 1, "unit_price": 500}
    world.sell("E1", amount=500, lines=[cup])
    back = (Item(1, 1_000, 500, 500, Looked("4", "1", Disposition.RESTOCK)),)
    number = world.apply_for(500, "E1", kind=Kind.EXCHANGE, items=back).number
    out = [GivenOut(1, 1_000, "E-1", "E-1", "Cup")]
    world.do(world.store.exchange(number, out, (world.slip(),)))
    _exchange_credit(world)
    for number in (1, 2):
        world.do(world.store.slips.sending(number))
    world.do(world.store.slips.done({1: JobState.CONFIRMED}))
    world.do(world.store.slips.unknown(2, Upset.HANG_UP))
    world.do(world.store.slips.reprint(1, "101"))


def _exchange_credit(world: World) -> None:
    """On two legs, of which the till took the first and a part of the other."""
    cup = {"sku": "E-2", "name": "Cup", "quantity": 1, "unit_price": 900}
    legs = [{"kind": "points", "amount": 500}, {"kind": "cash", "amount": 400}]
    world.sell("E2", **CASH | {"tenders": legs, "amount": 900, "lines": [cup]})
    back = (Item(1, 1_000, 500, 900, Looked("4", "1", Disposition.RESTOCK)),)
    drafts = [
        Draft(
            sale_key=world.sale("E2").key,
            leg=leg,
            kind=Kind.EXCHANGE_CREDIT,
            amount=amount,
            reason="4",
            note="",
            operator="101",
            items=back if leg == 1 else (),
            place=leg,
        )
        for leg, amount in ((1, 500), (2, 400))
    ]
    numbers = [one.number for one in world.do(world.store.applications.open_ticket(drafts))]
    lasts = timedelta(hours=2)
    work = world.store.make_exchange_credit(numbers, lasts, lambda _, __: (world.slip(),))
    credit = world.do(work)
    world.clock.moment += timedelta(minutes=1)
    world.do(world.store.take_exchange_credit(Taking(credit.number, 600, request="X1")))
    by_credit = [{"kind": "exchange", "amount": 600, "exchange_no": credit.number}]
    world.sell("E3", **CASH | {"tenders": by_credit, "amount": 600})
    number = world.apply_for(300, "E3", kind=Kind.EXCHANGE_BACK).number
    points = replace(drafts[0], kind=Kind.POINTS, amount=300, items=())
    world.do(world.store.reopen_exchange_credit(number, [points], (world.slip(),)))


def _elsewhere(world: World) -> None:
    """A form that somebody carried out, with its evidence, and one that is open."""
    by_wallet = {"tenders": [{"kind": "wallet", "amount": 10_000}]}
    for sale_id, exception in (("W1", Exceptional.CARD_LOST), ("W2", Exceptional.DECLINED)):
        world.sell(sale_id, **CASH | by_wallet)
        evidence = tuple(EvidenceItem(kind, f"E-{kind}") for kind in list(EvidenceKind)[:2])
        basis = Basis(exception, evidence)
        number = world.apply_for(800, sale_id, kind=Kind.MANUAL, basis=basis).number
        form = world.do(world.store.commit_form(number, (world.slip(),)))
        if sale_id == "W1":
            (yes,) = people(world, "201", rule=FormConfirmation.RULE)
            said = FormConfirmation(800, "WX-1", "102", yes)
            world.conclude(form.refund_id, State.CONFIRMED, 800, confirmation=said)


def _without_receipt(world: World) -> None:
    """Store credit for goods of which nobody has a receipt."""
    shop = {"merchant_id": world.merchant, "terminal_id": TERMINAL, "currency": "156"}
    sale = sale_of([BroughtBack("X1", 1, 700)], **shop, at=world.clock.now())
    draft = Draft(
        sale_key=None,
        leg=0,
        kind=Kind.CREDIT,
        amount=sale.amount,
        reason="4",
        note="",
        operator="101",
        decisions=[_decision(Phase.BEFORE_CARD)],
        items=name_items(sale, Kind.CREDIT, sale.amount, {}),
    )
    known = NoReceipt(world.tokens.customer("13800138000"), (world.tokens.token(world.visa),), {})
    number = world.do(world.store.open_blind(sale, draft, known)).number
    both = people(world, "201", "202", rule="no_receipt")
    world.do(world.store.applications.approve(number, both))

    def slips(refund: Refund, voucher: Voucher) -> list[Slip]:
        return [world.slip(body=StoreCredit(voucher.number), amount=refund.done)]

    world.do(world.store.issue_credit(number, slips))


def _cases(world: World) -> None:
    """Some open, one closed; applications that ended before they were sealed."""

    def slips(_: int) -> list[Slip]:
        return [world.slip()]

    kind = CaseKind.UNILATERAL_DEBIT
    key = world.sale("U1").key
    number = world.do(world.store.cases.open_of_sale(key, kind, "101", slips))
    world.clock.moment += timedelta(minutes=1)
    closing = Closing("FILE-7", "102", people(world, "203"), cause=CaseCause.TRAINING)
    world.do(world.store.cases.close(number, closing))
    world.do(world.store.cases.open(1, CaseKind.SLIP_DISPUTED, "101"))
    (over,) = [c.case_id for c in world.store.cases.open_ones() if c.kind is CaseKind.OVERPAYMENT]
    world.do(
        world.store.cases.close(
            over, Closing("OVER", "102", people(world, "201", "202"), cause=CaseCause.TRAINING)
        )
    )
    letter = EvidenceItem(EvidenceKind.BANK_LETTER, "L-1")
    photo = EvidenceItem(EvidenceKind.PHOTO, "P-1")
    day = world.clock.now().date()
    for told in (
        NewStep(StepKind.CALL, "101", "told", (letter, photo), day + timedelta(days=3)),
        NewStep(StepKind.LETTER, "102", "sent", (photo,)),
    ):
        world.do(world.store.cases.add_step(world.store.cases.open_ones()[0].case_id, told))
    _payouts(world, world.store.cases.open_ones()[0].case_id)
    world.apply_for(100, "S2", refused=True, note="typed", decisions=(_decision(Phase.WITH_CARD),))
    world.apply_for(200, "S2")
    world.do(world.store.slips.queue([world.slip()], None))


def _payouts(world: World, case: int) -> None:
    """Cash that was handed over, a form, and store credit."""
    first, second = people(world, "201", "202", rule="payout")
    limits = PayoutLimits(per_case=5_000, per_day=5_000)
    for what, kind in (
        (PayoutFor.FREIGHT, PayoutKind.CASH),
        (PayoutFor.GOODWILL, PayoutKind.MANUAL),
        (PayoutFor.GOODWILL, PayoutKind.CREDIT),
    ):
        new = NewPayout(case, what, kind, 700, "156", "101", (first, second), "told")
        world.do(world.store.payouts.pay_out(new, limits, lambda *_: [world.slip()]))


def _acquirers_file(world: World) -> None:
    """One line concludes a refund, one was paid and is unknown here, one says nothing new."""
    refund = world.seal(4_000, "S7").refund
    world.conclude(refund.refund_id, State.UNKNOWN, cause=Cause.NO_ANSWER)

    def told(stan: str, amount: int, **changes: Any) -> dict[str, Any]:
        return {
            "terminal_id": TERMINAL,
            "merchant_id": world.merchant,
            "batch": "000001",
            "trace": stan,
            "kind": "refund",
            "amount": amount,
            "outcome": "paid",
            "rrn": "632400009999",
            "auth_code": "",
            "happened_on": "2026-01-05",
            "reference": f"F-{stan}",
            **changes,
        }

    assert refund.stan is not None
    text = lines(
        told(refund.stan, 4_000), told("000777", 800), told("000778", 1, outcome="not_paid")
    )
    home = Home(world.merchant, TERMINAL, SHOP)
    file = parse(text, Format.JSONL, "day.jsonl", home)
    assert not file.problems, file.problems
    mine, other, nothing = file.outcomes
    evidence = Evidence(4_000, mine.reference, mine.rrn, "", file.source, mine.line, file.digest)
    judged = [
        Judged(
            mine,
            Effect.CONCLUDED,
            refund.refund_id,
            Conclusion(State.ACCEPTED, 4_000, evidence=evidence),
        ),
        Judged(other, Effect.PAID_UNKNOWN),
        Judged(nothing, Effect.UNMATCHED),
    ]
    world.do(world.store.outcomes.take_in(OutcomeReport(file, judged)))


def _around(world: World) -> None:
    """Numbers that were drawn, refused records, a purge, an acquirer that stops trade."""
    world.do(world.store.counter.draw_for_till())
    world.do(world.store.counter.resequence("000002"))
    world.do(world.store.counter.draw_for_till())
    world.do(world.store.counter.draw())
    for name in ("a.jsonl", "b.jsonl"):
        bad = Refused("feed", name, 2, "d" * 64, ("X1",), Problem(3, "no amount"))
        world.do(world.store.feed.note_refused(bad))
    world.do(world.store.feed.see_to([1], "101"))
    later(world, 1)
    keep = Retention(sales_days=200, refunds_days=200, slips_days=200, audit_days=300)
    assert "sales" in purge(world, keep=keep)
    refund = world.seal(1_000, "S8").refund
    stops = Said.TERMINAL_UNKNOWN
    world.conclude(refund.refund_id, State.DECLINED, answer=world.answer("97"), stops=stops)
    world.seal(1_500, "S8")
