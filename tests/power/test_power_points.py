"""The points themselves: what is armed comes true once, at its turn, and nothing else does."""

from __future__ import annotations

import pytest
from hw_sim.device import BenchError
from hw_sim.proofs.crash.points import Points


def test_a_point_comes_true_at_its_turn_and_only_once() -> None:
    points, done = Points(), []
    points.offer("note", lambda: done.append(len(points.reached)))
    points.arm("conclude#2:inside=note")
    for step, when in (
        ("conclude", "inside"),
        ("conclude", "after"),
        *[("conclude", "inside")] * 3,
    ):
        points.reach(step, when)
    assert done == [3]
    assert points.reached == ["conclude:inside", "conclude:after", *["conclude:inside"] * 3]


def test_armed_is_what_would_come_true_now() -> None:
    points = Points()
    points.offer("note", lambda: None)
    points.arm("0220#2:first-byte=note")
    assert not points.armed("0220", "first-byte")
    points.reach("0220", "first-byte")
    assert points.armed("0220", "first-byte")
    assert not points.armed("0220", "sent")


@pytest.mark.parametrize("text", ["", "seal", "seal:", "seal#0:after", "seal:after=fly", "a b:c"])
def test_nonsense_is_refused(text: str) -> None:
    with pytest.raises(BenchError):
        Points().arm(text)
