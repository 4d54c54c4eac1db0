"""Every screen of every story is held against two rules: no amount is ever cut, and what sends the
clerk to the manual form has a key that leads there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from worlds import to_the_form, whole_amounts

from pos_terminal.core.words import Words
from pos_terminal.ports import Frame
from pos_terminal.texts import Language
from pos_terminal.ui import prompt
from pos_terminal.ui.page import Page, lay_out

_LOOKED_AT: set[tuple[object, ...]] = set()


@pytest.fixture(autouse=True)
def _no_amount_is_cut_and_the_form_has_a_key(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    new: list[tuple[Page, Language]] = []
    without_key: list[str] = []

    def watched(
        page: Page, columns: int, rows: int, language: Language, status: Sequence[Words] = ()
    ) -> Frame:
        without_key.extend(to_the_form.faults(page))
        shape = (language, *whole_amounts.shape(page))
        if shape not in _LOOKED_AT:
            _LOOKED_AT.add(shape)
            new.append((page, language))
        return lay_out(page, columns, rows, language, status)

    monkeypatch.setattr(prompt, "lay_out", watched)
    yield
    assert without_key == []
    for page, language in new:
        for largest in whole_amounts.LARGEST:
            assert whole_amounts.faults(page, language, largest) == []
