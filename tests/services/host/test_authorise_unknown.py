"""A refund or a void whose outcome is unknown for a while, or for good."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from copy import copy
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from worlds.failures import failure_in
from worlds.host import World, told
from worlds.steps import Go, around_steps
from worlds.stories import beside

from pos_terminal.core.answers import Meaning
from pos_terminal.core.cause import Cause
from pos_terminal.core.refund import State
from pos_terminal.core.words import Failure, say
from pos_terminal.wire.iso8583 import requests
from pos_terminal.wire.iso8583.codec import Codec
from pos_terminal.wire.iso8583.message import Message
from pos_terminal.wire.receipt.kinds.pending import Pending

Tell = Callable[..., Any]
FAULTS = ["swallow", "drop-answer", "half-frame", "cut:0", "cut:1", "cut:40", "no-mac", "wrong-mac"]
FOREIGN = ["other-stan", "other-terminal", "other-batch", "other-card", "wrong-amount"]


def open_now(world: World) -> list[Any]:
    return list(world.ledger.refunds.open_ones())


def concluded(world: World) -> Callable[[], bool]:
    return lambda: not world.ledger.refunds.open_ones()


def cases(world: World) -> list[str]:
    rows = world.ledger.db.execute("SELECT kind FROM cases ORDER BY case_id").fetchall()
    return [row["kind"] for row in rows]


@pytest.mark.parametrize(
    ("profile", "options", "seconds"),
    [("cup", {}, 60.0), ("generic", {}, 45.0), ("cup", {"answer_seconds": 12.0}, 12.0)],
)
def test_an_answer_is_waited_for_as_the_profile_says_or_the_configuration(
    tell: Tell, profile: str, options: dict[str, Any], seconds: float
) -> None:
    async def story(world: World) -> float:
        world.acquirer.set_mode("swallow", 1, on=["refund"])
        started: float = world.loop.time()
        assert (await world.give_back(5_000)).refund.repeats == 1
        return world.loop.time() - started

    waited = tell(story, profile, **options)
    assert waited == pytest.approx(seconds, abs=0.5)


# --- a refund that may be repeated -----------------------------------------------------------


@pytest.mark.parametrize("fault", FAULTS + FOREIGN)
@told()
async def test_a_refund_with_a_lost_answer_is_repeated_and_paid_once(
    world: World, fault: str
) -> None:
    world.acquirer.set_mode(fault, 1)
    started = world.loop.time()
    refund = (await world.give_back(5_000)).refund
    assert world.loop.time() - started <= 90
    assert (refund.state, refund.done, refund.repeats) == (State.ACCEPTED, 5_000, 1)
    assert (world.paid(), world.held()) == (5_000, 0)
    assert world.slips(refund.refund_id) == ["refund merchant", "refund customer"]


@pytest.mark.parametrize(("fault", "count"), [("swallow", 1), ("drop-answer", 3)])
@told()
async def test_a_repeat_is_the_same_message_byte_for_byte(
    world: World, fault: str, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    bodies: list[bytes] = []
    exchange = world.acquirer.exchange

    def spy(body: bytes, link: int = 0) -> Any:
        bodies.append(body)
        return exchange(body, link)

    monkeypatch.setattr(world.acquirer, "exchange", spy)
    world.acquirer.set_mode(fault, count)
    await world.give_back(5_000)
    _sign_on, *refunds = bodies
    assert len(refunds) == count + 1
    assert len(set(refunds)) == 1


@told()
async def test_a_repeat_after_a_sign_on_differs_in_its_mac_alone(world: World) -> None:
    await world.give_back(5_000, fault="wrong-mac")
    first, second = world.sent("refund")
    assert len(world.sent("sign_on")) == 2
    different = {n for n in first["fields"] if first["fields"][n] != second["fields"][n]}
    assert different == {"64"}


@pytest.mark.parametrize("code", ["68", "91", "96", "98", "ZZ"])
@told()
async def test_an_acquirer_that_does_not_know_is_asked_again(world: World, code: str) -> None:
    world.acquirer.set_mode(f"code:{code}", 2)
    refund = (await world.give_back(5_000)).refund
    assert (refund.state, refund.repeats) == (State.ACCEPTED, 2)
    assert world.paid() == 5_000


@pytest.mark.parametrize(
    ("code", "remark"),
    [
        ("91", "issuer_abnormal"),
        ("96", "switch_fault"),
        ("98", "issuer_silent"),
        ("68", None),
        ("ZZ", None),
    ],
)
@told(repeat="never")
async def test_why_the_acquirer_does_not_know_stands_beneath_the_outcome(
    world: World, code: str, remark: str | None
) -> None:
    world.acquirer.set_mode(f"code:{code}", 9)
    result = await world.give_back(5_000)
    assert (result.refund.state, result.refund.cause) == (State.UNKNOWN, Cause.UNCLEAR)
    assert result.words == say("host.unknown")
    assert result.remark == (None if remark is None else say(f"response.{remark}"))
    assert world.held() == 5_000


@told(repeat="never")
async def test_an_answer_without_a_valid_mac_gives_no_reason(world: World) -> None:
    world.acquirer.set_mode("code:96", 9)
    world.acquirer.set_mode("wrong-mac", 9)
    result = await world.give_back(5_000)
    assert result.refund.cause is Cause.BAD_MAC
    assert result.remark is None


@told()
async def test_a_second_answer_changes_nothing(world: World) -> None:
    world.acquirer.set_mode("two-answers")
    first = (await world.give_back(5_000)).refund
    second = (await world.give_back(4_000)).refund
    assert [first.state, second.state] == [State.ACCEPTED, State.ACCEPTED]
    assert world.paid() == 9_000


@told()
async def test_the_customer_leaves_with_a_certificate_within_ninety_seconds(world: World) -> None:
    await world.host.prepare()
    world.acquirer.set_mode("swallow")
    started = world.loop.time()
    result = await world.give_back(5_000)
    assert 60 <= world.loop.time() - started <= 90
    refund = result.refund
    assert (refund.state, refund.cause) == (State.UNKNOWN, Cause.NO_ANSWER)
    assert result.words == say("host.unknown")
    assert world.held() == 5_000
    assert world.slips(refund.refund_id) == ["pending merchant", "pending customer"]
    slip = world.ledger.slips.of_refund(refund.refund_id)[0].slip
    assert isinstance(slip.body, Pending)
    assert slip.body.check_code == slip.head.barcode
    assert len(slip.body.check_code) == 13
    assert slip.body.expected.zh == "结果预计 2026-11-25 前确认"  # a weekend lies between
    assert slip.head.contact == "010-1234"


@told()
async def test_the_background_brings_it_to_its_end(world: World) -> None:
    world.acquirer.set_mode("drop-answer")
    refund = await world.unknown()
    world.acquirer.set_mode("normal")
    await world.in_background(concluded(world))
    after = world.refund(refund.refund_id)
    assert (after.state, after.stan) == (State.ACCEPTED, refund.stan)
    assert (world.paid(), world.held()) == (5_000, 0)
    assert world.slips(refund.refund_id)[-2:] == ["refund merchant", "refund customer"]


@told()
async def test_the_background_is_slow_and_sleeps_between(world: World) -> None:
    world.acquirer.set_mode("drop-answer")
    refund = (await world.give_back(5_000)).refund
    start = world.loop.time()
    await world.in_background(lambda: world.loop.time() - start > 7_200, 7_300)
    tries = world.refund(refund.refund_id).repeats
    assert 8 <= tries <= 6 + 7  # the round of six, then 5, 10, 15 … minutes apart
    assert world.host.state.pending == 1
    assert world.paid() == 5_000


@told()
async def test_nothing_is_written_or_sent_while_nothing_is_owed(world: World) -> None:
    await world.give_back(5_000)
    async with beside(world.host.run()):
        await asyncio.sleep(1)
        messages = len(world.acquirer.log.entries())
        entry = world.ledger.journal.last_at()
        await asyncio.sleep(86_400)
        assert world.ledger.journal.last_at() == entry
        closed = world.acquirer.log.entries()[messages:]
        assert {one["direction"] for one in closed} <= {"event"}


@told()
async def test_a_decline_of_the_repeat_concludes_it(world: World) -> None:
    world.acquirer.set_mode("swallow", 1)
    world.acquirer.set_mode("code:61", also=True)
    refund = (await world.give_back(5_000)).refund
    assert (refund.state, refund.response) == (State.DECLINED, "61")
    assert (world.held(), world.paid()) == (0, 0)


@pytest.mark.parametrize("code", ["77", "99", "A0", "A7", "03", "97"])
@told()
async def test_a_repeat_that_is_not_taken_signs_on_and_never_closes_it(
    world: World, code: str
) -> None:
    world.acquirer.set_mode("drop-answer", 1)
    await world.host.prepare()
    world.acquirer.set_mode(f"code:{code}", 2, ["refund"], also=True)
    refund = (await world.give_back(5_000)).refund
    assert refund.state is State.ACCEPTED
    assert len({entry["fields"]["11"] for entry in world.sent("refund")}) == 1
    assert len(world.sent("sign_on")) >= 2
    assert world.host.state.stopped is None
    assert world.paid() == 5_000


@pytest.mark.parametrize(
    ("fault", "count", "also"), [("swallow", 1, "code:94"), ("code:05", None, "no-mac")]
)
@told()
async def test_neither_a_duplicate_on_a_repeat_nor_an_untrusted_decline_frees_the_hold(
    world: World, fault: str, count: int | None, also: str
) -> None:
    world.acquirer.set_mode(fault, count)
    world.acquirer.set_mode(also, also=True)
    await world.unknown()
    assert world.held() == 5_000


@told()
async def test_an_acquirer_that_lost_its_keys_and_memory_is_signed_on_to_again(
    world: World,
) -> None:
    await world.host.prepare()
    world.acquirer.book.forget()
    refund = (await world.give_back(5_000)).refund
    assert refund.state is State.ACCEPTED
    assert world.paid() == 5_000


@told()
async def test_a_new_batch_ends_the_repeats_and_opens_a_case(world: World) -> None:
    world.acquirer.set_mode("drop-answer")
    refund = (await world.give_back(5_000)).refund
    world.acquirer.set_mode("normal")
    world.acquirer.begin_batch("10000001", "000002")
    await world.host.sign_on()
    before = len(world.sent("refund"))
    await world.in_background(lambda: bool(cases(world)))
    after = world.refund(refund.refund_id)
    assert (after.state, after.cause) == (State.UNKNOWN, Cause.BATCH_CLOSED)
    assert cases(world) == ["batch_closed"]
    assert (len(world.sent("refund")), world.host.state.pending) == (before, 0)
    assert world.held() == 5_000


@told()
async def test_a_batch_that_changes_in_the_middle_of_a_round_ends_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    exchange = world.acquirer.exchange

    def then_a_new_batch(body: bytes, link: int = 0) -> Any:
        delivery = exchange(body, link)
        if world.sent("refund"):
            world.acquirer.begin_batch("10000001", "000002")
        return delivery

    monkeypatch.setattr(world.acquirer, "exchange", then_a_new_batch)
    result = await world.give_back(5_000, fault="wrong-mac")
    assert (result.refund.state, result.refund.cause) == (State.UNKNOWN, Cause.BATCH_CLOSED)
    assert len(world.sent("refund")) == 1
    assert cases(world) == ["batch_closed"]
    assert world.slips(result.refund.refund_id) == ["pending merchant", "pending customer"]


@told()
async def test_a_closed_batch_becomes_a_case_without_a_line(world: World) -> None:
    world.acquirer.set_mode("drop-answer")
    await world.give_back(5_000)
    world.acquirer.begin_batch("10000001", "000002")
    await world.host.sign_on()
    world.wires.plugged = False
    await asyncio.sleep(31)
    await world.in_background(lambda: bool(cases(world)))
    assert cases(world) == ["batch_closed"]


@told(repeat="never")
async def test_a_late_answer_under_the_keys_before_a_sign_on_is_still_good(world: World) -> None:
    refund = await world.unknown("delay:100")
    await world.host.sign_on()
    await world.until(concluded(world), 60)
    assert world.refund(refund.refund_id).state is State.ACCEPTED


@told()
async def test_an_unknown_refund_blocks_its_sale_and_not_the_terminal(world: World) -> None:
    world.acquirer.set_mode("swallow")
    unknown = (await world.give_back(12_345)).refund
    world.acquirer.set_mode("swallow", on=["refund"])
    assert (await world.void()).refund.state is State.ACCEPTED
    assert await failure_in(world.give_back(1)) == "ledger.sale_open"
    assert world.refund(unknown.refund_id).state is State.UNKNOWN


@told()
async def test_a_late_answer_concludes_it(world: World) -> None:
    refund = await world.answered_late("delay:100")
    assert refund.state is State.UNKNOWN
    await world.until(concluded(world))
    assert world.refund(refund.refund_id).state is State.ACCEPTED
    assert world.paid() == 5_000


# --- a refund that must not be repeated ---------------------------------------------------------


@pytest.mark.parametrize("fault", ["swallow", "drop-answer", "cut:1", "wrong-mac"])
@told(repeat="never")
async def test_without_the_acquirers_promise_it_is_left_to_people(world: World, fault: str) -> None:
    world.acquirer.set_mode("forgetful", on=["refund", "void", "reversal"])
    world.acquirer.set_mode(fault, 1, also=True)
    result = await world.give_back(5_000)
    refund = result.refund
    assert (refund.state, result.words.code) == (State.UNKNOWN, "host.unknown")
    assert world.slips(refund.refund_id) == ["pending merchant", "pending customer"]
    assert cases(world) == ["unknown_outcome"]
    await world.in_background(lambda: world.host.state.signed_on)
    await asyncio.sleep(86_400)
    assert len(world.sent("refund")) == 1
    assert (world.held(), world.host.state.pending) == (5_000, 0)


@told(repeat="never")
async def test_a_late_answer_concludes_what_was_left_to_people(world: World) -> None:
    refund = await world.unknown("delay:75")
    await world.until(concluded(world))
    assert world.refund(refund.refund_id).state is State.ACCEPTED
    assert world.concluded[-1].state is State.ACCEPTED


@told(repeat="never")
async def test_an_answer_that_comes_while_unknown_is_recorded_concludes_it(world: World) -> None:
    """Until that commit is over it waits with whoever has just given up on it."""

    async def stalling(name: str, go: Go) -> Any:
        done = await go()
        await asyncio.sleep(0.25)
        return done

    around_steps(world.ledger, stalling)
    refund = await world.unknown("delay:60.1")
    await asyncio.sleep(1.0)
    assert world.refund(refund.refund_id).state is State.ACCEPTED


@told()
async def test_an_answer_that_comes_while_a_try_finds_no_line_concludes_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    late: list[Any] = []
    stray, world.host._link.stray = world.host._link.stray, late.append
    refund = await world.answered_late("delay:100")
    assert refund.state is State.UNKNOWN
    await world.until(lambda: bool(late))

    async def no_line(*_: Any) -> Any:
        stray(late[0])
        await asyncio.sleep(5.0)
        raise ConnectionRefusedError(111, "Connection refused")

    monkeypatch.setattr(world.wires, "connect", no_line)
    await world.in_background(concluded(world))
    assert world.refund(refund.refund_id).state is State.ACCEPTED
    assert world.paid() == 5_000


# --- a void -----------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", FAULTS + FOREIGN)
@told()
async def test_a_void_with_a_lost_answer_is_reversed_and_the_sale_stands(
    world: World, fault: str
) -> None:
    result = await world.void(fault)
    refund = result.refund
    assert (refund.state, result.words) == (State.REVERSED, say("host.reversed"))
    assert (world.paid(), world.held("S-2")) == (0, 0)
    assert world.sale("S-2").state == "approved"
    assert world.slips(refund.refund_id) == ["reversed merchant", "reversed customer"]
    (void,) = world.sent("void")
    (reversal,) = world.sent("reversal")
    assert reversal["mti"] == "0400"
    assert reversal["fields"]["11"] == void["fields"]["11"] == refund.stan
    reason = "A0" if fault in {"no-mac", "wrong-mac"} else "98"
    assert reversal["fields"]["39"] == reason
    assert (await world.void()).refund.state is State.ACCEPTED


@told()
async def test_a_reversal_is_durable_before_it_leaves(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.acquirer.set_mode("drop-answer", 1)
    states: list[State] = []
    exchange = world.acquirer.exchange

    def spy(body: bytes, link: int = 0) -> Any:
        states.append(world.ledger.refunds.recent(1)[0].state)
        return exchange(body, link)

    await world.host.prepare()
    monkeypatch.setattr(world.acquirer, "exchange", spy)
    await world.void()
    assert states == [State.SEALED, State.REVERSING]


@told()
async def test_an_unanswered_reversal_is_kept_until_it_is_acknowledged(world: World) -> None:
    world.acquirer.set_mode("drop-answer", on=["void", "reversal"])
    started = world.loop.time()
    result = await world.void()
    assert world.loop.time() - started <= 90
    refund = result.refund
    assert (refund.state, refund.repeats) == (State.REVERSING, 3)
    assert world.slips(refund.refund_id) == ["pending merchant", "pending customer"]
    assert world.held("S-2") == 12_345
    world.acquirer.set_mode("normal")
    await world.in_background(concluded(world))
    assert world.refund(refund.refund_id).state is State.REVERSED
    assert (world.paid(), world.held("S-2")) == (0, 0)


@pytest.mark.parametrize("code", ["12", "25"])
@told()
async def test_codes_that_close_a_reversal(world: World, code: str) -> None:
    world.acquirer.set_mode("swallow", 1)
    world.acquirer.set_mode(f"code:{code}", on=["reversal"], also=True)
    assert (await world.void()).refund.state is State.REVERSED


@pytest.mark.parametrize("code", ["05", "40", "61", "94", "96"])
@told()
async def test_codes_that_leave_a_reversal_owed(world: World, code: str) -> None:
    world.acquirer.set_mode("swallow", 1)
    world.acquirer.set_mode(f"code:{code}", on=["reversal"], also=True)
    assert (await world.void()).refund.state is State.REVERSING
    assert world.held("S-2") == 12_345


def reasons(world: World) -> list[str]:
    """Field 39 of each 0400."""
    return [one["fields"]["39"] for one in world.sent("reversal")]


@told()
async def test_a_reversal_says_98_then_06_after_an_answer_and_a0_after_a_bad_mac(
    world: World,
) -> None:
    world.acquirer.set_mode("swallow", 1, ["void"])
    world.acquirer.set_mode("code:40", on=["reversal"], also=True)
    await world.void()
    assert reasons(world) == ["98", "06", "06"]
    assert world.only().cause is Cause.NOT_REVERSED
    world.acquirer.set_mode("wrong-mac", 1, ["reversal"])
    await world.in_background(lambda: len(reasons(world)) == 5)
    assert reasons(world)[3:] == ["06", "A0"]


@told()
async def test_what_the_next_reversal_says_outlives_a_restart(world: World, tmp_path: Path) -> None:
    world.acquirer.set_mode("swallow", 1, ["void"])
    world.acquirer.set_mode("code:40", on=["reversal"], also=True)
    await world.void()
    world.die()
    world.acquirer.set_mode("normal")
    later = world.reborn(tmp_path / "later")
    await later.host.recover()
    await later.in_background(concluded(later))
    assert reasons(world) == ["98", "06", "06", "06"]
    later.close_files()


@pytest.mark.parametrize("code", ["00", "12", "25", "40", "A0"])
@told()
async def test_a_reversal_that_nobody_asked_for_says_nothing(world: World, code: str) -> None:
    world.acquirer.set_mode(f"as-reversal:{code}", 1)
    started = world.loop.time()
    refund = (await world.void()).refund
    assert world.loop.time() - started >= 60, "it was no answer: the void's own was waited for"
    assert refund.state is State.REVERSED
    assert reasons(world) == ["98"]
    assert (world.paid(), world.held("S-2")) == (0, 0)


@told()
async def test_a_reversal_answered_before_this_process_sent_one_says_nothing(
    world: World, tmp_path: Path
) -> None:
    """The last process counted its try: whether a byte of it left, nobody knows."""
    refund = await world.reversing()
    world.die()
    world.acquirer.set_mode("normal")
    later = world.reborn(tmp_path / "later")
    await later.host.recover()
    exchange = world.acquirer.exchange
    request = later.ledger.messages.reopen(refund.refund_id)
    asked = requests.reversal(later.profile, request)
    fields = dict(asked.fields) | {37: "632499999999", 39: "00"}

    def first_an_answer(body: bytes, link: int = 0) -> Any:
        delivery = exchange(body, link)
        if world.sent("reversal") == before:
            unasked = Message("0410", dict(sorted(fields.items())), asked.header, asked.tpdu)
            frame = Codec(later.profile).encode(unasked, world.acquirer.book.mak("10000001"))
            return replace(delivery, data=delivery.data + frame)
        return delivery

    before = world.sent("reversal")
    world.acquirer.exchange = first_an_answer  # type: ignore[method-assign]
    await later.in_background(concluded(later))
    assert later.refund(refund.refund_id).state is State.REVERSED
    assert len(world.sent("reversal")) == len(before) + 1
    assert world.paid() == 0
    later.close_files()


@told()
async def test_code_rrn_and_time_of_a_reversal_are_not_the_voids(world: World) -> None:
    refund = (await world.void("swallow")).refund
    assert refund.state is State.REVERSED
    assert (refund.rrn, refund.response, refund.auth_code) == (None, None, None)
    (acknowledged,) = [one for one in world.acquirer.log.entries() if one.get("mti") == "0410"]
    rrn = acknowledged["fields"]["37"]
    told = world.ledger.refunds.by_id(refund.refund_id)
    assert told == refund
    row = world.ledger.db.execute("SELECT answer, reversal FROM refunds").fetchone()
    assert row["answer"] is None
    kept = json.loads(row["reversal"])
    assert (kept["rrn"], kept["response"]) == (rrn, "25")
    for job in world.ledger.slips.of_refund(refund.refund_id):
        assert rrn not in msgspec.json.encode(job.slip).decode()


@told()
async def test_a_void_approved_after_its_reversal_was_sent_is_ignored(world: World) -> None:
    world.acquirer.set_mode("delay:95", 1, ["void"])
    world.acquirer.set_mode("swallow", on=["reversal"], also=True)
    refund = (await world.void()).refund
    await asyncio.sleep(60)
    late = [one for one in world.acquirer.log.entries() if one.get("mti") == "0210"]
    assert len(late) == 1
    assert world.refund(refund.refund_id).state is State.REVERSING
    assert world.paid() == 12_345
    world.acquirer.set_mode("normal")
    await world.in_background(concluded(world))
    assert world.refund(refund.refund_id).state is State.REVERSED
    assert world.paid() == 0


@told()
async def test_a_late_acknowledgement_of_the_reversal_closes_it(world: World) -> None:
    world.acquirer.set_mode("swallow", 1, ["void"])
    world.acquirer.set_mode("delay:45", on=["reversal"], also=True)
    refund = (await world.void()).refund
    assert refund.state is State.REVERSING
    await world.until(concluded(world))
    assert world.refund(refund.refund_id).state is State.REVERSED
    assert len(world.sent("reversal")) == 1


@told()
async def test_a_partial_void_is_no_void(world: World) -> None:
    world.acquirer.set_mode("partial:3000", on=["void"])
    before = world.loop.time()
    refund = (await world.void()).refund
    assert (refund.state, refund.cause) == (State.REVERSED, Cause.VOID_IN_PART)
    assert (world.paid(), world.held("S-2")) == (0, 0)
    assert world.loop.time() - before < 5  # it was an answer: nobody waited for another one
    (reversal,) = world.sent("reversal")
    assert reversal["fields"]["39"] == "06"


@told()
async def test_a_reversal_is_never_sent_across_a_settlement(world: World) -> None:
    world.acquirer.set_mode("drop-answer", on=["void", "reversal"])
    refund = (await world.void()).refund
    world.acquirer.set_mode("normal")
    world.acquirer.begin_batch("10000001", "000002")
    await world.host.sign_on()
    before = len(world.sent("reversal"))
    await world.in_background(lambda: bool(cases(world)))
    after = world.refund(refund.refund_id)
    assert (after.state, after.cause) == (State.REVERSING, Cause.BATCH_CLOSED)
    assert len(world.sent("reversal")) == before


@told()
async def test_reversals_go_before_repeats_and_both_before_anything_new(world: World) -> None:
    world.acquirer.set_mode("drop-answer", on=["void", "refund", "reversal"])
    await world.give_back(1_000)
    await world.void()
    world.acquirer.set_mode("normal")
    await asyncio.sleep(600)
    mark = len(world.acquirer.log.entries())
    await world.give_back(2_000)
    entries = world.acquirer.log.entries()[mark:]
    order = [one["function"] for one in entries if one["direction"] == "in"]
    assert order == ["reversal", "refund", "refund"]
    amounts = [one["fields"]["4"] for one in entries if one["direction"] == "in"]
    assert amounts[1:] == ["000000001000", "000000002000"]
    assert open_now(world) == []


# --- a ledger that can't be written ----------------------------------------------------------


@pytest.mark.parametrize("kind", ["refund", "void"])
@pytest.mark.parametrize(
    ("error", "stopped"),
    [
        (Failure("ledger.full", file="ledger.db", cause="SQLITE_FULL"), "ledger.full"),
        (ValueError("a defect"), "host.defect"),
    ],
)
@told()
async def test_an_approval_that_can_not_be_recorded_stops_trading_and_is_mended(
    world: World, kind: str, error: Exception, stopped: str
) -> None:
    await world.host.prepare()
    full = True

    async def failing(name: str, go: Go) -> Any:
        if name == "conclude" and full:
            raise error
        return await go()

    around_steps(world.ledger, failing)
    result = await (world.give_back(5_000) if kind == "refund" else world.void())
    assert (result.refund.state, result.words.code) == (State.SEALED, "host.unrecorded")
    assert world.host.state.stopped is not None
    assert world.host.state.stopped.code == stopped
    assert await failure_in(world.give_back(1)) == stopped
    full = False
    await world.in_background(concluded(world))
    state = world.refund(result.refund.refund_id).state
    assert state is (State.ACCEPTED if kind == "refund" else State.REVERSED)
    assert world.paid() == (5_000 if kind == "refund" else 0)
    assert world.host.state.stopped is None


@told(profile="generic")
async def test_an_answer_to_the_first_send_counts_while_a_repeat_is_on_its_way(
    world: World,
) -> None:
    refund = await world.answered_late("delay:80")
    assert (refund.state, refund.repeats) == (State.ACCEPTED, 1)


@told()
async def test_a_part_is_not_booked_as_the_whole_by_a_row_that_says_so_of_a_repeat(
    world: World,
) -> None:
    """10 is a part to a first send, and plainly accepted to a repeat. No profile is loaded that
    says so; and where one did, the amount of the answer would still count."""
    rows = [copy(row) for row in world.profile.responses]
    for row in rows:
        if "10" in row.codes:
            msgspec.structs.force_setattr(row, "repeat", Meaning.ACCEPT)
    world.profile = msgspec.structs.replace(world.profile, responses=rows)
    world.host = world.new_host()
    world.acquirer.set_mode("partial:3000")
    world.acquirer.set_mode("drop-answer", 1, also=True)
    refund = (await world.give_back(5_000)).refund
    assert (refund.state, refund.done, refund.repeats > 0) == (State.UNKNOWN, 0, True)
    assert (world.paid(), world.held()) == (3_000, 5_000)


@told(profile="generic")
async def test_generic_repeats_have_their_own_message_type(world: World) -> None:
    refund = (await world.give_back(5_000, fault="drop-answer")).refund
    assert refund.state is State.ACCEPTED
    assert [entry["mti"] for entry in world.sent("refund")] == ["0200", "0221"]
    assert world.paid() == 5_000
