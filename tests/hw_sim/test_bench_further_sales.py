"""``up --sales FILE``: full numbers for the acquirer, tokens for the terminal, errors by line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hw_sim.bench import identity
from hw_sim.bench.further_sales import read_further
from hw_sim.bench.keys import make_keys
from hw_sim.device import BenchError
from worlds.sales import a_foreign_record

from pos_terminal.services.security.tokens import KeyedTokens, key_id
from pos_terminal.wire.feed.lines import Format, read_feed
from pos_terminal.wire.feed.rules import TokenMaker

VISA, MASTERCARD = "4761739001010010", "5413330089020011"
PAR = "V0010013818398123817509861829"


def sale(**changed: Any) -> dict[str, Any]:
    card = {"kind": "card", "amount": 1500, "pan": VISA, "par": PAR, "scheme": "visa"}
    return a_foreign_record(VISA, **{"tenders": [card], **changed})


def written(folder: Path, *records: object) -> Path:
    path = folder / "further.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


def test_both_sides_get_the_sale(tmp_path: Path) -> None:
    further = read_further(written(tmp_path, sale()))
    keys = make_keys()
    tokens = KeyedTokens(keys.token_key)
    lines = [json.dumps(one) for one in further.feed(keys.token, key_id(keys.token_key))]
    assert VISA not in "".join(lines)
    maker = TokenMaker(tokens.key_id, tokens.token)
    feed = read_feed(lines, Format.JSONL, identity.MERCHANT_ID, maker, allow_pan=False)
    assert feed.problems == []
    assert further.acquirer == [
        {
            "sale_id": "F-1",
            "merchant_id": identity.MERCHANT_ID,
            "terminal_id": identity.TERMINAL_ID,
            "batch": "000040",
            "trace": "000777",
            "rrn": "632612000777",
            "auth_code": "123456",
            "sold_at": "2026-11-20T10:00:00+08:00",
            "currency": "156",
            "amount": 1500,
            "pan": VISA,
            "par": PAR,
            "also": [],
        }
    ]


def test_numbers_of_one_account_know_each_other(tmp_path: Path) -> None:
    phone = [{"kind": "card", "amount": 1500, "pan": MASTERCARD, "par": PAR}]
    path = written(tmp_path, sale(), sale(sale_id="F-2", tenders=phone))
    first, second = read_further(path).acquirer
    assert first["also"] == [{"pan": MASTERCARD}]
    assert second["also"] == [{"pan": VISA}]


def test_short_numbers_are_the_same_numbers(tmp_path: Path) -> None:
    [found] = read_further(written(tmp_path, sale(batch="40", trace="777"))).acquirer
    assert (found["batch"], found["trace"]) == ("000040", "000777")


def test_what_the_file_says_of_the_shop_stays(tmp_path: Path) -> None:
    further = read_further(written(tmp_path, sale(terminal_id="99999999")))
    assert further.records[0]["terminal_id"] == "99999999"


def test_csv(tmp_path: Path) -> None:
    record = sale()
    plain = {name: value for name, value in record.items() if name not in ("tenders", "lines")}
    columns = [*plain, "tender.kind", "tender.pan"]
    path = tmp_path / "further.csv"
    cells = [*map(str, plain.values()), "card", VISA]
    path.write_text(",".join(columns) + "\n" + ",".join(cells) + "\n")
    [found] = read_further(path).acquirer
    assert (found["pan"], found["amount"]) == (VISA, 1500)


def test_events_go_to_the_terminal_alone(tmp_path: Path) -> None:
    event = {"kind": "sale_voided", "sale_id": "F-1", "at": "2026-11-20T11:00:00+08:00"}
    further = read_further(written(tmp_path, event))
    assert further.feed(make_keys().token, "00000000") == [event]
    assert further.acquirer == []


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("{broken", "line 2"),
        ("[]", "line 2: not an object"),
        (json.dumps(sale(tenders="card")), "line 2: tenders"),
        (json.dumps(sale(tenders=[{"kind": "card", "pan": "12ab"}])), "line 2: a card number"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: str, complaint: str) -> None:
    path = written(tmp_path, sale())
    path.write_text(path.read_text() + line + "\n")
    with pytest.raises(BenchError, match=complaint):
        read_further(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BenchError, match=r"nowhere\.jsonl: No such file"):
        read_further(tmp_path / "nowhere.jsonl")
