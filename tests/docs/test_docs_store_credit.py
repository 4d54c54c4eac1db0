"""What a till's programmer reads is what the terminal answers."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from pos_terminal.control.voucher import voucher_verbs
from pos_terminal.core import receipt_code
from pos_terminal.texts import catalogue

PAGE = (Path(__file__).parents[2] / "docs" / "store-credit.md").read_text("utf-8")
EXAMPLES = [
    json.loads(line)
    for block in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    for line in block.splitlines()
]
NOBODY: Any = None


def test_the_verbs_are_those_of_the_socket() -> None:
    verbs = voucher_verbs(NOBODY, NOBODY, "", "")
    assert {one["verb"] for one in EXAMPLES if "verb" in one} == set(verbs)


@pytest.mark.parametrize("example", [one for one in EXAMPLES if "number" in one])
def test_the_numbers_are_vouchers(example: dict[str, Any]) -> None:
    code = receipt_code.decode(example["number"])
    assert code is not None
    assert code.kind == receipt_code.VOUCHER_DIGIT


def test_every_cause_has_its_text_and_every_refusal_its_row() -> None:
    rows = set(re.findall(r"^\| `(voucher\.\w+)` \|", PAGE, re.MULTILINE))
    refusals = {
        key for key, entry in catalogue().items() if key.startswith("voucher.") and "tech" in entry
    }
    assert rows == refusals
