from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from worlds.ledger import World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    world.close()


@pytest.fixture
def sold(world: World) -> World:
    """It has sold S1: 100.00 by card."""
    world.sell()
    return world
