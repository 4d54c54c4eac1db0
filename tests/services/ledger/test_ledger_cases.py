"""A customer who finds the slip wrong gets a case, once (R39)."""

from __future__ import annotations

from worlds.ledger import World

from pos_terminal.core.case import CaseKind
from pos_terminal.core.refund import State
from pos_terminal.services.proof.verify import verify_store


def test_a_case_is_opened_once_and_audited(world: World) -> None:
    world.sell()
    refund = world.refunded(4_000, State.ACCEPTED, 4_000, answer=world.answer())
    first = world.do(world.store.cases.open(refund.refund_id, CaseKind.SLIP_DISPUTED, "101"))
    again = world.do(world.store.cases.open(refund.refund_id, CaseKind.SLIP_DISPUTED, "102"))
    other = world.do(world.store.cases.open(refund.refund_id, CaseKind.UNILATERAL_DEBIT, "101"))
    assert first == again != other
    assert world.kinds().count("case") == 2
    verify_store(world.store)
