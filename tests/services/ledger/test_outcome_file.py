"""The acquirer's file: ``docs/acquirer-file.schema.json``, the examples and the parser agree."""

from __future__ import annotations

import copy
import hashlib
import json
import re
from datetime import UTC
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds.failures import failure_of

from pos_terminal.core.home import Home
from pos_terminal.core.refund import Kind
from pos_terminal.services.intake.outcome_files import is_outcome_file, read_text
from pos_terminal.texts.problems import reason
from pos_terminal.wire.feed.lines import Format
from pos_terminal.wire.feed.outcome import OutcomeFile
from pos_terminal.wire.feed.outcomes import parse

DOCS = Path(__file__).parents[3] / "docs"
SCHEMA = json.loads((DOCS / "acquirer-file.schema.json").read_text("utf-8"))
TEXT = (DOCS / "acquirer-file.md").read_text("utf-8")
SALES = (DOCS / "sales-feed.md").read_text("utf-8")
HOME = Home("898310012340001", "12345678", UTC)
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def blocks(language: str, page: str = TEXT) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", page, re.DOTALL)


EXAMPLES = [json.loads(line) for line in blocks("json")[0].splitlines()]


def read(*records: dict[str, Any] | str, form: Format = Format.JSONL) -> OutcomeFile:
    lines = [one if isinstance(one, str) else json.dumps(one) for one in records]
    return parse("".join(f"{line}\n" for line in lines), form, "f.jsonl", HOME)


def reasons(file: OutcomeFile) -> list[tuple[int, str]]:
    return [(one.line, reason(one)) for one in file.problems]


def changed(**changes: Any) -> dict[str, Any]:
    return {**EXAMPLES[0], **changes}


def test_the_schema_is_one_and_takes_the_examples() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    for record in EXAMPLES:
        VALIDATOR.validate(record)


def test_the_examples_are_read_as_they_are_meant() -> None:
    file = read(*EXAMPLES)
    assert file.problems == ()
    assert [(one.batch, one.stan, one.kind, one.done) for one in file.outcomes] == [
        ("000042", "000127", Kind.REFUND, 5_000),
        ("000042", "000128", Kind.REFUND, 3_000),
        ("000042", "000129", Kind.VOID, 0),
        ("", "131", Kind.MANUAL, 7_400),
    ]
    (example,) = blocks("csv")
    by_csv = parse(example, Format.CSV, "f.csv", HOME)
    assert by_csv.problems == ()
    same = [file.outcomes[0].content, file.outcomes[2].content]
    assert [one.content for one in by_csv.outcomes] == same


def test_the_digest_is_that_of_the_bytes(tmp_path: Path) -> None:
    path = tmp_path / "f.jsonl"
    path.write_bytes(json.dumps(EXAMPLES[0]).encode() + b"\r\n\xff\n")
    file = parse(read_text(path), Format.JSONL, path.name, HOME)
    assert file.digest == hashlib.sha256(path.read_bytes()).hexdigest()
    assert reasons(file) == [(2, "not UTF-8: byte 0xFF")]


def test_the_same_twice_is_one_and_a_contradiction_is_named() -> None:
    again = read(EXAMPLES[0], changed(batch="42", trace="127"))
    assert (len(again.outcomes), again.problems) == (1, ())
    file = read(EXAMPLES[0], changed(outcome="not_paid"), changed(auth_code="OTHER"))
    assert reasons(file) == [(2, "contradicts line 1"), (3, "contradicts line 1")]


@pytest.mark.parametrize("change", [{"reference": "other"}, {"rrn": "632510000999"}])
def test_two_postings_of_one_request_are_both_kept(change: dict[str, str]) -> None:
    twice = changed(**change)
    file = read(EXAMPLES[0], twice, twice, EXAMPLES[0])
    assert file.problems == ()
    assert [one.line for one in (*file.outcomes, *file.again)] == [1, 2]
    assert file.records == 2


@pytest.mark.parametrize("change", [{"outcome": "not_paid"}, {"amount": 5_001}, {"kind": "void"}])
def test_only_what_was_paid_alike_is_a_posting_of_its_own(change: dict[str, Any]) -> None:
    file = read(EXAMPLES[0], changed(reference="other", **change))
    assert reasons(file) == [(2, "contradicts line 1")]


def test_other_terminals_are_counted_and_other_merchants_refused() -> None:
    file = read(changed(terminal_id="99999999"), EXAMPLES[0])
    assert (file.others, len(file.outcomes), file.problems) == (1, 1, ())
    file = read(changed(merchant_id="898310012340002"))
    assert reasons(file) == [(1, "settled under another merchant_id")]


FORM: dict[str, Any] = {"kind": "manual", "batch": "", "trace": "", "application": 7}


OUTCOMES = (
    "outcome is '{}', and none of the values that it may have: paid, not_paid, credited, returned"
)
ARN = "arn is not of its form, which is like 0-9 A-Z (23)"
VOID = "a void is never {}: nothing was credited"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"paid_amount": 5_001}, "paid_amount is more than amount"),
        ({"paid_amount": 1, "outcome": "not_paid"}, "paid_amount of what was not paid"),
        ({"paid_amount": 1, "kind": "void"}, "a void is paid in full or not at all"),
        ({"outcome": "credited", "paid_amount": 5_001}, "paid_amount is more than amount"),
        ({"outcome": "returned", "paid_amount": 5_001}, "paid_amount is more than amount"),
        ({"outcome": "credited", "kind": "void"}, VOID.format("credited")),
        ({"outcome": "returned", "kind": "void"}, VOID.format("returned")),
        ({"outcome": "bounced"}, OUTCOMES.format("bounced")),
        ({"outcome": "RETURNED"}, OUTCOMES.format("RETURNED")),
        ({"arn": "7" * 24}, ARN),
        ({"arn": "7453-7605"}, ARN),
        (FORM | {"outcome": "returned", "application": None}, "application is missing"),
        ({"happened_on": "2026-02-30"}, "happened_on is no date of the calendar"),
        ({"original_on": "2026-02-30"}, "original_on is no date of the calendar"),
        (
            {"reference": "R 4761739001010010", "masked": "476173****0010"},
            "reference is no place for a card number",
        ),
        ({"colour": "red"}, "unknown field colour"),
        ({"kind": "manual", "application": 7}, "batch of a form: it has an application"),
        ({"kind": "manual", "batch": "", "trace": ""}, "application is missing"),
        ({"trace": ""}, "trace is missing"),
        ({"reference": " "}, "reference has neither a letter nor a digit"),
        ({"reference": "--."}, "reference has neither a letter nor a digit"),
        (FORM | {"reference": " "}, "reference has neither a letter nor a digit"),
        (FORM | {"reference": "...0"}, "reference of a form: at least 4 letters or digits"),
    ],
)
def test_a_bad_line_says_why(change: dict[str, Any], words: str) -> None:
    assert reasons(read(EXAMPLES[1], changed(**change))) == [(2, words)]


@pytest.mark.parametrize("masked", ["", "**0010", "541333******0011"])
def test_a_reference_may_look_like_a_card_by_chance(masked: str) -> None:
    """One in twenty of that length does: a file would never be taken."""
    file = read(changed(reference="4761739001010010", masked=masked))
    assert file.problems == ()


def test_a_strange_column_is_named_at_the_header() -> None:
    file = read("batch,colour", "1,red", form=Format.CSV)
    assert file.problems[0].line == 1
    assert "colour" in reason(file.problems[0])


@pytest.mark.parametrize("form", Format)
def test_a_file_without_records_is_taken(form: Format) -> None:
    assert read("", form=form).problems == ()


def test_a_file_that_is_wrong_altogether_is_not_listed_to_its_end() -> None:
    file = read(*["{}"] * 500)
    assert len(file.problems) == 101


@pytest.mark.parametrize(
    ("name", "text", "is_one"),
    [
        ("a.jsonl", "\ufeff\n" + blocks("json")[0], True),
        ("a.csv", blocks("csv")[0], True),
        ("a.jsonl", blocks("json", SALES)[0], False),
        ("a.csv", blocks("csv", SALES)[0], False),
        ("a.jsonl", "nonsense", False),
        ("a.csv", "", False),
    ],
)
def test_it_is_told_from_a_file_of_sales(
    tmp_path: Path, name: str, text: str, is_one: bool
) -> None:
    path = tmp_path / name
    path.write_text(text, "utf-8")
    assert is_outcome_file(path) is is_one


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert failure_of(lambda: is_outcome_file(tmp_path / "none.csv")) == "feed.missing"


CARD = "47617390010010010"
ODD: list[Any] = [
    "", "0", "x", "1" * 12, "2026-11-21", "2026-13-01", "a" * 41, "paid", "not_paid", "refund",
    "credited", "returned", "7" * 23, "7" * 22 + "-", "manual",
    "--- ---", "A-1-7", "1.2.3.4", "void", "000001", "1234567", "****0010", "4761**0010",
    "4761739*0010",
    "74537605312345678901234", "7" * 24,
    CARD, 0, 1, -1, 5_000, 10**12, 1.5, True, None, [], {},
]  # fmt: skip

BECAME: list[dict[str, Any]] = [
    {"outcome": outcome, **more}
    for outcome in ("credited", "returned")
    for more in (
        {},
        {"arn": "7" * 23, "happened_on": "2026-11-24"},
        {"arn": 7},
        {"happened_on": ""},
        {"paid_amount": 1},
    )
]
"""What happened to a payment later, told as it may be and otherwise (R50)."""


@st.composite
def changed_records(draw: st.DrawFn) -> dict[str, Any]:
    record: dict[str, Any] = copy.deepcopy(draw(st.sampled_from(EXAMPLES)))
    for _ in range(draw(st.integers(1, 3))):
        name = draw(st.sampled_from([*sorted(SCHEMA["properties"]), "colour"]))
        if draw(st.booleans()):
            record[name] = draw(st.sampled_from(ODD))
        else:
            record.pop(name, None)
    if draw(st.booleans()):
        record |= draw(st.sampled_from(BECAME))
    return record


def beyond_a_schema(record: dict[str, Any]) -> bool:
    """Sums, the calendar, whose merchant it is, and what the masked card says of a reference."""
    part, amount = record.get("paid_amount"), record.get("amount")
    days = [record.get(key) for key in ("happened_on", "original_on")]
    whole = record.get("kind") == "void"
    too_much = False
    if type(part) is int and type(amount) is int:
        too_much = part > amount or (whole and part != amount)
    too_much = too_much or record.get("reference") == CARD
    return too_much or "2026-13-01" in days or record.get("merchant_id") == ""


@settings(max_examples=300, deadline=None)
@given(changed_records())
def test_schema_and_parser_agree(record: dict[str, Any]) -> None:
    left_out = any(record.get(key, 0) is None for key in ("paid_amount", "application"))
    if not beyond_a_schema(record) and not left_out:
        assert (not read(record).problems) == VALIDATOR.is_valid(record)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300) | st.binary(max_size=90).map(lambda b: b.decode("latin-1")))
def test_no_text_is_too_much_for_the_parser(text: str) -> None:
    for form in Format:
        try:
            text.encode("utf-8", "surrogateescape")
        except UnicodeEncodeError:
            return
        parse(text, form, "any", HOME)
