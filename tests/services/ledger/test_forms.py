"""Forms in the ledger: whose word counts, and what ``verify`` holds them to (R38)."""

from __future__ import annotations

import pytest
from worlds.ledger import World

from pos_terminal.core.refund import Kind, Refund, State
from pos_terminal.core.tenders import Basis, EvidenceItem, EvidenceKind, Exceptional
from pos_terminal.core.words import Failure
from pos_terminal.ports import Approval, Finding, FormConfirmation
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


def test_a_form_that_nobody_confirmed_is_found(world: World) -> None:
    """Two people say that it is not paid; that it is takes the word that is kept for it."""
    refund = form(world)
    two = (said(world, "201").approval, said(world, "202").approval)
    finding = Finding(done=800, reference="WX-1", operator="102", approvals=two)
    world.conclude(refund.refund_id, State.CONFIRMED, 800, finding=finding)
    with pytest.raises(Failure, match=r"ledger\.tampered.*confirmation of manual refund"):
        verify_store(world.store)
