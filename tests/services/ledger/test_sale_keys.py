"""A sale has a key of the ledger's own; the till's name, an import and even the sale may be absent.

The right values are the ones that issue 7 names: `sale_key`, `sale_id`, `origin`, `import_id`.
"""

from __future__ import annotations

import argparse
import sqlite3
from dataclasses import dataclass
from typing import Any

import pytest
from worlds.failures import failure_of
from worlds.ledger import World
from worlds.purge import later, next_batch, printed, purge
from worlds.sales import a_sale

from pos_terminal.cli import explain
from pos_terminal.core.application import ApplicationState
from pos_terminal.core.case import CaseKind, Reported
from pos_terminal.core.case_end import CaseCause
from pos_terminal.core.digest import digest
from pos_terminal.core.refund import Kind, State
from pos_terminal.core.sale import Sale, SaleLine, SaleOrigin, Tender, TenderKind
from pos_terminal.ports import Approval, Closing
from pos_terminal.services.ledger.books import cases, sales
from pos_terminal.services.ledger.overview import overview
from pos_terminal.services.ledger.step import Step
from pos_terminal.services.proof.verify import verify_store
from pos_terminal.wire.feed.entries import SaleEntry

CASH = Tender(1, TenderKind.CASH, 10_000)
TEA = SaleLine(1, "9", "Tea", 1_000, 10_000, "")


def add_alone(world: World, **changes: Any) -> int:
    """A sale of cash that no till named and no import brought; its key."""
    facts: dict[str, Any] = {
        "key": 0,
        "sale_id": "",
        "trace": "",
        "sold_at": world.clock.now(),
        "lines": (TEA,),
    }
    sale = a_sale(CASH, **{**facts, **changes})
    entry = SaleEntry(1, sale, digest(sale))

    def work(step: Step) -> int:
        (keyed,) = sales.with_keys(step, [entry])
        sales.add(step, [keyed], None)
        return keyed.sale.key

    return world.do(world.store.step("sale", work))


def found(world: World, key: int) -> Sale:
    sale = world.store.sales.by_key(key)
    assert sale is not None
    return sale


def asked_for(key: int | None, kind: Kind, amount: int) -> dict[str, Any]:
    asked: dict[str, Any] = {"sale_key": key, "leg": 0 if key is None else 1, "kind": kind}
    asked |= {"amount": amount, "reason": "1", "note": "", "operator": "101"}
    return asked | {"decisions": (), "refused": False}


def give_back(world: World, key: int, amount: int) -> int:
    """In cash; the refund's number."""
    asked = asked_for(key, Kind.CASH, amount)
    application = world.do(world.store.applications.open(**asked))
    return world.do(world.store.commit_cash(application.number, ())).refund_id


def test_a_sale_without_a_name_and_an_import_is_given_back_as_any_other(world: World) -> None:
    key = add_alone(world)
    refund = world.refund(give_back(world, key, 4_000))
    assert (refund.sale_key, refund.state) == (key, State.TO_HAND_OVER)
    sale = found(world, key)
    assert (sale.sale_id, sale.done, sale.remaining) == ("", 4_000, 6_000)
    assert world.store.refunds.of_sale(key) == [refund]
    verify_store(world.store)
    shown = overview(world.store.db)
    (row,) = shown["sales"]
    assert (row["sale_key"], row["sale_id"], row["origin"]) == (key, None, "feed")
    assert [(row["sale_key"], row["sale_id"]) for row in shown["refunds"]] == [(key, None)]


@pytest.mark.parametrize("origin", [one for one in SaleOrigin if one is not SaleOrigin.BLIND])
def test_each_origin_is_kept_told_and_answered_for(world: World, origin: SaleOrigin) -> None:
    key = add_alone(world, origin=origin)
    assert found(world, key).origin is origin
    assert overview(world.store.db)["sales"][0]["origin"] == origin
    sql = "SELECT facts ->> 'origin' FROM audit WHERE kind = 'sale'"
    assert world.store.db.execute(sql).fetchone()[0] == origin
    verify_store(world.store)


def test_no_other_origin_is_taken(world: World) -> None:
    """What comes later is a row more among their names."""
    key = add_alone(world)
    db = world.store.writer.db
    names = {row[0] for row in db.execute("SELECT name FROM sale_origins")}
    assert names == set(SaleOrigin) == {"feed", "typed", "blind"}
    change = "UPDATE sales SET origin = 'hearsay' WHERE sale_key = ?"
    with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
        db.execute(change, (key,))
    db.execute("INSERT INTO sale_origins VALUES ('hearsay')")
    db.execute(change, (key,))
    assert failure_of(verify_store, world.store) == "ledger.tampered"


def test_two_without_a_name_are_two(world: World) -> None:
    first, second = add_alone(world), add_alone(world, receipt_no="R-2")
    assert first != second
    give_back(world, second, 1_000)
    assert (found(world, first).done, found(world, second).done) == (0, 1_000)


def test_a_name_is_a_sale_s_own(world: World) -> None:
    world.sell("S1")
    with pytest.raises(sqlite3.IntegrityError):
        add_alone(world, sale_id="S1")
    assert add_alone(world, sale_id="S2") == world.sale("S2").key


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE sales SET amount = 9000 WHERE sale_key = {key}",
        "UPDATE sales SET receipt_no = 'R-9' WHERE sale_key = {key}",
        "UPDATE sales SET sale_id = 'S9' WHERE sale_key = {key}",
        "UPDATE sales SET import_id = 1 WHERE sale_key = {key}",
        "UPDATE sales SET import_id = NULL",
        "UPDATE tenders SET amount = 9000 WHERE sale_key = {key}",
        """DELETE FROM lines WHERE sale_key = {key}; DELETE FROM tenders WHERE sale_key = {key};
        DELETE FROM sales WHERE sale_key = {key}""",
        """INSERT INTO sales SELECT 99, NULL, origin, merchant_id, terminal_id, batch, trace, rrn,
        auth_code, sold_at, sold_ts, sold_on, currency, amount, 'R-9', state, told_state,
        gift_receipt_no, invoice, invoice_no, recovery_no,
    locked, content, NULL FROM sales WHERE sale_key = {key}""",
        # what was given back of one would be open again
        """UPDATE {table} SET sale_key = 77 WHERE sale_key = 1;
        UPDATE {table} SET sale_key = 1 WHERE sale_key = {key};
        UPDATE {table} SET sale_key = {key} WHERE sale_key = 77""",
    ],
)
def test_a_changed_row_of_it_is_found(world: World, change: str) -> None:
    world.sell("S1")
    key = add_alone(world)
    verify_store(world.store)
    world.store.close()
    db = sqlite3.connect(world.path)
    tables = ("sales", "tenders", "lines") if "{table}" in change else ("",)
    for table in tables:
        db.executescript(change.format(key=key, table=table))
    db.close()
    world.store = world.open()
    assert failure_of(lambda: verify_store(world.store)) == "ledger.tampered"


def test_an_origin_that_nobody_has_is_refused(world: World) -> None:
    add_alone(world)
    with pytest.raises(sqlite3.IntegrityError):
        world.store.writer.db.execute("UPDATE sales SET origin = 'hearsay'")


def test_it_goes_with_its_age_and_its_key_does_not_come_back(world: World) -> None:
    world.sell("S1", trace="000031")
    key = add_alone(world)
    refund_id = give_back(world, key, 10_000)
    world.do(world.store.refunds.handed_over(refund_id, "101"))
    next_batch(world)
    later(world, 201)
    assert purge(world)["sales"] == 2
    verify_store(world.store)
    assert (world.store.sales.by_key(key), world.store.refunds.by_id(refund_id)) == (None, None)
    assert add_alone(world) == key + 1
    verify_store(world.store)


@dataclass
class Loose:
    """An application and a case of sales that the ledger does not have."""

    application: int
    case: int


@pytest.fixture
def loose(world: World) -> Loose:
    asked = asked_for(None, Kind.REFUND, 0) | {"refused": True, "note": "asked by 王"}
    application = world.do(world.store.applications.open(**asked)).number
    world.do(world.store.slips.queue([world.slip()], application))
    slip = world.slip(application=0)
    case = world.do(
        world.store.step(
            "case",
            lambda step: cases.open_loose(step, CaseKind.SLIP_DISPUTED, Reported("101"), [slip]),
        )
    )
    return Loose(application, case)


def close(world: World, number: int) -> None:
    approval = Approval("201", "王", world.clock.now(), 0, Closing.RULE)
    world.do(
        world.store.cases.close(
            number, Closing("HQ-1", "102", (approval,), cause=CaseCause.TRAINING)
        )
    )


def test_they_are_listed_and_explained(
    world: World, loose: Loose, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = overview(world.store.db)
    assert [(a["number"], a["sale_id"]) for a in shown["applications"]] == [
        (loose.application, None)
    ]
    assert [(c["case_id"], c["sale_id"]) for c in shown["cases"]] == [(loose.case, None)]
    verify_store(world.store)
    parser = argparse.ArgumentParser()
    explain.add_arguments(parser)
    words = [str(loose.application), "--config", str(world.write_config())]
    world.store.close()
    assert explain.run(parser.parse_args(words)) == 0
    assert f"application {loose.application} on no known sale: refused" in capsys.readouterr().out
    world.store = world.open()


def test_nothing_is_paid_for_an_application_without_a_sale(world: World) -> None:
    asked = asked_for(None, Kind.CASH, 100)
    number = world.do(world.store.applications.open(**asked)).number
    assert world.application(number).state is ApplicationState.OPEN
    with pytest.raises(sqlite3.IntegrityError, match="of_a_sale"):
        world.do(world.store.commit_cash(number, ()))


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM print_jobs; DELETE FROM applications",
        "DELETE FROM print_jobs; DELETE FROM cases",
        "UPDATE applications SET sale_key = 1, leg = 1",
        "UPDATE cases SET sale_key = 1",
        "UPDATE cases SET kind = 'unilateral_debit'",
    ],
)
def test_a_change_of_them_is_found(world: World, loose: Loose, change: str) -> None:
    world.sell("S1")
    verify_store(world.store)
    world.store.close()
    db = sqlite3.connect(world.path)
    db.executescript(change)
    db.close()
    world.store = world.open()
    assert failure_of(lambda: verify_store(world.store)) == "ledger.tampered"


def test_they_go_of_old_age_with_their_slips(world: World, loose: Loose) -> None:
    later(world, 250)
    # printed by nobody, and the case is open
    assert "sales" not in purge(world)
    printed(world)
    assert purge(world)["sales"] == 1
    assert world.store.applications.by_number(loose.application) is None
    assert world.store.cases.by_id(loose.case) is not None
    close(world, loose.case)
    later(world, 99)
    assert "sales" not in purge(world)
    later(world, 2)
    assert purge(world)["sales"] == 1
    assert world.store.slips.before(None, 9) == []
    assert world.store.cases.by_id(loose.case) is None
    verify_store(world.store)
