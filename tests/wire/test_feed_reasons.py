"""A reason says what a field may be, so that whoever mends the file need not look it up."""

from __future__ import annotations

import json
from collections.abc import Iterator

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import inspect

from pos_terminal.texts import Language, render
from pos_terminal.texts.problems import in_both, reason
from pos_terminal.wire.feed.all_wrong import MOST, all_wrong
from pos_terminal.wire.feed.bad import clean
from pos_terminal.wire.feed.explain import ALLOWED, LIKE, explained
from pos_terminal.wire.feed.lines import Format, read_feed
from pos_terminal.wire.feed.outcomes import OutcomeRecord
from pos_terminal.wire.feed.records import FeedRecord


def walk(path: str, kind: inspect.Type) -> Iterator[tuple[str, inspect.Type]]:
    """Each field of a record, by its path without places in lists."""
    match kind:
        case inspect.StructType(fields=fields):
            for one in fields:
                yield from walk(f"{path}.{one.name}".removeprefix("."), one.type)
        case inspect.UnionType(types=types):
            for each in types:
                yield from walk(path, each)
        case inspect.ListType(item_type=item):
            yield from walk(path, item)
        case _:
            yield path, kind


FIELDS = [
    found for record in (FeedRecord, OutcomeRecord) for found in walk("", inspect.type_info(record))
]


@pytest.mark.parametrize(
    ("path", "values"),
    [(path, kind.values) for path, kind in FIELDS if isinstance(kind, inspect.LiteralType)],
)
def test_each_choice_is_told(path: str, values: tuple[str, ...]) -> None:
    assert set(ALLOWED[path].split(", ")) == set(values)


@pytest.mark.parametrize(
    "path",
    sorted({path for path, kind in FIELDS if isinstance(kind, inspect.StrType) and kind.pattern}),
)
def test_each_form_is_shown(path: str) -> None:
    like = LIKE[path.rpartition(".")[2]]
    assert like
    assert clean(like) == like, "a reason repeats nothing that may be a card number"


@pytest.mark.parametrize(
    ("told", "zh", "en"),
    [
        (
            {"kind": "Verkauf"},
            "kind 不能是 'Verkauf', 只能是: sale, sale_voided",
            "kind is 'Verkauf', and none of the values that it may have: sale, sale_voided",
        ),
        (
            {"kind": "sale_voided", "sale_id": "1", "at": 1},
            "at 的类型不对",
            "at is of the wrong type",
        ),
        (
            {"kind": "batch_closed", "terminal_id": "1", "batch": "1", "at": "2026-01-05T10:00Z"},
            "terminal_id 的格式不对, 应如 12345678",
            "terminal_id is not of its form, which is like 12345678",
        ),
    ],
)
def test_the_reason_says_what_would_do(told: dict[str, object], zh: str, en: str) -> None:
    with pytest.raises(msgspec.ValidationError) as error:
        msgspec.convert(told, FeedRecord)
    words = explained(error.value).words
    assert render(words, Language.ZH_CN).startswith(zh)
    assert render(words, Language.EN).startswith(en)


def wrong(**fields: object) -> list[str]:
    """What is said of a sale with these in place of what is right."""
    record = {
        "sale_id": "S1",
        "merchant_id": "898310012340001",
        "terminal_id": "12345678",
        "batch": "000041",
        "trace": "000017",
        "rrn": "600510000017",
        "auth_code": "A00017",
        "sold_at": "2026-01-05T10:00:00+08:00",
        "currency": "156",
        "amount": 1_200,
        "receipt_no": "R1",
        "tenders": [{"kind": "cash", "amount": 1_200}],
        "lines": [],
    } | fields
    told = {name: value for name, value in record.items() if value is not None}
    feed = read_feed([json.dumps(told)], Format.JSONL, "898310012340001", None, allow_pan=False)
    return [one for problem in feed.problems for one in reason(problem).split("; ")]


def test_all_that_is_wrong_with_a_line_is_named_at_once() -> None:
    assert wrong() == []
    said = wrong(trace="17a", colour="red", sale_id=None, amount=-1)
    assert len(said) == 4
    for name in ("trace", "colour", "sale_id", "amount"):
        assert sum(name in one for one in said) == 1, name


def test_what_is_wrong_within_tenders_and_lines_is_named_with_its_place() -> None:
    tenders = [{"kind": "cash", "amount": 600}, {"kind": "gold", "amount": "600", "x": 1}]
    said = wrong(tenders=tenders, lines=[{"sku": "1", "quantity": "1"}])
    places = ("tenders[1].kind", "tenders[1].amount", "tenders[1].x", "lines[0].name")
    for place in (*places, "lines[0].unit_price"):
        assert any(place in one for one in said), (place, said)


def test_of_a_line_with_very_much_wrong_five_are_named() -> None:
    strange = {f"x{n}": n for n in range(40)}
    assert len(wrong(**strange)) == 5


def test_of_a_row_each_bad_cell_is_named() -> None:
    lines = ["sale_id,amount,leg,tenders", "S1,1.5,x,["]
    feed = read_feed(lines, Format.CSV, "898310012340001", None, allow_pan=False)
    (problem,) = feed.problems
    zh, en = in_both(problem)
    for name in ("amount", "leg", "tenders"):
        assert name in zh
        assert name in en


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)
FIELD = st.sampled_from(["kind", "sale_id", "amount", "tenders", "lines", "leg", "items", "x"])
KIND = st.sampled_from(["sale", "sale_voided", "refunded_elsewhere", "batch_closed", "adjusted"])


@given(KIND, st.dictionaries(FIELD, JSON))
def test_any_record_is_no_crash_and_its_first_fault_stays_the_first(
    kind: str, fields: dict[str, object]
) -> None:
    told = {"kind": kind, **fields}
    try:
        msgspec.convert(told, FeedRecord)
    except msgspec.ValidationError as error:
        first = explained(error)
        found = all_wrong(told, first)
        assert found is first
        assert str(first) not in map(str, first.also)
        assert len(first.also) < MOST
