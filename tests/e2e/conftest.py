"""The whole machine: real terminal process, real interfaces, emulated far ends."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from hw_sim.bench.shop import Shop
from worlds.shop import QUICK_PAPER

HURRY = {
    "answer_seconds": 1.5,
    "customer_seconds": 10.0,
    "repeat_seconds": 0.2,
    "background_seconds": 2.0,
}


@pytest.fixture(scope="module")
def open_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """One bench for all tests of a file; its terminal is started by the first of them."""
    with Shop(tmp_path_factory.mktemp("shop"), *QUICK_PAPER) as shop:
        _hurry(shop)
        yield shop


def _hurry(shop: Shop) -> None:
    """Shorter waits for answers: the tests wait through whole rounds of them."""
    text = shop.files.config.read_text("utf-8")
    for option, seconds in HURRY.items():
        text, found = re.subn(rf"(?m)^{option} = .*$", f"{option} = {seconds}", text)
        assert found == 1, option
    shop.files.config.write_text(text, "utf-8")


@pytest.fixture
def shop(open_shop: Shop) -> Iterator[Shop]:
    """At the home screen before each test, and the same money on both sides after it."""
    open_shop.at_home()
    yield open_shop
    assert open_shop.differences() == []
