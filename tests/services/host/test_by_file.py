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
from worlds.steps import Go, around_steps, note_steps
from worlds.stories import beside

from pos_terminal.core.case import Contradicted, PaidTwice
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


def record(world: World, refund: Refund, outcome: str, **changes: Any) -> dict[str, Any]:
    terminal = world.config.terminal
    found = {
        "terminal_id": terminal.terminal_id,
        "merchant_id": terminal.merchant_id,
        "batch": refund.batch,
        "trace": refund.stan,
        "kind": refund.kind.value,
        "amount": refund.amount,
        "outcome": outcome,
        "rrn": "632400009999" if outcome == "paid" else "",
        "auth_code": "",
        "happened_on": "2026-11-21",
        "reference": f"F-{refund.stan}",
    }
    return found | changes


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


@pytest.mark.parametrize(
    ("code", "outcome", "part"),
    [("00", "not_paid", {}), ("05", "paid", {}), ("00", "paid", {"paid_amount": 4_999})],
)
@told()
async def test_a_contradiction_opens_a_case_and_moves_no_money(
    world: World, code: str, outcome: str, part: dict[str, int]
) -> None:
    if code != "00":
        world.acquirer.set_mode(f"code:{code}", 1)
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
    assert effects(await take(world, line)) == [Effect.KNOWN]
    assert len(world.ledger.cases.open_ones()) == 1


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
    assert "paid 2 times by lines 2, 3" in report.notes()[0].reason
    assert report.as_json()["paid_twice"] == 1
    with pytest.raises(Failure, match="locked"):
        await world.give_back(100)


@told()
async def test_the_ledgers_own_posting_is_not_the_one_too_many(world: World) -> None:
    refund = (await world.give_back(5_000)).refund
    own, second = twice(world, refund, paid_amount=3_000)
    report = await take(world, second, own)
    assert effects(report) == [Effect.AGREES]
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
    await world.ledger.cases.close(case.case_id, Closing("R-1", "102", two))
    verify_store(world.ledger)
    after = world.sale("S-1")
    assert (before.locked, after.locked) == (True, False)
    assert before.remaining - after.remaining == min(5_000, before.remaining)
    for again in (lines, lines[::-1]):
        assert effects(await take(world, *again, name="1122.jsonl")) == [Effect.KNOWN]
    assert world.ledger.cases.open_ones() == []
    assert not world.sale("S-1").locked


@told(repeat="never")
async def test_two_postings_of_what_is_under_way_are_left_to_the_line(world: World) -> None:
    refund = await world.unknown("drop-answer")
    with world.host._in_flight.claim(world.host._by_people.intent(refund)):
        assert effects(await take(world, *twice(world, refund))) == [Effect.LEFT]
        assert not world.sale("S-1").locked
    assert effects(await take(world, *twice(world, refund))) == [Effect.CONCLUDED]
    assert world.sale("S-1").locked


@told(repeat="never")
async def test_two_postings_of_a_stranger_are_named_only(world: World) -> None:
    refund = await world.unknown("drop-answer")
    lines = [one | {"trace": "000099"} for one in twice(world, refund)]
    assert effects(await take(world, *lines)) == [Effect.UNMATCHED]
    assert "paid_twice" not in world.open_cases()
    assert not world.sale("S-1").locked


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM cases WHERE kind = 'paid_twice'; UPDATE sales SET locked = 0",
        "UPDATE cases SET facts = json_set(facts, '$.over', 1) WHERE kind = 'paid_twice'",
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
async def test_a_later_file_with_other_content_is_refused(world: World) -> None:
    refund = await world.unknown("drop-answer")
    await take(world, record(world, refund, "paid"))
    report = await take(world, record(world, refund, "paid", rrn="632400000000"))
    assert report.problems[0].reason == "known with other content from an earlier file"


@told(repeat="never")
async def test_what_the_ledger_does_not_know_is_named_and_kept(world: World) -> None:
    refund = await world.unknown("drop-answer")
    stranger = record(world, refund, "paid", trace="000099")
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
    reborn.ledger.close()


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
    next_one.ledger.close()
