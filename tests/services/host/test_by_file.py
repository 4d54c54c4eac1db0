"""The acquirer's file concludes what the line left open; what is final is held against it (R32)."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import closing
from typing import Any

import pytest
from worlds.failures import failure_in
from worlds.host import World, told
from worlds.outcome_files import record
from worlds.steps import Go, around_steps, note_steps
from worlds.stories import beside

from pos_terminal.core.case import Contradicted, PaidTwice, PaidUnknown
from pos_terminal.core.case_end import CaseCause
from pos_terminal.core.effect import Effect
from pos_terminal.core.refund import Refund, State
from pos_terminal.core.words import Failure, say
from pos_terminal.ports import Closing, Finding
from pos_terminal.ports.books.outcomes import OutcomeReport
from pos_terminal.services.proof.verify import verify_store
from pos_terminal.wire.feed.lines import Format
from pos_terminal.wire.feed.outcomes import parse
from pos_terminal.wire.receipt.kinds.overpaid import Overpaid
from pos_terminal.wire.receipt.kinds.refund import Refunded
from pos_terminal.wire.receipt.parts.telling import Telling

HOURS = 3600.0
LONG = 14 * HOURS
"""Past the acquirer's cut-off."""


def text(*records: dict[str, Any]) -> str:
    return "".join(json.dumps(one) + "\n" for one in records)


async def take(world: World, *records: dict[str, Any], name: str = "1121.jsonl") -> OutcomeReport:
    file = parse(text(*records), Format.JSONL, name, world.ledger.home)
    report: OutcomeReport = await world.host.conclude_by_file(file)
    verify_store(world.ledger)
    return report


def effects(report: OutcomeReport) -> list[Effect]:
    assert report.problems == ()
    return [verdict.effect for verdict in report.judged]


def entries(world: World, kind: str) -> list[dict[str, Any]]:
    rows = world.ledger.db.execute("SELECT facts FROM audit WHERE kind = ?", (kind,)).fetchall()
    return [json.loads(row["facts"]) for row in rows]


@told(repeat="never")
async def test_paid_has_all_effects_of_an_approval(world: World) -> None:
    refund = await world.unknown("drop-answer")
    report = await take(world, record(world, refund, "paid"))
    assert effects(report) == [Effect.CONCLUDED]
    after = world.refund(refund.refund_id)
    assert (after.state, after.done, after.flagged) == (State.ACCEPTED, 5_000, True)
    assert after.rrn == "632400009999"
    assert (world.paid(), world.held()) == (5_000, 0)
    assert world.slips(refund.refund_id)[-2:] == ["refund merchant", "refund customer"]
    slip = world.ledger.slips.of_refund(refund.refund_id)[-2].slip
    assert isinstance(slip.body, Refunded)
    told = Telling(f"F-{refund.stan}", ("1121.jsonl:1",), by_file=True)
    assert (slip.body.concluded, slip.body.request.rrn) == (told, "632400009999")
    assert world.concluded[-1] == after
    assert world.open_cases() == []
    (evidence,) = entries(world, "evidence")
    assert (evidence["source"], evidence["line"]) == ("1121.jsonl", 1)
    assert evidence["digest"] == report.file.digest
    assert [one.reference for one in world.ledger.outcomes.evidence(refund.refund_id)] == [
        f"F-{refund.stan}"
    ]


@told(repeat="never")
async def test_part_of_it_may_have_been_paid(world: World) -> None:
    refund = await world.unknown("drop-answer")
    await take(world, record(world, refund, "paid", paid_amount=3_000))
    after = world.refund(refund.refund_id)
    assert (after.state, after.done) == (State.ACCEPTED, 3_000)
    assert (world.sale("S-1").done, world.held()) == (3_000, 0)
    slip = world.ledger.slips.of_refund(refund.refund_id)[-1].slip
    assert isinstance(slip.body, Refunded)
    assert (slip.head.amount, slip.body.cause.en) == (3_000, "Only a part was paid")


@told(repeat="never")
async def test_not_paid_frees_the_hold_only_after_the_cut_off(world: World) -> None:
    refund = await world.unknown("swallow")
    line = record(world, refund, "not_paid")
    early = await take(world, line)
    assert effects(early) == [Effect.LEFT]
    assert "only from 11-20 23:00 on" in early.notes()[0].reason
    assert world.held() == 5_000
    await asyncio.sleep(LONG)
    assert effects(await take(world, line)) == [Effect.CONCLUDED]
    after = world.refund(refund.refund_id)
    assert (after.state, after.done, world.held()) == (State.GIVEN_UP, 0, 0)
    assert world.slips(refund.refund_id)[-2:] == ["given_up merchant", "given_up customer"]
    assert world.open_cases() == []
    assert effects(await take(world, line)) == [Effect.KNOWN]


@told(repeat="never")
async def test_without_a_clock_that_is_believed_nothing_is_given_up(world: World) -> None:
    refund = await world.unknown("swallow")
    await asyncio.sleep(LONG)
    world.clock._synchronised = lambda: False
    world.clock._proven = False
    assert effects(await take(world, record(world, refund, "not_paid"))) == [Effect.LEFT]
    assert world.held() == 5_000


@told()
async def test_a_void_is_concluded_as_well_and_reversed_no_more(world: World) -> None:
    void = await world.reversing()
    assert effects(await take(world, record(world, void, "paid"))) == [Effect.CONCLUDED]
    assert world.refund(void.refund_id).state is State.ACCEPTED
    assert world.sale("S-2").state == "voided"
    sent = len(world.sent("reversal"))
    with pytest.raises(TimeoutError):
        await world.in_background(lambda: len(world.sent("reversal")) > sent)


@told(repeat="never")
async def test_what_the_batch_change_left_to_people_is_concluded(world: World) -> None:
    refund = await world.unknown("drop-answer")
    world.acquirer.begin_batch("10000001", "000002")
    await world.host.sign_on()
    assert world.ledger.counter.batch() == "000002"
    assert effects(await take(world, record(world, refund, "paid"))) == [Effect.CONCLUDED]
    assert world.refund(refund.refund_id).state is State.ACCEPTED


async def give_up(world: World, refund: Refund) -> None:
    finding = Finding(0, "20261121001", "102", world.two(refund.amount, Finding.RULE))
    await world.cut_off()
    await world.host.conclude_by_people(refund.refund_id, finding)


@told(repeat="never")
async def test_paid_after_people_gave_it_up_locks_the_sale(world: World) -> None:
    refund = await world.unknown("drop-answer")
    await give_up(world, refund)
    assert effects(await take(world, record(world, refund, "paid"))) == [Effect.CONCLUDED]
    after = world.refund(refund.refund_id)
    assert (after.state, after.done) == (State.OVERPAID, 5_000)
    assert world.sale("S-1").locked
    assert world.open_cases() == ["overpayment"]
    body = world.body(refund.refund_id, Overpaid)
    assert body.concluded is not None
    assert body.concluded.reference == "20261121001"
    assert body.late == Telling(f"F-{refund.stan}", ("1121.jsonl:1",), by_file=True)


@told(repeat="never")
async def test_paid_after_a_file_gave_it_up_names_that_file(world: World) -> None:
    refund = await world.unknown("drop-answer")
    await asyncio.sleep(LONG)
    await take(world, record(world, refund, "not_paid"))
    later = record(world, refund, "paid", reference="F-2")
    assert effects(await take(world, later, name="1122.jsonl")) == [Effect.CONCLUDED]
    assert world.refund(refund.refund_id).state is State.OVERPAID
    body = world.body(refund.refund_id, Overpaid)
    tellers = [told.by for told in (body.concluded, body.late) if told is not None]
    assert tellers == [("1121.jsonl:1",), ("1122.jsonl:1",)]


@told()
async def test_what_agrees_changes_nothing(world: World) -> None:
    paid = (await world.give_back(5_000)).refund
    declined = (await world.give_back(100, fault="code:05")).refund
    before = world.ledger.refunds.recent(9)
    report = await take(
        world, record(world, paid, "paid", rrn=paid.rrn), record(world, declined, "not_paid")
    )
    assert effects(report) == [Effect.AGREES, Effect.AGREES]
    assert report.notes() == []
    assert world.ledger.refunds.recent(9) == before
    assert world.open_cases() == []


@pytest.mark.parametrize(("outcome", "part"), [("not_paid", {}), ("paid", {"paid_amount": 4_999})])
@told()
async def test_less_than_the_ledger_has_is_a_case_and_moves_no_money(
    world: World, outcome: str, part: dict[str, int]
) -> None:
    refund = (await world.give_back(5_000)).refund
    sale = world.sale("S-1")
    await asyncio.sleep(LONG)
    line = record(world, refund, outcome, **part)
    report = await take(world, line)
    assert effects(report) == [Effect.CONTRADICTS]
    assert "a case is open" in report.notes()[0].reason
    assert world.refund(refund.refund_id) == refund
    assert world.sale("S-1") == sale
    (case,) = world.ledger.cases.open_ones()
    assert (case.kind, case.refund_id) == ("contradiction", refund.refund_id)
    assert isinstance(case.facts, Contradicted)
    assert (case.facts.file, case.facts.line) == ("1121.jsonl", 1)
    assert (case.over, world.sale("S-1").locked) == (0, False)
    assert effects(await take(world, line)) == [Effect.KNOWN]
    assert len(world.ledger.cases.open_ones()) == 1


async def close_all(world: World) -> None:
    """By two people each, as far as there are cases."""
    for case in world.ledger.cases.open_ones():
        closing = Closing(
            "R-1",
            "102",
            world.two(case.over, Closing.RULE)[: 1 + bool(case.over)],
            cause=CaseCause.TRAINING,
        )
        await world.ledger.cases.close(case.case_id, closing)
        verify_store(world.ledger)


@pytest.mark.parametrize(
    ("fault", "part", "before", "counted"),
    [
        ("code:05", {}, 0, 5_000),
        ("code:05", {"paid_amount": 1_234}, 0, 1_234),
        ("partial:3000", {}, 3_000, 2_000),
    ],
)
@told()
async def test_paid_beside_what_the_ledger_has_locks_the_sale_until_two_close_it(
    world: World, fault: str, part: dict[str, int], before: int, counted: int
) -> None:
    refund = (await world.give_back(5_000, fault=fault)).refund
    line = record(world, refund, "paid", **part)
    report = await take(world, line)
    assert effects(report) == [Effect.CONTRADICTS]
    assert "the sale is locked" in report.notes()[0].reason
    assert world.refund(refund.refund_id) == refund
    assert world.sale("S-1").locked
    (case,) = world.ledger.cases.open_ones()
    assert (case.kind, case.over) == ("contradiction", counted)
    with pytest.raises(Failure, match="locked"):
        await world.give_back(100)
    for people in (world.two(0, Closing.RULE)[:1], world.two(0, Closing.RULE)[:1] * 2):
        with pytest.raises(ValueError, match="other than who made it"):
            await world.ledger.cases.close(
                case.case_id, Closing("R-1", "102", people, cause=CaseCause.TRAINING)
            )
    await close_all(world)
    sale = world.sale("S-1")
    assert (sale.locked, sale.done, sale.remaining) == (False, before + counted, 12_345 - sale.done)
    assert effects(await take(world, line, name="1122.jsonl")) == [Effect.KNOWN]
    assert world.ledger.cases.open_ones() == []


@told()
async def test_paid_of_a_void_that_was_reversed_leaves_nothing(world: World) -> None:
    world.acquirer.set_mode("swallow", 1, on=["void"])
    void = (await world.void()).refund
    assert world.refund(void.refund_id).state is State.REVERSED
    report = await take(world, record(world, void, "paid"))
    assert effects(report) == [Effect.CONTRADICTS]
    assert world.sale("S-2").locked
    await close_all(world)
    assert (world.sale("S-2").locked, world.sale("S-2").remaining) == (False, 0)


@told()
async def test_no_more_is_counted_than_the_sale_has(world: World) -> None:
    refund = (await world.give_back(5_000, fault="code:05")).refund
    await world.give_back(12_000)
    await take(world, record(world, refund, "paid"))
    await close_all(world)
    assert (world.sale("S-1").done, world.sale("S-1").remaining) == (12_345, 0)


@told("generic")
async def test_a_late_approval_on_the_line_and_the_file_tell_of_one_payment(world: World) -> None:
    refund = (await world.give_back(5_000, fault="regret:5")).refund
    assert refund.state is State.DECLINED
    await world.until(lambda: world.sale("S-1").locked, 10)
    (case,) = world.ledger.cases.open_ones()
    paid = record(world, refund, "paid")
    assert effects(await take(world, paid)) == [Effect.AGREES]
    assert world.ledger.cases.open_ones() == [case]
    await close_all(world)
    assert (world.sale("S-1").done, world.paid()) == (5_000, 5_000)


@told(repeat="never")
async def test_told_first_in_part_and_then_of_more_the_rest_is_a_case_too(world: World) -> None:
    refund = (await world.give_back(5_000, fault="partial:3000")).refund
    await take(world, record(world, refund, "not_paid", reference="E-1"))
    assert [case.over for case in world.ledger.cases.open_ones()] == [0]
    await take(world, record(world, refund, "paid"), name="1122.jsonl")
    assert [case.over for case in world.ledger.cases.open_ones()] == [0, 2_000]
    assert world.sale("S-1").locked


def twice(world: World, refund: Refund, **changes: Any) -> list[dict[str, Any]]:
    """Two postings of one request, the first under the refund's own RRN where it has one."""
    rrn = refund.rrn or "632400009999"
    own = record(world, refund, "paid", rrn=rrn)
    return [own, record(world, refund, "paid", rrn="632400008888", reference="F-2", **changes)]


@pytest.mark.parametrize("state", [State.UNKNOWN, State.ACCEPTED, State.GIVEN_UP, State.DECLINED])
@told(repeat="never")
async def test_two_postings_are_a_case_that_locks_the_sale(world: World, state: State) -> None:
    other = (await world.give_back(100)).refund
    mode = {State.ACCEPTED: "normal", State.DECLINED: "code:05"}
    world.acquirer.set_mode(mode.get(state, "drop-answer"), 1)
    refund = (await world.give_back(5_000)).refund
    if state is State.GIVEN_UP:
        await give_up(world, refund)
    refund = world.refund(refund.refund_id)
    assert refund.state is state
    rest = record(world, other, "paid", rrn=other.rrn)
    report = await take(world, rest, *twice(world, refund))
    assert effects(report)[0] is Effect.AGREES
    assert world.sale("S-1").locked
    (case,) = [one for one in world.ledger.cases.open_ones() if one.kind == "paid_twice"]
    assert (case.refund_id, case.over) == (refund.refund_id, 5_000)
    assert isinstance(case.facts, PaidTwice)
    assert [one.line for one in case.facts.postings] == [2, 3]
    assert [one.reference for one in case.facts.postings] == [f"F-{refund.stan}", "F-2"]
    assert "paid again, by 1121.jsonl:3 beside 1121.jsonl:2" in report.notes()[-1].reason
    assert report.as_json()["paid_twice"] == 1
    with pytest.raises(Failure, match="locked"):
        await world.give_back(100)


@told()
async def test_a_reference_that_is_padded_is_no_other_posting(world: World) -> None:
    """A table of fixed columns, or of full-width signs, tells of the same one."""
    refund = (await world.give_back(5_000)).refund
    await take(world, record(world, refund, "paid", rrn=refund.rrn, reference="F-2"))
    for again in (" F-2  ", "\uff26-\uff12"):
        report = await take(world, record(world, refund, "paid", rrn=refund.rrn, reference=again))
        assert Effect.PAID_TWICE not in effects(report)
    assert not world.sale("S-1").locked
    assert not world.ledger.cases.open_ones()


@told()
async def test_the_ledgers_own_posting_is_not_the_one_too_many(world: World) -> None:
    refund = (await world.give_back(5_000)).refund
    own, second = twice(world, refund, paid_amount=3_000)
    report = await take(world, second, own)
    assert effects(report) == [Effect.AGREES, Effect.PAID_TWICE]
    (case,) = world.ledger.cases.open_ones()
    assert (case.kind, case.over) == ("paid_twice", 3_000)


@told()
async def test_the_same_file_again_opens_and_locks_nothing_anew(world: World) -> None:
    refund = (await world.give_back(5_000)).refund
    lines = twice(world, refund)
    await take(world, *lines)
    (case,) = world.ledger.cases.open_ones()
    two = world.two(case.over, Closing.RULE)
    before = world.sale("S-1")
    await world.ledger.cases.close(
        case.case_id, Closing("R-1", "102", two, cause=CaseCause.TRAINING)
    )
    verify_store(world.ledger)
    after = world.sale("S-1")
    assert (before.locked, after.locked) == (True, False)
    assert before.remaining - after.remaining == min(5_000, before.remaining)
    for again in (lines, lines[::-1]):
        assert effects(await take(world, *again, name="1122.jsonl")) == [Effect.KNOWN] * 2
    assert world.ledger.cases.open_ones() == []
    assert not world.sale("S-1").locked


@told()
async def test_a_posting_alone_in_a_later_file_is_one_beside_the_first(world: World) -> None:
    refund = (await world.give_back(5_000)).refund
    own, second = twice(world, refund)
    third = second | {"reference": "F-3", "rrn": "632400007777", "paid_amount": 1_000}
    assert effects(await take(world, own)) == [Effect.AGREES]
    for number, line in enumerate((second, third), 2):
        report = await take(world, line, name=f"112{number}.jsonl")
        assert effects(report) == [Effect.PAID_TWICE]
    found = world.ledger.cases.open_ones()
    assert [(one.kind, one.over) for one in found] == [("paid_twice", 5_000), ("paid_twice", 1_000)]
    facts = found[1].facts
    assert isinstance(facts, PaidTwice)
    assert [one.file for one in facts.postings] == ["1121.jsonl", "1123.jsonl"]
    await close_all(world)
    assert world.sale("S-1").done == 11_000


@told(repeat="never")
async def test_two_postings_of_what_is_under_way_are_left_to_the_line(world: World) -> None:
    refund = await world.unknown("drop-answer")
    with world.host._in_flight.claim(world.host._by_people.intent(refund)):
        assert effects(await take(world, *twice(world, refund))) == [Effect.LEFT] * 2
        assert not world.sale("S-1").locked
    again = await take(world, *twice(world, refund))
    assert effects(again) == [Effect.CONCLUDED, Effect.PAID_TWICE]
    assert world.sale("S-1").locked


@told()
async def test_what_was_paid_and_is_not_in_the_ledger_is_a_case_without_a_sale(
    world: World,
) -> None:
    refund = (await world.give_back(5_000)).refund
    stranger = record(
        world,
        refund,
        "paid",
        trace="000099",
        amount=777,
        masked="622848*********0018",
        original_rrn="632400000001",
    )
    second = stranger | {"reference": "F-2", "rrn": "632400008888"}
    report = await take(world, stranger, second)
    assert effects(report) == [Effect.PAID_UNKNOWN] * 2
    assert "trace 000099: not in this ledger, and paid; a case is open" in report.notes()[0].reason
    found = world.ledger.cases.open_ones()
    assert [(one.kind, one.over, one.sale_key, one.refund_id) for one in found] == [
        ("paid_unknown", 777, None, None)
    ] * 2
    facts = found[0].facts
    assert isinstance(facts, PaidUnknown)
    assert (facts.batch, facts.stan, facts.kind) == (refund.batch, "000099", "refund")
    assert (facts.last4, facts.original_rrn) == ("0018", "632400000001")
    assert "622848" not in str(
        [tuple(row) for row in world.ledger.db.execute("SELECT * FROM cases")]
    )
    assert not world.sale("S-1").locked
    other = stranger | {"happened_on": "2026-11-22"}
    assert effects(await take(world, stranger, name="1122.jsonl")) == [Effect.KNOWN]
    assert effects(await take(world, other, name="1123.jsonl")) == [Effect.KNOWN]
    await close_all(world)
    assert world.ledger.cases.open_ones() == []


@told()
async def test_what_was_paid_beside_the_ledger_locks_the_sale_of_its_payment(world: World) -> None:
    """Found by the payment's RRN and day; closed by two it counts as given back."""
    refund = (await world.give_back(100)).refund
    payment = world.sale("S-1").tender(1).payment
    assert payment is not None
    line = record(world, refund, "paid", trace="000099", amount=777, original_rrn=payment.rrn)
    line["original_on"] = f"{payment.paid_at:%Y-%m-%d}"
    other = line | {"trace": "000098", "original_on": "2026-11-01"}
    assert effects(await take(world, line, other)) == [Effect.PAID_UNKNOWN] * 2
    mine, strange = world.ledger.cases.open_ones()
    assert (mine.sale_key, strange.sale_key) == (world.sale("S-1").key, None)
    assert (world.sale("S-1").locked, world.sale("S-1").done) == (True, 100)
    verify_store(world.ledger)
    await close_all(world)
    assert (world.sale("S-1").locked, world.sale("S-1").done) == (False, 877)
    verify_store(world.ledger)


@told()
async def test_a_number_that_the_acquirer_has_used_is_drawn_no_more(world: World) -> None:
    refund = (await world.give_back(100)).refund
    following = f"{int(refund.stan or 0) + 1:06d}"
    await take(world, record(world, refund, "paid", trace=following))
    assert (await world.give_back(100)).refund.stan == f"{int(refund.stan or 0) + 2:06d}"


@told()
async def test_what_a_till_on_this_machine_did_is_no_case(world: World) -> None:
    refund = (await world.give_back(100)).refund
    stan, batch = await world.ledger.counter.draw_for_till()
    lines = [record(world, refund, "paid", batch=batch, trace=stan)]
    lines.append(lines[0] | {"batch": "000777"})
    report = await take(world, *lines)
    assert effects(report) == [Effect.OF_TILL, Effect.PAID_UNKNOWN]
    assert report.as_json()["of_till"] == 1
    assert world.open_cases() == ["paid_unknown"]


@told()
async def test_what_was_before_this_ledger_is_named_only(world: World) -> None:
    refund = (await world.give_back(100)).refund
    line = record(world, refund, "paid", trace="000099", happened_on="2026-11-19")
    report = await take(world, line)
    assert effects(report) == [Effect.UNMATCHED]
    assert "which knows what was since 2026-11-20" in report.notes()[0].reason
    assert world.open_cases() == []


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"masked": "476173******0011"}, "here that trace is to card 476173******0010"),
        ({"reference": "4761739001010010"}, "reference is no place for a card number"),
        ({"masked": "476174*********0010"}, "here that trace is to card 476173******0010"),
        ({"application": 7}, "here that trace is of application 1"),
        ({"original_rrn": "000000000000"}, "gives back the payment with RRN"),
    ],
)
@told(repeat="never")
async def test_a_record_of_another_card_or_application_is_refused_and_named(
    world: World, facts: dict[str, Any], reason: str
) -> None:
    refund = await world.unknown("drop-answer")
    report = await take(world, record(world, refund, "paid", **facts))
    assert reason in report.problems[0].reason
    assert world.held() == 5_000


@told(repeat="never")
async def test_what_fits_its_card_and_application_is_taken(world: World) -> None:
    refund = await world.unknown("drop-answer")
    sale = world.sale("S-1")
    line = record(world, refund, "paid", masked="****0010", application=refund.application)
    line |= {"original_rrn": sale.rrn, "original_on": f"{sale.sold_at:%Y-%m-%d}"}
    assert effects(await take(world, line)) == [Effect.CONCLUDED]


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM cases WHERE kind = 'paid_twice'; UPDATE sales SET locked = 0",
        "UPDATE cases SET facts = json_set(facts, '$.digest', '') WHERE kind = 'paid_twice'",
        "UPDATE cases SET over = 1 WHERE kind = 'paid_twice'",
        "UPDATE cases SET over = 0; UPDATE sales SET locked = 0",
        "UPDATE cases SET told = '' WHERE kind = 'paid_twice'",
        "UPDATE cases SET state = 'closed', closed_at = opened_at; UPDATE sales SET locked = 0",
    ],
)
@told()
async def test_a_changed_case_of_two_postings_is_found(world: World, change: str) -> None:
    refund = (await world.give_back(5_000)).refund
    await take(world, *twice(world, refund))
    with closing(sqlite3.connect(world.ledger.path, isolation_level=None)) as db:
        for statement in change.split(";"):
            db.execute(statement)
    with pytest.raises(Failure, match="tampered"):
        verify_store(world.ledger)


@told(repeat="never")
async def test_all_of_it_or_nothing(world: World) -> None:
    refund = await world.unknown("drop-answer")
    other = await world.unknown("drop-answer", amount=100, sale_id="S-2")
    before = world.ledger.refunds.recent(9)
    wrong = record(world, other, "paid", amount=101)
    report = await take(world, record(world, refund, "paid"), wrong)
    assert [(one.line, one.reason) for one in report.problems] == [
        (2, "here that trace is a refund of 1.00")
    ]
    assert not report.imported
    assert world.ledger.refunds.recent(9) == before
    assert world.ledger.db.execute("SELECT count(*) FROM outcomes").fetchone()[0] == 0
    assert entries(world, "outcomes_refused")[0]["problems"] == 1


@told(repeat="never")
async def test_another_kind_is_another_request(world: World) -> None:
    refund = await world.unknown("drop-answer")
    report = await take(world, record(world, refund, "paid", kind="void"))
    assert report.problems[0].reason == "here that trace is a refund of 50.00"


@told(repeat="never")
async def test_a_later_file_that_tells_another_amount_of_one_posting_is_refused(
    world: World,
) -> None:
    refund = await world.unknown("drop-answer")
    await take(world, record(world, refund, "paid"))
    report = await take(world, record(world, refund, "paid", paid_amount=4_999))
    assert report.problems[0].reason == "known with another amount, from 1121.jsonl:1"


@pytest.mark.parametrize(
    ("outcome", "change"),
    [
        ("paid", {"auth_code": "A1"}),
        ("paid", {"happened_on": "2026-11-22", "rrn": ""}),
        ("not_paid", {"reference": "E-8"}),
    ],
)
@told(repeat="never")
async def test_the_same_told_in_other_words_is_known_and_holds_up_no_file(
    world: World, outcome: str, change: dict[str, str]
) -> None:
    refund = await world.unknown("drop-answer")
    other = await world.unknown("drop-answer", amount=100, sale_id="S-2")
    await asyncio.sleep(LONG)
    await take(world, record(world, refund, outcome))
    report = await take(
        world, record(world, refund, outcome, **change), record(world, other, "paid")
    )
    assert effects(report) == [Effect.KNOWN, Effect.CONCLUDED]
    assert report.notes()[0].reason == "known with other content from an earlier file"


@told(repeat="never")
async def test_what_the_ledger_does_not_know_and_was_not_paid_is_named_and_kept(
    world: World,
) -> None:
    refund = await world.unknown("drop-answer")
    stranger = record(world, refund, "not_paid", trace="000099")
    report = await take(world, stranger, record(world, refund, "paid"))
    assert effects(report) == [Effect.UNMATCHED, Effect.CONCLUDED]
    assert report.notes()[0].reason == "batch 000001, trace 000099: not in this ledger"
    assert effects(await take(world, stranger)) == [Effect.UNMATCHED]


@told()
async def test_what_is_under_way_is_left_to_the_line(world: World) -> None:
    world.acquirer.set_mode("swallow")
    refund = (await world.give_back(5_000)).refund
    async with beside(world.host.run()):
        await world.sent_again("refund")
        line = record(world, refund, "paid")
        assert effects(await take(world, line)) == [Effect.LEFT]
        assert world.refund(refund.refund_id).state is State.UNKNOWN
        await asyncio.sleep(61)
        assert effects(await take(world, line)) == [Effect.CONCLUDED]


@told(repeat="never")
async def test_an_answer_that_comes_after_the_file_changes_nothing(world: World) -> None:
    refund = (await world.give_back(5_000, fault="delay:90")).refund
    await take(world, record(world, refund, "paid"))
    concluded = world.refund(refund.refund_id)
    await asyncio.sleep(60)
    assert world.refund(refund.refund_id) == concluded
    assert (world.paid(), world.sale("S-1").done) == (5_000, 5_000)
    assert world.open_cases() == []


@told(repeat="never")
async def test_it_works_while_trading_is_stopped(world: World) -> None:
    refund = await world.unknown("drop-answer")
    await world.give_back(100, "S-2", fault="code:03")
    assert world.host.stopped == say("response.merchant_unknown")
    world.die()
    assert effects(await take(world, record(world, refund, "paid"))) == [Effect.CONCLUDED]


@told(repeat="never")
async def test_one_commit_concludes_it_all_and_outlives_a_kill(world: World) -> None:
    one = await world.unknown("drop-answer")
    other = await world.unknown("drop-answer", amount=100, sale_id="S-2")
    steps = note_steps(world.ledger)
    await take(world, record(world, one, "paid"), record(world, other, "paid"))
    assert steps == ["import_outcomes"]
    reborn = world.reborn(world.folder.parent / "reborn")
    world.die()
    for refund in (one, other):
        assert reborn.refund(refund.refund_id).state is State.ACCEPTED
        assert reborn.slips(refund.refund_id)[-1] == "refund customer"
    verify_store(reborn.ledger)
    reborn.close_files()


BEHIND_ITS_BACK = [
    "DELETE FROM outcomes",
    "UPDATE outcomes SET reference = 'x'",
    "UPDATE outcomes SET line = 2",
    "UPDATE outcomes SET effect = 'agrees'",
    "UPDATE outcome_files SET source = 'other.jsonl'",
    "UPDATE refunds SET state = 'declined' WHERE state = 'given_up'",
]


@pytest.mark.parametrize("change", BEHIND_ITS_BACK)
@told(repeat="never")
async def test_a_change_behind_its_back_shows(world: World, change: str) -> None:
    refund = await world.unknown("swallow")
    await asyncio.sleep(LONG)
    await take(world, record(world, refund, "not_paid"))
    assert world.ledger.writer.db.execute(change).rowcount == 1
    with pytest.raises(Exception, match=r"ledger\.tampered"):
        verify_store(world.ledger)


@told(repeat="never")
async def test_a_full_disk_takes_nothing_and_the_next_try_all_of_it(world: World) -> None:
    refund = await world.unknown("drop-answer")

    async def full(name: str, go: Go) -> Any:
        raise Failure("ledger.full", file="ledger.db", cause="SQLITE_FULL")

    end = around_steps(world.ledger, full)
    line = record(world, refund, "paid")
    assert await failure_in(take(world, line)) == "ledger.full"
    end()
    assert world.refund(refund.refund_id) == refund
    assert world.host.stopped is None
    assert effects(await take(world, line)) == [Effect.CONCLUDED]


@told(repeat="never")
async def test_killed_before_the_commit_nothing_of_the_file_is_there(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    refund = await world.unknown("drop-answer")
    other = await world.unknown("drop-answer", amount=100, sale_id="S-2")
    lines = [record(world, one, "paid") for one in (refund, other)]
    reborn = []
    take_in = world.ledger.writer.transact

    def dying(name: str, work: Any) -> Any:
        def and_die(step: Any) -> Any:
            work(step)
            reborn.append(world.reborn(world.folder.parent / "reborn"))
            raise Failure("ledger.io", file="ledger.db", cause="gone")

        return take_in(name, and_die if name == "import_outcomes" else work)

    monkeypatch.setattr(world.ledger.writer, "transact", dying)
    assert await failure_in(take(world, *lines)) == "ledger.io"
    (next_one,) = reborn
    world.die()
    assert [one.state for one in next_one.ledger.refunds.open_ones()] == [State.UNKNOWN] * 2
    assert effects(await take(next_one, *lines)) == [Effect.CONCLUDED, Effect.CONCLUDED]
    assert next_one.held() == 0
    next_one.close_files()
