"""Every word that the host link can say has its text."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pos_terminal.core.cause import Cause
from pos_terminal.core.cells import width
from pos_terminal.services import host, money
from pos_terminal.services.host.link import Silence
from pos_terminal.texts import catalogue, known
from pos_terminal.texts.domain import of_cause

SOURCES = [Path(room.__file__ or "").parent for room in (host, money)]
USED = sorted(
    {
        key
        for room in SOURCES
        for file in room.glob("*.py")
        for key in re.findall(r"\"(host\.[a-z_]+)\"", file.read_text("utf-8"))
    }
)


def test_keys_were_found() -> None:
    assert len(USED) > 15


@pytest.mark.parametrize("key", USED)
def test_every_key_has_its_texts(key: str) -> None:
    if key == "host.mended":  # a kind of journal entry
        return
    entry = catalogue()[key]
    assert entry["zh"]
    assert entry["en"]


@pytest.mark.parametrize("silence", Silence)
def test_every_silence_is_a_cause(silence: Silence) -> None:
    assert Cause(silence.value) in Cause


@pytest.mark.parametrize("cause", Cause)
def test_every_cause_has_its_text(cause: Cause) -> None:
    assert known(of_cause(cause).code)


@pytest.mark.parametrize("key", [key for key in catalogue() if key.startswith("host.")])
def test_texts_for_the_clerk_fit_two_rows_of_twenty_columns(key: str) -> None:
    assert width(catalogue()[key]["zh"]) <= 40
    assert width(catalogue()[key]["en"]) <= 40
