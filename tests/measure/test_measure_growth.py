"""Memory after many refunds: the process is weighed, and its growth held against the goal."""

from __future__ import annotations

from pathlib import Path

import pytest
from hw_sim.proofs.measure.growing import Weight, row, weigh


def weights(*mib: float) -> list[Weight]:
    return [Weight(100 + 50 * place, found, 1000 + 10 * place) for place, found in enumerate(mib)]


@pytest.mark.parametrize(("mib", "met"), [((40.0, 40.5, 40.9), True), ((40.0, 41.1), False)])
def test_growth_is_from_the_first_weight_to_the_last(mib: tuple[float, ...], met: bool) -> None:
    assert row(weights(*mib)).met is met


def test_the_row_names_the_refunds_that_were_made() -> None:
    found = row(weights(40.0, 39.0, 38.0))
    assert found.what == "memory growth in 100 refunds"
    assert found.checks[0].measured == 0.0
    assert "100 refunds after the first 100" in found.note
    assert "+0.20 objects a refund" in found.note


def test_the_terminal_is_weighed_while_it_gives_back(tmp_path: Path) -> None:
    found = weigh(8, tmp_path, settling=4)
    assert [one.refunds for one in found] == [4, 6, 8, 10, 12]
    assert all(20 < one.mib < 200 and one.blocks > 100_000 for one in found)
    assert list(tmp_path.iterdir()) == []
