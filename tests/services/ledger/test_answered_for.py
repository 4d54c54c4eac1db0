"""Single columns changed behind the ledger's back: the log answers for them (R55)."""

from __future__ import annotations

import pytest
from worlds.failures import failure_of
from worlds.ledger import World

from pos_terminal.core.decision import Decision, Phase, allow
from pos_terminal.core.refund import State
from pos_terminal.services.proof.verify import verify_store

CHANGES = [
    "UPDATE refunds SET seq = 2",
    "UPDATE refunds SET currency = '840'",
    "UPDATE refunds SET scheme = 'JCB'",
    "UPDATE refunds SET match = 'masked'",
    "UPDATE refunds SET auth_code = 'X'",
    "UPDATE refunds SET flagged = 1 - flagged",
    "UPDATE refunds SET sealed_ts = sealed_ts - 86400",
    "UPDATE refunds SET drawer = 1",
    "UPDATE applications SET reason = '2'",
    "UPDATE applications SET amount = amount + 1",
    "UPDATE applications SET operator = '103'",
    "UPDATE decisions SET facts = json_set(facts, '$.phase', 'x')",
    "DELETE FROM decisions",
]


def decision(phase: Phase) -> Decision:
    return Decision(phase, (allow("balance", {"left": 1}),))


@pytest.fixture
def told(world: World) -> World:
    """A refund with the rules' answers before and after the card."""
    world.sell()
    answers = (decision(Phase.BEFORE_CARD),)
    number = world.apply_for(4_000, decisions=answers).number
    after = decision(Phase.WITH_CARD)
    world.do(world.store.applications.add_decision(number, after, refused=False))
    refund = world.seal_again(number, 4_000).refund
    world.conclude(refund.refund_id, State.ACCEPTED, 4_000, answer=world.answer())
    verify_store(world.store)
    return world


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_column_shows(told: World, change: str) -> None:
    db = told.store.writer.db
    db.execute("PRAGMA foreign_keys = OFF")
    assert db.execute(change).rowcount
    assert failure_of(verify_store, told.store) == "ledger.tampered"
