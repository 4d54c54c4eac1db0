"""Chips and memory that tests of keys have in common."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from hw_sim.memory_folder import memory_folder
from hw_sim.tpm import EmulatedTpm

ROOM: Final = 1 << 30
"""Bytes; the largest file of a test has a tenth of that."""


@pytest.fixture
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cost of a hash is not what most tests are about."""
    for module in ("pin_hash", "transfer"):
        monkeypatch.setattr(f"pos_terminal.services.security.{module}.MEMORY_KIB", 8)
        monkeypatch.setattr(f"pos_terminal.services.security.{module}.PASSES", 1)


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """In memory, where the system has room there: these tests sync often, and none is about a disk
    (that is ``tests/power``)."""
    with tempfile.TemporaryDirectory(dir=memory_folder(ROOM)) as folder:
        yield Path(folder)


@pytest.fixture
def chips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the chips have. Where AppArmor guards swtpm, it may not write everywhere."""
    return tmp_path_factory.mktemp("chips")


@pytest.fixture
def chip(chips: Path) -> Iterator[EmulatedTpm]:
    with EmulatedTpm(chips / "one") as chip:
        yield chip
