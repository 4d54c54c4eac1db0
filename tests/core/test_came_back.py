"""What came back waits in its order until it is given again (R50)."""

from __future__ import annotations

import pytest

from pos_terminal.core.came_back import CameBack, first_of, not_yet

BACK = [CameBack(1, 11, 500), CameBack(2, 12, 300)]


@pytest.mark.parametrize(
    ("amount", "given", "left"),
    [
        (0, [], [(11, 500), (12, 300)]),
        (-20, [], [(11, 500), (12, 300)]),
        (499, [(11, 499)], [(11, 1), (12, 300)]),
        (500, [(11, 500)], [(12, 300)]),
        (501, [(11, 500), (12, 1)], [(12, 299)]),
        (900, [(11, 500), (12, 300)], []),
    ],
)
def test_the_first_is_given_first(
    amount: int, given: list[tuple[int, int]], left: list[tuple[int, int]]
) -> None:
    assert [(one.application, one.left) for one in first_of(BACK, amount)] == given
    assert [(one.application, one.left) for one in not_yet(BACK, amount)] == left
