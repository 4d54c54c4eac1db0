"""Each sale has one home (R66)."""

from __future__ import annotations

import pytest

from pos_terminal.core.sales_home import SalesHome
from pos_terminal.core.words import Failure
from pos_terminal.texts import Language, render

OURS, LISTED, ELSEWHERE, UNKNOWN = "12345678", "12345679", "87654321", "99999999"


def home(*terminals: str) -> SalesHome:
    return SalesHome(frozenset(terminals), {ELSEWHERE: "二楼服务台"})


def refusal(of: SalesHome, terminal: str) -> Failure | None:
    try:
        of.must_be_here(terminal)
    except Failure as failure:
        return failure
    return None


@pytest.mark.parametrize("terminal", [OURS, LISTED])
def test_what_is_at_home_here_is_given_back(terminal: str) -> None:
    assert refusal(home(OURS, LISTED), terminal) is None


def test_all_are_at_home_where_no_other_terminal_gives_back() -> None:
    assert refusal(SalesHome(None, {}), UNKNOWN) is None


def test_people_are_told_where_to_go() -> None:
    failure = refusal(home(OURS), ELSEWHERE)
    assert failure is not None
    assert render(failure.words, Language.ZH_CN) == "请到二楼服务台办理退款"


def test_a_terminal_without_a_place_is_named() -> None:
    failure = refusal(home(OURS), UNKNOWN)
    assert failure is not None
    assert failure.code == "flows.elsewhere_terminal"
    assert UNKNOWN in render(failure.words, Language.ZH_CN)
