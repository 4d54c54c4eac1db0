"""Percentiles, ratios and goals of the speed table, and how they are shown."""

from __future__ import annotations

import json
import math

import pytest
from hw_sim.proofs.measure import table
from hw_sim.proofs.measure.figures import Check, Row, against, percentile


def test_percentiles_are_samples_that_were_taken() -> None:
    samples = [float(number) for number in range(100, 0, -1)]
    assert (percentile(samples, 0.5), percentile(samples, 0.99)) == (50.0, 99.0)
    assert percentile([7.0], 0.99) == 7.0


def test_no_samples_are_no_percentile() -> None:
    with pytest.raises(ValueError, match="no samples"):
        percentile([], 0.5)


@pytest.mark.parametrize(
    ("check", "met"),
    [
        (Check("p50", 3.0, 3.0, floor=1.0), True),
        (Check("p50", 3.1, 3.0, floor=1.0), False),
        (Check("rate", 0.9, 0.9, floor=1.0, least=True), True),
        (Check("rate", 0.8, 0.9, floor=1.0, least=True), False),
        (Check("written", 0, 0), True),
        (Check("written", 1, 0), False),
    ],
)
def test_a_figure_is_held_against_its_goal(check: Check, met: bool) -> None:
    assert check.met is met
    assert Row("what", "floor", (check,)).met is met


def test_a_floor_of_nothing_is_never_met() -> None:
    assert Check("p50", 1.0, 3.0, floor=0.0).figure == math.inf


def test_each_percentile_has_its_own_floor() -> None:
    ours, floor = [0.001] * 98 + [0.006] * 2, [0.001] * 98 + [0.002] * 2
    half, most = against(ours, floor, p50_limit=2, p99_limit=2)
    assert (half.figure, half.unit, half.measured) == (1.0, "ms", 1.0)
    assert most.figure == pytest.approx(3.0)
    assert not most.met


def test_a_row_without_figures_is_neither_met_nor_missed() -> None:
    row = Row("idle", "", missing="there is no strace")
    assert row.met is None
    shown = table.as_text([row])
    assert "not measured" in shown
    assert "there is no strace" in shown


def test_the_table_says_floor_ratio_and_goal() -> None:
    row = Row("key", "raw", (Check("p50", 30.0, 2.0, "µs", 10.0),), note="600 times")
    shown = table.as_text([row])
    for part in (
        "key  [MISSED]",
        "floor: raw",
        "30 µs, floor 10 µs: 3.00 ×, goal ≤ 2 ×",
        "600 times",
    ):
        assert part in shown


def test_the_json_has_the_same() -> None:
    row = Row("key", "raw", (Check("p50", 30.0, 4.0, "µs", 10.0),))
    found = json.loads(table.as_json([row], {"cores": "2"}))
    assert found["machine"] == {"cores": "2"}
    [entry] = found["rows"]
    assert entry["met"] is True
    assert entry["checks"][0]["figure"] == 3.0
