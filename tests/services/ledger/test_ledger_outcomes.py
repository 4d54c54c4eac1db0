"""Holds and balances through every outcome of a refund and of a void."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest
from worlds.failures import failure_of
from worlds.ledger import World

from pos_terminal.core.application import ApplicationState
from pos_terminal.core.case import CaseKind
from pos_terminal.core.cause import Cause
from pos_terminal.core.refund import IllegalMove, Kind, State
from pos_terminal.core.sale import SaleState
from pos_terminal.core.tenders import Basis, Exceptional
from pos_terminal.core.words import Failure
from pos_terminal.ports import Approval, Finding
from pos_terminal.services.ledger.books import sales
from pos_terminal.services.proof.verify import verify_store

LOST = Basis(Exceptional.CARD_LOST)


def state_of(world: World, number: int) -> str:
    return str(world.application(number).state)


def test_a_sealed_refund_holds_its_amount(sold: World) -> None:
    sealed = sold.seal(4000)
    assert sold.tender() == (0, 4000)
    assert sealed.refund.state is State.SEALED
    assert (sealed.refund.stan, sealed.refund.batch) == ("000018", "000001")
    assert sealed.refund.masked == "476173******0010"
    assert sold.store.refunds.open_ones() == [sealed.refund]
    assert state_of(sold, sealed.refund.application) == "sealed"


def test_an_accepted_refund_spends_its_hold(sold: World) -> None:
    refund_id = sold.seal(4000).refund.refund_id
    refund = sold.conclude(
        refund_id, State.ACCEPTED, 4000, answer=sold.answer(), slips=(sold.slip(),)
    )
    assert sold.tender() == (4000, 0)
    assert (refund.done, refund.rrn, refund.auth_code, refund.response) == (
        4000,
        "600510000099",
        "B00099",
        "00",
    )
    assert refund.concluded_at == sold.clock.now()
    assert [job.refund_id for job in sold.store.slips.of_refund(refund_id)] == [refund_id]
    assert sold.store.refunds.open_ones() == []
    assert state_of(sold, refund.application) == "done"


def test_a_partly_accepted_refund_leaves_the_rest_open(sold: World) -> None:
    refund_id = sold.seal(4000).refund.refund_id
    refund = sold.conclude(refund_id, State.ACCEPTED, 1500, flagged=True)
    assert sold.tender() == (1500, 0)
    assert refund.flagged


@pytest.mark.parametrize("state", [State.DECLINED, State.NOT_SENT])
def test_no_money_moved_frees_the_hold(sold: World, state: State) -> None:
    refund = sold.conclude(sold.seal(4000).refund.refund_id, state, cause=Cause.CARD_REFUSED)
    assert sold.tender() == (0, 0)
    assert refund.cause == Cause.CARD_REFUSED
    assert state_of(sold, refund.application) == "failed"


def test_an_unknown_refund_keeps_its_hold_until_it_is_told(sold: World) -> None:
    refund_id = sold.refunded(4000, State.UNKNOWN, cause=Cause.NO_ANSWER).refund_id
    assert sold.tender() == (0, 4000)
    assert sold.do(sold.store.refunds.count_repeat(refund_id)) == 1
    assert [refund.repeats for refund in sold.store.refunds.open_ones()] == [1]
    sold.conclude(refund_id, State.ACCEPTED, 4000, answer=sold.answer())
    assert sold.tender() == (4000, 0)


def test_an_unknown_refund_takes_on_a_slip_and_a_case_once(sold: World) -> None:
    refund_id = sold.refunded(
        4000, State.UNKNOWN, cause=Cause.NO_ANSWER, case=CaseKind.UNKNOWN_OUTCOME
    ).refund_id
    sold.conclude(refund_id, State.UNKNOWN, slips=(sold.slip(),), case=CaseKind.UNKNOWN_OUTCOME)
    refund = sold.refund(refund_id)
    assert refund.cause == Cause.NO_ANSWER
    assert sold.tender() == (0, 4000)
    assert len(sold.store.slips.of_refund(refund_id)) == 1
    assert sold.kinds().count("case") == 1
    assert sold.store.db.execute("SELECT count(*) FROM cases").fetchone()[0] == 1


def test_a_void_in_full_voids_the_sale(sold: World) -> None:
    refund_id = sold.seal(10_000, kind=Kind.VOID).refund.refund_id
    armed = sold.store.db.execute("SELECT reversal FROM messages").fetchone()[0]
    assert armed == 1
    sold.conclude(refund_id, State.ACCEPTED, 10_000)
    sale = sold.sale("S1")
    assert sale.state is SaleState.VOIDED
    assert sold.store.db.execute("SELECT reversal FROM messages").fetchone()[0] == 0
    assert failure_of(sold.seal, 1) == "ledger.sale_voided"


def test_a_reversed_void_leaves_the_sale_standing(sold: World) -> None:
    refund_id = sold.refunded(
        10_000, State.REVERSING, cause=Cause.NO_ANSWER, kind=Kind.VOID
    ).refund_id
    assert sold.tender() == (0, 10_000)
    with pytest.raises(IllegalMove):
        sold.conclude(refund_id, State.ACCEPTED, 10_000)
    sold.conclude(refund_id, State.REVERSED)
    sale = sold.sale("S1")
    assert (sale.state, sale.remaining) == (SaleState.APPROVED, 10_000)
    assert sold.seal(10_000, kind=Kind.VOID).refund.seq == 2


def test_a_void_of_the_card_leg_leaves_the_cash_leg(world: World) -> None:
    card = {"kind": "card", "amount": 7000, "pan": world.visa.reveal()}
    world.sell(tenders=[card, {"kind": "cash", "amount": 3000}])
    world.refunded(7000, State.ACCEPTED, 7000, kind=Kind.VOID)
    sale = world.sale("S1")
    assert (sale.state, sale.remaining) == (SaleState.APPROVED, 3000)


def test_a_void_of_a_part_is_refused(sold: World) -> None:
    assert failure_of(sold.seal, 9999, kind=Kind.VOID) == "ledger.not_in_full"


def test_more_than_is_left_is_refused_and_changes_nothing(sold: World) -> None:
    sold.refunded(4000, State.ACCEPTED, 4000)
    application = sold.apply_for(6001)
    before = list(sold.store.writer.db.iterdump())
    assert failure_of(sold.seal_again, application.number, 6001) == "ledger.balance"
    assert list(sold.store.writer.db.iterdump()) == before
    assert sold.tender() == (4000, 0)


def test_an_unconfirmed_sale_is_refused(world: World) -> None:
    world.sell(state="unconfirmed")
    assert failure_of(world.seal, 1) == "ledger.sale_unconfirmed"


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE tenders SET held = 10001",
        "UPDATE tenders SET done = 6000, held = 4001",
        "UPDATE tenders SET held = -1",
        "UPDATE tenders SET held = 1 WHERE sale_key = 2",
    ],
)
def test_the_schema_itself_refuses_too_much(world: World, change: str) -> None:
    world.sell("S1")
    world.sell("voided")
    db = world.store.writer.db
    db.execute("UPDATE sales SET state = 'voided' WHERE sale_id = 'voided'")
    with pytest.raises(sqlite3.IntegrityError):
        db.execute(change)


def split(world: World) -> None:
    """A sale with a card leg of 8000 and a cash leg of 2000."""
    (card,) = world.record()["tenders"]
    world.sell(tenders=[card | {"amount": 8000}, {"kind": "cash", "amount": 2000}])


@pytest.mark.parametrize("state", [State.SEALED, State.UNKNOWN, State.REVERSING])
@pytest.mark.parametrize("kind", [Kind.REFUND, Kind.CASH, Kind.CREDIT])
def test_an_open_refund_blocks_its_sale_for_every_leg_and_tender(
    world: World, state: State, kind: Kind
) -> None:
    split(world)
    void = state is State.REVERSING
    amount = 8000 if void else 1
    refund_id = world.seal(amount, kind=Kind.VOID if void else Kind.REFUND).refund.refund_id
    if state is not State.SEALED:
        world.conclude(refund_id, state)
    application = world.apply_for(1, kind=kind, leg=1 if kind is Kind.REFUND else 2)
    before = list(world.store.writer.db.iterdump())
    assert failure_of(_pay, world, application) == "ledger.sale_open"
    assert list(world.store.writer.db.iterdump()) == before
    world.conclude(refund_id, State.REVERSED if void else State.DECLINED)
    _pay(world, application)
    verify_store(world.store)


def _pay(world: World, application: Any) -> None:
    number, store = application.number, world.store
    match application.kind:
        case Kind.CASH:
            world.do(store.commit_cash(number, ()))
        case Kind.CREDIT:
            world.do(store.issue_credit(number, lambda *_: ()))
        case _:
            world.seal_again(number, application.amount)


def test_the_schema_itself_refuses_a_second_hold_of_a_sale(world: World) -> None:
    split(world)
    world.seal(1)
    for leg in (1, 2):
        with pytest.raises(sqlite3.IntegrityError, match="open refund"):
            world.store.writer.db.execute(
                "UPDATE tenders SET held = held + 1 WHERE leg = ?", (leg,)
            )


def test_two_open_refunds_of_one_sale_are_found(
    sold: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    db = sold.store.writer.db
    (trigger,) = db.execute("SELECT sql FROM sqlite_schema WHERE name = 'one_hold_of_a_sale'")
    db.execute("DROP TRIGGER one_hold_of_a_sale")
    monkeypatch.setattr(sales, "check_balance", lambda *_: None)
    sold.seal(1)
    sold.seal(1)
    db.execute(trigger["sql"])
    with pytest.raises(Failure, match=r"ledger\.tampered") as caught:
        verify_store(sold.store)
    assert caught.value.words.values["what"] == "open refunds of sale S1"


def test_two_refunds_never_share_a_stan(world: World) -> None:
    for sale_id in ("S1", "S2"):
        world.sell(sale_id)
        world.seal(1, sale_id)
    db = world.store.writer.db
    with pytest.raises(sqlite3.IntegrityError):
        db.execute("UPDATE refunds SET stan = '000018'")


@pytest.mark.parametrize(
    ("state", "done"), [(State.ACCEPTED, 0), (State.ACCEPTED, 4001), (State.DECLINED, 1)]
)
def test_an_amount_that_does_not_fit_the_outcome_is_refused(
    sold: World, state: State, done: int
) -> None:
    refund_id = sold.seal(4000).refund.refund_id
    with pytest.raises(ValueError, match="given back"):
        sold.conclude(refund_id, state, done)
    assert sold.tender() == (0, 4000)


def test_an_outcome_counts_once(sold: World) -> None:
    refund_id = sold.refunded(4000, State.ACCEPTED, 4000).refund_id
    with pytest.raises(IllegalMove):
        sold.conclude(refund_id, State.ACCEPTED, 4000)
    assert sold.tender() == (4000, 0)


def test_a_request_that_was_not_sent_is_sealed_anew_under_another_stan(sold: World) -> None:
    first = sold.refunded(4000, State.NOT_SENT)
    again = sold.seal_again(first.application, 4000).refund
    assert (again.application, again.seq) == (first.application, 2)
    assert again.stan != first.stan
    sold.conclude(again.refund_id, State.DECLINED)
    assert failure_of(sold.seal_again, first.application, 4000) == "ledger.application"


def test_an_application_is_sealed_once(sold: World) -> None:
    sealed = sold.seal(4000)
    assert failure_of(sold.seal_again, sealed.refund.application, 4000) == "ledger.application"
    assert sold.tender() == (0, 4000)


def test_want_of_merchant_funds_keeps_the_application(sold: World) -> None:
    refund = sold.refunded(4000, State.DECLINED, answer=sold.answer("51"), keep=True)
    assert sold.tender() == (0, 0)
    assert [a.number for a in sold.store.applications.kept()] == [refund.application]
    sold.reopen()
    assert [a.number for a in sold.store.applications.kept()] == [refund.application]
    sold.seal_again(refund.application, 4000)
    assert sold.store.applications.kept() == []
    assert sold.tender() == (0, 4000)


def waiting(sold: World) -> list[int]:
    return [one.number for one in sold.store.applications.kept()]


def test_what_waits_for_funds_is_over_once_its_payment_went_back_otherwise(sold: World) -> None:
    first = sold.refunded(4000, State.DECLINED, answer=sold.answer("51"), keep=True).application
    declined = sold.refunded(2000, State.DECLINED)
    part = sold.refunded(3000, State.ACCEPTED, 3000)
    assert waiting(sold) == [first], f"{declined.amount} gave nothing, {part.amount} a part"
    in_cash = sold.apply_for(sold.sale().remaining, kind=Kind.CASH, basis=LOST)
    sold.do(sold.store.commit_cash(in_cash.number, ()))
    assert waiting(sold) == []
    ended = sold.application(first)
    assert (ended.state, ended.kept) == (ApplicationState.CANCELLED, False)
    sold.reopen()
    verify_store(sold.store)


def test_what_waits_for_funds_is_on_no_list_while_a_form_holds_its_payment(sold: World) -> None:
    first = sold.refunded(4000, State.DECLINED, answer=sold.answer("51"), keep=True).application
    form = sold.apply_for(sold.sale().remaining, kind=Kind.MANUAL, basis=LOST)
    refund = sold.do(sold.store.commit_form(form.number, ()))
    assert waiting(sold) == []
    first_yes, second_yes = (
        Approval(one, "", sold.clock.now(), form.amount, "") for one in ("201", "202")
    )
    not_paid = Finding(0, "20260105001", "101", (first_yes, second_yes))
    sold.conclude(refund.refund_id, State.WITHDRAWN, finding=not_paid)
    assert waiting(sold) == [first], "the form was withdrawn"


def test_what_waits_for_funds_of_a_sale_that_was_voided_is_over(sold: World) -> None:
    first = sold.refunded(4000, State.DECLINED, answer=sold.answer("51"), keep=True).application
    sold.take_in({"kind": "sale_voided", "sale_id": "S1", "at": sold.clock.now().isoformat()})
    assert waiting(sold) == []
    sold.reopen()
    assert sold.application(first).state is ApplicationState.CANCELLED
    verify_store(sold.store)


def seal_anew(world: World, refund_id: int, amount: int) -> Any:
    build = world.request(amount)
    return world.do(world.store.reseal(refund_id, Cause.NEW_BATCH, world.card(), build))


def test_a_request_is_between_its_two_numbers_at_no_time(sold: World) -> None:
    first = sold.seal(4_000)
    entries = len(sold.kinds())
    second = seal_anew(sold, first.refund.refund_id, 4_000)
    burnt = sold.refund(first.refund.refund_id)
    assert (burnt.state, burnt.cause) == (State.NOT_SENT, Cause.NEW_BATCH)
    assert second.refund.state is State.SEALED
    assert second.refund.application == burnt.application
    assert second.refund.stan != burnt.stan
    assert sold.kinds()[entries:] == ["refund", "refund"]
    assert sold.tender() == (0, 4_000)
    verify_store(sold.store)


def test_what_can_not_be_sealed_anew_stays_as_it_was(sold: World) -> None:
    first = sold.seal(4_000).refund
    sold.store.writer.vault = None
    assert failure_of(seal_anew, sold, first.refund_id, 4_000) == "ledger.no_keys"
    sold.store.writer.vault = sold.vault
    assert sold.refund(first.refund_id) == first
    assert sold.tender() == (0, 4_000)
    verify_store(sold.store)
