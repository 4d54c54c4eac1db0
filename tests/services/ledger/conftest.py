from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from worlds.ledger import World
from worlds.releases import Release


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


@pytest.fixture(scope="session")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Release]:
    """A ledger that a release wrote, or that this version writes; to be copied, not changed."""
    return cache(lambda name: Release(name, tmp_path_factory.mktemp("release") / name))
