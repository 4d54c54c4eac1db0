"""A change, a gap or an old copy put back shows (R55)."""

from __future__ import annotations

import json
import random
import secrets
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from worlds.failures import failure_of
from worlds.ledger import World

from pos_terminal.core.case import CaseKind
from pos_terminal.core.refund import Kind, State
from pos_terminal.core.words import Failure
from pos_terminal.ports import Approval
from pos_terminal.services.ledger import audit, writer
from pos_terminal.services.ledger.anchor import anchor_path
from pos_terminal.services.ledger.step import Step
from pos_terminal.services.proof.verify import verify_store


@pytest.fixture
def busy(world: World) -> World:
    """A ledger with a bit of everything, tidied."""
    cash = {"kind": "cash", "amount": 500}
    world.sell("S1")
    world.sell("S2", trace="000018", tenders=[cash], amount=500)
    elsewhere = {"kind": "refunded_elsewhere", "reference": "HQ1", "sale_id": "S1", "amount": 700}
    world.take_in(elsewhere | {"at": "2026-01-05T09:30:00+08:00"})
    world.refunded(1000, State.ACCEPTED, 900, slips=(world.slip(),))
    world.refunded(2000, State.UNKNOWN, case=CaseKind.UNKNOWN_OUTCOME)
    number = world.apply_for(300, "S2", Kind.CASH).number
    world.do(
        world.store.applications.approve(
            number, [Approval("201", "王", world.clock.now(), 300, "policy")]
        )
    )
    world.do(world.store.commit_cash(number, []))
    world.do(world.store.tidy.once())
    return world


@pytest.mark.parametrize("void_first", [True, False])
def test_a_split_sale_given_back_leg_by_leg_is_no_tampering(world: World, void_first: bool) -> None:
    tenders = [
        {"kind": "card", "amount": 6_000, "pan": world.visa.reveal(), "scheme": "VISA"},
        {"kind": "cash", "amount": 4_000},
    ]
    world.sell("S1", tenders=tenders)

    def void() -> None:
        sealed = world.seal(6_000, kind=Kind.VOID)
        world.conclude(sealed.refund.refund_id, State.ACCEPTED, 6_000)

    def cash() -> None:
        number = world.apply_for(4_000, kind=Kind.CASH, leg=2).number
        world.do(world.store.commit_cash(number, []))

    for give_back in (void, cash) if void_first else (cash, void):
        give_back()
        verify_store(world.store)


def test_every_write_has_its_entry_and_the_chain_holds(busy: World) -> None:
    assert busy.kinds() == [
        "opened",
        "import",
        "import",
        "import",
        "application",
        "refund",
        "slips",
        "refund",
        "application",
        "refund",
        "case",
        "refund",
        "application",
        "approval",
        "refund",
        "checkpoint",
    ]
    verify_store(busy.store)
    assert busy.store.journal.last_at() == busy.clock.now()


def test_entries_have_the_moment_of_their_write(world: World) -> None:
    world.clock.moment = world.clock.moment.replace(hour=11)
    world.do(world.store.journal.note("login", {"operator": "101"}))
    row = world.store.db.execute("SELECT * FROM audit ORDER BY seq DESC LIMIT 1").fetchone()
    assert (row["at"], row["facts"]) == ("2026-01-05T11:00:00+08:00", '{"operator":"101"}')


def test_a_clock_set_back_does_not_take_the_log_back_with_it(world: World) -> None:
    """The terminal's own entry at start-up must not be what the clock is then held against."""
    late = world.clock.moment = world.clock.moment.replace(hour=11)
    world.do(world.store.journal.note("login", {"operator": "101"}))
    world.clock.moment = late.replace(hour=10)
    store = world.reopen()
    assert store.journal.last_at() == late
    row = store.db.execute("SELECT * FROM audit ORDER BY seq DESC LIMIT 1").fetchone()
    assert (row["kind"], row["at"]) == ("opened", late.isoformat())
    assert json.loads(row["facts"])["clock_said"] == "2026-01-05T10:00:00+08:00"
    verify_store(store)


def test_what_ends_while_the_clock_is_behind_is_not_dated_before_its_beginning(
    world: World,
) -> None:
    """A flat clock battery, and the answer that everybody waited for: by its age all of it would go
    with the next purge (simulated day 202)."""
    world.sell("S1")
    begun = world.refunded(1000, State.UNKNOWN, case=CaseKind.UNKNOWN_OUTCOME)
    world.clock.moment = world.clock.moment.replace(year=1970)
    ended = world.conclude(begun.refund_id, State.ACCEPTED, 1000, slips=(world.slip(),))
    assert ended.concluded_at == begun.sealed_at
    dates = """SELECT changed_at FROM applications UNION ALL SELECT opened_at FROM cases
        UNION ALL SELECT queued_at FROM print_jobs"""
    assert {row[0][:4] for row in world.store.db.execute(dates)} == {"2026"}
    row = world.store.db.execute("SELECT facts FROM audit ORDER BY seq DESC LIMIT 1").fetchone()
    assert json.loads(row["facts"])["clock_said"].startswith("1970-")
    verify_store(world.store)


def test_rows_that_0_3_0_dated_by_a_clock_that_was_behind_are_no_tampering(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.sell("S1")
    begun = world.refunded(1000, State.UNKNOWN, case=CaseKind.UNKNOWN_OUTCOME)
    world.clock.moment = world.clock.moment.replace(year=1970)
    with monkeypatch.context() as patch:
        patch.setattr(writer, "Step", lambda db, _, clock, *rest: Step(db, clock, clock, *rest))
        patch.setattr(audit, "CLOCK_SAID", "clock")
        ended = world.conclude(begun.refund_id, State.ACCEPTED, 1000, slips=(world.slip(),))
    assert ended.concluded_at is not None
    assert ended.concluded_at.year == 1970
    verify_store(world.store)


BEHIND_ITS_BACK = [
    "UPDATE audit SET facts = replace(facts, '1000', '1001') WHERE seq = 6",
    "UPDATE audit SET at = replace(at, '10:', '11:') WHERE seq = 6",
    "UPDATE audit SET kind = 'note' WHERE seq = 6",
    "UPDATE audit SET hash = replace(hash, 'a', 'b')",
    "UPDATE audit SET prev = hash WHERE seq = 6",
    "DELETE FROM audit WHERE seq = 6",
    "DELETE FROM audit WHERE seq = 1",
    "DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit)",
    "DELETE FROM audit WHERE seq > 5",
    "DELETE FROM audit",
    "UPDATE refunds SET state = 'declined', done = 0 WHERE refund_id = 1",
    "UPDATE refunds SET done = 1000 WHERE refund_id = 1",
    "UPDATE refunds SET amount = 1001 WHERE refund_id = 2",
    "UPDATE refunds SET operator = '102' WHERE refund_id = 2",
    "UPDATE refunds SET stan = '000099' WHERE refund_id = 2",
    "DELETE FROM refunds WHERE refund_id = 2",
    "UPDATE tenders SET held = 0",
    "UPDATE tenders SET done = 0",
    "UPDATE tenders SET amount = amount + 1",
    "UPDATE tenders SET masked = NULL",
    "UPDATE tenders SET token = NULL",
    "UPDATE sales SET amount = 100000",
    "UPDATE sales SET rrn = '600510000018'",
    "UPDATE sales SET terminal_id = '99999999'",
    "UPDATE sales SET state = 'voided' WHERE sale_id = 'S1'",
    "UPDATE sales SET origin = 'feed ', sale_id = 'S9' WHERE sale_key = 1",
    """UPDATE sales SET sale_key = 3 WHERE sale_key = 2; UPDATE tenders SET sale_key = 3
    WHERE sale_key = 2; UPDATE lines SET sale_key = 3 WHERE sale_key = 2""",
    "UPDATE applications SET amount = amount + 1",
    "UPDATE lines SET unit_price = 1",
    "DELETE FROM lines",
    "DELETE FROM feed_events",
    "UPDATE feed_events SET amount = amount + 1",
    "UPDATE feed_events SET counted = counted - 1 WHERE counted",
    "UPDATE feed_events SET at = '2026-01-01T00:00:00+08:00'",
    "UPDATE approvals SET supervisor = '202'",
    "DELETE FROM approvals",
    """DELETE FROM lines WHERE sale_key = 2; DELETE FROM tenders WHERE sale_key = 2;
    DELETE FROM sales WHERE sale_id = 'S2'""",
]


@pytest.mark.parametrize("change", BEHIND_ITS_BACK)
def test_a_change_behind_its_back_is_found(busy: World, change: str) -> None:
    busy.store.close()
    db = sqlite3.connect(busy.path)
    db.executescript(change)
    db.close()
    with pytest.raises(Failure, match=r"ledger\.(tampered|rolled_back)"):
        _open_and_verify(busy)


def _open_and_verify(world: World) -> None:
    store = world.open()
    try:
        verify_store(store)
    finally:
        store.close()


def test_a_chain_under_another_key_is_found(busy: World) -> None:
    busy.store.close()
    busy.audit_key = secrets.token_bytes(32)
    assert failure_of(busy.open) == "ledger.tampered"


def test_an_old_copy_put_back_is_found(busy: World) -> None:
    busy.store.close()
    old = busy.path.read_bytes()
    busy.store = busy.open()
    busy.do(busy.store.journal.note("login", {}))
    busy.do(busy.store.tidy.once())
    busy.store.close()
    busy.path.write_bytes(old)
    assert failure_of(busy.open) == "ledger.rolled_back"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text.replace(" ", " 0", 1),
        lambda text: "1" + text,
        lambda text: text[:20],
        lambda text: "nonsense",
    ],
)
def test_a_forged_head_is_found(busy: World, spoil: Callable[[str], str]) -> None:
    path: Path = anchor_path(busy.path)
    path.write_text(spoil(path.read_text()))
    assert failure_of(verify_store, busy.store) == "ledger.tampered"


def test_single_bytes_changed_in_the_audit_log_are_found(busy: World) -> None:
    """Every byte of every entry counts."""
    db = sqlite3.connect(":memory:")
    busy.store.writer.db.backup(db)
    rng = random.Random(7)
    rows = db.execute("SELECT seq, at, kind, facts, prev, hash FROM audit").fetchall()
    columns = ("at", "kind", "facts", "prev", "hash")
    for _ in range(300):
        row = rng.choice(rows)
        column = rng.randrange(5)
        text = row[column + 1]
        place = rng.randrange(len(text))
        other = chr(ord(text[place]) ^ 1 << rng.randrange(5))
        changed = text[:place] + other + text[place + 1 :]
        sql = f"UPDATE audit SET {columns[column]} = ? WHERE seq = ?"  # noqa: S608 - our own columns
        db.execute(sql, (changed, row[0]))
        assert failure_of(audit.verify_chain, db, busy.audit_key) == "ledger.tampered"
        db.execute(sql, (text, row[0]))
    assert audit.verify_chain(db, busy.audit_key) == len(rows)


def test_the_newest_entries_alone_are_checked_at_start(busy: World) -> None:
    assert audit.verify_chain(busy.store.db, busy.audit_key, newest=3) == 3


def test_a_damaged_file_is_told(busy: World) -> None:
    busy.store.close()
    content = bytearray(busy.path.read_bytes())
    content[:16] = b"not a database.."
    busy.path.write_bytes(content)
    assert failure_of(busy.open) == "ledger.damaged"
