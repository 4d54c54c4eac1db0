"""docs/configuration.md has the words of ``pos_terminal/options.toml``, as the example has.

``GOLDEN=record pytest tests/docs/test_docs_options.py`` writes its tables anew.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from pos_terminal.cli.config_example import parts, table

PAGE = Path(__file__).parents[2] / "docs" / "configuration.md"
TABLE = re.compile(r"<!-- options: (\S+) -->\n(?:\|.*\n)*")


def test_the_documentation_has_the_same_words() -> None:
    page = PAGE.read_text("utf-8")
    written = TABLE.sub(lambda one: f"<!-- options: {one[1]} -->\n{table(one[1])}\n", page)
    if os.environ.get("GOLDEN") == "record":
        PAGE.write_text(written, "utf-8")
        return
    assert page == written
    # both readers have one table, and people read of the classes in another
    told = {one.name for one in parts()} - {"reader.tap", "control.classes"}
    assert set(TABLE.findall(page)) == told
