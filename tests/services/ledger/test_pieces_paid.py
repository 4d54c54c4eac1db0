"""Pieces that were paid for and never came, and those whose number nobody read, are held in the
commit: who was asked about numbers was told of it (R72)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from unittest.mock import patch

import pytest
from msgspec.structs import replace
from worlds.ledger import World

from pos_terminal.core.decision import Answer, Decision, Phase, Verdict, allow
from pos_terminal.core.exchange import GivenOut
from pos_terminal.core.items import Item
from pos_terminal.core.looked import Disposition, Looked
from pos_terminal.core.refund import Kind, Refund, State
from pos_terminal.core.rules.serial import Against
from pos_terminal.core.words import Failure, Value
from pos_terminal.ports import Approval
from pos_terminal.ports.records import Correction
from pos_terminal.services.ledger.books import exchanges
from pos_terminal.services.proof.verify import verify_store

PHONE = {"sku": "P", "name": "Phone", "quantity": 3, "unit_price": 500, "serials": ["A", "B", "C"]}
AS_NEW = Looked("4", "1", Disposition.RESTOCK)
AFTER_ALL = Correction(
    refund_id=1,
    line=1,
    condition="1",
    disposition=Disposition.RESTOCK,
    operator="101",
    supervisor="201",
)
NONE: dict[str, Any] = {"condition": "", "disposition": None}
ALLOWED = Decision(Phase.BEFORE_CARD, (allow("serial", {"seen": 1}),))


def piece(serial: str) -> tuple[Item, ...]:
    return (Item(1, 1_000, 500, 500, replace(AS_NEW, serials=(serial,))),)


def asked(figures: Mapping[str, Value]) -> Decision:
    against = Verdict("serial", Answer.ASK_SUPERVISOR, Against.SERIAL_PAID, figures)
    return Decision(Phase.BEFORE_CARD, (against,))


def never_came(world: World, refund: Refund) -> None:
    world.do(world.store.stock.correct(replace(AFTER_ALL, refund_id=refund.refund_id, **NONE)))


def known(world: World) -> tuple[set[str], dict[str, int]]:
    found = world.store.refunds.pieces_back(1)
    return {*found.back}, dict(found.absent)


@pytest.fixture
def paid(world: World) -> World:
    """A, by application 1, and it never came."""
    world.sell(amount=1_500, lines=[PHONE])
    never_came(world, world.refunded(500, State.ACCEPTED, 500, items=piece("A")))
    return world


def test_it_is_known_by_who_had_paid_until_it_is_back(paid: World) -> None:
    assert known(paid) == (set(), {"A": 1})
    sealed = paid.seal(500, items=piece("A"))
    assert known(paid) == ({"A"}, {}), "held"
    paid.conclude(sealed.refund.refund_id, State.DECLINED)
    assert known(paid) == (set(), {"A": 1})
    again = paid.refunded(500, State.ACCEPTED, 500, items=piece("A"))
    assert known(paid) == ({"A"}, {})
    never_came(paid, again)
    assert known(paid) == (set(), {"A": again.application})
    paid.do(paid.store.stock.correct(AFTER_ALL))
    assert known(paid) == ({"A"}, {}), "the first of them did bring it"
    verify_store(paid.store)


@pytest.mark.parametrize("decision", [ALLOWED, asked({"paid_by": "7"})])
def test_who_was_not_told_of_it_pays_nothing_for_it(paid: World, decision: Decision) -> None:
    """Nor of another request that had paid."""
    with pytest.raises(Failure) as caught:
        paid.seal(500, items=piece("A"), decisions=[decision])
    assert (caught.value.code, caught.value.words.values) == ("ledger.serial_paid", {"number": 1})
    assert len(paid.store.refunds.recent(9)) == 1
    paid.seal(500, items=piece("B"), decisions=[decision])


@pytest.mark.parametrize(
    "decisions", [(asked({"paid_by": "1"}),), (asked({"paid_by": "1 7"}),), ()]
)
def test_who_was_told_does_or_whom_the_shop_asks_nothing(
    paid: World, decisions: tuple[Decision, ...]
) -> None:
    paid.seal(500, items=piece("A"), decisions=decisions)
    assert known(paid) == ({"A"}, {})


def exchanged(world: World, *decisions: Decision, approved: bool = False) -> Refund:
    """B, for a piece whose number nobody read."""
    facts: dict[str, Any] = {"items": piece("B"), "decisions": decisions}
    number = world.apply_for(500, kind=Kind.EXCHANGE, **facts).number
    if approved:
        said = [Approval("201", "Boss", world.clock.now(), 500, "serial")]
        world.do(world.store.applications.approve(number, said))
    out = [GivenOut(1, 1_000, "P", "P", "Phone")]
    refund: Refund = world.do(world.store.exchange(number, out, (world.slip(),)))
    return refund


def test_a_piece_that_nobody_read_goes_out_where_somebody_approved_it(paid: World) -> None:
    with pytest.raises(ValueError, match="nobody approved"):
        exchanged(paid, ALLOWED)
    assert len(paid.store.refunds.recent(9)) == 1, "nothing of it is there"
    exchanged(paid, ALLOWED, approved=True)
    verify_store(paid.store)


def test_and_where_the_shop_asks_for_no_numbers(paid: World) -> None:
    exchanged(paid)
    verify_store(paid.store)


def test_verify_sees_one_that_went_out_unasked(paid: World) -> None:
    with patch.object(exchanges, "unread_unasked", lambda *_: False):
        exchanged(paid, ALLOWED)
    with pytest.raises(Failure) as caught:
        verify_store(paid.store)
    assert "numbers of exchange" in str(caught.value.words.values)
