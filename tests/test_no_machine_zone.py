"""Nothing asks what time zone the machine is in: a shop says its own (R95).

Python has it come in by the back door: a moment without an offset is taken as the machine's, by
``astimezone()`` above all.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = ("pos_terminal", "drivers", "hw-sim", "tests")
BARE = {"astimezone", "now", "fromtimestamp"}
"""Calls that take the machine's zone where none is given; ``fromtimestamp`` as its second."""
NEVER = {"localtime", "mktime", "ctime", "utcnow", "utcfromtimestamp", "tzset", "today"}
OF_TIME = {"altzone", "daylight", "timezone", "tzname"}
"""Names of the module ``time``."""
MAY = {"tests/conftest.py": {"tzset"}, "hw-sim/hw_sim/proofs/crash/forks.py": {"tzset"}}
"""They put the machine somewhere else, so that others show that they don't care: a forked process
is where its environment says, as a new one would be."""


def sources() -> Iterator[Path]:
    for folder in FOLDERS:
        yield from sorted((ROOT / folder).rglob("*.py"))
    yield ROOT / "hw-sim" / "hw-sim"


def asks(text: str) -> Iterator[tuple[int, str]]:
    """Line and name of everything that takes the machine's zone. Most files name nothing of it:
    those are not taken apart."""
    if not any(name in text for name in (*BARE, *NEVER, *OF_TIME, "strftime")):
        return
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            name, given = node.func.attr, len(node.args) + len(node.keywords)
            owner = ast.unparse(node.func.value)
            wanted = {"fromtimestamp": 2}.get(name, 1)
            if name in BARE and given < wanted and (name == "astimezone" or "datetime" in owner):
                yield node.lineno, name
            if name == "strftime" and owner == "time":
                yield node.lineno, name
            if name in NEVER and (name != "today" or "date" in owner):
                yield node.lineno, name
        elif isinstance(node, ast.Attribute) and ast.unparse(node) in {
            f"time.{name}" for name in OF_TIME
        }:
            yield node.lineno, node.attr
        elif isinstance(node, ast.ImportFrom) and node.module == "time":
            yield from ((node.lineno, one.name) for one in node.names if one.name in NEVER)


def test_nobody_asks_for_the_machines_zone() -> None:
    found = {
        f"{path.relative_to(ROOT)}:{line} {name}"
        for path in sources()
        for line, name in asks(path.read_text("utf-8"))
        if name not in MAY.get(str(path.relative_to(ROOT)), ())
    }
    assert found == set()


def test_in_the_terminal_one_function_puts_a_moment_into_a_zone() -> None:
    """Elsewhere a zone that stays attached would make two moments compare as clock faces do."""
    users = {
        str(path.relative_to(ROOT))
        for folder in ("pos_terminal", "drivers")
        for path in (ROOT / folder).rglob("*.py")
        if "astimezone(" in path.read_text("utf-8")
    }
    assert users == {"pos_terminal/core/local_time.py"}


@pytest.mark.parametrize(
    "text",
    [
        "moment.astimezone()",
        "datetime.now()",
        "datetime.datetime.now().date()",
        "datetime.fromtimestamp(1.0)",
        "date.today()",
        "time.localtime()",
        "time.strftime('%H')",
        "from time import localtime",
        "x = time.timezone",
    ],
)
def test_each_way_to_it_is_seen(text: str) -> None:
    assert list(asks(text))


@pytest.mark.parametrize(
    "text",
    [
        "moment.astimezone(zone)",
        "datetime.now(UTC)",
        "datetime.fromtimestamp(1.0, UTC)",
        "clock.now()",
        "loop_time.now()",
    ],
)
def test_what_needs_no_zone_or_has_one_is_not(text: str) -> None:
    assert not list(asks(text))
