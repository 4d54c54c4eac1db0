"""``pos-terminal config --example``: a whole terminal.toml, with what each option means."""

from __future__ import annotations

import argparse
import json
import re
import textwrap
import tomllib
from collections.abc import Iterator, Mapping
from enum import Enum
from pathlib import Path
from typing import Any, Final, get_args, get_origin, get_type_hints

import msgspec
from msgspec import NODEFAULT, Struct

_SOURCE: Final = Path(__file__).parents[1] / "options.toml"
_WIDTH: Final = 98
_ABOUT: Final = ("about", "off")
"""Of a section itself; the others are its options."""
_HEAD: Final = """\
# terminal.toml of a refund terminal, with every option. Put it where the service looks for it
# (/etc/pos-terminal/terminal.toml), fill in what is not commented out, and run
#   pos-terminal check --config /etc/pos-terminal/terminal.toml
# An option behind "#" has a default: the value shown, unless the comment above says another.
# Relative paths count from the folder of this file. An option that nobody knows is an error.
"""


class Option(Struct, frozen=True):
    name: str
    meaning: str
    """In markdown."""
    default: str | None
    """As TOML, or in words; None where there is none and it must be said."""
    worded: bool = False
    example: str | None = None
    set: bool = False
    section: bool = False
    """It is a section of its own."""


class Part(Struct, frozen=True):
    """A section of the file."""

    name: str
    """As between the brackets."""
    about: str
    options: tuple[Option, ...]
    array: bool
    off: bool


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--example", action="store_true", required=True, help="print one with every option"
    )


def run(_: argparse.Namespace) -> int:
    print(example(), end="")
    return 0


def example() -> str:
    return "\n".join([_HEAD, *(_section(part) for part in parts())])


def table(name: str) -> str:
    """The options of a section as a table of docs/configuration.md."""
    (part,) = (one for one in parts() if one.name == name)
    rows = [f"| `{one.name}` | {_default_in_docs(one)} | {one.meaning} |" for one in part.options]
    return "\n".join(["| option | default | meaning |", "|---|---|---|", *rows])


def parts() -> list[Part]:
    """All sections, in the order in which people read them."""
    from pos_terminal.config import Config

    told = tomllib.loads(_SOURCE.read_text("utf-8"))
    known = dict(sections(Config))
    return [_part(name, about, *known[name]) for name, about in told.items()]


_Section = tuple[type[Struct], bool]


def sections(kind: type[Struct], within: str = "") -> Iterator[tuple[str, _Section]]:
    """Each section that ``kind`` has, by its name: its type, and whether there may be several."""
    hints = get_type_hints(kind)
    for one in msgspec.structs.fields(kind):
        inner = _struct_in(hints[one.name])
        if inner is not None:
            name = f"{within}{one.name}"
            yield name, (inner, get_origin(hints[one.name]) is list)
            yield from sections(inner, f"{name}.")


def _struct_in(hint: Any) -> type[Struct] | None:
    if isinstance(hint, type) and issubclass(hint, Struct):
        return hint
    inner = (_struct_in(one) for one in get_args(hint))
    return next((one for one in inner if one is not None), None)


def _part(name: str, told: Mapping[str, Any], kind: type[Struct], array: bool) -> Part:
    fields = {one.name: one for one in msgspec.structs.fields(kind)}
    hints = get_type_hints(kind)
    options = tuple(
        _option(fields[option], said, section=_struct_in(hints[option]) is not None)
        for option, said in told.items()
        if option not in _ABOUT
    )
    return Part(name, told["about"], options, array, told.get("off", False))


def _option(field: msgspec.structs.FieldInfo, said: Any, *, section: bool) -> Option:
    told: dict[str, Any] = {"meaning": said} if isinstance(said, str) else dict(said)
    default = told.pop("default", None)
    worded = default is not None
    if default is None:
        default = _default(field)
    return Option(field.name, default=default, worded=worded, section=section, **told)


def _default(field: msgspec.structs.FieldInfo) -> str | None:
    value = field.default
    if field.default_factory is not NODEFAULT:
        value = field.default_factory()
    return None if value is NODEFAULT else _toml(value)


def _toml(value: Any) -> str:
    """Of these values TOML is written as JSON is."""
    return json.dumps(value.value if isinstance(value, Enum) else value, ensure_ascii=False)


def _default_in_docs(option: Option) -> str:
    if option.default is None:
        return "–"
    return option.default if option.worded else f"`{option.default}`"


# --- as a file ----------------------------------------------------------------------------------


def _section(part: Part) -> str:
    brackets = f"[[{part.name}]]" if part.array else f"[{part.name}]"
    lines = [f"# --- {_plain(part.about)} ".ljust(_WIDTH, "-"), "", brackets]
    for option in part.options:
        if not option.section:
            lines += _lines(option)
    if part.off:
        lines[2:] = [line if not line or line.startswith("#") else f"#{line}" for line in lines[2:]]
    return "\n".join([*lines, ""])


def _lines(option: Option) -> list[str]:
    said = _plain(option.meaning)
    if option.worded:
        said += f" (default: {_plain(option.default or '')})"
    comment = textwrap.wrap(said, _WIDTH, initial_indent="# ", subsequent_indent="# ")
    if option.default is None or option.set:
        return [*comment, f"{option.name} = {option.example}"]
    shown = option.example if option.worded else option.default
    return [*comment, f"#{option.name} = {shown}"]


def _plain(markdown: str) -> str:
    """Without marks; a link as what it leads to."""
    linked = re.sub(r"\[([^]]*)\]\(([^)]*)\)", _link, markdown)
    return linked.replace("`", "")


def _link(found: re.Match[str]) -> str:
    text, target = found[1], found[2].partition("#")[0]
    return f"docs/{target}" if text == target else f"{text} (docs/{target})"
