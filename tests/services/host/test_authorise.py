"""A refund and a void that the acquirer answers, or that never leave."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from worlds.failures import failure_in
from worlds.host import AMOUNT, VOIDABLE_ID, World, told
from worlds.steps import Go, around_steps, note_steps

from pos_terminal.config import Reader, Readers
from pos_terminal.core.answers import Sending
from pos_terminal.core.cause import Cause
from pos_terminal.core.refund import CardMatch, Kind, State
from pos_terminal.core.said import Said
from pos_terminal.core.words import Failure, say
from pos_terminal.texts.domain import after_answer, of_answer
from pos_terminal.wire.feed.lines import Format
from pos_terminal.wire.receipt.kinds.refund import Refunded

Tell = Callable[..., Any]
PLASTIC = "4761739001010010"
PHONE = "4761739001010135"
STRANGER = "5413330089020011"


def failure_of(caught: pytest.ExceptionInfo[Failure]) -> str:
    return caught.value.words.code


@told()
async def test_a_refund_is_paid_once_and_recorded_with_its_slips(world: World) -> None:
    result = await world.give_back(5_000)
    refund = result.refund
    assert (refund.state, refund.done, refund.response) == (State.ACCEPTED, 5_000, "00")
    assert (result.words, result.advice) == (
        say("response.approved"),
        say("response.approved_next"),
    )
    assert world.paid() == 5_000
    assert world.slips(refund.refund_id) == ["refund merchant", "refund customer"]
    assert (world.held(), world.sale("S-1").done) == (0, 5_000)
    (entry,) = [one for one in world.acquirer.ledger() if one["kind"] == "refund"]
    assert (entry["stan"], entry["rrn"]) == (refund.stan, refund.rrn)
    assert entry["original_rrn"] == "630012345678"


@told()
async def test_a_clean_refund_has_two_durable_steps(world: World) -> None:
    application = await world.apply()
    await world.host.prepare()
    names = note_steps(world.ledger)
    sale = world.sale("S-1")
    await world.host.authorise(application, sale, world.card())
    assert names == ["seal", "conclude"]


@told()
async def test_the_request_names_the_original_and_the_presented_card(world: World) -> None:
    await world.give_back(5_000)
    (entry,) = world.sent("refund")
    fields = entry["fields"]
    assert entry["mti"] == "0220"
    assert fields["2"] == "476173******0010"
    assert (fields["4"], fields["22"], fields["23"]) == ("000000005000", "052", "001")
    assert (fields["37"], fields["61"][:16]) == ("630012345678", "0009000000171027")
    assert (fields["41"], fields["42"]) == ("10000001", "898310012340001")


@told()
async def test_a_void_gives_the_whole_sale_back(world: World) -> None:
    result = await world.void()
    assert (result.refund.state, result.refund.done) == (State.ACCEPTED, 12_345)
    assert world.paid() == 12_345
    (entry,) = world.sent("void")
    assert entry["fields"]["61"] == "000001000018"
    assert world.sale("S-2").state == "voided"
    assert world.slips(result.refund.refund_id) == ["void merchant", "void customer"]


@pytest.mark.parametrize("code", ["01", "04", "14", "25", "61", "92"])
@told()
async def test_a_decline_releases_the_hold_and_prints_that_nothing_was_refunded(
    world: World, code: str
) -> None:
    world.acquirer.set_mode(f"code:{code}")
    result = await world.give_back(5_000)
    assert (result.refund.state, result.refund.response) == (State.DECLINED, code)
    assert result.words == of_answer(world.profile.said(code, Sending.REFUND))
    assert (world.held(), world.paid()) == (0, 0)
    slips = world.slips(result.refund.refund_id)
    assert slips == ["declined merchant", "declined customer"]


@told()
async def test_a_void_that_is_refused_may_be_a_refund(world: World) -> None:
    result = await world.void("code:12")
    assert (result.refund.state, result.refund.cause) == (State.DECLINED, "void_refused")
    said = Said.INVALID_TRANSACTION
    assert (result.words, result.advice) == (
        of_answer(said),
        after_answer(said, refund_instead=True),
    )
    assert result.advice != after_answer(said)


@told()
async def test_too_little_in_the_merchants_account_keeps_the_application(world: World) -> None:
    result = await world.give_back(5_000, fault="code:51")
    assert result.refund.state is State.DECLINED
    assert world.held() == 0
    (kept,) = world.ledger.applications.kept()
    again = await world.host.authorise(kept, world.sale("S-1"), world.card())
    assert again.refund.state is State.ACCEPTED
    assert world.paid() == 5_000


STOPS = {"03": "response.merchant_unknown", "97": "response.terminal_unknown"}


@pytest.mark.parametrize("code", STOPS)
@told()
async def test_a_stop_by_the_acquirer_outlives_a_restart_and_its_sign_on(
    world: World, tmp_path: Path, code: str
) -> None:
    await world.give_back(5_000, fault=f"code:{code}")
    world.die()
    later = world.reborn(tmp_path / "later")
    assert later.host.stopped == say(STOPS[code])
    await later.in_background(lambda: later.host.state.signed_on)
    assert await failure_in(later.give_back(5_000)) == STOPS[code]
    await later.host.sign_on()
    assert later.host.stopped is None
    again = later.reborn(tmp_path / "again")
    assert again.host.stopped is None
    assert (await again.give_back(5_000)).refund.state is State.ACCEPTED
    for one in (later, again):
        await one.host.close()
        one.close_files()


@told()
async def test_a_ledger_that_is_mended_does_not_lift_the_acquirers_stop(world: World) -> None:
    await world.give_back(5_000, fault="code:97")
    trade = world.host._trade
    trade.stop(say("host.defect"), broken=True)
    trade.mended()
    assert world.host.stopped == say(STOPS["97"])


@told()
async def test_a_batch_of_zeros_is_none(world: World) -> None:
    """The 0810 counts but for 000000, which stands for "not known" in field 61."""
    await world.host.prepare()
    world.acquirer.book.set_batch("10000001", "000000")
    await world.host.sign_on()
    assert world.ledger.counter.batch() == "000001"
    world.acquirer.book.set_batch("10000001", "999999")
    await world.host.sign_on()
    assert world.ledger.counter.batch() == "999999"


@told()
async def test_a_void_is_not_sealed_once_the_feed_closed_its_batch(world: World) -> None:
    """Between finding and sending: the clerk's choice is a moment old."""
    application = await world.apply(VOIDABLE_ID, AMOUNT, Kind.VOID)
    await world.host.prepare()
    sale = world.sale(VOIDABLE_ID)
    closed = {"kind": "batch_closed", "terminal_id": "10000001", "batch": "000001"}
    line = json.dumps(closed | {"at": "2026-11-20T09:59:00+08:00"})
    report = await world.ledger.feed.take_in(
        [line], source="test", form=Format.JSONL, allow_pan=False
    )
    assert not report.problems, report.problems
    work = world.host.authorise(application, sale, world.card())
    assert await failure_in(work) == "host.void_too_late"
    assert world.sent("void") == []
    assert (world.held(VOIDABLE_ID), world.ledger.refunds.recent(9)) == (0, [])


@pytest.mark.parametrize(("tap", "digit"), [(None, "5"), (Reader("Tap"), "6")])
@pytest.mark.parametrize("kind", [Kind.REFUND, Kind.VOID])
def test_60_4_says_what_readers_there_are(
    tell: Tell, kind: Kind, tap: Reader | None, digit: str
) -> None:
    async def story(world: World) -> None:
        readers = Readers(contact=Reader("Contact"), tap=tap)
        world.config = replace(world.config, reader=readers)
        world.host = world.new_host()
        await (world.void() if kind is Kind.VOID else world.give_back(5_000))
        (entry,) = world.sent(kind.value)
        assert entry["fields"]["60"][11] == digit

    tell(story)


@pytest.mark.parametrize("code", STOPS)
@told()
async def test_an_unregistered_terminal_stops_trading_until_a_sign_on(
    world: World, code: str
) -> None:
    result = await world.give_back(5_000, fault=f"code:{code}")
    assert result.refund.state is State.DECLINED
    assert world.host.state.stopped == say(STOPS[code])
    assert await failure_in(world.give_back(5_000)) == STOPS[code]
    await world.host.sign_on()
    assert world.host.state.stopped is None
    assert (await world.give_back(5_000)).refund.state is State.ACCEPTED


@told()
async def test_a_used_stan_is_jumped_over(world: World) -> None:
    first = (await world.give_back(5_000, fault="code:94")).refund
    assert first.state is State.DECLINED
    second = (await world.give_back(5_000)).refund
    assert second.state is State.ACCEPTED
    assert int(second.stan or 0) > int(first.stan or 0) + 1


@told()
async def test_a_part_is_committed_and_the_rest_stays_open(world: World) -> None:
    world.acquirer.set_mode("partial:3000")
    refund = (await world.give_back(5_000)).refund
    assert (refund.state, refund.done, refund.flagged) == (State.ACCEPTED, 3_000, True)
    sale = world.sale("S-1")
    assert (sale.done, sale.held, world.paid()) == (3_000, 0, 3_000)
    slip = world.ledger.slips.of_refund(refund.refund_id)[0].slip
    assert isinstance(slip.body, Refunded)
    assert (slip.head.amount, slip.body.cause.zh) == (3_000, "部分承兑")


@pytest.mark.parametrize("code", ["11", "A2", "A4", "A5", "A6"])
@told()
async def test_an_approval_with_remarks_is_flagged(world: World, code: str) -> None:
    world.acquirer.set_mode(f"code:{code}")
    refund = (await world.give_back(5_000)).refund
    assert (refund.state, refund.done, refund.flagged) == (State.ACCEPTED, 5_000, True)


@told()
async def test_a_refund_not_taken_for_want_of_a_sign_on_goes_out_again_as_it_was(
    world: World,
) -> None:
    await world.host.prepare()
    refund = (await world.give_back(5_000, fault="code:A0")).refund
    assert refund.state is State.ACCEPTED
    first, second = world.sent("refund")
    different = {n for n in first["fields"] if first["fields"][n] != second["fields"][n]}
    assert different == {"64"}
    assert len(world.sent("sign_on")) == 2
    assert world.paid() == 5_000


@told()
async def test_a_terminal_that_is_never_signed_on_enough_gives_up(world: World) -> None:
    world.acquirer.set_mode("code:99")
    refund = (await world.give_back(5_000)).refund
    assert refund.state is State.DECLINED
    assert len(world.sent("refund")) == 2
    assert (world.held(), world.paid()) == (0, 0)


@told()
async def test_a_new_batch_takes_a_new_stan_and_pays_once(world: World) -> None:
    await world.host.prepare()
    world.acquirer.begin_batch("10000001", "000002")
    result = await world.give_back(5_000)
    assert (result.refund.state, result.refund.batch) == (State.ACCEPTED, "000002")
    burnt = world.refund(result.refund.refund_id - 1)
    assert (burnt.state, burnt.batch) == (State.NOT_SENT, "000001")
    assert world.slips(burnt.refund_id) == []
    assert (world.held(), world.paid()) == (0, 5_000)


@told()
async def test_a_request_is_sealed_anew_at_most_once(world: World) -> None:
    world.acquirer.set_mode("code:77")
    refund = (await world.give_back(5_000)).refund
    assert refund.state is State.DECLINED
    states = [one.state for one in world.ledger.refunds.recent(10)]
    assert states == [State.DECLINED, State.NOT_SENT]
    assert len(world.sent("refund")) == 2
    assert (world.held(), world.paid()) == (0, 0)
    application = world.application(refund.application)
    assert application.state == "failed"


@told()
async def test_a_request_that_can_not_be_sealed_anew_says_so_on_paper(world: World) -> None:
    await world.host.prepare()
    world.acquirer.set_mode("code:77")

    async def no_other(name: str, go: Go) -> Any:
        if name == "reseal":
            raise Failure("ledger.no_keys")
        return await go()

    around_steps(world.ledger, no_other)
    result = await world.give_back(5_000)
    assert (result.refund.state, result.words.code) == (State.DECLINED, "host.new_batch")
    assert world.slips(result.refund.refund_id) == ["declined merchant", "declined customer"]
    assert (world.held(), world.paid()) == (0, 0)


@told()
async def test_a_void_does_not_follow_into_a_new_batch(world: World) -> None:
    await world.host.prepare()
    world.acquirer.begin_batch("10000001", "000002")
    result = await world.void()
    refund = result.refund
    assert (refund.state, result.words.code) == (State.DECLINED, "host.new_batch")
    # it was sent, and the slip does not say otherwise
    assert (refund.response, refund.cause) == ("77", Cause.NEW_BATCH)
    assert world.slips(refund.refund_id) == ["declined merchant", "declined customer"]
    assert len(world.sent("void")) == 1
    assert (world.held("S-2"), world.paid()) == (0, 0)
    assert await failure_in(world.void()) == "host.void_too_late"


@told()
async def test_the_phone_of_the_same_account_is_sent_by_its_own_number(world: World) -> None:
    application = await world.apply()
    card = world.card(PHONE, CardMatch.PAR)
    result = await world.host.authorise(application, world.sale("S-1"), card)
    assert result.refund.state is State.ACCEPTED
    (entry,) = world.sent("refund")
    assert entry["fields"]["2"] == "476173******0135"


@pytest.mark.parametrize("match", [CardMatch.EXACT, CardMatch.MASKED, CardMatch.NONE])
@told()
async def test_another_card_is_stopped_by_the_second_guard(world: World, match: CardMatch) -> None:
    application = await world.apply()
    card = world.card(STRANGER, match)
    work = world.host.authorise(application, world.sale("S-1"), card)
    assert await failure_in(work) == "host.wrong_card"
    assert world.ledger.refunds.recent(1) == []


@told()
async def test_without_a_card_nothing_goes_over_the_line(world: World) -> None:
    application = await world.apply()
    work = world.host.authorise(application, world.sale("S-1"), None)
    assert await failure_in(work) == "host.wrong_card"
    assert world.ledger.refunds.recent(1) == []


@told()
async def test_a_message_that_does_not_fit_is_never_sealed(world: World) -> None:
    application = await world.apply()
    await world.host.prepare()
    sale = world.sale("S-1")
    (leg,) = sale.tenders
    assert leg.payment is not None
    sale = replace(sale, tenders=(replace(leg, payment=replace(leg.payment, rrn="short")),))
    with pytest.raises(Failure) as caught:
        await world.host.authorise(application, sale, world.card())
    assert failure_of(caught) == "host.unsendable"
    assert PLASTIC not in str(caught.value)
    assert world.ledger.refunds.recent(1) == []
    assert world.held() == 0


@told()
async def test_more_than_is_left_is_never_sealed(world: World) -> None:
    await world.give_back(12_000)
    assert await failure_in(world.give_back(346)) == "ledger.balance"
    assert world.paid() == 12_000


@told()
async def test_a_refused_connection_takes_no_stan_and_no_hold(world: World) -> None:
    await world.host.prepare()
    application = await world.apply()
    world.wires.plugged = False
    await world.until(lambda: True)
    await asyncio.sleep(31)  # the prepared line is not kept for ever
    names = note_steps(world.ledger)
    with pytest.raises(Failure) as caught:
        await world.host.authorise(application, world.sale("S-1"), world.card())
    assert failure_of(caught) == "host.not_sent"
    assert (names, world.held()) == ([], 0)


@told(address=["a:1", "b:2"])
async def test_the_second_address_is_tried_before_sending(world: World) -> None:
    world.dead_addresses.add("a")
    result = await world.give_back(5_000)
    assert result.refund.state is State.ACCEPTED
    world.dead_addresses.add("b")
    assert await failure_in(world.give_back(1)) == "host.not_sent"


@told()
async def test_a_line_lost_between_the_seal_and_the_first_byte_is_not_sent(world: World) -> None:
    await world.host.prepare()

    async def cut_after_seal(name: str, go: Go) -> Any:
        result = await go()
        if name == "seal":
            await world.wires.close()
            await asyncio.sleep(0.1)
        return result

    end = around_steps(world.ledger, cut_after_seal)
    result = await world.give_back(5_000)
    assert result.refund.state is State.NOT_SENT
    assert result.words == say("host.line_dropped")
    assert world.slips(result.refund.refund_id) == ["not_sent merchant", "not_sent customer"]
    assert (world.held(), world.sent("refund")) == (0, [])
    end()
    again = (await world.give_back(5_000)).refund
    assert again.state is State.ACCEPTED
    assert int(again.stan or 0) > int(result.refund.stan or 0)


@told()
async def test_cancelled_while_connecting_nothing_was_promised(world: World) -> None:
    application = await world.apply()
    world.acquirer.set_mode("swallow", on=["sign_on"])
    work = asyncio.create_task(world.host.authorise(application, world.sale("S-1"), world.card()))
    await world.until(lambda: bool(world.sent("sign_on")))
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert world.ledger.refunds.recent(1) == []


@told()
async def test_cancelled_after_the_seal_it_goes_to_its_end(world: World) -> None:
    application = await world.apply()
    world.acquirer.set_mode("delay:5")
    work = asyncio.create_task(world.host.authorise(application, world.sale("S-1"), world.card()))
    await world.until(lambda: bool(world.sent("refund")))
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    await world.until(lambda: bool(world.concluded))
    assert world.only().state is State.ACCEPTED
    assert world.slips(world.only().refund_id) == ["refund merchant", "refund customer"]


@told()
async def test_no_trade_by_a_clock_that_can_not_be_trusted(world: World) -> None:
    await world.host.prepare()
    world.wall.set(world.wall.now().replace(year=2025))
    with pytest.raises(Failure) as caught:
        await world.host.prepare()
    assert failure_of(caught).startswith("clock.")


def test_no_card_number_in_logs_results_or_the_data_folder(
    tell: Tell, caplog: pytest.LogCaptureFixture
) -> None:
    async def story(world: World) -> None:
        result = await world.give_back(5_000, fault="drop-answer")
        void = await world.void()
        text = caplog.text + repr(result) + repr(void)
        text += "".join(repr(job) for job in world.ledger.slips.of_refund(result.refund.refund_id))
        assert "0220" in text
        assert PLASTIC not in text
        for file in world.folder.iterdir():
            content = file.read_bytes()
            assert PLASTIC.encode() not in content, file
            assert bytes.fromhex(PLASTIC) not in content, file

    with caplog.at_level(logging.DEBUG):
        tell(story)


@told(profile="generic")
async def test_the_generic_profile_pays_over_one_lasting_connection(world: World) -> None:
    for _ in range(2):
        assert (await world.give_back(1_000)).refund.state is State.ACCEPTED
    assert world.connections == 1
    assert {entry["mti"] for entry in world.sent("refund")} == {"0200"}
    assert world.host.state.connected


@told()
async def test_every_message_has_its_own_connection_where_the_profile_says_so(world: World) -> None:
    await world.give_back(1_000)
    links = [entry["connection"] for entry in world.sent("refund") + world.sent("sign_on")]
    assert len(set(links)) == 2


@told()
async def test_kinds_of_refund_are_what_was_applied_for(world: World) -> None:
    await world.give_back(1_000)
    await world.void()
    kinds = {refund.kind for refund in world.ledger.refunds.recent(5)}
    assert kinds == {Kind.REFUND, Kind.VOID}
