"""No text that is kept has a card number in it (R54)."""

from __future__ import annotations

from typing import Any

import pytest
from worlds.ledger import World

from pos_terminal.core.pan import Pan
from pos_terminal.texts.problems import in_both
from pos_terminal.wire.feed.numbers_in_texts import no_card_numbers

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
