"""Each sale has one home (R66)."""

from __future__ import annotations

import pytest

from pos_terminal.core.sales_home import SalesHome
from pos_terminal.core.words import Words
from pos_terminal.texts import Language, render
from pos_terminal.texts.domain import of_objection

OURS, LISTED, ELSEWHERE, UNKNOWN = "12345678", "12345679", "87654321", "99999999"


def home(*terminals: str) -> SalesHome:
    return SalesHome(frozenset(terminals), {ELSEWHERE: "二楼服务台"})


def refusal(of: SalesHome, terminal: str) -> Words | None:
    against = of.against(terminal)
    return None if against is None else of_objection(*against)


@pytest.mark.parametrize("terminal", [OURS, LISTED])
def test_what_is_at_home_here_is_given_back(terminal: str) -> None:
    assert refusal(home(OURS, LISTED), terminal) is None


def test_all_are_at_home_where_no_other_terminal_gives_back() -> None:
    assert refusal(SalesHome(None, {}), UNKNOWN) is None


def test_people_are_told_where_to_go() -> None:
    words = refusal(home(OURS), ELSEWHERE)
    assert words is not None
    assert render(words, Language.ZH_CN) == "请到二楼服务台办理退款"


def test_a_terminal_without_a_place_is_named() -> None:
    words = refusal(home(OURS), UNKNOWN)
    assert words is not None
    assert words.code == "flows.elsewhere_terminal"
    assert UNKNOWN in render(words, Language.ZH_CN)
