"""Counting the money: every disagreement between terminal and acquirer is found."""

from __future__ import annotations

from typing import Any, cast

import pytest
from hw_sim.bench.books import Books, compare
from hw_sim.bench.demo import come_to_rest
from hw_sim.bench.running import Hands

SALE = {"kind": "sale", "batch": "000041", "stan": "000007", "rrn": "111111111111", "amount": 900}


def ours(**changed: Any) -> dict[str, Any]:
    row = {"refund_id": 1, "kind": "refund", "state": "accepted", "amount": 500, "done": 500}
    return row | {"batch": "000042", "stan": "000200", "rrn": "222222222222"} | changed


def theirs(**changed: Any) -> dict[str, Any]:
    row = {"kind": "refund", "batch": "000042", "stan": "000200", "rrn": "222222222222"}
    return row | {"original_rrn": "111111111111", "amount": 500, "paid": 500} | changed


def differences(terminal: list[dict[str, Any]], acquirer: list[dict[str, Any]]) -> list[str]:
    sale = SALE | {"paid": 0}
    return compare(Books({"refunds": terminal}, [sale, *acquirer]))


def test_the_same_money_is_no_difference() -> None:
    assert differences([ours()], [theirs()]) == []
    assert Books({"refunds": [ours()]}, [SALE | {"paid": 0}, theirs()]).paid == 500


def test_cash_is_no_business_of_the_acquirer() -> None:
    cash = ours(refund_id=2, kind="cash", done=300, stan=None, batch=None)
    assert differences([ours(), cash], [theirs()]) == []


@pytest.mark.parametrize(
    ("terminal", "acquirer", "found"),
    [
        ([ours()], [], "terminal 500, acquirer 0"),
        ([], [theirs()], "terminal 0, acquirer 500"),
        ([ours(state="unknown", done=0)], [theirs()], "terminal 0, acquirer 500"),
        ([ours()], [theirs(paid=499)], "terminal 500, acquirer 499"),
        ([ours()], [theirs(), theirs()], "terminal 500, acquirer 1000"),
        ([ours()], [theirs(stan="000201")], "trace 000201: terminal 0, acquirer 500"),
        ([ours(done=950, amount=950)], [theirs(paid=950, amount=950)], "950 paid back of 900"),
    ],
)
def test_a_difference_is_named(
    terminal: list[dict[str, Any]], acquirer: list[dict[str, Any]], found: str
) -> None:
    assert found in "; ".join(differences(terminal, acquirer))


def test_a_void_that_was_reversed_paid_nothing() -> None:
    voided = ours(kind="void", state="reversed", done=0)
    assert differences([voided], [theirs(kind="void", paid=0)]) == []


class AtTheEnd:
    """The hands of a demo that asks both sides."""

    def __init__(self, paid: int) -> None:
        self._paid = paid

    def ledger(self) -> dict[str, Any]:
        return {"refunds": [ours()]}

    def acquirer(self, *_: str) -> list[dict[str, Any]]:
        return [SALE | {"paid": 0}, theirs(paid=self._paid)]


@pytest.mark.parametrize(("paid", "status"), [(500, 0), (499, 1)])
def test_the_demo_ends_well_only_where_the_money_agrees(paid: int, status: int) -> None:
    assert come_to_rest(cast(Hands, AtTheEnd(paid))) == status
