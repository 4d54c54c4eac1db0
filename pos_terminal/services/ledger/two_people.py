"""The word of two people other than the operator, as books keep it with a refund.

Numbers and moments stand among the log's facts, names behind a mark: the log keeps its facts
longer than the ledger keeps names, which go with the application.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from pos_terminal.core.words import Failure
from pos_terminal.ports import Approval
from pos_terminal.services.ledger import purges
from pos_terminal.services.ledger.audit import mark
from pos_terminal.services.ledger.books.book import Log
from pos_terminal.services.ledger.spans import NONE

Pair = tuple[Approval, Approval]


def are_others(approvals: Pair, *operators: str) -> bool:
    """Whether they are two, and none of the operators."""
    return len({one.supervisor for one in approvals} - set(operators)) == len(approvals)


def facts_of(approvals: Pair) -> dict[str, str]:
    """For the row and for the entry, by column."""
    first, second = approvals
    return {
        "first": first.supervisor,
        "first_at": first.at.isoformat(),
        "second": second.supervisor,
        "second_at": second.at.isoformat(),
    }


def names_mark(key: bytes, what: str, refund_id: int, first: str, second: str) -> str:
    """Stands for their names in the entry; ``what`` tells one kind of entry from another."""
    return mark(key, what, refund_id, first, second)


def erase_names(table: str) -> str:
    """SQL: in the rows of refunds of the applications ``:numbers``."""
    return f"""UPDATE {table} SET first_name = '', second_name = '' WHERE refund_id IN
        (SELECT refund_id FROM refunds
        WHERE application IN (SELECT value FROM json_each(:numbers)))"""


def hold(
    log: Log, kind: str, facts: Sequence[str], rows: Iterable[Any], *, own: int, what: str, by: str
) -> None:
    """Rows against the entries of this kind. Failure ``ledger.tampered`` of ``what``.

    A row has the ``facts`` in their order, of which the first ``own`` tell it from others and the
    very first is the refund; then both names, and the refund's application.
    """
    names = {tuple(entry[name] for name in facts[:own]): entry["names"]
             for entry in log.entries[kind]}  # fmt: skip
    erased = log.purged.erased.get(purges.REFUNDS, NONE)
    stored = []
    for *row, first, second, application in rows:
        stored.append(tuple(row))
        right = names_mark(log.key, by, row[0], first, second) == names.get(tuple(row[:own]))
        if (first or second) if application in erased else not right:
            raise Failure("ledger.tampered", what=what)
    if log.of_kept(kind, "refund", "refunds", *facts) != sorted(stored):
        raise Failure("ledger.tampered", what=what)
