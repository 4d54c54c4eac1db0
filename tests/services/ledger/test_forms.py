"""Forms in the ledger: whose word counts, and what ``verify`` holds them to (R38)."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from msgspec.structs import replace
from worlds.ledger import World
from worlds.purge import later, next_batch, printed, purge

from pos_terminal.core.application import ApplicationState
from pos_terminal.core.case import CaseKind
from pos_terminal.core.evidence import EvidenceItem, EvidenceKind
from pos_terminal.core.refund import Kind, PaidAnother, Refund, State
from pos_terminal.core.tenders import Basis, Exceptional
from pos_terminal.core.words import Failure
from pos_terminal.ports import Approval, Finding, FormConfirmation
from pos_terminal.services.ledger.books import manual
from pos_terminal.services.proof.verify import verify_store

LOST = Basis(Exceptional.CARD_LOST, (EvidenceItem(EvidenceKind.POLICE_REPORT, "4711"),))


def form(world: World) -> Refund:
    """Asked for by 101."""
    world.sell()
    number = world.apply_for(800, "S1", kind=Kind.MANUAL, basis=LOST).number
    return world.do(world.store.commit_form(number, ()))


def said(world: World, supervisor: str = "201", done: int = 800) -> FormConfirmation:
    """To the clerk 102."""
    yes = Approval(supervisor, supervisor, world.clock.now(), 800, FormConfirmation.RULE)
    return FormConfirmation(done, "WX-1", "102", yes)


@pytest.mark.parametrize("nobody", ["101", "102"])
def test_neither_who_asked_for_it_nor_who_is_at_it_confirms_a_form(
    world: World, nobody: str
) -> None:
    refund = form(world)
    with pytest.raises(ValueError, match="other than the operator"):
        world.conclude(refund.refund_id, State.CONFIRMED, 800, confirmation=said(world, nobody))
    with pytest.raises(ValueError, match="not what was confirmed"):
        world.conclude(refund.refund_id, State.CONFIRMED, 800, confirmation=said(world, done=700))
    world.conclude(refund.refund_id, State.CONFIRMED, 800, confirmation=said(world))
    verify_store(world.store)


@pytest.mark.parametrize("kind", [Kind.CASH, Kind.REFUND])
def test_what_is_no_manual_refund_has_no_form(world: World, kind: Kind) -> None:
    world.sell()
    number = world.apply_for(800, "S1", kind=kind).number
    with pytest.raises(ValueError, match="is no manual"):
        world.do(world.store.commit_form(number, ()))
    assert world.application(number).state is ApplicationState.OPEN


def test_a_form_that_nobody_confirmed_is_found(world: World) -> None:
    """Two people say that it is not paid; that it is takes the word that is kept for it."""
    refund = form(world)
    two = (said(world, "201").approval, said(world, "202").approval)
    finding = Finding(done=800, reference="WX-1", operator="102", approvals=two)
    world.conclude(refund.refund_id, State.CONFIRMED, 800, finding=finding)
    with pytest.raises(Failure, match=r"ledger\.tampered.*confirmation of manual refund"):
        verify_store(world.store)


@pytest.mark.parametrize("told", ["keypad", "late"])
def test_two_forms_that_one_payment_carried_out_are_found(
    world: World, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However it is spelled. No word of people's makes it so: it is looked at all the same."""
    first = form(world)
    world.sell("S2")
    number = world.apply_for(800, "S2", kind=Kind.MANUAL, basis=LOST).number
    second = world.do(world.store.commit_form(number, ()))
    world.conclude(first.refund_id, State.CONFIRMED, 800, confirmation=said(world))
    again = replace(said(world), reference="wx 1")
    two = (said(world, "201").approval, said(world, "202").approval)
    if told == "late":
        not_paid = Finding(done=0, reference="N-4711", operator="102", approvals=two)
        world.conclude(second.refund_id, State.WITHDRAWN, finding=not_paid)

    def tell() -> None:
        if told == "keypad":
            world.conclude(second.refund_id, State.CONFIRMED, 800, confirmation=again)
        else:
            paid = Finding(done=800, reference="wx 1", operator="102", approvals=two)
            over = CaseKind.OVERPAYMENT
            world.conclude(second.refund_id, State.OVERPAID, 800, finding=paid, case=over)

    with pytest.raises(PaidAnother):
        tell()
    verify_store(world.store)
    monkeypatch.setattr(manual, "must_be_its_own", lambda *_: None)
    tell()
    with pytest.raises(Failure, match=r"ledger\.tampered.*payment of two forms"):
        verify_store(world.store)


def test_with_its_age_go_who_confirmed_it_and_what_showed_it(world: World) -> None:
    """The log never had them; what was decided stays, and ``verify`` knows that they went (R54)."""
    refund = form(world)
    world.conclude(refund.refund_id, State.CONFIRMED, 800, confirmation=said(world))
    printed(world)
    next_batch(world)
    later(world, 101)
    purge(world)
    row = world.store.db.execute("SELECT name, supervisor FROM form_confirmations").fetchone()
    assert tuple(row) == ("", "201")
    assert world.store.exceptions.of_application(refund.application) == Basis(
        Exceptional.CARD_LOST, (EvidenceItem(EvidenceKind.POLICE_REPORT, ""),)
    )
    log = world.store.db.execute("SELECT group_concat(facts) FROM audit").fetchone()[0]
    assert "4711" not in log
    verify_store(world.store)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE evidence SET reference = '4712'",
        "UPDATE evidence SET kind = 'photo'",
        "UPDATE evidence SET seq = 2",
        "DELETE FROM evidence",
        "UPDATE exceptions SET exception = 'gift'",
    ],
)
def test_evidence_that_was_changed_is_found(world: World, change: str) -> None:
    form(world)
    verify_store(world.store)
    with closing(sqlite3.connect(world.path)) as other, other:
        other.execute(change)
    with pytest.raises(Failure, match=r"ledger\.tampered.*exception of request"):
        verify_store(world.store)


def test_evidence_is_of_five_pieces_at_most_each_with_its_reference(world: World) -> None:
    world.sell()
    piece, empty = (EvidenceItem(EvidenceKind.PHOTO, text) for text in ("P-1", ""))

    def apply_with(*evidence: EvidenceItem) -> int:
        basis = Basis(Exceptional.CARD_LOST, evidence)
        return world.apply_for(800, "S1", kind=Kind.MANUAL, basis=basis).number

    with pytest.raises(ValueError, match="without a reference"):
        apply_with(piece, empty)
    with pytest.raises(sqlite3.IntegrityError):
        apply_with(*[piece] * 6)
    assert apply_with(*[piece] * 5) == 1, "nothing of the others is there"
