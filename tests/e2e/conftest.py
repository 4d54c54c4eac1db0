"""The whole machine: real terminal process, real interfaces, emulated far ends."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hw_sim.bench.shop import Shop


@pytest.fixture(scope="module")
def open_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """One bench for all tests of a file; its terminal is started by the first of them."""
    with Shop(tmp_path_factory.mktemp("shop")) as shop:
        yield shop


@pytest.fixture
def shop(open_shop: Shop) -> Iterator[Shop]:
    """At the home screen before each test, and the same money on both sides after it."""
    open_shop.at_home()
    yield open_shop
    assert open_shop.differences() == []
