"""What msgspec says of a wrong option, in a technician's words: which one, and what it may be."""

from __future__ import annotations

import re
from typing import Final

from msgspec import Struct

_UNKNOWN: Final = re.compile("unknown field `(.*?)`")
_MISSING: Final = re.compile("missing required field `(.*?)`")
_SHAPES: Final = {
    r"^[0-9A-Za-z]{15}\Z": "must be 15 letters or digits",
    r"^[0-9A-Za-z]{8}\Z": "must be 8 letters or digits",
    r"^[0-9A-Za-z]{1,4}\Z": "must be 1 to 4 letters or digits",
    r"^[0-9a-f]{4}:[0-9a-f]{4}\Z": 'must be "vendor:product", four hex digits each',
    r"^[0-9]{3}\Z": "must be three digits (ISO 4217 numeric)",
    r"^[0-9a-f]{64}\Z": "must be 64 lower-case hex digits",
    r"^[ -~]{0,50}\Z": "must be at most 50 characters of plain ASCII",
    r"^60[0-9]{8}\Z": "must be 10 digits that begin with 60",
    r"^@?[^@\s]+\Z": "must be a user, or a group with @ before its name",
}


def in_words(message: str, shape: type[Struct], under: str = "") -> tuple[str, str]:
    """msgspec's "cause - at `$.section.option`" as (section.option, cause). ``shape``: the whole
    file's; ``under``: the table that it was said of, where that is not the whole file."""
    found = re.fullmatch(r"(?P<cause>.*?)(?: - at `\$\.?(?P<at>.*)`)?", message, re.DOTALL)
    assert found is not None  # noqa: S101 - the pattern matches every text
    at = ".".join(filter(None, (under, found["at"])))
    what = "option" if at else "section"
    for said, cause in ((_UNKNOWN, f"unknown {what}"), (_MISSING, f"the {what} is missing")):
        if named := said.search(found["cause"]):
            return (f"{at}.{named[1]}" if at else named[1]), cause
    return at or "?", _plain(at, found["cause"], shape)


def _plain(at: str, said: str, shape: type[Struct]) -> str:
    """A technician's words for what msgspec says: the shape wanted, or the choices there are."""
    pattern = re.search(r"matching regex '(.*)'", said)
    if pattern:
        return _SHAPES.get(pattern[1].replace("\\\\", "\\"), said)
    if said.startswith("Invalid enum value"):
        choices = _choices(at, shape)
        return f"{said}; one of {', '.join(choices)}" if choices else said
    said = said.replace("`object`", "a section" if "." not in at else "a table")
    return said.replace("`array`", "a list").replace("`str`", "a text").replace("`", "")


def _choices(at: str, shape: type[Struct]) -> list[str]:
    """The values that the option at ``section.option`` can have."""
    from msgspec import inspect  # only for an error's text

    kind: object = inspect.type_info(shape)
    for name in re.sub(r"\[.*?\]", "", at).split("."):
        fields = getattr(getattr(kind, "item_type", kind), "fields", ())
        kind = next((field.type for field in fields if field.encode_name == name), None)
        members = getattr(kind, "types", (kind,))
        kind = next((one for one in members if hasattr(one, "fields")), kind)
    choices: list[str] = []
    for one in getattr(kind, "types", (kind,)):
        if isinstance(one, inspect.LiteralType):
            choices += [str(value) for value in one.values]
        elif isinstance(one, inspect.EnumType):
            choices += [str(value.value) for value in one.cls]
        elif isinstance(one, inspect.ListType):
            choices.append("a list")
    return choices
