"""A ledger that is no longer what it was is evidence: nobody is told to delete any of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pos_terminal.texts import catalogue

ROOT = Path(__file__).parents[1]
DELETES = re.compile(r"\b(remov\w*|delet\w*|eras\w*|unlink\w*|rm)\b|删除|移除", re.IGNORECASE)
AREAS = ("ledger.", "keys.", "start.", "check.", "unknown.", "cases.")
"""What is said of the ledger, its keys, and what is open in it."""
MAY = {"ledger.slip_gone"}
"""Says what became of an old slip."""
PAGES = sorted([*ROOT.glob("docs/*.md"), ROOT / "README.md", *ROOT.glob("systemd/*")])


@pytest.mark.parametrize("code", ["ledger.rolled_back", "ledger.tampered", "ledger.damaged"])
def test_the_card_is_kept_and_support_is_called(code: str) -> None:
    entry = catalogue()[code]
    assert "保留存储卡" in entry["zh"]
    assert "联系技术支持" in entry["zh"]
    for text in (entry["en"], entry["tech"]):
        assert re.search("[Kk]eep the (storage )?card", text)
        assert "call support" in text


def test_no_text_tells_anybody_to_delete_a_file_of_the_ledger() -> None:
    telling = {
        code
        for code, entry in catalogue().items()
        if code.startswith(AREAS) and any(DELETES.search(text) for text in entry.values())
    }
    assert telling <= MAY, telling


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_page_tells_it_of_a_file_of_the_data_folder(page: Path) -> None:
    for line in page.read_text("utf-8").splitlines():
        if DELETES.search(line):
            assert not re.search(r"ledger\.db|\.head\b|key ring|slots\.bin", line), line
