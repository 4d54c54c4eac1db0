"""``docs/sales-feed.schema.json``, the examples in ``docs/sales-feed.md`` and the parser agree."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pos_terminal.core import receipt_code
from pos_terminal.wire.feed.lines import Format, read_feed
from pos_terminal.wire.feed.rules import TokenMaker

DOCS = Path(__file__).parents[3] / "docs"
SCHEMA = json.loads((DOCS / "sales-feed.schema.json").read_text("utf-8"))
TEXT = (DOCS / "sales-feed.md").read_text("utf-8")
MERCHANT = "898310012340001"
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
ANY_TOKENS = TokenMaker("1a2b3c4d", lambda _pan: "0" * 64)


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)


EXAMPLES = [json.loads(line) for block in blocks("json") for line in block.splitlines() if line]


def parser_takes(record: object) -> bool:
    line = json.dumps(record)
    return not read_feed([line], Format.JSONL, MERCHANT, ANY_TOKENS, allow_pan=True).problems


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("record", EXAMPLES, ids=lambda r: r.get("kind", "sale"))
def test_the_examples_are_taken_by_both(record: dict[str, Any]) -> None:
    VALIDATOR.validate(record)
    assert parser_takes(record)


def test_every_kind_has_an_example() -> None:
    kinds = {record.get("kind", "sale") for record in EXAMPLES}
    assert kinds == set(SCHEMA["$defs"]) - {
        "amount",
        "price",
        "name",
        "moment",
        "terminal_id",
        "tender",
        "line",
        "unit_price",
        "quantity",
        "returned",
        "trace",
        "rrn",
        "auth_code",
        "by_card",
        "bare",
        "with_batch",
        "with_trace",
        "with_rrn",
    }


def test_the_csv_example_is_taken() -> None:
    (example,) = blocks("csv")
    feed = read_feed(example.splitlines(), Format.CSV, MERCHANT, ANY_TOKENS, allow_pan=False)
    assert (feed.problems, len(feed.entries)) == ([], 3)


def places(value: object, at: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The way to every field of a record."""
    if isinstance(value, dict):
        inner = [place for key, item in value.items() for place in places(item, (*at, key))]
        return [*((*at, key) for key in value), *inner]
    if isinstance(value, list):
        return [place for i, item in enumerate(value) for place in places(item, (*at, i))]
    return []


RECOVERY = receipt_code.remedy_code(MERCHANT, "12345678", 1)
MISREAD = RECOVERY[:-1] + str((int(RECOVERY[-1]) + 1) % 10)
ODD: list[Any] = [
    "", "0", "x", "1" * 12, "4761739001010010", "476173******0010", "2026-01-05T10:15:00+08:00",
    "2026-01-05T10:15:00", "a" * 65, "card", "cash", "sale", "issued", "none", "approved", "debit",
    "000001",
    "1234567", "****0010", ["1"], "voucher", "wallet", "0" * 64,
    "A" * 29, RECOVERY, MISREAD, f"8{RECOVERY[1:]}",
    0, 1, -1, 10**12, 1.5, True, None, [], {}, [{}],
]  # fmt: skip
ALIKE_BUT_FOR_SUMS = {"amount", "merchant_id", "paid"}
"""What a schema cannot say: sums, and whose merchant it is."""
NAMES = [
    "pan",
    "token",
    "token_key_id",
    "masked",
    "par",
    "scheme",
    "state",
    "kind",
    "colour",
    "leg",
    "batch",
    "trace",
    "rrn",
    "auth_code",
    "terminal_id",
    "paid_at",
    "order_no",
    "voucher_no",
    "exchange_no",
    "gift_receipt_no",
    "invoice",
    "invoice_no",
    "recovery_no",
]


@st.composite
def changed_records(draw: st.DrawFn) -> object:
    """An example with some field taken out, replaced by something odd, or added."""
    record = copy.deepcopy(draw(st.sampled_from(EXAMPLES)))
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.sampled_from(places(record)))
        if place[-1] in ALIKE_BUT_FOR_SUMS:
            continue
        holder: Any = record
        for step in place[:-1]:
            holder = holder[step]
        match draw(st.sampled_from(["drop", "replace", "add"])):
            case "drop":
                del holder[place[-1]]
            case "replace":
                holder[place[-1]] = draw(st.sampled_from(ODD))
            case "add":
                holder[draw(st.sampled_from(NAMES))] = draw(st.sampled_from(ODD))
        if not places(record):
            break
    return record


def codes(record: object) -> list[str]:
    line = json.dumps(record)
    feed = read_feed([line], Format.JSONL, MERCHANT, ANY_TOKENS, allow_pan=True)
    return [problem.code for problem in feed.problems]


def beyond_a_schema(record: Any) -> bool:
    """Sums and a foreign token's key: the parser looks further than the schema can."""
    if codes(record) == ["card_in_text"]:
        return True
    if isinstance(record, dict) and record.get("recovery_no") == MISREAD:
        return True  # its last digit is of those before it
    tenders = record.get("tenders")
    if not isinstance(tenders, list) or "amount" not in record:
        return False
    amounts: list[Any] = [t.get("amount") for t in tenders if isinstance(t, dict)]
    if any(type(amount) is not int for amount in amounts):
        return False
    foreign = any(
        t.get("token_key_id") not in (None, "1a2b3c4d") for t in tenders if isinstance(t, dict)
    )
    otherwise = paid_otherwise(record) or told_twice(record) or odd_codes(record)
    return bool(sum(amounts) != record["amount"]) or foreign or otherwise


def paid_otherwise(record: Any) -> bool:
    """What was paid for the lines is not the amount."""
    lines = record.get("lines")
    told = [line for line in lines if isinstance(line, dict)] if isinstance(lines, list) else []
    paid = [line["paid"] for line in told if type(line.get("paid")) is int]
    return bool(paid) and sum(paid) != record["amount"]


def odd_codes(record: Any) -> bool:
    """How long an authorisation code is, the acquirer's profile says."""
    places = [record, *(one for one in record["tenders"] if isinstance(one, dict))]
    codes = [one.get("auth_code") for one in places]
    return any(isinstance(code, str) and len(code) not in (0, 6) for code in codes)


def told_twice(record: Any) -> bool:
    """A number of a payment both on the sale and on a tender: whether it is the same."""
    numbers = ("batch", "trace", "rrn", "auth_code")
    return any(
        record.get(name) and isinstance(tender, dict) and tender.get(name)
        for tender in record["tenders"]
        for name in numbers
    )


@settings(max_examples=400, deadline=None)
@given(changed_records())
def test_schema_and_parser_agree(record: Any) -> None:
    if not beyond_a_schema(record):
        assert parser_takes(record) == VALIDATOR.is_valid(record)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text(max_size=200) | st.binary(max_size=60).map(lambda b: b.decode("latin-1"))))
def test_no_text_is_too_much_for_the_parser(lines: list[str]) -> None:
    for form in Format:
        feed = read_feed(lines, form, MERCHANT, ANY_TOKENS, allow_pan=True)
        assert all(p.line <= len(lines) + 1 for p in feed.problems)
