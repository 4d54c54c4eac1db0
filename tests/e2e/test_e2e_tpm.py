"""The whole machine with its keys in a TPM: over a crash, without the chip, and back (R54)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hw_sim.bench.at_bench import bench_verb
from hw_sim.bench.shop import Shop
from hw_sim.tpm import available

pytestmark = pytest.mark.skipif(not available(), reason="takes swtpm: apt-get install swtpm")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with Shop(tmp_path_factory.mktemp("shop"), "--tpm", "--no-card-service") as shop:
        yield shop


def test_the_terminal_trades_again_after_a_crash_but_not_without_its_chip(shop: Shop) -> None:
    names = {path.name for path in (shop.files.data / "keys").iterdir()}
    assert "device.tpm" in names
    assert "device.key" not in names
    shop.open_up()
    shop.crash()

    bench_verb(shop.files.folder, "unplug", ["tpm"])
    shop.start()
    shop.hands.wait("stopped")
    assert any("找不到安全芯片" in row for row in shop.hands.screen()["rows"])
    assert shop.terminal.stop() == 0

    bench_verb(shop.files.folder, "plug", ["tpm"])
    shop.open_up()
    assert shop.differences() == []
