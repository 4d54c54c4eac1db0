"""What a book says of a purge: what keeps its sale and its slips, and which names go by age."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest
from worlds import exchange_credits
from worlds.failures import failure_of
from worlds.ledger import World
from worlds.purge import KEEP, later, next_batch, printed, purge

from pos_terminal.core.case import CaseKind, PaidUnknown
from pos_terminal.core.case_end import CaseCause
from pos_terminal.core.case_step import NewStep, StepKind
from pos_terminal.core.evidence import EvidenceItem, EvidenceKind
from pos_terminal.core.payout import PayoutFor, PayoutKind, PayoutLimits
from pos_terminal.core.refund import Kind, Refund, State
from pos_terminal.core.voucher import Voucher
from pos_terminal.ports import Approval, Closing, Finding, JobState, NewPayout, Taking
from pos_terminal.services.ledger.books import cases, shelf, slips
from pos_terminal.services.ledger.books.book import Aged, Book
from pos_terminal.services.proof.verify import verify_store
from pos_terminal.wire.receipt.kinds.credit import StoreCredit
from pos_terminal.wire.receipt.slip import Slip

FIRST, SECOND = "张伟主管", "陈静主管"
NOTE = "customer's phone is 555-0199"


def purge_after(world: World, days: int) -> dict[str, int]:
    """What goes so many days later, by class; only those that have something."""
    later(world, days)
    done = purge(world)
    verify_store(world.store)
    return done


@pytest.fixture
def voucher(world: World) -> Voucher:
    """Of a cash sale; its slip was printed."""
    world.sell(tenders=[{"kind": "cash", "amount": 10_000}], rrn="", trace="", batch="")
    number = world.apply_for(5_000, kind=Kind.CREDIT).number

    def slips(refund: Refund, voucher: Voucher) -> list[Slip]:
        return [world.slip(body=StoreCredit(voucher.number), amount=refund.done)]

    refund = world.do(world.store.issue_credit(number, slips))
    printed(world)
    next_batch(world)
    found = world.store.vouchers.of_refund(refund.refund_id)
    assert found is not None
    return found


def redeem(world: World, voucher: Voucher) -> None:
    world.do(world.store.vouchers.redeem(Taking(voucher.number, voucher.amount, request="T1")))


def test_a_voucher_keeps_its_slip_until_it_is_redeemed(world: World, voucher: Voucher) -> None:
    assert "slips" not in purge_after(world, 60)
    (job,) = world.store.slips.of_refund(voucher.refund_id or 0)
    assert job.slip.body == StoreCredit(voucher.number)
    redeem(world, voucher)
    assert purge_after(world, 1)["slips"] == 1
    (job,) = world.store.slips.of_refund(voucher.refund_id or 0)
    assert job.slip.body == StoreCredit()


@pytest.mark.parametrize("turned", [False, True])
def test_an_exchange_credit_keeps_its_sale_and_slip_until_it_is_settled(
    world: World, turned: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Expired or not: what is left of it is somebody's."""
    if turned:
        order = shelf.goes()[::-1]
        monkeypatch.setattr(shelf, "goes", lambda: order)
    credit = exchange_credits.made(exchange_credits.sell(world))
    printed(world)
    next_batch(world)
    exchange_credits.take(world, credit, 1_200)
    first, _ = exchange_credits.legs(world, credit)
    assert not {"sales", "slips"} & purge_after(world, 250).keys()
    (job,) = world.store.slips.of_refund(first.refund_id)
    assert job.slip.body is not None
    (rest,) = exchange_credits.settle(world, credit, (2, Kind.CASH, 300))
    cash = world.do(world.store.commit_cash(rest.number, ()))
    world.do(world.store.refunds.handed_over(cash.refund_id, "101"))
    assert purge_after(world, 51)["slips"] == 1
    assert "sales" not in purge_after(world, 40)
    assert world.store.exchange_credits.by_number(credit.number) is not None
    assert purge_after(world, 61)["sales"] == 1
    assert world.store.exchange_credits.by_number(credit.number) is None
    for sql in ("SELECT 1 FROM exchange_takings", "SELECT 1 FROM exchange_shares"):
        assert world.store.db.execute(sql).fetchall() == []


@pytest.mark.parametrize("turned", [False, True])
def test_a_voucher_keeps_its_sale_until_it_was_redeemed_long_ago(
    world: World, voucher: Voucher, turned: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In whatever order the tables are gone through."""
    if turned:
        order = shelf.goes()[::-1]
        monkeypatch.setattr(shelf, "goes", lambda: order)
    assert "sales" not in purge_after(world, 250)
    redeem(world, voucher)
    assert "sales" not in purge_after(world, 50)
    assert world.store.vouchers.by_number(voucher.number) is not None
    assert purge_after(world, 51)["sales"] == 1
    assert world.store.vouchers.by_number(voucher.number) is None


def test_a_slip_of_nothing_but_its_sale_goes_with_it(sold: World) -> None:
    slip, key = sold.slip(), sold.sale().key
    sold.do(
        sold.store.step("slip", lambda step: slips.queue(step, [slip], None, None, sale_key=key))
    )
    next_batch(sold)
    (job,) = sold.store.slips.in_state(JobState.READY)
    assert purge_after(sold, 250) == {}
    sold.do(sold.store.slips.dropped(job.job_id, "101"))
    assert purge_after(sold, 101)["sales"] == 1
    assert sold.store.slips.before(None, 9) == []


def test_a_case_without_a_sale_goes_once_it_is_closed_and_as_old_as_sales(sold: World) -> None:
    facts = PaidUnknown("000001", "000777", Kind.REFUND, "", "", "", "0018", "F-1", "f", 1, "d")
    kind = CaseKind.PAID_UNKNOWN
    work = sold.store.step("file", lambda step: cases.open_loose(step, kind, facts, over=777))
    number = sold.do(work)
    next_batch(sold)
    purge_after(sold, 250)
    sold.do(
        sold.store.cases.close(number, Closing("A2", "102", people(sold), cause=CaseCause.TRAINING))
    )
    purge_after(sold, 100)
    assert sold.store.cases.by_id(number) is not None
    purge_after(sold, 250)
    assert [sold.store.cases.by_id(number), names_closed(sold)] == [None, 0]
    verify_store(sold.store)
    sold.store.writer.db.execute(
        """INSERT INTO cases (case_id, kind, over, state, opened_at, due_on, facts)
        VALUES (?, 'paid_unknown', 777, 'open', '', '', '{}')""",
        (number,),
    )
    assert failure_of(verify_store, sold.store) == "ledger.tampered"


def told_of_cases(world: World) -> set[str]:
    sql = """SELECT text FROM case_steps UNION SELECT reference FROM case_evidence
        UNION SELECT first_name FROM closings UNION SELECT first_name FROM payouts"""
    return {row[0] for row in world.store.db.execute(sql)}


def test_what_people_said_of_a_case_without_a_refund_goes_by_age(sold: World) -> None:
    """Once it is closed, and before its sale goes; how often and of what kind stays."""
    opened = sold.store.cases.open_of_sale(sold.sale().key, CaseKind.COMPLAINT, "101", lambda _: ())
    case = int(sold.do(opened))
    photo = EvidenceItem(EvidenceKind.PHOTO, "P-4711")
    step = NewStep(StepKind.CALL, "101", "her very words", (photo,))
    sold.do(sold.store.cases.add_step(case, step))
    first, second = people(sold)
    paid = NewPayout(
        *(case, PayoutFor.FREIGHT, PayoutKind.MANUAL, 500, "156", "101", (first, second), "paid")
    )
    sold.do(sold.store.payouts.pay_out(paid, PayoutLimits(500, 500), lambda *_: ()))
    said = {"her very words", "paid #1", "P-4711", FIRST}
    assert "cases" not in purge_after(sold, 150)
    assert told_of_cases(sold) == said, "it is open"
    sold.do(sold.store.cases.close(case, Closing("A2", "102", (first,), cause=CaseCause.TRAINING)))
    assert "cases" not in purge_after(sold, 90)
    assert told_of_cases(sold) == said
    keep = msgspec.structs.replace(KEEP, sales_days=400)
    later(sold, 20)
    assert purge(sold, keep=keep)["cases"] == 1
    assert told_of_cases(sold) == {""}
    verify_store(sold.store)
    assert [one.kind for one in sold.store.cases.steps(case)] == [StepKind.CALL, StepKind.DECISION]
    sold.store.writer.db.execute("UPDATE case_steps SET text = 'other words' WHERE n = 1")
    assert failure_of(verify_store, sold.store) == "ledger.tampered"


def names_closed(world: World) -> int:
    return int(world.store.db.execute("SELECT count(*) FROM closings").fetchone()[0])


def test_numbers_that_a_till_drew_go_with_their_batch_and_age(sold: World) -> None:
    stan, batch = sold.do(sold.store.counter.draw_for_till())
    purge_after(sold, 250)
    assert sold.store.counter.was_drawn(batch, stan)
    next_batch(sold)
    purge_after(sold, 1)
    assert not sold.store.counter.was_drawn(batch, stan)
    verify_store(sold.store)


def test_what_the_purge_took_is_unknown_to_nobody_s_surprise(sold: World) -> None:
    """A file that tells of it again is older than what the ledger knows."""
    before = sold.store.outcomes.known_from()
    sold.refunded(4_000, State.ACCEPTED, 4_000)
    next_batch(sold)
    assert purge_after(sold, 250)["sales"] == 1
    after = sold.store.outcomes.known_from()
    assert (after - before).days == 250 - KEEP.refunds_days


def people(world: World) -> tuple[Approval, Approval]:
    now = world.clock.now()
    return (
        Approval("201", FIRST, now, 4_000, Finding.RULE),
        Approval("202", SECOND, now, 4_000, Finding.RULE),
    )


def test_names_of_who_found_and_who_closed_go_with_the_refund_s(sold: World) -> None:
    """Their numbers stay: the log has them."""
    refund_id = sold.seal(4_000).refund.refund_id
    sold.conclude(refund_id, State.UNKNOWN)
    sold.conclude(refund_id, State.GIVEN_UP, finding=Finding(0, "A1", "102", people(sold)))
    sold.conclude(refund_id, State.OVERPAID, 4_000, answer=sold.answer(), case=CaseKind.OVERPAYMENT)
    (case,) = sold.store.cases.open_ones()
    sold.do(
        sold.store.cases.close(
            case.case_id, Closing("A2", "102", people(sold), cause=CaseCause.TRAINING)
        )
    )
    next_batch(sold)
    assert names(sold) == {FIRST, SECOND}
    assert purge_after(sold, 101)["refunds"] == 1
    assert names(sold) == {""}
    (finding,) = sold.store.findings.of_refund(refund_id)
    assert [one.supervisor for one in finding.approvals] == ["201", "202"]


def names(world: World) -> set[str]:
    columns = "SELECT first_name, second_name FROM "
    rows = [row for t in ("findings", "closings") for row in world.store.db.execute(columns + t)]
    assert len(rows) == 2
    return {name for row in rows for name in row}


def kept_application(world: World) -> None:
    """Nothing came of it yet."""
    world.apply_for(100, note=NOTE)


def cash_to_hand_over(world: World) -> None:
    """The application is done, the customer waits."""
    world.sell("S2", tenders=[{"kind": "cash", "amount": 10_000}], rrn="", trace="", batch="")
    number = world.apply_for(100, "S2", kind=Kind.CASH, note=NOTE).number
    world.do(world.store.commit_cash(number, ()))


def disputed(world: World) -> None:
    """All is over but the case."""
    refund_id = world.seal(100, note=NOTE).refund.refund_id
    world.conclude(refund_id, State.ACCEPTED, 100)
    world.do(world.store.cases.open(refund_id, CaseKind.SLIP_DISPUTED, "101"))


@pytest.mark.parametrize("story", [kept_application, cash_to_hand_over, disputed])
def test_what_is_open_keeps_its_note(sold: World, story: Callable[[World], None]) -> None:
    story(sold)
    assert "refunds" not in purge_after(sold, 150)
    notes = [row[0] for row in sold.store.db.execute("SELECT note FROM applications")]
    assert notes == [NOTE]


def test_a_slip_that_is_not_printed_is_kept_whole(world: World) -> None:
    slip = world.slip()
    world.do(world.store.slips.queue([slip], None))
    assert "slips" not in purge_after(world, 60)
    (job,) = world.store.slips.in_state(JobState.READY)
    assert job.slip == slip
    printed(world)
    assert "slips" not in purge_after(world, 50)
    assert purge_after(world, 1)["slips"] == 1


def test_a_case_keeps_its_slip_until_it_is_closed(sold: World) -> None:
    slip, cases = sold.slip(), sold.store.cases
    debit = CaseKind.UNILATERAL_DEBIT
    number = sold.do(cases.open_of_sale(sold.sale().key, debit, "101", lambda _: [slip]))
    printed(sold)
    assert "slips" not in purge_after(sold, 60)
    assert [job.slip for job in sold.store.slips.of_case(number)] == [slip]
    sold.do(cases.close(number, Closing("A2", "102", people(sold)[:1], cause=CaseCause.TRAINING)))
    assert purge_after(sold, 1)["slips"] == 1


def test_a_book_may_have_a_class_of_its_own(sold: World, monkeypatch: pytest.MonkeyPatch) -> None:
    aged = Aged(
        name="imports",
        table="imports",
        number="import_id",
        at="at",
        days=lambda retention: retention.slips_days,
    )
    erased = """UPDATE key_slots SET state = 'spent'
        WHERE slot IN (SELECT value FROM json_each(:numbers))"""
    book = Book(aged=(aged,), erased={"imports": (erased,)})
    monkeypatch.setattr(shelf, "BOOKS", (*shelf.BOOKS, book))
    assert "imports" not in purge_after(sold, 50)
    assert purge_after(sold, 1)["imports"] == 1
    fresh = """SELECT max(facts ->> 'fresh_keys') FROM audit WHERE kind = 'checkpoint'"""
    assert sold.store.db.execute(fresh).fetchone()[0] == 1, "of the slot that was spent"
    verify_store(sold.store)
