"""Every screen of every story is held against the rule that no amount is ever cut."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from worlds import whole_amounts

from pos_terminal.core.words import Words
from pos_terminal.ports import Frame
from pos_terminal.texts import Language
from pos_terminal.ui import prompt
from pos_terminal.ui.page import Page, lay_out

_LOOKED_AT: set[tuple[object, ...]] = set()


@pytest.fixture(autouse=True)
def _no_amount_is_cut(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    new: list[tuple[Page, Language]] = []

    def watched(
        page: Page, columns: int, rows: int, language: Language, status: Sequence[Words] = ()
    ) -> Frame:
        shape = (language, *whole_amounts.shape(page))
        if shape not in _LOOKED_AT:
            _LOOKED_AT.add(shape)
            new.append((page, language))
        return lay_out(page, columns, rows, language, status)

    monkeypatch.setattr(prompt, "lay_out", watched)
    yield
    for page, language in new:
        for largest in whole_amounts.LARGEST:
            assert whole_amounts.faults(page, language, largest) == []
