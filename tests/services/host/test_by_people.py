"""An outcome that only people can tell, and the acquirer that answers after them (R32)."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from worlds.failures import failure_in
from worlds.host import World, told
from worlds.stories import beside

from pos_terminal.core.refund import Kind, State
from pos_terminal.core.tenders import Basis, Exceptional
from pos_terminal.core.words import Failure, say
from pos_terminal.ports import Finding
from pos_terminal.services.proof.verify import verify_store
from pos_terminal.wire.feed.lines import Format
from pos_terminal.wire.receipt.kinds.overpaid import Overpaid
from pos_terminal.wire.receipt.kinds.refund import Refunded
from pos_terminal.wire.receipt.parts.telling import Telling

REFERENCE = "20261120017"


async def conclude(world: World, refund_id: int, paid: bool, done: int | None = None) -> Any:
    asked = world.ledger.refunds.by_id(refund_id)
    amount = (0 if asked is None else asked.amount) if done is None else done
    finding = Finding(amount if paid else 0, REFERENCE, "102", world.two(5_000, Finding.RULE))
    return await world.host.conclude_by_people(refund_id, finding)


@told(repeat="never")
async def test_paid_is_printed_and_recorded_as_an_approval(world: World) -> None:
    refund = await world.unknown("drop-answer")
    result = await conclude(world, refund.refund_id, paid=True)
    assert (result.refund.state, result.refund.done) == (State.ACCEPTED, 5_000)
    assert result.refund.flagged
    assert result.words == say("host.paid_by_people")
    assert (world.paid(), world.held()) == (5_000, 0)
    assert world.slips(refund.refund_id)[-2:] == ["refund merchant", "refund customer"]
    body = world.body(refund.refund_id, Refunded)
    assert body.concluded == Telling(REFERENCE, ("201 Wang", "202 Li"))
    assert world.concluded[-1] == result.refund
    assert world.open_cases() == []
    assert world.host.state.pending == 0
    verify_store(world.ledger)


@told(repeat="never")
async def test_not_paid_before_the_cut_off_is_refused_and_says_from_when_on(world: World) -> None:
    refund = await world.unknown("drop-answer")
    with pytest.raises(Failure) as caught:
        await conclude(world, refund.refund_id, paid=False)
    assert caught.value.words == say("host.too_early", since="11-20 23:00")
    assert world.held() == 5_000
    await asyncio.sleep(13 * 3600 - 120)
    assert await failure_in(conclude(world, refund.refund_id, paid=False)) == "host.too_early"
    await asyncio.sleep(120)
    result = await conclude(world, refund.refund_id, paid=False)
    assert (result.refund.state, world.held()) == (State.GIVEN_UP, 0)
    assert result.words == say("host.given_up")
    assert world.slips(refund.refund_id)[-2:] == ["given_up merchant", "given_up customer"]
    assert world.open_cases() == []


@told()
async def test_no_form_that_the_acquirer_would_pay_is_withdrawn_before_its_cut_off(
    world: World,
) -> None:
    """Whatever the screen, which looks as well, took for the time."""
    lost = Basis(Exceptional.CARD_LOST)
    application = await world.apply(kind=Kind.MANUAL, basis=lost)
    form = await world.ledger.commit_form(application.number, ())
    await asyncio.sleep(13 * 3600 - 120)
    assert await failure_in(conclude(world, form.refund_id, paid=False)) == "host.too_early"
    assert (world.held(), world.refund(form.refund_id).state) == (5_000, State.FORM_PRINTED)
    await asyncio.sleep(120)
    # that it was paid is another question, with a supervisor alone
    assert await failure_in(conclude(world, form.refund_id, paid=True)) == "host.ended_elsewhere"
    result = await conclude(world, form.refund_id, paid=False)
    assert (result.refund.state, world.held()) == (State.WITHDRAWN, 0)
    assert await failure_in(conclude(world, form.refund_id, paid=False)) == "host.ended_elsewhere"
    verify_store(world.ledger)


@told()
async def test_what_was_given_up_is_sent_no_more_and_done_again(world: World) -> None:
    world.acquirer.set_mode("swallow")
    refund = (await world.give_back(5_000)).refund
    await world.cut_off()
    await conclude(world, refund.refund_id, paid=False)
    world.acquirer.set_mode("normal")
    sent = len(world.sent("refund"))
    with pytest.raises(TimeoutError):
        await world.in_background(lambda: len(world.sent("refund")) > sent, 7200)
    again = (await world.give_back(5_000)).refund
    assert (again.state, world.paid()) == (State.ACCEPTED, 5_000)
    verify_store(world.ledger)


@pytest.mark.parametrize(
    ("again", "elsewhere", "advice"),
    [
        (0, 0, "已登记差错,未超出原交易金额,请核对"),
        (7_345, 0, "已登记差错,未超出原交易金额,请核对"),
        (0, 10_000, "已登记差错,多退 26.55 待追收"),
        (1, 10_000, "已登记差错,多退 26.56 待追收"),
    ],
)
@told(repeat="never")
async def test_a_late_approval_locks_the_sale(
    world: World, again: int, elsewhere: int, advice: str
) -> None:
    refund = await world.unknown("delay:90")
    await world.cut_off()
    await conclude(world, refund.refund_id, paid=False)
    if elsewhere:
        await give_back_elsewhere(world, elsewhere)
    if again:
        assert (await world.give_back(again)).refund.done == again
    await world.until(lambda: world.refund(refund.refund_id).state is State.OVERPAID, 60)
    after = world.refund(refund.refund_id)
    assert (after.done, after.response, after.flagged) == (5_000, "00", True)
    assert world.sale("S-1").locked
    assert world.open_cases() == ["overpayment"]
    assert world.slips(refund.refund_id)[-1] == "overpaid merchant"
    slip = world.ledger.slips.of_refund(refund.refund_id)[-1].slip
    assert isinstance(slip.body, Overpaid)
    assert slip.body.why.advice.zh == advice
    assert slip.body.concluded is not None
    assert slip.body.concluded.reference == REFERENCE
    assert (slip.head.amount, slip.body.request.rrn) == (5_000, after.rrn)
    application = await world.apply(amount=1)
    assert await failure_in(world._authorise(application)) == "ledger.sale_locked"
    assert world.paid() == 5_000 + again
    verify_store(world.ledger)


async def give_back_elsewhere(world: World, amount: int) -> None:
    event = {"kind": "refunded_elsewhere", "reference": "HQ1", "sale_id": "S-1", "amount": amount}
    event |= {"at": "2026-11-20T10:01:00+08:00"}
    report = await world.ledger.feed.take_in(
        [json.dumps(event)], source="test", form=Format.JSONL, allow_pan=False
    )
    assert report.events == 1


@pytest.mark.parametrize(
    "fault", ["code:05", "wrong-mac", "wrong-amount", "other-batch", "other-card"]
)
@told(repeat="never")
async def test_no_other_answer_moves_what_was_given_up(world: World, fault: str) -> None:
    world.acquirer.set_mode("delay:90", 1)
    world.acquirer.set_mode(fault, 1, also=True)
    refund = await world.unknown()
    await world.cut_off()
    await conclude(world, refund.refund_id, paid=False)
    await asyncio.sleep(60)
    late = [one for one in world.acquirer.log.entries() if one.get("mti") == "0230"]
    assert len(late) == 1
    assert world.refund(refund.refund_id).state is State.GIVEN_UP
    assert not world.sale("S-1").locked


async def lock_comes(world: World, sale_id: str) -> int:
    """What the late approval of this sale's refund was worth, once it came."""
    await world.until(lambda: world.sale(sale_id).locked, 10)
    (case,) = world.ledger.cases.open_ones()
    assert (case.kind, case.sale_key) == ("contradiction", world.sale(sale_id).key)
    verify_store(world.ledger)
    return case.over


@pytest.mark.parametrize(("part", "over"), [("", 5_000), ("partial:1200", 1_200)])
@told("generic")
async def test_an_approval_after_a_decline_locks_the_sale(
    world: World, part: str, over: int
) -> None:
    world.acquirer.set_mode("regret:5", 1)
    if part:
        world.acquirer.set_mode(part, 1, also=True)
    refund = (await world.give_back(5_000)).refund
    assert (refund.state, world.paid(), world.held()) == (State.DECLINED, over, 0)
    assert await lock_comes(world, "S-1") == over
    assert world.refund(refund.refund_id) == refund
    application = await world.apply(amount=1)
    assert await failure_in(world._authorise(application)) == "ledger.sale_locked"


@told("generic")
async def test_so_does_an_approval_of_a_declined_void(world: World) -> None:
    world.acquirer.set_mode("regret:5", 1, on=["void"])
    assert (await world.void()).refund.state is State.DECLINED
    assert await lock_comes(world, "S-2") == world.sale("S-2").amount


@told("generic")
async def test_and_an_approval_of_what_was_sent_anew_after_a_sign_on(world: World) -> None:
    """It said 77 to the first request, and paid both."""
    await world.host.sign_on()
    world.acquirer.set_mode("regret:5", 1)
    world.acquirer.set_mode("lie:77", 1, also=True)
    second = (await world.give_back(5_000)).refund
    assert (second.state, world.refund(1).state) == (State.ACCEPTED, State.NOT_SENT)
    assert await lock_comes(world, "S-1") == 5_000
    assert world.paid() == world.sale("S-1").done + 5_000


@pytest.mark.parametrize(
    "fault", ["wrong-mac", "no-mac", "other-batch", "other-card", "wrong-amount"]
)
@told("generic")
async def test_an_approval_after_a_decline_counts_only_where_it_is_the_acquirers(
    world: World, fault: str
) -> None:
    await world.host.sign_on()
    world.acquirer.set_mode("regret:5", 1)
    world.acquirer.set_mode(fault, 1, also=True)
    await world.give_back(5_000)
    await asyncio.sleep(30)
    assert not world.sale("S-1").locked
    assert "contradiction" not in world.open_cases()


@told()
async def test_an_approval_that_comes_at_once_and_twice_after_a_decline_is_one(
    world: World,
) -> None:
    world.acquirer.set_mode("regret:0", 1)
    world.acquirer.set_mode("two-answers", 1, also=True)
    await world.give_back(5_000)
    assert await lock_comes(world, "S-1") == 5_000


@told()
async def test_a_late_approval_of_a_void_that_was_given_up_locks_the_sale_too(world: World) -> None:
    void = await world.reversing("delay:200")
    await world.cut_off()
    await conclude(world, void.refund_id, paid=False)
    assert world.held("S-2") == 0
    world.write_slowly()
    await world.until(lambda: void.refund_id in world.host._in_flight, 3600)
    with pytest.raises(Failure, match=r"host\.trying_now"):
        await conclude(world, void.refund_id, paid=True)
    await world.until(lambda: world.refund(void.refund_id).state is State.OVERPAID, 3600)
    assert world.sale("S-2").locked
    assert world.open_cases() == ["overpayment"]
    verify_store(world.ledger)


@told()
async def test_a_late_part_of_a_void_that_was_given_up_changes_nothing(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.acquirer.set_mode("partial:3000", on=["void"])
    world.acquirer.set_mode("delay:200", on=["void"], also=True)
    world.acquirer.set_mode("swallow", on=["reversal"], also=True)
    void = (await world.void()).refund
    assert void.repeats > 0
    await world.cut_off()
    await conclude(world, void.refund_id, paid=False)
    await asyncio.sleep(200)
    assert "late answer" in caplog.text
    assert "ended with" not in caplog.text
    assert (world.refund(void.refund_id).state, world.open_cases()) == (State.GIVEN_UP, [])


@told()
async def test_a_void_that_took_effect_is_reversed_no_more(world: World) -> None:
    void = await world.reversing()
    result = await conclude(world, void.refund_id, paid=True)
    assert result.refund.state is State.ACCEPTED
    assert world.sale("S-2").state == "voided"
    assert world.slips(void.refund_id)[-1] == "void customer"
    world.acquirer.set_mode("normal")
    sent = len(world.sent("reversal"))
    with pytest.raises(TimeoutError):
        await world.in_background(lambda: len(world.sent("reversal")) > sent, 7200)
    assert world.paid() == 12_345
    verify_store(world.ledger)


@told()
async def test_people_wait_while_it_is_being_sent_again(world: World) -> None:
    world.acquirer.set_mode("swallow")
    refund = (await world.give_back(5_000)).refund
    async with beside(world.host.run()):
        await world.sent_again("refund")
        assert await failure_in(conclude(world, refund.refund_id, paid=True)) == "host.trying_now"
        await asyncio.sleep(61)
        result = await conclude(world, refund.refund_id, paid=True)
        assert result.refund.state is State.ACCEPTED


@told()
async def test_what_is_known_by_now_is_not_concluded_again(world: World) -> None:
    done = (await world.give_back(5_000)).refund
    for refund_id in (done.refund_id, 99):
        assert await failure_in(conclude(world, refund_id, paid=True)) == "host.ended_elsewhere"


@told(repeat="never")
async def test_it_works_while_trading_is_stopped(world: World) -> None:
    refund = await world.unknown("drop-answer")
    await world.give_back(100, "S-2", fault="code:03")
    assert world.host.state.stopped is not None
    world.die()
    result = await conclude(world, refund.refund_id, paid=True)
    assert result.refund.state is State.ACCEPTED


@told(repeat="never")
async def test_without_a_clock_that_is_believed_nothing_is_given_up(world: World) -> None:
    refund = await world.unknown("drop-answer")
    await asyncio.sleep(48 * 3600)
    world.clock._synchronised = lambda: False
    world.clock._proven = False
    with pytest.raises(Failure, match=r"clock\."):
        await conclude(world, refund.refund_id, paid=False)
    assert world.held() == 5_000


@told(repeat="never")
async def test_it_survives_a_kill_right_after_the_commit(world: World) -> None:
    refund = await world.unknown("delay:90")
    await world.cut_off()
    await conclude(world, refund.refund_id, paid=False)
    reborn = world.reborn(world.folder.parent / "reborn")
    world.die()
    await reborn.host.recover()
    assert reborn.refund(refund.refund_id).state is State.GIVEN_UP
    assert reborn.ledger.findings.of_refund(refund.refund_id) == world.ledger.findings.of_refund(
        refund.refund_id
    )
    assert reborn.held() == 0
    verify_store(reborn.ledger)
    reborn.close_files()
