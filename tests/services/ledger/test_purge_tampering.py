"""A purge gives nobody a cover: what is missing without its entry is found (R55)."""

# ruff: noqa: S608 - SQL of our own

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from worlds.failures import failure_of
from worlds.ledger import World
from worlds.purge import later, next_batch, purge

from pos_terminal.config import Retention
from pos_terminal.core.refund import State
from pos_terminal.core.words import Failure
from pos_terminal.ports import Approval
from pos_terminal.services.ledger import audit
from pos_terminal.services.proof.verify import verify, verify_store

KEEP = Retention(sales_days=200, refunds_days=100, slips_days=50, audit_days=200)


def refund(world: World, sale_id: str, amount: int) -> None:
    number = world.apply_for(amount, sale_id).number
    approval = Approval("201", "王", world.clock.now(), amount, "policy")
    world.do(world.store.applications.approve(number, [approval]))
    world.conclude(world.seal_again(number, amount).refund.refund_id, State.ACCEPTED, amount)


@pytest.fixture
def purged(world: World) -> World:
    """S1 is gone with refund 1, S2 is there with refund 2, whose card was erased; so are facts."""
    world.sell("S1")
    refund(world, "S1", 1000)
    next_batch(world)
    later(world, 110)
    world.sell("S2", trace="000018", sold_at=world.clock.now().isoformat())
    refund(world, "S2", 2000)
    next_batch(world)
    later(world, 101)
    assert set(purge(world, keep=KEEP)) == {"refunds", "sales", "audit"}
    verify_store(world.store)
    world.store.close()
    return world


@pytest.fixture
def behind(purged: World) -> Iterator[sqlite3.Connection]:
    """The ledger in the hands of somebody else, who knows SQLite but no key."""
    db = sqlite3.connect(purged.path, isolation_level=None)
    yield db
    db.close()


PURGE = "(SELECT max(seq) FROM audit WHERE kind = 'purge')"
GONE = "(SELECT min(seq) FROM audit WHERE facts IS NULL)"
THERE = "(SELECT max(seq) FROM audit WHERE kind = 'login' OR kind = 'batch')"
BEHIND_ITS_BACK = {
    "facts come back": f"UPDATE audit SET facts = '{{\"a\":1}}', digest = NULL WHERE seq = {GONE}",
    "their digest changes": f"UPDATE audit SET digest = hash WHERE seq = {GONE}",
    "more facts go": f"UPDATE audit SET facts = NULL, digest = hash WHERE seq = {THERE}",
    "the purge's facts go": f"UPDATE audit SET facts = NULL, digest = hash WHERE seq = {PURGE}",
    "a purge is made up": f"""UPDATE audit SET facts = replace(facts, '"ids":"1', '"ids":"1-99')
        WHERE seq = {PURGE}""",
    "the purge goes": f"DELETE FROM audit WHERE seq = {PURGE}",
    "an entry that was purged goes": f"DELETE FROM audit WHERE seq = {GONE}",
    "purges are forgotten": "DELETE FROM purges",
    "an older purge is named": "UPDATE purges SET entry = entry - 1 WHERE class = 'audit'",
    "a purged card comes back": "UPDATE refunds SET masked = '476173******0010'",
    "a refund goes": "DELETE FROM messages; DELETE FROM refunds",
    "its approval goes": "DELETE FROM approvals",
    "an approval comes back": """INSERT INTO approvals
        SELECT 1, seq, question, operator, supervisor, name, at, amount, rule, plan
        FROM approvals""",
    "a refund is another": "UPDATE refunds SET amount = 2001, done = 2001",
    "a sale goes": """DELETE FROM application_items; DELETE FROM lines; DELETE FROM tenders;
        DELETE FROM sales""",
    "a sale comes back": """INSERT INTO sales SELECT 1, 'S1', origin, merchant_id, terminal_id,
        batch, trace, rrn, auth_code, sold_at, sold_ts, sold_on, currency, amount, receipt_no,
        state, told_state, gift_receipt_no, invoice, invoice_no, recovery_no,
    locked, content, 1 FROM sales""",
    "an import says another digest": "UPDATE imports SET digest = 'x' || substr(digest, 2)",
    "an import goes": "DELETE FROM imports",
    "an index goes": "DROP INDEX sales_age",
    "a guard goes": "DROP TRIGGER hold_needs_approved_sale",
}


@pytest.mark.parametrize("change", BEHIND_ITS_BACK)
def test_a_change_behind_a_purge_is_found(
    purged: World, behind: sqlite3.Connection, change: str
) -> None:
    before = behind.total_changes
    behind.executescript(BEHIND_ITS_BACK[change])
    assert behind.total_changes > before or change in ("an index goes", "a guard goes")
    assert failure_of(verify, purged.path, purged.audit_key) == "ledger.tampered"


def test_facts_that_no_purge_names_are_missed_even_with_their_right_digest(
    purged: World, behind: sqlite3.Connection
) -> None:
    """Only the key makes a digest that fits; with it, a fact can go only by a purge's entry."""
    seq, facts = behind.execute(f"SELECT seq, facts FROM audit WHERE seq = {THERE}").fetchone()
    digest = audit.facts_digest(purged.audit_key, seq, facts)
    behind.execute("UPDATE audit SET facts = NULL, digest = ? WHERE seq = ?", (digest, seq))
    with pytest.raises(Failure, match=rf"ledger\.tampered.*audit entry {seq}"):
        verify(purged.path, purged.audit_key)


def test_a_purge_written_without_the_key_is_found(
    purged: World, behind: sqlite3.Connection
) -> None:
    """The whole trick: a refund goes, and an entry of its own says that it was purged."""
    seq, prev = behind.execute("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1").fetchone()
    at = behind.execute("SELECT at FROM audit WHERE seq = ?", (seq,)).fetchone()[0]
    facts = audit.encode_facts(
        {"class": "sales", "before": at, "sales": 1, "events": 0}
        | {"applications": "2", "refunds": "2", "cases": ""}
    )
    guess = b"\0" * 32
    forged = audit.entry_hash(
        guess, prev, seq + 1, at, "purge", audit.facts_digest(guess, seq + 1, facts)
    )
    behind.execute(
        "INSERT INTO audit (seq, at, kind, facts, prev, hash) VALUES (?, ?, 'purge', ?, ?, ?)",
        (seq + 1, at, facts, prev, forged),
    )
    with pytest.raises(Failure, match=rf"ledger\.tampered.*audit entry {seq + 1}"):
        purged.open()


HELD = {
    "audit": ("at", "kind", "facts", "digest", "prev", "hash"),
    "purges": ("class", "entry"),
    "sales": (
        *(
            "sale_key",
            "sale_id",
            "origin",
            "merchant_id",
            "terminal_id",
            "batch",
            "trace",
            "rrn",
            "auth_code",
        ),
        *("sold_at", "currency", "amount", "receipt_no", "content", "import_id", "locked"),
    ),
    "tenders": (
        *("sale_key", "leg", "amount", "done", "held", "masked", "token", "token_key_id"),
        "scheme",
    ),
    "lines": (
        *("sale_key", "line", "sku", "name", "quantity", "returned", "held", "unit_price", "paid"),
        *("kind", "promotion", "barcodes", "serials", "returnable", "not_returnable_because"),
        "category",
    ),
    "imports": ("import_id", "digest"),
    "refunds": (
        *("refund_id", "sale_key", "leg", "kind", "state", "amount", "done", "operator"),
        *("stan", "batch", "rrn", "response", "repeats", "application"),
    ),
    "applications": (
        *("number", "sale_key", "leg", "kind", "amount", "owed", "invoice", "invoice_no"),
    ),
    "cases": ("case_id", "kind", "sale_key", "refund_id"),
    "approvals": ("application", "supervisor", "amount", "rule"),
}
"""Columns that the log answers for."""
CHANGES = 500


def test_a_changed_byte_of_what_the_log_answers_for_is_found(purged: World, tmp_path: Path) -> None:
    """Of the purged ledger, as a file: one bit, wherever a stored value lies."""
    whole, before = purged.path.read_bytes(), _values(purged.path)
    texts = {value.encode() for value in before if isinstance(value, str) and len(value) > 1}
    places = sorted(
        {at + n for text in texts for at in _found(whole, text) for n in range(len(text))}
    )
    rng, file = random.Random(11), tmp_path / "one" / "ledger.db"
    file.parent.mkdir()
    found = 0
    while found < CHANGES:
        changed, at = bytearray(whole), rng.choice(places)
        changed[at] ^= 1 << rng.randrange(8)
        file.write_bytes(changed)
        if _values(file) == before:
            continue  # the same text in a column that the log has no word on
        with pytest.raises(Failure, match=r"ledger\.(tampered|damaged)"):
            verify(file, purged.audit_key)
        found += 1


def _values(path: Path) -> list[object]:
    """Every value that the log answers for; what can't be read has no value."""
    values: list[object] = []
    with closing(sqlite3.connect(path)) as db:
        try:
            for table, columns in HELD.items():
                rows = db.execute(f"SELECT {', '.join(columns)} FROM {table}")
                values += [value for row in rows for value in row]
        except (sqlite3.Error, UnicodeDecodeError):
            return []
    return values


def _found(whole: bytes, value: bytes) -> Iterator[int]:
    at = whole.find(value)
    while at >= 0:
        yield at
        at = whole.find(value, at + 1)
