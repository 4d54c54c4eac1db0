"""Whoever has the audit key can rewrite the log (docs/security.md); whoever has not is found."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from worlds.failures import failure_of
from worlds.ledger import World

from pos_terminal.core.refund import State
from pos_terminal.services.ledger import audit
from pos_terminal.services.ledger.anchor import write_anchor
from pos_terminal.services.proof.verify import verify


def rewrite(world: World, key: bytes) -> None:
    """A refund of 3.00 never was one of 3.00: tables, facts, chain and head agree on 1.00."""
    with closing(sqlite3.connect(world.path)) as db:
        db.executescript(
            """UPDATE refunds SET amount = 100, done = 100;
            UPDATE applications SET amount = 100;
            UPDATE tenders SET done = 100;
            UPDATE audit SET facts = replace(facts, ':300', ':100') WHERE facts LIKE '%:300%';"""
        )
        prev = audit.GENESIS
        rows = db.execute("SELECT seq, at, kind, facts FROM audit ORDER BY seq").fetchall()
        for seq, at, kind, facts in rows:
            digest = audit.facts_digest(key, seq, facts)
            made = audit.entry_hash(key, prev, seq, at, kind, digest)
            db.execute("UPDATE audit SET prev = ?, hash = ? WHERE seq = ?", (prev, made, seq))
            prev = made
        db.commit()
        write_anchor(db, world.path, key)


@pytest.fixture
def refunded(sold: World) -> World:
    sold.refunded(300, State.ACCEPTED, 300)
    sold.do(sold.store.tidy.once())
    sold.store.close()
    return sold


def test_with_the_key_a_changed_ledger_agrees_with_itself(refunded: World) -> None:
    rewrite(refunded, refunded.audit_key)
    assert verify(refunded.path, refunded.audit_key)
    refunded.store = refunded.open()
    (refund,) = refunded.store.refunds.recent(1)
    assert refund.done == 100


def test_without_it_the_same_is_found_at_once(refunded: World) -> None:
    rewrite(refunded, bytes(reversed(refunded.audit_key)))
    assert failure_of(verify, refunded.path, refunded.audit_key) == "ledger.tampered"
    assert failure_of(refunded.open) == "ledger.tampered"
