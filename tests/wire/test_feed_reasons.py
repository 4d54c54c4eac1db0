"""A reason says what a field may be, so that whoever mends the file need not look it up."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest
from msgspec import inspect

from pos_terminal.texts import Language, render
from pos_terminal.wire.feed.explain import ALLOWED, LIKE, explained
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
    assert LIKE[path.rpartition(".")[2]]


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
