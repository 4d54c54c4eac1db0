"""What came back is fetched by its number: command, verb, page and schema agree (R48)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from stranger_stock import Warehouse
from worlds.failures import failure_of
from worlds.ledger import World
from worlds.purge import later, next_batch, printed, purge

from pos_terminal.cli.main import run_command
from pos_terminal.control.classes import VERBS, Class
from pos_terminal.control.requests import BadRequest
from pos_terminal.control.stock import stock_verbs
from pos_terminal.core.items import Item
from pos_terminal.core.looked import Disposition, Looked
from pos_terminal.core.refund import Kind, State
from pos_terminal.ports.records import Correction
from pos_terminal.ports.stock_page import FIELDS, MOST_OF_A_PAGE

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "stock.md").read_text("utf-8")
SCHEMA = json.loads((DOCS / "stock.schema.json").read_text("utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
TEA = {"sku": "9", "name": '茶,"绿"', "quantity": 3, "unit_price": 2_000, "barcodes": ["6901"]}
RICE = {"sku": "=1+1", "name": "Rice", "quantity": "2.5", "unit_price": 1_200}
AS_NEW = Looked("4", "1", Disposition.RESTOCK)
BROKEN = Looked("1", "3", Disposition.VENDOR)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    world.close()


@pytest.fixture
def sold(world: World) -> World:
    """Two pieces of tea, some rice and points are back, in three movements."""
    world.sell(amount=9_000, lines=[TEA, RICE])
    rice = Item(2, 750, 900, 900, BROKEN)
    world.refunded(4_900, State.ACCEPTED, 4_900, items=(Item(1, 2_000, 4_000, 4_000, AS_NEW), rice))
    points = {"tenders": [{"kind": "points", "amount": 500}], "batch": "", "trace": "", "rrn": ""}
    world.sell("P1", amount=500, **points)
    number = world.apply_for(500, "P1", kind=Kind.POINTS).number
    world.do(world.store.book_points(number, (world.slip(),)))
    return world


def ask(world: World, **request: Any) -> dict[str, Any]:
    return {"ok": True, **world.do(stock_verbs(world.store)["stock"](request))}


def exported(
    world: World, capsysbinary: pytest.CaptureFixture[bytes], *words: str
) -> tuple[int, str, str]:
    """Status, what was printed, what was said beside it."""
    config = str(world.write_config())
    status = run_command(["export-stock", "--config", config, *words])
    out, err = capsysbinary.readouterr()
    return status, out.decode("utf-8"), err.decode("utf-8")


def test_command_and_verb_tell_the_same(
    sold: World, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    by_verb, by_lines, by_csv = Warehouse(), Warehouse(), Warehouse()
    assert not by_verb.take_answer(ask(sold, since=0))
    for form, warehouse in (("jsonl", by_lines.take_lines), ("csv", by_csv.take_csv)):
        status, out, err = exported(sold, capsysbinary, "--since", "0", "--format", form)
        assert (status, err) == (0, "")
        warehouse(out)
    assert by_verb.movements == by_lines.movements == by_csv.movements
    assert by_csv.shelves() == {
        ("S1", 1, "restock"): Decimal(2), ("S1", 2, "vendor"): Decimal("0.75"),
    }  # fmt: skip
    assert by_csv.points() == 500
    for one in by_verb.movements.values():
        VALIDATOR.validate(one)
    assert by_verb.movements[1] | {"at": ""} == {
        "n": 1, "at": "", "what": "goods", "amount": None, "sale_id": "S1", "line": 1, "sku": "9",
        "barcode": "6901", "serial": "", "quantity": "2", "condition": "1",
        "disposition": "restock", "reason": "4", "refund": 1, "ticket": 1, "counters": None,
    }  # fmt: skip


def test_a_correction_moves_goods_from_shelf_to_shelf(
    sold: World, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    by_verb, by_csv = Warehouse(), Warehouse()
    by_verb.take_answer(ask(sold, since=0))
    wrong = Correction(
        refund_id=1,
        line=2,
        condition="1",
        disposition=Disposition.RESTOCK,
        operator="101",
        supervisor="201",
    )
    sold.do(sold.store.stock.correct(wrong))
    by_verb.take_answer(ask(sold, since=3))
    _, out, _ = exported(sold, capsysbinary, "--since", "0", "--format", "csv")
    by_csv.take_csv(out)
    assert by_verb.movements == by_csv.movements
    assert (by_csv.movements[4]["quantity"], by_csv.movements[4]["counters"]) == ("-0.75", 2)
    assert by_csv.shelves()["S1", 2, "restock"] == Decimal("0.75")
    assert ("S1", 2, "vendor") not in by_csv.shelves()
    for one in by_verb.movements.values():
        VALIDATOR.validate(one)


def test_a_till_goes_on_from_page_to_page(sold: World) -> None:
    warehouse = Warehouse()
    pages = 1
    while warehouse.take_answer(ask(sold, since=warehouse.known, most=1)):
        pages += 1
    assert (pages, sorted(warehouse.movements)) == (3, [1, 2, 3])
    assert not warehouse.take_answer(ask(sold, since=3))
    sold.refunded(2_000, State.ACCEPTED, 2_000, items=(Item(1, 1_000, 2_000, 2_000, AS_NEW),))
    assert not warehouse.take_answer(ask(sold, since=3))
    assert sorted(warehouse.movements) == [1, 2, 3, 4]


def test_the_command_prints_only_what_is_new_however_many_pages_that_is(
    sold: World, capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pos_terminal.cli.export_stock.MOST_OF_A_PAGE", 1)
    _, out, _ = exported(sold, capsysbinary, "--since", "1", "--format", "csv")
    heading, *rows = out.splitlines()
    assert heading.split(",") == list(FIELDS)
    assert [row.split(",")[0] for row in rows] == ["2", "3"]
    _, out, _ = exported(sold, capsysbinary, "--since=3")
    assert out == ""


def test_nothing_came_back_yet(world: World, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    answer = ask(world, since=0)
    assert answer == {
        "ok": True, "movements": [], "next": 0, "last": 0, "oldest": None, "erased": 0,
    }  # fmt: skip
    assert exported(world, capsysbinary, "--since", "0") == (0, "", "")


def test_what_a_purge_left_out_is_told_as_a_gap(
    sold: World, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    """One sale goes with 1, 2 and 4; 3 stays, for a slip of its sale waits for the printer."""
    sold.refunded(2_000, State.ACCEPTED, 2_000, items=(Item(1, 1_000, 2_000, 2_000, AS_NEW),))
    early, late = Warehouse(), Warehouse()
    assert not early.take_answer(ask(sold, since=0))
    next_batch(sold)
    later(sold, 201)
    assert purge(sold)["sales"] == 1
    answer = ask(sold, since=0)
    assert not late.take_answer(answer)
    assert (sorted(late.movements), late.erased, answer["oldest"]) == ([3], 3, 3)
    assert [ask(sold, since=n, most=1)["erased"] for n in range(5)] == [2, 1, 0, 1, 0]
    status, out, err = exported(sold, capsysbinary, "--since", "0")
    assert (status, len(out.splitlines())) == (0, 1)
    assert "3 of the numbers after 0 are not here" in err
    assert not early.take_answer(ask(sold, since=early.known))
    assert (len(early.movements), early.erased) == (4, 0), "who fetched in time misses nothing"
    printed(sold)
    assert purge(sold)["sales"] == 1
    answer = ask(sold, since=0)
    assert (answer["oldest"], answer["next"], answer["erased"]) == (None, 4, 4)


def test_a_number_that_was_never_given_is_another_ledgers(
    sold: World, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert failure_of(lambda: ask(sold, since=4)) == "stock.ahead"
    status, out, err = exported(sold, capsysbinary, "--since", "4")
    assert (status, out) == (1, "")
    assert "the highest that this ledger ever gave is 3" in err


@pytest.mark.parametrize(
    "request_",
    [
        {}, {"since": None}, {"since": "0"}, {"since": -1}, {"since": True}, {"since": 1.0},
        {"since": 2**63}, {"since": 0, "most": 0}, {"since": 0, "most": MOST_OF_A_PAGE + 1},
        {"since": 0, "most": "9"}, {"since": 0, "most": True}, {"since": 0, "most": None},
    ],
)  # fmt: skip
def test_a_bad_request_is_told_what_is_wrong(world: World, request_: dict[str, Any]) -> None:
    with pytest.raises(BadRequest, match=r"since|most"):
        ask(world, **request_)


@pytest.mark.parametrize("since", ["-1", "x", "9223372036854775808", ""])
def test_a_bad_argument_is_a_sentence(
    world: World, since: str, capsys: pytest.CaptureFixture[str]
) -> None:
    config = str(world.write_config())
    with pytest.raises(SystemExit) as ended:
        run_command(["export-stock", "--config", config, f"--since={since}"])
    assert ended.value.code == 2
    assert "a whole number from 0 to" in capsys.readouterr().err


# --- what the page says ---------------------------------------------------------------------------

EXAMPLES = [
    json.loads(line)
    for block in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    for line in block.splitlines()
]


def test_the_schema_is_one_and_has_the_fields() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert tuple(SCHEMA["properties"]) == tuple(SCHEMA["required"]) == FIELDS
    table = PAGE.partition("## A movement")[2]
    named = [name for row in re.findall(r"^\| (`.*?`) \|", table, re.MULTILINE)
             for name in re.findall(r"`(\w+)`", row)]  # fmt: skip
    assert named == list(FIELDS)


def test_the_pages_examples_are_one_book(sold: World) -> None:
    request, answer, *correction = EXAMPLES
    for one in [*answer["movements"], *correction]:
        VALIDATOR.validate(one)
    assert not VALIDATOR.is_valid(correction[0] | {"counters": None})
    assert not VALIDATOR.is_valid(correction[1] | {"counters": 1})
    by_answer, by_csv = Warehouse(), Warehouse()
    assert by_answer.take_answer(answer)
    by_csv.take_csv(re.findall(r"```csv\n(.*?)```", PAGE, re.DOTALL)[0])
    assert by_answer.movements == by_csv.movements
    del request["verb"]
    assert ask(sold, **request).keys() == answer.keys()


def test_it_is_for_tills_and_for_what_brings_sales() -> None:
    assert {one for one in Class if "stock" in VERBS[one]} == {Class.TILL, Class.FEED, Class.BENCH}
