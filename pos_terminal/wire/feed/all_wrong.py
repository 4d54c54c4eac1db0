"""All that is wrong with the form of a record: msgspec stops at the first of it.

Whoever mends a line wants to do it once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import UnionType
from typing import Annotated, Any, Final, Union, get_args, get_origin

import msgspec
from msgspec import NODEFAULT, Struct

from pos_terminal.wire.feed.bad import BadLine
from pos_terminal.wire.feed.explain import explained
from pos_terminal.wire.feed.records import FeedRecord

MOST: Final = 5
"""Faults of one line that are named."""
_UNIONS: Final = (Union, UnionType)


def all_wrong(told: Mapping[str, object], first: BadLine) -> BadLine:
    """The ``first`` fault of a record that has its kind, and as its ``also`` further ones."""
    kind = told["kind"]
    by_kind = {one.__struct_config__.tag: one for one in get_args(FeedRecord)}
    record = by_kind.get(kind) if isinstance(kind, str) else None
    if record is not None:
        found = {str(fault): fault for fault in _in_struct(told, record, "")}
        found.pop(str(first), None)
        first.also = tuple(found.values())[: MOST - 1]
    return first


def _in_struct(told: Mapping[str, object], kind: type[Struct], within: str) -> Iterator[BadLine]:
    fields = msgspec.structs.fields(kind)
    tag = kind.__struct_config__.tag_field
    for name in told.keys() - {one.name for one in fields} - {tag}:
        yield BadLine("unknown_field", field=f"{within}{name}")
    for one in fields:
        path = f"{within}{one.name}"
        if one.name in told:
            yield from _in_value(told[one.name], one.type, path)
        elif one.default is NODEFAULT and one.default_factory is NODEFAULT:
            yield BadLine("missing_field", field=path)


def _in_value(value: object, kind: Any, path: str) -> Iterator[BadLine]:
    inner = list(_inside(value, kind, path))
    if inner:
        yield from inner
        return
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at `$")
        yield explained(msgspec.ValidationError(f"{what} - at `$.{path}{where or '`'}"))


def _inside(value: object, kind: Any, path: str) -> Iterator[BadLine]:
    """What is wrong with the records within it."""
    for one in _plain(kind):
        if isinstance(one, type) and issubclass(one, Struct) and isinstance(value, dict):
            yield from _in_struct(value, one, f"{path}.")
        elif get_origin(one) is list and isinstance(value, list):
            (item,) = get_args(one)
            if any(isinstance(each, type) and issubclass(each, Struct) for each in _plain(item)):
                for place, element in enumerate(value):
                    yield from _inside(element, item, f"{path}[{place}]")


def _plain(kind: Any) -> Iterator[Any]:
    """What it may be, without its bounds."""
    if get_origin(kind) is Annotated:
        yield from _plain(get_args(kind)[0])
    elif get_origin(kind) in _UNIONS:
        for one in get_args(kind):
            yield from _plain(one)
    else:
        yield kind
