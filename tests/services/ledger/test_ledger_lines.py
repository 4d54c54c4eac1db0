"""The balance of the sale's lines: goods go with the money, in the same commits (R11, R14)."""

from __future__ import annotations

import argparse
import json
import re
import sqlite3
from typing import Any

import pytest
from msgspec.structs import replace
from worlds.failures import failure_of
from worlds.ledger import World

from pos_terminal.cli import explain
from pos_terminal.config import load as load_config
from pos_terminal.core.case import CaseKind
from pos_terminal.core.case_end import CaseCause
from pos_terminal.core.decision import Phase, Supervision, with_policy
from pos_terminal.core.items import Item
from pos_terminal.core.refund import CardMatch, Kind, State
from pos_terminal.core.rules.book import ALL, make_book
from pos_terminal.core.rules.facts import Facts
from pos_terminal.core.words import Failure
from pos_terminal.ports import Approval, Closing, Finding
from pos_terminal.services.ledger.overview import overview
from pos_terminal.services.proof.verify import verify_store
from pos_terminal.texts import Language, catalogue
from pos_terminal.texts.problems import reason

TEA = {"sku": "9", "name": "Tea", "quantity": 3, "unit_price": 2_000}
RICE = {"sku": "10", "name": "Rice", "quantity": "0.75", "unit_price": 4_000}
TWO = (Item(1, 2_000, 4_000, 4_000),)
CASH: dict[str, Any] = {
    "tenders": [{"kind": "cash", "amount": 9_000}],
    "batch": "",
    "trace": "",
    "rrn": "",
}


@pytest.fixture
def sold(world: World) -> Any:
    world.sell(amount=9_000, lines=[TEA, RICE])
    return world


def finding(world: World, paid: bool) -> Finding:
    first, second = (Approval(n, "", world.clock.now(), 4_000, "") for n in ("201", "202"))
    return Finding(paid, "20260105001", "101", (first, second))


def test_an_application_keeps_what_it_names(sold: World) -> None:
    number = sold.apply_for(4_000, items=TWO).number
    sold.reopen()
    assert sold.application(number).items == TWO
    assert sold.line() == (0, 0), "nothing is held before the seal"


def test_s_holds_the_goods_and_t_returns_them(sold: World) -> None:
    refund = sold.seal(4_000, items=TWO).refund
    assert sold.line() == (0, 2_000)
    sold.conclude(refund.refund_id, State.ACCEPTED, 4_000)
    assert sold.line() == (2_000, 0)
    verify_store(sold.store)


@pytest.mark.parametrize("state", [State.NOT_SENT, State.DECLINED])
def test_what_gave_nothing_back_frees_the_goods(sold: World, state: State) -> None:
    sold.refunded(4_000, state, items=TWO)
    assert sold.line() == (0, 0)
    verify_store(sold.store)


def test_a_void_taken_back_frees_them_all(sold: World) -> None:
    everything = (Item(1, 3_000, 6_000, 6_000), Item(2, 750, 3_000, 3_000))
    refund = sold.seal(9_000, kind=Kind.VOID, items=everything).refund
    assert (sold.line(1), sold.line(2)) == ((0, 3_000), (0, 750))
    sold.conclude(refund.refund_id, State.REVERSING)
    assert (sold.line(1), sold.line(2)) == ((0, 3_000), (0, 750))
    sold.conclude(refund.refund_id, State.REVERSED)
    assert (sold.line(1), sold.line(2)) == ((0, 0), (0, 0))
    verify_store(sold.store)


def test_unknown_holds_them_until_the_late_answer(sold: World) -> None:
    refund = sold.refunded(4_000, State.UNKNOWN, items=TWO)
    sold.reopen()
    assert sold.line() == (0, 2_000)
    sold.conclude(refund.refund_id, State.ACCEPTED, 4_000)
    assert sold.line() == (2_000, 0)
    verify_store(sold.store)


def test_given_up_frees_them_and_an_approval_after_that_stays_beside(sold: World) -> None:
    refund = sold.refunded(4_000, State.UNKNOWN, items=TWO)
    sold.conclude(refund.refund_id, State.GIVEN_UP, finding=finding(sold, paid=False))
    assert sold.line() == (0, 0)
    sold.conclude(refund.refund_id, State.OVERPAID, 4_000)
    assert sold.line() == (0, 0)
    verify_store(sold.store)


def test_closing_its_case_counts_the_money_and_no_goods(sold: World) -> None:
    """The refund in its place has named them: they came back once."""
    first = sold.refunded(4_000, State.UNKNOWN, items=TWO)
    sold.conclude(first.refund_id, State.GIVEN_UP, finding=finding(sold, paid=False))
    sold.refunded(4_000, State.ACCEPTED, 4_000, items=TWO)
    sold.conclude(first.refund_id, State.OVERPAID, 4_000, case=CaseKind.OVERPAYMENT)
    (case,) = sold.store.cases.open_ones()
    two = tuple(Approval(n, "", sold.clock.now(), 0, Closing.RULE) for n in ("201", "202"))
    sold.do(
        sold.store.cases.close(
            case.case_id, Closing("20260106007", "102", two, cause=CaseCause.TRAINING)
        )
    )
    assert sold.line() == (2_000, 0)
    assert sold.tender() == (8_000, 0)
    verify_store(sold.store)


def test_an_approval_of_a_part_still_has_the_goods_back(sold: World) -> None:
    sold.refunded(4_000, State.ACCEPTED, 1_500, items=TWO)
    assert sold.line() == (2_000, 0)
    assert sold.tender() == (1_500, 0)
    assert sold.sale("S1").owed == 2_500
    verify_store(sold.store)


def test_an_amount_that_is_typed_then_pays_what_is_owed(sold: World) -> None:
    """One that was typed before had nothing to do with it."""
    sold.refunded(300, State.ACCEPTED, 300)
    sold.refunded(4_000, State.ACCEPTED, 1_500, items=TWO)
    assert sold.sale("S1").owed == 2_500
    sold.refunded(2_000, State.ACCEPTED, 2_000)
    assert sold.sale("S1").owed == 500
    sold.refunded(900, State.ACCEPTED, 900)
    assert sold.sale("S1").owed == 0


def test_less_that_was_asked_for_them_leaves_nothing_owed(sold: World) -> None:
    less = (Item(1, 2_000, 1_500, 4_000),)
    sold.refunded(1_500, State.ACCEPTED, 1_500, items=less)
    assert sold.sale("S1").owed == 0
    sold.refunded(500, State.ACCEPTED, 200)
    assert sold.sale("S1").owed == 0, "an amount that names no goods settles none"


def test_what_a_leg_had_not_stays_owed_where_it_gave_back_what_it_had(sold: World) -> None:
    less = (Item(1, 2_000, 1_500, 4_000),)
    for state, done, owed in ((State.DECLINED, 0, 0), (State.ACCEPTED, 1_000, 3_000)):
        sealed = sold.seal(1_500, items=less, owed=2_500)
        sold.conclude(sealed.refund.refund_id, state, done)
        assert sold.sale("S1").owed == owed
    verify_store(sold.store)


def test_a_cash_leg_returns_them_at_once(world: World) -> None:
    world.sell(amount=9_000, lines=[TEA, RICE], **CASH)
    number = world.apply_for(4_000, kind=Kind.CASH, items=TWO).number
    refund = world.do(world.store.commit_cash(number, ()))
    assert world.line() == (2_000, 0)
    world.do(world.store.refunds.handed_over(refund.refund_id, "101"))
    assert world.line() == (2_000, 0)
    verify_store(world.store)


def test_no_more_than_is_left_of_a_line(sold: World) -> None:
    sold.refunded(4_000, State.ACCEPTED, 4_000, items=TWO)
    for again in (TWO, (Item(2, 751, 10, 10),)):
        assert failure_of(sold.seal, 10, items=again) == "ledger.lines"
    assert (sold.line(1), sold.line(2)) == ((2_000, 0), (0, 0))
    assert sold.tender() == (4_000, 0), "nothing of the refused ones was kept"
    verify_store(sold.store)


def test_no_more_than_is_left_goes_out_in_cash(world: World) -> None:
    world.sell(amount=9_000, lines=[TEA, RICE], **CASH)
    number = world.apply_for(4_000, kind=Kind.CASH, items=(Item(1, 3_001, 4_000, 4_000),)).number
    assert failure_of(lambda: world.do(world.store.commit_cash(number, ()))) == "ledger.lines"
    assert world.tender() == (0, 0)


def test_an_application_sealed_anew_holds_them_once(sold: World) -> None:
    first = sold.refunded(4_000, State.NOT_SENT, items=TWO)
    sold.seal_again(first.application, 4_000)
    assert sold.line() == (0, 2_000)
    verify_store(sold.store)


def test_one_kept_for_want_of_funds_holds_nothing(sold: World) -> None:
    sold.refunded(4_000, State.DECLINED, keep=True, items=TWO)
    (kept,) = sold.store.applications.kept()
    assert (kept.items, sold.line()) == (TWO, (0, 0))


def test_the_schema_itself_holds_the_balance(sold: World) -> None:
    db = sold.store.writer.db
    for change in ("held = 3001", "returned = 1500, held = 1501", "held = -1"):
        with pytest.raises(sqlite3.IntegrityError, match="line_balance"):
            db.execute(f"UPDATE lines SET {change} WHERE line = 1")  # noqa: S608


# --- what other systems took back ---------------------------------------------------------------


def elsewhere(*lines: tuple[int, str | int], **more: Any) -> dict[str, Any]:
    event = {"kind": "refunded_elsewhere", "reference": "HQ1", "sale_id": "S1", "amount": 500}
    named = [{"line": line, "quantity": quantity} for line, quantity in lines]
    return event | {"at": "2026-01-05T09:30:00+08:00", "lines": named} | more


def test_goods_returned_elsewhere_are_gone(sold: World) -> None:
    assert sold.take_in(elsewhere((1, 1), (2, "0.25"), (1, "1.5"))).events == 1
    assert (sold.line(1), sold.line(2)) == ((2_500, 0), (250, 0))
    verify_store(sold.store)


def test_they_may_be_known_before_the_sale(world: World) -> None:
    world.take_in(elsewhere((2, "0.5")))
    world.sell(amount=9_000, lines=[TEA, RICE])
    assert world.line(2) == (500, 0)
    verify_store(world.store)


@pytest.mark.parametrize("first", [True, False])
def test_more_of_them_than_were_sold_is_a_case(world: World, first: bool) -> None:
    """As many as were sold are back; whether the sale or the refund came first."""
    sale = world.record(amount=9_000, lines=[TEA, RICE])
    for record in (sale, elsewhere((1, "3.001"))) if first else (elsewhere((1, "3.001")), sale):
        assert world.take_in(record).refused == 0
    assert world.line() == (3_000, 0)
    (case,) = world.store.cases.open_ones()
    assert (case.kind, case.over, world.sale().locked) == (CaseKind.ELSEWHERE, 0, False)
    verify_store(world.store)


def test_a_line_that_was_never_sold_is_refused(sold: World) -> None:
    report = sold.take_in(elsewhere((3, 1)))
    assert "has no line 3" in reason(report.problems[0])
    assert (sold.line(), sold.tender()) == ((0, 0), (0, 0))
    verify_store(sold.store)


def test_quantities_finer_than_thousandths_are_refused_by_name(world: World) -> None:
    fine = RICE | {"quantity": "0.7505"}
    report = world.take_in(world.record(lines=[TEA, fine]), elsewhere((1, "0.0001")))
    assert [reason(problem) for problem in report.problems] == [
        "line 2: the quantity 0.7505 is finer than thousandths",
        "line 1: the quantity 0.0001 is finer than thousandths",
    ]


def test_the_same_quantity_written_otherwise_is_the_same_sale(sold: World) -> None:
    again = sold.record(amount=9_000, lines=[TEA | {"quantity": "3.0"}, RICE])
    assert sold.take_in(again).known == 1


# --- behind its back ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ("UPDATE lines SET held = 0 WHERE line = 1", "goods of sale S1"),
        ("UPDATE lines SET returned = 1 WHERE line = 2", "goods of sale S1"),
        ("UPDATE application_items SET quantity = 1", "goods of applications"),
        ("UPDATE application_items SET amount = 1", "goods of applications"),
        ("UPDATE application_items SET worth = 1", "goods of applications"),
        ("DELETE FROM application_items", "goods of applications"),
        (
            "INSERT INTO application_items (application, sale_key, line, quantity, amount, worth)"
            " VALUES (1, 1, 2, 1, 0, 0)",
            "goods of applications",
        ),
        ("UPDATE lines SET quantity = 4000 WHERE line = 1", "sale S1"),
    ],
)
def test_a_change_behind_its_back_shows(sold: World, change: str, what: str) -> None:
    sold.seal(4_000, items=TWO)
    sold.store.writer.db.execute(change)
    with pytest.raises(Failure) as caught:
        verify_store(sold.store)
    assert caught.value.words.values["what"] == what


# --- told to people -----------------------------------------------------------------------------


OFF = {"sku": "", "name": "Off", "quantity": 1, "unit_price": 0, "kind": "discount"}


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE lines SET returned = 1 WHERE line = 2",
        "UPDATE lines SET paid = 1 WHERE line = 2",
        "UPDATE lines SET paid = -1 WHERE line = 1",
        "UPDATE lines SET kind = 'gift' WHERE line = 1",
    ],
)
def test_the_schema_knows_what_a_line_can_be(world: World, change: str) -> None:
    world.sell(amount=6_000, lines=[TEA | {"paid": 6_500}, OFF | {"paid": -500}])
    with pytest.raises(sqlite3.IntegrityError):
        world.store.writer.db.execute(change)


def test_what_the_till_says_of_a_line_is_kept_and_listed(world: World) -> None:
    told: dict[str, Any] = TEA | {"quantity": "3", "unit_price": "2000.5", "category": "food"}
    told |= {"kind": "goods", "paid": 6_500, "group": "g", "barcodes": ["690"], "serials": ["X1"]}
    told |= {"returnable": False, "not_returnable_because": "opened"}
    world.sell(amount=6_000, lines=[told, OFF | {"paid": -500}])
    (shown, _) = overview(world.store.db)["sales"][0]["lines"]
    assert shown == told | {"line": 1, "returned": "0", "held": "0"}


@pytest.mark.parametrize(
    "change",
    ["paid = 6499", "promotion = ''", "barcodes = '[]'", "serials = '[]'", "returnable = 1"],
)
def test_what_was_paid_for_a_line_can_not_be_changed_unseen(world: World, change: str) -> None:
    told = {"group": "g", "barcodes": ["690"], "serials": ["X1"], "returnable": False}
    world.sell(amount=6_000, lines=[TEA | told | {"paid": 6_500}, OFF | {"paid": -500}])
    verify_store(world.store)
    world.store.writer.db.execute(f"UPDATE lines SET {change} WHERE line = 1")  # noqa: S608
    with pytest.raises(Failure):
        verify_store(world.store)


def test_the_listing_has_lines_and_goods(sold: World) -> None:
    sold.seal(4_000, items=TWO)
    shown = overview(sold.store.db)
    tea, rice = shown["sales"][0]["lines"]
    assert tea | {"quantity": "3", "returned": "0", "held": "2", "unit_price": 2_000} == tea
    assert rice["quantity"] == "0.75"
    goods = {"line": 1, "name": "Tea", "quantity": "2", "amount": 4_000, "worth": 4_000}
    for name in ("refunds", "applications"):
        (item,) = shown[name][0]["items"]
        assert item | goods == item


def test_explain_names_the_goods(sold: World, capsys: pytest.CaptureFixture[str]) -> None:
    config = sold.write_config()
    sold.apply_for(1_000)  # so that the two numbers differ
    refund = sold.seal(4_000, items=TWO).refund
    parser = argparse.ArgumentParser()
    explain.add_arguments(parser)
    assert refund.application != refund.refund_id
    by_refund = ["--refund", str(refund.refund_id), "--config", str(config), "--language", "en"]
    assert explain.run(parser.parse_args(by_refund)) == 0
    told = capsys.readouterr().out
    words = [str(refund.application), "--config", str(config), "--language", "en"]
    assert explain.run(parser.parse_args(words)) == 0
    assert capsys.readouterr().out == told
    assert f"application {refund.application} on sale S1: sealed" in told
    assert f"refund {refund.refund_id}: sealed" in told
    assert "Tea ×2: 40.00" in told
    assert explain.run(parser.parse_args([*words, "--json"])) == 0
    goods = {"line": 1, "name": "Tea", "quantity": "2", "amount": 4_000, "worth": 4_000}
    (item,) = json.loads(capsys.readouterr().out)["items"]
    assert item | goods == item


def test_explain_knows_an_application_that_was_refused(
    sold: World, capsys: pytest.CaptureFixture[str]
) -> None:
    facts = Facts(
        sold.sale("S1"),
        sold.sale("S1").tenders[0],
        Kind.REFUND,
        99_000,
        sold.clock.now(),
        reason="1",
        defect=False,
    )
    decision = make_book({}).decide(Phase.BEFORE_CARD, facts, sold.store.refunds)
    number = sold.apply_for(99_000, decisions=[decision], refused=True).number
    parser = argparse.ArgumentParser()
    explain.add_arguments(parser)
    words = ["--config", str(sold.write_config()), "--language", "en"]
    assert explain.run(parser.parse_args([str(number), *words])) == 0
    told = capsys.readouterr().out
    assert f"application {number} on sale S1: refused\n" in told
    assert "refund 1" not in told
    assert "Amount left: denied: More than is left of the sale" in told
    assert "Return period: allowed (days since the sale 0" in told, "who allows is told as well"
    for absent, key in (([str(number + 1)], "no_request"), (["--refund", "7"], "no_refund")):
        with pytest.raises(Failure) as caught:
            explain.run(parser.parse_args([*absent, *words]))
        assert caught.value.words.code == f"ledger.{key}"


def test_explain_tells_all_rules_in_one_language(
    sold: World, capsys: pytest.CaptureFixture[str]
) -> None:
    """The answers of both phases, also of those that allowed, and that the default asked."""
    facts = Facts(
        sold.sale("S1"), sold.sale("S1").tenders[0], Kind.REFUND, 100, sold.clock.now(), "1", False
    )
    book = make_book({"no_receipt": {"enabled": True}})  # all of them
    with_card = replace(facts, token="0" * 64, match=CardMatch.EXACT)
    before = with_policy(
        book.decide(Phase.BEFORE_CARD, facts, sold.store.refunds), Supervision.ALWAYS
    )
    after = book.decide(Phase.WITH_CARD, with_card, sold.store.refunds)
    number = sold.apply_for(100, decisions=[before, after]).number
    parser = argparse.ArgumentParser()
    explain.add_arguments(parser)
    told = {}
    for language in Language:
        words = [str(number), "--config", str(sold.write_config()), "--language", language.value]
        assert explain.run(parser.parse_args(words)) == 0
        told[language] = capsys.readouterr().out.replace("S1", "")
    assert explain.run(parser.parse_args([str(number), *words[1:3]])) == 0
    configured = load_config(sold.write_config()).terminal.language
    assert capsys.readouterr().out.replace("S1", "") == told[Language(configured)]
    assert not re.search("[A-Za-z]", told[Language.ZH_CN].replace("A00017", ""))
    assert told[Language.EN].isascii()
    for rule in (*(one.name for one in ALL), "policy"):
        assert f"  {catalogue()[f'rules.name_{rule}']['en']}: " in told[Language.EN]
    assert (
        "Supervisor always: ask a supervisor: Every refund needs a supervisor"
        in (told[Language.EN])
    )
