"""No text that is kept has a card number in it (R54)."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from worlds.ledger import World

from pos_terminal.core.pan import Pan
from pos_terminal.services.intake.refused import RefusedLines
from pos_terminal.texts.problems import in_both
from pos_terminal.wire.feed.numbers_in_texts import no_card_numbers
from pos_terminal.wire.feed.problem import Problem
from pos_terminal.wire.feed.source import Encoding, lines_of

OTHER = "5413330089020011"
WIDE = str.maketrans("0123456789", "".join(chr(ord("\uff10") + digit) for digit in range(10)))
"""Full-width digits, which a Chinese keyboard types; what tills number is stored in NFKC."""
LINE: dict[str, Any] = {"sku": "9", "name": "Tea", "quantity": 1, "unit_price": 10_000}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"lines": [LINE | {"name": f"Tea {OTHER}"}]}, "lines[0].name"),
        ({"lines": [LINE | {"category": "5413 3300 8902 0011"}]}, "lines[0].category"),
        (
            {"tenders": [{"kind": "cash", "amount": 10_000, "scheme": OTHER}]},
            "tenders[0].scheme",
        ),
        ({"sale_id": "4761739001010010"}, "sale_id"),
        ({"receipt_no": "R 4761 7390 0101 0010"}, "receipt_no"),
        ({"receipt_no": "4761739999990010"}, "receipt_no"),
        ({"receipt_no": "T3476173900101001077"}, "receipt_no"),
        ({"receipt_no": "20260105 4761 7390 0101 0010"}, "receipt_no"),
        ({"lines": [LINE | {"sku": "4761739001010010"}]}, "lines[0].sku"),
        ({"sale_id": "4761739001010010".translate(WIDE)}, "sale_id"),
        ({"lines": [LINE | {"name": OTHER.translate(WIDE)}]}, "lines[0].name"),
    ],
)
def test_it_is_refused_by_the_name_of_its_field(
    world: World, change: dict[str, Any], field: str
) -> None:
    (problem,) = world.take_in(world.record(**change)).problems
    assert problem.code == "card_in_text"
    for text in in_both(problem):
        assert field in text
    told = "".join((*in_both(problem), problem.sale_id))
    assert world.visa.reveal() not in told
    assert OTHER not in told


@pytest.mark.parametrize(
    "change",
    [
        {"sale_id": OTHER},
        {"receipt_no": OTHER},
        {"lines": [LINE | {"sku": OTHER}]},
        {"lines": [LINE | {"name": "IMEI 356938035643809"}]},
    ],
)
def test_a_number_of_the_tills_own_may_look_like_one(world: World, change: dict[str, Any]) -> None:
    assert world.take_in(world.record(**change)).added == 1


def test_so_may_a_shop_s_number_at_its_acquirer() -> None:
    """All its sales would be refused; it is held against the shop's own."""
    no_card_numbers({"merchant_id": "371449635398431"})


def test_a_masked_card_is_known_too(world: World) -> None:
    record = world.masked(receipt_no=world.visa.reveal())
    assert world.take_in(record).problems[0].code == "card_in_text"
    other = Pan(OTHER).masked
    record["tenders"][0]["masked"] = other
    assert world.take_in(record).added == 1


# --- in refused/ ----------------------------------------------------------------------------------


def table(record: dict[str, Any]) -> str:
    """The record as a line of a table, beneath its columns."""
    (tender,) = record["tenders"]
    cells = {name: value for name, value in record.items() if not isinstance(value, list)}
    cells |= {f"tender.{name}": value for name, value in tender.items() if name != "amount"}
    return f"{','.join(cells)}\n{','.join(map(str, cells.values()))}\n"


def kept(folder: Path, text: str, *, is_table: bool) -> str:
    """What of a feed of bad lines lies in ``refused/``."""
    lines = RefusedLines(folder, "sales")
    first, *others = lines_of([text.encode()], Encoding.UTF_8)
    for line in others if is_table else (first, *others):
        lines.add(line, Problem(line.number, code="sum"), first if is_table else None)
    return lines.finish().read_text("utf-8")


@pytest.mark.parametrize("form", [table, lambda record: json.dumps(record) + "\n"])
@pytest.mark.parametrize("name", ["sale_id", "receipt_no", "gift_receipt_no"])
def test_a_bad_record_keeps_the_till_s_own_number_so_that_it_can_be_mended(
    world: World, tmp_path: Path, name: str, form: Callable[[dict[str, Any]], str]
) -> None:
    text = form(world.masked() | {"amount": 1, name: OTHER})
    assert kept(tmp_path, text, is_table=form is table) == text


@pytest.mark.parametrize("form", [table, lambda record: json.dumps(record) + "\n"])
@pytest.mark.parametrize(
    "change",
    [
        {"receipt_no": "4761739001010010"},
        {"receipt_no": "T3476173900101001077"},
        {"receipt_no": OTHER, "currency": f"x {OTHER}"},
        {"receipt_no": OTHER, "tenders": [{"kind": "card", "pan": OTHER, "amount": 1}]},
    ],
)
def test_it_keeps_none_that_is_a_card_s(
    world: World, tmp_path: Path, change: dict[str, Any], form: Callable[[dict[str, Any]], str]
) -> None:
    text = form(world.masked() | {"amount": 1} | change)
    found = kept(tmp_path, text, is_table=form is table)
    assert (OTHER not in found, world.visa.reveal() not in found) == (True, True)
    assert found.count("\n") == text.count("\n")


def test_of_a_line_that_can_t_be_read_every_number_has_stars(tmp_path: Path) -> None:
    assert OTHER not in kept(tmp_path, f'{{"sale_id": "{OTHER}"\n', is_table=False)


def test_digits_that_json_writes_otherwise_have_stars_too(world: World, tmp_path: Path) -> None:
    written = "".join(f"\\u003{digit}" for digit in OTHER)
    text = json.dumps(world.masked(receipt_no="R") | {"currency": "C"}) + "\n"
    found = kept(tmp_path, text.replace('"C"', f'"{written}"'), is_table=False)
    assert json.loads(found)["currency"] == "541333******0011"
    text = text.replace('"R"', '"\\u00351"')
    assert kept(tmp_path, text, is_table=False) == text, "what is no card's stays as it came"
