"""Tickets in the ledger: a plan in one commit, its approval with each leg, what is left to do."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from worlds.failures import failure_of
from worlds.ledger import World
from worlds.purge import later, purge

from pos_terminal.core.application import ApplicationState, Withdrawn
from pos_terminal.core.cause import Cause
from pos_terminal.core.decision import Decision, Phase, allow, with_gift, with_move
from pos_terminal.core.evidence import EvidenceItem, EvidenceKind
from pos_terminal.core.goods_back import GoodsBack
from pos_terminal.core.refund import Kind, State
from pos_terminal.core.tenders import Basis, Exceptional
from pos_terminal.core.words import Failure
from pos_terminal.ports import Application, Approval, Draft, Finding
from pos_terminal.services.ledger.overview import overview
from pos_terminal.services.proof.verify import verify_store

PLAN = "a" * 64
CARD = {"kind": "card", "masked": "476173******0010", "scheme": "VISA", "funding": "credit"}


@pytest.fixture
def paid_twice(world: World) -> World:
    """S1: 50.00 by card, 30.00 in cash and 20.00 in cash."""
    legs = [CARD | {"amount": 5_000}, *({"kind": "cash", "amount": n} for n in (3_000, 2_000))]
    world.sell(tenders=legs, lines=[])
    return world


def plan(world: World, *legs: tuple[int, Kind, int], **more: Any) -> list[Application]:
    drafts = [
        Draft(
            sale_key=world.sale().key,
            leg=leg,
            kind=kind,
            amount=amount,
            reason="1",
            note="",
            operator="101",
            **{"place": place, **more},
        )
        for place, (leg, kind, amount) in enumerate(legs, 1)
    ]
    return list(world.do(world.store.applications.open_ticket(drafts)))


def approved(world: World, *supervisors: str, **more: Any) -> list[Application]:
    legs = ((1, Kind.REFUND, 5_000), (2, Kind.CASH, 3_000), (3, Kind.CASH, 500))
    opened = plan(world, *legs, **more)
    now = world.clock.now()
    yes = [Approval(one, f"Name {one}", now, 8_500, "policy", PLAN) for one in supervisors]
    world.do(world.store.applications.approve_ticket([one.number for one in opened], yes))
    return opened


def listed(world: World) -> list[tuple[str, list[str]]]:
    verify_store(world.store)
    tickets = overview(world.store.db)["tickets"]
    return [(one["state"], [leg["state"] for leg in one["plan"]]) for one in tickets]


def test_each_application_belongs_to_one(paid_twice: World) -> None:
    alone = paid_twice.apply_for(100)
    first, second, third = approved(paid_twice, "201")
    assert (alone.ticket, alone.place) == (alone.number, 1)
    assert [(one.ticket, one.place) for one in (first, second, third)] == [
        (first.number, place) for place in (1, 2, 3)
    ]
    assert list(paid_twice.store.applications.of_ticket(first.number)) == [
        replace(one, kept=True) for one in (first, second, third)
    ]
    assert listed(paid_twice) == [("open", ["open"]), ("todo", ["open"] * 3)]


def test_the_approval_is_stored_with_each_leg_and_its_amount(paid_twice: World) -> None:
    opened = approved(paid_twice, "201", "202")
    stored = [paid_twice.store.applications.approvals(one.number) for one in opened]
    assert [[(yes.supervisor, yes.amount, yes.plan) for yes in one] for one in stored] == [
        [("201", amount, PLAN), ("202", amount, PLAN)] for amount in (5_000, 3_000, 500)
    ]
    verify_store(paid_twice.store)


def test_what_was_declined_stays_to_do_and_may_be_sealed_again(paid_twice: World) -> None:
    card, *_ = approved(paid_twice, "201")
    store = paid_twice.store
    for state, cause in (
        (State.DECLINED, Cause.CARD_REFUSED),
        (State.NOT_SENT, Cause.LINE_DROPPED),
    ):
        refund = paid_twice.seal_again(card.number, 5_000).refund
        assert [one.place for one in store.applications.to_do()] == [2, 3]
        paid_twice.conclude(refund.refund_id, state, cause=cause)
        assert [one.place for one in store.applications.to_do()] == [1, 2, 3]
        assert store.applications.kept() == []
    refund = paid_twice.seal_again(card.number, 5_000).refund
    paid_twice.conclude(refund.refund_id, State.ACCEPTED, 5_000)
    verify_store(store)
    (ticket,) = overview(store.db)["tickets"]
    assert (ticket["state"], [leg["state"] for leg in ticket["plan"]]) == (
        "todo",
        ["done", "open", "open"],
    )
    assert ticket["plan"][0]["refund"] == refund.refund_id, "the newest one of the leg"


def test_a_leg_of_one_that_was_declined_is_over(paid_twice: World) -> None:
    sealed = paid_twice.seal(5_000).refund
    paid_twice.conclude(sealed.refund_id, State.DECLINED)
    assert listed(paid_twice) == [("done", ["failed"])]


def test_its_cash_is_one_commit_or_none(paid_twice: World) -> None:
    _, second, third = approved(paid_twice, "201")
    store = paid_twice.store
    paid_twice.do(store.commit_cash(paid_twice.apply_for(1_900, kind=Kind.CASH, leg=3).number, ()))
    both = [(second.number, ()), (third.number, ())]
    assert failure_of(lambda: paid_twice.do(store.commit_cash_legs(both))) == "ledger.balance"
    assert [one.place for one in store.applications.to_do()] == [1, 2, 3]
    paid_twice.do(store.applications.cancel(third.number, Withdrawn.CLERK))
    (refund,) = paid_twice.do(store.commit_cash_legs(both[:1]))
    assert (refund.state, refund.amount) == (State.TO_HAND_OVER, 3_000)
    assert listed(paid_twice)[0] == ("todo", ["open", "done", "cancelled"])


def test_what_people_find_was_not_paid_is_to_do_again(paid_twice: World) -> None:
    """Under an application of its own: the first one's approval may still come, and locks."""
    evidence = (EvidenceItem(EvidenceKind.BANK_LETTER, "4711"),)
    basis = Basis(Exceptional.ACCOUNT_CLOSED, evidence)
    decided = with_move(with_gift(Decision(Phase.BEFORE_CARD, ()), to_buyer=True))
    more: dict[str, Any] = {"basis": basis, "owed": 7, "goods_back": GoodsBack.UNKNOWN}
    card, *_ = approved(paid_twice, "201", "202", decisions=[decided], **more)
    asked = paid_twice.store.applications
    of_card = Decision(Phase.WITH_CARD, (allow("card_match", {"match": "exact"}),))
    paid_twice.do(asked.add_decision(card.number, of_card, False))
    refund = paid_twice.seal_again(card.number, 5_000).refund
    paid_twice.conclude(refund.refund_id, State.UNKNOWN, cause=Cause.NO_ANSWER)
    now = paid_twice.clock.now()
    first, second = (Approval(one, "", now, 5_000, Finding.RULE) for one in ("201", "202"))
    finding = Finding(0, "ENQ-1", "102", (first, second))
    paid_twice.conclude(refund.refund_id, State.GIVEN_UP, finding=finding)
    left = paid_twice.store.applications.to_do()
    assert [one.place for one in left] == [2, 3, 1]
    assert (left[-1].amount, left[-1].owed) == (5_000, 7)
    assert left[-1].goods_back is GoodsBack.UNKNOWN
    stored = paid_twice.store.applications.approvals(left[-1].number)
    assert [(one.supervisor, one.plan) for one in stored] == [("201", PLAN), ("202", PLAN)]
    # as it was decided then: for who it is, by which way, and that the clerk moved it; what was
    # said of the card is not of the one that comes now
    assert [(one.rule, one.code) for one in asked.decisions(left[-1].number)] == [
        ("gift", "gift"), ("policy", "moved"),
    ]  # fmt: skip
    assert paid_twice.store.exceptions.of_application(left[-1].number) == basis
    again = paid_twice.seal_again(left[-1].number, 5_000).refund
    paid_twice.conclude(again.refund_id, State.ACCEPTED, 5_000)
    assert listed(paid_twice) == [("todo", ["failed", "done", "open", "open"])]


def test_one_takes_another_s_place_in_the_same_commit(paid_twice: World) -> None:
    first, second, _ = approved(paid_twice, "201")
    (anew,) = plan(
        paid_twice, (2, Kind.CREDIT, 3_000), ticket=first.ticket, place=2, instead_of=second.number
    )
    found = paid_twice.store.applications.of_ticket(first.ticket)
    assert [(one.place, one.state.value) for one in found] == [
        (1, "open"), (2, "cancelled"), (2, "open"), (3, "open"),
    ]  # fmt: skip
    assert (
        failure_of(lambda: plan(paid_twice, (2, Kind.CREDIT, 1), instead_of=second.number))
        == "ledger.application"
    )
    assert anew.state is ApplicationState.OPEN
    why = {one["number"]: one["why"] for one in overview(paid_twice.store.db)["applications"]}
    assert why[second.number] == Withdrawn.TAKEN_UP_AGAIN
    verify_store(paid_twice.store)


def test_nobody_approves_their_own_nor_twice(paid_twice: World) -> None:
    for supervisors in (("101",), ("201", "101"), ("201", "201")):
        with pytest.raises(ValueError, match="another supervisor's"):
            approved(paid_twice, *supervisors)
    assert paid_twice.store.applications.to_do() == []


def test_who_was_turned_away_before_a_payment_was_chosen_has_no_ticket(paid_twice: World) -> None:
    plan(paid_twice, (0, Kind.REFUND, 0), refused=True)
    assert listed(paid_twice) == []


def test_no_start_forgets_what_was_approved(paid_twice: World) -> None:
    drafts = plan(paid_twice, (1, Kind.REFUND, 100), (2, Kind.CASH, 100))
    kept = approved(paid_twice, "201")
    store = paid_twice.reopen()
    assert [one.number for one in store.applications.to_do()] == [one.number for one in kept]
    stand = [one.state for one in store.applications.of_ticket(drafts[0].ticket)]
    assert stand == [ApplicationState.CANCELLED] * 2
    verify_store(store)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE applications SET ticket = 2, place = 1 WHERE number = 2",
        "UPDATE applications SET place = 3 WHERE number = 2",
        "UPDATE applications SET kept = 0 WHERE number = 3",
        "UPDATE approvals SET plan = '' WHERE application = 2",
        "UPDATE applications SET ticket = 1, place = 1 WHERE number = 2",
    ],
)
def test_a_change_behind_its_back_is_found(paid_twice: World, change: str) -> None:
    approved(paid_twice, "201")
    paid_twice.store.writer.db.execute(change)
    assert failure_of(lambda: verify_store(paid_twice.store)) == "ledger.tampered"


def test_a_ticket_outlives_the_older_of_its_sales(world: World) -> None:
    """A purge takes the applications of one; what is left is held against the log as before."""
    cash = [{"kind": "cash", "amount": 10_000}]
    none = dict.fromkeys(("batch", "trace", "rrn", "auth_code"), "")
    world.sell(tenders=cash, lines=[], **none)
    later(world, 120)
    world.sell("S2", tenders=cash, lines=[], sold_at=world.clock.now().isoformat(), **none)
    drafts = [
        Draft(
            sale_key=world.sale(sale_id).key,
            leg=1,
            place=place,
            kind=Kind.CASH,
            amount=500,
            reason="1",
            note="",
            operator="101",
        )
        for place, sale_id in enumerate(("S1", "S2"), 1)
    ]
    first, second = world.do(world.store.applications.open_ticket(drafts))
    for refund in world.do(world.store.commit_cash_legs([(first.number, ()), (second.number, ())])):
        world.do(world.store.refunds.handed_over(refund.refund_id, "101"))
    later(world, 130)
    assert purge(world)["sales"] == 1
    assert listed(world) == [("done", ["done"])]
    (left,) = world.store.applications.of_ticket(first.ticket)
    assert (left.number, left.place) == (second.number, 2)


@pytest.mark.parametrize("kind", [Kind.CASH, Kind.MANUAL])
def test_another_tender_without_its_exception_is_found(paid_twice: World, kind: Kind) -> None:
    """Whoever writes past the terminal: the product never makes such a refund (R34)."""
    store = paid_twice.store
    commit = store.commit_form if kind is Kind.MANUAL else store.commit_cash
    (founded,) = plan(paid_twice, (1, kind, 100), basis=Basis(Exceptional.CARD_LOST))
    paid_twice.do(commit(founded.number, ()))
    verify_store(store)
    (unfounded,) = plan(paid_twice, (1, kind, 100))
    paid_twice.do(commit(unfounded.number, ()))
    with pytest.raises(Failure, match=r"ledger\.tampered.*exception of refund 2"):
        verify_store(store)
