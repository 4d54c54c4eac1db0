"""Finding a sale, and the queues of what is pending, in a large ledger against a small one."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

from hw_sim.bench import identity
from hw_sim.proofs.measure.figures import Check, Row, against
from hw_sim.proofs.measure.stand import SMALL, Stand
from hw_sim.proofs.measure.stock import Key, key
from pos_terminal.core.goods_code import Codes
from pos_terminal.core.home import Home
from pos_terminal.core.sought import Sought
from pos_terminal.services.ledger.connect import open_reader
from pos_terminal.services.ledger.faces import Reads

FIND_GOAL: Final = 3.0
PENDING_GOAL: Final = 1.1
TIMES: Final = 400
_WARM: Final = 20

_Find = Callable[[Reads, Key], object]


def _sought(*facts: str) -> _Find:
    """The way by these facts of what is known (R5)."""
    return lambda ledger, known: ledger.sales.sought(_known(known, facts)).count


def _known(known: Key, facts: Sequence[str]) -> Sought:
    of: dict[str, Any] = {
        "amount": known.amount,
        "on": date.fromisoformat(known.day),
        "last_four": known.last_four,
        "goods": Codes(frozenset({known.code})),
    }
    return Sought(**{name: of[name] for name in facts})


def _whole(ledger: Reads, known: Key) -> object:
    """What is on the sale's screen: lists have less of each."""
    (listed,) = ledger.sales.by_receipt(known.receipt_no)
    return ledger.sales.by_key(listed.key)


_LONG_AGO: Final = datetime(2000, 1, 1, tzinfo=UTC)
WAYS: Final[dict[str, _Find]] = {
    "trace": lambda ledger, known: ledger.sales.by_trace(known.trace),
    "RRN": lambda ledger, known: ledger.sales.by_rrn(known.rrn, date.fromisoformat(known.day)),
    "barcode": lambda ledger, known: ledger.sales.by_receipt(known.receipt_no),
    "barcode, and read whole": _whole,
    "token": lambda ledger, known: ledger.sales.by_token([known.token]),
    "amount and date": _sought("amount", "on"),
    "date and last four": _sought("on", "last_four"),
    "amount and last four": _sought("amount", "last_four"),
    "goods and date": _sought("on", "goods"),
    "goods and amount": _sought("amount", "goods"),
    "goods and last four": _sought("last_four", "goods"),
    "goods without a receipt": lambda ledger, known: ledger.sales.sold_before(
        [known.code], _LONG_AGO
    ),
}
_QUEUES: Final[dict[str, Callable[[Reads], Sequence[object]]]] = {
    "pending queue": lambda ledger: ledger.refunds.open_ones(),
    "forms to be carried out": lambda ledger: ledger.manual.open_ones(),
    "tickets to do": lambda ledger: ledger.applications.to_do(),
}


def measure(stand: Stand) -> list[Row]:
    """A row for each way to find a sale, and for each queue."""
    small, large = _open(stand.small), _open(stand.large)
    try:
        rows = [_find_row(name, stand.sales, small, large) for name in WAYS]
        return [*rows, *(_queue_row(name, stand.sales, small, large) for name in _QUEUES)]
    finally:
        small.db.close()
        large.db.close()


def _open(path: Path) -> Reads:
    return Reads(open_reader(path), Home(identity.MERCHANT_ID, identity.TERMINAL_ID, UTC))


def _find_row(name: str, count: int, small: Reads, large: Reads) -> Row:
    find = WAYS[name]
    numbers = random.Random(name)
    ours, floor = [], []
    for turn in range(_WARM + TIMES):
        floor.append(_timed(find, small, numbers.randint(1, SMALL)))
        ours.append(_timed(find, large, numbers.randint(1, count)))
        if turn < _WARM:
            ours.clear()
            floor.clear()
    known = key(large.db, numbers.randint(1, count))
    found = list(scanned(large, lambda ledger: find(ledger, known)))
    scans = Check("scans", len(found), 0, "in the plan")
    checks = (*against(ours, floor, p50_limit=FIND_GOAL, unit="µs"), scans)
    return Row(f"find by {name} among {count}", f"the same among {SMALL}", checks)


def _timed(find: _Find, ledger: Reads, number: int) -> float:
    known = key(ledger.db, number)
    started = time.perf_counter()
    found = find(ledger, known)
    seconds = time.perf_counter() - started
    if not found:
        raise LookupError(f"stocked sale {number} was not found")
    return seconds


def scanned(ledger: Reads, ask: Callable[[Reads], object]) -> Iterator[str]:
    """Steps that read a whole table or index, of the plans of all that it asks."""
    asked: list[str] = []
    ledger.db.set_trace_callback(asked.append)
    ask(ledger)
    ledger.db.set_trace_callback(None)
    for sql in (one for one in asked if one.startswith("SELECT")):
        for row in ledger.db.execute(f"EXPLAIN QUERY PLAN {sql}"):
            if str(row["detail"]).startswith("SCAN") and row["detail"] != "SCAN CONSTANT ROW":
                yield str(row["detail"])


def _queue_row(name: str, count: int, small: Reads, large: Reads) -> Row:
    ask = _QUEUES[name]
    ours, floor = [], []
    for turn in range(_WARM + TIMES):
        floor.append(_asked(ask, small))
        ours.append(_asked(ask, large))
        if turn < _WARM:
            ours.clear()
            floor.clear()
    checks = against(ours, floor, p50_limit=PENDING_GOAL, unit="µs")
    return Row(f"{name} among {count} refunds", f"the same among {SMALL}", checks)


def _asked(ask: Callable[[Reads], Sequence[object]], ledger: Reads) -> float:
    started = time.perf_counter()
    found = ask(ledger)
    seconds = time.perf_counter() - started
    if not found:
        raise LookupError("nothing is pending in the stocked ledger")
    return seconds
