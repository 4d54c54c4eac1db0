"""What the disk can do to a write, and what a write asks of the disk."""

from __future__ import annotations

import re
import shutil
import sqlite3
import subprocess
import sys
import textwrap
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from hw_sim.proofs.power.failing import FailingConnection, disk_error, every_statement_fails_first
from worlds.ledger import World

from pos_terminal.core.case import CaseKind
from pos_terminal.core.refund import Kind, State
from pos_terminal.core.words import Failure
from pos_terminal.ports import Taking, Upset
from pos_terminal.services.ledger.connect import failure_of, open_reader
from pos_terminal.services.proof.verify import verify_store
from pos_terminal.texts import catalogue


def fill_up(world: World) -> None:
    """No page more than the file has."""
    pages = world.store.writer.db.execute("PRAGMA page_count").fetchone()[0]
    world.store.writer.db.execute(f"PRAGMA max_page_count = {pages}")


def note_until_full(world: World) -> None:
    for _ in range(200):
        world.do(world.store.journal.note("filler", {"text": "x" * 3000}))


def test_a_full_disk_is_told_and_undone(sold: World) -> None:
    sealed = sold.seal(4000).refund
    fill_up(sold)
    with pytest.raises(Failure, match=r"ledger\.full"):
        note_until_full(sold)
    slips = tuple(sold.slip(contact="x" * 4000) for _ in range(3))
    with pytest.raises(Failure, match=r"ledger\.full"):
        sold.conclude(sealed.refund_id, State.ACCEPTED, 4000, slips=slips)
    assert sold.refund(sealed.refund_id) == sealed
    assert sold.tender() == (0, 4000)
    assert not sold.store.writer.db.in_transaction


def test_after_repair_the_same_write_goes_through(sold: World) -> None:
    sealed = sold.seal(4000).refund
    fill_up(sold)
    with pytest.raises(Failure, match=r"ledger\.full"):
        note_until_full(sold)
    sold.store.writer.db.execute("PRAGMA max_page_count = 1000000")
    sold.conclude(sealed.refund_id, State.ACCEPTED, 4000)
    assert sold.tender() == (4000, 0)
    verify_store(sold.store)


def test_a_busy_ledger_is_told_and_unchanged(world: World) -> None:
    world.store.writer.db.execute("PRAGMA busy_timeout = 0")
    other = sqlite3.connect(world.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Failure, match=r"ledger\.busy"):
        world.do(world.store.journal.note("x", {}))
    other.execute("ROLLBACK")
    other.close()
    world.do(world.store.journal.note("x", {}))
    assert world.kinds()[-1] == "x"


@pytest.mark.parametrize(
    ("code", "name", "key"),
    [
        (sqlite3.SQLITE_FULL, "SQLITE_FULL", "ledger.full"),
        (sqlite3.SQLITE_IOERR_SHMSIZE, "SQLITE_IOERR_SHMSIZE", "ledger.full"),
        (sqlite3.SQLITE_IOERR_FSYNC, "SQLITE_IOERR_FSYNC", "ledger.io"),
        (sqlite3.SQLITE_IOERR_WRITE, "SQLITE_IOERR_WRITE", "ledger.io"),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, "SQLITE_BUSY_SNAPSHOT", "ledger.busy"),
        (sqlite3.SQLITE_READONLY_DIRECTORY, "SQLITE_READONLY_DIRECTORY", "ledger.readonly"),
        (sqlite3.SQLITE_CORRUPT, "SQLITE_CORRUPT", "ledger.damaged"),
        (sqlite3.SQLITE_NOTADB, "SQLITE_NOTADB", "ledger.damaged"),
        (sqlite3.SQLITE_CANTOPEN, "SQLITE_CANTOPEN", "ledger.unreadable"),
    ],
)
def test_each_error_has_its_text(code: int, name: str, key: str) -> None:
    error = disk_error(name)
    assert error.sqlite_errorcode == code
    failure = failure_of(error, Path("ledger.db"))
    assert failure is not None
    assert failure.words.code == key
    assert failure.words.values["cause"] == name
    assert key in catalogue()


def test_a_mistake_of_the_program_is_no_failure() -> None:
    with pytest.raises(sqlite3.OperationalError) as caught:
        sqlite3.connect(":memory:").execute("SELECT nonsense")
    assert failure_of(caught.value, Path("x")) is None


_WORLD = """
    import sys
    from pathlib import Path
    sys.path.insert(0, {shared!r})
    from worlds.ledger import World
    world = World(Path({folder!r}))
    world.sell()
"""


def run(script: str, folder: Path, *before: str) -> subprocess.CompletedProcess[str]:
    shared = str(Path(__file__).parents[2] / "shared")
    text = textwrap.dedent(_WORLD).format(shared=shared, folder=str(folder))
    return subprocess.run(
        [*before, sys.executable, "-c", text + textwrap.dedent(script)],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )


def test_a_failing_disk_stops_the_writer_until_a_restart(tmp_path: Path) -> None:
    """A file size limit makes the kernel refuse the WAL's growth: SQLITE_IOERR_WRITE."""
    done = run(
        """
        import resource, signal
        from pos_terminal.core.words import Failure
        from pos_terminal.core.refund import State
        from pos_terminal.services.proof.verify import verify_store
        sealed = world.seal(4000).refund
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        size = world.path.with_name("ledger.db-wal").stat().st_size
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
        for _ in range(2):
            try:
                world.conclude(sealed.refund_id, State.ACCEPTED, 4000)
            except Failure as failure:
                print(failure.words.code)
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        world.reopen()
        print(world.refund(1).state.value, world.tender())
        verify_store(world.store)
        """,
        tmp_path,
    )
    assert done.stdout.split("\n")[:3] == ["ledger.io", "ledger.io", "sealed (0, 4000)"]


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_a_clean_refund_waits_for_the_disk_twice(tmp_path: Path) -> None:
    """Seal and conclude are one fdatasync each; nothing else of them reaches for the disk (R31)."""
    trace = tmp_path / "trace"
    run(
        """
        import os
        from pos_terminal.core.refund import State, Kind
        refund = world.apply_for(4000).number
        void = world.apply_for(6000).number
        build = world.request(4000)
        def mark(name):
            os.path.exists("/mark-" + name)
        slips = (world.slip(), world.slip())
        mark("seal")
        world.seal_again(refund, 4000)
        mark("conclude")
        world.conclude(1, State.ACCEPTED, 4000, answer=world.answer(), slips=slips)
        mark("tidy")
        world.do(world.store.tidy.once())
        mark("seal-after-checkpoint")
        world.seal_again(void, 6000)
        mark("conclude-after-checkpoint")
        world.conclude(2, State.ACCEPTED, 6000, answer=world.answer(), slips=slips)
        mark("end")
        """,
        tmp_path / "ledger",
        *("strace", "-f", "-o", str(trace)),
        *("-e", "trace=fsync,fdatasync,msync,sync_file_range,stat,newfstatat,statx"),
    )
    counts: dict[str, int] = {}
    mark = "start"
    for line in trace.read_text().splitlines():
        found = re.search(r'"/mark-([^"]+)"', line)
        if found:
            mark = found[1]
        elif re.search(r"\b(f(data)?sync|msync|sync_file_range)\(", line):
            counts[mark] = counts.get(mark, 0) + 1
    assert counts.pop("tidy") > 1
    assert {name: count for name, count in counts.items() if name not in ("start", "end")} == {
        "seal": 1,
        "conclude": 1,
        "seal-after-checkpoint": 1,
        "conclude-after-checkpoint": 1,
    }


def test_the_journal_is_as_durable_as_it_is_meant(world: World) -> None:
    db = world.store.writer.db
    found = {
        name: db.execute(f"PRAGMA {name}").fetchone()[0]
        for name in (
            "journal_mode",
            "synchronous",
            "foreign_keys",
            "secure_delete",
            "wal_autocheckpoint",
        )
    }
    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "secure_delete": 1,
        "wal_autocheckpoint": 0,
    }
    tables = db.execute("SELECT name, strict FROM pragma_table_list WHERE type = 'table'")
    assert not [row["name"] for row in tables if not row["strict"] and row["name"][:6] != "sqlite"]


def test_the_reading_connection_cannot_write(world: World) -> None:
    with pytest.raises(Failure, match=r"ledger\.readonly"):
        world.store.db.execute("DELETE FROM audit")


def fail_everywhere(world: World, name: str, write: Callable[[], object]) -> int:
    """``write`` meets the error at its first, second … statement until it goes through.

    How often it failed; each time nothing was changed.
    """
    real = world.store.writer.db
    before = list(real.iterdump())
    for nth in range(1, 100):
        world.store.writer.db = FailingConnection(real, nth, name)  # type: ignore[assignment] # for real
        try:
            write()
        except Failure as failure:
            cause = failure.words.values["cause"]
        else:
            return nth - 1
        finally:
            world.store.writer.db = real
        # as after a restart
        world.store.writer._broken = None
        assert cause == name
        assert not real.in_transaction
        assert list(real.iterdump()) == before
    raise AssertionError("it never went through")


@pytest.mark.parametrize("name", ["SQLITE_FULL", "SQLITE_BUSY", "SQLITE_IOERR_WRITE"])
def test_an_error_at_any_statement_of_s_and_t_changes_nothing(sold: World, name: str) -> None:
    number = sold.apply_for(100).number
    assert fail_everywhere(sold, name, lambda: sold.seal_again(number, 100)) > 10
    slips = (sold.slip(),)
    accept = partial(sold.conclude, 1, State.ACCEPTED, 100, slips=slips, answer=sold.answer())
    assert fail_everywhere(sold, name, accept) > 5
    assert sold.tender() == (100, 0)
    verify_store(sold.store)


@pytest.mark.parametrize("name", ["SQLITE_FULL", "SQLITE_BUSY", "SQLITE_IOERR_WRITE"])
@pytest.mark.parametrize("nth", range(1, 9))
def test_an_error_while_tidying_is_told_and_made_up_for(sold: World, name: str, nth: int) -> None:
    """Reading what is spent, the checkpoint and its journal row, in turn."""
    sold.refunded(100, State.DECLINED)
    real = sold.store.writer.db
    sold.store.writer.db = FailingConnection(real, nth, name)  # type: ignore[assignment] # for real
    with pytest.raises(Failure, match=r"ledger\."):
        sold.do(sold.store.tidy.once())
    sold.store.writer.db = real
    sold.reopen()
    sold.do(sold.store.tidy.once())
    assert sold.kinds()[-1] == "checkpoint"
    assert (
        sold.store.db.execute("SELECT count(*) FROM key_slots WHERE state = 'spent'").fetchone()[0]
        == 0
    )
    verify_store(sold.store)


def test_what_can_not_be_read_is_told_as_the_disks_failure(world: World) -> None:
    damaged = world.copy("damaged")
    world.store.writer.db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    content = bytearray(world.path.read_bytes())
    content[4096:] = bytes(len(content) - 4096)
    damaged.write_bytes(content)
    damaged.with_name("ledger.db-wal").unlink()
    with pytest.raises(Failure, match=r"ledger\.damaged"):
        open_reader(damaged).execute("SELECT * FROM audit").fetchall()


def test_every_step_bears_an_error_at_each_of_its_statements(world: World) -> None:
    """Undone each time, told by its cause, and good at last."""
    with every_statement_fails_first() as met:
        world.reopen()
        world.sell()
        world.sell("CASH", tenders=[{"kind": "cash", "amount": 10_000}])
        world.do(world.store.counter.resequence())
        world.do(world.store.counter.draw())
        cash = world.apply_for(50, "CASH", Kind.CASH)
        refund = world.do(world.store.commit_cash(cash.number, lambda _: (world.slip(),)))
        world.do(world.store.refunds.drawer_opened(refund.refund_id, "101"))
        world.do(world.store.refunds.handed_over(refund.refund_id, "101"))
        world.do(world.store.cases.open(refund.refund_id, CaseKind.UNILATERAL_DEBIT, "101"))
        world.do(
            world.store.cases.open_of_sale(
                world.sale().key, CaseKind.UNILATERAL_DEBIT, "101", lambda _: (world.slip(),)
            )
        )
        credit = world.apply_for(70, "CASH", Kind.CREDIT)
        issued = world.do(world.store.issue_credit(credit.number, lambda *_: (world.slip(),)))
        voucher = world.store.vouchers.of_refund(issued.refund_id)
        assert voucher is not None
        number = voucher.number
        world.do(world.store.vouchers.redeem(Taking(number, 30, request="T1")))
        world.do(world.store.vouchers.cancel(number, "101", "201"))
        job = world.store.slips.of_refund(refund.refund_id)[0].job_id
        world.do(world.store.slips.sending(job))
        world.do(world.store.slips.unknown(job, Upset.CRASH))
        world.do(world.store.slips.dropped(job, "101"))
        world.do(world.store.slips.reprint(job, "101"))
        world.do(world.store.tidy.once())
    assert met.wrong == []
    assert sum(met.steps.values()) > 300
    assert {"opened", "import_sales", "commit_cash", "queue_reprint", "open_sale_case", "tidy"} <= {
        *met.steps
    }
    assert {"issue_credit", "redeem", "cancel_voucher"} <= {*met.steps}
    verify_store(world.store)
