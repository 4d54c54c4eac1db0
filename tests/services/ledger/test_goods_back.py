"""Whether goods came back with a typed amount stands in the ledger and in its log (R11)."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from worlds.ledger import World

from pos_terminal.core.goods_back import GoodsBack
from pos_terminal.core.words import Failure
from pos_terminal.services.proof.verify import verify_store


@pytest.mark.parametrize("answer", [*GoodsBack, None])
@pytest.mark.parametrize("changed", [*GoodsBack, None])
def test_an_answer_that_was_changed_is_found(
    sold: World, answer: GoodsBack | None, changed: GoodsBack | None
) -> None:
    sold.apply_for(100, goods_back=answer)
    verify_store(sold.store)
    with closing(sqlite3.connect(sold.path)) as db, db:
        db.execute("UPDATE applications SET goods_back = ?", (changed,))
    if answer is changed:
        verify_store(sold.store)
        return
    with pytest.raises(Failure, match=r"ledger\.tampered.*applications"):
        verify_store(sold.store)


def test_it_is_one_of_three(sold: World) -> None:
    sold.apply_for(100)
    with closing(sqlite3.connect(sold.path)) as db:
        db.execute("PRAGMA foreign_keys = ON")
        with pytest.raises(sqlite3.IntegrityError):
            db.execute("UPDATE applications SET goods_back = 'some'")
