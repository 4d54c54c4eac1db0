"""A stocked ledger answers as one that sales were imported into."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

import pytest
from hw_sim.bench import identity
from hw_sim.proofs.measure import finding
from hw_sim.proofs.measure.stock import OPEN, Key, key, stock

from pos_terminal.core.goods_code import codes_for
from pos_terminal.core.home import Home
from pos_terminal.core.sought import Sought
from pos_terminal.services.ledger.connect import open_reader, open_writer
from pos_terminal.services.ledger.faces import Reads
from pos_terminal.services.ledger.migrations import migrate

COUNT = 200


def stocked(folder: Path, *, pending: bool) -> Reads:
    path = folder / "ledger.db"
    db = open_writer(path)
    migrate(db, str(path))
    indexes = "SELECT count(*) FROM sqlite_master WHERE type = 'index'"
    before = db.execute(indexes).fetchone()[0]
    db.close()
    stock(path, COUNT, pending=pending)
    ledger = Reads(open_reader(path), Home(identity.MERCHANT_ID, identity.TERMINAL_ID, UTC))
    assert ledger.db.execute(indexes).fetchone()[0] == before
    assert ledger.db.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    return ledger


def test_every_way_finds_a_stocked_sale(tmp_path: Path) -> None:
    ledger = stocked(tmp_path, pending=True)
    known = key(ledger.db, 17)
    (by_receipt,) = ledger.sales.by_receipt(known.receipt_no)
    found = [
        *ledger.sales.by_trace(known.trace),
        *ledger.sales.by_rrn(known.rrn, date.fromisoformat(known.day)),
    ]
    assert [sale.sale_id for sale in found] == [by_receipt.sale_id] * 2
    assert by_receipt.sale_id in {sale.sale_id for sale in ledger.sales.by_token([known.token])}
    known_of = Sought(known.amount, date.fromisoformat(known.day), known.last_four)
    assert [sale.sale_id for sale in ledger.sales.sought(known_of).sales] == [by_receipt.sale_id]
    goods = Sought(amount=known.amount, goods=codes_for(known.code, ()))
    assert [sale.sale_id for sale in ledger.sales.sought(goods).sales] == [by_receipt.sale_id]
    whole = ledger.sales.by_key(by_receipt.key)
    assert whole is not None
    assert whole.remaining == 0
    known_before = ledger.sales.sold_before([known.code], datetime(2000, 1, 1, tzinfo=UTC))
    assert known_before is not None
    assert known_before.lowest == known.amount
    ledger.db.close()


@pytest.mark.parametrize("pending", [True, False])
def test_pending_refunds_are_there_on_demand(tmp_path: Path, pending: bool) -> None:
    ledger = stocked(tmp_path, pending=pending)
    for waiting in (
        ledger.refunds.open_ones(),
        ledger.manual.open_ones(),
        ledger.applications.to_do(),
    ):
        assert len(waiting) == (OPEN if pending else 0)
    ledger.db.close()


def test_no_question_scans(tmp_path: Path) -> None:
    ledger = stocked(tmp_path, pending=False)
    known = key(ledger.db, 17)
    for find in finding.WAYS.values():
        assert list(finding.scanned(ledger, partial(_by, find, known))) == []
    scan = "SELECT * FROM sales WHERE state = 'x'"
    assert list(finding.scanned(ledger, lambda asked: asked.db.execute(scan)))
    ledger.db.close()


def _by(find: Callable[[Reads, Key], object], known: Key, ledger: Reads) -> object:
    return find(ledger, known)
